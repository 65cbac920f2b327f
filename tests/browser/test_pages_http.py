"""Every page as a browser without JavaScript gets it: once for success, once per refusal, on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from api import create_app
from api.config import Settings
from api.pages import assets
from tests.browser.reader import Reader, flat
from tests.builders import CHEAP, PASSWORD, signal_answers
from tests.conftest import SECRET, Clock, Urls
from tests.workflows import path
from tests.workflows.path import World
from workflows import method, organisations
from workflows.actor import OPERATOR
from workflows.organisations import Role

Enter = Callable[[str], Reader]

# --- logging in


def test_who_looks_without_being_logged_in_comes_back_there_afterwards(reader: Reader, world: World) -> None:
    reader.open("/casussen")
    assert reader.title == "Inloggen"

    reader.send("/inloggen", login="midwife", password=PASSWORD)

    assert (reader.path, reader.title) == ("/casussen", "Casussen")


def test_a_wrong_password_is_told_and_only_the_name_comes_back(reader: Reader, world: World) -> None:
    reader.open("/inloggen").send("/inloggen", status=401, login="midwife", password="fout")

    assert "Inloggen lukt niet" in reader.text
    assert reader.values("login")[-1] == "midwife"  # before it come the hats of the demonstration
    assert "fout" not in reader.values("password")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/",
        "//example.org/",
        "/\\example.org",
        "javascript:alert(1)",
        "/\t/example.org",
        "/\x0b//example.org",
    ],
)
def test_nobody_is_sent_to_another_site_after_logging_in(reader: Reader, world: World, elsewhere: str) -> None:
    reader.open("/inloggen").send("/inloggen", login="midwife", password=PASSWORD, _next=elsewhere)

    assert reader.path == "/werk"


def test_logging_out_ends_it(enter: Enter) -> None:
    midwife = enter("midwife")
    midwife.send("/uitloggen")
    assert "U bent uitgelogd" in midwife.text

    assert midwife.open("/werk").title == "Inloggen"


def test_one_works_for_one_organisation_at_a_time_and_can_switch(enter: Enter, world: World, clock: Clock) -> None:
    with world.database.writing() as session:
        organisations.assign_role(
            session, person_id=world.region.nurse.person_id, organisation_id=world.region.practice.id,
            role=Role.SIGNALLER, valid_from=clock().date(), by=OPERATOR, at=clock(),
        )  # fmt: skip
    nurse = enter("nurse")
    before = "verkenner" in nurse.response.get_data(as_text=True)

    nurse.send("/rol")

    assert before != ("als signaleerder" not in nurse.text)
    assert "U werkt nu namens" in nurse.text


def test_demo_accounts_stand_on_the_page_in_the_demo_only(urls: Urls, world: World, reader: Reader) -> None:
    assert "demonstratie" in reader.open("/inloggen").text

    production = create_app(
        Settings(database_url=str(urls.application), secret_key=SECRET, vault_keys=(SECRET,), argon2=CHEAP)
    )
    text = production.test_client().get("/inloggen", base_url="https://localhost").get_data(as_text=True)
    production.extensions["steun.database"].dispose()
    assert "emonstratie" not in text


# --- the work list


def test_a_card_names_no_family_until_it_is_picked_up(enter: Enter, world: World) -> None:
    world.explored()
    nurse = enter("nurse")
    for secret in path.SECRETS:
        assert secret not in nurse.text

    nurse.send("/oppakken")

    assert nurse.title == "Verkenning doen"
    assert path.SECRETS[0] in nurse.text
    assert nurse.open("/werk").text.count("Ga verder") == 1


def test_who_is_second_hears_who_was_first(enter: Enter, world: World) -> None:
    world.explored()
    nurse, other = enter("nurse"), enter("nurse2")
    nurse.send("/oppakken")

    other.send("/oppakken")

    assert "heeft deze taak" in other.text
    assert "opgepakt" in other.text
    assert other.path == "/werk"


def test_an_empty_list_says_so_kindly(enter: Enter) -> None:
    assert "U heeft nu geen taken" in enter("midwife").open("/werk").text


def test_a_task_of_the_team_can_be_seen_but_not_read(enter: Enter, world: World) -> None:
    world.explored()
    [card] = world.look(method.work_list, by=world.region.nurse).items

    nurse = enter("nurse").open(f"/taken/{card.id}")

    assert "pakt u hem eerst op" in nurse.text
    assert path.SECRETS[0] not in nurse.text


def test_unknown_and_forbidden_look_alike(enter: Enter, world: World) -> None:
    task = world.start()
    director = enter("process_director")

    forbidden = director.open(f"/taken/{task.id}", status=404).text
    unknown = director.open("/taken/00000000-0000-4000-8000-000000000000", status=404).text

    assert _without_number(forbidden) == _without_number(unknown)
    assert _without_number(director.open(f"/casussen/{task.subject_id}", status=404).text) == _without_number(unknown)


def _without_number(text: str) -> str:
    return text.split("Hulp nodig?")[0]


# --- filling in


def begin(midwife: Reader) -> Reader:
    return midwife.open("/signaal").send("/signaal")


def test_pressing_begin_twice_begins_one_signal(enter: Enter, world: World) -> None:
    midwife = enter("midwife").open("/signaal")
    fields = midwife.fields("/signaal")

    places = {midwife.client.post("/signaal", data=fields).headers["Location"] for _ in range(2)}

    assert len(places) == 1
    assert len(world.look(method.work_list, by=world.region.midwife).items) == 1


def test_who_may_not_signal_is_told_so(enter: Enter) -> None:
    nurse = enter("nurse")
    assert "Nieuw signaal" not in nurse.response.get_data(as_text=True)

    nurse.open("/signaal").send("/signaal", status=403)

    assert "Niet toegestaan" in nurse.text


def test_a_form_that_is_not_right_comes_back_whole(enter: Enter) -> None:
    midwife = begin(enter("midwife"))
    said = 'Ik weet het niet <b>meer</b> & "hulp"\nTweede regel '

    midwife.send(
        "/afronden", status=400, answers={"support_request_own_words": said, "phase": "pregnant", "parity": "veel"}
    )

    assert midwife.title.startswith("Fout: ")
    assert midwife.values("support_request_own_words")[0].splitlines() == said.splitlines()
    assert midwife.values("parity") == ["veel"]
    assert any(error.startswith("Wat is de uitgerekende datum?") for error in midwife.errors)
    for link in midwife.tree.xpath("//*[@id='fouten']//a/@href"):
        assert midwife.tree.xpath("//*[@id=$id]", id=link.removeprefix("#")), f"{link} leads nowhere"
    for field in midwife.tree.xpath("//*[@aria-invalid='true'][@aria-describedby]"):
        assert all(midwife.tree.xpath("//*[@id=$id]", id=one) for one in field.get("aria-describedby").split())


def test_a_signal_that_is_right_is_finished_and_says_whose_turn_it_is(enter: Enter, clock: Clock) -> None:
    midwife = begin(enter("midwife"))

    midwife.send("/afronden", answers=signal_answers(clock()))

    assert midwife.path.endswith("/klaar")
    assert "Toestemming vragen" in midwife.text
    assert "U of uw team is aan de beurt, uiterlijk" in midwife.text


def test_a_double_click_finishes_once(enter: Enter, world: World, clock: Clock) -> None:
    midwife = begin(enter("midwife"))
    fields = midwife.fields("/afronden") | flat(signal_answers(clock()))

    answers = [midwife.client.post(f"{midwife.path}/afronden", data=fields) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert [card.name for card in world.look(method.work_list, by=world.region.midwife).items] == ["Toestemming vragen"]


def test_questions_follow_from_answers_without_a_script_and_hidden_text_is_not_lost(enter: Enter) -> None:
    midwife = begin(enter("midwife"))
    assert not midwife.tree.xpath("//*[@name='due_date']")

    midwife.send("/afronden", button="update:veld-phase", answers={"phase": "pregnant"})
    assert midwife.tree.xpath("//input[@name='due_date'][@type='date']")
    midwife.send("/afronden", button="update:veld-phase", answers={"due_date": "2027-03-01", "phase": "after_birth"})
    assert midwife.tree.xpath("//input[@name='due_date'][@type='hidden']/@value") == ["2027-03-01"]
    midwife.send("/afronden", button="update:veld-phase", answers={"phase": "pregnant"})

    assert midwife.tree.xpath("//input[@name='due_date'][@type='date']/@value") == ["2027-03-01"]


def test_rows_come_and_go_without_a_script(enter: Enter) -> None:
    midwife = begin(enter("midwife"))
    row = "professionals_involved[{}].who"

    midwife.send("/afronden", button="add:professionals_involved", answers={row.format(0): "Huisarts"})
    midwife.send("/afronden", button="add:professionals_involved", answers={row.format(1): "Kraamzorg"})
    assert len(midwife.tree.xpath("//*[contains(@name, 'professionals_involved') and contains(@name, '.who')]")) == 3
    midwife.send("/afronden", button="remove:professionals_involved[0]")

    assert midwife.values(row.format(0)) == ["Kraamzorg"]
    assert midwife.values(row.format(2)) == []


def test_a_draft_is_kept_by_the_button_and_by_the_script(enter: Enter) -> None:
    midwife = begin(enter("midwife"))
    task = midwife.path
    fields = midwife.fields("/afronden") | {"support_request_own_words": ["Half af"]}

    part = midwife.client.post(f"{task}/concept", data=fields, headers={"HX-Request": "true"})
    assert part.get_data(as_text=True).count("Bewaard om 09:30") == 1
    assert "<html" not in part.get_data(as_text=True)
    assert midwife.open(task).values("support_request_own_words") == ["Half af"]

    kept = midwife.client.post(f"{task}/concept", data=fields | {"support_request_own_words": ["Meer"]})
    assert kept.headers["Location"] == "/werk"
    assert midwife.open(task).values("support_request_own_words") == ["Meer"]


def test_a_task_can_be_given_back(enter: Enter, world: World) -> None:
    world.explored()
    nurse = enter("nurse").send("/oppakken")

    nurse.send("/teruggeven")

    assert "ligt weer bij uw team" in nurse.text
    assert [card.status for card in world.look(method.work_list, by=world.region.nurse2).items] == ["open"]


# --- nothing typed is lost


def test_text_of_an_ended_session_is_back_after_logging_in(enter: Enter, clock: Clock) -> None:
    midwife = begin(enter("midwife"))
    task = midwife.path
    clock.forward(minutes=50)

    midwife.send(
        "/afronden", status=401, answers={"support_request_own_words": "Dit mag niet weg", "phase": "pregnant"}
    )
    assert "Wat u typte, is er nog" in midwife.text
    midwife.send("/inloggen", status=401, login="midwife", password="fout")
    midwife.send("/inloggen", login="midwife", password=PASSWORD)

    assert midwife.path == task
    assert midwife.values("support_request_own_words") == ["Dit mag niet weg"]
    assert "staat weer in het formulier" in midwife.text


def test_somebody_else_who_logs_in_sees_nothing_of_it(enter: Enter, clock: Clock) -> None:
    midwife = begin(enter("midwife"))
    clock.forward(minutes=50)
    midwife.send("/afronden", status=401, answers={"support_request_own_words": "Geheim van haar"})

    midwife.send("/inloggen", login="coordinator", password=PASSWORD)

    assert midwife.path == "/werk"
    assert "Geheim" not in midwife.response.get_data(as_text=True)


def test_a_page_from_elsewhere_plants_no_text(enter: Enter, reader: Reader) -> None:
    task = begin(enter("midwife")).path

    reader.open("/inloggen")
    fields = reader.fields("/inloggen") | {
        "login": ["midwife"], "password": [PASSWORD], "_kept._nonce": ["vals"], "_kept.support_request_own_words": ["Geplant"],
    }  # fmt: skip
    reader._keep(reader.client.post("/inloggen", data=fields, follow_redirects=True), 200)

    assert "Geplant" not in reader.open(task).response.get_data(as_text=True)


def test_a_form_of_before_logging_in_again_can_be_sent_once_more(enter: Enter, clock: Clock) -> None:
    midwife = begin(enter("midwife"))
    task = midwife.path
    fields = midwife.fields("/afronden") | flat(signal_answers(clock())) | {"csrf_token": ["verlopen"]}

    midwife._keep(midwife.client.post(f"{task}/afronden", data=fields), 400)
    assert "Wat u typte, is niet weg" in midwife.text
    midwife.send("/afronden")

    assert midwife.path == f"{task}/klaar"


def test_a_page_from_elsewhere_cannot_have_its_form_sent_once_more(enter: Enter, reader: Reader, clock: Clock) -> None:
    """A browser sends no cookie of ours with such a form, so whoever opened that page is nobody here."""
    midwife = begin(enter("midwife"))
    fields = midwife.fields("/afronden") | flat(signal_answers(clock())) | {"csrf_token": ["verlopen"]}

    reader._keep(reader.client.post(f"{midwife.path}/afronden", data=fields), 400)

    assert [form.get("action").split("?")[0] for form in reader.tree.forms] == ["/inloggen"]


def test_a_form_that_somebody_else_opened_cannot_be_sent_once_more(enter: Enter, clock: Clock) -> None:
    midwife, colleague = begin(enter("midwife")), enter("nurse")
    fields = midwife.fields("/afronden") | {"support_request_own_words": ["Geplant"], "csrf_token": ["verlopen"]}

    colleague._keep(colleague.client.post(f"{midwife.path}/afronden", data=fields), 400)

    assert "Geplant" not in colleague.response.get_data(as_text=True)


def test_who_lost_the_task_is_told_who_and_when_and_keeps_the_text(enter: Enter, world: World, clock: Clock) -> None:
    world.explored()
    nurse, other = enter("nurse").send("/oppakken"), world.region.nurse2
    task_id = nurse.task_id()
    world.do(method.release_task, nurse_task(world, task_id), by=world.region.nurse)
    world.do_next(other)

    nurse.send("/afronden", status=409, answers={"wishes": "Rust in de avond"})

    assert "03-11-2026" in nurse.text
    assert "afgerond" in nurse.text
    assert "Rust in de avond" in nurse.text


def nurse_task(world: World, task_id: str) -> Any:
    return next(
        card.id for card in world.look(method.work_list, by=world.region.nurse).items if str(card.id) == task_id
    )


def test_a_task_that_changed_meanwhile_comes_back_with_the_text(enter: Enter, world: World, clock: Clock) -> None:
    world.explored()
    nurse = enter("nurse").send("/oppakken")
    world.do(method.release_task, nurse_task(world, nurse.task_id()), by=world.region.nurse)
    world.claim(world.region.nurse)

    nurse.send("/afronden", status=412, answers=path.exploration_answers(clock(), wishes="Alles zelf doen"))
    assert nurse.values("wishes") == ["Alles zelf doen"]
    assert "is bewaard" in nurse.text
    nurse.send("/afronden")

    assert nurse.path.endswith("/klaar")


def test_a_form_that_is_too_large_says_where_the_text_still_is(enter: Enter) -> None:
    midwife = begin(enter("midwife"))

    midwife.send("/afronden", status=413, answers={"support_request_own_words": "x" * 2_100_000})

    assert "vorige" in midwife.text


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_when_the_database_is_away_the_text_can_be_sent_again(
    enter: Enter, app: Flask, tmp_path: Path, clock: Clock
) -> None:
    from workflows.db import Database

    midwife = begin(enter("midwife"))
    there = app.extensions["steun.database"]
    app.extensions["steun.database"] = Database("postgresql+psycopg://niemand@127.0.0.1:9/niets")

    midwife.send("/afronden", status=503, answers=signal_answers(clock()))
    assert int(midwife.response.headers["Retry-After"]) > 0
    assert "Wat u typte, is niet weg" in midwife.text
    app.extensions["steun.database"] = there
    midwife.send("/afronden")

    assert midwife.path.endswith("/klaar")


def test_a_fault_of_ours_is_told_kindly_and_keeps_the_text(enter: Enter, app: Flask) -> None:
    app.add_url_rule("/stuk", "broken", lambda: 1 / 0, methods=["POST"])
    midwife = begin(enter("midwife"))

    midwife._keep(midwife.client.post("/stuk", data=midwife.fields("/afronden") | {"wishes": ["Bewaar mij"]}), 500)

    assert "Dat ligt niet aan u" in midwife.text
    assert "Bewaar mij" in midwife.text


# --- safety


@pytest.mark.parametrize("level", ["doubt", "yes", "acute"])
def test_a_worry_about_safety_shows_a_number_first_and_nothing_elsewhere(
    enter: Enter, world: World, clock: Clock, level: str
) -> None:
    midwife = begin(enter("midwife"))
    fields = midwife.fields("/afronden") | flat(signal_answers(clock(), safety_concern=level))

    for _ in range(2):  # also after a double click
        midwife._keep(midwife.client.post(f"/taken/{midwife.task_id()}/afronden", data=fields), 200)
        assert midwife.tree.xpath("//main//*[self::h1 or self::h2]")[0].getparent().get("class") == "steun-safety"
        assert midwife.tree.xpath("//a[starts-with(@href, 'tel:')]")


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_case_with_a_worry_looks_like_one_without(enter: Enter, world: World, clock: Clock) -> None:
    pages = []
    for level, parent in (
        ("no", "Noor Voorbeeld"),
        ("acute", "Fien Zomaar"),
    ):  # two parents, or one is known already
        task = world.start()
        world.complete(task, world.region.midwife, signal_answers(clock(), safety_concern=level, parent_name=parent))
        midwife = enter("midwife").open(f"/casussen/{task.subject_id}")
        pages.append(re.sub(r"2026-\d{4}", "nummer", midwife.text).replace(parent, "de ouder"))

    assert pages[0] == pages[1]


def test_a_protection_officer_reads_how_pressing_it_is_and_whom_to_call(
    enter: Enter, world: World, clock: Clock
) -> None:
    task = world.start()
    world.complete(task, world.region.midwife, signal_answers(clock(), safety_concern="acute"))

    officer = enter("protection_officer")
    assert "Acuut" in officer.text
    officer.send("/oppakken")

    assert "Acuut: nu in gevaar" in officer.text
    assert "Bel deze collega eerst" in officer.text


# --- cases


def test_a_case_shows_who_holds_it_what_was_said_and_where_it_is(enter: Enter, world: World) -> None:
    case_id = world.explored()

    midwife = enter("midwife").open(f"/casussen/{case_id}")

    assert midwife.title.startswith("Casus 2026-")
    for words in (
        "Veilig contact",
        path.SECRETS[0],
        "houdt de casus nu vast",
        "In verkenning",
        "Het signaal",
        "Wat vraagt of vertelt",
    ):
        assert words in midwife.text
    assert midwife.tree.xpath("//svg")
    assert "nu hier" in midwife.text
    assert enter("midwife").open("/casussen").text.count("2026-") == 1


def test_what_may_not_be_seen_is_not_on_the_page(enter: Enter, world: World) -> None:
    case_id = world.explored()
    enter("nurse").open(f"/casussen/{case_id}", status=404)

    nurse = enter("nurse").send("/oppakken").open(f"/casussen/{case_id}")

    assert path.SECRETS[0] in nurse.text
    assert "Een deel is afgeschermd" in nurse.text


def test_a_consent_is_withdrawn_where_it_is_shown(enter: Enter, world: World) -> None:
    case_id = world.explored()
    midwife = enter("midwife").open(f"/casussen/{case_id}")

    midwife.send("/intrekken")

    assert "De toestemming is ingetrokken" in midwife.text
    assert "ingetrokken op" in midwife.text or "ingetrokken" in midwife.text


def test_a_draft_is_thrown_away_after_one_question(enter: Enter, world: World) -> None:
    task = world.start()
    midwife = enter("midwife").open(f"/casussen/{task.subject_id}")
    assert "Per ongeluk begonnen?" in midwife.text

    midwife.open(f"/casussen/{task.subject_id}/weggooien").send("/weggooien")

    assert midwife.path == "/werk"
    assert "Het concept is weggegooid" in midwife.text
    assert "U heeft nu geen taken" in midwife.text
    assert "Dit is geen concept meer" in midwife.open(f"/casussen/{task.subject_id}/weggooien", status=409).text


def test_a_loss_is_told_with_one_short_form(enter: Enter, world: World) -> None:
    case_id = world.explored()
    midwife = enter("midwife").open(f"/casussen/{case_id}/verlies")
    midwife.send("/verlies", status=400)
    assert len(midwife.errors) == 2

    midwife.send("/verlies", answers=path.loss_answers())

    assert "Het verlies is gemeld" in midwife.text
    enter("process_director").open(f"/casussen/{case_id}/verlies", status=404)


def test_a_double_click_tells_a_loss_once_and_claims_once(enter: Enter, world: World) -> None:
    case_id = world.explored()
    midwife = enter("midwife").open(f"/casussen/{case_id}/verlies")
    fields = midwife.fields("/verlies") | flat(path.loss_answers())
    for _ in range(2):
        assert midwife.client.post(f"/casussen/{case_id}/verlies", data=fields).status_code == 303
    view = world.look(method.case_view, case_id, by=world.region.midwife)
    assert [entry.form_key for entry in view.entries].count("loss") == 1
    assert len(view.tasks) == 1

    card = next(iter(world.look(method.work_list, by=world.region.midwife).items))
    fields = midwife.open("/werk").fields("/oppakken")
    places = [midwife.client.post(f"/taken/{card.id}/oppakken", data=fields).headers["Location"] for _ in range(2)]
    assert places == [f"/taken/{card.id}"] * 2


# --- the house rules of a page

PAGES = ("/inloggen", "/werk", "/signaal", "/casussen", "/papier", "/papier/signal", "/bestaat-niet")


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_every_page_is_strict_about_what_it_loads_and_is_kept_nowhere(enter: Enter) -> None:
    midwife = enter("midwife")
    for page in PAGES:
        answer = midwife.client.get(page, follow_redirects=True)
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        text = answer.get_data(as_text=True)
        for word in (" style=", "<style", "onclick", "javascript:", "hx-on", "<script>"):
            assert word not in text, (page, word)


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_without_built_assets_the_pages_still_work(
    app: Flask, enter: Enter, tmp_path: Path, clock: Clock, monkeypatch: Any
) -> None:
    said: list[str] = []
    monkeypatch.setattr(assets.log, "warning", lambda event, **more: said.append(f"{event} {more}"))
    assets.register(app, built=tmp_path)
    midwife = begin(enter("midwife"))

    midwife.send("/afronden", answers=signal_answers(clock()))

    assert midwife.path.endswith("/klaar")
    assert not midwife.tree.xpath("//link[@rel='stylesheet'] | //script")
    assert "make assets" in said[0]
