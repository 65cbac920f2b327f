"""Plays the drawn path in tests: answers to each form, and a world in which one verb is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bpmn import DIRECTORY
from engine.clock import local_date
from tests import builders
from tests.stories import told
from workflows import diagrams, method
from workflows.actor import OPERATOR, Actor
from workflows.db import Database
from workflows.processes import Task

#: Names of the parent in tests; must be found nowhere but in the dossier and the family.
SECRETS = ("Noor Voorbeeld", "Ik kom niet rond")


def shipped() -> dict[str, bytes]:
    """The files of the shipped bundle."""
    return {
        file.name: file.read_bytes()
        for file in sorted(DIRECTORY.iterdir())
        if file.suffix in (".bpmn", ".dmn", ".form")
    }


def consent_answers(**changes: Any) -> dict[str, Any]:
    """The parent agrees that youth health explores and tells the signaller that they spoke."""
    answers: dict[str, Any] = {
        "consent_result": "given",
        "subject": "parent",
        "given_by": "self",
        "information_given": ["what", "why", "which_data", "with_whom", "may_refuse", "may_withdraw"],
        "consent_form": "oral",
        "consent_language": "nl",
        "interpreter_used": False,
        "share_youth_health": "yes",
        "share_youth_health_categories": ["C0", "C1", "C3", "C4", "C6"],
        "share_feedback": "yes",
        "share_feedback_categories": ["C1"],
        "share_municipality": "no",
        "validity": "until_closed",
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def refused_answers(**changes: Any) -> dict[str, Any]:
    """The parent wants nothing to be shared."""
    return {
        "consent_result": "refused",
        "subject": "parent",
        "given_by": "self",
        "offered": ["self_referral"],
        **changes,
    }


def routing_answers(**changes: Any) -> dict[str, Any]:
    """Several themes: an exploration."""
    answers: dict[str, Any] = {
        "advised_route": "exploration",
        "themes": ["money", "network"],
        "single_or_multiple": "multiple",
        "route": "exploration",
        "decided_with_parent": "yes",
    }
    return {**answers, **changes}


def exploration_answers(at: datetime, **changes: Any) -> dict[str, Any]:
    """One home visit, after which nothing more is needed."""
    answers: dict[str, Any] = {
        "contacts": [
            {
                "date": local_date(at).isoformat(),
                "form": "home_visit",
                "present": ["parent"],
                "interpreter": False,
                "result": "took_place",
            }
        ],
        "what_goes_well": "Ze vraagt hulp.",
        "wishes": "Rust in huis.",
        "what_first": "De post openen.",
        "vulnerability_level_after": "vulnerable",
        "safety_assessed": "yes",
        "safety_concern": "no",
        "conclusion": "no_further_support",
        "decided_with_parent": "yes",
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def feedback_answers(at: datetime) -> dict[str, Any]:
    """The signaller hears that there was a talk."""
    return {"given_on": local_date(at).isoformat(), "channel": "phone", "shared": ["contact_took_place"]}


def closure_answers(**changes: Any) -> dict[str, Any]:
    """Closed with somebody to turn to."""
    return {"result": "goals_reached", "closing_talk": "yes", "contact_after": "De wijkverpleegkundige", **changes}


def follow_up_answers(at: datetime) -> dict[str, Any]:
    """Who does what."""
    return {
        "follow_up_kind": "pathway",
        "agreement": "Samen naar het geldloket.",
        "responsible": "De verkenner",
        "start_date": local_date(at).isoformat(),
        "evaluation_date": (local_date(at) + timedelta(days=60)).isoformat(),
        "agreed_with_parent": "yes",
    }


def support_consent_answers(*kinds: str, **changes: Any) -> dict[str, Any]:
    """The parent agrees that these kinds of organisations consult and support."""
    answers: dict[str, Any] = {
        "support_consent": "given",
        "subject": "parent",
        "given_by": "self",
        "information_given": ["what", "why", "which_data", "with_whom", "may_refuse", "may_withdraw"],
        "consent_form": "oral",
        "consent_language": "nl",
        "interpreter_used": False,
        "sharing": [
            {
                "recipient_kind": kind,
                "allowed": "yes",
                "purposes": ["hub_meeting", "support_action", "handover"],
                "categories": ["C0", "C1", "C4", "C6", "C7"],
            }
            for kind in kinds or ("youth_health",)
        ],
        "validity": "until_closed",
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def support_plan_answers(at: datetime, **changes: Any) -> dict[str, Any]:
    """One goal and one thing that a neighbour does."""
    today = local_date(at)
    answers: dict[str, Any] = {
        "own_strength": "Ze vraagt zelf om hulp.",
        "goals": [{"parent_words": "Rust in huis.", "dimension": "daily_functioning"}],
        "actions": [
            {
                "what": "Samen de post openen.",
                "owner_kind": "informal",
                "owner_name": "De buurvrouw",
                "starts_on": today.isoformat(),
            }
        ],
        "plan_result": "agreed",
        "parent_agreed_on": today.isoformat(),
        "evaluation_date": (today + timedelta(days=42)).isoformat(),
        "copy_given": True,
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def evaluation_answers(at: datetime, **changes: Any) -> dict[str, Any]:
    """The support goes on as it is."""
    today = local_date(at)
    answers: dict[str, Any] = {
        "evaluated_on": today.isoformat(),
        "present": ["parent"],
        "goal_ratings": [{"goal": "Rust in huis.", "goal_status": "partly", "parent_rating": 6}],
        "vulnerability_level_now": "vulnerable",
        "parent_experience": 7,
        "safety_assessed": "yes",
        "safety_concern": "no",
        "evaluation_decision": "continue",
        "decided_with_parent": "yes",
        "next_date": (today + timedelta(days=84)).isoformat(),
    }
    answers |= changes
    if answers["evaluation_decision"] == "close":
        answers.pop("next_date")
    return {name: value for name, value in answers.items() if value is not None}


def hub_planning_answers(at: datetime, **changes: Any) -> dict[str, Any]:
    """A new meeting in a week."""
    answers = {
        "meeting": "new",
        "meeting_date": (local_date(at) + timedelta(days=7)).isoformat(),
        "meeting_time": "09:30",
        "place": "Wijkhuis",
        "parents_invited": "yes",
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def hub_minutes_answers(at: datetime, director: UUID | None = None, **changes: Any) -> dict[str, Any]:
    """A plan will be made, by a case director of *director*."""
    answers: dict[str, Any] = {
        "hub_result": "plan",
        "parents_present": "yes",
        "question_clarified": "Hoe komt er overzicht?",
        "case_director": None if director is None else str(director),
        "minutes_shared_on": local_date(at).isoformat(),
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def handover_answers(receiver: str, **changes: Any) -> dict[str, Any]:
    """The case is to go to *receiver*."""
    answers = {
        "handover_choice": "offer",
        "handover_kind": "organisation",
        "receiver": receiver,
        "handover_reason": "phase_change",
        "why_now": "Het kind is geboren.",
        "parent_question": "Ik wil rust in huis.",
        "goes_well": "Ze vraagt hulp.",
        "still_open": "De post openen, elke week.",
        "tried_before": "Een boekje met tips.",
        "people_involved": "De buurvrouw.",
        "parent_expects": "Iemand die belt.",
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def handover_offer_answers(at: datetime, **changes: Any) -> dict[str, Any]:
    """Shown to the parent and sent; the three of them will meet."""
    answers = {
        "handover_send": "send",
        "shown_to_parent": "yes",
        "warm_contact_form": "phone",
        "warm_contact_on": (local_date(at) + timedelta(days=2)).isoformat(),
        "parent_presence": "present",
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def handover_talk_answers(at: datetime, **changes: Any) -> dict[str, Any]:
    """Receiver, sender and parent spoke."""
    today = local_date(at).isoformat()
    return {"talk_held": "yes", "talk_form": "phone", "talk_on": today, "parent_presence": "present", **changes}


def handover_answer_answers(at: datetime, **changes: Any) -> dict[str, Any]:
    """Accepted, with a day for the first contact."""
    answers = {"handover_answer": "accepted", "first_contact_on": (local_date(at) + timedelta(days=3)).isoformat()}
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def taking_over_answers(at: datetime, **changes: Any) -> dict[str, Any]:
    """A family that the practice helped for two months."""
    signal = builders.signal_answers(at)
    kept = {
        name: signal[name]
        for name in (
            "phase", "due_date", "due_date_certainty", "parity", "multiple_pregnancy", "parent_name", "birth_date",
            "living_situation", "postcode", "municipality_code", "preferred_language", "interpreter_needed",
            "reading_support", "safe_contact", "safe_contact_detail", "partner_involved", "vulnerability_level",
            "safety_concern", "urgency",
        )
    }  # fmt: skip
    answers = {
        **kept,
        "entry_phase": "support",
        "known_since": (local_date(at) - timedelta(days=60)).isoformat(),
        "source": "own_record",
        "what_is_known": "Er is al thuisbezoek geweest.",
    }
    return {name: value for name, value in {**answers, **changes}.items() if value is not None}


def loss_answers(**changes: Any) -> dict[str, Any]:
    """As little as anybody wants to say."""
    return {"told_by": "parent", "contact_wish": "soon", **changes}


def loss_follow_up_answers(at: datetime) -> dict[str, Any]:
    """The parent was called."""
    return {
        "contact_moments": [{"date": local_date(at).isoformat(), "form": "phone"}],
        "aftercare": "no",
        "contact_after": "De verloskundige",
    }


def no_contact_answers(**changes: Any) -> dict[str, Any]:
    """Stop looking."""
    answers = {
        "what_is_known": "Ze is bij haar moeder.",
        "safety_concern": "no",
        "contact_result": "stop",
        "stop_reason": "Ze wil niet meer.",
    }
    return {**answers, **changes}


def escalation_answers() -> dict[str, Any]:
    """More time."""
    return {"cause": "no_capacity", "action": "keep_trying"}


def safety_answers(at: datetime, **changes: Any) -> dict[str, Any]:
    """The protection officer spoke with the colleague."""
    answers: dict[str, Any] = {
        "talked_on": local_date(at).isoformat(),
        "consulted": ["colleague"],
        "next_step": "no_suspicion",
        "explanation": "Samen bekeken.",
    }
    return {**answers, **changes}


def answers_for(form_key: str, at: datetime) -> dict[str, Any]:
    """Answers with which a case goes the long way."""
    return {
        "signal": lambda: builders.signal_answers(at),
        "consent": consent_answers,
        "routing": routing_answers,
        "exploration": lambda: exploration_answers(at),
        "no_contact": no_contact_answers,
        "feedback": lambda: feedback_answers(at),
        "follow_up": lambda: follow_up_answers(at),
        "closure": closure_answers,
        "taking_over": lambda: taking_over_answers(at),
        "support_consent": support_consent_answers,
        "hub_planning": lambda: hub_planning_answers(at),
        "hub_minutes": lambda: hub_minutes_answers(at, hub_result="no_support"),
        "support_plan": lambda: support_plan_answers(at),
        "evaluation": lambda: evaluation_answers(at),
        "handover": lambda: {"handover_choice": "cancel", "cancel_reason": "Het gezin wil dat wij blijven."},
        "handover_offer": lambda: handover_offer_answers(at),
        "handover_answer": lambda: handover_answer_answers(at),
        "handover_question": lambda: {"question_answer": "Zij wil liever bellen.", "shown_to_parent": "yes"},
        "handover_supplement": lambda: {"supplement": "Zij wil liever bellen."},
        "handover_talk": lambda: handover_talk_answers(at),
        "handover_contact": lambda: {"first_contact_on": local_date(at).isoformat()},
        "after_birth": lambda: {
            "maternity_transfer": "arranged",
            "child_consent": "asked",
            "plan_still_fits": "yes",
        },
        "birth_handover": lambda: {"birth_receiver": "stay"},
        "age_limit": lambda: {"contact_after": "JGZ Venlo", "age_decision": "close_in_time"},
        "action_acceptance": lambda: {"action_accepted": "yes", "starts_on": local_date(at).isoformat()},
        "action_progress": lambda: {"action_status": "done", "ended_on": local_date(at).isoformat()},
        "loss_follow_up": lambda: loss_follow_up_answers(at),
        "escalation": escalation_answers,
        "new_holder": lambda: {"receiver": "nobody"},
        "safety_response": lambda: safety_answers(at),
    }[form_key]()


class World:
    """A region with the shipped diagrams; every verb is a transaction of its own, as at a door."""

    @told
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self.database = database
        self.clock = clock
        with database.writing() as session:
            self.region = builders.region(session, clock())
            self.digest = diagrams.publish(session, shipped(), by=OPERATOR, at=clock())

    def do(self, verb: Callable[..., Any], *arguments: Any, by: Actor, **more: Any) -> Any:
        """Call a verb of the method in its own writing transaction."""
        with self.database.writing() as session:
            return verb(session, *arguments, by=by, at=self.clock(), **more)

    def look(self, verb: Callable[..., Any], *arguments: Any, by: Actor, **more: Any) -> Any:
        """Call a reading verb."""
        with self.database.reading() as session:
            return verb(session, *arguments, by=by, at=self.clock(), **more)

    def start(self, by: Actor | None = None) -> Task:
        """A new signal; its first task is the starter's."""
        return self.do(method.start_signal, by=by or self.region.midwife)

    def complete(
        self, task: Task | method.TaskCard, by: Actor, answers: dict[str, Any] | None = None, **more: Any
    ) -> Any:
        """Complete a claimed task with these answers, or with those of the long way."""
        assert task.form_key is not None
        given = answers_for(task.form_key, self.clock()) if answers is None else answers
        more.setdefault("version", task.version)
        return self.do(method.complete_task, task.id, by=by, answers=given, **more)

    def claim(self, by: Actor, form_key: str | None = None) -> Task:
        """Claim the one task of the pool, of that form if given."""
        found = [
            card
            for card in self.look(method.work_list, by=by).items
            if card.status == "open" and form_key in (None, card.form_key)
        ]
        [card] = found
        return self.do(method.claim_task, card.id, by=by)

    def do_next(self, by: Actor, answers: dict[str, Any] | None = None, form_key: str | None = None) -> Any:
        """Claim the one open task and complete it."""
        return self.complete(self.claim(by, form_key), by, answers)

    @told
    def explored_directly(self) -> UUID:
        """As :meth:`explored`, also when other tasks are waiting."""
        midwife = self.region.midwife
        task = self.start()
        case_id: UUID = task.subject_id
        done = self.complete(task, midwife)
        for _ in range(2):
            task = self.do(method.claim_task, done.next[0].id, by=midwife)
            done = self.complete(task, midwife)
        return case_id

    @told
    def explored(self) -> UUID:
        """A case whose exploration lies in the pool of youth health; returns the case's id."""
        midwife = self.region.midwife
        task = self.start()
        self.complete(task, midwife)
        self.do_next(midwife)
        self.do_next(midwife)
        case_id: UUID = task.subject_id
        return case_id
