"""Correcting what was written down: a new entry that takes the place of the old one, which stays readable (D3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, consent, diagrams, dossier, forms, logbook, organisations, processes
from workflows.access import Readable
from workflows.actor import Actor
from workflows.cases import Case
from workflows.db import Base
from workflows.dossier import Entry, EntryValue
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.forms import Choices, Form
from workflows.method.choices import choices_for, words_of
from workflows.method.facts import case_facts, find_case
from workflows.processes import Place

NOTICE: Final = "correction_notice"
NAME: Final = "Lezen wat er verbeterd is"
#: Forms whose answers live on in a room of their own: there they are put right, not here.
ELSEWHERE: Final[Mapping[str, str]] = {
    "consent": "Leg de toestemming opnieuw vast. Dan geldt wat de ouder nu zegt.",
    "support_consent": "Leg de toestemming opnieuw vast. Dan geldt wat de ouder nu zegt.",
    "support_plan": "Kijk samen terug en pas het plan aan.",
    "evaluation": "Kijk samen opnieuw terug, of voeg eigen woorden van de ouder toe.",
    "rights_request": "Een verzoek verbetert u niet. Leg een nieuw verzoek vast.",
    "access_request": "Een antwoord op een verzoek verandert niet meer.",
    "correction_request": "Een antwoord op een verzoek verandert niet meer.",
    "erasure_request": "Een antwoord op een verzoek verandert niet meer.",
}


@dataclass(frozen=True, slots=True)
class CorrectionForm:
    """A form as it was asked then, with what was answered."""

    entry_id: UUID
    form: Form
    answers: Mapping[str, Any]
    choices: Choices


@dataclass(frozen=True, slots=True)
class Correction:
    """What came of a correction. ``to_call``: organisations that could read it before and are told by somebody in person,
    because the system shows them nothing any more."""

    entry_id: UUID
    told: tuple[str, ...]
    to_call: tuple[str, ...]


def correction_form(session: Session, case_id: UUID, entry_id: UUID, *, by: Actor, at: datetime) -> CorrectionForm:
    """What can be corrected in an entry, with the answers that *by* may read; the read is written down.

    Raises:
        NotFound, NotAllowed, WrongState: as for correcting it.
    """
    case, entry, form, readable = _found(session, case_id, entry_id, by=by, at=at, lock=False)
    reads = _reader(entry, readable, by)
    answers = _answers(form, [one for one in entry.values if reads(one.compartment)])
    schema = {**form.schema, "components": list(_drawn(form.schema.get("components", ()), reads))}
    logbook.read(
        session, "entry.viewed", "entry", entry.id, case_id=case.id, by=by, at=at, purpose="correction",
        rule="author_organisation",
    )  # fmt: skip
    return CorrectionForm(
        entry.id, replace(form, schema=schema), answers, _choices(session, case, entry, form, by=by, at=at)
    )


def correct_entry(
    session: Session, case_id: UUID, entry_id: UUID, *, answers: Mapping[str, Any], by: Actor, at: datetime
) -> Correction:
    """Write down what it should have been; answers that *by* may not read stay as they are. No route changes by it. Who
    could read the old answers hears that something was corrected, not what.

    Raises:
        NotFound: no such entry, or not for *by*. NotAllowed: another organisation wrote it.
        WrongState: corrected before, or this is put right elsewhere. Invalid: the form, or nothing changed.
    """
    case, entry, form, readable = _found(session, case_id, entry_id, by=by, at=at, lock=True)
    choices = _choices(session, case, entry, form, by=by, at=at)
    reads = _reader(entry, readable, by)
    fixed = {path for path, field in form.fields.items() if field.readonly}  # said by the process, typed by nobody
    answers = {path: said for path, said in answers.items() if path not in fixed}
    closed = {path for path, field in form.fields.items() if path in answers and not reads(field.compartment)}
    if closed:
        raise Invalid(f"entry {entry.id}: not {by.role}'s to correct", errors={path: [_CLOSED] for path in closed})
    merged = _merged(
        answers, _answers(form, [one for one in entry.values if one.field in fixed or not reads(one.compartment)])
    )
    clean = forms.clean(form, merged, on=local_date(entry.recorded_at), choices=choices)
    before = dossier.answers_of(session, entry.id, form)
    if clean == before:
        raise Invalid(f"entry {entry.id}: nothing corrected", detail="Er is niets veranderd.")
    new = dossier.record(
        session,
        case_id=case.id,
        form=form,
        answers=clean,
        by=by,
        at=at,
        observed_at=entry.observed_at,
        supersedes=entry,
    )
    session.flush()
    _point_at(session, entry, new)
    details = {"entry": entry.id.hex, "by_entry": new.id.hex, "form": form.key}
    logbook.write(session, "entry.corrected", "entry", new.id, case_id=case.id, by=by, at=at, details=details)
    told, to_call = _tell(session, case, new, by=by, at=at)
    session.flush()
    return Correction(new.id, told, to_call)


def _found(
    session: Session, case_id: UUID, entry_id: UUID, *, by: Actor, at: datetime, lock: bool
) -> tuple[Case, Entry, Form, Readable]:
    case, facts = find_case(session, case_id, by=by, at=at, lock=lock)
    access.require(by, "correct_entry", facts, at=at)
    readable = access.visible(by, facts)
    entry = session.get(Entry, entry_id)
    shown = {one.id: one for one in dossier.entries(session, case_id=case.id, readable=readable, by=by)}
    if entry is None or entry.case_id != case.id or entry.id not in shown:
        raise NotFound(f"case {case.id}: no entry {entry_id} for role {by.role}")
    if entry.organisation_id != by.organisation_id:
        raise NotAllowed(
            f"entry {entry.id} is of {entry.organisation_id}",
            detail="Een ander schreef dit. Vraag die organisatie om het te verbeteren.",
        )
    if (instead := ELSEWHERE.get(entry.form_key)) is not None:
        raise WrongState(f"entry {entry.id} of form {entry.form_key} is corrected elsewhere", detail=instead)
    if shown[entry.id].superseded:
        raise WrongState(
            f"entry {entry.id} was corrected before", detail="Dit is al verbeterd. Verbeter wat er nu staat."
        )
    form = forms.definition(diagrams.load(session, entry.bundle_digest), entry.form_key)
    return case, entry, form, readable


#: A concern about safety is told again, not put right: it goes to somebody, and is on no page that a family may look at.
_SAFETY: Final = "C5"
_CLOSED: Final = "Dit verbetert u hier niet. Gaat het over veiligheid, bel dan uw aandachtsfunctionaris."


def _reader(entry: Entry, readable: Readable, by: Actor) -> Callable[[str], bool]:
    """Which compartments of an entry *by* may read, and so correct."""
    author = entry.author_id is not None and entry.author_id == by.person_id
    return lambda kind: kind != _SAFETY and readable.reads(kind, own_organisation=True, author=author)


def _drawn(components: Iterable[Mapping[str, Any]], reads: Callable[[str], bool]) -> Iterator[Mapping[str, Any]]:
    """The questions that can be corrected; groups and lists of which nothing is left fall away."""
    for one in components:
        kind = one.get("properties", {}).get("compartment")
        if "key" in one and isinstance(kind, str) and not reads(kind):
            continue
        if "components" in one:
            inside = list(_drawn(one["components"], reads))
            if any("key" in each or "components" in each for each in inside):
                yield {**one, "components": inside}
            continue
        yield one


def _answers(form: Form, values: Iterable[EntryValue]) -> Mapping[str, Any]:
    return forms.join(form, [forms.Value(one.field, one.position, one.value, one.compartment) for one in values])


def _merged(given: Mapping[str, Any], hidden: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, with what nobody could see there as it was: whole questions and groups, and single options of a list."""
    merged = dict(given)
    for name, kept in hidden.items():
        said = merged.get(name)
        if isinstance(kept, Mapping):
            merged[name] = _merged(said if isinstance(said, Mapping) else {}, kept)
        elif isinstance(kept, list) and isinstance(said, list) and not any(isinstance(one, Mapping) for one in kept):
            merged[name] = [*(one for one in said if one not in kept), *kept]
        else:
            merged[name] = kept
    return merged


def may_correct(form_key: str, organisation_id: UUID | None, *, superseded: bool, by: Actor) -> bool:
    """Whether a page offers to correct an entry; whether it is possible is asked when somebody does."""
    return organisation_id == by.organisation_id and not superseded and form_key not in ELSEWHERE


def _choices(session: Session, case: Case, entry: Entry, form: Form, *, by: Actor, at: datetime) -> Choices:
    """What can be chosen now, and what was chosen then."""
    found = {key: list(pairs) for key, pairs in choices_for(session, form, case, by=by, at=at).items()}
    for value in session.scalars(select(EntryValue).where(EntryValue.entry_id == entry.id)):
        field = form.field_at(value.field)
        if field is None or field.values_key is None:
            continue
        pairs = found.setdefault(field.values_key, [])
        if str(value.value) not in {one for one, _ in pairs}:
            pairs.append((str(value.value), words_of(session, field, value.value)))
    return {key: tuple(pairs) for key, pairs in found.items()}


def _point_at(session: Session, old: Entry, new: Entry) -> None:
    """Rooms that read what was said read the corrected answers; the old entry is found through the new one. What was said
    about safety stays what made somebody concerned."""
    for table in Base.metadata.sorted_tables:
        if table.name in ("entries", "entry_values", "safety_notes"):
            continue
        for column in table.columns:
            if any(one.column.table.name == "entries" for one in column.foreign_keys):
                session.execute(update(table).where(column == old.id).values({column: new.id}))
    session.expire_all()


def _tell(
    session: Session, case: Case, new: Entry, *, by: Actor, at: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    run = processes.run_of(session, "case", case.id)
    told: dict[UUID, str] = {}
    for party in cases.parties(session, case.id):
        if (party.organisation_id, party.role) == (by.organisation_id, by.role):
            continue
        if not _reads(session, case, new, party.organisation_id, party.role, at=at):
            continue
        key = f"corrected:{new.id.hex}:{party.organisation_id.hex}:{party.role}"
        task = processes.add_task(
            session,
            run,
            name=NAME,
            form_key=NOTICE,
            place=Place(party.organisation_id, party.role, case.municipality_code),
            at=at,
            documentation="In een casus die u kon lezen, is iets verbeterd.",
            key=key,
        )
        session.flush()
        logbook.write(session, "task.added", "task", task.id, case_id=case.id, by=by, at=at)
        told[party.organisation_id] = organisations.organisation(session, party.organisation_id).name
    earlier = {
        one.recipient_organisation_id
        for one in consent.disclosures(session, case.id)
        if one.ended_at is not None and one.recipient_organisation_id is not None and one.categories
    }
    gone = earlier - set(told) - {by.organisation_id}
    names = (organisations.organisation(session, one).name for one in gone if one is not None)
    return tuple(sorted(told.values())), tuple(sorted(names))


def _reads(session: Session, case: Case, new: Entry, organisation_id: UUID, role: str, *, at: datetime) -> bool:
    """Whether somebody of that organisation, in that role, could read anything of the entry."""
    anybody = Actor(case.id, None, organisation_id, role)
    readable = access.visible(anybody, case_facts(session, case, by=anybody, at=at))
    found = dossier.entries(session, case_id=case.id, readable=readable, by=anybody)
    return any(one.id == new.id and one.values for one in found)
