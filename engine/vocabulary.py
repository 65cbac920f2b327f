"""Which elements and attributes a diagram or a decision table may hold. What is not listed here is refused, never skipped.

The words are those that Camunda Modeler writes. Whether they are used sensibly is for ``checks`` and ``decisions``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from engine import limits
from engine.errors import Finding
from engine.parse import line_of

#: Ids and names that a condition, a database column or a test may use: lower or upper case letters, digits, low lines.
IDENTIFIER: Final = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{limits.ID_LENGTH - 1}}}")
#: Ids of everything that is not named elsewhere; modellers also write hyphens.
ELEMENT_ID: Final = re.compile(rf"[A-Za-z_][A-Za-z0-9_-]{{0,{limits.ID_LENGTH - 1}}}")

_PREFIXES: Final = {
    "http://www.omg.org/spec/BPMN/20100524/MODEL": "bpmn",
    "http://www.omg.org/spec/BPMN/20100524/DI": "bpmndi",
    "http://www.omg.org/spec/DD/20100524/DC": "dc",
    "http://www.omg.org/spec/DD/20100524/DI": "di",
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://camunda.org/schema/modeler/1.0": "modeler",
    "http://bpmn.io/schema/bpmn/biocolor/1.0": "bioc",
    "http://www.omg.org/spec/BPMN/non-normative/color/1.0": "color",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi",
}
#: DMN 1.1–1.5; their decision tables do not differ.
DMN: Final = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)
_DMN_PREFIXES: Final = {
    **dict.fromkeys(DMN, "dmn"),
    **dict.fromkeys(
        (
            "http://www.omg.org/spec/DMN/20180521/DMNDI/",
            "https://www.omg.org/spec/DMN/20191111/DMNDI/",
            "https://www.omg.org/spec/DMN/20230324/DMNDI/",
        ),
        "dmndi",
    ),
    "http://www.omg.org/spec/DMN/20180521/DC/": "dc",
    "http://www.omg.org/spec/DMN/20180521/DI/": "di",
    "http://bpmn.io/schema/dmn/biodi/1.0": "biodi",
    "http://bpmn.io/schema/dmn/biodi/2.0": "biodi",
    "http://camunda.org/schema/1.0/dmn": "camunda",
    "http://camunda.org/schema/modeler/1.0": "modeler",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi",
}
_FEEL: Final = re.compile(r"feel|https?://www\.omg\.org/spec/(?:FEEL|DMN)/\d{8}/(?:FEEL/?)?|.*/FEEL/?")


@dataclass(frozen=True, slots=True)
class _Element:
    """Attributes with the values they may have (None: any), and children. Every element may have ``id``."""

    attributes: Mapping[str, re.Pattern[str] | None]
    children: frozenset[str]


def _element(attributes: str = "", children: str = "") -> _Element:
    """Read ``name other=value|value`` as attributes and ``bpmn:a bpmn:b`` as children."""
    allowed: dict[str, re.Pattern[str] | None] = {"id": None}
    for word in attributes.split():
        name, _, values = word.partition("=")
        allowed[name] = re.compile(values) if values else None
    return _Element(allowed, frozenset(children.split()))


_FLOW = (
    "bpmn:startEvent bpmn:endEvent bpmn:intermediateCatchEvent bpmn:intermediateThrowEvent bpmn:boundaryEvent "
    "bpmn:userTask bpmn:serviceTask bpmn:businessRuleTask bpmn:sendTask bpmn:receiveTask bpmn:callActivity bpmn:subProcess "
    "bpmn:exclusiveGateway bpmn:parallelGateway bpmn:inclusiveGateway bpmn:eventBasedGateway bpmn:sequenceFlow "
    "bpmn:textAnnotation bpmn:association bpmn:group"
)
_THROWN = "bpmn:messageEventDefinition bpmn:signalEventDefinition bpmn:escalationEventDefinition"
_CAUGHT = (
    "bpmn:messageEventDefinition bpmn:signalEventDefinition bpmn:timerEventDefinition bpmn:conditionalEventDefinition"
)
_RAISED = "bpmn:errorEventDefinition bpmn:escalationEventDefinition"
_BASE = "bpmn:documentation bpmn:extensionElements"
_NODE = f"{_BASE} bpmn:incoming bpmn:outgoing"
_LOOPS = "bpmn:multiInstanceLoopCharacteristics bpmn:standardLoopCharacteristics"
_ACTIVITY = "name isForCompensation=false startQuantity=1 completionQuantity=1"
_COLOURS = "bioc:stroke bioc:fill color:background-color color:border-color"
_TEXT = "xsi:type=(\\w+:)?tFormalExpression"
_GATEWAY = "name gatewayDirection=Unspecified|Converging|Diverging|Mixed"

_BPMN: Final[Mapping[str, _Element]] = {
    "bpmn:definitions": _element(
        "name targetNamespace exporter exporterVersion modeler:executionPlatform=Camunda\\sPlatform "
        "modeler:executionPlatformVersion xsi:schemaLocation camunda:diagramRelationId "
        "expressionLanguage=https?://www\\.w3\\.org/1999/XPath|feel typeLanguage=https?://www\\.w3\\.org/2001/XMLSchema",
        "bpmn:documentation bpmn:process bpmn:collaboration bpmn:message bpmn:signal bpmn:error bpmn:escalation bpmn:category bpmndi:BPMNDiagram",
    ),
    "bpmn:documentation": _element("textFormat=text/plain"),
    "bpmn:collaboration": _element(
        "name isClosed=false",
        f"{_BASE} bpmn:participant bpmn:messageFlow bpmn:textAnnotation bpmn:association bpmn:group",
    ),
    "bpmn:participant": _element("name processRef", _BASE),
    "bpmn:messageFlow": _element("name sourceRef targetRef", _BASE),
    # How long Camunda keeps its history has no meaning here: the logbook and retention rules do that.
    "bpmn:process": _element(
        "name isExecutable=true|false|1|0 processType=None|Private isClosed=false camunda:historyTimeToLive camunda:versionTag",
        f"{_BASE} bpmn:laneSet {_FLOW}",
    ),
    "bpmn:laneSet": _element("name", f"{_BASE} bpmn:lane"),
    "bpmn:lane": _element("name", f"{_BASE} bpmn:flowNodeRef bpmn:childLaneSet"),
    "bpmn:childLaneSet": _element("", "bpmn:lane"),
    "bpmn:flowNodeRef": _element(),
    "bpmn:incoming": _element(),
    "bpmn:outgoing": _element(),
    "bpmn:extensionElements": _element("", "camunda:properties camunda:in camunda:out"),
    "camunda:properties": _element("", "camunda:property"),
    "camunda:property": _element("name value"),
    "camunda:in": _element("variables=all"),
    "camunda:out": _element("variables=all"),
    "bpmn:startEvent": _element(
        "name isInterrupting=true|false|1|0 parallelMultiple=false",
        f"{_NODE} {_CAUGHT} {_RAISED}",
    ),
    "bpmn:endEvent": _element("name", f"{_NODE} {_THROWN} bpmn:terminateEventDefinition bpmn:errorEventDefinition"),
    "bpmn:intermediateCatchEvent": _element("name parallelMultiple=false", f"{_NODE} {_CAUGHT}"),
    "bpmn:intermediateThrowEvent": _element("name", f"{_NODE} {_THROWN}"),
    "bpmn:boundaryEvent": _element(
        "name attachedToRef cancelActivity=true|false|1|0 parallelMultiple=false",
        f"{_NODE} {_CAUGHT} {_RAISED}",
    ),
    "bpmn:messageEventDefinition": _element("messageRef"),
    "bpmn:errorEventDefinition": _element("errorRef"),
    "bpmn:signalEventDefinition": _element("signalRef"),
    "bpmn:escalationEventDefinition": _element("escalationRef"),
    "bpmn:conditionalEventDefinition": _element("", "bpmn:condition"),
    "bpmn:condition": _element(f"{_TEXT} language=feel"),
    "bpmn:terminateEventDefinition": _element(),
    "bpmn:timerEventDefinition": _element("", "bpmn:timeDate bpmn:timeDuration bpmn:timeCycle"),
    "bpmn:timeDate": _element(_TEXT),
    "bpmn:timeDuration": _element(_TEXT),
    "bpmn:timeCycle": _element(_TEXT),
    "bpmn:userTask": _element(
        f"{_ACTIVITY} camunda:formRef camunda:formRefBinding=latest|deployment", f"{_NODE} {_LOOPS}"
    ),
    "bpmn:serviceTask": _element(f"{_ACTIVITY} camunda:type=external camunda:topic", f"{_NODE} {_LOOPS}"),
    "bpmn:businessRuleTask": _element(
        f"{_ACTIVITY} camunda:decisionRef camunda:resultVariable camunda:decisionRefBinding=latest|deployment "
        "camunda:mapDecisionResult=singleEntry|singleResult",
        _NODE,
    ),
    "bpmn:sendTask": _element(f"{_ACTIVITY} messageRef", _NODE),
    "bpmn:receiveTask": _element(f"{_ACTIVITY} messageRef instantiate=false", _NODE),
    "bpmn:callActivity": _element(
        f"{_ACTIVITY} calledElement camunda:calledElementBinding=deployment", f"{_NODE} {_LOOPS}"
    ),
    "bpmn:subProcess": _element(f"{_ACTIVITY} triggeredByEvent=true|false|1|0", f"{_NODE} {_LOOPS} {_FLOW}"),
    "bpmn:multiInstanceLoopCharacteristics": _element(
        "isSequential=true|false|1|0 behavior=All camunda:collection camunda:elementVariable",
        "bpmn:loopCardinality bpmn:completionCondition",
    ),
    "bpmn:standardLoopCharacteristics": _element("testBefore=true|false|1|0 loopMaximum", "bpmn:loopCondition"),
    "bpmn:loopCardinality": _element(f"{_TEXT} language=feel"),
    "bpmn:completionCondition": _element(f"{_TEXT} language=feel"),
    "bpmn:loopCondition": _element(f"{_TEXT} language=feel"),
    "bpmn:exclusiveGateway": _element(f"{_GATEWAY} default", _NODE),
    "bpmn:inclusiveGateway": _element(f"{_GATEWAY} default", _NODE),
    "bpmn:parallelGateway": _element(_GATEWAY, _NODE),
    "bpmn:eventBasedGateway": _element(f"{_GATEWAY} instantiate=false eventGatewayType=Exclusive", _NODE),
    "bpmn:sequenceFlow": _element("name sourceRef targetRef", f"{_BASE} bpmn:conditionExpression"),
    "bpmn:conditionExpression": _element(f"{_TEXT} language=feel"),
    "bpmn:textAnnotation": _element("textFormat=text/plain", "bpmn:text"),
    "bpmn:text": _element(),
    "bpmn:association": _element("sourceRef targetRef associationDirection=None|One|Both"),
    "bpmn:group": _element("categoryValueRef"),
    "bpmn:category": _element("name", "bpmn:categoryValue"),
    "bpmn:categoryValue": _element("value"),
    "bpmn:message": _element("name"),
    "bpmn:signal": _element("name"),
    "bpmn:error": _element("name errorCode"),
    "bpmn:escalation": _element("name escalationCode"),
    # The picture: read for drawing only, so a colour or size does no harm.
    "bpmndi:BPMNDiagram": _element("name documentation resolution", "bpmndi:BPMNPlane bpmndi:BPMNLabelStyle"),
    "bpmndi:BPMNPlane": _element("bpmnElement", "bpmndi:BPMNShape bpmndi:BPMNEdge"),
    "bpmndi:BPMNShape": _element(
        f"bpmnElement isHorizontal=true|false|1|0 isExpanded=true|false|1|0 isMarkerVisible isMessageVisible {_COLOURS}",
        "dc:Bounds bpmndi:BPMNLabel",
    ),
    "bpmndi:BPMNEdge": _element(
        f"bpmnElement sourceElement targetElement messageVisibleKind {_COLOURS}", "di:waypoint bpmndi:BPMNLabel"
    ),
    "bpmndi:BPMNLabel": _element("labelStyle color:color", "dc:Bounds"),
    "bpmndi:BPMNLabelStyle": _element("", "dc:Font"),
    "dc:Font": _element("name size isBold isItalic isUnderline isStrikeThrough"),
    "dc:Bounds": _element("x y width height"),
    "di:waypoint": _element("x y xsi:type"),
}

_DMN_COLOURS = "isCollapsed isListedInputData"
_DMN: Final[Mapping[str, _Element]] = {
    "dmn:definitions": _element(
        "name namespace exporter exporterVersion modeler:executionPlatform=Camunda\\sPlatform "
        "modeler:executionPlatformVersion xsi:schemaLocation camunda:diagramRelationId expressionLanguage typeLanguage",
        "dmn:description dmn:decision dmn:textAnnotation dmn:association dmndi:DMNDI",
    ),
    "dmn:decision": _element(
        "name label camunda:historyTimeToLive camunda:versionTag",
        "dmn:description dmn:question dmn:allowedAnswers dmn:variable dmn:decisionTable",
    ),
    "dmn:variable": _element("name typeRef label"),
    "dmn:description": _element(),
    "dmn:question": _element(),
    "dmn:allowedAnswers": _element(),
    "dmn:decisionTable": _element(
        "hitPolicy aggregation preferredOrientation=Rule-as-Row outputLabel",
        "dmn:description dmn:input dmn:output dmn:annotation dmn:rule",
    ),
    "dmn:input": _element("label biodi:width", "dmn:description dmn:inputExpression dmn:inputValues"),
    "dmn:inputExpression": _element("typeRef expressionLanguage label", "dmn:text"),
    "dmn:inputValues": _element("expressionLanguage typeRef", "dmn:text"),
    "dmn:output": _element("name label typeRef biodi:width", "dmn:description dmn:outputValues dmn:defaultOutputEntry"),
    "dmn:outputValues": _element("expressionLanguage typeRef", "dmn:text"),
    "dmn:defaultOutputEntry": _element("expressionLanguage typeRef", "dmn:text"),
    "dmn:annotation": _element("name biodi:width"),
    "dmn:rule": _element("label", "dmn:description dmn:inputEntry dmn:outputEntry dmn:annotationEntry"),
    "dmn:inputEntry": _element("expressionLanguage label", "dmn:description dmn:text"),
    "dmn:outputEntry": _element("expressionLanguage typeRef label", "dmn:description dmn:text"),
    "dmn:annotationEntry": _element("", "dmn:text"),
    "dmn:text": _element(),
    "dmn:textAnnotation": _element("textFormat=text/plain label", "dmn:text"),
    "dmn:association": _element("associationDirection", "dmn:sourceRef dmn:targetRef"),
    "dmn:sourceRef": _element("href"),
    "dmn:targetRef": _element("href"),
    "dmndi:DMNDI": _element("", "dmndi:DMNDiagram dmndi:DMNStyle"),
    "dmndi:DMNDiagram": _element("name", "dmndi:Size dmndi:DMNShape dmndi:DMNEdge"),
    "dmndi:Size": _element("width height"),
    "dmndi:DMNShape": _element(
        f"dmnElementRef {_DMN_COLOURS}", "dc:Bounds dmndi:DMNLabel dmndi:DMNDecisionServiceDividerLine"
    ),
    "dmndi:DMNEdge": _element("dmnElementRef", "di:waypoint dmndi:DMNLabel"),
    "dmndi:DMNLabel": _element("", "dc:Bounds"),
    "dc:Bounds": _element("x y width height"),
    "di:waypoint": _element("x y xsi:type"),
}

#: What to do instead, for words that people try.
_INSTEAD: Final[Mapping[str, str]] = {
    "bpmn:scriptTask": "Een script mag niet. Gebruik een beslistabel of een servicetaak met een onderwerp (topic).",
    "bpmn:task": "Deze taak zegt niet wie hem doet. Kies een gebruikerstaak.",
    "bpmn:manualTask": "Een handmatige taak laat geen spoor achter. Kies een gebruikerstaak.",
    "bpmn:complexGateway": "Gebruik een exclusieve of parallelle gateway.",
    "bpmn:transaction": "Gebruik een gewoon deelproces.",
    "bpmn:adHocSubProcess": "Gebruik een gewoon deelproces.",
    "bpmn:compensateEventDefinition": "Teken wat er moet gebeuren als gewone stappen.",
    "bpmn:cancelEventDefinition": "Gebruik een fout (error) of een einde dat alles stopt (terminate).",
    "bpmn:linkEventDefinition": "Teken een gewone pijl.",
    "bpmn:dataObject": "Gegevens staan in het dossier, niet in het proces. Haal dit weg.",
    "bpmn:dataObjectReference": "Gegevens staan in het dossier, niet in het proces. Haal dit weg.",
    "bpmn:dataStoreReference": "Gegevens staan in het dossier, niet in het proces. Haal dit weg.",
    "bpmn:ioSpecification": "Gegevens staan in het dossier, niet in het proces. Haal dit weg.",
    "camunda:executionListener": "Code in een tekening mag niet. Haal dit weg.",
    "camunda:taskListener": "Code in een tekening mag niet. Haal dit weg.",
    "camunda:script": "Code in een tekening mag niet. Haal dit weg.",
    "camunda:inputOutput": "Het proces onthoudt alleen uitkomsten van formulieren en beslistabellen. Haal dit weg.",
    "camunda:formData": "Maak een formulier en verwijs ernaar met formRef.",
    "camunda:assignee": "Wie de taak doet volgt uit de baan. Haal dit weg.",
    "camunda:candidateGroups": "Wie de taak doet volgt uit de baan. Haal dit weg.",
    "camunda:candidateUsers": "Wie de taak doet volgt uit de baan. Haal dit weg.",
    "camunda:formKey": "Verwijs naar het formulier met formRef.",
    "camunda:dueDate": "Gebruik de eigenschap term.",
    "camunda:expression": "Code in een tekening mag niet. Gebruik type ‘external’ en een onderwerp (topic).",
    "camunda:delegateExpression": "Code in een tekening mag niet. Gebruik type ‘external’ en een onderwerp (topic).",
    "camunda:class": "Code in een tekening mag niet. Gebruik type ‘external’ en een onderwerp (topic).",
    "camunda:asyncBefore": "Dit heeft hier geen betekenis. Haal het weg.",
    "camunda:asyncAfter": "Dit heeft hier geen betekenis. Haal het weg.",
    "dmn:literalExpression": "Kies een beslistabel (decision table).",
    "dmn:informationRequirement": "Beslissingen die elkaar nodig hebben kan niet. Zet alles in één tabel.",
    "dmn:knowledgeRequirement": "Beslissingen die elkaar nodig hebben kan niet. Zet alles in één tabel.",
    "dmn:authorityRequirement": "Noem de bron in de beschrijving. Haal dit weg.",
    "dmn:businessKnowledgeModel": "Zet de regels in een beslistabel.",
    "dmn:decisionService": "Zet de regels in een beslistabel.",
    "dmn:inputData": "Noem de invoer in de tabel zelf. Haal dit weg.",
    "dmn:knowledgeSource": "Noem de bron in de beschrijving. Haal dit weg.",
}
#: Of these a second one would be ignored, and what is drawn would not be what runs.
_ONCE: Final = frozenset(
    {
        "bpmn:extensionElements",
        "bpmn:laneSet",
        "bpmn:conditionExpression",
        "bpmn:condition",
        "bpmn:loopCardinality",
        "bpmn:completionCondition",
        "bpmn:loopCondition",
        "bpmn:text",
        "camunda:properties",
        "dc:Bounds",
        "dmn:inputExpression",
        "dmn:inputValues",
        "dmn:outputValues",
        "dmn:defaultOutputEntry",
        "dmn:text",
    }
)
_LANGUAGE = {"language": "Kies bij deze uitdrukking de taal ‘feel’."}
_MUST_BE_FEEL: Final = frozenset(
    {
        "bpmn:conditionExpression",
        "bpmn:condition",
        "bpmn:loopCardinality",
        "bpmn:completionCondition",
        "bpmn:loopCondition",
    }
)


def bpmn_findings(name: str, root: etree._Element) -> list[Finding]:
    """Everything in a BPMN file that is not on the list."""
    return list(_walk(name, root, _BPMN, _PREFIXES, "bpmn:definitions"))


def dmn_findings(name: str, root: etree._Element) -> list[Finding]:
    """Everything in a DMN file that is not on the list."""
    found = list(_walk(name, root, _DMN, _DMN_PREFIXES, "dmn:definitions"))
    for element in root.iter():
        language = (element.get("expressionLanguage") or "").strip()
        if language and not _FEEL.fullmatch(language):
            element_id, label = _owner(element)
            found.append(
                Finding(
                    "language", f"De taal ‘{language}’ kan niet. Kies FEEL.", name, line_of(element), element_id, label
                )
            )
    return found


def _walk(
    name: str, root: etree._Element, known: Mapping[str, _Element], prefixes: Mapping[str, str], top: str
) -> Iterator[Finding]:
    if _short(str(root.tag), prefixes) != top:
        kind = top.partition(":")[0].upper()
        yield Finding(
            f"not_{kind.lower()}",
            f"Dit is geen {kind}-bestand. Sla het in de modeller op als {kind}.",
            name,
            line_of(root),
        )
        return
    stack = [root]
    while stack:
        element = stack.pop()
        short = _short(str(element.tag), prefixes)
        shape = known[short]
        owner = _owner(element)
        for attribute, value in element.attrib.items():
            word = _short(str(attribute), prefixes)
            if word not in shape.attributes:
                instead = _INSTEAD.get(word, "Haal het weg.")
                yield Finding(
                    "attribute",
                    f"Het kenmerk ‘{word}’ bij {_word(short)} wordt hier niet uitgevoerd. {instead}",
                    name,
                    line_of(element),
                    *owner,
                )
                continue
            wanted = shape.attributes[word]
            if wanted is not None and not wanted.fullmatch(str(value).strip()):
                yield Finding(
                    "attribute_value",
                    _LANGUAGE.get(
                        word, f"De waarde ‘{str(value)[:80]}’ van ‘{word}’ bij {_word(short)} kan hier niet."
                    ),
                    name,
                    line_of(element),
                    *owner,
                )
        if short in _MUST_BE_FEEL and element.get("language") is None:
            yield Finding("language", _LANGUAGE["language"], name, line_of(element), *owner)
        if len(element) and (element.text or "").strip():
            yield Finding(
                "text", f"Er staat losse tekst in {_word(short)}. Haal die weg.", name, line_of(element), *owner
            )
        yield from _sizes(name, element, owner)
        yield from _twice(name, element, [_short(str(child.tag), prefixes) for child in element], owner)
        for child in reversed(element):
            word = _short(str(child.tag), prefixes)
            if (child.tail or "").strip():
                yield Finding(
                    "text", f"Er staat losse tekst in {_word(short)}. Haal die weg.", name, line_of(child), *owner
                )
            if word in known and word in shape.children:
                stack.append(child)
                continue
            what = _INSTEAD.get(word, "Haal het weg.")
            yield Finding(
                "element",
                f"{_word(word)} in {_word(short)} wordt hier niet uitgevoerd. {what}",
                name,
                line_of(child),
                *_owner(child),
            )


def _twice(name: str, element: etree._Element, words: list[str], owner: tuple[str, str]) -> Iterator[Finding]:
    for word in sorted(_ONCE.intersection(words)):
        if words.count(word) > 1:
            yield Finding(
                "twice", f"{_word(word)} staat er meer dan één keer. Houd er één.", name, line_of(element), *owner
            )
    names = [child.get("name") for child in element if etree.QName(child).localname == "property"]
    for repeated in sorted({str(each) for each in names if names.count(each) > 1}):
        yield Finding(
            "twice", f"De eigenschap ‘{repeated[:80]}’ staat er twee keer. Houd er één.", name, line_of(element), *owner
        )


def _sizes(name: str, element: etree._Element, owner: tuple[str, str]) -> Iterator[Finding]:
    label = element.get("name") or element.get("label") or ""
    if len(label) > limits.LABEL_LENGTH:
        yield Finding(
            "label_too_long",
            f"De naam is langer dan {limits.LABEL_LENGTH} tekens. Zet de uitleg in de documentatie.",
            name,
            line_of(element),
            owner[0],
            label[:40] + "…",
        )
    element_id = element.get("id")
    if element_id is not None and not ELEMENT_ID.fullmatch(element_id):
        yield Finding(
            "id",
            "Het id mag alleen letters, cijfers, streepjes en lage streepjes hebben, en begint met een letter.",
            name,
            line_of(element),
            *owner,
        )


def _owner(element: etree._Element) -> tuple[str, str]:
    """Id and label of the nearest element that a person knows: the one with an id in the drawing or table."""
    at: etree._Element | None = element
    fallback = ""
    while at is not None:
        element_id = at.get("id") or at.get("bpmnElement") or ""
        label = " ".join((at.get("name") or at.get("label") or "").split())
        if element_id and label:
            return element_id, label[: limits.LABEL_LENGTH]
        fallback = fallback or element_id
        if element_id and etree.QName(at).localname not in ("conditionExpression",):
            return element_id, ""
        at = at.getparent()
    return fallback, ""


def _short(tag: str, prefixes: Mapping[str, str]) -> str:
    if not tag.startswith("{"):
        return tag
    space, _, word = tag[1:].partition("}")
    return f"{prefixes[space]}:{word}" if space in prefixes else f"{space}#{word}"


def _word(short: str) -> str:
    return f"‘{short.partition(':')[2] if short.startswith(('bpmn:', 'dmn:')) else short}’"
