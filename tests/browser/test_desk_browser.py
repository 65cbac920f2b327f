"""Two administrators mend something together, in real Chromium: one asks, the bell of the other rings, that one confirms.

What they mend is a step that a program holds on to; the administrator of its organisation sees how that stands.
"""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from tests import builders
from tests.browser.live import PATIENCE, Chromium, Site
from tests.browser.reader import account
from tests.workflows import outsourced
from tests.workflows.path import World
from workflows import jobs, method, topics
from workflows.actor import Actor
from workflows.processes import Task
from workflows.topics import TopicLock

#: What differs between databases is tried without a browser.
pytestmark = [pytest.mark.usefixtures("chromium"), pytest.mark.parametrize("urls", ["sqlite"], indirect=True)]

#: Past the rooms: the time of the house cannot be set here.
_TASKS = Task.__table__

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
    boss, step_id = held(world)
    account(world, boss, "boss")

    asks = chromium.enter(site, "bep", width=width)
    asks.page.goto(f"{site.address}/beheer")
    steps = asks.page.get_by_role("region", name="Stappen bij andere systemen")
    expect(steps.get_by_text("is nog niet klaar")).to_be_visible()
    asks.look("what is with others")
    steps.get_by_text("Herstel dit samen met een collega").click()
    expect(steps.get_by_label("Terugnemen van het programma")).to_be_checked()
    steps.get_by_label("Waarom?").select_option("see_if_it_works")
    asks.look("asking")
    steps.get_by_role("button", name="Vraag een collega om te bevestigen").click()
    expect(steps.get_by_text("Een collega bevestigt het nog")).to_be_visible()
    asks.look("what waits for a colleague")

    confirms = chromium.enter(site, "bo", width=width)
    confirms.page.goto(f"{site.address}/meldingen")
    confirms.look("the bell")
    confirms.press("Een collega in het beheer wacht op u")
    confirms.page.wait_for_url("**/beheer#bevestigen")
    expect(confirms.page.get_by_role("heading", name="Wacht op u")).to_be_in_viewport()
    expect(confirms.page.get_by_role("heading", name=f"Stap ‘{outsourced.TOPIC}’")).to_have_count(1)
    confirms.look("what waits for me")
    confirms.page.get_by_role("button", name=re.compile(r"^Bevestig\s*:")).focus()
    confirms.page.keyboard.press("Enter")
    expect(confirms.page.get_by_role("heading", name="Wacht op u")).to_have_count(0)
    confirms.look("confirmed")
    with world.database.reading() as session:
        assert session.get_one(TopicLock, step_id).lock_id is None
    confirms.page.goto(f"{site.address}/meldingen")
    expect(confirms.page.get_by_text("Een collega in het beheer wacht op u")).to_have_count(0)
    asks.leave()
    confirms.leave()

    own = chromium.enter(site, "boss", width=width)
    own.page.goto(f"{site.address}/koppelingen")
    expect(own.page.get_by_role("region", name="Stappen die een programma doet").get_by_text("letters")).to_be_visible()
    own.page.get_by_role("link", name="Regel welk programma dat mag").click()
    own.look("steps of the own organisation")
    own.page.locator("summary", has_text="Voeg een programma toe").focus()
    own.page.keyboard.press("Enter")
    own.page.get_by_label("Welk programma is dit?").fill("Rooster")
    own.page.get_by_role("button", name="Voeg toe").press("Enter")
    expect(own.page.get_by_label("Onderwerp van de stap")).to_have_attribute("aria-invalid", "true")
    own.look("a program that cannot be added yet")
    own.page.get_by_label("Onderwerp van de stap").fill("rooms")
    own.page.get_by_role("button", name="Voeg toe").press("Enter")
    expect(own.page.get_by_text("We laten het maar één keer zien")).to_be_visible()
    own.look("the token of a program")
    own.page.get_by_role("link", name="Ik heb het token bewaard").click()
    own.page.locator("summary", has_text="Maak een nieuw token").press("Enter")
    own.look("a program")
    own.leave(refused={400})


def held(world: World) -> tuple[Actor, UUID]:
    """A step that waited for hours before a program of youth health took it, and the administrator there."""
    at, midwife = world.clock(), world.region.midwife
    with world.database.writing() as session:
        outsourced.stored(session, at)
        boss = builders.actor(session, "Ada Eigen", world.region.youth_health, "local_administrator", at=at)
        _, token = topics.add_worker(session, topic=outsourced.TOPIC, label="Brieven", by=boss, at=at)
    begun = world.start()
    world.complete(begun, midwife)
    world.do_next(midwife)
    with world.database.writing() as session:
        session.connection().execute(
            update(_TASKS).where(_TASKS.c.topic == outsourced.TOPIC).values(opened_at=at - timedelta(hours=5))
        )
        found = topics.worker_of_token(session, token, at=world.clock())
        assert found is not None
        [step] = method.fetch_steps(
            session, found[0], most=1, lock_for=timedelta(hours=1), by=found[1], at=world.clock()
        )
    return boss, step.id
