"""Signals: the beginning of a case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, transaction
from workflows import method

blueprint = group("signals", "Signalen: het begin van een casus.")


@door(
    blueprint,
    "POST",
    "/signals",
    summary="Nieuw signaal",
    description="Begint een conceptcasus binnen de eigen organisatie en geeft de eerste taak: het signaal vastleggen, of wat er bekend is van een gezin dat al onderweg is.",
    body=schemas.SignalIn,
    gives=schemas.TaskOut,
    status=201,
    refuses=(403,),
    versioned=True,
)
def create_signal(body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            task = method.start_signal(
                session, municipality=body.get("municipality_code"), under_way=body["under_way"], by=by, at=now()
            )
            return task.id, schemas.TaskOut().dump(method.TaskCard.of(task, by))

        def again(task_id: UUID | None) -> dict[str, Any]:
            assert task_id is not None
            return dict(schemas.TaskOut().dump(method.task_view(session, task_id, by=by, at=now()).task))

        return once(
            session, by=by, do=do, again=again, location=lambda task_id: url_for("tasks.get_task", task_id=task_id)
        )
