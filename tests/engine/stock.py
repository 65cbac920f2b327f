"""Plain SpiffWorkflow, as it comes: to show a fault before showing that it is gone."""

from __future__ import annotations

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

from engine.model import ProcessModel
from tests.engine.diagrams import to_xml


def specs(*models: ProcessModel):
    parser = BpmnParser()
    for model in models:
        parser.add_bpmn_str(to_xml(model))
    return parser.get_spec(models[0].id), parser.get_subprocess_specs(models[0].id)


def start(*models: ProcessModel, shared=None, **data):
    """A run of the first of these, up to its first waits; conditions are Python here."""
    workflow = BpmnWorkflow(*(shared or specs(*models)))
    workflow.task_tree.data.update(data)
    workflow.do_engine_steps()
    return workflow


def waits(workflow) -> list[str]:
    return sorted(task.task_spec.bpmn_id for task in ready(workflow))


def ready(workflow):
    return workflow.get_tasks(state=TaskState.READY, manual=True)


def do(workflow, element_id: str, **data):
    task = next(task for task in ready(workflow) if task.task_spec.bpmn_id == element_id)
    task.data.update(data)
    task.run()
    workflow.do_engine_steps()
    return task


def send(workflow, name: str) -> None:
    workflow.send_event(BpmnEvent(MessageEventDefinition(name), payload={}))
    workflow.do_engine_steps()
