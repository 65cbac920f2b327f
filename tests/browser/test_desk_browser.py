"""Two administrators mend something together, in real Chromium: one asks, the bell of the other rings, that one confirms."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser.live import PATIENCE, Chromium, Site
from tests.browser.reader import account
from workflows import jobs
from workflows.jobs import Job, JobStatus

#: What differs between databases is tried without a browser.
pytestmark = [pytest.mark.usefixtures("chromium"), pytest.mark.parametrize("urls", ["sqlite"], indirect=True)]

expect.set_options(timeout=PATIENCE)


@pytest.mark.parametrize("width", [1280, 390])
def test_one_asks_and_the_bell_of_the_other_rings(site: Site, chromium: Chromium, width: int) -> None:
    world = site.world
    with world.database.writing() as session:
        bo = builders.actor(session, "Bo Beheerder", world.region.programme, "administrator", at=world.clock())
        job = jobs.enqueue(session, "consent_ends", due_at=world.clock(), subject_kind="case", subject_id=uuid4())
        for _ in range(jobs.ATTEMPTS):
            job.fail(world.clock(), "RouteUndecided at decide_route")
    account(world, world.region.administrator, "bep")
    account(world, bo, "bo")

    asks = chromium.enter(site, "bep", width=width)
    asks.page.goto(f"{site.address}/beheer")
    asks.page.get_by_text("Herstel dit samen met een collega").click()
    asks.page.get_by_label("Waarom?").select_option("cause_mended")
    asks.press("Vraag een collega om te bevestigen")
    expect(asks.page.get_by_text("Een collega bevestigt het nog")).to_be_visible()
    asks.look("what waits for a colleague")

    confirms = chromium.enter(site, "bo", width=width)
    confirms.page.goto(f"{site.address}/meldingen")
    confirms.look("the bell")
    confirms.press("Een collega in het beheer wacht op u")
    confirms.page.wait_for_url("**/beheer#bevestigen")
    expect(confirms.page.get_by_role("heading", name="Wacht op u")).to_be_in_viewport()
    confirms.look("what waits for me")
    confirms.page.get_by_role("button", name=re.compile(r"^Bevestig\s*:")).focus()
    confirms.page.keyboard.press("Enter")
    expect(confirms.page.get_by_role("heading", name="Wacht op u")).to_have_count(0)
    confirms.look("confirmed")
    with world.database.reading() as session:
        assert session.get_one(Job, job.id).status == JobStatus.PENDING
    confirms.page.goto(f"{site.address}/meldingen")
    expect(confirms.page.get_by_text("Een collega in het beheer wacht op u")).to_have_count(0)
    asks.leave()
    confirms.leave()
