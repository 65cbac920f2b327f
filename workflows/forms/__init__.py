"""The forms of the method: what they ask, what an acceptable answer is, and where each answer lands.

Knows the engine's expressions (show and hide) and the JSON of a bundle. Knows no tables, cases or people.
"""

from workflows.forms.conditions import Comparison, Relation, asked_when
from workflows.forms.model import (
    COMPARTMENTS,
    SAFETY,
    Answers,
    Choices,
    Field,
    Form,
    Option,
    Rows,
    faults,
    label_of,
    read_form,
    rows_at_first,
)
from workflows.forms.rules import Changes, Left, Value, changed, join, outcomes, split
from workflows.forms.schema import day_of
from workflows.forms.service import carry, clean, definition, from_pairs, hidden, mended, problems

__all__ = [
    "COMPARTMENTS",
    "SAFETY",
    "Answers",
    "Changes",
    "Choices",
    "Comparison",
    "Field",
    "Form",
    "Left",
    "Option",
    "Relation",
    "Rows",
    "Value",
    "asked_when",
    "carry",
    "changed",
    "clean",
    "day_of",
    "definition",
    "faults",
    "from_pairs",
    "hidden",
    "join",
    "label_of",
    "mended",
    "outcomes",
    "problems",
    "read_form",
    "rows_at_first",
    "split",
]
