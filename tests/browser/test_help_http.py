"""Help, keys and the tour, as a browser without JavaScript sees them."""

from __future__ import annotations

from tests.conftest import Clock
from workflows import settings
from workflows.actor import OPERATOR


def test_the_tour_is_offered_once_and_stays_to_be_found(enter):
    midwife = enter("midwife").open("/werk")
    assert "Nieuw hier?" in midwife.text

    titles = set()
    for step in range(1, 6):
        midwife.open(f"/rondleiding/{step}")
        titles.add(midwife.tree.findtext(".//h1"))
    assert len(titles) == 5
    midwife.open("/rondleiding/6", status=404)
    midwife.open("/rondleiding/5").send("/rondleiding")

    assert midwife.path == "/werk"
    assert "Nieuw hier?" not in midwife.text
    assert "Nieuw hier?" in enter("nurse").open("/werk").text, "hers is not over"
    assert "Nieuw hier?" not in enter("midwife").open("/werk").text, "of another browser too"
    assert "/rondleiding/1" in midwife.open("/hulp").response.text


def test_the_tour_is_told_for_what_one_does(enter):
    assert enter("midwife").open("/rondleiding/1").text != enter("process_director").open("/rondleiding/1").text


def test_keys_can_be_put_off_and_on_again(enter):
    midwife = enter("midwife").open("/hulp/sneltoetsen")
    assert midwife.tree.xpath("//body/@data-shortcuts")

    midwife.send("/hulp/sneltoetsen", shortcuts="off")
    assert not midwife.tree.xpath("//body/@data-shortcuts")
    midwife.send("/hulp/sneltoetsen", shortcuts="on")
    assert midwife.tree.xpath("//body/@data-shortcuts")


def test_the_keys_that_are_listed_are_the_keys_that_lead_somewhere_for_this_person(enter):
    every = set()
    for name in ("midwife", "nurse", "process_director", "coordinator"):
        page = enter(name).open("/hulp/sneltoetsen").tree
        listed = {" ".join(one.xpath(".//kbd/text()")) for one in page.xpath("//dl//dt")}
        assert listed == {str(one) for one in page.xpath("//@data-shortcut")} | {"?", "Esc"}, name
        every |= listed
    assert {"g t", "g k", "g s", "/"} <= every


def test_who_to_call_is_what_the_municipality_filled_in(enter, world, clock: Clock):
    with world.database.writing() as session:
        settings.put(
            session, "help.process", "077 000 00 00, tussen 9 en 12 uur", municipality="GM0983", valid_from=clock().date(),
            source="Afspraak", by=OPERATOR, at=clock(),
        )  # fmt: skip

    midwife = enter("midwife").open("/hulp?gemeente=GM0983")
    assert "077 000 00 00" in midwife.text
    assert "Gemeente Venlo" in midwife.text
    assert midwife.tree.xpath("//a[@href='tel:112']")
    assert "077 000 00 00" not in midwife.open("/hulp?gemeente=GM0988").text
    midwife.open("/hulp?gemeente=GM0000", status=404)
