"""Signals: what they change for the family and the case, and what routing may know of them."""

from workflows.signals.model import Signal, VulnerabilityLevel
from workflows.signals.rules import SAFETY_CATEGORIES, THEMES, theme_count, themes_of
from workflows.signals.service import erase, give_feedback, of_case, record, take_over

__all__ = [
    "SAFETY_CATEGORIES",
    "THEMES",
    "Signal",
    "VulnerabilityLevel",
    "erase",
    "give_feedback",
    "of_case",
    "record",
    "take_over",
    "theme_count",
    "themes_of",
]
