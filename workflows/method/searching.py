"""Finding a case again: by name, day of birth, number or the number in one's own records, among what one may see anyway, and only by what one may see of it.

What was typed narrows the visible cases down in the database. Whether a case is found is decided on its people as the
asker may see them, so that nobody is found by a name or a day that is not theirs to know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, true
from sqlalchemy import case as when
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, families, logbook, vault
from workflows.actor import Actor
from workflows.cases import Case, CaseReference
from workflows.db import house
from workflows.errors import Invalid, Unreadable
from workflows.families import FamilyMember, NameKey
from workflows.method.facts import case_facts
from workflows.method.reading import member_views
from workflows.method.views import CaseCard, MemberView

#: Cases on one page; who sees more has typed too little.
MANY = 10
#: Characters of what is typed.
LONGEST = 200
#: Cases that are looked at more closely; sounding alike is cheap to find and says little.
_CANDIDATES = 300
#: Cases; who sees no more is answered from them alone.
_SIGHT = 2000
#: People whose names share most with what was typed, whose cases are looked up for who sees more than that.
_HEARD = 10_000
#: From this likeness on only capitals, accents or spelling by ear are different.
_SAME = 0.97
#: How many years back a number without its year is looked for.
_YEARS = 6
#: How long a browser may come back to what was searched.
_KEPT = timedelta(minutes=30)
_MONTHS = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", re.ASCII)
_DAY = re.compile(r"\b(\d{1,2})[-/. ]{1,2}(\d{1,2})[-/. ]{1,2}(\d{4}|\d{2})\b", re.ASCII)
_SPOKEN = re.compile(r"\b(\d{1,2}) ([a-z]{3,9})\.? (\d{4})\b", re.ASCII | re.IGNORECASE)
_SOLID = re.compile(r"\b(\d{2})(\d{2})((?:19|20)\d{2})\b", re.ASCII)
_NUMBER = re.compile(r"\b(20\d\d)[-/ ](\d{1,9})\b", re.ASCII)
_HOW = "Typ een naam, een geboortedatum, een casusnummer of het nummer in uw eigen systeem."


class FoundBy(StrEnum):
    """Why a case was found."""

    NUMBER = "number"
    OWN_NUMBER = "own_number"  #: what the own organisation calls it
    NAME = "name"
    SIMILAR_NAME = "similar_name"
    BIRTH_DATE = "birth_date"


@dataclass(frozen=True, slots=True)
class Found:
    """One reason, with whom of the family it is about; ``member`` is cut to what the asker may see."""

    by: FoundBy
    member: MemberView | None = None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A case that was found, and why."""

    case: CaseCard
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class SearchView:
    """What was found, the best first; ``more``: there is more than fits. ``name``, ``birth_date`` and ``numbers`` say how
    what was typed was read, and ``own_number`` what may be a number in one's own records."""

    hits: tuple[SearchHit, ...]
    more: bool
    name: str
    birth_date: date | None
    numbers: tuple[str, ...]
    own_number: str


@dataclass(frozen=True, slots=True)
class _Search:
    """What was typed, taken apart. ``own_number``: all of it, when there are figures in it that are no day and no whole
    number of a case."""

    name: str = ""
    birth_date: date | None = None
    numbers: tuple[str, ...] = ()
    own_number: str = ""

    def kinds(self, *, own: bool) -> str:
        """By what was searched, for the log. *own*: what was typed is a number in one's own records, whatever else it is."""
        said = {
            "number": self.numbers, "own_number": own or self.own_number,
            "name": self.name, "birth_date": self.birth_date,
        }  # fmt: skip
        return " ".join(kind for kind, given in said.items() if given)

    def text(self) -> str:
        """The question in one form, to prove later what was asked; never kept, only a salted digest of it."""
        day = self.birth_date and self.birth_date.isoformat()
        said: list[Any] = ["search", list(self.numbers), families.name_words(self.name), day]
        return json.dumps([*said, CaseReference.key_of(self.own_number)] if self.own_number else said)


def read_search(text: str, *, on: date) -> _Search:
    """Take apart what somebody typed in one box: days and numbers of cases as people write them; the rest is a name.

    Args:
        on: local day it is; a year of two digits and a number without a year are before it.

    Raises:
        Invalid: nothing to search for, or a day that does not exist.
    """
    if len(text) > LONGEST:
        raise _invalid(f"Typ niet meer dan {LONGEST} tekens.")
    rest, day = _take_day(text, on)
    numbers: tuple[str, ...] = ()
    if match := _NUMBER.search(rest):
        numbers = (f"{match[1]}-{int(match[2]):04d}",)
        rest = rest.replace(match[0], " ")
    own = _reference(text) if re.search(r"\d", rest) else ""
    if not numbers and re.fullmatch(r"\s*\d{1,9}\s*", rest, re.ASCII):
        numbers = tuple(f"{on.year - back}-{int(rest):04d}" for back in range(_YEARS))
        rest = ""
    name = " ".join(re.sub(r"\d", " ", rest).split())
    if not any(len(word) > 1 for word in families.name_words(name)):
        if name and not (day or numbers or own):
            raise _invalid("Typ ten minste twee letters van de naam.")
        name = ""
    if not (name or day or numbers or own):
        raise _invalid(_HOW)
    return _Search(name, day, numbers, own)


def search_cases(session: Session, text: str, *, by: Actor, at: datetime) -> SearchView:
    """The cases that *by* may see and that somebody means with *text*, closed ones too; the search is written down.

    The log holds by what was searched, a digest that proves the words to who knows them, and which cases were shown.

    Raises:
        NotAllowed: not for this role. Invalid: nothing to search for.
    """
    access.require(by, "search_cases", access.Facts(), at=at)
    refused: Invalid | None = None
    try:
        search = read_search(text, on=local_date(at))
    except Invalid as refusal:  # unless one's own records say so: 45-99-12 is no day, and may well be a number
        search, refused = _Search(own_number=_reference(text)), refusal
    hits: list[SearchHit] = []
    with logbook.deciding(session):  # what is not shown only decides; of what is shown there is a line
        own = _referred(session, text, by=by)
        if refused is not None and not own:
            raise refused
        for each in _ways(search.name):  # whether another way is tried, only what is shown decides
            for case in _likely(session, search, own, each, by=by):
                facts = case_facts(session, case, by=by, at=at)
                if not access.allows(by, "view_case", facts):
                    continue
                members = member_views(session, case, access.visible(by, facts), by, at=at)
                _, found = _judge(search, case.number, members, own=case.id in own)
                if found:
                    hits.append(SearchHit(CaseCard.of(case), found))
                if len(hits) > MANY:
                    break
            if hits:
                break
    shown = hits[:MANY]
    details = {
        "by": search.kinds(own=bool(own)),
        # As of an emergency: a bare hash of a name could be tried; with a key of the vault the words can be proved.
        "query": logbook.salted(vault.of(session).digests(search.text())[0].hex()),
    }
    logbook.listed(
        session, "cases.searched", [hit.case.id for hit in shown], by=by, at=at, purpose="search", rule="party",
        query=details,
    )  # fmt: skip
    return SearchView(
        tuple(shown), len(hits) > MANY, search.name, search.birth_date, search.numbers,
        search.own_number or (_reference(text) if own else ""),
    )  # fmt: skip


def keep_search(session: Session, text: str, *, by: Actor, at: datetime) -> str:
    """What was typed, closed, for the browser of who typed it to keep: so that the way back to what was found needs no
    name in an address. Whether there is something to find is not looked up.

    Raises:
        NotAllowed: not for this role.
    """
    access.require(by, "search_cases", access.Facts(), at=at)
    content = json.dumps([at.isoformat(), text[: LONGEST + 1]]).encode()
    return vault.of(session).seal(content, about=_about(by)).hex()


def kept_search(session: Session, sealed: str, *, by: Actor, at: datetime) -> str:
    """What :func:`keep_search` closed for *by* in this role a short while ago; else nothing.

    Raises:
        NotAllowed: not for this role.
    """
    access.require(by, "search_cases", access.Facts(), at=at)
    try:
        when, text = json.loads(vault.of(session).open(bytes.fromhex(sealed), about=_about(by)))
    except (Unreadable, ValueError):
        return ""
    return str(text) if at - datetime.fromisoformat(when) <= _KEPT else ""


def _about(by: Actor) -> str:
    return f"search/{by.person_id}/{by.assignment_id}"


def _reference(text: str) -> str:
    """What was typed, as a number that may stand in somebody's own records; else nothing."""
    said = " ".join(text.split())
    return said if len(said) <= cases.LONGEST_REFERENCE and said.isprintable() else ""


def _referred(session: Session, text: str, *, by: Actor) -> frozenset[UUID]:
    """Visible cases that *by*'s organisation calls so. Asked of the rows of that organisation only: what another one calls a
    case changes neither the answer nor the work."""
    if (called := cases.referred(text, by=by)) is None:
        return frozenset()
    found = select(Case.id).where(Case.id.in_(called), cases.visible_clause(by))
    return frozenset(session.scalars(found.order_by(Case.opened_at.desc(), Case.id).limit(_CANDIDATES)))


#: Keys of a name, for each word that they are of.
_Keys = list[list[str]]


def _ways(name: str) -> list[_Keys]:
    """By which keys a name is looked up: a key of every word; when that shows nothing, of any word."""
    each = [sorted(keys) for keys in families.wanted_by_word(name)] if name else []
    return [each, [sorted(families.wanted_keys(name))]] if len(each) > 1 else [each]


def _likely(session: Session, search: _Search, own: frozenset[UUID], each: _Keys, *, by: Actor) -> list[Case]:
    """Visible cases that may be meant, the best first, judged on all that is kept of them: good enough to know which to
    look at, and nothing of it leaves this module."""
    found = set(own)
    there = cases.visible_clause(by)
    if search.numbers:
        found.update(session.scalars(select(Case.id).where(Case.number.in_(search.numbers), there)))
    people = select(Case.id).join(FamilyMember, FamilyMember.family_id == Case.family_id).where(there)
    if search.birth_date is not None:
        born = people.where(FamilyMember.birth_date == search.birth_date)
        found.update(session.scalars(born.limit(_CANDIDATES)))
    if each:
        found |= _heard(session, each, by=by)
    if not found:
        return []
    rows = session.scalars(select(Case).where(Case.id.in_(found))).all()
    of_family: dict[UUID, list[MemberView]] = {}
    for one in session.execute(
        select(FamilyMember.id, FamilyMember.family_id, FamilyMember.kind, FamilyMember.name, FamilyMember.birth_date)
        .where(FamilyMember.family_id.in_([case.family_id for case in rows]))
    ):  # fmt: skip
        of_family.setdefault(one.family_id, []).append(MemberView(one.id, one.kind, one.name, one.birth_date))
    judged = [
        (case, score)
        for case in rows
        if (
            score := _judge(search, case.number, of_family.get(case.family_id or UUID(int=0), ()), own=case.id in own)[
                0
            ]
        )
        > 0
    ]
    judged.sort(key=lambda one: (-one[1], -one[0].opened_at.timestamp(), one[0].id))
    return [case for case, _ in judged]


def _heard(session: Session, each: _Keys, *, by: Actor) -> set[UUID]:
    """Visible cases with somebody whose name has a key of each word, the most keys first.

    Who sees few cases is answered from those alone: what others have there costs nothing, and its time tells nothing. Else
    from the keys, and for no more people than can be looked up at once.

    As the house: row security would look up the case of every key of every name that sounds a little like it. The cases are
    narrowed down to what *by* may see in the same statement, and what is read of them afterwards is read as *by*.
    """
    every = sorted({key for keys in each for key in keys})
    of_each = [func.max(when((NameKey.key.in_(keys), 1), else_=0)) == 1 for keys in each if len(each) > 1]
    there = cases.visible_clause(by)
    with house(session):
        few = cases.related_ids(session, most=_SIGHT, by=by)
        if few is not None:
            people = (
                select(FamilyMember.id, Case.id.label("case_id"), Case.opened_at)
                .join(Case, Case.family_id == FamilyMember.family_id)
                .where(Case.id.in_(few), there).cte("people")
            )  # fmt: skip
            # The key with an empty text behind it: not by the index of keys, but by whose they are.
            query = (
                select(people.c.case_id)
                .join(NameKey, NameKey.member_id == people.c.id).where((NameKey.key + "").in_(every))
                .group_by(people.c.case_id, people.c.id, people.c.opened_at).having(and_(true(), *of_each))
                .order_by(func.count().desc(), people.c.opened_at.desc(), people.c.case_id)
            )  # fmt: skip
        else:
            alike = (
                select(NameKey.member_id, func.count().label("shared"))
                .where(NameKey.key.in_(every)).group_by(NameKey.member_id).having(and_(true(), *of_each))
                .order_by(func.count().desc()).limit(_HEARD).cte("alike")
            )  # fmt: skip
            query = (
                select(Case.id)
                .join(FamilyMember, FamilyMember.family_id == Case.family_id)
                .join(alike, alike.c.member_id == FamilyMember.id).where(there)
                .order_by(alike.c.shared.desc(), Case.opened_at.desc(), Case.id)
            )  # fmt: skip
        return set(session.scalars(query.limit(_CANDIDATES)))


def _judge(
    search: _Search, number: str, members: Sequence[MemberView], *, own: bool
) -> tuple[float, tuple[Found, ...]]:
    """How sure it is that a case is meant, and why. *own*: it is called so in the asker's own records."""
    found: list[Found] = []
    score = 0.0
    if own:
        score += 4.0
        found.append(Found(FoundBy.OWN_NUMBER))
    if number in search.numbers:
        # A number without its year: the newest is the likeliest.
        score += 3.0 - search.numbers.index(number) / 100
        found.append(Found(FoundBy.NUMBER))
    likes = [families.likeness(search.name, one.name) if search.name and one.name else 0.0 for one in members]
    best = max(likes, default=0.0)
    named = members[likes.index(best)] if best > 0 else None
    born = [one for one in members if search.birth_date is not None and one.birth_date == search.birth_date]
    if named is not None:
        score += best
        found.append(Found(FoundBy.NAME if best >= _SAME else FoundBy.SIMILAR_NAME, named))
    if born:
        one = named if named in born else born[0]
        score += 1.0 if one is named else 0.8
        found.append(Found(FoundBy.BIRTH_DATE, one))
    return score, tuple(found)


def _take_day(text: str, on: date) -> tuple[str, date | None]:
    """What was typed without the day in it, and the day."""
    for pattern in (_ISO, _SPOKEN, _DAY, _SOLID):
        if (match := pattern.search(text)) is None:
            continue
        if pattern is _ISO:
            year, month, day = (int(part) for part in match.groups())
        elif pattern is _SPOKEN:
            written = match[2].lower().replace("mrt", "maart")
            months = [place for place, name in enumerate(_MONTHS, 1) if name.startswith(written)]
            if len(months) != 1:
                continue
            year, month, day = int(match[3]), months[0], int(match[1])
        else:
            year, month, day = int(match[3]), int(match[2]), int(match[1])
        if year < 100:
            year += 2000 if 2000 + year <= on.year else 1900
        try:
            return text.replace(match[0], " ", 1), date(year, month, day)
        except ValueError:
            raise _invalid("Deze datum bestaat niet. Typ bijvoorbeeld 31-12-1996.") from None
    return text, None


def _invalid(told: str) -> Invalid:
    return Invalid("nothing to search for in what was typed", errors={"text": [told]})
