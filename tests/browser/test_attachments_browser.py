"""Attaching a file in real Chromium, on a telephone and at a desk, with and without JavaScript."""

from __future__ import annotations

import pytest

from tests.browser.live import Chromium, Site

PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("width", "script"), [(360, False), (1280, True)])
def test_a_file_is_attached_and_refused_with_what_was_typed_kept(
    chromium: Chromium, site: Site, width: int, script: bool
) -> None:
    case_id = site.world.explored()
    midwife = chromium.enter(site, "midwife", width=width, script=script)
    page = midwife.page

    def attach(name: str) -> None:
        page.get_by_label("Bestand", exact=True).set_input_files(
            files=[{"name": name, "mimeType": "application/pdf", "buffer": PDF}]
        )
        page.locator("#bijlagen").get_by_role("button", name="Voeg toe").click()

    page.goto(f"{site.address}/casussen/{case_id}")
    page.get_by_text("Voeg een bestand toe").click()
    page.get_by_label("Wat is het?").fill("Brief van het ziekenhuis")
    attach("brief.exe")
    page.get_by_text("Dit soort bestand nemen we niet aan").wait_for()
    midwife.look("bijlage-geweigerd")
    assert page.get_by_label("Wat is het?").input_value() == "Brief van het ziekenhuis"
    attach("brief.pdf")
    page.get_by_role("link", name="brief.pdf").wait_for()
    midwife.look("bijlage")
    with page.expect_download() as started:
        page.get_by_role("link", name="brief.pdf").click()
    assert started.value.suggested_filename == "brief.pdf"
    midwife.leave(refused=[400])
