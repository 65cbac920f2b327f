"""A case on one page: to paste into one's own records, to read, and as a PDF that never takes a second page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from api.pages import shown, timelines, typeset, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import Invalid

if TYPE_CHECKING:
    from workflows.db import Session

TEMPLATE = Path(__file__).parent / "summary.typ"
MORE = "Er is meer: zie het dossier."
#: Lines of a section, and signs of a line: what fits most often, and what always does.
ROOM = ((12, 400), (8, 220), (6, 120), (4, 80), (3, 50))
#: Signs of a fact, whatever the room: how to reach somebody safely is not told by half.
FACT = 300
_ACTIONS = {"proposed": "wacht op antwoord", "accepted": "loopt"}
_PAGES = re.compile(rb"/Type\s*/Page\b")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with lines; ``cut``: there is more than stands here."""

    title: str
    lines: tuple[str, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything on the page, in words."""

    title: str
    author: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    footer: str
    more: str = MORE


@pages.get("/casussen/<uuid:case_id>/samenvatting")
def case_summary(case_id: UUID) -> str:
    """To copy from without a script; as much taken along as a file is, and written down as that."""
    with reading() as session:
        found, card = _read(session, case_id, "page")
        return render("summary.html", case=card, summary=found, text=as_text(found))


@pages.get("/casussen/<uuid:case_id>/samenvatting.txt")
def case_summary_text(case_id: UUID) -> Response:
    """What the button on the page of a case puts on the clipboard."""
    with reading() as session:
        found, _ = _read(session, case_id, "text")
        return Response(as_text(found), mimetype="text/plain")


@pages.get("/casussen/<uuid:case_id>/samenvatting.pdf")
def case_summary_pdf(case_id: UUID) -> Response:
    """One page A4, however long the case is."""
    with reading() as session:
        found, _ = _read(session, case_id, "pdf")
        data = as_pdf(found)
    return Response(
        data,
        mimetype="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="samenvatting.pdf"'},
    )


@pages.post("/casussen/<uuid:case_id>/eigen-nummer")
def keep_reference(case_id: UUID) -> Answer:
    typed = request.form.get("number", "")
    try:
        with transaction() as session:
            method.keep_case_reference(session, case_id, typed, by=known(session), at=now())
    except Invalid as refusal:
        flash(" ".join(refusal.errors.get("number", [refusal.detail])), "warning")
    else:
        kept = "Uw eigen nummer is bewaard. Alleen uw organisatie ziet het."
        flash(kept if typed.strip() else "Er staat nu geen eigen nummer bij deze casus.", "ok")
    return redirect(url_for("pages.case", case_id=case_id) + "#meenemen", 303)


def _read(session: Session, case_id: UUID, taken: method.Taken) -> tuple[Summary, method.CaseCard]:
    by = known(session)
    found = method.case_summary(session, case_id, taken=taken, by=by, at=now())
    names = shown.Names(session, found.story.organisations)
    maker = f"{g.me.name}, {words.say(g.me.role, words.ROLES)} bij {g.me.organisation}"
    return told(found, names, maker=maker), found.story.case.case


def told(found: method.CaseSummary, names: shown.Names, *, maker: str) -> Summary:
    """The summary in words.

    Args:
        maker: who takes it along, for below the page.
    """
    card = found.story.case.case
    return Summary(
        title=f"Samenvatting van casus {card.number}",
        author=maker,
        facts=tuple((question, answer) for question, answer in _facts(found, names) if answer),
        sections=tuple(one for one in _sections(found.story, names, found.made_at) if one.lines),
        footer=f"Gemaakt op {words.moment(found.made_at)} door {maker}. Vertrouwelijk: alleen wat deze persoon mag zien. "
        "Wat hierna verandert, staat er niet op.",
    )


def _facts(found: method.CaseSummary, names: shown.Names) -> Iterator[tuple[str, str]]:
    view = found.story.case
    card = view.case
    family = shown.family(card, view.members, names)
    parent = shown.spoken_to(view.members)
    yield "Wie", ", ".join(part for part in (parent.name, _born(parent.birth_date)) if part) if parent else ""
    yield "Ook in het gezin", "; ".join(_other(one) for one in view.members if one is not parent)
    contact = [words.say(family.safe_contact, words.CONTACT), family.safe_contact_detail or ""]
    yield "Veilig contact", ". ".join(part.rstrip(".") for part in contact if part)
    yield "Adres", family.address or ""
    language = words.say(family.language, words.LANGUAGES)
    needs = ["tolk nodig"] if family.interpreter_needed else []
    needs += ["hulp bij lezen en schrijven"] if family.reading_support else []
    yield "Taal", ", ".join(part for part in (language, *needs) if part)
    yield "Gemeente", family.municipality
    if card.status == "closed":
        yield "Stand", f"Gesloten op {words.short_day(card.closed_at)}"
    else:
        holder = names.organisation(card.holder_organisation_id)
        person = found.story.people.get(card.holder_person_id) if card.holder_person_id else None
        role = words.say(card.holder_role, words.ROLES)
        yield "Wie te bellen", ", ".join(part for part in (person or "", role, holder) if part)
        tasks = [shown.task(one, names) for one in view.tasks]
        where = shown.where_we_are(card, tasks)
        until = f", uiterlijk {words.short_day(where.until)}" if where.until else ""
        at = f", bij {where.where}" if where.where else ""
        yield (
            "Waar we zijn",
            f"{words.say(card.status, words.STATUSES)}: {where.what}{at}{until}" if tasks else where.what,
        )
    yield "Nummer bij ons", found.reference or ""


def _other(one: method.MemberView) -> str:
    kind = words.say(one.kind, words.MEMBERS)
    about = ", ".join(part for part in (kind if one.name else "", _born(one.birth_date)) if part)
    return f"{one.name or kind} ({about})" if about else one.name or kind


def _born(day: date | None) -> str:
    return f"geboren {words.short_day(day)}" if day else ""


def _sections(story: method.CaseStory, names: shown.Names, at: datetime) -> Iterator[Section]:
    plan = story.plan
    yield Section("Wat de ouder wil", tuple(one.parent_words for one in plan.goals))
    live = [one for one in plan.actions if one.in_plan and one.status in _ACTIONS]
    yield Section("Afspraken", tuple(_action(one, names) for one in live), plan.withheld)
    if plan.evaluation_on and plan.status == "agreed":
        yield Section("Samen terugkijken", (f"Op {words.day(plan.evaluation_on)}.",))
    yield Section("Toestemming", tuple(_consents(story, names)))
    last = method.timeline(story, at=at)
    said = [timelines.sentence(one, names, story.people) for one in last[:5]]
    yield Section(
        "Wat er het laatst gebeurde", tuple(f"{words.short_day(one.on)}: {one.text}" for one in said), len(last) > 5
    )


def _action(one: method.ActionView, names: shown.Names) -> str:
    owner = names.organisation(one.organisation_id) or one.owner_name or ""
    until = f"tot en met {words.short_day(one.ends_on)}" if one.ends_on else ""
    parts = (one.what or f"Afspraak {one.number}", owner, until, _ACTIONS[one.status])
    return " · ".join(part.rstrip(".") for part in parts if part)


def _consents(story: method.CaseStory, names: shown.Names) -> Iterable[str]:
    """In short: to whom something may go now, and to whom it may not any more."""
    stands: dict[str, tuple[set[str], set[str]]] = {}
    for one in story.sharing.answers:
        if one.status == "replaced":
            continue
        kind = words.say(one.recipient_kind, words.RECIPIENTS)
        name = names.organisation(one.recipient_organisation_id) or kind
        stands.setdefault(name, (set(), set()))[one.status != "allowed"].add(words.say(one.purpose, words.PURPOSES))
    for name, (yes, no) in stands.items():
        no -= yes
        parts = [
            f"mag voor {', '.join(sorted(yes))}" if yes else "",
            f"niet voor {', '.join(sorted(no))}" if no else "",
        ]
        yield f"{name}: {'; '.join(part for part in parts if part)}"
    for standing in shown.consent_status(story.case.consent_status, names):
        yield f"{standing.recipient}: {'mag' if standing.holds else 'mag niet'} voor {words.say(standing.purpose, words.PURPOSES)}"


def fitted(summary: Summary, lines: int, signs: int) -> Summary:
    """As much of it as there is room for; what is left out is said."""
    return replace(
        summary,
        facts=tuple((question, _short(answer, max(signs, FACT))) for question, answer in summary.facts),
        sections=tuple(
            Section(
                one.title,
                tuple(_short(line, signs) for line in one.lines[:lines]),
                one.cut or len(one.lines) > lines or any(len(line) > signs for line in one.lines),
            )
            for one in summary.sections
        ),
    )


def _short(text: str, signs: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= signs else f"{text[: signs - 1].rstrip()}…"


def as_text(summary: Summary) -> str:
    """For in another program: plain lines, nothing that it could run."""
    fits = fitted(summary, *ROOM[0])
    parts = [fits.title, "", *(f"{question}: {answer}" for question, answer in fits.facts)]
    for section in fits.sections:
        parts += ["", section.title, *(f"- {line}" for line in section.lines), *([MORE] if section.cut else [])]
    return "\n".join([*parts, "", fits.footer, ""])


def as_pdf(summary: Summary) -> bytes:
    """One page: less of everything until it fits."""
    data = b""
    for lines, signs in ROOM:
        data = typeset.pdf(TEMPLATE, asdict(fitted(summary, lines, signs)))
        if page_count(data) == 1:
            break
    return data


def page_count(pdf: bytes) -> int:
    """How many pages a PDF of typst has."""
    return len(_PAGES.findall(pdf))
