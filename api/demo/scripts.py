"""How a family comes to where it is: steps with how many days ago they were taken. Each is a form that somebody fills in, or
something that is told about the family. Nothing is done here; see ``player``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: Steps that are not a form.
SIGNAL, TAKE_OVER, DRAFT, CLAIM = "start", "take over", "draft", "claim"
LOSS, BIRTH, MOVE, WITHDRAW, COMMENT = "loss", "birth", "move", "withdraw", "comment"
ATTACH = "attach"
REQUEST, CORRECT, HOLD, CONFIRM, EMERGENCY, BSN = "request", "correct", "hold", "confirm", "emergency", "bsn"
#: Whoever watches the process talks about every term of the family that passed; nothing if none did.
DELAY = "delay"
SOON: Final = "the meeting that is planned"
NEW: Final = "new"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to one family.

    ``does`` is the key of a form whose task waits, or one of the words above; ``of`` the form that a draft or claim is of,
    the purpose of the consent that is withdrawn, what a colleague says to others in the case, or the login of who sets a hold,
    confirms a destruction, records the parent's BSN or opens the case in an emergency.
    ``answers`` say what differs from the usual; None leaves an answer out.
    """

    days_ago: int
    does: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    of: str | None = None


Script = tuple[Step, ...]


def _(days_ago: int, does: str, **answers: Any) -> Step:
    return Step(days_ago, does, answers)


def draft(ago: int) -> Script:
    """Somebody began to write and did not finish."""
    return (Step(ago, DRAFT, of="signal"),)


def signalled(ago: int, **signal: Any) -> Script:
    """There is a signal; consent has to be asked."""
    return (_(ago, SIGNAL, **signal),)


def not_needed(ago: int) -> Script:
    """The talk itself was enough."""
    return signalled(ago, vulnerability_level="none", risk_categories=["none"])


def think_again(ago: int) -> Script:
    """The parent wants to think about it."""
    return (*signalled(ago), _(ago - 1, "consent", consent_result="later"))


def refused(ago: int) -> Script:
    """The parent wants nothing to be shared, and that is fine."""
    return (*signalled(ago), _(ago - 1, "consent", consent_result="refused"))


def agreed(ago: int, **signal: Any) -> Script:
    """The parent agrees; a route has to be chosen."""
    return (*signalled(ago, **signal), _(ago - 1, "consent"))


def routed(ago: int, route: str = "exploration", **signal: Any) -> Script:
    """A route is chosen."""
    return (*agreed(ago, **signal), _(ago - 2, "routing", route=route))


def explored(ago: int, conclusion: str = "intervention", **changes: Any) -> Script:
    """Youth health talked with the family and told the signaller so."""
    return (
        *routed(ago),
        _(ago - 9, "exploration", conclusion=conclusion, **changes),
        _(ago - 10, "feedback"),
    )


def shared(ago: int, conclusion: str = "intervention") -> Script:
    """The family said with whom to consult and who may help."""
    return (*explored(ago, conclusion), _(ago - 13, "support_consent"))


def to_hub(ago: int, meeting: str = NEW, **changes: Any) -> Script:
    """A hub meeting is planned."""
    return (*shared(ago, "hub_meeting"), _(ago - 17, "hub_planning", meeting=meeting, **changes))


def met(ago: int) -> Script:
    """The hub met; a case director makes the plan."""
    return (*to_hub(ago, meeting_in=7), _(ago - 24, "hub_minutes"))


def planned(ago: int, **changes: Any) -> Script:
    """The plan is agreed after an exploration."""
    return (*shared(ago), _(ago - 20, "support_plan", **changes))


def supported(ago: int) -> Script:
    """Support runs: who was asked to help said yes."""
    return (*planned(ago), _(ago - 23, "action_acceptance"))


def met_and_supported(ago: int) -> Script:
    """Support runs after a hub meeting."""
    return (*met(ago), _(ago - 30, "support_plan"), _(ago - 33, "action_acceptance"))


def looked_back(ago: int, decision: str = "continue", **changes: Any) -> Script:
    """After six weeks the family and its helpers looked back."""
    return (*supported(ago), _(ago - 65, "evaluation", evaluation_decision=decision, **changes))


def closed(ago: int, result: str) -> Script:
    """The case was closed with the parent."""
    return (*looked_back(ago, "close"), _(ago - 68, "closure", result=result))
