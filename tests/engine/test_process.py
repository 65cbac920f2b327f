"""Claims about a run: what waits, what a completion does, and what is refused."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine import limits
from engine.errors import ExpressionFailed, RouteUndecided, StepNotWaiting, TooManySteps
from engine.model import EventSpec, Loop, TimerSpec
from engine.process import HalfWay, Process
from tests.engine.diagrams import NOW, Player, bundle, step, terms, waits
from tests.engine.sketch import sketch

MESSAGE = {"event": EventSpec("message", "loss")}


def start(*models, process_id=None, **scalars):
    return Process.start(bundle(*models), process_id or models[0].id, now=NOW, terms=terms, scalars=scalars)


def play(*models, process_id=None, **scalars) -> Player:
    return Player(bundle(*models), bundle(*models), process_id or models[0].id, **scalars)


def passed(process) -> list[str]:
    return [step.element_id for step in process.taken]


# -- what waits


def test_a_waiting_step_tells_all_that_a_task_needs():
    model = sketch(
        "start1 > a > end1",
        a={
            "name": "Gesprek voeren",
            "documentation": "Vraag eerst wat goed gaat.",
            "properties": {"term": "first_contact", "accepts_holdership": "true"},
        },
    )

    [waiting] = start(model).waiting()

    assert (waiting.process_id, waiting.element_id, waiting.name) == ("p", "a", "Gesprek voeren")
    assert (waiting.kind, waiting.role, waiting.documentation) == ("user", "supporter", "Vraag eerst wat goed gaat.")
    assert (waiting.term, waiting.opened_at, waiting.due_at) == ("first_contact", NOW, NOW + timedelta(days=5))
    assert waiting.properties == {"term": "first_contact", "accepts_holdership": "true"}
    assert waiting.item is None


def test_a_service_task_waits_for_a_worker_that_knows_its_topic():
    process = start(sketch("start1 > serve_letter > end1", serve_letter={"topic": "send_letter"}))

    [waiting] = process.waiting()
    assert (waiting.kind, waiting.topic) == ("service", "send_letter")

    process.complete(waiting.key, {"sent": True})
    assert process.ended
    assert process.scalars["sent"] is True


def test_a_step_has_the_properties_of_the_steps_that_call_it_and_its_own_win():
    inner = sketch("start1 > a > end1", id="inner", a={"properties": {"case_status": "own"}})
    middle = sketch("start1 > call1 > end1", id="middle", call1={"called": "inner", "properties": {"place": "middle"}})
    outer = sketch(
        "start1 > call1 > end1",
        id="outer",
        call1={"called": "middle", "properties": {"case_status": "theirs", "place": "outer", "far": "yes"}},
    )

    [waiting] = start(outer, middle, inner).waiting()

    assert waiting.properties == {"case_status": "own", "place": "middle", "far": "yes"}


def test_every_deciding_name_is_always_there():
    model = sketch(
        "start1 > a > xor1 > end1", "xor1 > a", conditions={"xor1__a": "again"}, xor1={"default": "xor1__end1"}
    )

    assert start(model).scalars == {"again": None}
    assert play(model, again=False).process.scalars == {"again": False}


def test_what_is_live_includes_the_calling_step_and_its_events():
    inner = sketch("start1 > a > end1", id="inner")
    outer = sketch(
        "start1 > call1 > end1", "on_loss > b > end2", id="outer",
        call1={"called": "inner"}, on_loss={"attached_to": "call1", **MESSAGE},
    )  # fmt: skip

    assert set(start(outer, inner).live) == {("outer", "call1"), ("outer", "on_loss"), ("inner", "a")}


# -- completing


def test_a_completion_runs_on_to_the_next_waits_and_tells_what_it_passed():
    inner = sketch("start1 > a > end1", id="inner")
    outer = sketch("start1 > call1 > xor1 > b > end1", "xor1 > end2", id="outer", call1={"called": "inner"},
                   conditions={"xor1__b": 'outcome = "agreed"'}, xor1={"default": "xor1__end2"})  # fmt: skip
    process = start(outer, inner)
    assert passed(process) == ["start1", "start1"]

    process.complete(step(process, "a").key, {"outcome": "agreed"})

    assert waits(process) == ["b"]
    assert [(s.process_id, s.element_id) for s in process.taken[2:]] == [
        ("inner", "a"), ("inner", "end1"), ("outer", "call1"), ("outer", "xor1"),
    ]  # fmt: skip
    assert [(s.kind, s.at, s.scalars) for s in process.taken[2:4]] == [
        ("userTask", NOW, {"outcome": "agreed"}),
        ("endEvent", NOW, {}),
    ]


def test_keys_stay_the_same_after_every_resume_and_are_never_given_out_twice():
    player = play(sketch("start1 > a > xor1 > b > end1", "xor1 > a", conditions={"xor1__a": "again"},
                         xor1={"default": "xor1__b"}), again=True)  # fmt: skip
    keys = []
    for _ in range(20):
        keys.append(step(player.process, "a").key)
        player.do("a")

    assert len(set(keys)) == 20


@pytest.mark.parametrize("key", ["", "0", "999", "x", "-1", "２"])
def test_a_key_that_does_not_wait_is_refused_and_nothing_moves(key):
    process = start(sketch("start1 > a > end1"))
    before = process.dump()

    with pytest.raises(StepNotWaiting):
        process.complete(key, {"outcome": "agreed"})

    assert process.dump() == before
    assert waits(process) == ["a"]


def test_a_step_is_completed_once():
    process = start(sketch("start1 > and1 > a > and2 > end1", "and1 > b > and2"))
    key = step(process, "a").key
    process.complete(key, {})

    with pytest.raises(StepNotWaiting):
        process.complete(key, {})

    assert waits(process) == ["b"]


def test_the_key_of_a_gateway_that_waits_is_not_a_step():
    process = start(sketch("start1 > and1 > a > and2 > end1", "and1 > b > and2"))
    process.complete(step(process, "a").key, {})
    waiting = {step(process, "b").key}

    for number in range(20):
        if str(number) not in waiting:
            with pytest.raises(StepNotWaiting):
                process.complete(str(number), {})


@pytest.mark.parametrize(
    "outcomes",
    [
        {"x": {"typename": "UUID", "value": "x"}},
        {"x": ["a"]},
        {"x": b"a"},
        {"x": object()},
        {"x": float("nan")},
        {"x": float("inf")},
        {"x": 2**80},
        {"x": "a" * 1_001},
        {"x": "a\x00b"},
        {"x": "regel\nregel"},
        {"": 1},
        {"x" * 101: 1},
        {1: "x"},
        {f"n{number}": number for number in range(301)},
    ],
)
def test_only_few_short_scalars_enter_the_state(outcomes):
    process = start(sketch("start1 > a > end1"))
    before = process.dump()

    with pytest.raises(ValueError, match=r"outcome"):
        process.complete(step(process, "a").key, outcomes)

    assert process.dump() == before


@pytest.mark.parametrize("value", ["typename", "ï¿½'\"<>&;--", "🙂", "true", "", 0, -1.5, True, False, None, 2**53])
def test_scalars_come_back_as_they_were(value):
    player = play(sketch("start1 > a > b > end1"))
    player.do("a", typename=value)

    assert player.process.scalars["typename"] == value
    assert type(player.process.scalars["typename"]) is type(value)


# -- routes


def test_a_condition_that_is_neither_true_nor_false_picks_no_flow():
    model = sketch("start1 > a > xor1 > b > end1", "xor1 > c > end2",
                   conditions={"xor1__b": "count > 3"}, xor1={"default": "xor1__c"})  # fmt: skip
    process = start(model)
    stored = process.dump()

    with pytest.raises((RouteUndecided, ExpressionFailed)):
        process.complete(step(process, "a").key, {})

    again = Process.resume(bundle(model), stored, now=NOW, terms=terms)
    again.complete(step(again, "a").key, {"count": 4})
    assert waits(again) == ["b"]


@pytest.mark.parametrize("answer", ["yes", 1, 0, None])
def test_only_true_and_false_decide(answer):
    process = start(sketch("start1 > a > xor1 > b > end1", "xor1 > c > end2",
                           conditions={"xor1__b": "answer"}, xor1={"default": "xor1__c"}))  # fmt: skip

    with pytest.raises(RouteUndecided):
        process.complete(step(process, "a").key, {"answer": answer})


def test_after_a_failure_the_object_refuses_every_further_use():
    process = start(sketch("start1 > a > xor1 > b > end1", "xor1 > c > end2",
                           conditions={"xor1__b": "answer"}, xor1={"default": "xor1__c"}))  # fmt: skip
    key = step(process, "a").key
    with pytest.raises(RouteUndecided):
        process.complete(key, {})

    for use in (process.dump, process.waiting, process.run_due, process.reschedule, lambda: process.message("loss"),
                lambda: process.complete(key, {"answer": True})):  # fmt: skip
        with pytest.raises(HalfWay):
            use()


def test_an_inclusive_gateway_takes_every_flow_that_holds_and_waits_for_those_only():
    model = sketch("start1 > a > or1 > b > or2 > end1", "or1 > c > or2", "or1 > d > or2",
                   conditions={"or1__b": "n > 1", "or1__c": "n > 2"}, or1={"default": "or1__d"})  # fmt: skip
    for n, expected in ((0, ["d"]), (2, ["b"]), (3, ["b", "c"])):
        player = play(model)
        player.do("a", n=n)
        assert player.waits == expected
        player.do(*expected)
        assert player.process.ended


def test_a_terminate_end_takes_everything_of_its_own_level_away():
    player = play(sketch("start1 > and1 > a > stop1", "and1 > b > end1"))
    player.do("a")

    assert player.process.ended
    assert player.waits == []


def test_a_business_rule_asks_its_table_and_the_route_follows():
    table = b"""<?xml version="1.0"?><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"
      namespace="urn:t"><decision id="routering" name="Routering"><decisionTable id="t" hitPolicy="UNIQUE">
      <input id="i1" label="thema's"><inputExpression id="e1" typeRef="number"><text>themes</text></inputExpression></input>
      <output id="o1" label="advies" name="advice" typeRef="string"/>
      <rule id="r1"><inputEntry id="c1"><text>&lt;= 1</text></inputEntry><outputEntry id="u1"><text>"path"</text></outputEntry></rule>
      <rule id="r2"><inputEntry id="c2"><text>&gt; 1</text></inputEntry><outputEntry id="u2"><text>"explore"</text></outputEntry></rule>
      </decisionTable></decision></definitions>"""
    model = sketch("start1 > a > decide1 > xor1 > b > end1", "xor1 > c > end2", decide1={"decision": "routering", "result": "route"},
                   conditions={"xor1__b": 'route = "path"'}, xor1={"default": "xor1__c"})  # fmt: skip
    model = replace(model, properties={"scalars": "themes"})
    files = {"routering.dmn": table}
    process = Process.start(bundle(model, files=files), "p", now=NOW, terms=terms)

    process.complete(step(process, "a").key, {"themes": 3})

    assert waits(process) == ["c"]
    assert process.scalars["route"] == "explore"
    [asked] = [step for step in process.taken if step.element_id == "decide1"]
    assert asked.scalars == {"route": "explore"}


# -- messages, errors


def test_a_loss_interrupts_two_levels_deep_and_nothing_of_it_remains():
    inner = sketch("start1 > and1 > a > and2 > end1", "and1 > b > and2", id="inner")
    middle = sketch("start1 > call1 > end1", id="middle", call1={"called": "inner"})
    outer = sketch("start1 > call1 > c > end1", "on_loss > d > end2", id="outer", call1={"called": "middle"},
                   on_loss={"attached_to": "call1", **MESSAGE})  # fmt: skip
    player = play(outer, middle, inner)
    player.do("a")

    assert player.process.message("loss", {"kind": "miscarriage"})
    player.reload()

    assert player.waits == ["d"]
    assert player.process.scalars["kind"] == "miscarriage"
    player.do("d")
    assert player.process.ended


def test_a_message_that_nothing_awaits_changes_nothing():
    process = start(sketch("start1 > a > end1"))
    before = process.dump()

    assert process.message("loss", {"kind": "x"}) is False
    assert process.dump() == before


def test_a_message_reaches_everything_that_awaits_it_at_that_moment():
    player = play(sketch("start1 > and1 > a > and2 > end1", "and1 > b > and2", "on_a > c > end2",
                         "on_b > d > end3", on_a={"attached_to": "a", **MESSAGE}, on_b={"attached_to": "b", **MESSAGE}))  # fmt: skip
    assert player.process.message("loss")
    player.reload()
    assert player.waits == ["c", "d"]
    assert player.process.message("loss") is False


def test_an_event_that_interrupts_nothing_happens_as_often_as_it_is_told():
    model = sketch("start1 > a > end1", "on_move > b > end2",
                   on_move={"attached_to": "a", "interrupting": False, "event": EventSpec("message", "move")})  # fmt: skip
    player = play(model)
    for _ in range(3):
        assert player.process.message("move")
        player.reload()
    assert player.waits == ["a", "b", "b", "b"]

    player.do("a", "b", "b", "b")
    assert player.process.ended


def test_an_event_sub_process_listens_as_long_as_its_process_lives_and_does_not_keep_it_alive():
    model = sketch("start1 > a > end1", "begin_move > b > stay",
                   sub_move={"event_subprocess": True},
                   begin_move={"kind": "startEvent", "parent": "sub_move", "interrupting": False,
                               "event": EventSpec("message", "move")},
                   b={"parent": "sub_move"}, stay={"kind": "endEvent", "parent": "sub_move"})  # fmt: skip
    player = play(model)
    assert player.process.message("move")
    assert player.process.message("move")
    player.reload()
    assert player.waits == ["a", "b", "b"]

    player.do("b", "a")
    assert not player.process.ended
    player.do("b")
    assert player.process.ended
    assert player.process.message("move") is False


def test_the_first_event_after_an_event_gateway_takes_the_others_away():
    model = sketch("start1 > wait1 > catch_answer > a > end1", "wait1 > catch_time > b > end2",
                   catch_answer={"event": EventSpec("message", "answer")},
                   catch_time={"event": EventSpec("timer", timer=TimerSpec("duration", "P3D"))})  # fmt: skip
    player = play(model)
    assert player.process.due_at == NOW + timedelta(days=3)
    assert player.process.message("answer")
    player.reload()
    assert player.waits == ["a"]
    assert player.process.due_at is None

    player = play(model)
    assert player.pass_time(NOW + timedelta(days=3)) == 1
    assert player.waits == ["b"]
    assert player.process.message("answer") is False


def test_an_error_goes_to_who_names_it_before_who_catches_all():
    inner = sketch("start1 > a > end1", id="inner", end1={"event": EventSpec("error", "unsafe")})
    outer = sketch("start1 > call1 > z > end1", "on_any > b > end2", "on_unsafe > c > end3", id="outer", call1={"called": "inner"},
                   on_any={"attached_to": "call1", "event": EventSpec("error")},
                   on_unsafe={"attached_to": "call1", "event": EventSpec("error", "unsafe")})  # fmt: skip
    player = play(outer, inner)
    player.do("a")
    assert player.waits == ["c"]


def test_an_escalation_tells_whoever_listens_and_the_step_goes_on():
    inner = sketch(
        "start1 > throw_worry > a > end1", id="inner", throw_worry={"event": EventSpec("escalation", "worry")}
    )
    outer = sketch("start1 > x > call1 > end1", "on_worry > b > end2", id="outer", call1={"called": "inner"},
                   on_worry={"attached_to": "call1", "interrupting": False, "event": EventSpec("escalation", "worry")})  # fmt: skip
    player = play(outer, inner)
    player.do("x")
    assert player.waits == ["a", "b"]


# -- many and again


@pytest.mark.parametrize("kind", ["parallel", "sequential"])
def test_two_hundred_instances_each_know_their_item(kind):
    model = sketch("start1 > a > b > end1", a={"loop": Loop(kind, cardinality="200", item="n")})
    player = play(model)
    seen = []
    while player.waits[:1] == ["a"]:
        waiting = player.process.waiting()
        assert len(waiting) == (200 - len(seen) if kind == "parallel" else 1)
        seen.append(waiting[0].item)
        player.do("a")

    assert seen == list(range(200))
    assert player.waits == ["b"]


def test_instances_follow_a_list_and_their_conditions_read_the_item():
    model = sketch(
                   "start1 > sub1 > end1", "begin > xor1 > a > xor2 > finish", "xor1 > b > xor2",
                   conditions={"xor1__a": 'who = "x"'},
                   sub1={"loop": Loop("parallel", collection='["x", "y"]', item="who")},
                   begin={"kind": "startEvent", "parent": "sub1"}, xor1={"parent": "sub1", "default": "xor1__b"},
                   a={"parent": "sub1"}, b={"parent": "sub1"}, xor2={"parent": "sub1"},
                   finish={"kind": "endEvent", "parent": "sub1"})  # fmt: skip
    player = play(model)

    assert [(step.element_id, step.item) for step in player.process.waiting()] == [("a", "x"), ("b", "y")]
    assert "who" not in player.process.scalars
    player.do("b", "a")
    assert player.process.ended


def test_instances_stop_as_soon_as_it_is_enough():
    model = sketch("start1 > a > b > end1",
                   a={"loop": Loop("parallel", cardinality="5", condition="nrOfCompletedInstances = 2")})  # fmt: skip
    player = play(model)
    player.do("a")
    assert player.waits == ["a"] * 4
    player.do("a")
    assert player.waits == ["b"]


@pytest.mark.parametrize(("count", "error"), [(201, TooManySteps), (10**15, TooManySteps), (-1, RouteUndecided),
                                              (1.5, RouteUndecided), ("3", RouteUndecided), (None, RouteUndecided),
                                              (True, RouteUndecided)])  # fmt: skip
def test_an_impossible_number_of_instances_is_refused(count, error):
    assert limits.INSTANCES == 200
    model = sketch("start1 > a > b > end1", b={"loop": Loop("parallel", cardinality="count")})
    process = start(model)
    with pytest.raises(error):
        process.complete(step(process, "a").key, {"count": count})


def test_no_instances_at_all_is_a_step_that_is_skipped():
    player = play(sketch("start1 > a > b > c > end1", b={"loop": Loop("parallel", cardinality="count")}))
    player.do("a", count=0)
    assert player.waits == ["c"]


def test_a_process_that_does_not_come_to_rest_is_stopped():
    body = {"loop": Loop("standard", condition="true", maximum=200)}
    inner = sketch("start1 > sub1 > end1", "begin > xor1 > xor2 > finish", id="inner", sub1=body,
                   begin={"kind": "startEvent", "parent": "sub1"}, xor1={"parent": "sub1"}, xor2={"parent": "sub1"},
                   finish={"kind": "endEvent", "parent": "sub1"})  # fmt: skip
    outer = sketch("start1 > a > call1 > end1", id="outer", call1={"called": "inner", **body})
    process = start(outer, inner)

    with pytest.raises(TooManySteps):
        process.complete(step(process, "a").key, {})


# -- threads


def test_eight_threads_share_one_bundle_without_meeting():
    inner = sketch("start1 > a > end1", id="inner")
    outer = sketch("start1 > and1 > call1 > and2 > xor1 > end1", "and1 > b > and2", "xor1 > c > end2", id="outer", call1={"called": "inner", "loop": Loop("parallel", cardinality="3")},
                   conditions={"xor1__c": "n > 4"}, xor1={"default": "xor1__end1"})  # fmt: skip
    shared, problems = bundle(outer, inner), []

    def work(seed: int) -> None:
        try:
            for turn in range(25):
                chance = random.Random(f"{seed}/{turn}")
                process = Process.start(shared, "outer", now=NOW, terms=terms)
                while not process.ended:
                    chosen = chance.choice(process.waiting())
                    process.complete(chosen.key, {"n": seed, "mine": f"{seed}-{turn}"})
                    process = Process.resume(shared, process.dump(), now=NOW, terms=terms)
                    assert process.scalars["mine"] == f"{seed}-{turn}"
                    assert ("c" in waits(process)) <= (seed > 4)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        Process.start(bundle(sketch("start1 > a > end1")), "p", now=datetime(2026, 1, 1), terms=terms)
    assert start(sketch("start1 > a > end1")).waiting()[0].opened_at.tzinfo is UTC
