"""Another ground than consent, invoked for one case: for whom, what, why and how long. Whoever calls this asked ``access``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import end_of_day, local_date
from workflows import access, logbook, organisations, settings, texts, vault
from workflows.access import GROUNDS, Ground
from workflows.actor import Actor
from workflows.consent.disclosures import Because, end_act, hand_out
from workflows.consent.model import CaseGround, Disclosure, DisclosureCause, GroundEnd, reason_about
from workflows.consent.rules import PURPOSES
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState

#: A party without an account reads what this role would read with the same consent or ground.
OUTSIDE_READS_AS = "case_director"
#: Characters of a reason: enough to say why, too few for a record.
SHORTEST_REASON, LONGEST_REASON = 20, 2000


def longest(session: Session, ground: Ground | str, *, municipality: str | None, on: date) -> date:
    """The last day until which a ground that is invoked on day *on* may count."""
    name = "ground.opening_days" if GROUNDS[Ground(ground)].opens else "ground.task_days"
    return on + timedelta(days=int(settings.get(session, name, municipality=municipality, on=on)))


def invoke(
    session: Session,
    *,
    case_id: UUID,
    municipality: str | None,
    ground: str,
    recipient_organisation_id: UUID | None = None,
    recipient_kind: str | None = None,
    recipient_role: str | None = None,
    categories: Iterable[str] = (),
    reason: str,
    until_on: date | None = None,
    by: Actor,
    at: datetime,
) -> CaseGround:
    """Keep that *by* weighed a ground for a case, and write down what it shares.

    What opens is readable to the recipient from now on, as far as its role could read it with consent; what is told once is
    written down as that; a ground of the recipient itself is named by what is shared with it on consent.

    Args:
        categories: what may be read on it, or what was told; of a recipient's own ground none.
        until_on: the last day; None: as long as the settings allow.

    Raises:
        Invalid: every field that cannot be. NotAllowed: not for this role at this kind of organisation.
        WrongState: the same ground counts for this recipient already.
    """
    assert by.organisation_id is not None, "who has a part in a case acts for an organisation"
    on = local_date(at)
    own_kind = organisations.organisation(session, by.organisation_id).type
    what = GROUNDS[Ground(ground)] if ground in set(Ground) else None
    if what is not None and ground not in access.invocable(by.role, own_kind, on=on):
        raise NotAllowed(
            f"{by.role} of a {own_kind} invokes {ground}",
            detail="Op deze grond kan iemand in uw rol bij uw soort organisatie zich niet beroepen.",
        )
    asked = tuple(dict.fromkeys(categories))
    errors: dict[str, list[str]] = {}
    kind = recipient_kind
    if recipient_organisation_id is not None:
        kind, recipient_kind = organisations.organisation(session, recipient_organisation_id).type, None
    last, until = on, on
    if what is None:
        errors["ground"] = ["Kies een grond."]
    else:
        if kind is not None and kind not in what.towards:
            errors["recipient"] = ["Deze ontvanger kan op deze grond niets krijgen."]
        elif what.silent:
            recipient_role = None
        reads_as = recipient_role or (OUTSIDE_READS_AS if recipient_organisation_id is None else "")
        may = frozenset(access.EMERGENCY_COMPARTMENTS) if what.silent else access.openable(reads_as, ground)
        if (what.opens or what.silent) and (not asked or set(asked) - may):
            errors["categories"] = [
                "Kies welke gegevens nodig zijn. Niet alles kan: wat over veiligheid of de partner gaat, nooit."
            ]
        last = longest(session, ground, municipality=municipality, on=on)
        until = until_on or last
        if not on <= until <= last:
            errors["until"] = [f"Kies een dag van vandaag tot en met {last:%d-%m-%Y}."]
    if kind is None or (recipient_organisation_id is not None and recipient_role not in PURPOSES and not errors):
        errors["recipient"] = ["Kies een organisatie uit de lijst."]
    said = reason.replace("\r\n", "\n").strip()
    if not SHORTEST_REASON <= len(said) <= LONGEST_REASON or not texts.can_be_kept(said):
        errors["reason"] = [f"Schrijf in {SHORTEST_REASON} tot {LONGEST_REASON} tekens op waarom."]
    if errors or what is None:
        raise Invalid(f"case {case_id}: ground refused as given", errors=errors)
    known = [
        one
        for one in of_case(session, case_id)
        if (one.ground, one.recipient_organisation_id, one.recipient_role, one.recipient_kind)
        == (ground, recipient_organisation_id, recipient_role, recipient_kind)
    ]
    if not what.silent and any(one.runs(at) for one in known):
        raise WrongState(
            f"case {case_id}: {ground} counts for {recipient_organisation_id} already",
            detail="Deze grond is voor deze ontvanger al vastgelegd en loopt nog.",
        )
    key = uuid4()
    row = CaseGround(
        id=key,
        case_id=case_id,
        ground=ground,
        silent=what.silent,
        organisation_id=by.organisation_id,
        role=by.role,
        recorded_by=by.person_id,
        recipient_organisation_id=recipient_organisation_id,
        recipient_kind=recipient_kind,
        recipient_role=recipient_role,
        purpose=PURPOSES.get(recipient_role or ""),
        categories=access.in_order(asked) if what.opens or what.silent else [],
        sealed_reason=vault.of(session).seal(said.encode(), about=reason_about(key)),
        from_at=at,
        until_at=end_of_day(until),
    )
    session.add(row)
    session.flush()
    details = {"ground": ground, "organisation_id": str(recipient_organisation_id or recipient_kind)}
    logbook.write(
        session, "ground.invoked", "case_ground", row.id, case_id=case_id, by=by, at=at, details=details,
        purpose=row.purpose, ground=ground, compartments=row.categories,
    )  # fmt: skip
    if what.silent or (
        what.opens and recipient_organisation_id is not None
    ):  # to a kind nothing goes before it is sent
        hand_out(
            session,
            case_id=case_id,
            organisation_id=recipient_organisation_id,
            recipient_kind=recipient_kind,
            role=recipient_role,
            purpose=row.purpose,
            ground=ground,
            categories=row.categories,
            because=Because(DisclosureCause.GROUND, row.id),
            lasting=what.opens,
            by=by,
            at=at,
        )
    return row


def find_ground(session: Session, ground_id: UUID) -> CaseGround:
    """One ground that was invoked. Whether the actor may know of it is asked by the caller.

    Raises:
        NotFound: no such ground.
    """
    found = session.get(CaseGround, ground_id)
    if found is None:
        raise NotFound(f"no ground {ground_id}")
    return found


def of_case(session: Session, case_id: UUID) -> list[CaseGround]:
    """Every ground that was invoked for a case, the newest first."""
    query = select(CaseGround).where(CaseGround.case_id == case_id)
    return list(session.scalars(query.order_by(CaseGround.from_at.desc(), CaseGround.id)))


def opened(session: Session, case_id: UUID, organisation_id: UUID, role: str, *, at: datetime) -> Mapping[str, Ground]:
    """Compartment → ground on which an organisation in a role may read it now without consent."""
    if role not in access.OPENED:
        return {}
    found = session.execute(
        select(CaseGround.ground, CaseGround.categories).where(
            CaseGround.case_id == case_id,
            CaseGround.recipient_organisation_id == organisation_id,
            CaseGround.recipient_role == role,
            CaseGround.ended_at.is_(None),
            CaseGround.from_at <= at,
            CaseGround.until_at > at,
        )
    )
    return {
        category: Ground(ground)
        for ground, categories in sorted(found.all(), key=lambda row: row.ground)
        for category in categories
        if ground in access.BESIDE_CONSENT and category in access.openable(role, ground)
    }


def opened_outside(session: Session, case_id: UUID, kind: str, *, at: datetime) -> Mapping[str, Ground]:
    """Compartment → ground on which a kind of party without an account may get it now without consent."""
    found = session.scalars(
        select(CaseGround).where(
            CaseGround.case_id == case_id,
            CaseGround.recipient_organisation_id.is_(None),
            CaseGround.recipient_kind == kind,
            CaseGround.silent.is_(False),
            CaseGround.ended_at.is_(None),
            CaseGround.from_at <= at,
            CaseGround.until_at > at,
        )
    )
    return {
        category: Ground(one.ground)
        for one in sorted(found, key=lambda row: row.ground)
        for category in one.categories
        if one.ground in access.BESIDE_CONSENT and category in access.openable(OUTSIDE_READS_AS, one.ground)
    }


def end_ground(session: Session, found: CaseGround, through: GroundEnd, *, by: Actor, at: datetime) -> None:
    """From now on nothing rests on it: what it opened is closed at the next request.

    Raises:
        WrongState: it ended before.
    """
    found.end(through, by=by.person_id, at=at)
    act = session.scalar(
        select(Disclosure.id).where(
            Disclosure.case_id == found.case_id,
            Disclosure.cause == DisclosureCause.GROUND,
            Disclosure.cause_id == found.id,
        )
    )
    end_act(session, act, at=at)
    session.flush()
    logbook.write(
        session, "ground.ended", "case_ground", found.id, case_id=found.case_id, by=by, at=at,
        details={"through": through.value}, ground=found.ground,
    )  # fmt: skip


def end_grounds(
    session: Session,
    case_id: UUID,
    through: GroundEnd,
    *,
    organisation_id: UUID | None = None,
    role: str | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """End every ground of a case, or of one recipient in a role; returns how many. With ``time_over`` what ran out."""
    ended = 0
    for one in of_case(session, case_id):
        if one.ended_at is not None or (through == GroundEnd.TIME_OVER and at < one.until_at):
            continue
        if organisation_id is None or (one.recipient_organisation_id, one.recipient_role) == (organisation_id, role):
            end_ground(session, one, through, by=by, at=at)
            ended += 1
    return ended


def tell_ground(session: Session, found: CaseGround, *, by: Actor, at: datetime) -> None:
    """The family was told of it by who invoked it.

    Raises:
        WrongState: it was told before, or always could see it.
    """
    found.tell(by=by.person_id, at=at)
    session.flush()
    logbook.write(
        session, "ground.told", "case_ground", found.id, case_id=found.case_id, by=by, at=at, ground=found.ground
    )
