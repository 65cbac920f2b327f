"""Every step of the features, as plain functions in one registry. Imports no pytest: whoever runs scenarios takes STEPS.

One module per room. A step is one call to the public verb that a page calls: no rules, no queries, no pages.
"""

from features.steps import (
    blocks,
    bsn,
    consent,
    diagrams,
    directory,
    emergencies,
    explorations,
    handovers,
    hubs,
    leaving,
    logbook,
    loss,
    parents,
    region,
    rights,
    safety,
    searching,
    signals,
    support,
    terms,
    undoing,
    worklists,
)
from features.steps.registry import STEPS, Step, faults
from features.steps.world import World

__all__ = [
    "STEPS",
    "Step",
    "World",
    "blocks",
    "bsn",
    "consent",
    "diagrams",
    "directory",
    "emergencies",
    "explorations",
    "faults",
    "handovers",
    "hubs",
    "leaving",
    "logbook",
    "loss",
    "parents",
    "region",
    "rights",
    "safety",
    "searching",
    "signals",
    "support",
    "terms",
    "undoing",
    "worklists",
]
