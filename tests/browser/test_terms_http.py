"""The pages of terms and settings as a browser without JavaScript gets them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from api.pages import settings as page
from api.pages import terms
from api.pages.blueprint import render
from tests.browser.reader import Reader, account
from tests.builders import VENLO
from tests.conftest import Clock
from tests.workflows.path import SECRETS, World
from workflows import settings, worker

Enter = Callable[[str], Reader]


def test_the_process_director_reads_what_is_late_and_with_whom(enter: Enter, world: World, clock: Clock) -> None:
    task = world.start()
    world.complete(task, world.region.midwife)
    director = enter("process_director").open("/termijnen")
    assert "Er is nu niets te laat" in director.text

    clock.forward(days=20)
    worker.run_once(world.database, clock())
    text = enter("process_director").open("/termijnen").text

    assert "Te laat" in text
    assert world.region.practice.name in text
    assert "U bent gevraagd te overleggen" in text
    assert not any(secret in text for secret in SECRETS)


def test_others_have_no_such_list(enter: Enter) -> None:
    enter("midwife").open("/termijnen", status=403)


def test_what_is_coming_can_stand_on_the_page_of_a_case(app: Flask, world: World, clock: Clock) -> None:
    task = world.start()
    world.complete(task, world.region.midwife)
    clock.forward(days=10)
    with app.test_request_context(), world.database.reading() as session:
        context = terms.forecast(session, task.subject_id, by=world.region.midwife, at=clock())
        drawn = render("case/forecast.html", **context)

    assert "Wat eraan komt" in drawn
    assert "te laat" in drawn
    assert "34 weken zwanger" in drawn
    with app.test_request_context():
        assert "niets op de kalender" in render("case/forecast.html", forecast=[])


def test_everybody_sees_the_settings_with_how_firm_they_are(enter: Enter) -> None:
    reader = enter("midwife").open("/instellingen")

    for definition in settings.definitions().values():
        assert " ".join(definition.description.split()) in reader.text
    assert "Voorstel: nog niet vastgesteld" in reader.text
    assert not set(page.GROUPS) - {name.partition(".")[0] for name in settings.definitions()}
    assert not {name.partition(".")[0] for name in settings.definitions()} - set(page.GROUPS)
    assert "10 werkdagen; 5 als het sneller moet" in reader.text
    reader.open("/instellingen/term.explore")
    assert "42 dagen" in reader.text
    assert "Veranderen" not in reader.text


def test_a_coordinator_sets_a_term_in_words_and_sees_who_set_it(enter: Enter, world: World) -> None:
    reader = enter("coordinator").open("/instellingen/term.explore")
    reader.send(
        "/instellingen/term.explore", duration="5 weken", municipality_code=VENLO, tag="[B]", source="Raad van Venlo"
    )

    assert reader.path == "/instellingen/term.explore"
    for told in ("De instelling is bewaard", "5 weken", "Besluit", "Raad van Venlo", "Coen Coördinator", "Venlo"):
        assert told in reader.text
    with world.database.reading() as session:
        assert settings.get(session, "term.explore", municipality=VENLO, on=world.clock().date()) == {"duration": "P5W"}
    assert "5 weken" in enter("midwife").open(f"/instellingen?gemeente={VENLO}").text
    assert "5 weken" not in enter("midwife").open("/instellingen").text


def test_what_was_typed_comes_back_when_it_is_refused(enter: Enter) -> None:
    reader = enter("coordinator").open("/instellingen/term.first_contact")
    reader.send(
        "/instellingen/term.first_contact",
        status=400,
        working_days="tien",
        soon="4",
        source="",
        valid_from="2026-11-31",
    )
    assert reader.errors
    assert reader.values("working_days") == ["tien"]
    assert reader.values("valid_from") == ["2026-11-31"]

    reader.send("/instellingen/term.first_contact", status=400, valid_from="2026-11-03", tag="[I]")
    assert any("heel getal" in error for error in reader.errors)
    assert any("Wie besloot dit" in error for error in reader.errors)
    reader.send("/instellingen/term.first_contact", working_days="8", source="Proef")
    assert "8 werkdagen; 4 als het sneller moet" in reader.text


def test_a_number_and_a_text_can_be_set(enter: Enter) -> None:
    reader = enter("coordinator").open("/instellingen/task.lease_hours")
    reader.send("/instellingen/task.lease_hours", status=400, value="900", tag="[I]", source="Proef")
    reader.send("/instellingen/task.lease_hours", value="48")
    assert "48" in reader.text
    reader.open("/instellingen/phone.safe_home")
    reader.send("/instellingen/phone.safe_home", value="0800 2000", tag="[I]", source="Proef")
    assert "0800 2000" in reader.text


def test_what_is_on_or_off_is_chosen_in_words_and_its_note_speaks_of_no_terms(enter: Enter, world: World) -> None:
    reader = enter("coordinator").open("/instellingen/family.language_pl")
    assert reader.tree.xpath("//dl[@class='steun-facts']//dd")[0].text_content() == "Uit"
    assert reader.values("value") == ["0"]
    choices = reader.tree.xpath("//input[@name='value']/ancestor::label")
    assert [" ".join(one.text_content().split()) for one in choices] == ["Aan", "Uit"]

    reader.send("/instellingen/family.language_pl", status=400, value="2", tag="[I]", source="Proef")
    assert any("Kies aan" in error for error in reader.errors)
    reader.send("/instellingen/family.language_pl", value="1")
    assert "De instelling is bewaard." in reader.text
    assert "termijnen" not in reader.text
    assert reader.tree.xpath("//dl[@class='steun-facts']//dd")[0].text_content() == "Aan"
    with world.database.reading() as session:
        assert settings.get(session, "family.language_pl", on=world.clock().date()) == 1


def test_a_double_click_sets_it_once_and_others_set_nothing(enter: Enter, world: World) -> None:
    reader = enter("coordinator").open("/instellingen/task.lease_hours")
    fields = reader.fields("/instellingen/task.lease_hours") | {"value": ["48"], "tag": ["[I]"], "source": ["Proef"]}
    for _ in range(2):
        assert reader.client.post("/instellingen/task.lease_hours", data=fields).status_code == 303
    with world.database.reading() as session:
        assert session.query(settings.Setting).count() == 1

    midwife = enter("midwife").open("/signaal")
    token = midwife.fields("/signaal")["csrf_token"]
    refused = midwife.client.post("/instellingen/task.lease_hours", data=fields | {"csrf_token": token})
    assert refused.status_code == 403


def test_an_unknown_setting_is_not_there(enter: Enter) -> None:
    enter("midwife").open("/instellingen/made.up", status=404)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"working_days": 1}, "1 werkdag"),
        ({"duration": "PT36H"}, "PT36H"),
        ({"duration": "P1Y"}, "1 jaar"),
        ({"gestational_weeks": 34}, "bij 34 weken zwangerschap"),
        ({"gestational_weeks": 34, "otherwise": "P2W"}, "bij 34 weken zwangerschap; anders na 2 weken"),
        ({"anchor": "evaluation_date", "otherwise": "P42D"}, "op de dag waarop u samen terugkijkt; anders na 42 dagen"),
        (
            {"anchor": "hub_meeting", "working_days": 2, "otherwise": "P14D"},
            "2 werkdagen na het overleg in het knooppunt; anders na 14 dagen",
        ),
        ({"before_age_limit": "P3M"}, "3 maanden voor de leeftijdsgrens"),
        (
            {"working_days": 10, "from_gestational_weeks": 32, "then_working_days": 5},
            "10 werkdagen; 5 vanaf 32 weken zwangerschap",
        ),
        (72, "72"),
    ],
)
def test_a_value_is_told_in_dutch(value: object, said: str) -> None:
    assert page.say(value) == said


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("14 dagen", "P14D"),
        ("1 Maand", "P1M"),
        ("2 jaren", "P2Y"),
        ("6weken", "P6W"),
        ("P3M", "P3M"),
        ("straks", "straks"),
    ],
)
def test_a_duration_can_be_typed_in_dutch(typed: str, read: str) -> None:
    assert page.iso(typed) == read


def test_an_administrator_sets_too(enter: Enter, world: World) -> None:
    account(world, world.region.administrator, "beheer")
    assert "Veranderen" in enter("beheer").open("/instellingen/term.explore").text
