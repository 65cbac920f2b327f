"""Figures for the steering board that identify nobody: cut before they are kept, kept as they were told, never counted again.

Knows what counts, as plain rows that are handed in; no case, no family, and nothing that leads back to one.
"""

from workflows.figures.model import PublishedFigures, Topic
from workflows.figures.rules import Outcome, Passed, Told, first_of_quarter, next_quarter, tell
from workflows.figures.service import latest, publish, published

__all__ = [
    "Outcome",
    "Passed",
    "PublishedFigures",
    "Told",
    "Topic",
    "first_of_quarter",
    "latest",
    "next_quarter",
    "publish",
    "published",
    "tell",
]
