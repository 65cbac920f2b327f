"""Who hears of what, in the page and by mail. What is kept are codes and ids; whether somebody may still open what it is
about, and whether it still waits, is found out when they look, and when a mail leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, accounts, cases, logbook, notifications, outbox, settings
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import NotFound
from workflows.handovers import Handover
from workflows.method.facts import find_case
from workflows.notifications import (
    CHANNEL,
    SUBJECT_TASK,
    Limits,
    MailAddress,
    MailFailure,
    MailWish,
    Notification,
    NotificationKind,
    NotificationMark,
)
from workflows.organisations import Organisation, Person, RoleAssignment
from workflows.processes import MANY, Task, TaskStatus

#: What is older stands in no list, and is cleared away: what still waits of it stands in the work list.
KEPT_DAYS = 30
#: How many are shown at once, and how many of those that were read.
_SHOWN, _EARLIER = 100, 20
#: How many are looked at in one go for who wants mail, and how many mails are planned in one go.
_AT_ONCE = 500
#: A notification and, when it is about one, what the card of its task says.
_WITH_TASK = select(Notification, Task.name, Task.municipality_code, Task.due_at)


# --- telling


def tell_claimant(session: Session, kind: NotificationKind, task: Task, person_id: UUID, *, at: datetime) -> None:
    """Let one person of the team of a task hear of something about it, such as that a colleague handed it over."""
    notifications.notify(
        session,
        kind,
        organisation_id=task.organisation_id,
        role=task.role,
        municipality_code=task.municipality_code,
        person_id=person_id,
        alone=True,
        subject_id=task.id,
        at=at,
    )


def tell_who_has(session: Session, kind: NotificationKind, task: Task, *, at: datetime) -> None:
    """Let who has a task hear of it; of a task that nobody has, the team."""
    if task.status == TaskStatus.CLAIMED and task.claimed_by is not None:
        tell_claimant(session, kind, task, task.claimed_by, at=at)
        return
    notifications.notify(
        session,
        kind,
        organisation_id=task.organisation_id,
        role=task.role,
        municipality_code=task.municipality_code,
        subject_id=task.id,
        at=at,
    )


def tell_of_comment(session: Session, case: Case, *, by: Actor, at: datetime) -> None:
    """Let who works on a case hear of a comment: who holds it, and of the organisation that wrote it who else has a part."""
    there = {(case.holder_organisation_id, case.holder_role): case.holder_person_id}
    for party in cases.parties(session, case.id):
        if party.organisation_id == by.organisation_id:
            there.setdefault((party.organisation_id, party.role), party.person_id)
    for (organisation_id, role), person_id in there.items():
        if organisation_id is None or role is None:
            continue
        notifications.notify(
            session,
            NotificationKind.COMMENT,
            organisation_id=organisation_id,
            role=role,
            municipality_code=case.municipality_code,
            person_id=person_id,
            alone=person_id is not None,
            subject_kind="case",
            subject_id=case.id,
            at=at,
        )


def tell_of_handover(session: Session, kind: NotificationKind, handover: Handover, *, at: datetime) -> None:
    """Let the team that offered a case hear how it goes, who sent it first of all."""
    notifications.notify(
        session,
        kind,
        organisation_id=handover.from_organisation_id,
        role=handover.from_role,
        person_id=handover.from_person_id,
        subject_kind="case",
        subject_id=handover.case_id,
        at=at,
    )


# --- in the page


@dataclass(frozen=True, slots=True)
class NotificationView:
    """Something that somebody hears of, as their own work list would say it: which family it is about is not in it.

    Args:
        target: what it leads to, ``task``, ``case`` or ``alarm``; None: it may not be opened (any more).
        name: of the task, as on its card.
    """

    id: UUID
    kind: str
    at: datetime
    read: bool
    target: str | None
    target_id: UUID
    name: str | None
    municipality_code: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Hat:
    """Somebody in one role; as much of it as finds what is meant for them."""

    person_id: UUID
    organisation_id: UUID
    role: str
    areas: frozenset[str]


def unread_notifications(session: Session, *, by: Actor, at: datetime) -> int:
    """How many wait for *by* in the role of now; counting stops at one above MANY."""
    hat = _hat(by)
    if hat is None:
        return 0
    found = _waiting(hat, select(Notification.id), since=_since(at)).limit(MANY + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def notification_list(session: Session, *, by: Actor, at: datetime) -> list[NotificationView]:
    """What waits for *by* in the role of now, newest first, and then the last few of what was read and still counts."""
    hat = _hat(by)
    if hat is None:
        return []
    newest = (Notification.at.desc(), Notification.id)
    unread = session.execute(_waiting(hat, _WITH_TASK, since=_since(at)).order_by(*newest).limit(_SHOWN)).all()
    read = session.execute(
        _waiting(hat, _WITH_TASK, since=_since(at), read=True).order_by(*newest).limit(_EARLIER)
    ).all()
    may: dict[UUID, bool] = {}
    return [
        _view(session, row, hat, may, read=was_read, by=by, at=at)
        for rows, was_read in ((unread, False), (read, True))
        for row in rows
    ]


def read_notification(session: Session, notification_id: UUID, *, by: Actor, at: datetime) -> NotificationView:
    """*by* opens one: it is read now, and says where it leads.

    Raises:
        NotFound: no such notification, or not for *by*.
    """
    hat = _hat(by)
    found = None if hat is None else session.execute(
        _WITH_TASK.outerjoin(Task, _its_task()).where(Notification.id == notification_id, _meant_for(hat))
    ).first()  # fmt: skip
    if hat is None or found is None:
        raise NotFound(f"no notification {notification_id}")
    notifications.mark_read(session, [notification_id], by=by, at=at)
    return _view(session, found, hat, {}, read=True, by=by, at=at)


def read_all_notifications(session: Session, *, by: Actor, at: datetime) -> None:
    """Nothing of what waits for *by* now is new any more."""
    hat = _hat(by)
    if hat is not None:
        found = session.scalars(_waiting(hat, select(Notification.id), since=_since(at))).all()
        notifications.mark_read(session, found, by=by, at=at)


def _view(
    session: Session,
    row: Row[*tuple[Any, ...]],
    hat: _Hat,
    may: dict[UUID, bool],
    *,
    read: bool,
    by: Actor,
    at: datetime,
) -> NotificationView:
    one, name, municipality, due_at = row
    return NotificationView(
        id=one.id,
        kind=_kind(one.kind, one.person_id, hat),
        at=one.at,
        read=read,
        target=one.subject_kind if _opens(session, one, may, by=by, at=at) else None,
        target_id=one.subject_id,
        name=name,
        municipality_code=municipality,
        due_at=due_at,
    )


def _opens(session: Session, one: Notification, may: dict[UUID, bool], *, by: Actor, at: datetime) -> bool:
    """Whether *by* may open it now. A task of the own team can be opened, or its own page says what became of it."""
    if one.subject_kind != "case":
        return True
    if one.subject_id not in may:
        may[one.subject_id] = False
        try:
            with logbook.deciding(session):
                _, facts = find_case(session, one.subject_id, by=by, at=at)
            may[one.subject_id] = access.allows(by, "view_case", facts)
        except NotFound:
            pass
    return may[one.subject_id]


def _hat(by: Actor) -> _Hat | None:
    if by.person_id is None or by.organisation_id is None:
        return None
    return _Hat(by.person_id, by.organisation_id, by.role, frozenset(by.municipalities))


def _kind(kind: str, person_id: UUID | None, hat: _Hat) -> NotificationKind:
    own = kind == NotificationKind.OWN_TASK and person_id != hat.person_id
    return NotificationKind.TEAM_TASK if own else NotificationKind(kind)


def _since(at: datetime) -> datetime:
    return at - timedelta(days=KEPT_DAYS)


def _its_task() -> ColumnElement[bool]:
    return and_(Notification.subject_kind == SUBJECT_TASK, Task.id == Notification.subject_id)


def _meant_for(hat: _Hat) -> ColumnElement[bool]:
    return notifications.meant_for(
        person_id=hat.person_id, organisation_id=hat.organisation_id, role=hat.role, areas=hat.areas
    )


def _waiting(
    hat: _Hat, query: Select[*tuple[Any, ...]], *, since: datetime, read: bool = False
) -> Select[*tuple[Any, ...]]:
    """What is meant for somebody, and still so: the task still waits where it was told, for the team or in their own hands."""
    team = and_(Task.organisation_id == hat.organisation_id, Task.role == hat.role)
    is_open = Task.status == TaskStatus.OPEN
    is_mine = and_(Task.status == TaskStatus.CLAIMED, Task.claimed_by == hat.person_id)
    kinds = Notification.kind
    still = or_(
        Notification.subject_kind != SUBJECT_TASK,
        and_(
            team,
            or_(
                and_(kinds != NotificationKind.HANDED, is_open),
                and_(
                    kinds.in_([NotificationKind.HANDED, NotificationKind.NEARLY_LATE, NotificationKind.LATE]), is_mine
                ),
            ),
        ),
    )
    marked = exists().where(
        NotificationMark.notification_id == Notification.id, NotificationMark.person_id == hat.person_id
    )
    closed = select(literal(1)).where(_closed_to(hat.person_id)).exists()
    return (
        query.select_from(Notification)
        .outerjoin(Task, _its_task())
        .where(_meant_for(hat), Notification.at >= since, still, marked if read else ~marked, ~closed)
    )


def _closed_to(person_id: UUID) -> ColumnElement[bool]:
    block = cases.CaseBlock
    return and_(
        block.person_id == person_id,
        block.until_at.is_(None),
        or_(block.case_id == Task.subject_id, block.case_id == Notification.subject_id),
    )


# --- by mail


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person. No name, no number of a case: how many of which kind, the code for an address, the secret of a
    link to choose a new password, or that the password changed.

    Args:
        invites_until: the code is to choose a password with, until then.
    """

    to: str
    code: str | None = None
    reset: str | None = None
    password_changed: bool = False
    counts: Mapping[NotificationKind, int] | None = None
    told_until: datetime | None = None
    invites_until: datetime | None = None


def spread_notifications(session: Session, *, at: datetime) -> None:
    """Look at what is new: who wants mail about it, and when. And have sent what is due by now."""
    rows = session.scalars(
        select(Notification).where(Notification.spread_at.is_(None)).order_by(Notification.at).limit(_AT_ONCE)
    ).all()
    if rows:
        limits = _limits(session, at)
        for kept, hat in _wanting(session, {row.organisation_id for row in rows}, at):
            wishes = notifications.wishes_of(kept.wishes)
            for row in rows:
                if not notifications.is_for(
                    row, person_id=hat.person_id, organisation_id=hat.organisation_id, role=hat.role, areas=hat.areas
                ):
                    continue
                wish = wishes[_kind(row.kind, row.person_id, hat)]
                moment = notifications.mail_moment(wish, at=at, sent_at=kept.sent_at, limits=limits)
                notifications.next_letter(session, kept, moment)
        ids = [row.id for row in rows]
        session.execute(update(Notification).where(Notification.id.in_(ids)).values(spread_at=at))
        session.flush()
    due = select(MailAddress).where(MailAddress.due_at <= at).order_by(MailAddress.due_at).limit(_AT_ONCE)
    for kept in session.scalars(due.with_for_update(skip_locked=True)).all():
        kept.due_at = None
        outbox.put(session, CHANNEL, {"letter": "news", "account": kept.account_id.hex}, at=at)
    session.flush()


def letter(session: Session, payload: Mapping[str, Any], *, at: datetime) -> Letter | None:
    """What to send for a message of the outbox, as things are now; None: nothing any more. Who has no role any more, or lost
    the one that it was for, gets nothing; nor does who read it meanwhile."""
    if payload["letter"] == "invitation":
        invited = accounts.code_to_mail(session, UUID(payload["account"]), at=at)
        if invited is None:
            return None
        return Letter(invited.to, code=invited.code, invites_until=invited.expires_at)
    kept = session.get(MailAddress, UUID(payload["account"]))
    if kept is None:
        return None
    if payload["letter"] == "code":
        code = notifications.letter_code(session, kept, at=at)
        return None if code is None or not _hats(session, kept, at) else Letter(
            notifications.open_address(session, kept), code=code
        )  # fmt: skip
    if not kept.takes_mail:
        return None
    if payload["letter"] in ("reset", "password_changed"):
        return _about_password(session, kept, payload, at=at)
    wishes = notifications.wishes_of(kept.wishes)
    counts: Counter[NotificationKind] = Counter()
    for hat in _hats(session, kept, at):
        new = _waiting(hat, select(Notification.kind, Notification.person_id), since=kept.told_until - _LATE)
        for kind, person_id in session.execute(new.where(Notification.spread_at > kept.told_until)):
            counts[_kind(kind, person_id, hat)] += 1
    wanted = {kind: counts[kind] for kind in NotificationKind if counts[kind] and wishes[kind] != MailWish.NONE}
    if not wanted:
        return None
    until = session.scalar(select(func.max(Notification.spread_at)))
    return Letter(notifications.open_address(session, kept), counts=wanted, told_until=until)


def _about_password(session: Session, kept: MailAddress, payload: Mapping[str, Any], *, at: datetime) -> Letter | None:
    """For who has a role here still; a question that waited too long for the mail server is asked again by who still wants it."""
    if kept.confirmed_at is None or not _hats(session, kept, at):
        return None
    to = notifications.open_address(session, kept)
    if payload["letter"] == "password_changed":
        return Letter(to, password_changed=True)
    if at - datetime.fromisoformat(payload["asked_at"]) > _ASKED_TOO_LONG_AGO:
        return None
    secret = accounts.draw_reset(
        session, kept.account_id, ask=UUID(payload["ask"]), of_everybody=bool(payload["everybody"]), at=at
    )
    return None if secret is None else Letter(to, reset=secret)


def ask_password_reset(session: Session, login: str, *, of_everybody: bool, at: datetime) -> None:
    """Somebody, who may be anybody, says that a password was forgotten. The same is done for a login that is not there: what
    comes of it is decided when the mail would leave, and only who reads that mailbox sees it.

    Args:
        of_everybody: every role of this installation asks for a second factor.
    """
    account_id = accounts.id_of_login(session, login)
    payload = {
        "letter": "reset",
        "account": (account_id or uuid4()).hex,
        "ask": uuid4().hex,
        "everybody": of_everybody,
        "asked_at": at.isoformat(),
    }
    outbox.put(session, CHANNEL, payload, at=at)
    by = Actor(None, None, None, "system", origin="page")
    logbook.write(session, "password_reset.asked", "account", account_id or "unknown", by=by, at=at)


def tell_password_changed(session: Session, account_id: UUID, *, at: datetime) -> None:
    """Whose password changed hears so by mail, in case it was somebody else."""
    outbox.put(session, CHANNEL, {"letter": "password_changed", "account": account_id.hex}, at=at)


def letter_left(session: Session, payload: Mapping[str, Any], sent: Letter, *, at: datetime) -> None:
    """It was given to a mail server."""
    if payload["letter"] == "invitation":
        accounts.code_mailed(session, UUID(payload["account"]), at=at)
        return
    notifications.delivered(session, UUID(payload["account"]), told_until=sent.told_until, at=at)


def letter_failed(session: Session, payload: Mapping[str, Any], failure: MailFailure, *, at: datetime) -> None:
    """It was not; its owner sees that on the page of the account."""
    if payload["letter"] == "invitation":
        accounts.code_not_mailed(session, UUID(payload["account"]), for_good=failure == MailFailure.REFUSED, at=at)
        return
    notifications.not_delivered(session, UUID(payload["account"]), failure, at=at)


#: A link to choose a password that comes hours later is not expected any more.
_ASKED_TOO_LONG_AGO = timedelta(hours=4)
#: How much earlier than it was looked at something can have happened.
_LATE = timedelta(days=1)


def _wanting(session: Session, organisations: set[UUID], at: datetime) -> list[tuple[MailAddress, _Hat]]:
    """Everybody of these organisations who gets mail, once for each role."""
    query = _entitled(select(MailAddress, RoleAssignment), at).where(
        MailAddress.confirmed_at.is_not(None), RoleAssignment.organisation_id.in_(organisations)
    )
    found = session.execute(query.order_by(MailAddress.account_id, RoleAssignment.id)).all()
    return [(kept, _hat_of(assignment)) for kept, assignment in found]


def _hats(session: Session, kept: MailAddress, at: datetime) -> list[_Hat]:
    query = _entitled(select(RoleAssignment).select_from(MailAddress), at)
    found = session.scalars(query.where(MailAddress.account_id == kept.account_id).order_by(RoleAssignment.id))
    return [_hat_of(assignment) for assignment in found]


def _entitled(query: Select[*tuple[Any, ...]], at: datetime) -> Select[*tuple[Any, ...]]:
    account = accounts.Account
    return (
        query.join(account, and_(account.id == MailAddress.account_id, account.active))
        .join(RoleAssignment, RoleAssignment.person_id == account.person_id)
        .join(Person, Person.id == RoleAssignment.person_id)
        .join(Organisation, Organisation.id == RoleAssignment.organisation_id)
        .where(accounts.entitled(at))
    )


def _hat_of(assignment: RoleAssignment) -> _Hat:
    return _Hat(assignment.person_id, assignment.organisation_id, assignment.role, frozenset(assignment.areas))


def _limits(session: Session, at: datetime) -> Limits:
    def number(name: str) -> int:
        return int(settings.get(session, f"notifications.{name}", on=local_date(at)))

    return Limits(digest_hour=number("digest_hour"), mails_per_hour=number("mails_per_hour"))
