"""Ways without a step, what a message leaves running, and timers that nobody hears: on shapes of a few words."""

from __future__ import annotations

import pytest

from engine.invariants import Without, needs, silent_timers, told, uninterrupted, wordings
from engine.model import EventSpec, Flow, Loop, ProcessModel, TimerSpec
from tests.engine.diagrams import Player, bundle
from tests.engine.sketch import sketch

LOSS = EventSpec("message", "loss")
TIMER = EventSpec("timer", timer=TimerSpec("duration", "P1D"))


def without(*models: ProcessModel, gate: str = "ask", **more) -> tuple[bool, set[str]]:
    """Whether the first process can end without passing *gate*, and the steps reached without."""
    walk = Without({model.id: model for model in models}, lambda _, node: node.id == gate, **more)
    ends = walk.walk(models[0].id)
    return ends, {element for _, element in walk.steps}


@pytest.mark.parametrize(
    ("lines", "ends", "reached"),
    [
        (["start > ask > a > end"], False, {"start", "ask"}),
        (["start > xor > ask > a > end", "xor > a"], True, {"start", "xor", "ask", "a", "end"}),
        (
            ["start > and1 > ask > and2 > a > end", "and1 > b > and2"],
            False,
            {"start", "and1", "ask", "b"},
        ),
        (
            ["start > and1 > c > and2 > a > end", "and1 > b > and2"],
            True,
            {"start", "and1", "c", "b", "and2", "a", "end"},
        ),
        (["start > xor1 > a > xor2 > ask > end", "xor2 > xor1"], False, {"start", "xor1", "a", "xor2", "ask"}),
        (["start > ask > a > stop", "start2 > b"], False, {"start", "ask", "start2", "b"}),
    ],
)
def test_a_way_without_a_step_is_found(lines, ends, reached):
    assert without(sketch(*lines)) == (ends, reached)


def test_what_happens_at_the_edge_of_a_step_comes_without_it():
    edge = {"attached_to": "ask", "event": LOSS}
    shape = sketch("start > ask > a > end", "on_loss > b > end2", on_loss=edge)

    assert without(shape) == (True, {"start", "ask", "on_loss", "b", "end2"})


def test_beside_the_main_road_nothing_ends_unless_it_stops_all():
    edge = {"attached_to": "ask", "event": TIMER, "interrupting": False}

    assert without(sketch("start > ask > end", "on_time > b > end2", on_time=edge))[0] is False
    assert without(sketch("start > ask > end", "on_time > b > stop2", on_time=edge))[0] is True


def test_a_called_process_and_a_sub_process_are_looked_into():
    asks = sketch("start > ask > end", id="asks")
    perhaps = sketch("start > xor > ask > end", "xor > end", id="perhaps")
    main = sketch("start > call1 > a > end", id="main", call1={"called": "asks"})
    other = sketch("start > call1 > a > end", id="main", call1={"called": "perhaps"})
    inside = sketch(
        "start > sub1 > a > end", "start1 > ask > end1", sub1={}, start1={"parent": "sub1"},
        ask={"parent": "sub1"}, end1={"parent": "sub1"},
    )  # fmt: skip

    assert without(main, asks) == (False, {"start", "call1", "ask"})
    assert without(other, perhaps)[0] is True
    assert without(inside) == (False, {"start", "sub1", "start1", "ask"})


def test_a_step_for_each_of_a_list_is_perhaps_not_done_at_all():
    several = sketch("start > ask > end", ask={"loop": Loop("parallel", collection="people", item="who")})
    again = sketch("start > ask > end", ask={"loop": Loop("standard", condition="more", maximum=3)})

    assert without(several)[0] is True
    assert without(again)[0] is False


def test_an_event_sub_process_begins_without_anything():
    inner = {"parent": "sub9"}
    shape = sketch(
        "start > ask > end", "start9 > b > end9", sub9={"event_subprocess": True}, b=inner, end9=inner,
        start9={**inner, "event": LOSS},
    )  # fmt: skip

    assert without(shape) == (True, {"start", "ask", "start9", "b", "end9"})
    assert without(shape, events=False) == (False, {"start", "ask"})


def test_an_error_leaves_by_the_edge_of_the_call():
    failing = sketch("start > xor > ask > end", "xor > end2", id="failing", end2={"event": EventSpec("error", "e")})
    main = sketch("start > call1 > end", id="main", call1={"called": "failing"})

    assert without(main, failing)[0] is False


def test_an_arrow_that_needs_the_answer_comes_behind_the_question():
    lines = ["start > xor1 > ask > xor2 > a > end", "xor1 > xor2", "xor2 > end"]
    shape = sketch(*lines, conditions={"xor2__a": 'plan = "yes" and route = "x"'})

    assert without(shape, decided=frozenset({"plan"}))[1] >= {"xor2", "end"}
    assert "a" not in without(shape, decided=frozenset({"plan"}))[1]
    assert "a" in without(shape)[1]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ('a = "x"', {"a"}),
        ('a = "x" and b = "y"', {"a", "b"}),
        ('a = "x" or b = "y"', set()),
        ('not(a = "x")', set()),
        ('a != "x"', set()),
        ("a = null", set()),
        ('a in ("x", "y")', set()),
        (None, set()),
    ],
)
def test_only_a_plain_condition_is_understood(condition, names):
    assert needs(Flow("f", "a", "b", condition=condition)) == names


def test_a_way_is_told_with_names_only():
    shape = sketch("start > xor1 > a > end", start={"name": "Begin"}, a={"name": "Iets doen"}, end={"name": "Klaar"})
    walk = Without({"p": shape}, lambda *_: False)
    walk.walk("p")

    assert told({"p": shape}, walk.steps["p", "end"]) == "Begin → Iets doen → Klaar"


def test_a_long_way_is_told_without_its_middle():
    steps = [f"s{number}" for number in range(20)]
    shape = sketch(" > ".join(["start", *steps, "end"]), **{step: {"name": f"Stap {step}"} for step in steps})
    walk = Without({"p": shape}, lambda *_: False)
    walk.walk("p")

    assert told({"p": shape}, walk.steps["p", "end"]) == (
        "Stap s0 → Stap s1 → Stap s2 → Stap s3 → … → Stap s17 → Stap s18 → Stap s19"
    )


def running(shape: ProcessModel) -> set[str]:
    return {node.id for node in uninterrupted(shape, "loss", after=lambda _, node: node.id == "after")}


def test_what_a_message_leaves_running_is_found():
    quiet = {"attached_to": "b", "event": LOSS, "interrupting": False}
    shape = sketch(
        "start > a > b > catch1 > sub1 > end", "start1 > c > end1", "on_a > after > end2", "on_b > after", "on_sub > after",
        catch1={"event": TIMER}, sub1={}, start1={"parent": "sub1"}, c={"parent": "sub1"}, end1={"parent": "sub1"},
        on_a={"attached_to": "a", "event": LOSS}, on_b=quiet, on_sub={"attached_to": "sub1", "event": LOSS},
    )  # fmt: skip

    assert running(shape) == {"b", "catch1"}


def listening(interrupting: bool) -> ProcessModel:
    """A main road and a birth beside it; a loss is heard by a sub-process of its own."""
    return sketch(
        "start1 > a > end1", "start8 > b > end8", "start9 > after > end9",
        sub8={"event_subprocess": True}, start8={"parent": "sub8", "event": EventSpec("message", "birth"), "interrupting": False},
        b={"parent": "sub8"}, end8={"parent": "sub8"},
        sub9={"event_subprocess": True}, start9={"parent": "sub9", "event": LOSS, "interrupting": interrupting},
        after={"parent": "sub9"}, end9={"parent": "sub9"},
    )  # fmt: skip


def test_an_event_sub_process_that_interrupts_stops_its_whole_level():
    assert running(listening(True)) == set()
    assert running(listening(False)) == {"a", "b"}


def test_the_machine_stops_that_whole_level_too():
    player = Player(bundle(listening(True)), bundle(listening(True)), "p")
    player.process.message("birth")
    assert {step.element_id for step in player.process.waiting()} == {"a", "b"}

    player.process.message("loss")

    assert {step.element_id for step in player.process.waiting()} == {"after"}


def silent(*models: ProcessModel) -> list[str]:
    return [node.id for _, node in silent_timers({model.id: model for model in models})]


@pytest.mark.parametrize(
    ("lines", "on", "expected"),
    [
        (["start > a > end", "on_time > b > end2"], {"interrupting": False}, []),
        (["start > a > end", "on_time > end2"], {"interrupting": False}, ["on_time"]),
        (["start > a > end", "on_time > end2"], {}, ["on_time"]),
        (["start > a > end", "on_time > xor > b > end2", "xor > end2"], {}, ["on_time"]),
        (["start > a > end", "on_time > catch2 > b > end2"], {}, []),
    ],
)
def test_a_timer_that_nobody_hears_is_found(lines, on, expected):
    shape = sketch(*lines, on_time={"attached_to": "a", "event": TIMER, **on}, catch2={"event": LOSS})

    assert silent(shape) == expected


def test_who_waits_for_a_process_hears_that_its_time_was_up():
    waiting = sketch("start > catch1 > end", id="waiting", catch1={"event": TIMER})
    heard = sketch("start > call1 > b > end", id="main", call1={"called": "waiting"})
    unheard = sketch("start > call1 > end", id="main", call1={"called": "waiting"})

    assert silent(waiting, heard) == []
    assert silent(waiting, unheard) == ["catch1"]
    assert silent(waiting) == ["catch1"]


def test_the_timer_of_an_event_sub_process_needs_a_step_of_its_own():
    inner = {"parent": "sub9"}
    start = {**inner, "event": TIMER, "interrupting": False}
    shape = sketch(
        "start > a > end", "start9 > b > end9", sub9={"event_subprocess": True}, b=inner, end9=inner, start9=start
    )
    empty = sketch("start > a > end", "start9 > end9", sub9={"event_subprocess": True}, end9=inner, start9=start)

    assert silent(shape) == []
    assert silent(empty) == ["start9"]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Signaal vastleggen", []),
        ("Verkenning doen", []),
        ("Route", ["label_no_verb"]),
        ("Intake meeting plannen", ["label_english"]),
        ("Samen met de ouder en alle anderen die erbij zijn terugkijken op wat er was", ["label_long"]),
        ("", []),
    ],
)
def test_a_name_that_people_may_stumble_over_is_a_warning(name, codes):
    found = list(wordings(sketch("start > a > end", a={"name": name})))

    assert [finding.code for finding in found] == codes
    assert {finding.severity for finding in found} <= {"warning"}


def test_calls_in_a_ring_do_not_go_on_for_ever():
    one = sketch("start > call1 > end", id="one", call1={"called": "two"})
    two = sketch("start > catch1 > call1 > end", id="two", call1={"called": "one"}, catch1={"event": TIMER})

    assert without(one, two)[0] is False
    assert silent(one, two) == []


def test_many_processes_that_call_each_other_take_no_time():
    models = [
        sketch(
            "start > " + " > ".join(f"call{n}" for n in range(30)) + " > catch1 > end",
            id=f"p{depth}",
            catch1={"event": TIMER},
            **{f"call{n}": {"called": f"p{depth + 1}"} for n in range(30)},
        )
        for depth in range(6)
    ]  # fmt: skip
    models.append(sketch("start > catch1 > end", id="p6", catch1={"event": TIMER}))

    assert len(silent(*models)) == 7
    assert without(*models)[0] is True
