"""Steps about finding a family again."""

from __future__ import annotations

from features.steps.registry import step
from features.steps.world import World
from workflows import method


@step("Als", "de {who} zoekt op de naam van de moeder, met een typefout")
def search_by_name(world: World, who: str) -> None:
    name = world.signal["parent_name"]
    slip = name[:-3] + name[-2] + name[-3] + name[-1]
    world.looked = list(world.look(method.search_cases, slip, who=who).hits)


@step("Als", 'de {who} zoekt op "{typed}"')
def search_for(world: World, who: str, typed: str) -> None:
    world.looked = list(world.look(method.search_cases, typed, who=who).hits)


@step("Dan", "vindt zij het gezin")
def finds_it(world: World) -> None:
    assert [hit.case.id for hit in world.looked] == [world.case_id]


@step("Dan", "vindt zij niets")
def finds_nothing(world: World) -> None:
    assert world.looked == []
