"""The explorer finds each kind of fault, accepts what is sound, and agrees with a walk that spares nothing."""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Iterator

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from engine.model import EventSpec, ProcessModel, TimerSpec
from engine.soundness import Report, explore
from tests.engine.sketch import sketch
from tests.engine.token_game import TokenGame

LOSS = EventSpec("message", "loss")
CLOCK = EventSpec("timer", timer=TimerSpec("duration", "P1D"))


def kinds(report: Report) -> list[str]:
    return [problem.kind for problem in report.problems]


def within(sub: str, *nodes: str, **given: dict[str, object]) -> dict[str, dict[str, object]]:
    return {node: {"parent": sub} | given.get(node, {}) for node in nodes}


SOUND = {
    "a line": sketch("start > a > b > end"),
    "a choice": sketch("start > xor1 > a > xor2 > end", "xor1 > b > xor2"),
    "two at once": sketch("start > and1 > a > and2 > end", "and1 > b > and2"),
    "each branch its own end": sketch("start > and1 > a > end1", "and1 > b > end2"),
    "one or more": sketch("start > or1 > a > or2 > end", "or1 > b > or2"),
    "a round with a way out": sketch("start > xor1 > a > xor2 > end", "xor2 > xor1"),
    "first of two events": sketch("start > wait1 > catch1 > a > end", "wait1 > catch2 > b > end2"),
    "a message breaks off a step": sketch(
        "start > a > end", "on_loss > b > end2", on_loss={"attached_to": "a", "event": LOSS}
    ),
    "a clock beside a step": sketch(
        "start > a > b > end", "on_late > r > end2", on_late={"attached_to": "a", "event": CLOCK, "interrupting": False}
    ),
    "a sub-process": sketch(
        "start > sub1 > c > end",
        "start1 > and1 > a > end1",
        "and1 > b > end2",
        **within("sub1", "start1", "and1", "a", "b", "end1", "end2"),
    ),
    "terminate ends its own level": sketch(
        "start > sub1 > c > end",
        "start1 > and1 > a > and2 > stop1",
        "and1 > b > and2",
        "and1 > xor9 > d > xor9",
        **within("sub1", "start1", "and1", "a", "b", "and2", "xor9", "d", stop1={"event": EventSpec("terminate")}),
        stop1={"parent": "sub1", "event": EventSpec("terminate")},
    ),
    "an error inside is caught outside": sketch(
        "start > sub1 > c > end",
        "start1 > xor1 > a > end1",
        "xor1 > end2",
        "on_error > d > end3",
        **within("sub1", "start1", "xor1", "a", "end1"),
        end2={"parent": "sub1", "event": EventSpec("error", "wrong")},
        on_error={"attached_to": "sub1", "event": EventSpec("error", "wrong")},
    ),
    "a message that may come again and again": sketch(
        "start > a > end",
        "start2 > b > end2",
        sub_moved={"event_subprocess": True},
        start2={"parent": "sub_moved", "event": LOSS, "interrupting": False},
        **within("sub_moved", "b", "end2"),
    ),
    "a message that takes over": sketch(
        "start > and1 > a > and2 > end",
        "and1 > b > and2",
        "start2 > c > end2",
        sub_loss={"event_subprocess": True},
        start2={"parent": "sub_loss", "event": LOSS},
        **within("sub_loss", "c", "end2"),
    ),
    "an escalation in a round, told without stopping": sketch(
        "start > sub1 > end",
        "start1 > xor1 > throw1 > xor2 > end1",
        "xor2 > xor1",
        "on_late > r > end2",
        **within("sub1", "start1", "xor1", "xor2", "end1"),
        throw1={"parent": "sub1", "event": EventSpec("escalation", "late")},
        on_late={"attached_to": "sub1", "event": EventSpec("escalation", "late"), "interrupting": False},
    ),
    "two ways to start": sketch("start1 > a > xor1 > end", "start2 > b > xor1"),
    "an endless round that an event breaks off": sketch(
        "start > sub1",
        "start1 > xor1 > a > xor1",
        "on_late > end2",
        **within("sub1", "start1", "xor1", "a"),
        on_late={"attached_to": "sub1", "event": CLOCK},
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_process_is_accepted(name: str):
    report = explore(SOUND[name])
    assert report.problems == ()
    assert report.sound
    assert report.complete


FAULTY = {
    "choice, then waiting for both": (
        "deadlock",
        "and2",
        sketch("start > xor1 > a > and2 > end", "xor1 > b > and2"),
    ),
    "one or more, then waiting for all": (
        "deadlock",
        "and2",
        sketch("start > or1 > a > and2 > end", "or1 > b > and2"),
    ),
    "waiting for an event that may stay away": (
        "deadlock",
        "and2",
        sketch(
            "start > and1 > a > and2 > end",
            "and1 > b > end2",
            "on_late > and2",
            on_late={"attached_to": "b", "event": CLOCK},
        ),
    ),
    "stuck inside a sub-process, though an event could break it off": (
        "deadlock",
        "and1",
        sketch(
            "start > sub1 > end",
            "start1 > xor1 > a > and1 > end1",
            "xor1 > b > and1",
            "on_late > c > end2",
            **within("sub1", "start1", "xor1", "a", "b", "and1", "end1"),
            on_late={"attached_to": "sub1", "event": CLOCK},
        ),
    ),
    "two at once, then nobody waits": (
        "doubled",
        "xor1",
        sketch("start > and1 > a > xor1 > c > end", "and1 > b > xor1"),
    ),
    "a reminder runs into the main road": (
        "doubled",
        "b",
        sketch(
            "start > a > b > end",
            "on_late > r > b",
            on_late={"attached_to": "a", "event": CLOCK, "interrupting": False},
        ),
    ),
    "a split in a round": ("doubled", "xor1", sketch("start > xor1 > and1 > a > xor1", "and1 > b > end")),
    "a round without a way out": ("livelock", "a", sketch("start > xor1 > a > xor1", "xor1 > b > xor1")),
    "a round of nothing but gateways": ("livelock", "xor1", sketch("start > xor1 > xor2 > xor1")),
    "a step on its own": ("never", "b", sketch("start > a > end", "b > end2")),
    "an error that nothing throws": (
        "never",
        "on_error",
        sketch(
            "start > sub1 > end",
            "start1 > a > end1",
            "on_error > b > end2",
            **within("sub1", "start1", "a", "end1"),
            on_error={"attached_to": "sub1", "event": EventSpec("error", "wrong")},
        ),
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_found_where_it_is(name: str):
    kind, element, model = FAULTY[name]

    report = explore(model)

    assert not report.sound
    [problem, *_] = [p for p in report.problems if p.kind == kind]
    assert element in problem.element_ids
    assert element in problem.message


def test_the_way_to_a_problem_is_a_shortest_one_with_the_choices_made():
    model = sketch("start > a > xor1 > b > and1 > end", "xor1 > c > and1", "xor1 > d > a")
    [problem] = explore(model).problems
    assert problem.trace == ("start", "a", "xor1", "xor1__b", "b")


def test_a_problem_is_told_with_labels_and_ids():
    model = sketch(
        "start > xor1 > a > and2 > end", "xor1 > b > and2", a={"name": "Plan\nmaken"}, and2={"name": "Samen verder"}
    )
    [problem] = explore(model).problems
    assert "‘Samen verder’ (and2)" in problem.message
    assert "Zo komt het daar: Plan maken." in problem.message


def test_a_fault_hides_no_other():
    model = sketch(
        "start > xor0 > xor1 > a > and2 > end", "xor1 > b > and2",
        "xor0 > and3 > c > xor3 > end3", "and3 > d > xor3", "e > end4",
    )  # fmt: skip
    assert set(kinds(explore(model))) == {"deadlock", "doubled", "never"}


def test_chains_of_plain_steps_cost_nothing():
    model = sketch(*[f"start > and1 > a{i} > b{i} > c{i} > and2 > end" for i in range(8)])
    report = explore(model)
    assert report.sound
    assert report.states < 10


def test_forty_choices_in_a_row_stay_small():
    lines = [line for i in range(40) for line in (f"xa{i} > a{i} > xb{i} > xa{i + 1}", f"xa{i} > b{i} > xb{i}")]
    gateways = {f"x{end}{i}": {"kind": "exclusiveGateway"} for i in range(41) for end in "ab"}
    del gateways["xb40"]
    report = explore(sketch("start > xa0", *lines, "xa40 > end", **gateways))
    assert report.sound
    assert report.states < 250


@pytest.mark.parametrize("join", ["and", "xor"])
def test_the_walk_stops_at_its_limit_and_says_so(join: str):
    lines = [f"start > and0 > xa{i} > a{i} > xb{i} > {join}9 > end" for i in range(16)]
    lines += [f"xa{i} > b{i} > c{i} > xb{i}" for i in range(16)]
    gateways = {f"x{end}{i}": {"kind": "exclusiveGateway"} for i in range(16) for end in "ab"}

    report = explore(sketch(*lines, **gateways), max_states=500)

    assert not report.complete
    assert not report.sound
    assert "too_large" in kinds(report)
    assert report.states <= 500


def test_a_split_of_very_many_arrows_is_not_called_sound():
    report = explore(sketch(*[f"start > or1 > a{i} > or2 > end" for i in range(40)]))
    assert not report.complete
    assert kinds(report) == ["too_large"]


# -- from a running case


def test_a_running_case_can_go_on_in_a_sound_diagram():
    model = SOUND["two at once"]
    assert explore(model, marking=["a", "b__and2"]).sound
    assert explore(model, marking=["a", "b"]).sound
    assert explore(model, marking=[]).sound


def test_a_case_in_the_middle_of_a_split_gets_stuck_when_a_branch_is_added():
    redrawn = sketch("start > and1 > a > and2 > end", "and1 > b > and2", "and1 > new > and2")
    report = explore(redrawn, marking=["a", "b"])
    assert kinds(report) == ["deadlock"]


def test_a_place_that_is_gone_is_told():
    report = explore(SOUND["a line"], marking=["a", "old_step"])
    assert kinds(report) == ["unknown_place"]
    assert report.problems[0].element_ids == ("old_step",)


def test_a_case_inside_a_sub_process_goes_on_there():
    assert explore(SOUND["a sub-process"], marking=["b"]).sound
    assert explore(SOUND["a sub-process"], marking=["b"]).states > 1


# -- random diagrams


@st.composite
def blocks(draw: st.DrawFn) -> ProcessModel:
    """Every split closed by its own join: sound by construction."""
    number = itertools.count(1)
    lines: list[str] = []
    nodes: dict[str, dict[str, object]] = {}

    def block(depth: int, before: str) -> str:
        """Draws behind *before* and gives the last node."""
        kind = draw(st.sampled_from(["step", "step", "xor", "and", "or", "line", "round", "on"] if depth else ["step"]))
        i = next(number)
        if kind == "line":
            return block(depth - 1, block(depth - 1, before))
        if kind in ("xor", "and", "or"):
            lines.append(f"{before} > {kind}{i}a")
            for branch in range(draw(st.integers(2, 3))):
                lines.append(f"{kind}{i}a > s{i}b{branch}")
                lines.append(f"{block(depth - 1, f's{i}b{branch}')} > {kind}{i}z")
            return f"{kind}{i}z"
        if kind == "round":
            lines.append(f"{before} > xor{i}a")
            last = block(depth - 1, f"xor{i}a")
            lines.append(f"{last} > xor{i}z > s{i}again > xor{i}a")
            return f"xor{i}z"
        lines.append(f"{before} > s{i}")
        if kind == "on":
            stops = draw(st.booleans())
            nodes[f"on{i}"] = {"attached_to": f"s{i}", "event": CLOCK, "interrupting": stops}
            last = block(depth - 1, f"on{i}")
            if stops:
                lines.append(f"s{i} > xor{i}z")
                lines.append(f"{last} > xor{i}z")
                return f"xor{i}z"
            lines.append(f"{last} > end{i}")
        return f"s{i}"

    lines.append(f"{block(draw(st.integers(1, 3)), 'start')} > end")
    return sketch(*lines, **nodes)


@given(blocks())
def test_a_diagram_of_closed_blocks_is_sound(model: ProcessModel):
    report = explore(model)
    assume(report.complete)
    assert report.problems == ()


@given(blocks(), st.randoms(use_true_random=False))
def test_what_is_called_sound_is_played_to_its_end(model: ProcessModel, random: object):
    """Every choice of the game falls at random; after so many rounds the way out is taken."""
    assume(explore(model).complete)

    class Played(TokenGame):
        def _chosen(self, model: ProcessModel, node: object) -> list[str]:
            flows = list(node.outgoing)  # type: ignore[attr-defined]
            if node.kind == "exclusiveGateway" and flows:  # type: ignore[attr-defined]
                out = [f for f in flows if not f.endswith("again")] if len(self.taken) > 60 else flows
                return [random.choice(out)]  # type: ignore[attr-defined]
            if node.kind == "inclusiveGateway" and flows:  # type: ignore[attr-defined]
                return random.sample(flows, random.randint(1, len(flows)))  # type: ignore[attr-defined]
            return flows

    game = Played({model.id: model}, model.id)
    for _ in range(500):
        if game.ended:
            break
        clocks = sorted(game.timers())
        if clocks and len(game.taken) < 40 and random.random() < 0.3:  # type: ignore[attr-defined]
            game.timer(random.choice(clocks))  # type: ignore[attr-defined]
        else:
            game.complete(random.choice(sorted(game.enabled())))  # type: ignore[attr-defined]
    assert game.ended


NAMES = ["xor1", "xor2", "and1", "and2", "a", "b", "c"]


@st.composite
def tangles(draw: st.DrawFn) -> ProcessModel:
    """Steps and gateways joined at random: seldom sound."""
    nodes = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    sources = st.sampled_from(["start", *nodes])
    targets = st.sampled_from([*nodes, "end1", "end2"])
    flows = draw(st.lists(st.tuples(sources, targets), unique=True, min_size=1, max_size=12))
    lines = [f"{source} > {target}" for source, target in flows]
    if all(source != "start" for source, _ in flows):
        lines.append(f"start > {nodes[0]}")
    return sketch(*lines)


def brute_force(model: ProcessModel) -> tuple[set[str], bool]:
    """What a token at a time finds: kinds of problems, in a walk without any shortcut. A doubled token ends its path."""
    State = frozenset[str]

    def moves(state: State) -> Iterator[tuple[State, list[str]]]:
        for node in model.nodes.values():
            out = list(node.outgoing)
            if node.kind == "parallelGateway":
                if node.incoming and state >= set(node.incoming):
                    yield state - set(node.incoming), out
                continue
            for flow in node.incoming:
                if flow not in state:
                    continue
                if node.kind == "exclusiveGateway" and out:
                    for way in out:
                        yield state - {flow}, [way]
                else:
                    yield state - {flow}, out
        if "at the start" in state:
            yield state - {"at the start"}, list(model.nodes["start"].outgoing)

    first: State = frozenset({"at the start"})
    seen, todo = {first}, deque([first])
    after: dict[State, set[State]] = {}
    stuck: set[State] = set()
    doubling: set[State] = set()
    while todo:
        state = todo.popleft()
        any_move = False
        for left, new in moves(state):
            any_move = True
            if max(Counter([*left, *new]).values(), default=0) > 1:
                doubling.add(state)
                continue
            target = left | frozenset(new)
            after.setdefault(state, set()).add(target)
            if target not in seen:
                seen.add(target)
                todo.append(target)
        if state and not any_move:
            stuck.add(state)
    good = {s for s in seen if not s} | stuck | doubling
    while True:
        more = {s for s in seen - good if after.get(s, set()) & good}
        if not more:
            break
        good |= more
    return (
        {name for name, found in {"deadlock": stuck, "doubled": doubling, "livelock": seen - good}.items() if found},
        bool(doubling),
    )


@given(tangles())
def test_a_tangle_is_judged_as_by_a_walk_that_spares_nothing(model: ProcessModel):
    note(str(list(model.flows)))
    expected, doubled = brute_force(model)
    found = set(kinds(explore(model))) - {"never"}
    assert ("doubled" in found) == doubled
    if not doubled:
        # Behind a doubled token the two walks stop at different places.
        assert found == expected
