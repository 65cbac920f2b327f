"""Diagrams that any engine would run otherwise than people mean, and that are refused with the place and what to do."""

from __future__ import annotations

import pytest

from engine import limits
from engine.bundle import Bundle
from tests.engine.test_checks_faults import END, MESSAGE, ROLE, START, diagram, event, flow, refusal, straight, task

XOR = '<exclusiveGateway id="choose"/>'
XOR_DEFAULT = '<exclusiveGateway id="choose" default="choose_fin"/>'
TIMER = '<timerEventDefinition id="d"><timeDuration>{}</timeDuration></timerEventDefinition>'
MOVED = '<messageEventDefinition id="d" messageRef="m"/>'


def choice(gateway: str, condition: str | None, default: str | None = None) -> bytes:
    body = START + gateway + task("a") + END + flow("begin > choose") + flow("a > fin")
    return diagram(body + flow("choose > a", condition) + flow("choose > fin", default))


def beside(inside: str, host: str = "a", edge: str = "", root: str = "") -> bytes:
    """Task a with an event on its edge that leads to task b."""
    boundary = f'<boundaryEvent id="edge" attachedToRef="{host}" {edge}>{inside}</boundaryEvent>'
    body = START + task("a") + boundary + task("b") + END + flow("begin > a > fin") + flow("edge > b > fin")
    return diagram(body, root)


def event_subprocess(start: str, root: str = "") -> bytes:
    inner = f'<subProcess id="listen" triggeredByEvent="true">{start}{task("b")}<endEvent id="done"/>'
    inner += flow("on > b > done") + "</subProcess>"
    return diagram(START + task("a") + END + flow("begin > a > fin") + inner, root)


def unlaned(data: bytes, element_id: str) -> bytes:
    return data.replace(f"<flowNodeRef>{element_id}</flowNodeRef>".encode(), b"")


REFUSED = {
    "a choice without a default": ("no_default", "choose", choice(XOR, "x &gt; 1", "x &lt; 2")),
    "a way without a condition": ("no_condition", "choose_a", choice(XOR_DEFAULT, None)),
    "a condition on the default": ("default_condition", "choose_fin", choice(XOR_DEFAULT, "x &gt; 1", "x = 1")),
    "a condition behind a parallel gateway": (
        "condition_lost",
        "choose",
        choice('<parallelGateway id="choose"/>', "x &gt; 1"),
    ),
    "a condition in another language": (
        "attribute_value",
        "choose_a",
        choice(XOR_DEFAULT, "x &gt; 1").replace(b'language="feel"', b'language="javascript"'),
    ),
    "a condition without a language": (
        "language",
        "choose_a",
        choice(XOR_DEFAULT, "x &gt; 1").replace(b' language="feel"', b""),
    ),
    "a condition that is no FEEL": ("feel", "choose_a", choice(XOR_DEFAULT, "x == 1")),
    "a condition about the clock": ("feel", "choose_a", choice(XOR_DEFAULT, "today() = x")),
    "an unknown name": ("unknown_name", "choose_a", choice(XOR_DEFAULT, "z = 1")),
    "a default on a task": ("default", "a", straight(task("a").replace("name=", 'default="a_fin" name='))),
    "a task without a lane": ("no_role", "a", unlaned(straight(task("a")), "a")),
    "a lane without a role": ("lane_role", "lane", straight(task("a")).replace(ROLE.encode(), b"")),
    "a task without a name": ("no_name", "a", straight('<userTask id="a"/>')),
    "a service task of another type": (
        "attribute_value",
        "work",
        straight('<serviceTask id="work" name="Werk" camunda:type="java" camunda:topic="t"/>'),
    ),
    "a service task without a topic": (
        "no_topic",
        "work",
        straight('<serviceTask id="work" name="Werk" camunda:type="external"/>'),
    ),
    "a Java class": (
        "attribute",
        "work",
        straight('<serviceTask id="work" name="W" camunda:class="java.lang.Runtime"/>'),
    ),
    "a listener": (
        "element",
        "a",
        straight(task("a", '<extensionElements><camunda:taskListener event="create"/></extensionElements>')),
    ),
    "an assignee": ("attribute", "a", straight(task("a").replace("name=", 'camunda:assignee="jan" name='))),
    "a foreign attribute": ("attribute", "a", straight(task("a").replace("name=", 'xmlns:z="urn:z" z:run="x" name='))),
    "a foreign element": (
        "element",
        "a",
        straight(task("a", '<extensionElements><z:run xmlns:z="urn:z"/></extensionElements>')),
    ),
    "loose text": ("text", "a", straight(task("a", "<documentation>x</documentation>hallo"))),
    "some variables into a call": (
        "attribute",
        "call",
        straight(
            '<callActivity id="call" name="Roep" calledElement="proef"><extensionElements><camunda:in source="x" target="y"/>'
            "</extensionElements></callActivity>"
        ),
    ),
    "a dead end": (
        "dead_end",
        "a",
        diagram(START + task("a") + END + task("b") + flow("begin > b > fin") + flow("b > a")),
    ),
    "a flow into a start": (
        "start_in",
        "begin",
        diagram(START + task("a") + END + flow("begin > a > fin") + flow("a > begin")),
    ),
    "a flow out of an end": ("end_out", "fin", diagram(START + task("a") + END + flow("begin > a > fin > a"))),
    "a flow to itself": (
        "self_flow",
        "a_a",
        diagram(START + task("a") + END + flow("begin > a > a") + flow("a > fin")),
    ),
    "two starts": (
        "one_start",
        "proef",
        diagram(START + '<startEvent id="too"/>' + task("a") + END + flow("begin > a > fin") + flow("too > a")),
    ),
    "a process that starts with a message": (
        "start_event",
        "begin",
        diagram(f'<startEvent id="begin">{MOVED}</startEvent>' + task("a") + END + flow("begin > a > fin"), MESSAGE),
    ),
    "an event sub-process that waits for nothing": ("start_event", "on", event_subprocess('<startEvent id="on"/>')),
    "an edge that waits for nothing": ("empty_event", "edge", beside("")),
    "an edge on a step that does not wait": (
        "edge",
        "edge",
        beside(MOVED, host="rule", root=MESSAGE).replace(
            b'<userTask id="a"', b'<businessRuleTask id="rule" name="x" camunda:decisionRef="d"/><userTask id="a"'
        ),
    ),
    "an error on the edge of a task": (
        "edge",
        "edge",
        beside('<errorEventDefinition id="d" errorRef="e"/>', root='<error id="e" name="Mis" errorCode="failed"/>'),
    ),
    "two events in one": (
        "two_events",
        "edge",
        beside(MOVED + TIMER.format("P1D").replace('"d"', '"d2"'), root=MESSAGE),
    ),
    "a message that nobody named": ("no_message", "edge", beside('<messageEventDefinition id="d"/>')),
    "a message with an odd name": ("event_name", "edge", beside(MOVED, root='<message id="m" name="Verhuisd!"/>')),
    "a message nobody waits for": (
        "unheard",
        "fin",
        diagram(START + f'<endEvent id="fin">{MOVED}</endEvent>' + flow("begin > fin"), MESSAGE),
    ),
    "a timer that repeats while it interrupts": (
        "timer_cycle",
        "edge",
        beside('<timerEventDefinition id="d"><timeCycle>R3/P7D</timeCycle></timerEventDefinition>'),
    ),
    **{
        f"the timer {text}": ("timer", "edge", beside(TIMER.format(text)))
        for text in ("P1", "0 0 * * *", "P0D", "P99999999Y", "-P1D", "term.", "term.Een termijn", "now()", '"P1D"')
    },
    "a waiting gateway before a task": (
        "event_gateway",
        "a",
        diagram(
            START
            + '<eventBasedGateway id="choose"/>'
            + task("a")
            + task("b")
            + END
            + flow("begin > choose > a > fin")
            + flow("choose > b > fin")
        ),
    ),
    "a loop on a rule": (
        "element",
        "loop",
        straight(
            '<businessRuleTask id="r" name="R" camunda:decisionRef="d"><standardLoopCharacteristics id="loop"/></businessRuleTask>'
        ),
    ),
    "a loop without a condition": (
        "loop_condition",
        "a",
        straight(task("a", '<standardLoopCharacteristics id="l" loopMaximum="2"/>')),
    ),
    "instances without a count": ("loop_count", "a", straight(task("a", '<multiInstanceLoopCharacteristics id="l"/>'))),
    "two conditions on one flow": (
        "twice",
        "choose_a",
        choice(XOR_DEFAULT, "x &gt; 1").replace(
            b"</conditionExpression>",
            b'</conditionExpression><conditionExpression language="feel">x</conditionExpression>',
        ),
    ),
    "a property twice": (
        "twice",
        "lane",
        straight(task("a")).replace(
            b"</camunda:properties></extensionElements><flow",
            b'<camunda:property name="role" value="parent"/></camunda:properties></extensionElements><flow',
        ),
    ),
    "an edge that is neither interrupting nor not": (
        "attribute_value",
        "edge",
        beside(MOVED, edge='cancelActivity="TRUE"', root=MESSAGE),
    ),
    "a long label": ("label_too_long", "a", straight(task("a").replace("Taak a", "x" * (limits.LABEL_LENGTH + 1)))),
    "a process id with capitals": (
        "id",
        "Proef",
        straight(task("a")).replace(b'process id="proef"', b'process id="Proef"'),
    ),
}


@pytest.mark.parametrize(("code", "element", "data"), REFUSED.values(), ids=REFUSED.keys())
def test_a_diagram_that_says_something_else_than_it_does_is_refused(code: str, element: str, data: bytes) -> None:
    found = refusal(data)

    told = [finding for finding in found if finding.code == code and finding.element_id == element]
    assert told, [(finding.code, finding.element_id) for finding in found]
    assert told[0].line > 0
    assert told[0].message.endswith((".", ")."))


GOOD = {
    "a choice with a default": choice(XOR_DEFAULT, "x &gt; 1"),
    "a message on an edge": beside(MOVED, root=MESSAGE),
    "reminders beside a task": beside(
        '<timerEventDefinition id="d"><timeCycle>R3/P7D</timeCycle></timerEventDefinition>',
        edge='cancelActivity="false"',
    ),
    "a term": beside(TIMER.format("term.first_contact")),
    "a message that comes again": event_subprocess(
        f'<startEvent id="on" isInterrupting="false">{MOVED}</startEvent>', MESSAGE
    ),
    "instances": straight(
        task(
            "a",
            '<multiInstanceLoopCharacteristics id="l"><loopCardinality language="feel">x + 1</loopCardinality></multiInstanceLoopCharacteristics>',
        )
    ),
    "a circle with a person in it": diagram(
        START
        + '<exclusiveGateway id="again"/>'
        + task("a")
        + XOR_DEFAULT
        + END
        + flow("begin > again > a > choose > fin")
        + flow("choose > again", "x &gt; 1")
    ),
    "what the modeller writes by itself": straight(
        task("a").replace("name=", 'camunda:formRefBinding="latest" isForCompensation="false" startQuantity="1" name=')
    ),
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD.keys())
def test_a_plain_diagram_is_accepted(data: bytes) -> None:
    assert Bundle.from_files({"proef.bpmn": data}).processes


def test_what_is_not_understood_inside_is_told_for_every_place() -> None:
    found = refusal(
        straight(f'<intermediateCatchEvent id="one">{event("link")}</intermediateCatchEvent>', '<scriptTask id="two"/>')
    )

    assert [finding.code for finding in found].count("element") == 2
