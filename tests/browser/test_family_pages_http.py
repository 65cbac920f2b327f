"""The pages of the family over HTTP: in every language, without a script, and the same to the byte whatever is not theirs."""

from __future__ import annotations

import re

import pytest

from api.pages.family_pages import language
from tests.browser.reader import Reader
from tests.workflows import path
from tests.workflows.family import Family
from workflows import accounts, method
from workflows.accounts import Factor
from workflows.actor import Actor

PAGES = ("", "/gedeeld", "/plan", "/wie-keek", "/toestemming", "/bezwaar", "/gegevens", "/klacht")
#: Names of forms, and how often the reader read it: each reading is one more.
_NEW_EACH_TIME = re.compile(r'name="(_nonce|csrf_token)" value="[^"]*"|U zelf</p>\s*<p class="steun-quiet">\d+ keer')


@pytest.fixture
def world(database, clock) -> Family:
    return Family(database, clock)


@pytest.fixture
def enter(app, world):
    """A browser in which this parent logged in with a second factor."""

    def go(by: Actor) -> Reader:
        with world.database.writing() as session:
            account = accounts.parent_account(session, by.person_id)
            secret = accounts.sign_in_parent(session, account, factor=Factor.TOTP, at=world.clock())
        client = app.test_client()
        client.set_cookie("steun-mijn", secret)
        return Reader(client)

    return go


def address(reader: Reader, end: str) -> str:
    [found] = [link for link in reader.tree.xpath("//main//a/@href") if link.endswith(end)]
    return found


def test_a_parent_reads_and_does_everything_without_a_script(world, enter, clock):
    mother = enter(world.mother)
    assert "JGZ Limburg-Noord team Venlo" in mother.open("/mijn").text
    assert not mother.tree.xpath("//script")
    links = [link for link in mother.tree.xpath("//nav//a/@href") if link.startswith("/mijn/")]
    assert links == [
        f"/mijn{page}"
        for page in ("/plan", "/gedeeld", "/wie-keek", "/toestemming", "/gegevens", "/bezwaar", "/klacht", "/inlog")
    ]

    # own words: what is wrong stands beside the question, what was typed stays, and a second press does nothing more
    mother.open("/mijn/plan").send("/mijn/plan", words=" ", status=400)
    assert mother.tree.xpath("//textarea[@aria-invalid='true']")
    mother.send("/mijn/plan", words="x" * 4001, status=400)
    assert mother.values("words") == ["x" * 4001]
    form = mother.fields("/mijn/plan") | {"words": ["Ik wil rust."]}
    for _ in range(2):
        mother._keep(mother.client.post("/mijn/plan", data=form, follow_redirects=True), 200)
    assert mother.text.count("Ik wil rust.") == 1

    # withdrawing asks first
    withdraw = address(mother.open("/mijn/toestemming"), "exploration/intrekken")
    assert "Wat er gebeurt als u intrekt" in mother.open(withdraw).text
    assert world.group().allowed
    mother.send("/intrekken")
    assert "Uw toestemming is ingetrokken" in mother.text
    give = address(mother, "exploration/geven")
    mother.open(give).send("/geven", answers={"categories": ["C0", "C1"]}, status=400)
    assert mother.values("categories") == ["C0", "C1"]
    mother.send("/geven", answers={"categories": ["C0", "C1"], "understood": ["yes"]})
    assert world.group().allowed == ("C0", "C1")

    # an objection, and a copy
    mother.open("/mijn/bezwaar").send("/mijn/bezwaar", name="Iemand van de balie", person="other", status=400)
    assert mother.values("name") == ["Iemand van de balie"]
    mother.send("/mijn/bezwaar", reason="other")
    assert "zoekt uit wie u bedoelt" in mother.text
    mother.open("/mijn/gegevens").send("/mijn/gegevens", kind="access_copy")
    assert "U krijgt antwoord uiterlijk op" in mother.text
    mother.send("/mijn/gegevens", kind="access_copy", status=400)
    assert "U heeft dit al gevraagd" in mother.text
    [asked] = world.sees(method.family_requests)
    clock.forward(minutes=1)
    task = world.claim(world.region.midwife, "access_request")
    answer = {
        "request_decision": "granted",
        "copy_form": "digital",
        "answer_words": "Ja.",
        "answered_on": clock().date().isoformat(),
    }
    world.complete(task, world.region.midwife, answer)
    mother.open("/mijn/gegevens")
    sent = mother.client.post(f"/mijn/gegevens/{asked.id}/kopie", data=mother.fields("/kopie") | {"soort": ["json"]})
    assert sent.headers["Content-Disposition"] == 'attachment; filename="kopie.json"'
    assert "Noor Voorbeeld" in sent.get_data(as_text=True)
    world.switch_on("pl")
    mother.open("/mijn/gegevens?taal=pl")
    paper = mother.client.post(f"/mijn/gegevens/{asked.id}/kopie", data=mother.fields("/kopie") | {"soort": ["pdf"]})
    assert paper.get_data().startswith(b"%PDF")


def test_another_language_is_off_until_the_region_switches_it_on_and_keeps_what_was_typed(world, enter):
    mother = enter(world.mother).open("/mijn?taal=pl")
    assert mother.tree.get("lang") == "nl"
    assert not mother.tree.xpath("//nav[@aria-label='Taal']")

    world.switch_on("pl", "ar")
    mother.open("/mijn?taal=ar")
    assert (mother.tree.get("lang"), mother.tree.get("dir")) == ("ar", "rtl")
    assert [link.get("lang") for link in mother.tree.xpath("//header/following-sibling::nav[1]//a")] == ["nl", "pl"]
    for page in PAGES:
        mother.open(f"/mijn{page}")
        assert language.catalogue("ar").gettext("Uitloggen") in mother.response.get_data(as_text=True)
        assert "Deze vertaling is nog niet nagekeken" in mother.text
        assert mother.tree.xpath("//*[@class='steun-brand'][@lang='nl']")
    mother.open("/mijn/plan")
    [polish] = mother.tree.xpath("//nav[1]//button[@value='pl']")
    assert polish.get("form") == mother.form("/mijn/plan").get("id")
    typed = mother.fields("/mijn/plan") | {"words": ["شكرا"], "_taal": ["pl"]}
    mother._keep(mother.client.post("/mijn/plan", data=typed), 200)
    assert (mother.tree.get("lang"), mother.values("words")) == ("pl", ["شكرا"])
    mother.send("/mijn/plan", words="", status=400)
    assert world.sees(method.family_plan).own_words == ()


def test_what_is_typed_when_the_session_ended_is_not_lost(world, enter, clock):
    mother = enter(world.mother).open("/mijn/plan")
    clock.forward(hours=3)

    mother.send("/mijn/plan", words="Een lange tekst.", status=401)

    assert "Een lange tekst." in mother.text
    again = mother.fields("/mijn/plan")
    fresh = enter(world.mother)
    fresh._keep(
        fresh.client.post("/mijn/plan", data=again), 400
    )  # another session, so another token: it is offered once more
    fresh.send("/mijn/plan")
    assert [one.words for one in world.sees(method.family_plan).own_words] == ["Een lange tekst."]


def test_pages_are_the_same_to_the_byte_whatever_is_not_theirs(world, enter, clock):
    clock.forward(days=1)
    answers = path.support_consent_answers("youth_health", "welfare")
    world.do(method.record_consent, world.case_id, by=world.nurse, answers=answers)
    mother, father = enter(world.mother), enter(world.father)
    clock.forward(minutes=5)

    def read(reader: Reader) -> list[str]:
        return [_NEW_EACH_TIME.sub("", reader.open(f"/mijn{page}").response.get_data(as_text=True)) for page in PAGES]

    hers, his = read(mother), read(father)
    assert hers == read(mother)
    world.concern()
    assert read(mother) == hers
    assert read(father) == his
    partner = path.support_consent_answers("youth_health", "family_coach", subject="partner")
    world.do(method.record_consent, world.case_id, by=world.nurse, answers=partner)
    world.acts(method.add_own_words, "Van mij.", by=world.father)
    world.acts(method.object_to_person, person_id=None, name="Iemand", reason="other", by=world.father)
    assert read(mother) == hers
    assert read(father) != his


def test_who_is_no_parent_is_led_to_log_in_and_a_professional_sees_nothing_here(world, app):
    for page in PAGES:
        reader = Reader(app.test_client()).open(f"/mijn{page}")
        assert reader.path == "/mijn/inloggen"
