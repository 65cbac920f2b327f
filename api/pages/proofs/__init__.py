"""What goes along with a handover, shown before it is sent; and the proof of it, on a page and on paper, for years."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import segno
from flask import Response, current_app, g, request, url_for

from api.pages import fields, shown, typeset, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading
from workflows import method
from workflows.errors import Invalid

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

#: Forms of the tasks in which a case is prepared and sent; beside them one looks at what goes along.
FORMS = frozenset({"handover", "handover_offer"})
_FORM = "handover"
TEMPLATE = Path(__file__).parent / "proof.typ"
#: Kind of thing → one, and more of them.
KINDS = {
    "case": ("de casus zelf", "de casus zelf"),
    "status": ("stap van de casus", "stappen van de casus"),
    "member": ("iemand van het gezin", "mensen van het gezin"),
    "address": ("adres", "adressen"),
    "pregnancy": ("zwangerschap", "zwangerschappen"),
    "due_date": ("uitgerekende datum", "uitgerekende datums"),
    "authority": ("wie er gezag heeft", "wie er gezag hebben"),
    "entry": ("formulier", "formulieren"),
    "comment": ("opmerking van een collega", "opmerkingen van collega’s"),
    "attachment": ("bijlage", "bijlagen"),
    "task_note": ("briefje tussen collega’s", "briefjes tussen collega’s"),
    "reference": ("eigen nummer", "eigen nummers"),
    "plan": ("plan", "plannen"),
    "goal": ("doel van de ouder", "doelen van de ouder"),
    "action": ("steunafspraak", "steunafspraken"),
    "evaluation": ("terugblik", "terugblikken"),
    "hub_talk": ("overleg in het knooppunt", "overleggen in het knooppunt"),
    "task": ("open taak", "open taken"),
    "term": ("termijn die loopt", "termijnen die lopen"),
    "party": ("betrokken organisatie", "betrokken organisaties"),
    "handover": ("eerdere overdracht", "eerdere overdrachten"),
    "consent": ("toestemming", "toestemmingen"),
    "disclosure": ("keer dat er iets gedeeld is", "keren dat er iets gedeeld is"),
    "ground": ("andere grond dan toestemming", "andere gronden dan toestemming"),
    "block": ("afgeschermde persoon", "afgeschermde personen"),
    "request": ("vraag van de ouder over gegevens", "vragen van de ouder over gegevens"),
    "hold": ("bewaarplicht", "bewaarplichten"),
    "emergency": ("keer met de noodknop", "keren met de noodknop"),
}
GROUNDS = {
    "no_consent": "de ouder gaf hier geen toestemming voor",
    "not_this_role": "in deze rol leest niemand dit soort gegevens",
    "other_parent": "dit is van een andere ouder, die daar zelf over beslist",
    "shielded_address": "het adres is afgeschermd",
    "own_organisation": "dit blijft bij de organisatie die het opschreef",
    "own_records": "dit is van een team, voor zichzelf",
    "closed_to_them": "het gezin wil niet dat deze persoon meekijkt",
}
RESULTS = {
    "visible": "ging mee",
    "seen": "aangekomen, precies zoals verzonden",
    "changed": "aangekomen, en intussen verder gegaan",
    "added": "erbij gekomen nadat het pakket was verzonden",
    "removed": "intussen weggehaald door wie het toevoegde",
    "erased": "gewist, omdat iemand daar recht op had",
    "missing": "weg, zonder dat iemand het weghaalde",
}
ANCHORED = {
    "sealed": "Het staat in het logboek, en die regel is verzegeld.",
    "waiting": "Het staat in het logboek. De regel wordt binnenkort verzegeld.",
    "cut": "De regels uit die tijd zijn uit het logboek verwijderd, omdat hun bewaartermijn voorbij is.",
    "broken": "De regel in het logboek ontbreekt of is veranderd.",
}
#: What a receipt says, in a list.
VERDICTS = {
    "none": "Nog geen ontvangstbewijs",
    "complete": "Compleet",
    "more": "Er is meer dan de ontvanger leest",
    "broken": "Er is iets weg",
}
_TOWARDS = {method.Side.SENDER: "Aan", method.Side.RECEIVER: "Van"}
#: Of these a number says nothing to a parent: each answer, and each time that something was shared, is one.
_ONCE = {
    "consent": "wat de ouder antwoordde op de vragen om toestemming",
    "disclosure": "een lijst van wat er met wie is gedeeld",
}
#: What goes along with every case, and says nothing to a parent.
_BESIDE = frozenset({"case", "status"})
_DEFAULT_PORT = "http://{host}:{port}"


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof in words."""

    title: str
    lead: str
    verdict: tuple[str, str]  #: kind of alert and what it says
    holds: tuple[str, str]
    checks: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    counts: tuple[str, ...]
    held_back: tuple[str, ...]
    earlier: tuple[tuple[str, str], ...]
    hash: str
    address: str


@pages.get("/casussen/<uuid:case_id>/meegeven")
def package_preview(case_id: UUID) -> str:
    """What would go along, to look at with the parent."""
    errors: list[fields.Fault] = []
    with reading() as session:
        by = known(session)
        try:
            found = method.preview_package(session, case_id, receiver=request.args.get("receiver"), by=by, at=now())
        except Invalid as refusal:
            wrong = refusal.errors.get("receiver", [refusal.detail])
            errors = [fields.Fault("receiver", "Aan wie wilt u overdragen?", text) for text in wrong]
            found = method.preview_package(session, case_id, by=by, at=now())
        names = shown.Names(session)
        return render("package_preview.html", preview=found, told=_previewed(found, names), errors=errors)


@pages.get("/bewijzen")
def handover_proofs() -> str:
    """What the own team handed over and got, also of cases that it left: the way back to each proof."""
    with reading() as session:
        page = method.team_proofs(session, by=known(session), at=now(), cursor=request.args.get("vanaf"), page_size=25)
        names = shown.Names(session)
        rows = [
            {
                "id": one.proof_id,
                "case": one.case_number,
                "whom": f"{_TOWARDS[one.side]} {names.organisation(_other(one)[0])}, {words.say(_other(one)[1], words.ROLES)}",
                "sent_at": one.sent_at,
                "accepted_at": one.accepted_at,
                "verdict": words.say(one.verdict or "none", VERDICTS),
                "tone": {"complete": "good", "broken": "late"}.get(one.verdict or "", "calm"),
            }
            for one in page.items
        ]
        return render("proofs.html", proofs=rows, next=page.next_cursor, first="vanaf" not in request.args)


def _other(one: method.TeamProof) -> tuple[UUID, str]:
    if one.side == method.Side.SENDER:
        return one.to_organisation_id, one.to_role
    return one.from_organisation_id, one.from_role


@pages.get("/bewijzen/<uuid:proof_id>")
def handover_proof(proof_id: UUID) -> str:
    """Whether what was handed over is still what was sent."""
    with reading() as session:
        found, told = _read(session, proof_id, given=request.args.get("hash"), by=known(session))
        return render("proof.html", view=found, proof=told, same=found.same)


@pages.get("/bewijzen/<uuid:proof_id>/bewijs.pdf")
def handover_proof_pdf(proof_id: UUID) -> Response:
    """The same on paper, with a code that leads back to the page."""
    return printed_proof(proof_id, given=request.args.get("hash"))


def printed_proof(proof_id: UUID, *, given: str | None) -> Response:
    """The paper as a PDF, here and by the API."""
    with reading() as session:
        found, told = _read(session, proof_id, given=given, by=known(session), printed=True)
        data = typeset.pdf(TEMPLATE, {**asdict(_on_paper(told, found)), "code": _code(told.address), "maker": _maker()})
    return Response(
        data,
        mimetype="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="ontvangstbewijs.pdf"'},
    )


def cards(session: Session, case_id: UUID, *, by: Actor) -> dict[UUID, method.PackageCard]:
    """Handover → what was sent with it; for ``case/handovers.html``."""
    return {one.handover_id: one for one in method.package_cards(session, case_id, by=by, at=now())}


def after(session: Session, task: method.TaskCard, *, by: Actor) -> str | None:
    """The proof that came of a task that was just completed; None: none did."""
    if not (task.form_key or "").startswith(_FORM):
        return None
    found = method.proof_of_task(session, task.id, by=by)
    return None if found is None else str(found)


def _read(
    session: Session, proof_id: UUID, *, given: str | None, by: Actor, printed: bool = False
) -> tuple[method.ProofView, Proof]:
    found = method.proof_view(session, proof_id, given=given, printed=printed, by=by, at=now())
    return found, told(found, shown.Names(session))


def told(found: method.ProofView, names: shown.Names) -> Proof:
    """A proof in words, with nothing of the family in it."""
    sender = f"{names.organisation(found.from_organisation_id)}, {words.say(found.from_role, words.ROLES)}"
    receiver = f"{names.organisation(found.to_organisation_id)}, {words.say(found.to_role, words.ROLES)}"
    facts = [
        ("Casus", found.case_number),
        ("Van", sender),
        ("Aan", receiver),
        ("Verzonden", f"{words.moment(found.sent_at)}, versie {found.version}"),
        ("Aangenomen", words.moment(found.accepted_at) if found.accepted_at else "nog niet"),
    ]
    return Proof(
        title="Ontvangstbewijs" if found.receipt_id else "Wat er is verzonden",
        lead="Dit bewijst wat er bij de overdracht is meegegeven en wat er is aangekomen. Wat er over het gezin is opgeschreven, staat er niet in.",
        verdict=_verdict(found, to_sender=found.side == method.Side.SENDER),
        holds=(
            ("ok", "Alles klopt: er is sindsdien niets aan veranderd.")
            if found.checked.holds
            else ("error", "Dit klopt niet meer. Meld het bij uw logbeheerder.")
        ),
        checks=tuple(_checks(found)),
        facts=tuple(facts),
        counts=tuple(f"{number} {_things(number)} {_result(code, number)}" for code, number in found.counts),
        held_back=tuple(held(one.kind, one.compartment, one.ground, one.count) for one in found.held_back),
        earlier=tuple((f"Versie {number}, {words.moment(at)}", hash) for _, number, at, hash in found.earlier),
        hash=found.hash,
        address=_address(found),
    )


def as_lines(found: method.OperatorProof) -> list[str]:
    """What the command line says of a proof: ids, hashes and whether they hold."""
    lines = [f"Pakket {found.package_id}, versie {found.version}, verzonden {words.moment(found.sent_at)}"]
    lines.append(f"  kenmerk {found.package_hash}")
    if found.receipt_id and found.accepted_at:
        lines.append(f"Ontvangstbewijs {found.receipt_id}, aangenomen {words.moment(found.accepted_at)}")
        lines.append(f"  kenmerk {found.receipt_hash}")
    else:
        lines.append("Nog niet aangenomen.")
    if found.same is not None:
        lines.append("Het kenmerk op papier is hetzelfde." if found.same else "Het kenmerk op papier is een ander.")
    return [*lines, *_checks(found)]


def _on_paper(told: Proof, found: method.ProofView) -> Proof:
    """Paper passes from hand to hand: what was withheld stays on the page of the sender."""
    return replace(told, held_back=(), verdict=_verdict(found, to_sender=False))


def _verdict(found: method.ProofView, *, to_sender: bool) -> tuple[str, str]:
    match found.verdict:
        case None:
            return "info", "Er is nog geen ontvangstbewijs: de ontvanger heeft de casus nog niet aangenomen."
        case "broken":
            return "error", "Er is iets weg dat er hoort te zijn. Bel elkaar, en meld het bij uw logbeheerder."
        case "more":
            return "info", "Er is meer dan de ontvanger kan lezen." if to_sender else "Er is meer. Vraag de ouder."
    return "ok", "Compleet: alles wat is verzonden, is aangekomen."


def _checks(found: method.ProofView | method.OperatorProof) -> list[str]:
    checked = found.checked
    said = [
        "De lijst van wat meeging is nog dezelfde."
        if checked.lines
        else "De lijst van wat meeging is veranderd: er is iets bij, weg, verplaatst of anders.",
        "Wat erin staat is nog hetzelfde."
        if not checked.altered
        else f"Van {checked.altered} {_things(checked.altered)} is de inhoud veranderd.",
    ]
    if checked.erased:
        said.append(
            f"Van {checked.erased} {_things(checked.erased)} is de inhoud gewist, omdat iemand daar recht op had. Dat het er was, "
            "is nog te bewijzen."
        )
    if checked.receipt is not None:
        said.append(
            "Het bewijs van ontvangst is nog hetzelfde."
            if checked.receipt
            else "Het bewijs van ontvangst is veranderd."
        )
    return [*said, words.say(checked.anchored, ANCHORED)]


def _result(code: str, number: int) -> str:
    return "gingen mee" if code == "visible" and number != 1 else words.say(code, RESULTS)


def _things(number: int) -> str:
    return "onderdeel" if number == 1 else "onderdelen"


def held(
    kind: str,
    compartment: str,
    ground: str,
    count: int,
    forms: tuple[str, ...] = (),
    grounds: dict[str, str] = GROUNDS,
) -> str:
    """In one line: what stays, of which kind, and why. Of a form only its part is meant, the rest of it may go along."""
    one, more = KINDS.get(kind, (kind, kind))
    what = _ONCE.get(kind, f"{count} {one if count == 1 else more}")
    about = words.capital(words.say(compartment, words.COMPARTMENTS))
    why = words.say(ground, grounds)
    if kind == "entry":
        where = " en ".join(f"‘{words.say(form, words.FORMS)}’" for form in forms) or what
        return f"{about}, uit {where}: {why}"
    return f"{what} met {about.lower()}: {why}" if kind == "attachment" else f"{words.capital(what)}: {why}"


def _previewed(found: method.Preview, names: shown.Names) -> dict[str, Any]:
    """What the template needs beside the preview itself."""
    return {
        "receiver": names.organisation(found.to_organisation_id) if found.to_organisation_id else "",
        "members": [_who(one) for one in found.members],
        "entries": [shown.entry(one, names) for one in found.entries],
        "actions": [
            (what, names.organisation(organisation_id) if organisation_id else owner or "")
            for what, owner, organisation_id in found.actions
        ],
        "others": [
            _ONCE.get(kind, f"{count} {KINDS[kind][count != 1]}") for kind, count in found.others if kind not in _BESIDE
        ],
        "held_back": [held(one.kind, one.compartment, one.ground, one.count, one.forms) for one in found.held_back],
    }


def _who(one: method.MemberView) -> str:
    parts = [one.name or words.say(one.kind, words.MEMBERS), words.say(one.kind, words.MEMBERS) if one.name else ""]
    parts += [f"geboren {words.short_day(one.birth_date)}" if one.birth_date else ""]
    parts += [f"veilig contact: {one.safe_contact_detail}" if one.safe_contact_detail else "", one.postcode or ""]
    return ", ".join(part for part in parts if part)


def _address(found: method.ProofView) -> str:
    """Where the proof can be checked; an id and a hash, nothing of anybody."""
    settings = current_app.extensions["steun.settings"]
    home = settings.public_url or _DEFAULT_PORT.format(host=settings.host, port=settings.port)
    return home + url_for("pages.handover_proof", proof_id=found.proof_id, hash=found.hash)


def _code(address: str) -> list[list[bool]]:
    """The square code of an address, row by row; the paper draws it."""
    return [[bool(dot) for dot in row] for row in segno.make(address, error="m", micro=False).matrix]


def _maker() -> str:
    return f"{g.me.name}, {words.say(g.me.role, words.ROLES)} bij {g.me.organisation}"
