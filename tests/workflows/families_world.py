"""A region whose diagrams ask about a family: the shipped ones, and small forms for what these do not ask (yet)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import update

from bpmn import DIRECTORY
from engine.bundle import digest_of
from tests.workflows import path
from workflows import diagrams, method, processes
from workflows.actor import OPERATOR
from workflows.cases import Case
from workflows.db import Database
from workflows.diagrams import StoredBundle, StoredFile
from workflows.processes import Task

OLD = Path(__file__).parents[1] / "engine/golden/0.1/shipped"
CODES = ("GM0983", "GM0957", "GM0988", "outside", "unknown")


def _ask(kind: str, key: str, *values: str, compartment: str = "C0", required: bool = False, **more: Any) -> Any:
    asked: dict[str, Any] = {"type": kind, "id": f"Field_{key}", "key": key, "label": key, **more}
    asked["properties"] = {"compartment": compartment, **more.get("properties", {})}
    if kind == "datetime":
        asked |= {"subtype": "date", "dateLabel": key}
    if values:
        asked["values"] = [{"value": value, "label": value} for value in values]
    return {**asked, "validate": {"required": True}} if required else asked


def _form(key: str, *components: Any) -> bytes:
    return json.dumps({"id": key, "type": "default", "schemaVersion": 19, "components": list(components)}).encode()


SMALL = {
    "birth.form": _form(
        "birth",
        _ask("datetime", "birth_date", required=True),
        {
            "type": "dynamiclist",
            "id": "List_born",
            "path": "born",
            "label": "born",
            "components": [_ask("textfield", "name"), _ask("number", "birth_weight", compartment="C2")],
            "properties": {"min_items": "0", "max_items": "5"},
        },
        _ask("radio", "preterm", "yes", "no", "unknown", compartment="C2"),
        _ask("select", "told_by", "parent", "partner", "midwife", "hospital", "maternity_care", "other"),
        _ask("textarea", "note", compartment="C2"),
    ),
    "after_birth.form": _form(
        "after_birth",
        _ask("radio", "maternity_transfer", "arranged", "not_needed", "still_to_do", compartment="C6", required=True),
        _ask("radio", "child_consent", "asked", "later", compartment="C6", required=True),
        _ask("radio", "plan_still_fits", "yes", "no", compartment="C6", required=True),
    ),
    "move.form": _form(
        "move",
        _ask("datetime", "moved_on", required=True),
        _ask("select", "new_municipality", *CODES, required=True),
        _ask("textfield", "new_postcode"),
        _ask(
            "select", "new_region", "nml", "zuid_limburg", "elsewhere", "abroad", "unknown",
            required=True, conditional={"hide": '=new_municipality != "outside"'},
        ),
        _ask("radio", "wants_to_continue", "yes", "no", "unknown", compartment="C6", required=True),
        _ask("textfield", "new_contact"),
        _ask(
            "radio", "youth_health_transfer", "consent", "objection", "not_applicable",
            compartment="C10", required=True,
        ),
    ),
    "due_date_change.form": _form(
        "due_date_change",
        _ask("datetime", "due_date", compartment="C2", required=True),
        _ask("radio", "due_date_certainty", "dating_scan", "estimate", compartment="C2", required=True),
        _ask("textfield", "reason", compartment="C2"),
    ),
}  # fmt: skip


def small_forms() -> dict[str, bytes]:
    """What the method asks about a family, as small as it can be."""
    return {**SMALL, "member.form": (DIRECTORY / "member.form").read_bytes()}


def bundle() -> dict[str, bytes]:
    """The shipped files; a small form only for what they do not ask, such as a move out of the region."""
    found = {**small_forms(), **path.shipped()}
    if b'"outside"' not in found["move.form"]:
        found["move.form"] = SMALL["move.form"]
    return found


def old_bundle() -> dict[str, bytes]:
    """As published before anything was asked about births and moves."""
    return {file.name: file.read_bytes() for file in sorted(OLD.iterdir()) if file.suffix in (".bpmn", ".dmn", ".form")}


def birth_answers(**changes: Any) -> dict[str, Any]:
    """A child was born today, in time."""
    answers: dict[str, Any] = {
        "birth_date": "2026-11-03", "born": [{"name": "Kind Voorbeeld"}], "preterm": "no", "told_by": "parent",
    }  # fmt: skip
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def move_answers(**changes: Any) -> dict[str, Any]:
    """The family moved to Roermond."""
    answers: dict[str, Any] = {
        "moved_on": "2026-11-01",
        "new_municipality": "GM0957",
        "new_postcode": "6041 AB",
        "wants_to_continue": "yes",
        "youth_health_transfer": "consent",
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def due_date_answers(day: str, **changes: Any) -> dict[str, Any]:
    """A scan gave another date."""
    return {"due_date": day, "due_date_certainty": "dating_scan", **changes}


def member_answers(kind: str, **changes: Any) -> dict[str, Any]:
    """Somebody who speaks Polish and is best reached by message."""
    answers: dict[str, Any] = {"member_kind": kind, "name": "Iemand Voorbeeld"}
    if kind not in ("child", "unborn_child"):
        answers |= {
            "preferred_language": "pl",
            "interpreter_needed": True,
            "reading_support": True,
            "safe_contact": "app",
            "safe_contact_detail": "Na vier uur",
        }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


class FamilyWorld(path.World):
    """A region with forms about families. ``old``: cases begin on a bundle that does not know these."""

    def __init__(self, database: Database, clock: Callable[[], datetime], *, old: bool = False) -> None:
        super().__init__(database, clock)
        if old:
            self.keep(old_bundle())
        else:
            self.publish(bundle())

    def publish(self, files: dict[str, bytes]) -> None:
        """From now on new cases begin on these."""
        with self.database.writing() as session:
            self.digest = diagrams.publish(session, files, by=OPERATOR, at=self.clock())

    def keep(self, files: dict[str, bytes]) -> None:
        """As :meth:`publish`, for a set of an earlier release, that would not be published any more."""
        with self.database.writing() as session:
            self.digest = digest_of(files)
            session.execute(update(StoredBundle).values(is_current=False))
            session.add(StoredBundle(digest=self.digest, published_at=self.clock(), published_by=None, is_current=True))
            session.flush()
            session.add_all(StoredFile(digest=self.digest, name=name, data=data) for name, data in files.items())

    def case(self, case_id: UUID) -> Case:
        with self.database.reading() as session:
            found = session.get(Case, case_id)
            assert found is not None
            return found

    def tasks(self, case_id: UUID) -> list[Task]:
        """Everything that waits in a case."""
        with self.database.reading() as session:
            return processes.tasks_of(session, "case", case_id, live_only=True)

    def held(self) -> UUID:
        """A case that the nurse explores and holds; her task is claimed."""
        case_id = self.explored()
        self.claim(self.region.nurse)
        return case_id

    def view(self, case_id: UUID, by: Any) -> Any:
        return self.look(method.case_view, case_id, by=by)
