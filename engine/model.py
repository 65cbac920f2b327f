"""A diagram as plain data: read once from XML, then used by the checks, the explorer, the drawing and the process.

Knows BPMN's vocabulary and its picture; does not know what we can run (``checks``), nor SpiffWorkflow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from engine.errors import BundleRefused, Finding

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
DI: Final = "http://www.omg.org/spec/DD/20100524/DI"
CAMUNDA: Final = "http://camunda.org/schema/1.0/bpmn"

TASKS: Final = frozenset(
    ["task", "userTask", "manualTask", "serviceTask", "businessRuleTask", "scriptTask", "sendTask", "receiveTask"]
)
GATEWAYS: Final = frozenset(
    ["exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"]
)
EVENTS: Final = frozenset(
    ["startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"]
)
SUBPROCESSES: Final = frozenset(["subProcess", "transaction", "adHocSubProcess"])
#: Everything a token can stand on, whether we run it or not: what is not run must still be seen to be refused.
FLOW_NODES: Final = (
    TASKS | GATEWAYS | EVENTS | SUBPROCESSES | {"callActivity", "callChoreography", "implicitThrowEvent"}
)
#: A timer text with this prefix is a regional term, resolved from the settings when the timer starts.
TERM_PREFIX: Final = "term."


@dataclass(frozen=True, slots=True)
class TimerSpec:
    """When a timer event fires.

    Attributes:
        kind: ``date``, ``duration`` or ``cycle`` for a literal; ``term`` for a regional term.
        text: the ISO 8601 text as drawn, or the name of the term without ``term.`` before it.
        repeats: drawn as a cycle (also when a term says how long each round is).
    """

    kind: str
    text: str
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class EventSpec:
    """What an event waits for or throws.

    Attributes:
        kind: ``none``, ``message``, ``timer``, ``signal``, ``error``, ``escalation``, ``terminate``, ``conditional``,
            or BPMN's own word for what we do not run (``link``, ``compensate``, ``cancel``).
        name: of the message or signal, code of the error or escalation; None when the drawing names none (a boundary
            that catches every error).
    """

    kind: str
    name: str | None = None
    timer: TimerSpec | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """How often an activity runs: several instances (``parallel``, ``sequential``) or again and again (``standard``).

    Attributes:
        condition: of ``standard``: goes on while true; of the others: stops as soon as it is true.
        test_before: only of ``standard``: the condition is asked before the first round too.
    """

    kind: str
    cardinality: str | None = None
    collection: str | None = None
    item: str | None = None
    condition: str | None = None
    maximum: int | None = None
    test_before: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A step, gateway or event.

    Attributes:
        kind: BPMN's local name, e.g. ``userTask``.
        line: in the file, for people who look for a fault; 0 when unknown.
        parent: id of the sub-process this is drawn in; None at the top.
        lane: id of the nearest lane: its own, else that of the activity it hangs on or the sub-process it is in.
        role: role code of that lane.
        decision: id of the decision table of a business rule task; *result* is the name its outcome gets.
        called: id of the process that a call activity starts.
        interrupting: of a boundary event or a start of an event sub-process; True for everything else.
        default: id of the flow taken when no condition holds.
    """

    id: str
    kind: str
    name: str = ""
    documentation: str = ""
    line: int = 0
    parent: str | None = None
    lane: str | None = None
    role: str | None = None
    form: str | None = None
    decision: str | None = None
    result: str | None = None
    topic: str | None = None
    called: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    event: EventSpec | None = None
    attached_to: str | None = None
    interrupting: bool = True
    default: str | None = None
    loop: Loop | None = None
    event_subprocess: bool = False
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()

    @property
    def term(self) -> str | None:
        """Name of the regional term within which this must be done."""
        return self.properties.get("term")

    @property
    def label(self) -> str:
        """What to call it towards people: its name on one line, else its id."""
        return " ".join(self.name.split()) or self.id


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; *condition* is the full text, also when markup stands in the middle of it."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """A strip of the drawing that belongs to one role; *nodes* as listed in the file, without the inherited ones."""

    id: str
    name: str
    role: str | None
    nodes: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """A frame around a process; ``process`` is None for an empty frame of somebody outside."""

    id: str
    name: str
    process: str | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """A rectangle in the drawing's own units, y downwards."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """One process of one file. Mappings keep the order of the file.

    Attributes:
        nodes: of every level; ``Node.parent`` says which.
        shapes: of nodes, lanes, pools and notes; empty when the file has no picture.
        edges: way-points of sequence flows and of the lines to notes.
        labels: where the name of an event, gateway or flow is drawn, when not at its usual place.
        notes: text of annotations; *note_lines* are the ids of their lines.
        collapsed: sub-processes drawn closed.
    """

    id: str
    name: str
    file: str
    documentation: str = ""
    executable: bool = True
    nodes: Mapping[str, Node] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    lanes: tuple[Lane, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[str, Bounds] = field(default_factory=dict)
    edges: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    labels: Mapping[str, Bounds] = field(default_factory=dict)
    pools: tuple[Pool, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    note_lines: tuple[str, ...] = ()
    collapsed: frozenset[str] = frozenset()
    line: int = 0

    def children(self, parent: str | None = None) -> Iterator[Node]:
        """Nodes directly in the sub-process *parent*, or at the top; boundary events included."""
        return (node for node in self.nodes.values() if node.parent == parent)

    def starts(self, parent: str | None = None) -> tuple[Node, ...]:
        """Start events of that level."""
        return tuple(node for node in self.children(parent) if node.kind == "startEvent")

    def boundary(self, node_id: str) -> tuple[Node, ...]:
        """Events drawn on the edge of an activity."""
        return tuple(node for node in self.nodes.values() if node.attached_to == node_id)

    def event_subprocesses(self, parent: str | None = None) -> tuple[Node, ...]:
        """Event sub-processes that listen while that level is alive."""
        return tuple(node for node in self.children(parent) if node.event_subprocess)

    def label(self, element_id: str) -> str:
        """What to call a node, flow or lane towards people."""
        if element_id in self.nodes:
            return self.nodes[element_id].label
        if element_id in self.flows:
            return " ".join(self.flows[element_id].name.split()) or element_id
        return next((lane.name for lane in self.lanes if lane.id == element_id and lane.name), element_id)


def read_diagram(name: str, root: Any) -> tuple[ProcessModel, ...]:
    """Every process of a BPMN file.

    Args:
        name: of the file, as people know it; stands in every finding.
        root: the element that ``parse.read_xml`` gave.

    Raises:
        BundleRefused: with everything that cannot be read, each with its place. What can be read but not run is not
            refused here.
    """
    return _Reader(name, root).read()


def _q(namespace: str, local: str) -> str:
    return f"{{{namespace}}}{local}"


def _local(element: Any) -> str:
    """BPMN local name; empty for comments and other people's elements."""
    tag = element.tag
    return tag[len(BPMN) + 2 :] if isinstance(tag, str) and tag.startswith(f"{{{BPMN}}}") else ""


def text_of(element: Any) -> str:
    """All text within, whatever markup stands in between, without the text of comments.

    lxml's ``.text`` stops at the first comment: then what is drawn is not what runs.
    """
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            parts.append(text_of(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _plain(reference: str | None) -> str | None:
    """A reference without the namespace prefix that some modellers write before it."""
    return reference.strip().rpartition(":")[2] if reference and reference.strip() else None


class _Reader:
    def __init__(self, name: str, root: Any) -> None:
        self.file = name
        self.root = root
        self.findings: list[Finding] = []
        self.names: dict[str, tuple[str, str | None]] = {}
        self.seen: dict[str, int] = {}

    def read(self) -> tuple[ProcessModel, ...]:
        if self.root.tag != _q(BPMN, "definitions"):
            self.refuse("not_bpmn", "Dit is geen BPMN-bestand. Sla de tekening in de modeller op als .bpmn.", self.root)
            raise BundleRefused(self.findings)
        self._read_names()
        processes = self.root.findall(_q(BPMN, "process"))
        if not processes:
            self.refuse("no_process", "In dit bestand staat geen proces. Teken minstens één proces.", self.root)
        models = tuple(self._read_process(element) for element in processes)
        if self.findings:
            raise BundleRefused(self.findings)
        return models

    def refuse(self, code: str, message: str, element: Any, label: str | None = None) -> None:
        element_id = element.get("id") or element.get("bpmnElement") or ""
        shown = label if label is not None else " ".join((element.get("name") or "").split())
        self.findings.append(
            Finding(
                code=code,
                message=message,
                file=self.file,
                line=element.sourceline or 0,
                element_id=element_id,
                label=shown,
            )
        )

    # -- names that events refer to

    def _read_names(self) -> None:
        code = {"message": "name", "signal": "name", "error": "errorCode", "escalation": "escalationCode"}
        for element in self.root:
            local = _local(element)
            if local not in code or not self._has_id(element):
                continue
            found = (element.get(code[local]) or "").strip() or (element.get("name") or "").strip() or None
            self.names[element.get("id")] = (local, found)

    def _has_id(self, element: Any) -> bool:
        element_id = element.get("id")
        if not element_id:
            self.refuse("no_id", f"Dit onderdeel ({_local(element)}) heeft geen id. Geef het een id.", element)
            return False
        if element_id in self.seen:
            first = self.seen[element_id]
            self.refuse(
                "double_id",
                f"Het id ‘{element_id}’ staat ook op regel {first}. Geef elk onderdeel een eigen id.",
                element,
            )
            return False
        self.seen[element_id] = element.sourceline or 0
        return True

    # -- a process

    def _read_process(self, element: Any) -> ProcessModel:
        self._has_id(element)
        process_id = element.get("id") or ""
        elements: list[tuple[Any, str | None]] = []
        flow_elements: list[tuple[Any, str | None]] = []
        notes: dict[str, str] = {}
        note_lines: list[tuple[str, str, str]] = []
        lane_elements: list[Any] = []
        self._collect(element, None, elements, flow_elements, notes, note_lines, lane_elements)

        kinds = {node.get("id"): _local(node) for node, _ in elements}
        parents = {node.get("id"): parent for node, parent in elements}
        flows = self._read_flows(flow_elements, parents)
        lanes, lane_of = self._read_lanes(lane_elements, kinds)
        incoming: dict[str, list[str]] = {}
        outgoing: dict[str, list[str]] = {}
        for flow in flows.values():
            incoming.setdefault(flow.target, []).append(flow.id)
            outgoing.setdefault(flow.source, []).append(flow.id)
        nodes = {
            node.get("id"): self._read_node(
                node, parent, tuple(incoming.get(node.get("id"), ())), tuple(outgoing.get(node.get("id"), ()))
            )
            for node, parent in elements
        }
        self._check_references(elements, nodes)
        nodes = self._place_in_lanes(nodes, lanes, lane_of)

        pools = tuple(
            Pool(p.get("id") or "", " ".join((p.get("name") or "").split()), _plain(p.get("processRef")))
            for p in self.root.iterfind(f"{_q(BPMN, 'collaboration')}/{_q(BPMN, 'participant')}")
        )
        wanted = {*nodes, *(lane.id for lane in lanes), *notes}
        wanted |= {pool.id for pool in pools if pool.process in (process_id, None)}
        lines = {*flows, *(line for line, *_ in note_lines)}
        shapes, edges, labels, collapsed = self._read_picture(wanted, lines)
        return ProcessModel(
            id=process_id,
            name=" ".join((element.get("name") or "").split()),
            file=self.file,
            documentation=_documentation(element),
            executable=element.get("isExecutable", "false").strip() in ("true", "1"),
            nodes=nodes,
            flows=flows,
            lanes=lanes,
            properties=_properties(element),
            shapes=shapes,
            edges=edges,
            labels=labels,
            pools=tuple(pool for pool in pools if pool.process in (process_id, None)),
            notes=notes,
            note_lines=tuple(line for line, *_ in note_lines),
            collapsed=frozenset(id_ for id_ in collapsed if id_ in nodes and nodes[id_].kind in SUBPROCESSES),
            line=element.sourceline or 0,
        )

    def _collect(
        self,
        scope: Any,
        parent: str | None,
        nodes: list[tuple[Any, str | None]],
        flows: list[tuple[Any, str | None]],
        notes: dict[str, str],
        note_lines: list[tuple[str, str, str]],
        lanes: list[Any],
    ) -> None:
        for element in scope:
            local = _local(element)
            if local in FLOW_NODES:
                if self._has_id(element):
                    nodes.append((element, parent))
                    if local in SUBPROCESSES:
                        self._collect(element, element.get("id"), nodes, flows, notes, note_lines, lanes)
            elif local == "sequenceFlow":
                if self._has_id(element):
                    flows.append((element, parent))
            elif local == "laneSet":
                lanes.extend(element.findall(_q(BPMN, "lane")))
            elif local == "textAnnotation":
                if self._has_id(element):
                    text = element.find(_q(BPMN, "text"))
                    notes[element.get("id")] = text_of(text).strip() if text is not None else ""
            elif local == "association" and self._has_id(element):
                source, target = _plain(element.get("sourceRef")), _plain(element.get("targetRef"))
                note_lines.append((element.get("id"), source or "", target or ""))

    def _read_flows(self, elements: list[tuple[Any, str | None]], parents: Mapping[str, str | None]) -> dict[str, Flow]:
        flows: dict[str, Flow] = {}
        for element, parent in elements:
            source, target = _plain(element.get("sourceRef")), _plain(element.get("targetRef"))
            loose = [end for end in (source, target) if end is None or end not in parents]
            if source is None or target is None or loose:
                what = ", ".join(f"‘{end}’" for end in loose if end) or "niets"
                self.refuse(
                    "loose_flow",
                    f"Deze pijl begint of eindigt bij {what}, en dat staat niet in dit proces. Verbind de pijl opnieuw.",
                    element,
                )
                continue
            if parents[source] != parent or parents[target] != parent:
                self.refuse(
                    "flow_across",
                    "Deze pijl loopt over de rand van een deelproces. Een pijl blijft binnen of buiten het deelproces.",
                    element,
                )
                continue
            condition = element.find(_q(BPMN, "conditionExpression"))
            flows[element.get("id")] = Flow(
                id=element.get("id"),
                source=source,
                target=target,
                name=(element.get("name") or "").strip(),
                condition=None if condition is None else text_of(condition).strip(),
                line=element.sourceline or 0,
            )
        return flows

    def _read_lanes(self, elements: list[Any], kinds: Mapping[str, str]) -> tuple[tuple[Lane, ...], dict[str, str]]:
        lanes: list[Lane] = []
        lane_of: dict[str, str] = {}
        for element in elements:
            if not self._has_id(element):
                continue
            if element.find(_q(BPMN, "childLaneSet")) is not None:
                self.refuse(
                    "nested_lane", "Deze baan is verder verdeeld in banen. Gebruik banen van één laag.", element
                )
            members: list[str] = []
            for reference in element.findall(_q(BPMN, "flowNodeRef")):
                member = _plain(text_of(reference)) or ""
                if member not in kinds:
                    self.refuse("lane_of_nothing", f"In deze baan staat ‘{member}’, maar dat bestaat niet.", element)
                elif member in lane_of:
                    self.refuse(
                        "two_lanes",
                        f"‘{member}’ staat in twee banen (ook in ‘{lane_of[member]}’). Zet elke stap in één baan.",
                        element,
                    )
                else:
                    lane_of[member] = element.get("id")
                    members.append(member)
            name = " ".join((element.get("name") or "").split())
            lanes.append(
                Lane(element.get("id"), name, _properties(element).get("role"), tuple(members), element.sourceline or 0)
            )
        return tuple(lanes), lane_of

    def _read_node(
        self, element: Any, parent: str | None, incoming: tuple[str, ...], outgoing: tuple[str, ...]
    ) -> Node:
        kind, node_id = _local(element), element.get("id")
        service = element.get(_q(CAMUNDA, "type"))
        return Node(
            id=node_id,
            kind=kind,
            name=(element.get("name") or "").strip(),
            documentation=_documentation(element),
            line=element.sourceline or 0,
            parent=parent,
            form=_attribute(element, "formRef"),
            decision=_attribute(element, "decisionRef"),
            result=_attribute(element, "resultVariable"),
            topic=_attribute(element, "topic") if service == "external" else None,
            called=_plain(element.get("calledElement")),
            properties=_properties(element),
            event=self._read_event(element) if kind in EVENTS else self._read_receiver(element, kind),
            attached_to=_plain(element.get("attachedToRef")),
            interrupting=element.get("cancelActivity" if kind == "boundaryEvent" else "isInterrupting", "true").strip()
            in ("true", "1"),
            default=_plain(element.get("default")),
            loop=self._read_loop(element),
            event_subprocess=element.get("triggeredByEvent", "false").strip() in ("true", "1"),
            incoming=incoming,
            outgoing=outgoing,
        )

    # -- events, loops

    def _read_event(self, element: Any) -> EventSpec:
        definitions = [child for child in element if _local(child).endswith("EventDefinition")]
        if element.find(_q(BPMN, "eventDefinitionRef")) is not None:
            self.refuse(
                "event_elsewhere", "Deze gebeurtenis verwijst naar een andere. Leg hem hier zelf vast.", element
            )
        if not definitions:
            return EventSpec("none")
        if len(definitions) > 1:
            self.refuse("two_events", "Deze gebeurtenis wacht op meer dingen tegelijk. Teken er één per ding.", element)
        definition = definitions[0]
        kind = _local(definition).removesuffix("EventDefinition")
        if kind == "timer":
            return EventSpec(kind, timer=self._read_timer(definition, element))
        if kind == "conditional":
            condition = definition.find(_q(BPMN, "condition"))
            return EventSpec(kind, condition=None if condition is None else text_of(condition).strip())
        if kind in ("message", "signal", "error", "escalation"):
            return EventSpec(kind, name=self._name(definition.get(f"{kind}Ref"), kind, element))
        return EventSpec(kind, name=(definition.get("name") or "").strip() or None)

    def _read_receiver(self, element: Any, kind: str) -> EventSpec | None:
        if kind not in ("sendTask", "receiveTask"):
            return None
        return EventSpec("message", name=self._name(element.get("messageRef"), "message", element))

    def _name(self, reference: str | None, kind: str, element: Any) -> str | None:
        wanted = _plain(reference)
        if wanted is None:
            return None
        found = self.names.get(wanted)
        if found is None or found[0] != kind:
            self.refuse(
                "unknown_event",
                f"Deze gebeurtenis verwijst naar ‘{wanted}’, maar dat is nergens vastgelegd. Kies een bestaande.",
                element,
            )
            return None
        return found[1]

    def _read_timer(self, definition: Any, element: Any) -> TimerSpec | None:
        found = [
            (kind, text_of(child).strip())
            for kind in ("date", "duration", "cycle")
            for child in definition.findall(_q(BPMN, f"time{kind.capitalize()}"))
        ]
        if len(found) != 1 or not found[0][1]:
            self.refuse("timer_unclear", "Deze klok zegt niet wanneer. Vul één datum, duur of herhaling in.", element)
            return None
        [(kind, text)] = found
        if text.startswith(TERM_PREFIX):
            return TimerSpec("term", text.removeprefix(TERM_PREFIX), repeats=kind == "cycle")
        return TimerSpec(kind, text, repeats=kind == "cycle")

    def _read_loop(self, element: Any) -> Loop | None:
        several = element.findall(_q(BPMN, "multiInstanceLoopCharacteristics"))
        standard = element.findall(_q(BPMN, "standardLoopCharacteristics"))
        if len(several) + len(standard) > 1:
            self.refuse("two_loops", "Deze stap herhaalt op twee manieren. Kies er één.", element)
        if standard:
            loop = standard[0]
            return Loop(
                "standard",
                condition=_child_text(loop, "loopCondition"),
                maximum=self._whole_number(loop.get("loopMaximum"), element),
                test_before=loop.get("testBefore", "false").strip() in ("true", "1"),
            )
        if several:
            loop = several[0]
            return Loop(
                "sequential" if loop.get("isSequential", "false").strip() in ("true", "1") else "parallel",
                cardinality=_child_text(loop, "loopCardinality"),
                collection=_attribute(loop, "collection"),
                item=_attribute(loop, "elementVariable"),
                condition=_child_text(loop, "completionCondition"),
            )
        return None

    def _whole_number(self, text: str | None, element: Any) -> int | None:
        if text is None:
            return None
        # The length is bounded because Python refuses (and before 3.11 crawls through) numbers of thousands of digits.
        if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= 12):
            self.refuse("loop_maximum", "Het hoogste aantal rondes is geen heel getal. Vul een getal in.", element)
            return None
        return int(text)

    # -- references between nodes

    def _check_references(self, elements: list[tuple[Any, str | None]], nodes: Mapping[str, Node]) -> None:
        for element, _ in elements:
            node = nodes[element.get("id")]
            if node.kind == "boundaryEvent":
                host = nodes.get(node.attached_to or "")
                if host is None or host.kind in EVENTS | GATEWAYS or host.parent != node.parent:
                    self.refuse(
                        "loose_boundary",
                        "Deze gebeurtenis hangt aan geen stap. Zet hem op de rand van een stap.",
                        element,
                    )
            if node.default is not None and node.default not in node.outgoing:
                self.refuse(
                    "default_elsewhere",
                    f"De standaardpijl ‘{node.default}’ vertrekt niet van dit onderdeel. Kies een eigen pijl.",
                    element,
                )

    def _place_in_lanes(
        self, nodes: Mapping[str, Node], lanes: tuple[Lane, ...], lane_of: Mapping[str, str]
    ) -> dict[str, Node]:
        roles = {lane.id: lane.role for lane in lanes}

        def lane_for(node: Node) -> str | None:
            current: Node | None = node
            for _ in range(len(nodes) + 1):  # An event can be attached to itself in a broken file.
                if current is None:
                    return None
                if current.id in lane_of:
                    return lane_of[current.id]
                current = nodes.get(current.attached_to or current.parent or "")
            return None

        placed: dict[str, Node] = {}
        for node in nodes.values():
            lane = lane_for(node)
            placed[node.id] = replace(node, lane=lane, role=roles.get(lane) if lane else None)
        return placed

    # -- the picture

    def _read_picture(
        self, shapes_of: set[str], edges_of: set[str]
    ) -> tuple[dict[str, Bounds], dict[str, tuple[tuple[float, float], ...]], dict[str, Bounds], set[str]]:
        shapes: dict[str, Bounds] = {}
        edges: dict[str, tuple[tuple[float, float], ...]] = {}
        labels: dict[str, Bounds] = {}
        collapsed: set[str] = set()
        for shape in self.root.iter(_q(BPMNDI, "BPMNShape")):
            element_id = _plain(shape.get("bpmnElement")) or ""
            bounds = shape.find(_q(DC, "Bounds"))
            if element_id not in shapes_of or element_id in shapes or bounds is None:
                continue
            found = self._bounds(bounds, shape)
            if found is None:
                continue
            shapes[element_id] = found
            if shape.get("isExpanded", "true").strip() not in ("true", "1"):
                collapsed.add(element_id)
            self._read_label(shape, element_id, labels)
        for edge in self.root.iter(_q(BPMNDI, "BPMNEdge")):
            element_id = _plain(edge.get("bpmnElement")) or ""
            if element_id not in edges_of or element_id in edges:
                continue
            points = [self._numbers(point, ("x", "y"), edge) for point in edge.findall(_q(DI, "waypoint"))]
            edges[element_id] = tuple((point[0], point[1]) for point in points if point is not None)
            self._read_label(edge, element_id, labels)
        return shapes, edges, labels, collapsed

    def _read_label(self, shape: Any, element_id: str, labels: dict[str, Bounds]) -> None:
        bounds = shape.find(f"{_q(BPMNDI, 'BPMNLabel')}/{_q(DC, 'Bounds')}")
        if bounds is not None and (found := self._bounds(bounds, shape)) is not None:
            labels[element_id] = found

    def _bounds(self, element: Any, shape: Any) -> Bounds | None:
        numbers = self._numbers(element, ("x", "y", "width", "height"), shape)
        if numbers is None:
            return None
        if numbers[2] < 0 or numbers[3] < 0:
            self.refuse("picture_unreadable", "De breedte of hoogte in de tekening is kleiner dan nul.", shape)
            return None
        return Bounds(*numbers)

    def _numbers(self, element: Any, names: tuple[str, ...], shape: Any) -> tuple[float, ...] | None:
        try:
            numbers = tuple(float(element.get(name, "")) for name in names)
        except ValueError:
            numbers = (math.nan,)
        # Beyond a million units no modeller draws, and a picture of that size shows nothing.
        if all(math.isfinite(number) and abs(number) <= 1_000_000 for number in numbers):
            return numbers
        self.refuse("picture_unreadable", "De plaats in de tekening is geen getal. Teken dit onderdeel opnieuw.", shape)
        return None


def _attribute(element: Any, name: str) -> str | None:
    return (element.get(_q(CAMUNDA, name)) or "").strip() or None


def _child_text(element: Any, local: str) -> str | None:
    child = element.find(_q(BPMN, local))
    return None if child is None else text_of(child).strip()


def _documentation(element: Any) -> str:
    return "\n\n".join(text_of(child).strip() for child in element.findall(_q(BPMN, "documentation"))).strip()


def _properties(element: Any) -> dict[str, str]:
    path = f"{_q(BPMN, 'extensionElements')}/{_q(CAMUNDA, 'properties')}/{_q(CAMUNDA, 'property')}"
    return {(item.get("name") or "").strip(): (item.get("value") or "").strip() for item in element.iterfind(path)}
