"""What plain SpiffWorkflow 3.2.0 runs otherwise than drawn, and that such a file is refused before it can.

Each case shows the fault first: `fault` gets the diagram as SpiffWorkflow's own parser reads it and asserts what goes wrong.
`docs/engine-faults.md` lists all of them, also those that are repaired instead of refused.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.util.task import TaskState

from engine.bundle import Bundle
from engine.errors import BundleRefused, Finding

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="urn:test">'
)
ROLE = (
    '<extensionElements><camunda:properties><camunda:property name="role" value="explorer"/>'
    "</camunda:properties></extensionElements>"
)
SCALARS = (
    '<extensionElements><camunda:properties><camunda:property name="scalars" value="x, y"/>'
    "</camunda:properties></extensionElements>"
)
START, END = '<startEvent id="begin"/>', '<endEvent id="fin"/>'


def task(element_id: str, inside: str = "") -> str:
    return f'<userTask id="{element_id}" name="Taak {element_id}">{inside}</userTask>'


def flow(chain: str, condition: str | None = None) -> str:
    """``"a > b > c"`` as sequence flows with ids ``a_b``, ``b_c``."""
    ids = chain.split(" > ")
    inside = "" if condition is None else f'<conditionExpression language="feel">{condition}</conditionExpression>'
    return "".join(
        f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'
        for source, target in itertools.pairwise(ids)
    )


def diagram(body: str, root: str = "", process_id: str = "proef", attributes: str = 'isExecutable="true"') -> bytes:
    """A file with one process in which every user task stands in one lane."""
    lanes = "".join(f"<flowNodeRef>{found}</flowNodeRef>" for found in re.findall(r'<userTask id="([\w.]+)"', body))
    lane = f'<laneSet id="lanes"><lane id="lane" name="Verkenner">{ROLE}{lanes}</lane></laneSet>'
    return (
        f'{HEAD}{root}\n<process id="{process_id}" name="Proef" {attributes}>{SCALARS}{lane}\n'
        f"{body}\n</process></definitions>"
    ).encode()


def refusal(*files: bytes) -> list[Finding]:
    with pytest.raises(BundleRefused) as refused:
        Bundle.from_files({f"bestand{number}.bpmn": data for number, data in enumerate(files)})
    return list(refused.value.findings)


# -- plain SpiffWorkflow


class Plain:
    """A diagram as SpiffWorkflow's own parser and engine run it."""

    def __init__(self, *files: bytes, **data: Any) -> None:
        parser = BpmnParser()
        for content in files:
            parser.add_bpmn_str(content)
        self.workflow = BpmnWorkflow(parser.get_spec("proef"), parser.get_subprocess_specs("proef"))
        self.workflow.task_tree.data.update(data)

    def run(self, budget: int = 60) -> Plain:
        """Run on; raises Budget when it does not come to rest in so many steps."""
        left = iter(range(budget))

        def count(task: Any) -> None:
            if next(left, None) is None:
                raise Budget

        self.workflow.do_engine_steps(will_complete_task=count)
        return self

    def ready(self) -> set[str]:
        found = self.workflow.get_tasks(state=TaskState.READY)
        return {task.task_spec.name for task in found if task.task_spec.manual}

    def complete(self, name: str) -> Plain:
        task = next(task for task in self.workflow.get_tasks(state=TaskState.READY) if task.task_spec.name == name)
        task.run()
        return self.run()

    @property
    def completed(self) -> bool:
        return bool(self.workflow.completed)


class Budget(BaseException):
    """More steps than any sensible diagram takes. Not an Exception: SpiffWorkflow wraps those."""


@contextmanager
def line_budget(lines: int) -> Iterator[None]:
    """Stop code that would never end after so many lines of Python: no clock, so the same on every machine."""
    left = lines

    def count(frame: Any, event: str, arg: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise Budget
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)


# -- the faults


@dataclass(frozen=True)
class Case:
    """A diagram, the fault it shows, and what our refusal says."""

    name: str
    files: tuple[bytes, ...]
    fault: Callable[[Case], None]
    code: str
    element: str

    def plain(self, **data: Any) -> Plain:
        return Plain(*self.files, **data).run()


def straight(*middle: str, root: str = "") -> bytes:
    """begin > … > fin, the given elements in a row."""
    ids = [re.search(r'id="([^"]+)"', element)[1] for element in middle]  # type: ignore[index]
    return diagram(START + "".join(middle) + END + flow(" > ".join(["begin", *ids, "fin"])), root)


def ends_at_once(case: Case) -> None:
    assert case.plain().completed


def offers(*names: str) -> Callable[[Case], None]:
    def fault(case: Case) -> None:
        assert case.plain().ready() == set(names)

    return fault


def never_rests(case: Case) -> None:
    with pytest.raises(Budget):
        case.plain()


def goes_round(case: Case) -> None:
    """Until the tree of tasks is a thousand deep; then it stops without a word."""
    with pytest.raises(Budget):
        case.plain(x=1)


def loses_condition(case: Case) -> None:
    run = case.plain(x=1).complete("a")
    assert run.ready() == {"b"}


def parallel_split(case: Case) -> None:
    assert case.plain().ready() == {"a", "b"}


def loads(case: Case) -> None:
    parser = BpmnParser()
    for content in case.files:
        parser.add_bpmn_str(content)


def hangs_while_reading(case: Case) -> None:
    with pytest.raises(Budget), line_budget(200_000):
        Plain(*case.files)


def recursion(case: Case) -> None:
    with pytest.raises(Exception, match="recursion"):
        Plain(*case.files)


def last_lane_wins(case: Case) -> None:
    assert case.plain().workflow.spec.task_specs["a"].lane == "Tweede"


def parent_goes_on(case: Case) -> None:
    assert case.plain().ready() == {"after"}


def many_instances(case: Case) -> None:
    assert len(case.plain().workflow.get_tasks(state=TaskState.READY)) > 1000


def ignores_quantity(case: Case) -> None:
    assert case.plain().ready() == {"a"}


def first_instance_is_enough(case: Case) -> None:
    run = case.plain()
    [*tasks] = run.workflow.get_tasks(state=TaskState.READY)
    assert len(tasks) == 2  # the drawing says: go on after each one; SpiffWorkflow waits for all and tells nobody
    tasks[0].run()
    run.run()
    assert "after" not in run.ready()


def no_instances(case: Case) -> None:
    assert case.plain().ready() == set()


def reads_minus_as_plus(case: Case) -> None:
    from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

    assert TimerEventDefinition.parse_iso_duration("-PT5M") == TimerEventDefinition.parse_iso_duration("PT5M")


def loops_over_years(case: Case) -> None:
    with pytest.raises(Budget), line_budget(200_000):
        case.plain()


def cycle(text: str) -> str:
    return (
        f'<boundaryEvent id="edge" attachedToRef="a" cancelActivity="false"><timerEventDefinition id="d"><timeCycle>{text}'
        "</timeCycle></timerEventDefinition></boundaryEvent>"
    )


def fires_at_once(case: Case) -> None:
    run = case.plain()
    for _ in range(5):
        run.workflow.refresh_timers()
        run.run()
    assert len(run.workflow.get_tasks(spec_name="b")) >= 1


def event(kind: str) -> str:
    return f'<{kind}EventDefinition id="definition"/>'


MESSAGE = '<message id="m" name="moved"/>'
SIX_HUNDRED = [task(f"t{number}") for number in range(600)]
SUB = (
    '<subProcess id="sub"><startEvent id="inner_begin"/><endEvent id="inner_end"><errorEventDefinition id="ed" '
    'errorRef="e"/></endEvent><sequenceFlow id="inner" sourceRef="inner_begin" targetRef="inner_end"/></subProcess>'
)

CASES = [
    Case(
        "a compensation start runs at once",
        (
            diagram(
                START + task("a") + END + flow("begin > a > fin") + '<subProcess id="sub" triggeredByEvent="true">'
                f'<startEvent id="listen">{event("compensate")}</startEvent>{task("b")}<endEvent id="done"/>'
                f"{flow('listen > b > done')}</subProcess>"
            ),
        ),
        offers("a", "b"),
        "element",
        "definition",
    ),
    *(
        Case(
            f"a {kind} event passes straight through",
            (straight(f'<{which} id="event">{event(kind)}</{which}>'),),
            ends_at_once,
            "element",
            "definition",
        )
        for kind, which in [
            ("link", "intermediateThrowEvent"),
            ("compensate", "intermediateThrowEvent"),
            ("link", "intermediateCatchEvent"),
        ]
    ),
    Case(
        "a timer on an end event is ignored",
        (
            diagram(
                START + '<endEvent id="fin"><timerEventDefinition id="definition"><timeDuration>"P9Y"</timeDuration>'
                "</timerEventDefinition></endEvent>" + flow("begin > fin")
            ),
        ),
        ends_at_once,
        "element",
        "definition",
    ),
    Case(
        "a condition on a flow that leaves a task is dropped",
        (
            diagram(
                START + task("a") + task("b") + END + flow("begin > a") + flow("a > b", "x &gt; 2") + flow("b > fin"),
            ),
        ),
        loses_condition,
        "condition_lost",
        "a_b",
    ),
    *(
        Case(
            f"a {kind} without a message passes straight through",
            (straight(f'<{kind} id="wait" name="Wachten"/>'),),
            ends_at_once,
            "no_message",
            "wait",
        )
        for kind in ("receiveTask", "sendTask")
    ),
    Case(
        "a start with two flows splits without a gateway",
        (diagram(START + task("a") + task("b") + END + flow("begin > a > fin") + flow("begin > b > fin")),),
        parallel_split,
        "hidden_split",
        "begin",
    ),
    Case(
        "two elements may have one id",
        (diagram(START + task("a") + task("a") + END + flow("begin > a > fin")),),
        loads,
        "double_id",
        "a",
    ),
    Case(
        "a task nothing leads to is dropped",
        (diagram(START + task("a") + task("lost") + END + flow("begin > a > fin") + flow("lost > fin")),),
        offers("a"),
        "unreachable",
        "lost",
    ),
    Case(
        "a process without an end is accepted",
        (diagram(START + task("a") + flow("begin > a")),),
        offers("a"),
        "no_end",
        "proef",
    ),
    Case(
        "an event on the edge of nothing is accepted",
        (
            diagram(
                START + task("a") + END + flow("begin > a > fin") + '<boundaryEvent id="edge" attachedToRef="gone">'
                '<messageEventDefinition id="d" messageRef="m"/></boundaryEvent>' + flow("edge > fin"),
                MESSAGE,
            ),
        ),
        offers("a"),
        "loose_boundary",
        "edge",
    ),
    Case(
        "an error nobody catches is taken for a normal end",
        (straight(SUB, task("after"), root='<error id="e" name="Mis" errorCode="failed"/>'),),
        parent_goes_on,
        "uncaught",
        "inner_end",
    ),
    Case(
        "a process that calls itself never rests",
        (straight('<callActivity id="again" name="Opnieuw" calledElement="proef"/>'),),
        never_rests,
        "call_ring",
        "again",
    ),
    Case(
        "two processes that call each other never rest",
        (
            straight('<callActivity id="there" name="Heen" calledElement="andere"/>'),
            straight('<callActivity id="back" name="Terug" calledElement="proef"/>').replace(
                b'process id="proef"', b'process id="andere"'
            ),
        ),
        never_rests,
        "call_ring",
        "back",
    ),
    Case(
        "a circle in which nothing waits stops silently",
        (
            diagram(
                START
                + '<exclusiveGateway id="again"/><exclusiveGateway id="choose" default="choose_again"/>'
                + END
                + flow("begin > again > choose > again")
                + flow("choose > fin", "x &gt; 2"),
            ),
        ),
        goes_round,
        "endless",
        "again",
    ),
    Case(
        "a line of 600 tasks ends in a RecursionError",
        (straight(*SIX_HUNDRED),),
        recursion,
        "too_large",
        "proef",
    ),
    Case(
        "a negative duration is read as a positive one",
        (
            straight(
                '<intermediateCatchEvent id="wait"><timerEventDefinition id="d"><timeDuration>-PT5M</timeDuration>'
                "</timerEventDefinition></intermediateCatchEvent>"
            ),
        ),
        reads_minus_as_plus,
        "timer",
        "wait",
    ),
    Case(
        "a duration of many years is counted month by month",
        (
            straight(
                '<intermediateCatchEvent id="wait"><timerEventDefinition id="d"><timeDuration>"P99999999Y"</timeDuration>'
                "</timerEventDefinition></intermediateCatchEvent>"
            ),
        ),
        loops_over_years,
        "timer",
        "wait",
    ),
    *(
        Case(
            f"the cycle {text} is accepted",
            (
                diagram(
                    START
                    + task("a")
                    + cycle(f'"{text}"')
                    + task("b")
                    + END
                    + flow("begin > a > fin")
                    + flow("edge > b > fin")
                ),
            ),
            fires_at_once if text == "R/PT0S" else offers("a"),
            "timer",
            "edge",
        )
        for text in ("R/PT0S", "R/PT1S", "R999999/PT1H")
    ),
    Case(
        "a gateway that joins and splits in a circle ends in a RecursionError",
        (
            diagram(
                START
                + '<parallelGateway id="mixed"/>'
                + task("a")
                + task("b")
                + END
                + flow("begin > mixed > a > mixed > b > fin")
            ),
        ),
        recursion,
        "mixed_gateway",
        "mixed",
    ),
    *(
        Case(
            f"a task with the id {name} is skipped",
            (straight(task(name)),),
            ends_at_once,
            code,
            name,
        )
        for name, code in [("End", "reserved_id"), ("proef.EndJoin", "id")]
    ),
    Case(
        "of two lanes the last one wins",
        (
            diagram(START + task("a") + END + flow("begin > a > fin")).replace(
                b"</laneSet>",
                b'<lane id="second" name="Tweede">' + ROLE.encode() + b"<flowNodeRef>a</flowNodeRef></lane></laneSet>",
            ),
        ),
        last_lane_wins,
        "two_lanes",
        "second",
    ),
    Case(
        "a lane may hold what does not exist",
        (
            diagram(START + task("a") + END + flow("begin > a > fin")).replace(
                b"</lane>", b"<flowNodeRef>gone</flowNodeRef></lane>"
            ),
        ),
        offers("a"),
        "lane_of_nothing",
        "lane",
    ),
    Case(
        "a file without an executable process loads",
        (diagram(START + task("a") + END + flow("begin > a > fin"), attributes='isExecutable="false"'),),
        loads,
        "not_executable",
        "proef",
    ),
    Case(
        "any XML loads",
        (b'<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>',),
        loads,
        "not_bpmn",
        "",
    ),
    Case(
        "a data object that refers to nothing inside a sub-process hangs the parser",
        (
            straight(
                '<subProcess id="sub"><dataObjectReference id="object" dataObjectRef="gone"/><startEvent id="inner_begin"/>'
                '<userTask id="a" name="Taak"><dataInputAssociation id="in"><sourceRef>object</sourceRef></dataInputAssociation>'
                '</userTask><endEvent id="inner_end"/>' + flow("inner_begin > a > inner_end") + "</subProcess>"
            ),
        ),
        hangs_while_reading,
        "element",
        "object",
    ),
    *(
        Case(
            f"{count} instances are made",
            (
                straight(
                    task(
                        "a",
                        '<multiInstanceLoopCharacteristics id="mi"><loopCardinality language="feel">'
                        f"{count}</loopCardinality></multiInstanceLoopCharacteristics>",
                    )
                ),
            ),
            fault,
            "loop_count",
            "a",
        )
        for count, fault in [(1500, many_instances), (-1, no_instances)]
    ),
    Case(
        "a loop without a highest number of rounds is accepted",
        (
            straight(
                '<subProcess id="sub"><standardLoopCharacteristics id="loop" loopMaximum="100000000"><loopCondition '
                'language="feel">1 &lt; 2</loopCondition></standardLoopCharacteristics><startEvent id="inner_begin"/>'
                '<endEvent id="inner_end"/><sequenceFlow id="inner" sourceRef="inner_begin" targetRef="inner_end"/>'
                "</subProcess>"
            ),
        ),
        never_rests,
        "loop_maximum",
        "sub",
    ),
    Case(
        "a start quantity is ignored",
        (straight(task("a").replace("name=", 'startQuantity="2" name=')),),
        ignores_quantity,
        "attribute_value",
        "a",
    ),
    Case(
        "a completion quantity is ignored",
        (straight(task("a").replace("name=", 'completionQuantity="2" name=')),),
        ignores_quantity,
        "attribute_value",
        "a",
    ),
    *(
        Case(
            f"the behaviour {behaviour} of instances is ignored",
            (
                straight(
                    task(
                        "a",
                        f'<multiInstanceLoopCharacteristics id="mi" behavior="{behaviour}"><loopCardinality '
                        'language="feel">2</loopCardinality></multiInstanceLoopCharacteristics>',
                    ),
                    task("after"),
                ),
            ),
            first_instance_is_enough,
            "attribute_value",
            "mi",
        )
        for behaviour in ("None", "One", "Complex")
    ),
    Case(
        "a task for compensation runs like any other",
        (straight(task("a").replace("name=", 'isForCompensation="true" name=')),),
        offers("a"),
        "attribute_value",
        "a",
    ),
    Case(
        "an ad-hoc sub-process that is drawn sequential loads as any other",
        (
            straight(
                f'<adHocSubProcess id="loose" ordering="Sequential">{task("a")}{task("b")}'
                '<completionCondition xsi:type="tFormalExpression">False</completionCondition></adHocSubProcess>'
            ),
        ),
        loads,
        "element",
        "loose",
    ),
    Case(
        "an abstract task waits, a manual task too, and nobody is asked",
        (straight('<task id="a" name="Iets"/>'),),
        offers("a"),
        "element",
        "a",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_spiffworkflow_runs_it_otherwise_than_drawn_and_we_refuse_it(case: Case) -> None:
    case.fault(case)

    found = [finding for finding in refusal(*case.files) if finding.code == case.code]

    assert case.element in {finding.element_id for finding in found}, refusal(*case.files)
    told = next(finding for finding in found if finding.element_id == case.element)
    assert told.file.startswith("bestand")
    assert told.line > 0
    assert told.message.endswith(".")
