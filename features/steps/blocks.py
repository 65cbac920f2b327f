"""Steps about people who know a family otherwise."""

from __future__ import annotations

from features.steps.registry import step
from features.steps.world import World
from workflows import logbook, method
from workflows.errors import NotFound


@step("Als", "de {who} zegt dat zij het gezin kent")
def says_so_herself(world: World, who: str) -> None:
    [card] = [card for card in world.tasks(who) if card.mine]
    world.do(method.step_aside_from_task, card.id, reason="neighbour", who=who)


@step("Als", "de {who} op verzoek van de moeder vastlegt dat de {other} het gezin kent")
def holder_says_so(world: World, who: str, other: str) -> None:
    person = world.actor(other).person_id
    world.do(method.block_person, world.case_id, person_id=person, reason="other", who=who)


@step("Als", "de {who} de {other} weer toelaat")
def lets_in_again(world: World, who: str, other: str) -> None:
    person = world.actor(other).person_id
    [found] = [one for one in world.look(method.block_list, world.case_id, who=who) if one.person_id == person]
    world.do(method.unblock_person, found.id, who=who)


@step("Dan", "is de casus er voor de {who} niet")
def does_not_see_it(world: World, who: str) -> None:
    assert isinstance(world.refused(method.case_view, world.case_id, who=who), NotFound)
    assert world.look(method.case_list, who=who).items == []


@step("Dan", "staat in het logboek dat de casus voor de {who} gesloten is")
def it_is_written_down(world: World, who: str) -> None:
    assert world.case_id is not None
    person = world.actor(who).person_id
    assert person is not None
    with world.database.reading() as session:
        lines = [one for one in logbook.lines(session, case_id=world.case_id) if one.event == "case.blocked"]
        assert [line.details["person"] for line in lines] == [person.hex]
