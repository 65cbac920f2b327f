"""What each drawn step and gateway does with a token. Events are in ``engine.events``.

Of SpiffWorkflow's specs only the life of a task is used (update, ready, run, complete): nothing is predicted, copied along or
merged. Elements are shared between runs and threads; all that changes is in the token.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from engine import expressions, limits
from engine.errors import EngineError, RouteUndecided, TooManySteps
from engine.model import Flow, Loop, Node
from engine.timers import resolve_term, to_number
from engine.tokens import Scope, Token

if TYPE_CHECKING:
    from engine.events import Boundary
    from engine.specs import Level


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
        decision = scope.machine.plans.bundle.decisions[self.node.decision or ""]
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
        return token.workflow.machine.plans.level(token.workflow.spec.process_id, self.node.id)


class CallActivity(SubProcess):
    """Runs another process of the bundle."""

    def inner(self, token: Token) -> Level:
        return token.workflow.machine.plans.level(self.node.called or "", None)


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
        for inside in [token.workflow.tasks[key] for key in token._children]:
            if inside.task_spec is self.inner:
                token.workflow.drop(inside)
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
