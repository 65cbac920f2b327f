"""Steps about the page on which a parent reads and decides."""

from __future__ import annotations

import re
from typing import Any

from engine.clock import local_date
from features.steps.parents import record_partner
from features.steps.registry import step
from features.steps.world import World
from workflows import cases, families, method, parents, safety
from workflows.actor import OPERATOR, Actor
from workflows.cases import Case
from workflows.errors import NotFound

_PARTS = (
    method.family_home,
    method.family_shared,
    method.family_plan,
    method.family_looked,
    method.family_consents,
    method.family_objections,
    method.family_requests,
    method.family_complaint,
)
#: Of a password that nobody uses in a scenario.
_CHEAP = (1, 8, 1)
_YOUTH_HEALTH = "JGZ Limburg-Noord team Venlo (fictief)"


@step("Gegeven", "de verpleegkundige verkent met de ouder")
def explored(world: World) -> None:
    answers = {
        "contacts": [
            {
                "date": local_date(world.clock()).isoformat(),
                "form": "home_visit",
                "present": ["parent"],
                "interpreter": False,
                "result": "took_place",
            }
        ],
        "what_goes_well": "Ze vraagt hulp.",
        "wishes": "Rust in huis.",
        "what_first": "De post openen.",
        "vulnerability_level_after": "vulnerable",
        "safety_assessed": "yes",
        "safety_concern": "no",
        "conclusion": "no_further_support",
        "decided_with_parent": "yes",
    }
    [name] = [card.name for card in world.tasks("verpleegkundige") if card.form_key == "exploration"]
    world.complete("verpleegkundige", name, answers)
    world.case("verpleegkundige")


@step("Gegeven", "beide ouders een eigen inlog hebben")
def both_log_in(world: World) -> None:
    record_partner(world)
    for who, role, first in (("moeder", "parent", True), ("partner", "other_parent", False)):
        with world.database.writing() as session:
            case = session.get_one(Case, world.case_id)
            assert case.family_id is not None
            families.set_partner_involved(session, case.family_id, "yes", by=OPERATOR, at=world.clock())
            members = families.members(session, case.family_id)
            member = next(one for one in members if one.is_parent is first and one.kind != "unborn_child")
            invited = parents.invite(
                session,
                member,
                identity_check="known",
                case_id=case.id,
                by=world.actor("verpleegkundige"),
                at=world.clock(),
                cost=_CHEAP,
            )
            world.others[who] = Actor(invited.link.person_id, None, None, role, origin="page", second_factor=True)


@step("Dan", "ziet de moeder dat de jeugdgezondheidszorg haar verhaal vasthoudt")
def sees_holder(world: World) -> None:
    home = world.look(method.family_home, who="moeder")
    assert home.holder is not None
    assert (home.holder.organisation, home.holder.name) == (_YOUTH_HEALTH, "Jet Jeugdverpleegkundige")


@step("Dan", "ziet de moeder wat de jeugdgezondheidszorg van haar kan lezen en waarom dat mag")
def sees_shared(world: World) -> None:
    [act] = [one for one in world.look(method.family_shared, who="moeder").acts if one.recipient == _YOUTH_HEALTH]
    assert "C0" in act.categories
    assert act.agreed
    assert (act.ground, act.until) == ("task_wpg_jgz", None)


@step("Dan", "ziet de moeder wie in haar gegevens keek")
def sees_looked(world: World) -> None:
    days = world.look(method.family_looked, who="moeder")
    assert _YOUTH_HEALTH in {line.organisation for day in days for line in day.lines}


@step("Als", "de moeder op haar pagina de toestemming voor de verkenning intrekt")
def withdraws(world: World) -> None:
    world.do(method.withdraw_own_consent, _exploration(world).key, who="moeder")


@step("Als", "de moeder op haar pagina toch weer ja zegt tegen haar naam en haar vraag")
def gives_again(world: World) -> None:
    given = {"language": "nl", "text_version": "mijn-1", "understood": True}
    world.do(method.give_own_consent, _exploration(world).key, ["C0", "C1"], who="moeder", **given)


@step("Dan", "mag de jeugdgezondheidszorg alleen haar naam en haar vraag weten")
def may_know(world: World) -> None:
    assert _exploration(world).allowed == ("C0", "C1")


@step("Dan", "ziet de {who} de casus niet meer")
def sees_no_case(world: World, who: str) -> None:
    try:
        world.case(who)
    except NotFound:
        return
    raise AssertionError(f"{who} sees the case")


@step("Dan", 'krijgt de {who} de taak "{name}"')
def gets_task(world: World, who: str, name: str) -> None:
    assert name in [card.name for card in world.tasks(who)]


@step("Als", 'de {who} erbij zet "{words}"')
def adds_words(world: World, who: str, words: str) -> None:
    world.do(method.add_own_words, words, who=who)


@step("Als", "de {who} op de eigen pagina een kopie vraagt")
def asks_copy(world: World, who: str) -> None:
    world.do(method.ask_own_right, "access_copy", who=who)


@step("Dan", 'leest de verpleegkundige "{words}" bij de casus')
def reads_words(world: World, words: str) -> None:
    assert words in [said.value for one in world.case("verpleegkundige").entries for said in one.values]


@step("Dan", "ziet de moeder vóór welke dag zij antwoord krijgt")
def sees_term(world: World) -> None:
    [asked] = world.look(method.family_requests, who="moeder")
    assert asked.answer_by > local_date(world.clock())


@step("Als", "de moeder bezwaar maakt tegen de verpleegkundige, die haar buurvrouw is")
def objects(world: World) -> None:
    world.do(
        method.object_to_person, person_id=world.actor("verpleegkundige").person_id, reason="neighbour", who="moeder"
    )


@step("Gegeven", "wat de moeder op haar pagina leest")
def keeps_page(world: World) -> None:
    world.looked = _page(world)


@step("Als", "de verpleegkundige zich zorgen maakt over de veiligheid")
def worries(world: World) -> None:
    with world.database.writing() as session:
        case = cases.lock(session, world.case_id)  # type: ignore[arg-type]
        safety.raise_concern(session, case, safety.SafetyLevel.YES, by=world.actor("verpleegkundige"), at=world.clock())


@step("Dan", "leest de moeder op haar pagina precies hetzelfde")
def reads_same(world: World) -> None:
    assert _page(world) == world.looked


def _page(world: World) -> list[Any]:
    own = re.compile(r"organisation='U zelf'.*?times=\d+")  # each reading is one more
    return [own.sub("", repr(world.look(part, who="moeder"))) for part in _PARTS]


def _exploration(world: World) -> Any:
    [found] = [one for one in world.look(method.family_consents, who="moeder") if one.purpose == "exploration"]
    return found
