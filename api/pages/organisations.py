"""Organisations, who works there and with what certificates; out of service, after it was told what goes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.pages.unwatched import SHORT, count, unwatched_words
from api.transactions import local_date, now, reading, transaction
from workflows import access, accounts, directory, method, organisations
from workflows.errors import Invalid, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

TYPES = {
    "midwifery_practice": "Verloskundigenpraktijk",
    "hospital": "Ziekenhuis",
    "maternity_care": "Kraamzorg",
    "maternity_partnership": "Verloskundig samenwerkingsverband",
    "general_practice": "Huisartsenpraktijk",
    "youth_health": "Jeugdgezondheidszorg",
    "youth_and_family_centre": "Centrum voor jeugd en gezin",
    "municipal_access_team": "Toegangsteam van de gemeente",
    "municipality": "Gemeente",
    "welfare": "Welzijn",
    "social_work": "Maatschappelijk werk",
    "family_coach": "Gezinscoach",
    "youth_care": "Jeugdhulp",
    "mental_health": "Geestelijke gezondheidszorg",
    "disability_care": "Gehandicaptenzorg",
    "addiction_care": "Verslavingszorg",
    "childcare": "Kinderopvang",
    "shelter": "Maatschappelijke opvang",
    "paramedic": "Paramedische zorg",
    "safe_home": "Veilig Thuis",
    "library": "Bibliotheek",
    "informal": "Vrijwilligers en informele steun",
    "parent_voice": "Stem van ouders",
    "health_insurer": "Zorgverzekeraar",
    "province": "Provincie",
    "programme": "Programma en ondersteuning",
}


#: What stays with a team by itself when somebody leaves: how one is called, and what becomes of it.
STAYS = {
    "hub_meeting": ("Overleg dat deze persoon plande", "Het gaat door. Een collega van het team leidt het."),
    "hub_seat": ("Overleg waar deze persoon aan tafel zit", "De plaats is van het team: spreek af wie er gaat."),
    "asked_back": ("Vraag van wie een casus krijgt aangeboden", "Het team antwoordt."),
    "waiting_offer": ("Overdracht die wacht op antwoord", "Het aanbod blijft staan, namens het team."),
    "case_request": ("Vraag om een casus", "Wordt de casus aangeboden, dan komt die bij het team."),
    "support_action": ("Steunafspraak", "De organisatie gaat ermee door."),
    "stand_in": ("Vervanging van een collega", "Dat werk gaat naar het team."),
}


@dataclass(frozen=True, slots=True)
class Stays:
    """Things of one kind that stay with a team by themselves, in words; of which family is never told."""

    title: str
    then: str
    those: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Organisation:
    """A partner on the list."""

    id: UUID
    name: str
    type: str
    areas: str
    badges: Sequence[
        tuple[str, str]
    ] = ()  #: what nobody does, and how it is told: calm as long as nothing waits for it


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody does there."""

    assignment_id: UUID
    role: str
    areas: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """What somebody may carry out."""

    id: UUID
    name: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works at an organisation."""

    id: UUID
    name: str
    roles: tuple[Role, ...]
    certificates: tuple[Certificate, ...]

    @property
    def may_be_certified(self) -> bool:
        """Whether a certificate says anything of them: whoever carries out an intervention is a supporter."""
        return bool(self.certificates) or any(role.role == "supporter" for role in self.roles)


@pages.get("/organisaties")
def organisation_list() -> str:
    with reading() as session:
        by = _administrator(session)
        names = shown.Names(session)
        gaps = method.unwatched(session, by=by, at=now())
        badges: dict[UUID, list[tuple[str, str]]] = {}
        for gap in gaps:
            badges.setdefault(gap.organisation_id, []).append((SHORT[gap.gap], "soon" if gap.waiting else "calm"))
        found = [
            Organisation(
                one.id, one.name, TYPES.get(one.type, one.type), _areas(one.areas, names), badges.get(one.id, [])
            )
            for one in organisations.organisations(session)
        ]
        stopped = {one.organisation_id: one.name for one in gaps if not one.active}
        return render("organisations.html", organisations=found, unwatched=count(gaps), stopped=stopped)


@pages.get("/organisatie")
def own_organisation() -> Response:
    """The own one, for who manages it: its address is nobody's to know by heart."""
    with reading() as session:
        by = known(session)
        organisations.require_some(by, at=now())
        return redirect(url_for("pages.organisation_page", organisation_id=by.organisation_id))


@pages.get("/organisaties/<uuid:organisation_id>")
def organisation_page(organisation_id: UUID) -> str:
    return _page(organisation_id)


@pages.get("/organisaties/mensen/<uuid:person_id>/uit-dienst")
def leave(person_id: UUID) -> str:
    with reading() as session:
        by = known(session)
        organisations.require_person(session, person_id, whole=True, by=by, at=now())
        who = organisations.professional(session, person_id)
        if not who.active:
            raise WrongState(f"person {person_id} is not active", detail="Deze persoon is al uit dienst.")
        goes = method.what_goes_back(session, person_id=person_id, by=by, at=now())
        found, names = method.leaver(session, person_id, by=by, at=now()), shown.Names(session)
        return render(
            "organisation_leave.html",
            name=who.display_name,
            goes=goes,
            stays=_stays(found.stays, names),
            items=[
                (one, names.organisation(one.organisation_id), names.municipality(one.municipality_code))
                for one in found.items
            ],
            everybody=sorted({taker for one in found.items for taker in one.to}, key=lambda taker: taker[1]),
            is_person=True,
            action=url_for("pages.deactivate_person", person_id=person_id),
            back_to=_back(),
        )


def _stays(found: Sequence[method.Staying], names: shown.Names) -> list[Stays]:
    told: dict[str, list[str]] = {}
    for one in found:
        meets = one.kind in ("hub_meeting", "hub_seat")
        if one.kind == "stand_in":
            since = f"{one.name}, van {words.short_day(one.at)} tot en met {words.short_day(one.until)}"
        else:
            since = words.capital(words.moment(one.at)) if meets else f"Sinds {words.short_day(one.at)}"
        parts = (
            since,
            names.municipality(one.municipality_code) if one.municipality_code else "",
            names.organisation(one.organisation_id) + f" ({words.say(one.role, words.ROLES).lower()})",
            f"aan {names.organisation(one.other_id)}" if one.other_id else "",
            f"tot en met {words.short_day(one.until)}" if one.until and one.kind != "stand_in" else "",
        )
        told.setdefault(one.kind, []).append(" · ".join(part for part in parts if part))
    return [Stays(*STAYS[kind], tuple(those)) for kind, those in told.items()]


@pages.post("/organisaties/mensen/<uuid:person_id>/uit-dienst")
def deactivate_person(person_id: UUID) -> Response:
    at_once = request.form.get("alles", "")
    to = {}
    for name in request.form:
        if name.startswith("naar."):
            chosen = request.form[name] or at_once
            with suppress(ValueError):  # the team
                to[UUID(name.removeprefix("naar."))] = UUID(chosen)
    return _do(
        lambda session, by: method.deactivate_person(session, person_id, to=to, by=by, at=now()), "Uit dienst gemeld."
    )


@pages.get("/organisaties/<uuid:organisation_id>/stoppen")
def stop(organisation_id: UUID) -> str:
    with reading() as session:
        by = _administrator(session)
        found = organisations.organisation(session, organisation_id)
        if not found.active:
            raise WrongState(f"organisation {organisation_id} is not active", detail="Deze organisatie is al gestopt.")
        goes = method.what_goes_back(session, organisation_id=organisation_id, by=by, at=now())
        return render(
            "organisation_leave.html",
            name=found.name,
            goes=goes,
            where=[
                ("" if to == organisation_id else organisations.organisation(session, to).name, many)
                for to, many in goes.where
            ],
            is_person=False,
            successors=_successors(session, found, goes),
            ready=url_for("pages.prepare_stop", organisation_id=organisation_id),
            action=url_for("pages.deactivate_organisation", organisation_id=organisation_id),
            back_to=url_for("pages.organisation_page", organisation_id=organisation_id),
        )


def _successors(
    session: Session, stops: organisations.Organisation, goes: method.GoesBack
) -> list[tuple[str, int, list[tuple[UUID, str]]]]:
    """Role in which cases are held, how many, and who could go on with them: first who works in the same places."""
    found = []
    for role, many in goes.roles:
        then = role if role in ("explorer", "case_director") else "explorer"
        there = [
            one
            for one in organisations.organisations_for(session, role=then, municipality=None, on=local_date())
            if one.id != stops.id
        ]
        there.sort(key=lambda one: (not (not one.areas or set(one.areas) & set(stops.areas or ())), one.name))
        found.append((role, many, [(one.id, one.name) for one in there]))
    return found


def _chosen_successors() -> dict[str, UUID]:
    """Role → who goes on with it, as far as somebody was chosen."""
    to = {}
    for name, value in request.form.items():
        if name.startswith("opvolger."):
            with suppress(ValueError):  # nobody
                to[name.removeprefix("opvolger.")] = UUID(value)
    return to


@pages.post("/organisaties/<uuid:organisation_id>/stoppen/voorbereiden")
def prepare_stop(organisation_id: UUID) -> Response:
    try:
        with transaction() as session:
            found = method.prepare_stop(session, organisation_id, to=_chosen_successors(), by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.organisation_list"), 303)
    except Invalid as refusal:
        flash(" ".join(text for texts in refusal.errors.values() for text in texts), "warning")
    else:
        told = f"Voor {_count(len(found.prepared), 'casus', 'casussen')} ligt een overdracht klaar bij het team."
        if found.asked:
            told += f" Voor {_count(len(found.asked), 'casus', 'casussen')} zoekt de procesregisseur een opvolger."
        if found.underway:
            told += f" Bij {_count(len(found.underway), 'casus', 'casussen')} liep de overdracht al."
        flash(told, "ok")
    return redirect(url_for("pages.stop", organisation_id=organisation_id), 303)


@pages.post("/organisaties/<uuid:organisation_id>/stoppen")
def deactivate_organisation(organisation_id: UUID) -> Response:
    return _do(
        lambda session, by: method.deactivate_organisation(session, organisation_id, by=by, at=now()),
        "De organisatie is gestopt.",
    )


@pages.post("/organisaties/rollen/<uuid:assignment_id>/beeindigen")
def end_role(assignment_id: UUID) -> Response:
    return _do(lambda session, by: method.end_role(session, assignment_id, by=by, at=now()), "De rol is beëindigd.")


@pages.post("/organisaties/<uuid:organisation_id>/mensen/<uuid:person_id>/certificaten")
def add_certificate(organisation_id: UUID, person_id: UUID) -> Response:
    typed = {name: request.form.get(name, "") for name in ("intervention", "valid_from", "valid_until")}
    try:
        first, last = _day(typed, "valid_from"), _day(typed, "valid_until", required=False)
        assert first is not None, "a required day is there or refused"
        with transaction() as session:
            organisations.add_certificate(
                session,
                person_id=person_id,
                intervention=typed["intervention"],
                valid_from=first,
                valid_until=last,
                by=_manager(session, organisation_id),
                at=now(),
            )
    except Invalid as refusal:
        return make_response(_page(organisation_id, person_id, typed, refusal.errors), 400)
    flash("Het certificaat staat erbij.", "ok")
    return redirect(url_for("pages.organisation_page", organisation_id=organisation_id), 303)


@pages.post("/organisaties/certificaten/<uuid:certificate_id>/beeindigen")
def end_certificate(certificate_id: UUID) -> Response:
    try:
        with transaction() as session:
            organisations.end_certificate(session, certificate_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        flash("Het certificaat geldt niet meer.", "ok")
    return redirect(_back(), 303)


@pages.post("/organisaties/<uuid:organisation_id>/bsn")
def set_bsn_use(organisation_id: UUID) -> Response:
    """Allowing asks to confirm that the law does; taking it away is one press."""
    allowed = request.form.get("may_use_bsn") == "yes"
    if allowed and request.form.get("gives_care") != "yes":
        errors = {"gives_care": ["Vink aan dat deze organisatie zorg of jeugdhulp geeft."]}
        return make_response(_page(organisation_id, errors=errors), 400)
    with transaction() as session:
        by = _administrator(session)
        organisations.set_may_use_bsn(session, organisation_id, allowed, by=by, at=now())
    flash("Deze organisatie mag het BSN gebruiken." if allowed else "Deze organisatie ziet geen BSN meer.", "ok")
    return redirect(url_for("pages.organisation_page", organisation_id=organisation_id), 303)


def _do(verb: Callable[[Session, Actor], method.Left], done: str) -> Response:
    """Do it, and say what went back; a second press finds that it was done."""
    try:
        with transaction() as session:
            left = verb(session, known(session))
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        told = f"{done} Terug naar een team: {_count(len(left.tasks), 'taak', 'taken')}."
        if left.passed:
            told += f" {_to_colleagues(left.passed)}."
        if left.prepared:
            told += (
                f" Voor {_count(len(left.prepared), 'casus', 'casussen')} ligt een overdracht naar de opvolger klaar."
            )
        if left.asked:
            told += f" Voor {_count(len(left.asked), 'casus', 'casussen')} zoekt de procesregisseur een opvolger."
        if left.alarms:
            told += f" Bij {_count(len(left.alarms), 'casus', 'casussen')} is er niemand meer in het team: de procesregisseur heeft daar een taak voor."
        flash(told, "ok")
    return redirect(_back(), 303)


def _to_colleagues(passed: Sequence[tuple[UUID, UUID]]) -> str:
    """E.g. ``Naar Joris Voorbeeld: 2``."""
    with reading() as session:
        names = organisations.names_of(session, {person for _, person in passed})
    counts = Counter(names[person] for _, person in passed)
    return "; ".join(f"Naar {name}: {many}" for name, many in sorted(counts.items()))


def _page(
    organisation_id: UUID,
    wrong_person: UUID | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> str:
    with reading() as session:
        by = _manager(session, organisation_id)
        found, names = organisations.organisation(session, organisation_id), shown.Names(session)
        today = local_date()
        everybody = organisations.colleagues(session, organisation_id, by=by, at=now())
        interventions = {one.code: one.name for one in directory.interventions(session)}
        colleagues = [
            Colleague(
                one.person.id,
                one.person.display_name,
                tuple(
                    Role(role.id, role.role, _areas(role.areas, names), role.valid_from, role.valid_to)
                    for role in one.roles
                ),
                tuple(
                    Certificate(
                        each.id,
                        interventions.get(each.intervention, each.intervention),
                        each.valid_from,
                        each.valid_until,
                    )
                    for each in one.certificates
                ),
            )
            for one in everybody
        ]
        invited = accounts.pending_activations(session, [one.id for one in colleagues])
        return render(
            "organisation.html",
            organisation=found,
            type=TYPES.get(found.type, found.type),
            areas=_areas(found.areas, names),
            colleagues=colleagues,
            interventions=interventions,
            invited={person_id: activation for person_id, (_, activation) in invited.items()},
            today=today,
            moment_now=now(),
            gaps=[
                unwatched_words(one)
                for one in method.unwatched(session, by=by, at=now())
                if one.organisation_id == organisation_id
            ],
            wrong_person=wrong_person,
            typed=typed or {},
            errors=errors or {},
            regional=organisations.is_regional(by),
        )


def _administrator(session: Session) -> Actor:
    """Who asks, when it is an administrator; everybody else is refused before anything is looked for, as a program is."""
    by = known(session)
    access.require(by, "manage_organisations", access.Facts(), at=now())
    return by


def _manager(session: Session, organisation_id: UUID) -> Actor:
    """Who asks, when that is who manages this organisation."""
    by = known(session)
    organisations.require_there(by, organisation_id, at=now())
    return by


def _areas(codes: Sequence[str] | frozenset[str], names: shown.Names) -> str:
    return ", ".join(sorted(names.municipality(code) for code in codes)) or "Het hele werkgebied"


def _day(typed: Mapping[str, str], name: str, *, required: bool = True) -> date | None:
    text = typed[name].strip()
    if not text and not required:
        return None
    try:
        return words.read_day(text)
    except ValueError:
        raise Invalid(f"no day in {name}", errors={name: ["Vul een datum in die bestaat."]}) from None


def _back() -> str:
    """The organisation that somebody came from, by its id; else the list, or the own one."""
    try:
        found = UUID(request.values.get("organisatie", ""))
    except ValueError:
        regional = g.get("me") is not None and g.me.role == "administrator"
        return url_for("pages.organisation_list" if regional else "pages.own_organisation")
    return url_for("pages.organisation_page", organisation_id=found)


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
