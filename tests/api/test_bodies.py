"""What a program may send: read strictly, refused kindly, and never the cause of a fault of ours."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import bodies
from workflows.errors import Invalid

WELL_FORMED = st.recursive(
    st.none() | st.booleans() | st.integers(-bodies.MAX_INTEGER, bodies.MAX_INTEGER) | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(WELL_FORMED)
def test_json_that_can_be_kept_is_read_as_it_was_sent(value):
    assert bodies.parse(json.dumps({"answers": value}).encode()) == {"answers": value}


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_anything_is_read_or_refused_and_never_a_fault(data):
    with suppress(Invalid):
        assert isinstance(bodies.parse(data), dict)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b'"tekst"',
        b"{",
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 9007199254740992}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b'{"a": "\x00"}',
        b'{"a":' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b"[" * 100_000,
        json.dumps({str(n): n for n in range(100_000)}).encode(),
    ],
    ids=lambda data: repr(data[:24]),
)
def test_what_would_come_back_differently_or_not_at_all_is_refused(data):
    with pytest.raises(Invalid) as refused:
        bodies.parse(data)

    assert set(refused.value.errors) == {"body"}


def test_a_key_named_typename_is_a_key_like_any_other():
    assert bodies.parse(b'{"answers": {"typename": "x", "__class__": "y"}}') == {
        "answers": {"typename": "x", "__class__": "y"}
    }


@pytest.mark.parametrize("depth", [bodies.MAX_DEPTH - 1, bodies.MAX_DEPTH])
def test_depth_is_counted_including_the_outermost_object(depth):
    data = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
    if depth < bodies.MAX_DEPTH:
        bodies.parse(data)
    else:
        with pytest.raises(Invalid):
            bodies.parse(data)


def test_every_mistake_of_every_field_is_told_at_once():
    flat = bodies.flat({"a": ["x"], "b": {0: {"c": ["y", "z"]}}, "_schema": ["s"]})

    assert flat == {"a": ["x"], "b[0].c": ["y", "z"], "body": ["s"]}
