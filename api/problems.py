"""From a refusal to an answer: the only place that knows status codes (RFC 9457, in Dutch).

Below ``/api`` every refusal is ``application/problem+json``; elsewhere it is a page, made by ``html_renderer`` once the
pages have set it. ``type`` points at a page of ours that explains the kind of problem (``pages/developers``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from api import logs, refusals
from workflows.errors import (
    ConcurrentChange,
    ConsentMissing,
    Doubtful,
    FormChanged,
    GroundMissing,
    Invalid,
    LoginRefused,
    NotAllowed,
    NotFound,
    Refusal,
    StaleVersion,
    TooOften,
    Unavailable,
    Unreadable,
    VersionMissing,
    WrongState,
)

log = logs.get(__name__)


class Unauthenticated(Refusal):
    """Nobody is logged in, or no longer."""

    title = "U bent niet ingelogd"
    detail = "Log in om verder te gaan. Na een half uur zonder gebruik logt het systeem u uit."


class SecondFactorNeeded(Refusal):
    """The role asks for a second factor, and this session or token had none."""

    title = "Bevestig met uw code"
    detail = "In deze rol werkt u pas na een extra controle. Bevestig met een code uit uw app of een herstelcode."


class TooManyAttempts(Refusal):
    """Too many attempts to log in failed from this address; try again after ``retry_after`` seconds."""

    title = "Wacht even met inloggen"

    def __init__(self, *, seconds: int) -> None:
        said = "een seconde" if seconds == 1 else f"{seconds} seconden"
        text = f"Vanaf dit adres ging inloggen vaak mis. Wacht {said} en probeer het dan opnieuw."
        super().__init__("too many attempts from one address", detail=text)
        self.retry_after = seconds


class CrossSite(Refusal):
    """The browser says that another site sent this change."""

    title = "Van een andere website"
    detail = "Dit verzoek kwam van een andere website. Daarom is er niets veranderd."


class TooLarge(Refusal):
    """The body is bigger than ``STEUN_MAX_BODY``."""

    title = "Te groot"
    detail = "Wat u stuurde is te groot."


class WrongMediaType(Refusal):
    """The body is not what this address reads."""

    title = "Verkeerd soort inhoud"
    detail = "Stuur de gegevens als application/json."


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its code (the last part of ``type``), its status and what the explaining page says."""

    code: str
    status: int
    title: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is answered: a kind, said of this request."""

    code: str
    status: int
    title: str
    detail: str
    request_id: str
    errors: dict[str, list[str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return f"/problems/{self.code}"

    def body(self) -> dict[str, Any]:
        members: dict[str, Any] = {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "request_id": self.request_id,
        }
        if self.errors:
            members["errors"] = self.errors
        return {**members, **self.extra}


#: From the reason to its kind. The most particular class comes first.
KINDS: dict[type[Refusal], Kind] = {
    Unauthenticated: Kind(
        "unauthenticated",
        401,
        Unauthenticated.title,
        "Voor dit adres moet u ingelogd zijn. Een sessie eindigt na een half uur zonder gebruik, of wanneer uw account of rol stopt. Programma's sturen een toegangstoken mee: Authorization: Bearer …",
    ),
    SecondFactorNeeded: Kind(
        "second-factor-needed",
        403,
        SecondFactorNeeded.title,
        "Deze rol vraagt een tweede controle naast het wachtwoord. Op de pagina’s bevestigt u met een code. Voor een programma geeft een beheerder een token uit met: steun token add --second-factor.",
    ),
    TooManyAttempts: Kind(
        "too-many-attempts",
        429,
        TooManyAttempts.title,
        "Vanaf dit adres mislukten veel pogingen om in te loggen. In de kop Retry-After staat na hoeveel seconden het weer kan. Wie al was ingelogd, merkt hier niets van.",
    ),
    CrossSite: Kind(
        "cross-site",
        403,
        CrossSite.title,
        "De browser zei dat een andere website dit verzoek stuurde (Sec-Fetch-Site). Veranderingen kunnen alleen vanaf onze eigen pagina’s.",
    ),
    LoginRefused: Kind(
        "login-refused",
        401,
        LoginRefused.title,
        "De gebruikersnaam of het wachtwoord klopt niet, of het account is even geblokkeerd na te veel pogingen. Het systeem zegt met opzet niet welke van de twee.",
    ),
    Doubtful: Kind(
        "doubtful",
        400,
        Doubtful.title,
        "Antwoorden passen niet bij elkaar of bij wat al bekend is. In ‘questions’ staat per veld een vraag. Klopt het toch, stuur dan hetzelfde met die velden in ‘confirmed’.",
    ),
    Invalid: Kind(
        "invalid",
        400,
        Invalid.title,
        "Iets in de gegevens kan niet. In ‘errors’ staan alle velden tegelijk, met per veld wat eraan schort.",
    ),
    GroundMissing: Kind(
        "ground-missing",
        403,
        GroundMissing.title,
        "Het gezin gaf toestemming, maar voor deze ontvanger is dat niet genoeg: er is geen wettelijke grond vastgelegd waarop die de gegevens mag krijgen.",
    ),
    ConsentMissing: Kind(
        "consent-missing",
        403,
        ConsentMissing.title,
        "Het gezin gaf voor deze ontvanger of dit doel geen toestemming, of trok die in.",
    ),
    NotAllowed: Kind(
        "not-allowed",
        403,
        NotAllowed.title,
        "U ziet dit wel, maar met uw rol in deze organisatie mag u deze handeling niet doen.",
    ),
    NotFound: Kind(
        "not-found",
        404,
        NotFound.title,
        "Het adres klopt niet, het bestaat niet meer, of u mag het niet zien. Het antwoord is in al die gevallen hetzelfde.",
    ),
    ConcurrentChange: Kind(
        "concurrent-change",
        409,
        ConcurrentChange.title,
        "Twee mensen veranderden op hetzelfde moment hetzelfde. Eén van beiden was eerst; van de ander is niets half bewaard.",
    ),
    WrongState: Kind(
        "wrong-state",
        409,
        WrongState.title,
        "De stand is intussen anders, bijvoorbeeld omdat een collega de taak al afrondde. Kijk opnieuw.",
    ),
    FormChanged: Kind(
        "form-changed",
        412,
        FormChanged.title,
        "U stuurde antwoorden op een oudere versie van het formulier. In ‘detail’ staat welke vragen nieuw zijn, vervielen of veranderden. Wat u stuurde is bewaard als concept: haal de taak opnieuw op, vul aan en stuur het opnieuw.",
    ),
    StaleVersion: Kind(
        "stale-version",
        412,
        StaleVersion.title,
        "U veranderde een versie die niet meer de nieuwste is. Haal de nieuwste op en probeer het opnieuw.",
    ),
    VersionMissing: Kind(
        "version-missing",
        428,
        VersionMissing.title,
        "Wie iets verandert, zegt met de kop If-Match welke versie dat is. De versie staat in de kop ETag van het antwoord.",
    ),
    TooLarge: Kind("too-large", 413, TooLarge.title, "De inhoud is groter dan dit systeem aanneemt."),
    WrongMediaType: Kind(
        "wrong-media-type", 415, WrongMediaType.title, "Dit adres leest alleen JSON: Content-Type: application/json."
    ),
    TooOften: Kind(
        "too-often",
        429,
        TooOften.title,
        "Dit is te vaak achter elkaar geprobeerd. In de kop Retry-After staat na hoeveel seconden het weer kan.",
    ),
    Unavailable: Kind(
        "unavailable",
        503,
        Unavailable.title,
        "De gegevens zijn even niet bereikbaar of het is erg druk. Er ging niets verloren. In de kop Retry-After staat na hoeveel seconden u het opnieuw kunt proberen.",
    ),
    Unreadable: Kind(
        "unreadable",
        503,
        Unreadable.title,
        "Deze gegevens zijn versleuteld bewaard. De sleutel van deze installatie ontbreekt of past er niet op. Er is niets veranderd en niets gewist; de beheerder kan de sleutel terugzetten.",
    ),
    Refusal: Kind("refused", 409, Refusal.title, "Dit kan in de huidige stand van zaken niet."),
}

CSRF = Kind(
    "csrf",
    400,
    "Deze pagina is verlopen",
    "Ter beveiliging hoort bij elk formulier een kenmerk dat bij uw sessie hoort. Het ontbrak of was verlopen. Ververs de pagina en probeer het opnieuw.",
)
INTERNAL = Kind(
    "internal",
    500,
    "Er ging iets mis",
    "Er is een fout in dit systeem. Er is niets half bewaard. Geef het nummer van het verzoek door aan de beheerder.",
)

#: What the web framework itself refuses, by status.
HTTP: dict[int, Kind] = {
    400: Kind(
        "bad-request", 400, "Onleesbaar verzoek", "Het verzoek is niet te lezen. Kijk of de gegevens compleet zijn."
    ),
    404: KINDS[NotFound],
    405: Kind(
        "method-not-allowed",
        405,
        "Dat kan hier niet",
        "Dit adres kent deze handeling niet. De kop Allow zegt wat wel kan.",
    ),
    406: Kind("not-acceptable", 406, "Niet in deze vorm", "Dit adres geeft de gegevens niet in de gevraagde vorm."),
    413: KINDS[TooLarge],
    414: Kind("too-large", 414, TooLarge.title, KINDS[TooLarge].explanation),
    415: KINDS[WrongMediaType],
    429: Kind(
        "too-many-requests",
        429,
        "Te veel verzoeken",
        "Er kwamen te veel verzoeken achter elkaar. In de kop Retry-After staat na hoeveel seconden het weer kan.",
    ),
}

#: Every kind with its own page, by code.
PAGES: dict[str, Kind] = {kind.code: kind for kind in (*HTTP.values(), *KINDS.values(), CSRF, INTERNAL)}

#: Set by the pages: makes a Dutch page of a problem.
html_renderer: Callable[[Problem], str] | None = None


def register(app: Flask) -> None:
    """Answer every exception of this application."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def request_id() -> str:
    return str(g.get("request_id", ""))


def of(refusal: Refusal) -> Problem:
    """The problem that a refusal is, for this request."""
    kind = next(KINDS[cls] for cls in type(refusal).__mro__ if cls in KINDS)
    headers = {}
    if isinstance(refusal, Unavailable | TooManyAttempts | TooOften):
        headers["Retry-After"] = str(refusal.retry_after)
    if kind.status == 401 and is_api():
        headers["WWW-Authenticate"] = 'Bearer realm="Steun op Maat"'
    errors = refusal.errors if isinstance(refusal, Invalid) else {}
    extra = {"questions": refusal.questions} if isinstance(refusal, Doubtful) else {}
    return Problem(kind.code, kind.status, refusal.title, refusal.detail, request_id(), errors, headers, extra)


def answer(problem: Problem) -> Response:
    """The response: a problem document for programs, a page for people."""
    if is_api():
        text, mimetype = json.dumps(problem.body(), ensure_ascii=False), "application/problem+json"
    else:
        text, mimetype = (html_renderer or _bare_html)(problem), "text/html"
    response = Response(text, problem.status, mimetype=mimetype)
    response.headers.extend(problem.headers)
    g.problem = problem.code
    return response


def is_api() -> bool:
    return request.path.startswith(("/api/", "/health/")) or request.path == "/api"


#: Refusals of access, which are written down, and under which code.
ACCESS: dict[type[Refusal], str] = {
    NotFound: "not_found",
    NotAllowed: "not_allowed",
    SecondFactorNeeded: "second_factor_needed",
}


def noted(refusal: Refusal) -> Refusal:
    """Write a refusal of access down; what is to be answered: the refusal, or why it could not be written."""
    reason = next((code for kind, code in ACCESS.items() if isinstance(refusal, kind)), None)
    try:
        if reason is not None:
            refusals.write_down(reason)
    except (Unavailable, ConcurrentChange) as away:
        return away
    return refusal


def _refused(refusal: Refusal) -> Response:
    return answer(of(noted(refusal)))


def _csrf(_error: CSRFError) -> Response:
    return answer(_of_kind(CSRF))


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:  # a redirect is not a problem
        return error
    if error.code >= 500:
        return _fault(error)
    if error.code == 404:  # an address that means nothing answers as an id that means nothing
        return answer(of(NotFound(request.path)))
    problem = _of_kind(HTTP.get(error.code, HTTP[400]))
    problem.headers.update({key: value for key, value in error.get_headers() if key in ("Allow", "Retry-After")})
    return answer(problem)


def _fault(error: Exception) -> Response:
    """Ours to mend: the text stays inside, the request's number goes out."""
    log.error("request.failed", exc_info=error)
    return answer(_of_kind(INTERNAL))


def _of_kind(kind: Kind) -> Problem:
    return Problem(kind.code, kind.status, kind.title, kind.explanation, request_id())


def _bare_html(problem: Problem) -> str:
    """A page without style, for when the pages are not there or are themselves the problem."""
    return (
        f'<!doctype html><html lang="nl"><meta charset="utf-8"><title>{escape(problem.title)}</title>'
        f"<h1>{escape(problem.title)}</h1><p>{escape(problem.detail)}</p>"
        f"<p>Nummer van dit verzoek: {escape(problem.request_id)}</p></html>"
    )
