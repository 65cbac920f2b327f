"""Published diagrams, decision tables and forms. Knows the engine's bundles; knows no case."""

from workflows.diagrams.model import StoredBundle, StoredFile
from workflows.diagrams.service import NothingPublished, current, load, publish

__all__ = ["NothingPublished", "StoredBundle", "StoredFile", "current", "load", "publish"]
