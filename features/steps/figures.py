"""Steps about figures for the steering board: of periods that are over, and of nobody."""

from __future__ import annotations

from datetime import date, timedelta

from features.steps.registry import step
from features.steps.world import World
from workflows import figures, method, organisations
from workflows.actor import OPERATOR, WORKER
from workflows.errors import NotAllowed
from workflows.figures import Outcome, Passed, Topic
from workflows.handovers import HandoverKind, RefusedReason

SMALLEST = 10


@step("Gegeven", "een lid van de regieraad")
def board(world: World) -> None:
    with world.database.writing() as session:
        where = organisations.add_organisation(
            session, name="Regieraad (fictief)", type="programme", domain="governance", areas=[], by=OPERATOR,
            at=world.clock(),
        )  # fmt: skip
        person = organisations.add_person(session, display_name="Ria Regieraad", by=OPERATOR, at=world.clock())
        role = organisations.assign_role(
            session, person_id=person.id, organisation_id=where.id, role="steering_board",
            valid_from=(world.clock() - timedelta(days=1)).date(), by=OPERATOR, at=world.clock(),
        )  # fmt: skip
        world.join("regieraad", person.id, role.id, where.id, "steering_board")


@step("Gegeven", "overdrachten van {count:d} gezinnen in het eerste kwartaal")
def passed(world: World, count: int) -> None:
    world.passed = [
        Passed(n, HandoverKind.CASE_DIRECTOR, n % 2 == 0, Outcome.ACCEPTED, working_days=2) for n in range(count)
    ]


@step("Als", "de cijfers van dat kwartaal worden gemaakt")
def make(world: World) -> None:
    told = figures.tell(world.passed, kinds=tuple(HandoverKind), reasons=tuple(RefusedReason), smallest=SMALLEST)
    if told is None:
        return
    with world.database.writing() as session:
        figures.publish(
            session, Topic.HANDOVERS, told, first_day=date(2026, 1, 1), last_day=date(2026, 3, 31), smallest=SMALLEST,
            by=WORKER, at=world.clock(),
        )  # fmt: skip


@step("Dan", "ziet de regieraad dat het te klein is om te tonen")
def too_small(world: World) -> None:
    page = world.look(method.handover_figures, who="regieraad")
    assert page.items == []
    assert page.smallest == SMALLEST


@step("Dan", "ziet de regieraad dat de helft warm was")
def half(world: World) -> None:
    [told] = world.look(method.handover_figures, who="regieraad").items
    assert told.warm_percent == 50
    assert told.count % 5 == 0


@step("Dan", "ziet niemand anders deze cijfers")
def nobody_else(world: World) -> None:
    for who in ("verloskundige", "verpleegkundige"):
        assert isinstance(world.refused(method.handover_figures, who=who), NotAllowed)
