"""The Wegwijzer as a browser without JavaScript gets it: read by everybody, kept by the editor of the own municipality."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from lxml import html

from api.pages import directory as pages
from api.pages import shown
from tests import builders
from tests.browser.reader import Reader, account
from tests.builders import VENLO, WEERT, pathway, signal_answers
from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.path import World
from workflows import directory, method

Enter = Callable[[str], Reader]
LIST = f"/wegwijzer?gemeente={WEERT}"
MONEY = f"/wegwijzer/{WEERT}/zorgpaden/money"


@pytest.fixture
def editor(world: World, enter: Enter) -> Reader:
    account(world, world.region.weert_editor, "weert_editor")
    return enter("weert_editor")


def put(world: World, theme: str = "money", **more) -> None:
    with world.database.writing() as session:
        pathway(session, WEERT, theme, world.clock(), **more)


def test_everybody_reads_with_the_freshness_in_sight(world: World, enter: Enter, clock: Clock) -> None:
    put(world)
    put(world, "housing", reviewed=False, contact_name="Nog Niet Zichtbaar")
    put(world, "network", availability="full", wait_time="Drie maanden", review_every_months=24)

    midwife = enter("midwife").open(LIST)
    assert midwife.title == "Wegwijzer Weert"
    assert "Actueel" in midwife.text
    assert "Nagekeken op 3 november 2026" in midwife.text
    assert "Vol" in midwife.text
    assert "Drie maanden" in midwife.text
    assert "Nog Niet Zichtbaar" not in midwife.text
    assert not midwife.tree.xpath("//main//form[@method='post']")

    clock.forward(days=366)
    midwife = enter("midwife").open(LIST)
    assert midwife.text.count("Niet meer nagekeken sinds 3 november 2026") == 2, "in the title and above the text"
    assert "Verouderd" in midwife.text


def test_one_begins_with_the_own_municipality_and_can_look_at_another(editor: Reader, enter: Enter) -> None:
    assert editor.open("/wegwijzer").title == "Wegwijzer Weert"
    assert editor.open(f"/wegwijzer?gemeente={VENLO}").title == "Wegwijzer Venlo"
    assert "Gerda Geldloket" in editor.text
    assert not editor.tree.xpath("//main//form[@method='post']")
    editor.open("/wegwijzer?gemeente=GM9999", status=404)


def test_an_editor_writes_a_concept_reviews_it_and_changes_it(editor: Reader, world: World) -> None:
    with world.database.writing() as session:
        directory.report_missing(session, "money", WEERT, on=date(2026, 11, 2))
    editor.open(LIST)
    assert "Dit werd gemist" in editor.text
    assert "Sinds 2 november 2026" in editor.text

    editor.open(MONEY).send(
        MONEY,
        agreements_text="Bel het geldloket.\r\n\r\n- Neem post mee\r\n\r\n1. Vraag Gijs\r\n2. Ga samen",
        contact_name="Gijs",
        contact_phone="0495 00 00 00",
    )
    assert "Het zorgpad Geld is bewaard" in editor.text
    assert "Concept" in editor.text
    assert "Dit werd gemist" in editor.text

    editor.send("/nagekeken")
    assert "is vandaag nagekeken" in editor.text
    assert "Dit werd gemist" not in editor.text
    assert editor.tree.xpath("//a[@href='tel:0495000000']")
    assert [" ".join(one.text_content().split()) for one in editor.tree.xpath("//main//li")][:1] == ["Neem post mee"]
    assert editor.tree.xpath("//main//ol/li/text()") == ["Vraag Gijs", "Ga samen"], "steps keep their numbers"

    editor.open(MONEY)
    assert editor.values("contact_name") == ["Gijs"]
    editor.send(MONEY, contact_name="Gitta", availability="waiting_list")
    assert "Er is een wachtlijst" in editor.text
    assert editor.open(MONEY).text.count("contactpersoon Gijs") == 2


def test_what_is_wrong_stands_beside_the_question_and_everything_typed_comes_back(editor: Reader) -> None:
    editor.open(MONEY).send(
        MONEY, status=400, contact_name="Gijs", contact_mail="fout", review_every_months="vaak",
        organisation_id="kapot", reviewed="true",
    )  # fmt: skip

    assert editor.title == "Fout: Zorgpad Geld"
    assert len(editor.errors) == 4
    assert [editor.values(name) for name in ("contact_name", "contact_mail", "review_every_months", "reviewed")] == [
        ["Gijs"],
        ["fout"],
        ["vaak"],
        ["true"],
    ]


def test_a_colleague_who_was_first_is_told_and_the_own_text_stays(editor: Reader, world: World) -> None:
    put(world)
    editor.open(MONEY)
    put(world, version=1, contact_name="Van De Collega")

    editor.send(MONEY, status=412, contact_name="Van Mijzelf")
    assert editor.values("contact_name") == ["Van Mijzelf"]
    assert "Dit staat er nu" in editor.text
    assert "Van De Collega" in editor.text

    editor.send(MONEY)
    assert "Van Mijzelf" in editor.text


def test_pressing_twice_writes_once(editor: Reader, world: World) -> None:
    editor.open(MONEY)
    sent = editor.fields(MONEY) | {"agreements_text": ["Bel."]}
    for _ in range(2):
        assert editor.client.post(MONEY, data=sent).status_code == 303

    with world.database.reading() as session:
        assert len(directory.versions(session, WEERT, "money")) == 1


def test_what_was_confirmed_is_what_was_read(editor: Reader, world: World) -> None:
    put(world)
    editor.open(LIST)
    put(world, version=1, contact_name="Van De Collega")

    editor.send("/nagekeken")
    assert "Een collega heeft dit intussen veranderd" in editor.text
    with world.database.writing() as session:
        directory.put_pathway(
            session,
            municipality=WEERT,
            theme="housing",
            version=0,
            content={},
            by=world.region.coordinator,
            at=world.clock(),
        )
    editor.open(LIST).send(f"/wegwijzer/{WEERT}/zorgpaden/housing/nagekeken")
    assert "nog niet compleet" in editor.text
    assert editor.title == "Zorgpad Wonen"


@pytest.mark.parametrize("address", [MONEY, f"/wegwijzer/{WEERT}/aanbod"])
def test_who_is_no_editor_here_gets_no_form(enter: Enter, world: World, address: str) -> None:
    account(world, world.region.directory_editor, "venlo_editor")

    for who in ("midwife", "venlo_editor"):
        enter(who).open(address, status=403)
    enter("coordinator").open(address)
    enter("coordinator").open(f"/wegwijzer/{WEERT}/zorgpaden/astrologie", status=404)


def test_an_editor_of_venlo_cannot_send_a_form_for_weert(enter: Enter, world: World) -> None:
    account(world, world.region.directory_editor, "venlo_editor")
    put(world)
    venlo = enter("venlo_editor").open(f"/wegwijzer/{VENLO}/zorgpaden/money")
    sent = venlo.fields(f"/wegwijzer/{VENLO}/zorgpaden/money") | {"_version": ["1"]}

    assert venlo.client.post(MONEY, data=sent).status_code == 403
    assert venlo.client.post(f"{MONEY}/nagekeken", data=sent).status_code == 403


def test_an_editor_keeps_what_can_be_had(editor: Reader, world: World, enter: Enter) -> None:
    new = f"/wegwijzer/{WEERT}/aanbod"
    editor.open(new).send(new, status=400, intervention="", valid_from="31-31-2026")
    assert editor.errors
    editor.send(new, status=400, intervention="", valid_from="")
    assert editor.errors == ["Vanaf welke dag? Vul de eerste dag in."]
    editor.send(new, intervention="VZ", valid_from="2026-11-01", organisation_id=str(world.region.youth_health.id))
    assert "VoorZorg" in editor.text
    assert "Er is plek" in editor.text

    with world.database.reading() as session:
        [kept] = directory.all_offers(session, WEERT)
    one = f"/wegwijzer/aanbod/{kept.id}"
    editor.open(one).send(one, capacity="full", referral_how="Bel de JGZ.")
    assert "Vol" in enter("midwife").open(LIST).text
    stale = editor.open(one).fields(one)
    editor.open(LIST).send("/stoppen")
    assert "Het aanbod stopt na vandaag" in editor.text
    assert editor.client.post(one, data=stale).status_code == 412
    assert "Stopt na vandaag" not in editor.open(LIST).text
    world.clock.forward(days=1)
    assert "Gestopt" in enter("weert_editor").open(LIST).text
    assert "VoorZorg" not in enter("midwife").open(LIST).text


# --- with a task


def drawn(app: Flask, world: World, given: method.Advice | None) -> str:
    with app.test_request_context(), world.database.reading() as session:
        text = app.jinja_env.get_template("case/advice.html").render(advice=pages.advice(given, shown.Names(session)))
    return " ".join(html.fromstring(f"<div>{text}</div>").text_content().split())


def test_a_task_shows_what_there_is_to_talk_about(app: Flask, world: World) -> None:
    put(world)
    with world.database.writing() as session:
        for code in ("VZ", "PHB"):
            directory.put_offer(
                session, municipality=WEERT, intervention=code, organisation_id=world.region.youth_health.id,
                valid_from=date(2026, 11, 1), capacity="waiting_list", by=world.region.weert_editor, at=world.clock(),
            )  # fmt: skip
    midwife = world.region.midwife
    answers = signal_answers(world.clock(), municipality_code=WEERT)
    world.complete(world.start(), midwife, answers)
    world.do_next(midwife, path.consent_answers())
    task = world.claim(midwife, "routing")
    given = world.look(method.task_view, task.id, by=midwife).advice

    text = drawn(app, world, given)

    assert "Om met de ouder te bespreken" in text
    assert "Zorgpad Geld in Weert" in text
    assert "Gerda Geldloket" in text
    assert "Nagekeken op 3 november 2026" in text
    assert "Weert heeft nog geen zorgpad voor: Netwerk." in text
    assert "VoorZorg" in text
    assert "Waarom nu: Een eerste kind, nog geen 28 weken zwanger" in text
    assert f"{world.region.youth_health.name}: er is een wachtlijst." in text
    assert builders.pathway_content()["contact_phone"] in text


def test_a_stale_pathway_says_so_first_and_a_broken_table_is_told(app: Flask, world: World, clock: Clock) -> None:
    put(world)
    clock.forward(days=366)
    with world.database.reading() as session:
        [found] = directory.pathways_for(session, ("money",), WEERT, date(2027, 11, 4))
    one = {name: getattr(found.pathway, name, None) for name in method.PathwayAdvice.__dataclass_fields__}
    stale = method.PathwayAdvice(**{**one, "status": found.status, "review_by": found.review_by})
    given = method.Advice(WEERT, date(2027, 11, 4), pathways=(stale,), unreadable=True)

    text = drawn(app, world, given)

    assert text.index("Niet meer nagekeken sinds 3 november 2026") < text.index("Eerst samen een overzicht")
    assert "Bel eerst om te vragen of het nog klopt" in text
    assert "De interventies zijn nu niet te tonen" in text


def test_without_advice_there_is_nothing_to_see(app: Flask, world: World) -> None:
    assert drawn(app, world, None) == drawn(app, world, method.Advice(None, date(2026, 11, 3))) == ""
