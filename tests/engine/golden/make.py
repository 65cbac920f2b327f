"""Writes the golden states of a release: ``python -m tests.engine.golden.make NAME``, once, when it is released.

A later release must read what an earlier one wrote, so a folder is never written again; it holds the files of the bundle
too, and what the states were seen to mean.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import bpmn
from engine.bundle import Bundle
from engine.model import EventSpec, Loop, TimerSpec
from engine.process import Process
from tests.engine.diagrams import NOW, terms, to_xml
from tests.engine.sketch import sketch

HERE = Path(__file__).parent
MESSAGES = ("go", "loss")


def _timer(kind: str, text: str) -> dict[str, Any]:
    return {"event": EventSpec("timer", timer=TimerSpec(kind, text, repeats=kind == "cycle"))}


def zoo() -> dict[str, bytes]:
    """Everything that can rest in a state, in one bundle."""
    inner = sketch("start1 > and1 > a > and2 > end1", "and1 > serve1 > and2", id="inner",
                   a={"properties": {"term": "first_contact"}})  # fmt: skip
    outer = sketch(
        "start1 > or1 > call1 > or2 > end1", "or1 > wait1 > catch_go > b > or2", "wait1 > catch_late > or2x > or2",
        "or1 > c > d > or2", "on_loss > e > end2", "on_time > f > end3", "begin9 > x > finish9",
        "or1 > sub1 > or2", "begin1 > g > finish1",
        id="outer",
        conditions={"or1__call1": "n > 0", "or1__wait1": "n > 1", "or1__sub1": "n > 2"}, or1={"default": "or1__c"},
        or2x={"kind": "userTask"},
        call1={"called": "inner", "loop": Loop("parallel", cardinality="2", item="who"), "properties": {"case_status": "y"}},
        catch_go={"event": EventSpec("message", "go")}, catch_late=_timer("date", "2027-01-01T09:00"),
        c={"loop": Loop("sequential", collection='["p", "q", "r"]', item="name")},
        d={"loop": Loop("standard", condition="more", maximum=3)},
        on_loss={"attached_to": "call1", "event": EventSpec("message", "loss")},
        on_time={"attached_to": "call1", "interrupting": False, **_timer("cycle", "R3/P7D")},
        sub1={}, begin1={"kind": "startEvent", "parent": "sub1"}, g={"parent": "sub1"},
        finish1={"kind": "endEvent", "parent": "sub1"},
        sub9={"event_subprocess": True}, x={"parent": "sub9"}, finish9={"kind": "endEvent", "parent": "sub9"},
        begin9={"kind": "startEvent", "parent": "sub9", "interrupting": False, **_timer("term", "think_again")},
    )  # fmt: skip
    return {f"{model.id}.bpmn": to_xml(model) for model in (outer, inner)}


def meaning(process: Process) -> dict[str, Any]:
    """What a state must still mean in a later release."""
    return {
        "waiting": [
            [step.key, step.element_id, step.kind, step.role, step.item, step.due_at and step.due_at.isoformat(),
             step.opened_at.isoformat(), dict(step.properties)]
            for step in process.waiting()
        ],
        "due_at": process.due_at and process.due_at.isoformat(),
        "scalars": {name: value for name, value in sorted(process.scalars.items()) if value is not None},
        "live": sorted(map(list, process.live)),
    }  # fmt: skip


def finish(bundle: Bundle, state: bytes, outcomes: dict[str, Any]) -> list[str]:
    """Play a state to its end, always the oldest step first, and tell what was passed."""
    process, passed = Process.resume(bundle, state, now=NOW + timedelta(days=1), terms=terms), []
    for _ in range(300):
        if process.ended:
            return passed
        before = len(process.taken)
        if process.waiting():
            process.complete(process.waiting()[0].key, outcomes)
        elif not any(process.message(name) for name in MESSAGES):
            assert process.due_at is not None
            now = process.due_at
            process = Process.resume(bundle, process.dump(), now=now, terms=terms)
            process.run_due()
            before = 0
        passed += [step.element_id for step in process.taken[before:]]
    raise AssertionError(f"it does not end: {process.live}")


def runs(folder: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, process and outcomes of each run that is kept."""
    if folder == "zoo":
        for n in range(4):
            yield f"n{n}", "outer", {"n": n, "more": False}
    else:
        yield "supported", "hoofdproces", {
            "vulnerability_level": "vulnerable", "consent_result": "given", "route": "exploration",
            "share_youth_health": "yes", "conclusion": "pathway", "contact_result": "try_again",
            "share_feedback": "yes", "theme_count": 2, "phase": "pregnant", "family_planning": "no",
            "unclear_question": "no",
        }  # fmt: skip


def main(release: str) -> None:
    shipped = {file.name: file.read_bytes() for file in Path(bpmn.__file__).parent.iterdir() if "." in file.name}
    sets = {"zoo": zoo(), "shipped": {name: data for name, data in shipped.items() if not name.endswith(".py")}}
    for folder, files in sets.items():
        place = HERE / release / folder
        place.mkdir(parents=True)
        for name, data in files.items():
            (place / name).write_bytes(data)
        bundle = Bundle.from_files(files)
        for name, process_id, outcomes in runs(folder):
            process = Process.start(bundle, process_id, now=NOW, terms=terms, scalars=outcomes)
            for number in range(60):
                state = process.dump()
                told = {"outcomes": outcomes, **meaning(process), "passed": finish(bundle, state, outcomes)}
                (place / f"{name}-{number:02}.state").write_bytes(state)
                (place / f"{name}-{number:02}.json").write_text(json.dumps(told, indent=1) + "\n")
                if process.ended:
                    break
                if process.waiting():
                    process.complete(process.waiting()[-1].key, outcomes)
                elif not any(process.message(message) for message in MESSAGES):
                    process = Process.resume(bundle, state, now=process.due_at or NOW, terms=terms)
                    process.run_due()


if __name__ == "__main__":
    main(sys.argv[1])
