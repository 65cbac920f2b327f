"""Signals: what they change for the family and the case, and what routing may know of them."""

from workflows.signals.matching import OpenCase, alike, open_cases, questions
from workflows.signals.model import MatchQuestion, Signal, VulnerabilityLevel
from workflows.signals.rules import SAFETY_CATEGORIES, THEMES, doubts, theme_count, themes_of
from workflows.signals.service import erase, give_feedback, of_case, record, take_over

__all__ = [
    "SAFETY_CATEGORIES",
    "THEMES",
    "MatchQuestion",
    "OpenCase",
    "Signal",
    "VulnerabilityLevel",
    "alike",
    "doubts",
    "erase",
    "give_feedback",
    "of_case",
    "open_cases",
    "questions",
    "record",
    "take_over",
    "theme_count",
    "themes_of",
]
