"""Every route of every shipped diagram, stopped and resumed after each step, as an independent token game walks it."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import bpmn
from engine.bundle import Bundle
from engine.errors import BundleRefused
from engine.model import EventSpec, Loop, ProcessModel, TimerSpec
from tests.engine.diagrams import bundle
from tests.engine.sketch import sketch
from tests.engine.walks import LONG, SEED, Stuck, Walk

SHIPPED = Path(bpmn.__file__).parent
WALKS, STEPS = (400, 300) if LONG else (20, 80)
#: A route that chance finds in none of these walks cannot be taken.
MOST_WALKS = 3_000


@cache
def shipped() -> Bundle:
    return Bundle.read_dir(SHIPPED)


def all_flows(process_id: str) -> set[tuple[str, str]]:
    """But those to what an event gateway waits for: the wait stands at the gateway, and what happens is an event."""
    model = shipped().processes[process_id]
    return {
        (process_id, flow.id) for flow in model.flows.values() if model.nodes[flow.source].kind != "eventBasedGateway"
    }


def all_events(process_id: str) -> set[tuple[str, str]]:
    model = shipped().processes[process_id]
    heard = {node.id for node in model.nodes.values() if node.kind in ("boundaryEvent", "intermediateCatchEvent")}
    heard |= {start.id for inside in model.event_subprocesses(None) for start in model.starts(inside.id)}
    return {(process_id, element_id) for element_id in heard}


def still_to_hear(process_id: str, missing: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Events that were not heard yet, or after which something was not done to its end yet."""
    model, wanted = shipped().processes[process_id], missing & all_events(process_id)
    for inside in model.event_subprocesses(None):
        flows = {(process_id, flow.id) for flow in model.flows.values() if model.nodes[flow.source].parent == inside.id}
        if flows & missing:
            wanted |= {(process_id, start.id) for start in model.starts(inside.id)}
    return wanted


@pytest.mark.parametrize("process_id", sorted(path.stem for path in SHIPPED.glob("*.bpmn")))
def test_every_flow_and_event_of_a_shipped_diagram_is_taken(process_id):
    print(f"STEUN_TEST_SEED={SEED}")
    missing, memory = all_flows(process_id) | all_events(process_id), Counter[object]()
    for number in range(MOST_WALKS):
        # A loss ends a case before it has seen much, so it comes where it was not seen yet.
        walk = Walk(
            shipped, process_id, (SEED, process_id, number), wanted=still_to_hear(process_id, missing), memory=memory
        )
        walk.walk(STEPS)
        missing -= walk.game.flows | walk.seen
        if not missing and number >= WALKS:
            return
    assert missing == set()


def test_the_main_process_walks_through_every_diagram_it_calls():
    print(f"STEUN_TEST_SEED={SEED}")
    called = {node.called for model in shipped().processes.values() for node in model.nodes.values() if node.called}
    missing, memory = {flow for process_id in called for flow in all_flows(process_id)}, Counter[object]()
    # What follows a message is walked in the diagram's own test: a part that is called from two places hears it twice.
    missing -= {
        (process_id, flow.id)
        for process_id in called
        for flow in shipped().processes[process_id].flows.values()
        if (event := shipped().processes[process_id].nodes[flow.source].event) and event.kind == "message"
    }
    for number in range(MOST_WALKS):
        walk = Walk(shipped, "hoofdproces", (SEED, "all", number), wanted=set(), memory=memory)
        walk.walk(STEPS)
        missing -= walk.game.flows
        if not missing:
            return
    assert missing == set()


def _timer(kind: str, text: str) -> EventSpec:
    return EventSpec("timer", timer=TimerSpec(kind, text, repeats=kind == "cycle"))


def _in(parent: str, *ids: str, **more: dict) -> dict[str, dict]:
    return {element_id: {"parent": parent, **more.get(element_id, {})} for element_id in ids}


LOSS = EventSpec("message", "loss")
INNER = sketch("start1 > and1 > a > and2 > xor9 > end1", "and1 > b > and2", "xor9 > stop1", id="inner",
               conditions={"xor9__stop1": "short"}, xor9={"default": "xor9__end1"})  # fmt: skip

#: One of each shape in which engines go wrong.
SHAPES: dict[str, tuple[ProcessModel, ...]] = {
    "parallel block in a loop": (
        sketch("start1 > xor0 > and1 > a > and2 > xor1 > end1", "and1 > b > c > and2", "xor1 > xor0",
               conditions={"xor1__xor0": "again"}, xor1={"default": "xor1__end1"}),
    ),
    "parallel blocks within each other, one of them a loop": (
        sketch("start1 > and1 > xor0 > a > and3 > b > and4 > xor1 > and2 > end1", "and3 > c > and4", "and1 > d > and2",
               "xor1 > xor0", conditions={"xor1__xor0": "again"}, xor1={"default": "xor1__and2"}),
    ),
    "inclusive block in a loop": (
        sketch("start1 > xor0 > or1 > a > or2 > xor1 > end1", "or1 > b > or2", "or1 > c > d > or2", "xor1 > xor0",
               conditions={"xor1__xor0": "again", "or1__a": "n > 1", "or1__b": "n > 2"},
               or1={"default": "or1__c"}, xor1={"default": "xor1__end1"}),
    ),
    "inclusive block around a parallel block": (
        sketch("start1 > or1 > a > or2 > end1", "or1 > and1 > b > and2 > or2", "and1 > c > and2", "or1 > d > or2",
               conditions={"or1__a": "n > 1", "or1__and1": "n > 2"}, or1={"default": "or1__d"}),
    ),
    "an inclusive join that some tokens never reach": (
        sketch("start1 > or1 > a > xor1 > or2 > z > end1", "xor1 > x > end2", "or1 > b > or2", "or1 > c > or2",
               conditions={"or1__a": "n > 0", "or1__b": "n > 1", "xor1__or2": "again"},
               or1={"default": "or1__c"}, xor1={"default": "xor1__x"}),
    ),
    "inclusive blocks within each other": (
        sketch("start1 > or1 > or3 > a > or4 > or2 > end1", "or3 > b > or4", "or1 > c > or2",
               conditions={"or1__or3": "n > 0", "or3__a": "again"}, or1={"default": "or1__c"},
               or3={"default": "or3__b"}),
    ),
    "events on the edge of a called process in a loop": (
        sketch("start1 > xor0 > call1 > xor1 > end1", "xor1 > xor0", "on_loss > x > end2", "on_time > y > end3",
               "on_move > z > end4", id="outer", conditions={"xor1__xor0": "again"}, xor1={"default": "xor1__end1"},
               call1={"called": "inner"}, on_loss={"attached_to": "call1", "event": LOSS},
               on_time={"attached_to": "call1", "interrupting": False, "event": _timer("duration", "P4D")},
               on_move={"attached_to": "call1", "interrupting": False, "event": EventSpec("message", "move")}),
        INNER,
    ),
    "an event gateway in a loop": (
        sketch("start1 > xor0 > wait1 > catch_a > a > xor1 > end1", "wait1 > catch_b > xor2", "xor1 > xor2 > xor0",
               conditions={"xor1__xor2": "again"}, xor1={"default": "xor1__end1"},
               catch_a={"event": EventSpec("message", "answer")}, catch_b={"event": _timer("duration", "P2D")}),
    ),
    "instances of a called process, with an edge": (
        sketch("start1 > call1 > a > end1", "on_loss > x > end2", id="outer",
               call1={"called": "inner", "loop": Loop("parallel", cardinality="3", condition="again")},
               on_loss={"attached_to": "call1", "event": LOSS}),
        INNER,
    ),
    "one after the other in a loop": (
        sketch("start1 > xor0 > a > b > xor1 > end1", "xor1 > xor0", a={"loop": Loop("sequential", cardinality="3")},
               b={"loop": Loop("standard", condition="more", maximum=3)}, conditions={"xor1__xor0": "again"},
               xor1={"default": "xor1__end1"}),
    ),
    "a sub-process that listens, ends early and fails": (
        sketch("start1 > sub1 > z > end1", "begin1 > xor3 > and1 > a > and2 > finish", "xor3 > oops",
               "and1 > b > xor2 > and2", "xor2 > halt", "begin2 > c > done", "on_unsafe > x > end2",
               conditions={"xor3__oops": "n > 2", "xor2__halt": "again"},
               sub1={}, xor3={"parent": "sub1", "default": "xor3__and1"}, xor2={"parent": "sub1", "default": "xor2__and2"},
               begin1={"kind": "startEvent", "parent": "sub1"}, finish={"kind": "endEvent", "parent": "sub1"},
               oops={"kind": "endEvent", "parent": "sub1", "event": EventSpec("error", "unsafe")},
               halt={"kind": "endEvent", "parent": "sub1", "event": EventSpec("terminate")},
               sub2={"event_subprocess": True, "parent": "sub1"},
               begin2={"kind": "startEvent", "parent": "sub2", "interrupting": False, "event": EventSpec("message", "move")},
               done={"kind": "endEvent", "parent": "sub2"}, c={"parent": "sub2"},
               on_unsafe={"attached_to": "sub1", "event": EventSpec("error", "unsafe")},
               **_in("sub1", "and1", "and2", "a", "b")),
    ),
    "an event sub-process that takes over": (
        sketch("start1 > and1 > a > and2 > end1", "and1 > b > and2", "begin1 > x > done", "begin2 > y > done2",
               sub1={"event_subprocess": True}, sub2={"event_subprocess": True},
               begin1={"kind": "startEvent", "parent": "sub1", "event": LOSS},
               begin2={"kind": "startEvent", "parent": "sub2", "interrupting": False, "event": _timer("duration", "P3D")},
               done={"kind": "endEvent", "parent": "sub1"}, done2={"kind": "endEvent", "parent": "sub2"},
               **_in("sub1", "x"), **_in("sub2", "y")),
    ),
    "an escalation that goes out twice": (
        sketch("start1 > sub1 > z > end1", "begin1 > a > throw1 > b > throw2 > c > finish", "on_worry > x > end2",
               sub1={}, begin1={"kind": "startEvent", "parent": "sub1"}, finish={"kind": "endEvent", "parent": "sub1"},
               throw1={"parent": "sub1", "event": EventSpec("escalation", "worry")},
               throw2={"parent": "sub1", "event": EventSpec("escalation", "worry")},
               on_worry={"attached_to": "sub1", "interrupting": False, "event": EventSpec("escalation", "worry")},
               **_in("sub1", "a", "b", "c")),
    ),
    "an escalation from who handles it": (
        sketch("start1 > a > throw1 > b > end1", "begin1 > x > throw2 > y > done",
               throw1={"event": EventSpec("escalation", "worry")},
               throw2={"parent": "sub1", "event": EventSpec("escalation", "worry")},
               sub1={"event_subprocess": True}, done={"kind": "endEvent", "parent": "sub1"},
               begin1={"kind": "startEvent", "parent": "sub1", "interrupting": False,
                       "event": EventSpec("escalation", "worry")}, **_in("sub1", "x", "y")),
    ),
    "a signal for everybody": (
        sketch("start1 > and1 > a > throw1 > and2 > end1", "and1 > catch1 > b > and2", "and1 > c > xor1 > and2", "on_bell > x > xor1",
               throw1={"event": EventSpec("signal", "bell")}, catch1={"event": EventSpec("signal", "bell")},
               on_bell={"attached_to": "c", "event": EventSpec("signal", "bell")}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_runs_as_the_standard_says(shape):
    print(f"STEUN_TEST_SEED={SEED}")
    shared = bundle(*SHAPES[shape])
    for number in range(150 if LONG else 25):
        Walk(lambda: shared, SHAPES[shape][0].id, (SEED, shape, number)).walk(60)


def blocks(chance: random.Random, most: int = 6) -> ProcessModel:
    """A random process of nested blocks: choices, parallel and inclusive blocks, loops, and events on edges."""
    lines: list[str] = []
    nodes: dict[str, dict] = {}
    conditions: dict[str, str] = {}
    count = itertools.count(1)

    def block(source: str, depth: int) -> str:
        """Draw something after *source*; the id it leaves from."""
        number = next(count)
        shape = (
            chance.choice(["step", "step", "xor", "and", "or", "loop", "edge"])
            if depth and number < most * 3
            else "step"
        )
        if shape in ("step", "edge"):
            lines.append(f"{source} > a{number}")
            if shape == "edge":
                event = chance.choice([LOSS, _timer("duration", f"P{number}D")])
                nodes[f"on_{number}"] = {
                    "attached_to": f"a{number}",
                    "event": event,
                    "interrupting": chance.random() < 0.5,
                }
                last = block(f"on_{number}", depth - 1)
                if nodes[f"on_{number}"]["interrupting"]:
                    lines.extend([f"a{number} > xor{number}m", f"{last} > xor{number}m"])
                    return f"xor{number}m"
                lines.append(f"{last} > end{number}")
            return f"a{number}"
        if shape == "loop":
            lines.append(f"{source} > xor{number}h")
            last = block(f"xor{number}h", depth - 1)
            lines.extend([f"{last} > xor{number}t", f"xor{number}t > xor{number}h"])
            conditions[f"xor{number}t__xor{number}h"] = chance.choice(["again", "n > 1"])
            nodes[f"xor{number}t"] = {"default": None}
            loops.append(f"xor{number}t")
            return f"xor{number}t"
        lines.append(f"{source} > {shape}{number}s")
        for branch in range(chance.randint(2, 3)):
            first = f"b{number}_{branch}"
            lines.append(f"{shape}{number}s > {first}")
            lines.append(f"{block(first, depth - 1)} > {shape}{number}j")
            if shape != "and" and branch:
                conditions[f"{shape}{number}s__{first}"] = chance.choice(["again", f"n > {branch}", "not(again)"])
        if shape != "and":
            nodes[f"{shape}{number}s"] = {"default": f"{shape}{number}s__b{number}_0"}
        return f"{shape}{number}j"

    loops: list[str] = []
    last = "start1"
    for _ in range(chance.randint(1, 3)):
        last = block(last, 3)
    lines.append(f"{last} > z > end0")
    for tail in loops:
        nodes[tail] = {"default": next(f"{tail}__{line.split(' > ')[1]}" for line in lines
                                       if line.startswith(f"{tail} > ") and not line.endswith(f"{tail[:-1]}h"))}  # fmt: skip
    return sketch(*lines, conditions=conditions, **nodes)


def test_random_blocks_run_as_the_standard_says():
    print(f"STEUN_TEST_SEED={SEED}")
    drawn = 0
    for number in range(300 if LONG else 40):
        model = blocks(random.Random(repr((SEED, "blocks", number))))
        try:
            shared = bundle(model)
        except BundleRefused:
            continue  # A circle without a step, or too large.
        drawn += 1
        for turn in range(3):
            # An event that comes again begins a branch again; an inclusive join then makes one token of two, and the join
            # of all branches around it waits for ever.
            with contextlib.suppress(Stuck):
                Walk(lambda shared=shared: shared, "p", (SEED, "blocks", number, turn)).walk(60)
    assert drawn >= 20
