"""The machine: diagrams, decision tables, steps, routes, time. Does not know databases, people or families.

A ``Bundle`` is read from files and checked; a run of one of its processes takes plain data in and gives plain data out.
"""

from engine.bundle import Bundle, digest_of
from engine.decisions import Decision, DecisionResult
from engine.errors import (
    AssetMissing,
    BundleRefused,
    EngineError,
    ExpressionFailed,
    ExpressionTimeout,
    Finding,
    RouteUndecided,
    Scalar,
    StateUnreadable,
    StepNotWaiting,
    TimerInvalid,
    TooComplex,
    TooManySteps,
)
from engine.model import ProcessModel
from engine.process import Process, Step, Waiting

__all__ = [
    "AssetMissing",
    "Bundle",
    "BundleRefused",
    "Decision",
    "DecisionResult",
    "EngineError",
    "ExpressionFailed",
    "ExpressionTimeout",
    "Finding",
    "Process",
    "ProcessModel",
    "RouteUndecided",
    "Scalar",
    "StateUnreadable",
    "Step",
    "StepNotWaiting",
    "TimerInvalid",
    "TooComplex",
    "TooManySteps",
    "Waiting",
    "digest_of",
]
