"""Who looked at somebody's data, as a parent reads it: on the screen of who holds the case, and on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import make_response, request
from werkzeug.wrappers import Response

from api.pages import kept as keeping
from api.pages import words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading
from workflows import method
from workflows.errors import Invalid, NotFound

#: What is seen of a case as a whole, when the log does not say which kinds of data.
_WHOLE = "de casus"
_OVERVIEW = "dit overzicht"


@dataclass(frozen=True, slots=True)
class Looked:
    """One organisation on one day, in words."""

    organisation: str
    role: str
    often: str
    what: str
    why: str
    ground: str | None
    emergency: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day with who looked then."""

    day: date
    lines: tuple[Looked, ...]


@pages.get("/casussen/<uuid:case_id>/wie-keek")
def client_log(case_id: UUID) -> Response | str:
    return _page(case_id, "client_log.html")


@pages.get("/casussen/<uuid:case_id>/wie-keek/afdrukken")
def client_log_on_paper(case_id: UUID) -> Response | str:
    return _page(case_id, "client_log_print.html", printed=True)


def _page(case_id: UUID, template: str, *, printed: bool = False) -> Response | str:
    typed = {name: request.args.get(name, "").strip() for name in ("voor", "van", "tot")}
    wrong: dict[str, str] = {}
    with reading() as session:
        by = known(session)
        subjects = method.client_log_subjects(session, case_id, by=by, at=now())
        if not subjects:
            raise NotFound(f"case {case_id}: nobody to tell who looked")
        chosen = next((one for one in subjects if str(one.id) == typed["voor"]), None if typed["voor"] else subjects[0])
        if chosen is None:
            raise NotFound(f"case {case_id}: no such parent")
        try:
            found = method.client_log(
                session,
                case_id,
                subject_id=chosen.id,
                by=by,
                at=now(),
                since=_day(typed["van"]),
                until=_day(typed["tot"]),
                printed=printed,
            )
        except (Invalid, ValueError):
            wrong = {"tot": "Kies twee dagen; de laatste dag ligt niet voor de eerste."}
            found = method.client_log(session, case_id, subject_id=chosen.id, by=by, at=now(), printed=printed)
    shown = render(
        template,
        case_id=case_id,
        log=found,
        days=[Day(each.day, tuple(_looked(line) for line in each.lines)) for each in found.days],
        name=chosen.name or words.say(chosen.kind, words.MEMBERS),
        subjects=[(one.id, one.name or words.capital(words.say(one.kind, words.MEMBERS))) for one in subjects],
        typed=typed,
        errors=wrong,
        today=now(),
        nonce=keeping.nonce(by, chosen.id),
        kept={name: value for name, value in typed.items() if value},
    )
    return make_response(shown, 400) if wrong else shown


def _day(text: str) -> date | None:
    return words.read_day(text) if text else None


def _looked(line: method.ClientLogLine) -> Looked:
    kinds = [_OVERVIEW if code == "C11" else words.say(code, words.COMPARTMENTS) for code in line.compartments]
    times = "1 keer" if line.times == 1 else f"{line.times} keer"
    people = "" if line.people == 1 else f", door {line.people} medewerkers"
    return Looked(
        organisation=line.organisation,
        role=words.say(line.role, words.ROLES),
        often=f"{times}{people}",
        what=_joined(kinds or [_WHOLE]),
        why=line.why,
        ground=line.ground,
        emergency=line.emergency,
    )


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} en {parts[-1]}"
