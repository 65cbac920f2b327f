"""Steps about the citizen service number: recorded on its own, read on purpose, by who may use it."""

from __future__ import annotations

from uuid import UUID

from features.steps.registry import step
from features.steps.world import World
from workflows import logbook, method, organisations
from workflows.actor import OPERATOR
from workflows.errors import Invalid, NotAllowed

#: From a range that is given to nobody; and the same with another digit.
NUMBER, WRONG = "999990019", "999990018"


def mother(world: World) -> UUID:
    found: UUID = world.case().members[0].id
    return found


@step("Als", "de verloskundige het BSN van de moeder vastlegt")
def record(world: World) -> None:
    world.do(method.record_bsn, world.case_id, mother(world), NUMBER, who="verloskundige")


@step("Als", "de verloskundige een BSN met een verkeerd cijfer vastlegt")
def record_wrong(world: World) -> None:
    who = "verloskundige"
    world.refusal = world.refused(method.record_bsn, world.case_id, mother(world), WRONG, who=who)


@step("Als", "de jeugdgezondheidszorg het BSN niet meer mag gebruiken")
def may_no_longer(world: World) -> None:
    youth_health = world.actor("jeugdgezondheidszorg").organisation_id
    assert youth_health is not None
    with world.database.writing() as session:
        organisations.set_may_use_bsn(session, youth_health, False, by=OPERATOR, at=world.clock())


@step("Dan", "is er van de moeder geen BSN")
def there_is_none(world: World) -> None:
    assert not world.look(method.bsn_standing, world.case_id, mother(world), who="verloskundige").kept


@step("Dan", "hoort zij dat er een cijfer anders is")
def hears_of_a_digit(world: World) -> None:
    assert isinstance(world.refusal, Invalid)
    assert "een cijfer anders" in world.refusal.errors["bsn"][0]
    assert WRONG not in f"{world.refusal} {world.refusal.errors}"


@step("Dan", "staat het BSN niet in wat de {who} van de casus leest")
def not_in_the_case(world: World, who: str) -> None:
    said = [
        world.case(who),
        world.look(method.family_outline, world.case_id, who=who),
        world.look(method.member, world.case_id, mother(world), who=who),
        world.look(method.handover_list, world.case_id, who=who),
    ]
    assert NUMBER not in str(said)


@step("Dan", "leest de {who} het BSN als zij erom vraagt")
def reads_it(world: World, who: str) -> None:
    assert world.look(method.read_bsn, world.case_id, mother(world), who=who) == NUMBER


@step("Dan", "staat in het logboek dat de {who} het BSN bekeek")
def it_is_written_down(world: World, who: str) -> None:
    assert world.case_id is not None
    with world.database.reading() as session:
        lines = [one for one in logbook.reads_of(session, world.case_id) if one.event == "bsn.viewed"]
    assert [one.person_id for one in lines] == [world.actor(who).person_id]


@step("Dan", "hoort de {who} van het BSN niet meer dan dat haar organisatie het niet mag gebruiken")
def hears_nothing(world: World, who: str) -> None:
    for verb in (method.bsn_standing, method.read_bsn):
        refusal = world.refused(verb, world.case_id, mother(world), who=who)
        assert isinstance(refusal, NotAllowed)
        assert "mag het BSN niet gebruiken" in refusal.detail
    assert not world.look(method.family_outline, world.case_id, who=who).bsn
