"""Explorations: their conclusion. Does not know the talk itself."""

from workflows.explorations.model import Conclusion, Exploration
from workflows.explorations.service import erase, of_case, record, take_back

__all__ = ["Conclusion", "Exploration", "erase", "of_case", "record", "take_back"]
