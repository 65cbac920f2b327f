"""Steps about redrawing the method while cases run."""

from __future__ import annotations

from bpmn import DIRECTORY
from features.steps.registry import step
from features.steps.signals import record_signal
from features.steps.world import World
from workflows import diagrams, processes
from workflows.actor import OPERATOR


@step("Als", "er een nieuw schema in gebruik wordt genomen")
def publish(world: World) -> None:
    files = {path.name: path.read_bytes() for path in DIRECTORY.iterdir() if path.suffix in diagrams.SUFFIXES}
    name = "toestemming_vragen.bpmn"
    files[name] = files[name].replace(b"Bedenktijd van de ouder", b"Tijd om na te denken")
    with world.database.writing() as session:
        diagrams.publish(session, files, by=OPERATOR, at=world.clock())
        assert diagrams.current(session) != world.digest


@step("Dan", "loopt de casus door op de eigen versie")
def on_its_own_version(world: World) -> None:
    assert version(world) == world.digest
    world.task("verloskundige", "Toestemming vragen")


@step("Dan", "begint een volgend signaal op de nieuwe versie")
def next_on_the_new_version(world: World) -> None:
    world.complete(
        "verloskundige", "Toestemming vragen", {"consent_result": "refused", "subject": "parent", "given_by": "self"}
    )
    record_signal(world)
    assert version(world) != world.digest


def version(world: World) -> str:
    """The bundle that the case's run is pinned to."""
    assert world.case_id is not None
    with world.database.reading() as session:
        return processes.run_of(session, "case", world.case_id).bundle_digest
