"""Reading and setting values. What is asked for most (a term, a limit) costs one statement per transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, logbook
from workflows.actor import Actor
from workflows.errors import Invalid
from workflows.settings.model import Setting
from workflows.settings.rules import check, definition, ends_at

_KEPT = "settings.rows"


def get(session: Session, name: str, *, municipality: str | None = None, on: date) -> Any:
    """The value of a setting on a local day: the municipality's, else the region's, else the shipped one.

    Raises:
        Invalid: no such setting.
    """
    shipped = definition(name)
    own: Setting | None = None
    for row in _rows(session):
        if row.name != name or row.municipality_code not in (None, municipality):
            continue
        if row.valid_from > on or (row.valid_to is not None and row.valid_to < on):
            continue
        if own is None or _rank(row) > _rank(own):
            own = row
    return shipped.value if own is None else own.value


def put(
    session: Session,
    name: str,
    value: Any,
    *,
    municipality: str | None = None,
    valid_from: date,
    valid_to: date | None = None,
    tag: str = "[I]",
    source: str,
    by: Actor,
    at: datetime,
) -> Setting:
    """Set a value from a day on; earlier values stay, so that what was decided then can be explained later.

    Raises:
        NotAllowed: only an administrator or coordinator sets values.
        Invalid: no such setting, a value of another kind, or beyond its limits.
    """
    access.require(by, "change_settings", access.Facts(), at=at)
    check(definition(name), value)
    if valid_to is not None and valid_to < valid_from:
        raise Invalid(f"setting {name}: ends before it begins", errors={"valid_to": ["Kies een dag na de begindag."]})
    row = Setting(
        name=name,
        municipality_code=municipality,
        value=value,
        valid_from=valid_from,
        valid_to=valid_to,
        tag=tag,
        source=source,
        set_by=by.person_id,
        set_at=at,
    )
    session.add(row)
    session.flush()
    session.info.pop(_KEPT, None)
    logbook.write(session, "setting.put", "setting", row.id, by=by, at=at, details={"name": name})
    return row


def term_resolver(
    session: Session, *, municipality: str | None, anchors: Mapping[str, date]
) -> Callable[[str, datetime], datetime]:
    """How the machine learns when a term ends: (name without ``term.``, instant it began) → UTC instant.

    Args:
        anchors: dates that terms hang on; only ``due_date`` is known.
    """

    def resolve(name: str, began: datetime) -> datetime:
        term = get(session, f"term.{name.removeprefix('term.')}", municipality=municipality, on=local_date(began))
        return ends_at(term, began, due_date=anchors.get("due_date"))

    return resolve


def _rank(row: Setting) -> tuple[bool, date, datetime]:
    return (row.municipality_code is not None, row.valid_from, row.set_at)


def _rows(session: Session) -> list[Setting]:
    """All rows, read once per transaction: they are few, and a case asks for many of them."""
    transaction = session.get_transaction()
    kept = session.info.get(_KEPT)
    if kept is None or transaction is None or kept[0] is not transaction:
        rows = list(session.scalars(select(Setting)))
        kept = session.info[_KEPT] = (session.get_transaction(), rows)
    found: list[Setting] = kept[1]
    return found
