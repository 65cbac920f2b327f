"""Signals: what they change for the family and the case, and what routing may know of them."""

from workflows.signals.model import Signal, VulnerabilityLevel

__all__ = ["Signal", "VulnerabilityLevel"]
