"""What happened in a case, in plain sentences by month. The same from what the page shows; nothing is looked up here but names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from babel.dates import format_date
from flask import request

from api.pages import plans, shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading
from workflows import method
from workflows.method import Happening, TimelineItem

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Sentences on the page of a case, and on one page of the timeline itself.
ON_CASE, ON_PAGE = 8, 60
#: Form → what somebody did who filled it in; after the name of who.
WROTE = {
    "signal": "schreef {who} het signaal op",
    "consent": "vroeg {who} de ouder om toestemming",
    "support_consent": "vroeg {who} de ouder om toestemming voor overleg en steun",
    "routing": "koos {who} hoe het verdergaat",
    "exploration": "verkende {who} samen met het gezin wat er speelt",
    "no_contact": "kreeg {who} geen contact",
    "feedback": "liet {who} aan de signaleerder weten hoe het ging",
    "follow_up": "sprak {who} een vervolg af",
    "hub_planning": "plande {who} een overleg in het knooppunt",
    "hub_minutes": "legde {who} vast wat er uit het overleg kwam",
    "support_plan": "schreef {who} het steunplan",
    "action_acceptance": "antwoordde {who} op een steunafspraak",
    "action_progress": "schreef {who} op hoe het met een steunafspraak ging",
    "evaluation": "keek {who} samen met het gezin terug",
    "taking_over": "nam {who} dit gezin op in de methode, halverwege",
    "birth": "meldde {who} een geboorte",
    "due_date_change": "veranderde {who} de uitgerekende datum",
    "move": "meldde {who} een verhuizing",
    "loss": "meldde {who} een verlies",
    "loss_follow_up": "schreef {who} op hoe de nazorg ging",
    "after_birth": "schreef {who} op hoe het na de geboorte gaat",
    "age_limit": "sprak {who} af wie er na de leeftijdsgrens is",
    "member": "schreef {who} op wie er bij het gezin hoort",
    "closure": "rondde {who} de casus af",
    "handover": "bereidde {who} een overdracht voor",
    "handover_offer": "las {who} een overdracht met de ouder door",
    "handover_question": "beantwoordde {who} een vraag over de overdracht",
    "handover_supplement": "vulde {who} aan wat bij de overdracht ontbrak",
    "birth_handover": "plande {who} de overdracht rond de geboorte",
    "handover_talk": "sprak {who} met wie overdroeg en de ouder",
    "handover_answer": "antwoordde {who} op een overdracht",
    "handover_contact": "sprak {who} de ouder voor het eerst na de overdracht",
}
_THERE = {True: "; de ouders waren erbij", False: "; de ouders waren er niet bij", None: ""}
_OFF = {"withdrawn": "trok {a} de overdracht aan {b} in", "expired": "verliep de overdracht van {a} aan {b}"}
_OVER = {
    "done": "was de afspraak{what} klaar",
    "stopped": "stopte de afspraak{what}",
    "refused": "kon de afspraak{what} niet doorgaan",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that happened. ``more`` stands below it."""

    on: date
    text: str
    more: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """E.g. ``november 2026`` with what happened in it, newest first."""

    name: str
    sentences: tuple[Sentence, ...]


@pages.get("/casussen/<uuid:case_id>/tijdlijn")
def case_timeline(case_id: UUID) -> str:
    """Everything that happened, some months at a time."""
    with reading() as session:
        by = known(session)
        story = method.case_story(session, case_id, by=by, at=now())
        names = shown.Names(session, story.organisations)
        found = method.timeline(story, at=now())
        page = max(1, request.args.get("blad", 1, type=int))
        part = found[(page - 1) * ON_PAGE : page * ON_PAGE]
        return render(
            "timeline.html",
            case=story.case.case,
            family=shown.family(story.case.case, story.case.members, names),
            months=months(part, names, story.people),
            page=page,
            more=len(found) > page * ON_PAGE,
        )


def months(found: Iterable[TimelineItem], names: shown.Names, people: Mapping[UUID, str]) -> list[Month]:
    """Sentences by month, in the order given."""
    return [
        Month(_month(key), tuple(sentence(one, names, people) for one in same))
        for key, same in groupby(found, key=lambda one: (one.on.year, one.on.month))
    ]


def sentence(one: TimelineItem, names: shown.Names, people: Mapping[UUID, str]) -> Sentence:
    """E.g. ``Op 3 november vroeg Vera (signaleerder, Praktijk X) de ouder om toestemming.``"""
    text = f"Op {format_date(one.on, 'd MMMM', locale='nl')} {_said(one, names, people)}."
    return Sentence(one.on, text, tuple(_more(one, names)))


def _said(one: TimelineItem, names: shown.Names, people: Mapping[UUID, str]) -> str:
    a, b = names.organisation(one.organisation_id), names.organisation(one.to_organisation_id)
    who = _who(one, a, people)
    what = f" ‘{one.text.strip().rstrip('.')}’" if one.text else f" {one.number}" if one.number else ""
    match one.kind:
        case Happening.BEGAN:
            return f"begon {a} met deze casus"
        case Happening.WRITTEN:
            form = words.say(one.code, words.FORMS)
            return WROTE.get(str(one.code), f"vulde {{who}} ‘{form}’ in").format(who=who)
        case Happening.CORRECTED:
            earlier = f" van {words.short_day(one.earlier_on)}" if one.earlier_on else ""
            return f"verbeterde {who} ‘{words.say(one.code, words.FORMS)}’{earlier}"
        case Happening.STATUS:
            return f"ging de casus verder: {words.say(one.code, words.STATUSES).lower()}"
        case Happening.HOLDER:
            role = f", als {words.say(one.role, words.ROLES)}" if one.role else ""
            in_person = people.get(one.person_id) if one.person_id else None
            name = f", namens hen {in_person}" if in_person else ""
            return f"ging {a or 'een andere organisatie'} de casus vasthouden{role}{name}"
        case Happening.HANDOVER_OFFERED:
            return f"bood {a} de casus aan {b} aan"
        case Happening.HANDOVER_ACCEPTED:
            return f"nam {b} de casus over van {a}"
        case Happening.HANDOVER_REFUSED:
            return f"nam {b} de casus niet over van {a}"
        case Happening.HANDOVER_OFF:
            return _OFF.get(str(one.code), _OFF["expired"]).format(a=a, b=b)
        case Happening.FIRST_CONTACT:
            return f"had {b} na de overdracht het eerste contact met de ouder"
        case Happening.MEETING:
            there = _THERE[one.parents_present]
            return f"was het overleg in het knooppunt{there}"
        case Happening.MEETING_OFF:
            return "ging het overleg in het knooppunt over dit gezin niet door"
        case Happening.CONSENTS:
            return f"legde {who} vast wat het gezin goedvindt"
        case Happening.CONSENT_WITHDRAWN:
            return "trok het gezin toestemming in"
        case Happening.SHARING_STOPPED:
            return "stopte het delen van gegevens met iemand"
        case Happening.PLAN_AGREED:
            return "ging de ouder akkoord met het steunplan"
        case Happening.ACTION_ACCEPTED:
            return f"nam {a} de afspraak{what} aan"
        case Happening.ACTION_OVER:
            return _OVER.get(str(one.code), _OVER["stopped"]).format(what=what)
        case Happening.EVALUATED:
            return f"keek het gezin samen terug: {words.say(one.code, plans.DECISIONS).lower()}"
        case Happening.COMMENTS:
            return (
                "schreef een collega een opmerking" if one.count == 1 else f"schreven collega’s {one.count} opmerkingen"
            )


def _who(one: TimelineItem, organisation: str, people: Mapping[UUID, str]) -> str:
    name = people.get(one.person_id) if one.person_id else None
    role = words.say(one.role, words.ROLES) if one.role else ""
    about = ", ".join(part for part in (role, organisation) if part)
    if name:
        return f"{name} ({about})" if about else name
    return f"{organisation} ({role})" if organisation and role else organisation or role or "iemand"


def _more(one: TimelineItem, names: shown.Names) -> Iterable[str]:
    if one.allowed:
        yield f"Het gezin vond goed: {_named(one.allowed, names)}."
    if one.refused:
        word = "Niet meer" if one.kind == Happening.CONSENT_WITHDRAWN else "Niet goed vond het gezin"
        yield f"{word}: {_named(one.refused, names)}."
    if one.status:
        yield f"De casus ging daarmee verder: {words.say(one.status, words.STATUSES).lower()}."
    if one.kind == Happening.MEETING and one.to_organisation_id:
        yield f"{names.organisation(one.to_organisation_id)} werd gekozen om de casus te regisseren."


def _named(recipients: Sequence[method.Recipient], names: shown.Names) -> str:
    """E.g. ``de gemeente en de kraamzorg (overdracht); de huisarts (steunafspraak)``: whom the same was asked for together."""
    purposes: dict[str, list[str]] = {}
    for one in recipients:
        kind = words.say(one.kind, words.RECIPIENTS)
        name = names.organisation(one.organisation_id) or (kind[:1].lower() + kind[1:])
        purposes.setdefault(name, []).append(words.say(one.purpose, words.PURPOSES))
    together: dict[str, list[str]] = {}
    for name, found in purposes.items():
        together.setdefault(", ".join(sorted(set(found))), []).append(name)
    return "; ".join(f"{words.listed(same)} ({what})" for what, same in together.items())


def _month(key: tuple[int, int]) -> str:
    return format_date(date(*key, 1), "MMMM y", locale="nl")
