"""May this actor do this, and what may it read? Pure rules on facts handed in; knows no room and no table."""

from workflows.access.emergency import EMERGENCY_COMPARTMENTS, EMERGENCY_GROUNDS, EMERGENCY_READS
from workflows.access.grounds import BASES, GROUNDS, Basis, Ground, LegalGround, ground_for, own_grounds
from workflows.access.matrix import ADDRESS, BESIDE_CONSENT, COMPARTMENTS, MATRIX, OF_PARTNER, Grant, Scope
from workflows.access.policy import POLICY
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
    require_second_factor,
    rule_of,
    visible,
)

__all__ = [
    "ACTIONS",
    "ADDRESS",
    "BASES",
    "BESIDE_CONSENT",
    "COMPARTMENTS",
    "EMERGENCY_COMPARTMENTS",
    "EMERGENCY_GROUNDS",
    "EMERGENCY_READS",
    "GROUNDS",
    "MATRIX",
    "OF_PARTNER",
    "OPENINGS",
    "POLICY",
    "Basis",
    "Facts",
    "Grant",
    "Ground",
    "LegalGround",
    "Readable",
    "Relation",
    "Rule",
    "Scope",
    "allows",
    "ground_for",
    "own_grounds",
    "relations",
    "require",
    "require_second_factor",
    "rule_of",
    "visible",
]
