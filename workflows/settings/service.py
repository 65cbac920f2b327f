"""Reading and setting values. What is asked for most (a term, a limit) costs one statement per transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, logbook
from workflows.actor import Actor
from workflows.errors import Invalid
from workflows.settings.model import Setting
from workflows.settings.rules import Anchor, Definition, check, definition, definitions, ends_at, warns_at

_KEPT = "settings.rows"


def get(session: Session, name: str, *, municipality: str | None = None, on: date) -> Any:
    """The value of a setting on a local day: the municipality's, else the region's, else the shipped one.

    Raises:
        Invalid: no such setting.
    """
    shipped = definition(name)
    own = _own(session, name, municipality, on)
    return shipped.value if own is None else own.value


def _own(session: Session, name: str, municipality: str | None, on: date) -> Setting | None:
    own: Setting | None = None
    for row in _rows(session):
        if row.name != name or row.municipality_code not in (None, municipality):
            continue
        if row.valid_from > on or (row.valid_to is not None and row.valid_to < on):
            continue
        if own is None or _rank(row) > _rank(own):
            own = row
    return own


def origin(session: Session, name: str, *, municipality: str | None = None, on: date) -> str:
    """What a value is for and how firm it is, in Dutch, e.g. ``Tijd om een route te kiezen [I]``."""
    shipped, own = definition(name), _own(session, name, municipality, on)
    return f"{shipped.description} {shipped.tag if own is None else own.tag}"


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
    session: Session,
    *,
    municipality: str | None,
    anchors: Mapping[str, Anchor],
    on: date | None = None,
    pace: Callable[[datetime], str] | None = None,
) -> Callable[[str, datetime], datetime]:
    """How the machine learns when a term ends: (name without ``term.``, instant it began) → UTC instant.

    Args:
        anchors: days and facts that terms hang on; see :func:`rules.ends_at`.
        on: local day whose values hold, e.g. today when terms are worked out anew; left out: the day the term began.
        pace: asked by terms that have a shorter ``soon``; left out: regular.
    """

    def resolve(name: str, began: datetime) -> datetime:
        def value(name: str) -> Any:
            return get(session, name, municipality=municipality, on=on or local_date(began))

        return ends_at(
            value(f"term.{name.removeprefix('term.')}"),
            began,
            anchors,
            age_limit_months=int(value("case.age_limit_months")),
            longest_months=int(value("case.longest_months")),
            pace=pace or (lambda began: "regular"),
        )

    return resolve


def warning_moment(
    session: Session, *, opened_at: datetime, due_at: datetime, municipality: str | None, on: date
) -> datetime:
    """When a task with this term is nearly late, with the values that hold on a local day."""
    days = int(get(session, "term.warn_working_days", municipality=municipality, on=on))
    return warns_at(opened_at, due_at, working_days=days)


def moves_terms(name: str) -> bool:
    """Whether terms that run have to be worked out anew when this setting changes."""
    return name.startswith("term.") or name in ("case.age_limit_months", "case.longest_months")


@dataclass(frozen=True, slots=True)
class Listed:
    """A setting as it holds somewhere on some day, and what was set before and for later. ``row`` is None: as shipped."""

    definition: Definition
    value: Any
    tag: str
    source: str
    row: Setting | None
    history: tuple[Setting, ...]


def listing(session: Session, *, municipality: str | None = None, on: date) -> list[Listed]:
    """Every setting as it holds on a local day for the region or one municipality, in the order of ``region.toml``.

    The history holds what was ever set for it, newest first; for the region also what municipalities set for themselves.
    """
    rows: dict[str, list[Setting]] = {}
    for row in sorted(_rows(session), key=lambda row: (row.valid_from, row.set_at), reverse=True):
        if municipality is None or row.municipality_code in (None, municipality):
            rows.setdefault(row.name, []).append(row)
    found = []
    for name, shipped in definitions().items():
        own = _own(session, name, municipality, on)
        found.append(
            Listed(
                definition=shipped,
                value=shipped.value if own is None else own.value,
                tag=shipped.tag if own is None else own.tag,
                source=shipped.source if own is None else own.source,
                row=own,
                history=tuple(rows.get(name, ())),
            )
        )
    return found


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
