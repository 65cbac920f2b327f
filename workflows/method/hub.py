"""The hub in the method: what planning a meeting and its minutes bring about, and what a case shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import AMSTERDAM, local_date
from workflows import access, cases, hubs, organisations
from workflows.access import Scope
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Because, DisclosureCause
from workflows.errors import ConsentMissing, GroundMissing, Invalid, NotFound
from workflows.hubs import HubMeeting, HubResult
from workflows.method.completing import Completing
from workflows.method.facts import find_case
from workflows.method.placing import require_consent
from workflows.processes import Scalar

NEW = "new"
_NEW = "Een nieuw overleg"
_GONE = "een overleg dat niet meer bestaat"


@dataclass(frozen=True, slots=True)
class HubTalk:
    """One time that a case was, or is to be, on an agenda. ``meeting_id``: only when the asker may open that meeting."""

    starts_at: datetime
    place: str
    online: bool
    status: str
    meeting_status: str
    parents_invited: bool
    parents_present: bool | None
    reason_not_invited: str | None
    reason_if_absent: str | None
    other_parent: str | None
    minutes_shared: bool
    invited: tuple[UUID, ...]
    case_director_organisation_id: UUID | None
    meeting_id: UUID | None


def plan_meeting(done: Completing) -> Mapping[str, Scalar]:
    """Form ``hub_planning``: the family goes on the agenda of a new or a planned meeting, and whoever it agreed to is invited."""
    session, case, answers, by, at = done.session, done.the_case, done.answers, done.by, done.at
    invited, reason = hubs.seats(answers)
    chosen = str(answers.get("meeting") or "")
    if chosen == NEW:
        meeting_id = hubs.plan(
            session,
            municipality=case.municipality_code,
            starts_at=hubs.moment(answers.get("meeting_date"), answers.get("meeting_time")),
            place=str(answers.get("place") or ""),
            online=answers.get("online") in (True, "yes"),
            by=by,
            at=at,
        ).id
    else:
        found = {str(meeting.id): meeting.id for meeting in hubs.upcoming(session, case.municipality_code, at=at)}
        if chosen not in found:
            raise Invalid(
                f"case {case.id}: no such planned hub meeting",
                errors={"meeting": ["Dit overleg is er niet meer. Kies een ander, of plan een nieuw overleg."]},
            )
        meeting_id = found[chosen]
    item = hubs.add_item(
        session,
        meeting_id,
        case,
        parents_invited=invited,
        reason_not_invited=reason,
        other_parent=answers.get("other_parent"),
        by=by,
        at=at,
    )
    hubs.invite_all(session, item, by=by, at=at)
    return {}


def record_minutes(done: Completing) -> Mapping[str, Scalar]:
    """Form ``hub_minutes``: whether the parents were there, and who directs the case from now on, if the family agrees.

    Raises:
        ConsentMissing: the family did not agree that the chosen organisation supports it; says what to do.
    """
    session, case, answers, by, at = done.session, done.the_case, done.answers, done.by, done.at
    item = hubs.record_minutes(session, case, done.entry, answers, by=by, at=at)
    if answers.get("hub_result") == HubResult.PLAN and item is not None and item.case_director_organisation_id:
        because = Because(DisclosureCause.HUB_ITEM, item.id)
        _let_direct(session, case, item.case_director_organisation_id, because, by=by, at=at)
    return {}


def follow_consent(session: Session, case: Case, *, by: Actor, at: datetime) -> None:
    """The family was asked again: whom it agrees to now is invited for the agenda it is on, and whom it does not is not."""
    if (item := hubs.planned_item(session, case.id)) is not None:
        hubs.invite_all(session, item, by=by, at=at)
    hubs.consent_changed(session, case.id, by=by, at=at)


def hub_meetings(session: Session, case: Case, by: Actor, at: datetime) -> list[tuple[str, str]]:
    """Choices for ``meeting``: a new one, or one that is planned already. Of other families nothing is in them."""
    planned = hubs.upcoming(session, case.municipality_code, at=at)
    return [(NEW, _NEW), *((str(meeting.id), _called(meeting)) for meeting in planned)]


def hub_meeting_label(session: Session, value: str) -> str:
    """What ``meeting`` said, also when the meeting is over."""
    if value == NEW:
        return _NEW
    meeting_id = hubs.as_id(value)
    try:
        return _GONE if meeting_id is None else _called(hubs.find(session, meeting_id))
    except NotFound:
        return _GONE


def hub_of_case(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> tuple[HubTalk, ...]:
    """Every agenda that the case was on, latest first, for on the page of the case; reading that page is written down.

    Empty for who may not follow how the plan comes about. What parents missed and why is for who reads the plan itself.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    readable = access.visible(by, facts)
    scope = readable.read.get("C6")
    if not (readable.follows or facts.holder):
        return ()
    whole = facts.holder or scope == Scope.ALL
    talks = []
    for item in reversed(hubs.items_of(session, case.id)):
        meeting = hubs.find(session, item.meeting_id)
        looks = hubs.may_look(session, meeting, by=by, at=at)
        # Whom the family agreed to is for who helps as a whole, directs the process or sits at that table.
        knows_table = whole or looks or scope == Scope.STATUS
        talks.append(
            HubTalk(
                starts_at=meeting.starts_at,
                place=meeting.place,
                online=meeting.online,
                status=item.status,
                meeting_status=meeting.status,
                parents_invited=item.parents_invited,
                parents_present=item.parents_present,
                reason_not_invited=item.reason_not_invited if whole else None,
                reason_if_absent=item.reason_if_absent if whole else None,
                other_parent=item.other_parent if whole else None,
                minutes_shared=item.minutes_shared_on is not None,
                invited=tuple(dict.fromkeys(one.organisation_id for one in hubs.seats_of(session, item, at=at)))
                if knows_table
                else (),
                case_director_organisation_id=item.case_director_organisation_id if knows_table else None,
                meeting_id=meeting.id if looks else None,
            )
        )
    return tuple(talks)


def _let_direct(
    session: Session, case: Case, organisation_id: UUID, because: Because, *, by: Actor, at: datetime
) -> None:
    """Give the chosen organisation its part in the case; who was chosen before and does not hold it, leaves."""
    known = organisations.organisations_for(
        session, role="case_director", municipality=case.municipality_code, on=local_date(at)
    )
    if organisation_id not in {one.id for one in known}:
        raise Invalid(
            f"case {case.id}: {organisation_id} directs no cases there",
            errors={"case_director": ["Kies een organisatie die in deze gemeente casussen regisseert."]},
        )
    if organisation_id != case.signaller_organisation_id:
        try:
            require_consent(session, case, organisation_id=organisation_id, role="case_director", at=at)
        except GroundMissing:
            raise
        except ConsentMissing as refusal:
            name = organisations.organisation(session, organisation_id).name
            raise ConsentMissing(
                str(refusal),
                detail=f"Het gezin heeft niet gezegd dat {name} de steun mag regelen. Vraag dat eerst aan de ouder en leg "
                "de toestemming voor ‘steunafspraak’ vast. Of kies samen een andere organisatie.",
            ) from refusal
    for party in cases.parties(session, case.id):
        holds = (party.organisation_id, party.role) == (case.holder_organisation_id, case.holder_role)
        if party.role == "case_director" and party.organisation_id != organisation_id and not holds:
            cases.leave(session, case, organisation_id=party.organisation_id, role=party.role, by=by, at=at)
    cases.join(session, case, organisation_id=organisation_id, role="case_director", because=because, by=by, at=at)


def _called(meeting: HubMeeting) -> str:
    where = meeting.place or ("online" if meeting.online else "plaats nog niet bekend")
    return f"{meeting.starts_at.astimezone(AMSTERDAM):%d-%m-%Y om %H:%M}, {where}"
