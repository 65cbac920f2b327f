"""Who hears of what: told once in the transaction, found when they look, and gone when it no longer waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from sqlalchemy import event, select

from tests import builders
from tests.workflows import path
from workflows import accounts, method, notifications, organisations, outbox, worker
from workflows.actor import OPERATOR
from workflows.errors import Invalid, NotFound, WrongState
from workflows.notifications import Limits, MailAddress, MailFailure, Notification, NotificationKind, NotificationMark
from workflows.outbox import Message

LIMITS = Limits(digest_hour=8, mails_per_hour=2)
ADDRESS = "vera@praktijk.example"


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def kinds(world: path.World, by) -> list[str]:
    return [one.kind for one in world.look(method.notification_list, by=by) if not one.read]


def unread(world: path.World, by) -> int:
    return world.look(method.unread_notifications, by=by)


def test_a_team_hears_of_a_task_until_somebody_takes_it_and_who_brought_it_about_does_not(world, clock):
    midwife, colleague, nurse, nurse2 = (
        getattr(world.region, name) for name in ("midwife", "midwife2", "nurse", "nurse2")
    )
    world.explored()
    assert (kinds(world, nurse), unread(world, nurse2)) == (["team_task"], 1)
    assert kinds(world, midwife) == []
    [told] = world.look(method.notification_list, by=nurse)
    task = world.claim(nurse)

    assert (told.target, told.target_id, told.name) == ("task", task.id, task.name)
    assert (unread(world, nurse), unread(world, nurse2), unread(world, colleague)) == (0, 0, 0)

    clock.forward(days=3)
    worker.run_once(world.database, clock())
    assert "lapsed" in kinds(world, nurse), "and the draft is kept"
    assert kinds(world, nurse2) == ["team_task"], "it waits for the team again"
    one = next(one for one in world.look(method.notification_list, by=nurse) if one.kind == "lapsed")
    world.do(method.read_notification, one.id, by=nurse)
    assert "lapsed" not in kinds(world, nurse)
    with pytest.raises(NotFound):
        world.do(method.read_notification, one.id, by=nurse2)


def test_what_is_nearly_late_and_late_is_heard_by_who_has_it(world, clock):
    world.explored()
    nurse, nurse2, director = world.region.nurse, world.region.nurse2, world.region.process_director
    while "nearly_late" not in kinds(world, nurse2):
        clock.forward(hours=12)
        worker.run_once(world.database, clock())
    assert "nearly_late" in kinds(world, nurse), "nobody had it, so the team hears"
    while "late" not in kinds(world, nurse):
        if [card for card in world.look(method.work_list, by=nurse).items if card.status == "open"]:
            world.claim(nurse)
        clock.forward(hours=12)
        worker.run_once(world.database, clock())

    assert "late" not in kinds(world, nurse2), "it is in the hands of a colleague"
    assert "team_task" in kinds(world, director), "who looks at what is late has a task of their own"
    world.do(method.read_all_notifications, by=nurse2)
    assert unread(world, nurse2) == 0


def test_a_comment_is_heard_by_who_holds_the_case_and_by_nobody_it_is_closed_to(world):
    case_id = world.explored()
    nurse, midwife = world.region.nurse, world.region.midwife
    world.claim(nurse)
    world.do(method.add_comment, case_id, "Ze belt liever na zes uur.", by=midwife)
    world.do(method.add_comment, case_id, "Ik bel haar.", by=nurse)

    [told] = world.look(method.notification_list, by=nurse)
    assert (told.kind, told.target, told.target_id, told.name) == ("comment", "case", case_id, None)
    assert kinds(world, midwife) == [], "who holds the case is another organisation, and what it says is not hers"
    world.do(method.step_aside, case_id, reason="neighbour", by=nurse)
    assert kinds(world, nurse) == []


def test_of_what_is_told_no_word_and_no_number_is_kept_and_it_goes_with_the_case_and_with_time(world, clock):
    transactions: list[list[str]] = [[]]
    event.listen(
        world.database.engine, "before_cursor_execute", lambda *arguments: transactions[-1].append(arguments[2])
    )
    event.listen(world.database.engine, "commit", lambda _connection: transactions.append([]))
    case_id = world.explored()
    told = [sum("INSERT INTO notifications" in one for one in said) for said in transactions]
    assert set(told) == {0, 1}, "all that is told in one transaction is one statement"
    transactions.append([])
    with world.database.writing() as session:
        for kind in (NotificationKind.LATE, NotificationKind.COMMENT):
            notifications.notify(
                session, kind, organisation_id=world.region.youth_health.id, role="explorer", subject_kind="case",
                subject_id=case_id, at=clock(),
            )  # fmt: skip
    assert sum("INSERT INTO notifications" in one for said in transactions[-3:] for one in said) == 1
    world.do(method.read_all_notifications, by=world.region.nurse)
    with world.database.reading() as session:
        for one in session.scalars(select(Notification)):
            kept = {name: getattr(one, name) for name in Notification.__mapper__.column_attrs.keys()}  # noqa: SIM118
            words = {name for name, value in kept.items() if isinstance(value, str)}
            assert words <= {"kind", "role", "municipality_code", "subject_kind"}
        assert session.scalars(select(NotificationMark)).all()
    with world.database.writing() as session:
        notifications.forget_old(session, before=clock.forward(days=31))
        assert session.scalars(select(Notification)).all() == session.scalars(select(NotificationMark)).all() == []


# --- mail


def account(world: path.World, by, login="vera") -> accounts.Account:
    return world.do(
        accounts.create_account, person_id=by.person_id, login=login, by=OPERATOR, cost=(1, 8, 1)
    )  # fmt: skip


def letters(world: path.World) -> list[method.Letter | None]:
    """What would leave now, and it leaves."""
    at, found = world.clock(), []
    with world.database.writing() as session:
        for message_id, _ in outbox.due(session, channels=[notifications.CHANNEL], at=at, limit=100):
            message = outbox.take(session, message_id, at=at)
            assert message is not None
            found.append(one := method.letter(session, message.payload, at=at))
            outbox.sent(session, message_id, at=at)
            if one is not None:
                method.letter_left(session, message.payload, one, at=at)
    return found


def subscribed(world: path.World, by, **wishes) -> accounts.Account:
    who = account(world, by)
    world.do(notifications.set_address, who.id, ADDRESS, by=by)
    [letter] = letters(world)
    assert world.do(notifications.confirm_address, who.id, letter.code, by=by)
    world.do(notifications.choose_wishes, who.id, wishes, by=by)
    return who


def work(world: path.World, **time) -> None:
    world.clock.forward(**time)
    with world.database.writing() as session:
        method.spread_notifications(session, at=world.clock())


def test_nothing_is_sent_to_an_address_that_nobody_confirmed(world, clock):
    nurse, midwife = world.region.nurse, world.region.midwife
    who = account(world, nurse)
    for wrong in (
        "",
        "vera",
        "a@b",
        "a b@c.nl",
        "a@b.nl\nBcc: x@y.nl",
        "a@b.nl, c@d.nl",
        "é@b.nl",
        "a@b.nl" + "l" * 250,
    ):
        with pytest.raises(Invalid):
            world.do(notifications.set_address, who.id, wrong, by=nurse)
    with pytest.raises(NotFound):
        world.do(notifications.set_address, who.id, ADDRESS, by=midwife)
    world.do(notifications.set_address, who.id, ADDRESS, by=nurse)
    with pytest.raises(WrongState):
        world.do(notifications.set_address, who.id, ADDRESS, by=nurse)
    [letter] = letters(world)
    world.explored()
    work(world, minutes=5)
    assert letters(world) == []
    wrong = "1" * 8 if letter.code != "1" * 8 else "2" * 8
    for _ in range(5):
        assert not world.do(notifications.confirm_address, who.id, wrong, by=nurse)
    with pytest.raises(WrongState):
        world.do(notifications.confirm_address, who.id, letter.code, by=nurse)
    with world.database.reading() as session:
        kept = session.get_one(MailAddress, who.id)
        assert ADDRESS.encode() not in kept.sealed_address
        assert letter.code.encode() not in (kept.sealed_code or b"")
        assert [set(one.payload) for one in session.scalars(select(Message))] == [{"letter", "account"}]
    clock.forward(minutes=31)
    world.do(notifications.set_address, who.id, ADDRESS, by=nurse)
    clock.forward(minutes=31)
    assert letters(world) == [None], "a code that is too old is not sent any more"


def test_a_mail_counts_what_waits_and_mails_of_one_hour_go_together(world, clock):
    nurse = world.region.nurse
    subscribed(world, nurse, team_task="direct")
    world.explored()
    work(world, minutes=1)
    [first] = letters(world)
    assert (first.to, dict(first.counts), first.code) == (ADDRESS, {"team_task": 1}, None)

    for _ in range(3):
        world.explored()
        work(world, minutes=5)
        assert letters(world) == [], "not so soon after the last"
    work(world, minutes=20)
    [second] = letters(world)
    assert dict(second.counts) == {"team_task": 3}
    work(world, hours=2)
    assert letters(world) == [], "told once"


def test_once_a_day_is_on_working_days_and_what_was_taken_or_read_meanwhile_is_not_in_it(world, clock):
    nurse, nurse2 = world.region.nurse, world.region.nurse2
    subscribed(world, nurse, team_task="daily", comment="none")
    clock.now = datetime(2026, 11, 6, 8, 30, tzinfo=UTC)  # a Friday, after eight
    world.explored()
    for hours in (8, 24, 24):
        work(world, hours=hours)
        assert letters(world) == []
    work(world, hours=24)
    [digest] = letters(world)
    assert dict(digest.counts) == {"team_task": 1}
    world.explored()
    while cards := [one for one in world.look(method.work_list, by=nurse2).items if one.status == "open"]:
        world.do(method.claim_task, cards[0].id, by=nurse2)
    work(world, minutes=1)
    work(world, hours=24)
    assert letters(world) == [None]


@pytest.mark.parametrize("left", ["role", "person", "account"])
def test_who_left_gets_nothing_any_more_also_when_it_was_on_its_way(world, clock, left):
    nurse = world.region.nurse
    who = subscribed(world, nurse, team_task="direct")
    world.explored()
    work(world, minutes=1)
    if left == "role":
        world.do(organisations.end_assignment, nurse.assignment_id, by=OPERATOR)
    elif left == "person":
        world.do(method.deactivate_person, nurse.person_id, by=OPERATOR)
    else:
        world.do(accounts.deactivate_account, who.id, by=OPERATOR)

    assert letters(world) == [None]
    world.explored()
    work(world, hours=1)
    assert letters(world) == []


def test_an_address_that_is_not_there_gets_no_more_and_its_owner_sees_it(world, clock):
    nurse = world.region.nurse
    who = subscribed(world, nurse, team_task="direct")
    payload = {"letter": "news", "account": who.id.hex}
    with world.database.writing() as session:
        method.letter_failed(session, payload, MailFailure.UNREACHABLE, at=clock())
    assert world.look(notifications.mail_standing, who.id, by=nurse).failure == "unreachable"
    world.explored()
    work(world, minutes=1)
    assert dict(letters(world)[0].counts) == {"team_task": 1}
    assert world.look(notifications.mail_standing, who.id, by=nurse).failure is None

    assert world.do(notifications.returned, [ADDRESS.upper()], by=OPERATOR) == 1
    world.explored()
    work(world, hours=1)
    assert letters(world) == []
    assert world.look(notifications.mail_standing, who.id, by=nurse).failure == "returned"
    with pytest.raises(NotFound):
        world.do(notifications.returned, [ADDRESS], by=nurse)
    world.do(notifications.forget_address, who.id, by=nurse)
    assert world.look(notifications.mail_standing, who.id, by=nurse).address is None


@pytest.mark.parametrize("areas", [frozenset(), {builders.VENLO}, {builders.VENLO, builders.WEERT}])
def test_who_gets_mail_about_it_is_who_sees_it(world, areas):
    """The rule stands there twice: as a condition of a query, and for a row at hand."""
    region = world.region
    me, other = region.nurse.person_id, region.nurse2.person_id
    mine = {"organisation_id": region.youth_health.id, "role": region.nurse.role}
    theirs = {"organisation_id": region.practice.id, "role": region.nurse.role}
    teams = (mine, theirs, {**mine, "role": region.midwife.role})
    where, people = (None, builders.VENLO, builders.ROERMOND), (None, me, other)
    with world.database.writing() as session:
        rows = [
            Notification(
                **team, kind="comment", municipality_code=municipality, person_id=person, alone=alone, by_person_id=by,
                subject_kind="case", subject_id=uuid4(), at=world.clock(),
            )
            for team, municipality, person, alone, by in product(teams, where, people, (False, True), people)
            if person is not None or not alone
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()

        seen = set(
            session.scalars(select(Notification.id).where(notifications.meant_for(**mine, person_id=me, areas=areas)))
        )
        mailed = {one.id for one in rows if notifications.is_for(one, **mine, person_id=me, areas=areas)}

    assert 0 < len(seen) < len(rows)
    assert mailed == seen


def test_the_moment_of_a_mail():
    friday = datetime(2026, 12, 25, 7, 0, tzinfo=UTC)  # Christmas, at eight in the morning
    assert notifications.mail_moment("daily", at=friday, sent_at=None, limits=LIMITS) == datetime(
        2026, 12, 28, 7, 0, tzinfo=UTC
    )
    summer = datetime(2026, 7, 1, 5, 59, tzinfo=UTC)
    assert notifications.mail_moment("daily", at=summer, sent_at=None, limits=LIMITS) == summer + timedelta(minutes=1)
    assert notifications.mail_moment("none", at=summer, sent_at=None, limits=LIMITS) is None
    assert notifications.mail_moment("direct", at=summer, sent_at=summer, limits=LIMITS) == summer + timedelta(
        minutes=30
    )
