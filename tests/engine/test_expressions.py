"""FEEL in QuickJS: values, names, refusals and limits."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import expressions, limits
from engine.errors import AssetMissing, ExpressionFailed, ExpressionTimeout, RouteUndecided


@pytest.mark.parametrize(
    ("text", "context", "value"),
    [
        ('route = "exploration"', {"route": "exploration"}, True),
        ("theme_count > 1 and phase != null", {"theme_count": 2, "phase": None}, False),
        ('a in ("x", "y")', {"a": "y"}, True),
        ("if ready then 1 else 2", {"ready": True}, 1),
        ('date("2024-01-31") + duration("P1M")', {}, "2024-02-29"),
        ("[1, 2, 3][item > 1]", {}, [2, 3]),
        ("{a: 1, b: a + 1}", {}, {"a": 1, "b": 2}),
        ("sum(for i in 1..4 return i * n)", {"n": 2}, 20),
        ("missing", {"missing": None}, None),
        ('"één" = a', {"a": "één"}, True),
    ],
)
def test_an_expression_has_a_value(text: str, context: dict[str, Any], value: Any) -> None:
    assert expressions.evaluate(text, context) == value


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('route = "exploration" and theme_count > 1', {"route", "theme_count"}),
        ("some x in list satisfies x > y", {"list", "y"}),
        ("every a in l, b in a satisfies b", {"l"}),
        ("for i in 1..n return i + partial[1]", {"n"}),
        ("count(a) > string length(b)", {"a", "b"}),
        ("l[item > 3 and price > q]", {"l", "price", "q"}),
        ("{k: i, m: k + z}.m", {"i", "z"}),
        ("(function(p) p + r)(1)", {"r"}),
        ("a.b.c", {"a"}),
        ("x instance of string", {"x"}),
        ("substring(string: s, start position: 2)", {"s"}),
        ('"a" + "b"', set()),
    ],
)
def test_names_are_what_an_expression_takes_from_outside(text: str, names: set[str]) -> None:
    assert expressions.names(text) == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "leeg"),
        ("a >", "teken 4"),
        ('"a', "geen goede FEEL"),
        ("a b", "zonder spaties"),
        ("été = 1", "geen goede naam"),
        ("launch(1)", "bestaat niet"),
        ("today() > a", "klok"),
        ("now()", "klok"),
        ("a == 1", "‘==’ bestaat niet"),
        ("a !== 1", "‘!==’ bestaat niet"),
        ("a\x00", "onzichtbaar"),
        ("1" * (limits.EXPRESSION_LENGTH + 1), "langer"),
        ("[" * 900 + "]" * 900, "ingewikkeld"),
    ],
)
def test_what_is_wrong_is_told_in_dutch(text: str, said: str) -> None:
    [problem] = expressions.problems(text)

    assert said in problem
    with pytest.raises(ExpressionFailed):
        expressions.evaluate(text, {"a": 1, "b": 1})


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("a + 1", {"a": "x"}),
        ("a.b", {"a": {}}),
        ('"a" - 1', {}),
        ('date and time("2026-07-01T12:00:00@Europe/Atlantis") = a', {"a": 1}),
        ("[1..5]", {}),
        ("function(x) x", {}),
        ("a", {"a": 2**60}),
        ("a", {"a": float("nan")}),
        ("a", {"a": float("inf")}),
        ("a", {"a": {1: 2}}),
        ("a", {"a": object()}),
        ("a = 1", {}),
    ],
)
def test_a_value_with_a_warning_is_no_value(text: str, context: dict[str, Any]) -> None:
    with pytest.raises(ExpressionFailed):
        expressions.evaluate(text, context)


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("a > 5", {"a": None}),
        ("not(a)", {"a": None}),
        ("a and b", {"a": True, "b": None}),
        ("a = 1", {"a": "1"}),
        ("a < 1", {"a": "x"}),
        ("a between 1 and 2", {"a": "x"}),
        ("a in [1..2]", {"a": "x"}),
        ("a", {"a": "true"}),
        ("a", {"a": 1}),
        ("null", {}),
    ],
)
def test_only_true_or_false_picks_a_route(text: str, context: dict[str, Any]) -> None:
    with pytest.raises(RouteUndecided):
        expressions.truth(text, context)


def test_a_message_never_shows_a_value() -> None:
    with pytest.raises(RouteUndecided) as undecided:
        expressions.truth("a", {"a": "mevrouw Jansen"})

    assert "Jansen" not in str(undecided.value)


@pytest.mark.parametrize(
    ("cell", "value", "passes"),
    [
        ("-", None, True),
        ('"a", "b"', "b", True),
        ('"a", "b"', "c", False),
        ('not("a")', "b", True),
        ('not("a", "b")', "b", False),
        ("> 5", 6, True),
        ("> 5", None, False),
        ("[1..5]", 5, True),
        ("]1..5[", 5, False),
        ("1, 7", 7, True),
        ("true", True, True),
        ("false", False, True),
        ("true", False, False),
        ("false", None, False),
        ("null", None, True),
        ("null", 1, False),
        ("not(null)", None, False),
        ("? > limit", 6, True),
        ("? > 3", None, False),
        ("? = null", None, True),
        ('starts with(?, "a")', None, False),
        ('starts with(?, "a")', "abc", True),
        ("limit", 5, True),
        ("> limit", 5, False),
        ('["a", "b"]', "a", True),
        ("limit > 3", 1, True),
    ],
)
def test_an_input_cell_tests_its_value(cell: str, value: Any, passes: bool) -> None:
    assert expressions.unary(cell, value, {"limit": 5}) is passes


@pytest.mark.parametrize(("cell", "value"), [("> 5", "a"), ("5", "5"), ('"a"', 1), ("true", "true"), ("? + 1", 1)])
def test_an_input_cell_does_not_compare_different_kinds(cell: str, value: Any) -> None:
    with pytest.raises(ExpressionFailed):
        expressions.unary(cell, value, {})


GREEDY = {
    "a long range": "for i in 1..1000000000 return i",
    "nested loops": "for a in 1..100000, b in 1..100000 return a",
    "a slow pattern": 'matches("' + "a" * 40 + '!", "^(a+)+$")',
    "much text": 'string join(for i in 1..10000000 return "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")',
    "endless recursion": "(function(f) f(f))(function(f) f(f))",
    "deep brackets": "(" * 900 + "1" + ")" * 900,
    "many signs": "-" * 1500 + "1",
}


@pytest.mark.parametrize("text", GREEDY.values(), ids=GREEDY.keys())
def test_a_greedy_expression_is_stopped_and_leaves_no_trace(text: str) -> None:
    with pytest.raises(ExpressionFailed):
        expressions.evaluate(text, {})

    assert expressions.evaluate("a + 1", {"a": 1}) == 2


def test_a_time_out_is_told_apart() -> None:
    with pytest.raises(ExpressionTimeout):
        expressions.evaluate(GREEDY["nested loops"], {})


def test_busy_neighbours_do_not_use_up_the_time_of_an_expression() -> None:
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            sum(range(10_000))

    neighbours = [threading.Thread(target=busy) for _ in range(3)]
    for neighbour in neighbours:
        neighbour.start()
    try:
        values = [expressions.evaluate("count(for i in 1..n return i)", {"n": 20_000}) for _ in range(5)]
    finally:
        stop.set()
        for neighbour in neighbours:
            neighbour.join()

    assert values == [20_000] * 5


def test_threads_have_contexts_of_their_own() -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(100):
            if expressions.evaluate("a * 2 + b", {"a": number, "b": turn}) != number * 2 + turn:
                wrong.append((number, turn))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


@given(st.datetimes(datetime(1978, 1, 1), datetime(2090, 1, 1)))
def test_a_named_zone_tells_the_same_offset_as_python(local: datetime) -> None:
    local = local.replace(microsecond=0)
    instant = local.replace(tzinfo=UTC)
    there = instant.astimezone(ZoneInfo("Europe/Amsterdam"))
    text = (
        f'date and time("{there.replace(tzinfo=None).isoformat()}@Europe/Amsterdam") = '
        f'date and time("{local.isoformat()}Z")'
    )

    ambiguous = there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()

    assert ambiguous or expressions.truth(text, {})


@pytest.mark.parametrize("month", [3, 10])
def test_both_clock_changes_are_known(month: int) -> None:
    sunday = max(day for day in range(25, 32) if datetime(2027, month, day).weekday() == 6)
    before = datetime(2027, month, sunday, 0, 59, 59, tzinfo=UTC)
    for instant in (before, before + timedelta(seconds=2)):
        offset = instant.astimezone(ZoneInfo("Europe/Amsterdam")).utcoffset()
        assert offset is not None
        local = (instant + offset).replace(tzinfo=None).isoformat()
        found = expressions.evaluate(f'string(date and time("{local}@Europe/Amsterdam").time offset)', {})
        # An hour that comes twice is taken the first time, in summer time.
        assert found == ("PT1H" if month == 3 and offset == timedelta(hours=1) else "PT2H")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e9, 1e9).filter(lambda x: str(x) != "-0.0")
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(json_values)
def test_plain_data_passes_unchanged(value: Any) -> None:
    try:
        value_out = expressions.evaluate("value", {"value": value, "other": 1})
    except ExpressionFailed:
        assert any(0xD800 <= ord(character) <= 0xDFFF for character in repr(value)) or "\\ud" in repr(value)
        return
    assert value_out == value


@given(st.text(max_size=60) | st.text("()[]{}\"'.,+-*/<>=? abnotif1", max_size=40))
def test_any_text_is_refused_or_has_names(text: str) -> None:
    if not expressions.problems(text):
        assert all(name.isidentifier() for name in expressions.names(text))
    if not expressions.problems(text, unary=True):
        assert all(name.isidentifier() for name in expressions.names(text, unary=True))


def test_a_missing_script_says_which_command_makes_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    expressions._script.cache_clear()
    monkeypatch.setattr(expressions, "ASSET", tmp_path / "feel.js")
    expressions._drop()

    with pytest.raises(AssetMissing, match="make assets"):
        expressions.evaluate("1 + 1", {})

    monkeypatch.undo()
    assert expressions.evaluate("1 + 1", {}) == 2
