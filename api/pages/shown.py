"""What the rooms gave, with names and Dutch words in place of ids and codes. Hides and reveals nothing by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.pages import words
from workflows import method, organisations

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

_SAFETY = "C5"
_PARENTS = ("pregnant_person", "parent")


class Names:
    """Names of organisations, people and municipalities, each looked up once per page.

    Args:
        known: organisations that the page will name, looked up together already.
    """

    def __init__(self, session: Session, known: Mapping[UUID, str] | None = None) -> None:
        self._session = session
        self._known = known or {}
        self.organisation = lru_cache(maxsize=None)(self._organisation)
        self.municipality = lru_cache(maxsize=None)(self._municipality)

    def _organisation(self, key: UUID | None) -> str:
        if not key:
            return ""
        return self._known.get(key) or organisations.organisation(self._session, key).name

    def _municipality(self, code: str | None) -> str:
        return organisations.municipality(self._session, code).name if code else ""


@dataclass(frozen=True, slots=True)
class Task:
    """A task on a list."""

    id: UUID
    name: str
    due_at: datetime | None
    warned_at: datetime | None
    urgency: str | None
    phase: str | None
    language: str | None
    interpreter_needed: bool
    opened_at: datetime
    status: str
    mine: bool
    can_claim: bool
    organisation: str
    role: str
    municipality: str
    case_number: str | None
    parent_name: str | None
    note: Any = None  #: who of the team gave it, and their words
    is_new: bool = False


def task(card: Any, names: Names, *, can_claim: bool = False, new_since: datetime | None = None) -> Task:
    """One card; a number or a name is on it only if the room put it there."""
    return Task(
        id=card.id,
        name=card.name,
        due_at=card.due_at,
        warned_at=card.warned_at,
        urgency=card.urgency,
        phase=card.phase,
        language=card.language,
        interpreter_needed=card.interpreter_needed,
        opened_at=card.opened_at,
        status=card.status,
        mine=card.mine,
        can_claim=can_claim and card.status == "open",
        organisation=names.organisation(card.organisation_id),
        role=card.role,
        municipality=names.municipality(card.municipality_code),
        case_number=getattr(card, "case_number", None),
        parent_name=getattr(card, "parent_name", None),
        note=getattr(card, "note", None),
        is_new=new_since is not None
        and max(card.opened_at, getattr(card, "handed_at", None) or card.opened_at) >= new_since,
    )


@dataclass(frozen=True, slots=True)
class Family:
    """Who it is about and how to reach them safely; always in sight."""

    case_id: UUID
    number: str
    parent_name: str | None
    safe_contact: str | None
    safe_contact_detail: str | None
    language: str | None
    interpreter_needed: bool
    reading_support: bool
    municipality: str
    address: str | None = None  #: what is said of an address that is shielded


def spoken_to(members: Sequence[Any]) -> Any:
    """The parent whom it is about: who is pregnant comes first. None when there is no parent in sight."""
    return next((one for kind in _PARENTS for one in members if one.kind == kind), None)


def family(case: Any, members: Sequence[Any], names: Names) -> Family:
    """The parent who is spoken to; without one the case still tells the language."""
    parent = spoken_to(members)
    return Family(
        case_id=case.id,
        number=case.number,
        parent_name=parent.name if parent else None,
        safe_contact=parent.safe_contact if parent else None,
        safe_contact_detail=parent.safe_contact_detail if parent else None,
        language=(parent.preferred_language if parent else None) or (case.language if case.status != "draft" else None),
        interpreter_needed=bool(parent and parent.interpreter_needed),
        reading_support=bool(parent and parent.reading_support),
        municipality="" if parent and parent.address_withheld else names.municipality(case.municipality_code),
        address=_shielded(parent) if parent else None,
    )


def _shielded(parent: Any) -> str | None:
    if parent.address_withheld:
        return "Afgeschermd. Wie de casus vasthoudt, weet waar deze ouder is."
    return "Geheim: vertel niemand waar deze ouder is." if parent.shielded_address else None


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with everything that was answered to it."""

    question: str
    texts: tuple[str, ...]
    #: Of a list with several rows: which row begins with this question.
    begins_row: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A filled-in form, as far as it may be read."""

    title: str
    recorded_at: datetime
    organisation: str
    role: str
    superseded: bool
    answers: tuple[Answer, ...]
    withheld: bool
    id: UUID
    may_correct: bool = False
    author: str = ""
    corrects: bool = False  #: it stands in place of an earlier one


def entry(view: Any, names: Names, *, by: Actor | None = None, people: Mapping[UUID, str] | None = None) -> Entry:
    """Options of one checklist become one answer; what was written down later says so first.

    What was said about safety is not on the page of a case, not even for who wrote it down: a family may look along.
    """
    answers = tuple(_answers(value for value in view.values if value.compartment != _SAFETY))
    late = words.entered_later(view.observed_at, view.recorded_at)
    if late:
        answers = (Answer("Later ingevoerd", (late,)), *answers)
    return Entry(
        title=words.say(view.form_key, words.FORMS),
        recorded_at=view.recorded_at,
        organisation=names.organisation(view.organisation_id),
        role=view.role,
        superseded=view.superseded,
        answers=answers,
        withheld=view.withheld,
        id=view.id,
        may_correct=by is not None
        and method.may_correct(view.form_key, view.organisation_id, superseded=view.superseded, by=by),
        author=(people or {}).get(view.author_id, ""),
        corrects=view.supersedes_id is not None,
    )


@dataclass(frozen=True, slots=True)
class Filled:
    """A form with everything that was answered on it: what holds, newest first, and what was corrected since."""

    title: str
    entries: tuple[Entry, ...]
    corrected: tuple[Entry, ...]

    @property
    def newest(self) -> datetime:
        """When somebody last filled it in."""
        return max(one.recorded_at for one in (*self.entries, *self.corrected))


def by_form(entries: Sequence[Entry]) -> list[Filled]:
    """Entries by form, the form that was filled in last first. Nothing but what was said about safety: no line for it."""
    forms: dict[str, list[Entry]] = {}
    for one in entries:
        if one.answers or one.withheld:
            forms.setdefault(one.title, []).append(one)
    found = [
        Filled(
            title,
            tuple(one for one in reversed(same) if not one.superseded),
            tuple(one for one in reversed(same) if one.superseded),
        )
        for title, same in forms.items()
    ]
    return sorted(found, key=lambda one: one.newest, reverse=True)


@dataclass(frozen=True, slots=True)
class Now:
    """Where a case is: what is being done, by whom, until when. ``others``: how many other things wait."""

    what: str
    where: str
    until: datetime | None
    others: int


def where_we_are(case: Any, tasks: Sequence[Task]) -> Now:
    """What waits first: by its last day, and of what has none by when it began."""
    status = words.say(case.status, words.STATUSES)
    if not tasks:
        return Now(status, "", None, 0)
    first = min(tasks, key=lambda one: (one.due_at is None, one.due_at or one.opened_at))
    return Now(first.name, first.organisation, first.due_at, len(tasks) - 1)


_ROW = re.compile(r"(.+?)\[(\d+)\]")


def _answers(values: Iterable[Any]) -> Iterator[Answer]:
    """Row by row: what, who and when of one agreement stand together, and not the whats of all of them."""
    first: dict[str, int] = {}
    rows: dict[str, set[int]] = {}

    def place(numbered: tuple[int, Any]) -> tuple[int, int, int]:
        number, value = numbered
        row = _ROW.match(value.field)
        if row is None:
            return number, 0, number
        rows.setdefault(row[1], set()).add(int(row[2]))
        return first.setdefault(row[1], number), int(row[2]), number

    ordered = [value for _, value in sorted(enumerate(values), key=place)]
    before = ""
    for (name, label), same in groupby(ordered, key=lambda value: (value.field, value.label)):
        row = _ROW.match(name)
        begins = row is not None and row[0] != before and len(rows[row[1]]) > 1
        before = row[0] if row else ""
        yield Answer(label, tuple(_text(value) for value in same), int(row[2]) + 1 if row and begins else None)


def _text(value: Any) -> str:
    """Dates as people say them; everything else as the room gave it."""
    return words.short_day(value.text) if isinstance(value.value, str) and len(value.value) == 10 else value.text


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation that helps, and who does it there."""

    organisation: str
    role: str
    person: str | None
    holds: bool
    signalled: bool


def party(view: Any, names: Names) -> Party:
    """One of those who help in a case."""
    return Party(names.organisation(view.organisation_id), view.role, view.person_name, view.holds, view.signalled)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the family agrees with one recipient and purpose."""

    recipient: str
    purpose: str
    holds: bool


def consent_status(found: Iterable[Any], names: Names) -> list[Standing]:
    """For who follows how it stands."""
    return [
        Standing(
            names.organisation(one.recipient_organisation_id) or words.say(one.recipient_kind, words.RECIPIENTS),
            one.purpose,
            one.holds,
        )
        for one in found
    ]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A process of the case, drawn and in words."""

    name: str
    svg: str
    outline: tuple[Any, ...]
    live: bool


def drawing(view: Any) -> Drawing:
    """``live``: the case is in it now."""
    return Drawing(view.name, view.svg, tuple(view.outline), any(item.mark == "live" for item in view.outline))


@dataclass(frozen=True, slots=True)
class Case:
    """A case on the list."""

    id: UUID
    number: str
    parent_name: str | None
    status: str
    urgency: str
    holder: str
    municipality: str
    opened_at: datetime


def case(card: Any, names: Names) -> Case:
    """One row."""
    return Case(
        id=card.id,
        number=card.number,
        parent_name=getattr(card, "parent_name", None),
        status=card.status,
        urgency=card.urgency,
        holder=names.organisation(card.holder_organisation_id),
        municipality=names.municipality(card.municipality_code),
        opened_at=card.opened_at,
    )
