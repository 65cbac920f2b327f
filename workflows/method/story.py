"""The whole of a case as one reader may see it: read once, and told as a timeline and as who stands around the family.

What is told is made of the views that were cut before, and of nothing else: a timeline cannot show what the page does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import AMSTERDAM, local_date
from workflows import access, logbook, organisations
from workflows.actor import Actor
from workflows.method.commenting import CommentView, comment_list
from workflows.method.facts import find_case
from workflows.method.handing_over import HandoverView, handover_list
from workflows.method.hub import HubTalk, hub_of_case
from workflows.method.reading import case_view
from workflows.method.sharing import AnswerView, SharingView, sharing_of_case
from workflows.method.support_reading import plan_view, talks_view
from workflows.method.support_views import PlanView, TalksView
from workflows.method.views import CaseView, EntryView

#: What is about safety has no place in a story that a family may look along with.
_SAFETY = "C5"
#: Forms of which something else in the story tells what came of them.
_TOLD_BY_HANDOVER = frozenset(
    {"handover", "handover_offer", "handover_answer", "handover_question", "handover_talk", "handover_contact"}
)
_LIVE = ("proposed", "accepted")


@dataclass(frozen=True, slots=True)
class HolderMove:
    """Who came to hold the case, and when."""

    at: datetime
    organisation_id: UUID | None
    role: str | None
    person_id: UUID | None = None  #: in person; empty: the team, or not written down


@dataclass(frozen=True, slots=True)
class CaseStory:
    """Everything that one reader may see of a case, with the names of professionals and organisations in it by id."""

    case: CaseView
    sharing: SharingView
    plan: PlanView = field(default_factory=PlanView)
    talks: TalksView = field(default_factory=TalksView)
    hub: tuple[HubTalk, ...] = ()
    handovers: tuple[HandoverView, ...] = ()
    comments: tuple[CommentView, ...] = ()
    moves: tuple[HolderMove, ...] = ()
    people: Mapping[UUID, str] = field(default_factory=dict)
    organisations: Mapping[UUID, str] = field(default_factory=dict)


def case_story(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> CaseStory:
    """A case with its plan, talks, handovers, comments and consents, as *by* may see each; every read is written down.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    view = case_view(session, case_id, by=by, at=at)
    story = CaseStory(
        case=view,
        plan=plan_view(session, case_id, by=by, at=at),
        talks=talks_view(session, case_id, by=by, at=at),
        hub=hub_of_case(session, case_id, by=by, at=at),
        handovers=tuple(handover_list(session, case_id, by=by, at=at)),
        comments=tuple(comment_list(session, case_id, by=by, at=at)),
        sharing=sharing_of_case(session, case_id, by=by, at=at),
        moves=_moves(session, case_id, by=by, at=at),
    )
    wrote = {one.author_id for one in view.entries} | {view.case.holder_person_id}
    wrote |= {one.recorded_by for one in story.sharing.answers}
    wrote |= {one.person_id for one in story.moves}
    people = organisations.names_of(session, wrote)
    return replace(story, people=people, organisations=organisations.called(session, _named(story)))


def _named(story: CaseStory) -> Iterator[UUID | None]:
    """Organisations that are told of by name."""
    card = story.case.case
    yield from (card.holder_organisation_id, card.signaller_organisation_id)
    yield from (one.organisation_id for one in story.case.tasks)
    yield from (one.organisation_id for one in story.case.entries)
    yield from (one.organisation_id for one in story.plan.actions)
    yield from (one.organisation_id for one in story.comments)
    yield from (one.organisation_id for one in story.moves)
    for one in story.handovers:
        yield from (one.from_organisation_id, one.to_organisation_id)
    for talk in story.hub:
        yield from (*talk.invited, talk.case_director_organisation_id)
    for answer in story.sharing.answers:
        yield from (answer.recipient_organisation_id, answer.recorded_for)
    yield from (act.recipient_organisation_id for act in story.sharing.disclosures)
    yield from (one.recipient_organisation_id for one in story.sharing.grounds)


def _moves(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> tuple[HolderMove, ...]:
    """Oldest first; nothing for who may not follow how the case goes on."""
    case, facts = find_case(session, case_id, by=by, at=at)
    if not (facts.holder or access.visible(by, facts).follows):
        return ()
    found = []
    for line in logbook.changes_of(session, case.id, "case.holder_moved"):
        # Where nobody had to accept it the line says where it went; else it went to who wrote the line.
        to = line.details.get("to_organisation_id")
        person = line.details.get("to_person_id")
        where = UUID(to) if to else line.organisation_id
        found.append(HolderMove(line.at, where, line.details.get("to_role"), UUID(person) if person else None))
    return tuple(found)


# --- the timeline


class Happening(StrEnum):
    """What kind of thing happened."""

    BEGAN = "began"
    WRITTEN = "written"  #: a form was filled in; ``code`` says which
    CORRECTED = "corrected"
    STATUS = "status"  #: the case went on; ``code`` says to what
    HOLDER = "holder"
    HANDOVER_OFFERED = "handover_offered"
    HANDOVER_ACCEPTED = "handover_accepted"
    HANDOVER_REFUSED = "handover_refused"
    HANDOVER_OFF = "handover_off"
    FIRST_CONTACT = "first_contact"
    MEETING = "meeting"  #: talked about in the hub
    MEETING_OFF = "meeting_off"
    CONSENTS = "consents"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    SHARING_STOPPED = "sharing_stopped"
    PLAN_AGREED = "plan_agreed"
    ACTION_ACCEPTED = "action_accepted"
    ACTION_OVER = "action_over"
    EVALUATED = "evaluated"
    COMMENTS = "comments"


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a family said yes or no, and for what."""

    organisation_id: UUID | None
    kind: str | None
    purpose: str


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One thing that happened. ``at`` is empty when only the day is known.

    Args:
        status: what the case came to be by it.
        allowed, refused: of consents.
        text: what was agreed, in the words of the plan.
        parents_present: of a meeting.
    """

    kind: Happening
    on: date
    at: datetime | None = None
    organisation_id: UUID | None = None
    role: str | None = None
    person_id: UUID | None = None
    code: str | None = None
    to_organisation_id: UUID | None = None
    to_role: str | None = None
    status: str | None = None
    allowed: tuple[Recipient, ...] = ()
    refused: tuple[Recipient, ...] = ()
    text: str | None = None
    number: int | None = None
    count: int = 0
    parents_present: bool | None = None
    earlier_on: date | None = None

    @property
    def order(self) -> datetime:
        """A day without a time comes after whatever happened on it."""
        return self.at or datetime.combine(self.on, time.max, AMSTERDAM)


def timeline(story: CaseStory, *, at: datetime) -> tuple[TimelineItem, ...]:
    """What happened, newest first. Pure: of the views in *story* only.

    What two views tell is told once: a status beside the form that brought it, consents beside the form in which they were
    given, a talk by what came of it. Comments of one day are one line.
    """
    found = [
        *_written(story),
        *_handed(story),
        *_met(story, at),
        *_agreed(story),
        *_commented(story.comments),
        *(
            _item(
                Happening.HOLDER,
                move.at,
                organisation_id=move.organisation_id,
                role=move.role,
                person_id=move.person_id,
            )
            for move in story.moves
        ),
    ]
    consents = list(_consents(story))
    found, consents = _beside(found, consents)
    found += consents
    found = _with_status(found, story)
    order = list(Happening)
    found.sort(key=lambda one: (one.order, order.index(one.kind)), reverse=True)
    return tuple(found)


def _item(kind: Happening, when: datetime | date, **more: object) -> TimelineItem:
    at = when if isinstance(when, datetime) else None
    day = local_date(when) if isinstance(when, datetime) else when
    return TimelineItem(kind, day, at, **more)  # type: ignore[arg-type]


def _tells(entry: EntryView) -> bool:
    """Whether there is anything in it beside safety."""
    return entry.withheld or any(value.compartment != _SAFETY for value in entry.values)


def _written(story: CaseStory) -> Iterator[TimelineItem]:
    held = {one.evaluated_on for one in story.talks.evaluations}
    talked = {local_date(one.starts_at) for one in story.hub if one.status == "discussed"}
    known = {one.id: one for one in story.case.entries}
    for one in story.case.entries:
        day = local_date(one.observed_at)
        if (
            not _tells(one)
            or (one.form_key == "evaluation" and one.supersedes_id is None and day in held)
            or (one.form_key == "hub_minutes" and one.supersedes_id is None and day in talked)
            or (one.form_key in _TOLD_BY_HANDOVER and story.handovers)
        ):
            continue
        before = known.get(one.supersedes_id) if one.supersedes_id else None
        yield TimelineItem(
            Happening.WRITTEN if one.supersedes_id is None else Happening.CORRECTED,
            day if one.supersedes_id is None else local_date(one.recorded_at),
            one.observed_at if one.supersedes_id is None else one.recorded_at,
            organisation_id=one.organisation_id,
            role=one.role,
            person_id=one.author_id,
            code=one.form_key,
            earlier_on=None if before is None else local_date(before.recorded_at),
        )


def _handed(story: CaseStory) -> Iterator[TimelineItem]:
    for one in story.handovers:
        sides = {
            "organisation_id": one.from_organisation_id,
            "role": one.from_role,
            "to_organisation_id": one.to_organisation_id,
            "to_role": one.to_role,
        }
        if one.offered_at is None:
            continue  # nothing happened yet
        yield _item(Happening.HANDOVER_OFFERED, one.offered_at, **sides)
        if one.answered_at is not None:
            kind = Happening.HANDOVER_REFUSED if one.status == "refused" else Happening.HANDOVER_ACCEPTED
            yield _item(kind, one.answered_at, **sides)
        if one.ended_at is not None:
            yield _item(Happening.HANDOVER_OFF, one.ended_at, code=one.status, **sides)
        if one.first_contact_on is not None:
            yield _item(Happening.FIRST_CONTACT, one.first_contact_on, **sides)


def _met(story: CaseStory, at: datetime) -> Iterator[TimelineItem]:
    for one in story.hub:
        if one.status == "discussed":
            yield _item(
                Happening.MEETING,
                one.starts_at,
                parents_present=one.parents_present,
                to_organisation_id=one.case_director_organisation_id,
            )
        elif one.status == "postponed" and one.starts_at <= at:
            yield _item(Happening.MEETING_OFF, one.starts_at)
    for talk in story.talks.evaluations:
        yield _item(Happening.EVALUATED, talk.evaluated_on, code=talk.decision)


def _agreed(story: CaseStory) -> Iterator[TimelineItem]:
    if story.plan.parent_agreed_on is not None:
        yield _item(Happening.PLAN_AGREED, story.plan.parent_agreed_on)
    for one in story.plan.actions:
        about = {"organisation_id": one.organisation_id, "text": one.what, "number": one.number}
        if one.accepted_at is not None and one.organisation_id is not None:
            yield _item(Happening.ACTION_ACCEPTED, one.accepted_at, **about)
        if one.ended_at is not None:
            yield _item(Happening.ACTION_OVER, one.ended_at, code=one.status, **about)


def _commented(comments: Sequence[CommentView]) -> Iterator[TimelineItem]:
    for day, same in groupby(comments, key=lambda one: local_date(one.at)):
        said = list(same)
        yield TimelineItem(Happening.COMMENTS, day, said[-1].at, count=len(said))


def _consents(story: CaseStory) -> Iterator[TimelineItem]:
    def moment(one: AnswerView) -> datetime:
        return one.recorded_at

    for recorded_at, same in groupby(sorted(story.sharing.answers, key=moment), key=moment):
        answers = list(same)
        yes = _recipients(one for one in answers if one.given)
        no = tuple(one for one in _recipients(one for one in answers if not one.given) if one not in yes)
        yield _item(
            Happening.CONSENTS,
            recorded_at,
            allowed=yes,
            refused=no,
            person_id=answers[0].recorded_by,
            organisation_id=answers[0].recorded_for,
        )
    back = sorted((one for one in story.sharing.answers if one.withdrawn_at is not None), key=_withdrawn)
    for withdrawn_at, same in groupby(back, key=_withdrawn):
        yield _item(Happening.CONSENT_WITHDRAWN, withdrawn_at, refused=_recipients(same))
    if not story.sharing.told:
        for stopped_at in story.sharing.stopped_at:
            yield _item(Happening.SHARING_STOPPED, stopped_at)


def _withdrawn(one: AnswerView) -> datetime:
    assert one.withdrawn_at is not None
    return one.withdrawn_at


def _recipients(answers: Iterable[AnswerView]) -> tuple[Recipient, ...]:
    found = (Recipient(one.recipient_organisation_id, one.recipient_kind, one.purpose) for one in answers)
    return tuple(dict.fromkeys(found))


def _beside(found: list[TimelineItem], consents: list[TimelineItem]) -> tuple[list[TimelineItem], list[TimelineItem]]:
    """Consents stand with the form in which they were given, when that is in sight."""
    entries = {(one.at, one.organisation_id): one for one in found if one.kind == Happening.WRITTEN}
    rest = []
    for one in consents:
        entry = entries.get((one.at, one.organisation_id)) if one.kind == Happening.CONSENTS else None
        if entry is None:
            rest.append(one)
        else:
            found[found.index(entry)] = replace(entry, allowed=one.allowed, refused=one.refused)
    return found, rest


def _with_status(found: list[TimelineItem], story: CaseStory) -> list[TimelineItem]:
    """A status stands with the form that brought it, or by itself; of one moment only the last, where it ended up."""
    changes = list(story.case.status_history)
    if changes and changes[0].status == "draft":
        began = changes.pop(0).at
        found.append(_item(Happening.BEGAN, began, organisation_id=story.case.case.signaller_organisation_id))
    for at, status in {change.at: change.status for change in changes}.items():
        place = next((n for n, one in enumerate(found) if one.at == at and one.kind == Happening.WRITTEN), None)
        if place is None:
            found.append(_item(Happening.STATUS, at, code=status))
        else:
            found[place] = replace(found[place], status=status)
    return found


# --- who stands around the family


class Ring(StrEnum):
    """How near somebody stands to the family."""

    OWN = "own"  #: people whom the family knows itself
    PROFESSIONAL = "professional"
    ORGANISATION = "organisation"


class Part(StrEnum):
    """What somebody does around the family."""

    OWN_NETWORK = "own_network"
    OWN_ACTION = "own_action"  #: does something of the plan
    WROTE = "wrote"
    HOLDS = "holds"
    SIGNALLED = "signalled"
    HAS_TASK = "has_task"
    SUPPORTS = "supports"
    AT_THE_TABLE = "at_the_table"


@dataclass(frozen=True, slots=True)
class Around:
    """Somebody around the family. ``name`` is for people; an organisation is known by its id.

    Args:
        may_contact: of the own network: whether the family finds it good that somebody calls them.
        last_on: of a professional: the day on which they last wrote something.
    """

    ring: Ring
    parts: tuple[Part, ...]
    name: str | None = None
    organisation_id: UUID | None = None
    role: str | None = None
    relation: str | None = None
    helps_with: str | None = None
    may_contact: bool | None = None
    last_on: date | None = None


def around_family(story: CaseStory) -> tuple[Around, ...]:
    """People and organisations around the family, nearest first, each once. Pure: of the views in *story* only."""
    return (*_own_network(story), *_professionals(story), *_organisations(story))


def _own_network(story: CaseStory) -> Iterator[Around]:
    does: dict[str, list[str]] = {}
    for action in story.plan.actions:
        if action.in_plan and action.status in _LIVE and action.owner_kind == "informal" and action.owner_name:
            does.setdefault(action.owner_name.strip(), []).append(action.what or "")
    for one in story.talks.network:
        acts = does.pop(one.name_or_initial.strip(), None)
        yield Around(
            Ring.OWN,
            (Part.OWN_NETWORK, Part.OWN_ACTION) if acts is not None else (Part.OWN_NETWORK,),
            name=one.name_or_initial,
            relation=one.relation,
            helps_with=one.can_help_with or next(iter(acts or ()), None),
            may_contact=one.may_contact,
        )
    for name, acts in does.items():
        yield Around(Ring.OWN, (Part.OWN_ACTION,), name=name, helps_with=next(iter(acts), None) or None)


def _professionals(story: CaseStory) -> Iterator[Around]:
    last: dict[tuple[UUID | None, UUID | None, str], date] = {}
    for entry in story.case.entries:
        if entry.author_id in story.people and _tells(entry):
            last[(entry.author_id, entry.organisation_id, entry.role)] = local_date(entry.recorded_at)
    names = dict(story.people)
    for comment in story.comments:
        if comment.author_id is not None and comment.author_name:
            names[comment.author_id] = comment.author_name
            wrote = (comment.author_id, comment.organisation_id, comment.role)
            last[wrote] = max(last.get(wrote, date.min), local_date(comment.at))
    held = (story.case.case.holder_person_id, story.case.case.holder_organisation_id, story.case.case.holder_role)
    if held[0] in names and held[2] is not None:
        last.setdefault((held[0], held[1], held[2]), date.min)
    for key, day in sorted(last.items(), key=lambda one: (one[0] != held, -one[1].toordinal(), str(one[0]))):
        person_id, organisation_id, role = key
        assert person_id is not None
        yield Around(
            Ring.PROFESSIONAL,
            (Part.HOLDS,) if key == held else (Part.WROTE,),
            name=names[person_id],
            organisation_id=organisation_id,
            role=role,
            last_on=None if day == date.min else day,
        )


def _organisations(story: CaseStory) -> Iterator[Around]:
    parts: dict[UUID, list[Part]] = {}

    def add(key: UUID | None, part: Part) -> None:
        if key is not None and part not in parts.setdefault(key, []):
            parts[key].append(part)

    card = story.case.case
    add(card.holder_organisation_id, Part.HOLDS)
    for task in story.case.tasks:
        add(task.organisation_id, Part.HAS_TASK)
    for action in story.plan.actions:
        if action.in_plan and action.status in _LIVE:
            add(action.organisation_id, Part.SUPPORTS)
    for talk in story.hub:
        if talk.status == "planned":
            for key in talk.invited:
                add(key, Part.AT_THE_TABLE)
    add(card.signaller_organisation_id, Part.SIGNALLED)
    for key, found in parts.items():
        yield Around(Ring.ORGANISATION, tuple(found), organisation_id=key)
