"""What breaking the glass opens: less than it seems, and never everything. Pure; the matrix says for whom.

An emergency puts aside whose information it is and whether the family agreed, for compartments that the role works with
anyway. It puts aside nothing else: not what belongs to another person, not safety, and not what nobody reads in a hurry.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflows.access.grounds import Ground
from workflows.access.matrix import MATRIX, Scope

#: What can save somebody: who it is, what was told, health, mind, home and money, and what was agreed. Never safety (C5),
#: the partner's own (C8), people around the family (C7), handovers, consents and the log.
EMERGENCY_COMPARTMENTS = ("C0", "C1", "C2", "C3", "C4", "C6")
#: Grounds on which secrecy gives way to an emergency.
EMERGENCY_GROUNDS = (Ground.VITAL_INTEREST, Ground.CONFLICT_OF_DUTIES, Ground.RIGHT_TO_REPORT)
#: A role that reads this much of a compartment works with what is in it; a status, a first name or an own action is less.
_WORKS_WITH = frozenset({Scope.ALL, Scope.OWN, Scope.AUTHOR})
#: Who gives care to a family. Others read about themselves, about safety or about the log, or nothing.
_CARE = ("signaller", "explorer", "case_director", "supporter", "process_director")

#: Role → what an emergency lets it read; a role that is not here breaks no glass.
EMERGENCY_READS: Mapping[str, Mapping[str, Scope]] = {
    role: opened
    for role in _CARE
    if (
        opened := {
            compartment: Scope.ALL
            for compartment in EMERGENCY_COMPARTMENTS
            if MATRIX[role][compartment].read in _WORKS_WITH
        }
    )
}
