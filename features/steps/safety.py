"""Steps about a concern for safety, which runs beside the case and decides nothing in it."""

from __future__ import annotations

from features.steps.explorations import talk
from features.steps.registry import step
from features.steps.signals import record_signal
from features.steps.world import World

CONCERNS = {"Nee": "no", "Ik twijfel": "doubt", "Ja": "yes", "Ja, er is nu direct gevaar": "acute"}
OFFICER = "aandachtsfunctionaris van de praktijk"


@step("Als", 'de verloskundige het signaal vastlegt met "{answer}" bij veiligheid')
def record_concern(world: World, answer: str) -> None:
    world.signal["safety_concern"] = CONCERNS[answer]
    record_signal(world)


@step("Dan", "krijgt de verloskundige eerst een telefoonnummer te zien")
def a_phone_number_first(world: World) -> None:
    assert world.completion.safety_notice.phone


@step("Als", "de verpleegkundige zich tijdens de verkenning zorgen maakt over de veiligheid")
def concern_while_exploring(world: World) -> None:
    talk(world, "hub_meeting", safety_concern="yes")


@step("Dan", "heeft de aandachtsfunctionaris van de {organisation} één taak")
def officer_has_one_task(world: World, organisation: str) -> None:
    [card] = world.tasks(f"aandachtsfunctionaris van de {organisation}")
    assert world.signal["parent_name"] not in str(card)


@step("Dan", "heeft de aandachtsfunctionaris van de {organisation} geen taak")
def officer_has_no_task(world: World, organisation: str) -> None:
    assert world.tasks(f"aandachtsfunctionaris van de {organisation}") == []


@step("Als", "de aandachtsfunctionaris van de praktijk reageert op de zorg")
def respond(world: World) -> None:
    [card] = world.tasks(OFFICER)
    said = {
        "talked_on": world.today(),
        "consulted": ["colleague"],
        "next_step": "continue_reporting_code",
        "follow_up_date": world.today(7),
        "explanation": "We volgen de stappen.",
    }
    world.complete(OFFICER, card.name, said)


@step("Dan", "loopt de casus verder alsof er niets is ingevuld")
def the_case_goes_on(world: World) -> None:
    view = world.case()
    assert view.case.status == "awaiting_consent"
    assert [card.name for card in view.tasks if card.status != "completed"] == ["Toestemming vragen"]
    pictures = " ".join(diagram.svg for diagram in view.diagrams).lower()
    assert "veiligheid" not in pictures
    assert "safety" not in pictures


@step("Dan", "ziet de {who} niets over veiligheid")
def sees_nothing_of_it(world: World, who: str) -> None:
    values = [
        value for entry in world.case(who).entries for value in entry.values if entry.role != world.actor(who).role
    ]
    own = [value for entry in world.case(who).entries for value in entry.values]
    assert own
    assert not any(value.compartment == "C5" or value.field.startswith("safety") for value in values)
