"""Finding and deleting every row of a case or a person, whatever table it stands in; what must be kept by law stays.

The tables are not listed: they are found by their foreign keys and by ``subject_id``. So a table that comes later cannot
be forgotten. With somebody of a family go their login and all that belongs to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Table, Uuid, delete, exists, select, tuple_, update
from sqlalchemy.orm import Session

from engine.clock import add_months, local_date
from workflows import attachments, cases, logbook, outside, packages, parents
from workflows.actor import Actor
from workflows.attachments import Attachment
from workflows.cases import Case, Result
from workflows.db import Base
from workflows.dossier import EntryValue
from workflows.errors import WrongState
from workflows.families import FamilyMember, MemberKind
from workflows.idempotency import IdempotencyKey
from workflows.logbook import LoggedChange, LoggedRead
from workflows.organisations import Person, PersonKind
from workflows.parents import ParentLink
from workflows.rights.model import Destruction, DestructionRule, ErasureScope
from workflows.safety import SafetyFile, SafetyNote, SafetyStatus

#: Rows at once; SQLite takes so many values in a statement easily.
_AT_ONCE = 500
#: In ``session.info`` of a transaction in which something was destroyed: then the journal has to be cleaned as well.
DESTROYED = "rights.destroyed"
_LOGS = frozenset({LoggedChange.__table__, LoggedRead.__table__})

Key = tuple[Any, ...]
Rows = dict[Table, set[Key]]


@dataclass(frozen=True, slots=True)
class Reach:
    """Rows by table that belong to a case or a person; ``kept`` stays, because an organisation has to keep it. ``apart`` is
    all that hangs on a safety file, kept or not: no count and no proof tells that there is one."""

    rows: Rows
    kept: Rows = field(default_factory=dict)
    apart: Rows = field(default_factory=dict)
    kept_until: date | None = None
    """Local day on which what is kept can go; None with something kept: not known yet."""

    def counts(self) -> dict[str, int]:
        """How many rows, per table. What is kept of the case itself counts as well: a difference would tell of it."""
        return {
            table.name: len(keys) for table, keys in sorted(self.told().items(), key=lambda one: one[0].name) if keys
        }

    def told(self) -> Rows:
        """What the proof is about."""
        return {table: keys - self.apart.get(table, set()) for table, keys in self.rows.items()}

    def going(self) -> Rows:
        """What is deleted now."""
        return {table: keys - self.kept.get(table, set()) for table, keys in self.rows.items()}


@dataclass(frozen=True, slots=True)
class Erased:
    """What was destroyed, and on which local day the rest can go (None: there is no rest, or nobody knows yet)."""

    destruction: Destruction
    rest: bool
    rest_on: date | None


def reach_of_case(session: Session, case: Case, *, on: date, keep_years: int) -> Reach:
    """Every row of a case, and of its family when no other case is about it.

    Args:
        on: local day it is. keep_years: years after its last note that a safety file stays with its organisation.
    """
    roots: Rows = {_table(Case): {(case.id,)}}
    if case.family_id is not None and not _has_another(session, case):
        roots[Base.metadata.tables["families"]] = {(case.family_id,)}
    rows = _closure(session, roots)
    files = [session.get_one(SafetyFile, key) for (key,) in sorted(rows.get(_table(SafetyFile), ()))]
    ends = {file.id: _kept_until(session, file, keep_years) for file in files}
    kept_files = [file for file in files if (end := ends[file.id]) is None or end > on]
    if not files:
        return Reach(rows)
    apart = _closure(session, {_table(SafetyFile): {(file.id,) for file in files}})
    if not kept_files:
        return Reach(rows, apart=apart)
    # Files go with their notes, runs, tasks and own entries; of the entries that the notes point at, what was said there
    # about safety for the same organisation. Whom it is about has to be known, and so the case row itself.
    kept = _closure(session, {_table(SafetyFile): {(file.id,) for file in kept_files}})
    kept.setdefault(_table(Case), set()).add((case.id,))
    for table in ("families", "family_members"):
        _add(kept, Base.metadata.tables[table], rows.get(Base.metadata.tables[table], set()))
    for file in kept_files:
        _keep_said(session, kept, file)
    known = [end for file in kept_files if (end := ends[file.id]) is not None]
    return Reach(rows, kept, apart, min(known) if len(known) == len(kept_files) else None)


def reach_of_person(session: Session, member: FamilyMember) -> Reach:
    """Every row about one person of a family: who it is, consents, authority, requests with their answers, and of a partner
    what was written down in the compartment of partners. Free text about them elsewhere has to be corrected first."""
    rows = _closure(session, {_table(FamilyMember): {(member.id,)}})
    said: set[UUID] = set()
    for table, keys in rows.items():
        for column in table.columns:
            if any(one.column.table.name == "entries" for one in column.foreign_keys):
                for (found,) in _chosen(session, select(column), table, keys):
                    said |= {found} if found is not None else set()
    values = _table(EntryValue)
    for part in _parts(said):
        _add(rows, values, _keys(session, values, values.c.entry_id.in_(part)))
    if member.kind == MemberKind.PARTNER:
        entries = Base.metadata.tables["entries"]
        of_family = select(entries.c.id).join(_table(Case), entries.c.case_id == _table(Case).c.id)
        partner = values.c.entry_id.in_(of_family.where(_table(Case).c.family_id == member.family_id))
        _add(rows, values, _keys(session, values, partner & (values.c.compartment == "C8")))
    return Reach(rows)


def destroy(
    session: Session,
    case: Case,
    reach: Reach,
    *,
    rule: DestructionRule,
    scope: ErasureScope,
    retention_class: str | None = None,
    organisation_id: UUID | None,
    confirmed_by: Iterable[UUID] = (),
    by: Actor,
    at: datetime,
) -> Erased:
    """Delete what *reach* found of a locked case, and keep the proof: how many rows, on what ground, by whom, and a digest.

    Raises:
        WrongState: somebody else than the worker or the operator destroys by hand.
    """
    if not by.is_system:
        raise WrongState(f"case {case.id}: destroying is not done by hand")
    whole = scope == ErasureScope.WHOLE_CASE
    if whole and not case.is_closed:
        cases.close(session, case, Result.PARENT_STOPS, contact_after="-", by=by, at=at)
    session.flush()
    if whole:
        reach = replace(reach, rows=_closure(session, reach.rows))  # closing wrote a row of its own
    first, second = [*confirmed_by, None, None][:2]
    made = Destruction(
        case_hash=logbook.salted(case.id.hex),
        rule=rule,
        scope=scope,
        retention_class=retention_class,
        organisation_id=organisation_id,
        confirmed_by=first,
        second_confirmed_by=second,
        destroyed_on=local_date(at),
        opened_year=local_date(case.opened_at).year,
        closed_year=None if case.closed_at is None else local_date(case.closed_at).year,
        counts=reach.counts(),
        proof=logbook.salted("\n".join(sorted(_digests(session, reach.told())))),
    )
    session.add(made)
    if whole and reach.kept:
        _strip(case)
    session.flush()
    identity = case.id
    _delete(session, reach)
    event = "case.destroyed" if whole else "person.destroyed"
    details = {"destruction": made.id.hex, "rule": str(rule), "rows": sum(made.counts.values()), "proof": made.proof}
    logbook.write(session, event, "case", identity, case_id=identity, by=by, at=at, details=details)
    session.flush()
    return Erased(made, bool(reach.kept), reach.kept_until)


def destroy_rest(session: Session, case: Case, reach: Reach, *, by: Actor, at: datetime) -> None:
    """What organisations had to keep of a destroyed case goes too."""
    if not by.is_system:
        raise WrongState(f"case {case.id}: destroying is not done by hand")
    session.flush()
    files = sorted(key[0] for key in reach.rows.get(_table(SafetyFile), ()))
    _delete(session, reach)
    for file in files:  # as every line about safety: it names the file and never the case
        logbook.write(session, "safety.destroyed", "safety_file", file, by=by, at=at)


def remains(session: Session, case_id: UUID) -> dict[str, int]:
    """How many rows of a case are left, per table; empty when everything went. For checking."""
    rows = _closure(session, {_table(Case): {(case_id,)}})
    return {table.name: len(keys) for table, keys in rows.items() if table is not _table(Case)}


# --- finding


def _closure(session: Session, roots: Mapping[Table, set[Key]]) -> Rows:
    """*roots* and every row that points at one of them, by a foreign key or as its subject, and so on."""
    found: Rows = {}
    new: Rows = {table: set(keys) for table, keys in roots.items()}
    while new:
        for table, keys in new.items():
            _add(found, table, keys)
        if (links := new.get(_table(ParentLink))) and (people := _logins(session, links)):
            new[_table(Person)] = people
            _add(found, _table(Person), people)
        ids = {table: {key[0] for key in keys} for table, keys in new.items() if len(table.primary_key.columns) == 1}
        new = {}
        for table in _tables():
            wanted: set[Key] = set()
            for condition in _pointing(table, ids):
                wanted |= _keys(session, table, condition)
            if wanted := wanted - found.get(table, set()):
                new[table] = wanted
    return found


def _pointing(table: Table, ids: Mapping[Table, set[Any]]) -> Iterator[ColumnElement[bool]]:
    for column in table.columns:
        for one in column.foreign_keys:
            if one.column.table is _table(Person) and column.nullable:
                continue  # what a parent did stays, and says no longer who did it
            for part in _parts(ids.get(one.column.table, ())):
                yield column.in_(part)
    if "subject_kind" in table.columns and "subject_id" in table.columns:
        subject = table.c.subject_id
        for part in _parts(identity for found in ids.values() for identity in found if isinstance(identity, UUID)):
            yield subject.in_(part if isinstance(subject.type, Uuid) else [str(one) for one in part])


def _logins(session: Session, links: set[Key]) -> set[Key]:
    """The people as whom somebody of the family logged in: they are nothing else."""
    query = (
        select(Person.id).join(ParentLink, ParentLink.person_id == Person.id).where(Person.kind == PersonKind.PARENT)
    )
    return set(map(tuple, _chosen(session, query, _table(ParentLink), links)))


def _tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table not in _LOGS]


def _keys(session: Session, table: Table, condition: ColumnElement[bool]) -> set[Key]:
    return {tuple(row) for row in session.execute(select(*table.primary_key.columns).where(condition))}


def _chosen(session: Session, query: Any, table: Table, keys: Iterable[Key]) -> Iterator[Any]:
    for part in _parts(keys):
        yield from session.execute(query.where(_is_one_of(table, part)))


def _is_one_of(table: Table, keys: list[Key]) -> ColumnElement[bool]:
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


def _parts(found: Iterable[Any]) -> Iterator[list[Any]]:
    every = list(found)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]


def _add(rows: Rows, table: Table, keys: Iterable[Key]) -> None:
    if found := set(keys):
        rows.setdefault(table, set()).update(found)


def _table(mapped: type[Base]) -> Table:
    table = mapped.__table__
    assert isinstance(table, Table)
    return table


def _has_another(session: Session, case: Case) -> bool:
    another = exists().where(Case.family_id == case.family_id, Case.id != case.id)
    return bool(session.scalar(select(another)))


# --- what an organisation keeps about safety


def _kept_until(session: Session, file: SafetyFile, years: int) -> date | None:
    """The local day until which a safety file stays with its organisation; None: as long as it is open."""
    if file.status == SafetyStatus.OPEN:
        return None
    noted = session.scalars(select(SafetyNote.noted_at).where(SafetyNote.file_id == file.id)).all()
    return add_months(local_date(max([file.opened_at, *noted])), 12 * years)


def _keep_said(session: Session, kept: Rows, file: SafetyFile) -> None:
    entries, values = Base.metadata.tables["entries"], _table(EntryValue)
    noted = select(SafetyNote.entry_id).where(SafetyNote.file_id == file.id)
    own = entries.c.id.in_(noted) & (entries.c.organisation_id == file.organisation_id)
    found = _keys(session, entries, own)
    _add(kept, entries, found)
    for part in _parts(key[0] for key in found):
        _add(kept, values, _keys(session, values, values.c.entry_id.in_(part) & (values.c.compartment == "C5")))


def _strip(case: Case) -> None:
    """Of the case row only that it is there stays: nobody holds it, and nothing says how it went."""
    case.phase, case.language, case.interpreter_needed, case.under_way_since = None, "nl", False, None
    case.contact_after = case.erase_on = None


# --- deleting


def _delete(session: Session, reach: Reach) -> None:
    going = {table: keys for table, keys in reach.going().items() if keys}
    _loosen(session, reach.kept, going)
    parents.loosen(session, [key[0] for key in going.get(_table(Person), ())])
    attachments.let_go(session, [key[0] for key in going.get(_table(Attachment), ())])
    item_ids = {key[0] for keys in going.values() for key in keys if isinstance(key[0], UUID)}
    member_ids = {key[0] for key in going.get(_table(FamilyMember), ())}
    values = _answers_of(session, going.get(_table(EntryValue), ()))
    packages.forget(session, item_ids=item_ids, member_ids=member_ids, values=values)
    of_family = select(Case.id).join(FamilyMember, FamilyMember.family_id == Case.family_id)
    theirs = {one for part in _parts(member_ids) for one in session.scalars(of_family.where(FamilyMember.id.in_(part)))}
    outside.forget(session, theirs, item_ids=item_ids, member_ids=member_ids, values=values)
    for table in reversed(Base.metadata.sorted_tables):
        for part in _parts(going.get(table, ())):
            session.execute(delete(table).where(_is_one_of(table, part)))
    _forget_requests(session, {str(key[0]) for keys in going.values() for key in keys})
    session.expire_all()
    session.info[DESTROYED] = True


def _answers_of(session: Session, keys: Iterable[Key]) -> set[tuple[UUID, str]]:
    """Of which entry, in which compartment, these answers are."""
    values = _table(EntryValue)
    query = select(values.c.entry_id, values.c.compartment)
    return {(row.entry_id, row.compartment) for row in _chosen(session, query, values, keys)}


def _loosen(session: Session, kept: Rows, going: Rows) -> None:
    """Rows that stay point at nothing that goes."""
    for table, keys in kept.items():
        for column in table.columns:
            for one in column.foreign_keys:
                for part in _parts(key[0] for key in going.get(one.column.table, ())):
                    for own in _parts(keys):
                        pointing = _is_one_of(table, own) & column.in_(part)
                        session.execute(update(table).where(pointing).values({column: None}))


def _forget_requests(session: Session, ids: set[str]) -> None:
    """What came of requests about it, with digests of what was sent; these few are kept for two days at most."""
    for row in session.scalars(select(IdempotencyKey)).all():
        if str(row.location_id) in ids or any(part in ids for part in row.path.split("/")):
            session.delete(row)
    session.flush()


def _digests(session: Session, rows: Rows) -> Iterator[str]:
    for table, keys in rows.items():
        for row in _chosen(session, select(table), table, keys):
            told = {"table": table.name, **{str(name): _plain(value) for name, value in row._mapping.items()}}
            yield hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


__all__ = ["DESTROYED", "Erased", "Reach", "destroy", "destroy_rest", "reach_of_case", "reach_of_person", "remains"]
