"""What each drawn event does with a token: wait, interrupt, listen, or tell others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine import expressions
from engine.elements import Element, EventSubProcess
from engine.errors import RouteUndecided
from engine.model import EventSpec, Node
from engine.timers import again, begin
from engine.tokens import Scope, Token

if TYPE_CHECKING:
    from engine.specs import Level


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
    for listening in _around(token.workflow):
        found = [(one, one.task_spec) for one in listening if isinstance(one.task_spec, Catch)]
        # An event that names the code goes before one that catches everything.
        for one, element in sorted(found, key=lambda pair: pair[1].event.name is None):
            if element.catches(kind, code):
                element.fire(one)
                return
    if kind == "error" and token.workflow.host is not None:
        raise RouteUndecided(f"{token.task_spec.name}: fout ‘{code}’ wordt nergens opgevangen")
    if kind == "error":
        token.workflow.end()


def _around(scope: Scope) -> Iterator[list[Token]]:
    """Who could catch something from *scope*, group by group; not an event sub-process what it throws itself."""
    inside: set[Element] = set()
    while True:
        yield [
            one
            for one in scope.tasks.values()
            if isinstance(listener := one.task_spec, Listener) and listener.body not in inside
        ]
        host = scope.host
        if host is None:
            return
        inside.add(host.task_spec)
        scope = host.workflow
        yield [scope.tasks[key] for key in host._children]
        if host._parent is not None:
            yield [scope.tasks[key] for key in scope.tasks[host._parent]._children]
