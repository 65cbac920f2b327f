"""Safety concerns of one organisation. Nothing of it reaches a diagram of the case or another organisation."""

from workflows.safety.model import SafetyFile, SafetyLevel, SafetyNote, SafetyStatus

__all__ = ["SafetyFile", "SafetyLevel", "SafetyNote", "SafetyStatus"]
