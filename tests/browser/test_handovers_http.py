"""Handovers on the page of a case, and what the sender hears afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import render_template

from api.pages import handovers as handover_pages
from api.pages import shown
from tests.browser.conftest import PEOPLE
from tests.browser.reader import Reader, account
from tests.workflows import handing
from workflows import method

Enter = Callable[[str], Reader]


@pytest.fixture
def world(database, clock) -> handing.World:
    made = handing.World(database, clock)
    for name in PEOPLE:
        account(made, getattr(made.region, name), name)
    return made


def test_how_a_handover_stands_is_on_the_case_and_the_sender_hears_the_day(app, world, database) -> None:
    midwife, nurse = world.region.midwife, world.region.nurse
    case_id = world.begun()
    world.hand(midwife, nurse)

    def told(by) -> str:
        with app.test_request_context(), database.reading() as session:
            names = shown.Names(session)
            found = method.handover_list(session, case_id, by=by, at=world.clock())
            given = handover_pages.drawn(session, case_id, found, names, by=by)
            return render_template("case/handovers.html", **given) + render_template(
                "work/handovers.html", heard=handover_pages.heard(session, names, by=by)
            )

    waiting = told(midwife)
    assert "Wacht op antwoord" in waiting
    assert "Gesprek met z’n drieën gepland" in waiting
    assert "trek de overdracht in" in waiting
    world.fill(nurse, "handover_answer", handing.ACCEPTED)
    assert "De ontvanger neemt contact op met de ouder op 5 november 2026" in told(midwife)
    assert "trek de overdracht in" not in told(midwife)
    world.contact(nurse, note="Ze was opgelucht.")

    heard = told(midwife)
    assert "had op 3 november 2026 het eerste contact met het gezin" in heard
    assert "opgelucht" not in heard


def test_the_holder_takes_an_offer_back_and_a_second_press_finds_that_it_was_done(enter: Enter, world) -> None:
    midwife, nurse = world.region.midwife, world.region.nurse
    case_id = world.begun()
    world.hand(midwife, nurse)
    reader = enter("midwife")
    sent = reader.open("/werk").fields("/uitloggen")

    for told in ("De overdracht is ingetrokken.", "Er wacht geen overdracht op een antwoord."):
        reader._keep(
            reader.client.post(f"/casussen/{case_id}/overdracht/intrekken", data=sent, follow_redirects=True), 200
        )
        assert told in reader.text
    [line] = world.look(method.handover_list, case_id, by=midwife)
    assert line.status == "withdrawn"
