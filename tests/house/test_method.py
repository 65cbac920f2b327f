"""What the shipped diagrams ask of the rooms is there: terms, roles, forms, statuses, results."""

from __future__ import annotations

import ast
import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import bpmn
import engine
from engine.soundness import explore
from workflows import cases, method, settings
from workflows.method import who_looked
from workflows.method.placing import HOLDER, RECEIVER
from workflows.organisations import Role


@cache
def shipped() -> engine.Bundle:
    return engine.Bundle.read_dir(bpmn.DIRECTORY)


def nodes():
    return [(model, node) for model in shipped().processes.values() for node in model.nodes.values()]


def test_the_shipped_bundle_has_no_findings_and_no_warnings():
    assert not shipped().warnings


@pytest.mark.parametrize("process", sorted(shipped().processes))
def test_every_shipped_process_is_sound(process):
    report = explore(shipped().processes[process])

    assert report.complete
    assert report.sound, [str(problem) for problem in report.problems]


def test_every_term_is_a_setting_with_a_source(session):
    timers = {node.event.timer.text for _, node in nodes() if node.event and node.event.timer}
    terms = {node.term for _, node in nodes() if node.term} | {
        text.removeprefix("term.") for text in timers if text.startswith("term.")
    }

    assert terms
    for term in terms:
        assert settings.get(session, f"term.{term}", on=date(2026, 11, 3))


def test_every_lane_has_a_role_that_people_can_have():
    lanes = [lane for model in shipped().processes.values() for lane in model.lanes]

    assert lanes
    assert {lane.role for lane in lanes} <= {role.value for role in Role} | {HOLDER, RECEIVER}


def test_every_user_task_says_why_and_by_when_and_has_a_form_that_a_room_owns():
    tasks = [node for _, node in nodes() if node.kind == "userTask"]

    assert tasks
    for node in tasks:
        assert node.term, node.id
        assert len(node.documentation) > 30, node.id
        assert node.form in shipped().forms, node.id
        assert node.form in method.CONTRACTS, node.id


def test_every_set_of_choices_that_a_form_asks_for_is_known_and_can_be_read_back():
    asked = {
        field["valuesKey"]
        for form in shipped().forms.values()
        for _, field in engine.forms.fields(form)
        if "valuesKey" in field
    }

    assert asked <= method.CHOICES.keys()
    assert method.CHOICES.keys() == method.LABELS.keys()


def test_every_status_and_result_in_a_diagram_is_known():
    statuses = {node.properties["case_status"] for _, node in nodes() if "case_status" in node.properties}

    assert statuses
    assert statuses <= {status.value for status in cases.CaseStatus}


def test_a_loss_interrupts_everything_in_the_main_process():
    main = shipped().processes["hoofdproces"]
    [listener] = [
        node
        for node in main.event_subprocesses(None)
        for start in main.starts(node.id)
        if start.event and start.event.name == "loss" and start.interrupting
    ]

    assert [node.form for node in main.children(listener.id) if node.kind == "userTask"] == ["loss_follow_up"]


def test_what_is_heard_more_than_once_interrupts_nothing():
    main = shipped().processes["hoofdproces"]
    heard = {
        start.event.name or start.event.timer.text: start.interrupting
        for node in main.event_subprocesses(None)
        for start in main.starts(node.id)
    }

    assert heard == {
        "loss": True, "birth": False, "moved": False, "age_limit_warning": False, "birth_handover_planning": False,
    }  # fmt: skip


def test_of_every_read_it_is_said_whether_the_family_hears_of_it():
    """A new read of a case stands in ``TOLD`` or in ``NOT_TOLD`` of ``method/who_looked.py``, or parents would not hear of it."""
    texts = [path.read_text(encoding="utf-8") for path in Path(method.__file__).parents[1].rglob("*.py")]
    nodes = [
        node for text in texts if "logbook.read(" in text or "write_read(" in text for node in ast.walk(ast.parse(text))
    ]
    said = {
        argument.value
        for call in nodes
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", getattr(call.func, "id", ""))
        in ("read", "write_read", "_log", "_read_line", "_write_down")
        for argument in call.args[1:2]
        if isinstance(argument, ast.Constant) and re.fullmatch("[a-z_]+[.][a-z_]+", str(argument.value))
    }

    assert "case.viewed" in said
    assert who_looked.TOLD.keys().isdisjoint(who_looked.NOT_TOLD)
    told = who_looked.TOLD.keys() | who_looked.NOT_TOLD
    assert {event for event in said if not event.startswith("emergency.")} <= told


def test_nothing_of_safety_is_named_in_a_diagram_of_the_case():
    for path in Path(bpmn.DIRECTORY).glob("*.bpmn"):
        if path.stem != "veiligheid":
            assert not re.search("safety|veiligheid|meldcode", path.read_text(encoding="utf-8"), re.I), path.name
