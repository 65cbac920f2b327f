"""The page with the BSN, without JavaScript: it is shown when somebody asks, and never on the way there."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.reader import Reader
from tests.workflows.path import World
from workflows import organisations
from workflows.actor import OPERATOR

BSN, OTHER = "999990019", "999990299"


def test_it_is_recorded_shown_when_asked_replaced_and_taken_away(enter: Callable[[str], Reader], world: World) -> None:
    case_id = world.explored()
    midwife = enter("midwife").open(f"/casussen/{case_id}")
    [link] = midwife.tree.xpath("//a[contains(@href, '/bsn/')]")
    page = link.get("href")
    assert "BSN van Noor Voorbeeld (zwangere)" in midwife.text
    midwife.open(page)
    assert "Er is geen BSN vastgelegd." in midwife.text

    midwife.send(page, status=400, bsn="99999001")
    assert midwife.title.startswith("Fout: ")
    assert midwife.errors == ["BSN: Een BSN heeft 9 cijfers. Vul ze alle 9 in, ook een 0 aan het begin."]
    assert midwife.values("bsn") == ["99999001"]  # what was typed is still there
    midwife.send(page, bsn="9999 90 019")

    assert midwife.path == page
    assert "Het BSN is vastgelegd." in midwife.text
    assert "op 3 november 2026 door Verloskundigenpraktijk De Bron" in midwife.text
    assert BSN not in midwife.text
    midwife.send("/bekijken")
    assert BSN in midwife.text
    assert "staat in het logboek" in midwife.text
    assert BSN not in midwife.open(f"{page}/bekijken").text  # its address alone shows nothing
    assert midwife.path == page
    assert BSN not in midwife.open(f"/casussen/{case_id}").text

    nurse = enter("nurse").open("/werk").send("/oppakken").open(page)
    midwife.open(page).send(page, bsn=OTHER)
    nurse.send(page, status=412, bsn=BSN)  # somebody was first
    assert nurse.values("bsn") == [BSN]
    assert "Iemand veranderde dit BSN intussen" in nurse.text
    assert OTHER not in nurse.text
    assert OTHER in nurse.send("/bekijken").text
    world.do(organisations.set_may_use_bsn, world.region.youth_health.id, False, by=OPERATOR)
    nurse.open(f"/casussen/{case_id}")
    assert not nurse.tree.xpath("//a[contains(@href, '/bsn')]")
    assert "BSN" not in nurse.text.replace("Vul hier geen BSN in.", "")  # beside the number in one's own records
    assert "mag het BSN niet gebruiken" in nurse.open(page, status=403).text

    midwife.open(page).send("/weghalen")
    assert "Het BSN is weggehaald." in midwife.text
    assert "Er is geen BSN vastgelegd." in midwife.text
    enter("coordinator").open(page, status=404)


def test_what_was_typed_does_not_travel_along_when_a_session_ended(
    enter: Callable[[str], Reader], world: World
) -> None:
    case_id = world.explored()
    midwife = enter("midwife").open(f"/casussen/{case_id}")
    [link] = midwife.tree.xpath("//a[contains(@href, '/bsn/')]")
    midwife.open(link.get("href"))
    midwife.client.delete_cookie("steun-sign-in")

    midwife.send(link.get("href"), status=401, bsn=BSN)

    assert midwife.response is not None
    assert BSN not in midwife.response.text
