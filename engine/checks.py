"""What a diagram must satisfy before it may run. Every finding says in Dutch what to do; all are given at once.

Each check keeps away something that SpiffWorkflow, or any engine, would run otherwise than drawn, or that would keep a case
waiting for ever. Which elements exist at all is for ``vocabulary``; who reaches what in which order is for ``soundness``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from engine import clock, expressions, limits
from engine.errors import Finding, TimerInvalid
from engine.model import FLOW_NODES, GATEWAYS, SUBPROCESSES, Flow, Node, ProcessModel, TimerSpec
from engine.vocabulary import IDENTIFIER

#: Words that SpiffWorkflow gives to steps of its own: an element with such an id would be skipped.
RESERVED: Final = frozenset({"start", "end", "root", "completed", "none"})
#: Names that the machine itself gives to a completion condition.
LOOP_COUNTS: Final = frozenset({"nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances"})
#: What a step waits for happens outside the process; all other nodes run on by themselves.
WAITING: Final = frozenset({"userTask", "serviceTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"})
_WITH_LOOP: Final = frozenset({"userTask", "serviceTask", "callActivity", "subProcess"})
_CODE: Final = re.compile(r"[a-z][a-z0-9_]*")
_THROWING: Final = frozenset({"endEvent", "intermediateThrowEvent", "sendTask"})


def diagram(model: ProcessModel) -> list[Finding]:
    """Everything wrong within one process, without looking at other files."""
    return sorted(_Diagram(model).findings(), key=lambda found: (found.line, found.code))


def scalars_listed(model: ProcessModel) -> tuple[str, ...]:
    """Names that the process says it gets from outside its forms: property ``scalars`` of the process, with commas."""
    return tuple(name.strip() for name in model.properties.get("scalars", "").split(",") if name.strip())


def conditions(model: ProcessModel) -> Iterator[tuple[str, str, int, str, frozenset[str]]]:
    """Every FEEL text of a process: element id, label, line, text, and names the machine gives it."""
    for flow in model.flows.values():
        if flow.condition is not None:
            yield flow.id, flow.name or model.label(flow.source), flow.line, flow.condition, frozenset()
    for node in model.nodes.values():
        if node.event is not None and node.event.condition is not None:
            yield node.id, node.label, node.line, node.event.condition, frozenset()
        if node.loop is not None:
            counts = LOOP_COUNTS if node.loop.kind != "standard" else frozenset()
            for text, given in (
                (node.loop.cardinality, frozenset[str]()),
                (node.loop.collection, frozenset[str]()),
                (node.loop.condition, counts),
            ):
                if text is not None:
                    yield node.id, node.label, node.line, text, given


def reads(model: ProcessModel) -> frozenset[str]:
    """Names that the conditions and loops of a process take from its scalars; texts that are no FEEL are left out."""
    found: set[str] = set()
    items = {node.loop.item for node in model.nodes.values() if node.loop is not None and node.loop.item}
    for _, _, _, text, given in conditions(model):
        if not expressions.problems(text):
            found |= expressions.names(text) - given - items
    return frozenset(found)


def endless(model: ProcessModel, passes: Callable[[str], bool]) -> list[Finding]:
    """Circles in which nothing waits: such a process would run for ever.

    Args:
        passes: whether a called process can be run through without waiting for anything.
    """
    ahead = {node.id: _ahead(model, node, passes) for node in model.nodes.values()}
    for circle in _circles(ahead):
        node = model.nodes[circle[0]]
        names = ", ".join(f"‘{model.label(element_id)}’" for element_id in circle[:6])
        return [
            Finding(
                "endless",
                f"Deze kring ({names}) wacht nergens op en zou altijd doorgaan. Zet er een taak of wachttijd in.",
                model.file,
                node.line,
                node.id,
                node.label,
            )
        ]
    return []


def runs_through(model: ProcessModel, passes: Callable[[str], bool], parent: str | None = None) -> bool:
    """Whether a level can be left again without waiting for anything outside."""
    seen: set[str] = set()
    todo = [node.id for node in model.starts(parent)]
    while todo:
        node = model.nodes[todo.pop()]
        if node.id in seen:
            continue
        seen.add(node.id)
        if node.kind == "endEvent":
            return True
        todo += _ahead(model, node, passes)
    return False


def _ahead(model: ProcessModel, node: Node, passes: Callable[[str], bool]) -> list[str]:
    """Where a token goes by itself from a node; nowhere when the node waits."""
    if node.kind in WAITING or (node.kind == "callActivity" and not passes(node.called or "")):
        return []
    if node.kind in SUBPROCESSES and not runs_through(model, passes, node.id):
        return []
    return [model.flows[flow].target for flow in node.outgoing]


def _circles(ahead: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """Circles in a graph, found by walking depth first without recursion."""
    done: set[str] = set()
    for first in ahead:
        path: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = [(first, iter(ahead[first]))] if first not in done else []
        path.extend(at for at, _ in stack)
        while stack:
            at, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                done.add(at)
                path.pop()
                stack.pop()
            elif following in path:
                yield path[path.index(following) :]
            elif following not in done:
                path.append(following)
                stack.append((following, iter(ahead[following])))


class _Diagram:
    def __init__(self, model: ProcessModel) -> None:
        self.model = model

    def findings(self) -> Iterator[Finding]:
        model = self.model
        yield from self._process()
        if len(model.nodes) > limits.NODES or len(model.flows) > limits.FLOWS:
            yield self._at_process(
                "too_large",
                f"Het proces heeft meer dan {limits.NODES} onderdelen of {limits.FLOWS} pijlen. "
                "Verdeel het over processen die elkaar aanroepen.",
            )
            return
        for parent in (None, *(node.id for node in model.nodes.values() if node.kind in SUBPROCESSES)):
            yield from self._level(parent)
        for node in model.nodes.values():
            yield from self._ids(node.id, node)
            yield from self._node(node)
            yield from self._event(node)
            yield from self._loop(node)
            yield from self._ways(node)
        for flow in model.flows.values():
            yield from self._flow(flow)
        for element_id, label, line, text, _ in conditions(model):
            for problem in expressions.problems(text):
                yield Finding("feel", problem, model.file, line, element_id, label)

    # -- helpers

    def _at(self, node: Node, code: str, message: str) -> Finding:
        return Finding(code, message, self.model.file, node.line, node.id, " ".join(node.name.split()))

    def _at_process(self, code: str, message: str, severity: str = "error") -> Finding:
        model = self.model
        return Finding(code, message, model.file, model.line, model.id, model.name, severity)

    # -- the process

    def _process(self) -> Iterator[Finding]:
        model = self.model
        if not _CODE.fullmatch(model.id) or len(model.id) > limits.ID_LENGTH:
            yield self._at_process(
                "id", "Het id van een proces heeft alleen kleine letters, cijfers en lage streepjes."
            )
        if model.id in RESERVED:
            yield self._at_process("reserved_id", f"Het id ‘{model.id}’ is al in gebruik. Kies een ander id.")
        if not model.name:
            yield self._at_process("no_name", "Geef het proces een naam.")
        if not model.executable:
            yield self._at_process(
                "not_executable", "Het proces staat niet op ‘uitvoerbaar’ (executable). Zet dat aan."
            )
        for name in scalars_listed(model):
            if not IDENTIFIER.fullmatch(name):
                yield self._at_process("scalars", f"‘{name}’ in de eigenschap scalars is geen goede naam.")
        seen: dict[str, str] = {}
        for lane in model.lanes:
            line = getattr(lane, "line", 0)
            if not lane.role:
                yield Finding(
                    "lane_role",
                    "Deze baan heeft geen rol. Geef de baan een eigenschap ‘role’ met de code van de rol.",
                    model.file,
                    line,
                    lane.id,
                    lane.name,
                )
            elif not _CODE.fullmatch(lane.role):
                yield Finding("lane_role", f"‘{lane.role}’ is geen rolcode.", model.file, line, lane.id, lane.name)
            if lane.name and seen.setdefault(lane.name, lane.id) != lane.id:
                yield Finding(
                    "lane_twice",
                    "Er zijn twee banen met deze naam. Maak er één van.",
                    model.file,
                    line,
                    lane.id,
                    lane.name,
                )

    def _level(self, parent: str | None) -> Iterator[Finding]:
        """One start, an end, and everything between them within reach."""
        model = self.model
        host = model.nodes.get(parent or "")
        nodes = list(model.children(parent))
        starts = model.starts(parent)

        def here(code: str, message: str) -> Finding:
            return self._at(host, code, message) if host is not None else self._at_process(code, message)

        if host is not None and self._depth(host) > limits.SUBPROCESS_DEPTH:
            yield here("too_deep", f"Deelprocessen zijn dieper genest dan {limits.SUBPROCESS_DEPTH}. Maak het platter.")
        if len(starts) != 1:
            what = "heeft geen begin" if not starts else "heeft meer dan één begin"
            yield here("one_start", f"Dit {what}. Teken precies één startgebeurtenis.")
        event = host is not None and host.event_subprocess
        for start in starts:
            kind = start.event.kind if start.event is not None else "none"
            if event and kind == "none":
                yield self._at(
                    start, "start_event", "Zeg waarop dit wacht: kies bijvoorbeeld een bericht of wachttijd."
                )
            elif not event and kind != "none":
                yield self._at(
                    start, "start_event", "Een proces begint zonder gebeurtenis. Kies een gewone startgebeurtenis."
                )
            if not event and not start.interrupting:
                yield self._at(start, "start_event", "isInterrupting hoort alleen bij een gebeurtenis-deelproces.")
        if not any(node.kind == "endEvent" for node in nodes):
            yield here("no_end", "Dit heeft geen einde. Teken minstens één eindgebeurtenis.")
        reached = {node.id for node in starts} | {node.id for node in nodes if node.event_subprocess}
        todo = list(reached)
        while todo:
            node = model.nodes[todo.pop()]
            following = [model.flows[flow].target for flow in node.outgoing]
            following += [edge.id for edge in model.boundary(node.id)]
            todo += [other for other in following if other not in reached]
            reached |= set(following)
        for node in nodes:
            if node.id not in reached:
                yield self._at(
                    node, "unreachable", "Dit onderdeel wordt nooit bereikt. Verbind het met een pijl of haal het weg."
                )

    def _depth(self, node: Node) -> int:
        depth = 0
        while node.parent is not None:
            depth += 1
            node = self.model.nodes[node.parent]
        return depth

    # -- a node

    def _ids(self, element_id: str, node: Node) -> Iterator[Finding]:
        if element_id.lower() in RESERVED:
            yield self._at(node, "reserved_id", f"Het id ‘{element_id}’ gebruikt de machine zelf. Kies een ander id.")

    def _node(self, node: Node) -> Iterator[Finding]:
        if node.kind not in FLOW_NODES:
            return
        if node.kind in ("userTask", "serviceTask", "callActivity", "businessRuleTask") and not node.name:
            yield self._at(node, "no_name", "Geef deze stap een naam die zegt wat er gebeurt.")
        if node.kind == "userTask" and not node.role:
            yield self._at(
                node, "no_role", "Deze taak staat in geen baan met een rol. Zet de taak in de baan van wie hem doet."
            )
        if node.kind == "serviceTask" and (not node.topic or not _CODE.fullmatch(node.topic)):
            yield self._at(
                node,
                "no_topic",
                "Kies bij deze servicetaak type ‘external’ en een onderwerp (topic) in kleine letters.",
            )
        if node.kind == "businessRuleTask" and not node.decision:
            yield self._at(node, "no_decision", "Deze regeltaak heeft geen beslistabel. Kies een tabel (decisionRef).")
        result = getattr(node, "result", None)
        if result and not IDENTIFIER.fullmatch(result):
            yield self._at(node, "result", f"‘{result}’ is geen goede naam voor de uitkomst.")
        if node.kind == "callActivity" and not node.called:
            yield self._at(node, "no_call", "Deze stap roept geen proces aan. Vul in welk proces (calledElement).")
        if node.term is not None and not _CODE.fullmatch(node.term):
            yield self._at(node, "term", f"‘{node.term}’ is geen naam van een termijn. Gebruik kleine letters.")
        if node.event_subprocess and (node.incoming or node.outgoing):
            yield self._at(node, "event_subprocess", "Een gebeurtenis-deelproces heeft geen pijlen. Haal ze weg.")

    def _ways(self, node: Node) -> Iterator[Finding]:
        """Flows in and out of a node."""
        ins, outs = len(node.incoming), len(node.outgoing)
        flows = [self.model.flows[flow] for flow in node.outgoing]
        if node.kind == "startEvent" and ins:
            yield self._at(node, "start_in", "Er loopt een pijl naar een begin. Laat de pijl bij een stap uitkomen.")
        if node.kind == "boundaryEvent" and ins:
            yield self._at(node, "boundary_in", "Er loopt een pijl naar een gebeurtenis op een rand. Haal die weg.")
        if node.kind == "endEvent" and outs:
            yield self._at(node, "end_out", "Er loopt een pijl uit een einde. Haal die weg.")
        if node.kind not in GATEWAYS:
            if outs > 1:
                yield self._at(
                    node,
                    "hidden_split",
                    "Uit dit onderdeel lopen meer pijlen. Zet er een gateway achter die kiest of splitst.",
                )
            if outs == 0 and node.kind != "endEvent" and not node.event_subprocess:
                yield self._at(
                    node, "dead_end", "Na dit onderdeel komt niets. Verbind het met een volgende stap of einde."
                )
            for flow in flows:
                if flow.condition is not None:
                    yield Finding(
                        "condition_lost",
                        "Deze pijl heeft een voorwaarde, maar komt niet uit een gateway. Zet er een gateway voor.",
                        self.model.file,
                        flow.line,
                        flow.id,
                        flow.name,
                    )
            if node.default is not None:
                yield self._at(node, "default", "Alleen een gateway heeft een standaardpijl. Haal hem weg.")
            return
        if outs == 0:
            yield self._at(node, "dead_end", "Na deze gateway komt niets. Verbind hem met een volgende stap of einde.")
        if ins > 1 and outs > 1:
            yield self._at(
                node,
                "mixed_gateway",
                "Deze gateway voegt samen én splitst. Teken er twee: eerst samenvoegen, dan splitsen.",
            )
        if node.kind in ("exclusiveGateway", "inclusiveGateway"):
            yield from self._choice(node, flows)
        elif any(flow.condition is not None for flow in flows):
            yield self._at(
                node,
                "condition_lost",
                "Deze gateway kijkt niet naar voorwaarden. Haal ze weg of kies een exclusieve gateway.",
            )
        if node.kind == "eventBasedGateway":
            for flow in flows:
                target = self.model.nodes[flow.target]
                if target.kind not in ("intermediateCatchEvent", "receiveTask") or len(target.incoming) != 1:
                    yield self._at(
                        target,
                        "event_gateway",
                        "Na een gateway die wacht hoort een eigen gebeurtenis die ergens op wacht.",
                    )
            if outs < 2:
                yield self._at(node, "event_gateway", "Een gateway die wacht heeft minstens twee wegen.")

    def _choice(self, node: Node, flows: list[Flow]) -> Iterator[Finding]:
        for flow in flows:
            if flow.id == node.default and flow.condition is not None:
                yield Finding(
                    "default_condition",
                    "De standaardpijl heeft een voorwaarde; die telt niet. Haal de voorwaarde weg.",
                    self.model.file,
                    flow.line,
                    flow.id,
                    flow.name,
                )
            elif flow.id != node.default and flow.condition is None and len(flows) > 1:
                yield Finding(
                    "no_condition",
                    "Deze pijl heeft geen voorwaarde. Geef hem een voorwaarde of maak hem de standaardpijl.",
                    self.model.file,
                    flow.line,
                    flow.id,
                    flow.name,
                )
        if node.default is None and any(flow.condition is not None for flow in flows):
            yield self._at(
                node,
                "no_default",
                "Deze gateway heeft geen standaardpijl. Maak van de zorgvuldige keuze de standaardpijl.",
            )

    # -- events

    def _event(self, node: Node) -> Iterator[Finding]:
        event = node.event
        if event is None:
            return
        if event.kind == "none":
            if node.kind in ("boundaryEvent", "intermediateCatchEvent"):
                yield self._at(
                    node, "empty_event", "Deze gebeurtenis wacht nergens op. Kies waarop, bijvoorbeeld een bericht."
                )
            return
        if event.kind in ("message", "signal"):
            what = "bericht" if event.kind == "message" else "signaal"
            if event.name is None:
                yield self._at(node, f"no_{event.kind}", f"Kies welk {what} dit is; nu gaat de stap ongemerkt voorbij.")
            elif not _CODE.fullmatch(event.name):
                yield self._at(
                    node,
                    "event_name",
                    f"De naam van dit {what} heeft alleen kleine letters, cijfers en lage streepjes.",
                )
        elif event.kind in ("error", "escalation"):
            if event.name is not None and not _CODE.fullmatch(event.name):
                yield self._at(node, "event_name", "De code heeft alleen kleine letters, cijfers en lage streepjes.")
            if event.name is None and node.kind in _THROWING:
                yield self._at(node, "event_name", "Zeg welke fout of escalatie dit is: geef een code.")
            if event.kind == "error" and node.kind in ("boundaryEvent", "startEvent") and not node.interrupting:
                yield self._at(
                    node, "error_interrupts", "Een fout breekt de stap altijd af. Kies een onderbrekende gebeurtenis."
                )
        elif event.kind == "conditional" and event.condition is None:
            yield self._at(node, "no_condition", "Vul de voorwaarde in waarop dit wacht.")
        if event.timer is not None:
            yield from self._timer(node, event.timer)
        if node.kind == "boundaryEvent" and node.attached_to is not None:
            yield from self._edge(node, self.model.nodes[node.attached_to])

    def _edge(self, node: Node, host: Node) -> Iterator[Finding]:
        event = node.event
        assert event is not None
        if event.kind in ("error", "escalation"):
            if host.kind not in ("callActivity", "subProcess"):
                yield self._at(
                    node, "edge", "In deze stap kan geen fout of escalatie optreden. Haal de gebeurtenis weg."
                )
        elif host.kind not in ("userTask", "serviceTask", "receiveTask", "callActivity", "subProcess"):
            yield self._at(node, "edge", "Deze stap wacht niet, dus hier gebeurt nooit iets. Hang dit aan een taak.")
        if host.event_subprocess:
            yield self._at(node, "edge", "Aan een gebeurtenis-deelproces kan niets hangen. Haal de gebeurtenis weg.")

    def _timer(self, node: Node, timer: TimerSpec) -> Iterator[Finding]:
        try:
            if timer.kind == "term":
                if not _CODE.fullmatch(timer.text):
                    raise TimerInvalid(f"‘term.{timer.text}’ is geen naam van een termijn")
            elif timer.kind == "duration":
                clock.parse_duration(timer.text)
            elif timer.kind == "date":
                clock.parse_instant(timer.text)
            else:
                clock.parse_cycle(timer.text)
        except TimerInvalid as error:
            yield self._at(node, "timer", f"{error}. Vul een ISO-tijd in, of term. met de naam van een termijn.")
        stays = node.kind in ("boundaryEvent", "startEvent") and not node.interrupting
        if (timer.kind == "cycle" or timer.repeats) and not stays:
            yield self._at(node, "timer_cycle", "Herhalen kan alleen bij een gebeurtenis die niets onderbreekt.")

    # -- loops

    def _loop(self, node: Node) -> Iterator[Finding]:
        loop = node.loop
        if loop is None:
            return
        if node.kind not in _WITH_LOOP or node.event_subprocess:
            yield self._at(node, "loop", "Deze stap kan niet herhalen. Haal de herhaling weg.")
        if loop.kind == "standard":
            if loop.maximum is None or not 1 <= loop.maximum <= limits.INSTANCES:
                yield self._at(
                    node,
                    "loop_maximum",
                    f"Zeg hoe vaak deze stap hooguit herhaalt: 1 tot {limits.INSTANCES} (loopMaximum).",
                )
            if loop.condition is None:
                yield self._at(node, "loop_condition", "Zeg wanneer deze stap herhaalt: vul de voorwaarde in.")
            return
        if (loop.cardinality is None) == (loop.collection is None):
            yield self._at(node, "loop_count", "Zeg hoe vaak deze stap wordt gedaan: met een aantal óf met een lijst.")
        if loop.cardinality is not None and re.fullmatch(r"\s*-?\d+\s*", loop.cardinality):
            count = int(loop.cardinality) if len(loop.cardinality) < 10 else limits.INSTANCES + 1
            if not 1 <= count <= limits.INSTANCES:
                yield self._at(node, "loop_count", f"Het aantal is niet 1 tot {limits.INSTANCES}.")
        if loop.item is not None and not IDENTIFIER.fullmatch(loop.item):
            yield self._at(node, "loop_item", f"‘{loop.item}’ is geen goede naam.")

    # -- flows

    def _flow(self, flow: Flow) -> Iterator[Finding]:
        if flow.id.lower() in RESERVED:
            yield Finding(
                "reserved_id",
                f"Het id ‘{flow.id}’ gebruikt de machine zelf. Kies een ander id.",
                self.model.file,
                flow.line,
                flow.id,
                flow.name,
            )
        if flow.source == flow.target:
            yield Finding(
                "self_flow",
                "Deze pijl loopt naar zichzelf. Haal hem weg of zet er een stap tussen.",
                self.model.file,
                flow.line,
                flow.id,
                flow.name,
            )


def _catches(catcher: Node, thrower: Node) -> bool:
    caught, thrown = catcher.event, thrower.event
    return (
        caught is not None
        and thrown is not None
        and caught.kind == thrown.kind
        and (caught.name is None or caught.name == thrown.name)
    )


def thrown(model: ProcessModel) -> list[Node]:
    """Events that throw an error or escalation."""
    return [
        node
        for node in model.nodes.values()
        if node.kind in _THROWING and node.event is not None and node.event.kind in ("error", "escalation")
    ]


def caught(model: ProcessModel, thrower: Node, at: Node) -> bool:
    """Whether what *thrower* throws is caught in *model*, looking outwards from *at*: the thrower, or a call activity."""
    here: Node | None = at
    while here is not None:
        if here is not thrower and any(_catches(edge, thrower) for edge in model.boundary(here.id)):
            return True
        for listener in model.event_subprocesses(here.parent):
            if any(_catches(start, thrower) for start in model.starts(listener.id)):
                return True
        here = model.nodes.get(here.parent or "")
    return False
