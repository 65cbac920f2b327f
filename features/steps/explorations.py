"""Steps about the exploration and what follows from it."""

from __future__ import annotations

from typing import Any

from features.steps.registry import step
from features.steps.world import World
from workflows import cases, method, organisations, processes
from workflows.errors import WrongState

EXPLORE = "Verkenning doen"


@step("Dan", "ligt er een verkenning bij het team van de jeugdgezondheidszorg")
def exploration_in_the_pool(world: World) -> None:
    for who in ("verpleegkundige", "andere verpleegkundige"):
        card = world.task(who, EXPLORE)
        assert card.status == "open"


@step("Als", "de verpleegkundige de verkenning oppakt")
def claim(world: World) -> None:
    world.do(method.claim_task, world.task("verpleegkundige", EXPLORE).id, who="verpleegkundige")


@step("Als", "een andere verpleegkundige de verkenning oppakt")
@step("Dan", "kan een andere verpleegkundige de verkenning oppakken")
def another_claims(world: World) -> None:
    card = world.task("andere verpleegkundige", EXPLORE)
    world.do(method.claim_task, card.id, who="andere verpleegkundige")
    assert world.task("andere verpleegkundige", EXPLORE).mine


@step("Dan", "kan een andere verpleegkundige de verkenning niet ook oppakken")
def another_is_too_late(world: World) -> None:
    card = world.task("verpleegkundige", EXPLORE)
    assert isinstance(world.refused(method.claim_task, card.id, who="andere verpleegkundige"), WrongState)
    assert world.task("verpleegkundige", EXPLORE).mine


@step("Dan", "hoort de verpleegkundige bij het afronden wie haar voor was")
def hears_who_was_first(world: World) -> None:
    card = world.task("andere verpleegkundige", EXPLORE)
    world.lost, world.lost_task = {"wishes": "Rust in huis."}, card.id
    late = world.refused(method.complete_task, card.id, answers=world.lost, version=card.version, who="verpleegkundige")
    assert isinstance(late, WrongState)
    with world.database.reading() as session:
        winner = organisations.person(session, world.actor("andere verpleegkundige").person_id)  # type: ignore[arg-type]
    assert winner.display_name in late.detail


@step("Dan", "is wat de verpleegkundige typte bewaard als concept")
def typing_is_kept(world: World) -> None:
    world.do(method.keep_lost_answers, world.lost_task, answers=world.lost, who="verpleegkundige")
    with world.database.reading() as session:
        draft = processes.draft_of(session, world.lost_task, by=world.actor("verpleegkundige"))  # type: ignore[arg-type]
        assert draft is not None
        assert draft.answers == world.lost


@step("Dan", "ziet de verpleegkundige een taak zonder naam van het gezin")
def card_without_name(world: World) -> None:
    card = world.task("verpleegkundige", EXPLORE)
    assert world.signal["parent_name"] not in str(card)


@step("Dan", "ziet de verpleegkundige bij de taak de naam van de moeder")
def task_with_name(world: World) -> None:
    view = world.look(method.task_view, world.task("verpleegkundige", EXPLORE).id, who="verpleegkundige")
    assert world.signal["parent_name"] in [member.name for member in view.members]


def talk(world: World, conclusion: str, **more: Any) -> None:
    """One home visit and what came of it."""
    held = {
        "contacts": [{"date": world.today(), "form": "home_visit", "present": ["parent"], "result": "took_place"}],
        "what_goes_well": "Ze vraagt zelf om hulp.",
        "wishes": "Rust in huis.",
        "what_first": "Overzicht over het geld.",
        "vulnerability_level_after": "vulnerable",
        "safety_assessed": "yes",
        "safety_concern": "no",
        "conclusion": conclusion,
        "decided_with_parent": "yes",
    } | more
    world.complete("verpleegkundige", EXPLORE, held)


@step("Als", "de verpleegkundige met de moeder besluit tot overleg in het knooppunt")
def conclude_hub_meeting(world: World) -> None:
    talk(world, "hub_meeting", feedback_to_signaller="We hebben kennisgemaakt.")


@step("Als", "de verpleegkundige met de moeder besluit dat er geen verdere steun nodig is")
def conclude_no_support(world: World) -> None:
    talk(world, "no_further_support")


@step("Als", "de verpleegkundige het gezin niet bereikt")
def not_reached(world: World) -> None:
    tried = [{"date": world.today(), "form": form, "result": "no_show"} for form in ("phone", "phone", "home_visit")]
    said = {"contacts": tried, "safety_assessed": "no", "safety_concern": "no", "conclusion": "not_reached"}
    world.complete("verpleegkundige", EXPLORE, said)


@step("Als", "de verloskundige vraagt om het nog een keer te proberen")
def try_again(world: World) -> None:
    said = {"what_is_known": "Ze komt vrijdag op controle.", "safety_concern": "no", "contact_result": "try_again"}
    world.complete("verloskundige", "Gezin opnieuw benaderen", said)


@step("Als", "de verpleegkundige de signaleerder terugkoppelt")
def give_feedback(world: World) -> None:
    said = {"given_on": world.today(), "channel": "phone", "shared": ["contact_took_place"]}
    world.complete("verpleegkundige", "Signaleerder terugkoppelen", said)


@step("Als", "de verpleegkundige de casus samen met de moeder afrondt")
def close(world: World) -> None:
    said = {"result": "regular_care", "closing_talk": "yes", "contact_after": "JGZ Venlo, telefoon 14 077"}
    world.complete("verpleegkundige", "Afronden", said)


@step("Dan", "staat vast bij wie de moeder terecht kan")
def somebody_to_turn_to(world: World) -> None:
    assert world.look(cases.find, world.case_id, who="verloskundige").contact_after
