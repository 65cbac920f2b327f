"""What a completion costs the machine alone: resume, complete, store. CPU time, medians; ratios within this one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import bpmn
from engine import specs
from engine.bundle import Bundle
from engine.model import Loop
from engine.process import Process
from tests.engine.diagrams import NOW, bundle, step, terms
from tests.engine.golden.make import runs
from tests.engine.sketch import sketch

Figure = tuple[str, float, str, tuple[str, float] | None]

#: What else is answered on the way from the first signal to closing, and how many steps that is at most.
_TO_THE_END = {"plan_result": "agreed", "evaluation_decision": "close"}
_LONGEST = 50
_AGAIN = {"conditions": {"xor1__xor0": "again"}, "xor1": {"default": "xor1__end1"}}
_BACK = "xor1 > xor0"
LOOPS = {
    "choice": ((sketch("start1 > xor0 > a > xor1 > end1", _BACK, **_AGAIN),), "a"),
    "parallel block": ((sketch("start1 > xor0 > and1 > a > and2 > xor1 > end1", "and1 > b > and2", _BACK, **_AGAIN),), "ab"),
    "inclusive block": (
        (sketch("start1 > xor0 > or1 > a > or2 > xor1 > end1", "or1 > b > or2", "or1 > c > or2", _BACK,
                conditions={"xor1__xor0": "again", "or1__a": "again", "or1__b": "again"},
                or1={"default": "or1__c"}, xor1={"default": "xor1__end1"}),),
        "ab",
    ),
    "standard loop": (
        (sketch("start1 > xor0 > a > xor1 > end1", _BACK, **_AGAIN,
                a={"loop": Loop("standard", condition="again", maximum=2)}),), "aa"),
    "instances": (
        (sketch("start1 > xor0 > a > xor1 > end1", _BACK, **_AGAIN, a={"loop": Loop("parallel", cardinality="2")}),), "aa"),
    "call activity": (
        (sketch("start1 > xor0 > call1 > xor1 > end1", _BACK, id="outer", **_AGAIN, call1={"called": "inner"}),
         sketch("start1 > a > end1", id="inner")), "a"),
}  # fmt: skip


def run() -> list[Figure]:
    """Every figure of the machine: name, value, unit, budget."""
    return [*_main_process(), *_loops(), *_crowd()]


def _cpu(work: Callable[[], object]) -> float:
    """Milliseconds of CPU."""
    began = time.process_time_ns()
    work()
    return (time.process_time_ns() - began) / 1e6


def _main_process() -> list[Figure]:
    shipped = Bundle.read_dir(Path(bpmn.__file__).parent)
    [(_, process_id, outcomes)] = runs("shipped")
    outcomes = {**outcomes, **_TO_THE_END}
    specs._libraries.clear()
    first = _cpu(lambda: Process.start(shipped, process_id, now=NOW, terms=terms, scalars=outcomes))
    again = statistics.median(
        _cpu(lambda: Process.start(shipped, process_id, now=NOW, terms=terms, scalars=outcomes)) for _ in range(50)
    )
    costs: list[float] = []
    sizes: list[int] = []
    for _ in range(30):
        done: list[str] = []
        state = Process.start(shipped, process_id, now=NOW, terms=terms, scalars=outcomes).dump()
        while True:
            process = Process.resume(shipped, state, now=NOW, terms=terms)
            sizes.append(len(state))
            if not process.waiting():
                break
            done.append(process.waiting()[0].element_id)
            if len(done) > _LONGEST:
                raise RuntimeError(f"the method goes round with these outcomes: {done[-5:]}")
            key, after = process.waiting()[0].key, [state]

            def complete(state: bytes = state, key: str = key, after: list[bytes] = after) -> None:
                process = Process.resume(shipped, state, now=NOW, terms=terms)
                process.complete(key, outcomes)
                after[0] = process.dump()

            costs.append(_cpu(complete))
            state = after[0]
    return [
        ("main process: resume + complete + store, median", statistics.median(costs), "ms", ("<=", 1.0)),
        ("main process: resume + complete + store, 99th of 100", statistics.quantiles(costs, n=100)[-1], "ms", None),
        ("main process: largest state", float(max(sizes)), "bytes", ("<=", 8_000)),
        ("main process: start, specs already built", again, "ms", None),
        ("main process: start, specs built for it", first, "ms", None),
    ]


def _loops() -> list[Figure]:
    figures: list[Figure] = []
    for name, (models, steps) in LOOPS.items():
        shared = bundle(*models)
        young = Process.start(shared, models[0].id, now=NOW, terms=terms, scalars={"again": True}).dump()

        def one_round(state: bytes, shared: Bundle = shared, steps: str = steps) -> bytes:
            for element_id in steps:
                process = Process.resume(shared, state, now=NOW, terms=terms)
                process.complete(step(process, element_id).key, {})
                state = process.dump()
            return state

        old = young
        for _ in range(1_000):
            old = one_round(old)
        # Taken in turns, so that whatever else the machine does falls on both alike.
        pairs = [(_cpu(partial(one_round, young)), _cpu(partial(one_round, old))) for _ in range(300)]
        ratio = statistics.median(late for _, late in pairs) / statistics.median(early for early, _ in pairs)
        figures.append((f"loop, {name}: round 1,000 against round 1, time", ratio, "x", ("<=", 1.2)))
        figures.append((f"loop, {name}: round 1,000 against round 1, bytes", len(old) / len(young), "x", ("<=", 1.2)))
    return figures


def _crowd() -> list[Figure]:
    shared = bundle(sketch("start1 > a > end1", a={"loop": Loop("parallel", cardinality="200")}))
    state = Process.start(shared, "p", now=NOW, terms=terms).dump()

    def complete() -> None:
        process = Process.resume(shared, state, now=NOW, terms=terms)
        process.complete(process.waiting()[0].key, {})
        process.dump()

    return [
        ("200 instances side by side: complete one", statistics.median(_cpu(complete) for _ in range(50)), "ms", None),
        ("200 instances side by side: state", float(len(state)), "bytes", None),
    ]


if __name__ == "__main__":
    for name, value, unit, budget in run():
        print(f"{name:<70} {value:>12.3f} {unit:<6} {'' if budget is None else f'budget {budget[0]} {budget[1]:g}'}")
