"""Logging in and out, confirming with a code, and for whom one works. Who is known fills the header (``g.me``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app, flash, g, make_response, redirect, request, url_for
from flask import session as browser
from werkzeug.wrappers import Response

from api import auth, tickets
from api import demo as people_of_the_demo
from api.pages import kept, words
from api.pages.blueprint import pages, render
from api.problems import TooManyAttempts, Unauthenticated
from api.transactions import now, reading, transaction
from workflows import access, accounts, desk, method, organisations
from workflows.actor import Actor
from workflows.errors import Invalid, LoginRefused

if TYPE_CHECKING:
    from workflows.db import Session


@dataclass(frozen=True, slots=True)
class Acting:
    """One way in which a person can work: an organisation and a role."""

    id: UUID
    organisation: str
    role: str


@dataclass(frozen=True, slots=True)
class Me:
    """What the header says about who is logged in."""

    name: str
    organisation: str
    role: str
    assignment_id: UUID | None
    all: tuple[Acting, ...]
    others: tuple[Acting, ...]
    may_signal: bool
    may_break_glass: bool
    may_search: bool
    may_ask_for_case: bool
    may_operate: bool
    unread: int
    tour_over: bool
    shortcuts: bool
    left: str | None = None  #: how long the session lasts; see auth.time_left

    @property
    def initials(self) -> str:
        return words.initials(self.name)


def known(session: Session, *, confirmed: bool = True) -> Actor:
    """Who asks, inside this transaction; also fills the header.

    Args:
        confirmed: see :func:`auth.actor`.

    Raises:
        Unauthenticated: nobody, or no longer. SecondFactorNeeded: the role asks for one.
    """
    by = auth.actor(confirmed=confirmed)
    if by.person_id is None:
        raise Unauthenticated("a page needs a person")
    found = organisations.assignments_of(session, by.person_id, on=now().astimezone(words.AMSTERDAM).date())
    all_ = [Acting(a.id, organisations.organisation(session, a.organisation_id).name, a.role) for a in found]
    here = next((one for one in all_ if one.id == by.assignment_id), Acting(UUID(int=0), "", by.role))
    wanted = accounts.preferences_of(session, by)
    g.me = Me(
        name=organisations.person(session, by.person_id).display_name,
        organisation=here.organisation,
        role=here.role,
        assignment_id=by.assignment_id,
        all=tuple(all_),
        others=tuple(one for one in all_ if one.id != by.assignment_id),
        may_signal=access.allows(by, "start_signal", access.Facts()),
        may_break_glass=access.allows(by, "break_glass", access.Facts()),
        may_search=access.allows(by, "search_cases", access.Facts()),
        may_ask_for_case=access.allows(by, "ask_for_case", access.Facts()),
        may_operate=desk.operates(by),
        unread=method.unread_notifications(session, by=by, at=now()),
        tour_over=wanted.tour_over,
        shortcuts=wanted.shortcuts,
        left=auth.time_left(),
    )
    return by


@pages.get("/")
def home() -> Response:
    return redirect(url_for("pages.work"))


@pages.get("/inloggen")
def log_in_page() -> Response | str:
    if auth.actor_or_none() is not None:
        return redirect(inside(request.args.get("next")) or url_for("pages.work"))
    with reading() as session:
        half = auth.standing(session) is not None  # the password was given, the code was not
    away = auth.cookie_secret() is not None and not half
    ended = "U was een tijd weg. Log opnieuw in, dan gaat u verder waar u was." if away else None
    return log_in_form(next_=inside(request.args.get("next")), expired=ended)


def log_in_form(
    *,
    next_: str | None = None,
    refused: str | None = None,
    expired: str | None = None,
    login: str | None = None,
    keeping: list[tuple[str, str]] | None = None,
) -> str:
    """The page to log in; *keeping* travels along, so that nothing typed before is lost."""
    demo = current_app.extensions["steun.settings"].is_demo
    return render(
        "login.html",
        next=next_,
        refused=refused,
        expired=expired,
        login=login,
        kept=keeping,
        providers=() if keeping else auth.settings().providers,  # the way there would leave behind what was typed
        beside=auth.settings().providers if keeping else (),  # so that way is gone in another tab
        again=kept.again_of(keeping or []),
        left=next((one for one in auth.settings().providers if one.code == browser.pop("left_provider", None)), None),
        hats=people_of_the_demo.HATS if demo and not keeping else (),  # a hat would leave behind what was typed
        demo_password=people_of_the_demo.PASSWORD if demo else None,
        kept_pass=tickets.ticket() if keeping else None,
    )


@pages.post("/inloggen")
def log_in() -> Response | str:
    login, password = request.form.get("login", ""), request.form.get("password", "")
    next_ = inside(request.form.get("_next"))
    keeping = kept.carried(request.form.items(multi=True))
    try:
        signed_in = auth.log_in(login, password)
    except (LoginRefused, TooManyAttempts) as refusal:
        page = log_in_form(next_=next_, refused=refusal.detail, login=login[:120], keeping=keeping)
        return _refused(page, refusal)
    if signed_in.awaits_code:
        if not keeping:
            return auth.keep(redirect(url_for("pages.confirm_page", next=next_), 303), signed_in)
        response = auth.keep(make_response(), signed_in)  # first: it forgets what the browser had, also the CSRF token
        response.set_data(confirm_form(None, next_=next_, keeping=keeping))
        return response
    return _arrived(signed_in, next_, keeping)


@pages.get("/activeren")
def activate_page() -> str:
    return _activate_form({})


@pages.post("/activeren")
def activate() -> Response:
    """The first password, or a new one for who forgot it; logging in comes after it, with a code where that is asked."""
    login = request.form.get("login", "")
    try:
        auth.activate(login, request.form.get("code", ""), request.form.get("password", ""))
    except Invalid as refusal:
        return make_response(_activate_form(refusal.errors, login=login), 400)
    except (LoginRefused, TooManyAttempts) as refusal:
        return _refused(_activate_form({"code": [refusal.detail]}, login=login), refusal)
    flash("Uw wachtwoord is bewaard. Log er nu mee in.", "ok")
    return redirect(url_for("pages.log_in_page"), 303)


def _activate_form(errors: Mapping[str, list[str]], *, login: str = "") -> str:
    return render("activate.html", errors=errors, login=login[:120])


@pages.get("/wachtwoord-vergeten")
def forgot_page() -> str:
    return render("forgot.html", can=auth.settings().mails_people)


@pages.post("/wachtwoord-vergeten")
def forgot() -> Response | str:
    """The same page whoever it is, and whether there is such a login."""
    can = auth.settings().mails_people
    if not can:
        return render("forgot.html", can=can)
    try:
        auth.ask_reset(request.form.get("login", ""))
    except TooManyAttempts as refusal:
        return _refused(render("forgot.html", can=can, refused=refusal.detail), refusal)
    return render("forgot.html", can=can, asked=True)


@pages.get("/wachtwoord-vergeten/<secret>")
def reset_page(secret: str) -> str:
    """Looks nothing up and spends nothing: programs that look at mail open its links too."""
    return render("reset.html", secret=secret[:100], errors={})


@pages.post("/wachtwoord-vergeten/<secret>")
def reset(secret: str) -> Response:
    try:
        auth.reset_password(secret, request.form.get("password", ""))
    except Invalid as refusal:
        return make_response(render("reset.html", secret=secret[:100], errors=refusal.errors), 400)
    except (LoginRefused, TooManyAttempts) as refusal:
        return _refused(render("forgot.html", can=auth.settings().mails_people, refused=refusal.detail), refusal)
    flash("Uw wachtwoord is bewaard. Log er nu mee in.", "ok")
    return redirect(url_for("pages.log_in_page"), 303)


@pages.get("/bevestigen")
def confirm_page() -> Response | str:
    """Between the password and the house, and later in a session when a role asks for it."""
    next_ = inside(request.args.get("next"))
    with reading() as session:
        stands = auth.standing(session)
    if stands is None:
        return redirect(url_for("pages.log_in_page", next=next_), 303)
    if stands.confirmed:
        return redirect(next_ or url_for("pages.work"), 303)
    if not stands.enrolled:
        return redirect(url_for("pages.second_factor", next=next_), 303)
    return confirm_form(stands, next_=next_)


def confirm_form(
    stands: accounts.Standing | None,
    *,
    next_: str | None = None,
    refused: str | None = None,
    keeping: list[tuple[str, str]] | None = None,
) -> str:
    """The page that asks for a code; *keeping* travels along as it does through the page before it."""
    demo = current_app.extensions["steun.settings"].is_demo
    return render(
        "confirm.html",
        next=next_,
        refused=refused,
        kept=keeping,
        kept_pass=tickets.ticket() if keeping else None,
        demo_code=people_of_the_demo.code_for(stands, at=now()) if demo and stands else None,
    )


@pages.post("/bevestigen")
def confirm() -> Response | str:
    next_ = inside(request.form.get("_next"))
    keeping = kept.carried(request.form.items(multi=True))
    with reading() as session:
        stands = auth.standing(session)
    if stands is None:
        page = log_in_form(next_=next_, keeping=keeping, expired="Het duurde te lang. Log opnieuw in.")
        return make_response(page, 401)
    try:
        signed_in = auth.confirm(request.form.get("code", ""))
    except (LoginRefused, TooManyAttempts) as refusal:
        return _refused(confirm_form(stands, next_=next_, refused=refusal.detail, keeping=keeping), refusal)
    return _arrived(signed_in, next_, keeping)


def _refused(page: str, refusal: LoginRefused | TooManyAttempts) -> Response:
    response = make_response(page, 401)
    if isinstance(refusal, TooManyAttempts):
        response.status_code = 429
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _arrived(signed_in: auth.SignedIn, next_: str | None, keeping: list[tuple[str, str]]) -> Response:
    """In: go where one was going, with what was typed before."""
    target = next_ or url_for("pages.work")
    if not keeping:
        return auth.keep(redirect(target, 303), signed_in)
    given = kept.give_back(keeping, secret=signed_in.secret, target=target)
    auth.keep(given.response, signed_in)  # forgets what the browser had, so what is to be said comes after it
    if given.said:
        flash(given.said, "ok")
    if given.again:
        given.response.set_data(render("again.html", again=given.again))
    return given.response


@pages.post("/ingelogd-blijven")
def stay() -> Response:
    """Somebody is still there: the session lasts as long again as it may unused. Answers to the script, with nothing else."""
    with transaction():
        auth.actor()
    return make_response("", 204)


@pages.post("/uitloggen")
def log_out() -> Response:
    with reading() as session:
        provider = accounts.provider_of(session, auth.cookie_secret() or "")
    response = auth.log_out(make_response(redirect(url_for("pages.log_in_page"), 303)))
    if provider is not None:
        browser["left_provider"] = provider
    flash("U bent uitgelogd.", "ok")
    return response


@pages.post("/rol")
def switch_role() -> Response:
    try:
        chosen = UUID(request.form.get("assignment", ""))
    except ValueError:
        chosen = UUID(int=0)
    auth.switch(chosen)
    with reading() as session:
        known(session, confirmed=False)
    flash(f"U werkt nu namens {g.me.organisation}, als {words.say(g.me.role, words.ROLES)}.", "ok")
    return redirect(url_for("pages.work"), 303)


def inside(target: str | None) -> str | None:
    """An address of ours, or nothing: nobody is sent to another site after logging in.

    Browsers and libraries drop tabs and line ends from an address and read ``\\`` as ``/``, so none of these is taken.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    return None if any(sign <= " " or sign in "\\\x7f" for sign in target) else target
