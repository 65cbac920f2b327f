"""Published diagrams, decision tables and forms. Knows the engine's bundles; knows no case."""

from workflows.diagrams.check import SUFFIXES, as_data, check, demand
from workflows.diagrams.model import StoredBundle, StoredFile
from workflows.diagrams.service import NothingPublished, current, load, publish, published, require_publisher

__all__ = [
    "SUFFIXES",
    "NothingPublished",
    "StoredBundle",
    "StoredFile",
    "as_data",
    "check",
    "current",
    "demand",
    "load",
    "publish",
    "published",
    "require_publisher",
]
