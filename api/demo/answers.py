"""What people fill in: for each form the usual answers of a family, in Dutch, as far as a step does not say otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from api.demo.families import Family
from api.demo.region import POSTCODES
from api.demo.topics import TOPICS, Topic
from api.transactions import local_date

#: Everything a parent is told before saying yes.
_TOLD = ["what", "why", "which_data", "with_whom", "may_refuse", "may_withdraw"]
_SEEN = ["C0", "C1", "C3", "C4", "C6", "C7"]
_SCORES = ("bodily_functions", "mental_wellbeing", "meaningfulness", "quality_of_life", "participation", "daily_functioning")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """What an answer may depend on: the family, the moment, and who there is.

    Args:
        began: when the family was signalled.
        helper: organisation that could help with what the family asks.
        director: organisation whose case director could take the case.
    """

    place: int
    family: Family
    began: datetime
    at: datetime
    helper: UUID
    helper_kind: str
    director: UUID
    now: datetime

    @property
    def topic(self) -> Topic:
        return TOPICS[self.family.topic]

    @property
    def today(self) -> date:
        return local_date(self.at)

    def day(self, days: int) -> str:
        """A day near today, never on a Saturday or Sunday."""
        return weekday(self.today + timedelta(days=days)).isoformat()

    @property
    def score(self) -> int:
        """A mark between 4 and 7 that differs per family."""
        return 4 + self.place % 4


def weekday(day: date) -> date:
    """That day, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def answers(form_key: str, scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The usual answers to a form with *changes*; a change to None leaves an answer out."""
    known = {**USUAL[form_key](scene, changes), **changes}
    return {name: value for name, value in known.items() if value is not None and name not in _WORDS}


#: Words of a step that are no fields: the usual answers turn them into some.
_WORDS = frozenset({"meeting_in", "meeting_ahead", "adjusted", "next_in"})


def _signal(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    family, topic = scene.family, scene.topic
    return {
        "support_request_own_words": family.words,
        "unclear_question": "no",
        **_about(scene),
        "protective_factors": list(topic.strengths),
        "risk_categories": list(topic.needs),
        "vulnerability_level": ("potentially_vulnerable", "vulnerable", "vulnerable", "very_vulnerable")[scene.place % 4],
        "assessed_together": "yes",
        "safety_concern": "no",
        "urgency": "regular",
        "professionals_involved": [{"who": "Huisarts", "role_for_family": "Kent het gezin al langer"}],
    }  # fmt: skip


def _taking_over(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "entry_phase": "support",
        "known_since": scene.day(-70),
        "source": "own_record",
        **_about(scene),
        "what_is_known": "Er was al thuisbezoek en de ouder wil daarmee verder. " + scene.topic.goes_well,
        "still_running": [{"what": scene.topic.near[1], "who": scene.topic.near[0]}],
        "vulnerability_level": "vulnerable",
        "safety_concern": "no",
        "urgency": "regular",
    }


def _about(scene: Scene) -> dict[str, Any]:
    family = scene.family
    young = family.more.get("birth_date") == "young"
    known: dict[str, Any] = {
        "phase": "after_birth" if family.weeks is None else "pregnant",
        "parent_name": family.name(scene.place),
        "living_situation": "address",
        "postcode": f"{POSTCODES[family.place]} XX",
        "municipality_code": family.place,
        "preferred_language": "nl",
        "interpreter_needed": False,
        "reading_support": family.topic in ("language", "disability"),
        "safe_contact": ("call", "app", "letter")[scene.place % 3],
        "safe_contact_detail": ("Bel na vier uur", "Stuur eerst een bericht", "Zet er geen afzender op")[scene.place % 3],
        "partner_involved": ("yes", "yes", "unknown", "no")[scene.place % 4],
        **family.more,
    }  # fmt: skip
    years = 17 if young else 21 + scene.place % 17
    born = local_date(scene.now) - timedelta(days=365 * years + 40 + 5 * scene.place)
    known["birth_date"] = born.isoformat()
    if family.weeks is not None:
        due = local_date(scene.began) + timedelta(days=280 - 7 * family.weeks - scene.place % 5)
        known |= {"due_date": due.isoformat(), "due_date_certainty": "dating_scan", "parity": scene.place % 3}
    elif family.child_days is not None:
        child = local_date(scene.began) - timedelta(days=family.child_days)
        known |= {"child_birth_dates": [{"date": child.isoformat()}], "parity": 1}
    return known


def _consent(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    result = changes.get("consent_result", "given")
    known: dict[str, Any] = {"consent_result": result, "subject": "parent", "given_by": "self"}
    if result == "later":
        return {**known, "offered": ["think_again"], "ask_again_on": scene.day(14)}
    if result == "refused":
        return {**known, "offered": ["self_referral", "anonymous_consult"]}
    return {
        **known,
        "information_given": _TOLD,
        **_language(scene),
        "share_youth_health": "yes",
        "share_youth_health_categories": _SEEN if scene.place % 3 else [*_SEEN, "C2"],
        "share_feedback": "yes",
        "share_feedback_categories": ["C1", "C6"],
        "share_municipality": "no",
        "validity": "until_closed",
    }


def _language(scene: Scene) -> dict[str, Any]:
    language = scene.family.more.get("preferred_language", "nl")
    return {
        "consent_form": "written" if scene.place % 4 == 0 else "oral",
        "consent_language": language,
        "interpreter_used": language != "nl",
    }


def _routing(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    route = changes.get("route", "exploration")
    return {
        "themes": list(scene.topic.themes if route == "exploration" else scene.topic.themes[:1]),
        "single_or_multiple": "multiple" if route == "exploration" else "single",
        "route": route,
        "override_reason": "Dit past beter bij wat de ouder zelf vraagt.",
        "decided_with_parent": "yes",
    }


def _exploration(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    topic, interpreter = scene.topic, bool(scene.family.more.get("interpreter_needed"))
    if changes.get("conclusion") == "not_reached":
        tries = [(-6, "phone"), (-4, "home_visit"), (-1, "phone")]
        rows = [{"date": scene.day(d), "form": f, "interpreter": interpreter, "result": "no_show"} for d, f in tries]
        return {"contacts": rows, "safety_assessed": "no", "safety_concern": "no", "conclusion": "not_reached"}
    return {
        "contacts": [
            {"date": scene.day(-4), "form": "phone", "present": ["parent"], "interpreter": interpreter, "result": "took_place"},
            {"date": scene.day(-1), "form": "home_visit", "present": ["parent", "partner"] if scene.place % 3 == 0 else ["parent"], "interpreter": interpreter, "result": "took_place"},
        ],
        "what_goes_well": topic.goes_well,
        "wishes": topic.wishes,
        "what_first": topic.first,
        "instrument_variant": "simple" if interpreter else "adult",
        "positive_health": {name: min(9, scene.score + (place + scene.place) % 3) for place, name in enumerate(_SCORES)},
        "network_map": [{"name_or_initial": topic.near[0], "relation": "Dichtbij", "can_help_with": topic.near[1], "may_contact": True}],
        "children_in_household": scene.place % 3,
        "protective_factors_after": list(topic.strengths),
        "risk_categories_after": list(topic.needs),
        "vulnerability_level_after": "vulnerable",
        "themes_after": list(topic.themes),
        "safety_assessed": "yes",
        "safety_concern": "no",
        "conclusion": "intervention",
        "decided_with_parent": "yes",
        "feedback_to_signaller": "We spraken elkaar thuis en maken samen een plan.",
    }  # fmt: skip


def _no_contact(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    known = {"what_is_known": "Ze was vorige week nog op controle en maakt het goed.", "safety_concern": "no"}
    if changes.get("contact_result") == "stop":
        return {**known, "stop_reason": "Ze laat weten dat ze nu geen gesprek wil. Ze weet ons te vinden."}
    return {**known, "contact_advice": "Stuur eerst een bericht en bel daarna op dinsdag."}


def _support_consent(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    kinds = dict.fromkeys((scene.helper_kind, "municipal_access_team", "youth_health", "informal"))
    return {
        "support_consent": "given",
        "subject": "parent",
        "given_by": "self",
        "information_given": _TOLD,
        **_language(scene),
        "sharing": [
            {"recipient_kind": kind, "allowed": "yes", "purposes": ["hub_meeting", "support_action", "handover"], "categories": _SEEN}
            for kind in kinds
        ],
        "validity": "until_closed",
    }  # fmt: skip


def _hub_planning(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    if changes.get("meeting") != "new":
        return {"parents_invited": "yes"}
    if "meeting_ahead" in changes:
        day = weekday(local_date(scene.now) + timedelta(days=changes["meeting_ahead"])).isoformat()
    else:
        day = scene.day(changes.get("meeting_in", 7))
    return {"meeting_date": day, "meeting_time": "09:30", "place": "Wijkhuis, kamer 2", "parents_invited": "yes"}


def _hub_minutes(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "hub_result": "plan",
        "parents_present": "yes",
        "supporter_of_parent_present": scene.place % 2 == 0,
        "question_clarified": f"Samen gezegd waar het om gaat: {scene.topic.wishes[0].lower()}{scene.topic.wishes[1:]}",
        "agreements": "De casusregisseur maakt deze week met de ouder een plan.",
        "case_director": str(scene.director),
        "minutes_shared_on": scene.day(0),
    }


def _support_plan(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    topic, today = scene.topic, scene.day(0)
    rows: list[dict[str, Any]] = [
        {"what": topic.near[1], "owner_kind": "informal", "owner_name": topic.near[0], "starts_on": today},
        {"what": topic.own, "owner_kind": "parent", "owner_name": scene.family.first_name, "starts_on": today},
        {
            "what": topic.help,
            "owner_kind": "professional",
            "organisation": str(scene.helper),
            "intervention": topic.intervention,
            "starts_on": scene.day(7),
        },
    ]
    if changes.get("adjusted"):
        rows[1] = {**rows[1], "what": "Elke week één ding van de lijst doen."}
    return {
        "own_strength": topic.goes_well,
        "goals": [{"parent_words": topic.goal, "dimension": topic.dimension}],
        "actions": [{name: value for name, value in row.items() if value is not None} for row in rows],
        "plan_result": "agreed",
        "parent_agreed_on": today,
        "evaluation_date": scene.day(changes.get("next_in", 42)),
        "copy_given": True,
    }


def _action_acceptance(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    if changes.get("action_accepted") == "no":
        return {"refused_reason": "no_capacity", "refused_words": "We hebben pas over zes weken plek."}
    return {"action_accepted": "yes", "starts_on": scene.day(3)}


def _evaluation(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    decision = changes.get("evaluation_decision", "continue")
    reached = "reached" if decision == "close" else "partly"
    known = {
        "evaluated_on": scene.day(0),
        "present": ["parent", "informal_support", "professional"],
        "goal_ratings": [{"goal": scene.topic.goal, "goal_status": reached, "parent_rating": scene.score + 1}],
        "positive_health": {name: min(9, scene.score + 1 + (place + scene.place) % 3) for place, name in enumerate(_SCORES)},
        "vulnerability_level_now": "potentially_vulnerable",
        "parent_experience": 6 + scene.place % 4,
        "parent_experience_words": "Er werd naar mij geluisterd.",
        "safety_assessed": "yes",
        "safety_concern": "no",
        "evaluation_decision": decision,
        "decided_with_parent": "yes",
    }  # fmt: skip
    return known if decision == "close" else {**known, "next_date": scene.day(changes.get("next_in", 84))}


def _handover(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "handover_choice": "offer",
        "handover_kind": "case_director",
        "handover_reason": "other_expertise",
        "why_now": "Het gezin redt het goed. Wat nog loopt, past beter bij het toegangsteam.",
        "parent_question": scene.family.words,
        "goes_well": "Zij vraagt op tijd om hulp en komt haar afspraken na.",
        "still_open": scene.topic.own,
        "tried_before": "Alles tegelijk oppakken werkte niet. Eén ding per keer wel.",
        "people_involved": "De jeugdverpleegkundige en iemand uit de buurt.",
        "parent_expects": "Een vast gezicht, en niet alles opnieuw vertellen.",
    }


def _handover_offer(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "handover_send": "send",
        "shown_to_parent": "yes",
        "warm_contact_form": "three_way_talk",
        "warm_contact_on": scene.day(5),
        "parent_presence": "present",
    }


def _handover_answer(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    if changes.get("handover_answer") == "refused":
        return {"refused_reason": "no_capacity", "refused_words": "Ons team heeft tot volgende maand geen plek."}
    return {"handover_answer": "accepted", "first_contact_on": scene.day(3)}


def _closure(scene: Scene, changes: Mapping[str, Any]) -> dict[str, Any]:
    if changes.get("result") == "no_contact":
        return {"closing_talk": "no", "reason_no_closing_talk": "Het gezin is niet bereikt.", "contact_after": "De verloskundige"}  # fmt: skip
    return {"result": "goals_reached", "closing_talk": "yes", "contact_after": "De jeugdverpleegkundige van de wijk"}


#: Form → usual answers.
USUAL: Mapping[str, Callable[[Scene, Mapping[str, Any]], dict[str, Any]]] = {
    "signal": _signal,
    "taking_over": _taking_over,
    "consent": _consent,
    "routing": _routing,
    "exploration": _exploration,
    "no_contact": _no_contact,
    "feedback": lambda scene, _: {
        "given_on": scene.day(0), "channel": "phone", "shared": ["contact_took_place", "conclusion"],
    },
    "support_consent": _support_consent,
    "hub_planning": _hub_planning,
    "hub_minutes": _hub_minutes,
    "support_plan": _support_plan,
    "action_acceptance": _action_acceptance,
    "action_progress": lambda scene, _: {"action_status": "done", "ended_on": scene.day(0)},
    "evaluation": _evaluation,
    "handover": _handover,
    "handover_offer": _handover_offer,
    "handover_answer": _handover_answer,
    "handover_question": lambda _scene, _: {
        "question_answer": "Een groep vond zij te druk. Met één vaste begeleider lukt het wel.", "shown_to_parent": "yes",
    },
    "handover_talk": lambda scene, _: {
        "talk_held": "yes", "talk_form": "joint_visit", "talk_on": scene.day(0), "parent_presence": "present",
    },
    "handover_contact": lambda scene, _: {"first_contact_on": scene.day(0)},
    "closure": _closure,
    "loss": lambda _scene, _: {"told_by": "parent", "contact_wish": "soon", "inform_whom": ["maternity_care"]},
    "loss_follow_up": lambda scene, _: {
        "contact_moments": [{"date": scene.day(0), "form": "phone"}],
        "aftercare": "later",
        "aftercare_agreement": "Over twee weken weer bellen.",
        "contact_after": "De verloskundige",
    },
    "escalation": lambda _scene, _: {"cause": "no_capacity", "action": "keep_trying"},
    "birth": lambda scene, _: {"birth_date": scene.day(-2), "born": [{"name": "Baby"}], "told_by": "midwife"},
    "after_birth": lambda _scene, _: {
        "maternity_transfer": "arranged", "child_consent": "asked", "plan_still_fits": "yes",
    },
    "move": lambda scene, _: {
        "moved_on": scene.day(-1), "wants_to_continue": "yes", "youth_health_transfer": "consent",
    },
    "birth_handover": lambda scene, _: {
        "birth_receiver": "maternity_then_youth", "handover_talk_on": scene.day(14), "maternity_informed": "yes",
    },
    "age_limit": lambda _scene, _: {"contact_after": "De jeugdverpleegkundige", "age_decision": "close_in_time"},
}  # fmt: skip
