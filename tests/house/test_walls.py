"""The walls of the house: each rule that a reader of the code relies on, as a check that can fail."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BESIDE = {"access", "logbook", "jobs"}


def run(*command: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "command",
    [("lint-imports",), ("mypy",), ("ruff", "check", "."), ("ruff", "format", "--check", ".")],
    ids=lambda command: " ".join(command),
)
def test_the_linters_agree(command):
    code, output = run(*command)

    assert code == 0, output


def sources(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def rooms() -> set[str]:
    return {path.parent.name for path in (ROOT / "workflows").glob("*/__init__.py")}


def test_there_are_rooms_to_check():
    assert {"cases", "consent", "processes", "method"} <= rooms()


def test_a_room_is_entered_by_its_door_only():
    private = {f"workflows.{room}.{part}" for room in rooms() for part in ("model", "service")}
    wrong = [
        f"{path}:{line} imports {name}"
        for path, tree in sources("workflows", "api", "features")
        for line, name in imported(tree)
        for inside in private
        if (name == inside or name.startswith(inside + ".")) and path.parent != Path(*inside.split(".")[:2])
    ]

    assert not wrong, "\n".join(wrong)


def test_no_room_commits_or_rolls_back():
    wrong = [
        f"{path}:{node.lineno} calls .{node.func.attr}()"
        for path, tree in sources("workflows")
        if path.name not in ("db.py", "worker.py", "schema.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("commit", "rollback")
    ]

    assert not wrong, "\n".join(wrong)


def test_the_machine_and_the_rooms_are_handed_the_time():
    wrong = [
        f"{path}:{node.lineno} reads the clock"
        for path, tree in sources("engine", "workflows")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (
            node.attr in ("utcnow", "today")
            or (node.attr == "now" and getattr(node.value, "id", "") in ("datetime", "date"))
        )
    ]

    assert not wrong, "\n".join(wrong)


def test_a_status_is_moved_by_the_verbs_of_its_own_model_only():
    wrong = [
        f"{path}:{node.lineno} assigns a status"
        for path, tree in sources("workflows", "api")
        if path.name != "model.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr == "status" and getattr(target.value, "id", "") != "self"
    ]

    assert not wrong, "\n".join(wrong)


#: Verbs of the doors that look or write past row security, after access was asked; each says there why.
_AS_THE_HOUSE = {
    "workflows/desk/service.py": {"_all", "_mend", "_write", "figures"},
    "workflows/hubs/service.py": {"add_item"},
    "workflows/method/blocking.py": {"step_aside_from_task"},
    "workflows/method/breaches.py": {"breach_report"},
    "workflows/method/duplicates.py": {"running", "asked_by", "goes_nowhere"},
    "workflows/method/effects.py": {"concern_for_safety"},
    "workflows/method/emergencies.py": {"open_emergency", "end_emergency"},
    "workflows/method/family_acts.py": {
        "add_own_words",
        "ask_own_right",
        "give_own_consent",
        "object_to_person",
        "withdraw_own_consent",
    },
    "workflows/method/forecasting.py": {"terms_at_risk"},
    "workflows/method/absences.py": {"report_absence"},
    "workflows/method/handing_over.py": {"contact_notices"},
    "workflows/method/going.py": {"leaver"},
    "workflows/method/holding.py": {"unheld"},
    "workflows/method/handing_outside.py": {"_manifest", "confirm_outside", "open_outside"},
    "workflows/method/succeeding.py": {"prepare_stop"},
    "workflows/method/leaving.py": {"deactivate_person", "end_role", "deactivate_organisation", "what_goes_back"},
    "workflows/method/log_reading.py": {"_search", "_numbers", "_receipts", "_held", "log_page"},
    "workflows/method/outsourcing.py": {"fetch_steps", "extend_step", "release_step", "fail_step", "complete_step"},
    "workflows/method/packing.py": {"freeze", "receive", "preview"},
    "workflows/method/proving.py": {"proof_view", "team_proofs"},
    "workflows/method/moments.py": {"case_at", "_of_own"},
    "workflows/method/reading.py": {"begun_before"},
    "workflows/method/passing_on.py": {"closed_to"},
    "workflows/method/refusing.py": {"write_refusal"},
    "workflows/method/rescheduling.py": {"change_setting"},
    "workflows/method/searching.py": {"_heard"},
    "workflows/method/support_reading.py": {"floating_actions"},
    "workflows/method/watching.py": {"unwatched"},
    "workflows/method/worklist.py": {"work_elsewhere"},
}


def test_row_security_is_passed_by_in_named_places_only():
    found: dict[str, set[str]] = {}
    for path, tree in sources("workflows", "api"):
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef) or path.name == "db.py":
                continue
            for node in ast.walk(function):
                called = getattr(node, "func", None)
                if "house" in (getattr(called, "id", None), getattr(called, "attr", None)):
                    found.setdefault(str(path), set()).add(function.name)

    assert found == _AS_THE_HOUSE


def test_the_doors_open_the_database_closed():
    opened = [
        str(path)
        for path, tree in sources("api")
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "house"
    ]

    assert opened == ["api/cli/base.py"] * 2


def test_every_public_function_and_class_says_what_its_signature_cannot():
    wrong = [
        f"{path}:{node.lineno} {node.name} has no docstring"
        for path, tree in sources("engine", "workflows")
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert not wrong, "\n".join(wrong)


def test_every_package_says_what_it_knows():
    wrong = [
        str(path) for path, tree in sources("engine", "workflows", "api") if tree.body and not ast.get_docstring(tree)
    ]

    assert not wrong, "\n".join(wrong)


def test_no_python_of_a_diagram_can_be_evaluated_by_us():
    wrong = [
        f"{path}:{node.lineno} calls {node.func.id}"
        for path, tree in sources("engine", "workflows", "api", "features")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("eval", "exec", "compile")
    ]

    assert not wrong, "\n".join(wrong)


def test_tests_mock_nothing_of_ours_and_skip_nothing_but_a_missing_browser():
    forbidden = {"unittest.mock", "mock", "pytest_mock"}
    wrong = [
        f"{path}:{line} {name}" for path, tree in sources("tests") for line, name in imported(tree) if name in forbidden
    ]
    wrong += [
        f"{path}:{node.lineno} {node.attr}"
        for path, tree in sources("tests")
        if path.parts[1] != "browser"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("skip", "skipif", "xfail", "flaky", "sleep_until")
        if getattr(node.value, "id", "") in ("pytest", "mark") or getattr(node.value, "attr", "") == "mark"
    ]

    assert not wrong, "\n".join(wrong)
