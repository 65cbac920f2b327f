"""Consent and sharing as people read it: how it stands, one button to take it back, and what may not be read is not told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.reader import Reader
from tests.builders import agree
from tests.workflows import path
from workflows import cases, consent, method

Enter = Callable[[str], Reader]


@pytest.fixture
def case_id(world: path.World):
    return world.explored()


def test_the_ledger_says_everything_in_dutch_and_one_button_takes_a_recipient_back(
    enter: Enter, world: path.World, case_id
) -> None:
    world.claim(world.region.nurse)
    midwife = enter("midwife").open(f"/casussen/{case_id}")
    assert midwife.text.count("Trek in") == 2  # one for each recipient and purpose, not for each kind of data
    assert "mag deels" in midwife.text

    midwife.open(f"/casussen/{case_id}/toestemming")
    for words in (
        "De jeugdgezondheidszorg, voor samen verkennen", "mag deels", "De gemeente", "mag niet",
        "De persoon zelf", "Mondeling, Nederlands", "dat intrekken altijd kan", "Vera Verloskundige", "de casus sluit",
        "Versie 2026-1",
    ):  # fmt: skip
        assert words in midwife.text, words
    assert "ziet dit nu" in midwife.text
    assert "pakte een taak op" in midwife.text
    assert "taak van de jeugdgezondheidszorg" in midwife.text

    [form] = midwife.tree.xpath("//li[contains(., 'samen verkennen')]//form")
    sent = {"csrf_token": form.fields["csrf_token"], "consent": form.xpath(".//input[@name='consent']/@value")}
    address = f"/casussen/{case_id}/toestemming/intrekken"
    midwife._keep(midwife.client.post(address, data=sent, follow_redirects=True), 200)
    assert "De toestemming is ingetrokken" in midwife.text
    assert midwife.path == f"/casussen/{case_id}/toestemming"
    assert "Ingetrokken" in midwife.text
    midwife._keep(midwife.client.post(address, data=sent, follow_redirects=True), 200)
    assert "al ingetrokken of afgelopen" in midwife.text
    enter("nurse").open(f"/casussen/{case_id}/toestemming", status=404)


def test_everything_at_once_and_who_sees_the_case_no_more_by_it_comes_back_at_work(
    enter: Enter, world: path.World, case_id
) -> None:
    world.claim(world.region.nurse)
    nurse = enter("nurse").open(f"/casussen/{case_id}/toestemming")
    assert "ziet dit nu" in nurse.text
    assert "taak van de jeugdgezondheidszorg" in nurse.text
    form = next(one for one in nurse.tree.forms if one.xpath(".//input[@name='everything']"))
    data = {one.name: one.value for one in form.inputs if one.name}

    nurse._keep(nurse.client.post(form.action, data=data, follow_redirects=True), 200)

    assert nurse.path == "/werk"
    assert "Alle toestemmingen zijn ingetrokken" in nurse.text
    midwife = enter("midwife").open("/werk")
    assert "Er is iets gestopt" in midwife.text
    with world.database.reading() as session:
        assert all(one.ended_at for one in consent.disclosures(session, case_id))


def test_on_paper_the_parent_takes_home_what_counts_with_a_slip_to_take_it_back(enter: Enter, case_id) -> None:
    midwife = enter("midwife").open(f"/casussen/{case_id}/toestemming")
    midwife.open(midwife.tree.xpath("//a[contains(@href, '/toestemming/papier/')]/@href")[0])

    for words in ("Wat u goed vindt om te delen", "Ik trek mijn toestemming in", "handtekening", "Alles"):
        assert words in midwife.text
    assert len(midwife.tree.xpath("//li[.//span[@class='steun-paper__box']]")) == 3
    midwife.open(f"/casussen/{case_id}/toestemming/papier/{case_id}", status=404)


def test_who_follows_the_case_without_reading_consents_sees_only_that_something_stopped(
    enter: Enter, world: path.World, case_id
) -> None:
    director = world.region.process_director
    with world.database.writing() as session:
        found = cases.lock(session, case_id)
        by, at = world.region.midwife, world.clock()
        agree(session, found, by, at, purpose="hub_meeting", recipient_kind="municipality", categories=["C0", "C6"])
        there = {"organisation_id": director.organisation_id, "role": director.role}
        cases.join(session, found, **there, by=by, at=at)
    ids = [
        one.id
        for one in world.look(method.case_view, case_id, by=world.region.midwife).consents
        if one.purpose == "exploration" and one.given
    ]
    world.do(method.withdraw_consents, case_id, ids, by=world.region.midwife)

    page = enter("process_director").open(f"/casussen/{case_id}/toestemming")

    assert "Er is iets gestopt op" in page.text
    for betrayed in ("jeugdgezondheidszorg", "verkennen", "Trek"):
        assert betrayed not in page.tree.xpath("string(//main)")


def test_another_ground_is_weighed_on_a_page_seen_by_the_holder_and_on_the_paper_of_the_parent(
    enter: Enter, world: path.World, case_id
) -> None:
    world.claim(world.region.nurse)
    nurse = world.region.nurse
    midwife = enter("midwife").open(f"/casussen/{case_id}/toestemming")
    midwife.open(midwife.tree.xpath("//a[contains(@href, '/toestemming/grond')]/@href")[0])
    page = midwife.path

    def send(status=200, **said):
        form = next(one for one in midwife.tree.forms if one.action == page)
        kept = {one.name: one.value for one in form.inputs if one.get("type") == "hidden"}
        midwife._keep(midwife.client.post(page, data={**kept, **said}, follow_redirects=True), status)

    why = "Ze krijgt stuipen en kan zelf niets meer zeggen."
    send(400, ground="vital_interest", reason=why, until="morgen")
    assert "Vul een datum in" in midwife.text
    assert why in midwife.text
    team = f"{nurse.organisation_id}:{nurse.role}"
    send(400, ground="vital_interest", recipient=team, reason="kort")
    assert {"Fout: Kies welke gegevens nodig zijn" in midwife.text, "in 20 tot 2000 tekens" in midwife.text} == {True}
    send(ground="vital_interest", recipient=team, categories="C2", reason=why)
    assert "Vitaal belang, voor JGZ" in midwife.text
    assert why in midwife.text
    midwife.open(page)
    send(ground="right_to_report", recipient="safe_home", categories="C1", reason="Gemeld na overleg met een collega.")
    assert "de ouder ziet dit niet" in midwife.text
    paper = midwife.tree.xpath("//a[contains(@href, '/toestemming/papier/')]/@href")[0]

    holder = enter("nurse").open(f"/casussen/{case_id}/toestemming")
    assert "Vitaal belang" in holder.text
    assert why in holder.text
    assert "Veilig Thuis" not in holder.text
    on_paper = midwife.open(paper).text
    assert "Het gaat om iemands leven of gezondheid." in on_paper
    assert why not in on_paper
    assert "Veilig Thuis" not in on_paper
    midwife.open(f"/casussen/{case_id}/toestemming")
    told = next(one for one in midwife.tree.forms if one.action.endswith("/verteld"))
    midwife._keep(midwife.client.post(told.action, data=dict(told.fields), follow_redirects=True), 200)
    assert "Vastgelegd dat de ouder het weet" in midwife.text
    assert "Veilig Thuis" in midwife.open(paper).text

    stop = next(one for one in holder.tree.forms if one.action.endswith("/stoppen"))
    holder._keep(holder.client.post(stop.action, data=dict(stop.fields), follow_redirects=True), 200)
    assert holder.path == f"/casussen/{case_id}/toestemming"
    assert "Gestopt. Vanaf nu rust hier niets meer op." in holder.text


def test_giving_a_paper_is_an_act_of_sharing_and_looking_at_it_is_none(enter: Enter, world, case_id) -> None:
    def given() -> list[tuple[str, list[str]]]:
        with world.database.reading() as session:
            return [
                (one.recipient_kind, one.categories)
                for one in consent.disclosures(session, case_id)
                if one.cause == "copy"
            ]

    midwife = enter("midwife").open(f"/casussen/{case_id}/toestemming")
    midwife.open(midwife.tree.xpath("//a[contains(@href, '/toestemming/papier/')]/@href")[0])
    assert given() == []
    [form] = [one for one in midwife.tree.forms if one.action.endswith("/meegegeven")]
    for _ in range(2):  # a double click gives one paper
        midwife._keep(midwife.client.post(form.action, data=dict(form.fields), follow_redirects=True), 200)
    assert given() == [("data_subject", ["C10"])]
    assert "Vastgelegd dat u dit papier meegaf" in midwife.text
    midwife.open(f"/casussen/{case_id}/wie-keek/afdrukken")
    [form] = [one for one in midwife.tree.forms if one.action.endswith("/meegegeven")]
    midwife._keep(midwife.client.post(form.action, data=dict(form.fields), follow_redirects=True), 200)
    assert sorted(given()) == [("data_subject", ["C10"]), ("data_subject", ["C11"])]
