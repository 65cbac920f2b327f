"""The operator's desk: what does not go by itself any more, in plain words, and mending it with two people. Of no family."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import desk_words, kept, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import desk, organisations
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asks to mend something, or did, in words."""

    id: UUID
    title: str
    action: str
    why: str
    count: int
    mended: int | None
    who: str
    at: datetime
    is_mine: bool
    status: str
    decided: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """Something that does not go, in words."""

    id: UUID
    title: str
    state: tuple[str, str]
    count: int
    at_others: bool
    organisation: str | None
    program: str | None
    reason: str
    advice: str
    since: datetime | None
    next_at: datetime | None
    technical: str
    references: str
    actions: tuple[tuple[str, str], ...]
    asked: Asked | None


@pages.get("/beheer")
def desk_page() -> str:
    return _page()


@pages.post("/beheer/<uuid:trouble_id>")
def ask_repair(trouble_id: UUID) -> Response | str:
    action, why = request.form.get("action", ""), request.form.get("why", "")
    try:
        with transaction() as session:
            by = known(session)
            if kept.sent_before(session, by=by) is None:
                made = desk.ask(session, trouble_id, action, why, by=by, at=now())
                kept.now_sent(session, made.id)
    except Invalid as refusal:
        return make_response(_page(wrong=trouble_id, errors=refusal.errors), 400)
    except NotFound:
        flash("Dit gaat intussen vanzelf weer goed. U hoeft niets te doen.", "ok")
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        flash("Gevraagd. Er gebeurt pas iets als een collega bevestigt.", "ok")
    return redirect(url_for("pages.desk_page"), 303)


@pages.post("/beheer/verzoeken/<uuid:repair_id>/bevestigen")
def confirm_repair(repair_id: UUID) -> Response:
    return _decide(desk.confirm, repair_id, "Bevestigd. Het gebeurt nu.")


@pages.post("/beheer/verzoeken/<uuid:repair_id>/afwijzen")
def refuse_repair(repair_id: UUID) -> Response:
    return _decide(desk.refuse, repair_id, "Afgewezen. Er gebeurt niets.")


@pages.post("/beheer/verzoeken/<uuid:repair_id>/intrekken")
def withdraw_repair(repair_id: UUID) -> Response:
    return _decide(desk.withdraw, repair_id, "Ingetrokken. Er gebeurt niets.")


def waiting(session: Session, by: Actor) -> dict[str, int]:
    """What ``work.html`` says about the desk, for who works there."""
    if not desk.operates(by):
        return {"dead": 0, "asked": 0}
    dead, asked = desk.waiting(session, by=by, at=now())
    return {"dead": dead, "asked": asked}


def _decide(verb: Callable[..., desk.Repair], repair_id: UUID, said: str) -> Response:
    try:
        with transaction() as session:
            verb(session, repair_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    except NotAllowed as refusal:
        with reading() as session:
            if not desk.operates(known(session)):
                raise
        flash(refusal.detail, "warning")
    else:
        flash(said, "ok")
    return redirect(url_for("pages.desk_page"), 303)


def _page(*, wrong: UUID | None = None, errors: Mapping[str, Sequence[str]] | None = None) -> str:
    with reading() as session:
        by, at = known(session), now()
        rows = [_row(session, one, by) for one in desk.troubles(session, by=by, at=at)]
        confirm = [one for one in rows if one.asked is not None and not one.asked.is_mine]
        found = [one for one in rows if one not in confirm]  # what waits for who looks stands there, and once
        before = desk.repairs(session, by=by, at=at, cursor=request.args.get("vanaf"), page_size=20)
        done = [_asked(session, one, by) for one in before.items if one.status != desk.RepairStatus.ASKED]
    return render(
        "desk.html",
        confirm=confirm,
        dead=[one for one in found if not one.at_others and one.state[1] == "late"],
        steps=[one for one in found if one.at_others],
        trying=[one for one in found if not one.at_others and one.state[1] != "late"],
        done=done,
        next=before.next_cursor,
        whys=[(code.value, text) for code, text in desk_words.WHYS.items()],
        wrong=wrong,
        errors={name: " ".join(texts) for name, texts in (errors or {}).items()},
        typed=request.form,
    )


def _row(session: Session, one: desk.Trouble, by: Actor) -> Row:
    reason, advice = desk_words.reason(one)
    technical = " bij ".join(part for part in (one.error, one.step) if part)
    return Row(
        id=one.id,
        title=desk_words.title(one.kind, one.what),
        state=desk_words.STATES[one.state],
        count=one.count,
        at_others=one.kind == desk.TroubleKind.STEP,
        organisation=one.organisation,
        program=one.program,
        reason=reason,
        advice=advice,
        since=one.since,
        next_at=one.next_at,
        technical=technical,
        references=", ".join(one.references),
        actions=tuple((action.value, desk_words.ACTIONS[action]) for action in one.actions),
        asked=None if one.repair is None else _asked(session, one.repair, by),
    )


def _asked(session: Session, one: desk.Repair, by: Actor) -> Asked:
    who = {
        person_id: organisations.person(session, person_id).display_name
        for person_id in (one.asked_by, one.decided_by)
        if person_id is not None
    }
    return Asked(
        id=one.id,
        title=desk_words.title(one.kind, one.what),
        action=desk_words.ACTIONS[desk.Action(one.action)],
        why=desk_words.WHYS[desk.Why(one.why)],
        count=one.count,
        mended=one.mended,
        who=who[one.asked_by],
        at=one.asked_at,
        is_mine=one.asked_by == by.person_id,
        status=desk_words.STATUSES[desk.RepairStatus(one.status)],
        decided=who[one.decided_by] if one.decided_by else words.capital(words.ROLES["system"]),
        decided_at=one.decided_at,
    )
