"""Steps about the signal and the route."""

from __future__ import annotations

from typing import Any

from features.steps.registry import step
from features.steps.world import World
from workflows import method
from workflows.errors import NotFound

CATEGORIES = {
    "schulden": "KW04",
    "geen netwerk": "KW11",
    "psychische klachten": "KW08",
}
ROUTES = {"een verkenning": "exploration", "een zorgpad": "pathway", "gewone zorg": "regular_care"}
RESULTS = {
    "omdat er geen casus nodig is": "no_case_needed",
    "omdat er geen toestemming is": "consent_refused",
    "omdat het concept is weggegooid": "discarded",
    'met het resultaat "Verder met gewone zorg"': "regular_care",
    'met het resultaat "Verlies"': "loss",
}


def answers(world: World, *situations: str, **more: Any) -> dict[str, Any]:
    """A complete signal about a mother who is twenty weeks pregnant."""
    return {
        "support_request_own_words": "Ik weet niet hoe ik het straks allemaal moet doen.",
        "unclear_question": "no",
        "phase": "pregnant",
        "due_date": world.today(140),
        "due_date_certainty": "dating_scan",
        "parity": 0,
        "parent_name": "Moeder Voorbeeld",
        "birth_date": "1998-02-01",
        "living_situation": "address",
        "postcode": "5911 AB",
        "municipality_code": "GM0983",
        "preferred_language": "nl",
        "safe_contact": "app",
        "safe_contact_detail": "Alleen overdag",
        "partner_involved": "do_not_inform",
        "protective_factors": ["asks_for_help"],
        "risk_categories": [CATEGORIES[situation] for situation in situations],
        "vulnerability_level": "vulnerable",
        "assessed_together": "yes",
        "safety_concern": "no",
        "urgency": "regular",
    } | more


@step("Gegeven", "een zwangere met schulden, geen netwerk en psychische klachten")
def several_worries(world: World) -> None:
    world.signal = answers(world, "schulden", "geen netwerk", "psychische klachten")


@step("Gegeven", "een zwangere met alleen schulden")
def one_worry(world: World) -> None:
    world.signal = answers(world, "schulden")


@step("Gegeven", "een zwangere zonder vast adres met schulden en geen netwerk")
def no_address(world: World) -> None:
    world.signal = answers(world, "schulden", "geen netwerk", living_situation="no_fixed_address")
    del world.signal["postcode"]


@step("Gegeven", "een zwangere met schulden en geen netwerk, die een tolk nodig heeft")
def needs_interpreter(world: World) -> None:
    world.signal = answers(world, "schulden", "geen netwerk", preferred_language="ti", interpreter_needed=True)


@step("Als", "de verloskundige het signaal vastlegt")
def record_signal(world: World) -> None:
    task = world.do(method.start_signal, municipality="GM0983", who="verloskundige")
    world.case_id = task.subject_id
    world.complete("verloskundige", "Signaal vastleggen", world.signal)


@step("Als", "de verloskundige het concept weggooit")
def throw_away(world: World) -> None:
    world.do(method.discard_signal, world.case_id, who="verloskundige")


@step("Dan", "is er van het gezin niets bewaard")
def nothing_kept(world: World) -> None:
    world.pass_days(1)
    view = world.case()
    assert list(view.members) == []
    assert list(view.entries) == []


@step("Als", "de verloskundige vastlegt dat er geen extra steun nodig is")
def record_no_need(world: World) -> None:
    world.signal["vulnerability_level"] = "none"
    record_signal(world)


@step("Als", "de verloskundige samen met de moeder kiest voor een verkenning")
def choose_exploration(world: World) -> None:
    choose(world, "exploration")


@step("Als", "de verloskundige samen met de moeder kiest voor een verkenning omdat de moeder eerst wil praten")
def choose_exploration_against_advice(world: World) -> None:
    choose(world, "exploration", override_reason="De moeder wil eerst praten.")


def choose(world: World, route: str, **more: Any) -> None:
    """Confirm or leave the advice; a person decides."""
    known = world.form("verloskundige", "Route kiezen")
    world.complete("verloskundige", "Route kiezen", {**known, "route": route, "decided_with_parent": "yes", **more})


@step("Dan", "is het advies {advice}")
def advice_is(world: World, advice: str) -> None:
    assert world.form("verloskundige", "Route kiezen")["advised_route"] == ROUTES[advice]


@step("Dan", "is de casus gesloten {how}")
def case_is_closed(world: World, how: str) -> None:
    card = world.case().case
    assert (card.status, card.result) == ("closed", RESULTS[how])
    assert world.tasks("verloskundige") == []


@step("Dan", "is de casus nog open")
def case_is_open(world: World) -> None:
    assert world.case().case.status != "closed"


@step("Dan", "ziet niemand buiten de praktijk de casus")
def nobody_else_sees_it(world: World) -> None:
    for who in ("verpleegkundige", "andere verpleegkundige", "procesregisseur"):
        assert isinstance(world.refused(method.case_view, world.case_id, who=who), NotFound)


@step("Dan", "houdt de {who} de casus vast")
def holds_the_case(world: World, who: str) -> None:
    assert world.case().case.holder_organisation_id == world.actor(who).organisation_id
