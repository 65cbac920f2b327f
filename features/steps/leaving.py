"""Steps about people who leave and organisations that stop."""

from __future__ import annotations

from datetime import timedelta

from engine.clock import local_date
from features.steps.registry import step
from features.steps.support import agreed
from features.steps.world import World
from workflows import method, organisations, worker
from workflows.actor import OPERATOR
from workflows.cases import Case
from workflows.errors import NotAllowed

EXPLORE = "Verkenning doen"


@step("Gegeven", "een invalkracht bij de jeugdgezondheidszorg tot en met morgen")
def a_locum(world: World) -> None:
    where = world.actor("verpleegkundige").organisation_id
    assert where is not None
    with world.database.writing() as session:
        person = organisations.add_person(session, display_name="Inge Inval", by=OPERATOR, at=world.clock())
        role = organisations.assign_role(
            session, person_id=person.id, organisation_id=where, role="explorer",
            valid_from=local_date(world.clock()), valid_to=local_date(world.clock()) + timedelta(days=1),
            by=OPERATOR, at=world.clock(),
        )  # fmt: skip
        world.join("invalkracht", person.id, role.id, where, "explorer")


@step("Als", "de invalkracht de verkenning oppakt")
def the_locum_claims(world: World) -> None:
    world.take("invalkracht", EXPLORE)


@step("Als", "de {who} uit dienst gaat")
def leaves(world: World, who: str) -> None:
    world.do(method.deactivate_person, world.actor(who).person_id, who="beheerder")


@step("Als", "de {who} uit dienst gaat en alles naar de {other} gaat")
def leaves_to(world: World, who: str, other: str) -> None:
    found = world.look(method.leaver, world.actor(who).person_id, who="beheerder")
    to = {one.id: world.actor(other).person_id for one in found.items}
    world.do(method.deactivate_person, world.actor(who).person_id, to=to, who="beheerder")


@step("Dan", "houdt de {who} de casus zelf vast")
def held_in_person(world: World, who: str) -> None:
    assert world.case().case.holder_person_id == world.actor(who).person_id


@step("Dan", "zegt de tijdlijn dat de {who} de casus ging vasthouden")
def told_in_the_timeline(world: World, who: str) -> None:
    story = world.look(method.case_story, world.case_id, who=who)
    moves = [one.person_id for one in method.timeline(story, at=world.clock()) if one.kind == "holder"]
    assert world.actor(who).person_id in moves


@step("Als", "de rol van de {who} gisteren afliep")
def role_ran_out(world: World, who: str) -> None:
    with world.database.writing() as session:
        role = organisations.assignment(session, world.actor(who).assignment_id)  # type: ignore[arg-type]
        role.valid_from = role.valid_to = local_date(world.clock()) - timedelta(days=1)


@step("Als", "de {who} stopt")
def stops(world: World, who: str) -> None:
    world.do(method.deactivate_organisation, world.actor(who).organisation_id, who="beheerder")


@step("Gegeven", "een opvolger voor de jeugdgezondheidszorg")
def a_successor(world: World) -> None:
    with world.database.writing() as session:
        there = organisations.add_organisation(
            session,
            name="JGZ Noord (fictief)",
            type="youth_health",
            domain="public",
            areas=[],
            by=OPERATOR,
            at=world.clock(),
        )
        person = organisations.add_person(session, display_name="Nina Noord", by=OPERATOR, at=world.clock())
        role = organisations.assign_role(
            session, person_id=person.id, organisation_id=there.id, role="explorer",
            valid_from=local_date(world.clock()), by=OPERATOR, at=world.clock(),
        )  # fmt: skip
        world.join("opvolger", person.id, role.id, there.id, "explorer")


@step("Als", "de overdrachten naar de opvolger klaargezet worden")
def offers_prepared(world: World) -> None:
    organisation = world.actor("verpleegkundige").organisation_id
    world.do(
        method.prepare_stop, organisation, to={"explorer": world.actor("opvolger").organisation_id}, who="beheerder"
    )


@step("Als", "er {nights:d} nachten voorbijgaan")
def nights_pass(world: World, nights: int) -> None:
    worker.plan_standing_jobs(world.database, world.clock())
    for _ in range(nights):
        at = world.clock.forward(days=1)
        while worker.run_once(world.database, at):
            pass


@step("Dan", "houdt de {who} de casus vast, zonder iemand in persoon")
def held_by_the_team(world: World, who: str) -> None:
    card = world.case().case
    assert card.holder_organisation_id == world.actor(who).organisation_id
    assert card.holder_person_id is None


@step("Dan", "kan de verpleegkundige niets meer oppakken")
def claims_nothing(world: World) -> None:
    card = world.task("andere verpleegkundige", EXPLORE)
    assert isinstance(world.refused(method.claim_task, card.id, who="verpleegkundige"), NotAllowed)


@step("Dan", "kan de {who} de verpleegkundige niet uit dienst melden")
def may_not_say_so(world: World, who: str) -> None:
    colleague = world.actor("verpleegkundige").person_id
    assert isinstance(world.refused(method.deactivate_person, colleague, who=who), NotAllowed)


@step("Gegeven", "dat de moeder het eens is met de toegangsteams")
def agrees_with_access_teams(world: World) -> None:
    said = agreed("municipal_access_team")
    world.do(method.record_consent, world.case_id, answers=said, who="verloskundige")


@step("Als", "de procesregisseur de casus aanbiedt aan de {who}")
def offer_to_new_holder(world: World, who: str) -> None:
    to = world.actor(who)
    receiver = {"receiver": f"{to.organisation_id}:{to.role}"}
    world.complete("procesregisseur", "Team zonder mensen: overleggen", receiver)


@step("Dan", "is de casus nog van de verloskundigenpraktijk")
def still_held(world: World) -> None:
    with world.database.reading() as session:
        case = session.get_one(Case, world.case_id)
        where = (case.holder_organisation_id, case.holder_role)
        stopped = organisations.organisation(session, case.signaller_organisation_id)
    assert where == (stopped.id, "signaller")
    assert not stopped.active


@step("Dan", "is de casus van de {who}")
def held_by(world: World, who: str) -> None:
    with world.database.reading() as session:
        case = session.get_one(Case, world.case_id)
    to = world.actor(who)
    assert (case.holder_organisation_id, case.holder_role) == (to.organisation_id, to.role)
