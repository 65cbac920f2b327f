"""Asking for a case on the page and by the door: the same words for every family."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.reader import Reader

HERE = "/casus-vragen"


def test_the_page_says_the_same_whoever_is_meant(enter: Callable[[str], Reader], world) -> None:
    asks = enter("nurse").open(HERE)
    asks.send(HERE, status=400, parent_name="Noor Voorbeeld", birth_date="31-13-1996", reason="moved_here")
    assert "Vul een datum in" in asks.text
    assert "Bespreek het eerst met de ouder" in asks.text
    for number in ("2026-0001", "2020-9999"):
        asks.open(HERE).send(HERE, case_number=number, reason="moved_here", parent_knows="yes")
        assert "U hoort niet of het gezin bekend is." in asks.text
    assert asks.text.count("Gevraagd op") == 2
    assert "2020-9999" not in asks.text
    enter("midwife").open(HERE, status=403)
