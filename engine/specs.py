"""The elements of a bundle, built once, shared by every run of it and never changed.

Built from ``engine.model``, not by SpiffWorkflow's parser: what was checked is what runs.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.elements import (
    CallActivity,
    Element,
    EventGateway,
    EventSubProcess,
    ExclusiveGateway,
    InclusiveGateway,
    Instances,
    ParallelGateway,
    RuleTask,
    ServiceTask,
    StandardLoop,
    SubProcess,
    UserTask,
)
from engine.errors import EngineError
from engine.events import Boundary, Catch, Listener, Receive, Throw
from engine.model import Flow, Node, ProcessModel

if TYPE_CHECKING:
    from engine.bundle import Bundle

_LIBRARIES_KEPT: Final = 64


class Level(WorkflowSpec):
    """The elements of a process, or of one sub-process of it, without those inside deeper sub-processes."""

    def __init__(self, model: ProcessModel, parent: str | None) -> None:
        super().__init__(model.id if parent is None else f"{model.id}/{parent}")  # type: ignore[no-untyped-call]
        self.model = model
        self.process_id = model.id
        self.parent = parent
        self.data_objects: dict[str, Any] = {}
        self.starts: tuple[Element, ...] = ()
        self.listeners: tuple[Listener, ...] = ()
        self._build()

    def _build(self) -> None:
        nodes = tuple(self.model.children(self.parent))
        made = {node.id: self._element(node) for node in nodes}
        edges: dict[str, list[Boundary]] = {}
        listeners: list[Listener] = []
        for node in nodes:
            element = made[node.id]
            exits = [self.model.flows[flow_id] for flow_id in node.outgoing]
            element.exits = tuple((flow, made[flow.target]) for flow in exits)
            if isinstance(element, Boundary):
                edges.setdefault(node.attached_to or "", []).append(element)
            elif isinstance(element, EventSubProcess):
                listeners += [Listener(self, start, element) for start in self.model.starts(node.id)]
            elif isinstance(element, InclusiveGateway):
                arriving = [self.model.flows[flow_id] for flow_id in node.incoming]
                element.reached_from = {flow.id: self._sources(flow, node.id) for flow in arriving}
        for host, events in edges.items():
            made[host].boundary = tuple(events)
        starts = [made[node.id] for node in nodes if node.kind == "startEvent"]
        plain = [start for start in starts if start.node.event is None or start.node.event.kind == "none"]
        self.starts = tuple(plain or starts)
        self.listeners = tuple(listeners)

    def _element(self, node: Node) -> Element:
        if node.loop is None:
            return _kind(node)(self, node)
        # A name with a space is no XML id, so it is never that of another drawn element.
        inner = _kind(node)(self, node, f"{node.id} each")
        inner.hangs = True
        return (StandardLoop if node.loop.kind == "standard" else Instances)(self, node, node.loop, inner)

    def _sources(self, flow: Flow, gateway: str) -> frozenset[str]:
        """Ids of nodes from which a token can come to *flow* without passing *gateway*."""
        found: set[str] = set()
        todo = [flow.source]
        while todo:
            node_id = todo.pop()
            if node_id == gateway or node_id in found:
                continue
            found.add(node_id)
            node = self.model.nodes[node_id]
            todo += [self.model.flows[incoming].source for incoming in node.incoming]
            if node.attached_to is not None:
                todo.append(node.attached_to)
        return frozenset(found)


class Library:
    """The specs of one bundle. Levels are built when they are first entered."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._levels: dict[tuple[str, str | None], Level] = {}

    def level(self, process_id: str, parent: str | None) -> Level:
        """The elements of a process, or of the sub-process *parent* in it.

        Raises:
            EngineError: the bundle has no such process.
        """
        key = (process_id, parent)
        if key not in self._levels:
            model = self.bundle.processes.get(process_id)
            if model is None:
                raise EngineError(f"de bundel heeft geen proces ‘{process_id}’")
            # Two threads may build the same level; both are right, and one is kept.
            self._levels.setdefault(key, Level(model, parent))
        return self._levels[key]


def plans(bundle: Bundle) -> Library:
    """The shared specs of a bundle, kept for the bundles used last."""
    with _lock:
        found = _libraries.pop(bundle.digest, None) or Library(bundle)
        _libraries[bundle.digest] = found
        while len(_libraries) > _LIBRARIES_KEPT:
            _libraries.popitem(last=False)
        return found


_libraries: OrderedDict[str, Library] = OrderedDict()
_lock = threading.Lock()

_KINDS: Final[Mapping[str, type[Element]]] = {
    "startEvent": Element,
    "userTask": UserTask,
    "serviceTask": ServiceTask,
    "businessRuleTask": RuleTask,
    "sendTask": Throw,
    "receiveTask": Receive,
    "subProcess": SubProcess,
    "callActivity": CallActivity,
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventGateway,
    "intermediateCatchEvent": Catch,
    "intermediateThrowEvent": Throw,
    "boundaryEvent": Boundary,
    "endEvent": Throw,
}
_ANY: Final = frozenset({"message", "timer", "signal", "error", "escalation", "conditional"})
_EVENTS: Final[Mapping[str, frozenset[str]]] = {
    "startEvent": _ANY | {"none"},
    "boundaryEvent": _ANY,
    "intermediateCatchEvent": _ANY - {"error", "escalation"},
    "receiveTask": frozenset({"message"}),
    "sendTask": frozenset({"message"}),
    "intermediateThrowEvent": frozenset({"none", "message", "signal", "escalation"}),
    "endEvent": frozenset({"none", "message", "signal", "escalation", "error", "terminate"}),
}


def _kind(node: Node) -> type[Element]:
    """How an element runs. The checks refuse all else long before; this is the last door."""
    found, event = _KINDS.get(node.kind), node.event.kind if node.event else "none"
    if found is None or event not in _EVENTS.get(node.kind, {"none"}):
        raise EngineError(f"{node.id}: {node.kind} ({event}) kan niet worden uitgevoerd")
    return EventSubProcess if node.event_subprocess else found
