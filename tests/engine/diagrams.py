"""Bundles for tests: the shapes of ``sketch`` written as BPMN, so that they come in through the one gate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from lxml import etree
from lxml.builder import ElementMaker

from engine import checks
from engine.bundle import Bundle
from engine.model import BPMN, CAMUNDA, EventSpec, Loop, Node, ProcessModel, TimerSpec
from engine.process import Process, Waiting

XSI = "http://www.w3.org/2001/XMLSchema-instance"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_B = ElementMaker(namespace=BPMN, nsmap={"bpmn": BPMN, "camunda": CAMUNDA, "xsi": XSI})
_C = ElementMaker(namespace=CAMUNDA)
_KEY = f"{{{CAMUNDA}}}"


def terms(name: str, began: datetime) -> datetime:
    """Every term is five days."""
    return began + timedelta(days=5)


def bundle(*models: ProcessModel, files: Mapping[str, bytes] | None = None) -> Bundle:
    """The bundle of these shapes, each a file of its own; raises BundleRefused like any upload."""
    return Bundle.from_files({**{f"{model.id}.bpmn": to_xml(model) for model in models}, **(files or {})})


def to_xml(model: ProcessModel) -> bytes:
    """BPMN text of a process. Names are ids; user tasks without a lane stand in that of the supporter."""
    root = _B.definitions(id=f"file_{model.id}", targetNamespace="urn:test")
    process = _B.process(id=model.id, name=model.name or model.id, isExecutable="true")
    # What conditions read comes from no form here.
    process.append(_properties({"scalars": ", ".join(sorted(checks.reads(model))), **model.properties}))
    lane = _B.lane(_properties({"role": "supporter"}), id=f"lane_{model.id}", name="Ondersteuner")
    process.append(_B.laneSet(lane, id=f"lanes_{model.id}"))
    lane.extend(_B.flowNodeRef(node.id) for node in model.nodes.values() if node.parent is None)
    _level(process, model, None, root)
    root.append(process)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def waits(process: Process) -> list[str]:
    """Element ids of what waits for somebody, sorted."""
    return sorted(step.element_id for step in process.waiting())


def step(process: Process, element_id: str) -> Waiting:
    """The oldest waiting step of that element."""
    return next(step for step in process.waiting() if step.element_id == element_id)


class Player:
    """A run that is stored and resumed on freshly built specs after every step, as the rooms do.

    Args:
        bundles: two of the same files; states move from one to the other and back.
    """

    def __init__(self, first: Bundle, second: Bundle, process_id: str, **scalars: str | float | bool | None) -> None:
        self.bundles = [first, second]
        self.now = NOW
        self.process = Process.start(first, process_id, now=NOW, terms=terms, scalars=scalars)
        self.sizes: list[int] = []
        self.reload()

    def reload(self) -> None:
        """Store and resume; what waits, and what is stored, stays the same."""
        before, stored = self.process.waiting(), self.process.dump()
        self.bundles.reverse()
        self.process = Process.resume(self.bundles[0], stored, now=self.now, terms=terms)
        assert self.process.dump() == stored
        assert self.process.waiting() == before
        self.sizes.append(len(stored))

    def do(self, *element_ids: str, **outcomes: str | float | bool | None) -> None:
        """Complete the oldest of each of these steps, in this order, each with these outcomes."""
        for element_id in element_ids:
            self.process.complete(step(self.process, element_id).key, outcomes)
            self.reload()

    def pass_time(self, to: datetime) -> int:
        """It becomes *to*; ring what is due."""
        self.now = to
        self.reload()
        rang = self.process.run_due()
        self.reload()
        return rang

    @property
    def waits(self) -> list[str]:
        return waits(self.process)


def _level(parent: etree._Element, model: ProcessModel, within: str | None, root: etree._Element) -> None:
    for node in model.children(within):
        parent.append(_node(node, model, root))
    for flow in model.flows.values():
        if model.nodes[flow.source].parent == within:
            drawn = _B.sequenceFlow(id=flow.id, sourceRef=flow.source, targetRef=flow.target)
            if flow.condition is not None:
                drawn.append(_feel("conditionExpression", flow.condition))
            parent.append(drawn)


def _node(node: Node, model: ProcessModel, root: etree._Element) -> etree._Element:
    drawn = _B(node.kind, id=node.id, name=node.name or node.id)
    given = {
        f"{_KEY}formRef": node.form,
        f"{_KEY}decisionRef": node.decision,
        f"{_KEY}resultVariable": node.result,
        "calledElement": node.called,
        "attachedToRef": node.attached_to,
        "default": node.default,
    }
    if node.kind == "serviceTask":
        given |= {f"{_KEY}type": "external", f"{_KEY}topic": node.topic or "work"}
    if node.event_subprocess:
        given["triggeredByEvent"] = "true"
    if not node.interrupting:
        given["cancelActivity" if node.kind == "boundaryEvent" else "isInterrupting"] = "false"
    for name, value in given.items():
        if value is not None:
            drawn.set(name, value)
    if node.documentation:
        drawn.append(_B.documentation(node.documentation))
    drawn.append(_properties(node.properties))
    if node.kind == "callActivity":
        drawn[-1].extend([_C("in", variables="all"), _C("out", variables="all")])
    drawn.extend(_B.incoming(flow) for flow in node.incoming)
    drawn.extend(_B.outgoing(flow) for flow in node.outgoing)
    if node.kind == "subProcess":
        _level(drawn, model, node.id, root)
    if node.loop is not None:
        drawn.append(_loop(node.loop))
    if node.event is not None and node.event.kind != "none":
        if node.kind in ("sendTask", "receiveTask"):
            drawn.set("messageRef", _named(node.event, root) or "")
        else:
            drawn.append(_event(node.event, root))
    return drawn


def _event(event: EventSpec, root: etree._Element) -> etree._Element:
    drawn = _B(f"{event.kind}EventDefinition")
    reference = _named(event, root)
    if reference is not None:
        drawn.set(f"{event.kind}Ref", reference)
    if event.timer is not None:
        drawn.append(_timer(event.timer))
    if event.condition is not None:
        drawn.append(_feel("condition", event.condition))
    return drawn


def _named(event: EventSpec, root: etree._Element) -> str | None:
    """The id of what an event refers to, written at the front of the file when it is not there yet."""
    if event.name is None:
        return None
    reference = f"{event.kind}_{event.name}"
    if not any(drawn.get("id") == reference for drawn in root):
        root.insert(0, _B(event.kind, id=reference, name=event.name))
        if event.kind in ("error", "escalation"):
            root[0].set(f"{event.kind}Code", event.name)
    return reference


def _timer(timer: TimerSpec) -> etree._Element:
    kind = "Cycle" if timer.repeats else "Duration" if timer.kind == "term" else timer.kind.capitalize()
    return _feel(f"time{kind}", f"term.{timer.text}" if timer.kind == "term" else timer.text, language=False)


def _loop(loop: Loop) -> etree._Element:
    if loop.kind == "standard":
        drawn = _B.standardLoopCharacteristics(testBefore=str(loop.test_before).lower())
        if loop.maximum is not None:
            drawn.set("loopMaximum", str(loop.maximum))
        if loop.condition is not None:
            drawn.append(_feel("loopCondition", loop.condition))
        return drawn
    drawn = _B.multiInstanceLoopCharacteristics(isSequential=str(loop.kind == "sequential").lower())
    for name, value in (("collection", loop.collection), ("elementVariable", loop.item)):
        if value is not None:
            drawn.set(f"{_KEY}{name}", value)
    for name, value in (("loopCardinality", loop.cardinality), ("completionCondition", loop.condition)):
        if value is not None:
            drawn.append(_feel(name, value))
    return drawn


def _feel(name: str, text: str, *, language: bool = True) -> etree._Element:
    drawn = _B(name, text)
    drawn.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
    if language:
        drawn.set("language", "feel")
    return drawn


def _properties(properties: Mapping[str, str]) -> etree._Element:
    written = [_C.property(name=name, value=value) for name, value in properties.items()]
    return _B.extensionElements(*([_C.properties(*written)] if written else []))
