"""What was typed when a session had ended: it travels through the log-in page and becomes a draft again.

A nonce in every form says, signed, for whom and for which task it was made. So nobody can be handed somebody else's
text, and a page from elsewhere cannot plant one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app, make_response, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from api import auth
from api.pages import fields, hub_places, later
from api.pages.blueprint import render
from api.transactions import now, reading, transaction
from workflows import accounts, idempotency, method
from workflows.actor import Actor
from workflows.errors import NotFound, Refusal
from workflows.idempotency import Replay

if TYPE_CHECKING:
    from workflows.db import Session
    from workflows.forms import Form

PREFIX = "_kept."
#: Hidden in every form of a task: the digest of the version that is on the page.
FORM = "_form"
#: Hidden there too: on which page the draft was typed that the page began with.
SEEN = "_seen"
#: Where a form was sent to when its sender turned out to be logged out.
ACTION = "_action"
#: Typed beside the form of a task: a comment that is placed with a button of its own.
COMMENT = "_comment"
#: Asked again before something that needs it; comes back with nothing.
ASKED_AGAIN = ("password", "one_time_code")


def nonce(by: Actor, subject: UUID | None = None) -> str:
    """A name for one filling-in of one form, by this person: makes a double click count once."""
    return str(_signer().dumps([str(by.person_id), str(subject or ""), secrets.token_urlsafe(9)]))


def page_nonce() -> str:
    """The same for a form about nothing yet, of whoever the page is drawn for."""
    by = auth.actor_or_none()
    return nonce(by) if by is not None else ""


def page_name(text: str) -> str:
    """What a page of ours is called beside what was typed on it: short, and nothing that could send a form."""
    return sha256(text.encode()).hexdigest()[:16] if made_for(text) else ""


def made_for(text: str) -> tuple[str, str] | None:
    """Person and subject (``""``: none yet) of a nonce of ours; None for anything else."""
    try:
        person, subject, _ = _signer().loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(person), str(subject)


def sent_before(session: Session, *, by: Actor, field: str = "_nonce") -> Replay | None:
    """What came of this very form if it was sent before; if not, its name is taken now, in this transaction.

    A form whose text changed under the same name counts as sent: its first sending succeeded.

    Args:
        field: which holds the name, where one form can be sent to several ends.
    """
    name = _key(field)
    if name is None:
        return None
    digest = sha256(request.path.encode()).hexdigest()
    return idempotency.remember(session, name, by=by, method="POST", path=request.path, digest=digest, at=now())


def now_sent(session: Session, location_id: UUID, *, field: str = "_nonce") -> None:
    """Write down what came of it."""
    if (name := _key(field)) is not None:
        idempotency.keep(session, name, 303, location_id)


def note(session: Session, location_id: UUID, *, by: Actor) -> None:
    """Write down, in the transaction in which a form did its work, that it was sent; for :func:`pass_when_sent_twice`."""
    if sent_before(session, by=by) is None:
        now_sent(session, location_id)


def pass_when_sent_twice(refusal: NotFound) -> None:
    """A double click on what takes its own subject away finds nothing the second time: that is no mistake of who clicked.

    Only an explanation of what went wrong: a form that is sent is always tried first, and never thought to be done.

    Raises:
        NotFound: *refusal*, when this very form never did its work for who sends it.
    """
    with transaction() as session:
        by = auth.actor()
        if sent_before(session, by=by) is None:
            raise refusal


def _key(field: str) -> str | None:
    nonce = request.form.get(field, "")
    return f"page:{nonce}"[:255] if made_for(nonce) else None


def worth_keeping(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs of a posted form of ours (its nonce is right) without its CSRF token and what only its owner knows; else nothing."""
    found = [(name, value) for name, value in pairs if name not in (fields.CSRF, *ASKED_AGAIN)]
    return found if made_for(_first(found, "_nonce")) else []


def is_of(pairs: Iterable[tuple[str, str]], by: Actor) -> bool:
    """Whether this very person opened the form that *pairs* were typed in."""
    found = made_for(_first(pairs, "_nonce"))
    return found is not None and found[0] == str(by.person_id)


def carried(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a log-in form carries along."""
    return worth_keeping((name.removeprefix(PREFIX), value) for name, value in pairs if name.startswith(PREFIX))


@dataclass(frozen=True, slots=True)
class Again:
    """A form that can be sent once more, with everything that was in it."""

    action: str
    pairs: list[tuple[str, str]]

    @property
    def texts(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.pairs if not name.startswith("_") and value.strip()]


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What becomes of the text of who logged in again: the answer, with what to say on the page that it leads to; or a form
    to send again, to be drawn when the new session has its token."""

    response: Response
    said: str | None = None
    again: Again | None = None


def give_back(pairs: list[tuple[str, str]], *, secret: str, target: str) -> GivenBack:
    """Keep *pairs* as the draft of the task they were typed for, and go there; text of another form is offered to be sent
    again; and if neither can be, it is shown."""
    person, subject = made_for(_first(pairs, "_nonce")) or ("", "")
    typed = fields.typed_pairs(pairs)
    form = None
    with transaction() as session:
        by = accounts.actor_of_sign_in(session, secret, at=now())
    if by is None or auth.needs_second_factor(by) or str(by.person_id) != person:
        return GivenBack(redirect(url_for("pages.work"), 303))  # another person: nothing of it is shown
    if not _first(pairs, FORM):
        again = again_of(pairs)
        if again is not None and again.texts:
            return GivenBack(make_response(), again=again)
        return GivenBack(redirect(target, 303))
    try:
        with transaction() as session:
            auth.identify(session, by)
            digest = _first(pairs, FORM) or None
            form = method.task_form(session, UUID(subject), form_digest=digest, by=by, at=now())
            answers = fields.answers(form, typed)
            found = method.keep_lost_answers(
                session,
                UUID(subject),
                answers=answers,
                by=by,
                at=now(),
                observed=later.typed(pairs),
                comment=_first(pairs, COMMENT),
                form_digest=digest,
                window=method.Window(page_name(_first(pairs, "_nonce")), _first(pairs, SEEN)),
            )
            if found is None:
                raise NotFound(f"task {subject}", detail="Deze taak is niet meer van u.")
    except Refusal as refusal:
        return GivenBack(make_response(shown(refusal.detail, form, typed)))
    place = hub_places.place(dict(pairs))
    back = redirect(url_for("pages.task", task_id=subject) if place is None else place.of_form, 303)
    return GivenBack(back, said="Wat u typte, staat weer in het formulier.")


def again_of(pairs: list[tuple[str, str]]) -> Again | None:
    """The form that *pairs* were sent with, to send once more; None: it is not known where it was sent to."""
    action = _first(pairs, ACTION)
    return Again(action, [(name, value) for name, value in pairs if name != ACTION]) if is_action(action) else None


def is_action(address: str) -> bool:
    """Whether a form of ours is sent to *address*; nothing is ever sent on to another place."""
    if not address.startswith("/") or address.startswith("//"):
        return False
    try:
        endpoint, _ = current_app.url_map.bind("").match(address, method="POST")
    except (HTTPException, RequestRedirect):
        return False
    return str(endpoint).startswith("pages.")


def shown(reason: str, form: Form | None, typed: fields.Typed) -> str:
    """The page with what was typed, to copy from."""
    with reading() as session:
        texts = fields.said(form, typed, words=lambda question, text: method.typed_words_of(session, question, text))
        return render("kept.html", reason=reason, texts=texts)


def _first(pairs: Iterable[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in pairs if name == wanted), "")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="steun-form")
