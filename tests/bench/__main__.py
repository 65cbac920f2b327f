"""``make bench``: every measurement in one run, with its budget where there is one. Ratios count, not seconds."""

from __future__ import annotations

import platform
import sys
from importlib import import_module

MODULES = (
    "bench_engine",
    "bench_rooms",
    "bench_search",
    "bench_pages",
    "bench_guards",
    "bench_http",
    "bench_operations",
)


def main() -> int:
    """Print a row per figure; exit 1 when a budget is broken."""
    print(f"Python {platform.python_version()}, {platform.machine()}, {sys.platform}")
    broken = 0
    for module in sys.argv[1:] or MODULES:
        print(f"\n{module}")
        for name, value, unit, budget in import_module(f"tests.bench.{module}").run():
            verdict = ""
            if budget is not None:
                kind, limit = budget  # ("<=", 1.2) or (">=", 0.5)
                kept = value <= limit if kind == "<=" else value >= limit
                broken += not kept
                verdict = f"  budget {kind} {limit:g}  {'kept' if kept else 'BROKEN'}"
            print(f"  {name:<70} {value:>12.3f} {unit:<6}{verdict}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
