"""Whether what goes to a party without an account may still go there: asked when it is made, when it opens, and whenever the
family changes its mind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from workflows import consent, outside
from workflows.access import Ground
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Allowed, Purpose
from workflows.outside import OutsideEnd, OutsideHandover


def allowed_outside(session: Session, case: Case, party_kind: str, at: datetime) -> Allowed:
    """What the family agreed to hand over to a kind of party, and the yeses that it rests on."""
    return consent.allowing(
        session, case_id=case.id, recipient_organisation_id=None, recipient_kind=party_kind, purpose=Purpose.HANDOVER,
        at=at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Resting:
    """What may go to a kind of party now, and what it rests on: consent, and for the rest a ground that somebody weighed."""

    agreed: Allowed
    grounds: Mapping[str, Ground]

    @property
    def categories(self) -> frozenset[str]:
        """All that may go."""
        return self.agreed.categories | self.grounds.keys()

    def ground_of(self, categories: Iterable[str]) -> Ground | None:
        """The ground beside consent that any of these need; None: the family agreed to all of them."""
        return next((self.grounds[one] for one in sorted(categories) if one not in self.agreed.categories), None)


def resting_outside(session: Session, case: Case, party_kind: str, at: datetime) -> Resting:
    """As :func:`allowed_outside`, with what may go on another ground than consent, as in a compulsory framework."""
    return Resting(
        allowed_outside(session, case, party_kind, at), consent.opened_outside(session, case.id, party_kind, at=at)
    )


def still_may(session: Session, case: Case, made: OutsideHandover, *, at: datetime) -> bool:
    """Whether the family still agrees to all that is in it or another ground still counts, and who sent it still holds the
    case."""
    now = resting_outside(session, case, made.party_kind, at)
    agreed, sent = now.categories, set(made.categories)
    return (
        not case.is_closed
        and (case.holder_organisation_id, case.holder_role) == (made.sent_for, made.sent_role)
        and bool(agreed)
        and sent <= agreed
        # What rests on a law or a danger alone does not end because somebody says no.
        and (sent <= now.grounds.keys() or not _somebody_left(session, case, made, at))
    )


def _somebody_left(session: Session, case: Case, made: OutsideHandover, at: datetime) -> bool:
    """Whether somebody who may stand in it said no since. What a partner says opens no kind of data of the family, and so
    closes none; that they do not want to be in it counts all the same."""
    no = consent.refusing(
        session, case_id=case.id, recipient_organisation_id=None, recipient_kind=made.party_kind, at=at
    )
    return any(
        one.subject_id in no
        and one.recipient_organisation_id is None
        and one.recipient_kind == made.party_kind
        and (
            one.recorded_at >= made.sent_at
            or one.held(made.sent_at)
            or (one.withdrawn_at is not None and one.withdrawn_at >= made.sent_at)
        )
        for one in consent.of_case(session, case.id)
    )


def end_unagreed(session: Session, case: Case, *, by: Actor, at: datetime) -> bool:
    """What is on its way to a party outside ends when the family no longer agrees, or somebody else holds the case."""
    ended = False
    for one in outside.running(session, case.id):
        if not still_may(session, case, one, at=at):
            outside.end(session, one, OutsideEnd.CONSENT_ENDED, by=by, at=at)
            ended = True
    return ended
