"""The case as it was at a moment: choose when and why, read, and step from change to change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import plans, shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading
from workflows import access, method
from workflows.access import Scope
from workflows.errors import Invalid, NotFound
from workflows.method import CaseThen, Changed, NotKept

#: Why somebody looks back, as it is asked.
REASONS = {
    "complaint": "Er is een klacht",
    "calamity": "Er is iets ernstigs gebeurd (calamiteit)",
    "parent_asks": "De ouder vraagt hoe het toen was",
}
CHANGES = {
    Changed.STATUS: "de stap in de methode",
    Changed.HOLDER: "wie de casus vasthoudt",
    Changed.ENTRY: "een formulier",
    Changed.TASK: "een taak",
    Changed.CONSENT: "toestemming",
    Changed.PARTY: "wie meedoet",
    Changed.PLAN: "het plan",
}
MISSING = {
    NotKept.LOG_CUT: "Het logboek van toen is over zijn bewaartermijn. Wat daaruit komt, is niet meer te zeggen.",
    NotKept.RULES_SINCE: "De regels over wie wat mag zien, zijn na dit moment veranderd. Hier staat wat die organisaties met "
    "de regels van nu hadden mogen zien.",
    NotKept.HOLDER: "Wie de casus toen vasthield, is niet bewaard.",
    NotKept.HOLDER_PERSON: "Wie binnen het team de casus toen vasthield, is niet bewaard.",
    NotKept.TASK_TEAM: "Van een taak die later naar een ander team ging, is niet bewaard bij welk team die toen lag.",
    NotKept.TAKEN_BACK: "Er is daarna een formulier teruggenomen door wie het invulde. Dat is nergens meer te zien, ook niet hier.",
    NotKept.MUNICIPALITY: "Welke gemeente toen verantwoordelijk was, is niet bewaard.",
    NotKept.ERASED: "Wie het gezin was, is gewist. Dat is nergens meer te zien.",
    NotKept.WAITS: "De tekening wachtte later ergens op iets dat is gestopt. Of dat toen al zo was, is niet bewaard.",
}
#: What is never kept of the past, whatever the moment.
ALWAYS_MISSING = (
    "Namen, adressen en hoe het gezin te bereiken was: daarvan is alleen bewaard hoe het nu is.",
    "Termijnen van taken zoals ze toen stonden, en wat iemand typte maar niet verstuurde.",
)
OVER = {"withdrawn": "daarna ingetrokken", "replaced": "daarna opnieuw gevraagd"}
THROUGH = {
    "emergency": "door een noodinzage",
    "hub_item": "aan tafel in het knooppunt",
    "handover": "om over een overdracht te beslissen",
}
_OWN = (Scope.OWN, Scope.AUTHOR, Scope.SELF, Scope.OWN_ACTION, Scope.OWN_THEME, Scope.SHARED_PART)
_FORM = re.compile(r"\d{1,2}:\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Saw:
    """Who could see something, in words."""

    organisation: str
    role: str
    holder: bool
    through: str
    parts: tuple[str, ...]
    grounds: tuple[str, ...]
    people: str


@dataclass(frozen=True, slots=True)
class Waited:
    """A task that lay there, and what became of it."""

    name: str
    where: str
    role: str | None
    claimed: bool
    since: datetime
    still: bool


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed to with one recipient, and for what."""

    recipient: str
    purposes: str
    categories: tuple[str, ...]
    over: tuple[str, ...]


@pages.get("/casussen/<uuid:case_id>/toen")
def case_then(case_id: UUID) -> Response | str:
    """Nothing is shown, nor written down, before somebody said why."""
    typed = {name: request.args.get(name, "").strip() for name in ("moment", "dag", "tijd", "reden")}
    asked = any(typed.values())
    errors: dict[str, str] = {}
    with reading() as session:
        by = known(session)
        door = method.may_look_back(session, case_id, by=by, at=now())
        view: CaseThen | None = None
        moment = _moment(typed, errors) if asked else None
        if asked and not errors:
            try:
                view = method.case_at(session, case_id, moment=moment, purpose=typed["reden"], by=by, at=now())
            except Invalid as wrong:
                errors = {_FIELD.get(name, name): " ".join(texts) for name, texts in wrong.errors.items()}
        if asked and errors and not typed["reden"]:
            errors.setdefault("reden", "Kies waarom u terugkijkt.")
        context: dict[str, Any] = {} if view is None else _drawn(view, shown.Names(session, view.organisations))
        if view is not None:
            local = view.moment.astimezone(words.AMSTERDAM)
            typed |= {"dag": local.date().isoformat(), "tijd": f"{local:%H:%M}"}
        page = render(
            "looking_back.html",
            case_id=case_id,
            number=door.number,
            content=door.content,
            opened_at=door.opened_at,
            view=view,
            typed=typed,
            errors=errors,
            reasons=REASONS,
            today=now().astimezone(words.AMSTERDAM).date().isoformat(),
            **context,
        )
        return make_response(page, 400) if errors else page


@pages.get("/logboek/toen")
def log_then() -> Response:
    """For who looks after the log, who knows a case by its number."""
    with reading() as session:
        case_id = method.case_by_number(session, request.args.get("casus", ""), by=known(session), at=now())
    return redirect(url_for("pages.case_then", case_id=case_id), 303)


_FIELD = {"purpose": "reden", "moment": "dag"}


def _moment(typed: Mapping[str, str], errors: dict[str, str]) -> datetime | None:
    """The exact moment of a link, else a day and a time as people type them, Dutch time; nothing: now. Of the hour that comes
    twice when summer time ends, the first one."""
    if typed["moment"] and not typed["dag"]:
        try:
            found = datetime.fromisoformat(typed["moment"])
        except ValueError:
            raise NotFound("no such moment") from None
        if found.tzinfo is None:
            raise NotFound("no such moment")
        return found
    if not typed["dag"]:
        if typed["tijd"]:
            errors["dag"] = "Kies een dag."
        return None
    try:
        day = words.read_day(typed["dag"])
    except ValueError:
        errors["dag"] = "Vul een dag in, zoals 3-11-2026."
        return None
    try:
        clock = time.fromisoformat(typed["tijd"].zfill(5)) if typed["tijd"] else time(23, 59)
        if typed["tijd"] and not _FORM.fullmatch(typed["tijd"]):
            raise ValueError(typed["tijd"])
    except ValueError:
        errors["tijd"] = "Vul een tijd in, zoals 14:30."
        return None
    begin = datetime.combine(day, clock if typed["tijd"] else time(), words.AMSTERDAM)
    chosen = datetime.combine(day, clock, words.AMSTERDAM).replace(second=59, microsecond=999_999)
    return now() if begin <= now() < chosen else chosen  # of a minute, or a day, that is not over yet: until now


def _drawn(view: CaseThen, names: shown.Names) -> dict[str, Any]:
    entries = [shown.entry(one, names, people=view.people) for one in view.then.entries]
    corrected = {one.id for one in view.now.entries if one.superseded}
    return {
        "before": _step(view.before),
        "after": _step(view.after),
        "here_changed": words.listed([CHANGES[one] for one in view.here]),
        "holder": _holder(view, view.then, names),
        "holder_now": _holder(view, view.now, names),
        "municipality": names.municipality(view.then.municipality_code),
        "differences": tuple(_differences(view, names)),
        "tasks": [_task(one, view, names) for one in view.then.tasks],
        "forms": shown.by_form(entries),
        "corrected_since": {one.id for one in view.then.entries if not one.superseded and one.id in corrected},
        "agreed": _agreed(view, names),
        "plan": view.then.plan,
        "actions": _actions(view, names),
        "plan_statuses": plans.PLAN_STATUSES,
        "diagrams": [shown.drawing(one) for one in view.diagrams],
        "readers": [_saw(one, names) for one in view.then.readers],
        "missing": (*(MISSING[one] for one in view.not_kept), *(ALWAYS_MISSING if view.content else ())),
    }


def _step(found: method.Moment | None) -> dict[str, str] | None:
    if found is None:
        return None
    return {
        "moment": found.at.isoformat(),
        "when": words.moment(found.at),
        "what": words.listed([CHANGES[one] for one in found.kinds]),
    }


def _holder(view: CaseThen, state: method.StateThen, names: shown.Names) -> str:
    held = state.holder
    if not held.kept:
        return "niet bewaard"
    if held.organisation_id is None:
        return "niemand: de casus was gesloten" if state is view.then else "niemand: de casus is gesloten"
    who = view.people.get(held.person_id) if held.person_id else None
    role = words.say(held.role, words.ROLES)
    return f"{names.organisation(held.organisation_id)}, als {role}" + (f" ({who})" if who else "")


def _differences(view: CaseThen, names: shown.Names) -> Iterator[str]:
    """What is otherwise now, in sentences."""
    then, today = view.then, view.now
    if then.status != today.status:
        yield f"De casus is nu: {words.say(today.status, words.STATUSES).lower()}."
    if then.holder != today.holder:
        yield (
            f"De casus wordt nu vastgehouden door {_holder(view, today, names)}."
            if today.holder.organisation_id
            else ("Niemand houdt de casus nu vast: zij is gesloten.")
        )
    if then.municipality_code != today.municipality_code:
        yield f"De gemeente is nu {names.municipality(today.municipality_code) or 'niet bekend'}."
    before = {(one.organisation_id, one.role) for one in then.parties}
    after = {(one.organisation_id, one.role) for one in today.parties}
    for team in sorted(after - before, key=str):
        yield f"{names.organisation(team[0])} ({words.say(team[1], words.ROLES)}) doet nu mee."
    for team in sorted(before - after, key=str):
        yield f"{names.organisation(team[0])} ({words.say(team[1], words.ROLES)}) doet nu niet meer mee."
    yield from _counted(
        len(today.entries) - len(then.entries), "Er kwam één formulier bij.", "Er kwamen {} formulieren bij."
    )
    over = {one.id for one in then.tasks} - {one.id for one in today.tasks}
    yield from _counted(
        len(over), "Eén taak van toen is nu klaar of vervallen.", "{} taken van toen zijn nu klaar of vervallen."
    )
    ended = sum(one.over is not None for one in then.consents)
    yield from _counted(
        ended,
        "Eén toestemming van toen geldt nu niet meer, of is opnieuw gevraagd.",
        "{} toestemmingen van toen gelden nu niet meer, of zijn opnieuw gevraagd.",
    )
    if then.plan != today.plan and today.plan is not None:
        yield (
            f"Het plan is nu versie {today.plan.version}."
            if then.plan is None or (then.plan.version != today.plan.version)
            else "Met afspraken uit het plan is daarna iets gebeurd."
        )


def _counted(count: int, one: str, many: str) -> Iterator[str]:
    if count > 0:
        yield one if count == 1 else many.format(count)


def _task(one: method.TaskThen, view: CaseThen, names: shown.Names) -> Waited:
    where = names.organisation(one.organisation_id) if one.organisation_id else "een team dat niet is bewaard"
    still = one.id in {other.id for other in view.now.tasks}
    return Waited(one.name, where, one.role, one.claimed, one.opened_at, still)


def _agreed(view: CaseThen, names: shown.Names) -> list[Agreed]:
    """Per recipient; purposes for which the same may be shared stand together."""
    asked: dict[tuple[str, str], list[Any]] = {}
    for one in view.then.consents:
        if one.holds:
            to = names.organisation(one.recipient_organisation_id) or words.say(one.recipient_kind, words.RECIPIENTS)
            asked.setdefault((to, one.purpose), []).append(one)
    groups: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (to, purpose), same in sorted(asked.items()):
        codes = access.in_order({one.category for one in same})
        over = tuple(sorted({OVER[one.over] for one in same if one.over}))
        what = tuple(words.say(code, words.COMPARTMENTS) for code in codes)
        groups.setdefault((to, what, over), []).append(words.say(purpose, words.PURPOSES).lower())
    return [Agreed(to, words.listed(purposes), what, over) for (to, what, over), purposes in groups.items()]


def _actions(view: CaseThen, names: shown.Names) -> list[dict[str, Any]]:
    if view.then.plan is None:
        return []
    today = {one.number: one.status for one in (view.now.plan.actions if view.now.plan else ())}
    return [
        {
            "number": one.number,
            "what": one.what,
            "who": names.organisation(one.organisation_id) or one.owner_name or "",
            "status": words.say(one.status, plans.ACTION_STATUSES),
            "now": words.say(today[one.number], plans.ACTION_STATUSES)
            if one.number in today and today[one.number] != one.status
            else "",
        }
        for one in view.then.plan.actions
        if one.in_plan
    ]


def _saw(one: method.Sight, names: shown.Names) -> Saw:
    def said(scopes: Sequence[Scope]) -> str:
        codes = access.in_order(name for name, scope in one.read.items() if scope in scopes)
        return words.listed([words.say(code, words.COMPARTMENTS).lower() for code in codes])

    status = [scope for scope in Scope if scope not in (Scope.ALL, *_OWN)]
    parts = [
        f"{intro} {text}."
        for intro, text in (
            ("Alles over:", said([Scope.ALL])),
            ("Alleen wat zij zelf opschreven of deden:", said(_OWN)),
            ("Alleen het nodigste, of hoe het ervoor stond:", said(status)),
        )
        if text
    ]
    people = (
        "Niemand kon toen zo inloggen."
        if not one.people
        else f"{one.people} {'mens' if one.people == 1 else 'mensen'} konden zo inloggen."
    )
    if one.people == 1:
        people = "Eén persoon kon zo inloggen."
    if one.blocked:
        people += f" Voor {'één van hen' if one.blocked == 1 else f'{one.blocked} anderen'} was de casus afgeschermd."
    return Saw(
        names.organisation(one.organisation_id),
        words.say(one.role, words.ROLES),
        one.holder,
        THROUGH.get(one.through, "") if one.through != "party" else "",
        tuple(parts) or ("Niets van het gezin.",),
        tuple(sorted({words.say(ground, words.GROUNDS) for ground in one.grounds.values()})),
        people,
    )
