"""What each BPMN element does with a token: the drawn side of the machine.

Of SpiffWorkflow's specs only the life of a task is used (update, ready, run, complete): nothing is predicted, copied along or
merged. Elements are shared between runs and threads; all that changes is in the token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from engine import clock, expressions, limits
from engine.errors import EngineError, RouteUndecided, TimerInvalid, TooManySteps
from engine.model import EventSpec, Flow, Loop, Node, TimerSpec
from engine.tokens import Scope, Token

if TYPE_CHECKING:
    from engine.specs import Level

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_number(instant: datetime) -> int:
    """Microseconds since 1970: how instants are stored."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def to_instant(number: int) -> datetime:
    return _EPOCH + timedelta(microseconds=number)


class Element(TaskSpec):
    """A drawn element: passes a token on along every outgoing flow."""

    kind: ClassVar[str | None] = None  #: "user" or "service": somebody outside completes it
    joins: ClassVar[bool] = False  #: needs to know along which flow a token came
    listens: ClassVar[bool] = False  #: does not keep its scope open
    resting: ClassVar[int | None] = None  #: its state while the process is at rest; None: it never rests
    hangs = False  #: exists only on another step: an event on its edge, an instance of it
    dozes = False  #: may wake up when the process comes to rest
    item_name: str | None = None  #: what each instance calls its own item

    def __init__(self, level: Level, node: Node, name: str | None = None) -> None:
        super().__init__(level, name or node.id, manual=self.kind is not None)  # type: ignore[no-untyped-call]
        self.node = node
        self.boundary: tuple[Boundary, ...] = ()
        self.exits: tuple[tuple[Flow, Element], ...] = ()

    def serialize(self, serializer: object, **kwargs: object) -> NoReturn:
        raise NotImplementedError("specs are built from a bundle, never stored")

    # The life of a task, as SpiffWorkflow calls it.
    def _predict(self, *args: Any, **kwargs: Any) -> None: ...

    def _update(self, token: Token) -> None:
        if self._update_hook(token):
            token._ready()

    def _update_hook(self, token: Token) -> bool:
        return True

    def _on_ready(self, token: Token) -> None:
        token.workflow.machine.agenda.append(token)

    def _run_hook(self, token: Token) -> bool:
        return True

    def _on_complete(self, token: Token) -> None:
        token.workflow.machine.note(token)
        self.leave(token, self.choose(token))

    # What we add.
    def choose(self, token: Token) -> Iterable[tuple[Flow, Element]]:
        """The flows the token goes on along."""
        return self.exits

    def leave(self, token: Token, exits: Iterable[tuple[Flow, Element]]) -> None:
        """The token is done here: it goes on, or tells the loop that it is an instance of."""
        scope = token.workflow
        parent = None if token._parent is None else scope.tasks[token._parent]
        scope.drop(token, TaskState.COMPLETED)
        if parent is not None and isinstance(parent.task_spec, Repeated):
            parent.task_spec.instance_done(parent)
        else:
            self.go_on(scope, exits)

    @staticmethod
    def go_on(scope: Scope, exits: Iterable[tuple[Flow, Element]]) -> None:
        for flow, target in exits:
            scope.enter(target, via=flow.id)
        scope.settle()

    def awaits(self, kind: str, name: str | None) -> bool:
        return False

    def fire(self, token: Token) -> None:
        raise EngineError(f"{self.name} is geen gebeurtenis")

    def awaken(self, token: Token) -> bool:
        return False


class UserTask(Element):
    """Waits for a person, with the term of this moment if it has one."""

    kind = "user"
    resting = TaskState.READY

    def _update_hook(self, token: Token) -> bool:
        machine = token.workflow.machine
        token.internal_data["o"] = to_number(machine.now)
        if self.node.term is not None:
            token.internal_data["d"] = resolve_term(machine.terms, self.node.term, machine.now)
        return True

    def _on_ready(self, token: Token) -> None: ...


class ServiceTask(UserTask):
    """Waits for a worker that knows its topic."""

    kind = "service"


class RuleTask(Element):
    """Asks a decision table for advice and keeps the answer as scalars; a person decides, or a gateway that is drawn so."""

    def _run_hook(self, token: Token) -> bool:
        scope = token.workflow
        decision = scope.machine.library.bundle.decisions[self.node.decision or ""]
        answer = decision.decide(scope.context(token)).outputs
        if isinstance(answer, list) or any(isinstance(value, list | dict) for value in answer.values()):
            raise RouteUndecided(f"{self.name}: tabel ‘{decision.id}’ geeft een lijst, geen losse uitkomst")
        advice = dict(zip(decision.produces(self.node.result), answer.values(), strict=True))
        token.internal_data["a"] = advice
        scope.machine.scalars.update(advice)
        return True


class SubProcess(Element):
    """Holds a scope of its own until that has ended."""

    resting = TaskState.STARTED

    def _update_hook(self, token: Token) -> bool:
        token._set_state(TaskState.STARTED)
        inner = token.workflow.machine.open(token, self.inner(token), token.workflow.items_at(token))
        inner.begin()
        return False

    def inner(self, token: Token) -> Level:
        return token.workflow.machine.library.level(token.workflow.spec.process_id, self.node.id)


class CallActivity(SubProcess):
    """Runs another process of the bundle."""

    def inner(self, token: Token) -> Level:
        return token.workflow.machine.library.level(self.node.called or "", None)


class EventSubProcess(SubProcess):
    """Starts from its listener, never from a flow."""


# -- gateways


class ExclusiveGateway(Element):
    """Takes the first flow whose condition holds, else the default."""

    def choose(self, token: Token) -> Iterable[tuple[Flow, Element]]:
        if len(self.exits) < 2:
            return self.exits
        context = token.workflow.context(token)
        for flow, target in self.exits:
            if (
                flow.id != self.node.default
                and flow.condition is not None
                and expressions.truth(flow.condition, context)
            ):
                return [(flow, target)]
        return self.otherwise()

    def otherwise(self) -> list[tuple[Flow, Element]]:
        default = [
            (flow, target)
            for flow, target in self.exits
            if flow.id == self.node.default or (not self.node.default and flow.condition is None)
        ]
        if len(default) != 1:
            raise RouteUndecided(f"{self.name}: geen enkele voorwaarde klopt en er is geen standaardpijl")
        return default


class Join(Element):
    """Tokens wait here, each knowing along which flow it came, until the join is complete; it takes one from each flow.

    What one round left behind stays for the next, as the standard says, and nothing of an earlier round is counted.
    """

    joins = True
    resting = TaskState.WAITING

    def arrived(self, token: Token) -> dict[str, Token]:
        """The oldest waiting token of each incoming flow."""
        found: dict[str, Token] = {}
        for other in token.workflow.tasks.values():
            if other.task_spec is self and other.state in (TaskState.WAITING, TaskState.FUTURE):
                found.setdefault(other.internal_data["v"], other)
        return found

    def take(self, token: Token, arrived: Mapping[str, Token]) -> None:
        for other in arrived.values():
            if other is not token:
                token.workflow.drop(other, TaskState.COMPLETED)


class ParallelGateway(Join):
    """Waits for a token along every incoming flow; sends one along every outgoing."""

    def _update_hook(self, token: Token) -> bool:
        arrived = self.arrived(token)
        if len(arrived) < len(self.node.incoming):
            token._set_state(TaskState.WAITING)
            return False
        # The token that completes the join is the only one along its flow, so it is among those taken.
        self.take(token, arrived)
        return True


class InclusiveGateway(Join, ExclusiveGateway):
    """Waits while a token can still arrive along a flow that has none; sends one along every flow whose condition holds."""

    dozes = True
    reached_from: Mapping[str, frozenset[str]] = {}  #: per incoming flow: nodes a token can come from

    def _update_hook(self, token: Token) -> bool:
        if len(self.node.incoming) < 2:
            return True
        token._set_state(TaskState.WAITING)
        return False

    def awaken(self, token: Token) -> bool:
        if token.state != TaskState.WAITING:
            return False
        arrived = self.arrived(token)
        covered: frozenset[str] = frozenset().union(*(self.reached_from[flow] for flow in arrived))
        missing = [self.reached_from[flow] - covered for flow in self.node.incoming if flow not in arrived]
        for other in token.workflow.tasks.values():
            if other.task_spec is not self and any(other.task_spec.node.id in places for places in missing):
                return False
        self.take(token, arrived)
        token._ready()
        return True

    def choose(self, token: Token) -> Iterable[tuple[Flow, Element]]:
        if len(self.exits) < 2:
            return self.exits
        context = token.workflow.context(token)
        chosen = [
            (flow, target)
            for flow, target in self.exits
            if flow.id != self.node.default and (flow.condition is None or expressions.truth(flow.condition, context))
        ]
        if chosen:
            return chosen
        if self.node.default is None:
            raise RouteUndecided(f"{self.name}: geen enkele voorwaarde klopt en er is geen standaardpijl")
        return self.otherwise()


class EventGateway(Element):
    """Puts a token on each event behind it; the first that happens takes the others away."""

    def leave(self, token: Token, exits: Iterable[tuple[Flow, Element]]) -> None:
        scope = token.workflow
        scope.drop(token, TaskState.COMPLETED)
        for flow, target in exits:
            scope.enter(target, via=flow.id, x=token.id)


# -- events


class Catch(Element):
    """Waits for its event: a message, signal, moment or condition."""

    resting = TaskState.WAITING

    def __init__(self, level: Level, node: Node, name: str | None = None) -> None:
        super().__init__(level, node, name)
        self.event = node.event or EventSpec("none")
        self.dozes = self.event.kind == "conditional"

    def _update_hook(self, token: Token) -> bool:
        if self.event.kind == "none":
            return True
        token._set_state(TaskState.WAITING)
        if self.event.timer is not None:
            begin(token, self.event.timer)
        return False

    def awaits(self, kind: str, name: str | None) -> bool:
        return self.event.kind == kind and self.event.name == name

    def catches(self, kind: str, code: str | None) -> bool:
        """Whether an error or escalation with *code* is caught here; one without a code catches all."""
        return self.event.kind == kind and self.event.name in (None, code)

    def awaken(self, token: Token) -> bool:
        if self.event.condition is None:
            return False
        holds = expressions.truth(self.event.condition, token.workflow.context(token))
        # An event that stays after it happened waits until the condition was false again.
        if holds and not token.internal_data.get("w"):
            token.internal_data["w"] = 1
            self.fire(token)
            return True
        if not holds:
            token.internal_data.pop("w", None)
        return False

    def stays(self, token: Token) -> bool:
        """Whether an event that interrupts nothing keeps waiting after it happened."""
        if self.event.timer is not None:
            return again(token, self.event.timer)
        return True

    def fire(self, token: Token) -> None:
        """It happened: the alternatives fall away and the token goes on."""
        scope, race = token.workflow, token.internal_data.get("x")
        if race is not None:
            for other in [other for other in scope.tasks.values() if other.internal_data.get("x") == race]:
                if other is not token:
                    scope.drop(other)
        scope.machine.count()
        token._set_state(TaskState.COMPLETED)
        self._on_complete(token)


class Receive(Catch):
    """A task that waits for a message."""


class Boundary(Catch):
    """On the edge of a step: interrupts it, or starts something beside it and goes on listening."""

    hangs = True

    def fire(self, token: Token) -> None:
        scope = token.workflow
        assert token._parent is not None
        host = scope.tasks[token._parent]
        scope.machine.count()
        scope.machine.note(token)
        if self.node.interrupting:
            scope.drop(host)
        elif not self.stays(token):
            scope.drop(token, TaskState.COMPLETED)
        self.go_on(scope, self.exits)


class Listener(Catch):
    """The start of an event sub-process; waits as long as its scope lives, but does not keep it alive."""

    listens = True

    def __init__(self, level: Level, node: Node, body: EventSubProcess) -> None:
        super().__init__(level, node, f"{node.id} listener")
        self.body = body

    def fire(self, token: Token) -> None:
        scope = token.workflow
        scope.machine.count()
        if self.node.interrupting or self.event.kind == "error":
            for other in list(scope.tasks.values()):
                if other.alive:
                    scope.drop(other)
        elif not self.stays(token):
            scope.drop(token, TaskState.COMPLETED)
        scope.enter(self.body)


class Throw(Element):
    """An intermediate or end event, or a task, that says something; the token goes on if there is a way."""

    def _on_complete(self, token: Token) -> None:
        scope, event = token.workflow, self.node.event or EventSpec("none")
        machine = scope.machine
        machine.note(token)
        if event.kind == "terminate":
            scope.end()
        elif event.kind in ("error", "escalation"):
            thrown(event.kind, event.name, token)
        elif event.kind == "message" or (event.kind == "signal" and not machine.deliver("signal", event.name)):
            # A message is for somebody outside this run; a signal is for everybody.
            machine.sent.append(event.name or "")
        # What was said may have taken this very token away.
        if token.alive:
            self.leave(token, self.exits)


def thrown(kind: str, code: str | None, token: Token) -> None:
    """Find who catches an error or escalation, from the inside out: event sub-processes of the scope, edges of its host.

    An error at the top of the run ends the run, as drawn; an escalation that nobody catches does nothing.

    Raises:
        RouteUndecided: nobody catches an error from inside a step: the drawing does not say what becomes of the case.
    """
    scope, passed = token.workflow, set[Element]()
    while True:
        catching = [
            other
            for other in scope.tasks.values()
            if isinstance(other.task_spec, Listener) and other.task_spec.body not in passed
        ]
        host = scope.host
        while host is not None:
            passed.add(host.task_spec)
            catching += [host.workflow.tasks[key] for key in host._children]
            host = None if host._parent is None else host.workflow.tasks[host._parent]
        found = [
            (element.event.name is None, order, one, element)
            for order, one in enumerate(catching)
            if isinstance(element := one.task_spec, Catch) and element.catches(kind, code)
        ]
        if found:
            # An event that names the code goes before one that catches everything.
            _, _, one, element = min(found, key=lambda entry: entry[:2])
            element.fire(one)
            return
        if scope.host is None:
            break
        scope = scope.host.workflow
    if kind == "error" and scope is not token.workflow:
        raise RouteUndecided(f"{token.task_spec.name}: fout ‘{code}’ wordt nergens opgevangen")
    if kind == "error":
        scope.end()


# -- repetition


class Repeated(Element):
    """Runs the step inside several times; *inner* is that step without its repetition."""

    resting = TaskState.STARTED

    def __init__(self, level: Level, node: Node, loop: Loop, inner: Element) -> None:
        super().__init__(level, node)
        self.loop = loop
        self.inner = inner
        self.item_name = loop.item

    def _on_complete(self, token: Token) -> None:
        self.leave(token, self.exits)

    def instance_done(self, token: Token) -> None:
        raise NotImplementedError

    def instance(self, token: Token, item: Any) -> None:
        token.workflow.enter(self.inner, parent=token, i=item)

    def finish(self, token: Token) -> None:
        """Take away what still waits inside, and go on."""
        for key in list(token._children):
            if not isinstance(token.workflow.tasks[key].task_spec, Boundary):
                token.workflow.drop(token.workflow.tasks[key])
        token._ready()


class StandardLoop(Repeated):
    """Again and again while its condition holds; asked before the first round only when drawn so."""

    def _update_hook(self, token: Token) -> bool:
        token.internal_data["k"] = 0
        if self.loop.test_before and not self.again(token):
            return True
        token._set_state(TaskState.STARTED)
        self.instance(token, 0)
        return False

    def again(self, token: Token) -> bool:
        if self.loop.maximum is not None and token.internal_data["k"] >= self.loop.maximum:
            return False
        if self.loop.condition is None:
            return self.loop.maximum is not None
        return expressions.truth(self.loop.condition, token.workflow.context(token))

    def instance_done(self, token: Token) -> None:
        token.workflow.machine.count()
        token.internal_data["k"] += 1
        if self.again(token):
            self.instance(token, token.internal_data["k"])
        else:
            self.finish(token)


class Instances(Repeated):
    """Once for each item of a collection, or so many times; all at once or one after the other."""

    def _update_hook(self, token: Token) -> bool:
        items = self.items(token)
        token.internal_data.update(n=len(items), k=0)
        if not items:
            return True
        token._set_state(TaskState.STARTED)
        if self.loop.kind == "sequential":
            token.internal_data["q"] = items[1:]
            items = items[:1]
        for item in items:
            self.instance(token, item)
        return False

    def items(self, token: Token) -> list[Any]:
        context = token.workflow.context(token)
        if self.loop.collection is not None:
            items = expressions.evaluate(self.loop.collection, context)
            if not isinstance(items, list) or not all(
                item is None or isinstance(item, str | int | float) for item in items
            ):
                raise RouteUndecided(f"{self.name}: ‘{self.loop.collection}’ is geen lijst van losse waarden")
        else:
            count = expressions.evaluate(self.loop.cardinality or "null", context)
            if isinstance(count, bool) or not isinstance(count, int | float) or count != int(count) or count < 0:
                raise RouteUndecided(f"{self.name}: ‘{self.loop.cardinality}’ is geen heel getal")
            items = list(range(min(int(count), limits.INSTANCES + 1)))
        if len(items) > limits.INSTANCES:
            raise TooManySteps(f"{self.name}: meer dan {limits.INSTANCES} keer dezelfde stap")
        return items

    def instance_done(self, token: Token) -> None:
        data = token.internal_data
        data["k"] += 1
        if self.enough(token):
            self.finish(token)
        elif data.get("q"):
            self.instance(token, data["q"].pop(0))
        elif data["k"] == data["n"]:
            self.finish(token)

    def enough(self, token: Token) -> bool:
        if self.loop.condition is None:
            return False
        done, total = token.internal_data["k"], token.internal_data["n"]
        active = 1 if self.loop.kind == "sequential" and done < total else total - done
        counts = {"nrOfInstances": total, "nrOfCompletedInstances": done, "nrOfActiveInstances": active}
        return expressions.truth(self.loop.condition, {**token.workflow.context(token), **counts})


# -- time


def resolve_term(terms: Callable[[str, datetime], datetime], name: str, began: datetime) -> int:
    instant = terms(name, began)
    if instant.tzinfo is None:
        raise TimerInvalid(f"term.{name}: een moment zonder tijdzone")
    return to_number(instant)


def begin(token: Token, timer: TimerSpec) -> None:
    """Start a timer: *b* is when it began, *d* when it is due, *r* how often it still comes."""
    machine, data = token.workflow.machine, token.internal_data
    data["b"] = to_number(machine.now)
    if timer.kind == "term":
        data["d"] = resolve_term(machine.terms, timer.text, machine.now)
    elif timer.kind == "date":
        data["d"] = to_number(clock.parse_instant(timer.text))
    elif timer.kind == "duration":
        data["d"] = to_number(clock.add_duration(machine.now, timer.text))
    else:
        cycle = clock.parse_cycle(timer.text)
        data["d"] = to_number(cycle.start or cycle.every.after(machine.now))
        if cycle.repetitions is not None:
            data["r"] = cycle.repetitions


def again(token: Token, timer: TimerSpec) -> bool:
    """Set a timer that just rang to its next round; False when there is none.

    Rounds that were missed because nobody looked count as rung: one reminder, not one for each week of silence.
    """
    machine, data = token.workflow.machine, token.internal_data
    now = to_number(machine.now)
    if timer.kind == "term":
        data.update(b=now, d=resolve_term(machine.terms, timer.text, machine.now))
        return timer.repeats and bool(data["d"] > now)
    if timer.kind != "cycle":
        return False
    every = clock.parse_cycle(timer.text).every
    while data["d"] <= now:
        if "r" in data:
            data["r"] -= 1
            if data["r"] == 0:
                return False
        data["d"] = to_number(every.after(to_instant(data["d"])))
    return True
