"""One generated family: people who answer at random, put off, give back, leave; and what must hold after every move."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from tests import builders
from tests.builders import Region
from tests.conftest import Clock
from tests.workflows import path
from workflows import cases, consent, diagrams, forms, jobs, method, organisations, processes
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import Doubtful, Invalid, Refusal
from workflows.forms import Field, Form
from workflows.jobs import Job, JobStatus
from workflows.method.facts import purpose_of
from workflows.method.tasks import form_of
from workflows.processes import Task, TaskStatus

MONTHS = 34
#: More than any family needs; a life that goes on longer has run in a circle.
MOST_MOVES = 400
#: How often a form's deciding answer is another than that of the long way: seldom at the door, or few families come in.
_TURNS = {
    "signal": 0.08,
    "taking_over": 0.3,
    "consent": 0.12,
    "routing": 0.15,
    "exploration": 0.15,
    "support_consent": 0.2,
}
#: What follows an evaluation, and how often.
_DECISIONS = {"continue": 6, "adjust": 4, "step_up": 2, "step_down": 2, "hand_over": 4, "close": 1}
#: Roles of people who join and leave in a life.
_WORKING = frozenset({"signaller", "explorer", "case_director", "process_director", "supporter"})


class Life:
    """A family from its first signal until its case is closed or its months are over."""

    def __init__(self, session: Session, region: Region, clock: Clock, seed: int) -> None:
        self.session = session
        self.region = region
        self.clock = clock
        self.dice = random.Random(seed)
        self.moves = 0
        self.happened: set[str] = set()
        self.people = [value for value in vars(region).values() if isinstance(value, Actor)]
        self.case_id: UUID | None = None

    def live(self) -> None:
        """Until the case is closed, or the months are over."""
        self._sometimes_add_people()
        by = self.region.midwife
        under_way = self.dice.random() < 0.15
        with self._move("start"):
            task = method.start_signal(self.session, by=by, at=self.clock(), under_way=under_way)
            self.case_id = task.subject_id
        ends = self.clock() + timedelta(days=30 * MONTHS)
        while not self.case.is_closed and self.clock() < ends and self.moves < MOST_MOVES:
            self._one_move()
            self.holds()
        assert self.moves < MOST_MOVES, "a life that runs in a circle"

    @property
    def case(self) -> Case:
        """The family's case as it is now."""
        found = self.session.get(Case, self.case_id)
        assert found is not None
        return found

    # -- what must hold

    def holds(self) -> None:
        """One holder, and an open task, a running term or a result; nothing is claimed by somebody who left."""
        case = self.case
        live = processes.tasks_of(self.session, "case", case.id, live_only=True)
        self._nothing_shared_unseen(case)
        if case.is_closed:
            assert case.result
            assert case.holder_organisation_id is None
            assert live == []
            return
        assert case.holder_organisation_id is not None
        assert case.holder_role is not None
        run = processes.run_of(self.session, "case", case.id)
        timer = self.session.scalar(
            select(Job.due_at).where(
                Job.kind == "run_timer", Job.subject_id == str(run.id), Job.status == JobStatus.PENDING
            )
        )
        bundle = diagrams.load(self.session, run.bundle_digest)
        terms = [
            element
            for process, element in processes.live_elements(self.session, run)
            if bundle.processes[process].nodes[element].kind == "intermediateCatchEvent"
        ]
        assert live or (timer is not None and terms), processes.live_elements(self.session, run)
        for task in live:
            if task.status == TaskStatus.CLAIMED:
                assert task.claimed_by is not None
                assert organisations.person(self.session, task.claimed_by).active

    def _nothing_shared_unseen(self, case: Case) -> None:
        """Nobody outside reads a category without a row that says so, with a ground and somebody's yes."""
        rows = {one.id: one for one in consent.disclosures(self.session, case.id)}
        if case.is_closed:
            assert all(one.ended_at is not None for one in rows.values())
            return
        for party in cases.parties(self.session, case.id):
            if party.organisation_id == case.signaller_organisation_id:
                continue
            assert party.disclosure_id is not None
            row = rows[party.disclosure_id]
            assert row.ended_at is None
            assert (row.recipient_organisation_id, row.role) == (party.organisation_id, party.role)
            assert row.consent_ids or row.ground == "anonymised"
            kind = organisations.organisation(self.session, party.organisation_id).type
            assert kind != "municipality" or not row.ground.startswith("consent")
            at = self.clock()
            asks = Actor(None, None, party.organisation_id, party.role, frozenset())
            purpose = purpose_of(self.session, case, by=asks)
            allowed = consent.granted(
                self.session,
                case_id=case.id,
                recipient_organisation_id=party.organisation_id,
                recipient_kind=kind,
                purpose=purpose or row.purpose,
                at=at,
            )
            assert allowed <= set(row.categories), (purpose, row.purpose, row.cause)

    # -- what happens

    def _one_move(self) -> None:
        self.moves += 1
        roll = self.dice.random()
        if roll < 0.25:
            self._time_passes()
        elif roll < 0.35:
            self._something_happens()
        else:
            self._somebody_works()

    def _time_passes(self) -> None:
        for _ in range(self.dice.choice((1, 3, 10, 30, 60))):
            self.clock.forward(days=1)
            self._due()

    def _due(self) -> None:
        for job_id in jobs.due_ids(self.session, at=self.clock(), limit=50):
            with self._move("job"):
                method.perform(self.session, job_id, at=self.clock())

    def _somebody_works(self) -> None:
        # In an order that is the same each time, also of what was opened at one moment: a seed is one life.
        live = sorted(
            processes.tasks_of(self.session, "case", self.case.id, live_only=True),
            key=lambda task: (task.opened_at, task.element_id, task.role, str(task.due_at)),
        )
        if not live:
            self._time_passes()
            return
        task = self.dice.choice(live)
        by = self._who(task)
        if by is None:
            self._time_passes()
            return
        if task.status == TaskStatus.OPEN:
            with self._move("claim"):
                method.claim_task(self.session, task.id, by=by, at=self.clock())
            if self.dice.random() < 0.1:
                with self._move("release"):
                    method.release_task(self.session, task.id, by=by, at=self.clock())
                return
        task = processes.task(self.session, task.id)
        if task.status != TaskStatus.CLAIMED:
            return
        answers = self.answers(task, by)
        with self._move(f"complete {task.form_key}"):
            self._complete(task, answers, by)

    def _complete(self, task: Task, answers: dict[str, Any], by: Actor) -> None:
        """Complete it; what is asked back is confirmed."""
        given: dict[str, Any] = {"answers": answers, "version": task.version, "by": by, "at": self.clock()}
        try:
            with self.session.begin_nested():
                method.complete_task(self.session, task.id, **given)
        except Doubtful as doubt:
            self.session.expire_all()
            method.complete_task(self.session, task.id, confirmed=frozenset(doubt.questions), **given)

    def _who(self, task: Task) -> Actor | None:
        """Somebody of the team; who claimed it when it is claimed."""
        team = [
            actor
            for actor in self.people
            if (actor.organisation_id, actor.role) == (task.organisation_id, task.role)
            and actor.person_id is not None
            and organisations.person(self.session, actor.person_id).active
        ]
        if task.status == TaskStatus.CLAIMED:
            team = [actor for actor in team if actor.person_id == task.claimed_by]
        return self.dice.choice(team) if team else None

    def _holder(self) -> Actor | None:
        case = self.case
        team = [
            actor
            for actor in self.people
            if (actor.organisation_id, actor.role) == (case.holder_organisation_id, case.holder_role)
            and actor.person_id is not None
            and organisations.person(self.session, actor.person_id).active
        ]
        return self.dice.choice(team) if team else None

    def _something_happens(self) -> None:
        by = self._holder()
        if by is None:
            return
        events: list[Callable[[Actor], None]] = [
            self._consent_is_withdrawn,
            self._consent_is_given,
            self._lost,
            self._born,
            self._moves,
            self._another_date,
            self._looks_back_sooner,
            self._takes_the_offer_back,
            self._somebody_leaves,
            self._somebody_joins,
        ]
        self.dice.choice(events)(by)

    def _born(self, by: Actor) -> None:
        with self._move("birth"):
            born = [{"name": f"Kind {number}"} for number in range(self.dice.choice((1, 1, 2)))]
            answers = {"birth_date": self._today(), "born": born, "preterm": "unknown", "told_by": "parent"}
            self._told(method.report_birth, answers, by)

    def _moves(self, by: Actor) -> None:
        with self._move("move"):
            where = self.dice.choice(("GM0983", "GM0957", "GM0988", "unknown"))
            answers = {
                "moved_on": self._today(),
                "new_municipality": where,
                "wants_to_continue": "yes",
                "youth_health_transfer": "not_applicable",
            }
            self._told(method.report_move, answers, by)

    def _another_date(self, by: Actor) -> None:
        with self._move("due date"):
            due = local_date(self.clock()) + timedelta(days=self.dice.choice((30, 90, 200)))
            answers = {"due_date": due.isoformat(), "due_date_certainty": "estimate"}
            self._told(method.change_due_date, answers, by)

    def _told(self, verb: Callable[..., Any], answers: dict[str, Any], by: Actor) -> None:
        """Tell it; what is asked back is confirmed."""
        try:
            with self.session.begin_nested():
                verb(self.session, self.case.id, answers=answers, by=by, at=self.clock())
        except Doubtful as doubt:
            self.session.expire_all()
            sure = frozenset(doubt.questions)
            verb(self.session, self.case.id, answers=answers, confirmed=sure, by=by, at=self.clock())

    def _looks_back_sooner(self, by: Actor) -> None:
        with self._move("evaluation request"):
            method.request_evaluation(self.session, self.case.id, by=by, at=self.clock())

    def _takes_the_offer_back(self, by: Actor) -> None:
        with self._move("offer withdrawn"):
            method.withdraw_handover(self.session, self.case.id, by=by, at=self.clock())

    def _consent_is_given(self, by: Actor) -> None:
        kinds = self.dice.sample(("youth_health", "municipality", "midwifery_practice", "welfare"), k=2)
        with self._move("consent given"):
            method.record_consent(
                self.session, self.case.id, answers=path.support_consent_answers(*kinds), by=by, at=self.clock()
            )

    def _somebody_leaves(self, _by: Actor) -> None:
        here = [one for one in self.people if one.role in _WORKING and self._active(one)]
        who = self.dice.choice(here) if here else None
        if who is not None and who.person_id is not None and self.dice.random() < 0.5:
            with self._move("left"):
                method.deactivate_person(self.session, who.person_id, by=self.region.administrator, at=self.clock())

    def _somebody_joins(self, _by: Actor) -> None:
        like = self.dice.choice([one for one in self.people if one.role in _WORKING])
        with self._move("joined"):
            where = organisations.organisation(self.session, like.organisation_id)  # type: ignore[arg-type]
            name = f"Nieuw {len(self.people)}"
            self.people.append(builders.actor(self.session, name, where, like.role, at=self.clock()))

    def _active(self, one: Actor) -> bool:
        return one.person_id is not None and organisations.person(self.session, one.person_id).active

    def _today(self) -> str:
        return local_date(self.clock()).isoformat()

    def _lost(self, by: Actor) -> None:
        if self.dice.random() < 0.2:
            with self._move("loss"):
                method.report_loss(self.session, self.case.id, answers=path.loss_answers(), by=by, at=self.clock())

    def _consent_is_withdrawn(self, by: Actor) -> None:
        given = [
            one for one in method.case_view(self.session, self.case.id, by=by, at=self.clock()).consents if one.is_yes
        ]
        if given and self.dice.random() < 0.3:
            with self._move("withdraw"):
                method.withdraw_consent(self.session, self.dice.choice(given).id, by=by, at=self.clock())

    def _sometimes_add_people(self) -> None:
        at = self.clock()
        region = self.region
        for name, where, role in (
            ("Cas Casusregisseur", region.youth_health, "case_director"),
            ("Rian Casusregisseur", region.municipality, "case_director"),
            ("Saar Steun", region.youth_health, "supporter"),
            ("Wout Steun", region.municipality, "supporter"),
        ):
            self.people.append(builders.actor(self.session, name, where, role, at=at))

    # -- answers

    def answers(self, task: Task, by: Actor) -> dict[str, Any]:
        """Answers that the form accepts: those of the long way, with some choices made at random."""
        form = form_of(self.session, task)
        choices = method.choices_for(self.session, form, self.case, by=by, at=self.clock())
        given = path.answers_for(form.key, self.clock())
        if form.key == "support_consent":
            given = path.support_consent_answers("youth_health", "municipality")
        if form.key == "exploration":
            given["conclusion"] = self.dice.choice(("hub_meeting", "hub_meeting", "pathway", "intervention"))
        if form.key == "support_plan":
            given |= self._plan([value for value, _ in choices.get("supporters", ())])
        for field in form.fields.values():
            if "[]" in field.path or "." in field.path or field.type not in ("radio", "select"):
                continue
            if self.dice.random() < (_TURNS.get(form.key, 0.4) if field.decides else 0.15):
                options = [option.value for option in field.options] or [
                    v for v, _ in choices.get(field.values_key or "", ())
                ]
                if options and field.path != "safety_concern":
                    given[field.path] = self.dice.choice(options)
        if form.key == "evaluation":
            given["evaluation_decision"] = self.dice.choices(list(_DECISIONS), list(_DECISIONS.values()))[0]
        return self._repaired(form, given, choices)

    def _plan(self, whom: list[str]) -> dict[str, Any]:
        """Things that professionals do as well; the next plan has other ones, or the same."""
        rows = path.support_plan_answers(self.clock())["actions"]
        for number in range(self.dice.randrange(3) if whom else 0):
            row = {"what": f"Afspraak {number}", "owner_kind": "professional", "organisation": self.dice.choice(whom)}
            rows.append({**row, "starts_on": self._today()})
        return {"actions": rows}

    def _repaired(self, form: Form, given: dict[str, Any], choices: Any) -> dict[str, Any]:
        """Fill what the random choices made necessary, and take away what they made wrong."""
        known = {one.split(".")[0].split("[]")[0] for one in (*form.fields, *form.rows)}
        for _ in range(10):
            gone = forms.hidden(form, given, choices=choices)
            sent = {name: value for name, value in given.items() if name not in gone and name in known}
            wrong = _wrong(form, sent, choices, local_date(self.clock()))
            if not wrong:
                return sent
            for name in wrong:
                if name in form.rows:
                    inside = [one for path_, one in form.fields.items() if path_.startswith(f"{name}[].")]
                    given[name] = [{one.key: self._some(one, choices) for one in inside if one.required}]
                    continue
                field = form.field_at(name)
                place, key = given, name
                if match := re.fullmatch(r"(\w+)\[(\d+)\]\.(\w+)", name):
                    place, key = given[match[1]][int(match[2])], match[3]
                assert field is not None, (form.key, wrong)
                place[key] = self._some(field, choices)
                if place[key] is None:  # nobody to choose, so another way is taken
                    given |= {"handover_choice": "cancel", "hub_result": "no_support"}
        raise AssertionError(f"no answers for {form.key}: {wrong} in {sent}")

    def _some(self, field: Field, choices: Mapping[str, Any]) -> Any:
        if field.type in ("radio", "select"):
            options = [option.value for option in field.options]
            options = options or [value for value, _ in choices.get(field.values_key or "", ())]
            return self.dice.choice(options) if options else None
        if field.type == "checklist":
            return [option.value for option in field.options][:1]
        if field.type == "checkbox":
            return True
        if field.type == "number":
            return int(field.validate.get("min", 0))
        if field.type == "datetime":
            return local_date(self.clock()).isoformat()
        return "09:30" if field.key == "meeting_time" else "Verzonnen tekst."

    @contextmanager
    def _move(self, what: str) -> Iterator[None]:
        """One verb: all or nothing; a refusal is an answer, anything else is a fault."""
        try:
            with self.session.begin_nested():
                yield
            self.happened.add(what)
        except Refusal:
            self.session.expire_all()
            self.happened.add(f"{what} refused")


def _wrong(form: Form, sent: Mapping[str, Any], choices: Any, on: date) -> Mapping[str, list[str]]:
    try:
        forms.clean(form, sent, on=on, choices=choices)
    except Invalid as refused:
        return refused.errors
    return {}


__all__ = ["Life"]
