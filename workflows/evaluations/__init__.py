"""Evaluations: what a family and those around it decide when they look back together. Knows plans; safety is elsewhere."""

from workflows.evaluations.model import Decision, Evaluation, GoalRating, GoalStatus
from workflows.evaluations.rules import Window, evaluate_on
from workflows.evaluations.service import agreed_day, erase, next_evaluation, of_case, ratings, record, take_back

__all__ = [
    "Decision",
    "Evaluation",
    "GoalRating",
    "GoalStatus",
    "Window",
    "agreed_day",
    "erase",
    "evaluate_on",
    "next_evaluation",
    "of_case",
    "ratings",
    "record",
    "take_back",
]
