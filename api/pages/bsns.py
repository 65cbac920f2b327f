"""The page with the BSN of somebody of the family: recorded, shown when somebody asks for it, taken away.

The number is in the body of two posts and on the page that answers them, nowhere else: in no address, no message that
waits for the next page, and not among what travels along when a session ended (there is no nonce in these forms).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import fields, shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import method
from workflows.errors import Invalid, NotFound, StaleVersion, WrongState

_ADDRESS = "/casussen/<uuid:case_id>/bsn/<uuid:member_id>"


@pages.get(_ADDRESS)
def bsn(case_id: UUID, member_id: UUID) -> str:
    return _page(case_id, member_id)


@pages.post(_ADDRESS)
def record_bsn(case_id: UUID, member_id: UUID) -> Response:
    """The same again changes nothing, so a double click needs no name of its own."""
    typed, version = request.form.get("bsn", ""), request.form.get("_version", "")
    try:
        with transaction() as session:
            method.record_bsn(
                session, case_id, member_id, typed, version=_version(version), by=known(session), at=now()
            )
    except Invalid as refusal:
        return make_response(_page(case_id, member_id, typed=typed, version=version, errors=refusal.errors), 400)
    except StaleVersion as refusal:
        return make_response(_page(case_id, member_id, typed=typed, notice=(refusal.title, refusal.detail)), 412)
    except WrongState as refusal:
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.case", case_id=case_id), 303)
    flash("Het BSN is vastgelegd. Het staat apart en versleuteld.", "ok")
    return redirect(url_for("pages.bsn", case_id=case_id, member_id=member_id), 303)


@pages.post(f"{_ADDRESS}/bekijken")
def read_bsn(case_id: UUID, member_id: UUID) -> str:
    """The only page with the number on it; it comes after a button, and every time is written down."""
    with reading() as session:
        number = method.read_bsn(session, case_id, member_id, by=known(session), at=now())
    return _page(case_id, member_id, number=number)


@pages.get(f"{_ADDRESS}/bekijken")
def read_bsn_again(case_id: UUID, member_id: UUID) -> Response:
    """The address of the number, opened without asking for it: back to the page."""
    return redirect(url_for("pages.bsn", case_id=case_id, member_id=member_id), 303)


@pages.post(f"{_ADDRESS}/weghalen")
def remove_bsn(case_id: UUID, member_id: UUID) -> Response:
    version = _version(request.form.get("_version", ""))
    try:
        with transaction() as session:
            method.remove_bsn(session, case_id, member_id, version=version, by=known(session), at=now())
    except StaleVersion as refusal:
        return make_response(_page(case_id, member_id, notice=(refusal.title, refusal.detail)), 412)
    except NotFound:  # sent twice: there is none any more; the page says so, or that there is nothing to see
        return make_response(_page(case_id, member_id), 404)
    flash("Het BSN is weggehaald.", "ok")
    return redirect(url_for("pages.bsn", case_id=case_id, member_id=member_id), 303)


def _version(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _page(
    case_id: UUID,
    member_id: UUID,
    *,
    number: str | None = None,
    typed: str = "",
    version: str | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    notice: tuple[str, str] | None = None,
) -> str:
    with reading() as session:
        by = known(session)
        found = method.bsn_standing(session, case_id, member_id, by=by, at=now())
        where = None if found.organisation_id is None else shown.Names(session).organisation(found.organisation_id)
        return render(
            "bsn.html",
            case_id=case_id,
            member_id=member_id,
            name=found.member.name or words.say(found.member.kind, words.MEMBERS),
            found=found,
            unborn=found.member.kind == "unborn_child",
            where=where,
            number=number,
            typed=typed,
            version=found.version if version is None else version,
            wrong=errors or {},
            errors=[fields.Fault("bsn", "BSN", text) for text in (errors or {}).get("bsn", ())],
            notice=notice,
        )
