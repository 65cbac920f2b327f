"""The log for who looks after it: its lines with filters and as a file, and what was found to be unusual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api import log_files
from api.pages import log_words, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import local_date, now, reading, transaction
from workflows import method
from workflows.errors import Invalid, NotFound, WrongState

#: Field of the page → filter of the verb.
_NAMES = {
    "van": "since",
    "tot": "until",
    "medewerker": "person_id",
    "casus": "case_number",
    "soort": "log",
    "geweigerd": "refused",
    "noodgeval": "emergency",
    "bijzonder": "unusual",
}
_TICKS = ("geweigerd", "noodgeval", "bijzonder")
_KINDS = (("reads", "Alleen wat bekeken is"), ("changes", "Alleen wat gedaan is"))


@dataclass(frozen=True, slots=True)
class Row:
    """What one person did or saw at once: lines of one request stand together."""

    moment: str
    who: str
    role: str
    what: tuple[str, ...]
    case_number: str | None
    why: str
    allowed: str
    marks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Unusual reading, in words."""

    id: UUID
    title: str
    about: str
    counted: str
    when: str
    status: str
    status_text: str
    outcome: str
    explanation: str
    seen: str
    explained: str
    about_me: bool
    lost: bool  #: about something that is gone, not about who read
    receipt_id: UUID | None
    lines: Mapping[str, str]


@pages.get("/logboek")
def log() -> str | Response:
    typed = {name: request.args.get(name, "").strip() for name in _NAMES}
    wrong: Mapping[str, Sequence[str]] = {}
    try:
        filters = _filters(typed)
    except Invalid as refusal:
        filters, wrong = {}, refusal.errors
    try:
        return _page(typed, filters, wrong)
    except Invalid as refusal:
        return _page(typed, {}, refusal.errors)


@pages.get("/logboek/bestand.<string:form>")
def log_file(form: str) -> Response:
    if form not in log_files.FORMS:
        raise NotFound("no such form of export")
    typed = {name: request.args.get(name, "").strip() for name in _NAMES}
    return log_files.download(_filters(typed), form)


@pages.get("/logboek/meldingen")
def log_alarms() -> str:
    explained = "bekeken" in request.args
    with reading() as session:
        by = known(session)
        page = method.alarm_list(
            session, by=by, at=now(), explained=explained, cursor=request.args.get("vanaf"), page_size=25
        )
        found = [_finding(one) for one in page.items]
        return render("log_alarms.html", findings=found, explained=explained, next=page.next_cursor)


@pages.get("/logboek/meldingen/<uuid:alarm_id>")
def log_alarm(alarm_id: UUID) -> str:
    return _alarm_page(alarm_id)


@pages.post("/logboek/meldingen/<uuid:alarm_id>/gezien")
def see_log_alarm(alarm_id: UUID) -> Response:
    try:
        with transaction() as session:
            method.see_alarm(session, alarm_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        flash("Collega’s zien nu dat u deze melding bekijkt.", "ok")
    return redirect(url_for("pages.log_alarm", alarm_id=alarm_id), 303)


@pages.post("/logboek/meldingen/<uuid:alarm_id>")
def explain_log_alarm(alarm_id: UUID) -> Response | str:
    typed = {name: request.form.get(name, "") for name in ("outcome", "explanation")}
    try:
        with transaction() as session:
            method.explain_alarm(session, alarm_id, by=known(session), at=now(), **typed)
    except Invalid as refusal:
        return make_response(_alarm_page(alarm_id, typed, refusal.errors), 400)
    except WrongState as refusal:
        return make_response(_alarm_page(alarm_id, typed, {"explanation": [refusal.detail]}), 409)
    flash("De melding is afgerond.", "ok")
    return redirect(url_for("pages.log_alarms"), 303)


def _page(typed: Mapping[str, str], filters: Mapping[str, Any], wrong: Mapping[str, Sequence[str]]) -> Response | str:
    with reading() as session:
        by = known(session)
        at, cursor = now(), request.args.get("vanaf")
        page = (
            method.log_page(session, by=by, at=at, filters=filters, cursor=cursor, page_size=50) if not wrong else None
        )
        people = method.log_people(session, by=by, at=at)
        waiting = method.waiting_alarms(session, by=by, at=at)
    kept = {name: value for name, value in typed.items() if value}
    shown = render(
        "log.html",
        rows=[] if page is None else _rows(page.items),
        next=None if page is None else page.next_cursor,
        typed=typed,
        kept=kept,
        people=people,
        kinds=_KINDS,
        waiting=waiting,
        first=cursor is None,
        today=local_date().isoformat(),
        errors={name: " ".join(wrong[filter_]) for name, filter_ in _NAMES.items() if filter_ in wrong},
    )
    return make_response(shown, 400) if wrong else shown


def _filters(typed: Mapping[str, str]) -> dict[str, Any]:
    """What was chosen, as the verb takes it.

    Raises:
        Invalid: a day or a person that is none.
    """
    found: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, filter_ in _NAMES.items():
        if not (value := typed.get(name, "")):
            continue
        try:
            if name in ("van", "tot"):
                found[filter_] = words.read_day(value)
            elif name == "medewerker":
                found[filter_] = UUID(value)
            else:
                found[filter_] = True if name in _TICKS else value
        except ValueError:
            errors[filter_] = ["Kies een dag." if name in ("van", "tot") else "Kies een medewerker uit de lijst."]
    if errors:
        raise Invalid("log filters", errors=errors)
    return found


def _rows(lines: Sequence[method.LogLineView]) -> list[Row]:
    """Opening one page writes several lines; those stand in one row."""

    def together(line: method.LogLineView) -> tuple[Any, ...]:
        alone = None if line.request_id else (line.log, line.id)
        return (
            line.request_id,
            alone,
            line.person_id,
            line.role,
            line.case_number,
            line.outcome,
            line.emergency,
            line.unusual,
        )

    return [_row(list(same)) for _, same in groupby(lines, key=together)]


def _row(lines: Sequence[method.LogLineView]) -> Row:
    first = lines[0]
    marks = (
        ("geweigerd", "late") if first.outcome == "refused" else None,
        ("noodgeval", "late") if first.emergency else None,
        ("bijzonder", "soon") if first.unusual else None,
    )
    return Row(
        moment=words.moment(first.at),
        who=first.person_name
        or ("Een ouder" if first.role == "parent" else words.capital(words.say("system", words.ROLES))),
        role="" if first.person_id is None else words.say(first.role, words.ROLES),
        what=tuple(dict.fromkeys(log_words.event(line.event) for line in reversed(lines))),  # as it went
        case_number=first.case_number,
        why=", ".join(dict.fromkeys(filter(None, (log_words.purpose(line.purpose) for line in lines)))),
        allowed=", ".join(dict.fromkeys(filter(None, (log_words.rule(line.rule) for line in lines)))),
        marks=tuple(mark for mark in marks if mark),
    )


def _alarm_page(
    alarm_id: UUID, typed: Mapping[str, str] | None = None, wrong: Mapping[str, Sequence[str]] | None = None
) -> str:
    with reading() as session:
        found = method.alarm_view(session, alarm_id, by=known(session), at=now())
    return render(
        "log_alarm.html",
        finding=_finding(found),
        outcomes=[(code, log_words.OUTCOMES[code]) for code in found.outcomes],
        typed=typed or {},
        errors={name: " ".join(texts) for name, texts in (wrong or {}).items()},
    )


def _finding(one: method.AlarmView) -> Finding:
    about = [one.person_name, f"casus {one.case_number}" if one.case_number else None]
    week = one.kind == "many_readers"
    lines = {
        "van": one.began_at.astimezone(words.AMSTERDAM).date().isoformat(),
        "tot": one.until_at.astimezone(words.AMSTERDAM).date().isoformat(),
        "medewerker": str(one.person_id or ""),
        "casus": one.case_number or "",
        "bijzonder": "ja",
    }
    return Finding(
        id=one.id,
        title=log_words.KINDS.get(one.kind, one.kind),
        about=" · ".join(part for part in about if part),
        counted=log_words.counted(one.kind, one.count),
        when=f"week van {words.short_day(one.day)} tot en met {words.short_day(one.day + timedelta(days=6))}"
        if week
        else words.day(one.day),
        status=one.status,
        status_text=log_words.STATUSES[one.status],
        outcome=words.say(one.outcome, log_words.OUTCOMES),
        explanation=one.explanation,
        seen=f"{one.seen_by_name or 'Iemand'}, {words.moment(one.seen_at)}" if one.seen_at else "",
        explained=f"{one.explained_by_name or 'Iemand'}, {words.moment(one.explained_at)}" if one.explained_at else "",
        about_me=one.about_me,
        lost=one.kind == "lost_item",
        receipt_id=one.receipt_id,
        lines={name: value for name, value in lines.items() if value},
    )
