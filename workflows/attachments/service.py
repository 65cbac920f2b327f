"""Attaching, reading and letting go. The file is kept before its row is, and goes after its row went: what a crash leaves in
between is a file without a row, which the nightly sweep clears away."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session, SessionTransaction

from workflows import files, logbook, texts, vault
from workflows.access import Readable
from workflows.actor import Actor
from workflows.attachments.model import Attachment, file_about
from workflows.attachments.rules import Prepared, may_read, writable
from workflows.cases import Case
from workflows.errors import Invalid, NotAllowed, NotFound, Unreadable, WrongState

#: Characters of a description.
LONGEST = 300
#: Files of one case: more is a mistake, or a way to fill a disk.
MOST = 200
#: As long somebody may be between keeping a file and keeping its row.
_UNDER_WAY = timedelta(hours=1)
_GONE = "attachments.gone"
_NEW = "attachments.new"


@dataclass(frozen=True, slots=True)
class Swept:
    """What was found: files that no row knows (and that are gone now), and rows whose file is not there or cannot be opened."""

    cleared: int
    missing: tuple[UUID, ...]


def add(
    session: Session,
    case: Case,
    prepared: Prepared,
    *,
    description: str,
    compartment: str,
    readable: Readable,
    by: Actor,
    at: datetime,
) -> Attachment:
    """Keep a file on a locked case.

    Raises:
        Invalid: too much said, a kind of data that *by* may not write, the same file for the second time, or too many.
        WrongState: the case is closed. Unavailable: it cannot be written.
    """
    if by.organisation_id is None:
        raise NotAllowed("an attachment needs an organisation that adds it")
    if case.is_closed:
        raise WrongState(f"case {case.id} is closed; nobody attaches", detail="Deze casus is al gesloten.")
    said = " ".join(description.split())
    errors: dict[str, list[str]] = {}
    if len(said) > LONGEST:
        errors["description"] = [f"Gebruik ten hoogste {LONGEST} tekens. Nu zijn het er {len(said)}."]
    elif not texts.can_be_kept(said):
        errors["description"] = [texts.CANNOT_BE_KEPT]
    if compartment not in writable(readable):
        errors["compartment"] = ["Kies wat voor gegevens erin staan."]
    digests = vault.of(session).digests("attachment:" + case.id.hex + hashlib.sha256(prepared.content).hexdigest())
    with logbook.deciding(session):
        there = session.scalars(select(Attachment).where(Attachment.case_id == case.id)).all()
    own = [one for one in there if one.organisation_id == by.organisation_id and one.digest in digests]
    if any(may_read(one, readable, by=by) for one in own):
        errors["file"] = ["Dit bestand staat al bij deze casus."]
    elif len(there) >= MOST:
        errors["file"] = [f"Bij één casus kunnen ten hoogste {MOST} bestanden staan."]
    if errors:
        raise Invalid(f"case {case.id}: attachment refused", errors=errors)
    added = Attachment(
        id=uuid4(),
        case_id=case.id,
        name=prepared.name,
        description=said,
        kind=prepared.kind,
        size=len(prepared.content),
        compartment=compartment,
        digest=digests[0],
        author_id=by.person_id,
        organisation_id=by.organisation_id,
        role=by.role,
        at=at,
    )
    session.add(added)
    session.flush()
    session.info.setdefault(_NEW, set()).add(added.id)
    files.of(session).put(added.id, prepared.content, about=file_about(added.id))
    logbook.write(
        session, "attachment.added", "attachment", added.id, case_id=case.id, by=by, at=at,
        details={"kind": str(prepared.kind), "bytes": added.size}, compartments=(compartment,),
    )  # fmt: skip
    return added


def of_case(session: Session, case_id: UUID, *, readable: Readable, by: Actor) -> list[Attachment]:
    """The attachments of a case that *by* may read, newest first. Whether *by* may know of the case is asked by the caller."""
    query = select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.at.desc(), Attachment.id)
    return [one for one in session.scalars(query) if may_read(one, readable, by=by)]


def find(session: Session, case_id: UUID, attachment_id: UUID, *, readable: Readable, by: Actor) -> Attachment:
    """One attachment of a case.

    Raises:
        NotFound: no such attachment there, or not for *by*.
    """
    found = session.scalar(select(Attachment).where(Attachment.id == attachment_id, Attachment.case_id == case_id))
    if found is None or not may_read(found, readable, by=by):
        raise NotFound(f"no attachment {attachment_id}")
    return found


def content(session: Session, one: Attachment) -> bytes:
    """What is in it.

    Raises:
        Unreadable: the file or its key is not here, or it is another.
    """
    return files.of(session).get(one.id, about=file_about(one.id))


def remove(session: Session, one: Attachment, *, by: Actor, at: datetime) -> None:
    """Take away what was attached by mistake; only who attached it does.

    Raises:
        NotAllowed: somebody else.
    """
    if one.author_id is None or one.author_id != by.person_id or one.organisation_id != by.organisation_id:
        raise NotAllowed(
            f"attachment {one.id} is not of who removes it",
            detail="Alleen wie een bijlage toevoegde, kan haar weghalen.",
        )
    let_go(session, [one.id])
    session.delete(one)
    session.flush()
    logbook.write(session, "attachment.removed", "attachment", one.id, case_id=one.case_id, by=by, at=at)


def erase(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete the attachments of a case, when everything about it goes."""
    session.flush()
    ids = session.scalars(select(Attachment.id).where(Attachment.case_id == case_id)).all()
    if ids:
        let_go(session, ids)
        session.execute(delete(Attachment).where(Attachment.case_id == case_id))
        logbook.write(session, "attachment.erased", "case", case_id, case_id=case_id, by=by, at=at)


def let_go(session: Session, ids: Iterable[UUID]) -> None:
    """The rows go in this transaction; their files go once that is kept."""
    session.info.setdefault(_GONE, set()).update(ids)


@event.listens_for(Session, "after_commit")
def _clear(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint: what is around it can still be undone
        return
    session.info.pop(_NEW, None)
    if gone := session.info.pop(_GONE, None):
        for one in gone:
            files.of(session).remove(one)


@event.listens_for(Session, "after_rollback")
def _undo(session: Session) -> None:
    session.info.pop(_GONE, None)
    if (
        session.in_nested_transaction()
    ):  # what was before the savepoint stays; whatever no row knows, the sweep clears away
        return
    if new := session.info.pop(_NEW, None):
        for one in new:
            files.of(session).remove(one)


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_GONE, None)


def sweep(session: Session, *, at: datetime) -> int:
    """Clear away files that no row knows, and what was never finished; returns how many. What is under way is left alone.

    Where no row knows any file at all, every file stays: more likely this is another database than that all of them are nobody's.
    """
    store, before = files.of(session), (at - _UNDER_WAY).timestamp()
    gone = store.forget_unfinished(before=before)
    old = [identity for identity, written in store.known() if written < before]
    if session.scalar(select(Attachment.id).limit(1)) is None:
        return gone
    for identity in set(old) - _rows(session, old):
        store.remove(identity)
        gone += 1
    return gone


def standing(session: Session, *, at: datetime, told: Callable[[int], None] = lambda _: None) -> Swept:
    """Clear away as :func:`sweep`, and open every file; for the operator, who sees no content of it."""
    return Swept(sweep(session, at=at), broken(session, told=told))


def broken(session: Session, *, told: Callable[[int], None] = lambda _: None) -> tuple[UUID, ...]:
    """Which files are not there or do not open. Changes nothing.

    Args:
        told: hears of each file that was opened.
    """
    missing = []
    for identity in session.scalars(select(Attachment.id).order_by(Attachment.id)).all():
        try:
            files.of(session).get(identity, about=file_about(identity))
        except Unreadable:
            missing.append(identity)
        told(1)
    return tuple(missing)


def _rows(session: Session, ids: Collection[UUID]) -> set[UUID]:
    every, found = list(ids), set[UUID]()
    for start in range(0, len(every), 500):
        found |= set(session.scalars(select(Attachment.id).where(Attachment.id.in_(every[start : start + 500]))))
    return found
