"""BPMN played by hand: an oracle for the process engine that shares nothing with it but the diagram as plain data.

Slow and literal on purpose: one object per token, every rule where the BPMN 2.0 standard (chapter 13) states it.
Messages reach everything that awaits them at that moment; time passes only when ``timer`` is called.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from engine.model import Node, ProcessModel

#: Ids of the call activities that lead to an element, then its own id: ``("explore", "talk_with_family")``.
Path = tuple[str, ...]
Scalar = str | int | float | bool | None

STEPS = frozenset({"userTask", "manualTask", "task", "serviceTask"})
PLAYED = {
    "startEvent": {"none", "message", "timer", "signal", "error", "escalation", "conditional"},
    "boundaryEvent": {"message", "timer", "signal", "error", "escalation", "conditional"},
    "intermediateCatchEvent": {"message", "timer", "signal", "conditional"},
    "intermediateThrowEvent": {"none", "message", "signal", "escalation"},
    "endEvent": {"none", "message", "signal", "error", "escalation", "terminate"},
}
KINDS = (
    STEPS
    | set(PLAYED)
    | {
        "businessRuleTask",
        "sendTask",
        "receiveTask",
        "callActivity",
        "subProcess",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
    }
)


class Undecided(Exception):
    """A condition gave neither true nor false, or no arrow can be taken."""


class NotWaiting(Exception):
    """No such step, timer or table is waiting."""


class Unplayable(Exception):
    """The diagram uses what this game has no rule for."""


@dataclass(eq=False)
class Level:
    """A running process or sub-process: its tokens, and the event sub-processes that run within it."""

    model: ProcessModel
    within: str | None
    calls: Path
    host: Work | None = None
    listener: tuple[Level, Node] | None = None
    arrived: Counter[str] = field(default_factory=Counter)
    waiting: list[Token] = field(default_factory=list)
    listeners: list[Level] = field(default_factory=list)
    rung: Counter[str] = field(default_factory=Counter)
    interrupted: bool = False
    over: bool = False

    def inside(self) -> Iterator[Node]:
        return (node for node in self.model.nodes.values() if node.parent == self.within)


@dataclass(eq=False)
class Work:
    """One instance of an activity; *level* when it is a sub-process or a call."""

    token: Token
    level: Level | None = None


@dataclass(frozen=True)
class Awaited:
    """An event that something waits for: where, which, who waits, and what to do when it comes."""

    path: Path
    event: Node
    owner: Level | Token
    act: Callable[[], None]

    @property
    def name(self) -> str | None:
        return self.event.event.name if self.event.event else None


@dataclass(eq=False)
class Token:
    """Stands at a node until something happens."""

    level: Level
    node: Node
    works: list[Work] = field(default_factory=list)
    todo: int = 0
    total: int = 0
    done: int = 0
    rung: Counter[str] = field(default_factory=Counter)

    @property
    def path(self) -> Path:
        return (*self.level.calls, self.node.id)


class TokenGame:
    """One run of a process.

    Args:
        models: every process that can be called, by id.
        scalars: what is known at the start; a name that was never given is null.
        decide: (id of the decision table, scalars) to what it adds to the scalars. Asked as soon as the table is met.
        instances: (activity, scalars) to how many instances a multiple activity gets; by default its cardinality.
    """

    def __init__(
        self,
        models: Mapping[str, ProcessModel],
        process_id: str,
        *,
        scalars: Mapping[str, Scalar] | None = None,
        decide: Callable[[str, Mapping[str, Scalar]], Mapping[str, Scalar]] | None = None,
        instances: Callable[[Node, Mapping[str, Scalar]], int] | None = None,
        most_moves: int = 10_000,
    ) -> None:
        for model in models.values():
            _refuse_unplayable(model)
        self.models = models
        self.scalars: dict[str, Scalar] = dict(scalars or {})
        self.decide = decide
        self.instances = instances
        self.most_moves = most_moves
        #: every element that was finished, in order; a repeated activity once per round
        self.taken: list[Path] = []
        self.queue: list[tuple[Level, str]] = []
        self.awake: set[tuple[Level | Token, str]] = set()
        self.top = Level(models[process_id], None, ())
        self._open(self.top)
        self._run()

    # -- what can happen

    def enabled(self) -> Counter[Path]:
        """Steps that wait for a person or a job, and how many of each."""
        return Counter(work.token.path for work in self._works())

    def timers(self) -> Counter[Path]:
        """Clocks that are running: timer events, also those on the edge of a step."""
        return Counter(awaited.path for awaited in self._awaited("timer"))

    def messages(self) -> Counter[str]:
        """Names of messages that something awaits."""
        return Counter(awaited.name for awaited in self._awaited("message") if awaited.name is not None)

    @property
    def ended(self) -> bool:
        return self.top.over

    # -- making it happen

    def complete(self, step: Path | str, scalars: Mapping[str, Scalar] | None = None) -> None:
        """Finish one instance of a waiting step; of several alike the oldest."""
        for work in self._works():
            if step in (work.token.path, work.token.node.id):
                self.scalars.update(scalars or {})
                self._finish(work)
                self._run()
                return
        raise NotWaiting(step)

    def message(self, name: str, scalars: Mapping[str, Scalar] | None = None) -> bool:
        """Whether something awaited it."""
        return self._happen("message", lambda awaited: awaited.name == name, scalars)

    def signal(self, name: str, scalars: Mapping[str, Scalar] | None = None) -> bool:
        return self._happen("signal", lambda awaited: awaited.name == name, scalars)

    def timer(self, element: Path | str) -> None:
        """The clock of this event runs out."""
        if not self._happen("timer", lambda awaited: element in (awaited.path, awaited.path[-1]), None):
            raise NotWaiting(element)

    def _happen(self, kind: str, wanted: Callable[[Awaited], bool], scalars: Mapping[str, Scalar] | None) -> bool:
        heard = [awaited.act for awaited in self._awaited(kind) if wanted(awaited)]
        if heard:
            self.scalars.update(scalars or {})
        for act in heard:
            act()
        self._run()
        return bool(heard)

    # -- who waits for what

    def _levels(self, level: Level | None = None) -> Iterator[Level]:
        level = level or self.top
        if level.over:
            return
        yield level
        for token in list(level.waiting):
            for work in list(token.works):
                if work.level is not None:
                    yield from self._levels(work.level)
        for listener in list(level.listeners):
            yield from self._levels(listener)

    def _works(self) -> Iterator[Work]:
        for level in self._levels():
            for token in list(level.waiting):
                if token.node.kind in STEPS:
                    yield from token.works

    def _awaited(self, kind: str) -> Iterator[Awaited]:
        """Everything that awaits an event of this kind now."""
        found: list[Awaited] = []

        def note(level: Level, event: Node, owner: Level | Token, act: Callable[[], None]) -> None:
            if event.event is not None and event.event.kind == kind:
                found.append(Awaited((*level.calls, event.id), event, owner, act))

        for level in self._levels():
            for token in list(level.waiting):
                node = token.node
                if node.kind in ("intermediateCatchEvent", "receiveTask"):
                    note(level, node, token, partial(self._caught, token, node))
                if node.kind == "eventBasedGateway":
                    for flow in node.outgoing:
                        event = level.model.nodes[level.model.flows[flow].target]
                        note(level, event, token, partial(self._caught, token, event))
                for event in level.model.boundary(node.id):
                    if token.rung[event.id] < _rounds(event):
                        note(level, event, token, partial(self._struck, token, event))
            for sub, start in self._listening(level):
                if level.rung[start.id] < _rounds(start):
                    note(level, start, level, partial(self._roused, level, sub, start))
        return iter(found)

    def _wake(self) -> bool:
        """Conditions that came true. One that stays listening waits until it was false again."""
        for awaited in self._awaited("conditional"):
            assert awaited.event.event is not None
            key = (awaited.owner, awaited.event.id)
            if not self._true(awaited.event.event.condition or "null"):
                self.awake.discard(key)
            elif key not in self.awake:
                self.awake.add(key)
                awaited.act()
                return True
        return False

    def _listening(self, level: Level) -> Iterator[tuple[Node, Node]]:
        """Event sub-processes of this level with their start, unless one already took the level over."""
        if level.interrupted:
            return
        for sub in level.inside():
            if sub.event_subprocess:
                for start in level.model.starts(sub.id):
                    yield sub, start

    def _caught(self, token: Token, event: Node) -> None:
        if token not in token.level.waiting or not self._alive(token.level):
            return
        token.level.waiting.remove(token)
        self._leave(token.level, event)

    def _struck(self, token: Token, event: Node) -> None:
        """An event on the edge of an activity."""
        if token not in token.level.waiting or not self._alive(token.level):
            return
        if event.interrupting:
            self._cancel(token)
        token.rung[event.id] += 1
        self._leave(token.level, event)
        self._settle(token.level)

    def _roused(self, level: Level, sub: Node, start: Node) -> None:
        if level.interrupted or not self._alive(level):
            return
        if start.interrupting or (start.event and start.event.kind == "error"):
            self._empty(level)
            level.interrupted = True
        level.rung[start.id] += 1
        inner = Level(level.model, sub.id, level.calls, listener=(level, sub))
        level.listeners.append(inner)
        self._open(inner)

    def _alive(self, level: Level) -> bool:
        return any(level is other for other in self._levels())

    # -- moving on

    def _run(self) -> None:
        """Until everything waits. Inclusive joins come last: they must know who can still arrive."""
        moves = 0
        while True:
            while self.queue:
                moves += 1
                if moves > self.most_moves:
                    raise Undecided("the process runs on without ever waiting")
                level, flow = self.queue.pop(0)
                if self._alive(level):
                    self._arrive(level, flow)
            if not any(self._join_inclusive(level) for level in list(self._levels())) and not self._wake():
                return

    def _open(self, level: Level) -> None:
        starts = [node for node in level.inside() if node.kind == "startEvent"]
        first = starts or [
            n for n in level.inside() if not n.incoming and n.kind != "boundaryEvent" and not n.event_subprocess
        ]
        for node in first:
            if node.kind == "startEvent":
                self._leave(level, node)
            else:
                self._enter(level, node)
        self._settle(level)

    def _arrive(self, level: Level, flow: str) -> None:
        node = level.model.nodes[level.model.flows[flow].target]
        if node.kind == "parallelGateway":
            level.arrived[flow] += 1
            if all(level.arrived[f] for f in node.incoming):
                for f in node.incoming:
                    level.arrived[f] -= 1
                self._leave(level, node)
        elif node.kind == "inclusiveGateway" and len(node.incoming) > 1:
            level.arrived[flow] += 1
        else:
            self._enter(level, node)
        self._settle(level)

    def _enter(self, level: Level, node: Node) -> None:
        event = node.event.kind if node.event else "none"
        if node.kind in ("intermediateCatchEvent", "receiveTask", "eventBasedGateway"):
            level.waiting.append(Token(level, node))
        elif node.kind in STEPS or node.kind in ("callActivity", "subProcess", "businessRuleTask"):
            token = Token(level, node)
            level.waiting.append(token)
            self._start(token)
        elif node.kind in ("endEvent", "intermediateThrowEvent"):
            self.taken.append((*level.calls, node.id))
            self._throw(level, node, event)
        else:
            self._leave(level, node)

    def _leave(self, level: Level, node: Node) -> None:
        self.taken.append((*level.calls, node.id))
        self.queue += [(level, flow) for flow in self._chosen(level.model, node)]

    def _chosen(self, model: ProcessModel, node: Node) -> list[str]:
        flows = [model.flows[flow] for flow in node.outgoing]
        if node.kind in ("parallelGateway", "eventBasedGateway") or not flows:
            return [flow.id for flow in flows]
        chosen: list[str] = []
        for flow in flows:
            if flow.id == node.default:
                continue
            if flow.condition is None or self._true(flow.condition):
                chosen.append(flow.id)
                if node.kind == "exclusiveGateway":
                    return chosen
        if not chosen and node.default:
            chosen = [node.default]
        if not chosen:
            raise Undecided(f"{node.id}: no arrow can be taken")
        return chosen

    def _true(self, condition: str, more: Mapping[str, Scalar] | None = None) -> bool:
        value = evaluate(condition, {**self.scalars, **(more or {})})
        if not isinstance(value, bool):
            raise Undecided(f"{condition!r} gives {value!r}")
        return value

    def _settle(self, level: Level) -> None:
        """A level without tokens is over, and what it was part of goes on."""
        busy = level.waiting or level.listeners or +level.arrived or any(lv is level for lv, _ in self.queue)
        if busy or level.over:
            return
        level.over = True
        if level.listener is not None:
            above, _ = level.listener
            above.listeners.remove(level)
            self._settle(above)
        elif level.host is not None:
            self._finish(level.host)

    # -- inclusive join

    def _join_inclusive(self, level: Level) -> bool:
        for node in level.inside():
            if node.kind != "inclusiveGateway" or len(node.incoming) < 2:
                continue
            here = {flow for flow in node.incoming if level.arrived[flow]}
            if here and not self._one_more_can_come(level, node, here):
                for flow in here:
                    level.arrived[flow] -= 1
                self._leave(level, node)
                self._settle(level)
                return True
        return False

    def _one_more_can_come(self, level: Level, join: Node, here: set[str]) -> bool:
        """A token that can reach an empty arrow of the join and none of the filled ones."""
        standing = [token.node.id for token in level.waiting]
        standing += [
            level.model.flows[f].target
            for f, count in level.arrived.items()
            if count and level.model.flows[f].target != join.id
        ]
        for node_id in standing:
            seen: set[str] = set()
            reached: set[str] = set()
            todo = [node_id]
            while todo:
                current = todo.pop()
                if current in seen or current == join.id:
                    continue
                seen.add(current)
                out = list(level.model.nodes[current].outgoing)
                for event in level.model.boundary(current):
                    out += event.outgoing
                for flow in out:
                    if level.model.flows[flow].target == join.id:
                        reached.add(flow)
                    else:
                        todo.append(level.model.flows[flow].target)
            if reached - here and not reached & here:
                return True
        return False

    # -- activities

    def _start(self, token: Token) -> None:
        loop, node = token.node.loop, token.node
        if loop is None:
            token.todo = 1
        elif loop.kind == "standard":
            token.todo = 1
            if loop.test_before and not self._again(token):
                token.todo = 0
        else:
            token.todo = token.total = self._how_many(node)
        if not token.todo:
            self._over(token)
            return
        together = token.todo if loop is not None and loop.kind == "parallel" else 1
        for _ in range(together):
            if token in token.level.waiting:
                token.todo -= 1
                self._begin(token)

    def _how_many(self, node: Node) -> int:
        if self.instances is not None:
            return self.instances(node, self.scalars)
        assert node.loop is not None
        number = evaluate(node.loop.cardinality or "null", self.scalars)
        if not isinstance(number, int | float) or isinstance(number, bool) or number != int(number) or number < 0:
            raise Undecided(f"{node.id}: {node.loop.cardinality!r} gives {number!r} instances")
        return int(number)

    def _again(self, token: Token) -> bool:
        loop = token.node.loop
        assert loop is not None
        if loop.maximum is not None and token.done >= loop.maximum:
            return False
        return loop.maximum is not None if loop.condition is None else self._true(loop.condition)

    def _begin(self, token: Token) -> None:
        node, level = token.node, token.level
        work = Work(token)
        token.works.append(work)
        if node.kind == "businessRuleTask":
            if self.decide is None:
                raise NotWaiting(f"{node.id}: nobody decides {node.decision}")
            self.scalars.update(self.decide(node.decision or "", dict(self.scalars)))
            self._finish(work)
        elif node.kind == "subProcess":
            work.level = Level(level.model, node.id, level.calls, host=work)
            self._open(work.level)
        elif node.kind == "callActivity":
            work.level = Level(self.models[node.called or ""], None, token.path, host=work)
            self._open(work.level)

    def _finish(self, work: Work) -> None:
        """One instance is done; the activity is when its last is, or when it says that this is enough."""
        token = work.token
        token.works.remove(work)
        token.done += 1
        self.taken.append(token.path)
        loop = token.node.loop
        if loop is not None and loop.kind == "standard":
            token.todo = int(self._again(token))
        elif loop is not None and loop.condition is not None and self._enough(token, loop.condition):
            token.todo = 0
            self._drop_works(token)
        if token.works or (loop is not None and loop.kind == "parallel" and token.todo):
            return
        if token.todo:
            token.todo -= 1
            self._begin(token)
        else:
            self._over(token)

    def _enough(self, token: Token, condition: str) -> bool:
        """Asked with the counts that the modeller offers."""
        following = min(token.todo, 1) if token.node.loop and token.node.loop.kind == "sequential" else token.todo
        counts = {"nrOfInstances": token.total, "nrOfCompletedInstances": token.done}
        return self._true(condition, {**counts, "nrOfActiveInstances": len(token.works) + following})

    def _over(self, token: Token) -> None:
        token.level.waiting.remove(token)
        self._onward(token.level, token.node)
        self._settle(token.level)

    # -- stopping

    def _drop_works(self, token: Token) -> None:
        for work in token.works:
            if work.level is not None:
                self._empty(work.level)
                work.level.over = True
        token.works.clear()

    def _cancel(self, token: Token) -> None:
        self._drop_works(token)
        token.level.waiting.remove(token)

    def _empty(self, level: Level) -> None:
        """Everything in this level stops, at any depth."""
        for token in list(level.waiting):
            self._cancel(token)
        for listener in level.listeners:
            self._empty(listener)
            listener.over = True
        level.listeners.clear()
        level.arrived.clear()
        self.queue = [(lv, flow) for lv, flow in self.queue if lv is not level]

    # -- throwing

    def _throw(self, level: Level, node: Node, kind: str) -> None:
        stopped = False
        if kind == "terminate":
            self._empty(level)
        elif kind == "signal":
            # First on, then told: the one who throws does not miss what follows for himself.
            self._onward(level, node)
            for awaited in [a for a in self._awaited("signal") if node.event and a.name == node.event.name]:
                awaited.act()
            stopped = True
        elif kind in ("error", "escalation"):
            stopped = self._rise(level, node, kind)
        if not stopped:
            self._onward(level, node)
        self._settle(level)

    def _onward(self, level: Level, node: Node) -> None:
        self.queue += [(level, flow) for flow in self._chosen(level.model, node)]

    def _rise(self, level: Level, node: Node, kind: str) -> bool:
        """Look for who catches it, from the inside out. Whether the thrower is thereby stopped."""
        code = node.event.name if node.event else None
        current, passed = level, {level.within}
        while True:
            for sub, start in self._listening(current):
                caught = start.event
                if sub.id not in passed and caught and caught.kind == kind and caught.name in (None, code):
                    self._roused(current, sub, start)
                    return kind == "error" or start.interrupting
            if current.listener is not None:
                current = current.listener[0]
                passed.add(current.within)
                continue
            if current.host is None:
                if kind == "error" and current is not level:
                    raise Undecided(f"{node.id}: the error is caught nowhere")
                if kind == "error":
                    self._empty(current)
                    current.over = True
                return kind == "error"
            host = current.host.token
            events = sorted(host.level.model.boundary(host.node.id), key=lambda e: not (e.event and e.event.name))
            for event in events:
                caught = event.event
                if caught and caught.kind == kind and caught.name in (None, code):
                    self._struck(host, event)
                    return kind == "error" or event.interrupting
            current, passed = host.level, {host.level.within}


def _rounds(event: Node) -> float:
    """How often this may happen while what it belongs to goes on: a clock once, unless it is drawn to repeat."""
    timer = event.event.timer if event.event else None
    if timer is None or (timer.repeats and timer.kind == "term"):
        return float("inf")
    repeated = re.match(r"R(\d*)/", timer.text)
    return (float(repeated.group(1)) if repeated.group(1) else float("inf")) if repeated else 1


def _refuse_unplayable(model: ProcessModel) -> None:
    if len(model.starts()) > 1:
        raise Unplayable(f"{model.id}: begins in several ways")
    for node in model.nodes.values():
        event = node.event.kind if node.event else "none"
        if node.kind not in KINDS or (node.kind in PLAYED and event not in PLAYED[node.kind]):
            raise Unplayable(f"{node.id}: {node.kind} {event}")


# -- conditions: the few words of FEEL that a diagram needs, with null as a third truth value

_WORD = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|(<=|>=|!=|[=<>(),])|([^\W\d]\w*))')
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(text: str, names: Mapping[str, Scalar]) -> Scalar:
    """``=``, ``!=``, ``<``…, ``and``, ``or``, ``not(…)``, brackets, literals and names; ``ValueError`` for the rest."""
    words: list[str] = []
    at = 0
    while text[at:].strip():
        found = _WORD.match(text, at)
        if found is None:
            raise ValueError(f"no rule for {text[at:]!r}")
        words.append(found.group().strip())
        at = found.end()
    value = _either(words, names)
    if words:
        raise ValueError(f"no rule for {words} in {text!r}")
    return value


def _either(words: list[str], names: Mapping[str, Scalar]) -> Scalar:
    value = _both(words, names)
    while words[:1] == ["or"]:
        words.pop(0)
        other = _both(words, names)
        value = True if value is True or other is True else (False if value is False and other is False else None)
    return value


def _both(words: list[str], names: Mapping[str, Scalar]) -> Scalar:
    value = _comparison(words, names)
    while words[:1] == ["and"]:
        words.pop(0)
        other = _comparison(words, names)
        value = False if value is False or other is False else (True if value is True and other is True else None)
    return value


def _comparison(words: list[str], names: Mapping[str, Scalar]) -> Scalar:
    left = _operand(words, names)
    if not words or words[0] not in _COMPARE:
        return left
    sign = words.pop(0)
    right = _operand(words, names)
    if sign in ("=", "!=") and (left is None or right is None):
        return _COMPARE[sign](left, right)
    if left is None or right is None or _sort(left) != _sort(right) or (_sort(left) == "truth" and sign not in "!="):
        return None
    return _COMPARE[sign](left, right)


def _sort(value: Scalar) -> str:
    return "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def _operand(words: list[str], names: Mapping[str, Scalar]) -> Scalar:
    if not words:
        raise ValueError("something is missing at the end")
    word = words.pop(0)
    if word == "not":
        value = _operand(words, names)
        return not value if isinstance(value, bool) else None
    if word == "(":
        value = _either(words, names)
        if words[:1] != [")"]:
            raise ValueError("a bracket is not closed")
        words.pop(0)
        return value
    if word.startswith('"'):
        return re.sub(r"\\(.)", r"\1", word[1:-1])
    if word in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[word]
    if re.fullmatch(r"-?\d+", word):
        return int(word)
    if re.fullmatch(r"-?\d+\.\d+", word):
        return float(word)
    if not (word[0].isalpha() or word[0] == "_"):
        raise ValueError(f"no rule for {word!r}")
    return names.get(word)
