"""Steps about files with a case."""

from __future__ import annotations

from contextlib import suppress

from features.steps.registry import step
from features.steps.world import World
from workflows import attachments, method
from workflows.errors import Invalid, NotAllowed, NotFound

SHE = "verloskundige"
LETTER = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PROGRAMME = b"MZ\x90\0" + bytes(200)


def attach(world: World, compartment: str | None = None) -> None:
    """She attaches a letter; what is in it says who reads it."""
    letter = attachments.prepare("brief.pdf", LETTER)
    added = world.do(
        method.add_attachment, world.case_id, letter, description="Brief", compartment=compartment, who=SHE
    )
    world.kept = added.id


@step("Als", "de verloskundige een brief toevoegt")
def attach_a_letter(world: World) -> None:
    attach(world)


@step("Als", "de verloskundige een brief met gegevens over de gezondheid toevoegt")
def attach_about_health(world: World) -> None:
    attach(world, "C2")


@step("Als", "de verloskundige een programma als brief probeert toe te voegen")
def attach_a_programme(world: World) -> None:
    try:
        attachments.prepare("brief.pdf", PROGRAMME)
    except Invalid as refusal:
        world.refusal = refusal


@step("Als", "de verloskundige de brief weghaalt")
def take_away(world: World) -> None:
    world.do(method.remove_attachment, world.case_id, world.kept, who=SHE)


@step("Dan", "leest de {who} de brief")
def reads(world: World, who: str) -> None:
    assert [one.id for one in world.look(method.attachment_list, world.case_id, who=who)] == [world.kept]
    assert world.look(method.open_attachment, world.case_id, world.kept, who=who).content == LETTER


@step("Dan", "weet de {who} niet dat de brief er is")
def knows_of_none(world: World, who: str) -> None:
    assert isinstance(world.refused(method.open_attachment, world.case_id, world.kept, who=who), NotFound)
    with suppress(NotFound):  # of the case neither
        assert world.look(method.attachment_list, world.case_id, who=who) == []


@step("Dan", "wordt dat geweigerd met wat wel kan")
def refused_with_what_can(world: World) -> None:
    assert isinstance(world.refusal, Invalid)
    assert "Kies een PDF" in str(world.refusal.errors)


@step("Dan", "staat er geen bestand bij de casus")
def nothing_there(world: World) -> None:
    assert world.look(method.attachment_list, world.case_id, who=SHE) == []


@step("Dan", "kan de {who} de brief niet weghalen")
def may_not_take_away(world: World, who: str) -> None:
    assert isinstance(world.refused(method.remove_attachment, world.case_id, world.kept, who=who), NotAllowed)
