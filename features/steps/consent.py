"""Steps about what the parent allows."""

from __future__ import annotations

from typing import Any

from features.steps.registry import step
from features.steps.signals import choose_exploration, record_signal
from features.steps.world import World
from workflows import method

ALL = ["C0", "C1", "C2", "C3", "C4", "C6", "C7"]


def answer(world: World, result: str, **more: Any) -> None:
    """Fill in what the mother says, after everything was explained."""
    said = {
        "consent_result": result,
        "subject": "parent",
        "given_by": "self",
        "information_given": ["what", "why", "which_data", "with_whom", "may_refuse", "may_withdraw"],
        "consent_form": "oral",
        "consent_language": "nl",
        "share_youth_health": "no",
        "share_feedback": "no",
        "share_municipality": "no",
        "validity": "until_closed",
    } | more
    world.complete("verloskundige", "Toestemming vragen", said)


@step("Als", "de moeder toestemming geeft aan de jeugdgezondheidszorg")
def allow_youth_health(world: World) -> None:
    answer(
        world,
        "given",
        share_youth_health="yes",
        share_youth_health_categories=ALL,
        share_feedback="yes",
        share_feedback_categories=["C1", "C6"],
    )


@step("Als", "de moeder alleen toestemming geeft aan de gemeente")
def allow_municipality_only(world: World) -> None:
    answer(world, "given", share_municipality="yes", share_municipality_categories=["C0", "C1"])


@step("Als", "de moeder geen toestemming geeft")
def refuse(world: World) -> None:
    answer(world, "refused", offered=["anonymous_consult", "self_referral"])


@step("Als", "de moeder er eerst over wil nadenken")
def think_about_it(world: World) -> None:
    answer(world, "later", offered=["think_again"], ask_again_on=world.today(14))


@step("Als", "de moeder haar toestemming intrekt")
def withdraw(world: World) -> None:
    given = [consent for consent in world.case().consents if consent.given and consent.purpose == "exploration"]
    assert given
    for consent in given:
        world.do(method.withdraw_consent, consent.id, who="verloskundige")


@step("Gegeven", "een verkenning die bij de jeugdgezondheidszorg ligt")
def exploration_waits(world: World) -> None:
    record_signal(world)
    allow_youth_health(world)
    choose_exploration(world)
