"""A run of a drawn process: start, resume, complete a step, tell it a message or the time, and store it again.

Knows bundles, steps and routes; does not know who may do what, nor where states are kept. Time is handed in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from engine import specs, timers
from engine import state as states
from engine.elements import Element
from engine.errors import EngineError, Scalar, StateUnreadable, StepNotWaiting
from engine.events import Catch
from engine.model import Node
from engine.specs import Library
from engine.tokens import Machine, Terms, Token

if TYPE_CHECKING:
    from engine.bundle import Bundle

__all__ = ["HalfWay", "Process", "Step", "Terms", "Waiting"]

#: Outcomes are codes and ids, not stories: the state stays small.
LONGEST_TEXT: Final = 1_000
MOST_NAMES: Final = 300
_EXACT: Final = 2**53


class HalfWay(EngineError):
    """An earlier call failed, so this object is half-way: throw it away and resume the last dump."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step that waits for a person or a worker.

    Attributes:
        key: of this step in this run; the same after every resume, never given out twice.
        kind: ``user`` or ``service``.
        role: role code of its lane; that of the step which calls the process when the process has no lanes.
        due_at: when its *term* ends, resolved when the step opened; None without a term.
        properties: those of the calling steps, overridden by its own.
        item: what this instance of a repeated step is for; None when it is not repeated.
    """

    key: str
    process_id: str
    element_id: str
    name: str
    documentation: str
    kind: str
    role: str | None
    lane: str | None
    form: str | None
    topic: str | None
    term: str | None
    due_at: datetime | None
    opened_at: datetime
    properties: Mapping[str, str]
    item: Scalar


@dataclass(frozen=True, slots=True)
class Step:
    """An element that was passed. A repeated step counts each instance; *scalars* are those given or decided there."""

    process_id: str
    element_id: str
    kind: str
    name: str
    at: datetime
    key: str
    scalars: Mapping[str, Any] = field(default_factory=dict)


class Process:
    """One run. Not for two threads at once; the specs behind it are."""

    def __init__(self, machine: Machine) -> None:
        """Use :meth:`start` or :meth:`resume`."""
        self._machine = machine
        self._taken: list[Step] = []
        self._given: tuple[int, Mapping[str, Scalar]] | None = None
        self._broken = False
        machine.note = self._note

    @classmethod
    def start(
        cls,
        bundle: Bundle,
        process_id: str,
        *,
        now: datetime,
        terms: Terms,
        scalars: Mapping[str, Scalar] | None = None,
    ) -> Process:
        """Begin a run, up to its first waits.

        Raises:
            RouteUndecided, ExpressionFailed, TooManySteps: it cannot come that far.
        """
        library = specs.plans(bundle)
        process = cls(Machine(library, library.level(process_id, None), now=_aware(now), terms=terms))
        process._machine.scalars.update(_checked(scalars))
        with process._moving():
            process._machine.begin()
        return process

    @classmethod
    def resume(cls, bundle: Bundle, state: bytes, *, now: datetime, terms: Terms) -> Process:
        """Go on with a stored run. Nothing moves: timers wait for :meth:`run_due`.

        Raises:
            StateUnreadable: damaged, of an unknown version, or of another bundle.
        """

        def find(digest: str) -> Library:
            if digest != bundle.digest:
                raise StateUnreadable("de bewaarde stand hoort bij een andere bundel")
            return specs.plans(bundle)

        return cls(states.load(state, find, now=_aware(now), terms=terms))

    def dump(self) -> bytes:
        """The state to store: bytes, the same for the same state. Only meaningful while nothing failed."""
        self._usable()
        return states.dump(self._machine)

    # -- what is the case

    def waiting(self) -> tuple[Waiting, ...]:
        """Steps that wait for a person or a worker, oldest first."""
        self._usable()
        return tuple(_waiting(token) for token in sorted(self._people(), key=lambda token: token.id))

    @property
    def live(self) -> tuple[tuple[str, str], ...]:
        """Process and element id of everything that is busy or waits, also gateways, events and calling steps."""
        found = {(token.workflow.spec.process_id, token.task_spec.node.id): None for token in self._machine.tokens()}
        return tuple(found)

    @property
    def due_at(self) -> datetime | None:
        """When the earliest timer rings; None without timers. May be in the past: then it is time for :meth:`run_due`."""
        return min((timers.to_instant(token.internal_data["d"]) for token in self._timers()), default=None)

    @property
    def scalars(self) -> Mapping[str, Scalar]:
        """What routes decide on. Every name that a condition or table of the bundle reads is there, None until set."""
        return dict(self._machine.scalars)

    @property
    def taken(self) -> tuple[Step, ...]:
        """Elements passed since start or resume, in order."""
        return tuple(self._taken)

    @property
    def sent(self) -> tuple[str, ...]:
        """Names of messages and signals thrown since start or resume that nothing in this run awaited."""
        return tuple(self._machine.sent)

    @property
    def ended(self) -> bool:
        return bool(self._machine.completed)

    # -- what happens

    def complete(self, key: str, outcomes: Mapping[str, Scalar]) -> None:
        """Finish a waiting step and run on until the process waits again or ends.

        Args:
            key: of a step in :meth:`waiting`.
            outcomes: what gateways may decide on, e.g. ``{"outcome": "agreed"}``. Scalars only: ids and outcomes, never
                names or notes.

        Raises:
            StepNotWaiting: somebody was first, or the step was withdrawn. Nothing moved.
            RouteUndecided, ExpressionFailed, TooManySteps: the process is then half-way: throw it away and resume the
                last dump.
        """
        self._usable()
        given = _checked(outcomes)
        token = next((token for token in self._people() if str(token.id) == key), None)
        if token is None:
            raise StepNotWaiting(f"stap {key[:40]} wacht niet (meer)")
        with self._moving():
            self._machine.scalars.update(given)
            self._given = (token.id, given)
            token.run()

    def message(self, name: str, outcomes: Mapping[str, Scalar] | None = None) -> bool:
        """Tell the run something; everything that waits for it now hears it.

        Returns:
            False: nothing awaits it, and nothing changed, not the scalars either.
        """
        self._usable()
        given = _checked(outcomes)
        if not any(token.task_spec.awaits("message", name) for token in self._machine.tokens()):
            return False
        with self._moving():
            self._machine.scalars.update(given)
            self._machine.deliver("message", name)
        return True

    def run_due(self) -> int:
        """Ring the timers that are due at ``now``, earliest first, also those that come due on the way.

        Returns:
            How many rang.
        """
        self._usable()
        rang = 0
        with self._moving():
            while (token := self._next_due()) is not None:
                token.task_spec.fire(token)
                self._machine.run()
                rang += 1
        return rang

    def reschedule(self) -> None:
        """Resolve every term again, from when it began: of timers and of open steps. Use after a setting or date changed."""
        self._usable()
        machine = self._machine
        with self._moving():
            for token in machine.tokens():
                element, data = token.task_spec, token.internal_data
                if (
                    isinstance(element, Catch)
                    and element.event.timer is not None
                    and element.event.timer.kind == "term"
                ):
                    began = timers.to_instant(data["b"])
                    data["d"] = timers.resolve_term(machine.terms, element.event.timer.text, began)
                elif element.kind is not None and element.node.term is not None:
                    data["d"] = timers.resolve_term(machine.terms, element.node.term, timers.to_instant(data["o"]))

    # -- inside

    def _people(self) -> Iterator[Token]:
        return (token for token in self._machine.tokens() if token.task_spec.kind is not None)

    def _timers(self) -> Iterator[Token]:
        return (
            token
            for token in self._machine.tokens()
            if isinstance(token.task_spec, Catch) and token.task_spec.event.timer is not None
        )

    def _next_due(self) -> Token | None:
        now = timers.to_number(self._machine.now)
        due = [token for token in self._timers() if token.internal_data["d"] <= now]
        return min(due, key=lambda token: (token.internal_data["d"], token.id), default=None)

    def _usable(self) -> None:
        if self._broken:
            raise HalfWay("dit proces is halverwege gestopt: gooi het weg en hervat de laatst bewaarde stand")

    @contextmanager
    def _moving(self) -> Iterator[None]:
        """Run on to rest afterwards; after any exception this object is of no use any more."""
        self._broken = True
        self._machine.steps = 0
        yield
        self._machine.run()
        self._broken = False

    def _note(self, token: Token) -> None:
        node: Node = token.task_spec.node
        scalars: Mapping[str, Any] = token.internal_data.get("a", {})
        if self._given is not None and self._given[0] == token.id:
            scalars, self._given = self._given[1], None
        process_id = token.workflow.spec.process_id
        self._taken.append(
            Step(process_id, node.id, node.kind, node.name, self._machine.now, str(token.id), dict(scalars))
        )


def _waiting(token: Token) -> Waiting:
    element: Element = token.task_spec
    node, data = element.node, token.internal_data
    role, lane, properties = node.role, node.lane, dict(node.properties)
    host = token.workflow.host
    while host is not None:
        caller: Node = host.task_spec.node
        properties = {**caller.properties, **properties}
        if role is None:
            role, lane = caller.role, caller.lane
        host = host.workflow.host
    due = data.get("d")
    return Waiting(
        key=str(token.id),
        process_id=token.workflow.spec.process_id,
        element_id=node.id,
        name=node.name,
        documentation=node.documentation,
        kind=element.kind or "",
        role=role,
        lane=lane,
        form=node.form,
        topic=node.topic,
        term=node.term,
        due_at=None if due is None else timers.to_instant(due),
        opened_at=timers.to_instant(data["o"]),
        properties=properties,
        item=_item(token),
    )


def _item(token: Token) -> Scalar:
    """The item of the nearest repetition around this step."""
    holder: Token | None = token
    while holder is not None:
        if "i" in holder.internal_data:
            item: Scalar = holder.internal_data["i"]
            return item
        scope = holder.workflow
        holder = scope.tasks[holder._parent] if holder._parent is not None else scope.host
    return None


def _aware(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    return now


def _checked(outcomes: Mapping[str, Scalar] | None) -> dict[str, Scalar]:
    """The outcomes, when they are few, short and scalar. Anything else is a fault of the caller, not of a person."""
    given = dict(outcomes or {})
    if len(given) > MOST_NAMES:
        raise ValueError(f"more than {MOST_NAMES} outcomes")
    for name, value in given.items():
        if not isinstance(name, str) or not 0 < len(name) <= 100:
            raise ValueError("a name of an outcome is text of at most 100 characters")
        if isinstance(value, str):
            fits = len(value) <= LONGEST_TEXT and value.isprintable()
        elif isinstance(value, int | float):
            fits = math.isfinite(value) and abs(value) <= _EXACT
        else:
            fits = value is None
        if not fits:
            raise ValueError(f"outcome {name[:40]}: not a short text, a number, true, false or null")
    return given
