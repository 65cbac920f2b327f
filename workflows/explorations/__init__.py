"""Explorations: their conclusion. Does not know the talk itself."""

from workflows.explorations.model import Conclusion, Exploration

__all__ = ["Conclusion", "Exploration"]
