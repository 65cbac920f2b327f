"""Searching on the page, without JavaScript: nothing typed in an address, why something was found, and what else one can do."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.browser.reader import Reader, account
from tests.workflows.path import World
from workflows import method

Enter = Callable[[str], Reader]


def test_a_family_is_found_again_from_any_page_and_the_way_back_works(enter: Enter, world: World) -> None:
    world.complete(world.start(), world.region.midwife)
    [card] = world.look(method.case_list, by=world.region.midwife).items

    page = enter("midwife").open("/werk").send("/zoeken", q="voorbeld")

    assert page.path == "/zoeken"
    assert "1 casus gevonden" in page.text
    assert "Naam lijkt erop (zwangere)" in page.text
    page.open(f"/casussen/{card.id}").open("/zoeken")
    assert "1 casus gevonden" in page.text
    assert page.fields("/zoeken")["q"] == ["voorbeld"]
    with page.client.session_transaction() as kept:
        assert "voorbeld" not in str(dict(kept))


def test_who_finds_nothing_reads_what_else_there_is(enter: Enter, world: World) -> None:
    page = enter("nurse").open("/casussen").send("/zoeken", q="Nergens 31-12-1996")

    assert "Niets gevonden" in page.text
    assert re.search("naam Nergens en geboortedatum .*31 december 1996", page.text)
    assert "zegt dus niet dat er geen casus is" in page.text
    assert "Noodinzage" in page.text
    page.send("/zoeken", q="42")
    assert re.search(
        "Gezocht op nummer 20[0-9]{2}-0042 of hetzelfde nummer uit een eerder jaar en nummer in uw eigen systeem 42, in",
        page.text,
    )
    page.send("/zoeken", status=400, q="31-02-1996")
    assert "Deze datum bestaat niet." in page.text
    assert page.title.startswith("Fout: ")


def test_a_case_is_found_by_the_number_in_ones_own_records_and_by_nobody_elses(enter: Enter, world: World) -> None:
    case_id = world.explored()
    enter("midwife").open(f"/casussen/{case_id}").send("/eigen-nummer", number="KD-4711")
    for typed in ("kd 4711", " KD-47 11 "):
        page = enter("midwife").open("/werk").send("/zoeken", q=typed)
        assert page.path == "/zoeken"
        assert "1 casus gevonden" in page.text
        assert "Nummer in uw eigen systeem klopt" in page.text
        assert f"Gezocht op nummer in uw eigen systeem {' '.join(typed.split())}" in page.text
    nurse = enter("nurse").open("/werk").send("/zoeken", q="KD-4711")
    unknown = enter("nurse").open("/werk").send("/zoeken", q="KD-4712")
    assert "Niets gevonden" in nurse.text
    assert nurse.text.replace("4711", "4712") == unknown.text


def test_who_has_no_cases_has_no_box(enter: Enter, world: World) -> None:
    account(world, world.region.administrator, "beheer")
    page = enter("beheer").open("/werk")

    assert not page.tree.xpath("//form[@role='search']")
    page.open("/zoeken", status=403)
