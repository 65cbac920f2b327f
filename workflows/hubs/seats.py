"""Who can sit at the table for a family, and whether the family agrees to that at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import cases, consent, organisations
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Purpose
from workflows.hubs.model import AgendaItem, Invitation
from workflows.hubs.rules import AT_THE_TABLE, KNOWS_THE_FAMILY


@dataclass(frozen=True, slots=True)
class SeatView:
    """An organisation at the table for one family; ``consent_ok``: the family agrees to that at this moment."""

    organisation_id: UUID
    role: str
    consent_ok: bool


def agreed(session: Session, case_id: UUID, organisation_id: UUID, at: datetime) -> bool:
    """Whether the family agrees, at this moment, that the organisation talks about it in the hub."""
    return bool(granted(session, case_id, organisation_id, at))


def granted(session: Session, case_id: UUID, organisation_id: UUID, at: datetime) -> frozenset[str]:
    """Categories that the family agrees to share with an organisation in the hub, at this moment."""
    return consent.granted(
        session,
        case_id=case_id,
        recipient_organisation_id=organisation_id,
        recipient_kind=organisations.organisation(session, organisation_id).type,
        purpose=Purpose.HUB_MEETING,
        at=at,
    )


def candidates(session: Session, case: Case, at: datetime) -> list[tuple[UUID, str]]:
    """One seat for each organisation: the role it has in the case goes before the one it could have."""
    holder = [(case.holder_organisation_id, case.holder_role)]
    chosen: dict[UUID, str] = {}
    for organisation_id, role in (*holder, *with_a_part(session, case), *local(session, case, at)):
        if organisation_id is not None and role in KNOWS_THE_FAMILY:
            chosen.setdefault(organisation_id, str(role))
    return list(chosen.items())


def local(session: Session, case: Case, at: datetime) -> list[tuple[UUID, str]]:
    """Organisations of the municipality with somebody in a role for this table; an organisation can have several."""
    return [
        (organisation.id, role)
        for role in AT_THE_TABLE
        for organisation in organisations.organisations_for(
            session, role=role, municipality=case.municipality_code, on=local_date(at)
        )
    ]


def with_a_part(session: Session, case: Case) -> list[tuple[UUID, str]]:
    """Organisations that have a part in the case already, in a role for this table."""
    return [
        (party.organisation_id, party.role)
        for party in cases.parties(session, case.id)
        if party.role in KNOWS_THE_FAMILY
    ]


def seats_of(session: Session, item: AgendaItem, *, at: datetime) -> list[SeatView]:
    """Who sits at the table for this family: invited, and the invitation stands."""
    query = (
        select(Invitation)
        .where(Invitation.agenda_item_id == item.id, Invitation.withdrawn_at.is_(None))
        .order_by(Invitation.invited_at, Invitation.id)
    )
    return [
        SeatView(one.organisation_id, one.role, agreed(session, item.case_id, one.organisation_id, at))
        for one in session.scalars(query).all()
    ]


def sits_at(session: Session, item: AgendaItem, by: Actor, at: datetime) -> bool:
    """Whether *by* may sit at the table for this family: invited, and the family agrees at this moment."""
    if by.organisation_id is None:
        return False
    query = select(Invitation.id).where(
        Invitation.agenda_item_id == item.id,
        Invitation.organisation_id == by.organisation_id,
        Invitation.role == by.role,
        Invitation.withdrawn_at.is_(None),
    )
    return session.scalar(query) is not None and agreed(session, item.case_id, by.organisation_id, at)


def case_of(session: Session, item: AgendaItem) -> Case:
    """The case of a family on an agenda."""
    found = session.get(Case, item.case_id)
    assert found is not None, "a foreign key"
    return found
