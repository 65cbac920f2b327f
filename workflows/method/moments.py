"""The case as it was at a moment, for whoever answers for it: a complaint, a calamity, a question of the parent.

Who has a part in the case reads what they may read *now*, of what was there *then*. Who looks after a log or data protection
of an organisation that has or had a part sees who could see what, and no content. Each look is asked why and written down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import draw
from workflows import access, consent, diagrams, logbook, organisations, plans, processes
from workflows.access import Facts, Readable, Scope
from workflows.actor import Actor
from workflows.cases import Case, CaseParty, CaseStatusChange
from workflows.db import house
from workflows.errors import Invalid, NotFound
from workflows.method import duplicates
from workflows.method.facts import find_case, write_read
from workflows.method.past import HolderThen, Past, Sight, TaskThen
from workflows.method.reading import entries_for
from workflows.method.sharing import may_read
from workflows.method.support import reads_plan, view_of
from workflows.method.support_views import ActionView, GoalView, PlanView
from workflows.method.views import DiagramView, EntryView
from workflows.plans import PlanStatus, SupportAction
from workflows.processes import Run, RunStatus, StepTaken

#: Who looks after a log or the protection of data: sees who could see what, and no content.
LOG_ROLES = frozenset({"log_manager", "dpo"})
_STATUS = frozenset({Scope.STATUS, Scope.STATUS_AND_FEEDBACK, Scope.OWN_ACTION_AND_STATUS})


class LookingBack(StrEnum):
    """Why somebody looks back; stands in the log and in the family's own list."""

    COMPLAINT = "complaint"
    CALAMITY = "calamity"
    PARENT_ASKS = "parent_asks"


class Changed(StrEnum):
    """What changed in a case at a moment."""

    STATUS = "status"
    HOLDER = "holder"
    ENTRY = "entry"
    TASK = "task"
    CONSENT = "consent"
    PARTY = "party"
    PLAN = "plan"


class NotKept(StrEnum):
    """What nobody can say any more, or can say of today only."""

    LOG_CUT = "log_cut"  #: older lines of the log are past their term
    RULES_SINCE = "rules_since"  #: the rules of access changed; today's were used
    HOLDER = "holder"
    HOLDER_PERSON = "holder_person"
    TASK_TEAM = "task_team"  #: a task went to another team since, and from which was not written down
    TAKEN_BACK = "taken_back"  #: a form that its author took back soon after; it is shown nowhere
    ERASED = "erased"  #: who the family was, is erased
    MUNICIPALITY = "municipality"
    WAITS = "waits"  #: where a drawing waited that was stopped since


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment at which something changed."""

    at: datetime
    kinds: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class PartyThen:
    """Who had a part. ``until``: when that ended since; None: it has one still."""

    organisation_id: UUID
    role: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ConsentThen:
    """An answer as it stood. ``holds``: it counted then. ``over``: how it stopped since; None: it counts now."""

    id: UUID
    subject_id: UUID
    recipient_organisation_id: UUID | None
    recipient_kind: str | None
    purpose: str
    category: str
    holds: bool
    recorded_at: datetime
    over: str | None  #: withdrawn, replaced or run_out; None as well when it did not hold then

    @property
    def about(self) -> tuple[object, ...]:
        """What the answer is about: a later one about the same takes its place."""
        return self.subject_id, self.recipient_organisation_id, self.recipient_kind, self.purpose, self.category


@dataclass(frozen=True, slots=True)
class State:
    """Everything of a case at one moment, as one reader may see it."""

    status: str | None
    municipality_code: str | None
    holder: HolderThen
    parties: tuple[PartyThen, ...] = ()
    tasks: tuple[TaskThen, ...] = ()
    entries: tuple[EntryView, ...] = ()
    consents: tuple[ConsentThen, ...] = ()
    plan: PlanView | None = None
    readers: tuple[Sight, ...] = ()
    blocked: int = 0
    offered_to: tuple[UUID, str] | None = None


@dataclass(frozen=True, slots=True)
class CaseThen:
    """A case at a moment, with what is otherwise now.

    Args:
        content: whether the reader has a part in it; without, only who could see what is told.
        whole: whether all who could see something are told, not only the reader's own organisation.
        here: what changed at this very moment.
    """

    case_id: UUID
    number: str
    opened_at: datetime
    moment: datetime
    seen_at: datetime
    purpose: str
    content: bool
    whole: bool
    then: State
    now: State
    diagrams: tuple[DiagramView, ...] = ()
    here: tuple[Changed, ...] = ()
    before: Moment | None = None
    after: Moment | None = None
    not_kept: tuple[NotKept, ...] = ()
    organisations: Mapping[UUID, str] = field(default_factory=dict)
    people: Mapping[UUID, str] = field(default_factory=dict)

    @property
    def is_now(self) -> bool:
        """Whether nothing happened since."""
        return self.after is None


@dataclass(frozen=True, slots=True)
class Entrance:
    """That somebody may look back at a case, before anything is shown."""

    case_id: UUID
    number: str
    opened_at: datetime
    content: bool


def may_look_back(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> Entrance:
    """The door, before a moment and a reason are given; nothing of the case is shown.

    Raises:
        NotFound: no such case, or not for *by*. NotAllowed: known to *by*, and not to look back at.
    """
    with logbook.deciding(session):
        case, facts = _find(session, case_id, by=by, at=at)
    return Entrance(case.id, case.number, case.opened_at, facts is not None)


def case_by_number(session: Session, number: str, *, by: Actor, at: datetime) -> UUID:
    """For who looks after a log, who knows cases by their number.

    Raises:
        NotFound: no such case, or one that *by*'s organisation never had a part in, or *by* looks after no log.
    """
    access.require(by, "look_back_log", Facts(own_organisation=by.role in LOG_ROLES), at=at)
    access.require_second_factor(by)
    with logbook.deciding(session):
        found = _of_own(session, Case.number == number.strip()[:16], by=by)
    if found is None:
        raise NotFound("no case with that number")
    return found.id


def case_at(
    session: Session,
    case_id: UUID,
    *,
    moment: datetime | None = None,
    purpose: LookingBack | str,
    by: Actor,
    at: datetime,
) -> CaseThen:
    """The case as it was at *moment* (None: now), as far as *by* may know; that *by* looked, and why, is written down.

    Raises:
        NotFound, NotAllowed: as for :func:`may_look_back`.
        Invalid: no reason, or a moment before the case or after now.
    """
    with logbook.deciding(session):
        case, facts = _find(session, case_id, by=by, at=at)
    moment = at if moment is None else moment
    errors: dict[str, list[str]] = {}
    if purpose not in set(LookingBack):
        errors["purpose"] = ["Kies waarom u terugkijkt."]
    if moment > at:
        errors["moment"] = ["Dit moment is nog niet geweest."]
    elif moment < case.opened_at:
        errors["moment"] = ["Toen was deze casus er nog niet."]
    if errors:
        raise Invalid(f"case {case.id}: not to be looked back at so", errors=errors)
    readable = Readable() if facts is None else access.visible(by, facts)
    reader = _Reader(by, facts, readable)
    with house(session), logbook.deciding(session):  # of then and of all; what of it is shown is cut below
        past = Past(session, case, moment, untold=facts is None)
        states = [_state(past, reader), _state(past.moved(at), reader)]
        changes = _changes(past, reader)
        not_kept = tuple(_not_kept(past, states[0], reader))
    entries: list[tuple[EntryView, ...]] = [(), ()]
    drawn: tuple[DiagramView, ...] = ()
    if facts is not None:
        entries = [entries_for(session, case, facts=facts, readable=readable, by=by, until=one) for one in (moment, at)]
        changes |= {(one.recorded_at, Changed.ENTRY) for one in entries[1]}
        if reader.follows:
            drawn, waits = _drawings(session, case, states[0].tasks, moment, at)
            not_kept += () if waits else (NotKept.WAITS,)
    then, now = (replace(state, entries=shown) for state, shown in zip(states, entries, strict=True))
    _write_down(session, case, facts, then, purpose=str(purpose), moment=moment, by=by, at=at)
    moments = sorted(_moments(changes), key=lambda one: one.at)
    view = CaseThen(
        case_id=case.id,
        number=case.number,
        opened_at=case.opened_at,
        moment=moment,
        seen_at=at,
        purpose=str(purpose),
        content=facts is not None,
        whole=reader.sees_all,
        then=then,
        now=now,
        diagrams=drawn,
        here=next((one.kinds for one in moments if one.at == moment), ()),
        before=next((one for one in reversed(moments) if one.at < moment), None),
        after=next((one for one in moments if one.at > moment), None),
        not_kept=not_kept,
    )
    held = {then.holder.person_id, now.holder.person_id} if facts is not None else set()
    return replace(
        view,
        organisations=organisations.called(session, _named(view)),
        people=organisations.names_of(session, held | {one.author_id for one in then.entries}),
    )


# --- who looks


@dataclass(frozen=True, slots=True)
class _Reader:
    by: Actor
    facts: Facts | None  #: None: looks after a log, and reads no content
    readable: Readable

    @property
    def sees_all(self) -> bool:
        """Who holds the case answers for it; who looks after a log looks at who could look."""
        return self.facts is None or self.facts.holder

    @property
    def follows(self) -> bool:
        return self.facts is not None and (self.facts.holder or self.readable.follows)


def _find(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> tuple[Case, Facts | None]:
    if by.role not in LOG_ROLES:
        case, facts = find_case(session, case_id, by=by, at=at)
        access.require(by, "look_back", facts, at=at)
        return case, facts
    found = _of_own(session, Case.id == case_id, by=by)
    access.require(by, "look_back_log", Facts(own_organisation=found is not None), at=at)
    access.require_second_factor(by)
    if found is None:
        raise NotFound(f"case {case_id}")
    return found, None


def _of_own(session: Session, which: object, *, by: Actor) -> Case | None:
    """A case that *by*'s organisation signalled, or ever had a part in, also when that is over."""
    ever = select(CaseParty.case_id).where(CaseParty.organisation_id == by.organisation_id)
    query = select(Case).where(
        which,  # type: ignore[arg-type]
        or_(Case.signaller_organisation_id == by.organisation_id, Case.id.in_(ever)),
    )
    with house(session):
        return session.scalar(query)


def _write_down(
    session: Session,
    case: Case,
    facts: Facts | None,
    then: State,
    *,
    purpose: str,
    moment: datetime,
    by: Actor,
    at: datetime,
) -> None:
    details = {"moment": moment.isoformat()}
    if facts is None:
        logbook.read(
            session, "case.looked_back", "case", case.id, case_id=case.id, by=by, at=at, purpose=purpose,
            rule="log", details=details,
        )  # fmt: skip
        return
    saw = {value.compartment for entry in then.entries for value in entry.values}
    saw |= {"C10"} if then.consents else set()
    saw |= {"C6"} if then.plan is not None else set()
    write_read(
        session, "case.looked_back", "case", case.id, case=case, facts=facts, purpose=purpose, saw=saw,
        details=details, by=by, at=at,
    )  # fmt: skip


def _named(view: CaseThen) -> Iterator[UUID | None]:
    for state in (view.then, view.now):
        yield state.holder.organisation_id
        yield from (one.organisation_id for one in state.parties)
        yield from (one.organisation_id for one in state.tasks)
        yield from (one.organisation_id for one in state.entries)
        yield from (one.organisation_id for one in state.readers)
        yield from (one.recipient_organisation_id for one in state.consents)
        if state.offered_to is not None:
            yield state.offered_to[0]
        if state.plan is not None:
            yield from (one.organisation_id for one in state.plan.actions)


# --- what there was


def _state(past: Past, reader: _Reader) -> State:
    by = reader.by
    readers = past.readers()
    if not reader.sees_all:
        readers = [one for one in readers if one.organisation_id == by.organisation_id]
    parties = past.parties() if reader.sees_all or reader.follows else []
    offered = past.offered() if reader.sees_all or reader.follows else None
    return State(
        status=past.status(),
        municipality_code=past.municipality()[0],
        holder=_cut(past.holder(), reader),
        parties=tuple(PartyThen(one.organisation_id, one.role, one.from_at, one.until_at) for one in parties),
        tasks=tuple(_tasks(past.tasks(), reader)),
        consents=tuple(_consents(past, reader)),
        plan=None if reader.facts is None else _plan(past, reader),
        readers=tuple(readers),
        blocked=len(past.blocks()) if reader.sees_all else 0,
        offered_to=None if offered is None else (offered.to_organisation_id, offered.to_role),
    )


def _cut(holder: HolderThen, reader: _Reader) -> HolderThen:
    """Who held it in person is not told to who looks after a log of another organisation."""
    if reader.facts is not None or holder.organisation_id == reader.by.organisation_id:
        return holder
    return replace(holder, person_id=None)


def _tasks(found: Iterable[TaskThen], reader: _Reader) -> Iterator[TaskThen]:
    """As the page of the case shows them: of all who may follow how it goes on, else of the own organisation."""
    if reader.facts is None:
        return
    for one in found:
        own = one.organisation_id == reader.by.organisation_id
        if own or (reader.follows and one.element_id != duplicates.ELEMENT):
            yield one


def _consents(past: Past, reader: _Reader) -> Iterator[ConsentThen]:
    if reader.facts is None or reader.readable.read.get("C10") not in (Scope.ALL, Scope.OWN):
        return
    kinds = past.kinds()

    def key(one: consent.Consent) -> tuple[object, ...]:
        return one.subject_id, one.recipient_organisation_id, one.recipient_kind, one.purpose, one.category

    newest = {key(one): one for one in past.answers()}
    answers = {key(one): one for one in past.consents()}  # of several about the same, the last one decided
    for one in answers.values():
        if not may_read(one, kinds.get(one.subject_id, ""), reader.readable, reader.by):
            continue
        over = None
        if one.held(past.at):
            if one.withdrawn_at is not None:
                over = "withdrawn"
            elif newest[key(one)] is not one:
                over = "replaced"
        yield ConsentThen(
            one.id, one.subject_id, one.recipient_organisation_id, one.recipient_kind, one.purpose, one.category,
            one.held(past.at), one.recorded_at, over,
        )  # fmt: skip


def _plan(past: Past, reader: _Reader) -> PlanView | None:
    """The version of then, with agreements as they stood; what was changed in one since is as it is now."""
    session, case, at = past.session, past.case, past.at
    scope = reader.readable.read.get("C6")
    versions = {one.id: one for one in past.plans()}
    plan = max((one for one in versions.values() if one.recorded_at <= at), key=lambda one: one.version, default=None)
    if plan is None or scope is None:
        return None
    everything = reads_plan(reader.readable, plan, reader.by)
    knows = everything or scope in _STATUS

    def stands_in(action: SupportAction) -> bool:
        return versions[action.plan_id].version <= plan.version <= versions[action.last_plan_id].version

    actions = []
    for action in plans.actions(session, case.id):
        if action.proposed_at > at:
            continue
        own = action.organisation_id is not None and action.organisation_id == reader.by.organisation_id
        mine = own and reader.by.role in ("supporter", "informal_supporter")
        if everything or mine:
            actions.append(_stood(view_of(action, mine=mine, in_plan=stands_in(action)), at))
        elif knows:
            view = _stood(view_of(action, mine=False, in_plan=stands_in(action)), at)
            actions.append(ActionView(view.number, view.status, in_plan=view.in_plan))
    if not knows and not actions:
        return None
    status = plan.status
    if plan.ended_at is not None and plan.ended_at > at:
        status = PlanStatus.AGREED if plan.parent_agreed_on is not None else PlanStatus.DRAFT
    return PlanView(
        version=plan.version,
        status=status,
        evaluation_on=plan.evaluation_on if knows else None,
        parent_agreed_on=plan.parent_agreed_on if everything else None,
        goals=tuple(GoalView(one.parent_words, one.dimension) for one in plans.goals(session, plan.id))
        if everything
        else (),
        actions=tuple(actions),
        withheld=not everything,
    )


def _stood(action: ActionView, at: datetime) -> ActionView:
    if action.ended_at is not None and action.ended_at <= at:
        return action
    accepted = action.accepted_at is not None and action.accepted_at <= at
    return replace(
        action,
        status="accepted" if accepted else "proposed",
        accepted_at=action.accepted_at if accepted else None,
        refused_reason=None,
        stop_reason=None,
        ended_at=None,
    )


def _drawings(
    session: Session, case: Case, tasks: Iterable[TaskThen], moment: datetime, at: datetime
) -> tuple[tuple[DiagramView, ...], bool]:
    """The drawings as they stood, and whether it is known where each of them waited."""
    views: dict[str, DiagramView] = {}
    known = True
    for run in processes.runs_of(session, "case", case.id):
        if run.started_at > moment:
            continue
        steps = processes.steps_of(session, [run.id])
        marks: dict[str, dict[str, str]] = {run.process_id: {}}
        for step in steps:
            if step.at <= moment:
                marks.setdefault(step.process_id, {})[step.element_id] = "done"
        live, sure = _live(session, run, steps, tasks, moment, at)
        known = known and sure
        for process_id, element_id in live:
            marks.setdefault(process_id, {})[element_id] = "live"
        bundle = diagrams.load(session, run.bundle_digest)
        for process_id, marked in marks.items():
            if (model := bundle.processes.get(process_id)) is not None:
                views[process_id] = DiagramView(
                    process_id, model.name or process_id,
                    draw.svg(model, marks=marked, **({} if moment >= at else {"here": "toen hier"})),
                    tuple(draw.outline(model, marks=marked)),
                )  # fmt: skip
    return tuple(views.values()), known


def _live(
    session: Session, run: Run, steps: list[StepTaken], tasks: Iterable[TaskThen], moment: datetime, at: datetime
) -> tuple[set[tuple[str, str]], bool]:
    """Where a run waited: at a task, at an event whose turn came later, and in the steps that call these."""
    if moment >= at or not any(step.at > moment for step in steps):
        present = set(processes.live_elements(session, run))
        if moment >= at:
            return present, True
    else:
        present = set()
    over = run.status == RunStatus.ENDED and run.ended_at is not None and run.ended_at <= moment
    if over:
        return set(), True
    bundle = diagrams.load(session, run.bundle_digest)
    live = {(one.process_id, one.element_id) for one in tasks if one.drawn}
    now_live = present or set(processes.live_elements(session, run))
    sure = True
    for process_id, model in bundle.processes.items():
        for node in model.nodes.values():
            if node.kind != "intermediateCatchEvent":
                continue
            before = {model.flows[flow].source for flow in node.incoming if flow in model.flows}
            # Of what waits beside each other for whatever comes first, one that came ends the others.
            beside = {node.id}
            for one in before:
                if model.nodes[one].kind == "eventBasedGateway":
                    beside |= {flow.target for flow in model.flows.values() if flow.source == one}
            came = [s.at for s in steps if s.process_id == process_id and s.element_id in before and s.at <= moment]
            went = [s.at for s in steps if s.process_id == process_id and s.element_id in beside]
            if not came or any(max(came) <= one <= moment for one in went):
                continue
            if any(one > moment for one in went) or (process_id, node.id) in now_live:
                live.add((process_id, node.id))
            else:
                sure = False  # it was stopped since, and whether before or after this moment is not known
    for _ in bundle.processes:  # a step that calls a drawing waits as long as that one does
        inside = {process_id for process_id, _ in live}
        live |= {
            (process_id, node.id)
            for process_id, model in bundle.processes.items()
            for node in model.nodes.values()
            if node.kind == "callActivity" and node.called in inside
        }
    return live, sure


# --- when something changed


def _changes(past: Past, reader: _Reader) -> set[tuple[datetime, Changed]]:
    """Moments at which something changed that *by* may know of. Entries are added by who reads these."""
    found = {(one.at, Changed.STATUS) for one in past.rows(CaseStatusChange)}
    if reader.sees_all or reader.follows:
        found |= {(line.at, Changed.HOLDER) for line in past.lines if line.event == "case.holder_moved"}
        for party in past.rows(CaseParty):
            found |= {(one, Changed.PARTY) for one in (party.from_at, party.until_at) if one is not None}
    if reader.facts is None:
        return found
    for task in past.all_tasks():
        own = task.organisation_id == reader.by.organisation_id
        if task.kind == "user" and (own or (reader.follows and task.element_id != duplicates.ELEMENT)):
            found |= {(one, Changed.TASK) for one in (task.opened_at, task.completed_at) if one is not None}
    kinds = past.kinds()
    if reader.readable.read.get("C10") in (Scope.ALL, Scope.OWN):
        for one in past.answers():
            if may_read(one, kinds.get(one.subject_id, ""), reader.readable, reader.by):
                found |= {(when, Changed.CONSENT) for when in (one.recorded_at, one.withdrawn_at) if when is not None}
    if reader.readable.read.get("C6") is not None and reader.follows:
        found |= {(one.recorded_at, Changed.PLAN) for one in past.plans()}
    return found


def _moments(changes: set[tuple[datetime, Changed]]) -> list[Moment]:
    found: dict[datetime, set[Changed]] = {}
    for at, kind in changes:
        found.setdefault(at, set()).add(kind)
    return [Moment(at, tuple(one for one in Changed if one in kinds)) for at, kinds in found.items()]


def _not_kept(past: Past, then: State, reader: _Reader) -> Iterator[NotKept]:
    if not past.log_is_whole:
        yield NotKept.LOG_CUT
    if past.rules_since:
        yield NotKept.RULES_SINCE
    if not then.holder.kept:
        yield NotKept.HOLDER
    elif not then.holder.person_kept:
        yield NotKept.HOLDER_PERSON
    if any(one.organisation_id is None for one in then.tasks):
        yield NotKept.TASK_TEAM
    if not past.municipality()[1]:
        yield NotKept.MUNICIPALITY
    if past.case.family_id is None:
        yield NotKept.ERASED
    if reader.follows and any(line.event == "entry.withdrawn" and line.at > past.at for line in past.lines):
        yield NotKept.TAKEN_BACK


__all__ = [
    "LOG_ROLES",
    "CaseThen",
    "Changed",
    "ConsentThen",
    "Entrance",
    "LookingBack",
    "Moment",
    "NotKept",
    "PartyThen",
    "State",
    "case_at",
    "case_by_number",
    "may_look_back",
]
