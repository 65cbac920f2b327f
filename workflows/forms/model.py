"""What a form asks: its fields, read once from the form-js JSON. Pure data; no tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from engine.errors import EngineError
from engine.expressions import names, problems

Scalar = str | int | float | bool | None
#: What ``clean`` returns: key → value, nested as in the form; what was left empty or hidden is absent. Dates are ISO text.
Answers = dict[str, Any]

#: Choices that are handed in when a form is shown and judged: name of the set → value and Dutch label of each.
Choices = Mapping[str, Sequence[tuple[str, str]]]

#: Who may see an answer (C11, the logbook, holds no answers).
COMPARTMENTS: Final = frozenset(f"C{number}" for number in range(11))
#: Answers about unsafety: readable inside the author's own organisation only, and never deciding.
SAFETY: Final = "C5"

ONE_OF: Final = frozenset({"radio", "select"})
INPUTS: Final = ONE_OF | {"textfield", "textarea", "number", "checkbox", "checklist", "datetime"}
#: What a question may carry of ours (``properties``). Another word is a slip of the pen: what it should do, nobody does.
PROPERTIES: Final = frozenset(
    {"compartment", "decides", "exclusive", "complete", "days_back", "days_ahead", "pattern_message", "autocomplete"}
    | {"in_copy", "recipient", "purpose", "categories", "text_version"}
)
#: The same of a list.
LIST_PROPERTIES: Final = frozenset({"min_items", "max_items"})
#: Words that an option follows: ``compartment.KW04``.
_OF_OPTION = ("compartment.", "heading.")
DECIDING: Final = ONE_OF | {"checkbox", "number"}
SHOWN_ONLY: Final = frozenset({"text", "separator", "spacer"})

#: Where somebody types; only there a number can end up.
_TYPED = frozenset({"textfield", "textarea", "number"})
_BSN_KEY = re.compile(r"(?:^|[._])(?:bsn|burgerservicenummer|sofinummer|citizen_service_number)(?:[._]|$)")
_BSN_WORD = re.compile(r"\bbsn\b|burger\s?-?service\s?-?nummer|\bsofi\s?-?nummer", re.I)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose, with the compartment that it lands in."""

    value: str
    label: str
    compartment: str


@dataclass(frozen=True, eq=False, slots=True)
class Field:
    """One question. ``path`` names it inside the form: ``phase``, ``positive_health.participation``, ``contacts[].date``.

    ``hide`` holds every FEEL condition, its own and those of the groups around it, that takes the question away when true.
    ``values_key`` names the set of choices that is handed in each time; ``options`` is empty then.
    """

    path: str
    key: str
    label: str
    description: str
    type: str
    required: bool
    compartment: str
    decides: bool
    options: tuple[Option, ...]
    hide: tuple[str, ...]
    validate: Mapping[str, Any]
    properties: Mapping[str, str]
    readonly: bool
    values_key: str | None = None

    @property
    def option_compartments(self) -> dict[str, str]:
        return {option.value: option.compartment for option in self.options}

    def compartment_of(self, value: object) -> str:
        """Where this very answer lands: the option's own compartment, else the field's."""
        return next((option.compartment for option in self.options if option.value == value), self.compartment)

    def label_of(self, value: object) -> str:
        """The words of a chosen option; any other value as text."""
        return next((option.label for option in self.options if option.value == value), str(value))

    @property
    def reads_unsafety(self) -> bool:
        return self.compartment == SAFETY or SAFETY in self.option_compartments.values()


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of rows with the same questions (a form-js dynamic list)."""

    path: str
    label: str
    hide: tuple[str, ...]
    at_least: int
    at_most: int


@dataclass(frozen=True, eq=False)
class Form:
    """One version of a form: the key and the digest of its bundle point at it for as long as answers are kept."""

    key: str
    digest: str
    schema: Mapping[str, Any] = field(repr=False)
    fields: Mapping[str, Field] = field(repr=False)
    rows: Mapping[str, Rows] = field(repr=False)

    def field_at(self, path: str) -> Field | None:
        """The question of an answer's path: ``contacts[2].date`` is an answer to ``contacts[].date``."""
        return self.fields.get(_INDEX.sub("[]", path))

    @cached_property
    def deciding(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields.values() if each.decides)


def read_form(key: str, digest: str, schema: Mapping[str, Any]) -> Form:
    """Read the JSON of a form. Faults are not told here but by ``faults``."""
    fields: dict[str, Field] = {}
    rows: dict[str, Rows] = {}
    for path, component, hide in _walk(schema.get("components"), "", ()):
        if component.get("type") == "dynamiclist":
            own = _texts(component.get("properties"))
            least, most = _whole(own.get("min_items"), 0), _whole(own.get("max_items"), 50)
            if component.get("allowAddRemove") is False:
                most = min(most, rows_at_first(component))
            rows[path] = Rows(path, str(component.get("label", path)), hide, least, most)
        else:
            fields[path] = _field(path, component, hide)
    return Form(key, digest, schema, fields, rows)


def faults(key: str, schema: Mapping[str, Any]) -> list[str]:
    """Why a form cannot be used, in Dutch, for whoever draws it; empty when it can."""
    return list(_faults(key, schema))


def _faults(key: str, schema: Mapping[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for path, component, _hide in _walk(schema.get("components"), "", ()):
        where = f"{key}.form, ‘{path}’"
        if path in seen:
            yield f"{where}: deze sleutel komt twee keer voor. Geef elk veld een eigen sleutel."
        seen.add(path)
        if not _KEY.fullmatch(path.rsplit(".", 1)[-1].removesuffix("[]")):
            yield f"{where}: gebruik voor de sleutel kleine letters, cijfers en lage streepjes."
        if path.count("[]") > 1:
            yield f"{where}: een lijst in een lijst kan niet. Maak er één lijst van."
        allowed = LIST_PROPERTIES if component.get("type") == "dynamiclist" else PROPERTIES
        for name in sorted(_texts(component.get("properties"))):
            if name not in allowed and not name.startswith(_OF_OPTION):
                yield f"{where}: de eigenschap ‘{name}’ doet hier niets. Kijk of er een tikfout in staat, of haal haar weg."
    for kind in sorted(set(_kinds(schema.get("components"))) - INPUTS - SHOWN_ONLY - {"group", "dynamiclist"}):
        yield f"{key}.form: een veld van de soort ‘{kind}’ kan hier niet. Kies een andere soort."
    form = read_form(key, "", schema)
    known = {path.split("[]", 1)[0].split(".", 1)[0] for path in [*form.fields, *form.rows]}
    for each in form.fields.values():
        yield from _field_faults(f"{key}.form, ‘{each.path}’", each, form, known)
    for row in form.rows.values():
        if not 0 <= row.at_least <= row.at_most <= 100:
            yield f"{key}.form, ‘{row.path}’: een lijst heeft 0 tot en met 100 regels."


def _field_faults(where: str, each: Field, form: Form, known: set[str]) -> Iterator[str]:
    for compartment in {each.compartment, *each.option_compartments.values()} - COMPARTMENTS:
        said = compartment or "leeg"
        yield f"{where}: het compartiment is {said}. Geef elk veld een compartiment van C0 tot en met C10."
    if each.type in _TYPED and (_BSN_KEY.search(each.path) or _BSN_WORD.search(each.label)):
        yield (
            f"{where}: een formulier vraagt geen BSN, want antwoorden zijn ook voor wie het BSN niet mag gebruiken. "
            "Haal deze vraag weg. Het BSN heeft een eigen plek, bij elk gezinslid op de bladzijde van de casus."
        )
    if each.values_key is not None and each.options:
        yield f"{where}: er zijn twee soorten antwoorden om uit te kiezen. Kies: values of valuesKey."
    if each.values_key is not None and each.decides:
        yield f"{where}: antwoorden die pas later bekend zijn (valuesKey), kunnen de route niet bepalen."
    if each.type in ONE_OF | {"checklist"} and not each.options and each.values_key is None:
        yield f"{where}: er zijn geen antwoorden om uit te kiezen. Voeg antwoorden toe."
    if len({option.value for option in each.options}) < len(each.options):
        yield f"{where}: twee antwoorden hebben dezelfde waarde. Geef elk antwoord een eigen waarde."
    for name in each.properties:
        option = name.removeprefix("compartment.")
        if option != name and option not in each.option_compartments:
            yield f"{where}: het antwoord ‘{option}’ heeft een compartiment maar bestaat niet."
    exclusive = each.properties.get("exclusive")
    if exclusive and exclusive not in each.option_compartments:
        yield f"{where}: het antwoord ‘{exclusive}’ dat alleen mag staan, bestaat niet."
    if each.decides and each.type not in DECIDING:
        yield f"{where}: alleen een keuze, een vinkje of een getal kan de route bepalen. Tekst kan dat niet."
    if each.decides and ("[]" in each.path or "." in each.path):
        yield f"{where}: een veld in een lijst of groep met een eigen sleutel kan de route niet bepalen."
    if each.decides and each.reads_unsafety:
        yield f"{where}: een antwoord over veiligheid (C5) mag nooit de route bepalen. Haal ‘decides’ weg."
    for text in each.hide:
        wrong = problems(text)
        if wrong:
            yield f"{where}: de voorwaarde om te verbergen klopt niet. {wrong[0]}"
            continue
        used = _names(text)
        row = each.path.split("[]", 1)[0] + "[]." if "[]" in each.path else None
        for name in sorted(used):
            read = form.fields.get(name) or (form.fields.get(row + name) if row else None)
            if name not in known and read is None:
                yield f"{where}: de voorwaarde leest ‘{name}’, maar dat veld staat niet in dit formulier."
            elif read is not None and read.compartment == SAFETY and each.compartment != SAFETY:
                yield f"{where}: dit veld verraadt een antwoord over veiligheid, want het hangt af van ‘{name}’."
            elif read is not None and each.decides and read.reads_unsafety:
                yield f"{where}: een veld dat de route bepaalt, mag niet afhangen van ‘{name}’ (veiligheid)."


def _walk(
    components: object, prefix: str, hide: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, Any], tuple[str, ...]]]:
    """Every question and list in reading order, with its path and all conditions that hide it."""
    for component in _mappings(components):
        conditional = component.get("conditional")
        text = conditional.get("hide") if isinstance(conditional, Mapping) else None
        hidden = (*hide, text.removeprefix("=").strip()) if isinstance(text, str) and text.strip() else hide
        kind, path = component.get("type"), str(component.get("path") or "")
        if kind == "dynamiclist":
            yield prefix + path, component, hidden
            yield from _walk(component.get("components"), f"{prefix}{path}[].", hidden)
        elif kind == "group":
            yield from _walk(component.get("components"), f"{prefix}{path}." if path else prefix, hidden)
        elif kind in INPUTS:
            yield prefix + str(component.get("key", "")), component, hidden


def _kinds(components: object) -> Iterator[str]:
    for component in _mappings(components):
        yield str(component.get("type"))
        yield from _kinds(component.get("components"))


def _field(path: str, component: Mapping[str, Any], hide: tuple[str, ...]) -> Field:
    own = _texts(component.get("properties"))
    checks = component.get("validate")
    validate = checks if isinstance(checks, Mapping) else {}
    compartment = own.get("compartment", "")
    options = tuple(
        Option(
            str(each.get("value")), str(each.get("label", "")), own.get(f"compartment.{each.get('value')}", compartment)
        )
        for each in _mappings(component.get("values"))
    )
    kind = str(component["type"])
    if kind == "datetime" and component.get("subtype") == "time":
        kind = "time"
    beside = {word: component[word] for word in _BESIDE.get(kind, ()) if component.get(word) not in (None, "")}
    validate = {**validate, **beside}
    return Field(
        path=path,
        key=path.rsplit(".", 1)[-1],
        label=label_of(component) or path,
        description=str(component.get("description") or ""),
        type=kind,
        required=validate.get("required") is True,
        compartment=compartment,
        decides=own.get("decides") == "true",
        options=options,
        hide=hide,
        validate=validate,
        properties=own,
        readonly=component.get("readonly") is True,
        values_key=str(component["valuesKey"]) if kind in ONE_OF and "valuesKey" in component else None,
    )


#: Rules that a component carries beside ``validate``.
_BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("decimalDigits", "increment"),
    "datetime": ("disallowPassedDates",),
    "time": ("timeInterval",),
}


def label_of(component: Mapping[str, Any]) -> str:
    """What a component asks; a date and a time have a word of their own for it."""
    own = "timeLabel" if component.get("subtype") == "time" else "dateLabel"
    return str(component.get(own) or component.get("label") or component.get("dateLabel") or "")


def rows_at_first(component: Mapping[str, Any]) -> int:
    """How many rows a list begins with."""
    rows = component.get("defaultRepetitions", 1)
    return rows if isinstance(rows, int) and not isinstance(rows, bool) and 0 <= rows <= 100 else 1


def _mappings(values: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(values, Iterable) and not isinstance(values, str | Mapping):
        yield from (value for value in values if isinstance(value, Mapping))


def _texts(values: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, Mapping) else {}


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"\d{1,3}", text) else otherwise


def _names(text: str) -> frozenset[str]:
    try:
        return names(text)
    except EngineError:
        return frozenset()
