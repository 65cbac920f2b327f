"""Messages to a case from outside its tasks: which there are, what each asks, and saying one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import access
from workflows.actor import Actor
from workflows.errors import Invalid
from workflows.forms import Choices, Form
from workflows.method.events import report_loss
from workflows.method.facts import find_case, write_read
from workflows.method.family_events import FORMS, change_due_date, family_form, report_birth, report_move
from workflows.method.filling import loss_form
from workflows.method.handing_over import withdraw_handover
from workflows.method.reading import case_view
from workflows.method.support import request_evaluation
from workflows.method.views import CaseCard


@dataclass(frozen=True, slots=True)
class Message:
    """Something that can be said to a case.

    Args:
        action: what has to be allowed to say it.
        form_key: the form that it answers; None: it has no answers.
        verb: what it does; takes answers, and questions that were confirmed, when there is a form.
    """

    action: str
    form_key: str | None
    verb: Callable[..., Any]
    confirms: bool = True


#: What can be said, by the name that the drawings have for it where they await it.
MESSAGES: Final[Mapping[str, Message]] = {
    "birth": Message(FORMS["birth"], "birth", report_birth),
    "moved": Message(FORMS["move"], "move", report_move),
    "due_date_changed": Message(FORMS["due_date_change"], "due_date_change", change_due_date),
    "loss": Message("report_loss", "loss", report_loss, confirms=False),
    "evaluation_requested": Message("request_evaluation", None, request_evaluation),
    "handover_withdrawn": Message("withdraw_handover", None, withdraw_handover),
}


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message that the asker may say, as far as its role in the case goes; whether the case is there for it is heard on saying it."""

    name: str
    form_key: str | None


@dataclass(frozen=True, slots=True)
class MessageForm:
    """The questions of a message, in the version that the case runs on; None: it asks nothing."""

    name: str
    form: Form | None
    choices: Choices


def message_list(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[MessageView]:
    """What *by* may say to a case; none to one that is closed. The read is written down.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    write_read(session, "messages.viewed", "case", case.id, case=case, facts=facts, purpose="case", by=by, at=at)
    if case.is_closed:
        return []
    return [MessageView(name, one.form_key) for name, one in MESSAGES.items() if access.allows(by, one.action, facts)]


def message_form(session: Session, case_id: UUID, name: str, *, by: Actor, at: datetime) -> MessageForm:
    """The questions of a message to a case.

    Raises:
        NotFound, NotAllowed: as for saying it. Invalid: no such message.
    """
    message = _named(name)
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, message.action, facts, at=at)
    write_read(session, "messages.viewed", "case", case.id, case=case, facts=facts, purpose="case", by=by, at=at)
    if message.form_key is None:
        return MessageForm(name, None, {})
    if name == "loss":
        return MessageForm(name, loss_form(session, case_id, by=by, at=at), {})
    found = family_form(session, case_id, message.form_key, by=by, at=at)
    return MessageForm(name, found.form, found.choices)


def say(
    session: Session,
    case_id: UUID,
    name: str,
    *,
    answers: Mapping[str, Any] | None,
    confirmed: Collection[str] = (),
    by: Actor,
    at: datetime,
) -> CaseCard:
    """Say something to a case; how it stands then.

    Raises:
        NotFound, NotAllowed: not for *by*. Invalid: no such message, or the form. Doubtful: a question about the answers.
        WrongState: the case is closed, or nothing waits for it.
    """
    message = _named(name)
    if message.form_key is None:
        if answers:
            raise Invalid(f"message {name} has no form", errors={"answers": ["Bij dit bericht hoort geen formulier."]})
        message.verb(session, case_id, by=by, at=at)
    elif message.confirms:
        message.verb(session, case_id, answers=answers or {}, confirmed=frozenset(confirmed), by=by, at=at)
    else:
        message.verb(session, case_id, answers=answers or {}, by=by, at=at)
    return case_view(session, case_id, by=by, at=at).case


def _named(name: str) -> Message:
    if (found := MESSAGES.get(name)) is None:
        raise Invalid(f"message {name!r}", errors={"message": [f"Kies uit: {', '.join(MESSAGES)}."]})
    return found


__all__ = ["MESSAGES", "Message", "MessageForm", "MessageView", "message_form", "message_list", "say"]
