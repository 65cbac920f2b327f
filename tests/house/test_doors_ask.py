"""No door hands out what a room has without access being asked: followed through the code, from each call of a door."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: What asks. Whoever reaches one of these has decided, and whether rightly so is for the matrix.
ASKS = {
    ("access", "require"),
    ("access", "visible"),
    ("access", "allows"),
    ("cases", "related"),
    ("cases", "visible_clause"),
}

#: Verbs of rooms that a door calls and that ask nobody, and why. A verb that is about a family has no place here.
OPEN: dict[str, str] = {
    **dict.fromkeys(
        (
            "accounts.activation.about_login",
            "accounts.activation.activate",
            "accounts.activation.waits_for_activation",
            "accounts.providers.note_refused",
            "accounts.providers.proof_by_provider",
            "accounts.providers.provider_of",
            "accounts.providers.use_once",
            "method.provided.end_by_provider",
            "accounts.resets.about_reset",
            "accounts.resets.reset_password",
            "method.notifying.ask_password_reset",
            "method.notifying.tell_password_changed",
            "accounts.second_factor.confirm_sign_in",
            "accounts.second_factor.prove_again",
            "accounts.second_factor.standing",
            "accounts.service.actor_of_sign_in",
            "accounts.tokens.actor_of_token",
            "accounts.tokens.note_refused_token",
            "accounts.tokens.refused_token",
            "accounts.service.check_password",
            "accounts.service.is_enrolled",
            "accounts.service.login_of",
            "accounts.service.sign_in",
            "accounts.service.sign_out",
            "accounts.service.stored_hash",
            "accounts.service.sign_in_parent",
            "accounts.service.switch_assignment",
            "accounts.service.time_left",
            "accounts.service.to_touch",
            "accounts.service.touch",
            "accounts.sessions.change_password",
            "accounts.sessions.sessions_of_parent",
            "accounts.throttle.note_failure",
            "accounts.throttle.wait_for",
            "organisations.service.assignments_of",
            "organisations.service.person",
            "parents.service.actor_of_account",
            "parents.service.actor_of_sign_in",
            "parents.service.note_first_use",
            "parents.service.standing",
            "method.inviting.stop_own_login",
        ),
        "how somebody logs in, before there is anybody to ask about, or who that is themselves",
    ),
    **dict.fromkeys(
        (
            "accounts.preferences.choose_shortcuts",
            "accounts.preferences.end_tour",
            "accounts.preferences.preferences_of",
        ),
        "what somebody wants from the pages: the row of who asks, and never another",
    ),
    **dict.fromkeys(
        (
            "db.identify",
            "idempotency.keep",
            "idempotency.remember",
            "logbook.service.guard",
            "method.refusing.write_refusal",
        ),
        "what a door does around the verb",
    ),
    **dict.fromkeys(
        (
            "diagrams.service.current",
            "diagrams.service.drawing",
            "diagrams.service.load",
            "diagrams.service.published",
            "diagrams.service.stored_bundle",
            "directory.service.all_offers",
            "directory.service.interventions",
            "directory.service.offer",
            "directory.service.offers",
            "directory.service.own_municipalities",
            "directory.service.pathway",
            "directory.service.pathways_for",
            "directory.service.versions",
            "organisations.service.municipalities",
            "organisations.service.municipality",
            "organisations.service.organisation",
            "organisations.service.organisations",
            "organisations.service.organisations_for",
            "settings.service.get",
            "settings.service.listing",
        ),
        "the region, its method and its directory, which whoever works here may know",
    ),
    **dict.fromkeys(
        (
            "accounts.activation.pending_activations",
            "organisations.service.names_of",
            "organisations.service.professional",
        ),
        "on a page that asked whether an administrator looks at it or just did what it names",
    ),
    **dict.fromkeys(
        (
            "method.notifying.read_all_notifications",
            "method.notifying.unread_notifications",
        ),
        "of who asks in the role of now, by its query; that something waits, and not of whom",
    ),
    **dict.fromkeys(
        (
            "notifications.mail.choose_wishes",
            "notifications.mail.confirm_address",
            "notifications.mail.forget_address",
            "notifications.mail.mail_standing",
            "notifications.mail.set_address",
        ),
        "one's own account; anybody else's is not there",
    ),
    **dict.fromkeys(
        ("method.notifying.letter", "method.notifying.letter_failed", "method.notifying.letter_left"),
        "the worker's, when a mail leaves: to whom it may go is asked there",
    ),
    "topics.service.worker_of_token": "which program with a token for one topic asks, before there is anybody to ask about",
    "method.handing_over.contact_notices": "of what the own team handed over, by its query: the day, of a case whose number it knows",
    "method.undoing.just_completed": "one's own, by its query; a card names no family",
    **dict.fromkeys(
        (
            "method.absences.absence_list",
            "method.absences.deputies",
            "method.absences.end_absence",
            "method.worklist.saved_lists",
            "method.worklist.work_elsewhere",
            "organisations.absences.own_absence",
            "organisations.absences.standing_in_for",
            "processes.lists.change_list",
            "processes.lists.delete_list",
            "processes.lists.save_list",
            "processes.lists.saved_list",
            "processes.lists.saved_lists",
        ),
        "who asks, and nobody else: their own lists, days and colleagues",
    ),
    "method.worklist.work_forms": "what is drawn for the role, of no family",
    "method.worklist.work_counts": "as the work list: numbers of the own team",
    "method.reading.work_list": "of the own team by its query; a card names no family",
    "method.choices.typed_words_of": "the name of an organisation that somebody chose, on the page with what they typed",
}


@cache
def _modules() -> dict[str, ast.Module]:
    """Every module of the rooms and the doors, by dotted name."""
    found = {}
    for folder in ("workflows", "api"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = ast.parse(path.read_text("utf-8"))
    return found


@cache
def _names(module: str) -> dict[str, str]:
    """What a module calls things → the dotted name of what that is."""
    found = {}
    for node in ast.walk(_modules()[module]):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ("workflows", "api"):
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    for node in _modules()[module].body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = f"{module}.{node.name}"
    return found


@cache
def _where(name: str) -> str:
    """Where what a package hands on is written."""
    module, _, last = name.rpartition(".")
    if module in _modules() and name not in _modules():
        there = _names(module).get(last, name)
        return name if there == name else _where(there)
    return name


@cache
def _functions() -> dict[str, ast.FunctionDef]:
    found = {}
    for module, tree in _modules().items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                found[f"{module}.{node.name}"] = node
            elif isinstance(node, ast.ClassDef):
                for each in node.body:
                    if isinstance(each, ast.FunctionDef):
                        found[f"{module}.{node.name}.{each.name}"] = each
    return found


def _mentions(module: str, node: ast.AST) -> set[str]:
    """Functions of ours that are called or handed on in some code."""
    names, found = _names(module), set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and one.id in names:
            found.add(_where(names[one.id]))
        elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id in names:
            found.add(_where(f"{names[one.value.id]}.{one.attr}"))
    return found


@cache
def _asking() -> frozenset[str]:
    """Every function that asks, itself or through what it calls."""
    asks = {_where(f"workflows.{room}.{verb}") for room, verb in ASKS}
    calls = {name: _mentions(_module_of(name), node) for name, node in _functions().items()}
    while more := {name for name, called in calls.items() if name not in asks and called & asks}:
        asks |= more
    return frozenset(asks)


def _module_of(name: str) -> str:
    while name not in _modules():
        name = name.rpartition(".")[0]
    return name


def _called_by_doors() -> dict[str, set[str]]:
    """Verbs of rooms that doors call with a session, and where."""
    found: dict[str, set[str]] = {}
    for module, tree in _modules().items():
        if not module.startswith("api") or module.startswith("api.cli") or module.startswith("api.demo"):
            continue
        names = _names(module)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not any(
                isinstance(one, ast.Name) and one.id == "session" for one in node.args
            ):
                continue
            called = node.func
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id in names:
                name = _where(f"{names[called.value.id]}.{called.attr}")
            elif isinstance(called, ast.Name) and called.id in names:
                name = _where(names[called.id])
            else:
                continue
            if name.startswith("workflows."):
                found.setdefault(name, set()).add(f"{module}:{node.lineno}")
    return found


def test_every_verb_that_a_door_calls_asks_access_or_says_why_not():
    called = _called_by_doors()
    silent = {name.removeprefix("workflows.") for name in called if name not in _asking()}

    assert len(called) > 100
    assert silent - OPEN.keys() == set(), "ask access there, or say here why nobody has to be asked"
    assert OPEN.keys() - silent == set()
