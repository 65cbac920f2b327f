"""The method as drawn and shipped: diagrams, decision tables and forms. Knows nothing; the engine reads the files."""

from pathlib import Path

#: Where the shipped bundle lies, for ``engine.Bundle.read_dir``.
DIRECTORY = Path(__file__).resolve().parent

__all__ = ["DIRECTORY"]
