"""Planning a meeting, putting families on its agenda, inviting who they agreed to, and keeping how it went.

Whoever plans or keeps minutes does so with a task, about which ``method`` asked access. Cancelling, postponing and
looking ask it here. The case row is locked first, then the meeting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session

from engine.clock import local_date, start_of_day
from workflows import access, cases, consent, families, logbook, organisations, settings
from workflows.access import Facts, Scope
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Purpose
from workflows.dossier import Entry
from workflows.errors import ConcurrentChange, ConsentMissing, Invalid, NotFound, WrongState
from workflows.families import MemberKind
from workflows.hubs.model import AgendaItem, HubMeeting, Invitation, ItemStatus, MeetingStatus
from workflows.hubs.rules import (
    AT_THE_TABLE,
    KNOWS_THE_FAMILY,
    LONGEST_PLACE,
    HubResult,
    as_day,
    as_id,
    presence,
    result,
)
from workflows.processes import Page, Scalar, read_cursor, write_cursor

_PARENTS = (MemberKind.PREGNANT_PERSON, MemberKind.PARENT)
#: On an agenda that people see; what was removed leaves no trace there.
_SHOWN = (ItemStatus.PLANNED, ItemStatus.DISCUSSED, ItemStatus.POSTPONED)


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was invited for a family, and how many organisations were not because it did not agree to them."""

    invitations: tuple[Invitation, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class SeatView:
    """An organisation at the table for one family; ``consent_ok``: the family agrees to that at this moment."""

    organisation_id: UUID
    role: str
    consent_ok: bool


@dataclass(frozen=True, slots=True)
class ItemView:
    """A family on an agenda, as far as one reader may know. ``position`` counts what this reader sees."""

    id: UUID
    position: int
    status: str
    case_id: UUID
    case_number: str
    municipality_code: str | None
    language: str
    interpreter_needed: bool
    parents_invited: bool
    parents_present: bool | None
    minutes_shared: bool
    seats: tuple[SeatView, ...]
    name: str | None = None  #: of the parent, to who sits at the table for this family
    left_out: int | None = None  #: to the process director: how many could not be invited


@dataclass(frozen=True, slots=True)
class MeetingCard:
    """When and where; and how many families of it the reader may know of."""

    id: UUID
    municipality_code: str | None
    organised_by: UUID
    starts_at: datetime
    ends_at: datetime
    place: str
    online: bool
    status: str
    families: int
    version: int


@dataclass(frozen=True, slots=True)
class Agenda:
    """A meeting as one reader may see it. ``parent_seats``: families whose parents are invited, of those in sight."""

    meeting: MeetingCard
    items: tuple[ItemView, ...]
    parent_seats: int
    directs: bool
    may: frozenset[str]


# --- planning


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


def find(session: Session, meeting_id: UUID) -> HubMeeting:
    """A meeting. Whether the actor may know of it is not asked here.

    Raises:
        NotFound: no such meeting.
    """
    found = session.get(HubMeeting, meeting_id)
    if found is None:
        raise NotFound(f"no hub meeting {meeting_id}")
    return found


def add_item(
    session: Session,
    meeting_id: UUID,
    case: Case,
    *,
    parents_invited: bool,
    reason_not_invited: str | None = None,
    by: Actor,
    at: datetime,
) -> AgendaItem:
    """Put a family at the end of an agenda; where it was planned before, it is postponed. The case is locked by the caller.

    Raises:
        Invalid: no reason why the parents are not invited, or a meeting of another municipality.
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
    item = AgendaItem(
        meeting_id=meeting.id,
        case_id=case.id,
        position=(session.scalar(last) or 0) + 1,
        status=ItemStatus.PLANNED,
        parents_invited=parents_invited,
        reason_not_invited=None if parents_invited else reason,
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
    case = _case(session, item)
    if item.status != ItemStatus.PLANNED:
        raise WrongState(f"agenda item {item.id} is {item.status}")
    if (organisation_id, role) not in {*_local(session, case, at), *_parties(session, case)}:
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
    case = _case(session, item)
    invited, left_out = [], 0
    for organisation_id, role in _candidates(session, case, at):
        if agreed(session, case.id, organisation_id, at):
            invited.append(_invite(session, item, organisation_id, role, by=by, at=at))
        else:
            left_out += 1
    return Invited(tuple(invited), left_out)


def agreed(session: Session, case_id: UUID, organisation_id: UUID, at: datetime) -> bool:
    """Whether the family agrees, at this moment, that the organisation talks about it in the hub."""
    return bool(_granted(session, case_id, organisation_id, at))


# --- afterwards


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
    _require(session, find(session, meeting_id), "change_hub_meeting", by=by, at=at)
    item = session.get(AgendaItem, item_id)
    if item is None or item.meeting_id != meeting_id or item.status == ItemStatus.REMOVED:
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
    _require(session, find(session, meeting_id), "change_hub_meeting", by=by, at=at)
    on_it = select(AgendaItem.case_id).where(
        AgendaItem.meeting_id == meeting_id, AgendaItem.status == ItemStatus.PLANNED
    )
    locked = sorted(session.scalars(on_it))
    for case_id in locked:
        cases.lock(session, case_id)
    meeting = _lock(session, meeting_id)
    items = _items(session, meeting_id, (ItemStatus.PLANNED,))
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


# --- looking


def planned_item(session: Session, case_id: UUID) -> AgendaItem | None:
    """The agenda on which the case is now."""
    return session.scalar(
        select(AgendaItem).where(AgendaItem.case_id == case_id, AgendaItem.status == ItemStatus.PLANNED)
    )


def meeting_of(session: Session, case_id: UUID) -> HubMeeting | None:
    """The meeting at which the case is planned; None when it is on no agenda."""
    item = planned_item(session, case_id)
    return None if item is None else find(session, item.meeting_id)


def items_of(session: Session, case_id: UUID) -> list[AgendaItem]:
    """Every agenda that the case was on, oldest first."""
    query = select(AgendaItem).where(AgendaItem.case_id == case_id)
    return list(session.scalars(query.order_by(AgendaItem.added_at, AgendaItem.id)))


def seats_of(session: Session, item: AgendaItem, *, at: datetime) -> list[SeatView]:
    """Who sits at the table for this family: invited, and the invitation stands."""
    query = (
        select(Invitation)
        .where(Invitation.agenda_item_id == item.id, Invitation.withdrawn_at.is_(None))
        .order_by(Invitation.invited_at, Invitation.id)
    )
    return [
        SeatView(one.organisation_id, one.role, agreed(session, item.case_id, one.organisation_id, at))
        for one in session.scalars(query).all()
    ]


def case_director(session: Session, case_id: UUID) -> UUID | None:
    """The organisation that the last talk in the hub chose to direct the case, as long as it has that part in it."""
    chosen = [one for one in items_of(session, case_id) if one.case_director_organisation_id is not None]
    if not chosen:
        return None
    last = max(chosen, key=lambda one: (one.ended_at or one.added_at, one.added_at)).case_director_organisation_id
    parties = {(party.organisation_id, party.role) for party in cases.parties(session, case_id)}
    return last if (last, "case_director") in parties else None


def upcoming(session: Session, municipality: str | None, *, at: datetime) -> list[HubMeeting]:
    """Planned meetings of a municipality from today on, soonest first: where a family can be put on the agenda."""
    query = select(HubMeeting).where(
        HubMeeting.status == MeetingStatus.PLANNED,
        HubMeeting.starts_at >= start_of_day(local_date(at)),
        HubMeeting.municipality_code.is_(None)
        if municipality is None
        else HubMeeting.municipality_code == municipality,
    )
    return list(session.scalars(query.order_by(HubMeeting.starts_at, HubMeeting.id)))


def meetings(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    past: bool = False,
    cursor: str | None = None,
    page_size: int = 50,
) -> Page[MeetingCard]:
    """Meetings that *by* may know of: those to come, soonest first, or those that were, latest first.

    A meeting of which *by* may see no family is not there, and a count is of what *by* may see.
    """
    today = start_of_day(local_date(at))
    query = select(HubMeeting).where(_near(session, by))
    if past:
        query = query.where((HubMeeting.starts_at < today) | (HubMeeting.status != MeetingStatus.PLANNED))
        query = query.order_by(HubMeeting.starts_at.desc(), HubMeeting.id.desc())
    else:
        query = query.where(HubMeeting.starts_at >= today, HubMeeting.status == MeetingStatus.PLANNED)
        query = query.order_by(HubMeeting.starts_at, HubMeeting.id)
    if (after := read_cursor(cursor)) is not None:
        here = tuple_(HubMeeting.starts_at, HubMeeting.id)
        query = query.where(here < after if past else here > after)
    found: list[MeetingCard] = []
    for meeting in session.scalars(query).all():
        facts, items = _seen(session, meeting, by=by, at=at)
        if access.allows(by, "view_hub_meeting", facts):
            found.append(_card(session, meeting, len(items)))
        if len(found) > page_size:
            break
    page = found[:page_size]
    more = len(found) > page_size
    return Page(page, write_cursor(page[-1].starts_at, page[-1].id) if more else None, len(found))


def invitations_of(session: Session, *, by: Actor, at: datetime) -> list[Invitation]:
    """Seats at meetings to come that *by*'s organisation has in *by*'s role, and to which the family agrees now."""
    query = (
        select(Invitation, AgendaItem)
        .join(AgendaItem, AgendaItem.id == Invitation.agenda_item_id)
        .join(HubMeeting, HubMeeting.id == AgendaItem.meeting_id)
        .where(
            Invitation.organisation_id == by.organisation_id,
            Invitation.role == by.role,
            Invitation.withdrawn_at.is_(None),
            AgendaItem.status == ItemStatus.PLANNED,
            HubMeeting.status == MeetingStatus.PLANNED,
            HubMeeting.starts_at >= start_of_day(local_date(at)),
        )
        .order_by(HubMeeting.starts_at, Invitation.invited_at, Invitation.id)
    )
    return [
        invitation
        for invitation, item in session.execute(query)
        if _in_area(by, find(session, item.meeting_id).municipality_code)
        and agreed(session, item.case_id, invitation.organisation_id, at)
    ]


def agenda(session: Session, meeting_id: UUID, *, by: Actor, at: datetime) -> Agenda:
    """A meeting with the families that *by* may know of; the read is written down, for each of them.

    The process director sees every family by its number, without what it is about. Who is invited sees the families that
    agreed to that, at this moment, and who holds a case sees that case. Of the others nothing is to be seen, not even
    that they are there: what is in sight is counted and numbered anew.

    Raises:
        NotFound: no such meeting, or nothing of it is for *by*.
    """
    meeting = find(session, meeting_id)
    facts, items = _seen(session, meeting, by=by, at=at)
    access.require(by, "view_hub_meeting", facts, at=at)
    shown = tuple(
        _item_view(session, item, position, directs=facts.directs, by=by, at=at)
        for position, item in enumerate(items, start=1)
    )
    rule = "+".join(sorted(access.relations(by, facts)))
    _log(session, "hub_meeting.viewed", "hub_meeting", meeting.id, None, rule, by, at)
    for view in shown:
        why = f"{rule}+{access.Relation.INVITED}" if facts.directs and view.name else rule
        _log(session, "hub_item.viewed", "agenda_item", view.id, view.case_id, why, by, at)
    changing = meeting.status == MeetingStatus.PLANNED and access.allows(by, "change_hub_meeting", facts)
    return Agenda(
        meeting=_card(session, meeting, len(shown)),
        items=shown,
        parent_seats=sum(view.parents_invited and view.status != ItemStatus.POSTPONED for view in shown),
        directs=facts.directs,
        may=frozenset({"cancel", "postpone"} if changing else ()),
    )


def appointment(session: Session, meeting_id: UUID, *, by: Actor, at: datetime) -> MeetingCard:
    """When and where, for a calendar: nothing of a family, so that it can lie open on a telephone.

    Raises:
        NotFound: as for :func:`agenda`.
    """
    meeting = find(session, meeting_id)
    facts, items = _seen(session, meeting, by=by, at=at)
    access.require(by, "view_hub_meeting", facts, at=at)
    rule = "+".join(sorted(access.relations(by, facts)))
    _log(session, "hub_meeting.calendar_taken", "hub_meeting", meeting.id, None, rule, by, at)
    return _card(session, meeting, len(items))


def may_look(session: Session, meeting: HubMeeting, *, by: Actor, at: datetime) -> bool:
    """Whether *by* may open the meeting; for showing a link, never instead of :func:`agenda`."""
    facts, _ = _seen(session, meeting, by=by, at=at)
    return access.allows(by, "view_hub_meeting", facts)


# --- inside


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


def _case(session: Session, item: AgendaItem) -> Case:
    found = session.get(Case, item.case_id)
    assert found is not None, "a foreign key"
    return found


def _items(session: Session, meeting_id: UUID, statuses: Iterable[ItemStatus]) -> list[AgendaItem]:
    query = select(AgendaItem).where(
        AgendaItem.meeting_id == meeting_id, AgendaItem.status.in_([str(status) for status in statuses])
    )
    return list(session.scalars(query.order_by(AgendaItem.position, AgendaItem.id)))


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


def _granted(session: Session, case_id: UUID, organisation_id: UUID, at: datetime) -> frozenset[str]:
    return consent.granted(
        session,
        case_id=case_id,
        recipient_organisation_id=organisation_id,
        recipient_kind=organisations.organisation(session, organisation_id).type,
        purpose=Purpose.HUB_MEETING,
        at=at,
    )


def _local(session: Session, case: Case, at: datetime) -> list[tuple[UUID, str]]:
    return [
        (organisation.id, role)
        for role in AT_THE_TABLE
        for organisation in organisations.organisations_for(
            session, role=role, municipality=case.municipality_code, on=local_date(at)
        )
    ]


def _parties(session: Session, case: Case) -> list[tuple[UUID, str]]:
    return [
        (party.organisation_id, party.role)
        for party in cases.parties(session, case.id)
        if party.role in KNOWS_THE_FAMILY
    ]


def _candidates(session: Session, case: Case, at: datetime) -> list[tuple[UUID, str]]:
    """One seat for each organisation: the role it has in the case goes before the one it could have."""
    holder = [(case.holder_organisation_id, case.holder_role)]
    chosen: dict[UUID, str] = {}
    for organisation_id, role in (*holder, *_parties(session, case), *_local(session, case, at)):
        if organisation_id is not None and role in KNOWS_THE_FAMILY:
            chosen.setdefault(organisation_id, str(role))
    return list(chosen.items())


def _in_area(by: Actor, municipality: str | None) -> bool:
    return not by.municipalities or municipality is None or municipality in by.municipalities


def _directs(session: Session, meeting: HubMeeting, by: Actor) -> bool:
    """The process director of the municipality, or of the organisation that planned it."""
    if by.role != "process_director" or by.organisation_id is None or not _in_area(by, meeting.municipality_code):
        return False
    if meeting.organised_by == by.organisation_id:
        return True
    return meeting.municipality_code in organisations.organisation(session, by.organisation_id).areas


def _near(session: Session, by: Actor) -> Any:
    """Which meetings could be *by*'s, as a first sieve: what is left is asked one by one."""
    own = select(AgendaItem.meeting_id).join(Case, Case.id == AgendaItem.case_id)
    near = HubMeeting.id.in_(
        select(AgendaItem.meeting_id)
        .join(Invitation, Invitation.agenda_item_id == AgendaItem.id)
        .where(
            Invitation.organisation_id == by.organisation_id,
            Invitation.role == by.role,
            Invitation.withdrawn_at.is_(None),
        )
    ) | HubMeeting.id.in_(own.where(Case.holder_organisation_id == by.organisation_id, Case.holder_role == by.role))
    if by.role == "process_director" and by.organisation_id is not None:
        areas = organisations.organisation(session, by.organisation_id).areas
        near = near | (HubMeeting.organised_by == by.organisation_id) | HubMeeting.municipality_code.in_(sorted(areas))
    return near


def _seen(session: Session, meeting: HubMeeting, *, by: Actor, at: datetime) -> tuple[Facts, list[AgendaItem]]:
    """What is true between *by* and the meeting, and the families of it that *by* may know of."""
    items = _items(session, meeting.id, _SHOWN)
    if by.is_system or by.organisation_id is None:
        return Facts(), []
    if _directs(session, meeting, by):
        return Facts(directs=True), items
    if not _in_area(by, meeting.municipality_code):
        return Facts(), []
    invited, held = set(), set()
    for item in items:
        case = _case(session, item)
        if (case.holder_organisation_id, case.holder_role) == (by.organisation_id, by.role):
            held.add(item.id)
        if _sits_at(session, item, by, at):
            invited.add(item.id)
    return (
        Facts(invited=bool(invited), holder=bool(held)),
        [item for item in items if item.id in invited | held],
    )


def _sits_at(session: Session, item: AgendaItem, by: Actor, at: datetime) -> bool:
    if by.organisation_id is None:
        return False
    query = select(Invitation.id).where(
        Invitation.agenda_item_id == item.id,
        Invitation.organisation_id == by.organisation_id,
        Invitation.role == by.role,
        Invitation.withdrawn_at.is_(None),
    )
    return session.scalar(query) is not None and agreed(session, item.case_id, by.organisation_id, at)


def _item_view(
    session: Session, item: AgendaItem, position: int, *, directs: bool, by: Actor, at: datetime
) -> ItemView:
    case = _case(session, item)
    seats = seats_of(session, item, at=at)
    at_the_table = {seat.organisation_id for seat in seats}
    left_out = None
    if directs and item.status == ItemStatus.PLANNED:
        left_out = sum(one not in at_the_table for one, _ in _candidates(session, case, at))
    return ItemView(
        id=item.id,
        position=position,
        status=item.status,
        case_id=case.id,
        case_number=case.number,
        municipality_code=case.municipality_code,
        language=case.language,
        interpreter_needed=case.interpreter_needed,
        parents_invited=item.parents_invited,
        parents_present=item.parents_present,
        minutes_shared=item.minutes_shared_on is not None,
        seats=tuple(seat for seat in seats if directs or seat.consent_ok),
        name=_name(session, case, item, by, at),
        left_out=left_out,
    )


def _name(session: Session, case: Case, item: AgendaItem, by: Actor, at: datetime) -> str | None:
    """Of the parent, to who sits at the table or holds the case, as far as its role and the family's consent go."""
    if case.family_id is None or by.organisation_id is None:
        return None
    holder = (case.holder_organisation_id, case.holder_role) == (by.organisation_id, by.role)
    if not (holder or _sits_at(session, item, by, at)):
        return None
    agreed_to = _granted(session, case.id, by.organisation_id, at)
    facts = Facts(party_roles=frozenset({by.role}), holder=holder, consent_categories=agreed_to)
    scope = access.visible(by, facts).read.get("C0")
    if scope == Scope.OWN and case.signaller_organisation_id != by.organisation_id:
        return None
    if scope not in (Scope.ALL, Scope.OWN, Scope.MINIMAL, Scope.FIRST_NAME):
        return None
    found = [member for member in families.members(session, case.family_id) if member.kind in _PARENTS]
    name = found[0].name if found else ""
    return (name.split()[0] if name and scope == Scope.FIRST_NAME else name) or None


def _require(session: Session, meeting: HubMeeting, action: str, *, by: Actor, at: datetime) -> None:
    facts, _ = _seen(session, meeting, by=by, at=at)
    access.require(by, action, facts, at=at)


def _card(session: Session, meeting: HubMeeting, seen: int) -> MeetingCard:
    minutes = settings.get(
        session, "hub.meeting_minutes", municipality=meeting.municipality_code, on=local_date(meeting.starts_at)
    )
    return MeetingCard(
        id=meeting.id,
        municipality_code=meeting.municipality_code,
        organised_by=meeting.organised_by,
        starts_at=meeting.starts_at,
        ends_at=meeting.starts_at + timedelta(minutes=int(minutes)),
        place=meeting.place,
        online=meeting.online,
        status=meeting.status,
        families=seen,
        version=meeting.version,
    )


def _log(
    session: Session,
    event: str,
    subject_kind: str,
    subject_id: UUID,
    case_id: UUID | None,
    rule: str,
    by: Actor,
    at: datetime,
) -> None:
    logbook.read(
        session, event, subject_kind, subject_id, case_id=case_id, by=by, at=at, purpose=Purpose.HUB_MEETING, rule=rule
    )
