"""Forms as they are drawn: every kind of question, and text that stays as it was typed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from api.pages import fields


def one(component: dict[str, Any], typed: dict[str, list[str]] | None = None, **more: Any) -> fields.Block:
    [block] = fields.build({"components": [component]}, typed or {}, **more)
    return block


def test_a_date_that_no_browser_can_show_comes_back_as_text() -> None:
    question = {"type": "datetime", "subtype": "date", "key": "day", "dateLabel": "Wanneer?"}

    assert one(question, {"day": ["2026-11-03"]}).input_type == "date"
    assert one(question, {"day": ["3 november"]}).input_type == "text"
    assert one(question, {"day": ["3 november"]}).value == "3 november"
    assert one(question).label == "Wanneer?"


def test_a_question_that_others_depend_on_asks_for_them() -> None:
    schema = {
        "components": [
            {"type": "radio", "key": "phase", "values": []},
            {"type": "textfield", "key": "name"},
            {"type": "textfield", "key": "due", "conditional": {"hide": '=phase != "pregnant"'}},
        ]
    }

    assert [block.steers for block in fields.build(schema, {})] == [True, False, False]


def test_a_group_of_which_every_question_is_hidden_is_not_drawn_but_its_text_travels_along() -> None:
    group = {
        "type": "group", "label": "Later", "conditional": {"hide": "=true"},
        "components": [{"type": "text", "text": "Uitleg"}, {"type": "textarea", "key": "note"}],
    }  # fmt: skip

    [carried] = fields.build({"components": [group]}, {"note": ["Niet weg"]}, hidden=lambda path: path == "note")

    assert (carried.kind, carried.name, carried.values) == ("carried", "note", ["Niet weg"])


def test_what_is_only_told_is_no_field() -> None:
    told = one({"type": "radio", "key": "advice", "readonly": True, "values": [{"value": "a", "label": "Samen verkennen"}]},
               {"advice": ["a"]})  # fmt: skip

    assert told.kind == "told"
    assert told.text[0].lines == ("Samen verkennen",)


def test_choices_that_are_handed_in_are_drawn_and_one_that_is_gone_does_not_look_like_none() -> None:
    question = {"type": "select", "key": "partner", "valuesKey": "partners"}
    choices = {"partners": [("1", "De Bron"), ("2", "De Es")]}

    assert one(question, choices=choices).options == [("1", "De Bron"), ("2", "De Es")]
    assert one(question, {"partner": ["2"]}, choices=choices).options == [("1", "De Bron"), ("2", "De Es")]
    assert one(question, {"partner": ["3"]}, choices=choices).options[-1] == ("3", fields.GONE)
    assert one(question).options == []


def test_help_and_faults_are_tied_to_their_field() -> None:
    block = one({"type": "textfield", "key": "a.b[0]", "description": "Uitleg"}, errors={"a.b[0]": ["Fout."]})

    assert block.id == "veld-a-b-0"
    assert block.described_by == "veld-a-b-0-uitleg veld-a-b-0-fout"


@given(st.lists(st.text(max_size=5), max_size=6), st.integers(0, 8))
def test_removing_a_row_moves_only_the_rows_after_it(texts: list[str], gone: int) -> None:
    typed = {f"people[{index}].name": [text] for index, text in enumerate(texts)} | {"other": ["blijft"]}
    typed["_rows.people"] = [str(len(texts))]

    fields.change_rows(typed, f"remove:people[{gone}]")

    rest = [text for index, text in enumerate(texts) if index != gone]
    assert [typed[f"people[{index}].name"] for index in range(len(rest))] == [[text] for text in rest]
    assert typed["other"] == ["blijft"]


@given(st.text(max_size=40))
def test_no_button_breaks_a_form(action: str) -> None:
    typed = {"people[0].name": ["An"], "other": ["blijft"]}

    fields.change_rows(typed, action)

    assert typed["other"] == ["blijft"]


def test_rows_end_somewhere() -> None:
    typed = {"_rows.people": ["9999"], "people[900].name": ["ver weg"]}

    assert fields.row_count(typed, "people") <= 100


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,6}", fullmatch=True),
        st.text(min_size=1) | st.booleans() | st.lists(st.text(min_size=1), min_size=1),
    )
)
def test_answers_look_as_if_they_had_been_typed(answers: dict[str, Any]) -> None:
    typed = fields.flatten(answers)

    assert set(typed) == set(answers)
    for name, answer in answers.items():
        if isinstance(answer, str):
            assert typed[name] == [answer]


def test_the_error_summary_says_which_row_is_meant() -> None:
    row = SimpleNamespace(path="actions[].what", label="Wat is de afspraak?")
    form: Any = SimpleNamespace(fields={row.path: row}, rows={}, field_at=lambda _name: row)
    errors = {"actions[0].what": ["Vul dit in."], "actions[1].what": ["Vul dit in."]}
    assert [fault.label for fault in fields.faults(errors, form)] == [
        "Wat is de afspraak?",
        "Wat is de afspraak? (nummer 2)",
    ]


def test_a_list_without_choices_says_so(app: Flask) -> None:
    """“Maak een keuze” above nothing leaves a person wondering what they did wrong."""
    component = {"type": "select", "key": "receiver", "label": "Wie?", "valuesKey": "receivers"}
    with app.test_request_context():
        macros = app.jinja_env.get_template("macros/form.html").module
        empty = macros.select_field(one(component), None)  # type: ignore[attr-defined]
        filled = macros.select_field(one(component, choices={"receivers": [("a", "A")]}), None)  # type: ignore[attr-defined]
    assert "Er is nu niets om uit te kiezen" in empty
    assert "Er is nu niets om uit te kiezen" not in filled
    assert "Geen keuze" in filled
