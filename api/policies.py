"""What a browser may do with each answer, in one table: content policy, caching, and how much may be sent.

Everything is ``no-store`` but what is built and what everybody may know. A file is a download unless it is a page, a
picture of ours or data for a program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, current_app, g, request

from api import auth, problems, tickets, uploads

#: On every answer.
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: Kinds that a browser may show by itself.
SHOWN = frozenset({"text/html", "application/json", "application/problem+json", "image/svg+xml"})


@dataclass(frozen=True, slots=True)
class Policy:
    """What goes with a group of routes.

    Args:
        content: Content-Security-Policy.
        cache: Cache-Control of an answer that is not a refusal.
        longest: bytes that may be sent; None: as many as the settings say.
        files: a file may be sent, by whoever is known.
        is_use: whether asking shows that somebody is there. A page that asks by itself does not: it would keep the session of
            who walked away alive for ever.
    """

    content: str
    cache: str = "no-store"
    longest: int | None = None
    files: bool = False
    is_use: bool = True

    @property
    def scripts(self) -> bool:
        """Whether our own script may run."""
        return "script-src" in self.content

    @property
    def is_page(self) -> bool:
        """Whether our own style may be used."""
        return "style-src" in self.content


_NOTHING = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
_PAGE = (
    "default-src 'none'; {script}style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
#: Pages of ours: own style and script, nothing from elsewhere, nothing inline.
PAGES = Policy(_PAGE.format(script="script-src 'self'; connect-src 'self'; "))
#: What a page of ours asks by itself, while nobody touches it.
UNATTENDED = Policy(PAGES.content, is_use=False)
#: Where a secret is typed or shown: no script at all.
SECRETS = Policy(_PAGE.format(script=""))
#: What everybody may read and nobody presses: no script at all.
READER = Policy(_PAGE.format(script=""))
#: Where everybody can ask for work without being known: no more is read than a name and a secret need.
DOORSTEP = Policy(SECRETS.content, longest=4_000)
#: Data for programs, and files: a browser that opens them may load nothing.
DATA = Policy(_NOTHING)
#: A file of a case: whatever opens it may do nothing at all.
FILE = Policy(f"{_NOTHING}; sandbox")
#: Where a file is sent.
UPLOAD = Policy(PAGES.content, files=True)
#: The same for programs.
UPLOAD_DATA = Policy(_NOTHING, files=True)
#: What everybody may know and what changes only with the software.
PUBLIC = Policy(_NOTHING, "no-cache")
#: Pictures and texts beside the built files.
STATIC = Policy(_NOTHING, "public, max-age=3600")
#: Built files carry their digest in the name and never change.
BUILT = Policy(_NOTHING, "public, max-age=31536000, immutable")

#: Route (endpoint) → policy. What is not here is a page of ours, or data when its address is of the API.
ROUTES: Mapping[str, Policy] = {
    "pages.log_in_page": SECRETS,
    "pages.log_in": DOORSTEP,
    "pages.to_provider": SECRETS,
    "pages.from_provider": SECRETS,
    "pages.keys_for_provider": PUBLIC,
    "pages.provider_logout": Policy(_NOTHING, longest=20_000),
    "pages.forgot_page": SECRETS,
    "pages.forgot": DOORSTEP,
    "pages.reset_page": SECRETS,
    "pages.reset": DOORSTEP,
    "pages.activate_page": SECRETS,
    "pages.activate": DOORSTEP,
    "pages.issue_activation": SECRETS,
    "pages.invite_colleague_page": SECRETS,
    "pages.invite_colleague": SECRETS,
    "pages.create_program": SECRETS,
    "pages.renew_program_token": SECRETS,
    "pages.create_webhook": SECRETS,
    "pages.renew_webhook_secret": SECRETS,
    "pages.confirm_page": SECRETS,
    "pages.confirm": DOORSTEP,
    "pages.second_factor": SECRETS,
    "pages.begin_second_factor": SECRETS,
    "pages.confirm_second_factor": SECRETS,
    "pages.renew_recovery_codes": SECRETS,
    "pages.password_page": SECRETS,
    "pages.change_password": SECRETS,
    "pages.new_token_page": SECRETS,
    "pages.make_token": SECRETS,
    "pages.end_session_page": SECRETS,
    "pages.end_session": SECRETS,
    "pages.end_other_sessions_page": SECRETS,
    "pages.end_other_sessions": SECRETS,
    "pages.mail_page": SECRETS,
    "pages.set_mail_address": SECRETS,
    "pages.confirm_mail_address": SECRETS,
    "pages.choose_mail": SECRETS,
    "pages.cases_asked": SECRETS,
    "pages.ask_for_case": SECRETS,
    "pages.check_emergency": SECRETS,
    "pages.open_emergency": SECRETS,
    "pages.send_outside": SECRETS,
    "pages.outside_package": SECRETS,
    "pages.open_outside_package": DOORSTEP,
    "pages.attachment": FILE,
    "attachments.download_attachment": FILE,
    "pages.add_attachment": UPLOAD,
    "attachments.create_attachment": UPLOAD_DATA,
    "pages.bsn": SECRETS,
    "pages.record_bsn": SECRETS,
    "pages.read_bsn": SECRETS,
    "pages.read_bsn_again": SECRETS,
    "pages.remove_bsn": SECRETS,
    "pages.work_news": UNATTENDED,
    "pages.invite_parent": SECRETS,
    "pages.renew_invitation": SECRETS,
    "family.log_in_page": SECRETS,
    "family.log_in": DOORSTEP,
    "family.begin_page": SECRETS,
    "family.begin": DOORSTEP,
    "family.confirm_page": SECRETS,
    "family.confirm": DOORSTEP,
    "family.second_factor": SECRETS,
    "family.confirm_second_factor": SECRETS,
    "family.renew_codes": SECRETS,
    "family.choose_paper": SECRETS,
    "family.choose_app": SECRETS,
    "pages.developers": READER,
    "pages.developer_group": READER,
    "pages.developer_shape": READER,
    "pages.problem_list": READER,
    "pages.problem_page": READER,
    "openapi": PUBLIC,
    "metrics.metrics": DATA,
    "static": STATIC,
}


def of(endpoint: str | None, path: str) -> Policy:
    """The policy of a route."""
    if endpoint == "static" and path.startswith("/static/built/assets/"):
        return BUILT
    found = ROUTES.get(endpoint or "")
    return found or (DATA if problems.is_api() else PAGES)


def of_page(endpoint: str | None) -> Policy:
    """The policy of a page that is shown for a route, also when it says that something went wrong."""
    found = ROUTES.get(endpoint or "", PAGES)
    return found if found.is_page else PAGES


def limit_body() -> None:
    """Read no more of this request than its route needs. Who comes back from a session that ended brings what was typed
    along, with a ticket that we gave."""
    policy = of(request.endpoint, request.path)
    if policy.files and request.method == "POST" and auth.actor_or_none() is not None:
        settings = current_app.extensions["steun.settings"]
        request.max_content_length = settings.max_attachment + uploads.BESIDE
        g.pop("steun_actor")  # sending may take long: who that is then, is asked anew
        return
    longest = policy.longest
    if longest is not None and not tickets.is_ticket(request.args.get(tickets.NAME, "")):
        request.max_content_length = min(longest, current_app.config["MAX_CONTENT_LENGTH"])


def apply(response: Response) -> None:
    """Put the headers on an answer. A view says no more than how its file is called."""
    html = response.mimetype == "text/html" and not problems.is_api()
    policy = of_page(request.endpoint) if html else of(request.endpoint, request.path)
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers["Content-Security-Policy"] = policy.content
    response.headers["Cache-Control"] = policy.cache if response.status_code in (200, 304) else "no-store"
    if request.endpoint != "static" and response.mimetype not in SHOWN:
        response.headers.setdefault("Content-Disposition", "attachment")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
