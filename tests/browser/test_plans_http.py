"""The plan and the talks at the doors: the JSON API, the parts of the case page, and the page of an acceptance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from lxml import html

from api.pages import plans as pages_of_plans
from api.pages import shown
from tests.browser.conftest import PEOPLE
from tests.browser.reader import Reader, account
from tests.conftest import Clock
from tests.workflows.support import evaluation_answers, row, row_of
from tests.workflows.test_support import Town
from workflows import accounts, method
from workflows.actor import OPERATOR, Actor
from workflows.db import Database

Enter = Callable[[str], Reader]


@pytest.fixture
def world(database: Database, clock: Clock) -> Town:
    made = Town(database, clock)
    for name in PEOPLE:
        account(made, getattr(made.region, name), name)
    account(made, made.help.supporter, "supporter")
    numbers = {"participation": 3}
    people = [{"name_or_initial": "R.", "relation": "oma", "can_help_with": "oppassen", "may_contact": False}]
    made.planning(positive_health=numbers, network_map=people)
    made.plan(row("Oppassen <na school>"), row_of(made.help.welfare, "Schulden", ends_on="2027-01-15"))
    return made


@pytest.fixture
def call(app: Flask, world: Town) -> Callable[..., Any]:
    """``call(actor, "GET", path)``: a program that acts as somebody."""

    def go(who: Actor, method_: str, path: str, status: int = 200, **options: Any) -> Any:
        with world.database.writing() as session:
            token = accounts.make_token(
                session,
                assignment_id=who.assignment_id,
                label="test",
                expires_at=world.clock() + timedelta(days=1),
                by=OPERATOR,
                at=world.clock(),
            ).secret
        client: FlaskClient = app.test_client()
        answer = client.open(f"/api/v1{path}", method=method_, headers={"Authorization": f"Bearer {token}"}, **options)
        assert answer.status_code == status, answer.text
        return answer.json

    return go


@pytest.fixture
def parts(app: Flask, world: Town) -> Callable[[Actor], Any]:
    """The two parts of the case page as somebody gets them."""

    def draw(by: Actor) -> Any:
        with app.test_request_context(), world.database.reading() as session:
            story = method.case_story(session, world.case_id, by=by, at=world.clock())
            known = pages_of_plans.drawn(story.plan, story.talks, shown.Names(session))
            case = story.case.case
            text = render_template("case/plan.html", case=case, **known)
            rest = "".join(render_template(f"case/{part}.html", case=case, **known) for part in ("talks", "health"))
            return html.fromstring(f"<main>{text}{rest}</main>")

    return draw


def text(tree: Any) -> str:
    return " ".join(tree.text_content().split())


def test_the_plan_is_at_its_door_cut_to_who_asks(call: Callable[..., Any], world: Town) -> None:
    path = f"/cases/{world.case_id}/plan"
    full = call(world.region.nurse, "GET", path)
    assert (full["version"], full["status"], full["evaluation_on"]) == (1, "agreed", "2026-12-15")
    assert [(one["what"], one["status"]) for one in full["actions"]] == [
        ("Oppassen <na school>", "accepted"), ("Schulden", "proposed"),
    ]  # fmt: skip

    world.accept(world.help.supporter)
    own = call(world.help.supporter, "GET", path)
    assert [(one["what"], one["mine"]) for one in own["actions"]] == [(None, False), ("Schulden", True)]
    assert own["goals"] == []
    call(world.region.coordinator, "GET", path, status=404)


def test_the_talks_are_at_their_door(call: Callable[..., Any], world: Town, clock: Clock) -> None:
    world.pass_days(43)
    world.do_next(world.region.nurse, evaluation_answers(clock()), form_key="evaluation")

    found = call(world.region.nurse, "GET", f"/cases/{world.case_id}/evaluations")

    assert [(one["decision"], one["evaluated_on"]) for one in found["items"]] == [("continue", "2026-12-16")]
    assert [one["level"] for one in found["levels"]] == ["vulnerable", "vulnerable", "potentially_vulnerable"]
    assert found["positive_health"][0]["scores"]["participation"] == 3
    assert [one["name_or_initial"] for one in found["network"]] == ["R."]


def test_looking_back_sooner_is_asked_at_a_door_and_with_a_button(
    call: Callable[..., Any], world: Town, enter: Enter
) -> None:
    path = f"/cases/{world.case_id}/evaluation-requests"
    call(world.region.coordinator, "POST", path, status=404)
    assert call(world.region.nurse, "POST", path, status=201)["id"] == str(world.case_id)
    assert call(world.region.nurse, "POST", path, status=409)["detail"].startswith("Er loopt nu geen steun")
    [card] = world.cards(world.region.nurse)
    assert card.name == "Samen terugkijken"

    nurse = enter("nurse").open(f"/casussen/{world.case_id}")
    token = nurse.values("csrf_token")[0]
    answer = nurse.client.post(
        f"/casussen/{world.case_id}/terugkijken", data={"csrf_token": token}, follow_redirects=True
    )
    assert "Er loopt nu geen steun" in answer.get_data(as_text=True)


def test_the_plan_reads_as_an_agreement_with_the_family_first(parts: Callable[[Actor], Any], world: Town) -> None:
    page = parts(world.region.nurse)

    titles = [title.text for title in page.xpath("//*[@id='plan']//li/h4")]
    assert titles == ["Oppassen <na school>", "Schulden"]
    told = text(page)
    for words in (
        "Afgesproken met de ouder", "Ze zoekt zelf dingen uit.", "Weer rustig slapen", "Gevoelens en gedachten",
        "Oma Riet · vanaf 5 november 2026", "van 5 november 2026 tot en met 15 januari 2027", "Loopt",
        "Wacht op antwoord", "dinsdag 15 december 2026", "Vraag om eerder terug te kijken",
    ):  # fmt: skip
        assert words in told, words
    [table] = page.xpath("//table")
    assert [cell.text for cell in table.xpath(".//th[@scope='col']")] == ["Deel van het leven", "3 november 2026"]
    assert len(table.xpath(".//th[@scope='row']")) == 6
    assert table.xpath("./caption")
    assert [form.get("action") for form in page.xpath("//form")] == [f"/casussen/{world.case_id}/terugkijken"]


def test_a_supporter_reads_the_own_agreement_only(parts: Callable[[Actor], Any], world: Town) -> None:
    world.accept(world.help.supporter)

    told = text(parts(world.help.supporter))

    assert "Schulden" in told
    assert "Afspraak 1" in told
    assert "Een deel is afgeschermd" in told
    assert not any(secret in told for secret in ("Oma", "Oppassen", "slapen", "R.,"))


def test_before_there_is_a_plan_the_page_says_so(app: Flask, world: Town) -> None:
    with app.test_request_context(), world.database.reading() as session:
        known = {**_empty(), "plan": method.PlanView()}
        told = text(html.fromstring(render_template("case/plan.html", case=None, **known)))
        assert "Er is nog geen steunplan" in told
        known["plan"] = method.PlanView(withheld=True)
        assert "u mag het niet zien" in text(html.fromstring(render_template("case/plan.html", case=None, **known)))
        assert session.is_active


def _empty() -> dict[str, Any]:
    return {"plan_status": "", "plan_goals": [], "plan_actions": [], "past_actions": []}


def test_who_takes_an_acceptance_reads_what_is_asked(enter: Enter, world: Town) -> None:
    supporter = enter("supporter").open("/werk")
    [card] = world.cards(world.help.supporter)
    supporter.open(f"/taken/{card.id}")
    assert "Schulden" not in supporter.text

    supporter.send("/oppakken")

    assert "De steunafspraak Schulden Van 5 november 2026 tot en met 15 januari 2027" in supporter.text
    supporter.send("/afronden", answers={"action_accepted": "no", "refused_reason": "no_capacity"})
    assert "Steunafspraak geweigerd: opnieuw beleggen" in supporter.text
    assert world.states()["Schulden"] == "refused"


def test_a_plan_without_consent_is_refused_on_the_page_and_every_word_comes_back(
    enter: Enter, world: Town, clock: Clock
) -> None:
    world.refuse(world.help.supporter)
    with world.database.reading() as session:
        given = [one.id for one in method.case_view(
            session, world.case_id, by=world.region.nurse, at=clock()
        ).consents if one.recipient_kind == "family_coach" and one.given]  # fmt: skip
    for one in given:
        world.do(method.withdraw_consent, one, by=world.region.nurse)
    [card] = [one for one in world.cards(world.region.nurse) if one.form_key == "support_plan"]
    nurse = enter("nurse").open(f"/taken/{card.id}").send("/oppakken")

    answers = {
        "actions": [row_of(world.help.coaches, "Een lang verhaal over geld")],
        "plan_result": "agreed",
        "parent_agreed_on": "2026-11-03",
        "evaluation_date": "2026-12-15",
    }
    fields = nurse.fields("/afronden")
    gone = [name for name in fields if name.startswith("actions")]
    nurse.send("/afronden", status=403, answers={**dict.fromkeys(gone, ""), **answers})

    assert "Gezinscoaches Maas (fictief)" in nurse.text
    assert "Een lang verhaal over geld" in nurse.text
