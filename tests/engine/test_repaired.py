"""Each fault of SpiffWorkflow 3.2.0 that we met, first shown as it comes, then as it runs here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
import SpiffWorkflow.bpmn.specs.event_definitions.timer as stock_timer
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskState

from engine import limits
from engine import specs as machine_specs
from engine.errors import BundleRefused, EngineError, ExpressionFailed, RouteUndecided, StepNotWaiting, TooManySteps
from engine.model import EventSpec, Loop, Node, ProcessModel, TimerSpec
from engine.process import HalfWay, Process
from engine.tokens import FeelOnly
from tests.engine import stock
from tests.engine.diagrams import NOW, Player, bundle, step, terms, waits
from tests.engine.sketch import sketch

AGAIN = {"conditions": {"xor1__xor0": "again"}, "xor1": {"default": "xor1__end1"}}
LOSS, MOVE = EventSpec("message", "loss"), EventSpec("message", "move")


def play(*models: ProcessModel, **scalars) -> Player:
    return Player(bundle(*models), bundle(*models), models[0].id, **scalars)


def timer(kind: str, text: str) -> EventSpec:
    return EventSpec("timer", timer=TimerSpec(kind, text, repeats=kind == "cycle"))


def listening(event: EventSpec, *, interrupting: bool, within: str | None = None) -> dict:
    """An event sub-process with the one task ``x``."""
    return {
        "sub9": {"event_subprocess": True, "parent": within},
        "begin9": {"kind": "startEvent", "parent": "sub9", "interrupting": interrupting, "event": event},
        "x": {"parent": "sub9"},
        "finish9": {"kind": "endEvent", "parent": "sub9"},
    }


# -- loops


def test_a_loop_does_not_stop_at_a_depth_of_a_thousand():
    line = " > ".join(f"xor{number}" for number in range(10, 60))
    model = sketch(f"start1 > xor0 > {line} > a > xor1 > end1", "xor1 > xor0", **AGAIN)
    workflow, rounds = stock.start(model), 0
    while stock.waits(workflow):
        stock.do(workflow, "a", again=True)
        rounds += 1
    assert rounds < 25
    assert not workflow.completed

    player = play(model)
    for _ in range(50):
        player.do("a", again=True)
    player.do("a", again=False)
    assert player.process.ended


PARALLEL = sketch("start1 > xor0 > and1 > a > and2 > r > xor1 > end1", "and1 > b > and2", "xor1 > xor0", **AGAIN)


def test_a_parallel_join_in_a_loop_waits_in_the_second_round_too():
    workflow = stock.start(PARALLEL)
    for element_id in ("a", "b", "r", "b"):
        stock.do(workflow, element_id, again=True)
    assert stock.waits(workflow) == ["a", "r"]

    player = play(PARALLEL)
    for _ in range(5):
        player.do("a", "b", "r", "b", again=True)
        assert player.waits == ["a"]
        player.do("a", "r")


INCLUSIVE = sketch(
    "start1 > xor0 > or1 > a > or2 > r > xor1 > end1", "or1 > b > or2", "or1 > c > or2", "xor1 > xor0",
    conditions={"xor1__xor0": "again", "or1__a": "again", "or1__b": "again"},
    or1={"default": "or1__c"}, xor1={"default": "xor1__end1"},
)  # fmt: skip


def test_an_inclusive_join_in_a_loop_waits_in_the_second_round_too():
    workflow = stock.start(INCLUSIVE, again=True)
    for element_id in ("a", "b", "r", "b"):
        stock.do(workflow, element_id)
    assert stock.waits(workflow) == ["a", "r"]

    player = play(INCLUSIVE, again=True)
    for _ in range(5):
        player.do("a", "b", "r", "b")
        assert player.waits == ["a"]
        player.do("a", "r")


def test_parallel_blocks_in_a_row_cost_no_power_of_two():
    rows = [f"and{n} > a{n} > join{n} > and{n + 1}" for n in range(8)] + [f"and{n} > b{n} > join{n}" for n in range(8)]
    model = sketch("start1 > and0", *rows, "and8 > end1", **{f"join{n}": {"kind": "parallelGateway"} for n in range(8)})
    assert len(stock.start(model).tasks) > 2**10

    process = Process.start(bundle(model), "p", now=NOW, terms=terms)
    assert len(process.live) == 2
    assert len(process.dump()) < 300


@pytest.mark.parametrize(
    ("shape", "steps"),
    [
        (sketch("start1 > xor0 > a > xor1 > end1", "xor1 > xor0", **AGAIN), "a"),
        (PARALLEL, "bar"),
        (INCLUSIVE, "bar"),
        (sketch("start1 > xor0 > a > xor1 > end1", "xor1 > xor0", **AGAIN,
                **{"a": {"loop": Loop("standard", condition="again", maximum=2)}}), "aa"),
        (sketch("start1 > xor0 > a > xor1 > end1", "xor1 > xor0", **AGAIN,
                **{"a": {"loop": Loop("parallel", cardinality="2")}}), "aa"),
        (sketch("start1 > xor0 > a > xor1 > end1", "xor1 > xor0", **AGAIN,
                **{"a": {"loop": Loop("sequential", cardinality="2")}}), "aa"),
        (sketch("start1 > xor0 > sub1 > xor1 > end1", "begin > a > b > finish", "xor1 > xor0", **AGAIN,
                **{"begin": {"kind": "startEvent", "parent": "sub1"}, "a": {"parent": "sub1"}, "b": {"parent": "sub1"},
                   "finish": {"kind": "endEvent", "parent": "sub1"}}), "ab"),
        ((sketch("start1 > xor0 > call1 > xor1 > end1", "xor1 > xor0", id="outer", **AGAIN, **{"call1": {"called": "inner"}}),
          sketch("start1 > and1 > a > and2 > end1", "and1 > b > and2", id="inner")), "ba"),
        (sketch("start1 > a > end1", **{"a": {"loop": Loop("parallel", cardinality="200")}}), None),
    ],
    ids=["choice", "parallel block", "inclusive block", "standard loop", "instances side by side", "instances one by one",
         "sub-process", "call activity", "two hundred side by side"],
)  # fmt: skip
def test_a_thousand_rounds_of_every_loop_leave_the_state_as_it_was(shape, steps):
    models = shape if isinstance(shape, tuple) else (shape,)
    shared = bundle(*models)
    process, sizes, rounds = (
        Process.start(shared, models[0].id, now=NOW, terms=terms, scalars={"again": True}),
        [],
        1_000,
    )
    for _ in range(rounds if steps else 200):
        for element_id in steps or "a":
            process.complete(step(process, element_id).key, {})
            process = Process.resume(shared, process.dump(), now=NOW, terms=terms)
        # Keys count on, so their digits are left out.
        sizes.append(len(re.sub(rb"\b\d{1,5}\b", b"", process.dump())))
    assert process.ended == (steps is None)
    assert process.ended or sizes[0] == sizes[-1] == max(sizes)


# -- shared specs


def test_a_triggered_event_sub_process_leaves_the_shared_spec_as_it_was():
    model = sketch("start1 > a > end1", "begin9 > x > finish9", **listening(MOVE, interrupting=False))
    shared = stock.specs(model)
    first = stock.start(shared=shared)
    stock.send(first, "move")
    second = stock.start(shared=shared)
    stock.do(second, "a")
    assert not second.completed

    ours = bundle(model)
    player = Player(ours, ours, "p")
    assert player.process.message("move")
    player.do("x")
    later = Process.start(ours, "p", now=NOW, terms=terms)
    later.complete(step(later, "a").key, {})
    assert later.ended


@pytest.mark.parametrize("loop", [Loop("parallel", cardinality="2"), Loop("sequential", cardinality="2"),
                                  Loop("standard", condition="again", maximum=2)])  # fmt: skip
def test_a_repeated_step_ends_after_a_resume_on_specs_of_another_process(loop):
    model = sketch("start1 > a > b > end1", a={"loop": loop})
    workflow, fresh = stock.start(model, again=True), stock.specs(model)[0]
    workflow.spec = fresh
    for task in workflow.tasks.values():
        task.task_spec = fresh.task_specs[task.task_spec.name]
    while "a" in {task.task_spec.bpmn_id.removesuffix(" [child]") for task in stock.ready(workflow)}:
        stock.ready(workflow)[0].run()
        workflow.do_engine_steps()
    assert stock.waits(workflow) == []
    assert not workflow.completed

    player = play(model, again=True)
    for _ in range(2):
        machine_specs._libraries.clear()
        player.do("a")
    assert player.waits == ["b"]


# -- what people said


def test_the_branch_that_ends_last_does_not_undo_what_the_other_said():
    model = sketch("start1 > and1 > a > and2 > c > end1", "and1 > b > and2")
    workflow = stock.start(model, amount=1)
    stock.do(workflow, "a", amount=5)
    stock.do(workflow, "b")
    assert stock.ready(workflow)[0].data["amount"] == 1

    player = play(model, amount=1)
    player.do("a", amount=5)
    player.do("b")
    assert player.process.scalars["amount"] == 5


def test_no_list_is_ever_merged():
    assert DeepMerge.merge({"x": [1, 2, 3]}, {"x": [3, 2, 1]}) == {"x": [1, 2, 3]}
    process = Process.start(bundle(sketch("start1 > a > end1")), "p", now=NOW, terms=terms)

    with pytest.raises(ValueError, match="outcome x"):
        process.complete(step(process, "a").key, {"x": [3, 2, 1]})


@pytest.mark.parametrize("value", [{"typename": "foo"}, {"typename": "UUID", "value": "x"}])
def test_no_answer_can_lock_a_case_for_ever(value):
    model = sketch("start1 > a > b > end1")
    workflow = stock.start(model)
    stock.do(workflow, "a", answer=value)
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
    stored = serializer.serialize_json(workflow)
    with pytest.raises((TypeError, ValueError)):
        serializer.deserialize_json(stored)

    player = play(model)
    with pytest.raises(ValueError, match="outcome answer"):
        player.process.complete(step(player.process, "a").key, {"answer": value})
    player.do("a", typename="UUID", answer=str(value))
    player.do("b")
    assert player.process.ended


def test_the_state_is_bytes_that_no_database_can_reorder():
    stored = Process.start(bundle(sketch("start1 > a > end1")), "p", now=NOW, terms=terms).dump()
    assert type(stored) is bytes


# -- completing


def test_a_step_that_is_done_cannot_be_done_again():
    model = sketch("start1 > a > b > end1")
    workflow = stock.start(model)
    task = stock.do(workflow, "a")
    task.run()

    process = Process.start(bundle(model), "p", now=NOW, terms=terms)
    key = step(process, "a").key
    process.complete(key, {})
    with pytest.raises(StepNotWaiting):
        process.complete(key, {})
    assert waits(process) == ["b"]


def test_a_run_that_failed_half_way_is_not_used_again():
    model = sketch("start1 > a > xor1 > b > end1", "xor1 > c > end2", conditions={"xor1__b": "answer"},
                   xor1={"default": "xor1__c"})  # fmt: skip
    workflow = stock.start(model)
    with pytest.raises(WorkflowTaskException):
        stock.do(workflow, "a")
    assert stock.waits(workflow) == []

    process = Process.start(bundle(model), "p", now=NOW, terms=terms)
    with pytest.raises(RouteUndecided):
        process.complete(step(process, "a").key, {})
    with pytest.raises(HalfWay):
        process.dump()


def test_a_condition_without_an_answer_does_not_take_the_default():
    model = sketch("start1 > a > xor1 > b > end1", "xor1 > c > end2", conditions={"xor1__b": "answer"},
                   xor1={"default": "xor1__c"})  # fmt: skip
    workflow = stock.start(model, answer=None)
    stock.do(workflow, "a")
    assert stock.waits(workflow) == ["c"]

    process = Process.start(bundle(model), "p", now=NOW, terms=terms)
    with pytest.raises(RouteUndecided):
        process.complete(step(process, "a").key, {"answer": None})


# -- events


def test_an_event_on_the_edge_that_interrupts_nothing_happens_more_than_once():
    model = sketch("start1 > a > end1", "on_move > b > end2",
                   on_move={"attached_to": "a", "interrupting": False, "event": MOVE})  # fmt: skip
    workflow = stock.start(model)
    stock.send(workflow, "move")
    with pytest.raises(WorkflowException):
        stock.send(workflow, "move")

    player = play(model)
    assert [player.process.message("move") for _ in range(3)] == [True] * 3
    player.reload()
    assert player.waits == ["a", "b", "b", "b"]


def test_an_event_sub_process_that_interrupts_does():
    model = sketch("start1 > a > end1", "begin9 > x > finish9", **listening(LOSS, interrupting=True))
    workflow = stock.start(model)
    stock.send(workflow, "loss")
    assert stock.waits(workflow) == ["a", "x"]

    player = play(model)
    assert player.process.message("loss")
    player.reload()
    assert player.waits == ["x"]


def test_an_event_sub_process_inside_a_called_process_is_heard():
    inner = sketch("start1 > a > end1", "begin9 > x > finish9", id="inner", **listening(MOVE, interrupting=False))
    outer = sketch("start1 > call1 > end1", id="outer", call1={"called": "inner"})
    workflow = stock.start(outer, inner)
    with pytest.raises(WorkflowException):
        stock.send(workflow, "move")

    player = play(outer, inner)
    assert player.process.message("move")
    player.reload()
    assert player.waits == ["a", "x"]


def test_an_event_sub_process_that_waits_for_time_does_not_keep_the_process_open():
    model = sketch("start1 > a > end1", "begin9 > x > finish9",
                   **listening(timer("duration", "P3D"), interrupting=False))  # fmt: skip
    player = play(model)
    player.do("a")
    assert player.process.ended

    player = play(model)
    assert player.pass_time(NOW + timedelta(days=3)) == 1
    assert player.waits == ["a", "x"]


def test_an_event_sub_process_for_an_error_waits_for_that_error():
    inner = sketch("start1 > a > end1", "begin9 > x > finish9", id="inner",
                   **listening(EventSpec("error", "unsafe"), interrupting=True),
                   end1={"event": EventSpec("error", "unsafe")})  # fmt: skip
    assert stock.waits(stock.start(inner)) == ["a", "x"]

    player = play(inner)
    assert player.waits == ["a"]
    player.do("a")
    assert player.waits == ["x"]


def test_an_error_that_nobody_catches_is_not_passed_over():
    inner = sketch("start1 > a > end1", id="inner", end1={"event": EventSpec("error", "unsafe")})
    outer = sketch("start1 > call1 > b > end1", id="outer", call1={"called": "inner"})
    workflow = stock.start(outer, inner)
    stock.do(workflow, "a")
    assert stock.waits(workflow) == ["b"]

    try:
        process = Process.start(bundle(outer, inner), "outer", now=NOW, terms=terms)
    except BundleRefused:
        return
    with pytest.raises(RouteUndecided):
        process.complete(step(process, "a").key, {})


def test_a_condition_that_is_waited_for_sees_what_another_branch_said():
    model = sketch("start1 > and1 > a > and2 > end1", "and1 > catch1 > b > and2",
                   catch1={"event": EventSpec("conditional", condition="ready")})  # fmt: skip
    workflow = stock.start(model, ready=False)
    stock.do(workflow, "a", ready=True)
    assert stock.waits(workflow) == []

    player = play(model, ready=False)
    assert player.waits == ["a"]
    player.do("a", ready=True)
    assert player.waits == ["b"]


def test_a_signal_at_an_end_is_heard():
    model = sketch("start1 > and1 > a > end1", "and1 > b > end2", "on_bell > c > end3", end1={"event": EventSpec("signal", "bell")},
                   on_bell={"attached_to": "b", "event": EventSpec("signal", "bell")})  # fmt: skip
    player = play(model)
    player.do("a")
    assert player.waits == ["c"]


def test_service_and_rule_tasks_are_steps():
    serve = sketch("start1 > serve1 > b > end1", serve1={"topic": "send_letter"})
    workflow = stock.start(serve)
    assert [task.task_spec.bpmn_id for task in workflow.get_tasks(state=TaskState.STARTED)] == ["serve1"]
    with pytest.raises(ValidationException):
        stock.specs(sketch("start1 > decide1 > end1", decide1={"decision": "routering"}))

    player = play(serve)
    player.do("serve1")
    assert player.waits == ["b"]


# -- time


def test_a_local_time_is_right_in_both_halves_of_the_year(monkeypatch):
    monkeypatch.setattr(stock_timer, "LOCALTZ", timezone(timedelta(hours=1)))
    assert stock_timer.TimerEventDefinition.get_datetime("2027-07-01T09:00") == datetime(2027, 7, 1, 8, tzinfo=UTC)

    model = sketch("start1 > catch1 > end1", catch1={"event": timer("date", "2027-07-01T09:00")})
    assert play(model).process.due_at == datetime(2027, 7, 1, 7, tzinfo=UTC)


def test_a_month_after_the_thirty_first_is_the_end_of_the_next():
    january = datetime(2026, 1, 31, 9, tzinfo=UTC)
    month = stock_timer.TimerEventDefinition.get_timedelta_from_start({"months": 1}, january)
    assert (january + month).date().isoformat() == "2026-03-03"

    model = sketch("start1 > catch1 > end1", catch1={"event": timer("duration", "P1M")})
    process = Process.start(bundle(model), "p", now=january, terms=terms)
    assert process.due_at == datetime(2026, 2, 28, 9, tzinfo=UTC)


def test_a_duration_as_modellers_write_it_is_a_duration():
    model = sketch("start1 > catch1 > a > end1", catch1={"event": timer("duration", "PT1H")})
    with pytest.raises(WorkflowException):
        stock.start(model)

    assert play(model).process.due_at == NOW + timedelta(hours=1)


def test_a_negative_duration_is_no_duration():
    assert stock_timer.TimerEventDefinition.parse_iso_duration("-PT5M".strip("-")) == {"minutes": 5}
    with pytest.raises(BundleRefused):
        bundle(sketch("start1 > catch1 > a > end1", catch1={"event": timer("duration", "-PT5M")}))


# -- size, and what a diagram may not do


def test_a_long_line_of_steps_needs_no_deep_stack():
    line = " > ".join(f"a{number}" for number in range(600))
    with pytest.raises(ValidationException, match="recursion"):
        stock.specs(sketch(f"start1 > {line} > end1"))

    with pytest.raises(BundleRefused):
        bundle(sketch(f"start1 > {line} > end1"))
    within = " > ".join(f"a{number}" for number in range(limits.NODES - 2))
    player = play(sketch(f"start1 > {within} > end1"))
    for number in range(limits.NODES - 2):
        player.process.complete(step(player.process, f"a{number}").key, {})
    assert player.process.ended


def test_processes_that_call_each_other_for_ever_are_stopped(monkeypatch):
    loop = sketch("start1 > call1 > end1", id="p", call1={"called": "p"})
    with pytest.raises(BundleRefused):
        bundle(loop)
    # The machine does not trust the gate with this: it would never come back.
    library = machine_specs.Library(bundle(sketch("start1 > a > end1")))
    object.__setattr__(library.bundle, "processes", {"p": loop})
    monkeypatch.setitem(machine_specs._libraries, library.bundle.digest, library)  # other tests draw the same
    with pytest.raises(TooManySteps):
        Process.start(library.bundle, "p", now=NOW, terms=terms)


@pytest.mark.parametrize("node_id", ["End", "Start", "Root", "p.EndJoin"])
def test_an_id_that_the_library_uses_itself_skips_no_step(node_id):
    model = sketch("start1 > a > b > end1")
    nodes = {name: node for name, node in model.nodes.items() if name != "b"}
    given = model.nodes["b"]
    named = Node(node_id, "userTask", incoming=given.incoming, outgoing=given.outgoing, role="supporter")
    flows = {
        name: type(flow)(flow.id, flow.source.replace("b", node_id) if flow.source == "b" else flow.source,
                         node_id if flow.target == "b" else flow.target)
        for name, flow in model.flows.items()
    }  # fmt: skip
    drawn = ProcessModel("p", "p", "p.bpmn", nodes={**nodes, node_id: named}, flows=flows)
    files = bundle(sketch("start1 > a > end1"))
    object.__setattr__(files, "processes", {"p": drawn})
    machine_specs._libraries.clear()

    process = Process.start(files, "p", now=NOW, terms=terms)
    process.complete(step(process, "a").key, {})
    assert waits(process) == [node_id]
    assert not process.ended
    machine_specs._libraries.clear()


ESCAPE = "__import__('os').mkdir('{}')"


def test_no_python_from_a_diagram_is_evaluated(tmp_path):
    text = ESCAPE.format(tmp_path / "escaped")
    shapes = {
        "condition": sketch("start1 > xor1 > a > end1", "xor1 > b > end2", conditions={"xor1__a": text},
                            xor1={"default": "xor1__b"}),
        "instances": sketch("start1 > a > end1", a={"loop": Loop("parallel", cardinality=text)}),
        "rounds": sketch("start1 > a > end1", a={"loop": Loop("standard", condition=text, maximum=2, test_before=True)}),
        "event": sketch("start1 > catch1 > end1", catch1={"event": EventSpec("conditional", condition=text)}),
        "timer": sketch("start1 > catch1 > end1", catch1={"event": timer("duration", text)}),
    }  # fmt: skip
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it then makes of the answer, the code has run
        stock.start(shapes["timer"])
    assert (tmp_path / "escaped").exists()
    (tmp_path / "escaped").rmdir()

    for shape in shapes.values():
        with pytest.raises((BundleRefused, EngineError)):
            Process.start(bundle(shape), "p", now=NOW, terms=terms)
    assert not (tmp_path / "escaped").exists()


def test_the_script_engine_that_spiffworkflow_gets_executes_nothing(tmp_path):
    process = Process.start(bundle(sketch("start1 > a > end1")), "p", now=NOW, terms=terms, scalars={"n": 2})
    engine, [task] = process._machine.script_engine, list(process._machine.tokens())
    assert isinstance(engine, FeelOnly)
    assert engine.evaluate(task, "n + 1") == 3

    for use in (
        lambda: engine.execute(task, ESCAPE.format(tmp_path / "escaped")),
        lambda: engine.evaluate(task, ESCAPE.format(tmp_path / "escaped")),
        lambda: engine.call_service(task, operation_name="x"),
        lambda: engine.environment,
    ):
        with pytest.raises((EngineError, ExpressionFailed)):
            use()
    assert not (tmp_path / "escaped").exists()
