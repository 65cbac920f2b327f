"""Walks through every course a drawn process can take and tells where it can get stuck.

Knows tokens and gateways; does not know what conditions say: every choice is free, every event may come or stay away.
Each process is explored alone: a call activity is one step.

A diagram is first translated into moves on places (bits of an integer). Two things keep that small: a step that only
passes a token on gets no place of its own, and no place holds two tokens: a second one is reported, not followed.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from engine.model import SUBPROCESSES, TASKS, Node, ProcessModel

#: An inclusive split with more arrows than this is not tried in every combination; the report then says so.
MOST_COMBINED: Final = 10
#: So many problems of one kind are told; the rest follows from the same faults.
MOST_TOLD: Final = 10
_THROWN: Final = frozenset({"error", "escalation"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which the process can go wrong.

    Attributes:
        kind: ``deadlock`` (stuck), ``livelock`` (can go on but never end), ``doubled`` (two tokens in one place),
            ``never`` (an element no course reaches), ``too_large`` (not everything was looked at), ``unknown_place``
            (a place of the given marking that this diagram does not have).
        element_ids: where it shows.
        trace: a shortest way to get there: ids of nodes and of chosen flows, in order.
        message: Dutch, with labels and ids.
    """

    kind: str
    element_ids: tuple[str, ...]
    trace: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the walk found. *complete* is False when the diagram was too large to see every state; never sound then."""

    sound: bool
    states: int
    complete: bool
    problems: tuple[Problem, ...] = ()


def explore(model: ProcessModel, *, marking: Iterable[str] | None = None, max_states: int = 20_000) -> Report:
    """Look at every state this process can reach.

    Args:
        marking: where a running case stands, instead of at the start: ids of waiting nodes, and of flows that already
            arrived at a join. Elements that are never reached are then not reported: they may lie in the past.
        max_states: how many states are looked at.
    """
    net = _Net(model)
    if marking is None:
        starts = net.starts()
        unknown: list[str] = []
    else:
        start, unknown = net.place(marking)
        starts = [start]
    if unknown:
        places = tuple(unknown)
        message = f"Deze tekening heeft geen plek voor {_listed(model, places)}, terwijl de casus daar nu staat."
        return Report(False, 0, True, (Problem("unknown_place", places, (), message),))
    return _Walk(net, starts, max_states, from_start=marking is None).report()


@dataclass(frozen=True, slots=True)
class _Move:
    """Takes the tokens of *pre*, removes all of *kill*, puts *post*; not while *unless* or without one of *when*."""

    pre: int
    post: int
    steps: tuple[str, ...]
    kill: int = 0
    unless: int = 0
    when: int = -1
    doubles: int = 0
    trigger: bool = False
    join: str | None = None


@dataclass(slots=True)
class _Put:
    """What producing tokens adds up to; a place that is put twice is remembered."""

    post: int = 0
    doubles: int = 0
    steps: list[str] = field(default_factory=list)

    def add(self, other: _Put) -> None:
        self.doubles |= other.doubles | (self.post & other.post)
        self.post |= other.post
        self.steps += other.steps


class _Net:
    """The diagram as places and moves."""

    def __init__(self, model: ProcessModel) -> None:
        self.model = model
        self.bits: dict[str, int] = {}
        self.elements: list[str] = []
        self.complete = True
        self.boundaries: dict[str, list[Node]] = {}
        self.inside: dict[str | None, list[Node]] = {}
        for node in model.nodes.values():
            self.inside.setdefault(node.parent, []).append(node)
            if node.attached_to is not None:
                self.boundaries.setdefault(node.attached_to, []).append(node)
        self.anchors = self._anchors()
        for flow in model.flows.values():
            target = model.nodes[flow.target]
            if flow.id in self.anchors or not (self._passes_on(target) or self._has_place(target)):
                self._bit(flow.id)
        for node in model.nodes.values():
            if self._has_place(node):
                self._bit(node.id)
        self.begins = self._begins()
        self.within: dict[str | None, int] = {None: (1 << len(self.elements)) - 1}
        for node in model.nodes.values():
            if node.kind in SUBPROCESSES:
                self.within[node.id] = self._inner(node.id)
        self.successors = self._successors()
        self.reach: dict[str, dict[int, int]] = {}
        self.moves: list[_Move] = [self._move(self.bits[place], put()) for place, put in self.begins.items()]
        for node in model.nodes.values():
            self.moves.extend(self._moves_of(node))

    # -- places

    def _bit(self, element_id: str) -> int:
        if element_id not in self.bits:
            self.bits[element_id] = 1 << len(self.elements)
            self.elements.append(element_id)
        return self.bits[element_id]

    def _inner(self, scope: str) -> int:
        """Every place inside a sub-process, at any depth, without its own."""
        mask = 0
        for node in self.inside.get(scope, ()):
            mask |= self.bits.get(node.id, 0)
            for flow in node.outgoing:
                mask |= self.bits.get(flow, 0)
            if node.kind in SUBPROCESSES:
                mask |= self._inner(node.id)
        return mask

    def _passes_on(self, node: Node) -> bool:
        """Whether a token that arrives here can be taken to stand behind it already.

        Waiting in a step or behind it makes no difference to where the process can get stuck, unless something can
        happen to the step itself.
        """
        if len(node.outgoing) != 1 or self.boundaries.get(node.id):
            return False
        if self.model.flows[node.outgoing[0]].condition is not None and node.kind != "exclusiveGateway":
            return False
        if node.kind == "intermediateThrowEvent":
            return not (node.event and node.event.kind == "escalation" and self._catcher(node) is not None)
        if node.kind in ("parallelGateway", "inclusiveGateway", "complexGateway"):
            return len(node.incoming) == 1
        return node.kind in TASKS or node.kind in ("callActivity", "exclusiveGateway", "intermediateCatchEvent")

    def _has_place(self, node: Node) -> bool:
        """Whether the step itself can be stood on: something can happen to it while it runs."""
        if node.kind in SUBPROCESSES:
            return True
        return (node.kind in TASKS or node.kind == "callActivity") and bool(self.boundaries.get(node.id))

    def _anchors(self) -> set[str]:
        """One flow of each circle in which nothing ever waits: without it, passing on would never end."""
        anchors: set[str] = set()
        done: set[str] = set()
        for first in self.model.flows:
            path: dict[str, None] = {}
            current = first
            while current not in done:
                if current in path:
                    anchors.add(current)
                    break
                path[current] = None
                target = self.model.nodes[self.model.flows[current].target]
                if not self._passes_on(target):
                    break
                current = target.outgoing[0]
            done |= path.keys()
        return anchors

    # -- producing tokens

    def _emit(self, flow_id: str) -> _Put:
        """A token on this flow, passed on as far as it can be."""
        steps: list[str] = []
        current = flow_id
        while True:
            steps.append(current)
            target = self.model.nodes[self.model.flows[current].target]
            if current in self.bits:
                return _Put(self.bits[current], 0, steps)
            if self._has_place(target):
                put = _Put(0, 0, steps)
                put.add(self._enter(target))
                return put
            steps.append(target.id)
            current = target.outgoing[0]

    def _enter(self, node: Node) -> _Put:
        put = _Put(self.bits[node.id], 0, [node.id])
        if node.kind in SUBPROCESSES:
            put.add(self._begin(node.id))
        return put

    def _begin(self, scope: str | None) -> _Put:
        """A level comes to life: at its start events, or without those at everything nothing leads to."""
        put = _Put()
        inside = self.inside.get(scope, [])
        first = [node for node in inside if node.kind == "startEvent"] or [
            node for node in inside if not node.incoming and node.kind != "boundaryEvent" and not node.event_subprocess
        ]
        for node in first:
            put.add(self._arrive(node))
        return put

    def _arrive(self, node: Node) -> _Put:
        """A token at a node that no flow leads to."""
        if self._has_place(node):
            return self._enter(node)
        put = _Put(0, 0, [node.id])
        for flow in node.outgoing:
            put.add(self._emit(flow))
        return put

    def _leave(self, node: Node) -> Iterator[_Put]:
        """Each way in which tokens can leave a node."""
        flows = node.outgoing
        if node.kind == "exclusiveGateway" and flows:
            ways: Iterable[tuple[str, ...]] = ((flow,) for flow in flows)
        elif node.kind in ("inclusiveGateway", "complexGateway") and len(flows) > 1:
            ways = self._combinations((), tuple(flow for flow in flows if flow != node.default), node.default)
        else:
            free = tuple(f for f in flows if self.model.flows[f].condition is not None and f != node.default)
            always = tuple(f for f in flows if f not in free and f != node.default)
            ways = self._combinations(always, free, node.default)
        for way in ways:
            put = _Put(0, 0, [node.id])
            for flow in way:
                put.add(self._emit(flow))
            yield put

    def _combinations(
        self, always: tuple[str, ...], free: tuple[str, ...], default: str | None
    ) -> Iterator[tuple[str, ...]]:
        """Every choice out of *free* beside what is *always* taken; the default only when nothing was chosen."""
        if not free:
            yield (*always, default) if default else always
            return
        if len(free) > MOST_COMBINED:
            self.complete = False
            sizes: Iterable[int] = (1, 2, len(free))
        else:
            sizes = range(1, len(free) + 1)
        if default or always:
            yield (*always, default) if default else always
        for size in sizes:
            for chosen in itertools.combinations(free, size):
                yield (*always, *chosen)

    # -- moves

    def _moves_of(self, node: Node) -> Iterator[_Move]:
        if node.event_subprocess:
            yield from self._moves_of_listener(node)
        elif node.kind in SUBPROCESSES:
            yield from self._moves_of_activity(node, self.within[node.id])
        elif self._has_place(node):
            yield from self._moves_of_activity(node, 0)
        elif node.kind in ("startEvent", "boundaryEvent"):
            return
        elif self._passes_on(node):
            for flow in node.incoming:
                if flow in self.anchors:
                    put = _Put(0, 0, [node.id])
                    put.add(self._emit(node.outgoing[0]))
                    yield self._move(self.bits[flow], put)
        elif node.kind == "parallelGateway":
            pre = sum(self.bits[flow] for flow in node.incoming)
            if pre:
                for put in self._leave(node):
                    yield self._move(pre, put)
        elif node.kind in ("inclusiveGateway", "complexGateway") and len(node.incoming) > 1:
            self.reach[node.id] = self._reach(node)
            for put in self._leave(node):
                yield self._move(0, put, join=node.id)
        else:
            for flow in node.incoming:
                yield from self._moves_of_token(node, self.bits[flow])

    def _move(self, pre: int, put: _Put, **rest: int | bool | str) -> _Move:
        return _Move(pre, put.post, tuple(put.steps), doubles=put.doubles, **rest)  # type: ignore[arg-type]

    def _moves_of_token(self, node: Node, pre: int) -> Iterator[_Move]:
        """One token arrives and nothing else is needed."""
        if node.kind == "eventBasedGateway":
            for flow in node.outgoing:
                event = self.model.nodes[self.model.flows[flow].target]
                for put in self._leave(event):
                    put.steps[:0] = [node.id, flow]
                    yield self._move(pre, put)
            return
        kind = node.event.kind if node.event and node.kind in ("endEvent", "intermediateThrowEvent") else "none"
        if node.kind == "endEvent" and kind == "terminate":
            yield _Move(pre, 0, (node.id,), kill=self.within[node.parent])
        elif kind in _THROWN:
            yield from self._moves_of_throw(node, pre)
        else:
            for put in self._leave(node):
                yield self._move(pre, put)

    def _moves_of_activity(self, node: Node, inner: int) -> Iterator[_Move]:
        place = self.bits[node.id]
        for put in self._leave(node):
            yield self._move(place, put, unless=inner)
        for event in self.boundaries.get(node.id, ()):
            thrown = event.event is not None and event.event.kind in _THROWN
            if thrown and node.kind in SUBPROCESSES:
                continue  # Comes only when something inside throws it.
            for put in self._leave(event):
                if event.interrupting:
                    yield self._move(place, put, kill=inner, trigger=True)
                else:
                    put.post |= place
                    yield self._move(place, put, unless=self._aside(event), trigger=True)

    def _moves_of_listener(self, node: Node) -> Iterator[_Move]:
        """An event sub-process: comes to life while its level is alive, and ends when nothing in it is left."""
        yield _Move(self.bits[node.id], 0, (), unless=self.within[node.id])
        start = next((n for n in self.inside.get(node.id, ()) if n.kind == "startEvent"), None)
        if start is None or (start.event is not None and start.event.kind in _THROWN):
            return
        put = self._enter(node)
        level = self.within[node.parent]
        busy = self._interrupters(node.parent)
        alive = self.bits[node.parent] if node.parent else level
        if start.interrupting:
            yield self._move(0, put, kill=level, unless=busy, when=alive, trigger=True)
        else:
            yield self._move(0, put, unless=busy | self.bits[node.id], when=alive, trigger=True)

    def _interrupters(self, scope: str | None) -> int:
        """Event sub-processes that, once started, leave nothing else of their level to happen."""
        return sum(
            self.bits[node.id]
            for node in self.inside.get(scope, ())
            if node.event_subprocess
            and any(n.kind == "startEvent" and n.interrupting for n in self.inside.get(node.id, ()))
        )

    def _catcher(self, thrower: Node) -> Node | None:
        """The nearest boundary event or event sub-process that catches what *thrower* throws."""
        assert thrower.event is not None
        wanted, scope, within = thrower.event, thrower.parent, set()
        current = thrower.parent
        while current is not None:
            within.add(current)
            current = self.model.nodes[current].parent
        while True:
            for node in self.inside.get(scope, ()):
                if not node.event_subprocess or node.id in within:
                    continue
                for start in self.inside.get(node.id, ()):
                    caught = start.event if start.kind == "startEvent" else None
                    if caught and caught.kind == wanted.kind and caught.name in (None, wanted.name):
                        return node
            if scope is None:
                return None
            exact = sorted(self.boundaries.get(scope, ()), key=lambda event: not (event.event and event.event.name))
            for event in exact:
                caught = event.event
                if caught and caught.kind == wanted.kind and caught.name in (None, wanted.name):
                    return event
            scope = self.model.nodes[scope].parent

    def _moves_of_throw(self, node: Node, pre: int) -> Iterator[_Move]:
        assert node.event is not None
        catcher = self._catcher(node)
        for onward in self._leave(node):
            if catcher is None:
                # Nobody inside catches it: an error ends the process, an escalation is only told to whoever called.
                everything = self.within[None] if node.event.kind == "error" else 0
                yield self._move(pre, onward, kill=everything)
            elif catcher.event_subprocess:
                start = next(n for n in self.inside[catcher.id] if n.kind == "startEvent")
                if node.event.kind == "error" or start.interrupting:
                    put = _Put(0, 0, [node.id])
                    put.add(self._enter(catcher))
                    yield self._move(pre, put, kill=self.within[catcher.parent])
                else:
                    yield from self._told(pre, onward, self._enter(catcher), self.bits[catcher.id])
            else:
                assert catcher.attached_to is not None
                host = catcher.attached_to
                for put in self._leave(catcher):
                    if node.event.kind == "error" or catcher.interrupting:
                        put.steps[:0] = [node.id]
                        yield self._move(pre, put, kill=self.bits[host] | self.within[host])
                    else:
                        yield from self._told(pre, onward, put, self._aside(catcher))

    def _told(self, pre: int, onward: _Put, aside: _Put, busy: int) -> Iterator[_Move]:
        """A throw that stops nobody: what it starts runs beside the rest, and is looked at one at a time."""
        both = _Put(onward.post, onward.doubles, list(onward.steps))
        both.add(aside)
        yield self._move(pre, both, unless=busy)
        if busy:
            yield self._move(pre, onward, when=busy)

    # -- what can be reached from where

    def _successors(self) -> dict[str, set[str]]:
        """Node to next nodes, with what hangs on it or lies within it."""
        after: dict[str, set[str]] = {}
        for node in self.model.nodes.values():
            following = {self.model.flows[flow].target for flow in node.outgoing}
            following |= {event.id for event in self.boundaries.get(node.id, ())}
            if node.kind in SUBPROCESSES:
                following |= {n.id for n in self.inside.get(node.id, ()) if not n.incoming and not n.attached_to}
            after[node.id] = following
        return after

    def _reachable(self, first: Iterable[str], without: str) -> set[str]:
        seen: set[str] = set()
        todo = [node for node in first if node != without]
        while todo:
            node = todo.pop()
            if node in seen:
                continue
            seen.add(node)
            todo.extend(n for n in self.successors[node] if n not in seen and n != without)
        return seen

    def _aside(self, event: Node) -> int:
        """The places that only this event leads to.

        While a token is there the event is not looked at again: a second round beside the first meets nothing that
        the first did not. Where its branch runs into the main road, the tokens double there, and that is told.
        """
        roots = [n.id for n in self.model.nodes.values() if not n.incoming and not n.attached_to]
        others = self._reachable(roots, event.id)
        mask = 0
        for node_id in {event.id} | self._reachable(self.successors[event.id], event.id):
            if node_id in others:
                continue
            mask |= self.bits.get(node_id, 0)
            for flow in self.model.nodes[node_id].outgoing:
                mask |= self.bits.get(flow, 0)
        return mask

    def _reach(self, join: Node) -> dict[int, int]:
        """Per place, which arrows into this join a token there can still come in by, without passing the join."""
        before: dict[str, set[str]] = {}
        for node_id, following in self.successors.items():
            for next_id in following:
                before.setdefault(next_id, set()).add(node_id)
        reach: dict[int, int] = dict.fromkeys(self.bits.values(), 0)
        for flow_id in join.incoming:
            arrival = self.bits[flow_id]
            seen: set[str] = set()
            todo = [self.model.flows[flow_id].source]
            while todo:
                node_id = todo.pop()
                if node_id in seen or node_id == join.id:
                    continue
                seen.add(node_id)
                todo.extend(before.get(node_id, ()))
            for element_id, bit in self.bits.items():
                at = element_id if element_id in self.model.nodes else self.model.flows[element_id].target
                if at in seen or element_id == flow_id:
                    reach[bit] |= arrival
        return reach

    # -- where it begins

    def _begins(self) -> dict[str, Callable[[], _Put]]:
        """A place for each way to start: a process starts by one of its start events."""
        events = [node for node in self.inside.get(None, ()) if node.kind == "startEvent"]
        for place in [event.id for event in events] or [self.model.id]:
            self._bit(place)
        if not events:
            return {self.model.id: lambda: self._begin(None)}
        return {event.id: partial(self._arrive, event) for event in events}

    def starts(self) -> list[int]:
        return [self.bits[place] for place in self.begins]

    def place(self, marking: Iterable[str]) -> tuple[int, list[str]]:
        """The state of a running case, and what of it has no place here."""
        state, unknown = 0, []
        for element_id in marking:
            if element_id in self.model.flows:
                state |= self._emit(element_id).post | self._around(self.model.flows[element_id].target)
                continue
            node = self.model.nodes.get(element_id)
            if node is None or node.kind in ("boundaryEvent", "startEvent"):
                unknown.append(element_id)
            elif element_id in self.bits:
                state |= self.bits[element_id] | self._around(element_id)
            elif self._passes_on(node):
                state |= self._emit(node.outgoing[0]).post | self._around(element_id)
            elif node.incoming:
                state |= self.bits.get(node.incoming[0], 0) | self._around(element_id)
            else:
                unknown.append(element_id)
        return state, unknown

    def _around(self, node_id: str) -> int:
        mask, current = 0, self.model.nodes[node_id].parent
        while current is not None:
            mask |= self.bits[current]
            current = self.model.nodes[current].parent
        return mask

    def ids(self, state: int) -> tuple[str, ...]:
        """The elements of the places in *state*, in the order of the file."""
        found = []
        while state:
            low = state & -state
            found.append(self.elements[low.bit_length() - 1])
            state ^= low
        return tuple(found)


class _Walk:
    """Breadth first through all states, so that the way to a problem is a shortest one."""

    def __init__(self, net: _Net, starts: list[int], max_states: int, *, from_start: bool) -> None:
        self.net = net
        self.model = net.model
        self.max_states = max_states
        self.from_start = from_start
        self.complete = net.complete
        self.came: dict[int, tuple[int, _Move] | None] = dict.fromkeys(starts)
        self.before: dict[int, list[tuple[int, _Move]]] = {}
        self.deadlocks: list[int] = []
        self.doubled: list[tuple[int, _Move, int]] = []
        self.used: set[str] = set()
        # A move without tokens of its own to take can come at any moment; the others are found by a place they need.
        self.anytime = [move for move in net.moves if not move.pre]
        self.by_place: dict[int, list[_Move]] = {}
        for move in net.moves:
            if move.pre:
                self.by_place.setdefault(move.pre & -move.pre, []).append(move)

    def _enabled(self, state: int) -> Iterator[tuple[_Move, int]]:
        rest = state
        while rest:
            low = rest & -rest
            rest ^= low
            for move in self.by_place.get(low, ()):
                if state & move.pre == move.pre and not state & move.unless and state & move.when:
                    yield move, move.pre
        for move in self.anytime:
            if state & move.unless or not state & move.when:
                continue
            if move.join is None:
                yield move, 0
            elif arrived := self._joined(state, move.join):
                yield move, arrived

    def _joined(self, state: int, join: str) -> int:
        """The tokens an inclusive join takes now, or none while one more may still come (BPMN 2.0, table 13.3)."""
        reach = self.net.reach[join]
        arrows = sum(self.net.bits[flow] for flow in self.model.nodes[join].incoming)
        arrived = state & arrows
        if not arrived:
            return 0
        missing, rest = arrows & ~arrived, state & ~arrows
        while rest:
            low = rest & -rest
            rest ^= low
            if reach[low] & missing and not reach[low] & arrived:
                return 0
        return arrived

    def walk(self) -> None:
        todo = deque(self.came)
        while todo:
            state = todo.popleft()
            if not state:
                continue
            ordinary = False
            for move, taken in self._enabled(state):
                ordinary = ordinary or not move.trigger
                left = state & ~taken & ~move.kill
                self.used.update(move.steps)
                double = (left & move.post) | move.doubles
                if double:
                    self.doubled.append((state, move, double))
                    continue
                after = left | move.post
                self.before.setdefault(after, []).append((state, move))
                if after not in self.came:
                    if len(self.came) >= self.max_states:
                        self.complete = False
                        continue
                    self.came[after] = (state, move)
                    todo.append(after)
            if not ordinary:
                self.deadlocks.append(state)

    def report(self) -> Report:
        self.walk()
        problems = [*self._doubled(), *self._deadlocks(), *self._livelocks(), *self._never()]
        if not self.complete:
            message = (
                f"Dit proces kan op meer dan {self.max_states} manieren staan; niet alles is nagegaan. "
                "Maak het kleiner: zet een deel in een eigen proces."
            )
            problems.append(Problem("too_large", (self.model.id,), (), message))
        return Report(not problems, len(self.came), self.complete, tuple(problems))

    # -- telling

    def _trace(self, state: int, *last: str) -> tuple[str, ...]:
        moves: list[tuple[str, ...]] = []
        current = state
        while (step := self.came[current]) is not None:
            current, move = step
            moves.append(move.steps)
        steps = [*(s for move in reversed(moves) for s in move), *last]
        # Of flows only those tell something that somebody chose.
        return tuple(s for s in steps if s in self.model.nodes or self._chosen(s))

    def _chosen(self, flow_id: str) -> bool:
        source = self.model.nodes[self.model.flows[flow_id].source]
        return len(source.outgoing) > 1 and source.kind != "parallelGateway"

    def _way(self, trace: tuple[str, ...]) -> str:
        """The trace in words: names only, and no gateways without one."""
        words = [self.model.label(s) for s in trace if self.model.label(s) != s]
        if not words:
            return ""
        if len(words) > 12:
            words = [*words[:6], "…", *words[-5:]]
        return " Zo komt het daar: " + " → ".join(words) + "."

    def _doubled(self) -> Iterator[Problem]:
        told: set[tuple[str, ...]] = set()
        for state, move, double in self.doubled:
            # Tokens that were passed on met where roads come together, before the place where they are seen to stand.
            met = [s for s in move.steps if s in self.model.nodes and len(self.model.nodes[s].incoming) > 1]
            places = tuple(met[:1]) or self._at(self.net.ids(double))
            if places in told or len(told) >= MOST_TOLD:
                continue
            told.add(places)
            trace = self._trace(state, *move.steps)
            message = (
                f"Bij {_listed(self.model, places)} kan het proces twee keer tegelijk komen: wat daarna staat gebeurt "
                "dan dubbel. Laat takken die tegelijk lopen eerst samenkomen in een ruit met een plus."
                + self._way(trace)
            )
            yield Problem("doubled", places, trace, message)

    def _at(self, elements: tuple[str, ...]) -> tuple[str, ...]:
        """Of places: the nodes where one sees them (a flow is seen where it arrives)."""
        flows = self.model.flows
        return tuple(dict.fromkeys(flows[e].target if e in flows else e for e in elements))

    def _deadlocks(self) -> Iterator[Problem]:
        told: set[tuple[str, ...]] = set()
        for state in self.deadlocks:
            # A sub-process that waits for what is stuck inside it is not itself the place to look.
            stuck = self._at(tuple(e for e in self.net.ids(state) if e in self.model.flows)) or self.net.ids(state)
            if stuck in told or len(told) >= MOST_TOLD:
                continue
            told.add(stuck)
            trace = self._trace(state)
            message = (
                f"Bij {_listed(self.model, stuck)} kan het proces blijven steken: er wordt gewacht op een tak die niet "
                "meer komt. Splits en voeg samen met dezelfde soort ruit." + self._way(trace)
            )
            yield Problem("deadlock", stuck, trace, message)

    def _livelocks(self) -> Iterator[Problem]:
        """States from which neither the end nor an already told problem can be reached."""
        if not self.complete:
            return
        todo = [0, *self.deadlocks, *(state for state, *_ in self.doubled)]
        good = set(todo)
        while todo:
            for state, _ in self.before.get(todo.pop(), ()):
                if state not in good:
                    good.add(state)
                    todo.append(state)
        bad = [state for state in self.came if state not in good]
        if not bad:
            return
        trace = self._trace(bad[0])
        places = self._circle(bad[-1])
        message = (
            f"Vanaf {_listed(self.model, places)} kan het proces nooit meer eindigen: het blijft rondgaan. "
            "Teken een weg naar een einde." + self._way(trace)
        )
        yield Problem("livelock", places, trace, message)

    def _circle(self, state: int) -> tuple[str, ...]:
        """The nodes that can still happen from *state* on."""
        after: dict[int, list[tuple[int, _Move]]] = {}
        for target, sources in self.before.items():
            for source, move in sources:
                after.setdefault(source, []).append((target, move))
        seen, todo = {state}, [state]
        nodes = set(self._at(self.net.ids(state)))
        while todo:
            for target, move in after.get(todo.pop(), ()):
                nodes.update(move.steps)
                if target not in seen:
                    seen.add(target)
                    todo.append(target)
        return tuple(node for node in self.model.nodes if node in nodes)

    def _never(self) -> Iterator[Problem]:
        if not (self.from_start and self.complete):
            return
        used = set(self.used)
        if self.doubled or self.deadlocks:
            # What lies behind another problem was not looked at, or follows from it: tell what no arrow leads to.
            roots = [
                n.id
                for n in self.model.nodes.values()
                if not n.attached_to
                and not n.incoming
                and (n.kind == "startEvent" or n.event_subprocess or not self.model.starts(n.parent))
            ]
            used |= self.net._reachable(roots, "")
        missed = tuple(node.id for node in self.model.nodes.values() if node.id not in used and not self._waits(node))
        if missed:
            verb = "wordt" if len(missed) == 1 else "worden"
            message = f"{_listed(self.model, missed)} {verb} nooit bereikt. Verbind dit met de rest van het proces, of haal het weg."
            yield Problem("never", missed, (), message)

    def _waits(self, node: Node) -> bool:
        """The start of an event sub-process: told by the sub-process itself."""
        parent = self.model.nodes.get(node.parent or "")
        return node.kind == "startEvent" and parent is not None and parent.event_subprocess


def _listed(model: ProcessModel, element_ids: tuple[str, ...]) -> str:
    """Elements as people see them, with the id behind: labels are not unique."""
    words = [f"‘{model.label(e)}’ ({e})" if model.label(e) != e else f"‘{e}’" for e in element_ids[:6]]
    if len(element_ids) > 6:
        words.append(f"{len(element_ids) - 6} andere")
    return " en ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
