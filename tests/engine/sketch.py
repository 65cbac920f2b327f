"""Diagrams in a few lines, for tests that need a shape and no file."""

from __future__ import annotations

import itertools
import re
from typing import Any

from engine.model import EventSpec, Flow, Node, ProcessModel

#: The beginning of an id says what it is; anything else is a user task.
KINDS = {
    "start": "startEvent",
    "end": "endEvent",
    "stop": "endEvent",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "wait": "eventBasedGateway",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "call": "callActivity",
    "sub": "subProcess",
    "serve": "serviceTask",
    "decide": "businessRuleTask",
    "on": "boundaryEvent",
}


def sketch(
    *lines: str, id: str = "p", conditions: dict[str, str] | None = None, **nodes: dict[str, Any]
) -> ProcessModel:
    """A process from lines such as ``"start > xor1 > a > end"``; ``stop…`` is a terminate end, ``on_…`` a boundary.

    A flow's id is ``source__target``. Keyword arguments give a node what its id cannot say, for instance
    ``on_loss={"attached_to": "a", "event": EventSpec("message", "loss")}``.
    """
    flows: dict[str, Flow] = {}
    ids: dict[str, None] = {}
    for line in lines:
        chain = [part.strip() for part in line.split(">")]
        ids |= dict.fromkeys(chain)
        for source, target in itertools.pairwise(chain):
            name = f"{source}__{target}"
            flows[name] = Flow(name, source, target, condition=(conditions or {}).get(name))
    ids |= dict.fromkeys(nodes)
    made: dict[str, Node] = {}
    for node_id in ids:
        word = re.match(r"[a-z]+", node_id)
        first = word.group() if word else ""
        given: dict[str, Any] = {"kind": KINDS.get(first, "userTask")}
        if given["kind"] in ("startEvent", "endEvent", "boundaryEvent", "intermediateThrowEvent"):
            given["event"] = EventSpec("terminate" if first == "stop" else "none")
        given |= nodes.get(node_id, {})
        made[node_id] = Node(
            node_id,
            incoming=tuple(f.id for f in flows.values() if f.target == node_id),
            outgoing=tuple(f.id for f in flows.values() if f.source == node_id),
            **given,
        )
    return ProcessModel(id=id, name=id, file=f"{id}.bpmn", nodes=made, flows=flows)
