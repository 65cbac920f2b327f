"""Taking a yes back: as easily as it was given, one recipient at a time or everything at once, and it counts at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access, consent
from workflows.actor import Actor
from workflows.consent import Consent
from workflows.errors import NotFound, WrongState
from workflows.method.consents import WITHDRAWN
from workflows.method.facts import NOWHERE, find_case
from workflows.method.stopping import stop_and_tell

_NOTHING_LEFT = "Deze toestemming is al ingetrokken of afgelopen. Er wordt hierdoor niets meer gedeeld."


def withdraw_consent(
    session: Session, consent_id: UUID, *, withdrawn_by: str | None = None, by: Actor, at: datetime
) -> Consent:
    """From now on nothing is shared on it: who worked with it loses the case and its tasks, which return to where the
    case came from; the holder gets one task to talk about how to go on.

    Raises:
        NotFound, NotAllowed: not for *by*. WrongState: it was a refusal, or withdrawn before.
    """
    found = session.get(Consent, consent_id)
    case, facts = find_case(session, NOWHERE if found is None else found.case_id, by=by, at=at, lock=True)
    access.require(by, "withdraw_consent", facts, at=at)
    withdrawn = consent.withdraw(session, consent_id, withdrawn_by=withdrawn_by, by=by, at=at)
    stop_and_tell(session, case, WITHDRAWN, by=by, at=at, always=True)
    return withdrawn


def withdraw_consents(
    session: Session,
    case_id: UUID,
    consent_ids: Iterable[UUID] | None = None,
    *,
    withdrawn_by: str | None = None,
    by: Actor,
    at: datetime,
) -> tuple[Consent, ...]:
    """Take several yeses of a family back at once, as :func:`withdraw_consent`; what is over already stays as it is.

    Args:
        consent_ids: None: every one that counts.
        withdrawn_by: who decided so, as in ``given_by``; None: who gave it.

    Raises:
        NotFound, NotAllowed: not for *by*, or one is not of this case.
        WrongState: none of them counts any more.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "withdraw_consent", facts, at=at)
    known = {one.id: one for one in consent.of_case(session, case.id)}
    wanted = None if consent_ids is None else set(consent_ids)
    if wanted is not None and (unknown := wanted - known.keys()):
        raise NotFound(f"case {case.id} has no consents {', '.join(str(one) for one in sorted(unknown))}")
    over = [one for one in known.values() if one.holds(at) and (wanted is None or one.id in wanted)]
    if not over:
        raise WrongState(f"case {case.id}: none of these consents counts", detail=_NOTHING_LEFT)
    withdrawn = consent.withdraw_all(session, over, withdrawn_by=withdrawn_by, by=by, at=at)
    stop_and_tell(session, case, WITHDRAWN, by=by, at=at, always=True)
    return withdrawn
