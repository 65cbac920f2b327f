"""What can be demanded of every drawn method beyond that it runs: what must come first, what must stop everything, whom time tells.

Knows ways through processes that call each other; the words, roles and forms of a method are handed in. As in
``soundness`` every choice is free and every event may come or stay away: conditions are not read.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.errors import Finding
from engine.model import Flow, Node, ProcessModel

#: Says of a step whether something holds for it, e.g. that it asks consent.
Gate = Callable[[ProcessModel, Node], bool]

#: A longer label does not fit its shape, and few people read it.
LABEL_LENGTH: Final = 60
_ACTIVITIES: Final = frozenset({"userTask", "serviceTask", "receiveTask", "callActivity", "subProcess"})
_WAITS: Final = frozenset({"intermediateCatchEvent", "eventBasedGateway"})
_LEAVES_BY_AN_EDGE: Final = frozenset({"error", "escalation"})
#: Words that drawers take over from English tools and for which everybody has a Dutch word.
ENGLISH: Final = frozenset({
    "approve", "approval", "assess", "assessment", "assign", "case", "check", "checklist", "client", "close", "complete",
    "consent", "decline", "delete", "done", "evaluate", "evaluation", "fail", "feedback", "follow-up", "followup", "form",
    "handover", "hand-over", "issue", "meeting", "monitoring", "next", "notify", "outreach", "owner", "reject", "reminder",
    "request", "review", "send", "signal", "skip", "step", "submit", "support", "task", "timeout", "trigger", "update",
    "user", "workflow",
})  # fmt: skip
#: Dutch tells what is done with an infinitive: vastleggen, doen, kiezen, gaan, afronden.
_INFINITIVE: Final = re.compile(r"\w{2,}(?:en|aan|oen|ien)", re.I)
_EQUALS: Final = re.compile(r'([A-Za-z]\w*)\s*=\s*"[^"]*"')
_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Way:
    """A step and how it was reached; chained, so that a long way costs no more than a short one."""

    process_id: str
    element_id: str
    before: Way | None = None

    def steps(self) -> list[Way]:
        """From the first step to this one."""
        found: list[Way] = []
        here: Way | None = self
        while here is not None:
            found.append(here)
            here = here.before
        return found[::-1]


class Without:
    """Where a run can come without having passed a step for which *gate* holds, called processes included.

    Being in such a step is not having passed it: what happens at its edge comes without.

    Args:
        processes: of one bundle, by id; calls in a ring were refused before.
        decided: names that get a value only in a step that passes the gate: an arrow that can be taken only when one
            of them has some value comes behind it.
        events: whether event sub-processes are followed too; they can begin at any moment, so without anything.

    Attributes:
        steps: process id and element id → a way there.
    """

    def __init__(
        self,
        processes: Mapping[str, ProcessModel],
        gate: Gate,
        *,
        decided: frozenset[str] = frozenset(),
        events: bool = True,
    ) -> None:
        self.processes = processes
        self.gate = gate
        self.decided = decided
        self.events = events
        self.steps: dict[tuple[str, str], Way] = {}
        self._ends: dict[str, bool] = {}
        self._edges: dict[str, dict[str, list[Node]]] = {}

    def walk(self, process_id: str, way: Way | None = None) -> bool:
        """Follow a process from its start; returns whether it can end without."""
        if process_id not in self._ends:
            self._ends[process_id] = False  # a ring of calls: refused elsewhere
            model = self.processes[process_id]
            self._ends[process_id] = self.level(model, None, [start.id for start in model.starts()], way)
        return self._ends[process_id]

    def level(self, model: ProcessModel, parent: str | None, first: Iterable[str], way: Way | None = None) -> bool:
        """Follow one level from the nodes *first*; returns whether it can end without."""
        arrived: dict[str, set[str]] = {}
        seen: dict[str, bool] = {}  # whether only beside the main road: behind an event that interrupts nothing
        ends = False
        todo: deque[tuple[str, Flow | None, Way | None, bool]] = deque((node_id, None, way, False) for node_id in first)
        if self.events:
            for listener in model.event_subprocesses(parent):
                if self._inside(model, listener, way) and any(s.interrupting for s in model.starts(listener.id)):
                    ends = True
        while todo:
            node_id, flow, before, aside = todo.popleft()
            node = model.nodes[node_id]
            if flow is not None and node.kind == "parallelGateway":
                # It waits for every branch: one that passed the gate is enough.
                came = arrived.setdefault(node_id, set())
                came.add(flow.id)
                if came < set(node.incoming):
                    continue
            if not seen.get(node_id, True) or (aside and node_id in seen):
                continue
            seen[node_id] = aside
            here = Way(model.id, node_id, before)
            self.steps.setdefault((model.id, node_id), here)
            for edge in self._at_the_edge(model).get(node_id, ()):
                todo.append((edge.id, None, here, aside or not edge.interrupting))
            if node.kind == "endEvent":
                kind = "none" if node.event is None else node.event.kind
                ends = ends or kind == "terminate" or not (aside or kind in _LEAVES_BY_AN_EDGE)
            elif self._passes(model, node, here):
                for flow in (model.flows[out] for out in node.outgoing):
                    if not (self.decided and needs(flow) & self.decided):
                        todo.append((flow.target, flow, here, aside))
        return ends

    def _at_the_edge(self, model: ProcessModel) -> Mapping[str, list[Node]]:
        if model.id not in self._edges:
            found = self._edges[model.id] = {}
            for node in model.nodes.values():
                if node.attached_to is not None:
                    found.setdefault(node.attached_to, []).append(node)
        return self._edges[model.id]

    def _passes(self, model: ProcessModel, node: Node, way: Way) -> bool:
        through = True
        if node.called in self.processes:
            through = self.walk(str(node.called), way)
        elif node.kind == "subProcess":
            through = self._inside(model, node, way)
        if through and not self.gate(model, node):
            return True
        # Done for each of a list that may be empty, or only while something holds: perhaps not done at all.
        return node.loop is not None and (node.loop.kind != "standard" or node.loop.test_before)

    def _inside(self, model: ProcessModel, node: Node, way: Way | None) -> bool:
        return self.level(model, node.id, [start.id for start in model.starts(node.id)], way)


def needs(flow: Flow) -> frozenset[str]:
    """Names that must have a value before this arrow can be taken: ``route = "exploration" and phase = "pregnant"``.

    Only what is written as plainly as that is understood; of anything else nothing is said.
    """
    parts = [_EQUALS.fullmatch(part.strip()) for part in re.split(r"\band\b", flow.condition or "")]
    return frozenset(part.group(1) for part in parts if part is not None) if all(parts) else frozenset()


def told(processes: Mapping[str, ProcessModel], way: Way) -> str:
    """A way in words: names only; a long one without its middle."""
    words = [
        label for step in way.steps() if (label := processes[step.process_id].label(step.element_id)) != step.element_id
    ]
    if len(words) > 8:
        words = [*words[:4], "…", *words[-3:]]
    return " → ".join(words)


def uninterrupted(model: ProcessModel, message: str, *, after: Gate) -> Iterator[Node]:
    """Steps and waits of a process that go on when *message* comes.

    Args:
        after: steps that the message itself leads to.
    """
    for node in model.nodes.values():
        waits = node.kind in _ACTIVITIES | _WAITS and not node.event_subprocess
        if waits and not after(model, node) and not _stopped(model, node, message):
            yield node


def stops(model: ProcessModel, message: str) -> Iterator[Node]:
    """The events that end a step, or everything that goes on, when *message* comes."""
    for node in model.nodes.values():
        if node.kind in ("boundaryEvent", "startEvent") and _hears(node, message) and node.interrupting:
            yield node


def _hears(node: Node, message: str) -> bool:
    return node.event is not None and (node.event.kind, node.event.name) == ("message", message)


def _stopped(model: ProcessModel, node: Node, message: str) -> bool:
    """Whether an event ends it: at its own edge, at that of a sub-process around it, or in a level that it is in."""
    around: Node | None = node
    while around is not None:
        if any(_hears(edge, message) and edge.interrupting for edge in model.boundary(around.id)):
            return True
        for listener in model.event_subprocesses(around.parent):
            if any(_hears(start, message) and start.interrupting for start in model.starts(listener.id)):
                return True
        around = model.nodes.get(around.parent or "")
    return False


def silent_timers(processes: Mapping[str, ProcessModel]) -> Iterator[tuple[ProcessModel, Node]]:
    """Timers after which the course can end before anybody gets a task, so that nobody learns that time was up."""
    silence = _Silence(processes)
    for model in processes.values():
        for node in model.nodes.values():
            if node.event is not None and node.event.kind == "timer" and silence.after(model, node):
                yield model, node


class _Silence:
    """Whether a token can go on until its end without anybody getting a task."""

    def __init__(self, processes: Mapping[str, ProcessModel]) -> None:
        self.processes = processes
        self.quiet = Without(processes, lambda _, node: node.kind == "userTask", events=False)
        self.callers: dict[str, list[tuple[ProcessModel, Node]]] = {}
        for model in processes.values():
            for node in model.nodes.values():
                if node.called is not None:
                    self.callers.setdefault(node.called, []).append((model, node))
        self._ended: dict[str, bool] = {}

    def after(self, model: ProcessModel, node: Node) -> bool:
        """Behind a step or event, when whoever waits for its level goes on with it.

        What stands beside the main road (a timer that interrupts nothing) ends where it is drawn to end.
        """
        if not self.quiet.level(model, node.parent, [model.flows[out].target for out in node.outgoing]):
            return False
        if not node.interrupting:
            return True
        host = model.nodes.get(node.parent or "")
        if host is None:
            return self._ending(model.id)
        if host.event_subprocess:
            if not all(start.interrupting for start in model.starts(host.id)):
                return True
            outer = model.nodes.get(host.parent or "")
            return self._ending(model.id) if outer is None else self.after(model, outer)
        return self.after(model, host)

    def _ending(self, process_id: str) -> bool:
        if process_id not in self._ended:
            self._ended[process_id] = False  # a ring of calls: refused elsewhere
            callers = self.callers.get(process_id, [])
            self._ended[process_id] = not callers or any(self.after(model, node) for model, node in callers)
        return self._ended[process_id]


def wordings(model: ProcessModel) -> Iterator[Finding]:
    """Names that people may stumble over. Only guesses, so only warnings."""
    named: list[tuple[str, str, int, bool]] = [(model.id, model.name, model.line, False)]
    named += [
        (node.id, " ".join(node.name.split()), node.line, node.kind == "userTask") for node in model.nodes.values()
    ]
    named += [(flow.id, " ".join(flow.name.split()), flow.line, False) for flow in model.flows.values()]
    for element_id, label, line, is_task in named:
        for code, message in _wording(label, is_task=is_task):
            yield Finding(code, message, model.file, line, element_id, label, "warning")


def _wording(label: str, *, is_task: bool) -> Iterator[tuple[str, str]]:
    if len(label) > LABEL_LENGTH:
        yield (
            "label_long",
            f"Deze naam is langer dan {LABEL_LENGTH} tekens. Maak hem korter; zet de uitleg bij de stap.",
        )
    words = [word.lower() for word in _WORD.findall(label)]
    if english := sorted(ENGLISH & set(words)):
        yield "label_english", f"In deze naam staat Engels ({', '.join(english)}). Kies een gewoon Nederlands woord."
    if is_task and label and not any(_INFINITIVE.fullmatch(word) for word in words):
        yield (
            "label_no_verb",
            "Deze naam zegt niet wat iemand doet. Gebruik een werkwoord, bijvoorbeeld ‘Afspraak maken’.",
        )
