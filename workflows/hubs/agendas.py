"""Agendas as each reader may see them. Nothing betrays a family that the reader may not know of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from engine.clock import local_date, start_of_day
from workflows import access, cases, families, logbook, organisations, settings
from workflows.access import Facts, Scope
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Purpose
from workflows.errors import NotFound
from workflows.families import MemberKind
from workflows.hubs.model import AgendaItem, HubMeeting, Invitation, ItemStatus, MeetingStatus
from workflows.hubs.seats import SeatView, agreed, candidates, case_of, granted, seats_of, sits_at
from workflows.processes import Page, read_cursor, write_cursor

_PARENTS = (MemberKind.PREGNANT_PERSON, MemberKind.PARENT)
#: On an agenda that people see; what was removed leaves no trace there.
_SHOWN = (ItemStatus.PLANNED, ItemStatus.DISCUSSED, ItemStatus.POSTPONED)


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
    case_director_organisation_id: UUID | None = None  #: chosen in the talk


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


def find(session: Session, meeting_id: UUID) -> HubMeeting:
    """A meeting. Whether the actor may know of it is not asked here.

    Raises:
        NotFound: no such meeting.
    """
    found = session.get(HubMeeting, meeting_id)
    if found is None:
        raise NotFound(f"no hub meeting {meeting_id}")
    return found


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


def items_on(session: Session, meeting_id: UUID, statuses: Iterable[ItemStatus]) -> list[AgendaItem]:
    """The families on an agenda, in its order."""
    query = select(AgendaItem).where(
        AgendaItem.meeting_id == meeting_id, AgendaItem.status.in_([str(status) for status in statuses])
    )
    return list(session.scalars(query.order_by(AgendaItem.position, AgendaItem.id)))


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
        with logbook.deciding(session):  # when, where and how many; of no family which
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
    closed = cases.kept_from(session, by)
    return [
        invitation
        for invitation, item in session.execute(query)
        if item.case_id not in closed
        and _in_area(by, find(session, item.meeting_id).municipality_code)
        and agreed(session, item.case_id, invitation.organisation_id, at)
    ]


def agenda(session: Session, meeting_id: UUID, *, by: Actor, at: datetime, printed: bool = False) -> Agenda:
    """A meeting with the families that *by* may know of; the read is written down, for each of them.

    The process director sees every family by its number, without what it is about. Who is invited sees the families that
    agreed to that, at this moment, and who holds a case sees that case. Of the others nothing is to be seen, not even
    that they are there: what is in sight is counted and numbered anew.

    Args:
        printed: it is shown to be printed, and the log says so.

    Raises:
        NotFound: no such meeting, or nothing of it is for *by*.
    """
    meeting = find_near(session, meeting_id, by=by)
    with logbook.deciding(session):  # which of the families are *by*'s; of each that is, a line follows
        facts, items = _seen(session, meeting, by=by, at=at)
    access.require(by, "view_hub_meeting", facts, at=at)
    shown = tuple(
        _item_view(session, item, position, directs=facts.directs, by=by, at=at)
        for position, item in enumerate(items, start=1)
    )
    rule = "+".join(sorted(access.relations(by, facts)))
    event = "hub_meeting.printed" if printed else "hub_meeting.viewed"
    _log(session, event, "hub_meeting", meeting.id, None, rule, by, at)
    for view in shown:
        why = f"{rule}+{access.Relation.INVITED}" if facts.directs and view.name else rule
        _log(
            session,
            "hub_item.printed" if printed else "hub_item.viewed",
            "agenda_item",
            view.id,
            view.case_id,
            why,
            by,
            at,
        )
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
    meeting = find_near(session, meeting_id, by=by)
    with logbook.deciding(session):  # whether *by* may come, and of how many families; of none which
        facts, items = _seen(session, meeting, by=by, at=at)
    access.require(by, "view_hub_meeting", facts, at=at)
    rule = "+".join(sorted(access.relations(by, facts)))
    _log(session, "hub_meeting.calendar_taken", "hub_meeting", meeting.id, None, rule, by, at)
    return _card(session, meeting, len(items))


def find_near(session: Session, meeting_id: UUID, *, by: Actor) -> HubMeeting:
    """A meeting that could be *by*'s to know of; access is asked after it.

    Raises:
        NotFound: no such meeting, or it is nothing of *by*'s; both take the same statement.
    """
    found = session.scalar(select(HubMeeting).where(HubMeeting.id == meeting_id, _near(session, by)))
    if found is None:
        raise NotFound(f"no hub meeting {meeting_id} near {by.organisation_id}")
    return found


def may_look(session: Session, meeting: HubMeeting, *, by: Actor, at: datetime) -> bool:
    """Whether *by* may open the meeting; for showing a link, never instead of :func:`agenda`."""
    with logbook.deciding(session):
        facts, _ = _seen(session, meeting, by=by, at=at)
    return access.allows(by, "view_hub_meeting", facts)


def require(session: Session, meeting: HubMeeting, action: str, *, by: Actor, at: datetime) -> None:
    """Pass, or refuse.

    Raises:
        NotFound: nothing of the meeting is for *by*. NotAllowed: it is, but not this.
    """
    facts, _ = _seen(session, meeting, by=by, at=at)
    access.require(by, action, facts, at=at)


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
    if by.is_system or by.organisation_id is None:
        return Facts(), []
    closed = cases.kept_from(session, by)
    items = [item for item in items_on(session, meeting.id, _SHOWN) if item.case_id not in closed]
    if _directs(session, meeting, by):
        return Facts(directs=True), items
    if not _in_area(by, meeting.municipality_code):
        return Facts(), []
    invited, held = set(), set()
    for item in items:
        case = case_of(session, item)
        if (case.holder_organisation_id, case.holder_role) == (by.organisation_id, by.role):
            held.add(item.id)
        if sits_at(session, item, by, at):
            invited.add(item.id)
    return (
        Facts(invited=bool(invited), holder=bool(held)),
        [item for item in items if item.id in invited | held],
    )


def _item_view(
    session: Session, item: AgendaItem, position: int, *, directs: bool, by: Actor, at: datetime
) -> ItemView:
    case = case_of(session, item)
    seats = seats_of(session, item, at=at)
    at_the_table = {seat.organisation_id for seat in seats}
    left_out = None
    if directs and item.status == ItemStatus.PLANNED:
        left_out = sum(one not in at_the_table for one, _ in candidates(session, case, at))
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
        case_director_organisation_id=item.case_director_organisation_id,
    )


def _name(session: Session, case: Case, item: AgendaItem, by: Actor, at: datetime) -> str | None:
    """Of the parent, to who sits at the table or holds the case, as far as its role and the family's consent go."""
    if case.family_id is None or by.organisation_id is None:
        return None
    holder = (case.holder_organisation_id, case.holder_role) == (by.organisation_id, by.role)
    if not (holder or sits_at(session, item, by, at)):
        return None
    agreed_to = granted(session, case.id, by.organisation_id, at)
    facts = Facts(party_roles=frozenset({by.role}), holder=holder, consent_categories=agreed_to)
    scope = access.visible(by, facts).read.get("C0")
    if scope == Scope.OWN and case.signaller_organisation_id != by.organisation_id:
        return None
    if scope not in (Scope.ALL, Scope.OWN, Scope.MINIMAL, Scope.FIRST_NAME):
        return None
    found = [member for member in families.members(session, case.family_id) if member.kind in _PARENTS]
    name = found[0].name if found else ""
    return (name.split()[0] if name and scope == Scope.FIRST_NAME else name) or None


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
