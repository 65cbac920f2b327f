"""Steps about what an organisation calls a case in its own records."""

from __future__ import annotations

from features.steps.registry import step
from features.steps.world import World
from workflows import method
from workflows.errors import NotFound


@step("Als", 'de {who} vastlegt dat de casus bij haar "{number}" heet')
def keep(world: World, who: str, number: str) -> None:
    world.do(method.keep_case_reference, world.case_id, number, who=who)


@step("Dan", 'ziet de {who} het eigen nummer "{number}"')
def sees(world: World, who: str, number: str) -> None:
    assert world.look(method.case_reference, world.case_id, who=who)[0] == number


@step("Dan", "ziet de {who} geen eigen nummer")
def sees_none(world: World, who: str) -> None:
    assert world.look(method.case_reference, world.case_id, who=who)[0] == ""


@step("Dan", "kan de {who} niet vastleggen hoe de casus bij haar heet")
def may_not_keep(world: World, who: str) -> None:
    refusal = world.refused(method.keep_case_reference, world.case_id, "DE-1", who=who)
    assert isinstance(refusal, NotFound)
