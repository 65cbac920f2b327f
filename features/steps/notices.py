"""Steps about what somebody hears of, in the page and by mail."""

from __future__ import annotations

from uuid import UUID

from features.steps.registry import step
from features.steps.world import World
from workflows import accounts, method, notifications, organisations, outbox
from workflows.actor import OPERATOR

SHE = "verpleegkundige"
ADDRESS = "noor@jgz.example"
#: A password that takes no time to keep: nobody signs in here.
QUICK = (1, 8, 1)


def post(world: World) -> list[method.Letter]:
    """What the worker would mail a minute later: who is told is found out, and each mail is made as it leaves."""
    world.clock.forward(minutes=1)
    with world.database.writing() as session:
        method.spread_notifications(session, at=world.clock())
    left = []
    with world.database.writing() as session:
        for message_id, _ in outbox.due(session, channels=[notifications.CHANNEL], at=world.clock(), limit=100):
            message = outbox.take(session, message_id, at=world.clock())
            assert message is not None
            letter = method.letter(session, message.payload, at=world.clock())
            outbox.sent(session, message_id, at=world.clock())
            if letter is not None:
                method.letter_left(session, message.payload, letter, at=world.clock())
                left.append(letter)
    return left


def give_address(world: World) -> UUID:
    """She has an account and says where she wants mail."""
    person_id = world.actor(SHE).person_id
    assert person_id is not None
    with world.database.writing() as session:
        account = accounts.create_account(
            session, person_id=person_id, login="noor", by=OPERATOR, at=world.clock(), cost=QUICK
        )
    world.do(notifications.set_address, account.id, ADDRESS, who=SHE)
    return account.id


def subscribe(world: World, wish: str) -> None:
    account_id = give_address(world)
    [letter] = post(world)
    assert world.do(notifications.confirm_address, account_id, letter.code, who=SHE)
    world.do(notifications.choose_wishes, account_id, {"team_task": wish}, who=SHE)


@step("Gegeven", "een verpleegkundige die meteen mail wil")
def wants_mail_at_once(world: World) -> None:
    subscribe(world, "direct")


@step("Gegeven", "een verpleegkundige die één keer per dag mail wil")
def wants_a_digest(world: World) -> None:
    subscribe(world, "daily")


@step("Gegeven", "een verpleegkundige die een mailadres opgaf en het niet bevestigde")
def did_not_confirm(world: World) -> None:
    give_address(world)
    post(world)  # the code


@step("Als", "het de volgende ochtend is")
def next_morning(world: World) -> None:
    post(world)
    world.clock.forward(days=1)


@step("Als", "de verpleegkundige niet meer bij de jeugdgezondheidszorg werkt")
def works_there_no_more(world: World) -> None:
    post(world)
    with world.database.writing() as session:
        organisations.end_assignment(session, world.actor(SHE).assignment_id, by=OPERATOR, at=world.clock())  # type: ignore[arg-type]


@step("Dan", "hoort de {who} dat er een taak klaarstaat, zonder naam van het gezin")
def hears(world: World, who: str) -> None:
    [told] = world.look(method.notification_list, who=who)
    assert (told.kind, told.read, told.target) == ("team_task", False, "task")
    assert world.signal["parent_name"] not in str(told)


@step("Dan", "hoort de {who} van geen taak")
def hears_nothing(world: World, who: str) -> None:
    assert world.look(method.notification_list, who=who) == []


@step("Dan", "krijgt de verpleegkundige mail over één taak, zonder naam van het gezin")
def gets_mail(world: World) -> None:
    [letter] = post(world)
    assert (letter.to, dict(letter.counts or {})) == (ADDRESS, {"team_task": 1})
    assert world.signal["parent_name"] not in str(letter)


@step("Dan", "krijgt de verpleegkundige geen mail")
@step("Dan", "krijgt de verpleegkundige verder geen mail")
def gets_none(world: World) -> None:
    assert post(world) == []
