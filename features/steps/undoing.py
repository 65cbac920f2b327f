"""Steps about taking back at once what was completed by mistake."""

from __future__ import annotations

from typing import Any

from features.steps.explorations import EXPLORE, conclude_no_support
from features.steps.registry import step
from features.steps.world import World
from workflows import method

SHE = "verpleegkundige"


def completed(world: World) -> Any:
    """The task that she completed."""
    return world.completion.task


@step("Gegeven", "de verpleegkundige die de verkenning net afrondde")
def just_completed(world: World) -> None:
    conclude_no_support(world)


@step("Gegeven", "een andere verpleegkundige die de volgende taak al heeft")
def went_on(world: World) -> None:
    world.do(method.claim_task, world.completion.next[0].id, who="andere verpleegkundige")


@step("Gegeven", "een verloskundige die de casus daarna leest")
def read_elsewhere(world: World) -> None:
    world.clock.forward(seconds=1)
    world.look(method.case_view, world.case_id, who="verloskundige")


@step("Gegeven", "een kwartier later")
def later(world: World) -> None:
    world.clock.forward(minutes=15)


@step("Als", "de verpleegkundige het afronden ongedaan maakt")
def undo(world: World) -> None:
    world.do(method.undo_completion, completed(world).id, who=SHE)


@step("Als", "de verpleegkundige het afronden ongedaan probeert te maken")
def try_to_undo(world: World) -> None:
    world.refusal = world.refused(method.undo_completion, completed(world).id, who=SHE)


@step("Dan", "heeft de verpleegkundige de verkenning weer, met wat er ingevuld was")
def has_it_again(world: World) -> None:
    assert world.task(SHE, EXPLORE).mine
    assert world.form(SHE, EXPLORE)["conclusion"] == "no_further_support"


@step("Dan", "staat de verkenning niet meer bij wat er van het gezin is vastgelegd")
def entry_is_gone(world: World) -> None:
    entries = world.look(method.case_view, world.case_id, who=SHE).entries
    assert "exploration" not in {entry.form_key for entry in entries}


@step("Dan", "wordt dat geweigerd omdat er al iets op gevolgd is")
def refused(world: World) -> None:
    assert isinstance(world.refusal, method.CannotUndo)
    assert "kon tot" not in world.refusal.detail


@step("Dan", "wordt dat geweigerd omdat de tijd om is")
def refused_for_being_late(world: World) -> None:
    assert isinstance(world.refusal, method.CannotUndo)
    assert "kon tot" in world.refusal.detail
