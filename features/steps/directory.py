"""Steps about what a municipality has: pathways, interventions, and who keeps them."""

from __future__ import annotations

from typing import Any

from engine.clock import local_date
from features.steps.registry import step
from features.steps.signals import answers
from features.steps.world import World
from workflows import directory, method
from workflows.errors import NotAllowed, StaleVersion

VENLO, WEERT = "GM0983", "GM0988"
MUNICIPALITIES = {"Venlo": VENLO, "Weert": WEERT}
MONEY = "money"
CONTACT = "Loket Voorbeeld"


def write(world: World, who: str = "beleidsambtenaar van Weert", version: int = 0, **more: Any) -> dict[str, Any]:
    """What somebody fills in to write the pathway about money of Weert."""
    content = {
        "agreements_text": "Eerst samen een overzicht van het geld. Daarna maakt het loket een plan.",
        "contact_name": CONTACT,
        "contact_phone": "0495 00 00 00",
    } | more
    return {"municipality": WEERT, "theme": MONEY, "content": content, "version": version, "reviewed": True, "who": who}


def advice(world: World) -> method.Advice:
    """What the midwife sees with the choice of a route."""
    task = world.take("verloskundige", "Route kiezen")
    given: method.Advice | None = world.look(method.task_view, task.id, who="verloskundige").advice
    assert given is not None
    return given


@step("Gegeven", "een zorgpad financiën van Weert dat vandaag is nagekeken")
def a_fresh_pathway(world: World) -> None:
    world.do(directory.put_pathway, **write(world))


@step("Gegeven", "een zorgpad financiën van Weert dat {days:d} dagen geleden is nagekeken")
def an_old_pathway(world: World, days: int) -> None:
    a_fresh_pathway(world)
    world.clock.forward(days=days)


@step("Gegeven", 'een zorgpad financiën van Weert dat vol is, met een wachttijd van "{wait}"')
def a_full_pathway(world: World, wait: str) -> None:
    world.do(directory.put_pathway, **write(world, availability="full", wait_time=wait))


@step("Gegeven", "een zwangere met één duidelijke geldvraag in Weert")
def one_money_question(world: World) -> None:
    world.signal = answers(world, "schulden", municipality_code=WEERT)


@step("Gegeven", "VoorZorg dat in Venlo wordt aangeboden")
def voorzorg_is_offered(world: World) -> None:
    world.do(
        directory.put_offer,
        municipality=VENLO,
        intervention="VZ",
        valid_from=local_date(world.clock()),
        who="beleidsambtenaar van Venlo",
    )


@step("Gegeven", "een zwangere van een eerste kind, {weeks:d} weken zwanger, met schulden en geen netwerk")
def first_child(world: World, weeks: int) -> None:
    due = world.today(280 - 7 * weeks)
    world.signal = answers(world, "schulden", "geen netwerk", parity=0, due_date=due)


@step("Dan", "ziet de verloskundige het zorgpad financiën van Weert met contactpersoon en datum van nakijken")
def sees_the_pathway(world: World) -> None:
    [shown] = advice(world).pathways
    assert (shown.theme, shown.status, shown.contact_name) == (MONEY, "current", CONTACT)
    assert shown.last_reviewed_on == local_date(world.clock())


@step("Dan", "ziet de verloskundige dat het zorgpad financiën van Weert niet meer is nagekeken")
def sees_that_it_is_stale(world: World) -> None:
    [shown] = advice(world).pathways
    assert (shown.theme, shown.status) == (MONEY, "stale")
    assert shown.review_by is not None
    assert shown.review_by < local_date(world.clock())


@step("Dan", 'ziet de verloskundige dat het zorgpad vol is, met een wachttijd van "{wait}"')
def sees_that_it_is_full(world: World, wait: str) -> None:
    [shown] = advice(world).pathways
    assert (shown.availability, shown.wait_time) == ("full", wait)


@step("Dan", "wordt VoorZorg als mogelijkheid getoond")
def voorzorg_shown(world: World) -> None:
    assert "VZ" in [one.code for one in advice(world).interventions]


@step("Dan", "wordt VoorZorg als mogelijkheid niet getoond")
def voorzorg_not_shown(world: World) -> None:
    assert "VZ" not in [one.code for one in advice(world).interventions]


def asked(world: World, where: str) -> list[str]:
    """The themes of which the editor of a municipality hears that they were missed."""
    found = world.look(directory.notices, MUNICIPALITIES[where], who=f"beleidsambtenaar van {where}")
    assert not any(world.signal["parent_name"] in str(vars(one)) for one in found)
    return [one.theme for one in found]


@step("Dan", "hoort de beleidsambtenaar van Weert dat het zorgpad financiën nodig was")
def hears_that_it_was_missed(world: World) -> None:
    assert asked(world, "Weert") == [MONEY]


@step("Dan", "hoort de beleidsambtenaar van Weert niets")
@step("Dan", "hoort de beleidsambtenaar van Weert niets meer")
def weert_hears_nothing(world: World) -> None:
    assert asked(world, "Weert") == []


@step("Dan", "hoort de beleidsambtenaar van Venlo niets")
def venlo_hears_nothing(world: World) -> None:
    assert asked(world, "Venlo") == []


@step("Als", "de beleidsambtenaar van Weert het zorgpad financiën nakijkt")
def confirm(world: World) -> None:
    world.do(directory.confirm_pathway, municipality=WEERT, theme=MONEY, version=1, who="beleidsambtenaar van Weert")


@step("Dan", "mag de {who} het zorgpad financiën van Weert niet wijzigen")
def may_not_edit(world: World, who: str) -> None:
    assert isinstance(world.refused(directory.put_pathway, **write(world, who=who, version=1)), NotAllowed)


@step("Dan", "kan niemand nog de eerste versie van het zorgpad financiën van Weert wijzigen")
def too_late_for_the_first(world: World) -> None:
    assert isinstance(world.refused(directory.put_pathway, **write(world, version=1)), StaleVersion)
