"""The page that a refusal becomes: kind words, a way back, and whatever was typed."""

from __future__ import annotations

from dataclasses import replace

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api import auth, family_auth, problems
from api.pages import kept, words
from api.pages.blueprint import by_htmx, family, pages, render
from api.pages.family_pages import shape
from api.pages.people import confirm_form, log_in_form
from api.problems import Problem, SecondFactorNeeded, Unauthenticated
from api.transactions import reading
from workflows import organisations
from workflows.accounts import Standing
from workflows.actor import Actor
from workflows.errors import Unavailable

_WORDS = {
    "not-found": ("Deze bladzijde vinden we niet", "Hij bestaat niet (meer), of u mag hem niet zien."),
    "method-not-allowed": ("Deze bladzijde vinden we niet", "Zo is dit adres niet te openen. Ga terug en probeer het opnieuw."),
    "csrf": ("Deze bladzijde was verlopen", "U bent intussen opnieuw ingelogd, of de bladzijde stond lang open."),
    "too-large": ("Dit is te veel tekst", "Het formulier is groter dan wij kunnen ontvangen. Ga met ‘vorige’ in uw browser terug: daar staat uw tekst nog. Maak hem korter en probeer het opnieuw."),
    "internal": ("Er ging iets mis bij ons", "Dat ligt niet aan u. Er is niets half bewaard. Probeer het over een paar minuten opnieuw."),
    "unavailable": ("We zijn er even niet", "De gegevens zijn nu niet bereikbaar. Wacht een paar tellen en probeer het opnieuw."),
}  # fmt: skip


def page_of(problem: Problem) -> str:
    """A whole page, the log-in page, or a line for the script on a page."""
    typed = _typed(problem)
    if family_auth.is_family():
        return shape.problem(problem, _of_parent(problem, typed))
    title, detail = _WORDS.get(problem.code, (problem.title, problem.detail))
    problem = replace(problem, title=title, detail=detail)
    if by_htmx():
        return render_template("saved.html", not_saved=_line(problem))
    if typed and problem.code == "csrf":
        by = _who()
        if by is None:
            return log_in_form(keeping=_with_action(typed))
        problem = replace(problem, detail=f"{problem.detail} {_acts_for(by)}")
        typed = typed if kept.is_of(typed, by) else []
    if problem.status == 401:
        return log_in_form(keeping=_with_action(typed))
    if typed and problem.code == "second-factor-needed" and (stands := _may_confirm()) is not None:
        return confirm_form(stands, keeping=_with_action(typed))
    return render("problem.html", problem=problem, again=kept.Again(request.path, typed) if typed else None)


def _of_parent(problem: Problem, typed: list[tuple[str, str]]) -> kept.Again | None:
    """What a parent typed, to be sent once more: by whoever opened the form, or, after a session that ended, by who logs in
    again in another window. Only who opened the form can send it: it names them, and is refused to anybody else."""
    try:
        by = family_auth.parent_or_none()
    except Unavailable:
        by = None
    if not typed or (by is not None and not kept.is_of(typed, by)):
        return None
    return kept.Again(request.path, typed)


def _with_action(typed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [*typed, (kept.ACTION, request.path)] if typed else []


@pages.errorhandler(Unauthenticated)
def log_in_first(refusal: Unauthenticated) -> Response:
    """Who only wanted to look goes there after logging in; what was typed travels along."""
    if request.method != "GET" or by_htmx():
        return problems.answer(problems.of(refusal))
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("pages.log_in_page", next=wanted if wanted != url_for("pages.work") else None), 303)


@family.errorhandler(family_auth.ParentUnknown)
def log_in_as_parent(refusal: family_auth.ParentUnknown) -> Response:
    """Nobody, or no longer: the page to log in, with nothing of what was asked."""
    if request.method != "GET" or by_htmx():
        return problems.answer(problems.of(refusal))
    return redirect(url_for("family.log_in_page"), 303)


@family.errorhandler(family_auth.ParentUnconfirmed)
def confirm_as_parent(refusal: family_auth.ParentUnconfirmed) -> Response:
    """The second factor first, whatever was asked."""
    return redirect(url_for("family.second_factor"), 303)


@pages.errorhandler(SecondFactorNeeded)
def confirm_first(refusal: SecondFactorNeeded) -> Response:
    """Who only wanted to look goes there after confirming."""
    noted = problems.noted(refusal)
    if request.method != "GET" or by_htmx() or noted is not refusal:
        return problems.answer(problems.of(noted))
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("pages.confirm_page", next=wanted if wanted != url_for("pages.work") else None), 303)


def _typed(problem: Problem) -> list[tuple[str, str]]:
    if request.method != "POST" or problem.status == 413:
        return []
    return kept.worth_keeping(request.form.items(multi=True))


def _who() -> Actor | None:
    """Who asks. A form that failed for its token is offered again, with a fresh token, to nobody but who opened it: it may
    have come from another site, and then the browser sent no cookie of ours. Logging in keeps the text as a draft."""
    try:
        return auth.actor_or_none()
    except Unavailable:
        return None


def _may_confirm() -> Standing | None:
    """Whose code would let them go on in this browser; None: they have no second factor yet, and set it up first."""
    with reading() as session:
        stands = auth.standing(session)
    return stands if stands is not None and stands.enrolled and not stands.confirmed else None


def _acts_for(by: Actor) -> str:
    """Who sends a form of before a change of roles sends it for another organisation."""
    with reading() as session:
        name = organisations.organisation(session, by.organisation_id).name if by.organisation_id else ""
    return f"U werkt nu namens {name}, als {words.say(by.role, words.ROLES)}." if name else ""


def _line(problem: Problem) -> str:
    if problem.status == 401:
        return "Niet bewaard: u bent uitgelogd. Uw tekst staat hier nog. Klik op ‘Bewaar en stop’ en log opnieuw in."
    return f"Niet bewaard: {problem.detail} Uw tekst staat hier nog."
