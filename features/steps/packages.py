"""Steps about what goes along with a handover: looking beforehand, what arrived, and proving it later."""

from __future__ import annotations

from typing import Any

from features.steps.registry import step
from features.steps.support import agree
from features.steps.world import World
from workflows import cases, handovers, method, packages
from workflows.method import packing

PSYCHIC = "C3"


@step("Gegeven", "dat de moeder de toegangsteams alles laat weten behalve hoe het psychisch gaat")
def agree_to_most(world: World) -> None:
    agree(world, "municipal_access_team", without=PSYCHIC)


@step("Als", "de {who} met de moeder bekijkt wat er meegaat naar de {receiver}")
def look_beforehand(world: World, who: str, receiver: str) -> None:
    to = world.actor(receiver)
    seen = world.look(method.preview_package, world.case_id, receiver=f"{to.organisation_id}:{to.role}", who=who)
    world.looked = [seen]


@step("Dan", "staat de vraag van de moeder in haar eigen woorden erbij")
def own_words_go_along(world: World) -> None:
    [seen] = world.looked
    told = [value.value for entry in seen.entries for value in entry.values]
    assert world.signal["support_request_own_words"] in told


@step("Dan", "staat erbij dat psychische gegevens niet meegaan omdat de moeder daar geen toestemming voor gaf")
def psychic_stays(world: World) -> None:
    [seen] = world.looked
    assert (PSYCHIC, "no_consent") in {(one.compartment, one.ground) for one in seen.held_back}
    assert PSYCHIC not in {value.compartment for entry in seen.entries for value in entry.values}


@step("Dan", "is er nog niets verzonden")
def nothing_sent(world: World) -> None:
    with world.database.reading() as session:
        assert packages.of_case(session, _case(world)) == []


@step("Als", "de {who} schrijft een opmerking en het pakket opnieuw wordt vastgelegd")
def freeze_again(world: World, who: str) -> None:
    world.do(method.add_comment, world.case_id, "Ze komt liever in de ochtend.", who=who)
    with world.database.writing() as session:
        case = cases.lock(session, _case(world))
        offered = handovers.pending(session, case.id)
        assert offered is not None
        packing.freeze(session, case, offered, by=world.actor(who), at=world.clock())


@step("Dan", "is versie 2 van het pakket groter dan versie 1")
def second_is_larger(world: World) -> None:
    with world.database.reading() as session:
        first, second = packages.of_case(session, _case(world))
    assert (first.version, second.version) == (1, 2)
    assert second.size > first.size
    assert second.hash != first.hash


@step("Dan", "leest de {who} op het ontvangstbewijs wat er niet meeging en waarom")
def sender_reads_why(world: World, who: str) -> None:
    found = proof(world, who)
    assert (PSYCHIC, "no_consent") in {(one.compartment, one.ground) for one in found.held_back}


@step("Dan", "leest de {who} alleen dat er meer is")
def receiver_reads_more(world: World, who: str) -> None:
    found = proof(world, who)
    assert (found.verdict, found.more, found.held_back) == ("more", True, ())
    assert "withheld" not in dict(found.counts)


@step("Dan", "staat er over veiligheid niets in het pakket")
def nothing_of_safety(world: World) -> None:
    with world.database.reading() as session:
        lines = [line for one in packages.of_case(session, _case(world)) for line in packages.items_of(session, one.id)]
    assert lines
    assert not any(line.compartment == "C5" or "safety" in line.kind for line in lines)


@step("Als", "er een jaar lang verder wordt gewerkt")
def a_year_of_work(world: World) -> None:
    for _ in range(12):
        world.clock.forward(days=30)
        world.do(method.add_comment, world.case_id, "Het gaat zijn gang.", who="casusregisseur van Venlo")


@step("Dan", "klopt het ontvangstbewijs voor de {who} en voor de {other}")
def holds_for_both(world: World, who: str, other: str) -> None:
    assert proof(world, who).checked.holds
    assert proof(world, other).checked.holds


@step("Als", "iemand achteraf iets aan het pakket verandert")
def tamper(world: World) -> None:
    with world.database.writing() as session:
        [package] = packages.of_case(session, _case(world))
        line = packages.items_of(session, package.id)[3]
        line.content = "{}"


@step("Dan", "klopt het ontvangstbewijs niet meer")
def holds_no_more(world: World) -> None:
    found = proof(world, "verpleegkundige")
    assert not found.checked.holds
    assert found.checked.altered == 1


def proof(world: World, who: str) -> Any:
    """What somebody reads of the receipt."""
    with world.database.reading() as session:
        [receipt] = packages.receipts_of(session, _case(world))
    return world.look(method.proof_view, receipt.id, who=who)


def _case(world: World) -> Any:
    assert world.case_id is not None
    return world.case_id
