"""A set of files is read and checked as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import limits
from engine.bundle import Bundle, digest_of
from engine.errors import BundleRefused, Finding
from tests.engine.test_checks_faults import END, SCALARS, START, diagram, flow, straight, task
from tests.engine.test_decisions import table

SHIPPED = Path(__file__).parents[2] / "bpmn"


def form(*components: dict[str, Any], form_id: str = "f", **top: Any) -> bytes:
    return json.dumps({"id": form_id, "type": "default", "components": list(components), **top}, indent=1).encode()


def field(key: str = "outcome", kind: str = "select", **more: Any) -> dict[str, Any]:
    properties = {"compartment": "C1", **more.pop("properties", {})}
    base: dict[str, Any] = {"key": key, "type": kind, "label": f"Vraag {key}", "properties": properties}
    if kind in ("select", "radio", "checklist"):
        base["values"] = [{"label": "Ja", "value": "yes"}, {"label": "Nee", "value": "no"}]
    return {**base, **more}


def asked(condition: str = 'outcome = "yes"', with_form: bool = True) -> bytes:
    """A task with form f, then a choice on its outcome."""
    ask = task("ask").replace("name=", 'camunda:formRef="f" name=') if with_form else task("ask")
    gateway = '<exclusiveGateway id="choose" default="choose_fin"/>'
    body = START + ask + gateway + task("more") + END + flow("begin > ask > choose > fin") + flow("more > fin")
    return diagram(body + flow("choose > more", condition.replace("<", "&lt;"))).replace(SCALARS.encode(), b"")


def findings(**files: bytes) -> list[Finding]:
    with pytest.raises(BundleRefused) as refused:
        Bundle.from_files({name.replace("_", "."): data for name, data in files.items()})
    return list(refused.value.findings)


def codes(**files: bytes) -> set[str]:
    return {found.code for found in findings(**files)}


DECIDES = {"decides": "true"}


def test_the_shipped_method_is_a_good_bundle() -> None:
    bundle = Bundle.read_dir(SHIPPED)

    assert set(bundle.processes) == {path.stem for path in SHIPPED.glob("*.bpmn")}
    assert set(bundle.decisions) == {path.stem for path in SHIPPED.glob("*.dmn")}
    assert "safety_concern" not in bundle.deciding
    assert bundle.warnings == ()


def test_what_decides_is_everything_that_lives_in_the_state() -> None:
    rule = '<businessRuleTask id="rule" name="Kies" camunda:decisionRef="proef" camunda:resultVariable="advice"/>'
    bundle = Bundle.from_files(
        {
            "a.bpmn": asked(),
            "b.bpmn": straight(rule).replace(b'process id="proef"', b'process id="kiezen"'),
            "t.dmn": table([(["> y"], ['"a"'])], inputs=[("x", "number")]),
            "f.form": form(field(properties=DECIDES), field("story", "textarea")),
        }
    )

    assert bundle.deciding == {"outcome", "x", "y", "advice"}


def test_everything_wrong_is_told_at_once_with_file_line_and_element() -> None:
    found = findings(
        a_bpmn=straight("<scriptTask id=\"script\" name='Reken'/>"),
        b_bpmn=asked("outcome >"),
        c_bpmn=b"<!DOCTYPE x><x/>",
        t_dmn=table([([">"], ['"a"'])], policy="BOGUS"),
        f_form=form(field(key="typename"), {"type": "html"}),
    )

    assert {one.file for one in found} == {"a.bpmn", "b.bpmn", "c.bpmn", "t.dmn", "f.form"}
    assert {"element", "feel", "doctype", "hit_policy", "form_key", "form_component"} <= {one.code for one in found}
    assert all(one.line for one in found if one.code != "form_component")
    assert found == sorted(found, key=lambda one: (one.file, one.line, one.code))


def test_a_finding_reads_as_a_sentence_about_a_place() -> None:
    [found] = [
        one
        for one in findings(a_bpmn=straight("<scriptTask id=\"script\" name='Reken uit'/>"))
        if one.code == "element"
    ]

    assert str(found) == (
        f"a.bpmn regel {found.line}, ‘Reken uit’ (script): ‘scriptTask’ in ‘process’ wordt hier niet uitgevoerd. "
        "Een script mag niet. Gebruik een beslistabel of een servicetaak met een onderwerp (topic)."
    )


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("no_form", {"a_bpmn": asked()}),
        ("no_call", {"a_bpmn": straight('<callActivity id="c" name="Roep" calledElement="weg"/>')}),
        ("no_call", {"a_bpmn": straight('<callActivity id="c" name="Roep"/>')}),
        ("no_decision", {"a_bpmn": straight('<businessRuleTask id="r" name="Kies" camunda:decisionRef="weg"/>')}),
        ("no_decision", {"a_bpmn": straight('<businessRuleTask id="r" name="Kies"/>')}),
        ("id_twice", {"a_bpmn": straight(task("a")), "b_bpmn": straight(task("a"))}),
        ("id_twice", {"a_bpmn": asked(), "f_form": form(field()), "g_form": form(field())}),
        ("id_twice", {"t_dmn": table([(["-"], [""])]), "u_dmn": table([(["-"], [""])])}),
        ("unknown_name", {"a_bpmn": asked(), "f_form": form(field())}),
        ("unknown_name", {"a_bpmn": asked("other = 1"), "f_form": form(field(properties=DECIDES))}),
        ("safety_decides", {"a_bpmn": asked("safety_concern = 1"), "f_form": form(field())}),
        (
            "safety_decides",
            {"a_bpmn": asked(), "f_form": form(field(properties={"decides": "true", "compartment": "C5"}))},
        ),
        (
            "safety_decides",
            {"a_bpmn": asked(), "f_form": form(field(properties={"decides": "true", "compartment.yes": "C5"}))},
        ),
        ("safety_decides", {"a_bpmn": asked(), "f_form": form(field("safety_concern", properties=DECIDES))}),
        (
            "safety_decides",
            {"a_bpmn": straight(task("a")).replace(b'value="x, y"', b'value="safety_concern"')},
        ),
        (
            "result",
            {
                "a_bpmn": straight(
                    '<businessRuleTask id="r" name="K" camunda:decisionRef="proef" camunda:resultVariable="z"/>'
                ),
                "t_dmn": table(
                    [(["-"], ["", ""])], inputs=[("x", "number")], outputs=[("p", "string"), ("q", "string")]
                ),
            },
        ),
        ("no_process", {"f_form": form(field())}),
        ("too_large", {"a_bpmn": straight(*[task(f"t{number}") for number in range(limits.NODES)])}),
    ],
)
def test_what_refers_to_nothing_or_too_much_is_refused(code: str, files: dict[str, bytes]) -> None:
    assert code in codes(**files)


@pytest.mark.parametrize(
    ("code", "component"),
    [
        ("form_component", {"type": "html", "content": "<b>x</b>"}),
        ("form_component", {"type": "button", "label": "Klaar"}),
        ("form_component", {"type": "script"}),
        ("form_component", {"type": ["textfield"]}),
        ("form_component", {}),
        ("form_key", field(key="typename")),
        ("form_key", field(key="__proto__")),
        ("form_key", field(key="Naam kind")),
        ("form_key", field(key="a" * 65)),
        ("form_key", field(key=3)),  # type: ignore[arg-type]
        ("form_label", field(label=" ")),
        ("form_attribute", field(kind="checklist", valuesKey="load")),
        ("form_options", field(valuesKey="load")),
        ("form_options", field(values=None, valuesKey="Laad alles")),
        ("form_options", field(values=None, valuesKey="constructor")),
        ("form_options", field(values=None, valuesKey=["a"])),
        ("decides", field(values=None, valuesKey="load", properties=DECIDES)),
        ("form_attribute", field(onclick="x")),
        ("form_text", field(description="{{secret}}")),
        ("form_text", field(label="=1 + 1")),
        ("form_validate", field(validate={"custom": "x"})),
        ("form_validate", field(validate=[1])),
        ("form_pattern", field(kind="textfield", validate={"pattern": "^(a+)+$"})),
        ("form_pattern", field(kind="textfield", validate={"pattern": "a{5000}"})),
        ("form_pattern", field(kind="textfield", validate={"pattern": "a{99999999999999999999}"})),
        ("form_pattern", field(kind="textfield", validate={"pattern": "a{0,}a{0,}b"})),
        ("form_pattern", field(kind="textfield", validate={"pattern": "a?" * 33 + "a" * 33})),
        ("form_pattern", field(kind="textfield", validate={"pattern": "[a]{0,99}" * 6})),
        ("form_pattern", field(kind="textfield", validate={"pattern": "[a"})),
        ("form_hide", field(conditional={"hide": "outcome = 1"})),
        ("form_hide", field(conditional={"hide": "=gone = 1"})),
        ("feel", field(conditional={"hide": "=outcome ="})),
        ("form_options", field(values=[])),
        ("form_options", field(values=[{"label": "A", "value": "a"}, {"label": "B", "value": "a"}])),
        ("form_options", field(values=[{"label": "", "value": "a"}])),
        ("form_date", field(kind="datetime", subtype="datetime")),
        ("form_empty", {"type": "group", "label": "Leeg", "components": []}),
        ("compartment", field(properties={"compartment": "C12"})),
        ("compartment", field(properties={"compartment": None})),
        ("compartment", field(properties={"compartment.maybe": "C4"})),
        ("compartment", field(properties={"compartment.yes": "Z"})),
        ("decides", field(kind="checklist", properties=DECIDES)),
        ("decides", field(kind="textarea", properties=DECIDES)),
        ("decides", field(properties={"decides": "misschien"})),
        ("decides", {"type": "dynamiclist", "path": "rows", "components": [field("inner", properties=DECIDES)]}),
        ("form_properties", field(properties={"deep": {"er": 1}})),
    ],
)
def test_a_field_we_cannot_show_or_keep_apart_is_refused(code: str, component: dict[str, Any]) -> None:
    told = [found for found in findings(f_form=form(component)) if found.code == code]

    assert told
    assert all(found.file == "f.form" for found in told)


def test_a_key_may_come_back_in_another_list_but_not_beside_itself() -> None:
    rows = [
        {"type": "dynamiclist", "path": path, "label": "Rij", "components": [field("when")]} for path in ("one", "two")
    ]

    assert Bundle.from_files({"a.bpmn": straight(task("a")), "f.form": form(field("when"), *rows)})
    assert "form_key_twice" in codes(f_form=form(field("when"), field("when")))


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("json_broken", b"{"),
        ("json_broken", b"[" * 100_000),
        ("json_twice", b'{"id": "a", "id": "b"}'),
        ("json_twice", b'{"id": NaN}'),
        ("json_broken", b'{"id": ' + b"9" * 5000 + b"}"),
        ("not_form", b"[]"),
        ("nul", b'{"id": "\\u0000"}'),
        ("encoding", b'{"id": "\xe9"}'),
        ("file_too_large", b" " * (limits.FILE_BYTES + 1)),
        ("form_empty", b'{"id": "f", "type": "default"}'),
        ("id", form(field(), form_id="a b")),
        ("form_attribute", form(field(), onload="x")),
        ("too_many_fields", form(*[field(f"k{number}") for number in range(limits.FIELDS + 1)])),
    ],
)
def test_json_is_read_strictly(code: str, data: bytes) -> None:
    assert code in codes(f_form=data)


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("no_files", {}),
        ("file_name", {"../p.bpmn": b"<a/>"}),
        ("file_name", {"p.exe": b"<a/>"}),
        ("file_name", {"p\n.bpmn": b"<a/>"}),
        ("too_many_files", {f"p{number}.bpmn": b"<a/>" for number in range(limits.FILES + 1)}),
        ("too_large", {f"p{number}.bpmn": b" " * 1_500_000 for number in range(8)}),
    ],
)
def test_a_set_of_files_has_sane_names_and_sizes(code: str, files: dict[str, bytes]) -> None:
    with pytest.raises(BundleRefused) as refused:
        Bundle.from_files(files)

    assert code in {found.code for found in refused.value.findings}


@given(
    st.dictionaries(st.text(max_size=4), st.binary(max_size=4), max_size=4),
    st.dictionaries(st.text(max_size=4), st.binary(max_size=4), max_size=4),
)
def test_a_digest_names_one_set_of_files(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    def encodable(files: dict[str, bytes]) -> bool:
        return not any(0xD800 <= ord(character) <= 0xDFFF for name in files for character in name)

    if encodable(one) and encodable(other):
        assert (digest_of(one) == digest_of(other)) is (one == other)
        assert digest_of(dict(reversed(one.items()))) == digest_of(one)


def test_a_bundle_cannot_be_changed_after_it_was_checked() -> None:
    files = {"a.bpmn": straight(task("a"))}
    bundle = Bundle.from_files(files)
    files["a.bpmn"] = b""

    assert bundle.files["a.bpmn"] != b""
    with pytest.raises(TypeError):
        bundle.processes["other"] = bundle.processes["proef"]  # type: ignore[index]
