"""Steps about the support plan, who does what in it, and looking back together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from features.steps.consent import ALL, exploration_waits
from features.steps.explorations import claim, give_feedback, talk
from features.steps.registry import step
from features.steps.world import World
from workflows import method, organisations
from workflows.actor import OPERATOR, Actor
from workflows.errors import ConsentMissing

ACCEPT, DO, PLAN = "Steunafspraak aannemen", "Steunafspraak uitvoeren", "Steunplan maken"
FIND_ANOTHER, LOOK_BACK = "Steunafspraak geweigerd: opnieuw beleggen", "Samen terugkijken"


@step("Gegeven", "een welzijnsorganisatie en een gezinscoach die steunafspraken doen in Venlo")
def supporters(world: World) -> None:
    for who, kind in (("welzijnsmedewerker", "welfare"), ("gezinscoach", "family_coach")):
        with world.database.writing() as session:
            where = organisations.add_organisation(
                session, name=f"{who} (fictief)", type=kind, domain="social", areas=["GM0983"],
                by=OPERATOR, at=world.clock(),
            )  # fmt: skip
            person = organisations.add_person(session, display_name=f"Sam {who}", by=OPERATOR, at=world.clock())
            role = organisations.assign_role(
                session, person_id=person.id, organisation_id=where.id, role="supporter",
                valid_from=(world.clock() - timedelta(days=1)).date(), by=OPERATOR, at=world.clock(),
            )  # fmt: skip
            world.others[who] = Actor(person.id, role.id, where.id, "supporter", frozenset(), origin="api")


@step("Gegeven", "een verkenning waarna er een steunplan komt")
def explored(world: World) -> None:
    exploration_waits(world)
    claim(world)
    talk(world, "intervention")
    give_feedback(world)


def agreed(*kinds: str, without: str | None = None) -> dict[str, Any]:
    """The mother agrees that these kinds of organisations help, and may know everything but one kind of data."""
    purposes = ["hub_meeting", "support_action"]
    return {
        "support_consent": "given",
        "subject": "parent",
        "given_by": "self",
        "information_given": ["what", "why", "which_data", "with_whom", "may_refuse", "may_withdraw"],
        "consent_form": "oral",
        "consent_language": "nl",
        "sharing": [
            {
                "recipient_kind": kind,
                "allowed": "yes",
                "purposes": purposes,
                "categories": [one for one in ALL if one != without],
            }
            for kind in kinds
        ],
        "validity": "until_closed",
    }


def agree(world: World, *kinds: str, without: str | None = None) -> None:
    """As :func:`agreed`, after the exploration."""
    world.complete("verpleegkundige", "Toestemming voor overleg en steun", agreed(*kinds, without=without))


@step("Gegeven", "dat de moeder toestemming geeft aan welzijn en de gezinscoach")
def agree_with_both(world: World) -> None:
    agree(world, "welfare", "family_coach")


@step("Gegeven", "dat de moeder alleen toestemming geeft aan de gezinscoach")
def agree_with_the_coach(world: World) -> None:
    agree(world, "family_coach")


def row(world: World, what: str, who: str) -> dict[str, Any]:
    """A line of the plan: somebody the mother knows does it, or an organisation."""
    if who in world.others:
        owner = {"owner_kind": "professional", "organisation": str(world.actor(who).organisation_id)}
    else:
        owner = {"owner_kind": "informal", "owner_name": who}
    return {"what": what, "starts_on": world.today(), **owner}


def plan(world: World, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A plan that the mother agrees to today."""
    return {
        "plan_result": "agreed",
        "own_strength": "Ze vraagt zelf om hulp.",
        "goals": [{"parent_words": "Weer rustig slapen", "dimension": "mental_wellbeing"}],
        "actions": list(rows),
        "parent_agreed_on": world.today(),
        "evaluation_date": world.today(42),
    } | more


@step("Als", "de verpleegkundige met de moeder een plan maakt waarin oma oppast en welzijn helpt met geld")
def write_plan(world: World) -> None:
    rows = row(world, "Oppassen", "Oma"), row(world, "Hulp met geld", "welzijnsmedewerker")
    world.complete("verpleegkundige", PLAN, plan(world, *rows))


@step("Gegeven", "een plan waarin oma oppast en welzijn helpt met geld, dat loopt")
def running_plan(world: World) -> None:
    write_plan(world)
    accept(world)


@step("Als", "de moeder het niet eens is met het plan")
def not_agreed(world: World) -> None:
    said = plan(world, row(world, "Hulp met geld", "welzijnsmedewerker"), plan_result="not_agreed")
    del said["parent_agreed_on"], said["evaluation_date"]
    world.complete("verpleegkundige", PLAN, said | {"reason_not_agreed": "Het gaat te snel."})


@step("Dan", "kan de verpleegkundige geen afspraak met welzijn in het plan zetten")
def no_plan_without_consent(world: World) -> None:
    card = world.take("verpleegkundige", PLAN)
    said = plan(world, row(world, "Hulp met geld", "welzijnsmedewerker"))
    refusal = world.refused(method.complete_task, card.id, answers=said, version=card.version, who="verpleegkundige")
    assert isinstance(refusal, ConsentMissing)
    assert "welzijnsmedewerker (fictief)" in refusal.detail


@step("Als", "de welzijnsmedewerker de steunafspraak aanneemt")
def accept(world: World) -> None:
    world.complete("welzijnsmedewerker", ACCEPT, {"action_accepted": "yes", "starts_on": world.today()})
    world.kept = world.task("welzijnsmedewerker", DO).id


@step("Als", "de welzijnsmedewerker de steunafspraak weigert")
def refuse(world: World) -> None:
    world.complete("welzijnsmedewerker", ACCEPT, {"action_accepted": "no", "refused_reason": "no_capacity"})


@step("Als", "de verpleegkundige met de moeder afspreekt dat de gezinscoach helpt met geld")
def find_another(world: World) -> None:
    known = world.form("verpleegkundige", FIND_ANOTHER)["actions"]
    kept = [one for one in known if one["what"] != "Hulp met geld"]
    said = plan(world, *kept, row(world, "Hulp met geld", "gezinscoach"))
    world.complete("verpleegkundige", FIND_ANOTHER, said)


@step("Als", "de verpleegkundige met de moeder het oppassen vervangt door koken")
def adjust(world: World) -> None:
    known = world.form("verpleegkundige", PLAN)["actions"]
    kept = [one for one in known if one["what"] != "Oppassen"]
    world.complete("verpleegkundige", PLAN, plan(world, *kept, row(world, "Koken", "Oma")))


def look_back(world: World, decision: str) -> None:
    """One talk in which the family looks back."""
    said = {
        "evaluated_on": world.today(),
        "present": ["parent"],
        "goal_ratings": [{"goal": "Weer rustig slapen", "goal_status": "partly", "parent_rating": 6}],
        "vulnerability_level_now": "vulnerable",
        "parent_experience": 8,
        "safety_assessed": "yes",
        "safety_concern": "no",
        "evaluation_decision": decision,
        "decided_with_parent": "yes",
        "next_date": world.today(84),
    }
    world.complete("verpleegkundige", LOOK_BACK, said)


@step("Als", "het gezin met de verpleegkundige besluit zo door te gaan")
def go_on(world: World) -> None:
    look_back(world, "continue")


@step("Als", "het gezin met de verpleegkundige besluit het plan aan te passen")
def adjust_after(world: World) -> None:
    look_back(world, "adjust")


@step("Als", "de welzijnsmedewerker vraagt om eerder terug te kijken")
def ask_sooner(world: World) -> None:
    world.do(method.request_evaluation, world.case_id, who="welzijnsmedewerker")


@step("Als", "de moeder haar toestemming voor welzijn intrekt")
def withdraw(world: World) -> None:
    given = [one for one in world.case("verpleegkundige").consents if one.given and one.recipient_kind == "welfare"]
    assert given
    for one in given:
        world.do(method.withdraw_consent, one.id, who="verpleegkundige")


def actions(world: World, who: str = "verpleegkundige") -> list[Any]:
    """The actions of the plan as somebody sees them."""
    return list(world.look(method.plan_view, world.case_id, who=who).actions)


def status(world: World, what: str) -> str:
    """How the newest action with these words stands."""
    named = [one.status for one in actions(world) if one.what == what]
    assert named, what
    return str(named[-1])


@step("Dan", 'loopt de afspraak "{what}"')
def runs(world: World, what: str) -> None:
    assert status(world, what) == "accepted"


@step("Dan", 'wacht de afspraak "{what}" op antwoord')
def waits(world: World, what: str) -> None:
    assert status(world, what) == "proposed"


@step("Dan", 'is de afspraak "{what}" gestopt')
def stopped(world: World, what: str) -> None:
    seen = world.look(method.plan_view, world.case_id, who="verpleegkundige").actions
    assert [one.status for one in seen if one.what == what] == ["stopped"]


@step("Dan", 'staat "{what}" bovenaan in het plan')
def comes_first(world: World, what: str) -> None:
    assert actions(world)[0].what == what


@step("Dan", "is er geen enkele steunafspraak")
def no_actions(world: World) -> None:
    assert actions(world) == []


@step("Dan", 'ziet de welzijnsmedewerker in het plan alleen de afspraak "{what}"')
def sees_the_own_action(world: World, what: str) -> None:
    seen = actions(world, "welzijnsmedewerker")
    assert [one.what for one in seen if one.what] == [what]
    assert len(seen) == 2


@step("Dan", "ziet de procesregisseur dat er één afspraak zweeft, en niet welke")
def floats(world: World) -> None:
    [one] = world.look(method.floating_actions, who="procesregisseur")
    assert one.organisation_id == world.actor("welzijnsmedewerker").organisation_id
    assert "Hulp met geld" not in str(one)


@step("Dan", "is er {times:d} keer samen teruggekeken")
def looked_back(world: World, times: int) -> None:
    held = world.look(method.talks_view, world.case_id, who="verpleegkundige").evaluations
    assert len(held) == times


@step("Dan", "ligt bij de welzijnsmedewerker nog dezelfde taak")
def the_same_task(world: World) -> None:
    assert world.task("welzijnsmedewerker", DO).id == world.kept
