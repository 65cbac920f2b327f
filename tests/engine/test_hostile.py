"""Known escapes from Python and JavaScript, thrown at every slot of a diagram: nothing of it is ever executed."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import expressions
from engine.bundle import Bundle
from engine.errors import BundleRefused, EngineError
from tests.engine.test_checks_faults import END, START, Plain, diagram, flow, straight, task
from tests.engine.test_decisions import table

PYTHON = [
    "__import__('pathlib').Path('{proof}').touch()",
    "[c for c in ().__class__.__base__.__subclasses__() if c.__name__=='_wrap_close'][0].__init__.__globals__['system']('touch {proof}')",
    "exec(\"open('{proof}', 'w')\")",
    'eval(\'open("{proof}", "w")\')',
    "open('{proof}', 'w')",
    "(lambda: open('{proof}', 'w'))()",
    "[open('{proof}', 'w') for _ in [1]]",
    "f\"{{open('{proof}', 'w')}}\"",
    "x if open('{proof}', 'w') else y",
    "breakpoint()",
    "9**9**9",
    "'x' * 10**9",
]
JAVASCRIPT = [
    'constructor.constructor("return 1")()',
    '"".constructor.constructor("return process")()',
    "globalThis.__feel",
    "`${{1}}`",
    "__proto__.polluted = true",
    "({{}}).__proto__.polluted",
    "(() => 1)()",
    "function() {{ return 1 }}()",
    'import("fs")',
    'require("fs").writeFileSync("{proof}", "")',
    "while(true){{}}",
    "x instance of constructor",
    "{{__proto__: {{polluted: 1}}}}.polluted.constructor",
    'context put({{}}, "__proto__", {{polluted: 1}}).constructor',
    'get value({{}}, "constructor")("return 1")',
]
TEMPLATES = [
    "${{7*7}}",
    "#{{7*7}}",
    "{{{{7*7}}}}",
    "= 7*7",
    "<%= 7*7 %>",
    "$(touch {proof})",
    "'; DROP TABLE cases; --",
    "\u202e",
    "\\u0000",
]
ESCAPES = PYTHON + JAVASCRIPT + TEMPLATES


def in_condition(text: str) -> dict[str, bytes]:
    gateway = '<exclusiveGateway id="choose" default="choose_fin"/>'
    body = START + gateway + task("a") + END + flow("begin > choose > fin") + flow("a > fin")
    return {"p.bpmn": diagram(body + flow("choose > a", escape(text)))}


def in_timer(text: str) -> dict[str, bytes]:
    inside = f'<timerEventDefinition id="d"><timeDuration>{escape(text)}</timeDuration></timerEventDefinition>'
    return {"p.bpmn": straight(f'<intermediateCatchEvent id="wait">{inside}</intermediateCatchEvent>')}


def in_cardinality(text: str) -> dict[str, bytes]:
    count = f'<loopCardinality language="feel">{escape(text)}</loopCardinality>'
    loop = f'<multiInstanceLoopCharacteristics id="mi">{count}</multiInstanceLoopCharacteristics>'
    return {"p.bpmn": straight(task("a", loop))}


def in_collection(text: str) -> dict[str, bytes]:
    loop = f'<multiInstanceLoopCharacteristics id="mi" camunda:collection={quoteattr(text)} camunda:elementVariable="one"/>'
    return {"p.bpmn": straight(task("a", loop))}


def in_loop(text: str) -> dict[str, bytes]:
    condition = f'<loopCondition language="feel">{escape(text)}</loopCondition>'
    loop = f'<standardLoopCharacteristics id="l" loopMaximum="3">{condition}</standardLoopCharacteristics>'
    return {"p.bpmn": straight(task("a", loop))}


def in_event(text: str) -> dict[str, bytes]:
    condition = f'<condition language="feel" xsi:type="tFormalExpression">{escape(text)}</condition>'
    inside = f'<conditionalEventDefinition id="d">{condition}</conditionalEventDefinition>'
    return {"p.bpmn": straight(f'<intermediateCatchEvent id="wait">{inside}</intermediateCatchEvent>')}


def in_message(text: str) -> dict[str, bytes]:
    wait = '<receiveTask id="wait" name="Wachten" messageRef="m"/>'
    return {"p.bpmn": straight(wait, root=f'<message id="m" name={quoteattr(text)}/>')}


def in_topic(text: str) -> dict[str, bytes]:
    return {
        "p.bpmn": straight(
            f'<serviceTask id="work" name="Werk" camunda:type="external" camunda:topic={quoteattr(text)}/>'
        )
    }


def in_input(text: str) -> dict[str, bytes]:
    return with_table(table([([text], ['"a"'])], inputs=[("x", "number")]))


def in_output(text: str) -> dict[str, bytes]:
    return with_table(table([(["-"], [text])], inputs=[("x", "number")]))


def in_column(text: str) -> dict[str, bytes]:
    return with_table(table([(["-"], ['"a"'])], inputs=[(text, "number")]))


def with_table(data: bytes) -> dict[str, bytes]:
    rule = '<businessRuleTask id="rule" name="Kies" camunda:decisionRef="proef"/>'
    return {"p.bpmn": straight(rule), "t.dmn": data}


def in_hide(text: str) -> dict[str, bytes]:
    field = {
        "key": "x",
        "type": "textfield",
        "label": "X",
        "properties": {"compartment": "C1"},
        "conditional": {"hide": f"={text}"},
    }
    form = {"id": "f", "type": "default", "components": [field]}
    return {
        "p.bpmn": straight(task("a").replace("name=", 'camunda:formRef="f" name=')),
        "f.form": json.dumps(form).encode(),
    }


SLOTS = [in_condition, in_timer, in_cardinality, in_collection, in_loop, in_event, in_message, in_topic]
SLOTS += [in_input, in_output, in_column, in_hide]


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: slot.__name__)
@pytest.mark.parametrize("text", ESCAPES)
def test_an_escape_is_refused_or_harmless(slot: Callable[[str], dict[str, bytes]], text: str, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    text = text.format(proof=proof)

    try:
        bundle = Bundle.from_files(slot(text))
    except BundleRefused:
        pass
    else:  # a good FEEL text, if a strange one: only the names we ship are within its reach
        assert bundle.deciding <= {"x", "y", "out", "one"}
        for wanted in (expressions.evaluate, expressions.truth):
            try:
                value: Any = wanted(text, {"x": 1, "y": 1, "one": 1})
            except EngineError:
                continue
            assert json.dumps(value)
    assert not proof.exists()


GOOD = ["x > 1", "P1D", "2", "[1, 2]", "x > 1", "x > 1", "moved", "send_letter", "> 1", '"a"', "x", "x = null"]


@pytest.mark.parametrize(("slot", "text"), list(zip(SLOTS, GOOD, strict=True)), ids=[slot.__name__ for slot in SLOTS])
def test_every_slot_takes_a_good_text(slot: Callable[[str], dict[str, bytes]], text: str) -> None:
    assert Bundle.from_files(slot(text)).processes


@pytest.mark.parametrize(
    ("slot", "text"),
    [(in_condition, PYTHON[0]), (in_timer, PYTHON[0]), (in_cardinality, PYTHON[0]), (in_condition, PYTHON[1])],
)
def test_plain_spiffworkflow_runs_the_same_texts(
    slot: Callable[[str], dict[str, bytes]], text: str, tmp_path: Path
) -> None:
    proof = tmp_path / "proof"
    [data] = slot(text.format(proof=proof)).values()

    with suppress(Exception):  # what the text returned is no duration or number, but by then it has run
        Plain(data).run()
    assert proof.exists()


@given(st.sampled_from(SLOTS), st.text(max_size=40) | st.text("()[]{}<>\"'.,:;+-*/=?$#%_abx01 ", max_size=30))
def test_any_text_in_any_slot_is_refused_or_read(slot: Callable[[str], dict[str, bytes]], text: str) -> None:
    try:
        files = slot(text)
    except UnicodeEncodeError:  # half a character: no file can hold it
        return
    try:
        bundle = Bundle.from_files(files)
    except BundleRefused:
        return
    assert bundle.digest


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString", "hasOwnProperty", "__defineGetter__"])
def test_what_javascript_gives_every_object_is_out_of_reach(name: str) -> None:
    for text in (name, f"a.{name}", f'get value(a, "{name}")', f'"x".{name}', f"[1].{name}"):
        try:
            value = expressions.evaluate(text, {"a": {}, "x": 1})
        except EngineError:
            continue
        assert value in (None, [None]), text


def test_nothing_that_one_text_does_is_seen_by_the_next() -> None:
    for text in JAVASCRIPT:
        try:
            expressions.evaluate(text.replace("{{", "{").replace("}}", "}"), {"x": 1})
        except EngineError:
            continue

    with pytest.raises(EngineError):
        expressions.evaluate("{}.polluted", {})


@given(st.binary(max_size=300), st.sampled_from([".bpmn", ".dmn", ".form"]))
def test_any_bytes_under_any_name_are_refused(data: bytes, suffix: str) -> None:
    with pytest.raises(BundleRefused):
        Bundle.from_files({f"x{suffix}": data})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "type", "components", "key", "values", "path", "properties", "conditional", "validate"]
                )
                | st.text(max_size=5),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_no_reason_to_fall_over(value: Any) -> None:
    with pytest.raises(BundleRefused):
        Bundle.from_files({"x.form": json.dumps(value).encode()})
