"""What the machine refuses and why; messages are Dutch because people who draw read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong in a file; *message* says in Dutch what to do about it."""

    code: str
    message: str
    file: str
    line: int
    element_id: str
    label: str
    severity: str = "error"

    def __str__(self) -> str:
        place = f"{self.file} regel {self.line}" if self.line else self.file
        label = f"‘{self.label}’" if self.label else ""
        element = (f"({self.element_id})" if label else self.element_id) if self.element_id else ""
        what = " ".join(part for part in (label, element) if part)
        return f"{place}, {what}: {self.message}" if what else f"{place}: {self.message}"


class EngineError(Exception):
    """The machine cannot do what was asked."""


class BundleRefused(EngineError):
    """These files cannot be run; *findings* says everything that is wrong with them."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class StepNotWaiting(EngineError):
    """Somebody was first, or the step was withdrawn."""


class RouteUndecided(EngineError):
    """A condition gave something else than true or false: no route is picked."""


class TooManySteps(EngineError):
    """The process ran on without ever waiting for somebody."""


class StateUnreadable(EngineError):
    """Stored state that this release did not write or cannot read."""


class TimerInvalid(EngineError):
    """A timer text or a term that gives no moment."""


class ExpressionFailed(EngineError):
    """A FEEL expression could not be evaluated."""


class ExpressionTimeout(ExpressionFailed):
    """A FEEL expression took too long; try again, never route on it."""


class AssetMissing(EngineError):
    """A built file is not there; the message names the command that makes it."""


class TooComplex(EngineError):
    """Larger or deeper than what is read or explored."""
