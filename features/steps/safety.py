"""Steps about a concern for safety, which runs beside the case and decides nothing in it."""

from __future__ import annotations

from features.steps.explorations import EXPLORE
from features.steps.registry import step
from features.steps.signals import record_signal
from features.steps.world import World
from workflows import method

CONCERNS = {"Nee": "no", "Ik twijfel": "doubt", "Ja": "yes", "Ja, er is nu direct gevaar": "acute"}
OFFICER = "aandachtsfunctionaris van de praktijk"


@step("Als", 'de verloskundige het signaal vastlegt met "{answer}" bij veiligheid')
def record_concern(world: World, answer: str) -> None:
    world.signal["safety_concern"] = CONCERNS[answer]
    record_signal(world)


@step("Dan", "krijgt de verloskundige eerst een telefoonnummer te zien")
def a_phone_number_first(world: World) -> None:
    assert world.completion.safety_notice.phone


@step("Dan", "heeft de aandachtsfunctionaris van de praktijk één taak")
def officer_has_one_task(world: World) -> None:
    [card] = world.tasks(OFFICER)
    assert world.signal["parent_name"] not in str(card)


@step("Dan", "heeft de aandachtsfunctionaris van de praktijk geen taak")
def officer_has_no_task(world: World) -> None:
    assert world.tasks(OFFICER) == []


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


@step("Dan", "ziet de verpleegkundige niets over veiligheid")
def nurse_sees_nothing_of_it(world: World) -> None:
    seen = world.look(method.task_view, world.task("verpleegkundige", EXPLORE).id, who="verpleegkundige")
    entries = world.case("verpleegkundige").entries
    values = [value for entry in entries for value in entry.values]
    assert values
    assert not any(value.compartment == "C5" or value.field.startswith("safety") for value in values)
    assert "safety_concern" not in seen.answers
