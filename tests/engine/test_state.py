"""Claims about the stored state: small, flat, versioned, the same bytes for the same state, and never a stuck case."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import EngineError, StateUnreadable
from engine.model import EventSpec, Loop, TimerSpec
from engine.process import Process
from tests.engine.diagrams import NOW, Player, bundle, step, terms, waits
from tests.engine.sketch import sketch

INNER = sketch("start1 > and1 > a > and2 > end1", "and1 > b > and2", id="inner")
OUTER = sketch(
    "start1 > wait0 > catch_go > call1 > c > end1",
    "wait0 > catch_late > end4",
    "on_loss > d > end2",
    "on_time > e > end3",
    id="outer",
    catch_go={"event": EventSpec("message", "go")},
    catch_late={"event": EventSpec("timer", timer=TimerSpec("date", "2027-01-01"))},
    call1={"called": "inner", "loop": Loop("sequential", cardinality="3", item="n")},
    c={"loop": Loop("standard", condition="more", maximum=5), "properties": {"term": "first_contact"}},
    on_loss={"attached_to": "call1", "event": EventSpec("message", "loss")},
    on_time={
        "attached_to": "call1",
        "interrupting": False,
        "event": EventSpec("timer", timer=TimerSpec("cycle", "R3/P7D", repeats=True)),
    },
)
FILES = (OUTER, INNER)
SHARED = bundle(*FILES)


def at_the_call() -> Process:
    process = Process.start(SHARED, "outer", now=NOW, terms=terms, scalars={"more": True, "kind": "x"})
    process.message("go")
    process.complete(step(process, "a").key, {})
    return process


def resume(state: bytes, files=SHARED) -> Process:
    return Process.resume(files, state, now=NOW, terms=terms)


def sealed(body: object, head: bytes = b"STEUN 1 0.1") -> bytes:
    """A body with a right checksum: damage that only a hostile hand makes."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return b"%s %08x\n%s" % (head, zlib.crc32(data), data)


def body_of(state: bytes) -> list:
    return orjson.loads(state.partition(b"\n")[2])


def test_the_state_says_what_it_is_and_holds_ids_outcomes_and_instants_only():
    state = at_the_call().dump()

    head, _, body = state.partition(b"\n")
    assert head.split()[:3] == [b"STEUN", b"1", b"0.1"]
    assert len(state) < 700
    assert b"Ondersteuner" not in body


def test_the_same_run_gives_the_same_bytes():
    assert at_the_call().dump() == at_the_call().dump()
    assert resume(at_the_call().dump(), bundle(*FILES)).dump() == at_the_call().dump()


def test_a_state_of_an_ended_run_stays_ended():
    process = Process.start(bundle(sketch("start1 > a > end1")), "p", now=NOW, terms=terms)
    process.complete(step(process, "a").key, {})
    again = Process.resume(bundle(sketch("start1 > a > end1")), process.dump(), now=NOW, terms=terms)
    assert again.ended
    assert again.waiting() == ()


def test_a_state_of_another_bundle_is_refused():
    other = bundle(sketch("start1 > a > end1"))
    with pytest.raises(StateUnreadable, match="andere bundel"):
        resume(at_the_call().dump(), other)


@pytest.mark.parametrize(
    "head", [b"STEUN 0 0.1", b"STEUN 2 0.1", b"STEUN 1.0 0.1", b"STEUN 01 0.1", b"STEUN -1 0.1", b"STEUN x 0.1"]
)
def test_a_version_that_is_not_known_is_refused(head):
    state = at_the_call().dump()
    with pytest.raises(StateUnreadable, match="versie"):
        resume(sealed(state.partition(b"\n")[2], head))


def test_a_later_release_of_the_same_format_can_be_read():
    assert waits(resume(sealed(body_of(at_the_call().dump()), b"STEUN 1 9.7"))) == ["b"]


@pytest.mark.parametrize(
    "state", [b"", b"\n", b"{}", b"STEUN", b"STEUN 1 0.1 00000000\n", b"\x80\x04\x95", b"\x00" * 100, "text", None]
)
def test_what_is_no_state_is_refused(state):
    with pytest.raises(StateUnreadable):
        resume(state)


def test_every_truncation_is_refused():
    state = at_the_call().dump()
    for length in range(len(state)):
        with pytest.raises(StateUnreadable):
            resume(state[:length])


def test_every_flipped_bit_is_refused_or_harmless():
    state = at_the_call().dump()
    for place in range(len(state) * 8):
        damaged = bytearray(state)
        damaged[place // 8] ^= 1 << place % 8
        try:
            process = resume(bytes(damaged))
        except StateUnreadable:
            continue
        # Only the name of the release may differ without being noticed.
        assert process.dump() == state


def _play_to_the_end(process: Process) -> None:
    for _ in range(200):
        if process.ended or not process.waiting():
            return
        process.complete(process.waiting()[0].key, {"more": False})


def _hostile(body: list, path: list[int], value: object) -> list:
    """The body with one value, somewhere inside, replaced."""
    copy = orjson.loads(orjson.dumps(body))
    at: object = copy
    for turn, number in enumerate(path):
        if isinstance(at, list) and at:
            key: object = number % len(at)
        elif isinstance(at, dict) and at:
            key = sorted(at)[number % len(at)]
        else:
            break
        inner = at[key]
        if turn == len(path) - 1 or not isinstance(inner, list | dict) or not inner:
            at[key] = value
            break
        at = inner
    return copy


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=10)
    | st.sampled_from(["a", "call1", "a each", "call1 each", "and1__a", "on_loss", "c", "c each", "inner", "outer", 0, 1, 2, 3, 8]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("odbrnkxvqi") | st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 12), min_size=1, max_size=7), JSON)
def test_a_hostile_state_is_refused_or_plays_on(path, value):
    body = body_of(at_the_call().dump())
    try:
        process = resume(sealed(_hostile(body, path, value)))
    except StateUnreadable:
        return
    # What is accepted is a state like any other: it plays on, or says in a typed error why not.
    try:
        _play_to_the_end(process)
        process.run_due()
    except EngineError:
        return
    process.dump()


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_no_other_json_is_taken_for_a_state(body):
    with pytest.raises(StateUnreadable):
        resume(sealed(body))


@pytest.mark.parametrize(
    "text", [b"[" * 100_000, b'[{"a":' * 50_000, b"9" * 10_000, b'["outer"' + b",1" * 400_000 + b"]"]
)
def test_a_state_that_nests_or_swells_without_end_is_refused(text):
    with pytest.raises(StateUnreadable):
        resume(sealed(text))


def test_the_size_of_a_state_does_not_grow_with_the_rounds():
    loop = sketch("start1 > xor0 > a > and1 > b > and2 > xor1 > end1", "and1 > c > and2", "xor1 > xor0",
                  conditions={"xor1__xor0": "again"}, xor1={"default": "xor1__end1"})  # fmt: skip
    player = Player(bundle(loop), bundle(loop), "p", again=True)
    for _ in range(30):
        player.do("a", "c", "b")
    # Keys count on, so a state may grow by the digits of three keys.
    assert max(player.sizes[-3:]) - max(player.sizes[1:4]) <= 12


def test_stored_instants_come_back_to_the_microsecond():
    now = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
    model = sketch("start1 > a > end1", a={"properties": {"term": "x"}})
    process = Process.start(bundle(model), "p", now=now, terms=terms)
    [waiting] = Process.resume(bundle(model), process.dump(), now=NOW, terms=terms).waiting()
    assert (waiting.opened_at, waiting.due_at) == (now, terms("x", now))
