"""The pages about rights: asking, the copy, correcting, holding; destroying and the report after a breach for who decides."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

from engine.clock import local_date
from tests import builders
from tests.browser.reader import Reader, account
from tests.conftest import Clock
from tests.workflows.path import World
from workflows import cases, method, worker
from workflows.organisations import Role

Enter = Callable[[str], Reader]


def taken(world: World) -> str:
    case_id = world.explored()
    world.claim(world.region.nurse)
    return f"/casussen/{case_id}"


def test_a_request_is_asked_answered_with_a_copy_and_what_is_wrong_is_put_right(
    enter: Enter, world: World, clock: Clock
) -> None:
    where = taken(world)
    nurse, midwife = enter("nurse"), enter("midwife")
    nurse.open(where)
    assert "Verzoek van de ouder" in nurse.text
    nurse.open(f"{where}/verzoeken")
    assert "Er is nog niets gevraagd" in nurse.text
    nurse.send("/bewaarplicht", status=400)
    assert "Kies waarom dit bewaard moet" in nurse.text
    nurse.send("/bewaarplicht", hold_reason="complaint")
    assert "Een klacht" in nurse.text
    nurse.send("/stoppen")
    assert "De bewaarplicht is gestopt" in nurse.text

    nurse.open(f"{where}/verzoek")
    nurse.send("/verzoek", status=400, request_kind="access_copy")
    assert "Over wie gaat het verzoek?" in " ".join(nurse.errors)
    about = [value for value in nurse.tree.xpath("//select[@name='request_subject']/option/@value") if value]
    today = local_date(clock()).isoformat()
    nurse.send(
        "/verzoek", request_subject=about[0], requested_by="self", identity_check="id_document", received_on=today
    )
    assert "Het verzoek is vastgelegd" in nurse.text
    nurse.open(f"{where}/verzoeken")
    assert "Antwoord uiterlijk op 3 december 2026" in nurse.text

    nurse.open(nurse.tree.xpath("//main//a[starts-with(@href, '/taken/')]/@href")[0])
    nurse.send("/oppakken")
    pdf, data = (link for link in nurse.tree.xpath("//a/@href") if "/kopie." in link)
    for link, kind in ((pdf, "application/pdf"), (data, "application/json")):
        file = nurse.client.get(link)
        assert (file.status_code, file.mimetype) == (200, kind)
        assert file.headers["Content-Disposition"].startswith("attachment")
        assert file.headers["Cache-Control"] == "no-store"
    assert midwife.client.get(pdf).status_code == 403  # of the case, and not at work on it
    assert enter("coordinator").client.get(pdf).status_code == 404

    midwife.open(where)
    [fix] = midwife.tree.xpath("//a[contains(@href, '/verbeteren')][contains(., 'Het signaal')]/@href")
    midwife.open(fix)
    assert "onveiligheid" not in midwife.text.lower()
    field = "support_request_own_words"
    midwife.send("/verbeteren", status=400)
    assert "Er is niets veranderd" in midwife.text
    midwife.send("/verbeteren", **{field: "Ik kom rond, maar zonder reserve."})
    assert "Het is verbeterd" in midwife.text
    assert "later verbeterd" in midwife.text
    assert nurse.open(where).text.count("zonder reserve") == 1


def test_who_decides_sees_no_name_and_after_a_breach_gets_numbers(enter: Enter, world: World, clock: Clock) -> None:
    case_id = world.explored()
    world.claim(world.region.nurse)
    world.look(method.case_view, case_id, by=world.region.nurse)
    looked_on = local_date(clock())
    with world.database.writing() as session:
        case = cases.lock(session, case_id)
        cases.close(session, case, "goals_reached", contact_after="x", by=world.region.nurse, at=clock())
    clock.forward(days=20 * 366)
    with world.database.writing() as session:
        where = world.region.youth_health
        people = [
            builders.actor(session, name, where, role, at=clock())
            for name, role in (("Bo Beheer", Role.ADMINISTRATOR), ("Fay Functionaris", Role.DPO))
        ]
    for login, who in zip(("bo", "fay"), people, strict=True):
        account(world, who, login)
    bo, fay = enter("bo"), enter("fay")

    bo.open("/vernietigen")
    assert "Noor" not in bo.text
    bo.send("/uitstellen", status=400)
    assert "Kies een dag in de toekomst" in bo.text
    bo.open("/vernietigen").send("/bevestigen")
    assert "Een collega bevestigt als tweede" in bo.text
    fay.open("/vernietigen").send("/bevestigen")
    worker.run_once(world.database, clock())
    assert "Bewijs van vernietiging" in fay.open("/vernietigen").text

    assert "72 uur" in fay.open("/datalek").text
    assert bo.client.get("/datalek").status_code == 403
    fay.open("/datalek?van=gisteren&tot=2026-11-03", status=400)
    assert "Vul een dag in die bestaat" in fay.text
    period = f"van={looked_on}&tot={looked_on + timedelta(days=1)}"
    fay.open(f"/datalek?{period}&ontdekt=2046-12-01T09:00")
    assert "Meld het uiterlijk op 4 december 2046 om 09:00" in fay.text
    assert "intussen alles vernietigd" in fay.text
    rows = list(
        csv.reader(io.StringIO(fay.client.get(f"/datalek/overzicht.csv?{period}").get_data().decode("utf-8-sig")))
    )
    assert rows[0][0] == "case_number"
    assert fay.client.get(f"/datalek/overzicht.json?{period}").get_json()["gone"] == 1
