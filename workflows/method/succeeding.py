"""An organisation that stops: for each case that it holds an offer to a successor is prepared, or the process director is
asked to find one. Preparing shares nothing: who holds the case looks at it with the parent, and sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, handovers, logbook, organisations, processes
from workflows.actor import Actor
from workflows.cases import Case, CaseStatus
from workflows.db import house
from workflows.errors import Invalid, NotFound, WrongState
from workflows.handovers import HandoverKind, HandoverReason
from workflows.method.facts import RECEIVING_ROLES
from workflows.method.holding import Team, ask_for_successor, has_somebody
from workflows.method.telling import tell
from workflows.organisations import Role

#: What somebody who begins to hand over sees: the form itself, or what was prepared with it.
_BEGUN = frozenset({"handover", "handover_offer"})
#: Of :data:`workflows.method.telling.UNAWAITED`: said when the drawing of a case knows no handing over at this point.
_STOPS = "organisation_stops"


@dataclass(frozen=True, slots=True)
class Succession:
    """What came of looking for a successor, by id of the case."""

    prepared: tuple[UUID, ...] = ()  #: an offer lies ready with who holds the case
    asked: tuple[UUID, ...] = ()  #: nobody was chosen who is there for it: the process director has a task
    underway: tuple[UUID, ...] = ()  #: its holder is handing it over already, to whom they chose


def prepare_stop(
    session: Session, organisation_id: UUID, *, to: Mapping[str, UUID], by: Actor, at: datetime
) -> Succession:
    """An organisation is going to stop: while its people are still there, an offer is prepared for each case that it holds,
    so that they can hand over warmly. Can be done again: what lies ready or is underway stays.

    Args:
        to: role in which cases are held → the organisation that goes on with them. Who only signalled is followed by
            somebody who explores. Drafts are known to nobody else, and go nowhere.

    Raises:
        NotFound: no such organisation. NotAllowed: not for *by*. WrongState: stopped before.
        Invalid: a successor that is not there, stops itself, or has nobody in that role.
    """
    access.require(by, "manage_organisations", access.Facts(), at=at)
    if not organisations.organisation(session, organisation_id).active:
        raise WrongState(f"organisation {organisation_id} is not active", detail="Deze organisatie is al gestopt.")
    require_successors(session, organisation_id, to, at=at)
    with house(session):
        ids = session.scalars(
            select(Case.id)
            .where(
                Case.holder_organisation_id == organisation_id,
                Case.status.not_in((CaseStatus.CLOSED, CaseStatus.DRAFT)),
            )
            .order_by(Case.id)
        ).all()
        prepared, asked, underway = [], [], []
        for case_id in ids:
            case = cases.lock(session, case_id)
            if case.is_closed or case.holder_organisation_id != organisation_id or case.holder_role is None:
                continue
            if handovers.opened(session, case.id) is not None:
                underway.append(case.id)
            elif succeed(session, case, successor_of(case.holder_role, to), by=by, at=at):
                prepared.append(case.id)
            else:
                asked.append(case.id)
        session.flush()
        found = Succession(tuple(prepared), tuple(asked), tuple(underway))
        logbook.write(
            session, "organisation.stop_prepared", "organisation", organisation_id, by=by, at=at,
            details={"prepared": len(prepared), "asked": len(asked), "underway": len(underway)},
        )  # fmt: skip
        return found


def require_successors(session: Session, organisation_id: UUID, to: Mapping[str, UUID], *, at: datetime) -> None:
    """Refuse successors that cannot be one, each by the role that they were chosen for.

    Raises:
        Invalid: every role of which the successor is not there, is the organisation itself, or has nobody who could.
    """
    errors: dict[str, list[str]] = {}
    for role, chosen in to.items():
        try:
            there = organisations.organisation(session, chosen)
        except NotFound:
            there = None
        team = successor_of(role, to)
        if there is None or not there.active or chosen == organisation_id or team is None:
            errors[role] = ["Kies een andere organisatie uit de lijst."]
        elif chosen not in {
            one.id
            for one in organisations.organisations_for(session, role=team[1], municipality=None, on=local_date(at))
        }:
            errors[role] = ["Bij deze organisatie is niemand die dit kan overnemen."]
    if errors:
        raise Invalid(f"organisation {organisation_id}: no such successor", errors=errors)


def successor_of(role: str, to: Mapping[str, UUID]) -> Team | None:
    """The team that goes on with what was held in a role; None: nobody was chosen for it."""
    chosen = to.get(role)
    return None if chosen is None else (chosen, role if role in RECEIVING_ROLES else str(Role.EXPLORER))


def succeed(session: Session, case: Case, team: Team | None, *, by: Actor, at: datetime) -> bool:
    """Prepare that a locked case goes to *team*, for who holds it now; False: nobody of it is there for this case, and the
    process director is asked to find somebody. Nothing is shared, and nobody of the successor hears of it yet."""
    holder = (case.holder_organisation_id, case.holder_role)
    if team is None or team == holder or not has_somebody(session, case, team, local_date(at)):
        ask_for_successor(session, case, by=by, at=at)
        return False
    handovers.prepare(
        session,
        case,
        kind=HandoverKind.ORGANISATION,
        reason=HandoverReason.PROFESSIONAL_LEAVES,
        to_organisation_id=team[0],
        to_role=team[1],
        by=by,
        at=at,
    )
    live = processes.tasks_of(session, "case", case.id, live_only=True)
    if not any(task.form_key in _BEGUN for task in live):
        tell(session, case, "moved", unawaited=_STOPS, by=by, at=at)
    return True
