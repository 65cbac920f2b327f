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
#: Where a component stands on a wide screen. Here everything stands in its order, one below the other, as on a phone.
_LOOKS: Final = frozenset({"layout"})
_PLACED: Final = frozenset({"id", "type", "conditional", "properties"}) | _LOOKS
_FIELD: Final = _PLACED | {"key", "label", "description", "validate", "defaultValue", "disabled", "readonly"}
_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "textfield": _FIELD | {"appearance"},
    "textarea": _FIELD,
    "number": _FIELD | {"appearance", "decimalDigits", "increment", "serializeToString"},
    "datetime": _FIELD
    | {"subtype", "dateLabel", "timeLabel", "disallowPassedDates", "timeInterval", "timeSerializingFormat", "use24h"},
    "checkbox": _FIELD,
    "select": _FIELD | {"values", "valuesKey", "searchable"},
    "radio": _FIELD | {"values", "valuesKey"},
    "checklist": _FIELD | {"values"},
    "group": _PLACED | {"components", "label", "path", "showOutline", "verticalAlignment"},
    "dynamiclist": _PLACED
    | {"components", "label", "description", "path", "isRepeating", "allowAddRemove", "defaultRepetitions"}
    | {"nonCollapsedItems", "disableCollapse", "showOutline", "verticalAlignment"},
    "text": _PLACED | {"text"},
    "separator": _PLACED,
    "spacer": _PLACED | {"height"},
}
_VALIDATE: Final[Mapping[str, frozenset[str]]] = {
    "textfield": frozenset({"required", "minLength", "maxLength", "validationType", "pattern", "patternErrorMessage"}),
    "textarea": frozenset({"required", "minLength", "maxLength"}),
    "number": frozenset({"required", "min", "max"}),
}
_INSTEAD: Final[Mapping[str, str]] = {
    "html": "Gebruik tekst (text).",
    "button": "De knop om op te slaan staat al op de pagina. Haal hem weg.",
    "expression": "Een formulier rekent niet. Haal dit weg.",
    "script": "Code in een formulier mag niet. Haal dit weg.",
    "iframe": "Andere websites in een formulier mag niet. Zet een verwijzing in de tekst.",
    "filepicker": "Een bestand hoort bij de casus: daar kunt u het toevoegen. Haal dit weg.",
    "documentPreview": "Een bestand staat bij de casus: daar kunt u het lezen. Haal dit weg.",
    "image": "Een plaatje zegt niets tegen wie het niet ziet. Schrijf in tekst (text) wat erop staat.",
    "taglist": "Gebruik een lijst met vinkjes (checklist).",
    "table": "Gebruik een lijst (dynamiclist).",
}
#: What the modeller can set and what cannot be here, with what to do instead; every other word is only to be removed.
_WHY: Final[Mapping[str, str]] = {
    "valuesExpression": "Keuzes uitrekenen kan niet. Schrijf ze op (values), of kies een lijst die er is (valuesKey).",
    "valuesKey": "Schrijf de keuzes op (values).",
    "description": "Zet de uitleg in een tekst (text) of bij het veld zelf.",
    "components": "Alleen een groep en een lijst bevatten andere velden.",
}
_SUBTYPES: Final = ("date", "time")
#: Of the Markdown of a text: what is not shown as it is meant, so would stand there as signs.
_MARKDOWN: Final = re.compile(r"!\[|<[A-Za-z/!]|^ {0,3}(?:```|~~~|>|\|)|^[^\n|]*\|[^\n]*\|", re.MULTILINE)
_CLOCK: Final = 24 * 60


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


def _is_empty(value: Any) -> bool:
    """What a modeller writes down for a question that begins empty; zero is an answer."""
    return value is None or value is False or value in ("", [])


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= limits.LARGEST_NUMBER


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
            what = _WHY.get(word, "Haal het weg.")
            yield self._at(component, "form_attribute", f"‘{word}’ bij ‘{kind}’ kan hier niet. {what}")
        for word in ("label", "description", "text", "dateLabel", "timeLabel"):
            yield from self._words(component, word, component.get(word))
        if kind == "text" and _MARKDOWN.search(str(component.get("text", ""))):
            yield self._at(
                component,
                "form_text",
                "In een tekst kunnen alinea’s, koppen (#), lijstjes (-), **vet** en verwijzingen. Haal html, plaatjes, "
                "tabellen, citaten en code weg.",
            )
        yield from self._hide(component, scope)
        yield from self._property_names(component, kind)
        if kind == "dynamiclist" or (kind == "group" and component.get("path")):
            yield from self._key(component, component.get("path"), scope)
            if scope:
                yield self._at(
                    component,
                    "form_nested",
                    "Een lijst, of een groep met een eigen sleutel (path), kan niet in een lijst of zo’n groep staan. "
                    "Zet haar ernaast, of haal bij de groep de sleutel weg.",
                )
        if kind == "dynamiclist":
            yield from self._list(component)
        if kind in INPUTS:
            yield from self._input(component, kind, scope)

    def _words(self, component: Mapping[str, Any], word: str, text: Any) -> Iterator[Finding]:
        """What people read: plain text of a reasonable length."""
        if text is None:
            return
        if not isinstance(text, str) or len(text) > limits.TEXT_LENGTH:
            yield self._at(component, "form_text", f"‘{word}’ is geen tekst of te lang.")
        elif text.lstrip().startswith("=") or "{{" in text:
            yield self._at(component, "form_text", f"‘{word}’ rekent iets uit; dat kan hier niet. Typ gewone tekst.")

    def _list(self, component: Mapping[str, Any]) -> Iterator[Finding]:
        if not isinstance(component.get("label"), str) or not component["label"].strip():
            yield self._at(component, "form_label", "Geef deze lijst een vraag of naam (label).")
        if component.get("isRepeating", True) is not True:
            yield self._at(component, "form_list", "Een lijst die zich niet herhaalt, is een groep. Gebruik een groep.")
        rows = component.get("defaultRepetitions", 1)
        if not _is_whole(rows, 0, limits.ROWS):
            yield self._at(component, "form_list", f"Een lijst begint met 0 tot en met {limits.ROWS} regels.")
        if component.get("allowAddRemove", True) not in (True, False):
            yield self._at(component, "form_list", "Regels mogen erbij en eraf, of niet: kies aan of uit.")

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
        asked = component.get("label") or component.get("dateLabel") or component.get("timeLabel")
        if not isinstance(asked, str) or not asked.strip():
            yield self._at(component, "form_label", "Geef dit veld een vraag of naam (label).")
        if not _COMPARTMENT.fullmatch(str(properties.get("compartment", ""))):
            yield self._at(
                component,
                "compartment",
                "Zeg in welk compartiment dit hoort: eigenschap ‘compartment’, C0 tot en met C11.",
            )
        yield from self._state(component)
        yield from self._validate(component, kind)
        if kind == "datetime":
            yield from self._moment(component)
        if kind == "number":
            yield from self._number(component)
        appearance = component.get("appearance", {})
        if not isinstance(appearance, dict) or appearance.keys() - {"prefixAdorner", "suffixAdorner"}:
            yield self._at(
                component, "form_appearance", "Het uiterlijk van dit veld is niet te lezen. Maak het opnieuw."
            )
        else:
            for word in sorted(appearance):
                yield from self._words(component, word, appearance[word])
        yield from self._options(component, kind)
        options = option_values(component)
        for word, value in properties.items():
            if word.startswith("compartment."):
                if word.removeprefix("compartment.") not in options:
                    yield self._at(component, "compartment", f"‘{word}’ hoort bij geen keuze van dit veld.")
                if not _COMPARTMENT.fullmatch(str(value)):
                    yield self._at(component, "compartment", f"‘{word}’ heeft geen compartiment C0 tot en met C11.")
            if word.startswith("heading."):
                if kind != "checklist" or word.removeprefix("heading.") not in options:
                    yield self._at(component, "form_options", f"‘{word}’ hoort bij geen vinkje van dit veld.")
                yield from self._words(component, word, value)
        if properties.get("decides") not in (None, "true", "false", True, False):
            yield self._at(component, "decides", "De eigenschap ‘decides’ is ‘true’ of ‘false’.")
        if decides(component):
            yield from self._decides(component, kind, scope, properties)

    def _state(self, component: Mapping[str, Any]) -> Iterator[Finding]:
        """What is there before anybody typed, and whether one may type."""
        if not _is_empty(component.get("defaultValue")):
            yield self._at(
                component,
                "form_default",
                "Een antwoord dat al is ingevuld, wordt ongemerkt verstuurd. Laat de vraag leeg beginnen (defaultValue).",
            )
        if component.get("disabled", False) is not False:
            yield self._at(
                component,
                "form_disabled",
                "Een veld dat niemand kan invullen, vraagt niets. Gebruik ‘readonly’ of tekst.",
            )
        readonly = component.get("readonly", False)
        if not isinstance(readonly, bool):
            yield self._at(
                component, "form_readonly", "‘readonly’ rekent iets uit; dat kan hier niet. Kies aan of uit."
            )
        elif readonly and isinstance(component.get("validate"), dict) and component["validate"].get("required"):
            yield self._at(
                component,
                "form_readonly",
                "Wie dit alleen leest, kan het niet invullen. Haal ‘required’ of ‘readonly’ weg.",
            )

    def _validate(self, component: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        validate = component.get("validate", {})
        if not isinstance(validate, dict):
            yield self._at(component, "form_validate", "De regels van dit veld zijn niet te lezen. Maak ze opnieuw.")
            return
        for word in sorted(validate.keys() - _VALIDATE.get(kind, frozenset({"required"}))):
            yield self._at(component, "form_validate", f"De regel ‘{word}’ kan bij ‘{kind}’ niet. Haal hem weg.")
        if not isinstance(validate.get("required", False), bool):
            yield self._at(component, "form_validate", "‘required’ is aan of uit.")
        least, most = validate.get("minLength", 0), validate.get("maxLength", limits.TEXT_LENGTH)
        if not (_is_whole(least, 0, limits.TEXT_LENGTH) and _is_whole(most, 1, limits.TEXT_LENGTH) and least <= most):
            yield self._at(
                component,
                "form_validate",
                f"De lengte (minLength, maxLength) is een getal tot en met {limits.TEXT_LENGTH}, zonder berekening, en het "
                "minste is niet meer dan het meeste.",
            )
        low, high = validate.get("min"), validate.get("max")
        if not all(each is None or _is_number(each) for each in (low, high)) or (
            low is not None and high is not None and low > high
        ):
            yield self._at(
                component,
                "form_validate",
                "De grens (min, max) is een getal, zonder berekening, en min is niet groter dan max.",
            )
        if validate.get("validationType") not in (None, "", "custom", "email", "phone"):
            yield self._at(component, "form_validate", "Een tekst is een e-mailadres, een telefoonnummer of vrij.")
        pattern = validate.get("pattern")
        if pattern is not None and not (isinstance(pattern, str) and _simple(pattern)):
            yield self._at(
                component,
                "form_pattern",
                "Dit patroon is te ingewikkeld: gebruik geen haakjes, * of +, maar bijvoorbeeld [0-9]{4}.",
            )
        yield from self._words(component, "patternErrorMessage", validate.get("patternErrorMessage"))

    def _moment(self, component: Mapping[str, Any]) -> Iterator[Finding]:
        subtype = component.get("subtype", "date")
        if subtype not in _SUBTYPES:
            yield self._at(
                component,
                "form_date",
                "Dag en tijd zijn twee vragen. Kies subtype ‘date’, of ‘time’, en maak twee velden.",
            )
            return
        for word in ("disallowPassedDates", "use24h"):
            if not isinstance(component.get(word, True), bool):
                yield self._at(component, "form_date", f"‘{word}’ is aan of uit.")
        if subtype == "date":
            return
        if component.get("disallowPassedDates", False):
            yield self._at(
                component,
                "form_date",
                "Een tijd heeft geen dag, dus ook geen verleden. Haal ‘disallowPassedDates’ weg.",
            )
        if component.get("use24h", True) is False:
            yield self._at(component, "form_date", "Een tijd is hier altijd van 00:00 tot 23:59. Zet ‘use24h’ aan.")
        if component.get("timeSerializingFormat", "no_timezone") != "no_timezone":
            yield self._at(
                component,
                "form_date",
                "Een tijd wordt bewaard zoals de klok hem aanwijst. Kies bij ‘timeSerializingFormat’: no_timezone.",
            )
        step = component.get("timeInterval", 1)
        if not _is_whole(step, 1, 60) or _CLOCK % step:
            yield self._at(component, "form_date", "De stap (timeInterval) is een aantal minuten dat in een dag past.")

    def _number(self, component: Mapping[str, Any]) -> Iterator[Finding]:
        if not _is_whole(component.get("decimalDigits", 0) or 0, 0, 6):
            yield self._at(component, "form_number", "Een getal heeft 0 tot en met 6 cijfers achter de komma.")
        step = component.get("increment")
        if step not in (None, "") and not (
            (_is_number(step) and step > 0)
            or (isinstance(step, str) and re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?", step) and float(step) > 0)
        ):
            yield self._at(
                component, "form_number", "De stap (increment) is een getal groter dan 0, zonder berekening."
            )
        if component.get("serializeToString", False) is not False:
            yield self._at(
                component,
                "form_number",
                "Een getal wordt hier als getal bewaard. Zet ‘serializeToString’ uit, of vraag tekst.",
            )

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
            yield from self._words(component, "label", label if isinstance(label, str) else None)
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
