"""Steps about looking back at a case."""

from __future__ import annotations

from datetime import timedelta

from features.steps.registry import step
from features.steps.world import World
from workflows import method
from workflows.errors import Invalid, NotFound

EXPLORE = "Verkenning doen"


@step("Als", "de {who} {days:d} dagen later de verkenning oppakt")
def claims_later(world: World, who: str, days: int) -> None:
    world.clock.forward(days=days)
    world.take(who, EXPLORE)


@step("Dan", "hield de {team} de casus een dag eerder vast, volgens de {who}")
def held_before(world: World, team: str, who: str) -> None:
    moment = world.clock() - timedelta(days=1)
    found = world.look(method.case_at, world.case_id, moment=moment, purpose="complaint", who=who)
    world.looked = [found]
    assert found.then.holder.organisation_id == world.actor(team).organisation_id
    assert found.now.holder.organisation_id == world.actor(who).organisation_id


@step("Dan", "kon de jeugdgezondheidszorg toen nog niets lezen")
def could_not_read(world: World) -> None:
    where = world.actor("verpleegkundige").organisation_id
    assert where not in {one.organisation_id for one in world.looked[0].then.readers}
    assert where in {one.organisation_id for one in world.looked[0].now.readers}


@step("Dan", "staat in het overzicht van de ouder dat een klacht werd uitgezocht")
def told_to_the_parent(world: World) -> None:
    [parent] = world.look(method.client_log_subjects, world.case_id, who="verpleegkundige")
    found = world.look(method.client_log, world.case_id, subject_id=parent.id, who="verpleegkundige")
    assert any("klacht" in one.why for day in found.days for one in day.lines)


@step("Dan", "wordt de {who} zonder reden geweigerd om terug te kijken")
def not_without_reason(world: World, who: str) -> None:
    assert isinstance(world.refused(method.case_at, world.case_id, purpose="", who=who), Invalid)


@step("Dan", "kan de {who} niet terugkijken")
def may_not(world: World, who: str) -> None:
    assert isinstance(world.refused(method.case_at, world.case_id, purpose="complaint", who=who), NotFound)
