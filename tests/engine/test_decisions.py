"""Decision tables, by the DMN standard (1.3, section 8.2.10) and against a naive reading of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.dmn.parser import BpmnDmnParser

from engine.decisions import Decision, DecisionResult, read_decisions
from engine.errors import BundleRefused, ExpressionFailed
from engine.parse import read_xml
from tests.engine.test_checks_faults import straight

DMN_13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def table(
    rules: Sequence[tuple[Sequence[str], Sequence[str]]],
    *,
    policy: str = "UNIQUE",
    inputs: Sequence[tuple[str, str]] = (("n", "number"),),
    outputs: Sequence[tuple[str, str]] = (("out", "string"),),
    values: dict[str, str] | None = None,
    default: str | None = None,
    aggregation: str = "",
    extra: str = "",
    namespace: str = DMN_13,
) -> bytes:
    ids = itertools.count()

    def text(tag: str, content: str | None) -> str:
        return "" if content is None else f'<{tag} id="e{next(ids)}"><text>{escape(content)}</text></{tag}>'

    columns = "".join(
        f'<input id="in_{number}" label="{escape(name)}"><inputExpression id="ie_{number}" typeRef="{kind}">'
        f"<text>{escape(name)}</text></inputExpression></input>"
        for number, (name, kind) in enumerate(inputs)
    )
    columns += "".join(
        f'<output id="out_{number}" name="{name}" typeRef="{kind}">{text("outputValues", (values or {}).get(name))}'
        f"{text('defaultOutputEntry', default)}</output>"
        for number, (name, kind) in enumerate(outputs)
    )
    rows = "".join(
        f'<rule id="r{number}">'
        + "".join(text("inputEntry", cell) for cell in cells)
        + "".join(text("outputEntry", cell) for cell in answers)
        + "</rule>"
        for number, (cells, answers) in enumerate(rules, 1)
    )
    aggregate = f' aggregation="{aggregation}"' if aggregation else ""
    return (
        f'<definitions xmlns="{namespace}" id="d" name="Proef" namespace="urn:test"><decision id="proef" name="Welke?">'
        f'<decisionTable id="t" hitPolicy="{policy}"{aggregate}>{columns}{rows}</decisionTable>{extra}</decision></definitions>'
    ).encode()


def read(*args: Any, **kwargs: Any) -> Decision:
    [decision] = read_decisions("proef.dmn", read_xml("proef.dmn", table(*args, **kwargs)))
    return decision


def refused(*args: Any, **kwargs: Any) -> str:
    with pytest.raises(BundleRefused) as error:
        read(*args, **kwargs)
    assert all(found.file == "proef.dmn" and found.line > 0 for found in error.value.findings)
    return str(error.value)


OVERLAP = [(["> 1"], ['"a"']), (["> 2"], ['"b"']), (["> 3"], ['"a"'])]
ORDER = {"out": '"b", "a"'}


@pytest.mark.parametrize(
    ("policy", "n", "outputs", "matched"),
    [
        ("UNIQUE", 2, {"out": "a"}, ("r1",)),
        ("UNIQUE", 0, {"out": None}, ()),
        ("UNIQUE", None, {"out": None}, ()),
        ("FIRST", 4, {"out": "a"}, ("r1",)),
        ("ANY", 2, {"out": "a"}, ("r1",)),
        ("PRIORITY", 4, {"out": "b"}, ("r1", "r2", "r3")),
        ("PRIORITY", 0, {"out": None}, ()),
        ("RULE ORDER", 4, [{"out": "a"}, {"out": "b"}, {"out": "a"}], ("r1", "r2", "r3")),
        ("OUTPUT ORDER", 4, [{"out": "b"}, {"out": "a"}, {"out": "a"}], ("r1", "r2", "r3")),
        ("COLLECT", 3, [{"out": "a"}, {"out": "b"}], ("r1", "r2")),
        ("COLLECT", 0, [], ()),
    ],
)
def test_a_hit_policy_answers_as_the_standard_says(policy: str, n: Any, outputs: Any, matched: tuple[str, ...]) -> None:
    decision = read(OVERLAP, policy=policy, values=ORDER)

    assert decision.decide({"n": n}) == DecisionResult(outputs, matched)


@pytest.mark.parametrize(
    ("aggregation", "n", "value"),
    [("SUM", 4, 7), ("MIN", 4, 1), ("MAX", 4, 4), ("COUNT", 4, 3), ("SUM", 0, None), ("MIN", 0, None), ("COUNT", 0, 0)],
)
def test_collect_can_aggregate(aggregation: str, n: int, value: Any) -> None:
    rules = [(["> 1"], ["1"]), (["> 2"], ["2"]), (["> 3"], ["n"])]
    decision = read(rules, policy="COLLECT", aggregation=aggregation, outputs=[("out", "number")])

    assert decision.decide({"n": n}).outputs == {"out": value}


def test_unique_with_several_rules_is_an_error_that_names_them() -> None:
    with pytest.raises(ExpressionFailed, match="r1, r2"):
        read(OVERLAP).decide({"n": 3})


def test_any_with_different_answers_is_an_error_that_names_them() -> None:
    with pytest.raises(ExpressionFailed, match="r1, r2, r3"):
        read(OVERLAP, policy="ANY").decide({"n": 4})


def test_any_with_equal_answers_gives_that_answer() -> None:
    assert read([(["> 1"], ['"a"']), (["> 2"], ['"a"'])], policy="ANY").decide({"n": 3}).outputs == {"out": "a"}


def test_a_default_answers_when_no_rule_holds() -> None:
    assert read(OVERLAP, default='"c"').decide({"n": 0}).outputs == {"out": "c"}


def test_priority_weighs_the_first_column_first() -> None:
    rules = [(["-"], ['"low"', '"x"']), ([""], ['"high"', '"y"']), (["-"], ['"high"', '"x"'])]
    decision = read(
        rules,
        policy="PRIORITY",
        outputs=[("urgency", "string"), ("who", "string")],
        values={"urgency": '"high", "low"', "who": '"x", "y"'},
    )

    assert decision.decide({"n": 1}).outputs == {"urgency": "high", "who": "x"}


@pytest.mark.parametrize(
    "namespace",
    [DMN_13, "http://www.omg.org/spec/DMN/20151101/dmn.xsd", "https://www.omg.org/spec/DMN/20230324/MODEL/"],
)
def test_all_versions_of_dmn_are_read(namespace: str) -> None:
    assert read(OVERLAP, namespace=namespace).hit_policy == "UNIQUE"


@pytest.mark.parametrize(
    ("kwargs", "said"),
    [
        ({"policy": "BOGUS"}, "hit policy ‘BOGUS’"),
        ({"policy": "PRIORITY"}, "lijst met uitkomsten"),
        ({"policy": "OUTPUT ORDER"}, "lijst met uitkomsten"),
        ({"aggregation": "SUM"}, "COLLECT"),
        ({"policy": "COLLECT", "aggregation": "AVERAGE"}, "COLLECT"),
        ({"policy": "RULE ORDER", "default": '"x"'}, "standaarduitkomst"),
        ({"rules": []}, "geen regels"),
        ({"rules": [(["> 1"], ['"a"', '"b"'])]}, "evenveel cellen"),
        ({"rules": [([">"], ['"a"'])]}, "Regel 1 (r1), invoer ‘n’"),
        ({"rules": [(['"a"'], ['"a"'])]}, "past niet bij het type getal"),
        ({"rules": [(["> 1"], ["1"])]}, "past niet bij het type tekst"),
        ({"rules": [(["> 1"], ["__import__('os')"])]}, "Regel 1 (r1), uitkomst ‘out’"),
        ({"rules": [(["> 1"], ['"c"'])], "values": ORDER}, "lijst met uitkomsten"),
        ({"inputs": [("n", "date")]}, "type ‘date’"),
        ({"inputs": [("n >", "number")]}, "Invoer ‘n &gt;’".replace("&gt;", ">")),
        ({"outputs": [("out put", "string")]}, "kleine letters"),
        ({"outputs": [("out", "string"), ("out", "string")], "rules": [(["-"], ["", ""])]}, "dezelfde naam"),
        ({"extra": '<informationRequirement id="i"/>'}, "elkaar nodig"),
        ({"extra": '<literalExpression id="l"/>'}, "beslistabel"),
        ({"extra": "<knowledgeRequirement/>"}, "elkaar nodig"),
        ({"rules": [(["> 1"], ['"a"'])] * 501}, "meer dan 500 regels"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_its_rule_and_cell(kwargs: dict[str, Any], said: str) -> None:
    assert said in refused(**{"rules": OVERLAP, **kwargs})


def test_a_file_without_a_table_is_refused() -> None:
    for inside in ("", '<decision id="a" name="A"/>'):
        data = f'<definitions xmlns="{DMN_13}" id="d" name="D" namespace="urn:test">{inside}</definitions>'.encode()
        with pytest.raises(BundleRefused):
            read_decisions("proef.dmn", read_xml("proef.dmn", data))


def test_another_language_is_refused() -> None:
    data = table(OVERLAP).replace(b'typeRef="number"', b'typeRef="number" expressionLanguage="javascript"')
    with pytest.raises(BundleRefused, match="javascript"):
        read_decisions("proef.dmn", read_xml("proef.dmn", data))


def test_an_input_of_another_kind_is_an_error_and_no_silent_miss() -> None:
    with pytest.raises(ExpressionFailed, match="in_0"):
        read(OVERLAP).decide({"n": "3"})


def test_a_table_tells_which_names_it_reads_and_makes() -> None:
    decision = read(
        [(["> limit", "-"], ["base + 1", '"x"'])],
        inputs=[("n + m", "number"), ("level", "string")],
        outputs=[("total", "number"), ("reason", "string")],
    )

    assert decision.reads() == {"n", "m", "level", "limit", "base"}
    assert decision.produces() == ("total", "reason")
    assert read(OVERLAP).produces("advice") == ("advice",)
    assert decision.decide({"n": 1, "m": 1, "level": None, "limit": 1, "base": 1}).outputs == {
        "total": 2,
        "reason": "x",
    }


# -- what plain SpiffWorkflow makes of tables


def plain(data: bytes, **context: Any) -> dict[str, Any]:
    """The data of a case after a business rule task, as SpiffWorkflow's own DMN engine decides."""
    from tests.engine.test_checks_faults import HEAD  # the same head, with Spiff's own words for the table

    spiff = "http://spiffworkflow.org/bpmn/schema/1.0/core"
    body = straight(
        '<businessRuleTask id="rule" name="Kies"><extensionElements><s:calledDecisionId '
        f'xmlns:s="{spiff}">proef</s:calledDecisionId></extensionElements></businessRuleTask>'
    )
    assert body.startswith(HEAD.encode())
    parser = _SpiffParser()
    parser.add_bpmn_str(body)
    parser.add_dmn_str(data)
    workflow = BpmnWorkflow(parser.get_spec("proef"), parser.get_subprocess_specs("proef"))
    workflow.task_tree.data.update(context)
    workflow.do_engine_steps()
    return dict(workflow.data)


def _SpiffParser() -> BpmnDmnParser:
    from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser

    return SpiffBpmnParser()


@pytest.mark.parametrize("cell", ["5, 7", "not(6)"])
def test_spiffworkflow_never_matches_lists_and_negations_and_we_do(cell: str) -> None:
    rules = [([cell], ['"hit"']), ([""], ['"missed"'])]

    assert plain(table(rules, policy="FIRST"), n=5).get("out") != "hit"
    assert read(rules, policy="FIRST").decide({"n": 5}).outputs == {"out": "hit"}


@pytest.mark.parametrize("policy", ["UNIQUE", "PRIORITY", "OUTPUT ORDER", "BOGUS"])
def test_spiffworkflow_takes_the_first_rule_under_any_policy(policy: str) -> None:
    assert plain(table(OVERLAP, policy=policy, values=ORDER), n=4)["out"] == "a"


def test_spiffworkflow_runs_python_in_a_cell_and_we_refuse_it(tmp_path: Any) -> None:
    proof = tmp_path / "proof"
    cell = f"__import__('pathlib').Path('{proof}').touch()"
    rules = [([""], [cell])]

    plain(table(rules, policy="FIRST"), n=1)
    assert proof.exists()
    proof.unlink()

    assert "bestaat niet in FEEL" in refused(rules, policy="FIRST") or "geen goede FEEL" in refused(
        rules, policy="FIRST"
    )
    assert not proof.exists()


# -- against a naive reading

CELLS: dict[str, Any] = {
    "-": lambda n: True,
    "1": lambda n: n == 1,
    "1, 3": lambda n: n in (1, 3),
    "not(2)": lambda n: n != 2,
    "> 1": lambda n: n is not None and n > 1,
    "<= 2": lambda n: n is not None and n <= 2,
    "[1..3]": lambda n: n is not None and 1 <= n <= 3,
    "null": lambda n: n is None,
}
WEIGHTS = [3, 1, 2]


def naive(policy: str, rows: list[tuple[tuple[str, str], int]], a: Any, b: Any) -> Any:
    hits = [(number, out) for number, ((one, two), out) in enumerate(rows) if CELLS[one](a) and CELLS[two](b)]
    outs = [out for _, out in hits]
    if policy == "UNIQUE":
        return ExpressionFailed if len(outs) > 1 else {"out": outs[0] if outs else None}
    if policy == "ANY":
        return ExpressionFailed if len(set(outs)) > 1 else {"out": outs[0] if outs else None}
    if policy == "FIRST":
        return {"out": outs[0] if outs else None}
    if policy == "PRIORITY":
        return {"out": min(outs, key=WEIGHTS.index) if outs else None}
    if policy == "OUTPUT ORDER":
        outs = [out for weight in WEIGHTS for out in outs if out == weight]
    return [{"out": out} for out in outs]


@given(
    policy=st.sampled_from(["UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"]),
    rows=st.lists(
        st.tuples(st.tuples(*[st.sampled_from(sorted(CELLS))] * 2), st.sampled_from(WEIGHTS)), min_size=1, max_size=5
    ),
)
def test_tables_decide_as_a_naive_reading_of_the_standard(policy: str, rows: list[tuple[tuple[str, str], int]]) -> None:
    decision = read(
        [(cells, [str(out)]) for cells, out in rows],
        policy=policy,
        inputs=[("a", "number"), ("b", "number")],
        outputs=[("out", "number")],
        values={"out": ", ".join(map(str, WEIGHTS))},
    )
    for a, b in itertools.product([None, 0, 1, 2, 3, 4], [None, 1, 2]):
        expected = naive(policy, rows, a, b)
        if expected is ExpressionFailed:
            with pytest.raises(ExpressionFailed):
                decision.decide({"a": a, "b": b})
        else:
            assert decision.decide({"a": a, "b": b}).outputs == expected
