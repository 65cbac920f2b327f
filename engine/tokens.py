"""The running side of the machine: live steps and the scopes they are in. Knows no diagram and no storage.

SpiffWorkflow keeps every step that ever was in a tree and guesses the future in it; cost then grows with the age of a case and
joins count steps of earlier rounds. Here its tasks are tokens only: a scope holds what is alive now, nothing that was
and nothing that may come. What happened is told through ``Machine.note``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine import expressions
from engine.errors import EngineError, TooManySteps

if TYPE_CHECKING:
    from engine.elements import Element
    from engine.specs import Level, Library

#: Automatic steps in one call. Far above what a drawn method needs, and done in well under a second.
MOST_STEPS: Final = 2_000
#: Calls and sub-processes within each other.
DEEPEST: Final = 20

Terms = Callable[[str, datetime], datetime]


class Token(Task):
    """A live step. ``internal_data`` is all that is stored of it, under keys of one letter (see ``engine.state``)."""

    id: int  # type: ignore[assignment]
    _parent: int | None  # type: ignore[assignment]
    workflow: Scope  # type: ignore[assignment]
    task_spec: Element

    def __init__(self, scope: Scope, element: Element, key: int, parent: Token | None = None) -> None:
        # Not Task.__init__: that reads the clock, draws a random id, and copies data along.
        self.id = key
        self.workflow = scope
        self.task_spec = element
        self.data = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = 0.0
        self.thread_id = 0
        self.triggered = False
        self._state = TaskState.FUTURE
        self._children: list[int] = []
        self._parent = None if parent is None else parent.id
        scope.tasks[key] = self
        if parent is not None:
            parent._children.append(key)

    def _set_state(self, value: int) -> None:
        self._state = value

    @property
    def alive(self) -> bool:
        return self.workflow.tasks.get(self.id) is self


class Scope:
    """One level of one process with its tokens: the run itself, a sub-process, or a called process."""

    spec: Level
    tasks: dict[int, Token]
    machine: Machine
    host: Token | None
    items: Mapping[str, Any]
    completed: bool
    depth: int

    def enter(self, element: Element, *, via: str | None = None, parent: Token | None = None, **data: Any) -> Token:
        """Put a token on *element*, and the events on its edge in waiting."""
        token = Token(self, element, self.machine.next_key(), parent)
        token.internal_data.update(data)
        if via is not None and element.joins:
            token.internal_data["v"] = via
        element._update(token)
        if element.boundary and token.alive:
            for event in element.boundary:
                event._update(Token(self, event, self.machine.next_key(), token))
        return token

    def drop(self, token: Token, state: int = TaskState.CANCELLED) -> None:
        """Take a token away, with all that hangs on it: events on its edge, its instances, its sub-process."""
        for child in list(token._children):
            self.drop(self.tasks[child])
        inner = self.machine.subprocesses.pop(token.id, None)
        if inner is not None:
            inner.clear()
        parent = None if token._parent is None else self.tasks.get(token._parent)
        if parent is not None:
            parent._children.remove(token.id)
        token._state = state
        del self.tasks[token.id]

    def clear(self) -> None:
        """Take every token away: the scope is over."""
        self.completed = True
        for token in list(self.tasks.values()):
            if token.alive:
                self.drop(token)

    def settle(self) -> None:
        """When nothing but listeners is left, the scope has ended and its host may go on."""
        if self.completed or any(not token.task_spec.listens for token in self.tasks.values()):
            return
        self.end()

    def end(self) -> None:
        """The scope is over, whatever was still going on in it, and its host may go on."""
        self.clear()
        if self.host is not None:
            self.machine.subprocesses.pop(self.host.id, None)
            self.host._ready()

    def begin(self) -> None:
        """Put a token on each start, and the event sub-processes in waiting."""
        for start in self.spec.starts:
            self.enter(start)
        for listener in self.spec.listeners:
            listener._update(Token(self, listener, self.machine.next_key()))
        self.settle()

    def items_at(self, token: Token) -> dict[str, Any]:
        """Names that only this instance knows: the item of each repetition it is inside of."""
        found: dict[str, Any] = {}
        holder = token
        while holder._parent is not None:
            parent = self.tasks[holder._parent]
            name = parent.task_spec.item_name
            if name is not None and "i" in holder.internal_data:
                found.setdefault(name, holder.internal_data["i"])
            holder = parent
        return {**self.items, **found}

    def context(self, token: Token) -> dict[str, Any]:
        """What an expression at *token* may read."""
        return {**self.machine.scalars, **self.items_at(token)}

    # What SpiffWorkflow would do after each step: walk the whole tree, and end at a step that is called "End".
    def _task_completed_notify(self, task: Task) -> None: ...
    def update_waiting_tasks(self) -> None: ...


class Machine(Scope, BpmnWorkflow):  # type: ignore[misc]
    """A run: the outermost scope, with what all scopes share."""

    depth = 0
    host = None

    def __init__(self, library: Library, level: Level, *, now: datetime, terms: Terms) -> None:
        super().__init__(level, {}, script_engine=FeelOnly(), deserializing=True)  # type: ignore[no-untyped-call]
        self.machine = self
        self.plans = library
        self.items = {}
        self.now = now
        self.terms = terms
        self.scalars: dict[str, Any] = dict.fromkeys(sorted(library.bundle.deciding))
        self.last_key = 0
        self.agenda: deque[Token] = deque()
        self.note: Callable[[Token], None] = lambda token: None
        self.sent: list[str] = []
        self.steps = 0

    def next_key(self) -> int:
        self.last_key += 1
        return self.last_key

    def scopes(self) -> Iterator[Scope]:
        yield self
        yield from self.subprocesses.values()

    def tokens(self) -> Iterator[Token]:
        for scope in self.scopes():
            yield from scope.tasks.values()

    def open(self, host: Token, level: Level, items: Mapping[str, Any]) -> SubScope:
        """Start a scope inside *host*, empty."""
        scope = SubScope(self, host, level, items)
        if scope.depth > DEEPEST:
            raise TooManySteps(f"{level.process_id}: meer dan {DEEPEST} processen in elkaar")
        self.subprocesses[host.id] = scope
        return scope

    def run(self) -> None:
        """Run on until only people, services, messages and time can move the process.

        Raises:
            TooManySteps: it does not come to rest.
        """
        while True:
            while self.agenda:
                token = self.agenda.popleft()
                if token.alive and token.state == TaskState.READY:
                    self.count()
                    token.run()
            # Only at rest is it known which tokens can still arrive, and whether a condition now holds.
            if not any(
                token.alive and token.task_spec.awaken(token) for token in list(self.tokens()) if token.task_spec.dozes
            ):
                return

    def count(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooManySteps(f"{self.spec.process_id}: meer dan {MOST_STEPS} automatische stappen achter elkaar")

    def deliver(self, kind: str, name: str | None) -> bool:
        """Hand a message or signal to everything that waits for it now."""
        heard = False
        for token in [token for token in self.tokens() if token.task_spec.awaits(kind, name)]:
            if token.alive:
                heard = True
                token.task_spec.fire(token)
        return heard


class SubScope(Scope, BpmnSubWorkflow):  # type: ignore[misc]
    """A sub-process or called process; *host* is the step it runs in."""

    def __init__(self, machine: Machine, host: Token, level: Level, items: Mapping[str, Any]) -> None:
        self.host = host
        self.machine = machine
        self.items = items
        super().__init__(level, host.id, machine, deserializing=True)  # type: ignore[no-untyped-call]

    @property
    def parent_workflow(self) -> Scope:
        assert self.host is not None
        return self.host.workflow

    def _calculate_depth(self) -> int:
        return int(self.parent_workflow.depth) + 1


class FeelOnly:
    """The only script engine SpiffWorkflow gets here: it evaluates FEEL and executes nothing."""

    def evaluate(self, task: Token, expression: str, external_context: object = None) -> Any:
        return expressions.evaluate(expression, task.workflow.context(task))

    def execute(self, task: Token, script: str, external_context: object = None) -> NoReturn:
        raise EngineError("een diagram voert geen scripts uit")

    def call_service(self, task: Token, **arguments: object) -> NoReturn:
        raise EngineError("een diagram roept geen diensten aan")

    @property
    def environment(self) -> NoReturn:
        raise EngineError("een diagram heeft geen omgeving voor scripts")
