"""The plan and the talks on the page of a case, and the button to look back sooner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from api.pages import shown, webs, words
from api.pages.blueprint import pages
from api.pages.people import known
from api.transactions import now, transaction
from workflows import method
from workflows.errors import WrongState

PLAN_STATUSES = {
    "draft": "De ouder wil het nog anders",
    "agreed": "Afgesproken met de ouder",
    "ended": "Geldt niet meer",
    "declined": "De ouder wil geen plan",
}
ACTION_STATUSES = {
    "proposed": "Wacht op antwoord",
    "accepted": "Loopt",
    "refused": "Kan niet",
    "done": "Klaar",
    "stopped": "Gestopt",
}
#: How a status looks; its words always stand beside it.
_KINDS = {"accepted": "good", "refused": "soon", "proposed": "soon"}
REASONS = {
    "no_capacity": "er is geen plek of tijd",
    "not_our_task": "het hoort niet bij deze organisatie",
    "not_enough_information": "er is te weinig bekend",
    "parent_declines": "de ouder wil het niet",
    "other": "om een andere reden",
    "plan_adjusted": "het plan is aangepast",
    "owner_stopped": "wie het deed, stopte",
    "consent_ended": "de toestemming is voorbij",
    "loss": "door een verlies",
    "case_closed": "de casus is gesloten",
}
DECISIONS = {
    "continue": "Zo doorgaan",
    "adjust": "Het plan aanpassen",
    "step_up": "Meer steun: overleg in het knooppunt",
    "step_down": "Minder steun",
    "hand_over": "Overdragen",
    "close": "Afsluiten",
}
GOAL_STATUSES = {
    "reached": "bereikt",
    "partly": "voor een deel bereikt",
    "not_yet": "nog niet bereikt",
    "dropped": "losgelaten",
}
LEVELS = {
    "none": "Niet kwetsbaar",
    "potentially_vulnerable": "Mogelijk kwetsbaar",
    "vulnerable": "Kwetsbaar",
    "very_vulnerable": "Zeer kwetsbaar",
}
DIMENSIONS = {
    "bodily_functions": "Lichaam",
    "mental_wellbeing": "Gevoelens en gedachten",
    "meaningfulness": "Zingeving",
    "quality_of_life": "Genieten van het leven",
    "participation": "Meedoen",
    "daily_functioning": "Dagelijks leven",
}
PEOPLE = {"parent": "ouder", "partner": "partner of andere ouder"}
PRESENT = {
    "parent": "ouder",
    "partner": "partner of andere ouder",
    "informal_support": "iemand uit het eigen netwerk",
    "professional": "andere hulpverlener",
}
LEVEL_FORMS = {
    "signal": "bij het signaal",
    "taking_over": "bij het overnemen",
    "exploration": "bij de verkenning",
    "evaluation": "bij het terugkijken",
}


@dataclass(frozen=True, slots=True)
class Action:
    """One support action on the page; without *what*, only how it stands."""

    number: int
    what: str | None
    owner: str
    period: str
    status: str
    kind: str
    why: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Health:
    """The numbers of one person: a row per part of life, a column per day, and in words what changed. ``web`` draws the same."""

    who: str
    days: tuple[date, ...]
    rows: tuple[tuple[str, tuple[int | None, ...], str], ...]
    web: webs.Web


def drawn(plan: method.PlanView, talks: method.TalksView, names: shown.Names) -> dict[str, Any]:
    """What ``case/plan.html`` and ``case/talks.html`` show, of what was read already."""
    return {
        "plan": plan,
        "plan_status": words.say(plan.status, PLAN_STATUSES),
        "plan_goals": [(goal.parent_words, words.say(goal.dimension, DIMENSIONS)) for goal in plan.goals],
        "plan_actions": [action(one, names) for one in plan.actions if one.in_plan],
        "past_actions": [action(one, names) for one in plan.actions if not one.in_plan],
        "evaluations": [_evaluation(one) for one in reversed(talks.evaluations)],
        "levels": [
            (one.on, words.say(one.level, LEVELS), words.say(one.form_key, LEVEL_FORMS)) for one in talks.levels
        ],
        "health": health(talks.positive_health),
        "network_on": talks.network_on,
    }


def action(view: Any, names: shown.Names) -> Action:
    """One action in Dutch; nothing is on it that the room did not give."""
    owner = names.organisation(view.organisation_id) or view.owner_name or ""
    if view.owner_kind == "parent":
        owner = f"{owner} (ouder)"
    period = f"vanaf {words.short_day(view.starts_on)}" if view.starts_on else ""
    if view.ends_on:
        period = f"van {words.short_day(view.starts_on)} tot en met {words.short_day(view.ends_on)}"
    return Action(
        number=view.number,
        what=view.what,
        owner=owner,
        period=period,
        status=words.say(view.status, ACTION_STATUSES),
        kind=_KINDS.get(view.status, "calm"),
        why=words.say(view.refused_reason or view.stop_reason, REASONS),
        mine=view.mine,
    )


def health(series: Any) -> list[Health]:
    """The numbers person by person, as a table and as a drawing: the same for eyes and ears."""
    found = []
    for who, views in groupby(series, key=lambda one: one.who):
        talks = list(views)
        rows = []
        for dimension, label in DIMENSIONS.items():
            scores = tuple(talk.scores.get(dimension) for talk in talks)
            rows.append((label, scores, webs.change(scores)))
        days = tuple(talk.on for talk in talks)
        web = webs.draw(
            tuple(DIMENSIONS.values()), [(talk.on, [talk.scores.get(d) for d in DIMENSIONS]) for talk in talks]
        )
        found.append(Health(words.say(who, PEOPLE), days, tuple(rows), web))
    return found


def _evaluation(view: Any) -> dict[str, Any]:
    return {
        "number": view.number,
        "on": view.evaluated_on,
        "decision": words.say(view.decision, DECISIONS),
        "next_on": view.next_on,
        "together": view.decided_with_parent,
        "experience": view.parent_experience,
        "present": [words.say(code, PRESENT) for code in view.present],
        "goals": [(one.goal, words.say(one.status, GOAL_STATUSES), one.parent_rating) for one in view.goals],
    }


@pages.post("/casussen/<uuid:case_id>/terugkijken")
def request_evaluation(case_id: UUID) -> Response:
    try:
        with transaction() as session:
            method.request_evaluation(session, case_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        flash("Het gesprek om samen terug te kijken staat nu klaar bij wie de casus vasthoudt.", "ok")
    return redirect(url_for("pages.case", case_id=case_id), 303)
