"""What can go wrong in the machine. Messages that people read are Dutch; ids, never names of people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Scalar = str | int | float | bool | None
"""All that may live in the state of a process: an id, an outcome, a number, an ISO date as text."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong in an uploaded file; *message* is Dutch and says what to do."""

    code: str
    message: str
    file: str
    line: int = 0
    element_id: str = ""
    label: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        place = f"{self.file} regel {self.line}" if self.line else self.file
        if self.label:
            place += f", ‘{self.label}’"
            if self.element_id:
                place += f" ({self.element_id})"
        elif self.element_id:
            place += f", {self.element_id}"
        return f"{place}: {self.message}"


class EngineError(Exception):
    """Any refusal of the machine."""


class BundleRefused(EngineError):
    """The files cannot be run as drawn. Carries every finding at once, in order of file and line."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings, key=lambda found: (found.file, found.line, found.code)))
        super().__init__("\n".join(str(found) for found in self.findings))


class TooComplex(EngineError):
    """Larger or deeper than what is read or explored."""


class StepNotWaiting(EngineError):
    """The step is not, or no longer, waiting: somebody was first, or it was withdrawn."""


class RouteUndecided(EngineError):
    """A condition gave neither true nor false, or no flow could be chosen. The process is half-way: throw it away."""


class TooManySteps(EngineError):
    """The process took more automatic steps in one go than is allowed. The process is half-way: throw it away."""


class StateUnreadable(EngineError):
    """The stored state is damaged, from an unknown version, or belongs to another bundle."""


class TimerInvalid(EngineError):
    """A timer is neither an ISO 8601 literal within bounds nor a known term."""


class ExpressionFailed(EngineError):
    """A FEEL expression could not be evaluated, or gave a warning. It has no value then, not even null."""


class ExpressionTimeout(ExpressionFailed):
    """A FEEL expression took too much time. Roll back; trying again may help, when the machine was busy."""


class AssetMissing(EngineError):
    """A built file is missing. The message names the command that makes it."""
