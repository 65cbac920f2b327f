"""Opening and finding safety files. Lines in the logbook name the file and never the case: its log would betray it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from workflows import access, cases, logbook, settings
from workflows.actor import Actor
from workflows.cases import Case
from workflows.dossier import Entry
from workflows.errors import NotAllowed, NotFound, WrongState
from workflows.safety.model import SafetyFile, SafetyLevel, SafetyNote, SafetyStatus
from workflows.safety.rules import SafetyNotice, highest, words


def raise_concern(
    session: Session, case: Case, level: SafetyLevel, *, entry: Entry | None = None, by: Actor, at: datetime
) -> SafetyFile:
    """Tell a concern to the own organisation. While its file on this case is open, another concern is a note in it.

    Whoever calls this sees to it that the file has a run, and so a task for the protection officer.

    Consent plays no part, and a closed case is no reason to be silent. Call it with the case locked.

    Raises:
        NotAllowed: no organisation acts, so nobody could deal with it.
    """
    if by.organisation_id is None:
        raise NotAllowed(f"case {case.id}: a concern needs an organisation")
    file = open_file(session, case_id=case.id, organisation_id=by.organisation_id)
    opened = file is None
    if file is None:
        file = SafetyFile(
            case_id=case.id,
            organisation_id=by.organisation_id,
            level=level,
            opened_by=by.person_id,
            opened_at=at,
            status=SafetyStatus.OPEN,
        )
        session.add(file)
    else:
        file.level = highest(file.level, level)
    session.flush()  # the note points at it
    entry_id = None if entry is None else entry.id
    session.add(SafetyNote(file_id=file.id, level=level, noted_by=by.person_id, noted_at=at, entry_id=entry_id))
    session.flush()
    logbook.write(session, "safety.opened" if opened else "safety.noted", "safety_file", file.id, by=by, at=at)
    return file


def file(session: Session, file_id: UUID) -> SafetyFile:
    """A file as the machine needs it. Whether the actor may know of it is not asked here: that is :func:`find`.

    Raises:
        NotFound: no such file.
    """
    found = session.get(SafetyFile, file_id)
    if found is None:
        raise NotFound(f"no safety file {file_id}")
    return found


def open_file(session: Session, *, case_id: UUID, organisation_id: UUID | None) -> SafetyFile | None:
    """The open file of one organisation on a case; ask it for the actor's own organisation only."""
    return session.scalar(
        select(SafetyFile).where(
            SafetyFile.case_id == case_id,
            SafetyFile.organisation_id == organisation_id,
            SafetyFile.status == SafetyStatus.OPEN,
        )
    )


def files_on(session: Session, case_ids: Iterable[UUID]) -> list[UUID]:
    """The files of every organisation on cases, for who has to find their tasks; never to be shown."""
    return list(session.scalars(select(SafetyFile.id).where(SafetyFile.case_id.in_(list(case_ids)))))


def kept_out(by: Actor) -> Select[UUID]:
    """For queries: the files on cases that are closed to *by* in person."""
    return select(SafetyFile.id).where(SafetyFile.case_id.in_(cases.kept_out(by)))


def find(session: Session, file_id: UUID, *, by: Actor, at: datetime) -> SafetyFile:
    """A file of the actor's own organisation.

    Raises:
        NotFound: it does not exist, is another organisation's, or the actor neither opened it nor looks after safety.
    """
    found = file(session, file_id)
    if by.organisation_id is None or found.organisation_id != by.organisation_id:
        raise NotFound(f"no safety file {file_id} for {by.organisation_id}")
    author = by.person_id is not None and found.opened_by == by.person_id
    blocked = cases.is_blocked(session, found.case_id, by.person_id)
    access.require(by, "view_safety", access.Facts(safety_own_org=True, is_author=author, blocked=blocked), at=at)
    return found


def lock(session: Session, file_id: UUID) -> SafetyFile:
    """The file as it is now, and nobody else's until the transaction ends.

    Raises:
        NotFound: no such file. Whether the actor may know of it is not asked here.
    """
    query = select(SafetyFile).where(SafetyFile.id == file_id).with_for_update()
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(f"no safety file {file_id}")
    return found


def notes(session: Session, file_id: UUID) -> list[SafetyNote]:
    """Every moment of concern in a file, oldest first."""
    query = select(SafetyNote).where(SafetyNote.file_id == file_id)
    return list(session.scalars(query.order_by(SafetyNote.noted_at, SafetyNote.id)))


def answer(
    session: Session, file_id: UUID, answers: Mapping[str, Any] | None = None, *, by: Actor, at: datetime
) -> SafetyFile:
    """The protection officer reacted. Without a suspicion left the file closes; otherwise the Meldcode goes on in it.

    Raises:
        NotFound, NotAllowed, WrongState: as :func:`close`.
    """
    found = _own(session, file_id, by=by, at=at)
    logbook.write(session, "safety.answered", "safety_file", found.id, by=by, at=at)
    if (answers or {}).get("next_step") == "no_suspicion":
        return close(session, file_id, by=by, at=at)
    return found


def close(session: Session, file_id: UUID, *, by: Actor, at: datetime) -> SafetyFile:
    """The protection officer is done with it.

    Raises:
        NotFound: no such file for this actor.
        NotAllowed: only the protection officer closes.
        WrongState: closed before.
    """
    found = _own(session, file_id, by=by, at=at)
    found.close()
    session.flush()
    logbook.write(session, "safety.closed", "safety_file", found.id, by=by, at=at)
    return found


def _own(session: Session, file_id: UUID, *, by: Actor, at: datetime) -> SafetyFile:
    found = find(session, file_id, by=by, at=at)
    if by.role != "protection_officer":
        raise NotAllowed(f"safety file {file_id}: only the protection officer deals with it")
    if found.status != SafetyStatus.OPEN:
        raise WrongState(f"safety file {file_id} was closed before")
    return found


def keeps_case(session: Session, case_id: UUID) -> bool:
    """Whether some organisation still needs to know whom the case is about, so that a draft cannot be erased yet."""
    query = exists().where(SafetyFile.case_id == case_id, SafetyFile.status == SafetyStatus.OPEN)
    return bool(session.scalar(select(query)))


def notice(session: Session, level: SafetyLevel | str, *, municipality: str | None = None, on: date) -> SafetyNotice:
    """What to show first to whoever tells a concern: phone numbers, then what happens next."""
    return words(
        SafetyLevel(level),
        emergency=str(settings.get(session, "phone.emergency", municipality=municipality, on=on)),
        safe_home=str(settings.get(session, "phone.safe_home", municipality=municipality, on=on)),
    )
