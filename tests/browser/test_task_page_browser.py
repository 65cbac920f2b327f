"""The page of a task in real Chromium when things go wrong: two windows, a server that is away, a crash, a session that ends."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.live import PATIENCE, Chromium, Site, Visitor
from tests.browser.test_pages_browser import today
from tests.workflows import path
from workflows import diagrams
from workflows.actor import OPERATOR

pytestmark = [pytest.mark.usefixtures("chromium"), pytest.mark.parametrize("urls", ["sqlite"], indirect=True)]

expect.set_options(timeout=PATIENCE)
OWN_WORDS = "[name=support_request_own_words]"
KEPT = re.compile("^Bewaard om")


def at_signal(chromium: Chromium, site: Site, *, width: int = 1280) -> tuple[Visitor, str]:
    """A midwife at the form of a signal, and its address."""
    task = site.world.start()
    midwife = chromium.enter(site, "midwife", width=width)
    address = f"{site.address}/taken/{task.id}"
    midwife.page.goto(address)
    return midwife, address


def test_of_two_windows_the_older_is_told_and_both_texts_are_there(chromium: Chromium, site: Site) -> None:
    midwife, address = at_signal(chromium, site)
    midwife.page.locator(OWN_WORDS).fill("Eerst hier.")
    midwife.page.get_by_text(KEPT).wait_for()
    newer = midwife.context.new_page()
    newer.goto(address)
    newer.locator(OWN_WORDS).fill("Daarna daar.")
    newer.get_by_text(KEPT).wait_for()

    midwife.page.locator(OWN_WORDS).press_sequentially(" En nog iets.")
    midwife.page.get_by_role("button", name="Ga hier verder").wait_for()
    midwife.look("taak: ook in een ander venster")
    midwife.press("Ga hier verder")
    midwife.page.locator("#venster-kop").wait_for()

    assert midwife.page.locator(OWN_WORDS).input_value() == "Eerst hier. En nog iets."
    assert "Daarna daar." in midwife.page.locator("[aria-labelledby=venster-kop]").inner_text()
    midwife.look("taak: twee teksten naast elkaar")
    assert newer.locator(OWN_WORDS).input_value() == "Daarna daar."
    midwife.leave(refused=[412])


def test_when_the_server_is_away_the_text_stays_and_is_kept_by_itself_later(chromium: Chromium, site: Site) -> None:
    midwife, address = at_signal(chromium, site, width=360)
    midwife.page.locator(OWN_WORDS).fill("De huur is te hoog.")
    midwife.page.get_by_text(KEPT).wait_for()
    site.kill()
    midwife.page.locator(OWN_WORDS).press_sequentially(" En de verwarming is stuk.")
    midwife.page.get_by_text(re.compile("^Niet bewaard: onze server")).wait_for()
    midwife.look("taak: server weg")
    midwife.page.locator("[name=phase][value=pregnant]").check()  # the questions cannot follow now
    midwife.press("Afronden", last=True)
    midwife.page.locator("#niet-verstuurd:focus").wait_for()
    assert midwife.page.url == address, "the page is still there"

    site.start()
    midwife.page.get_by_text(KEPT).wait_for()
    midwife.page.locator("[name=due_date]").wait_for()
    assert midwife.page.locator(OWN_WORDS).input_value() == "De huur is te hoog. En de verwarming is stuk."

    midwife.page.close()  # a crash: nobody says goodbye
    midwife.page = midwife.context.new_page()
    midwife.page.goto(address)
    assert midwife.page.locator(OWN_WORDS).input_value() == "De huur is te hoog. En de verwarming is stuk."
    assert midwife.page.locator("[name=phase][value=pregnant]").is_checked()
    midwife.complaints = [
        one for one in midwife.complaints if "ERR_CONNECTION_REFUSED" not in one and "fetch" not in one
    ]
    midwife.leave()


def test_who_is_about_to_be_logged_out_hears_it_and_can_stay(chromium: Chromium, site: Site) -> None:
    midwife = chromium.enter(site, "midwife")
    midwife.context.clock.install()
    task = site.world.start()
    midwife.page.goto(f"{site.address}/taken/{task.id}")
    notice = midwife.page.locator("#sessie")
    expect(notice).to_be_hidden()

    midwife.context.clock.fast_forward("26:00")
    midwife.page.get_by_text("Bent u er nog?").wait_for()
    midwife.look("taak: bijna uitgelogd")
    midwife.press("Blijf ingelogd")
    expect(notice).to_be_hidden()

    midwife.context.clock.fast_forward("31:00")
    midwife.page.get_by_text("U bent uitgelogd.").wait_for()
    midwife.look("taak: uitgelogd")
    midwife.leave()


def test_after_logging_out_the_back_button_shows_no_file(chromium: Chromium, site: Site) -> None:
    case_id = site.world.explored_directly()
    midwife = chromium.enter(site, "midwife")
    midwife.page.goto(f"{site.address}/casussen/{case_id}")
    assert path.SECRETS[0] in midwife.page.locator("main").inner_text()
    midwife.page.locator("details.steun-me summary").click()
    midwife.press("Uitloggen")
    midwife.page.wait_for_url("**/inloggen")

    midwife.page.go_back()
    midwife.page.get_by_role("heading", name="Inloggen").first.wait_for()
    assert path.SECRETS[0] not in midwife.page.content()
    midwife.leave()


def test_a_comment_is_placed_without_leaving_the_form(chromium: Chromium, site: Site) -> None:
    site.world.explored_directly()
    task = site.world.claim(site.world.region.nurse, "exploration")
    nurse = chromium.enter(site, "nurse", width=390)
    nurse.page.goto(f"{site.address}/taken/{task.id}")
    nurse.look("taak: verkenning met wat eerder is verteld")
    nurse.fill({"what_goes_well": "Ze hebben elkaar."})
    nurse.page.get_by_text("Schrijf een opmerking voor collega's").click()
    nurse.page.locator("#opmerking").fill("Bel na vijven.")
    nurse.press("Plaats de opmerking")
    nurse.page.locator("#opmerkingen-kop:focus").wait_for()

    assert "Bel na vijven." in nurse.page.locator("#opmerkingen").inner_text()
    assert nurse.page.locator("[name=what_goes_well]").input_value() == "Ze hebben elkaar."
    nurse.look("taak: opmerking geplaatst")
    nurse.press("Plaats de opmerking") if nurse.page.locator("#opmerking").is_visible() else None
    nurse.leave()


def long_form() -> dict[str, Any]:
    """The form of a signal with eighty questions more, in groups in groups and in a list, half of them asked now and then."""
    form: dict[str, Any] = json.loads(path.shipped()["signal.form"])

    def asked(number: int, **more: Any) -> dict[str, Any]:
        kind = ("textfield", "textarea", "checkbox", "radio")[number % 4]
        values = (
            {"values": [{"label": "Ja", "value": "yes"}, {"label": "Nee", "value": "no"}]} if kind == "radio" else {}
        )
        return {
            "type": kind, "id": f"Extra_{number}", "key": f"extra_{number}", "label": f"Extra vraag {number}",
            "properties": {"compartment": "C1"}, **values, **more,
        }  # fmt: skip

    switch = asked(3, id="Extra_switch", key="extra_switch", label="Meer vragen?")
    hidden = {"conditional": {"hide": '=extra_switch != "yes"'}}
    rows = {
        "type": "dynamiclist", "id": "Extra_list", "path": "extra_rows", "label": "Extra lijst", "defaultRepetitions": 1,
        "components": [asked(number) for number in range(70, 80)],
    }  # fmt: skip
    groups = [
        {
            "type": "group", "id": f"Extra_group_{first}", "label": f"Extra groep {first}",
            "components": [
                {"type": "group", "id": f"Extra_inner_{first}", "label": f"Binnen {first}",
                 "components": [asked(number, **(hidden if number % 2 else {})) for number in range(first, first + 14)]},
            ],
        }
        for first in range(0, 70, 14)
    ]  # fmt: skip
    form["components"] += [
        {"type": "group", "id": "Extra_top", "label": "Extra", "components": [switch, *groups, rows]}
    ]
    return form


def test_a_form_of_a_hundred_questions_is_quick_and_light_and_keeps_the_focus(chromium: Chromium, site: Site) -> None:
    files = {**path.shipped(), "signal.form": json.dumps(long_form()).encode()}
    with site.world.database.writing() as session:
        diagrams.publish(session, files, by=OPERATOR, at=today())
    midwife, _ = at_signal(chromium, site, width=390)
    midwife.look("taak: lang formulier")  # also that it is light
    last = midwife.page.locator("[name='extra_68']")
    last.fill("Dit blijft staan.")

    began = time.perf_counter()
    midwife.page.locator("[name=extra_switch][value=yes]").focus()
    midwife.page.keyboard.press("Space")
    midwife.page.locator("[name=extra_69]").first.wait_for()
    print(f"figure: {1000 * (time.perf_counter() - began):.0f} ms until the questions of a long form followed")

    assert focused(midwife.page) == "extra_switch"
    assert last.input_value() == "Dit blijft staan."
    assert midwife.page.locator("[name^=extra_]:not([type=hidden])").count() >= 80
    midwife.look("taak: lang formulier, alles gevraagd")
    midwife.page.locator("[name=extra_switch][value=no]").check()
    midwife.page.locator("[name=extra_69]:not([type=hidden])").wait_for(state="detached")
    midwife.leave()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name"))


class Counted:
    """A person with a thumb: counts what is tapped and typed."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.taps = self.keys = 0

    def tap(self, selector: str) -> None:
        self.visitor.page.locator(selector).first.click()
        self.taps += 1

    def type(self, selector: str, text: str) -> None:
        self.visitor.page.locator(selector).fill(text)
        self.taps += 1
        self.keys += len(text)


def test_a_minimal_signal_on_a_phone_takes_few_taps(chromium: Chromium, site: Site) -> None:
    midwife = chromium.enter(site, "midwife", width=360)
    thumb = Counted(midwife)
    midwife.page.goto(f"{site.address}/werk")
    thumb.tap("main a[href='/signaal']")
    midwife.page.wait_for_url("**/signaal")
    midwife.look("nieuw signaal op een telefoon")
    thumb.tap("button:has-text('Begin')")
    midwife.page.wait_for_url("**/taken/*")
    assert midwife.page.locator(OWN_WORDS).bounding_box()["y"] < 1600, "own words first"

    thumb.type(OWN_WORDS, "Ik slaap slecht en maak me zorgen over geld.")
    for name, value in {"unclear_question": "no", "phase": "pregnant"}.items():
        thumb.tap(f"label:has([name={name}][value={value}])")
    midwife.page.locator("[name=due_date]").wait_for()
    thumb.type("[name=due_date]", f"{today().year + 1}-03-01" if today().month > 6 else f"{today().year}-10-01")
    thumb.type("[name=parent_name]", "Noor")
    thumb.type("[name=birth_date]", "1998-02-01")
    thumb.tap("label:has([name=living_situation][value=address])")
    midwife.page.locator("[name=postcode]").wait_for()
    thumb.type("[name=postcode]", "5911 AB")
    for name, value in {"municipality_code": "GM0983", "preferred_language": "nl"}.items():
        midwife.page.locator(f"[name={name}]").select_option(value)
        thumb.taps += 2
    for name, value in {
        "safe_contact": "via_signaller", "protective_factors": "asks_for_help", "risk_categories": "KW04",
        "vulnerability_level": "vulnerable", "assessed_together": "yes", "safety_concern": "no", "urgency": "regular",
    }.items():  # fmt: skip
        thumb.tap(f"label:has([name={name}][value={value}])")
    small = midwife.page.locator(".steun-choice, .steun-form .nl-button:visible, .steun-form input[type=text]:visible")
    assert all(
        size >= 44
        for size in small.evaluate_all("all => all.filter(one => one.offsetParent).map(one => one.offsetHeight)")
    )
    thumb.tap(".steun-closing button:has-text('Afronden')")
    midwife.page.wait_for_url("**/klaar")
    midwife.look("afgerond op een telefoon")
    print(f"figure: {thumb.taps} taps and {thumb.keys} keys for a minimal signal on a phone")
    assert thumb.taps <= 26, "more than a midwife has time for"
    midwife.leave()
