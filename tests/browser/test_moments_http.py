"""Looking back at a case, as a browser without JavaScript gets it, and as a program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select

from tests import builders
from tests.browser.reader import Reader, account
from tests.workflows.path import World
from workflows.logbook import LoggedRead
from workflows.organisations import Role

Enter = Callable[[str], Reader]


def looks(world: World) -> list[str | None]:
    with world.database.reading() as session:
        lines = select(LoggedRead).where(LoggedRead.event == "case.looked_back").order_by(LoggedRead.id)
        return [line.purpose for line in session.scalars(lines)]


def test_somebody_says_why_chooses_a_moment_and_steps_from_change_to_change(enter: Enter, world: World) -> None:
    case_id = world.explored()
    world.clock.forward(days=2)
    world.claim(world.region.nurse)
    world.clock.forward(days=1)
    page = f"/casussen/{case_id}/toen"
    nurse = enter("nurse").open(f"/casussen/{case_id}")
    assert "zoals het toen was" in nurse.text
    nurse.open(page)
    assert "Waarom kijkt u terug?" in nurse.text
    assert looks(world) == []
    for query, said in (
        ("dag=2026-11-04", "Kies waarom u terugkijkt"),
        ("dag=2026-11-01&reden=complaint", "Toen was deze casus er nog niet"),
        ("dag=2027-11-01&reden=complaint", "Dit moment is nog niet geweest"),
        ("dag=gisteren&reden=complaint", "Vul een dag in"),
        ("dag=4-11-2026&tijd=25:00&reden=complaint", "Vul een tijd in"),
        ("tijd=10:00&reden=complaint", "Kies een dag"),
    ):
        nurse.open(f"{page}?{query}", status=400)
        assert said in nurse.text, query
    assert looks(world) == []
    nurse.open(f"{page}?moment=gisteren&reden=complaint", status=404)

    nurse.open(f"{page}?dag=4-11-2026&tijd=9:30&reden=complaint")
    assert "Verloskundigenpraktijk" in nurse.text
    assert "Wat er nu anders is" in nurse.text
    assert "Verkenning doen" in nurse.text
    assert "nog niet opgepakt" in nurse.text
    [after] = nurse.tree.xpath("//a[contains(., 'Volgende verandering')]/@href")
    nurse.open(after)
    assert "Op dit moment veranderde: wie de casus vasthoudt" in nurse.text
    assert "Jet Jeugdverpleegkundige" in nurse.text
    [before] = nurse.tree.xpath("//a[contains(., 'Vorige verandering')]/@href")
    nurse.open(before)
    nurse.open(f"{page}?reden=parent_asks")
    assert "Niets: zo is het nu ook." in nurse.text
    assert looks(world) == ["complaint", "complaint", "complaint", "parent_asks"]
    for other in ("coordinator", "administrator"):
        account(world, getattr(world.region, other), f"{other}-hier")
        enter(f"{other}-hier").open(page, status=404)


def test_who_looks_after_the_log_finds_a_case_by_its_number_and_reads_no_content(enter: Enter, world: World) -> None:
    case_id = world.explored()
    with world.database.writing() as session:
        leo = builders.actor(session, "Leo Log", world.region.practice, Role.LOG_MANAGER, at=world.clock())
    account(world, replace(leo), "leo")
    log = enter("leo").open("/logboek")
    assert "wie kon toen wat zien" in log.text.lower()
    [number] = enter("midwife").open(f"/casussen/{case_id}").tree.xpath("//h1/text()")
    log.open(f"/logboek/toen?casus={number.split()[-1]}")
    log.open("/logboek/toen?casus=2020-0001", status=404)
    log.open(f"/casussen/{case_id}/toen?reden=calamity")
    assert "Wie toen wat kon zien" in log.text
    assert "Vera" not in log.text
    for secret in ("Wat er toen was opgeschreven", "Wat er toen lag", "Toestemming die toen gold", "getekend"):
        assert secret not in log.text
    assert looks(world) == ["calamity"]
