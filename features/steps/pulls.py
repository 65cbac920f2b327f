"""Steps about asking for a case without hearing whether there is one."""

from __future__ import annotations

from features.steps.registry import step
from features.steps.world import World
from workflows import method

WHY = {"reason": "moved_here", "parent_knows": True}


@step("Als", "de {who} om de casus van de moeder vraagt")
def ask(world: World, who: str) -> None:
    number = world.case("verpleegkundige").case.number
    world.do(method.ask_for_case, case_number=number, **WHY, who=who)


@step("Als", "de {who} om een casus vraagt die er niet is")
def ask_for_nothing(world: World, who: str) -> None:
    world.do(method.ask_for_case, case_number="2020-9999", **WHY, who=who)


@step("Dan", "leest de {who} over beide vragen hetzelfde")
def reads_the_same(world: World, who: str) -> None:
    one, other = world.look(method.case_requests, who=who)
    assert (one.reason, one.until_at, one.over) == (other.reason, other.until_at, other.over)


@step("Als", "de verpleegkundige met de moeder besluit om op de vraag in te gaan")
def goes_along(world: World) -> None:
    world.complete("verpleegkundige", "Vraag om deze casus: beantwoorden", {"pull_choice": "hand_over"})


@step("Dan", "is daar de {who} al als ontvanger gekozen")
def chosen_already(world: World, who: str) -> None:
    to = world.actor(who)
    card = world.take("verpleegkundige", "Overdracht voorbereiden")
    known = world.look(method.task_view, card.id, who="verpleegkundige").answers
    assert known["receiver"] == f"{to.organisation_id}:{to.role}"
