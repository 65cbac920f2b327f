"""Writing lines, and the guard: no status moves without a line."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event, func, insert, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapper, ORMExecuteState, QueryContext, Session, SessionTransaction, UOWTransaction

from workflows.access import POLICY
from workflows.actor import Actor
from workflows.db import translated
from workflows.errors import Unavailable
from workflows.logbook.fields import HASH_VERSION
from workflows.logbook.model import LoggedChange, LoggedRead

Scalar = str | int | float | bool | None

_READS = "logbook.reads"  # lines of reads that wait for the commit
_CHANGES = "logbook.changes"  # lines of changes that wait for the commit, or for somebody who reads them
_MOVED = "logbook.moved"  # a status that changed in this transaction, by table
_WROTE = "logbook.wrote"  # whether a line was written in this transaction
_ACTED = "logbook.acted"  # the person whose change was written down last in this transaction


_GUARDED = "logbook.guarded"  # whether a read of a family's data needs a line
_SAW = "logbook.saw"  # tables with what families said that were read in this transaction
_SAW_OF = "logbook.saw_of"  # the cases of which such a row was read
_TOLD_OF = "logbook.told_of"  # the cases of which a line was written, or that stand in the line of a list


class LogUnwritable(Unavailable):
    """What should be written down cannot be, so it does not happen: nothing is changed and nothing is shown."""

    detail = "Het logboek kan even niet worden bijgewerkt. Daarom is er niets getoond en niets veranderd. Probeer het zo nog eens."


#: Subject of a line about a list; which cases were in it is in its details.
LIST = "list"


class UnloggedRead(RuntimeError):
    """What a family said was read and nobody wrote it down. A fault of ours, so nothing is shown."""


class UnloggedChange(RuntimeError):
    """A status changed and nobody wrote it down. A fault of ours, so nothing is kept."""


def write(
    session: Session,
    event: str,
    subject_kind: str,
    subject_id: UUID | str,
    *,
    case_id: UUID | None = None,
    by: Actor,
    at: datetime,
    details: Mapping[str, Scalar] | None = None,
    purpose: str | None = None,
    rule: str | None = None,
    outcome: str = "success",
    on_behalf_of: UUID | None = None,
    ground: str | None = None,
    consents: Iterable[UUID] | None = None,
    relation: str | None = None,
    compartments: Iterable[str] | None = None,
) -> None:
    """Write down that *by* did *event* to a subject.

    Who it was, in which role, for which organisation, how and through what it came in is taken from *by*.

    Args:
        details: ids and scalars, e.g. a status or a count; what somebody said never, not even shortened.
        rule: which rule allowed it. purpose: what for.
        outcome: ``"success"`` or ``"refused"``; a refusal is written in a transaction of its own.
        ground: code of the ground on which secrecy was broken, when something went to somebody else.
        consents: ids of the consents that allowed it.
        relation: what connected *by* with the subject, when that is not what *rule* says.
        compartments: kinds of data (``C0`` …) that were handed over or there to see.
    """
    line = _line(
        event, subject_kind, subject_id, case_id, by, at, details, purpose, rule, outcome, on_behalf_of, ground,
        consents, relation, compartments,
    )  # fmt: skip
    session.info.setdefault(_CHANGES, []).append(line)
    session.info[_WROTE] = True
    if by.person_id is not None:
        session.info[_ACTED] = by.person_id
    _told(session, case_id)


def acted(session: Session) -> UUID | None:
    """Who changed something in this transaction, as far as it was written down; None: nobody, or the house itself."""
    found: UUID | None = session.info.get(_ACTED)
    return found


def read(
    session: Session,
    event: str,
    subject_kind: str,
    subject_id: UUID | str,
    *,
    case_id: UUID | None = None,
    by: Actor,
    at: datetime,
    details: Mapping[str, Scalar] | None = None,
    purpose: str,
    rule: str,
    outcome: str = "success",
    on_behalf_of: UUID | None = None,
    ground: str | None = None,
    consents: Iterable[UUID] | None = None,
    relation: str | None = None,
    compartments: Iterable[str] | None = None,
) -> None:
    """Write down that *by* looked at a subject, for what purpose, and which rule allowed it.

    The line is inserted just before the commit: on SQLite the file of reads has one writer as well, and a page must
    not hold it while it is still reading.
    The other arguments are those of :func:`write`.
    """
    line = _line(
        event, subject_kind, subject_id, case_id, by, at, details, purpose, rule, outcome, on_behalf_of, ground,
        consents, relation, compartments,
    )  # fmt: skip
    session.info.setdefault(_READS, []).append(line)
    _told(session, case_id)


def _told(session: Session, *case_ids: UUID | None) -> None:
    session.info.setdefault(_TOLD_OF, set()).update(one for one in case_ids if one is not None)


def guard(session: Session) -> None:
    """From now on *session* keeps nothing when a family's data was read in it without a line: no commit, so no answer.

    Doors guard every transaction. A mapped class says with ``__holds_content__ = True`` that it holds such data. In a
    transaction that only reads, every case of which such a row came in needs a line, or a place in the line of a list; in one
    that changes things one line is enough, for a change in one case looks into others of which nothing is shown. Who looks
    into the log itself reads about readers, and what is about safety has lines apart from those of the case: classes of
    which that holds say ``__line_per_case__ = False``.
    """
    session.info[_GUARDED] = True


@contextmanager
def deciding(session: Session) -> Iterator[None]:
    """What is read in this block only decides something, such as whether somebody may have a task; none of it is shown."""
    before, of = frozenset(session.info.get(_SAW, ())), frozenset(session.info.get(_SAW_OF, ()))
    try:
        yield
    finally:
        session.info[_SAW], session.info[_SAW_OF] = set(before), set(of)


def listed(
    session: Session,
    event: str,
    case_ids: Iterable[UUID],
    *,
    by: Actor,
    at: datetime,
    purpose: str,
    rule: str,
    query: Mapping[str, Scalar] | None = None,
) -> None:
    """Write down that *by* saw a list in which these families can be recognised: one line, whatever its length.

    Its subject is the organisation for which *by* looked; :func:`lists_with` finds it for each of the cases.

    Args:
        query: what was searched for; codes and days, never what a family is called.
    """
    in_it = set(case_ids)
    seen = sorted(case_id.hex for case_id in in_it)
    _told(session, *in_it)
    read(
        session,
        event,
        LIST,
        by.organisation_id or "house",
        by=by,
        at=at,
        purpose=purpose,
        rule=rule,
        details={**(query or {}), "count": len(seen), "cases": " ".join(seen)},
    )


def lists_with(
    session: Session, case_id: UUID, *, organisations: Iterable[UUID], since: datetime, until: datetime
) -> list[LoggedRead]:
    """The lines of lists that a case was in, oldest first.

    Args:
        organisations: whose lists it can have been in: those that had a part in it.
        until: not included.
    """
    query = select(LoggedRead).where(
        LoggedRead.subject_id.in_([str(one) for one in organisations]),
        LoggedRead.subject_kind == LIST,
        LoggedRead.at >= since,
        LoggedRead.at < until,
    )
    return [line for line in session.scalars(query.order_by(LoggedRead.id)) if case_id.hex in line.details["cases"]]


def lines(session: Session, *, case_id: UUID) -> list[LoggedChange]:
    """What was done in a case, oldest first."""
    return list(session.scalars(select(LoggedChange).where(LoggedChange.case_id == case_id).order_by(LoggedChange.id)))


def happened(session: Session, event: str, subject_id: UUID | str) -> bool:
    """Whether a change was ever written down of a subject; nothing can make it unhappen."""
    query = select(LoggedChange.id).where(LoggedChange.subject_id == str(subject_id), LoggedChange.event == event)
    return session.scalars(query.limit(1)).first() is not None


def changes_of(session: Session, case_id: UUID, event: str) -> list[LoggedChange]:
    """Lines of one kind about a case, oldest first, of what was done and not refused."""
    query = select(LoggedChange).where(
        LoggedChange.case_id == case_id, LoggedChange.event == event, LoggedChange.outcome == "success"
    )
    return list(session.scalars(query.order_by(LoggedChange.id)))


def times_read(session: Session, *, case_id: UUID, person_id: UUID) -> int:
    """How often somebody looked at something of a case."""
    query = select(func.count()).where(
        LoggedRead.case_id == case_id, LoggedRead.person_id == person_id, LoggedRead.outcome == "success"
    )
    return session.scalar(query) or 0


def salted(value: str, *, salt: str | None = None) -> str:
    """A hash by which a value can be proved later without keeping it here: ``<salt>$<sha256>``."""
    salt = salt or secrets.token_hex(16)
    return f"{salt}${hashlib.sha256(f'{salt}${value}'.encode()).hexdigest()}"


def _line(
    event: str,
    subject_kind: str,
    subject_id: UUID | str,
    case_id: UUID | None,
    by: Actor,
    at: datetime,
    details: Mapping[str, Scalar] | None,
    purpose: str | None,
    rule: str | None,
    outcome: str,
    on_behalf_of: UUID | None,
    ground: str | None,
    consents: Iterable[UUID] | None,
    relation: str | None,
    compartments: Iterable[str] | None,
) -> dict[str, Any]:
    kept = dict(details or {})
    for name, value in kept.items():
        if not isinstance(value, (str, int, float, bool, type(None))):
            raise TypeError(f"{event}: detail {name} is a {type(value).__name__}; only scalars are written down")
    return {
        "event": event,
        "at": at,
        "person_id": by.person_id,
        "assignment_id": by.assignment_id,
        "organisation_id": by.organisation_id,
        "role": by.role,
        "on_behalf_of": on_behalf_of,
        "purpose": purpose,
        "rule": rule,
        "subject_kind": subject_kind,
        "subject_id": str(subject_id),
        "case_id": case_id,
        "outcome": outcome,
        "origin": by.origin,
        "request_id": by.request_id,
        "details": kept,
        "hash_version": HASH_VERSION,
        "ground": None if ground is None else str(ground),
        "consent_profile": _joined(str(one) for one in consents or ()),
        "relation": relation,
        "compartments": _joined(compartments or ()),
        "policy": POLICY,
        "access_point": by.access_point,
        "second_factor": None if by.is_system else by.second_factor,
    }


def _joined(words: Iterable[str]) -> str | None:
    return " ".join(sorted(set(words))) or None


@event.listens_for(Session, "after_flush")
def _notice_moves(session: Session, _flush: UOWTransaction) -> None:
    for row in session.dirty:
        if not getattr(type(row), "__status_is_logged__", True):
            continue
        state = inspect(row)
        if "status" in state.mapper.column_attrs and state.attrs.status.history.has_changes():
            session.info.setdefault(_MOVED, set()).add(state.mapper.local_table.name)


@event.listens_for(Session, "do_orm_execute")
def _notice_bulk_moves(call: ORMExecuteState) -> None:
    if call.is_select:
        if call.bind_mapper is LoggedChange.__mapper__:
            _insert(call.session)
        if _GUARDED in call.session.info:
            _notice_content(call)
    if not call.is_update:
        return
    table: Any = call.statement.table  # type: ignore[attr-defined]
    values = getattr(call.statement, "_values", None) or {}
    mapper = call.bind_mapper
    if mapper is not None and not getattr(mapper.class_, "__status_is_logged__", True):
        return
    if any(getattr(column, "key", column) == "status" for column in values):
        call.session.info.setdefault(_MOVED, set()).add(table.name)


def _notice_content(call: ORMExecuteState) -> None:
    for mapper in call.all_mappers:
        if getattr(mapper.class_, "__holds_content__", False):
            call.session.info.setdefault(_SAW, set()).add(mapper.class_.__name__)


@event.listens_for(Mapper, "mapper_configured")
def _notice_rows_of(mapper: Mapper[Any], mapped: type[Any]) -> None:
    """A row that holds content and says of which case it is, is noticed when it comes in: no statement, no look at others."""
    of_case = getattr(mapped, "__holds_content__", False) and "case_id" in mapper.column_attrs
    if of_case and getattr(mapped, "__line_per_case__", True):
        event.listen(mapped, "load", _notice_row)


def _notice_row(row: Any, context: QueryContext) -> None:
    session = context.session
    if _GUARDED in session.info and (case_id := row.__dict__.get("case_id")) is not None:
        session.info.setdefault(_SAW_OF, set()).add(case_id)


@event.listens_for(Session, "before_commit")
def _guard(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()  # a move that is not flushed yet must be seen too
    if (moved := session.info.get(_MOVED)) and not session.info.get(_WROTE):
        raise UnloggedChange(f"status changed without a log line: {', '.join(sorted(moved))}")
    if (saw := session.info.get(_SAW)) and not session.info.get(_WROTE) and not session.info.get(_READS):
        raise UnloggedRead(f"read without a log line: {', '.join(sorted(saw))}")
    untold = session.info.get(_SAW_OF, set()) - session.info.get(_TOLD_OF, set())
    if untold and not session.info.get("writes", True):
        raise UnloggedRead(f"read of {len(untold)} cases without a log line that names them")
    add_lines(session)


def add_lines(session: Session) -> None:
    """Put in what waits for the end of the transaction; at its end that is done anyway."""
    _insert(session)
    if pending := session.info.pop(_READS, None):
        _add(session, LoggedRead, pending)


def _insert(session: Session) -> None:
    """The lines of one transaction go in together, in the order in which they were written: one statement, not seven."""
    # Inline: it asks for nothing back, for on PostgreSQL not everybody who adds a line may read it.
    if pending := session.info.pop(_CHANGES, None):
        _add(session, LoggedChange, pending)


def _add(session: Session, log: type[LoggedChange | LoggedRead], pending: list[dict[str, Any]]) -> None:
    try:
        rows = pending if len(pending) > 1 else pending[0]  # one row costs less as one than as a list of one
        session.execute(insert(log.__table__).inline(), rows)  # type: ignore[arg-type]
    except DBAPIError as error:
        away = translated(error)
        if away is not error:
            raise away from error
        raise LogUnwritable(f"{log.__tablename__} takes no line: {type(error.orig).__name__}") from error


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        for name in (_MOVED, _WROTE, _ACTED, _READS, _CHANGES, _SAW, _SAW_OF, _TOLD_OF):
            session.info.pop(name, None)
