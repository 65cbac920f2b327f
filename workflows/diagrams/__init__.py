"""Published diagrams, decision tables and forms. Knows the engine's bundles; knows no case."""

from workflows.diagrams.check import SUFFIXES, as_data, check, demand
from workflows.diagrams.model import StoredBundle, StoredFile
from workflows.diagrams.service import (
    Drawing,
    InForceAlready,
    NothingPublished,
    Passed,
    current,
    drawing,
    examine,
    load,
    publish,
    published,
    put_in_force,
    require_publisher,
    stored_bundle,
)

__all__ = [
    "SUFFIXES",
    "Drawing",
    "InForceAlready",
    "NothingPublished",
    "Passed",
    "StoredBundle",
    "StoredFile",
    "as_data",
    "check",
    "current",
    "demand",
    "drawing",
    "examine",
    "load",
    "publish",
    "published",
    "put_in_force",
    "require_publisher",
    "stored_bundle",
]
