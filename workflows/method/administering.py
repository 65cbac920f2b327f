"""Looking after who may act for an organisation: inviting somebody, certificates that end, and the yearly look at who may what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import accounts, directory, notifications, organisations, outbox, settings
from workflows.accounts import COST, Account, Issued
from workflows.actor import WORKER, Actor
from workflows.errors import Invalid, WrongState
from workflows.method.leaving import Left, end_role
from workflows.notifications import CHANNEL, NotificationKind
from workflows.organisations import AccessReview, Certificate, Person, ReviewAnswer, Role, RoleAssignment


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody new, and with what they choose a password. The code is shown once, or goes out by mail and is shown nowhere."""

    person: Person
    assignment: RoleAssignment
    account: Account
    issued: Issued
    mailed: bool


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """Somebody who did not choose a password yet; the code itself is shown once, to who invites."""

    person_id: UUID
    name: str
    issued_at: datetime
    expires_at: datetime
    mailed_at: datetime | None
    mail_failed_at: datetime | None


def open_invitations(session: Session, organisation_id: UUID, *, by: Actor, at: datetime) -> list[OpenInvitation]:
    """Who of an organisation was invited and did not begin, by name; also whose code ran out.

    Raises:
        NotFound: not an organisation of *by*.
    """
    people = {one.person.id: one.person for one in organisations.colleagues(session, organisation_id, by=by, at=at)}
    waiting = accounts.pending_activations(session, people)
    return [
        OpenInvitation(
            person.id, person.display_name, code.issued_at, code.expires_at, code.mailed_at, code.mail_failed_at
        )
        for person in people.values()
        if (code := waiting.get(person.id, (None, None))[1]) is not None
    ]


def add_certificate(
    session: Session,
    *,
    person_id: UUID,
    intervention: str,
    valid_from: date,
    valid_until: date | None = None,
    by: Actor,
    at: datetime,
) -> Certificate:
    """As :func:`organisations.add_certificate`, of an intervention that the directory has: a typing error would open nothing,
    and be found out by who needs it.

    Raises:
        NotFound, NotAllowed: see there. Invalid: also an intervention that is not there.
    """
    organisations.require_person(session, person_id, by=by, at=at)
    known = {one.code for one in directory.interventions(session)}
    if intervention.strip().upper() not in known:
        text = f"Deze interventie kennen we niet. Kies uit: {', '.join(sorted(known))}."
        raise Invalid(f"certificate of {person_id} for what is not there", errors={"intervention": [text]})
    return organisations.add_certificate(
        session,
        person_id=person_id,
        intervention=intervention,
        valid_from=valid_from,
        valid_until=valid_until,
        by=by,
        at=at,
    )


def invite_colleague(
    session: Session,
    organisation_id: UUID,
    *,
    display_name: str,
    login: str,
    role: Role | str,
    areas: Iterable[str] = (),
    valid_from: date,
    valid_to: date | None = None,
    mail: str | None = None,
    by: Actor,
    at: datetime,
    cost: tuple[int, int, int] = COST,
) -> Invited:
    """Let somebody new work for an organisation: the person, a first role, a login, and a code to choose a password with.

    Args:
        mail: where the code goes. Left out: it is handed over on paper. With the mail alone nobody comes in: the login is told
            by who invites.

    Raises:
        NotAllowed: a role that *by* may not give. NotFound: not an organisation of *by*.
        Invalid: with everything that is wrong. WrongState: the organisation stopped.
    """
    organisations.require_role(by, role, organisation_id, at=at)
    codes = tuple(areas)
    given = {"display_name": display_name, "role": role, "areas": codes, "valid_from": valid_from, "valid_to": valid_to}
    errors = organisations.colleague_errors(session, organisation_id, **given, by=by, at=at)  # type: ignore[arg-type]
    errors |= accounts.login_errors(session, login)
    address = (mail or "").strip()
    if mail is not None and not notifications.is_address(address):
        errors["mail"] = ["Vul een mailadres in zoals naam@organisatie.nl."]
    if errors:
        raise Invalid(f"invitation to {organisation_id} refused", errors=errors)
    person, assignment = organisations.add_colleague(session, organisation_id, **given, by=by, at=at)  # type: ignore[arg-type]
    account = accounts.create_account(session, person_id=person.id, login=login, by=by, at=at, cost=cost)
    issued = accounts.issue_activation(session, account.id, by=by, at=at, cost=cost)
    if mail is not None:
        accounts.keep_for_mail(session, account.id, issued, address)
        outbox.put(session, CHANNEL, {"letter": "invitation", "account": account.id.hex}, at=at)
    return Invited(person, assignment, account, issued, mail is not None)


def answer_access_review(
    session: Session, review_id: UUID, answers: Mapping[UUID, ReviewAnswer], *, version: int, by: Actor, at: datetime
) -> tuple[AccessReview, list[Left]]:
    """Say of some roles whether they are still needed. One that is not, ends now: what somebody had in it goes back at once.

    Returns:
        the review, and what went back with each role that ended.

    Raises:
        NotAllowed: about themselves, or a role of the region. NotFound: not a review of *by*.
        WrongState: over, or answered before. StaleVersion: somebody answered meanwhile. Invalid: nothing is answered.
    """
    found = organisations.review(session, review_id, by=by, at=at)
    assigned = {one.id: one for one in found.items}
    answered = organisations.answer_review(session, review_id, answers, version=version, by=by, at=at)
    left: list[Left] = []
    for item_id, answer in sorted(answers.items()):
        if answer != ReviewAnswer.ENDED:
            continue
        try:
            left.append(end_role(session, assigned[item_id].assignment_id, by=by, at=at))
        except WrongState:
            continue  # it ended meanwhile, which is what was meant
    return answered, left


# --- by itself, once a night


def look_after_access(session: Session, *, at: datetime) -> None:
    """Tell of certificates that end, ask who still needs their role where a year went by, remind, and ask again."""
    on = local_date(at)
    days = int(settings.get(session, "administration.certificate_days", on=on))
    for certificate in organisations.ending_certificates(session, within_days=days, at=at):
        _tell_of_certificate(session, certificate.person_id, at=at)
    for organisation_id in organisations.due_reviews(session, at=at):
        opened = organisations.open_review(session, organisation_id, by=WORKER, at=at)
        if opened is not None:
            _tell_administrators(
                session, NotificationKind.ACCESS_REVIEW, organisation_id, ("access_review", opened.id), at=at
            )
    for found in organisations.running_reviews(session):
        organisations.drop_ended(session, found, by=WORKER, at=at)
        if found.closed_at is not None:
            continue
        subject = ("access_review", found.id)
        if on > found.due_on:
            organisations.ask_again(session, found, by=WORKER, at=at)
            _tell_administrators(session, NotificationKind.ACCESS_REVIEW, found.organisation_id, subject, at=at)
            _tell_region(session, NotificationKind.ACCESS_REVIEW, subject, but=found.organisation_id, at=at)
        elif organisations.remind(session, found, at=at):
            _tell_administrators(session, NotificationKind.ACCESS_REVIEW, found.organisation_id, subject, at=at)


def _tell_of_certificate(session: Session, person_id: UUID, *, at: datetime) -> None:
    on = local_date(at)
    there: set[UUID] = set()
    for role in organisations.assignments_of(session, person_id, on=on):
        notifications.notify(
            session, NotificationKind.CERTIFICATE_ENDS, organisation_id=role.organisation_id, role=role.role,
            person_id=person_id, alone=True, subject_kind="person", subject_id=person_id, at=at,
        )  # fmt: skip
        there.add(role.organisation_id)
    for organisation_id in sorted(there):
        subject = ("organisation", organisation_id)
        _tell_administrators(session, NotificationKind.CERTIFICATE_ENDS, organisation_id, subject, at=at)


def _tell_administrators(
    session: Session, kind: NotificationKind, organisation_id: UUID, subject: tuple[str, UUID], *, at: datetime
) -> None:
    """Who administers this organisation; where nobody does, the region."""
    on = local_date(at)
    own = organisations.people_with_role(
        session, organisation_id=organisation_id, role=Role.LOCAL_ADMINISTRATOR, municipality=None, on=on
    )
    if not own:
        _tell_region(session, kind, subject, at=at)
        return
    notifications.notify(
        session, kind, organisation_id=organisation_id, role=Role.LOCAL_ADMINISTRATOR, subject_kind=subject[0],
        subject_id=subject[1], at=at,
    )  # fmt: skip


def _tell_region(
    session: Session, kind: NotificationKind, subject: tuple[str, UUID], *, but: UUID | None = None, at: datetime
) -> None:
    teams = organisations.teams(session, on=local_date(at))
    if but is not None and (but, Role.LOCAL_ADMINISTRATOR) not in teams:
        return  # the region heard already, in the place of who is not there
    for organisation_id, role in sorted(teams):
        if role == Role.ADMINISTRATOR:
            notifications.notify(
                session, kind, organisation_id=organisation_id, role=role, subject_kind=subject[0],
                subject_id=subject[1], at=at,
            )  # fmt: skip
