"""Planning a meeting, putting families on its agenda, inviting who they agreed to, and keeping how it went.

Whoever plans or keeps minutes does so with a task, about which ``method`` asked access. Cancelling and postponing ask it
here. The case row is locked first, then the meeting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.clock import as_day, local_date
from workflows import cases, consent, families, logbook, organisations
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import PURPOSES, Because, DisclosureCause, Purpose
from workflows.db import house
from workflows.dossier import Entry
from workflows.errors import ConcurrentChange, ConsentMissing, Invalid, NotFound, WrongState
from workflows.hubs.agendas import find_near, items_on, planned_item, require
from workflows.hubs.model import AgendaItem, HubMeeting, Invitation, ItemStatus, MeetingStatus, OtherParent
from workflows.hubs.rules import LONGEST_PLACE, HubResult, as_id, presence, result
from workflows.hubs.seats import agreed, candidates, case_of, local, with_a_part
from workflows.processes import Scalar


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was invited for a family, and how many organisations were not because it did not agree to them."""

    invitations: tuple[Invitation, ...]
    left_out: int


def plan(
    session: Session,
    *,
    municipality: str | None,
    starts_at: datetime,
    place: str = "",
    online: bool = False,
    by: Actor,
    at: datetime,
) -> HubMeeting:
    """A new meeting, with an empty agenda.

    Raises:
        Invalid: before today, an unknown municipality, a place that is too long, or nobody's organisation plans it.
    """
    errors: dict[str, list[str]] = {}
    if local_date(starts_at) < local_date(at):
        errors["meeting_date"] = ["Kies een dag die nog komt."]
    if len(place.strip()) > LONGEST_PLACE:
        errors["place"] = [f"Gebruik hoogstens {LONGEST_PLACE} tekens."]
    if errors or by.organisation_id is None:
        raise Invalid("hub meeting refused", errors=errors)
    if municipality is not None:
        municipality = organisations.municipality(session, municipality).code
    meeting = HubMeeting(
        municipality_code=municipality,
        organised_by=by.organisation_id,
        organised_as=by.role,
        planned_by=by.person_id,
        planned_at=at,
        starts_at=starts_at,
        place=place.strip(),
        online=online,
        status=MeetingStatus.PLANNED,
    )
    session.add(meeting)
    session.flush()
    logbook.write(session, "hub_meeting.planned", "hub_meeting", meeting.id, by=by, at=at)
    return meeting


def add_item(
    session: Session,
    meeting_id: UUID,
    case: Case,
    *,
    parents_invited: bool,
    reason_not_invited: str | None = None,
    other_parent: OtherParent | str | None = None,
    by: Actor,
    at: datetime,
) -> AgendaItem:
    """Put a family at the end of an agenda; where it was planned before, it is postponed. The case is locked by the caller.

    Raises:
        Invalid: no reason why the parents are not invited, a partner invited who must not be told, or a meeting of another
            municipality.
        NotFound: no such meeting. WrongState: it is not planned (any more), or the case is closed.
    """
    reason = (reason_not_invited or "").strip() or None
    if not parents_invited and reason is None:
        raise Invalid(
            f"case {case.id}: parents not invited without a reason",
            errors={"reason_not_invited": ["Vul in waarom de ouders niet zijn uitgenodigd."]},
        )
    if case.is_closed:
        raise WrongState(f"case {case.id} is closed", detail="Deze casus is al gesloten.")
    if other_parent not in (None, OtherParent.NOT_INVITED):
        families.require_partner_may_hear(session, case.family_id, field="other_parent")
    if (before := planned_item(session, case.id)) is not None:
        _end(session, before, ItemStatus.POSTPONED, by=by, at=at)
    meeting = _lock(session, meeting_id)
    if meeting.status != MeetingStatus.PLANNED:
        raise WrongState(f"hub meeting {meeting.id} is {meeting.status}", detail="Dit overleg is niet meer gepland.")
    if meeting.municipality_code != case.municipality_code:
        raise Invalid(
            f"hub meeting {meeting.id} is of another municipality than case {case.id}",
            errors={"meeting": ["Kies een overleg van de gemeente van dit gezin."]},
        )
    last = select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == meeting.id)
    with house(session):  # how many families are on it, whoever may see them
        position = (session.scalar(last) or 0) + 1
    item = AgendaItem(
        meeting_id=meeting.id,
        case_id=case.id,
        position=position,
        status=ItemStatus.PLANNED,
        parents_invited=parents_invited,
        reason_not_invited=None if parents_invited else reason,
        other_parent=other_parent if parents_invited else None,
        added_at=at,
    )
    session.add(item)
    session.flush()
    details: dict[str, Scalar] = {"meeting_id": str(meeting.id), "parents_invited": parents_invited}
    logbook.write(session, "hub_item.added", "agenda_item", item.id, case_id=case.id, by=by, at=at, details=details)
    return item


def invite(
    session: Session, item: AgendaItem, *, organisation_id: UUID, role: str, by: Actor, at: datetime
) -> Invitation:
    """Let an organisation sit at the table for this family; who was invited before, is not invited twice.

    Raises:
        Invalid: nobody there has that role for the municipality, or it is no role for this table.
        ConsentMissing: the family did not agree to it.
        WrongState: the family is not on the agenda any more.
    """
    case = case_of(session, item)
    if item.status != ItemStatus.PLANNED:
        raise WrongState(f"agenda item {item.id} is {item.status}")
    if (organisation_id, role) not in {*local(session, case, at), *with_a_part(session, case)}:
        raise Invalid(
            f"{organisation_id} has no {role} for case {case.id}",
            errors={"organisation_id": ["Kies een organisatie die in deze gemeente werkt."]},
        )
    if not agreed(session, case.id, organisation_id, at):
        name = organisations.organisation(session, organisation_id).name
        raise ConsentMissing(
            f"case {case.id}: no consent for {Purpose.HUB_MEETING} of {organisation_id} at {at.isoformat()}",
            detail=f"Het gezin heeft niet gezegd dat {name} bij het overleg mag zijn. Vraag dat eerst aan de ouder.",
        )
    return _invite(session, item, organisation_id, role, by=by, at=at)


def invite_all(session: Session, item: AgendaItem, *, by: Actor, at: datetime) -> Invited:
    """Invite every organisation that could support this family and to which it agreed; one seat each, in the role that it
    has in the case already, or else the most fitting. The others are counted, nothing more."""
    case = case_of(session, item)
    invited, left_out = [], 0
    for organisation_id, role in candidates(session, case, at):
        if agreed(session, case.id, organisation_id, at):
            invited.append(_invite(session, item, organisation_id, role, by=by, at=at))
        else:
            left_out += 1
    return Invited(tuple(invited), left_out)


def hold(session: Session, meeting_id: UUID, *, by: Actor, at: datetime) -> HubMeeting:
    """It took place. Families whose minutes are still to come stay on the agenda.

    Raises:
        NotFound: no such meeting. WrongState: held before, or cancelled.
    """
    meeting = _lock(session, meeting_id)
    meeting.hold()
    session.flush()
    logbook.write(session, "hub_meeting.held", "hub_meeting", meeting.id, by=by, at=at)
    return meeting


def record_minutes(
    session: Session, case: Case, entry: Entry, answers: Mapping[str, Any], *, by: Actor, at: datetime
) -> AgendaItem | None:
    """Keep how it went for one family; what was said is in *entry*. The case is locked by the caller.

    A family that is on no agenda (the meeting was cancelled meanwhile, or nobody planned it here) and was talked about all
    the same, gets a meeting of its own at this moment. None: it was not, and it comes again.

    Args:
        answers: of the form ``hub_minutes``; ``case_director`` is the id of an organisation that the family agreed to.

    Raises:
        Invalid: no result, parents absent without a reason, or minutes that were not shared with them.
    """
    came, (present, reason) = result(answers), presence(answers)
    shared_on, director = as_day(answers.get("minutes_shared_on")), as_id(answers.get("case_director"))
    errors: dict[str, list[str]] = {}
    if came != HubResult.AGAIN and shared_on is None:
        errors["minutes_shared_on"] = ["Vul in wanneer de ouders het verslag kregen."]
    if came == HubResult.PLAN and director is None:
        errors["case_director"] = ["Kies welke organisatie de casus regisseert."]
    if errors:
        raise Invalid(f"hub minutes of case {case.id} refused", errors=errors)
    item = planned_item(session, case.id)
    if item is None:
        if came == HubResult.AGAIN:
            return None
        item = _unplanned(session, case, present, reason, by=by, at=at)
    item.minutes_entry_id = entry.id
    item.supporter_of_parent_present = answers.get("supporter_of_parent_present") in (True, "yes")
    item.minutes_shared_on = shared_on
    if came == HubResult.AGAIN:
        item.parents_present, item.reason_if_absent = present, reason
        _end(session, item, ItemStatus.POSTPONED, by=by, at=at)
        return item
    item.case_director_organisation_id = director if came == HubResult.PLAN else None
    meeting = _lock(session, item.meeting_id)
    if meeting.status == MeetingStatus.PLANNED:
        hold(session, meeting.id, by=by, at=at)
    item.discuss(parents_present=present, reason_if_absent=reason, at=at)
    session.flush()
    details: dict[str, Scalar] = {"result": came.value, "parents_present": present}
    logbook.write(session, "hub_item.discussed", "agenda_item", item.id, case_id=case.id, by=by, at=at, details=details)
    return item


def postpone(session: Session, meeting_id: UUID, item_id: UUID, *, by: Actor, at: datetime) -> AgendaItem:
    """This family another time; whoever was invited for it is not any more.

    Raises:
        NotFound, NotAllowed: not for *by*. WrongState: not planned (any more).
    """
    require(session, find_near(session, meeting_id, by=by), "change_hub_meeting", by=by, at=at)
    item = session.get(AgendaItem, item_id)
    gone = item is None or item.meeting_id != meeting_id or item.status == ItemStatus.REMOVED
    if item is None or gone or cases.is_blocked(session, item.case_id, by.person_id):
        raise NotFound(f"no agenda item {item_id} in hub meeting {meeting_id}")
    cases.lock(session, item.case_id)
    session.refresh(item)
    _end(session, item, ItemStatus.POSTPONED, by=by, at=at)
    return item


def cancel(session: Session, meeting_id: UUID, *, by: Actor, at: datetime) -> HubMeeting:
    """It will not take place: every family on it is postponed, and nobody is invited any more.

    Raises:
        NotFound, NotAllowed: not for *by*. WrongState: held, or cancelled before.
        ConcurrentChange: a family was added at the same moment.
    """
    require(session, find_near(session, meeting_id, by=by), "change_hub_meeting", by=by, at=at)
    on_it = select(AgendaItem.case_id).where(
        AgendaItem.meeting_id == meeting_id, AgendaItem.status == ItemStatus.PLANNED
    )
    locked = sorted(session.scalars(on_it))
    for case_id in locked:
        cases.lock(session, case_id)
    meeting = _lock(session, meeting_id)
    items = items_on(session, meeting_id, (ItemStatus.PLANNED,))
    if {item.case_id for item in items} - set(locked):
        raise ConcurrentChange(f"hub meeting {meeting_id}: a case was added")
    meeting.cancel()
    session.flush()
    logbook.write(session, "hub_meeting.cancelled", "hub_meeting", meeting.id, by=by, at=at)
    for item in items:
        _end(session, item, ItemStatus.POSTPONED, by=by, at=at)
    return meeting


def remove_case(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Take a family off the agenda: a loss, a closed case, or it does not want to be talked about. False: it was on none."""
    item = planned_item(session, case_id)
    if item is None:
        return False
    _end(session, item, ItemStatus.REMOVED, by=by, at=at)
    return True


def consent_changed(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> int:
    """Withdraw every invitation that the family does not agree to any more; when nobody is left whom it agreed to, it goes
    off the agenda as well. Returns how many were withdrawn."""
    standing = _standing(session, case_id)
    gone = [one for one in standing if not agreed(session, case_id, one.organisation_id, at)]
    for invitation in gone:
        _withdraw(session, invitation, case_id, by=by, at=at)
    item = planned_item(session, case_id)
    if gone and item is not None and not any(one.agenda_item_id == item.id for one in _standing(session, case_id)):
        _end(session, item, ItemStatus.REMOVED, by=by, at=at)
    return len(gone)


def erase(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete what a case had on agendas, before the entries that it points at go."""
    session.flush()
    items = select(AgendaItem.id).where(AgendaItem.case_id == case_id)
    session.execute(delete(Invitation).where(Invitation.agenda_item_id.in_(items)))
    session.execute(delete(AgendaItem).where(AgendaItem.case_id == case_id))
    logbook.write(session, "hub_item.erased", "case", case_id, case_id=case_id, by=by, at=at)


def _lock(session: Session, meeting_id: UUID) -> HubMeeting:
    query = (
        select(HubMeeting)
        .where(HubMeeting.id == meeting_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"no hub meeting {meeting_id}")
    return found


def _unplanned(
    session: Session, case: Case, present: bool, reason: str | None, *, by: Actor, at: datetime
) -> AgendaItem:
    meeting = plan(session, municipality=case.municipality_code, starts_at=at, by=by, at=at)
    return add_item(session, meeting.id, case, parents_invited=present, reason_not_invited=reason, by=by, at=at)


def _end(session: Session, item: AgendaItem, status: ItemStatus, *, by: Actor, at: datetime) -> None:
    """Off this agenda, with everybody who was invited for it."""
    if status == ItemStatus.REMOVED:
        item.remove(at)
    else:
        item.postpone(at)
    session.flush()
    logbook.write(session, f"hub_item.{status}", "agenda_item", item.id, case_id=item.case_id, by=by, at=at)
    query = select(Invitation).where(Invitation.agenda_item_id == item.id, Invitation.withdrawn_at.is_(None))
    for invitation in session.scalars(query).all():
        _withdraw(session, invitation, item.case_id, by=by, at=at)


def _invite(
    session: Session, item: AgendaItem, organisation_id: UUID, role: str, *, by: Actor, at: datetime
) -> Invitation:
    query = select(Invitation).where(
        Invitation.agenda_item_id == item.id,
        Invitation.organisation_id == organisation_id,
        Invitation.role == role,
        Invitation.withdrawn_at.is_(None),
    )
    if organisation_id != case_of(session, item).signaller_organisation_id:
        consent.share(
            session,
            case_id=item.case_id,
            organisation_id=organisation_id,
            role=role,
            purpose=Purpose.HUB_MEETING,
            because=Because(DisclosureCause.HUB_ITEM, item.id),
            by=by,
            at=at,
        )
    if (standing := session.scalar(query)) is not None:
        return standing
    invitation = Invitation(
        agenda_item_id=item.id, organisation_id=organisation_id, role=role, invited_by=by.person_id, invited_at=at
    )
    session.add(invitation)
    session.flush()
    details = {"organisation_id": str(organisation_id), "role": role}
    logbook.write(
        session,
        "hub_item.invited",
        "agenda_item",
        item.id,
        case_id=item.case_id,
        by=by,
        at=at,
        details=details,
        purpose=Purpose.HUB_MEETING,
        rule="consent",
    )
    return invitation


def _withdraw(session: Session, invitation: Invitation, case_id: UUID, *, by: Actor, at: datetime) -> None:
    invitation.withdraw(at)
    here = (invitation.organisation_id, invitation.role)
    part = any((one.organisation_id, one.role) == here for one in cases.parties(session, case_id))
    # A process director's part in the case rests on the same row.
    if not (part and PURPOSES.get(invitation.role) == Purpose.HUB_MEETING):
        consent.stop(
            session,
            case_id=case_id,
            organisation_id=invitation.organisation_id,
            role=invitation.role,
            purpose=Purpose.HUB_MEETING,
            at=at,
        )
    session.flush()
    details = {"organisation_id": str(invitation.organisation_id), "role": invitation.role}
    logbook.write(
        session,
        "hub_item.invitation_withdrawn",
        "agenda_item",
        invitation.agenda_item_id,
        case_id=case_id,
        by=by,
        at=at,
        details=details,
    )


def _standing(session: Session, case_id: UUID) -> list[Invitation]:
    query = (
        select(Invitation)
        .join(AgendaItem, AgendaItem.id == Invitation.agenda_item_id)
        .where(AgendaItem.case_id == case_id, Invitation.withdrawn_at.is_(None))
        .order_by(Invitation.invited_at, Invitation.id)
    )
    return list(session.scalars(query))
