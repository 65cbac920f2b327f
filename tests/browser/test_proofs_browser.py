"""Looking with a parent at what goes along, and proving it afterwards, in real Chromium, on a telephone and at a desk."""

from __future__ import annotations

import pytest

from engine.clock import local_date
from tests.browser.live import Chromium, Site
from tests.workflows import handing
from workflows import method


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("width", "script"), [(360, False), (1280, True)])
def test_what_goes_along_is_looked_at_beforehand_and_proved_afterwards(
    chromium: Chromium, site: Site, width: int, script: bool
) -> None:
    world = handing.World.__new__(handing.World)
    world.__dict__ = site.world.__dict__
    with world.database.writing() as session:
        handing.stored(session, world.clock())
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.do(method.add_comment, case_id, "Ze komt liever ’s ochtends.", by=midwife)
    sender = chromium.enter(site, "midwife", width=width, script=script)
    page = sender.page

    page.goto(f"{site.address}/casussen/{case_id}/meegeven")
    page.get_by_label("Aan wie wilt u overdragen?").select_option(f"{nurse.organisation_id}:{nurse.role}")
    page.get_by_role("button", name="Laat zien").click()
    page.get_by_role("heading", name="Dit gaat niet mee").wait_for()
    sender.look("meegeven")
    world.hand(midwife, nurse)
    today = local_date(world.clock()).isoformat()
    world.fill(nurse, "handover_answer", {**handing.ACCEPTED, "first_contact_on": today})
    page.goto(f"{site.address}/casussen/{case_id}")
    page.get_by_role("link", name="Bekijk het ontvangstbewijs").click()
    page.get_by_role("heading", name="Ontvangstbewijs").wait_for()
    sender.look("ontvangstbewijs-afzender")
    with page.expect_download() as started:
        page.get_by_role("link", name="Bewijs op papier (PDF)").click()
    assert started.value.suggested_filename == "ontvangstbewijs.pdf"
    sender.leave()
