"""The pages of the log and of who looked, as a browser without JavaScript gets them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.browser.reader import Reader, account
from tests.conftest import Clock
from tests.workflows.path import SECRETS, World
from workflows import alarms, logbook

Enter = Callable[[str], Reader]


@pytest.fixture
def loes(world: World) -> str:
    account(world, world.region.log_manager, "log_manager")
    return "log_manager"


def test_the_log_manager_searches_the_log_and_takes_it_away(enter: Enter, world: World, loes: str) -> None:
    task = world.start()
    world.complete(task, world.region.midwife)
    nurse = enter("midwife").open(f"/casussen/{task.subject_id}")
    number = nurse.title.removeprefix("Casus ")
    reader = enter(loes).open("/logboek")

    assert reader.title == "Logboek"
    for told in ("Vera Verloskundige", "Casus bekeken", number, "betrokken bij de casus", "Ook dat u dit leest"):
        assert told in reader.text
    assert not any(secret in reader.response.get_data(as_text=True) for secret in SECRETS)
    looks = [row for row in reader.tree.xpath("//tbody/tr") if "Casus bekeken" in row.text_content()]
    assert "Plan bekeken" in looks[0].text_content()  # what one page shows stands in one row

    reader.open(f"/logboek?casus={number}&soort=reads")
    assert "Signaal begonnen" not in reader.text
    assert reader.values("casus") == [number]
    [csv] = reader.tree.xpath("//a[contains(@href, 'bestand.csv')]/@href")
    assert f"casus={number}" in csv
    file = reader.client.get(csv)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert number in file.text
    assert reader.client.get("/logboek/bestand.pdf").status_code == 404
    assert "Er zijn geen regels" in reader.open("/logboek?casus=2026-9999").text

    reader.open("/logboek?van=gisteren&medewerker=x&casus=Noor", status=400)
    assert "Kies een dag." in reader.text
    assert "Kies een medewerker uit de lijst." in reader.text
    reader.open("/logboek?van=2026-11-03&tot=2026-11-01&casus=Noor", status=400)
    assert "Een casusnummer ziet eruit als 2026-0042." in reader.text
    assert reader.values("casus") == ["Noor"]
    for address in ("/logboek", "/logboek/meldingen", "/logboek/bestand.csv"):
        enter("midwife").open(address, status=404)


def test_a_finding_is_looked_into_and_explained(enter: Enter, world: World, clock: Clock, loes: str) -> None:
    task = world.start()
    with world.database.writing() as session:
        logbook.read(
            session, "case.viewed", "case", task.subject_id, case_id=task.subject_id, by=world.region.midwife,
            at=clock(), purpose="emergency", rule="emergency",
        )  # fmt: skip
    with world.database.writing() as session:
        alarms.look(session, at=clock() + timedelta(minutes=1))

    reader = enter(loes).open("/logboek")
    assert "Eén melding over bijzonder kijkgedrag wacht op u." in reader.text
    assert "noodgeval" in reader.text
    reader.open("/logboek/meldingen")
    [address] = reader.tree.xpath("//main//li//a/@href")
    reader.open(address)
    assert "Gekeken met de noodknop" in reader.text
    [lines] = reader.tree.xpath("//main//a[contains(@href, 'bijzonder=ja')]/@href")
    reader.send(f"{address}/gezien")
    assert "Collega’s zien nu" in reader.text
    assert "Loes Logbeheerder" in reader.text
    reader.send(address, status=400, explanation="Ik vroeg het na.")
    assert "Kies wat u vond." in reader.text
    assert reader.values("explanation") == ["Ik vroeg het na."]
    reader.send(address, outcome="part_of_work", explanation="Ik vroeg het na.")
    assert "De melding is afgerond." in reader.text
    assert "Het hoorde bij het werk" in reader.open("/logboek/meldingen?bekeken=ja").text
    assert "Ik vroeg het na." in reader.open(address).text
    assert len(reader.open(lines).tree.xpath("//tbody/tr")) == 1


def test_who_holds_the_case_opens_and_prints_who_looked_for_a_parent(enter: Enter, world: World) -> None:
    case_id = world.explored()
    world.claim(world.region.nurse)
    reader = enter("nurse").open(f"/casussen/{case_id}")
    [address] = reader.tree.xpath("//a[contains(., 'Wie keek er?')]/@href")

    reader.open(address)
    assert reader.tree.findtext(".//h1") == "Wie keek er in uw gegevens?"
    reader.open(address)
    for told in (
        "Voor Noor Voorbeeld",
        "Dinsdag 3 november 2026",
        "JGZ Limburg-Noord team Venlo (fictief)",
        "Als verkenner · 1 keer",
        "Om samen met u te verkennen wat u nodig heeft. U gaf toestemming.",
        "Om samen met u te bekijken wie er keek.",
        "Zo is er veilig contact: bellen.",
    ):
        assert told in reader.text
    assert reader.open(f"{address}/afdrukken?van=2026-11-01&tot=2026-11-03").text.count("Als verkenner") == 2
    assert "Geef het papier alleen aan Noor Voorbeeld zelf" in reader.text
    reader.open(f"{address}?van=2026-11-03&tot=2026-11-01", status=400)
    reader.open(f"{address}?van=x", status=400)
    reader.open(f"{address}?voor={case_id}", status=404)
    assert "Wie keek er?" not in enter("midwife").open(f"/casussen/{case_id}").text
    enter("midwife").open(address, status=403)  # is in the case, does not hold it
    for other in ("process_director", "protection_officer"):
        enter(other).open(address, status=404)
