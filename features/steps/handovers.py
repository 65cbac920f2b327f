"""Steps about handing a family over: offering, answering, taking back, and who holds the case all that time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from engine.clock import local_date
from features.steps.registry import step
from features.steps.support import agree, look_back, plan, row
from features.steps.world import World
from workflows import method, organisations
from workflows.actor import OPERATOR
from workflows.errors import ConsentMissing, Invalid, NotFound, WrongState

PREPARE, OFFER, ANSWER = "Overdracht voorbereiden", "Laten zien en aanbieden", "Overdracht beantwoorden"
REPLY, TALK = "Vraag van de ontvanger beantwoorden", "Driegesprek voeren"
CONTACT, PLAN = "Eerste contact vastleggen", "Steunplan maken"
DIRECTORS = {"casusregisseur van Venlo": "GM0983", "casusregisseur van Roermond": "GM0957"}
MOVE = {
    "new_municipality": "GM0957",
    "new_postcode": "6041 AB",
    "wants_to_continue": "yes",
    "youth_health_transfer": "consent",
}


@step("Gegeven", "een casusregisseur in Venlo en een casusregisseur in Roermond")
def case_directors(world: World) -> None:
    for who, area in DIRECTORS.items():
        with world.database.writing() as session:
            where = organisations.add_organisation(
                session, name=f"Toegangsteam, {who} (fictief)", type="municipal_access_team", domain="social",
                areas=[area], by=OPERATOR, at=world.clock(),
            )  # fmt: skip
            person = organisations.add_person(session, display_name=f"Cas {who}", by=OPERATOR, at=world.clock())
            role = organisations.assign_role(
                session, person_id=person.id, organisation_id=where.id, role="case_director",
                valid_from=(world.clock() - timedelta(days=1)).date(), by=OPERATOR, at=world.clock(),
            )  # fmt: skip
            world.join(who, person.id, role.id, where.id, "case_director")


@step("Gegeven", "dat de moeder toestemming geeft aan de toegangsteams")
def agree_with_access_teams(world: World) -> None:
    agree(world, "municipal_access_team")


@step("Gegeven", "dat de moeder alleen toestemming geeft aan welzijn")
def agree_with_welfare(world: World) -> None:
    agree(world, "welfare")


@step("Gegeven", "dat de verpleegkundige met de moeder besluit om over te dragen")
def decide_to_hand_over(world: World) -> None:
    world.complete("verpleegkundige", PLAN, plan(world, row(world, "Oppassen", "Oma")))
    world.do(method.request_evaluation, world.case_id, who="verpleegkundige")
    look_back(world, "hand_over")


@step("Gegeven", "dat de casusregisseur van Venlo het gezin begeleidt")
def led_from_venlo(world: World) -> None:
    decide_to_hand_over(world)
    offer(world, "verpleegkundige", "casusregisseur van Venlo")
    accept(world, "casusregisseur van Venlo")


@step("Als", "de {who} meldt dat het gezin naar Roermond verhuist")
def report_move(world: World, who: str) -> None:
    world.do(method.report_move, world.case_id, answers={"moved_on": world.today(), **MOVE}, who=who)


def prepared(world: World, receiver: str) -> dict[str, Any]:
    """To whom, and what they have to know."""
    to = world.actor(receiver)
    return {
        "handover_choice": "offer",
        "handover_kind": "case_director",
        "receiver": f"{to.organisation_id}:{to.role}",
        "handover_reason": "step_up",
        "why_now": "Het gezin heeft iemand nodig die alles bij elkaar houdt.",
        "parent_question": "Ik wil weer slapen.",
        "goes_well": "Zij vraagt zelf om hulp.",
        "still_open": "Oma past op, elke dinsdag.",
        "tried_before": "Alles in één keer regelen werd te veel.",
        "people_involved": "Oma.",
        "parent_expects": "Iemand die luistert.",
    }


def sent(world: World, **changes: Any) -> dict[str, Any]:
    """The mother read it; the three of them will meet."""
    return {
        "handover_send": "send",
        "shown_to_parent": "yes",
        "warm_contact_form": "three_way_talk",
        "warm_contact_on": world.today(),
        "parent_presence": "present",
        **changes,
    }


@step("Als", "de {who} het gezin aanbiedt aan de {receiver}")
def offer(world: World, who: str, receiver: str) -> None:
    world.complete(who, PREPARE, prepared(world, receiver))
    world.complete(who, OFFER, sent(world))


@step("Als", "de {who} het gezin aanneemt")
def accept(world: World, who: str) -> None:
    world.complete(who, ANSWER, {"handover_answer": "accepted", "first_contact_on": world.today(1)})


@step("Als", "de {who} het gezin weigert omdat er geen plek is")
def refuse(world: World, who: str) -> None:
    world.complete(who, ANSWER, {"handover_answer": "refused", "refused_reason": "no_capacity"})


@step("Als", "de {who} het aanbod intrekt")
def take_back(world: World, who: str) -> None:
    world.do(method.withdraw_handover, world.case_id, who=who)


@step("Als", "de casusregisseur van Venlo het eerste contact met de moeder vastlegt")
def first_contact(world: World) -> None:
    talk = {"talk_held": "yes", "talk_form": "joint_visit", "talk_on": world.today(), "parent_presence": "present"}
    world.complete("casusregisseur van Venlo", TALK, talk)
    said = {"first_contact_on": world.today(), "note": "Ze was opgelucht."}
    world.complete("casusregisseur van Venlo", CONTACT, said)


@step("Dan", "is de {who} de enige die de casus vasthoudt")
def only_holder(world: World, who: str) -> None:
    by = world.actor(who)
    card = world.case(who).case
    assert (card.holder_organisation_id, card.holder_role) == (by.organisation_id, by.role)
    assert card.holder_person_id == by.person_id


@step("Dan", "kan de {who} het gezin niet aannemen")
def cannot_accept(world: World, who: str) -> None:
    waiting = world.task("casusregisseur van Venlo", ANSWER)
    said = {"handover_answer": "accepted", "first_contact_on": world.today(1)}
    for verb, more in (
        (method.claim_task, {}),
        (method.complete_task, {"answers": said, "version": waiting.version}),
    ):
        refusal = world.refused(verb, waiting.id, who=who, **more)
        assert refusal is not None, f"{who} accepted for another"


@step("Dan", "kan de {who} het gezin niet ook aanbieden aan de {receiver}")
def cannot_offer_twice(world: World, who: str, receiver: str) -> None:
    card = world.take(who, PREPARE)
    said = prepared(world, receiver)
    refusal = world.refused(method.complete_task, card.id, answers=said, version=card.version, who=who)
    assert isinstance(refusal, WrongState)
    assert "loopt al een overdracht" in refusal.detail


@step("Dan", "kan de {who} het gezin zonder toestemming niet aanbieden aan de {receiver}")
def cannot_offer_without_consent(world: World, who: str, receiver: str) -> None:
    card = world.take(who, PREPARE)
    said = prepared(world, receiver)
    refusal = world.refused(method.complete_task, card.id, answers=said, version=card.version, who=who)
    assert isinstance(refusal, ConsentMissing)


@step("Dan", "ziet de {who} de casus niet")
def does_not_see_the_case(world: World, who: str) -> None:
    assert isinstance(world.refused(method.case_view, world.case_id, who=who), NotFound)


@step("Dan", "leest de {who} de vraag van de moeder in haar eigen woorden")
def reads_the_story(world: World, who: str) -> None:
    told = [value.value for entry in world.case(who).entries for value in entry.values]
    assert world.signal["support_request_own_words"] in told


@step("Dan", "hoort de verpleegkundige op welke dag het eerste contact was")
def hears_the_day(world: World) -> None:
    [heard] = world.look(method.contact_notices, who="verpleegkundige")
    assert heard.first_contact_on.isoformat() == world.today()
    assert "opgelucht" not in str(heard)


@step("Dan", "was de overdracht {warmth}")
def was_warm(world: World, warmth: str) -> None:
    [one] = world.look(method.handover_list, world.case_id, who="casusregisseur van Venlo")
    assert one.talked
    assert one.is_warm is {"warm": True, "koud": False}[warmth]


@step("Als", "de {who} vraagt wat er is geprobeerd")
def ask_back(world: World, who: str) -> None:
    said = {"handover_answer": "asked", "missing": ["tried_before"], "question": "Wat hielp niet?"}
    world.complete(who, ANSWER, said)


@step("Dan", "leest de {who} wat de {receiver} mist")
def reads_the_question(world: World, who: str, receiver: str) -> None:
    card = world.take(who, REPLY)
    assert "Wat hielp niet?" in world.look(method.task_view, card.id, who=who).answers["question_asked"]


@step("Als", "de {who} die vraag beantwoordt")
def reply(world: World, who: str) -> None:
    world.complete(who, REPLY, {"question_answer": "Een groep was te druk.", "shown_to_parent": "yes"})


@step("Als", "de {who} het gezin weigert omdat niet duidelijk is wat er is geprobeerd")
def send_back(world: World, who: str) -> None:
    said = {"refused_reason": "not_enough_information", "missing": ["tried_before"]}
    world.complete(who, ANSWER, {"handover_answer": "refused", **said})


@step("Dan", "kan de {who} het gezin niet voorbereiden voor de {receiver} zonder te zeggen wat de moeder verwacht")
def needs_the_minimum(world: World, who: str, receiver: str) -> None:
    card = world.take(who, PREPARE)
    said = {name: value for name, value in prepared(world, receiver).items() if name != "parent_expects"}
    refusal = world.refused(method.complete_task, card.id, answers=said, version=card.version, who=who)
    assert isinstance(refusal, Invalid)
    assert set(refusal.errors) == {"parent_expects"}


@step("Dan", "hoeft de {who} de vraag van de moeder niet opnieuw op te schrijven")
def not_asked_again(world: World, who: str) -> None:
    card = world.take(who, PREPARE)
    assert "Wat de ouder vraagt, in eigen woorden" in world.look(method.task_view, card.id, who=who).held


@step("Dan", "hoort de {who} dat de overdracht terug is")
def hears_of_return(world: World, who: str) -> None:
    assert "handover_back" in {one.kind for one in world.look(method.notification_list, who=who)}


@step("Als", "de {who} vastlegt dat er geen gesprek met de moeder was")
def no_talk(world: World, who: str) -> None:
    world.complete(who, TALK, {"talk_held": "no", "reason_no_talk": "Zij nam niet op."})


@step("Dan", "leest de {who} nog mee")
def reads_along(world: World, who: str) -> None:
    [one] = world.look(method.handover_list, world.case_id, who=who)
    assert one.overlap_until is not None
    assert one.overlap_until > world.clock()


@step("Als", "de zwangerschap 34 weken is")
def reach_week_34(world: World) -> None:
    due_date = date.fromisoformat(world.signal["due_date"])
    world.pass_days((due_date - timedelta(weeks=6) - local_date(world.clock())).days + 1)


@step("Dan", "heeft de {who} geen taak om de overdracht rond de geboorte te plannen")
def no_birth_handover(world: World, who: str) -> None:
    assert "Overdracht rond de geboorte plannen" not in {card.name for card in world.tasks(who)}
