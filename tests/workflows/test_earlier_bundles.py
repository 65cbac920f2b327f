"""Cases that began with the drawings of an earlier release finish on those, whatever was published since.

The files and the answers are those of release 0.1, kept as they were: what changes here is the house around them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.bundle import digest_of
from engine.clock import local_date
from tests import builders
from tests.engine.golden import make
from tests.workflows import path
from workflows import cases, consent, diagrams, method, processes, worker
from workflows.actor import OPERATOR, Actor
from workflows.diagrams import SUFFIXES, StoredBundle, StoredFile
from workflows.processes import Task

EARLIER = make.HERE / "0.1" / "shipped"
#: Forms of the long way, in order; the case can be stopped before each.
WAY = ("signal", "consent", "routing", "exploration", "feedback", "follow_up", "closure")


def files() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(EARLIER.iterdir()) if file.suffix in SUFFIXES}


def answers(form: str, at: datetime) -> dict[str, Any]:
    """What was answered on the forms of 0.1."""
    today = local_date(at)
    given: dict[str, dict[str, Any]] = {
        "signal": {
            "support_request_own_words": "Ik kom niet rond en weet niet waar ik moet beginnen.",
            "unclear_question": "no",
            "phase": "pregnant",
            "due_date": (today + timedelta(days=140)).isoformat(),
            "due_date_certainty": "dating_scan",
            "multiple_pregnancy": False,
            "parity": 0,
            "parent_name": "Noor Voorbeeld",
            "birth_date": "1998-05-17",
            "living_situation": "address",
            "postcode": "5911 AB",
            "municipality_code": builders.VENLO,
            "preferred_language": "nl",
            "interpreter_needed": False,
            "reading_support": False,
            "safe_contact": "call",
            "safe_contact_detail": "Bel na zes uur",
            "partner_involved": "unknown",
            "protective_factors": ["asks_for_help"],
            "risk_categories": ["KW04", "KW11"],
            "vulnerability_level": "vulnerable",
            "assessed_together": "yes",
            "safety_concern": "no",
            "urgency": "regular",
        },
        "consent": {
            "consent_result": "given",
            "subject": "parent",
            "given_by": "self",
            "information_given": ["what", "why", "which_data", "with_whom", "may_refuse", "may_withdraw"],
            "consent_form": "oral",
            "consent_language": "nl",
            "interpreter_used": False,
            "share_youth_health": "yes",
            "share_youth_health_categories": ["C0", "C1", "C3", "C4", "C6"],
            "share_feedback": "yes",
            "share_feedback_categories": ["C1"],
            "share_municipality": "no",
            "validity": "end_of_step",
        },
        "routing": {
            "advised_route": "exploration",
            "themes": ["money", "network"],
            "single_or_multiple": "multiple",
            "route": "exploration",
            "decided_with_parent": "yes",
        },
        "exploration": {
            "contacts": [
                {
                    "date": today.isoformat(),
                    "form": "home_visit",
                    "present": ["parent"],
                    "interpreter": False,
                    "result": "took_place",
                }
            ],
            "what_goes_well": "Ze vraagt hulp.",
            "wishes": "Rust in huis.",
            "what_first": "De post openen.",
            "vulnerability_level_after": "vulnerable",
            "safety_assessed": "yes",
            "safety_concern": "no",
            "conclusion": "pathway",
            "decided_with_parent": "yes",
        },
        "feedback": {"given_on": today.isoformat(), "channel": "phone", "shared": ["contact_took_place"]},
        "follow_up": {
            "follow_up_kind": "pathway",
            "agreement": "Samen naar het geldloket.",
            "responsible": "De verkenner",
            "start_date": today.isoformat(),
            "evaluation_date": (today + timedelta(days=60)).isoformat(),
            "agreed_with_parent": "yes",
        },
        "closure": {"result": "goals_reached", "closing_talk": "yes", "contact_after": "De wijkverpleegkundige"},
        "escalation": {"cause": "no_capacity", "action": "keep_trying"},
        "loss_follow_up": {
            "contact_moments": [{"date": today.isoformat(), "form": "phone"}],
            "aftercare": "no",
            "contact_after": "De verloskundige",
        },
    }
    return given[form]


class Earlier(path.World):
    """A region that works with 0.1; the rules for publishing were others then, so it is stored as it was."""

    def __init__(self, database: Any, clock: Callable[[], datetime]) -> None:
        self.database = database
        self.clock = clock
        stored = files()
        self.digest = digest_of(stored)
        with database.writing() as session:
            self.region = builders.region(session, clock())
            session.add(StoredBundle(digest=self.digest, published_at=clock(), published_by=None, is_current=True))
            session.flush()
            session.add_all(StoredFile(digest=self.digest, name=name, data=data) for name, data in stored.items())

    def publish(self, **changed: bytes) -> str:
        """From now on new cases start with the drawings of today, or with a variant of them."""
        with self.database.writing() as session:
            return diagrams.publish(session, {**path.shipped(), **changed}, by=OPERATOR, at=self.clock())

    def live(self, case_id: UUID) -> list[Task]:
        with self.database.reading() as session:
            return processes.tasks_of(session, "case", case_id, live_only=True)

    def who(self, task: Task) -> Actor:
        region = self.region
        return {
            (region.practice.id, "signaller"): region.midwife,
            (region.youth_health.id, "explorer"): region.nurse,
            (region.municipality.id, "process_director"): region.process_director,
        }[task.organisation_id, task.role]

    def step(self, task: Task) -> None:
        """Whoever has the turn looks at the task, takes it and completes it."""
        by = self.who(task)
        if task.status == "open":
            task = self.do(method.claim_task, task.id, by=by)
        view = self.look(method.task_view, task.id, by=by)
        assert view.form is not None
        self.do(method.save_draft, task.id, answers={}, version=view.task.version, by=by)
        self.complete(task, by, answers(view.form.key, self.clock()))

    def until(self, form: str) -> UUID:
        """A case that stands before the step with this form."""
        case_id: UUID = self.start().subject_id
        for expected in WAY[: WAY.index(form)]:
            [task] = self.live(case_id)
            assert task.form_key == expected
            self.step(task)
        return case_id

    def finish(self, case_id: UUID) -> list[str]:
        """Play on until nothing waits; returns the forms that were passed."""
        passed = []
        while live := self.live(case_id):
            assert len(passed) < 20
            passed.append(str(live[0].form_key))
            self.step(live[0])
        return passed

    def work(self) -> None:
        while worker.run_once(self.database, self.clock()):
            pass

    def check_over(self, case_id: UUID, result: str) -> None:
        """Closed on the drawings that the case began with; nothing is left and nobody holds it."""
        with self.database.reading() as session:
            case = cases.lock(session, case_id)
            run = processes.run_of(session, "case", case_id)
            assert (case.status, case.result, case.holder_organisation_id) == ("closed", result, None)
            assert (run.status, run.bundle_digest) == ("ended", self.digest)
            assert processes.tasks_of(session, "case", case_id, live_only=True) == []
        view = self.look(method.case_view, case_id, by=self.region.midwife)
        assert view.entries
        assert {entry.bundle_digest for entry in view.entries} == {self.digest}


@pytest.fixture
def world(database, clock) -> Earlier:
    return Earlier(database, clock)


@pytest.mark.parametrize("stop", WAY)
def test_a_case_finishes_on_the_drawings_it_began_with(world, stop):
    case_id = world.until(stop)

    newer = world.publish()

    assert newer != world.digest
    assert world.look(method.case_view, case_id, by=world.region.midwife).diagrams
    assert world.finish(case_id) == list(WAY[WAY.index(stop) :])
    world.work()
    world.check_over(case_id, "goals_reached")


@pytest.mark.parametrize("stop", WAY)
def test_a_loss_stops_a_case_of_earlier_drawings(world, stop):
    case_id = world.until(stop)
    world.publish()

    world.do(
        method.report_loss, case_id, answers={"told_by": "parent", "contact_wish": "soon"}, by=world.region.midwife
    )

    assert world.finish(case_id) == ["loss_follow_up"]
    world.check_over(case_id, "loss")


@pytest.mark.parametrize("stop", WAY[WAY.index("routing") :])
def test_consent_can_be_taken_back_in_a_case_of_earlier_drawings(world, stop):
    case_id = world.until(stop)
    world.publish()
    midwife = world.region.midwife
    with world.database.reading() as session:
        agreed = [one.id for one in consent.of_case(session, case_id) if one.is_yes and one.purpose == "exploration"]

    assert agreed
    for consent_id in agreed:
        world.do(method.withdraw_consent, consent_id, by=midwife)
    world.work()

    assert {task.organisation_id for task in world.live(case_id)} == {world.region.practice.id}
    assert {task.form_key for task in world.live(case_id)} >= {"follow_up"}


def test_a_term_that_ends_is_seen_in_a_case_of_earlier_drawings(world):
    case_id = world.until("exploration")
    world.publish()

    world.clock.forward(days=30)
    world.work()

    assert {task.form_key for task in world.live(case_id)} == {"exploration", "escalation"}
    [late] = [task for task in world.live(case_id) if task.form_key == "escalation"]
    world.step(late)
    assert world.finish(case_id) == list(WAY[WAY.index("exploration") :])
    world.check_over(case_id, "goals_reached")


def test_a_task_that_is_late_is_withdrawn_with_the_rest(world):
    case_id = world.until("exploration")
    world.clock.forward(days=30)
    world.work()
    world.publish()

    [exploring] = [task for task in world.live(case_id) if task.form_key == "exploration"]
    world.step(exploring)
    [feedback] = [task for task in world.live(case_id) if task.form_key == "feedback"]
    world.step(feedback)

    assert world.finish(case_id) == ["follow_up", "closure"]
    world.check_over(case_id, "goals_reached")


def test_new_cases_begin_with_what_is_new_and_each_variant_keeps_its_own(world):
    first = world.until("routing")
    second_digest = world.publish()
    second = world.start().subject_id
    drawing = path.shipped()["signaleren.bpmn"].replace(b"<bpmn:documentation>", b"<bpmn:documentation>Nieuw. ", 1)
    third_digest = world.publish(**{"signaleren.bpmn": drawing})
    third = world.start().subject_id

    with world.database.reading() as session:
        pinned = [processes.run_of(session, "case", case_id).bundle_digest for case_id in (first, second, third)]
    assert pinned == [world.digest, second_digest, third_digest]
    assert len(set(pinned)) == 3
    world.finish(first)
    world.check_over(first, "goals_reached")


def test_earlier_drawings_stay_readable_but_are_not_published_again(world):
    with world.database.reading() as session:
        assert diagrams.load(session, world.digest).digest == world.digest

    missing = {found.code for found in method.check_diagrams(files())[1]}

    assert missing == {"frame_missing"}
