"""What makes a handover warm, and what happens when something comes between: one team holds the case, whatever it is."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.clock import local_date
from engine.expressions import evaluate
from tests.workflows.handing import ACCEPTED, ASKED, REFUSED, REPLIED, SENT, World, offer, team_of
from tests.workflows.test_handovers import forms_of, sees, status, withdraw_all, work
from workflows import cases, handovers, method, processes
from workflows.errors import ConsentMissing, Invalid, Refusal
from workflows.handovers import HandoverKind, minimum_items, minimum_of
from workflows.method.effects import settle
from workflows.notifications import Notification

LACKING = {**REFUSED, "refused_reason": "not_enough_information", "missing": ["tried_before", "consent"]}


@pytest.fixture
def world(database, clock) -> World:
    return World(database, clock)


def told(world: World, by: Any) -> list[str]:
    """Kinds of notifications about handovers that wait for somebody."""
    found = world.look(method.notification_list, by=by)
    return sorted(one.kind for one in found if one.kind.startswith("handover"))


# --- what is asked of each kind


def test_each_kind_has_its_own_minimum_with_a_source_and_the_form_asks_it(world):
    data = tomllib.loads((Path(handovers.__file__).parent / "minimum.toml").read_text())
    assert set(data["kind"]) == set(HandoverKind)
    assert all(kind["tag"] and kind["source"] for kind in data["kind"].values())
    assert len({item.code for kind in HandoverKind for item in minimum_of(kind)}) == len(minimum_items())
    world.begun()
    task = world.take(world.region.midwife, "handover")
    form = world.look(method.task_form, task.id, by=world.region.midwife)

    for kind in HandoverKind:
        typed = {"handover_kind": str(kind), "handover_choice": "offer"}
        asked = {
            item.field
            for item in minimum_items().values()
            if not any(evaluate(text, typed) for text in form.fields[item.field].hide)
        }
        assert asked == {item.field for item in minimum_of(kind)}, kind
    for item in minimum_items().values():  # what no case holds is asked at once, the rest may be there already
        assert form.fields[item.field].required is not bool(item.held)


def test_less_than_the_minimum_is_not_prepared_and_what_the_case_holds_is_not_asked_again(world):
    world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    task = world.take(midwife, "handover")
    assert world.look(method.task_view, task.id, by=midwife).held == ("Wat de ouder vraagt, in eigen woorden",)
    kept = ("handover_choice", "receiver", "handover_reason", "why_now", "tried_before", "parent_expects")
    bare = {name: offer(nurse)[name] for name in kept}

    with pytest.raises(Invalid) as refused:
        world.complete(task, midwife, {**bare, "handover_kind": "case_director"})
    with pytest.raises(Invalid) as first:
        world.complete(task, midwife, {**bare, "handover_kind": "signaller_to_youth_health"})

    assert set(first.value.errors) == {"goes_well"}  # the signal holds the question
    assert set(refused.value.errors) == {"goes_well", "still_open", "people_involved", "next_appointment_on"}
    given = {"handover_kind": "signaller_to_youth_health", "goes_well": "Ze belt."}
    world.complete(task, midwife, {**bare, **given})


# --- back with a reason


def test_what_the_receiver_missed_is_a_task_each_and_goes_along_the_next_time(world, clock):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    world.fill(nurse, "handover_answer", LACKING)
    clock.forward(minutes=5)

    asked = [one for one in world.look(method.work_list, by=midwife).items if one.form_key == "handover_supplement"]
    assert sorted(one.name for one in asked) == [
        "Overdracht aanvullen: waarvoor toestemming is",
        "Overdracht aanvullen: wat is geprobeerd",
    ]
    assert told(world, midwife) == ["handover_back"]
    tried = next(one for one in asked if "geprobeerd" in one.name)
    taken = world.do(method.claim_task, tried.id, by=midwife)
    world.complete(taken, midwife, {"supplement": "Een groep was te druk."})
    task = world.take(midwife, "handover")
    known = world.look(method.task_view, task.id, by=midwife).answers
    assert known["why_now"] == "Ze verhuist naar haar moeder.\n\nEen groep was te druk."  # this kind does not ask it
    assert known["receiver"] == offer(nurse)["receiver"]
    world.complete(task, midwife, known)
    world.fill(midwife, "handover_offer", SENT)
    assert "handover_supplement" not in forms_of(world, midwife)  # it was sent without the other
    with world.database.reading() as session:
        [before, _] = handovers.of_case(session, case_id)
        assert (before.refused_reason, before.missing) == ("not_enough_information", ["tried_before", "consent"])


# --- who reads along, and who hears


def test_the_sender_reads_along_until_the_family_was_spoken_or_the_days_are_over(world, clock):
    midwife, nurse, roos = world.region.midwife, world.region.nurse, world.roos
    case_id = world.begun()
    world.hand(midwife, nurse)
    world.fill(nurse, "handover_answer", ACCEPTED)
    world.contact(nurse)
    assert sees(world, case_id, midwife)  # it came with the family, and keeps what it wrote
    world.complete(world.take(nurse, "exploration"), nurse)  # who still has something to do there keeps its part
    clock.forward(minutes=5)
    for spoken in (True, False):
        sender, receiver = (nurse, roos) if spoken else (roos, nurse)
        world.hand(sender, receiver)
        task = world.take(receiver, "handover_answer")
        planned = local_date(clock()) + timedelta(days=2)
        world.complete(task, receiver, {**ACCEPTED, "first_contact_on": planned.isoformat()})
        assert told(world, sender) == ["handover_taken"]
        [line] = [one for one in world.look(method.handover_list, case_id, by=sender) if one.status == "accepted"]
        assert line.overlap_until - clock() > timedelta(days=28)
        assert sees(world, case_id, sender)
        if spoken:
            world.contact(receiver)
            assert [one.case_id for one in world.look(method.contact_notices, by=sender)] == [case_id]
        else:
            clock.forward(days=27)
            work(world)
            assert sees(world, case_id, sender)
            clock.forward(days=2)
            work(world)
        assert not sees(world, case_id, sender)
        assert sees(world, case_id, receiver)
        clock.forward(days=1)


def test_the_sender_hears_when_the_term_passes_and_when_it_comes_back(world, clock):
    world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)

    clock.forward(days=5)
    work(world)
    assert told(world, midwife) == ["handover_waits"]
    assert "escalation" in forms_of(world, world.region.process_director)
    clock.forward(days=8)
    work(world)

    assert told(world, midwife) == ["handover_back", "handover_waits"]
    with world.database.reading() as session:
        kept = session.scalars(select(Notification).where(Notification.kind.like("handover_%"))).all()
        assert {one.subject_kind for one in kept} == {"case"}


def test_a_handover_without_a_live_talk_is_cold(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    world.fill(nurse, "handover_answer", ACCEPTED)
    world.fill(nurse, "handover_talk", {"talk_held": "no", "reason_no_talk": "Ze nam niet op."})
    world.fill(nurse, "handover_contact", {"first_contact_on": local_date(world.clock()).isoformat()})

    [line] = world.look(method.handover_list, case_id, by=midwife)
    assert (line.status, line.is_warm, line.talked) == ("completed", False, True)


# --- whatever comes between


def _again(world: World, case_id: Any) -> None:
    """The same answer twice, as from two windows."""
    nurse = world.region.nurse
    task = world.take(nurse, "handover_answer")
    world.complete(task, nurse, ACCEPTED)
    with pytest.raises(Refusal):
        world.complete(task, nurse, ACCEPTED)


def _taken_back(world: World, case_id: Any) -> None:
    nurse = world.region.nurse
    task = world.take(nurse, "handover_answer")
    world.do(method.withdraw_handover, case_id, by=world.region.midwife)
    with pytest.raises(Refusal):
        world.complete(task, nurse, ACCEPTED)


def _two_receivers(world: World, case_id: Any) -> None:
    card = world.take(world.region.nurse, "handover_answer")
    for by in (world.roos, world.carla, replace(world.region.nurse, role="case_director")):
        with pytest.raises(Refusal):
            world.complete(card, by, ACCEPTED)


def _receiver_loses_its_role(world: World, case_id: Any) -> None:
    nurse = world.region.nurse
    task = world.take(nurse, "handover_answer")
    for each in (nurse, world.region.nurse2):
        world.do(method.end_role, each.assignment_id, by=world.region.administrator)
    with pytest.raises(Refusal):
        world.complete(task, nurse, ACCEPTED)
    world.clock.forward(days=14)
    work(world)


def _receiver_stops(world: World, case_id: Any) -> None:
    world.take(world.region.nurse, "handover_answer")
    world.do(method.deactivate_organisation, world.region.youth_health.id, by=world.region.administrator)


def _consent_goes(world: World, case_id: Any) -> None:
    withdraw_all(world, case_id, "exploration")


def _closes(world: World, case_id: Any) -> None:
    with world.database.writing() as session:
        case = cases.lock(session, case_id)
        run = processes.run_of(session, "case", case_id)
        settle(
            session, case, run, processes.Change(ended=True), by=world.region.midwife, at=world.clock(),
            answers={"result": "regular_care", "contact_after": "De verloskundige"},
        )  # fmt: skip


def _loss(world: World, case_id: Any) -> None:
    answers = {"told_by": "parent", "contact_wish": "soon"}
    world.do(method.report_loss, case_id, answers=answers, by=world.region.midwife)


def _sender_leaves(world: World, case_id: Any) -> None:
    world.do(method.deactivate_person, world.region.midwife.person_id, by=world.region.administrator)


#: What happens → how each stage ends: the status, and who holds the case then.
FAULTS: dict[Callable[[World, Any], None], dict[str, tuple[str, str]]] = {
    _again: {"offered": ("accepted", "nurse")},
    _taken_back: {"offered": ("withdrawn", "midwife")},
    _two_receivers: {"offered": ("offered", "midwife")},
    _receiver_loses_its_role: {"offered": ("expired", "midwife")},
    _receiver_stops: {"offered": ("expired", "midwife")},
    _consent_goes: {
        "prepared": ("prepared", "midwife"),  # nobody knows of it, and sending it is refused
        "offered": ("expired", "midwife"),
        "asked": ("expired", "midwife"),
    },
    _closes: dict.fromkeys(("prepared", "offered", "asked"), ("expired", "")),
    _loss: {"prepared": ("expired", "midwife"), "asked": ("expired", "midwife")},
    _sender_leaves: {"prepared": ("prepared", "team"), "offered": ("offered", "team"), "asked": ("asked", "team")},
}
CASES = [(fault, stage, *ends) for fault, stages in FAULTS.items() for stage, ends in stages.items()]


@pytest.mark.parametrize(("fault", "stage", "ends", "holder"), CASES, ids=lambda one: getattr(one, "__name__", one))
def test_whatever_comes_between_ends_in_a_known_state_with_one_holder(world, fault, stage, ends, holder):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.fill(midwife, "handover", offer(nurse))
    if stage != "prepared":
        world.fill(midwife, "handover_offer", SENT)
    if stage == "asked":
        world.fill(nurse, "handover_answer", ASKED)
    assert status(world, case_id) == [stage]

    fault(world, case_id)

    assert status(world, case_id) == [ends]
    teams = {
        "midwife": team_of(midwife),
        "nurse": team_of(nurse),
        "team": (midwife.organisation_id, midwife.role, None),
        "": (None, None, None),
    }
    assert world.holder(case_id) == teams[holder]
    waits = forms_of(world, nurse) if ends != "accepted" and fault is not _receiver_loses_its_role else []
    assert ("handover_answer" in waits) == (ends == "offered")
    if ends == "expired" and holder:
        assert "handover" in forms_of(world, midwife) or fault is _loss
        assert not {"handover_offer", "handover_question"} & set(forms_of(world, midwife))
    if ends == "prepared" and fault is _consent_goes:
        task = world.take(midwife, "handover_offer")
        with pytest.raises(ConsentMissing):
            world.complete(task, midwife, SENT)
    if holder == "team":  # a colleague goes on where the sender was
        colleague = world.region.midwife2
        waiting = {"prepared": "handover_offer", "asked": "handover_question"}.get(stage)
        if waiting:
            world.fill(colleague, waiting, SENT if stage == "prepared" else REPLIED)
        world.fill(nurse, "handover_answer", ACCEPTED)
        assert world.holder(case_id) == team_of(nurse)


STEPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("midwife", "handover_offer", SENT),
    ("nurse", "handover_answer", ASKED),
    ("midwife", "handover_question", REPLIED),
    ("nurse", "handover_answer", ACCEPTED),
)


class _CutOffError(Exception):
    """As when the process dies with everything done and nothing kept; test_kills does so with real processes."""


def test_cut_off_before_any_step_is_kept_nothing_happened_and_it_can_be_done_again(world):
    case_id = world.begun()
    region = world.region
    world.fill(region.midwife, "handover", offer(region.nurse))
    for who, form, answers in STEPS:
        by = getattr(region, who)
        task = world.take(by, form)
        before = (status(world, case_id), world.holder(case_id))
        with pytest.raises(_CutOffError), world.database.writing() as session:
            method.complete_task(session, task.id, by=by, answers=answers, version=task.version, at=world.clock())
            session.flush()
            raise _CutOffError
        assert (status(world, case_id), world.holder(case_id)) == before
        world.complete(task, by, answers)
    assert (status(world, case_id), world.holder(case_id)) == (["accepted"], team_of(region.nurse))


def test_when_the_clock_goes_back_the_term_ends_with_the_day_in_the_netherlands(world, clock):
    world.clock.now = datetime(2027, 10, 28, 9, tzinfo=UTC)  # Thursday; winter time begins that Sunday
    case_id = world.begun()
    world.fill(world.region.midwife, "handover", offer(world.region.nurse, next_appointment_on="2027-12-01"))
    world.fill(world.region.midwife, "handover_offer", {**SENT, "warm_contact_on": "2027-10-29"})
    [card] = [
        one for one in world.look(method.work_list, by=world.region.nurse).items if one.form_key == "handover_answer"
    ]
    assert card.due_at == datetime(2027, 11, 2, 22, 59, 59, tzinfo=UTC)
    for moment, ends in (
        (datetime(2027, 11, 9, 22, 59, 58, tzinfo=UTC), "offered"),
        (datetime(2027, 11, 9, 23, tzinfo=UTC), "expired"),
    ):
        clock.now = moment
        work(world)
        assert status(world, case_id) == [ends]
        assert world.holder(case_id) == team_of(world.region.midwife)


def test_a_case_on_earlier_drawings_is_handed_over_as_it_was_drawn_then(database, clock):
    world = World(database, clock, earlier=True)
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    said = {
        **{name: offer(nurse)[name] for name in ("handover_choice", "handover_kind", "receiver", "handover_reason")},
        "why_now": "Ze verhuist.", "warm_contact_form": "phone", "warm_contact_on": "2026-11-03", "parent_present": "yes",
    }  # fmt: skip
    world.fill(midwife, "handover", said)
    assert status(world, case_id) == ["offered"]
    world.fill(nurse, "handover_answer", REFUSED)
    clock.forward(minutes=5)
    world.fill(midwife, "handover", said)
    clock.forward(minutes=5)
    world.do(method.withdraw_handover, case_id, by=midwife)
    clock.forward(minutes=5)
    world.fill(midwife, "handover", said)
    world.fill(nurse, "handover_answer", ACCEPTED)
    world.fill(nurse, "handover_contact", {"first_contact_on": local_date(clock()).isoformat()})

    assert status(world, case_id) == ["refused", "withdrawn", "completed"]
    assert world.holder(case_id) == team_of(nurse)
    assert world.look(method.handover_list, case_id, by=midwife)[0].is_warm
