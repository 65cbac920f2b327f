"""Forms: what they ask, what they refuse, and where each answer lands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import bpmn
from workflows import forms
from workflows.errors import Invalid, NotFound

TODAY = date(2026, 11, 3)
DRAWN = {
    drawn["id"]: drawn
    for drawn in (json.loads(path.read_text(encoding="utf-8")) for path in sorted(bpmn.DIRECTORY.glob("*.form")))
}


class Bundle:
    """The part of an engine bundle that forms read: a digest and the JSON by key."""

    def __init__(self, digest: str = "shipped", **drawn: Any) -> None:
        self.digest = digest
        self.forms: Mapping[str, Any] = drawn or DRAWN


SHIPPED = Bundle()
FORMS = {key: forms.definition(SHIPPED, key) for key in DRAWN}


def form(*components: dict[str, Any]) -> forms.Form:
    drawn = {"id": "small", "type": "default", "schemaVersion": 19, "components": list(components)}
    assert forms.faults("small", drawn) == []
    return forms.read_form("small", "test", drawn)


def ask(kind: str, key: str, **more: Any) -> dict[str, Any]:
    properties = {"compartment": "C1", **more.pop("properties", {})}
    return {"type": kind, "key": key, "label": key, "properties": properties, **more}


def choice(kind: str, key: str, *values: str, **more: Any) -> dict[str, Any]:
    return ask(kind, key, values=[{"value": value, "label": value} for value in values], **more)


def refused(asked: forms.Form, raw: Any, **more: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as told:
        forms.clean(asked, raw, **more)
    return told.value.errors


def attempt(asked: forms.Form, raw: Any, **more: Any) -> tuple[dict[str, Any] | None, dict[str, list[str]]]:
    """The clean answers, or the faults."""
    try:
        return forms.clean(asked, raw, **more), {}
    except Invalid as told:
        return None, told.errors


def signal(**more: Any) -> dict[str, Any]:
    """A complete signal about one question of money."""
    return {
        "support_request_own_words": "Ik red het niet met het geld.",
        "unclear_question": "no",
        "phase": "pregnant",
        "due_date": "2027-03-01",
        "due_date_certainty": "dating_scan",
        "parent_name": "M.",
        "birth_date": "1998-02-01",
        "living_situation": "address",
        "postcode": "5911 AB",
        "municipality_code": "GM0983",
        "preferred_language": "nl",
        "safe_contact": "call",
        "safe_contact_detail": "Overdag op het mobiele nummer",
        "partner_involved": "yes",
        "protective_factors": ["coping"],
        "risk_categories": ["KW04"],
        "vulnerability_level": "vulnerable",
        "assessed_together": "yes",
        "safety_concern": "no",
        "urgency": "regular",
    } | more


# --- the shipped forms


@pytest.mark.parametrize("key", DRAWN)
def test_a_shipped_form_has_no_faults_and_is_called_as_its_file(key):
    assert forms.faults(key, DRAWN[key]) == []
    assert json.loads((bpmn.DIRECTORY / f"{key}.form").read_text(encoding="utf-8")) == DRAWN[key]


def test_forms_that_a_modeller_opens_are_schema_version_19_for_camunda_7():
    assert {(drawn["schemaVersion"], drawn["executionPlatform"]) for drawn in DRAWN.values()} == {
        (19, "Camunda Platform")
    }


@pytest.mark.parametrize("key", DRAWN)
def test_component_ids_occur_once(key):
    ids = re.findall(r'"id": "([^"]+)"', json.dumps(DRAWN[key]["components"]))

    assert len(ids) == len(set(ids))


def test_nothing_about_safety_decides_and_its_answers_stay_in_the_own_organisation():
    for asked in FORMS.values():
        assert not any(field.reads_unsafety for field in asked.deciding)
        for path in ("safety_concern", "safety_assessed"):
            if path in asked.fields:
                assert {asked.fields[path].compartment, *asked.fields[path].option_compartments.values()} <= {
                    forms.SAFETY
                }


def test_a_situation_of_the_family_lands_in_its_own_compartment():
    asked = FORMS["signal"]

    values = forms.split(asked, forms.clean(asked, signal(risk_categories=["KW04", "KW11", "KW08", "KW18"])))

    assert [(value.value, value.compartment) for value in values if value.field == "risk_categories"] == [
        ("KW04", "C4"), ("KW11", "C1"), ("KW08", "C3"), ("KW18", "C5"),
    ]  # fmt: skip


def test_the_parents_own_words_come_first_and_strengths_before_worries():
    paths = list(FORMS["signal"].fields)

    assert paths[0] == "support_request_own_words"
    assert paths.index("protective_factors") < paths.index("risk_categories")


def test_all_22_situations_of_the_programme_can_be_named():
    options = set(FORMS["signal"].fields["risk_categories"].option_compartments)

    assert options == {f"KW{number:02}" for number in range(1, 23)} | {"KW99", "none"}
    assert options == set(FORMS["exploration"].fields["risk_categories_after"].option_compartments)


def test_nothing_is_ticked_or_chosen_beforehand():
    assert "defaultValue" not in json.dumps(DRAWN)


def test_every_required_question_about_people_says_why_it_is_asked():
    silent = [
        f"{key}.{field.path}"
        for key in ("signal", "consent", "routing", "exploration")
        for field in FORMS[key].fields.values()
        if field.required and not field.description and not field.hide and "[]" not in field.path
    ]

    assert silent == []


# --- the signal


def test_a_complete_signal_is_accepted_and_decides_the_route_only_by_what_the_form_marks():
    asked = FORMS["signal"]

    answers = forms.clean(asked, signal(), on=TODAY)

    assert forms.outcomes(asked, answers) == {
        "unclear_question": "no", "phase": "pregnant", "family_planning": None, "vulnerability_level": "vulnerable",
    }  # fmt: skip


def test_an_empty_signal_names_every_missing_answer_at_once():
    errors = refused(FORMS["signal"], {})

    assert {"support_request_own_words", "phase", "parent_name", "risk_categories", "safety_concern"} <= errors.keys()
    assert errors["phase"] == ["Maak een keuze."]
    assert "due_date" not in errors  # nobody is asked for a date before there is a pregnancy


@pytest.mark.parametrize(
    ("phase", "asked", "not_asked"),
    [
        ("pregnant", {"due_date"}, {"child_birth_dates", "family_planning"}),
        ("after_birth", {"child_birth_dates"}, {"due_date", "family_planning"}),
        ("before_pregnancy", {"family_planning"}, {"due_date", "child_birth_dates", "parity"}),
    ],
)
def test_a_phase_asks_only_what_belongs_to_it(phase, asked, not_asked):
    bare = {key: value for key, value in signal(phase=phase).items() if not key.startswith("due_date")}

    errors = refused(FORMS["signal"], bare)

    assert asked <= errors.keys()
    assert not not_asked & errors.keys()
    assert not_asked <= forms.hidden(FORMS["signal"], bare)


def test_what_no_longer_applies_is_dropped_and_decides_nothing():
    asked = FORMS["signal"]

    answers = forms.clean(asked, signal(family_planning="yes", child_birth_dates=[{"date": "2026-01-01"}]))

    assert "family_planning" not in answers
    assert "child_birth_dates" not in answers
    assert forms.outcomes(asked, answers)["family_planning"] is None


def test_none_of_these_stands_alone():
    errors = refused(
        FORMS["signal"], signal(risk_categories=["none", "KW04"], protective_factors=["none_seen", "income"])
    )

    assert errors == {
        "risk_categories": ["Kies ‘Geen van deze’ alleen als niets anders past."],
        "protective_factors": ["Kies ‘Geen gezien’ alleen als niets anders past."],
    }


def test_a_family_without_address_due_date_or_pregnancy_is_a_normal_case():
    bare = signal(
        phase="before_pregnancy",
        family_planning="no",
        living_situation="no_fixed_address",
        safe_contact="via_signaller",
    )
    for key in ("due_date", "due_date_certainty", "postcode", "safe_contact_detail"):
        del bare[key]

    assert forms.clean(FORMS["signal"], bare)["living_situation"] == "no_fixed_address"


@pytest.mark.parametrize("postcode", ["5911AB", "5911 ab", " 5911 AB "])
def test_a_postcode_may_be_written_in_several_ways(postcode):
    assert forms.clean(FORMS["signal"], signal(postcode=postcode))["postcode"] == postcode


@pytest.mark.parametrize(
    "due_date", ["2029-01-01", "2026-01-01", "31-02-2027", "2027-02-30", "0001-01-01", "morgen", 20270301]
)
def test_a_due_date_that_cannot_be_is_refused(due_date):
    assert "due_date" in refused(FORMS["signal"], signal(due_date=due_date), on=TODAY)


def test_a_date_may_be_typed_the_dutch_way():
    assert forms.clean(FORMS["signal"], signal(due_date="1-3-2027"), on=TODAY)["due_date"] == "2027-03-01"


# --- consent


def consent(**more: Any) -> dict[str, Any]:
    return {
        "consent_result": "given",
        "subject": "parent",
        "given_by": "self",
        "information_given": ["what", "why", "which_data", "with_whom", "may_refuse", "may_withdraw"],
        "consent_form": "oral",
        "consent_language": "nl",
        "share_youth_health": "yes",
        "share_youth_health_categories": ["C0", "C1"],
        "share_feedback": "no",
        "share_municipality": "no",
        "validity": "until_closed",
    } | more


def test_a_parent_may_say_yes_to_one_and_no_to_another():
    asked = FORMS["consent"]

    answers = forms.clean(asked, consent())

    assert forms.outcomes(asked, answers) == {
        "consent_result": "given",
        "share_youth_health": "yes",
        "share_feedback": "no",
    }
    assert "share_municipality_categories" not in answers


def test_a_yes_says_which_data_may_be_shared():
    errors = refused(FORMS["consent"], consent(share_feedback="yes"))

    assert errors == {"share_feedback_categories": ["Maak een keuze."]}


def test_consent_is_only_given_by_whoever_was_told_everything():
    errors = refused(FORMS["consent"], consent(information_given=["what", "why"]))

    assert list(errors) == ["information_given"]
    assert "Dat nee zeggen mag, zonder gevolgen" in errors["information_given"][0]


@pytest.mark.parametrize("result", ["refused", "later"])
def test_a_refusal_asks_for_no_yes_and_shares_nothing(result):
    asked = FORMS["consent"]

    answers = forms.clean(asked, consent(consent_result=result, offered=["think_again"]))

    assert forms.outcomes(asked, answers) == {
        "consent_result": result,
        "share_youth_health": None,
        "share_feedback": None,
    }
    assert not any(key.startswith("share_") for key in answers)


def test_whoever_decides_for_another_has_the_authority_for_it():
    errors = refused(FORMS["consent"], consent(subject="child", given_by="parent_with_authority"))

    assert errors == {"authority_checked": ["Vink dit aan om verder te gaan."]}


# --- routing and exploration


def test_leaving_the_advice_is_explained():
    chosen = {
        "advised_route": "pathway",
        "single_or_multiple": "multiple",
        "route": "exploration",
        "decided_with_parent": "yes",
    }

    assert list(refused(FORMS["routing"], chosen)) == ["override_reason"]
    assert forms.clean(FORMS["routing"], chosen | {"override_reason": "De ouder wil eerst praten."})
    assert forms.clean(FORMS["routing"], chosen | {"route": "pathway"})


def test_a_family_that_was_not_reached_needs_no_story():
    answers = forms.clean(
        FORMS["exploration"],
        {
            "contacts": [{"date": f"2026-11-0{day}", "form": "phone", "result": "no_show"} for day in (2, 3, 4)],
            "safety_assessed": "no",
            "safety_concern": "doubt",
            "conclusion": "not_reached",
            "positive_health": {"participation": 7},
        },
    )

    assert forms.outcomes(FORMS["exploration"], answers) == {"conclusion": "not_reached"}
    assert "positive_health" not in answers


def test_faults_in_rows_and_groups_are_told_where_they_are():
    errors = refused(
        FORMS["exploration"],
        {
            "contacts": [
                {"date": "2026-11-02", "form": "phone", "result": "took_place"},
                {"date": "gisteren", "form": "duif", "present": ["hond"], "secret": 1},
            ],
            "positive_health": {"participation": 11, "mood": 3},
            "network_map": "oma",
        },
    )

    assert {
        "contacts[1].date", "contacts[1].form", "contacts[1].present", "contacts[1].result", "contacts[1].secret",
        "positive_health.participation", "positive_health.mood", "network_map", "what_goes_well", "conclusion",
    } <= errors.keys()  # fmt: skip
    assert not any(path.startswith("contacts[0]") for path in errors)


def test_an_empty_row_is_no_row():
    assert refused(FORMS["exploration"], {"contacts": [{}, {"date": "", "present": []}]})["contacts"] == ["Vul dit in."]


# --- what is thrown at it


def test_unknown_fields_are_refused_not_swallowed():
    assert refused(FORMS["closure"], {"typename": "BpmnWorkflow", "__class__": 1})["typename"] == [
        "Dit veld hoort niet bij dit formulier."
    ]


@pytest.mark.parametrize("raw", [None, [], "tekst", 3, True])
def test_answers_are_fields_with_a_value(raw):
    assert "_" in refused(FORMS["closure"], raw)
    assert "_" in refused(FORMS["closure"], raw, partial=True)


@pytest.mark.parametrize("partial", [True, False])
def test_a_hundred_thousand_keys_are_one_fault(partial):
    assert list(refused(FORMS["signal"], {str(number): 1 for number in range(100_000)}, partial=partial)) == ["_"]


@pytest.mark.parametrize("partial", [True, False])
def test_five_hundred_levels_are_one_fault(partial):
    deep: Any = "x"
    for _ in range(500):
        deep = {"signal": [deep]}

    assert list(refused(FORMS["signal"], deep, partial=partial)) == ["_"]


def test_a_list_of_many_rows_is_limited():
    errors = refused(FORMS["exploration"], {"network_map": [{"name_or_initial": "A"}] * 21})

    assert errors["network_map"] == ["Hier passen hoogstens 20 regels."]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udfff"])
def test_a_sign_that_no_database_keeps_is_told_and_mended_in_a_draft(text):
    errors = refused(FORMS["signal"], signal(parent_name=text))

    assert errors["parent_name"] == ["Hier staat een teken dat we niet kunnen bewaren. Typ de tekst opnieuw."]
    draft = forms.clean(FORMS["signal"], {"parent_name": text}, partial=True)
    assert draft["parent_name"].encode().decode().count("\ufffd") == 1


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(10**400, id="400 digits"),
        -(10**13),
        1e300,
        float("nan"),
        float("inf"),
        True,
        "1e5",
        "٣",
        "0x10",
        [1],
        {},
    ],
)
def test_no_number_is_read_into_something_else(number):
    asked = form(ask("number", "count"))

    assert refused(asked, {"count": number}) == {"count": ["Vul hier een getal in, bijvoorbeeld 2."]}
    json.dumps(forms.clean(asked, {"count": number}, partial=True), allow_nan=False)


@pytest.mark.parametrize(("typed", "number"), [("3", 3), (" 3 ", 3), ("2,5", 2.5), (2.0, 2), (0, 0), ("-0", 0)])
def test_a_number_may_be_typed(typed, number):
    assert forms.clean(form(ask("number", "count")), {"count": typed}) == {"count": number}


@given(text=st.text(max_size=300))
@example(text="Robert'); DROP TABLE families;--")
@example(text="<script>alert(1)</script>")
@example(text="\u202eomgekeerd")
@example(text="=1+1")
@example(text="🧑‍🍼")
@example(text="{{7*7}}")
def test_any_text_is_refused_or_comes_back_unchanged(text):
    answers, errors = attempt(form(ask("textarea", "story")), {"story": text})

    if errors:
        assert set(errors) == {"story"}
        assert re.search("[\x00\ud800-\udfff]", text)
    else:
        assert answers == ({"story": text} if text.strip() else {})


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=8,
)


@given(key=st.sampled_from(sorted(DRAWN)), data=st.data())
def test_any_answers_at_all_are_accepted_or_refused_in_dutch(key, data):
    asked = FORMS[key]
    tops = sorted({path.split("[]")[0].split(".")[0] for path in asked.fields})
    raw = data.draw(st.dictionaries(st.sampled_from(tops) | st.text(max_size=8), json_like, max_size=6))

    for partial in (True, False):
        answers, errors = attempt(asked, raw, partial=partial, on=TODAY)

        assert (answers is None) == bool(errors)
        assert all(text.endswith(".") for texts in errors.values() for text in texts)
        json.dumps([answers, errors], allow_nan=False).encode()


# --- drafts


def test_a_draft_keeps_what_was_typed_however_wrong():
    typed = {"due_date": "ergens in mei", "parity": "twee?", "phase": "after_birth", "family_planning": "yes",
             "professionals_involved": [{"who": ""}, {"who": "huisarts"}]}  # fmt: skip

    assert forms.clean(FORMS["signal"], typed, partial=True) == typed


# --- choices that are handed in


def partners(**more: Any) -> dict[str, Any]:
    return ask("select", "partner", valuesKey="partners", **more)


labels = st.text(max_size=5)
options = st.lists(
    st.tuples(st.text(min_size=1, max_size=60).filter(str.strip), labels), unique_by=lambda pair: pair[0]
)


@given(found=options, other=options, typed=st.text(min_size=1, max_size=60).filter(str.strip))
@example(found=[], other=[("a", "A")], typed="a")
@example(found=[("a", "A")], other=[], typed=" a")
@example(found=[("a", "A")], other=[], typed="A")
def test_a_choice_counts_exactly_when_it_was_handed_in(found, other, typed):
    asked = form(partners(), ask("radio", "other", valuesKey="others"))
    handed_in = {"partners": found, "others": other}

    answers, errors = attempt(asked, {"partner": typed}, choices=handed_in)

    if "\x00" in typed:
        assert set(errors) == {"partner"}
    elif typed in dict(found):
        assert answers == {"partner": typed}
    else:
        assert errors == {"partner": ["Kies een van de antwoorden op de lijst."]}
    for value, _ in found:
        if "\x00" not in value:
            assert attempt(asked, {"partner": value, "other": value}, choices={"partners": found})[1] == {
                "other": ["Kies een van de antwoorden op de lijst."]
            }


@given(typed=st.text(min_size=1, max_size=60).filter(lambda text: text.strip() and "\x00" not in text))
def test_without_choices_nothing_can_be_chosen_but_a_draft_keeps_it(typed):
    asked = form(partners())

    for nothing in (None, {}, {"partners": []}, {"others": [(typed, "A")]}):
        assert refused(asked, {"partner": typed}, choices=nothing) == {
            "partner": ["Kies een van de antwoorden op de lijst."]
        }
    assert forms.clean(asked, {"partner": typed}, partial=True) == {"partner": typed}
    assert forms.clean(asked, {"partner": ""}) == {}


@pytest.mark.parametrize("wrong", [["a"], {"a": "b"}, 3, True])
def test_a_choice_is_a_text(wrong):
    assert set(refused(form(partners()), {"partner": wrong}, choices={"partners": [("a", "A"), ("3", "3")]})) == {
        "partner"
    }


def test_choices_of_one_time_do_not_count_another_time():
    asked = form(partners())

    assert forms.clean(asked, {"partner": "a"}, choices={"partners": [("a", "A")]}) == {"partner": "a"}
    assert refused(asked, {"partner": "a"}, choices={"partners": [("b", "B")]})
    assert refused(asked, {"partner": "a"})


def test_a_question_can_depend_on_a_choice_that_was_handed_in():
    meeting = partners(validate={"required": True})
    when = ask("datetime", "day", conditional={"hide": '=partner != "new"'}, validate={"required": True})
    row = {"type": "dynamiclist", "path": "rows", "label": "Rijen", "components": [meeting, when]}
    choices = {"partners": [("new", "Nieuw"), ("old", "Oud")]}

    assert refused(form(meeting, when), {"partner": "new"}, choices=choices) == {"day": ["Vul dit in."]}
    assert forms.clean(form(meeting, when), {"partner": "old"}, choices=choices) == {"partner": "old"}
    assert forms.hidden(form(meeting, when), {"partner": "new"}, choices=choices) == set()
    assert forms.hidden(form(meeting, when), {"partner": "new"}) == {"day"}
    assert refused(form(row), {"rows": [{"partner": "old"}, {"partner": "new"}]}, choices=choices) == {
        "rows[1].day": ["Vul dit in."]
    }


def test_a_field_with_choices_that_are_handed_in_has_no_others_and_decides_nothing():
    both = partners(values=[{"value": "a", "label": "A"}])
    deciding = partners(properties={"decides": "true"})

    for wrong in (both, deciding):
        assert len(forms.faults("small", {"components": [wrong]})) == 1
    assert forms.faults("small", {"components": [ask("checklist", "partner", valuesKey="partners")]})


# --- apart and together


def answers_to(asked: forms.Form) -> st.SearchStrategy[dict[str, Any]]:
    """Clean answers, straight from what the fields allow."""

    def one(field: forms.Field) -> st.SearchStrategy[Any]:
        values = [option.value for option in field.options]
        if field.type == "checklist":
            return st.lists(st.sampled_from(values), min_size=1, unique=True)
        if values:
            return st.sampled_from(values)
        if field.type == "checkbox":
            return st.booleans()
        if field.type == "number":
            return st.integers(0, 10)
        if field.type == "datetime":
            return st.dates().map(date.isoformat)
        # Clean answers hold no NUL: the schema refuses one, and a draft gets a mark in its place.
        return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20)

    top: dict[str, Any] = {}
    inner: dict[str, dict[str, Any]] = {}
    for path, field in asked.fields.items():
        place, _, key = path.replace("[].", ".").rpartition(".")
        (inner.setdefault(place, {}) if place else top)[key] = one(field)
    for place, readers in inner.items():
        whole = st.fixed_dictionaries({}, optional=readers).filter(bool)
        top[place] = st.lists(whole, min_size=1, max_size=12) if place in asked.rows else whole
    return st.fixed_dictionaries({}, optional=top)


@given(key=st.sampled_from(sorted(DRAWN)), data=st.data())
def test_answers_taken_apart_and_put_together_are_the_same(key, data):
    answers = data.draw(answers_to(FORMS[key]))

    values = forms.split(FORMS[key], answers)

    assert forms.join(FORMS[key], data.draw(st.permutations(values))) == answers
    assert all(not isinstance(value.value, list | dict) for value in values)
    assert {value.compartment for value in values} <= forms.COMPARTMENTS


# --- two versions


def without(drawn: Any, gone: set[str]) -> dict[str, Any]:
    """A form without the questions of these keys; a group or list that is left empty goes too."""

    def kept(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found = []
        for each in components:
            if each.get("key") in gone:
                continue
            inner = kept(each["components"]) if "components" in each else None
            if inner != []:
                found.append(each if inner is None else {**each, "components": inner})
        return found

    return {**drawn, "components": kept(drawn["components"])}


def versions(*components: dict[str, Any]) -> forms.Form:
    return forms.read_form("small", "later", {"id": "small", "components": list(components)})


@pytest.mark.parametrize("key", DRAWN)
def test_a_form_that_was_only_read_again_or_put_in_another_order_did_not_change(key):
    drawn = json.loads(json.dumps(DRAWN[key]))
    drawn["components"].reverse()

    changes = forms.changed(FORMS[key], forms.read_form(key, "later", drawn))

    assert not changes
    assert changes.told == ""


@given(key=st.sampled_from(sorted(DRAWN)), data=st.data())
def test_what_comes_and_what_goes_is_named_the_other_way_round_backwards(key, data):
    old = FORMS[key]
    gone = data.draw(st.sets(st.sampled_from([field.key for field in old.fields.values()])))
    new = forms.read_form(key, "later", without(DRAWN[key], gone))
    there, back = forms.changed(old, new), forms.changed(new, old)

    assert set(there.gone) >= {field.label for field in old.fields.values() if field.key in gone}
    assert (there.new, there.changed) == ((), ())
    assert (set(back.new), back.gone, back.changed) == (set(there.gone), (), ())
    assert all(label in there.told for label in there.gone)


@pytest.mark.parametrize(
    "now",
    [
        choice("radio", "q", "a", "b", label="Anders gevraagd"),
        choice("radio", "q", "a", "b", description="Met uitleg"),
        choice("radio", "q", "a", "b", validate={"required": True}),
        choice("radio", "q", "a", "b", "c"),
        choice("radio", "q", "b", "a"),
        choice("select", "q", "a", "b"),
        choice("radio", "q", "a", "b", properties={"compartment": "C4"}),
        choice("radio", "q", "a", "b", properties={"text_version": "2"}),
        choice("radio", "q", "a", "b", conditional={"hide": '=z = "x"'}),
        ask("radio", "q", valuesKey="partners"),
    ],
)
def test_a_question_that_asks_something_else_changed(now):
    old, z = choice("radio", "q", "a", "b"), ask("textfield", "z")

    changes = forms.changed(versions(old, z), versions(now, z))

    assert (changes.new, changes.gone, changes.changed) == ((), (), (now["label"],))
    assert changes.told == f"Veranderd: ‘{now['label']}’."


def test_what_only_the_process_looks_at_is_no_change():
    assert not forms.changed(
        versions(choice("radio", "q", "a")), versions(choice("radio", "q", "a", properties={"decides": "true"}))
    )


def test_a_list_that_asks_for_more_rows_changed():
    def rows(**properties: str) -> dict[str, Any]:
        return {"type": "dynamiclist", "path": "r", "label": "Rijen", "properties": properties,
                "components": [ask("textfield", "a")]}  # fmt: skip

    assert forms.changed(versions(rows()), versions(rows(min_items="2"))).changed == ("Rijen",)


@given(key=st.sampled_from(sorted(DRAWN)), data=st.data())
def test_nothing_typed_gets_lost_between_two_versions(key, data):
    old = FORMS[key]
    gone = data.draw(st.sets(st.sampled_from([field.key for field in old.fields.values()])))
    new = forms.read_form(key, "later", without(DRAWN[key], gone))
    answers = data.draw(answers_to(old))

    kept, left = forms.carry(old, new, answers)

    before, after = forms.split(old, answers), forms.split(new, kept)
    stays = [value for value in before if new.field_at(value.field) is not None and not blank(value.value)]
    assert {value.value if isinstance(value.value, str | int) else "" for value in stays} == {
        value.value if isinstance(value.value, str | int) else "" for value in after
    }
    assert len(stays) == len(after)
    for value in before:
        if new.field_at(value.field) is None and not blank(value.value):
            asked = old.field_at(value.field)
            assert asked is not None
            question, text = left[value.field]
            assert question.endswith(asked.label)
            assert isinstance(value.value, bool) or asked.label_of(value.value) in text
    assert forms.carry(new, new, kept) == (kept, {})


def blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


@pytest.mark.parametrize(
    ("was", "now", "value", "kept", "left"),
    [
        (choice("radio", "q", "a", "b"), choice("radio", "q", "b"), "a", {}, {"q": ("q", "a")}),
        (choice("radio", "q", "a", "b"), choice("select", "q", "a"), "a", {"q": "a"}, {}),
        (
            choice("checklist", "q", "a", "b"),
            choice("checklist", "q", "b"),
            ["a", "b"],
            {"q": ["b"]},
            {"q": ("q", "a")},
        ),
        (choice("checklist", "q", "a"), ask("textarea", "q"), ["a"], {}, {"q": ("q", "a")}),
        (ask("textarea", "q"), choice("radio", "q", "a"), "Lang", {}, {"q": ("q", "Lang")}),
        (ask("textarea", "q"), ask("number", "q"), "twee", {"q": "twee"}, {}),
        (ask("checkbox", "q"), ask("textfield", "q"), "true", {}, {"q": ("q", "Ja")}),
        (ask("checkbox", "q"), ask("textfield", "z"), False, {}, {"q": ("q", "Nee")}),
        (ask("radio", "q", valuesKey="a"), ask("select", "q", valuesKey="a"), "x", {"q": "x"}, {}),
        (ask("radio", "q", valuesKey="a"), ask("radio", "q", valuesKey="b"), "x", {}, {"q": ("q", "x")}),
        (ask("textarea", "z"), ask("textarea", "q"), "Lang", {"q": "Lang"}, {}),
        (ask("textarea", "z"), ask("textarea", "y"), "Lang", {}, {"q": ("q", "Lang")}),
    ],
)
def test_an_answer_stays_where_the_question_can_show_it(was, now, value, kept, left):
    assert forms.carry(versions(was), versions(now), {"q": value}) == (kept, left)


def test_rows_keep_their_order_and_tell_their_number():
    def rows(*asked: dict[str, Any]) -> dict[str, Any]:
        return {"type": "dynamiclist", "path": "r", "label": "Contact", "components": list(asked)}

    old = versions(rows(ask("textfield", "a"), ask("textfield", "b")))
    new = versions(rows(ask("textfield", "b")))
    typed = {"r": [{"a": "1", "b": "2"}, {"a": "3"}, {"b": "4"}, "geen rij"]}

    assert forms.carry(old, new, typed) == (
        {"r": [{"b": "2"}, {"b": "4"}]},
        {"r[0].a": ("Contact 1: a", "1"), "r[1].a": ("Contact 2: a", "3"), "r[3]": ("r[3]", "geen rij")},
    )


def test_what_no_person_typed_is_not_carried():
    deep: dict[str, Any] = {}
    for _ in range(2_000):
        deep = {"a": deep}

    with pytest.raises(Invalid):
        forms.carry(FORMS["signal"], FORMS["signal"], deep)


# --- withholding


def test_what_is_withheld_leaves_no_gap():
    asked = FORMS["exploration"]
    answers = {
        "network_map": [{"name_or_initial": "O."}],
        "contacts": [{"present": ["partner", "parent"]}, {"present": ["partner"]}],
    }

    shown = [value for value in forms.split(asked, answers) if value.compartment == "C6"]

    assert forms.join(asked, shown) == {"contacts": [{"present": ["parent"]}]}


def test_pairs_of_a_page_become_the_same_answers():
    asked = FORMS["exploration"]
    pairs = [
        ("contacts[4].date", "2026-11-02"), ("contacts[4].present", "parent"), ("contacts[4].present", "partner"),
        ("contacts[0].form", "phone"), ("positive_health.participation", "7"), ("wishes", "Rust\r\nen tijd"), ("typename", "x"),
        ("contacts[9999999999].date", "x"),
    ]  # fmt: skip

    assert forms.from_pairs(asked, pairs) == {
        "contacts": [{"form": "phone"}, {"date": "2026-11-02", "present": ["parent", "partner"]}],
        "positive_health": {"participation": "7"},
        "wishes": "Rust\nen tijd",
        "typename": "x",
        "contacts[9999999999].date": "x",
    }


@given(pairs=st.lists(st.tuples(st.text(max_size=12) | st.sampled_from(["contacts[0].date", "contacts", "contacts[0]", "positive_health", "positive_health.participation"]), st.text(max_size=5)), max_size=8))  # fmt: skip
def test_any_pairs_are_read_without_a_crash(pairs):
    answers = forms.from_pairs(FORMS["exploration"], pairs)

    with pytest.raises(Invalid):
        forms.clean(FORMS["exploration"], answers)


# --- forms that cannot be used


@pytest.mark.parametrize(
    ("component", "told"),
    [
        (choice("radio", "safety_concern", "no", "yes", properties={"compartment": "C5", "decides": "true"}), "nooit de route"),
        (choice("radio", "kind", "a", "b", properties={"compartment.b": "C5", "decides": "true"}), "nooit de route"),
        (ask("textfield", "story", properties={"decides": "true"}), "Tekst kan dat niet"),
        (choice("checklist", "many", "a", properties={"decides": "true"}), "alleen een keuze"),
        (ask("textfield", "open", properties={"compartment": ""}), "compartiment is leeg"),
        (ask("textfield", "log", properties={"compartment": "C11"}), "C0 tot en met C10"),
        (choice("radio", "kind", "a", properties={"compartment.z": "C1"}), "bestaat niet"),
        (choice("checklist", "many", "a", properties={"exclusive": "z"}), "bestaat niet"),
        (choice("radio", "kind", "a", "a"), "dezelfde waarde"),
        (choice("radio", "kind"), "geen antwoorden"),
        (ask("textfield", "Naam van ouder"), "kleine letters"),
        (ask("textfield", "a", conditional={"hide": "=b = 1"}), "staat niet in dit formulier"),
        (ask("textfield", "a", conditional={"hide": "=b ="}), "voorwaarde om te verbergen"),
        (ask("filepicker", "photo"), "‘filepicker’ kan hier niet"),
        (ask("textfield", "parent_bsn"), "vraagt geen BSN"),
        (ask("number", "who", label="Burgerservicenummer van de ouder"), "vraagt geen BSN"),
        ({"type": "dynamiclist", "path": "people", "components": [ask("textarea", "a", label="Naam en bsn")]}, "eigen plek"),
    ],
)  # fmt: skip
def test_a_form_with_a_fault_is_refused_and_says_what_to_do(component, told):
    drawn = {"id": "small", "components": [component]}

    with pytest.raises(Invalid) as refusal:
        forms.definition(Bundle(digest=json.dumps(component), small=drawn), "small")

    assert any(told in text for text in refusal.value.errors["small"]), refusal.value.errors
    assert forms.problems(Bundle(small=drawn)) == refusal.value.errors["small"]


@pytest.mark.parametrize("decides", ["true", "false"])
def test_no_other_question_betrays_an_answer_about_safety(decides):
    drawn = {
        "components": [
            choice("radio", "safety_concern", "no", "yes", properties={"compartment": "C5"}),
            choice(
                "radio", "next", "a", conditional={"hide": '=safety_concern = "no"'}, properties={"decides": decides}
            ),
        ]
    }

    assert any("safety_concern" in text for text in forms.faults("small", drawn))


def test_a_question_about_having_a_number_is_no_question_for_it():
    drawn = [
        choice("radio", "has_number", "yes", "no", label="Is er een BSN?"),
        ask("textfield", "absent", label="Wie?"),
    ]

    assert forms.faults("small", {"components": drawn}) == []


def test_a_key_occurs_once_also_across_groups():
    drawn = {"components": [ask("textfield", "a"), {"type": "group", "components": [ask("textfield", "a")]}]}

    assert any("twee keer" in text for text in forms.faults("small", drawn))


def test_an_unknown_form_is_not_found():
    with pytest.raises(NotFound):
        forms.definition(SHIPPED, "geheim")


def test_a_form_is_read_once_per_bundle():
    assert forms.definition(SHIPPED, "signal") is forms.definition(Bundle(), "signal")


# --- show and hide


def test_a_hidden_answer_counts_as_empty_for_the_next_condition():
    asked = form(
        choice("radio", "a", "yes", "no"),
        choice("radio", "b", "yes", "no", conditional={"hide": '=a != "yes"'}),
        ask("textfield", "c", conditional={"hide": '=b != "yes"'}, validate={"required": True}),
    )

    assert forms.clean(asked, {"a": "no", "b": "yes", "c": "x"}) == {"a": "no"}
    assert refused(asked, {"a": "yes", "b": "yes"}) == {"c": ["Vul dit in."]}
    assert forms.hidden(asked, {"a": "no", "b": "yes"}) == {"b", "c"}


def test_conditions_that_chase_each_other_end():
    asked = form(
        ask("textfield", "a", conditional={"hide": "=b = null"}),
        ask("textfield", "b", conditional={"hide": "=a != null"}),
    )

    forms.clean(asked, {"a": "x", "b": "y"})


def test_a_condition_that_gives_no_answer_hides_nothing():
    asked = form(ask("number", "n"), ask("textfield", "a", conditional={"hide": "=n > 3"}, validate={"required": True}))

    assert refused(asked, {}) == {"a": ["Vul dit in."]}
    assert forms.clean(asked, {"n": 4}) == {"n": 4}


def test_a_row_may_hide_its_own_question():
    asked = form(
        {
            "type": "dynamiclist",
            "path": "visits",
            "components": [
                choice("radio", "held", "yes", "no"),
                ask("textfield", "why", conditional={"hide": '=held = "yes"'}, validate={"required": True}),
            ],
        }
    )

    assert refused(asked, {"visits": [{"held": "yes", "why": "x"}, {"held": "no"}]}) == {
        "visits[1].why": ["Vul dit in."]
    }
