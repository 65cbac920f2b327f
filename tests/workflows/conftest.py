"""Tags of features, such as ``@S13-2`` or ``@X1``, become one mark with the id that a scenario shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "shows(id): the scenario shows this id of the method, a decision or an exception"
    )


def pytest_bdd_apply_tag(tag: str, function: Callable[..., Any]) -> bool:
    pytest.mark.shows(tag)(function)
    pytest.mark.usefixtures("world")(function)  # so that pytest sees the two databases behind it
    return True
