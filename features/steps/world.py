"""What the steps of one scenario share: a database, a clock, people, and the case they talk about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import jobs, method
from workflows.actor import Actor
from workflows.db import Database
from workflows.errors import Refusal

#: Who is meant → the name under which the region knows this person.
PEOPLE: Mapping[str, str] = {
    "verloskundige": "midwife",
    "verloskundigenpraktijk": "midwife",
    "collega van de verloskundige": "midwife2",
    "verpleegkundige": "nurse",
    "andere verpleegkundige": "nurse2",
    "jeugdgezondheidszorg": "nurse",
    "procesregisseur": "process_director",
    "andere verloskundige": "other_midwife",
    "logbeheerder": "log_manager",
    "beheerder": "administrator",
    "beleidsambtenaar van Venlo": "directory_editor",
    "beleidsambtenaar van Weert": "weert_editor",
    "aandachtsfunctionaris van de praktijk": "protection_officer",
    "aandachtsfunctionaris van de jeugdgezondheidszorg": "youth_protection_officer",
}


class Clock(Protocol):
    """Says what time it is (UTC) and moves when asked."""

    def __call__(self) -> datetime: ...

    def forward(self, **parts: float) -> datetime: ...


class World:
    """One scenario. Every step opens and closes its own transaction, as a door does."""

    def __init__(self, database: Database, clock: Clock, region: Callable[[Session, datetime], Any]) -> None:
        self.database = database
        self.clock = clock
        self.region = region
        self.people: Any = None
        self.signal: dict[str, Any] = {}
        self.case_id: UUID | None = None
        self.completion: Any = None
        self.digest = ""
        self.refusal: Refusal | None = None
        self.lost: dict[str, Any] = {}
        self.lost_task: UUID | None = None
        #: Who joined in this scenario, beside the people of the region.
        self.others: dict[str, Actor] = {}
        self.kept: UUID | None = None
        self.cases: list[UUID] = []
        self.meeting_id: UUID | None = None
        self.looked: list[Any] = []
        self.emergency_id: UUID | None = None
        self.outside: Any = None
        self.opened: Any = None
        self.passed: list[Any] = []

    def actor(self, who: str) -> Actor:
        actor: Actor = self.others[who] if who in self.others else getattr(self.people, PEOPLE[who])
        return actor

    def join(self, who: str, person_id: UUID, assignment_id: UUID, organisation_id: UUID, role: str) -> None:
        """Somebody whom the region does not have and this scenario needs."""
        self.others[who] = Actor(person_id, assignment_id, organisation_id, role)

    def do(self, verb: Callable[..., Any], *arguments: Any, who: str, **more: Any) -> Any:
        """Call a verb in a transaction that may change things."""
        with self.database.writing() as session:
            return verb(session, *arguments, by=self.actor(who), at=self.clock(), **more)

    def look(self, verb: Callable[..., Any], *arguments: Any, who: str, **more: Any) -> Any:
        """Call a verb in a transaction that only reads."""
        with self.database.reading() as session:
            return verb(session, *arguments, by=self.actor(who), at=self.clock(), **more)

    def tasks(self, who: str) -> list[Any]:
        """The cards on somebody's work list."""
        return list(self.look(method.work_list, who=who).items)

    def task(self, who: str, name: str) -> Any:
        """The one card with this name on somebody's work list."""
        named = [card for card in self.tasks(who) if card.name == name]
        assert len(named) == 1, f"{who}: {[card.name for card in self.tasks(who)]}"
        return named[0]

    def take(self, who: str, name: str) -> Any:
        """Take the task if one does not have it yet; the card as it is then."""
        card = self.task(who, name)
        if not card.mine:
            self.do(method.claim_task, card.id, who=who)
            card = self.task(who, name)
        return card

    def form(self, who: str, name: str) -> dict[str, Any]:
        """What the form of a task already says when it is opened."""
        return dict(self.look(method.task_view, self.take(who, name).id, who=who).answers)

    def complete(self, who: str, name: str, answers: Mapping[str, Any]) -> Any:
        """Take the task and complete it."""
        card = self.take(who, name)
        self.completion = self.do(method.complete_task, card.id, answers=answers, version=card.version, who=who)
        return self.completion

    def refused(self, verb: Callable[..., Any], *arguments: Any, who: str, **more: Any) -> Refusal | None:
        """Why a verb is refused; None when it is not."""
        try:
            self.do(verb, *arguments, who=who, **more)
        except Refusal as refusal:
            return refusal
        return None

    def pass_days(self, days: int) -> None:
        """Let days go by; whatever falls due is done on its day, each job in its own transaction."""
        for _ in range(days):
            self.clock.forward(days=1)
            while True:
                with self.database.reading() as session:
                    due = list(jobs.due_ids(session, at=self.clock(), limit=50))
                if not due:
                    break
                for job_id in due:
                    with self.database.writing() as session:
                        method.perform(session, job_id, at=self.clock())

    def case(self, who: str = "verloskundige") -> Any:
        """The case as somebody may see it."""
        return self.look(method.case_view, self.case_id, who=who)

    def today(self, days: int = 0) -> str:
        """A day near the clock's, as an answer on a form."""
        return (self.clock() + timedelta(days=days)).date().isoformat()
