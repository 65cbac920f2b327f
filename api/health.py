"""Whether this process lives, and whether it can be sent work."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, current_app

from api.transactions import database
from workflows import schema
from workflows.errors import Unavailable

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
def live() -> dict[str, str]:
    """The process answers; says nothing about the database."""
    return {"status": "live"}


@blueprint.get("/ready")
def ready() -> dict[str, str]:
    """The database answers and has the newest schema, and the assets were built.

    Raises:
        Unavailable: one of these is not so; ``detail`` says which and which command mends it.
    """
    database().ping()
    if not schema.is_current(database()):
        raise Unavailable("schema not current", detail="De database is niet bijgewerkt. Draai: steun migrate")
    for missing in missing_assets(Path(current_app.root_path)):
        raise Unavailable(f"asset {missing}", detail="De bestanden voor pagina's of FEEL ontbreken. Draai: make assets")
    return {"status": "ready"}


def missing_assets(api: Path) -> list[str]:
    """What `make assets` makes and is not there."""
    needed = [api / "static" / "built", api.parent / "engine" / "built" / "feel.js"]
    return [path.name for path in needed if not path.exists()]
