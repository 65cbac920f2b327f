"""What a page becomes in real Chromium when it is printed, drawn in one's own colours, walked by keyboard alone, or taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.live import PATIENCE, Chromium, Site, Visitor
from tests.workflows import path

#: What differs between databases is tried without a browser.
pytestmark = [pytest.mark.usefixtures("chromium"), pytest.mark.parametrize("urls", ["sqlite"], indirect=True)]

expect.set_options(timeout=PATIENCE)

#: What has the focus: what it is, whether one sees that, and whether it was there before.
_FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at.matches('.steun-choice input') ? at.closest('.steun-choice') : at);
  const box = at.getBoundingClientRect();
  const been = 'walked' in at.dataset;
  at.dataset.walked = '';
  return {been, what: `${at.tagName} ${at.textContent.trim().slice(0, 60)}`, href: at.getAttribute('href'),
    within: at.closest('section[id]')?.id ?? '', isSummary: at.matches('summary'),
    seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 0 && box.height > 0};
}"""
_MOST = 400


def walk(page: Page) -> list[dict[str, Any]]:
    """Everything that gets the focus by one key, from the top of a page to its end."""
    found = []
    for _ in range(_MOST):
        page.keyboard.press("Tab")
        at = page.evaluate(_FOCUS)
        if at is None or at["been"]:
            return found
        found.append(at)
    raise AssertionError(f"no end after {_MOST} steps: {found[-3:]}")


def tab_to(page: Page, selector: str) -> None:
    """Go on by one key until something has the focus."""
    for _ in range(_MOST):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"{selector} is not reached")


@pytest.fixture
def nurse(site: Site, chromium: Chromium) -> Visitor:
    """A nurse on the page of a case whose exploration she has."""
    case_id = site.world.explored_directly()
    site.world.claim(site.world.region.nurse, "exploration")
    made = chromium.enter(site, "nurse")
    made.page.goto(f"{site.address}/casussen/{case_id}")
    return made


def test_the_page_of_a_case_by_keyboard_alone_in_ones_own_colours_and_on_paper(nurse: Visitor) -> None:
    page = nurse.page
    by_keyboard(page)
    in_ones_own_colours(page)
    nurse.look("casus, met eigen kleuren")
    page.emulate_media(forced_colors="none")
    on_paper(page)
    page.get_by_role("link", name="Kopieer samenvatting").evaluate("link => location.assign(link.href)")
    page.wait_for_url("**/samenvatting")
    summary_on_paper(page)
    nurse.leave()


def by_keyboard(page: Page) -> None:
    """Past the menu, along the contents, into what is folded; and nothing holds on to who walks on."""
    page.keyboard.press("Tab")
    expect(page.locator(".nl-skip-link")).to_be_focused()
    expect(page.locator(".nl-skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.wait_for_url("**#inhoud")
    page.keyboard.press("Tab")
    assert page.locator("main :focus").count() == 1, "past the menu"

    for part in ("antwoorden", "verloop"):
        tab_to(page, f".steun-contents a[href='#{part}']")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**#{part}")
        tab_to(page, f"#{part} summary")
        fold = page.locator(f"#{part} details:has(> summary:focus)")
        was_open = fold.get_attribute("open") is not None
        for key in ("Enter", "Space"):
            page.keyboard.press(key)
            was_open = not was_open
            expect(fold).to_have_js_property("open", was_open)
        page.locator("#inhoud").focus()


def in_ones_own_colours(page: Page) -> None:
    """Where a ground or a shadow told something, a line tells it: the focus, and where the case is now."""
    page.emulate_media(forced_colors="active")
    page.locator(".steun-brand").focus()
    found = walk(page)
    assert len(found) > 30
    assert [one["what"] for one in found if not one["seen"]] == []
    assert any(one["isSummary"] for one in found)
    assert found[-1]["what"].startswith("A"), "the walk ends in the footer"

    drawing = page.locator(".steun-diagram").first
    live = drawing.locator(".diagram-flag.is-live").first
    expect(live).to_be_visible()
    expect(live).to_have_text("nu hier")
    fill, ground = live.locator("rect").evaluate(
        "rect => [getComputedStyle(rect).fill, getComputedStyle(rect.closest('.steun-diagram')).backgroundColor]"
    )
    assert fill != ground
    words = page.locator(".steun-outline [data-mark=live]").first
    assert words.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


def on_paper(page: Page) -> None:
    """What is read, also where it is folded, without what is pressed."""
    page.emulate_media(media="print")
    for pressed in (
        ".steun-header",
        ".steun-footer",
        ".nl-skip-link",
        ".steun-back",
        ".steun-contents",
        ".steun-actions",
    ):
        assert page.locator(pressed).count(), pressed
        expect(page.locator(pressed).first).to_be_hidden()
    assert page.locator("main button:visible").count() == 0
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".steun-contact").get_by_text(path.SECRETS[0])).to_be_visible()
    for told in page.locator(".steun-fold .steun-answers").all()[:3]:
        assert told.bounding_box(), "what is folded is on paper"
    page.emulate_media(media="screen")


def summary_on_paper(page: Page) -> None:
    """All of the text, however little of it there is room for on the screen."""
    page.emulate_media(media="print")
    expect(page.locator(".steun-header")).to_be_hidden()
    expect(page.locator("main .nl-button").first).to_be_hidden()
    text = page.locator("#samenvatting")
    expect(text).to_be_visible()
    hidden = text.evaluate(
        "area => { area.value = 'Regel.\\n'.repeat(60); return area.scrollHeight - area.clientHeight; }"
    )
    assert hidden <= 1, f"{hidden} pixels of the text are not printed"


def test_two_quick_presses_send_once_and_what_was_done_can_be_undone_right_after_it(site: Site, nurse: Visitor) -> None:
    page, answers = nurse.page, path.exploration_answers(site.world.clock())
    page.get_by_role("link", name="Ga verder").click()
    page.wait_for_url("**/taken/*")
    nurse.fill(answers)
    nurse.look("taak: verkenning, ingevuld")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.url.endswith("/afronden") else None)
    button = page.locator(".steun-closing").get_by_role("button", name="Afronden")
    button.evaluate("""button => button.form.addEventListener('submit', (event) => setTimeout(() => {
      if (!event.defaultPrevented) button.click();
    }, 10))""")
    button.click()
    page.wait_for_url("**/klaar")
    assert len(sent) == 1

    nurse.look("afgerond, nog ongedaan te maken")
    nurse.press("Maak ongedaan")
    page.wait_for_url(re.compile(r"/taken/[0-9a-f-]{36}$"))
    page.get_by_text("Ongedaan gemaakt.").wait_for()
    assert page.locator("[name=wishes]").input_value() == answers["wishes"]
    nurse.look("taak: ongedaan gemaakt")
    nurse.press("Afronden", last=True)
    page.wait_for_url("**/klaar")
    nurse.leave()
