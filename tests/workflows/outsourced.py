"""A small method in which a program of youth health does one step, with a term at its edge; for tests of that alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine.bundle import Bundle
from tests.workflows import path
from workflows.diagrams import StoredBundle, StoredFile

TOPIC = "letters"
_LANES = {"signaller": ("begin", "record_signal", "ask_consent"), "explorer": ("letter",), "holder": (
    "late", "weigh", "follow_up", "finish", "finish_at_once")}  # fmt: skip
_FLOWS = (
    ("begin", "record_signal"), ("record_signal", "ask_consent"), ("ask_consent", "letter"), ("letter", "weigh"),
    ("weigh", "finish_at_once"), ("weigh", "follow_up"), ("late", "follow_up"), ("follow_up", "finish"),
)  # fmt: skip
_STEP = (
    "<bpmn:documentation>Een stap in een proef, met uitleg erbij.</bpmn:documentation><bpmn:extensionElements>"
    '<camunda:properties><camunda:property name="term" value="follow_up"/></camunda:properties></bpmn:extensionElements>'
)
_RESULT = (
    '<bpmn:extensionElements><camunda:properties><camunda:property name="case_result" value="regular_care"/>'
    "</camunda:properties></bpmn:extensionElements>"
)
_RINGS = (
    '<bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">term.handover_return'
    "</bpmn:timeDuration></bpmn:timerEventDefinition>"
)
_NODES = {
    "begin": ("startEvent", "", "", ""),
    "record_signal": ("userTask", ' camunda:formRef="signal"', _STEP, ""),
    "ask_consent": ("userTask", ' camunda:formRef="consent"', _STEP, ""),
    "letter": ("serviceTask", f' camunda:type="external" camunda:topic="{TOPIC}"', "", ""),
    "late": ("boundaryEvent", ' attachedToRef="letter"', "", _RINGS),
    "weigh": ("exclusiveGateway", ' default="weigh__follow_up"', "", ""),
    "follow_up": ("userTask", ' camunda:formRef="follow_up"', _STEP, ""),
    "finish": ("endEvent", "", _RESULT, ""),
    "finish_at_once": ("endEvent", "", _RESULT, ""),
}


def stored(session: Session, at: datetime) -> None:
    """Put it in use past the gate: a region could never publish a method with so much left out."""
    given = {**path.shipped(), "hoofdproces.bpmn": _main().encode()}
    bundle = Bundle.from_files(given)
    session.execute(update(StoredBundle).values(is_current=False))
    session.add(StoredBundle(digest=bundle.digest, published_at=at, published_by=None, is_current=True))
    session.flush()
    session.add_all(StoredFile(digest=bundle.digest, name=name, data=data) for name, data in given.items())
    session.flush()


def _main() -> str:
    lanes = "".join(
        f'<bpmn:lane id="{role}_lane" name="{role}"><bpmn:extensionElements><camunda:properties><camunda:property name="role"'
        f' value="{role}"/></camunda:properties></bpmn:extensionElements>'
        + "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in nodes)
        + "</bpmn:lane>"
        for role, nodes in _LANES.items()
    )
    nodes = "".join(
        f'<bpmn:{kind} id="{name}" name="{name}"{attributes}>{first}'
        + "".join(f"<bpmn:incoming>{a}__{b}</bpmn:incoming>" for a, b in _FLOWS if b == name)
        + "".join(f"<bpmn:outgoing>{a}__{b}</bpmn:outgoing>" for a, b in _FLOWS if a == name)
        + f"{last}</bpmn:{kind}>"
        for name, (kind, attributes, first, last) in _NODES.items()
    )
    flows = "".join(
        f'<bpmn:sequenceFlow id="{a}__{b}" sourceRef="{a}" targetRef="{b}">'
        + (
            '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression" language="feel">theme_count = 7'
            "</bpmn:conditionExpression>"
            if b == "finish_at_once"
            else ""
        )
        + "</bpmn:sequenceFlow>"
        for a, b in _FLOWS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' id="definitions_outsourced" targetNamespace="urn:test">'
        '<bpmn:process id="hoofdproces" name="Een brief door een ander programma" isExecutable="true">'
        '<bpmn:extensionElements><camunda:properties><camunda:property name="scalars" value="theme_count, pathway_current"/>'
        "</camunda:properties></bpmn:extensionElements>"
        f'<bpmn:laneSet id="lanes">{lanes}</bpmn:laneSet>{nodes}{flows}</bpmn:process></bpmn:definitions>'
    )
