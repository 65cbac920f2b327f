"""The copy of what is kept about one person, as a file: JSON for programs, PDF for people. Knows Dutch words, no rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Response

from api import logs
from api.auth import actor
from api.pages import typeset, words
from api.pages.copies.shape import PersonalCopyOut
from api.transactions import now, reading
from workflows import method
from workflows.method import PersonalCopy

log = logs.get(__name__)

TEMPLATE = Path(__file__).parent / "copy.typ"
MEDIA = {"json": "application/json", "pdf": "application/pdf"}
#: Stands in every copy, so that it tells nothing about whether there was anything to leave out.
LEFT_OUT = (
    "Wat over een ander gaat, en wat een ander kan schaden, staat niet in deze kopie. Dat geldt voor iedereen die een "
    "kopie vraagt."
)
SORTS = {
    "third_parties": "Wat er over mensen om u heen is opgeschreven, staat er daarom niet in.",
    "bsn": "Een burgerservicenummer (BSN) staat alleen in een kopie die u zelf vraagt bij een organisatie die het BSN mag "
    "gebruiken, zoals een verloskundige. In deze kopie staat het nooit, of het nu is vastgelegd of niet.",
}
STATUSES = {
    "received": "binnengekomen",
    "in_progress": "in behandeling",
    "granted": "ingewilligd",
    "partly": "gedeeltelijk ingewilligd",
    "refused": "niet ingewilligd",
    "planned": "gepland",
    "discussed": "geweest",
    "postponed": "uitgesteld",
    "removed": "vervallen",
    "offered": "aangeboden",
    "accepted": "aangenomen",
    "withdrawn": "ingetrokken",
    "expired": "vervallen",
    "completed": "afgerond",
    "proposed": "voorgesteld",
    "done": "gedaan",
    "stopped": "gestopt",
    "reached": "bereikt",
    "not_yet": "nog niet bereikt",
}
KINDS = {
    "access_copy": "een kopie van alles",
    "correction": "iets verbeteren",
    "addition": "eigen woorden toevoegen",
    "destruction": "gegevens vernietigen",
}


MADE = "Deze kopie is gemaakt op %s."
WRONG = (
    "Klopt er iets niet, wilt u iets toevoegen of laten vernietigen? Zeg het tegen wie u deze kopie gaf. "
    "Bent u het niet eens met het antwoord, dan kunt u een klacht indienen bij de Autoriteit Persoonsgegevens."
)
TITLE, CONTENTS = "Kopie van wat er over u is opgeschreven", "Wat staat waar?"
AS_WRITTEN = "Wat er over u is opgeschreven, staat hieronder zoals het is opgeschreven: in het Nederlands."
PERSON, CASE, ENTRIES = "Wie u bent", "Uw casus", "Wat er is opgeschreven"
PLAN, EVALUATIONS, MEETINGS = "Uw plan en de afspraken", "Samen terugkijken", "Overleg in het knooppunt"
HANDOVERS, COMMENTS = "Overdrachten", "Wat collega’s tegen elkaar zeiden"
ATTACHMENTS, CONSENTS = "Bestanden die erbij horen", "Wat u goed vond, en wat niet"
SHARED, LOOKED, ASKED = "Met wie is gedeeld", "Wie er keek", "Wat u eerder vroeg"
AS_ASKED = "De vragen staan er zo bij als ze toen gesteld zijn."
PER_DAY = "Per dag: welke organisatie, waarom, en hoe vaak."
#: What a parent who chose another language reads in it as well: headings and explanation. What was written stays as it is.
SAID = (
    TITLE, CONTENTS, AS_WRITTEN, LEFT_OUT, *SORTS.values(), WRONG, PERSON, CASE, ENTRIES, PLAN, EVALUATIONS, MEETINGS, HANDOVERS,
    COMMENTS, ATTACHMENTS, CONSENTS, SHARED, LOOKED, ASKED, AS_ASKED, PER_DAY,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Also:
    """Another language beside Dutch, and that nobody reviewed it."""

    code: str
    from_the_right: bool
    say: Callable[[str], str]
    warning: str


HANDED = "U krijgt dit bestand apart bij deze kopie."
LOST = (
    "Dit bestand ontbreekt: het is nu niet te openen. De beheerder is gewaarschuwd. "
    "Vraag wie u deze kopie gaf of het is teruggevonden."
)


@dataclass(slots=True)
class Part:
    """A piece of a section: a form, an agreement, a day."""

    title: str = ""
    lines: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    """One heading of the document."""

    title: str
    intro: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


def download(request_id: UUID, media: method.Media) -> Response:
    """The copy that was asked for, as a file; that it was made is written down in the same transaction."""
    with reading() as session:
        data = method.export_copy(session, request_id, render=rendering(media), media=media, by=actor(), at=now())
    return Response(
        data, mimetype=MEDIA[media], headers={"Content-Disposition": f'attachment; filename="kopie.{media}"'}
    )


def rendering(media: method.Media, also: Also | None = None) -> Callable[[PersonalCopy], bytes]:
    """What makes the file; of an attachment that is not there the operator is told, by its id.

    Args:
        also: in which language its headings and explanation stand beside Dutch, on paper.
    """

    def render(copy: PersonalCopy) -> bytes:
        for one in copy.attachments:
            if one.sha256 is None:
                log.error("attachment.missing", attachment_id=one.id)
        return as_pdf(copy, also) if media == "pdf" else as_json(copy)

    return render


def as_json(copy: PersonalCopy) -> bytes:
    """The copy in the shape that OpenAPI describes (``PersonalCopyOut``)."""
    return json.dumps(PersonalCopyOut().dump(copy), ensure_ascii=False, indent=1).encode()


def as_pdf(copy: PersonalCopy, also: Also | None = None) -> bytes:
    """The copy as an accessible PDF; what no font can show is whole in JSON."""
    return typeset.pdf(TEMPLATE, document(copy, also))


def document(copy: PersonalCopy, also: Also | None = None) -> dict[str, Any]:
    """What the template is filled in with. In another language: headings and explanation, beside Dutch."""
    explained = [LEFT_OUT, *(SORTS[one] for one in copy.left_out if one in SORTS), WRONG]
    return {
        "title": f"{TITLE} · casus {copy.case_number}",
        "author": copy.answered_by or "Steun op Maat",
        "intro": [MADE % words.moment(copy.made_at), *explained],
        "contents": CONTENTS,
        "also": None if also is None else _also(also, explained),
        "sections": [
            {
                "title": section.title,
                "said": [] if also is None else [also.say(one) for one in (section.title, *section.intro)],
                "intro": section.intro,
                "parts": [{"title": part.title, "lines": part.lines, "pairs": part.pairs} for part in section.parts],
            }
            for section in _sections(copy)
        ],
    }


def _also(also: Also, explained: Iterable[str]) -> dict[str, Any]:
    return {
        "code": also.code,
        "direction": "rtl" if also.from_the_right else "ltr",
        "title": also.say(TITLE),
        "contents": also.say(CONTENTS),
        "intro": [also.warning, also.say(AS_WRITTEN), *(also.say(one) for one in explained)],
    }


def _sections(copy: PersonalCopy) -> Iterator[Section]:
    yield Section(PERSON, parts=[Part(pairs=list(_person(copy)))])
    yield Section(CASE, parts=[Part(pairs=list(_case(copy)))])
    yield from _some(ENTRIES, _entries(copy), AS_ASKED)
    yield from _some(PLAN, _plan(copy))
    yield from _some(EVALUATIONS, _evaluations(copy))
    yield from _some(MEETINGS, _meetings(copy))
    yield from _some(HANDOVERS, _handovers(copy))
    yield from _some(COMMENTS, _comments(copy))
    yield from _some(ATTACHMENTS, _attachments(copy))
    yield from _some(CONSENTS, _consents(copy))
    yield from _some(SHARED, _disclosures(copy))
    yield from _some(LOOKED, _looked(copy), PER_DAY)
    yield from _some(ASKED, _requests(copy))


def _some(title: str, parts: Iterable[Part], *intro: str) -> Iterator[Section]:
    if found := list(parts):
        yield Section(title, list(intro), found)


def _person(copy: PersonalCopy) -> Iterator[tuple[str, str]]:
    one = copy.person
    yield "Wie", words.capital(words.say(one.kind, words.MEMBERS))
    for question, answer in (
        ("Naam", one.name),
        ("Geboren op", words.short_day(one.birth_date)),
        ("Burgerservicenummer (BSN)", one.bsn or ""),
        ("Postcode", one.postcode),
        ("Taal", words.say(one.preferred_language, words.LANGUAGES)),
        ("Hoe we contact opnemen", words.say(one.safe_contact, words.CONTACT)),
        ("Afspraak over contact", one.safe_contact_detail),
    ):
        if answer:
            yield question, answer
    yield "Tolk nodig", _yes(one.interpreter_needed)
    yield "Hulp bij lezen", _yes(one.reading_support)
    for due in copy.due_dates:
        yield "Uitgerekende datum", words.short_day(due)


def _case(copy: PersonalCopy) -> Iterator[tuple[str, str]]:
    yield "Nummer", copy.case_number
    if copy.reference:
        yield "Nummer bij wie u deze kopie gaf", copy.reference
    yield "Begonnen op", words.short_day(copy.opened_on)
    yield "Hoe het staat", words.say(copy.case_status, words.STATUSES)
    if copy.closed_on:
        yield "Gesloten op", words.short_day(copy.closed_on)
    if copy.case_result:
        yield "Resultaat", words.say(copy.case_result, words.RESULTS)
    if copy.answered_by:
        yield "Bij wie u terechtkunt", copy.answered_by
    until = copy.retention.until
    yield (
        "Hoe lang het bewaard blijft",
        f"Tot {words.short_day(until)}. {copy.retention.source}" if until else "De termijn begint als de casus sluit.",
    )


def _entries(copy: PersonalCopy) -> Iterator[Part]:
    for one in copy.entries:
        said = words.entered_later(one.observed_at, one.recorded_at) or words.moment(one.recorded_at)
        line = f"{said} · {one.organisation or 'het systeem'}, {words.say(one.role, words.ROLES)}"
        corrected = ["Dit is later verbeterd. Wat er nu geldt, staat verderop."] if one.superseded else []
        yield Part(
            words.say(one.form, words.FORMS), [line, *corrected], [(each.question, each.answer) for each in one.answers]
        )


def _plan(copy: PersonalCopy) -> Iterator[Part]:
    if copy.goals:
        yield Part("Wat u wilt bereiken", pairs=[(f"Plan {one.plan_version}", one.words) for one in copy.goals])
    for one in copy.actions:
        until = f" tot {words.short_day(one.ends_on)}" if one.ends_on else ""
        line = f"{one.owner} · vanaf {words.short_day(one.starts_on)}{until} · {words.say(one.status, STATUSES)}"
        yield Part(f"Afspraak {one.number}", [one.what, line])


def _evaluations(copy: PersonalCopy) -> Iterator[Part]:
    for one in copy.evaluations:
        pairs = [
            (goal, words.say(status, STATUSES) + ("" if number is None else f" · uw cijfer: {number}"))
            for goal, status, number in one.goals
        ]
        experience = [] if one.parent_experience is None else [("Uw ervaring", str(one.parent_experience))]
        yield Part(words.capital(words.short_day(one.evaluated_on)), pairs=[*pairs, *experience])


def _meetings(copy: PersonalCopy) -> Iterator[Part]:
    for one in copy.meetings:
        pairs = [("Hoe het staat", words.say(one.status, STATUSES)), ("U was uitgenodigd", _yes(one.parents_invited))]
        if one.parents_present is not None:
            pairs.append(("U was erbij", _yes(one.parents_present)))
        if one.reason:
            pairs.append(("Waarom niet", one.reason))
        yield Part(words.short_day(one.on), pairs=pairs)


def _handovers(copy: PersonalCopy) -> Iterator[Part]:
    for one in copy.handovers:
        line = f"Van {one.from_organisation} naar {one.to_organisation} · {words.say(one.status, STATUSES)}"
        sent = [
            f"Wat er meeging, is vastgelegd op {words.moment(each.sent_at)}. Kenmerk: {each.hash}"
            for each in one.packages
        ]
        yield Part(words.short_day(one.offered_at), [line, *sent])


def _comments(copy: PersonalCopy) -> Iterator[Part]:
    for one in copy.comments:
        yield Part(words.moment(one.at), [f"{one.organisation}, {words.say(one.role, words.ROLES)}", one.text])


def _attachments(copy: PersonalCopy) -> Iterator[Part]:
    for one in copy.attachments:
        said = f": {one.description}" if one.description else ""
        lines = [f"{one.name}{said}", f"Van {one.organisation}. {HANDED if one.sha256 else LOST}"]
        yield Part(words.moment(one.at), lines)


def _consents(copy: PersonalCopy) -> Iterator[Part]:
    groups: dict[tuple[str, str, str], list[Any]] = {}
    for one in copy.consents:
        groups.setdefault((words.short_day(one.recorded_at), one.recipient, one.purpose), []).append(one)
    for (on, recipient, purpose), found in groups.items():
        pairs = []
        for one in found:
            said = "Mag niet" if not one.given else "Mag"
            if one.withdrawn_at:
                said = f"Ingetrokken op {words.short_day(one.withdrawn_at)}"
            elif one.given and one.valid_until:
                said = f"Mag, tot {words.short_day(one.valid_until)}"
            pairs.append((words.capital(words.say(one.category, words.COMPARTMENTS)), said))
        title = f"{words.say(recipient, words.RECIPIENTS)}, voor {words.say(purpose, words.PURPOSES)}"
        yield Part(title, [f"Gezegd op {on}"], pairs)


def _disclosures(copy: PersonalCopy) -> Iterator[Part]:
    for one in copy.disclosures:
        to = "U" if one.recipient == "data_subject" else words.say(one.recipient, words.RECIPIENTS)
        until = f" tot {words.short_day(one.ended_at)}" if one.ended_at else ", tot nu"
        what = ", ".join(words.say(each, words.COMPARTMENTS) for each in one.categories) or "niets herkenbaars"
        yield Part(
            to,
            [f"Vanaf {words.short_day(one.at)}{until}"],
            [("Wat", words.capital(what)), ("Waarom het mocht", words.capital(words.say(one.ground, words.GROUNDS)))],
        )


def _looked(copy: PersonalCopy) -> Iterator[Part]:
    for each in copy.looked:
        yield Part(
            words.capital(words.day(each.day)),
            [
                f"{line.organisation}, {words.say(line.role, words.ROLES)}: {line.why} "
                f"({line.times} keer, {line.people} {'persoon' if line.people == 1 else 'personen'})"
                for line in each.lines
            ],
        )


def _requests(copy: PersonalCopy) -> Iterator[Part]:
    for one in copy.requests:
        line = f"{words.capital(words.say(one.kind, KINDS))} · {words.say(one.status, STATUSES)}"
        yield Part(words.short_day(one.received_on), [line, f"Antwoord uiterlijk op {words.short_day(one.answer_by)}"])


def _yes(said: bool) -> str:
    return "Ja" if said else "Nee"


__all__ = ["MEDIA", "SAID", "Also", "as_json", "as_pdf", "document", "download"]
