"""Opening, finding, moving and closing cases. Every change of status has a line in the history and in the logbook."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from engine.clock import AMSTERDAM, local_date
from workflows import access, consent, families, logbook, parents, settings
from workflows.actor import Actor
from workflows.cases.blocks import erase_blocks, kept_out
from workflows.cases.model import (
    Case,
    CaseBlock,
    CaseKeeper,
    CaseParty,
    CaseStatus,
    CaseStatusChange,
    Phase,
    Result,
    Urgency,
)
from workflows.cases.references import erase_references
from workflows.consent import PURPOSES, Because, Disclosure, DisclosureCause, Purpose
from workflows.db import keeping, once
from workflows.errors import Blocked, ConsentMissing, Invalid, NotAllowed, NotFound, WrongState

#: Stands between the roles that a query finds, and is none.
_CLOSED_TO = "-"


def open_case(
    session: Session, *, family_id: UUID, municipality_code: str | None = None, by: Actor, at: datetime
) -> Case:
    """A draft that only the actor's own organisation knows and holds; erased in time unless the family agrees to more.

    Raises:
        NotAllowed: the actor's role starts no cases.
    """
    access.require(by, "start_signal", access.Facts(), at=at)
    if by.organisation_id is None:
        raise NotAllowed("a case needs an organisation that holds it")
    on = local_date(at)
    keep_days = int(settings.get(session, "case.unshared_retention_days", municipality=municipality_code, on=on))
    case = Case(
        number=_number(session, at.astimezone(AMSTERDAM).year),
        family_id=family_id,
        municipality_code=municipality_code,
        status=CaseStatus.DRAFT,
        urgency=Urgency.REGULAR,
        holder_organisation_id=by.organisation_id,
        holder_role=by.role,
        holder_person_id=by.person_id,
        signaller_organisation_id=by.organisation_id,
        opened_by=by.person_id,
        opened_at=at,
        erase_on=on + timedelta(days=keep_days),
    )
    session.add(case)
    session.flush()  # the history and the party point at it
    _remember(session, case, by=by, at=at)
    session.add(
        CaseParty(
            case_id=case.id,
            organisation_id=by.organisation_id,
            role=by.role,
            person_id=by.person_id,
            at_home=True,
            from_at=at,
        )
    )
    session.flush()
    logbook.write(session, "case.opened", "case", case.id, case_id=case.id, by=by, at=at)
    return case


def lock(session: Session, case_id: UUID, *, by: Actor | None = None) -> Case:
    """The case as it is now, and nobody else's until the transaction ends. Always first, before tasks and jobs.

    Args:
        by: as for :func:`look`.

    Raises:
        NotFound: no such case. Whether the actor may know of it is not asked here.
    """
    case = _one(session, case_id, by, locked=True)
    if case is None:
        raise NotFound(f"no case {case_id}")
    return case


def look(session: Session, case_id: UUID, *, by: Actor | None = None) -> Case | None:
    """The case as it stands, to look at; None when there is none. Whether the actor may know of it is not asked here.

    Args:
        by: who asks, so that a case which is nothing of theirs is not found, with the very statement that finds no case
            that is not there. Less than asking access, which comes after it.

    Raises:
        Blocked: it is closed to *by* in person; said by the same statement.
    """
    known: Case | None = session.identity_map.get(identity_key(Case, case_id))
    if known is not None:
        return known
    # Kept in hand: the session itself forgets what nobody holds, and a page asks for its case a dozen times.
    known = once(session, ("cases.look", case_id, by), lambda: _one(session, case_id, by))
    return known


def _one(session: Session, case_id: UUID, by: Actor | None, *, locked: bool = False) -> Case | None:
    closed = false() if by is None else Case.id.in_(kept_out(by))
    query = select(Case, closed.label("closed"), *keeping(session, Case.id)).where(Case.id == case_id)
    if by is not None:
        query = query.where(or_(related(by), closed))
    if locked:
        query = query.with_for_update(of=Case).execution_options(populate_existing=True)
    found = session.execute(query).first()
    if found is None:
        return None
    if found.closed:
        raise Blocked(f"case {case_id} is closed to {None if by is None else by.person_id}")
    case: Case = found[0]
    return case


def find(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> Case:
    """A case that the actor has a part in.

    Raises:
        NotFound: it does not exist or the actor may not know of it; nothing tells which.
    """
    case = session.scalar(select(Case).where(Case.id == case_id, visible_clause(by)))
    if case is None:
        raise NotFound(f"case {case_id} is not there for role {by.role} of {by.organisation_id} at {at.isoformat()}")
    return case


def visible_clause(by: Actor) -> ColumnElement[bool]:
    """Which cases a query may show to *by*: those its organisation holds or has a part in, in its role and area, and
    that are not closed to *by* in person."""
    grants = access.MATRIX.get(by.role, {})
    if by.is_system or by.organisation_id is None or not any(grant.read for grant in grants.values()):
        return false()
    return and_(related(by), Case.id.not_in(kept_out(by)))


def related(by: Actor) -> ColumnElement[bool]:
    """Cases that *by*'s organisation holds or has a part in, in its role and area: all that :func:`facts` could find more
    than nothing about, whatever the role may read."""
    if by.is_system or by.organisation_id is None:
        return false()
    found = or_(
        and_(Case.holder_organisation_id == by.organisation_id, Case.holder_role == by.role),
        exists().where(
            CaseParty.case_id == Case.id,
            CaseParty.organisation_id == by.organisation_id,
            CaseParty.role == by.role,
            CaseParty.until_at.is_(None),
        ),
    )
    if not by.municipalities:
        return found
    in_area = or_(
        Case.municipality_code.is_(None),
        Case.municipality_code.in_(sorted(by.municipalities)),
        Case.holder_person_id == by.person_id,
    )
    return and_(found, in_area)


def related_ids(session: Session, *, most: int, by: Actor) -> frozenset[UUID] | None:
    """At least the cases of :func:`related`, by the indexes of who holds and who has a part; nothing when there are more than
    *most*, and it reads little further. Not all of them may be seen: :func:`visible_clause` still narrows."""
    held = select(Case.id).where(Case.holder_organisation_id == by.organisation_id, Case.holder_role == by.role)
    part = select(CaseParty.case_id).where(
        CaseParty.organisation_id == by.organisation_id, CaseParty.role == by.role, CaseParty.until_at.is_(None)
    )
    found = frozenset(session.scalars(union_all(held, part).limit(2 * most + 1)))
    return found if len(found) <= most else None


def list_cases(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    statuses: Iterable[CaseStatus | str] | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Case]:
    """The actor's cases, newest first.

    Args:
        statuses: only these; all but closed when left out.
        after: ``opened_at`` and ``id`` of the last case of the page before.
    """
    query = select(Case).where(visible_clause(by)).order_by(Case.opened_at.desc(), Case.id.desc()).limit(limit)
    if statuses is None:
        query = query.where(Case.status != CaseStatus.CLOSED)
    else:
        query = query.where(Case.status.in_([str(status) for status in statuses]))
    if after is not None:
        query = query.where(tuple_(Case.opened_at, Case.id) < after)
    return list(session.scalars(query))


def facts(
    session: Session,
    case: Case,
    *,
    by: Actor,
    claimed_by_me: bool = False,
    candidate: bool = False,
    is_author: bool = False,
    consent_categories: frozenset[str] = frozenset(),
    safety_own_org: bool = False,
) -> access.Facts:
    """What is true between an actor and a case; what only later rooms know is handed in."""
    if by.is_system or by.organisation_id is None:
        return access.Facts()
    in_area = not by.municipalities or case.municipality_code is None or case.municipality_code in by.municipalities
    holder = case.holder_organisation_id == by.organisation_id and case.holder_role == by.role
    mine = holder and case.holder_person_id == by.person_id
    parts = select(CaseParty.role).where(
        CaseParty.case_id == case.id, CaseParty.organisation_id == by.organisation_id, CaseParty.until_at.is_(None)
    )
    closed = select(literal(_CLOSED_TO)).where(
        CaseBlock.case_id == case.id, CaseBlock.person_id == by.person_id, CaseBlock.until_at.is_(None)
    )
    found = frozenset(session.scalars(union_all(parts, closed)))
    if _CLOSED_TO in found:
        return access.Facts(blocked=True)
    roles = found if in_area or mine else frozenset[str]()
    return access.Facts(
        own_organisation=case.signaller_organisation_id == by.organisation_id,
        party_roles=roles,
        holder=holder and (in_area or mine),
        claimed_by_me=claimed_by_me,
        candidate=candidate,
        is_author=is_author,
        consent_categories=consent_categories,
        safety_own_org=safety_own_org,
    )


def parties(session: Session, case_id: UUID) -> list[CaseParty]:
    """Who has a part in the case now, in order of joining."""
    query = select(CaseParty).where(CaseParty.case_id == case_id, CaseParty.until_at.is_(None))
    return list(session.scalars(query.order_by(CaseParty.from_at, CaseParty.id)))


def join(
    session: Session,
    case: Case,
    *,
    organisation_id: UUID,
    role: str,
    person_id: UUID | None = None,
    purpose: Purpose | str | None = None,
    because: Because | None = None,
    by: Actor,
    at: datetime,
) -> CaseParty:
    """Give an organisation in a role a part in the case; one that has it already keeps it, with this person if given.

    To another organisation than the one that signalled this shares data of the family, so it is written down as that.

    Args:
        purpose: what it receives data for; None: what its role works for. A part rests on one purpose at a time.
        because: what it gets its part by, e.g. a task that it took.

    Raises:
        WrongState: the case is closed.
        ConsentMissing: the family did not agree. GroundMissing: it did, and the organisation may not receive it.
    """
    if case.is_closed:
        raise WrongState(f"case {case.id} is closed; nobody joins")
    party = _party(session, case.id, organisation_id, role)
    at_home = organisation_id == case.signaller_organisation_id
    disclosure = None
    if not at_home:
        disclosure = _disclose(session, case, organisation_id, role, because, purpose=purpose, by=by, at=at)
    if party is not None:
        if disclosure is not None and party.disclosure_id != disclosure.id:
            consent.replace_act(session, party.disclosure_id, at=at)  # of another purpose; one of the same has ended
        party.person_id = person_id or party.person_id
        party.disclosure_id = None if disclosure is None else disclosure.id
        return party
    party = CaseParty(
        case_id=case.id,
        organisation_id=organisation_id,
        role=role,
        person_id=person_id,
        at_home=at_home,
        disclosure_id=None if disclosure is None else disclosure.id,
        from_at=at,
    )
    session.add(party)
    session.flush()
    details = {"organisation_id": str(organisation_id), "role": role}
    logbook.write(session, "case.joined", "case", case.id, case_id=case.id, by=by, at=at, details=details)
    return party


def follow_consent(session: Session, case: Case, *, because: Because | None = None, by: Actor, at: datetime) -> None:
    """The family agreed to more or to less: write down what who has a part in the case can read from now on. Who may read
    nothing any more, leaves; see to that first."""
    for party in parties(session, case.id):
        if not party.at_home:
            try:
                purpose = consent.purpose_of_act(session, party.disclosure_id)
                found = _disclose(
                    session, case, party.organisation_id, party.role, because, purpose=purpose, by=by, at=at
                )
            except ConsentMissing:
                continue  # a part that is ended in this transaction, or a yes that just ran out
            if found.id != party.disclosure_id:
                consent.replace_act(session, party.disclosure_id, at=at)
            party.disclosure_id = found.id
    session.flush()


def leave(session: Session, case: Case, *, organisation_id: UUID, role: str, by: Actor, at: datetime) -> None:
    """End an organisation's part in the case; what it could see, it sees no longer.

    Raises:
        WrongState: it has no part in it, or holds the case.
    """
    party = _party(session, case.id, organisation_id, role)
    if party is None:
        raise WrongState(f"case {case.id}: {role} of {organisation_id} has no part in it")
    if (case.holder_organisation_id, case.holder_role) == (organisation_id, role):
        raise WrongState(f"case {case.id}: its holder cannot leave")
    party.until_at = at
    if not party.at_home:
        left = consent.GroundEnd.LEFT
        consent.end_grounds(session, case.id, left, organisation_id=organisation_id, role=role, by=by, at=at)
        consent.end_act(session, party.disclosure_id, at=at)  # also when that was to decide about a handover
        purpose = PURPOSES.get(role)  # a seat at a hub meeting in the same role is another purpose, and ends there
        consent.stop(session, case_id=case.id, organisation_id=organisation_id, role=role, purpose=purpose, at=at)
    session.flush()
    details = {"organisation_id": str(organisation_id), "role": role}
    logbook.write(session, "case.left", "case", case.id, case_id=case.id, by=by, at=at, details=details)


def forget_person(
    session: Session,
    case: Case,
    *,
    person_id: UUID,
    organisation_id: UUID | None = None,
    role: str | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """The team goes on, without this person: somebody who left is named by no case any more.

    Args:
        organisation_id, role: only the part in which the person acted so; every part when left out.
    """
    for party in parties(session, case.id):
        if party.person_id == person_id and (
            organisation_id is None or (party.organisation_id, party.role) == (organisation_id, role)
        ):
            party.person_id = None
            details = {"organisation_id": str(party.organisation_id), "role": party.role}
            logbook.write(session, "case.person_left", "case", case.id, case_id=case.id, by=by, at=at, details=details)
    session.flush()


def succeed(
    session: Session, case: Case, *, organisation_id: UUID, role: str, before: UUID | None, person_id: UUID
) -> None:
    """A colleague of the same team goes on with what somebody did in a case: the part of the team names that one now. Which
    team has a part does not change, so nothing is shared by it. The caller writes down what was passed on."""
    for party in parties(session, case.id):
        if (party.organisation_id, party.role, party.person_id) == (organisation_id, role, before):
            party.person_id = person_id
    session.flush()


def move_holder(
    session: Session,
    case: Case,
    *,
    organisation_id: UUID,
    role: str,
    person_id: UUID | None = None,
    because: Because | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Who accepted the case holds it from now on; the holder before keeps its part in it, not its responsibility.

    Raises:
        WrongState: the case is closed.
        NotAllowed: somebody else accepts in the name of that organisation.
    """
    if by.organisation_id != organisation_id or by.role != role:
        raise NotAllowed(f"case {case.id}: only {role} of {organisation_id} itself can accept it")
    before = (case.holder_organisation_id, case.holder_role, case.holder_person_id)
    if before == (organisation_id, role, person_id):
        return
    join(session, case, organisation_id=organisation_id, role=role, person_id=person_id, because=because, by=by, at=at)
    case.hold(organisation_id, role, person_id)
    session.flush()
    details = {
        "from_organisation_id": str(before[0]),
        "from_role": before[1],
        "to_role": role,
        "to_person_id": None if person_id is None else str(person_id),
    }
    logbook.write(session, "case.holder_moved", "case", case.id, case_id=case.id, by=by, at=at, details=details)


def move_to(session: Session, case: Case, status: CaseStatus | str, *, by: Actor, at: datetime) -> bool:
    """Go on to another status; False when the case has it already, as when a diagram comes by twice.

    Raises:
        WrongState: that status cannot follow, e.g. because the case is closed.
    """
    if case.status == status:
        return False
    before = case.status
    case.move_to(CaseStatus(status))
    session.flush()
    _remember(session, case, by=by, at=at)
    details = {"from": before, "to": case.status}
    logbook.write(session, "case.moved", "case", case.id, case_id=case.id, by=by, at=at, details=details)
    return True


def describe(
    session: Session,
    case: Case,
    *,
    phase: Phase | str | None = None,
    language: str | None = None,
    interpreter_needed: bool | None = None,
    by: Actor,
    at: datetime,
) -> bool:
    """Put on the card of the case what is known now; what is not given stays. False when nothing changed."""
    known = {"phase": phase, "language": language, "interpreter_needed": interpreter_needed}
    changed = sorted(name for name, value in known.items() if value is not None and getattr(case, name) != value)
    for name in changed:
        setattr(case, name, known[name])
    if changed:
        session.flush()
        details = {"columns": ",".join(changed)}
        logbook.write(session, "case.described", "case", case.id, case_id=case.id, by=by, at=at, details=details)
    return bool(changed)


def relocate(session: Session, case: Case, municipality_code: str, *, by: Actor, at: datetime) -> bool:
    """From now on this municipality is responsible for support; who holds the case does not change by it.

    Returns:
        False when it was responsible already.
    """
    if case.municipality_code == municipality_code:
        return False
    before = case.municipality_code
    case.municipality_code = municipality_code
    session.flush()
    details = {"from": before, "to": municipality_code}
    logbook.write(session, "case.relocated", "case", case.id, case_id=case.id, by=by, at=at, details=details)
    return True


def share(session: Session, case: Case, *, by: Actor, at: datetime) -> None:
    """The family agreed to share: the case stays, also after the term of a draft."""
    if case.erase_on is None:
        return
    case.share()
    session.flush()
    logbook.write(session, "case.shared", "case", case.id, case_id=case.id, by=by, at=at)


def close(
    session: Session, case: Case, result: Result | str, *, contact_after: str | None = None, by: Actor, at: datetime
) -> None:
    """End the case with a result; from now on nobody holds it.

    Raises:
        Invalid: no such result, or a shared case without somebody to turn to afterwards.
        WrongState: closed before.
    """
    if result not in set(Result):
        raise Invalid(f"case {case.id}: no result {result!r:.40}", errors={"result": ["Kies een resultaat."]})
    keeper = (case.holder_organisation_id, case.holder_role)
    case.close(Result(result), contact_after=contact_after, at=at)
    if keeper[0] is not None and keeper[1] is not None:
        session.add(CaseKeeper(case_id=case.id, organisation_id=keeper[0], role=keeper[1]))
    session.flush()
    _remember(session, case, by=by, at=at)
    details = {"result": str(result)}
    logbook.write(session, "case.closed", "case", case.id, case_id=case.id, by=by, at=at, details=details)


def keeper(session: Session, case_id: UUID) -> CaseKeeper | None:
    """Who held a closed case last; None while it is open, and when everything of it went."""
    return session.get(CaseKeeper, case_id)


def status_history(session: Session, case_id: UUID) -> list[CaseStatusChange]:
    """Every status the case had, oldest first."""
    query = select(CaseStatusChange).where(CaseStatusChange.case_id == case_id)
    return list(session.scalars(query.order_by(CaseStatusChange.ordinal)))


def erase_unshared(session: Session, case: Case, *, by: Actor, at: datetime) -> bool:
    """Erase who the family is, of a closed draft that was never shared and whose term is over; False otherwise.

    What remains is a closed case with a number, a municipality and a result: enough to count, too little to recognise.
    Entries, tasks and runs are their rooms' to erase, in the same transaction.

    Raises:
        NotAllowed: people do not erase by hand; a job or the operator does.
    """
    if not by.is_system:
        raise NotAllowed(f"case {case.id}: erasing is not done by hand")
    if case.erase_on is None or local_date(at) < case.erase_on:
        return False
    if not case.is_closed:
        return False  # somebody still works on it; who works on it may discard it
    family_id, case.family_id, case.erase_on = case.family_id, None, None
    case.phase, case.language, case.interpreter_needed, case.under_way_since = None, "nl", False, None
    case.contact_after = None
    session.flush()  # nothing points at the family when it goes
    session.execute(delete(CaseParty).where(CaseParty.case_id == case.id, CaseParty.disclosure_id.is_not(None)))
    consent.erase(session, case.id, by=by, at=at)
    erase_blocks(session, case.id)
    erase_references(session, case.id)
    if family_id is not None and not session.scalar(select(exists().where(Case.family_id == family_id))):
        parents.erase(session, family_id)
        families.erase(session, family_id, case_id=case.id, by=by, at=at)
    logbook.write(session, "case.erased", "case", case.id, case_id=case.id, by=by, at=at)
    return True


def _disclose(
    session: Session,
    case: Case,
    organisation_id: UUID,
    role: str,
    because: Because | None,
    *,
    purpose: Purpose | str | None,
    by: Actor,
    at: datetime,
) -> Disclosure:
    why = because or Because(DisclosureCause.CASE, case.id)
    return consent.share(
        session,
        case_id=case.id,
        organisation_id=organisation_id,
        role=role,
        purpose=purpose,
        because=why,
        anew=why.cause == DisclosureCause.HANDOVER,
        by=by,
        at=at,
    )


def _party(session: Session, case_id: UUID, organisation_id: UUID, role: str) -> CaseParty | None:
    return session.scalar(
        select(CaseParty).where(
            CaseParty.case_id == case_id,
            CaseParty.organisation_id == organisation_id,
            CaseParty.role == role,
            CaseParty.until_at.is_(None),
        )
    )


def _remember(session: Session, case: Case, *, by: Actor, at: datetime) -> None:
    last = select(func.coalesce(func.max(CaseStatusChange.ordinal), 0) + 1).where(CaseStatusChange.case_id == case.id)
    session.add(
        CaseStatusChange(case_id=case.id, status=case.status, at=at, by=by.person_id, ordinal=last.scalar_subquery())
    )
    session.flush()


def _number(session: Session, year: int) -> str:
    # Both databases lock the year's row until the commit, so two cases never get the same number.
    statement = text(
        "INSERT INTO case_numbers (year, last) VALUES (:year, 1)"
        " ON CONFLICT (year) DO UPDATE SET last = case_numbers.last + 1 RETURNING last"
    )
    return f"{year}-{session.execute(statement, {'year': year}).scalar_one():04d}"
