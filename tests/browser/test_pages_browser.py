"""The pages in real Chromium, against a server process that is killed: the story that the region must be able to play.

Every page looked at is tried for accessibility (axe), width, weight, and complaints of the browser.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Route
from sqlalchemy import update

from tests.browser.live import Chromium, Site, Visitor
from tests.builders import signal_answers
from tests.workflows import path
from workflows import method
from workflows.accounts import SignIn

pytestmark = pytest.mark.usefixtures("chromium")


def today() -> datetime:
    return datetime.now(UTC)


def record_signal(midwife: Visitor, **changes: Any) -> None:
    """Write down a signal together with the parent."""
    midwife.go("Nieuw signaal")
    midwife.look("nieuw signaal")
    midwife.press("Begin")
    midwife.page.wait_for_url("**/taken/*")
    midwife.look("taak: signaal")
    midwife.fill(signal_answers(today(), **changes))
    midwife.look("taak: signaal, ingevuld")
    finish(midwife)


def finish(visitor: Visitor) -> None:
    visitor.press("Afronden", last=True)
    visitor.page.wait_for_url("**/klaar")
    visitor.look("afgerond")


def go_on(visitor: Visitor, answers: dict[str, Any], name: str) -> None:
    """Take the next task from the page that says whose turn it is, and do it."""
    visitor.press("Ga hiermee verder")
    visitor.page.wait_for_url(re.compile(r"/taken/[0-9a-f-]{36}$"))
    visitor.look(name)
    visitor.fill(answers)
    visitor.look(f"{name}, ingevuld")
    finish(visitor)


def play(chromium: Chromium, site: Site, *, width: int, script: bool) -> None:
    """From a signal to an exploration in the pool of youth health."""
    midwife = chromium.enter(site, "midwife", width=width, script=script)
    midwife.look("mijn werk, leeg")
    record_signal(midwife)
    go_on(midwife, path.consent_answers(), "taak: toestemming")

    midwife.press("Ga hiermee verder")
    midwife.page.wait_for_url(re.compile(r"/taken/[0-9a-f-]{36}$"))
    assert midwife.page.locator(".steun-told__answer").inner_text() == "Samen verkennen met de JGZ"  # the advice
    midwife.look("taak: route")
    answers = path.routing_answers()
    del answers["advised_route"]
    midwife.fill(answers)
    finish(midwife)
    assert "JGZ Limburg-Noord team Venlo" in midwife.page.locator("main").inner_text()

    midwife.go("Casussen")
    midwife.look("casussen")
    midwife.page.locator("main td a").click()
    midwife.page.wait_for_url("**/casussen/*")
    midwife.look("casus")
    assert path.SECRETS[0] in midwife.page.locator("main").inner_text()
    midwife.leave()


def explore(nurse: Visitor) -> None:
    """A nurse of the team picks up the exploration, which names nobody until then, and finishes it."""
    nurse.look("mijn werk, team")
    assert path.SECRETS[0] not in nurse.page.content()
    nurse.press("Pak op")
    nurse.page.wait_for_url("**/taken/*")
    assert path.SECRETS[0] in nurse.page.locator("main").inner_text()
    nurse.look("taak: verkenning")
    nurse.fill(path.exploration_answers(today()))
    nurse.look("taak: verkenning, ingevuld")
    finish(nurse)


def test_the_story_survives_a_killed_server(chromium: Chromium, site: Site) -> None:
    play(chromium, site, width=1280, script=True)
    nurse = chromium.enter(site, "nurse")
    explore(nurse)
    nurse.leave()

    site.kill()
    site.start()

    midwife = chromium.enter(site, "midwife")
    midwife.go("Casussen")
    midwife.page.locator("main td a").click()
    midwife.page.wait_for_url("**/casussen/*")
    text = midwife.page.locator("main").inner_text()
    for words in (path.SECRETS[0], "Het signaal", "Toestemming", "De gekozen route"):
        assert words in text, words
    midwife.leave()


def test_the_story_without_a_script(chromium: Chromium, site: Site) -> None:
    play(chromium, site, width=1280, script=False)
    nurse = chromium.enter(site, "nurse", script=False)
    explore(nurse)
    nurse.leave()


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_the_story_on_a_phone(chromium: Chromium, site: Site) -> None:
    play(chromium, site, width=360, script=True)
    nurse = chromium.enter(site, "nurse", width=360)
    explore(nurse)
    nurse.leave()


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_the_keyboard_alone_is_enough(chromium: Chromium, site: Site) -> None:
    midwife = chromium.enter(site, "midwife")
    keys = midwife.page.keyboard
    keys.press("Tab")
    assert midwife.page.evaluate("document.activeElement.textContent") == "Naar de inhoud"
    keys.press("Enter")
    walk_to(midwife, "Nieuw signaal")
    keys.press("Enter")
    midwife.page.wait_for_url("**/signaal")
    walk_to(midwife, "Begin")
    keys.press("Enter")
    midwife.page.wait_for_url("**/taken/*")

    walk_to(midwife, name="support_request_own_words")
    keys.type("De huur is te hoog.")
    walk_to(midwife, name="phase")
    keys.press("Space")
    keys.press("ArrowDown")  # zwanger: now the due date is asked, and the focus stays where it is
    midwife.page.locator("[name=due_date]").wait_for()
    midwife.page.locator("[name=phase][value=pregnant]:focus").wait_for()
    midwife.page.get_by_text(re.compile("^Bewaard om")).wait_for()

    walk_to(midwife, "Afronden")
    keys.press("Enter")
    midwife.page.locator("#fouten:focus").wait_for()
    midwife.look("taak met fouten")
    walk_to(midwife, "Hoe heet de ouder?")
    keys.press("Enter")
    midwife.page.locator("[name=parent_name]:focus").wait_for()
    assert midwife.page.locator("[name=support_request_own_words]").input_value() == "De huur is te hoog."
    midwife.leave(refused=[400])


def walk_to(visitor: Visitor, text: str = "", *, name: str = "") -> None:
    """Press Tab until the focus is there, and see at each stop that one can see where it is."""
    for _ in range(150):
        visitor.page.keyboard.press("Tab")
        here = visitor.page.evaluate(
            """() => {
                const it = document.activeElement;
                const shown = it.closest('.steun-choice') ?? it;
                const outline = [it, shown].some((one) => parseFloat(getComputedStyle(one).outlineWidth) >= 2
                    && getComputedStyle(one).outlineStyle !== 'none');
                return [it.textContent.trim(), it.name ?? '', outline, it.tagName];
            }"""
        )
        assert here[2] or here[3] == "BODY", f"no focus to be seen on {here}"
        if (text and here[0].startswith(text)) or (name and here[1] == name):
            return
    raise AssertionError(f"the keyboard does not reach {text or name}")


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_the_other_pages_are_as_good(chromium: Chromium, site: Site) -> None:
    case_id = site.world.explored()
    midwife = chromium.enter(site, "midwife", width=360)
    for name, place in {
        "casus op een telefoon": f"/casussen/{case_id}",
        "verlies": f"/casussen/{case_id}/verlies",
        "niet gevonden": "/bestaat-niet",
    }.items():
        midwife.page.goto(site.address + place)
        midwife.look(name)
    midwife.page.goto(f"{site.address}/casussen/{case_id}")
    midwife.page.get_by_text("Dezelfde stappen in woorden").last.click()
    assert midwife.page.locator(".steun-outline li").last.is_visible()
    midwife.page.locator("details.steun-me summary").click()
    midwife.look("menu open")
    midwife.page.keyboard.press("Escape")
    assert not midwife.page.get_by_role("button", name="Uitloggen").is_visible()

    midwife.page.goto(f"{site.address}/signaal")
    midwife.press("Begin")
    midwife.page.wait_for_url("**/taken/*")
    midwife.fill(signal_answers(today(), safety_concern="doubt"))
    midwife.press("Afronden", last=True)
    midwife.page.locator(".steun-safety").wait_for()
    midwife.look("veiligheid")
    assert midwife.page.locator("a[href^='tel:']").first.is_visible()
    midwife.leave(refused=[404])


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_typing_is_kept_while_one_types_and_after_the_session_ended(chromium: Chromium, site: Site) -> None:
    task = site.world.start()
    midwife = chromium.enter(site, "midwife")
    midwife.page.goto(f"{site.address}/taken/{task.id}")
    midwife.fill({"support_request_own_words": "Eerste zin."})
    midwife.page.get_by_text(re.compile("^Bewaard om")).wait_for()
    kept = site.world.look(method.task_view, task.id, by=site.world.region.midwife).answers
    assert kept["support_request_own_words"] == "Eerste zin."

    with site.world.database.writing() as session:  # half an hour without use
        session.execute(update(SignIn).values(seen_at=today() - timedelta(minutes=31)))
    midwife.fill({"support_request_own_words": "Eerste zin. Tweede zin."})
    midwife.page.get_by_text(re.compile("^Niet bewaard")).wait_for()
    midwife.press("Bewaar en stop")
    midwife.page.get_by_role("heading", name="Inloggen").wait_for()
    midwife.look("inloggen met tekst")
    log_in_again(midwife)

    assert midwife.page.locator("[name=support_request_own_words]").input_value() == "Eerste zin. Tweede zin."
    midwife.leave(refused=[401])


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_form_that_was_sent_is_not_kept_as_a_draft_after_it(chromium: Chromium, site: Site) -> None:
    task = site.world.start()
    midwife = chromium.enter(site, "midwife")
    midwife.page.goto(f"{site.address}/taken/{task.id}")
    midwife.fill(signal_answers(today()))
    asked: list[str] = []
    midwife.page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[1]))

    def slowly(route: Route) -> None:
        """What was typed last is kept after a second and a bit; the answer to the form comes later than that."""
        asked.clear()
        midwife.page.wait_for_timeout(2500)
        route.continue_()

    midwife.page.route("**/afronden", slowly)
    field = midwife.page.locator("[name=support_request_own_words]")
    field.press_sequentially(" Nog iets.")
    field.evaluate(
        """one => one.form.addEventListener('submit', () => setTimeout(() => {
            one.value += ' Te laat.';
            one.dispatchEvent(new Event('input', {bubbles: true}));
        }, 50))"""
    )
    finish(midwife)
    assert "concept" not in asked, asked
    midwife.leave()


def log_in_again(visitor: Visitor) -> None:
    from tests.builders import PASSWORD

    visitor.page.get_by_label("Gebruikersnaam").fill("midwife")
    visitor.page.get_by_label("Wachtwoord").fill(PASSWORD)
    visitor.press("Inloggen")
    visitor.page.wait_for_url("**/taken/*")


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_rows_are_added_with_a_script_and_the_focus_goes_along(chromium: Chromium, site: Site) -> None:
    task = site.world.start()
    midwife = chromium.enter(site, "midwife")
    midwife.page.goto(f"{site.address}/taken/{task.id}")
    midwife.fill({"professionals_involved[0].who": "Huisarts"})

    midwife.press("Voeg nog een toe")
    midwife.page.locator("[name='professionals_involved[1].who']:focus").wait_for()
    midwife.page.keyboard.type("Kraamzorg")
    midwife.press("Haal nummer 1 weg")
    midwife.page.locator("[name='professionals_involved[1].who']").wait_for(state="detached")

    assert midwife.page.locator("[name='professionals_involved[0].who']").input_value() == "Kraamzorg"
    midwife.leave()
