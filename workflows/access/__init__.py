"""May this actor do this, and what may it read? Pure rules on facts handed in; knows no room and no table."""

from workflows.access.matrix import COMPARTMENTS, MATRIX, Grant, Scope
from workflows.access.rules import (
    ACTIONS,
    OPENINGS,
    Facts,
    Readable,
    Relation,
    Rule,
    allows,
    relations,
    require,
    visible,
)

__all__ = [
    "ACTIONS",
    "COMPARTMENTS",
    "MATRIX",
    "OPENINGS",
    "Facts",
    "Grant",
    "Readable",
    "Relation",
    "Rule",
    "Scope",
    "allows",
    "relations",
    "require",
    "visible",
]
