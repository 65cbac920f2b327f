"""Everything a diagram says is read, where it stands; what cannot be read is told with its place."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.errors import BundleRefused
from engine.model import Bounds, EventSpec, Loop, Node, Pool, ProcessModel, TimerSpec, read_diagram

BPMN_DIRECTORY = Path(__file__).parents[2] / "bpmn"
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
)


def read(inside: str) -> ProcessModel:
    [model] = read_diagram("p.bpmn", etree.fromstring(f"{HEAD}{inside}</bpmn:definitions>".encode()))
    return model


def process(inside: str, **attributes: str) -> str:
    return f'<bpmn:process id="p" isExecutable="true">{inside}</bpmn:process>'


def refused(inside: str) -> list[str]:
    with pytest.raises(BundleRefused) as caught:
        read(inside)
    return [finding.code for finding in caught.value.findings]


FULL = """
<bpmn:message id="m1" name="loss" />
<bpmn:signal id="s1" name="closed" />
<bpmn:error id="e1" name="Fout" errorCode="wrong" />
<bpmn:escalation id="x1" escalationCode="late" />
<bpmn:collaboration id="c"><bpmn:participant id="pool" name="Regio" processRef="p" /></bpmn:collaboration>
<bpmn:process id="p" name="Proef" isExecutable="true">
  <bpmn:documentation>Waarom <!-- niet dit --> dit bestaat.</bpmn:documentation>
  <bpmn:extensionElements><camunda:properties><camunda:property name="phase" value="signal" /></camunda:properties></bpmn:extensionElements>
  <bpmn:laneSet id="lanes">
    <bpmn:lane id="lane1" name="Verkenner">
      <bpmn:extensionElements><camunda:properties><camunda:property name="role" value="explorer" /></camunda:properties></bpmn:extensionElements>
      <bpmn:flowNodeRef>start</bpmn:flowNodeRef><bpmn:flowNodeRef>ask</bpmn:flowNodeRef><bpmn:flowNodeRef>box</bpmn:flowNodeRef>
    </bpmn:lane>
    <bpmn:lane id="lane2" name="Anders"><bpmn:flowNodeRef>choose</bpmn:flowNodeRef></bpmn:lane>
  </bpmn:laneSet>
  <bpmn:startEvent id="start" />
  <bpmn:userTask id="ask" name="Vragen" camunda:formRef="signal">
    <bpmn:documentation>Vraag het.</bpmn:documentation>
    <bpmn:extensionElements><camunda:properties><camunda:property name="term" value="talk" /><camunda:property name="accepts_holdership" value="true" /></camunda:properties></bpmn:extensionElements>
    <bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="people" camunda:elementVariable="person">
      <bpmn:completionCondition xsi:type="bpmn:tFormalExpression">enough</bpmn:completionCondition>
    </bpmn:multiInstanceLoopCharacteristics>
  </bpmn:userTask>
  <bpmn:boundaryEvent id="late" cancelActivity="false" attachedToRef="ask"><bpmn:timerEventDefinition><bpmn:timeDuration>term.talk</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
  <bpmn:boundaryEvent id="loss" attachedToRef="ask"><bpmn:messageEventDefinition messageRef="m1" /></bpmn:boundaryEvent>
  <bpmn:businessRuleTask id="decide" camunda:decisionRef="routering" camunda:resultVariable="route">
    <bpmn:standardLoopCharacteristics testBefore="true" loopMaximum="3"><bpmn:loopCondition>again</bpmn:loopCondition></bpmn:standardLoopCharacteristics>
  </bpmn:businessRuleTask>
  <bpmn:serviceTask id="send" camunda:type="external" camunda:topic="letter" />
  <bpmn:callActivity id="explore" calledElement="verkennen" />
  <bpmn:exclusiveGateway id="choose" name="Akkoord?" default="no" />
  <bpmn:subProcess id="box">
    <bpmn:startEvent id="begin" />
    <bpmn:userTask id="inner" />
    <bpmn:endEvent id="bad"><bpmn:errorEventDefinition errorRef="e1" /></bpmn:endEvent>
    <bpmn:sequenceFlow id="i1" sourceRef="begin" targetRef="inner" />
  </bpmn:subProcess>
  <bpmn:subProcess id="moved" triggeredByEvent="true">
    <bpmn:startEvent id="on_moved" isInterrupting="false"><bpmn:signalEventDefinition signalRef="s1" /></bpmn:startEvent>
  </bpmn:subProcess>
  <bpmn:intermediateThrowEvent id="tell"><bpmn:escalationEventDefinition escalationRef="x1" /></bpmn:intermediateThrowEvent>
  <bpmn:intermediateCatchEvent id="each"><bpmn:timerEventDefinition><bpmn:timeCycle>R3/P1W</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
  <bpmn:intermediateCatchEvent id="true_yet"><bpmn:conditionalEventDefinition><bpmn:condition>born</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>
  <bpmn:endEvent id="stop"><bpmn:terminateEventDefinition /></bpmn:endEvent>
  <bpmn:sequenceFlow id="go" sourceRef="start" targetRef="ask" />
  <bpmn:sequenceFlow id="yes" name="ja" sourceRef="choose" targetRef="stop"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression" language="feel">agreed<!-- --> and <![CDATA[lead_agreed]]></bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="no" sourceRef="choose" targetRef="box" />
  <bpmn:textAnnotation id="note"><bpmn:text>Let op</bpmn:text></bpmn:textAnnotation>
  <bpmn:association id="line" sourceRef="ask" targetRef="note" />
</bpmn:process>
<bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="pl" bpmnElement="c">
  <bpmndi:BPMNShape id="sh0" bpmnElement="pool"><dc:Bounds x="0" y="0" width="900" height="400" /></bpmndi:BPMNShape>
  <bpmndi:BPMNShape id="sh1" bpmnElement="ask"><dc:Bounds x="10" y="20.5" width="100" height="80" /></bpmndi:BPMNShape>
  <bpmndi:BPMNShape id="sh2" bpmnElement="choose"><dc:Bounds x="200" y="20" width="50" height="50" /><bpmndi:BPMNLabel><dc:Bounds x="190" y="75" width="70" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
  <bpmndi:BPMNShape id="sh3" bpmnElement="box" isExpanded="false"><dc:Bounds x="300" y="20" width="100" height="80" /></bpmndi:BPMNShape>
  <bpmndi:BPMNEdge id="ed" bpmnElement="no"><di:waypoint x="250" y="45" /><di:waypoint x="300" y="45" /></bpmndi:BPMNEdge>
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
"""


def test_a_step_is_read_with_everything_on_it():
    ask = read(FULL).nodes["ask"]
    assert ask == Node(
        id="ask", kind="userTask", name="Vragen", documentation="Vraag het.", line=ask.line, lane="lane1",
        role="explorer", form="signal", properties={"term": "talk", "accepts_holdership": "true"},
        loop=Loop("sequential", collection="people", item="person", condition="enough"), incoming=("go",),
    )  # fmt: skip
    assert ask.term == "talk"


def test_events_are_read_with_the_name_or_moment_they_wait_for():
    nodes = read(FULL).nodes
    assert nodes["late"].event == EventSpec("timer", timer=TimerSpec("term", "talk"))
    assert nodes["loss"].event == EventSpec("message", "loss")
    assert nodes["bad"].event == EventSpec("error", "wrong")
    assert nodes["tell"].event == EventSpec("escalation", "late")
    assert nodes["on_moved"].event == EventSpec("signal", "closed")
    assert nodes["each"].event == EventSpec("timer", timer=TimerSpec("cycle", "R3/P1W", repeats=True))
    assert nodes["true_yet"].event == EventSpec("conditional", condition="born")
    assert nodes["stop"].event == EventSpec("terminate")
    assert nodes["start"].event == EventSpec("none")
    assert nodes["ask"].event is None


def test_what_hangs_on_or_lies_in_something_says_so():
    model = read(FULL)
    assert (model.nodes["late"].attached_to, model.nodes["late"].interrupting) == ("ask", False)
    assert (model.nodes["loss"].attached_to, model.nodes["loss"].interrupting) == ("ask", True)
    assert [node.id for node in model.boundary("ask")] == ["late", "loss"]
    assert [node.id for node in model.children("box")] == ["begin", "inner", "bad"]
    assert [node.id for node in model.event_subprocesses()] == ["moved"]
    assert not model.nodes["on_moved"].interrupting
    assert [node.id for node in model.starts()] == ["start"]


def test_a_lane_gives_its_role_to_all_that_is_drawn_in_or_on_its_steps():
    nodes = read(FULL).nodes
    assert nodes["late"].role == "explorer"
    assert nodes["inner"].role == "explorer"
    assert (nodes["choose"].lane, nodes["choose"].role) == ("lane2", None)
    assert nodes["stop"].lane is None


def test_automatic_steps_and_calls_say_what_they_call():
    nodes = read(FULL).nodes
    assert (nodes["decide"].decision, nodes["decide"].result) == ("routering", "route")
    assert nodes["decide"].loop == Loop("standard", condition="again", maximum=3, test_before=True)
    assert nodes["send"].topic == "letter"
    assert nodes["explore"].called == "verkennen"
    assert nodes["choose"].default == "no"


def test_a_condition_is_read_in_full_whatever_stands_in_the_middle():
    assert read(FULL).flows["yes"].condition == "agreed and lead_agreed"


def test_the_process_and_its_picture_are_read():
    model = read(FULL)
    assert (model.id, model.name, model.file, model.executable) == ("p", "Proef", "p.bpmn", True)
    assert model.documentation == "Waarom  dit bestaat."
    assert model.properties == {"phase": "signal"}
    assert model.pools == (Pool("pool", "Regio", "p"),)
    assert model.shapes["ask"] == Bounds(10, 20.5, 100, 80)
    assert model.labels == {"choose": Bounds(190, 75, 70, 14)}
    assert model.edges == {"no": ((250, 45), (300, 45))}
    assert model.collapsed == {"box"}
    assert model.notes == {"note": "Let op"}


def test_lines_are_those_of_the_file():
    model = read(FULL)
    text = (HEAD + FULL).splitlines()
    assert 'id="ask"' in text[model.nodes["ask"].line - 1]
    assert 'id="yes"' in text[model.flows["yes"].line - 1]
    assert 'id="lane2"' in text[model.lanes[1].line - 1]


FAULTS = {
    "double_id": process('<bpmn:userTask id="a"/><bpmn:userTask id="a"/>'),
    "no_id": process("<bpmn:userTask/>"),
    "loose_flow": process('<bpmn:userTask id="a"/><bpmn:sequenceFlow id="f" sourceRef="a" targetRef="b"/>'),
    "flow_across": process(
        '<bpmn:userTask id="a"/><bpmn:subProcess id="s"><bpmn:userTask id="b"/></bpmn:subProcess>'
        '<bpmn:sequenceFlow id="f" sourceRef="a" targetRef="b"/>'
    ),
    "two_lanes": process(
        '<bpmn:laneSet id="l"><bpmn:lane id="l1"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane>'
        '<bpmn:lane id="l2"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet><bpmn:userTask id="a"/>'
    ),
    "lane_of_nothing": process(
        '<bpmn:laneSet id="l"><bpmn:lane id="l1"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
    ),
    "nested_lane": process(
        '<bpmn:laneSet id="l"><bpmn:lane id="l1"><bpmn:childLaneSet id="l2"/></bpmn:lane></bpmn:laneSet>'
    ),
    "loose_boundary": process(
        '<bpmn:boundaryEvent id="b" attachedToRef="b"><bpmn:cancelEventDefinition/></bpmn:boundaryEvent>'
    ),
    "default_elsewhere": process('<bpmn:exclusiveGateway id="g" default="f"/>'),
    "two_events": process(
        '<bpmn:endEvent id="e"><bpmn:terminateEventDefinition/><bpmn:terminateEventDefinition/></bpmn:endEvent>'
    ),
    "event_elsewhere": process(
        '<bpmn:endEvent id="e"><bpmn:eventDefinitionRef>x</bpmn:eventDefinitionRef></bpmn:endEvent>'
    ),
    "unknown_event": process(
        '<bpmn:endEvent id="e"><bpmn:messageEventDefinition messageRef="nowhere"/></bpmn:endEvent>'
    ),
    "timer_unclear": process(
        '<bpmn:intermediateCatchEvent id="e"><bpmn:timerEventDefinition/></bpmn:intermediateCatchEvent>'
    ),
    "two_loops": process(
        '<bpmn:userTask id="a"><bpmn:standardLoopCharacteristics/><bpmn:multiInstanceLoopCharacteristics/></bpmn:userTask>'
    ),
    "loop_maximum": process(
        '<bpmn:userTask id="a"><bpmn:standardLoopCharacteristics loopMaximum="-1"/></bpmn:userTask>'
    ),
    "picture_unreadable": process('<bpmn:userTask id="a"/>')
    + '<bpmndi:BPMNShape bpmnElement="a"><dc:Bounds x="NaN" y="0" width="1" height="1"/></bpmndi:BPMNShape>',
    "no_process": '<bpmn:message id="m"/>',
}


@pytest.mark.parametrize("code", FAULTS)
def test_what_cannot_be_read_is_told(code: str):
    assert code in refused(FAULTS[code])


def test_everything_unreadable_is_told_at_once_with_its_place():
    with pytest.raises(BundleRefused) as caught:
        read(
            process(
                '\n<bpmn:userTask id="a" name="Vragen"/>\n<bpmn:sequenceFlow id="f" sourceRef="a" targetRef="b"/>'
                '\n<bpmn:exclusiveGateway id="g" name="Akkoord?" default="f"/>'
            )
        )
    loose, default = caught.value.findings
    assert (loose.line, loose.element_id) == (4, "f")
    assert str(default).startswith("p.bpmn regel 5, ‘Akkoord?’ (g): ")


def test_other_xml_is_no_diagram():
    with pytest.raises(BundleRefused, match=r"geen BPMN-bestand"):
        read_diagram("x.svg", etree.fromstring(b'<svg xmlns="http://www.w3.org/2000/svg"/>'))


@pytest.mark.parametrize("huge", ["9" * 5_000, "1e400", "inf", ""])
def test_numbers_of_any_size_end_in_a_refusal(huge: str):
    shape = f'<bpmndi:BPMNShape bpmnElement="a"><dc:Bounds x={quoteattr(huge)} y="0" width="1" height="1"/></bpmndi:BPMNShape>'
    assert refused(process('<bpmn:userTask id="a"/>') + shape) == ["picture_unreadable"]
    loop = f"<bpmn:standardLoopCharacteristics loopMaximum={quoteattr(huge)}/>"
    assert refused(process(f'<bpmn:userTask id="a">{loop}</bpmn:userTask>')) == ["loop_maximum"]


@pytest.mark.parametrize("path", sorted(BPMN_DIRECTORY.glob("*.bpmn")), ids=lambda path: path.stem)
def test_shipped_diagrams_are_read_with_a_role_for_every_task(path: Path):
    [model] = read_diagram(path.name, etree.fromstring(path.read_bytes()))
    assert model.id == path.stem
    assert all(node.role for node in model.nodes.values() if node.kind == "userTask")
    assert set(model.nodes) | set(model.flows) <= set(model.shapes) | set(model.edges)


# -- round trip: what is written is read again

words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
ids = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
# Texts as people type them: single spaces, none at the ends.
texts = st.lists(words, min_size=1, max_size=4).map(" ".join)
events = st.one_of(
    st.just(EventSpec("none")),
    st.just(EventSpec("terminate")),
    st.builds(EventSpec, st.sampled_from(["message", "signal", "error", "escalation"]), texts),
    st.builds(lambda text: EventSpec("conditional", condition=text), texts),
    st.builds(
        lambda kind, text: EventSpec("timer", timer=TimerSpec(kind, text, repeats=kind == "cycle")),
        st.sampled_from(["date", "duration", "cycle"]),
        texts.filter(lambda text: not text.startswith("term.")),
    ),
    st.builds(lambda text: EventSpec("timer", timer=TimerSpec("term", text)), texts),
)
loops = st.one_of(
    st.none(),
    st.builds(Loop, st.sampled_from(["parallel", "sequential"]), st.none() | texts, st.none() | texts, st.none() | texts),
    st.builds(
        lambda condition, maximum, before: Loop("standard", condition=condition, maximum=maximum, test_before=before),
        st.none() | texts, st.none() | st.integers(0, 10**9), st.booleans(),
    ),
)  # fmt: skip


@st.composite
def models(draw: st.DrawFn) -> ProcessModel:
    names = draw(st.lists(ids, unique=True, min_size=1, max_size=6))
    nodes: dict[str, Node] = {}
    for name in names:
        kind = draw(st.sampled_from(["userTask", "serviceTask", "callActivity", "exclusiveGateway", "endEvent"]))
        task = kind.endswith("Task") or kind == "callActivity"
        nodes[name] = Node(
            id=name,
            kind=kind,
            name=draw(st.just("") | texts),
            documentation=draw(st.just("") | texts),
            form=draw(st.none() | texts) if kind == "userTask" else None,
            topic=draw(st.none() | texts) if kind == "serviceTask" else None,
            called=draw(st.none() | ids) if kind == "callActivity" else None,
            properties=draw(st.dictionaries(texts, texts, max_size=3)),
            event=draw(events) if kind == "endEvent" else None,
            loop=draw(loops) if task else None,
        )
    return ProcessModel(
        id="the_process", name=draw(texts), file="p.bpmn", documentation=draw(st.just("") | texts),
        executable=draw(st.booleans()), nodes=nodes, properties=draw(st.dictionaries(texts, texts, max_size=2)),
        shapes={name: Bounds(*draw(st.tuples(*[st.integers(0, 999).map(float)] * 4))) for name in names},
    )  # fmt: skip


def attributes(**values: str | None) -> str:
    return "".join(f" {k.replace('__', ':')}={quoteattr(v)}" for k, v in values.items() if v is not None)


def write_properties(properties: object) -> str:
    inside = "".join(f"<camunda:property{attributes(name=k, value=v)}/>" for k, v in properties.items())  # type: ignore[attr-defined]
    return f"<bpmn:extensionElements><camunda:properties>{inside}</camunda:properties></bpmn:extensionElements>"


def element(tag: str, text: str | None) -> str:
    return "" if text is None else f"<bpmn:{tag}>{escape(text)}</bpmn:{tag}>"


def write(model: ProcessModel) -> str:
    tops: list[str] = []
    parts: list[str] = []
    for node in model.nodes.values():
        inside = element("documentation", node.documentation or None) + write_properties(node.properties)
        event, loop = node.event, node.loop
        if event is not None and event.timer is not None:
            timer = event.timer
            tag = "timeDuration" if timer.kind == "term" else f"time{timer.kind.capitalize()}"
            text = f"term.{timer.text}" if timer.kind == "term" else timer.text
            inside += f"<bpmn:timerEventDefinition>{element(tag, text)}</bpmn:timerEventDefinition>"
        elif event is not None and event.kind == "conditional":
            inside += f"<bpmn:conditionalEventDefinition>{element('condition', event.condition)}</bpmn:conditionalEventDefinition>"
        elif event is not None and event.name is not None:
            key = f"of-{node.id}"
            code = {"error": "errorCode", "escalation": "escalationCode"}.get(event.kind, "name")
            tops.append(f"<bpmn:{event.kind}{attributes(id=key, **{code: event.name})}/>")
            inside += f"<bpmn:{event.kind}EventDefinition {event.kind}Ref={quoteattr(key)}/>"
        elif event is not None and event.kind != "none":
            inside += f"<bpmn:{event.kind}EventDefinition/>"
        if loop is not None and loop.kind == "standard":
            most = None if loop.maximum is None else str(loop.maximum)
            inside += (
                f"<bpmn:standardLoopCharacteristics{attributes(loopMaximum=most, testBefore=str(loop.test_before).lower())}>"
                f"{element('loopCondition', loop.condition)}</bpmn:standardLoopCharacteristics>"
            )
        elif loop is not None:
            several = attributes(
                isSequential=str(loop.kind == "sequential").lower(),
                camunda__collection=loop.collection,
                camunda__elementVariable=loop.item,
            )
            inside += f"<bpmn:multiInstanceLoopCharacteristics{several}>"
            inside += element("loopCardinality", loop.cardinality) + element("completionCondition", loop.condition)
            inside += "</bpmn:multiInstanceLoopCharacteristics>"
        given = attributes(
            id=node.id, name=node.name or None, camunda__formRef=node.form, camunda__topic=node.topic,
            camunda__type="external" if node.topic else None, calledElement=node.called,
        )  # fmt: skip
        parts.append(f"<bpmn:{node.kind}{given}>{inside}</bpmn:{node.kind}>")
    shapes = "".join(
        f"<bpmndi:BPMNShape{attributes(bpmnElement=key)}>"
        f"<dc:Bounds{attributes(x=str(b.x), y=str(b.y), width=str(b.width), height=str(b.height))}/></bpmndi:BPMNShape>"
        for key, b in model.shapes.items()
    )
    head = attributes(id=model.id, name=model.name, isExecutable=str(model.executable).lower())
    body = element("documentation", model.documentation or None) + write_properties(model.properties) + "".join(parts)
    return "".join(tops) + f"<bpmn:process{head}>{body}</bpmn:process>{shapes}"


@given(models())
def test_what_is_written_is_read_again(model: ProcessModel):
    found = read(write(model))
    plain = {node.id: dataclasses.replace(node, line=0) for node in found.nodes.values()}
    assert dataclasses.replace(found, nodes=plain, line=0) == model
