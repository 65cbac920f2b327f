"""For who administers an organisation: inviting, roles and their last day, the organisation's own data, the yearly look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api import auth
from api.pages import kept, shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import local_date, now, reading, transaction
from workflows import method, organisations
from workflows.errors import Invalid, NotAllowed, StaleVersion, WrongState
from workflows.organisations import ReviewAnswer

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

Errors = Mapping[str, Sequence[str]]

#: What is asked of somebody new, as it stands on the page.
_QUESTIONS = ("display_name", "login", "role", "areas", "valid_from", "valid_to", "way", "mail")


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody has or gets, with what can be done to it."""

    id: UUID
    role: str
    areas: str
    valid_from: date
    valid_to: date | None
    version: int
    may_change: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A role on the list of the yearly look."""

    id: UUID
    name: str
    role: str
    areas: str
    valid_to: date | None
    own: bool
    may_end: bool
    answer: str | None = None
    by: str | None = None
    at: datetime | None = None


# --- inviting


@pages.get("/organisaties/<uuid:organisation_id>/uitnodigen")
def invite_colleague_page(organisation_id: UUID) -> str:
    return _invite_form(organisation_id, {"valid_from": local_date().isoformat()})


@pages.post("/organisaties/<uuid:organisation_id>/uitnodigen")
def invite_colleague(organisation_id: UUID) -> Response:
    typed = _typed("display_name", "login", "role", "valid_from", "valid_to", "way", "mail")
    by_mail = typed["way"] == "mail" and auth.settings().mails_people
    try:
        with transaction() as session:
            by = known(session)
            organisations.require_there(by, organisation_id, at=now())
            if kept.sent_before(session, by=by) is not None:
                flash("Deze uitnodiging was al gemaakt. Is de code kwijt? Maak een nieuwe, bij Toegang.", "warning")
                return redirect(url_for("pages.organisation_page", organisation_id=organisation_id), 303)
            made = method.invite_colleague(
                session,
                organisation_id,
                display_name=typed["display_name"],
                login=typed["login"],
                role=typed["role"],
                areas=request.form.getlist("areas"),
                valid_from=_day(typed, "valid_from") or local_date(),
                valid_to=_day(typed, "valid_to"),
                mail=typed["mail"] if by_mail else None,
                by=by,
                at=now(),
                cost=auth.cost(),
            )
            kept.now_sent(session, made.person.id)
            page = render(
                "colleague_invited.html",
                organisation=organisations.organisation(session, organisation_id),
                invited=made,
                address=url_for("pages.activate_page", _external=True),
                inviter=organisations.names_of(session, [by.person_id]).get(by.person_id or UUID(int=0), ""),
            )
        return make_response(page)
    except Invalid as refusal:
        return make_response(_invite_form(organisation_id, typed, refusal.errors), 400)


def _invite_form(organisation_id: UUID, typed: Mapping[str, str], errors: Errors | None = None) -> str:
    with reading() as session:
        by = _manager(session, organisation_id)
        found = organisations.organisation(session, organisation_id)
        if not found.active:
            raise WrongState(f"organisation {organisation_id} stopped", detail="Deze organisatie is gestopt.")
        return render(
            "colleague_invite.html",
            organisation=found,
            typed=typed,
            errors={name: errors[name] for name in sorted(errors, key=_as_asked)} if errors else {},
            chosen=request.form.getlist("areas"),
            regional=organisations.is_regional(by),
            roles=_roles(by),
            areas=_towns(session, found.areas),
            mails=auth.settings().mails_people,
        )


# --- the organisation's own data


@pages.get("/organisaties/<uuid:organisation_id>/gegevens")
def organisation_data(organisation_id: UUID) -> str:
    return _data_form(organisation_id)


@pages.post("/organisaties/<uuid:organisation_id>/gegevens")
def change_organisation(organisation_id: UUID) -> Response:
    typed = _typed("phone", "mail", "website")
    typed["version"] = request.form.get("_version", "")
    try:
        with transaction() as session:
            organisations.change_organisation(
                session,
                organisation_id,
                phone=typed["phone"],
                mail=typed["mail"],
                website=typed["website"],
                areas=request.form.getlist("areas"),
                version=_version(),
                by=_manager(session, organisation_id),
                at=now(),
            )
    except Invalid as refusal:
        return make_response(_data_form(organisation_id, typed, refusal.errors), 400)
    except StaleVersion as refusal:
        flash(refusal.detail, "warning")
        return make_response(_data_form(organisation_id), 412)
    flash("De gegevens zijn bewaard.", "ok")
    return redirect(url_for("pages.organisation_page", organisation_id=organisation_id), 303)


def _data_form(organisation_id: UUID, typed: Mapping[str, str] | None = None, errors: Errors | None = None) -> str:
    with reading() as session:
        _manager(session, organisation_id)
        found = organisations.organisation(session, organisation_id)
        now_kept = {
            "phone": found.phone or "",
            "mail": found.mail or "",
            "website": found.website or "",
            "version": str(found.version),
        }
        return render(
            "organisation_data.html",
            organisation=found,
            typed=typed or now_kept,
            errors=errors or {},
            chosen=request.form.getlist("areas") if errors else sorted(found.areas),
            areas=[(one.code, one.name) for one in organisations.municipalities(session, on=local_date())],
        )


# --- roles of somebody


@pages.get("/organisaties/<uuid:organisation_id>/mensen/<uuid:person_id>/rollen")
def colleague(organisation_id: UUID, person_id: UUID) -> str:
    return _colleague_page(organisation_id, person_id)


@pages.post("/organisaties/<uuid:organisation_id>/mensen/<uuid:person_id>/rollen")
def give_role(organisation_id: UUID, person_id: UUID) -> Response:
    typed = _typed("role", "valid_from", "valid_to")
    try:
        with transaction() as session:
            by = known(session)
            if not typed["role"]:
                organisations.require_there(by, organisation_id, at=now())
                raise Invalid("no role", errors={"role": ["Kies een rol."]})
            if kept.sent_before(session, by=by) is None:
                given = organisations.assign_role(
                    session,
                    person_id=person_id,
                    organisation_id=organisation_id,
                    role=typed["role"],
                    areas=request.form.getlist("areas"),
                    valid_from=_day(typed, "valid_from") or local_date(),
                    valid_to=_day(typed, "valid_to"),
                    by=by,
                    at=now(),
                )
                kept.now_sent(session, given.id)
    except Invalid as refusal:
        return make_response(_colleague_page(organisation_id, person_id, typed, refusal.errors), 400)
    flash("De rol is gegeven.", "ok")
    return _to_colleague(organisation_id, person_id)


@pages.post("/organisaties/<uuid:organisation_id>/mensen/<uuid:person_id>/naam")
def rename_person(organisation_id: UUID, person_id: UUID) -> Response:
    typed = _typed("display_name")
    try:
        with transaction() as session:
            by = known(session)
            organisations.rename_person(session, person_id, typed["display_name"], version=_version(), by=by, at=now())
    except Invalid as refusal:
        return make_response(_colleague_page(organisation_id, person_id, typed, refusal.errors), 400)
    except StaleVersion as refusal:
        flash(refusal.detail, "warning")
        return _to_colleague(organisation_id, person_id)
    flash("De naam is bewaard.", "ok")
    return _to_colleague(organisation_id, person_id)


@pages.post("/organisaties/<uuid:organisation_id>/rollen/<uuid:assignment_id>/laatste-dag")
def change_last_day(organisation_id: UUID, assignment_id: UUID) -> Response:
    typed = _typed("valid_to")
    try:
        with transaction() as session:
            found = organisations.change_last_day(
                session, assignment_id, _day(typed, "valid_to"), version=_version(), by=known(session), at=now()
            )
            person_id = found.person_id
    except Invalid as refusal:
        with reading() as session:
            by = known(session)
            person_id = organisations.managed_assignment(session, assignment_id, by=by, at=now()).person_id
        page = _colleague_page(organisation_id, person_id, {}, refusal.errors, wrong_role=assignment_id)
        return make_response(page, 400)
    except (StaleVersion, WrongState) as refusal:
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.organisation_page", organisation_id=organisation_id), 303)
    flash("De laatste dag is bewaard.", "ok")
    return _to_colleague(organisation_id, person_id)


def _colleague_page(
    organisation_id: UUID,
    person_id: UUID,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
    *,
    wrong_role: UUID | None = None,
) -> str:
    with reading() as session:
        by = _manager(session, organisation_id)
        organisations.require_person(session, person_id, by=by, at=now())
        who = organisations.professional(session, person_id)
        where, names = organisations.organisation(session, organisation_id), shown.Names(session)
        offered = {code for code, _ in _roles(by)}
        held = [
            Held(
                one.id,
                one.role,
                _named(one.areas, names),
                one.valid_from,
                one.valid_to,
                one.version,
                one.role in offered,
            )
            for found in organisations.colleagues(session, organisation_id, by=by, at=now())
            if found.person.id == person_id
            for one in found.roles
        ]
        return render(
            "colleague.html",
            organisation=where,
            person=who,
            roles=held,
            own=by.person_id == person_id,
            whole=organisations.reaches(session, person_id, by=by, at=now()),
            offered=_roles(by),
            areas=_towns(session, where.areas),
            typed=typed or {"valid_from": local_date().isoformat()},
            errors=errors or {},
            chosen=request.form.getlist("areas"),
            wrong_role=wrong_role,
        )


def _to_colleague(organisation_id: UUID, person_id: UUID) -> Response:
    return redirect(url_for("pages.colleague", organisation_id=organisation_id, person_id=person_id), 303)


# --- the yearly look


@pages.get("/organisaties/<uuid:organisation_id>/nakijken")
def access_reviews(organisation_id: UUID) -> str:
    with reading() as session:
        by = known(session)
        found = organisations.reviews_of(session, organisation_id, by=by, at=now())
        where = organisations.organisation(session, organisation_id)
        return render("access_reviews.html", organisation=where, reviews=found)


@pages.post("/organisaties/<uuid:organisation_id>/nakijken")
def begin_access_review(organisation_id: UUID) -> Response:
    try:
        with transaction() as session:
            begun = organisations.begin_review(session, organisation_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.access_reviews", organisation_id=organisation_id), 303)
    return redirect(url_for("pages.access_review", review_id=begun.id), 303)


@pages.get("/organisaties/nakijken/<uuid:review_id>")
def access_review(review_id: UUID) -> str:
    return _review_page(review_id)


@pages.post("/organisaties/nakijken/<uuid:review_id>")
def answer_access_review(review_id: UUID) -> Response:
    answers: dict[UUID, ReviewAnswer] = {}
    for name, value in request.form.items():
        if name.startswith("rol.") and value in set(ReviewAnswer):
            try:
                answers[UUID(name.removeprefix("rol."))] = ReviewAnswer(value)
            except ValueError:
                continue
    try:
        with transaction() as session:
            found, left = method.answer_access_review(
                session, review_id, answers, version=_version(), by=known(session), at=now()
            )
            done = found.closed_at is not None
    except Invalid as refusal:
        return make_response(_review_page(review_id, refusal.errors), 400)
    except StaleVersion as refusal:
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.access_review", review_id=review_id), 303)
    except (NotAllowed, WrongState) as refusal:
        with reading() as session:  # of somebody who may see the list at all; anybody else is refused as before
            organisations.review(session, review_id, by=known(session), at=now())
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.access_review", review_id=review_id), 303)
    told = "Alles is nagekeken." if done else "Bewaard wat u koos."
    if tasks := sum(len(one.tasks) for one in left):
        told += f" Terug naar een team: {tasks} {'taak' if tasks == 1 else 'taken'}."
    flash(told, "ok")
    return redirect(url_for("pages.access_review", review_id=review_id), 303)


def _review_page(review_id: UUID, errors: Errors | None = None) -> str:
    with reading() as session:
        by = known(session)
        found = organisations.review(session, review_id, by=by, at=now())
        where, names = organisations.organisation(session, found.organisation_id), shown.Names(session)
        people = organisations.names_of(
            session, {one for item in found.items for one in (item.person_id, item.answered_by)}
        )
        offered = {code for code, _ in _roles(by)}
        rows = [
            Asked(
                one.id, people[one.person_id], one.role, _named(one.areas, names), one.valid_to,
                one.person_id == by.person_id, one.role in offered, one.answer,
                people.get(one.answered_by) if one.answered_by else None, one.answered_at,
            )
            for one in sorted(found.items, key=lambda one: (people[one.person_id], one.role, one.id))
        ]  # fmt: skip
        return render(
            "access_review.html",
            organisation=where,
            review=found,
            waiting=[one for one in rows if one.answer is None],
            done=[one for one in rows if one.answer is not None],
            errors=errors or {},
        )


# --- what these pages share


def _manager(session: Session, organisation_id: UUID) -> Actor:
    by = known(session)
    organisations.require_there(by, organisation_id, at=now())
    return by


def _roles(by: Actor) -> list[tuple[str, str]]:
    """Roles that somebody may give, by code, in Dutch."""
    found = [(str(role), words.say(role, words.ROLES)) for role in organisations.roles_given_by(by)]
    return sorted(found, key=lambda one: one[1])


def _as_asked(name: str) -> int:
    """Faults stand in the order of the questions, so that who goes by keyboard goes down the page."""
    return _QUESTIONS.index(name) if name in _QUESTIONS else len(_QUESTIONS)


def _towns(session: Session, codes: frozenset[str]) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in organisations.municipalities(session) if one.code in codes]


def _named(codes: Sequence[str], names: shown.Names) -> str:
    return ", ".join(sorted(names.municipality(code) for code in codes)) or "Het hele werkgebied"


def _typed(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "").strip()[:300] for name in names}


def _day(typed: Mapping[str, str], name: str) -> date | None:
    if not typed[name]:
        return None
    try:
        return words.read_day(typed[name])
    except ValueError:
        raise Invalid(f"no day in {name}", errors={name: ["Vul een datum in die bestaat."]}) from None


def _version() -> int:
    try:
        return int(request.form.get("_version", ""))
    except ValueError:
        return 0
