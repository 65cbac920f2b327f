"""The page of a case: told as one story, drawn for eyes and listed for ears, cut to who reads it, and no heavier than it may be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, select

from api.pages import networks, plans, summaries, timelines, webs
from tests.browser.conftest import PEOPLE
from tests.browser.reader import Reader, account
from tests.conftest import Clock
from tests.workflows.support import row, row_of
from tests.workflows.test_support import Town
from workflows import diagrams, families, forms
from workflows.db import Database
from workflows.logbook import LoggedChange, LoggedRead
from workflows.method import Around, Happening, HealthView, Part, Recipient, Ring, TimelineItem

Enter = Callable[[str], Reader]
#: Statements that the page of a case may take, with who asks and the header. Each sentence, name and mark on it is from what was read already.
MOST_STATEMENTS = 75


class Called:
    """Names as a page knows them, without a database."""

    def organisation(self, key: UUID | None) -> str:
        return f"Organisatie {key.int}" if key else ""


NAMES: Any = Called()


# --- drawings and sentences, without a database


def test_moments_in_the_web_differ_without_colour_and_what_was_not_given_is_a_gap() -> None:
    first = HealthView("parent", date(2026, 1, 1), {"bodily_functions": 4, "mental_wellbeing": 0, "participation": 3})
    then = HealthView("parent", date(2026, 6, 1), dict.fromkeys(plans.DIMENSIONS, 6))
    partner = HealthView("partner", date(2026, 6, 1), {"participation": 2})

    parent, other = plans.health([first, then, partner])

    assert [one.shape for one in parent.web.moments] == ["circle", "square"]
    assert [len(one.marks) for one in parent.web.moments] == [3, 6]
    assert len(parent.web.moments[0].paths) == 1, "only between neighbours that both have a number"
    assert parent.web.moments[1].paths[0].endswith("Z")
    assert parent.web.moments[0].marks[1] == webs.Point(0.0, 0.0), "nought is a number"
    changes = {label: change for label, _, change in parent.rows}
    assert changes["Lichaam"] == "2 hoger"
    assert changes["Zingeving"] == ""
    assert (len(other.web.moments), other.web.moments[0].paths) == (1, ())


def test_of_many_moments_the_first_and_the_latest_are_drawn() -> None:
    talks = [(date(2026, 1, day), [day] * 6) for day in range(1, 8)]

    web = webs.draw(["a"] * 6, talks)

    assert [one.on.day for one in web.moments] == [1, 5, 6, 7]
    assert web.left_out == 3
    assert webs.change([5, None, 5]) == "gelijk gebleven"
    assert webs.change([7, 5]) == "2 lager"


def test_the_network_is_drawn_the_same_each_time_and_lists_who_found_no_place() -> None:
    people = [
        Around(Ring.OWN, (Part.OWN_NETWORK,), name=f"Iemand met een lange naam {n}", may_contact=True) for n in range(9)
    ]
    others = [Around(Ring.ORGANISATION, (Part.HOLDS, Part.HAS_TASK), organisation_id=UUID(int=1))]

    drawn = networks.draw([*people, *others], NAMES)

    assert drawn == networks.draw([*people, *others], NAMES)
    own, organisations = drawn.circles
    assert [one.number for one in own.people] == [1, 2, 3, 4, 5, 6, None, None, None]
    assert organisations.people[0].what == "Houdt de casus nu vast, heeft nu een taak"
    assert len({(mark.x, mark.y) for mark in drawn.marks}) == len(drawn.marks) == 7
    assert all(len(mark.short) <= 16 for mark in drawn.marks)


def test_everything_that_can_happen_has_a_sentence_and_every_form_of_a_case_its_own(app: Flask, world: Town) -> None:
    at, here, there = datetime(2026, 11, 3, 9, tzinfo=UTC), UUID(int=1), UUID(int=2)

    def said(kind: Happening, **more: Any) -> str:
        one = TimelineItem(kind, at.date(), at, organisation_id=here, to_organisation_id=there, role="explorer", **more)
        return timelines.sentence(one, NAMES, {UUID(int=9): "Vera"}).text

    texts = {kind: said(kind, code="signal") for kind in Happening}

    assert all(text.startswith("Op 3 november ") and text.endswith(".") for text in texts.values()), texts
    assert len(set(texts.values())) == len(Happening)
    assert said(Happening.WRITTEN, code="consent", person_id=UUID(int=9)) == (
        "Op 3 november vroeg Vera (verkenner, Organisatie 1) de ouder om toestemming."
    )
    allowed = tuple(Recipient(UUID(int=n), None, "handover") for n in (1, 2, 3))
    more = timelines.sentence(TimelineItem(Happening.CONSENTS, at.date(), at, allowed=allowed), NAMES, {}).more
    assert more == ("Het gezin vond goed: Organisatie 1, Organisatie 2 en Organisatie 3 (overdracht).",)
    with world.database.reading() as session:
        bundle = diagrams.load(session, diagrams.current(session))
    apart = {"safety_response", "emergency_notice", "emergency_review", "escalation", "pull_answer", "new_holder"}
    answers = {key for key in bundle.forms if key.endswith(("_request", "_notice"))}
    assert set(bundle.forms) - set(timelines.WROTE) <= apart | answers | {"rights_request"}
    assert forms.definition(bundle, "signal")


# --- the page


@pytest.fixture
def world(database: Database, clock: Clock) -> Town:
    made = Town(database, clock)
    for name in PEOPLE:
        account(made, getattr(made.region, name), name)
    account(made, made.help.supporter, "supporter")
    people = [{"name_or_initial": "R.", "relation": "oma", "can_help_with": "oppassen", "may_contact": False}]
    made.planning(positive_health={"participation": 3}, network_map=people)
    made.plan(row("Oppassen <na school>"), row_of(made.help.welfare, "Schulden", ends_on="2027-01-15"))
    return made


def test_the_page_says_where_the_case_is_and_tells_what_happened(enter: Enter, world: Town) -> None:
    nurse = enter("nurse").open(f"/casussen/{world.case_id}")

    assert "Nu: " in nurse.text
    assert "houdt de casus nu vast, als verkenner" in nurse.text
    for words in (
        "de ouder om toestemming",
        "ging de ouder akkoord met het steunplan",
        "R.",
        "geen contact opnemen",
        "Oma Riet",
    ):
        assert words in nurse.text, words
    wanted = [link.get("href")[1:] for link in nurse.tree.xpath("//nav[@aria-labelledby='inhoud-kop']//a")]
    assert wanted == [one for one in nurse.tree.xpath("//section/@id") if one in wanted], "in the order of the page"
    for drawing in nurse.tree.xpath(
        "//*[contains(@class, 'steun-network__drawing') or contains(@class, 'steun-web__drawing')]"
    ):
        assert drawing.xpath("ancestor-or-self::*[@aria-hidden='true']")
    assert not nurse.tree.xpath("//main//@style")
    listed = nurse.tree.xpath("count(//ul[@class='steun-network__list']/li)")
    assert listed >= len(nurse.tree.xpath("//*[contains(@class, 'steun-network__mark')]")) > 3

    nurse.open(f"/casussen/{world.case_id}/tijdlijn")
    assert "schreef" in nurse.text
    assert "begon " in nurse.text
    assert "Ouder" not in [link.text for link in nurse.tree.xpath("//main//a")]
    nurse.open(f"/casussen/{world.case_id}/tijdlijn?blad=99")
    assert "Hier staat niets meer" in nurse.text
    assert nurse.client.get(f"/casussen/{world.case_id}/tijdlijn?blad=x").status_code == 200
    nurse.open(f"/casussen/{world.case_id}/tekeningen")
    assert len(nurse.tree.xpath("//details[@class='steun-fold']")) > 2


def test_a_supporter_meets_neither_network_nor_words_of_others(enter: Enter, world: Town) -> None:
    world.accept(world.help.supporter)
    supporter = enter("supporter").open(f"/casussen/{world.case_id}")
    told = supporter.text + supporter.open(f"/casussen/{world.case_id}/tijdlijn").text

    assert "Schulden" in told
    for secret in ("Oppassen", "Oma", "R.,", "oma", "slapen"):
        assert secret not in told, secret


def test_the_page_costs_no_more_than_reading_the_case_once(app: Flask, enter: Enter, world: Town) -> None:
    nurse = enter("nurse").open(f"/casussen/{world.case_id}")
    sent: list[str] = []
    engine = app.extensions["steun.database"].engine

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    nurse.open(f"/casussen/{world.case_id}")
    event.remove(engine, "before_cursor_execute", count)
    assert len([one for one in sent if " FROM " in one.replace("\n", " ")]) <= MOST_STATEMENTS, len(sent)


# --- to take along


def test_the_summary_is_one_page_however_long_the_case_is() -> None:
    long = "Een heel lang verhaal over wat er is afgesproken met iedereen die meehelpt. " * 8
    sections = tuple(summaries.Section(f"Kop {n}", tuple(f"{m}. {long}" for m in range(120))) for n in range(5))
    facts = tuple((f"Vraag {n}", long) for n in range(9))
    found = summaries.Summary("Samenvatting van casus 2026-0001", "Jet", facts, sections, "Gemaakt door Jet.")

    pdf = summaries.as_pdf(found)

    assert pdf.startswith(b"%PDF")
    assert summaries.page_count(pdf) == 1
    assert all(one.cut for one in summaries.fitted(found, *summaries.ROOM[-1]).sections)
    short = summaries.fitted(summaries.Summary("T", "", (), (summaries.Section("K", ("één",)),), ""), 3, 40)
    assert not short.sections[0].cut
    assert summaries.MORE in summaries.as_text(found)


def test_what_is_taken_along_is_cut_to_who_takes_it_and_written_down(enter: Enter, world: Town) -> None:
    called_after = {"kind": families.MemberKind.CHILD, "name": "Noor Voorbeeld", "birth_date": date(2024, 5, 6)}
    with world.database.writing() as session:
        [mother] = session.scalars(select(families.FamilyMember))
        families.add_member(
            session, mother.family_id, **called_after, case_id=world.case_id, by=world.region.nurse, at=world.clock()
        )
    nurse = enter("nurse").open(f"/casussen/{world.case_id}/samenvatting")
    [area] = nurse.tree.xpath("//textarea[@readonly]")
    told = nurse.client.get(f"/casussen/{world.case_id}/samenvatting.txt")
    assert told.headers["Content-Disposition"] == "attachment"
    same = told.get_data(as_text=True)
    assert area.text.strip().splitlines()[:4] == same.strip().splitlines()[:4]
    for words in (
        "Wie: Noor Voorbeeld",
        "Ook in het gezin: Noor Voorbeeld (kind, geboren 6 mei 2024)",
        "Veilig contact: Bellen",
        "Taal: Nederlands",
        "Weer rustig slapen",
        "Schulden",
        "door Jet Jeugdverpleegkundige, verkenner",
    ):
        assert words.lower() in same.lower(), words
    pdf = nurse.client.get(f"/casussen/{world.case_id}/samenvatting.pdf")
    assert summaries.page_count(pdf.get_data()) == 1
    world.accept(world.help.supporter)
    theirs = enter("supporter").client.get(f"/casussen/{world.case_id}/samenvatting.txt").get_data(as_text=True)
    assert "Schulden" in theirs
    assert not any(secret in theirs for secret in ("Oppassen", "slapen", "Oma"))
    with world.database.reading() as session:
        lines = session.scalars(
            select(LoggedRead).where(LoggedRead.event.startswith("summary.")).order_by(LoggedRead.id)
        )
        assert [(one.event, one.details["media"]) for one in lines] == [
            ("summary.exported", "page"), ("summary.exported", "text"), ("summary.printed", "pdf"),
            ("summary.exported", "text"),
        ]  # fmt: skip


def test_the_number_in_ones_own_records_is_for_the_own_organisation_only(enter: Enter, world: Town) -> None:
    case = f"/casussen/{world.case_id}"
    nurse = enter("nurse").open(case).send("/eigen-nummer", number=" KD+  4711 ")
    assert "Uw eigen nummer is bewaard" in nurse.text
    assert nurse.values("number") == ["KD+ 4711"]
    assert "Nummer bij ons: KD+ 4711" in nurse.client.get(f"{case}/samenvatting.txt").get_data(as_text=True)
    midwife = enter("midwife").open(case)
    assert midwife.values("number") == [""]
    assert "4711" not in midwife.text
    nurse.send("/eigen-nummer", number="x" * 41)
    assert "ten hoogste 40" in nurse.text
    nurse.send("/eigen-nummer", number="")
    assert "Er staat nu geen eigen nummer bij deze casus." in nurse.text
    nurse.send("/eigen-nummer", number=" ")
    assert nurse.values("number") == [""]
    with world.database.reading() as session:
        query = select(LoggedChange).where(LoggedChange.event.startswith("case.reference"))
        lines = session.scalars(query.order_by(LoggedChange.id))
        assert [(one.event, one.details) for one in lines] == [
            ("case.reference_kept", {}), ("case.reference_removed", {}),
        ]  # fmt: skip
