"""What was true of a case at a moment: read back from rows that say from when until when, and from the logbook.

Nothing is guessed. What a row or line does not say is None, and whoever shows it says that it was not kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, consent, families, logbook, organisations, plans, processes
from workflows.access import Facts, Scope
from workflows.actor import Actor
from workflows.cases import Case, CaseBlock, CaseParty, CaseStatusChange
from workflows.consent import PURPOSES, WITHOUT_DATA, CaseGround, Consent, Disclosure, DisclosureCause, Purpose
from workflows.emergencies import EmergencyAccess
from workflows.handovers import Handover
from workflows.logbook import LoggedChange
from workflows.method.facts import NOWHERE, RECEIVING_ROLES, kind_of
from workflows.plans import SupportPlan
from workflows.processes import Task, TaskStatus

Row = TypeVar("Row")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HolderThen:
    """Who held the case. ``kept`` false: nobody can say any more. ``person_kept``: whether it is known who did so in person;
    with *person_id* None that is: nobody."""

    organisation_id: UUID | None
    role: str | None
    person_id: UUID | None
    person_kept: bool = True
    kept: bool = True

    @property
    def team(self) -> tuple[UUID | None, str | None]:
        """Organisation and role."""
        return self.organisation_id, self.role


@dataclass(frozen=True, slots=True)
class TaskThen:
    """A task that waited. Without an organisation: it went to another team since, and from which was not kept."""

    id: UUID
    name: str
    form_key: str | None
    process_id: str
    element_id: str
    organisation_id: UUID | None
    role: str | None
    claimed: bool
    opened_at: datetime
    drawn: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What an organisation in a role could read: compartment → how far. ``people``: how many could act so that day."""

    organisation_id: UUID
    role: str
    holder: bool
    read: Mapping[str, Scope]
    grounds: Mapping[str, str] = field(default_factory=dict)
    people: int = 0
    blocked: int = 0
    through: str = "party"  #: party, emergency, or the cause of an act of sharing


class Past:
    """A case at one moment, each part read when it is asked for and then once, whatever other moment is asked about.
    Whoever uses it asked access, and reads as the house."""

    def __init__(
        self,
        session: Session,
        case: Case,
        at: datetime,
        *,
        untold: bool = False,
    ) -> None:
        """
        Args:
            untold: for who looks after a log: also who stepped aside without the holder hearing of it.
        """
        self.session, self.case, self.at, self.untold = session, case, at, untold
        self.lines = [one for one in logbook.lines(session, case_id=case.id) if one.outcome == "success"]
        self._known: dict[object, Any] = {}

    def moved(self, at: datetime) -> Past:
        """The same case at another moment; what was read of it is not read again."""
        other = copy(self)
        other.at = at
        return other

    def rows(self, kind: type[Row]) -> list[Row]:
        """All that the case has or had of one kind, whatever the moment."""
        mapped: Any = kind
        return self._once(
            kind, lambda: list(self.session.scalars(select(mapped).where(mapped.case_id == self.case.id)))
        )

    def answers(self) -> list[Consent]:
        """Every answer about consent, the oldest first, whatever the moment."""
        return self._once(Consent, lambda: consent.of_case(self.session, self.case.id))

    def all_tasks(self) -> list[Task]:
        """Every task of the case, whatever the moment."""
        return self._once(Task, lambda: processes.tasks_of(self.session, "case", self.case.id))

    def plans(self) -> list[SupportPlan]:
        """Every version of the plan, whatever the moment."""
        return self._once(SupportPlan, lambda: plans.versions(self.session, self.case.id))

    def kinds(self) -> dict[UUID, str]:
        """Who is what in the family; nobody of a family that is erased."""
        family_id = self.case.family_id
        if family_id is None:
            return {}
        return self._once("kinds", lambda: {one.id: one.kind for one in families.members(self.session, family_id)})

    def _once(self, key: object, read: Callable[[], T]) -> T:
        if key not in self._known:
            self._known[key] = read()
        found: T = self._known[key]
        return found

    @property
    def log_is_whole(self) -> bool:
        """Whether the logbook still goes back to the beginning of the case."""
        return any(one.event == "case.opened" for one in self.lines)

    @property
    def rules_since(self) -> bool:
        """Whether the rules of access are others than they were: then today's stand in for them."""
        before = [one.policy for one in self.lines if one.at <= self.at and one.policy]
        return bool(before) and before[-1] != access.POLICY

    def status(self) -> str | None:
        """The last status that it had got."""
        found = [one for one in self.rows(CaseStatusChange) if one.at <= self.at]
        return max(found, key=lambda one: one.ordinal).status if found else None

    def municipality(self) -> tuple[str | None, bool]:
        """Which one was responsible, and whether that was kept."""
        later = [one for one in self.lines if one.event in _MOVING and one.at > self.at]
        if not later:
            return self.case.municipality_code, True
        known = _MOVING[later[0].event] in later[0].details
        return later[0].details.get(_MOVING[later[0].event]), known

    def holder(self) -> HolderThen:
        """Who held it."""
        if self.case.closed_at is not None and self.case.closed_at <= self.at:
            return HolderThen(None, None, None)
        if not any(one.event in _HOLDING and one.at > self.at for one in self.lines):
            case = self.case
            if case.closed_at is None:
                return HolderThen(case.holder_organisation_id, case.holder_role, case.holder_person_id)
        found = HolderThen(None, None, None, person_kept=False, kept=False)
        for line in self.lines:
            if line.at > self.at:
                break
            if line.event == "case.opened":
                found = HolderThen(line.organisation_id, line.role, line.person_id)
            elif line.event == "case.holder_moved":
                details = line.details
                to, person = details.get("to_organisation_id"), details.get("to_person_id")
                found = HolderThen(
                    UUID(to) if to else line.organisation_id,
                    details.get("to_role"),
                    UUID(person) if person else None,
                    person_kept="to_person_id" in details,
                )
        return found

    def parties(self) -> list[CaseParty]:
        """Who had a part in it, in order of joining."""
        found = [one for one in self.rows(CaseParty) if one.from_at <= self.at and _runs(one.until_at, self.at)]
        return sorted(found, key=lambda one: (one.from_at, one.id))

    def consents(self) -> list[Consent]:
        """Every answer that had been given."""
        return [one for one in self.answers() if one.recorded_at <= self.at]

    def disclosures(self) -> list[Disclosure]:
        """Acts of sharing on which something could be read."""
        found = self._once(Disclosure, lambda: consent.disclosures(self.session, self.case.id))
        return [one for one in found if one.at <= self.at and _runs(one.ended_at, self.at)]

    def grounds(self) -> list[CaseGround]:
        """Grounds beside consent that ran."""
        found = [one for one in self.rows(CaseGround) if one.from_at <= self.at < one.until_at]
        return [one for one in found if _runs(one.ended_at, self.at)]

    def blocks(self) -> list[CaseBlock]:
        """Whom it was closed to; for who holds the case of whom they were told, or it would tell of safety or a review."""
        found = [one for one in self.rows(CaseBlock) if one.since <= self.at and _runs(one.until_at, self.at)]
        return [one for one in found if self.untold or one.organisation_id is not None]

    def emergencies(self) -> list[EmergencyAccess]:
        """Who could read it because of an emergency."""
        found = [one for one in self.rows(EmergencyAccess) if one.opened_at <= self.at < one.until_at]
        return [one for one in found if _runs(one.ended_at, self.at)]

    def offered(self) -> Handover | None:
        """The handover that waited for an answer."""
        found = [one for one in self.rows(Handover) if one.offered_at is not None and one.offered_at <= self.at]
        waiting = [one for one in found if _runs(one.answered_at, self.at) and _runs(one.ended_at, self.at)]
        return max(waiting, key=lambda one: one.offered_at or self.at, default=None)

    def tasks(self) -> list[TaskThen]:
        """Tasks that waited for somebody, in the order in which they were opened."""
        about: dict[str, list[LoggedChange]] = {}
        for line in self.lines:
            if line.subject_kind == "task":
                about.setdefault(line.subject_id, []).append(line)
        found = []
        for task in self.all_tasks():
            if task.opened_at > self.at:
                continue
            lines = about.get(str(task.id), [])
            state = self._state(task, [one for one in lines if one.at <= self.at])
            if state is None:
                continue
            moved = next((one for one in lines if one.event == "task.moved" and one.at > self.at), None)
            team: tuple[Any, Any] = (task.organisation_id, task.role)
            if moved is not None:
                was = moved.details.get("from_organisation_id")
                team = (UUID(was), moved.details.get("from_role")) if was else (None, None)
            then = TaskThen(
                task.id, task.name, task.form_key, task.process_id, task.element_id, team[0], team[1],
                state == TaskStatus.CLAIMED, task.opened_at, not processes.is_own(task),
            )  # fmt: skip
            found.append(then)
        return sorted(found, key=lambda one: (one.opened_at, one.id))

    def _state(self, task: Task, lines: Sequence[LoggedChange]) -> TaskStatus | None:
        """Open, claimed, or nothing any more."""
        state: TaskStatus | None = TaskStatus.OPEN
        if any(one.event == "signal.started" and one.details.get("task") == task.id.hex for one in self.lines):
            state = TaskStatus.CLAIMED  # who begins a signal has its task at once
        for line in lines:
            state = _AFTER.get(line.event, state)
        if state is None or task.status in (TaskStatus.OPEN, TaskStatus.CLAIMED):
            return state
        if task.completed_at is not None and task.completed_at <= self.at:
            return None
        return state

    def readers(self) -> list[Sight]:
        """Which organisation in which role could read what: parties, and who could read it in an emergency. What is about
        safety, and who was told something about safety, is never in it."""
        found = []
        for party in self.parties():
            facts = self.facts(party.organisation_id, party.role)
            by = Actor(NOWHERE, None, party.organisation_id, party.role)  # anybody of the team
            seen = access.visible(by, facts)
            people, blocked = self._people(party.organisation_id, party.role)
            sight = Sight(
                party.organisation_id, party.role, facts.holder,
                {name: scope for name, scope in seen.read.items() if name not in _NOT_SHOWN},
                {name: str(ground) for name, ground in seen.grounds.items() if name not in _NOT_SHOWN},
                people, blocked,
            )  # fmt: skip
            found.append(sight)
        here = {(one.organisation_id, one.role) for one in found}
        for act in self.disclosures():
            if act.recipient_organisation_id is None or act.role is None or not act.categories:
                continue
            if (act.recipient_organisation_id, act.role) in here or self._is_silent(act):
                continue
            people, blocked = self._people(act.recipient_organisation_id, act.role)
            read = dict.fromkeys((one for one in act.categories if one not in _NOT_SHOWN), Scope.ALL)
            grounds = dict.fromkeys(read, act.ground)
            found.append(
                Sight(act.recipient_organisation_id, act.role, False, read, grounds, people, blocked, act.cause)
            )
        for one in self.emergencies():
            opened = access.EMERGENCY_READS.get(one.role, {})
            read = {name: scope for name, scope in opened.items() if name not in _NOT_SHOWN}
            found.append(Sight(one.organisation_id, one.role, False, read, {}, 1, 0, "emergency"))
        return found

    def facts(self, organisation_id: UUID, role: str) -> Facts:
        """What was true between the case and an organisation in a role, whoever of it looked."""
        case = self.case
        purpose = self._purpose(organisation_id, role)
        agreed, agreed_by = self._agreed(organisation_id, purpose)
        grounds = self._opened(organisation_id, role)
        at_home = organisation_id == case.signaller_organisation_id
        place = at_home or role in WITHOUT_DATA or role not in PURPOSES
        place = place or bool(self._agreed(organisation_id, PURPOSES.get(role))[0])
        closed = case.closed_at is not None and case.closed_at <= self.at
        if not agreed and not grounds and not closed and not place:
            return Facts()
        return Facts(
            own_organisation=at_home,
            party_roles=frozenset(one.role for one in self.parties() if one.organisation_id == organisation_id),
            holder=self.holder().team == (organisation_id, role),
            consent_categories=agreed,
            agreed_by=agreed_by,
            purpose=purpose,
            grounds=grounds,
        )

    def _agreed(self, organisation_id: UUID, purpose: Purpose | None) -> tuple[frozenset[str], access.Ground]:
        return self._once(
            ("agreed", organisation_id, purpose, self.at), lambda: self._answered(organisation_id, purpose)
        )

    def _answered(self, organisation_id: UUID, purpose: Purpose | None) -> tuple[frozenset[str], access.Ground]:
        ground = access.Ground.CONSENT_OF_SUBJECT
        if purpose is None:
            return frozenset(), ground
        kind = kind_of(self.session, organisation_id)
        allowed = consent.allowing(
            self.session,
            case_id=self.case.id,
            recipient_organisation_id=organisation_id,
            recipient_kind=kind,
            purpose=purpose,
            at=self.at,
            as_it_was=True,
        )
        if access.ground_for(kind, given_by=allowed.given_by, on=local_date(self.at)) is None:
            return frozenset(), ground
        if allowed.given_by - {consent.GivenBy.SELF}:
            ground = access.Ground.CONSENT_OF_REPRESENTATIVE
        return allowed.categories, ground

    def _purpose(self, organisation_id: UUID, role: str) -> Purpose | None:
        purpose = PURPOSES.get(role)
        team = (organisation_id, role)
        if role not in RECEIVING_ROLES or self.holder().team == team:
            return purpose
        offered = self.offered()
        if offered is None or (offered.to_organisation_id, offered.to_role) != team:
            return purpose
        if any((one.organisation_id, one.role) == team for one in self.parties()):
            rested = [
                one
                for one in self.disclosures()
                if (one.recipient_organisation_id, one.role) == team and one.cause != DisclosureCause.GROUND
            ]
            return Purpose(rested[-1].purpose) if rested and rested[-1].purpose else purpose
        return Purpose.HANDOVER

    def _opened(self, organisation_id: UUID, role: str) -> dict[str, access.Ground]:
        if role not in access.OPENED:
            return {}
        return {
            category: access.Ground(one.ground)
            for one in sorted(self.grounds(), key=lambda one: one.ground)
            if (one.recipient_organisation_id, one.recipient_role) == (organisation_id, role)
            for category in one.categories
            if one.ground in access.BESIDE_CONSENT and category in access.openable(role, one.ground)
        }

    def _people(self, organisation_id: UUID, role: str) -> tuple[int, int]:
        """How many could act so then, and to how many of them the case was closed."""
        where = self.municipality()[0]
        team = self._once(
            ("team", organisation_id, role, where, self.at),
            lambda: organisations.team_then(
                self.session, organisation_id=organisation_id, role=role, municipality=where, at=self.at
            ),
        )
        closed = team & {one.person_id for one in self.blocks()}
        return len(team - closed), len(closed)

    @staticmethod
    def _is_silent(act: Disclosure) -> bool:
        return act.ground in access.GROUNDS and access.GROUNDS[access.Ground(act.ground)].silent


#: Safety is nobody's to read of others, and the log is no part of the case.
_NOT_SHOWN = frozenset({"C5", "C11"})
#: Line that may give a case another municipality → where it says which one it was of before.
_MOVING: Mapping[str, str] = {
    "case.relocated": "from",
    "signal.recorded": "municipality_before",
    "case.taken_over": "municipality_before",
}
_HOLDING = frozenset({"case.holder_moved", "case.closed"})
#: What a task is after a line about it.
_AFTER: Mapping[str, TaskStatus | None] = {
    "task.claimed": TaskStatus.CLAIMED,
    "task.assigned": TaskStatus.CLAIMED,
    "task.undone": TaskStatus.CLAIMED,
    "task.released": TaskStatus.OPEN,
    "task.lease_ended": TaskStatus.OPEN,
    "task.moved": TaskStatus.OPEN,
    "task.completed": None,
    "task.withdrawn": None,
}


def _runs(until: datetime | None, at: datetime) -> bool:
    return until is None or until > at


__all__ = ["HolderThen", "Past", "Sight", "TaskThen"]
