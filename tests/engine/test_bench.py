"""``make bench`` gets to its end, and what it says of bytes holds; of time only ratios in a quiet run say anything."""

from __future__ import annotations

from tests.bench import bench_engine


def test_the_method_is_measured_to_its_end_and_a_thousand_rounds_leave_a_state_as_small_as_one():
    figures = bench_engine.run()

    assert len({name for name, *_ in figures}) == len(figures) >= 15
    sizes = [
        (name, value, budget[1])
        for name, value, _, budget in figures
        if budget and ("bytes" in name or "state" in name)
    ]
    assert len(sizes) >= 7
    assert [name for name, value, most in sizes if value > most] == []
