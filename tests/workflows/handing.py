"""A small method in which a case is handed over again and again, and what people answer; for tests of handovers alone.

While the holder may offer the case, the exploration and one more task of the holder wait beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine.bundle import Bundle
from engine.clock import local_date
from tests import builders
from tests.stories import told
from tests.workflows import path
from workflows import consent, method
from workflows.actor import Actor
from workflows.cases import Case
from workflows.db import Database
from workflows.diagrams import StoredBundle, StoredFile
from workflows.organisations import Role
from workflows.processes import Task

_LANES = {
    "signaller": ("begin", "record_signal", "ask_consent", "both"),
    "explorer": ("explore",),
    "holder": (
        "again",
        "prepare_handover",
        "chosen",
        "offer_handover",
        "sent",
        "stopped",
        "answer_question",
        "question_withdrawn",
        "hold_talk",
        "confirm_contact",
        "follow_up",
        "all_done",
        "close_case",
        "finish",
    ),
    "receiver": ("answer_again", "answer_handover", "answered", "withdrawn", "silence"),
}
#: Element → lane.
LANE_OF = {node: role for role, nodes in _LANES.items() for node in nodes}
_TASKS = {
    "record_signal": "signal",
    "ask_consent": "consent",
    "explore": "exploration",
    "prepare_handover": "handover",
    "offer_handover": "handover_offer",
    "answer_question": "handover_question",
    "hold_talk": "handover_talk",
    "answer_handover": "handover_answer",
    "confirm_contact": "handover_contact",
    "follow_up": "follow_up",
    "close_case": "closure",
}
_FLOWS = (
    ("begin", "record_signal", None),
    ("record_signal", "ask_consent", None),
    ("ask_consent", "both", None),
    ("both", "explore", None),
    ("both", "follow_up", None),
    ("both", "again", None),
    ("again", "prepare_handover", None),
    ("prepare_handover", "chosen", None),
    ("chosen", "offer_handover", 'handover_choice = "offer"'),
    ("chosen", "all_done", None),
    ("offer_handover", "sent", None),
    ("sent", "answer_again", 'handover_send = "send"'),
    ("sent", "again", None),
    ("stopped", "again", None),
    ("answer_again", "answer_handover", None),
    ("answer_handover", "answered", None),
    ("withdrawn", "again", None),
    ("silence", "again", None),
    ("answered", "hold_talk", 'handover_answer = "accepted"'),
    ("answered", "answer_question", 'handover_answer = "asked"'),
    ("answered", "again", None),
    ("answer_question", "answer_again", None),
    ("question_withdrawn", "again", None),
    ("hold_talk", "confirm_contact", None),
    ("confirm_contact", "again", None),
    ("explore", "all_done", None),
    ("follow_up", "all_done", None),
    ("all_done", "close_case", None),
    ("close_case", "finish", None),
)
_DEFAULTS = {"chosen": "chosen__all_done", "sent": "sent__again", "answered": "answered__again"}
#: Event at the border of a step → the step; what it waits for is a message, or the term.
_BORDERS = {
    "stopped": "offer_handover",
    "withdrawn": "answer_handover",
    "question_withdrawn": "answer_question",
    "silence": "answer_handover",
}
_KINDS = {
    "begin": "startEvent",
    "finish": "endEvent",
    "both": "parallelGateway",
    "all_done": "parallelGateway",
    "again": "exclusiveGateway",
    "chosen": "exclusiveGateway",
    "sent": "exclusiveGateway",
    "answer_again": "exclusiveGateway",
    "answered": "exclusiveGateway",
    **dict.fromkeys(_BORDERS, "boundaryEvent"),
}
_TERMS = {"answer_handover": "handover_answer", "answer_question": "handover_question"}
_RINGS = (
    '<bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">term.handover_return'
    "</bpmn:timeDuration></bpmn:timerEventDefinition>"
)


#: As a handover was drawn before what is sent was shown in a step of its own: flows that are left out, and those instead.
_EARLIER_WITHOUT = {"offer_handover", "sent", "stopped", "answer_again", "answer_question", "question_withdrawn"} | {
    *("hold_talk", "silence")
}
_EARLIER = (
    ("chosen", "answer_handover", 'handover_choice = "offer"'),
    ("answered", "confirm_contact", 'handover_answer = "accepted"'),
)


def files(*, earlier: bool = False) -> dict[str, bytes]:
    """The shipped bundle with this main process in it; or the forms of an earlier release, as they were drawn then."""
    forms = Path(__file__).parent / "earlier_handover"
    old = {file.name: file.read_bytes() for file in forms.glob("*.form")} if earlier else {}
    return {**path.shipped(), **old, "hoofdproces.bpmn": _main(earlier=earlier).encode()}


def stored(session: Session, at: datetime, *, earlier: bool = False) -> str:
    """Put it in use past the gate: a region could never publish a method with so much left out."""
    given = files(earlier=earlier)
    bundle = Bundle.from_files(given)
    session.execute(update(StoredBundle).values(is_current=False))
    session.add(StoredBundle(digest=bundle.digest, published_at=at, published_by=None, is_current=True))
    session.flush()
    session.add_all(StoredFile(digest=bundle.digest, name=name, data=data) for name, data in given.items())
    session.flush()
    return bundle.digest


def _main(*, earlier: bool) -> str:
    gone = _EARLIER_WITHOUT if earlier else set()
    drawn = tuple(one for one in _FLOWS if not {one[0], one[1]} & gone) + (_EARLIER if earlier else ())
    lanes = "".join(
        f'<bpmn:lane id="{role}_lane" name="{role}"><bpmn:extensionElements><camunda:properties>'
        f'<camunda:property name="role" value="{role}"/></camunda:properties></bpmn:extensionElements>'
        + "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in nodes if node not in gone)
        + "</bpmn:lane>"
        for role, nodes in _LANES.items()
    )
    nodes = ""
    for name in [name for names in _LANES.values() for name in names if name not in gone]:
        inside = "".join(f"<bpmn:incoming>{a}__{b}</bpmn:incoming>" for a, b, _ in drawn if b == name)
        inside += "".join(f"<bpmn:outgoing>{a}__{b}</bpmn:outgoing>" for a, b, _ in drawn if a == name)
        more = f' default="{_DEFAULTS[name]}"' if name in _DEFAULTS else ""
        if name in _TASKS:
            accepts = '<camunda:property name="accepts_holdership" value="true"/>' if name == "explore" else ""
            inside = (
                "<bpmn:documentation>Een stap in een proef van de overdracht, met een uitleg erbij.</bpmn:documentation>"
                f'<bpmn:extensionElements><camunda:properties><camunda:property name="term" value="{_TERMS.get(name, "follow_up")}"/>'
                f"{accepts}</camunda:properties></bpmn:extensionElements>{inside}"
            )
            nodes += (
                f'<bpmn:userTask id="{name}" name="{name}" camunda:formRef="{_TASKS[name]}">{inside}</bpmn:userTask>'
            )
        elif name in _BORDERS:
            event = _RINGS if name == "silence" else '<bpmn:messageEventDefinition messageRef="message_withdrawn"/>'
            nodes += f'<bpmn:boundaryEvent id="{name}" name="Voorbij" attachedToRef="{_BORDERS[name]}">{inside}{event}</bpmn:boundaryEvent>'
        else:
            nodes += f'<bpmn:{_KINDS[name]} id="{name}" name="{name}"{more}>{inside}</bpmn:{_KINDS[name]}>'
    flows = "".join(
        f'<bpmn:sequenceFlow id="{a}__{b}" sourceRef="{a}" targetRef="{b}">'
        + (
            f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression" language="feel">{condition}</bpmn:conditionExpression>'
            if condition
            else ""
        )
        + "</bpmn:sequenceFlow>"
        for a, b, condition in drawn
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' id="definitions_handing" targetNamespace="urn:test">'
        '<bpmn:message id="message_withdrawn" name="handover_withdrawn"/>'
        '<bpmn:process id="hoofdproces" name="Overdragen, steeds weer" isExecutable="true">'
        '<bpmn:extensionElements><camunda:properties><camunda:property name="scalars" value="theme_count, pathway_current"/>'
        "</camunda:properties></bpmn:extensionElements>"
        f'<bpmn:laneSet id="lanes">{lanes}</bpmn:laneSet>{nodes}{flows}</bpmn:process></bpmn:definitions>'
    )


def offer(to: Actor, **changes: Any) -> dict[str, Any]:
    """The case is to go to *to*'s team; with what the minimum of that kind asks."""
    return {
        "handover_choice": "offer",
        "handover_kind": "organisation",
        "receiver": f"{to.organisation_id}:{to.role}",
        "handover_reason": "other_expertise",
        "why_now": "Ze verhuist naar haar moeder.",
        "parent_question": "Ik wil rust in huis.",
        "goes_well": "Ze vraagt hulp.",
        "still_open": "Samen naar het geldloket, voor de kerst.",
        "tried_before": "Een boekje met tips.",
        "people_involved": "Haar moeder.",
        "next_appointment_on": "2027-01-12",
        "parent_expects": "Iemand die belt.",
        **changes,
    }


#: It was read together, and the three of them meet.
SENT = {
    "handover_send": "send",
    "shown_to_parent": "yes",
    "warm_contact_form": "three_way_talk",
    "warm_contact_on": "2026-11-03",
    "parent_presence": "present",
}
ACCEPTED = {"handover_answer": "accepted", "first_contact_on": "2026-11-05"}
ASKED = {"handover_answer": "asked", "missing": ["tried_before"], "question": "Wat hielp niet?"}
REPLIED = {"question_answer": "Een groep vond ze te druk.", "shown_to_parent": "yes"}
REFUSED = {"handover_answer": "refused", "refused_reason": "no_capacity"}


class World(path.World):
    """A region with this main process, a second youth team in Roermond and case directors in two municipalities."""

    @told
    def __init__(self, database: Database, clock: Callable[[], datetime], *, earlier: bool = False) -> None:
        super().__init__(database, clock)
        at = clock()
        with database.writing() as session:
            self.digest = stored(session, at, earlier=earlier)
            self.roermond = builders.organisation(
                session, "JGZ team Roermond (fictief)", "youth_health", "public", at=at
            )
            self.access_team = builders.organisation(
                session, "Toegangsteam Venlo (fictief)", "municipal_access_team", "social", at=at
            )
            self.roos = builders.actor(session, "Roos Verpleegkundige", self.roermond, Role.EXPLORER, at=at)
            self.carla = builders.actor(session, "Carla Casusregisseur", self.access_team, Role.CASE_DIRECTOR, at=at)
            self.cees = builders.actor(session, "Cees Casusregisseur", self.access_team, Role.CASE_DIRECTOR, at=at)

    @told
    def begun(self) -> UUID:
        """A case that the practice holds and may share: the exploration, a task of the holder and an offer wait."""
        task = self.start()
        self.complete(task, self.region.midwife)
        self.do_next(self.region.midwife)
        case_id: UUID = task.subject_id
        return case_id

    def allow(self, case_id: UUID, kind: str = "municipal_access_team", purpose: str = "support_action") -> None:
        """The parent agrees that this kind of organisation gets the case for this purpose."""
        with self.database.writing() as session:
            case = session.get_one(Case, case_id)
            consent.record(
                session, case_id=case.id, subject_id=builders.parent(session, case).id, recipient_kind=kind,
                purpose=purpose, categories=["C0", "C1", "C6", "C9"], given_by="self", form="oral",
                information_given=consent.EXPLAINED, text_version="2026-1", by=self.region.midwife, at=self.clock(),
            )  # fmt: skip

    def take(self, by: Actor, form_key: str) -> Task:
        """The task with this form, in the hands of *by*."""
        [card] = [one for one in self.look(method.work_list, by=by).items if one.form_key == form_key]
        return card if card.mine else self.do(method.claim_task, card.id, by=by)  # type: ignore[no-any-return]

    def fill(self, by: Actor, form_key: str, answers: dict[str, Any]) -> Any:
        """Take the task with this form and complete it."""
        return self.complete(self.take(by, form_key), by, answers)

    def hand(self, by: Actor, to: Actor, **changes: Any) -> Any:
        """*by* prepares that the case goes to *to*'s team, and sends it."""
        self.fill(by, "handover", offer(to, **changes))
        return self.fill(by, "handover_offer", SENT)

    def talk(self, by: Actor, **changes: Any) -> Any:
        """*by*, who handed over and the parent spoke today."""
        today = local_date(self.clock()).isoformat()
        said = {"talk_held": "yes", "talk_form": "phone", "talk_on": today, "parent_presence": "present"}
        return self.fill(by, "handover_talk", {**said, **changes})

    def contact(self, by: Actor, **changes: Any) -> Any:
        """*by* spoke the parent today, after the talk of three."""
        if any(one.form_key == "handover_talk" for one in self.look(method.work_list, by=by).items):
            self.talk(by)
        return self.fill(by, "handover_contact", {"first_contact_on": local_date(self.clock()).isoformat(), **changes})

    def holder(self, case_id: UUID) -> tuple[UUID | None, str | None, UUID | None]:
        """Organisation, role and person that hold the case."""
        with self.database.reading() as session:
            case = session.get_one(Case, case_id)
            return case.holder_organisation_id, case.holder_role, case.holder_person_id


def team_of(by: Actor, *, person: bool = True) -> tuple[UUID | None, str, UUID | None]:
    """As :meth:`World.holder` tells it."""
    return by.organisation_id, by.role, by.person_id if person else None


__all__ = ["ACCEPTED", "ASKED", "LANE_OF", "REFUSED", "REPLIED", "SENT", "World", "files", "offer", "team_of"]
