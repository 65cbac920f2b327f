"""Inviting a parent to log in: a paper to hand over, and ending it. For who holds the case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from flask import Response, flash, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from api import auth
from api.pages import fields, typeset, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import Invalid, WrongState
from workflows.parents import Invitation

TEMPLATE = Path(__file__).parent / "invitation.typ"
#: The number on the paper is typed by who hands it over and kept nowhere.
LONGEST_PHONE = 40
_Errors = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed: nothing on it says whose it is."""

    address: str
    login: str
    code: str
    until: str
    organisation: str
    phone: str


@pages.get("/casussen/<uuid:case_id>/inlog")
def parent_logins(case_id: UUID) -> str:
    return _page(case_id)


@pages.post("/casussen/<uuid:case_id>/inlog")
def invite_parent(case_id: UUID) -> Answer | str:
    try:
        member = UUID(request.form.get("member_id", ""))
    except ValueError:
        member = UUID(int=0)
    return _hand_out(method.invite_parent, case_id, member)


@pages.post("/casussen/<uuid:case_id>/inlog/<uuid:link_id>/opnieuw")
def renew_invitation(case_id: UUID, link_id: UUID) -> Answer | str:
    return _hand_out(method.renew_invitation, case_id, link_id)


def _hand_out(verb: Callable[..., Invitation], case_id: UUID, about: UUID) -> Answer | str:
    """The paper with the code, shown once. *about*: the parent, or the login that gets a new one."""
    try:
        with transaction() as session:
            made = verb(
                session,
                case_id,
                about,
                identity_check=request.form.get("identity_check", ""),
                delivery=request.form.get("delivery", ""),
                by=known(session),
                at=now(),
                cost=auth.cost(),
            )
            paper = _paper(made, phone=request.form.get("phone", ""))
    except Invalid as refusal:
        return make_response(_page(case_id, errors=refusal.errors, about=about), 400)
    except WrongState as refusal:
        return _back(case_id, refusal.detail, "warning")
    return render("parent_invitation.html", case_id=case_id, link_id=made.link.id, paper=paper)


@pages.post("/casussen/<uuid:case_id>/inlog/<uuid:link_id>/stop")
def end_parent_login(case_id: UUID, link_id: UUID) -> Answer | str:
    try:
        with transaction() as session:
            reason = request.form.get("reason", "")
            method.end_parent_login(session, case_id, link_id, reason=reason, by=known(session), at=now())
    except Invalid as refusal:
        return make_response(_page(case_id, errors=refusal.errors, about=link_id), 400)
    except WrongState as refusal:
        return _back(case_id, refusal.detail, "warning")
    return _back(case_id, "Met deze inlog kan nu niemand meer naar binnen.", "ok")


@pages.post("/casussen/<uuid:case_id>/inlog/<uuid:link_id>/papier")
def invitation_pdf(case_id: UUID, link_id: UUID) -> Response:
    """The same paper as a file; the code comes from the page that showed it."""
    return printed(case_id, link_id, code=request.form.get("code", ""), phone=request.form.get("phone", ""))


def printed(case_id: UUID, link_id: UUID, *, code: str, phone: str) -> Response:
    """The paper as a PDF, for who has its code, here and by the API."""
    with reading() as session:
        by = known(session)
        made = method.write_paper(session, case_id, link_id, code, by=by, at=now())
        data = typeset.pdf(TEMPLATE, asdict(_paper(made, phone=phone)))
    return Response(
        data, mimetype="application/pdf", headers={"Content-Disposition": 'attachment; filename="uitnodiging.pdf"'}
    )


def _page(case_id: UUID, *, errors: _Errors | None = None, about: UUID | None = None) -> str:
    with reading() as session:
        by = known(session)
        found = method.parent_logins(session, case_id, by=by, at=now())
    label = {"identity_check": "Hoe u weet wie dit is", "delivery": "Hoe de ouder het krijgt", "reason": "Waarom"}
    return render(
        "parent_logins.html",
        case_id=case_id,
        people=found,
        kinds=words.MEMBERS,
        about=about,
        typed=request.form,
        wrong=errors or {},
        errors=[
            fields.Fault(name, label.get(name, ""), text) for name, texts in (errors or {}).items() for text in texts
        ],
        checks=words.LOGIN_CHECKS,
        deliveries=words.LOGIN_DELIVERIES,
        ends=words.LOGIN_ENDS,
    )


def _paper(made: Invitation, *, phone: str) -> Paper:
    home = auth.settings().public_url or request.host_url.rstrip("/")
    return Paper(
        address=f"{home}{url_for('family.begin_page')}",
        login=made.login,
        code=made.code,
        until=words.day(made.expires_at.astimezone(words.AMSTERDAM).date()),
        organisation=g.me.organisation,
        phone=phone.strip()[:LONGEST_PHONE],
    )


def _back(case_id: UUID, text: str, kind: str) -> Answer:
    flash(text, kind)
    return redirect(url_for("pages.parent_logins", case_id=case_id), 303)
