"""Steps about handing over to somebody who has no account: a link and a code that go apart, or paper."""

from __future__ import annotations

from features.steps.registry import step
from features.steps.world import World
from workflows import consent, method
from workflows.errors import ConsentMissing

GP = {
    "kind": "regular_care",
    "party_kind": "general_practice",
    "party_name": "Huisarts Van Dam (fictief)",
    "telephone": "077-5550123",
    "shown_to_parent": True,
}
SAYS = {"name": "D. van Dam", "function": "huisarts", "organisation": "Praktijk Van Dam"}


def opens(world: World, code: str) -> method.Opened | None:
    """What somebody without an account gets; None: nothing. A wrong code is kept, as at the door."""
    with world.database.writing() as session:
        try:
            return method.open_outside(
                session, world.outside.token, code, by=method.outsider("outside_link"), at=world.clock()
            )
        except method.NothingOpens:
            return None


@step("Gegeven", "dat de moeder goedvindt dat het verhaal naar de huisarts gaat")
def agrees(world: World) -> None:
    said = {
        "support_consent": "given",
        "subject": "parent",
        "given_by": "self",
        "information_given": ["what", "why", "which_data", "with_whom", "may_refuse", "may_withdraw"],
        "consent_form": "oral",
        "consent_language": "nl",
        "sharing": [
            {
                "recipient_kind": "general_practice",
                "allowed": "yes",
                "purposes": ["handover"],
                "categories": ["C0", "C1", "C6"],
            }
        ],
        "validity": "until_closed",
    }
    world.complete("verpleegkundige", "Toestemming voor overleg en steun", said)


@step("Als", "de verpleegkundige een link voor de huisarts klaarzet en de code voorleest")
def send(world: World) -> None:
    world.outside = world.do(method.hand_over_outside, world.case_id, **GP, way="link", who="verpleegkundige")


@step("Als", "de huisarts de link met de code opent")
def read(world: World) -> None:
    world.opened = opens(world, world.outside.code)


@step("Dan", "leest de huisarts wie het gezin is")
def reads_who(world: World) -> None:
    assert world.signal["parent_name"] in [one["name"] for one in world.opened.content["people"]]


@step("Dan", "leest de huisarts niets dat de moeder niet goedvond")
def reads_no_more(world: World) -> None:
    assert not {"C2", "C3", "C5", "C8"} & set(world.opened.content["categories"])


@step("Dan", "opent de link daarna niets meer")
def opens_nothing(world: World) -> None:
    assert opens(world, world.outside.code) is None


@step("Als", "de huisarts bevestigt dat het gezin is overgenomen")
def confirm(world: World) -> None:
    with world.database.writing() as session:
        method.confirm_outside(
            session, world.outside.token, world.opened.receipt_token, receipt="takes_over", **SAYS,
            by=method.outsider("outside_link"), at=world.clock(),
        )  # fmt: skip


@step("Als", "iemand vijf keer een verkeerde code probeert")
def guess(world: World) -> None:
    for wrong in range(5):
        assert opens(world, f"x{wrong}") is None


@step("Als", "de moeder haar toestemming voor de huisarts intrekt")
def take_back(world: World) -> None:
    with world.database.reading() as session:
        assert world.case_id is not None
        given = [one for one in consent.of_case(session, world.case_id) if one.recipient_kind == GP["party_kind"]]
        ids = [one.id for one in given if one.is_yes]
    world.do(method.withdraw_consents, world.case_id, ids, withdrawn_by="self", who="verpleegkundige")


@step("Als", "de verpleegkundige het op papier aan de huisarts geeft")
def give_paper(world: World) -> None:
    world.outside = world.do(method.hand_over_outside, world.case_id, **GP, way="paper", who="verpleegkundige")
    _, content = world.look(method.outside_paper, world.outside.id, who="verpleegkundige")
    assert content["people"]


@step("Als", "de huisarts door de telefoon zegt dat het is gelezen")
def told_by_telephone(world: World) -> None:
    said = world.do(method.record_outside_receipt, world.outside.id, receipt="read", **SAYS, who="verpleegkundige")
    assert (said.status, said.by_telephone) == ("received", True)


@step("Dan", "kan de verpleegkundige niets klaarzetten voor de huisarts")
def cannot(world: World) -> None:
    refusal = world.refused(method.hand_over_outside, world.case_id, **GP, way="link", who="verpleegkundige")
    assert isinstance(refusal, ConsentMissing)


@step("Dan", "houdt de jeugdgezondheidszorg de casus nog vast")
def still_held(world: World) -> None:
    assert world.case("verpleegkundige").case.holder_organisation_id == world.actor("verpleegkundige").organisation_id
