"""Steps about redrawing the method while cases run."""

from __future__ import annotations

import re

from bpmn import DIRECTORY
from features.steps.registry import step
from features.steps.signals import record_signal
from features.steps.world import World
from workflows import diagrams, method, processes
from workflows.actor import OPERATOR
from workflows.errors import Invalid


def shipped() -> dict[str, bytes]:
    """The files of the method as drawn."""
    return {path.name: path.read_bytes() for path in DIRECTORY.iterdir() if path.suffix in diagrams.SUFFIXES}


@step("Als", "er een nieuw schema in gebruik wordt genomen")
def publish(world: World) -> None:
    files = shipped()
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


@step("Als", 'een coördinator de stap "{name}" uit het schema haalt')
def take_step_out(world: World, name: str) -> None:
    files = shipped()
    for file, data in files.items():
        if file.endswith(".bpmn"):
            files[file] = without_task(data.decode(), name).encode()
    assert files != shipped()
    back, closing = (
        'sourceRef="check_sharing" targetRef="return_to_consent"',
        'sourceRef="check_sharing" targetRef="gather_closing"',
    )
    assert back.encode() in files["hoofdproces.bpmn"]  # the way back to it goes with it
    files["hoofdproces.bpmn"] = files["hoofdproces.bpmn"].replace(back.encode(), closing.encode())
    world.refusal = None
    with world.database.writing() as session:
        try:
            method.publish_diagrams(session, files, by=world.people.coordinator, at=world.clock())
        except Invalid as refusal:
            world.refusal = refusal


@step("Dan", "wordt dat schema geweigerd omdat gegevens gedeeld worden zonder toestemming van de ouder")
def refused_for_consent(world: World) -> None:
    assert isinstance(world.refusal, Invalid)
    texts = [text for texts in world.refusal.errors.values() for text in texts]
    [told] = [text for text in texts if text.startswith("verkennen.bpmn")]
    assert re.match(r"verkennen\.bpmn regel \d+, ‘Verkenning doen’", told), "it says where"
    assert "terwijl de ouder daar niet altijd eerst toestemming voor gaf" in told, "it says why"
    assert "Zet op elke weg hierheen een stap die toestemming vraagt." in told, "it says what to do"


@step("Dan", "blijft het oude schema in gebruik")
def old_one_stays(world: World) -> None:
    with world.database.reading() as session:
        assert diagrams.current(session) == world.digest


def without_task(drawing: str, name: str) -> str:
    """A drawing from which a task is taken out: what led to it now leads to what followed on it."""
    for task in re.findall(rf'<bpmn:userTask id="(\w+)" name="{re.escape(name)}"', drawing):
        follows = re.search(rf'<bpmn:sequenceFlow id="(\w+)"[^>]* sourceRef="{task}" targetRef="(\w+)" />\s*', drawing)
        assert follows is not None
        drawing = drawing.replace(follows[0], "").replace(f'targetRef="{task}"', f'targetRef="{follows[2]}"')
        drawing = re.sub(rf'<bpmn:userTask id="{task}".*?</bpmn:userTask>\s*', "", drawing, flags=re.S)
        drawing = re.sub(rf"<bpmn:(\w+)>({task}|{follows[1]})</bpmn:\1>\s*", "", drawing)
        drawing = re.sub(
            rf'<bpmndi:BPMN(Shape|Edge) [^>]*bpmnElement="({task}|{follows[1]})".*?</bpmndi:BPMN\1>\s*',
            "",
            drawing,
            flags=re.S,
        )
    return drawing


def version(world: World) -> str:
    """The bundle that the case's run is pinned to."""
    assert world.case_id is not None
    with world.database.reading() as session:
        return processes.run_of(session, "case", world.case_id).bundle_digest
