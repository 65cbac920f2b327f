"""What an answer about safety means, and what to say to whoever gave it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.safety.model import SafetyLevel

#: The question that every form about a family asks. Its answer never decides a route.
FIELD = "safety_concern"


@dataclass(frozen=True, slots=True)
class Phone:
    """A number to call, for whom or what."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class SafetyNotice:
    """What a professional sees first after telling a concern: whom to call, then what happens next."""

    title: str
    phone_numbers: tuple[Phone, ...]
    text: str


def level_of(answers: Mapping[str, Any]) -> SafetyLevel | None:
    """The concern told in a form; None when there is none, or the form does not ask."""
    told = answers.get(FIELD)
    return SafetyLevel(told) if isinstance(told, str) and told in set(SafetyLevel) else None


def highest(one: str, other: str) -> SafetyLevel:
    """The more serious of two levels."""
    order = list(SafetyLevel)
    return max(SafetyLevel(one), SafetyLevel(other), key=order.index)


def words(level: SafetyLevel, *, emergency: str, safe_home: str) -> SafetyNotice:
    """The notice for a level, with these phone numbers."""
    help_line = Phone("Veilig Thuis, dag en nacht", safe_home)
    if level == SafetyLevel.ACUTE:
        return SafetyNotice(
            f"Direct gevaar? Bel nu {emergency}",
            (Phone("Direct gevaar", emergency), help_line),
            "Wacht niet op dit systeem: bel eerst. Uw aandachtsfunctionaris krijgt meteen een taak. "
            "Alleen uw eigen organisatie ziet dit.",
        )
    if level == SafetyLevel.YES:
        return SafetyNotice(
            f"Overleg vandaag: bel Veilig Thuis, {safe_home}",
            (help_line, Phone("Direct gevaar", emergency)),
            "Volg de Meldcode van uw organisatie. Uw aandachtsfunctionaris krijgt een taak. "
            "Alleen uw eigen organisatie ziet dit.",
        )
    return SafetyNotice(
        f"Twijfel? Overleg mag altijd, ook anoniem: {safe_home}",
        (help_line, Phone("Direct gevaar", emergency)),
        "Bespreek uw twijfel met een collega. Uw aandachtsfunctionaris krijgt een taak. "
        "Alleen uw eigen organisatie ziet dit.",
    )
