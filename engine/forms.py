"""The files of forms (form-js JSON): read strictly and checked. How answers are validated or shown is not known here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine import expressions, limits
from engine.errors import BundleRefused, Finding

#: Components that hold an answer.
INPUTS: Final = frozenset({"textfield", "textarea", "number", "datetime", "checkbox", "select", "radio", "checklist"})
#: Components that hold other components, or only something to read.
OTHERS: Final = frozenset({"group", "dynamiclist", "text", "separator", "spacer"})
CHOICES: Final = frozenset({"select", "radio", "checklist"})
#: Components whose choices may be handed in when the form is shown (``valuesKey``), instead of standing in the file.
HANDED_IN: Final = frozenset({"select", "radio"})
#: Components whose answer is one value and no free text, so that it can decide a route.
DECIDERS: Final = frozenset({"number", "datetime", "checkbox", "select", "radio"})
#: Keys that some library would read as more than a name.
RESERVED_KEYS: Final = frozenset({"typename", "constructor", "prototype", "tostring", "valueof"})
#: Never in the state of a process, whatever its compartment: what is unsafe is acted upon before routing, elsewhere.
NEVER_DECIDES: Final = frozenset({"safety_concern"})
SAFETY: Final = "C5"

_COMPARTMENT: Final = re.compile(r"C(?:[0-9]|10|11)")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
#: In how many ways a pattern may try to fit one text.
_WAYS: Final = 10_000
#: The name of a set of choices.
_SET: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")
_TOP: Final = frozenset(
    {
        "id",
        "type",
        "components",
        "schemaVersion",
        "executionPlatform",
        "executionPlatformVersion",
        "exporter",
        "properties",
    }
    | {"title", "description"}
)
_COMMON: Final = frozenset({"id", "type", "key", "label", "description", "layout", "conditional", "properties"})
_FIELD: Final = _COMMON | {"validate", "defaultValue", "disabled", "readonly", "appearance"}
_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "textfield": _FIELD,
    "textarea": _FIELD,
    "number": _FIELD | {"decimalDigits", "increment", "serializeToString"},
    "datetime": _FIELD | {"subtype", "dateLabel", "disallowPassedDates"},
    "checkbox": _FIELD,
    "select": _FIELD | {"values", "valuesKey", "searchable"},
    "radio": _FIELD | {"values", "valuesKey"},
    "checklist": _FIELD | {"values"},
    "group": _COMMON | {"components", "showOutline", "verticalAlignment", "path"},
    "dynamiclist": _COMMON
    | {"components", "path", "isRepeating", "allowAddRemove", "defaultRepetitions", "nonCollapsedItems", "validate"}
    | {"showOutline", "disableCollapse", "verticalAlignment"},
    "text": _COMMON | {"text"},
    "separator": _COMMON,
    "spacer": _COMMON | {"height"},
}
_VALIDATE: Final = frozenset(
    {"required", "minLength", "maxLength", "min", "max", "minItems", "maxItems", "validationType", "pattern"}
)
_INSTEAD: Final[Mapping[str, str]] = {
    "html": "Gebruik tekst (text).",
    "button": "De knop om op te slaan staat al op de pagina. Haal hem weg.",
    "expression": "Een formulier rekent niet. Haal dit weg.",
    "script": "Code in een formulier mag niet. Haal dit weg.",
    "iframe": "Andere websites in een formulier mag niet. Zet een verwijzing in de tekst.",
    "filepicker": "Bestanden meesturen kan niet. Haal dit weg.",
    "taglist": "Gebruik een lijst met vinkjes (checklist).",
    "table": "Gebruik een lijst (dynamiclist).",
}


def read_form(name: str, data: bytes) -> dict[str, Any]:
    """A form file as form-js writes it.

    Raises:
        BundleRefused: with everything that is wrong, each with its field.
    """
    schema = _read_json(name, data)
    if not isinstance(schema, dict):
        raise BundleRefused(
            [Finding("not_form", "Dit is geen formulier. Sla het in de modeller op als formulier.", name)]
        )
    findings = list(_Form(name, data, schema).findings())
    if findings:
        raise BundleRefused(findings)
    return schema


def fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every component that holds an answer, with its path: ``family.name``, ``contacts[].date``."""
    yield from _fields(schema.get("components"), "")


def deciding(schema: Mapping[str, Any]) -> frozenset[str]:
    """Keys of the fields that are marked ``decides``: only these answers reach a process."""
    return frozenset(str(field["key"]) for _, field in fields(schema) if decides(field))


def decides(field: Mapping[str, Any]) -> bool:
    """Whether the answer may reach a process."""
    return _properties(field).get("decides") in ("true", True)


def _fields(components: Any, prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for component in components if isinstance(components, list) else ():
        if not isinstance(component, dict):
            continue
        if component.get("type") in INPUTS:
            yield f"{prefix}{component.get('key')}", component
        else:
            yield from _fields(component.get("components"), _scope(component, prefix))


def _scope(component: Mapping[str, Any], outer: str) -> str:
    """Where the keys inside a group or list live: a list, or a group with a path, has keys of its own."""
    path = component.get("path")
    if component.get("type") == "dynamiclist":
        return f"{outer}{path}[]."
    return f"{outer}{path}." if component.get("type") == "group" and path else outer


def option_values(field: Mapping[str, Any]) -> frozenset[str]:
    """The values that can be chosen in a field."""
    values = field.get("values")
    found = [option.get("value") for option in values if isinstance(option, dict)] if isinstance(values, list) else []
    return frozenset(value for value in found if isinstance(value, str))


def _simple(pattern: str) -> bool:
    """Whether a regular expression can be tried on any text in a moment: no groups, nothing repeated without end, and few
    ways to divide a text over what may be longer or shorter."""
    if len(pattern) > 100:
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError):
        return False
    bare = re.sub(r"\\.", "x", pattern, flags=re.DOTALL)
    bare = re.sub(r"\[\^?\]?[^\]]*\]", "x", bare)
    if re.search(r"[()*+]", bare):
        return False
    ways = 1 << bare.count("?")
    for low, comma, high in re.findall(r"\{(\d*)(,?)(\d*)\}", bare):
        if (comma and not high) or int(high or low or 0) > 100:
            return False
        if comma:
            ways *= int(high) - int(low or 0) + 1
    return ways <= _WAYS


def _properties(component: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = component.get("properties")
    return properties if isinstance(properties, dict) else {}


class _Twice(ValueError):
    pass


def _read_json(name: str, data: bytes) -> Any:
    def refuse(code: str, message: str, line: int = 0) -> BundleRefused:
        return BundleRefused([Finding(code, message, name, line)])

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise _Twice(next(key for key, _ in pairs if [other for other, _ in pairs].count(key) > 1))
        return found

    def no_constant(text: str) -> Any:
        raise _Twice(text)

    if not isinstance(data, bytes):
        raise TypeError(f"read_form wants bytes, not {type(data).__name__}")
    if len(data) > limits.FILE_BYTES:
        raise refuse("file_too_large", f"Het bestand is groter dan {limits.FILE_BYTES // 1_000_000} MB.")
    try:
        text = data.decode("utf-8-sig")
        if "\x00" in text or "\\u0000" in text:
            raise refuse("nul", "Het bestand bevat een NUL-teken. Sla het opnieuw op.")
        return json.loads(text, object_pairs_hook=once, parse_constant=no_constant)
    except UnicodeDecodeError:
        raise refuse("encoding", "Het bestand is niet in UTF-8 geschreven. Sla het op als UTF-8.") from None
    except _Twice as error:
        raise refuse(
            "json_twice", f"‘{str(error)[:80]}’ staat er twee keer of is geen waarde. Sla het opnieuw op."
        ) from None
    except json.JSONDecodeError as error:
        raise refuse("json_broken", "Dit is geen goede JSON. Sla het formulier opnieuw op.", error.lineno) from None
    except (RecursionError, ValueError):
        raise refuse("json_broken", "Dit is geen goede JSON. Sla het formulier opnieuw op.") from None


class _Form:
    def __init__(self, name: str, data: bytes, schema: dict[str, Any]) -> None:
        self.file = name
        self.schema = schema
        self.lines = data.decode("utf-8-sig").splitlines()
        self.count = 0
        self.seen: set[str] = set()
        self.keys: dict[str, set[str]] = {}

    def findings(self) -> Iterator[Finding]:
        schema = self.schema
        form_id = schema.get("id")
        if not isinstance(form_id, str) or not _ID.fullmatch(form_id):
            yield self._at({}, "id", "Geef het formulier een id met letters, cijfers en streepjes.")
        if schema.get("type", "default") != "default":
            yield self._at({}, "not_form", "Dit is geen formulier van form-js.")
        for word in sorted(schema.keys() - _TOP):
            yield self._at({}, "form_attribute", f"‘{word}’ kan hier niet. Haal het weg.")
        components = schema.get("components")
        if not isinstance(components, list) or not components:
            yield self._at({}, "form_empty", "Het formulier heeft geen velden. Voeg minstens één veld toe.")
            return
        self._collect_keys(components, "", 0)
        yield from self._components(components, "", 1)
        if self.count > limits.FIELDS:
            yield self._at(
                {}, "too_many_fields", f"Het formulier heeft meer dan {limits.FIELDS} onderdelen. Splits het."
            )

    def _at(self, component: Mapping[str, Any], code: str, message: str) -> Finding:
        key = component.get("key") or component.get("path") or component.get("id") or self.schema.get("id")
        label = component.get("label")
        return Finding(
            code,
            message,
            self.file,
            self._line(component),
            key[:100] if isinstance(key, str) else "",
            label[:100] if isinstance(label, str) else "",
        )

    def _line(self, component: Mapping[str, Any]) -> int:
        """JSON keeps no lines: the line where the component's own key or id stands."""
        for word in ("key", "path", "id"):
            value = component.get(word)
            if isinstance(value, str) and value:
                wanted = re.compile(rf'"{word}"\s*:\s*{re.escape(json.dumps(value, ensure_ascii=False))}')
                for number, line in enumerate(self.lines, 1):
                    if wanted.search(line):
                        return number
        return 0

    def _collect_keys(self, components: Any, scope: str, depth: int) -> None:
        """Which keys stand beside each other: those an expression in the same list or form may name."""
        for component in components if isinstance(components, list) and depth < limits.FORM_DEPTH else ():
            if not isinstance(component, dict):
                continue
            if isinstance(component.get("key"), str):
                self.keys.setdefault(scope, set()).add(component["key"])
            self._collect_keys(component.get("components"), _scope(component, scope), depth + 1)

    def _components(self, components: list[Any], scope: str, depth: int) -> Iterator[Finding]:
        for component in components:
            self.count += 1
            if not isinstance(component, dict):
                yield self._at(
                    {}, "form_component", "Een onderdeel van het formulier is niet te lezen. Maak het opnieuw."
                )
                continue
            kind = component.get("type")
            if not isinstance(kind, str) or kind not in _ALLOWED:
                what = _INSTEAD.get(str(kind), "Kies een ander onderdeel.")
                yield self._at(component, "form_component", f"Een onderdeel ‘{str(kind)[:40]}’ kan hier niet. {what}")
                continue
            yield from self._component(component, kind, scope)
            if kind in ("group", "dynamiclist"):
                inner = component.get("components")
                if not isinstance(inner, list) or not inner:
                    yield self._at(
                        component, "form_empty", "Deze groep is leeg. Voeg een veld toe of haal de groep weg."
                    )
                elif depth >= limits.FORM_DEPTH:
                    yield self._at(component, "too_deep", f"Groepen zijn dieper genest dan {limits.FORM_DEPTH}.")
                else:
                    yield from self._components(inner, _scope(component, scope), depth + 1)

    def _component(self, component: Mapping[str, Any], kind: str, scope: str) -> Iterator[Finding]:
        for word in sorted(component.keys() - _ALLOWED[kind]):
            yield self._at(component, "form_attribute", f"‘{word}’ bij ‘{kind}’ kan hier niet. Haal het weg.")
        for word in ("label", "description", "text"):
            text = component.get(word)
            if text is None:
                continue
            if not isinstance(text, str) or len(text) > limits.TEXT_LENGTH:
                yield self._at(component, "form_text", f"‘{word}’ is geen tekst of te lang.")
            elif text.lstrip().startswith("=") or "{{" in text:
                yield self._at(
                    component, "form_text", f"‘{word}’ rekent iets uit; dat kan hier niet. Typ gewone tekst."
                )
        yield from self._hide(component, scope)
        yield from self._property_names(component, kind)
        if kind == "dynamiclist" or (kind == "group" and component.get("path")):
            yield from self._key(component, component.get("path"), scope)
        if kind in INPUTS:
            yield from self._input(component, kind, scope)

    def _key(self, component: Mapping[str, Any], key: Any, scope: str) -> Iterator[Finding]:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            yield self._at(component, "form_key", "De sleutel heeft alleen kleine letters, cijfers en lage streepjes.")
        elif key in RESERVED_KEYS:
            yield self._at(component, "form_key", f"De sleutel ‘{key}’ mag niet. Kies een andere.")
        elif f"{scope}{key}" in self.seen:
            yield self._at(component, "form_key_twice", f"De sleutel ‘{key}’ komt twee keer voor. Kies een andere.")
        self.seen.add(f"{scope}{key}")

    def _input(self, component: Mapping[str, Any], kind: str, scope: str) -> Iterator[Finding]:
        yield from self._key(component, component.get("key"), scope)
        properties = _properties(component)
        asked = component.get("label") or (component.get("dateLabel") if kind == "datetime" else None)
        if not isinstance(asked, str) or not asked.strip():
            yield self._at(component, "form_label", "Geef dit veld een vraag of naam (label).")
        if not _COMPARTMENT.fullmatch(str(properties.get("compartment", ""))):
            yield self._at(
                component,
                "compartment",
                "Zeg in welk compartiment dit hoort: eigenschap ‘compartment’, C0 tot en met C11.",
            )
        if kind == "datetime" and component.get("subtype", "date") != "date":
            yield self._at(component, "form_date", "Alleen een datum kan hier. Kies subtype ‘date’.")
        validate = component.get("validate", {})
        if not isinstance(validate, dict):
            yield self._at(component, "form_validate", "De regels van dit veld zijn niet te lezen. Maak ze opnieuw.")
        else:
            for word in sorted(validate.keys() - _VALIDATE):
                yield self._at(component, "form_validate", f"De regel ‘{word}’ kan hier niet. Haal hem weg.")
            pattern = validate.get("pattern")
            if pattern is not None and not (isinstance(pattern, str) and _simple(pattern)):
                yield self._at(
                    component,
                    "form_pattern",
                    "Dit patroon is te ingewikkeld: gebruik geen haakjes, * of +, maar bijvoorbeeld [0-9]{4}.",
                )
        yield from self._options(component, kind)
        options = option_values(component)
        for word, value in properties.items():
            if word.startswith("compartment."):
                if word.removeprefix("compartment.") not in options:
                    yield self._at(component, "compartment", f"‘{word}’ hoort bij geen keuze van dit veld.")
                if not _COMPARTMENT.fullmatch(str(value)):
                    yield self._at(component, "compartment", f"‘{word}’ heeft geen compartiment C0 tot en met C11.")
        if properties.get("decides") not in (None, "true", "false", True, False):
            yield self._at(component, "decides", "De eigenschap ‘decides’ is ‘true’ of ‘false’.")
        if decides(component):
            yield from self._decides(component, kind, scope, properties)

    def _decides(
        self, component: Mapping[str, Any], kind: str, scope: str, properties: Mapping[str, Any]
    ) -> Iterator[Finding]:
        if scope or kind not in DECIDERS:
            yield self._at(
                component,
                "decides",
                "Dit veld kan geen route bepalen: alleen één keuze, getal, datum of vinkje kan dat.",
            )
        compartments = {str(value) for word, value in properties.items() if word.startswith("compartment")}
        if "valuesKey" in component:
            yield self._at(
                component, "decides", "Keuzes die pas later bekend zijn (valuesKey), kunnen geen route bepalen."
            )
        if SAFETY in compartments or component.get("key") in NEVER_DECIDES:
            yield self._at(
                component, "safety_decides", "Een antwoord over veiligheid bepaalt nooit een route. Haal ‘decides’ weg."
            )

    def _options(self, component: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        if kind not in CHOICES:
            return
        if kind in HANDED_IN and "valuesKey" in component:
            yield from self._handed_in(component)
            return
        values = component.get("values")
        if not isinstance(values, list) or not values:
            yield self._at(component, "form_options", "Dit veld heeft geen keuzes. Voeg ze toe (values).")
            return
        if len(values) > limits.OPTIONS:
            yield self._at(component, "form_options", f"Dit veld heeft meer dan {limits.OPTIONS} keuzes.")
        found: set[str] = set()
        for option in values:
            value = option.get("value") if isinstance(option, dict) else None
            label = option.get("label") if isinstance(option, dict) else None
            if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_.+-]{1,64}", value):
                yield self._at(
                    component, "form_options", "Een keuze heeft geen goede waarde: letters, cijfers, lage streepjes."
                )
            elif value in found:
                yield self._at(component, "form_options", f"De keuze ‘{value}’ staat er twee keer.")
            else:
                found.add(value)
            if not isinstance(label, str) or not label.strip():
                yield self._at(component, "form_options", f"De keuze ‘{value}’ heeft geen tekst.")
            elif isinstance(option, dict) and option.keys() - {"value", "label"}:
                yield self._at(component, "form_options", f"De keuze ‘{value}’ heeft meer dan een tekst en een waarde.")

    def _handed_in(self, component: Mapping[str, Any]) -> Iterator[Finding]:
        name = component["valuesKey"]
        if not isinstance(name, str) or not _SET.fullmatch(name) or name in RESERVED_KEYS:
            yield self._at(
                component,
                "form_options",
                "De naam van de keuzes (valuesKey) heeft alleen kleine letters, cijfers en lage streepjes.",
            )
        if component.get("values") is not None:
            yield self._at(component, "form_options", "Dit veld heeft twee soorten keuzes. Kies: values of valuesKey.")

    def _property_names(self, component: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        properties = component.get("properties", {})
        if not isinstance(properties, dict):
            yield self._at(component, "form_properties", "De eigenschappen van dit veld zijn niet te lezen.")
            return
        for word, value in properties.items():
            if not isinstance(value, str | bool | int | float):
                yield self._at(component, "form_properties", f"De eigenschap ‘{word[:40]}’ is geen enkele waarde.")

    def _hide(self, component: Mapping[str, Any], scope: str) -> Iterator[Finding]:
        conditional = component.get("conditional")
        if conditional is None:
            return
        hide = conditional.get("hide") if isinstance(conditional, dict) else None
        if not isinstance(hide, str) or set(conditional) != {"hide"} or not hide.lstrip().startswith("="):
            yield self._at(
                component,
                "form_hide",
                "De voorwaarde om te verbergen is niet te lezen. Begin met = en een FEEL-uitdrukking.",
            )
            return
        text = hide.lstrip()[1:]
        wrong = expressions.problems(text)
        for problem in wrong:
            yield self._at(component, "feel", f"Voorwaarde om te verbergen: {problem}")
        known = self.keys.get(scope, set()) | self.keys.get("", set())
        for name in sorted(frozenset() if wrong else expressions.names(text) - known):
            yield self._at(
                component, "form_hide", f"De voorwaarde om te verbergen noemt ‘{name}’; dat veld is er niet."
            )
