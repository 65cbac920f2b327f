"""Decision tables (DMN): read, checked and evaluated as the standard says. Knows nothing of processes.

Conditions and outcomes are FEEL. Only decision tables: no literal expressions, no tables that need each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from engine import expressions, limits
from engine.errors import BundleRefused, ExpressionFailed, Finding, Scalar
from engine.parse import line_of, local, namespace, text_of
from engine.vocabulary import DMN, IDENTIFIER, dmn_findings

#: Hit policies of the DMN standard (1.3, section 8.2.10) that answer with one set of outputs.
SINGLE: Final = frozenset({"UNIQUE", "FIRST", "ANY", "PRIORITY"})
LISTS: Final = frozenset({"COLLECT", "RULE ORDER", "OUTPUT ORDER"})
AGGREGATIONS: Final = frozenset({"SUM", "MIN", "MAX", "COUNT"})
_KINDS: Final[Mapping[str, str]] = {
    "string": "string",
    "boolean": "boolean",
    "number": "number",
    "integer": "number",
    "long": "number",
    "double": "number",
}
_SAMPLES: Final[Mapping[str, Scalar]] = {"string": "", "boolean": True, "number": 0}
_NAMES_OF_KINDS: Final = {"string": "tekst", "boolean": "ja of nee", "number": "getal"}
_NO_TEST: Final = frozenset({"", "-"})


@dataclass(frozen=True, slots=True)
class Input:
    """A column that is tested. *kind* is ``string``, ``number``, ``boolean`` or None for any."""

    id: str
    label: str
    expression: str
    kind: str | None
    allowed: str | None


@dataclass(frozen=True, slots=True)
class Output:
    """A column that is answered. *values* are the allowed answers, the weightiest first; None when all are allowed."""

    id: str
    label: str
    name: str
    kind: str | None
    values: tuple[Any, ...] | None
    default: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: a cell per input and per output, as FEEL text; an empty input cell matches everything."""

    id: str
    line: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What a table answers.

    Attributes:
        outputs: a mapping of output names for UNIQUE, FIRST, ANY and PRIORITY; a list of such mappings, in the order of
            the policy, for RULE ORDER, OUTPUT ORDER and COLLECT; a mapping of the one name for COLLECT that aggregates.
            When no rule holds: the default outputs, else nulls; an empty list; the aggregate of nothing (COUNT 0,
            others null).
        matched: ids of the rules that hold, in table order; for a single answer also those that were not chosen.
    """

    outputs: dict[str, Any] | list[dict[str, Any]]
    matched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision table."""

    id: str
    name: str
    file: str
    line: int
    hit_policy: str
    aggregation: str | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    def produces(self, result: str | None = None) -> tuple[str, ...]:
        """Names that a business rule task with this table sets; *result* is its result variable.

        One output is known by the result variable, when there is one; several keep their own names.
        """
        if result and len(self.outputs) == 1:
            return (result,)
        return tuple(output.name for output in self.outputs)

    def reads(self) -> frozenset[str]:
        """Names the table takes from its context."""
        found: set[str] = set()
        for column in self.inputs:
            found |= expressions.names(column.expression)
        for rule in self.rules:
            for cell in rule.inputs:
                found |= frozenset() if cell in _NO_TEST else expressions.names(cell, unary=True)
            for cell in rule.outputs:
                found |= expressions.names(cell) if cell else frozenset()
        return frozenset(found)

    def decide(self, context: Mapping[str, Any]) -> DecisionResult:
        """Ask the table.

        Raises:
            ExpressionFailed: an input has another kind than the table says or is not an allowed value, several rules
                hold where one may (UNIQUE), or they disagree (ANY). The message names the rules and the cell.
        """
        values = [self._value(column, context) for column in self.inputs]
        hits: list[Rule] = []
        for rule in self.rules:
            if self._holds(rule, values, context):
                hits.append(rule)
                if self.hit_policy == "FIRST":
                    break
        matched = tuple(rule.id for rule in hits)
        return DecisionResult(self._answer(hits, context), matched)

    def _value(self, column: Input, context: Mapping[str, Any]) -> Any:
        try:
            value = expressions.evaluate(column.expression, context)
        except ExpressionFailed as error:
            raise type(error)(f"{self._place()}, invoer {column.id}: {error}") from None
        if value is None:
            return None
        if column.kind and _kind(value) != column.kind:
            raise ExpressionFailed(
                f"{self._place()}, invoer {column.id}: verwacht {_NAMES_OF_KINDS[column.kind]}, kreeg iets anders."
            )
        if column.allowed and not expressions.unary(column.allowed, value, context):
            raise ExpressionFailed(
                f"{self._place()}, invoer {column.id}: de waarde hoort niet bij de toegestane waarden."
            )
        return value

    def _holds(self, rule: Rule, values: list[Any], context: Mapping[str, Any]) -> bool:
        for cell, value, column in zip(rule.inputs, values, self.inputs, strict=True):
            if cell in _NO_TEST:
                continue
            try:
                if not expressions.unary(cell, value, context):
                    return False
            except ExpressionFailed as error:
                raise type(error)(f"{self._place()}, regel {rule.id}, invoer {column.id}: {error}") from None
        return True

    def _outputs(self, rule: Rule, context: Mapping[str, Any]) -> dict[str, Any]:
        return {
            column.name: self._output(column, cell, rule.id, context)
            for column, cell in zip(self.outputs, rule.outputs, strict=True)
        }

    def _output(self, column: Output, cell: str, rule_id: str, context: Mapping[str, Any]) -> Any:
        place = f"{self._place()}, regel {rule_id}, uitkomst {column.name}"
        if not cell:
            return None
        try:
            value = expressions.evaluate(cell, context)
        except ExpressionFailed as error:
            raise type(error)(f"{place}: {error}") from None
        if value is None:
            return None
        if column.kind and _kind(value) != column.kind:
            raise ExpressionFailed(f"{place}: verwacht {_NAMES_OF_KINDS[column.kind]}, kreeg iets anders.")
        if column.values is not None and not any(_same(value, allowed) for allowed in column.values):
            raise ExpressionFailed(f"{place}: de waarde staat niet in de lijst met uitkomsten.")
        return value

    def _answer(self, hits: list[Rule], context: Mapping[str, Any]) -> dict[str, Any] | list[dict[str, Any]]:
        rows = [self._outputs(rule, context) for rule in hits]
        ids = ", ".join(rule.id for rule in hits)
        if self.aggregation:
            [column] = self.outputs
            return {column.name: self._aggregate([row[column.name] for row in rows])}
        if self.hit_policy in ("PRIORITY", "OUTPUT ORDER"):
            rows.sort(key=self._weight)  # a stable sort: equals keep the order of the table
        if self.hit_policy not in SINGLE:
            return rows
        if not rows:
            return {
                column.name: self._output(column, column.default, "standaard", context) if column.default else None
                for column in self.outputs
            }
        if self.hit_policy == "UNIQUE" and len(rows) > 1:
            raise ExpressionFailed(f"{self._place()}: meer dan één regel past ({ids}), maar er mag er maar één passen.")
        if self.hit_policy == "ANY" and any(not _same(row, rows[0]) for row in rows):
            raise ExpressionFailed(f"{self._place()}: de regels die passen ({ids}) geven niet dezelfde uitkomst.")
        return rows[0]

    def _weight(self, row: Mapping[str, Any]) -> tuple[int, ...]:
        """Place of the outputs in their lists, column by column; what has no list does not weigh; null comes last."""
        return tuple(
            next(
                (place for place, value in enumerate(column.values) if _same(value, row[column.name])),
                len(column.values),
            )
            for column in self.outputs
            if column.values is not None
        )

    def _aggregate(self, values: list[Any]) -> Any:
        if self.aggregation == "COUNT":
            return len(values)
        given = [value for value in values if value is not None]
        if any(_kind(value) != "number" for value in given):
            raise ExpressionFailed(f"{self._place()}: {self.aggregation} kan alleen met getallen.")
        if not given:
            return None
        if self.aggregation == "SUM":
            return sum(given)
        return min(given) if self.aggregation == "MIN" else max(given)

    def _place(self) -> str:
        return f"{self.file}, beslissing {self.id}"


def read_decisions(name: str, root: etree._Element) -> tuple[Decision, ...]:
    """Every decision table of a DMN file.

    Args:
        name: of the file, for the messages.
        root: what ``parse.read_xml`` gave.

    Raises:
        BundleRefused: with everything that is wrong, each with its rule and cell.
    """
    reader = _Reader(name, root)
    decisions = reader.read()
    if reader.findings:
        raise BundleRefused(reader.findings)
    return decisions


class _Reader:
    def __init__(self, name: str, root: etree._Element) -> None:
        self.file = name
        self.root = root
        self.findings: list[Finding] = dmn_findings(name, root)
        self.place: tuple[str, str] = ("", "")

    def read(self) -> tuple[Decision, ...]:
        if self.findings:  # with elements we do not understand in it, a table cannot be read reliably
            return ()
        decisions = [self._decision(element) for element in self._children(self.root, "decision")]
        if not decisions and not self.findings:
            self._no("no_decision", "In dit bestand staat geen beslissing. Teken minstens één beslistabel.", self.root)
        return tuple(decision for decision in decisions if decision is not None)

    def _children(self, element: etree._Element, name: str) -> list[etree._Element]:
        return [child for child in element if namespace(child) in DMN and local(child) == name]

    def _child_text(self, element: etree._Element, *path: str) -> str:
        for name in path:
            found = self._children(element, name)
            if not found:
                return ""
            element = found[0]
        return text_of(element)

    def _no(self, code: str, message: str, element: etree._Element) -> None:
        element_id, label = self.place
        self.findings.append(Finding(code, message, self.file, line_of(element), element_id, label))

    def _decision(self, element: etree._Element) -> Decision | None:
        decision_id = (element.get("id") or "").strip()
        label = (element.get("name") or "").strip()
        self.place = (decision_id, label)
        before = len(self.findings)
        if not IDENTIFIER.fullmatch(decision_id):
            self._no(
                "id", "Het id mag alleen letters, cijfers en lage streepjes hebben, en begint met een letter.", element
            )
        tables = self._children(element, "decisionTable")
        if len(tables) != 1:
            self._no("no_table", "Deze beslissing heeft geen beslistabel. Kies ‘Decision table’.", element)
            return None
        table = tables[0]
        policy = (table.get("hitPolicy") or "UNIQUE").strip()
        aggregation = (table.get("aggregation") or "").strip() or None
        if policy not in SINGLE | LISTS:
            known = ", ".join(sorted(SINGLE | LISTS))
            self._no("hit_policy", f"De hit policy ‘{policy}’ bestaat niet. Kies uit: {known}.", table)
        if aggregation and (policy != "COLLECT" or aggregation not in AGGREGATIONS):
            self._no(
                "aggregation", "Een optelling (SUM, MIN, MAX, COUNT) hoort alleen bij de hit policy COLLECT.", table
            )
        inputs = tuple(self._input(column) for column in self._children(table, "input"))
        outputs = tuple(self._output(column, policy) for column in self._children(table, "output"))
        if not outputs:
            self._no("no_output", "De tabel heeft geen uitkomst. Voeg een kolom voor de uitkomst toe.", table)
        if len({output.name for output in outputs}) < len(outputs):
            self._no("output_twice", "Twee uitkomsten hebben dezelfde naam. Geef elke uitkomst een eigen naam.", table)
        if aggregation and len(outputs) != 1:
            self._no("aggregation", "Een optelling kan alleen met precies één uitkomst.", table)
        if policy in ("PRIORITY", "OUTPUT ORDER") and outputs and all(output.values is None for output in outputs):
            self._no(
                "no_order",
                f"De hit policy {policy} heeft een lijst met uitkomsten nodig, de belangrijkste eerst. Vul die in.",
                table,
            )
        if len(inputs) + len(outputs) > limits.COLUMNS:
            self._no("too_many_columns", f"De tabel heeft meer dan {limits.COLUMNS} kolommen. Splits de tabel.", table)
        rows = self._children(table, "rule")
        if not rows:
            self._no("no_rule", "De tabel heeft geen regels. Voeg minstens één regel toe.", table)
        if len(rows) > limits.RULES:
            self._no("too_many_rules", f"De tabel heeft meer dan {limits.RULES} regels. Splits de tabel.", table)
            return None
        rules = tuple(self._rule(number, row, inputs, outputs) for number, row in enumerate(rows, 1))
        if len({rule.id for rule in rules}) < len(rules):
            self._no("rule_twice", "Twee regels hebben hetzelfde id. Geef elke regel een eigen id.", table)
        if len(self.findings) > before:
            return None
        return Decision(decision_id, label, self.file, line_of(element), policy, aggregation, inputs, outputs, rules)

    def _kind(self, type_ref: str | None, element: etree._Element) -> str | None:
        if type_ref is None or not type_ref.strip():
            return None
        kind = _KINDS.get(type_ref.strip().rpartition(":")[2])
        if kind is None:
            self._no(
                "type",
                f"Het type ‘{type_ref}’ kan hier niet. Kies string, number of boolean; vergelijk een datum in de "
                'invoer zelf, bijvoorbeeld: date(start_date) < date("2026-01-01").',
                element,
            )
        return kind

    def _input(self, column: etree._Element) -> Input:
        label = (column.get("label") or "").strip()
        expression = self._children(column, "inputExpression")
        text = self._child_text(column, "inputExpression", "text")
        where = f"Invoer ‘{label or column.get('id')}’"
        for wrong in expressions.problems(text):
            self._no("feel", f"{where}: {wrong}", column)
        kind = self._kind(expression[0].get("typeRef") if expression else None, column)
        allowed = self._child_text(column, "inputValues", "text") or None
        if allowed:
            self._cell(allowed, kind, f"{where}, toegestane waarden", column)
        return Input(column.get("id") or "", label, text, kind, allowed)

    def _output(self, column: etree._Element, policy: str) -> Output:
        name = (column.get("name") or "").strip()
        label = (column.get("label") or "").strip()
        where = f"Uitkomst ‘{label or name or column.get('id')}’"
        if not IDENTIFIER.fullmatch(name):
            self._no(
                "output_name",
                f"{where}: de naam ‘{name}’ is niet goed. Gebruik kleine letters, cijfers en lage streepjes.",
                column,
            )
        kind = self._kind(column.get("typeRef"), column)
        values: tuple[Any, ...] | None = None
        listed = self._child_text(column, "outputValues", "text")
        if listed:
            found = self._constant(f"[{listed}]", f"{where}, lijst met uitkomsten", column)
            values = tuple(found) if isinstance(found, list) else None
            if values is not None and kind and any(_kind(value) != kind for value in values):
                self._no("type", f"{where}: de lijst past niet bij het type {_NAMES_OF_KINDS[kind]}.", column)
        default = self._child_text(column, "defaultOutputEntry", "text") or None
        if default:
            if policy not in SINGLE:
                self._no("default", f"{where}: een standaarduitkomst kan niet bij de hit policy {policy}.", column)
            self._constant(default, f"{where}, standaarduitkomst", column)
        return Output(column.get("id") or "", label, name, kind, values, default)

    def _rule(self, number: int, row: etree._Element, inputs: tuple[Input, ...], outputs: tuple[Output, ...]) -> Rule:
        rule_id = (row.get("id") or f"{number}").strip()
        tests = [self._child_text(entry, "text") for entry in self._children(row, "inputEntry")]
        answers = [self._child_text(entry, "text") for entry in self._children(row, "outputEntry")]
        where = f"Regel {number} ({rule_id})"
        if len(tests) != len(inputs) or len(answers) != len(outputs):
            self._no(
                "cells", f"{where} heeft niet evenveel cellen als de tabel kolommen. Vul de regel opnieuw in.", row
            )
        for cell, column in zip(tests, inputs, strict=False):
            if cell not in _NO_TEST:
                self._cell(cell, column.kind, f"{where}, invoer ‘{column.label or column.id}’", row)
        for cell, output in zip(answers, outputs, strict=False):
            if cell:
                self._answer(cell, output, f"{where}, uitkomst ‘{output.label or output.name}’", row)
        return Rule(rule_id, line_of(row), tuple(tests), tuple(answers), self._child_text(row, "description"))

    def _cell(self, cell: str, kind: str | None, where: str, element: etree._Element) -> None:
        wrong = expressions.problems(cell, unary=True)
        for problem in wrong:
            self._no("feel", f"{where}: {problem}", element)
        if wrong or kind is None or expressions.names(cell, unary=True):
            return
        try:  # a cell without names already shows on any value of its column whether the kinds fit
            expressions.unary(cell, _SAMPLES[kind], {})
        except ExpressionFailed:
            self._no(
                "cell_type",
                f"{where}: de cel ‘{cell[:80]}’ past niet bij het type {_NAMES_OF_KINDS[kind]}. Verander de cel of het type.",
                element,
            )

    def _answer(self, cell: str, column: Output, where: str, element: etree._Element) -> None:
        wrong = expressions.problems(cell)
        for problem in wrong:
            self._no("feel", f"{where}: {problem}", element)
        if wrong or expressions.names(cell):
            return
        try:
            value = expressions.evaluate(cell, {})
        except ExpressionFailed:
            self._no("feel", f"{where}: de cel ‘{cell[:80]}’ geeft geen waarde.", element)
            return
        if value is None:
            return
        if column.kind and _kind(value) != column.kind:
            kind = _NAMES_OF_KINDS[column.kind]
            self._no("cell_type", f"{where}: de cel ‘{cell[:80]}’ past niet bij het type {kind}.", element)
        elif column.values is not None and not any(_same(value, allowed) for allowed in column.values):
            self._no("cell_type", f"{where}: ‘{cell[:80]}’ staat niet in de lijst met uitkomsten.", element)

    def _constant(self, text: str, where: str, element: etree._Element) -> Any:
        wrong = expressions.problems(text)
        if not wrong and expressions.names(text):
            wrong = ['gebruik alleen vaste waarden, zoals "ja", "nee".']
        if not wrong:
            try:
                return expressions.evaluate(text, {})
            except ExpressionFailed as error:
                wrong = [str(error)]
        for problem in wrong:
            self._no("feel", f"{where}: {problem}", element)
        return None


def _kind(value: Any) -> str | None:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else None


def _same(one: Any, other: Any) -> bool:
    """Equality that keeps true apart from 1, as FEEL does."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return _kind(one) == _kind(other) and bool(one == other)
