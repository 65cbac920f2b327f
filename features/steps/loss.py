"""Steps about a loss, which silences everything about the birth."""

from __future__ import annotations

from features.steps.registry import step
from features.steps.world import World
from workflows import method

CONTACT = "Contact opnemen na verlies"
#: Nobody contacted the parent in time: somebody looks at that, without the content.
ESCALATED = "Termijn verlopen: overleggen"


@step("Als", "de verloskundige een miskraam meldt")
def report_loss(world: World) -> None:
    said = {"loss_kind": "miscarriage", "loss_date": world.today(), "told_by": "parent", "contact_wish": "later"}
    world.do(method.report_loss, world.case_id, answers=said, who="verloskundige")


@step("Dan", 'is de enige open taak "{name}"')
def the_only_task(world: World, name: str) -> None:
    live = [card for who in ("verloskundige", "verpleegkundige", "procesregisseur") for card in world.tasks(who)]
    assert [card.name for card in live] == [name]


@step("Dan", "ligt die taak bij de {who}")
def the_task_is_with(world: World, who: str) -> None:
    assert world.task(who, CONTACT).organisation_id == world.actor(who).organisation_id


@step("Dan", "is er geen termijn meer die met de geboorte te maken heeft")
def no_term_of_birth(world: World) -> None:
    world.pass_days(60)
    live = [card.name for who in ("verloskundige", "verpleegkundige", "procesregisseur") for card in world.tasks(who)]
    assert [name for name in live if name != ESCALATED] == [CONTACT]


@step("Als", "de verloskundige het contact na het verlies afrondt")
def finish_contact(world: World) -> None:
    said = {
        "contact_moments": [{"date": world.today(), "form": "phone"}],
        "aftercare": "no",
        "contact_after": "Verloskundigenpraktijk, elke dag bereikbaar",
    }
    world.complete("verloskundige", CONTACT, said)
