"""Every kind of component that the modeller of forms can make, with every word that it can write on one: each is shown,
checked, only a matter of looks, or refused at publication in clear Dutch. Nothing is there that does nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader

from api.pages import fields
from engine import BundleRefused
from engine.forms import read_form
from workflows import forms
from workflows.errors import Invalid

TODAY = date(2026, 11, 3)
PLACES = Path(__file__).parents[2] / "api" / "pages" / "templates"

#: What form-js-editor 1.23.0 offers in its panel, by kind, beside what every component has.
EVERYWHERE = {"id", "layout", "conditional", "properties"}
_INPUT = {"key", "label", "description", "readonly", "disabled", "validate.required"}
_CHOICE = _INPUT | {"values", "valuesKey", "valuesExpression"}
_LENGTH = {"validate.minLength", "validate.maxLength"}
_SIGNS = {"appearance.prefixAdorner", "appearance.suffixAdorner"}
_BOX = {"label", "path", "showOutline", "verticalAlignment"}
MODELLER: Mapping[str, set[str]] = {
    "textfield": _INPUT | _LENGTH | _SIGNS | {"defaultValue"}
    | {"validate.validationType", "validate.pattern", "validate.patternErrorMessage"},
    "textarea": _INPUT | _LENGTH | {"defaultValue"},
    "number": _INPUT | _SIGNS | {"defaultValue", "decimalDigits", "increment", "serializeToString"}
    | {"validate.min", "validate.max"},
    "datetime": (_INPUT - {"label"}) | {"subtype", "dateLabel", "timeLabel", "use24h", "timeInterval"}
    | {"timeSerializingFormat", "disallowPassedDates"},
    "checkbox": _INPUT | {"defaultValue"},
    "checklist": _CHOICE,
    "radio": _CHOICE | {"defaultValue"},
    "select": _CHOICE | {"defaultValue", "searchable"},
    "text": {"text"},
    "separator": set(),
    "spacer": {"height"},
    "group": _BOX,
    "dynamiclist": _BOX | {"isRepeating", "defaultRepetitions", "allowAddRemove", "disableCollapse", "nonCollapsedItems"},
}  # fmt: skip
#: Kinds that are refused whatever is on them, and what is said.
REFUSED = {
    "taglist": "checklist",
    "button": "knop om op te slaan",
    "expression": "rekent niet",
    "filepicker": "bij de casus",
    "documentPreview": "bij de casus",
    "image": "Schrijf in tekst",
    "table": "dynamiclist",
    "html": "Gebruik tekst",
    "iframe": "Andere websites",
    "default": "Kies een ander onderdeel",
}


@dataclass(frozen=True)
class Row:
    """A word on a component, and what comes of it."""

    kind: str
    word: str
    value: Any
    shown: str = ""  #: stands in the page
    typed: Any = None  #: an answer that is refused …
    told: str = ""  #: … with this
    refused: str = ""  #: at publication, with this
    looks: bool = False  #: changes nothing but how it looks in the modeller
    beside: tuple[tuple[str, Any], ...] = ()  #: other words that are needed to see it

    def __str__(self) -> str:
        return f"{self.kind} {self.word}={self.value!r}"


def every(kinds: str, word: str, value: Any, **more: Any) -> list[Row]:
    return [Row(kind, word, value, **more) for kind in kinds.split()]


INPUTS = "textfield textarea number datetime checkbox checklist radio select"
CHOICES = "checklist radio select"
REQUIRED = {
    "checkbox": "Vink dit aan", "checklist": "Maak een keuze", "radio": "Maak een keuze", "select": "Maak een keuze",
}  # fmt: skip
ROWS = [
    # what every component has
    *every(" ".join(MODELLER), "layout", {"row": "Row_1", "columns": 8}, looks=True),
    *every(" ".join(MODELLER), "id", "Field_x", looks=True),
    *every(INPUTS, "conditional", {"hide": "=true"}, shown='type="hidden" name="asked"'),
    *every("text separator spacer group dynamiclist", "conditional", {"hide": "=gone = 1"}, refused="‘gone’"),
    *every(INPUTS, "properties", {"compartment": "C1", "days_bakc": "3"}, refused="‘days_bakc’ doet hier niets"),
    *every("group dynamiclist text separator spacer", "properties", {"deep": {"x": 1}}, refused="geen enkele waarde"),
    # what every question has
    *every(INPUTS, "key", "Naam kind", refused="kleine letters"),
    *every(INPUTS.replace("datetime", ""), "label", "Hoe gaat het?", shown="Hoe gaat het?"),
    *every(INPUTS.replace("datetime", ""), "label", "=1 + 1", refused="rekent iets uit"),
    *every(INPUTS, "description", "Zo kort als u wilt.", shown='-uitleg">Zo kort als u wilt.'),
    *every(INPUTS, "description", "Dag {{name}}", refused="rekent iets uit"),
    *every(INPUTS, "readonly", True, shown="steun-told"),
    *every(INPUTS, "readonly", "=true", refused="Kies aan of uit"),
    *every(INPUTS, "readonly", True, beside=(("validate", {"required": True}),), refused="kan het niet invullen"),
    *every(INPUTS, "disabled", True, refused="niemand kan invullen"),
    *[row for kind in INPUTS.split() for row in (
        Row(kind, "validate.required", True, typed="", told=REQUIRED.get(kind, "Vul dit in")),
        Row(kind, "validate.required", "=true", refused="aan of uit"),
    )],
    *every("textfield textarea number radio select", "defaultValue", "1", refused="Laat de vraag leeg beginnen"),
    Row("checkbox", "defaultValue", True, refused="Laat de vraag leeg beginnen"),
    Row("number", "defaultValue", 0, refused="Laat de vraag leeg beginnen"),
    # text
    *every("textfield textarea", "validate.minLength", 3, typed="ab", told="minstens 3"),
    *every("textfield textarea", "validate.minLength", "=3", refused="zonder berekening"),
    *every("textfield textarea", "validate.maxLength", 3, shown='data-most="3"', typed="abcd", told="er passen 3"),
    *every("textfield textarea", "validate.maxLength", 10**9, refused="tot en met 20000"),
    Row("textfield", "validate.validationType", "email", shown='type="email"', typed="jan@", told="e-mailadres"),
    Row("textfield", "validate.validationType", "phone", shown='type="tel"', typed="bel mij", told="telefoonnummer"),
    Row("textfield", "validate.validationType", "iban", refused="e-mailadres"),
    Row("textfield", "validate.pattern", "[0-9]{4}", typed="12", told="niet goed geschreven"),
    Row("textfield", "validate.pattern", "(a+)+", refused="te ingewikkeld"),
    Row("textfield", "validate.patternErrorMessage", "Vier cijfers.", typed="12", told="Vier cijfers.",
        beside=(("validate", {"pattern": "[0-9]{4}"}),)),
    Row("textarea", "validate.pattern", "[0-9]", refused="‘pattern’ kan bij ‘textarea’ niet"),
    *every("textfield number", "appearance.prefixAdorner", "€", shown='-voor">€'),
    *every("textfield number", "appearance.suffixAdorner", "kilo", shown='-na">kilo'),
    *every("textfield number", "appearance.prefixAdorner", "=munt", refused="rekent iets uit"),
    # numbers
    Row("number", "decimalDigits", 0, shown='inputmode="numeric"', typed="1,5", told="heel getal"),
    Row("number", "decimalDigits", 2, shown='inputmode="decimal"', typed="1,555", told="2 cijfers"),
    Row("number", "decimalDigits", 40, refused="6 cijfers"),
    Row("number", "increment", "0.5", typed="0,7", told="stappen van 0,5"),
    Row("number", "increment", 10, typed="15", told="stappen van 10"),
    Row("number", "increment", "=a", refused="zonder berekening"),
    Row("number", "serializeToString", True, refused="als getal bewaard"),
    Row("number", "validate.min", 2, typed="1", told="van 2 of meer"),
    Row("number", "validate.max", 5, typed="6", told="tot en met 5"),
    Row("number", "validate.min", "=1", refused="zonder berekening"),
    Row("number", "validate.max", 1, refused="min is niet groter", beside=(("validate", {"min": 2}),)),
    # days and times
    Row("datetime", "subtype", "date", shown='type="date"', typed="morgen", told="31-12-2026"),
    Row("datetime", "subtype", "time", shown='type="time"', typed="25:00", told="14:30"),
    Row("datetime", "subtype", "datetime", refused="twee vragen"),
    Row("datetime", "dateLabel", "Wanneer?", shown="Wanneer?"),
    Row("datetime", "timeLabel", "Hoe laat?", shown="Hoe laat?", beside=(("subtype", "time"),)),
    Row("datetime", "dateLabel", "{{x}}", refused="rekent iets uit"),
    Row("datetime", "disallowPassedDates", True, typed="2026-11-02", told="van 03-11-2026"),
    Row("datetime", "disallowPassedDates", True, refused="geen verleden", beside=(("subtype", "time"),)),
    Row("datetime", "use24h", True, looks=True, beside=(("subtype", "time"),)),
    Row("datetime", "use24h", False, refused="Zet ‘use24h’ aan", beside=(("subtype", "time"),)),
    Row("datetime", "timeInterval", 15, shown='step="900"', typed="14:20", told="14:15", beside=(("subtype", "time"),)),
    Row("datetime", "timeInterval", 7, refused="in een dag past", beside=(("subtype", "time"),)),
    Row("datetime", "timeSerializingFormat", "no_timezone", looks=True, beside=(("subtype", "time"),)),
    Row("datetime", "timeSerializingFormat", "utc_offset", refused="no_timezone", beside=(("subtype", "time"),)),
    # choices
    *every(CHOICES, "values", [{"label": "Ja", "value": "yes"}], shown="Ja", typed="no", told="op de lijst"),
    *every(CHOICES, "values", [{"label": "=ja", "value": "yes"}], refused="rekent iets uit"),
    *every("radio select", "valuesKey", "partners", beside=(("values", None),), shown="De Bron"),
    Row("checklist", "valuesKey", "partners", refused="Schrijf de keuzes op"),
    *every(CHOICES, "valuesExpression", "=a", refused="Keuzes uitrekenen kan niet"),
    Row("select", "searchable", True, looks=True),  # a list of the browser is searched by typing
    # what is no question
    Row("text", "text", "Bel **112** of [lees meer](https://www.example.nl/a).\n\n1. Eerst\n2. Dan",
        shown='Bel <strong>112</strong> of <a class="nl-link" href="https://www.example.nl/a" rel="noreferrer">lees meer</a>'),
    Row("text", "text", "<b>Let op</b>", refused="Haal html"),
    Row("text", "text", "![plaatje](https://www.example.nl/a.png)", refused="Haal html"),
    Row("text", "text", "| a | b |", refused="Haal html"),
    Row("text", "text", "=naam", refused="rekent iets uit"),
    Row("spacer", "height", 60, looks=True),
    # boxes
    *every("group dynamiclist", "label", "Over het kind", shown="Over het kind</"),
    *every("group dynamiclist", "path", "rows", shown='name="rows'),
    *every("group dynamiclist", "path", "a.b", refused="kleine letters"),
    *every("group dynamiclist", "showOutline", False, looks=True),
    *every("group dynamiclist", "verticalAlignment", "end", looks=True),
    Row("dynamiclist", "label", "", refused="vraag of naam"),
    Row("dynamiclist", "isRepeating", False, refused="Gebruik een groep"),
    Row("dynamiclist", "defaultRepetitions", 2, shown='name="rows[1].asked"'),
    Row("dynamiclist", "defaultRepetitions", "=2", refused="0 tot en met 100"),
    Row("dynamiclist", "allowAddRemove", True, shown="Voeg nog een toe"),
    Row("dynamiclist", "allowAddRemove", False, typed=[{"asked": "a"}, {"asked": "b"}], told="hoogstens 1"),
    Row("dynamiclist", "disableCollapse", True, looks=True),  # every row is open
    Row("dynamiclist", "nonCollapsedItems", 3, looks=True),
]  # fmt: skip


def plain(kind: str) -> dict[str, Any]:
    """The component as the modeller makes it, with a compartment."""
    asked = {"id": "Field_1", "key": "asked", "label": "Vraag", "properties": {"compartment": "C1"}}
    inner = {"type": "textfield", **asked, "id": "Field_2"}
    return {"type": kind, **{
        "datetime": {**asked, "label": None, "dateLabel": "Vraag", "subtype": "date"},
        "text": {"id": "Field_1", "text": "Uitleg."},
        "separator": {"id": "Field_1"},
        "spacer": {"id": "Field_1", "height": 60},
        "group": {"id": "Field_1", "label": "Groep", "components": [inner]},
        "dynamiclist": {"id": "Field_1", "label": "Lijst", "path": "rows", "components": [inner]},
        **{one: asked | {"values": [{"label": "Ja", "value": "yes"}]} for one in CHOICES.split()},
    }.get(kind, asked)}  # fmt: skip


def drawn(row: Row) -> dict[str, Any]:
    component = plain(row.kind)
    for word, value in row.beside:
        component[word] = value
    outer, _, inner = row.word.partition(".")
    component[outer] = {**(component.get(outer) or {}), inner: row.value} if inner else row.value
    component = {word: value for word, value in component.items() if value is not None}
    rest = [] if row.kind not in ("text", "separator", "spacer") else [plain("textfield")]
    return {"id": "small", "type": "default", "components": [component, *rest]}


def published(schema: dict[str, Any]) -> list[str]:
    """Why it is refused; nothing when it can be published."""
    try:
        read = read_form("small.form", json.dumps(schema).encode())
    except BundleRefused as refusal:
        return [found.message for found in refusal.findings]
    return forms.faults("small", read)


def page(schema: dict[str, Any]) -> str:
    asked = forms.read_form("small", "test", schema)
    typed = (
        {}
        if "subtype" in schema["components"][0] and "conditional" not in schema["components"][0]
        else {"asked": ["yes"]}
    )
    blocks = fields.draw(asked, typed, choices={"partners": [("1", "De Bron")]})
    return str(macros().blocks(blocks, "/voorbeeld"))


@lru_cache
def macros() -> Any:
    places = Environment(loader=FileSystemLoader(PLACES), autoescape=True)
    places.filters["marked"] = fields.marked
    return places.get_template("macros/form.html").module


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_stands_on_a_component_is_shown_checked_or_refused(row: Row) -> None:
    schema = drawn(row)
    told = published(schema)

    if row.refused:
        assert any(row.refused in one for one in told), told
        return
    assert told == []
    assert row.shown or row.told or row.looks
    if row.shown:
        assert row.shown in page(schema)
    if row.looks:
        bare = json.loads(json.dumps(schema))
        component = bare["components"][0]
        component.pop(row.word) if row.word != "id" else component.update(id="Field_9")
        assert page(schema) == page(bare)
    if row.told:
        asked = forms.read_form("small", "test", schema)
        name = "rows" if row.kind == "dynamiclist" else "asked"
        with pytest.raises(Invalid) as refusal:
            forms.clean(asked, {name: row.typed}, on=TODAY)
        assert any(row.told in text for texts in refusal.value.errors.values() for text in texts), refusal.value.errors


def test_the_table_knows_every_word_of_the_modeller() -> None:
    known = {(row.kind, row.word) for row in ROWS}
    wanted = {(kind, word) for kind, words in MODELLER.items() for word in words | EVERYWHERE}

    assert sorted(wanted - known) == []


@pytest.mark.parametrize(("kind", "told"), REFUSED.items())
def test_a_component_that_cannot_be_here_says_what_to_do_instead(kind: str, told: str) -> None:
    found = published({"id": "small", "type": "default", "components": [{"type": kind, "id": "Field_1"}]})

    assert any(told in one for one in found), found


@pytest.mark.parametrize("outer", ["group", "dynamiclist"])
@pytest.mark.parametrize("inner", ["group", "dynamiclist"])
def test_keys_in_keys_are_refused_and_a_group_that_only_orders_may_stand_anywhere(outer: str, inner: str) -> None:
    nested = {**plain(inner), "path": "inside"}
    schema = {
        "id": "small",
        "type": "default",
        "components": [{**plain(outer), "path": "rows", "components": [nested]}],
    }
    assert any("kan niet in een lijst" in one for one in published(schema))

    orders = {"type": "group", "id": "Field_3", "label": "Ordent", "components": [plain("textfield")]}
    deep = {"type": "group", "id": "Field_4", "components": [orders]}
    schema["components"] = [{**plain(outer), "path": "rows", "components": [deep]}]
    assert published(schema) == []
    assert ">Ordent" in page(schema)


def test_options_stand_under_their_heading_and_keep_their_numbers() -> None:
    values = [{"label": label, "value": label.lower()} for label in ("Geld", "Huis", "Slaap", "Geen")]
    asked = plain("checklist") | {"values": values}
    asked["properties"] = {"compartment": "C1", "heading.geld": "Wonen en geld", "heading.slaap": "Gezondheid"}
    schema = {"id": "small", "type": "default", "components": [asked]}
    assert published(schema) == []

    [block] = fields.build(schema, {})
    assert [(heading, [value for _, value, _ in options]) for heading, options in block.parts] == [
        ("Wonen en geld", ["geld", "huis"]),
        ("Gezondheid", ["slaap", "geen"]),
    ]
    html = page(schema)
    assert html.count('role="group"') == 2
    assert [f'id="veld-asked-{number}"' in html for number in range(1, 5)] == [True] * 4

    asked["properties"] = {"compartment": "C1", "heading.gone": "Weg"}
    assert any("hoort bij geen vinkje" in one for one in published(schema))
