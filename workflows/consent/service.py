"""Recording, withdrawing and asking for consent. Whoever records has asked ``access`` about the case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, logbook
from workflows.actor import Actor
from workflows.consent.model import (
    CATEGORIES,
    CaseGround,
    Consent,
    ConsentForm,
    Disclosure,
    GivenBy,
    GroundEnd,
    Purpose,
)
from workflows.errors import ConsentMissing, GroundMissing, Invalid, NotFound, WrongState
from workflows.families import FamilyMember, MemberKind

#: What has to be explained before a yes counts.
EXPLAINED = ("what", "why", "which_data", "with_whom", "may_refuse", "may_withdraw")


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody answered about one recipient and one purpose: a yes for each of *categories*, a no for the rest."""

    purpose: Purpose | str
    categories: tuple[str, ...]
    asked: tuple[str, ...] = ()
    recipient_organisation_id: UUID | None = None
    recipient_kind: str | None = None


def record(
    session: Session,
    *,
    case_id: UUID,
    subject_id: UUID,
    purpose: Purpose | str,
    categories: Iterable[str],
    asked: Iterable[str] = (),
    recipient_organisation_id: UUID | None = None,
    recipient_kind: str | None = None,
    by: Actor,
    at: datetime,
    **how: Any,
) -> list[Consent]:
    """Keep what somebody answered about one recipient and one purpose; *how* as in :func:`record_all`."""
    one = Answered(purpose, tuple(categories), tuple(asked), recipient_organisation_id, recipient_kind)
    return record_all(session, [one], case_id=case_id, subject_id=subject_id, by=by, at=at, **how)


def record_all(
    session: Session,
    answers: Iterable[Answered],
    *,
    case_id: UUID,
    subject_id: UUID,
    given_by: GivenBy | str,
    information_given: Iterable[str] = (),
    form: ConsentForm | str | None = None,
    language: str = "",
    text_version: str,
    form_digest: str | None = None,
    interpreter: bool = False,
    authority_checked: bool = False,
    valid_until: datetime | None = None,
    entry_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> list[Consent]:
    """Keep everything that somebody answered in one talk.

    Args:
        answers: ``categories`` may be shared, none when nothing may; ``asked`` is what the question was about. What was
            agreed to before and is asked again without a yes is refused from now on.
        text_version: of the text that was read. form_digest: of the form on which it was recorded.
        valid_until: None: until the case closes.

    Raises:
        Invalid: no recipient, an unknown purpose or category, or a yes that was not informed or not checked.
    """
    explained = list(information_given)
    rows: list[Consent] = []
    last: int | None = None
    for one in answers:
        yes = tuple(dict.fromkeys(one.categories))
        every = tuple(dict.fromkeys((*yes, *one.asked)))
        errors = _errors(yes, every, one.purpose, given_by, form, explained)
        if one.recipient_organisation_id is None and not one.recipient_kind:
            errors["recipient"] = ["Kies met wie gedeeld mag worden."]
        if yes and given_by != GivenBy.SELF and not authority_checked:
            errors["authority_checked"] = ["Controleer wie voor deze persoon mag beslissen."]
        if valid_until is not None and valid_until <= at:
            errors["valid_until"] = ["Kies een moment in de toekomst."]
        if errors:
            raise Invalid(f"case {case_id}: consent refused as given", errors=errors)
        if last is None:
            last = session.scalar(select(func.max(Consent.ordinal)).where(Consent.case_id == case_id)) or 0
        rows += [
            Consent(
                case_id=case_id,
                subject_id=subject_id,
                recipient_organisation_id=one.recipient_organisation_id,
                recipient_kind=one.recipient_kind,
                purpose=one.purpose,
                category=category,
                given=category in yes,
                given_by=given_by,
                authority_checked=authority_checked,
                information_given=explained,
                form=form,
                language=language,
                interpreter=interpreter,
                text_version=text_version,
                form_digest=form_digest,
                recorded_by=by.person_id,
                recorded_for=by.organisation_id,
                recorded_at=at,
                ordinal=ordinal,
                valid_until=valid_until if category in yes else None,
                entry_id=entry_id,
            )
            for ordinal, category in enumerate(every, start=last + 1)
        ]
        last += len(every)
        details: dict[str, str | int | float | bool | None] = {
            "purpose": str(one.purpose),
            "given": len(yes),
            "refused": len(every) - len(yes),
        }
        logbook.write(
            session, "consent.recorded", "family_member", subject_id, case_id=case_id, by=by, at=at, details=details
        )
    session.add_all(rows)
    session.flush()
    return rows


def find(session: Session, consent_id: UUID) -> Consent:
    """One record.

    Raises:
        NotFound: no such record.
    """
    found = session.get(Consent, consent_id)
    if found is None:
        raise NotFound(f"no consent {consent_id}")
    return found


def withdraw(
    session: Session, consent_id: UUID, *, withdrawn_by: GivenBy | str | None = None, by: Actor, at: datetime
) -> Consent:
    """From now on nothing is shared on the ground of this record; as :func:`withdraw_all` with one."""
    [withdrawn] = withdraw_all(session, [find(session, consent_id)], withdrawn_by=withdrawn_by, by=by, at=at)
    return withdrawn


def withdraw_all(
    session: Session, consents: Iterable[Consent], *, withdrawn_by: GivenBy | str | None = None, by: Actor, at: datetime
) -> tuple[Consent, ...]:
    """From now on nothing is shared on the ground of these records.

    Args:
        withdrawn_by: who decided so; None: who gave it.

    Raises:
        Invalid: nobody can be *withdrawn_by* that.
        WrongState: one was a refusal, or withdrawn before.
    """
    if withdrawn_by is not None and withdrawn_by not in set(GivenBy):
        raise Invalid("withdrawn by nobody known", errors={"withdrawn_by": ["Kies wie besliste."]})
    withdrawn = tuple(consents)
    for one in withdrawn:
        if not one.is_yes:
            raise WrongState(
                f"consent {one.id} is not given, or was withdrawn before",
                detail="Deze toestemming is al ingetrokken, of was er niet.",
            )
        one.withdrawn_at = at
        one.withdrawn_by = withdrawn_by or one.given_by
        one.withdrawal_recorded_by = by.person_id
        details = {"purpose": one.purpose, "category": one.category}
        logbook.write(
            session, "consent.withdrawn", "consent", one.id, case_id=one.case_id, by=by, at=at, details=details
        )
    session.flush()
    return withdrawn


def end_with_case(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> int:
    """The case is closed: what was agreed for as long as it ran ends now; what was agreed until a day runs on till then.
    What others could read of the case they can read no longer.

    Returns:
        how many records ended.
    """
    open_ended = (
        Consent.case_id == case_id,
        Consent.given,
        Consent.withdrawn_at.is_(None),
        Consent.valid_until.is_(None),
    )
    ended = session.scalars(select(Consent).where(*open_ended)).all()
    for one in ended:
        one.valid_until = at
    for shared in session.scalars(
        select(Disclosure).where(Disclosure.case_id == case_id, Disclosure.ended_at.is_(None))
    ).all():
        shared.ended_at = at
    for invoked in session.scalars(
        select(CaseGround).where(CaseGround.case_id == case_id, CaseGround.ended_at.is_(None))
    ).all():
        invoked.end(GroundEnd.CASE_ENDED, by=by.person_id, at=at)
    if ended:
        logbook.write(
            session, "consent.ended", "case", case_id, case_id=case_id, by=by, at=at, details={"count": len(ended)}
        )
    return len(ended)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be shared with one recipient for one purpose at one moment, and the yeses that it rests on."""

    categories: frozenset[str] = frozenset()
    consents: tuple[Consent, ...] = ()

    @property
    def given_by(self) -> frozenset[str]:
        """Who agreed."""
        return frozenset(one.given_by for one in self.consents)


def allowing(
    session: Session,
    *,
    case_id: UUID,
    recipient_organisation_id: UUID | None,
    recipient_kind: str | None = None,
    purpose: Purpose | str,
    at: datetime,
    as_it_was: bool = False,
) -> Allowed:
    """What the family agreed to share with a recipient for a purpose, at this moment; whether the recipient has a ground
    to receive it is not asked.

    Args:
        as_it_was: leave out what was answered or taken back since, to look back at that moment.

    Per member of the family the latest answer decides, whether it named the organisation or its kind. Somebody must have
    said yes, and nobody no; a yes that ran out is neither. What a partner says is about the partner's own data, category C8.
    """
    query = (
        select(Consent, FamilyMember.kind)
        .join(FamilyMember, FamilyMember.id == Consent.subject_id)
        .where(
            Consent.case_id == case_id,
            Consent.purpose == purpose,
            or_(
                # Of no single organisation is not of every kind: None compares as null.
                Consent.recipient_organisation_id.is_not(None)
                & (Consent.recipient_organisation_id == recipient_organisation_id),
                Consent.recipient_organisation_id.is_(None) & (Consent.recipient_kind == recipient_kind),
            ),
        )
        .order_by(Consent.ordinal)
    )
    latest: dict[tuple[UUID, str], tuple[Consent, str]] = {}
    for answer, kind in session.execute(query):
        category = answer.category
        if as_it_was and answer.recorded_at > at:
            continue
        if kind == MemberKind.PARTNER:
            category = "C8"
        elif category == "C8":
            continue  # only the partner can agree to share the partner's data
        latest[answer.subject_id, answer.category] = (answer, category)

    def holds(answer: Consent) -> bool:
        return answer.held(at) if as_it_was else answer.holds(at)

    def said_no(answer: Consent) -> bool:
        return not (answer.stood(at) if as_it_was else answer.is_yes)

    yes = {category for answer, category in latest.values() if holds(answer)}
    no = {category for answer, category in latest.values() if said_no(answer)}
    # A partner answers about several categories; C8 opens when one of them was agreed to.
    categories = frozenset(yes - (no - {"C8"}))
    return Allowed(
        categories,
        tuple(answer for answer, category in latest.values() if category in categories and holds(answer)),
    )


def granted(
    session: Session,
    *,
    case_id: UUID,
    recipient_organisation_id: UUID | None,
    recipient_kind: str | None = None,
    purpose: Purpose | str,
    at: datetime,
) -> frozenset[str]:
    """Categories that may be shared with a recipient for a purpose, at this moment: the family agreed, and an organisation
    of this kind has a ground to receive them."""
    allowed = allowing(
        session,
        case_id=case_id,
        recipient_organisation_id=recipient_organisation_id,
        recipient_kind=recipient_kind,
        purpose=purpose,
        at=at,
    )
    return allowed.categories if _has_ground(recipient_kind, allowed, at) else frozenset()


def require(
    session: Session,
    *,
    case_id: UUID,
    recipient_organisation_id: UUID | None,
    recipient_kind: str | None = None,
    purpose: Purpose | str,
    categories: Iterable[str],
    at: datetime,
) -> None:
    """Pass when every one of *categories* may be shared; call it in the transaction that shares.

    Raises:
        ConsentMissing: at least one may not.
        GroundMissing: the family agreed, but an organisation of this kind has no ground besides, and needs one.
    """
    allowed = allowing(
        session,
        case_id=case_id,
        recipient_organisation_id=recipient_organisation_id,
        recipient_kind=recipient_kind,
        purpose=purpose,
        at=at,
    )
    missing = sorted(set(categories) - allowed.categories)
    if missing or not allowed.categories:
        raise ConsentMissing(f"case {case_id}: no consent for {purpose} of {', '.join(missing)} at {at.isoformat()}")
    if not _has_ground(recipient_kind, allowed, at):
        raise GroundMissing(f"case {case_id}: no ground for {purpose} of a {recipient_kind} at {at.isoformat()}")


def _has_ground(recipient_kind: str | None, allowed: Allowed, at: datetime) -> bool:
    if recipient_kind is None or not allowed.categories:
        return True  # one organisation is meant; whoever shares with it asks for its ground itself
    return access.ground_for(recipient_kind, given_by=allowed.given_by, on=local_date(at)) is not None


def of_case(session: Session, case_id: UUID) -> list[Consent]:
    """Every answer that was given in a case, oldest first."""
    return list(session.scalars(select(Consent).where(Consent.case_id == case_id).order_by(Consent.ordinal)))


def refusing(
    session: Session, *, case_id: UUID, recipient_organisation_id: UUID | None, recipient_kind: str | None, at: datetime
) -> frozenset[UUID]:
    """Members of the family who were asked about a recipient, for whatever purpose, and agreed to nothing of it now."""
    asked: dict[UUID, dict[tuple[str, str], bool]] = {}
    for one in of_case(session, case_id):
        named = one.recipient_organisation_id
        meant = named is not None and named == recipient_organisation_id
        if meant or (named is None and one.recipient_kind == recipient_kind):
            asked.setdefault(one.subject_id, {})[one.purpose, one.category] = one.holds(at)
    return frozenset(who for who, answers in asked.items() if not any(answers.values()))


def erase(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete every record of a case, when the family's data goes; parts in the case that point at them went before."""
    session.flush()
    session.execute(delete(CaseGround).where(CaseGround.case_id == case_id))
    session.execute(delete(Disclosure).where(Disclosure.case_id == case_id))
    session.execute(delete(Consent).where(Consent.case_id == case_id))
    logbook.write(session, "consent.erased", "case", case_id, case_id=case_id, by=by, at=at)


def _errors(
    yes: tuple[str, ...],
    every: tuple[str, ...],
    purpose: str,
    given_by: str,
    form: str | None,
    information_given: Iterable[str],
) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not every or set(every) - set(CATEGORIES):
        errors["categories"] = ["Kies welke gegevens gedeeld mogen worden."]
    if purpose not in set(Purpose):
        errors["purpose"] = ["Kies waarvoor gedeeld mag worden."]
    if given_by not in set(GivenBy):
        errors["given_by"] = ["Kies wie besliste."]
    if (yes or form is not None) and form not in set(ConsentForm):
        errors["form"] = ["Kies hoe de toestemming gegeven is."]
    if yes and set(EXPLAINED) - set(information_given):
        errors["information_given"] = ["Leg eerst alles uit; pas dan geldt toestemming."]
    return errors
