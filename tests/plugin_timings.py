"""Prints how long each folder of tests took; a figure for the reader, never a gate."""

from __future__ import annotations

from collections import defaultdict

import pytest

_spent: dict[str, float] = defaultdict(float)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _spent["/".join(report.nodeid.split("::")[0].split("/")[:2])] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _spent:
        terminalreporter.write_line(
            "seconds of test time: " + ", ".join(f"{k} {v:.0f}" for k, v in sorted(_spent.items()))
        )
