"""The method in Dutch: what families and professionals can count on. Each scenario is tagged with the id that it shows."""

from pathlib import Path

#: Where the feature files lie.
DIRECTORY = Path(__file__).resolve().parent

__all__ = ["DIRECTORY"]
