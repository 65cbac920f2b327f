"""Prints figures for the reader, never a gate: how long each folder of tests took, how soon pages are painted. And says loudly
when no page was tried in a browser. A plugin and no conftest: with several processes only the first one writes, and that
one reads no conftest of a folder."""

from __future__ import annotations

from collections import defaultdict
from statistics import median

import pytest

NO_BROWSER = "GEEN CHROMIUM"
NO_HISTORY = "no history"

_spent: dict[str, float] = defaultdict(float)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _spent["/".join(report.nodeid.split("::")[0].split("/")[:2])] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _spent:
        terminalreporter.write_line(
            "seconds of test time: " + ", ".join(f"{k} {v:.0f}" for k, v in sorted(_spent.items()))
        )
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        paints = dict(report.user_properties).get("first contentful paint", {})
        if paints and report.when == "call":
            slow = sorted(paints.items(), key=lambda one: -one[1])
            terminalreporter.write_line(
                f"first contentful paint of {len(paints)} pages: median {median(paints.values()):.0f} ms, most "
                + ", ".join(f"{paint:.0f} ({name})" for name, paint in slow[:3])
            )
    if any(NO_HISTORY in dict(report.user_properties) for report in terminalreporter.getreports("passed")):
        terminalreporter.write_line(
            "LET OP: geen geschiedenis van git gevonden; de upgrade is alleen van deze versie naar zichzelf geoefend."
        )
    if any(NO_BROWSER in str(report.longrepr) for report in terminalreporter.getreports("skipped")):
        terminalreporter.write_line(
            "LET OP: geen Chromium gevonden; geen enkele pagina is in een echte browser geprobeerd."
        )
