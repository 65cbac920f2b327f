"""Keeping answers, and showing to somebody exactly those that may be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, selectinload

from workflows import families, forms, logbook, vault
from workflows.access import ADDRESS, OF_PARTNER, Readable
from workflows.actor import Actor
from workflows.cases import Case
from workflows.dossier.model import Entry, EntryValue, value_about
from workflows.errors import Invalid
from workflows.families import FamilyMember, MemberKind

#: Whether there is an answer about safety at all is already an answer; it leaves no trace for others.
UNSAID = "C5"
#: The form that answers a signal: what is in it was meant for who signalled.
FEEDBACK = "feedback"


class AnsweredTask(Protocol):
    """What an entry needs to know of the task it answers."""

    @property
    def id(self) -> Any: ...
    @property
    def run_id(self) -> Any: ...
    @property
    def subject_kind(self) -> Any: ...
    @property
    def subject_id(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as one actor may read it; ``values`` holds only what is readable.

    ``withheld``: there is more, in compartments this actor may not read; never said about safety.
    """

    id: UUID
    form_key: str
    bundle_digest: str
    organisation_id: UUID | None
    role: str
    author_id: UUID | None
    observed_at: datetime
    recorded_at: datetime
    supersedes_id: UUID | None
    about_id: UUID | None
    superseded: bool
    values: tuple[forms.Value, ...]
    withheld: bool


def record(
    session: Session,
    *,
    task: AnsweredTask | None = None,
    case_id: UUID | None = None,
    form: forms.Form,
    answers: forms.Answers,
    by: Actor,
    at: datetime,
    observed_at: datetime | None = None,
    supersedes: Entry | None = None,
    about: FamilyMember | None = None,
) -> Entry:
    """Keep clean answers as an entry that never changes.

    Args:
        task: that was answered; without one (a message such as a loss) give *case_id*.
        observed_at: when it was seen or said, if that was earlier, e.g. on paper during a home visit.
        supersedes: the entry that this one corrects; both stay readable.
        about: whose data it is, when it is not the parent whom the case speaks with. What is asked of a partner lands in the
            partner's compartment, wherever the form has it: only the partner opens that.

    Raises:
        Invalid: *observed_at* lies in the future, or the corrected entry is about something else.
    """
    if observed_at is not None and observed_at > at:
        raise Invalid("observed in the future", errors={"observed_at": ["Dit moment ligt in de toekomst."]})
    if task is not None:
        subject_kind, subject_id = str(task.subject_kind), task.subject_id
        case_id = subject_id if subject_kind == "case" else None
    elif case_id is not None:
        subject_kind, subject_id = "case", case_id
    else:
        raise ValueError("an entry needs a task or a case")
    if supersedes is not None and (supersedes.form_key, supersedes.subject_id) != (form.key, subject_id):
        raise Invalid(f"entry {supersedes.id} answers another form or is about something else")
    of_partner = about is not None and about.kind == MemberKind.PARTNER
    entry = Entry(
        id=uuid4(),
        subject_kind=subject_kind,
        subject_id=subject_id,
        case_id=case_id,
        run_id=None if task is None else task.run_id,
        task_id=None if task is None else task.id,
        form_key=form.key,
        bundle_digest=form.digest,
        author_id=by.person_id,
        organisation_id=by.organisation_id,
        role=by.role,
        observed_at=observed_at or at,
        recorded_at=at,
        supersedes_id=None if supersedes is None else supersedes.id,
        about_id=None if about is None else about.id,
        values=[_kept(session, value, of_partner=of_partner) for value in forms.split(form, answers)],
    )
    session.add(entry)
    return entry


def _kept(session: Session, said: forms.Value, *, of_partner: bool) -> EntryValue:
    """As it goes into the database: what is about safety is closed."""
    key, value = uuid4(), said.value
    compartment = OF_PARTNER.get(said.compartment, said.compartment) if of_partner else said.compartment
    if said.compartment == UNSAID:
        value = vault.of(session).seal_json(value, about=value_about(key))
    return EntryValue(id=key, field=said.field, position=said.position, stored=value, compartment=compartment)


def withdraw(session: Session, entry_id: UUID, *, by: Actor, at: datetime) -> Entry | None:
    """Take an entry back that nobody has built on: it shows and counts nowhere any more, and stays as it was said.

    Returns:
        None when there is none, or it was corrected meanwhile: then it stays.
    """
    entry = session.get(Entry, entry_id)
    if entry is None or session.scalar(select(Entry.id).where(Entry.supersedes_id == entry_id)) is not None:
        return None
    entry.withdrawn_at = at
    session.flush()
    logbook.write(session, "entry.withdrawn", "entry", entry.id, case_id=entry.case_id, by=by, at=at)
    return entry


def entries(
    session: Session, *, case_id: UUID, readable: Readable, by: Actor, until: datetime | None = None
) -> list[EntryView]:
    """The entries of a case, oldest first, each with only the values that *by* may read.

    An entry of which nothing may be known, not even that it is there, is left out.

    Args:
        until: as it was at that moment: what was written down later is left out, also when it corrected something.
    """
    rows = session.scalars(
        select(Entry)
        .where(Entry.case_id == case_id, *([] if until is None else [Entry.recorded_at <= until]))
        .options(selectinload(Entry.values))
        .order_by(Entry.recorded_at, Entry.id)
    ).all()
    superseded = {row.supersedes_id for row in rows}
    shielded = not readable.address and _shielded(session, case_id)
    return [view for row in rows if (view := _view(row, readable, by, superseded, shielded=shielded)) is not None]


def _shielded(session: Session, case_id: UUID) -> bool:
    case = session.get(Case, case_id)
    return case is not None and case.family_id is not None and families.has_shielded_address(session, case.family_id)


def answers_of(session: Session, entry_id: UUID, form: forms.Form) -> forms.Answers:
    """All answers of one entry, for the rooms; what may be shown is decided elsewhere."""
    rows = session.scalars(select(EntryValue).where(EntryValue.entry_id == entry_id))
    return forms.join(form, [forms.Value(row.field, row.position, row.value, row.compartment) for row in rows])


def latest_answers(session: Session, *, case_id: UUID, form_key: str) -> Mapping[str, Any]:
    """Single answers (field → value) of the newest entry for a form in a case; empty when there is none."""
    entry_id = session.scalar(
        select(Entry.id)
        .where(Entry.case_id == case_id, Entry.form_key == form_key)
        .order_by(Entry.recorded_at.desc())
        .limit(1)
    )
    if entry_id is None:
        return {}
    rows = session.scalars(select(EntryValue).where(EntryValue.entry_id == entry_id))
    return {row.field: row.value for row in rows}


def latest_values(session: Session, *, case_id: UUID, form_key: str, field: str) -> tuple[Entry | None, list[Any]]:
    """The newest entry for a form in a case, and what was chosen there for one field, in order; for the rooms."""
    entry = session.scalars(
        select(Entry)
        .where(Entry.case_id == case_id, Entry.form_key == form_key)
        .order_by(Entry.recorded_at.desc())
        .limit(1)
    ).first()
    if entry is None:
        return None, []
    chosen = select(EntryValue).where(EntryValue.entry_id == entry.id, EntryValue.field == field)
    return entry, [row.value for row in session.scalars(chosen.order_by(EntryValue.position))]


def erase_case(session: Session, *, case_id: UUID) -> int:
    """Erase every answer of a case; that an entry was made, by whom and when, stays."""
    every = Entry.__table__.c  # what was taken back as well
    ids = list(session.scalars(select(every.id).where(every.case_id == case_id)))
    session.execute(delete(EntryValue).where(EntryValue.entry_id.in_(ids)))
    session.execute(update(Entry).where(Entry.id.in_(ids)).values(about_id=None))
    return len(ids)


def _view(
    entry: Entry, readable: Readable, by: Actor, superseded: Collection[UUID | None], *, shielded: bool
) -> EntryView | None:
    own = entry.organisation_id is not None and entry.organisation_id == by.organisation_id
    shown, withheld, known = [], False, False
    for value in entry.values:
        tells_where = shielded and not own and value.field.rsplit(".", 1)[-1] in ADDRESS
        if not tells_where and readable.reads(
            value.compartment,
            own_organisation=own,
            author=entry.author_id is not None and entry.author_id == by.person_id,
            own_role=entry.role == by.role,
            feedback=entry.form_key == FEEDBACK,
            value=value.value,
        ):
            shown.append(forms.Value(value.field, value.position, value.value, value.compartment))
        elif value.compartment != UNSAID:
            withheld = True
            known = known or value.compartment in readable.read
    if not shown and not known:
        return None
    return EntryView(
        id=entry.id,
        form_key=entry.form_key,
        bundle_digest=entry.bundle_digest,
        organisation_id=entry.organisation_id,
        role=entry.role,
        author_id=entry.author_id,
        observed_at=entry.observed_at,
        recorded_at=entry.recorded_at,
        supersedes_id=entry.supersedes_id,
        about_id=entry.about_id,
        superseded=entry.id in superseded,
        values=tuple(shown),
        withheld=withheld,
    )
