"""Why something does not go, from what is kept of an error: its kind and the step. Pure; its text is kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Cause(StrEnum):
    """What is behind an error, as far as somebody can do something about it."""

    DRAWING = "drawing"  #: the drawing has no way on from here
    NO_WORKER = "no_worker"  #: nothing does this kind of work
    KEY = "key"  #: what is encrypted cannot be opened
    DATABASE = "database"
    DISK = "disk"  #: a file cannot be read or written
    AWAY = "away"  #: the other side does not answer
    REFUSED = "refused"  #: the other side answers, and does not take it
    LOGIN = "login"  #: the other side does not let us in
    CERTIFICATE = "certificate"  #: the other side cannot be trusted
    NO_SENDER = "no_sender"  #: this installation has no way to send it
    STATE = "state"  #: things are otherwise than this work expects
    NO_WORKER_RUNS = "no_worker_runs"  #: nobody does what is due
    NOTHING_WAITS = "nothing_waits"  #: there is nothing to wait for
    OTHER_PROGRAM = "other_program"  #: the program that does this step says that it cannot
    PROGRAM_TRIES = "program_tries"  #: the program could not do this step, and tries it again
    PROGRAM_SILENT = "program_silent"  #: the program that took this step lets its time go by
    PROGRAM_BUSY = "program_busy"  #: the program that has this step is not ready
    PROGRAM_AWAY = "program_away"  #: there is a program for this step, and it does not take it
    NO_PROGRAM = "no_program"  #: there is no program for this step
    SOFTWARE = "software"  #: a mistake of ours


#: Kind of error → what is behind it.
_CAUSES: Mapping[str, Cause] = {
    **dict.fromkeys(
        ("RouteUndecided", "TooManySteps", "NotRunnable", "DecisionFailed", "ExpressionFailed"), Cause.DRAWING
    ),
    **dict.fromkeys(("LookupError",), Cause.NO_WORKER),
    **dict.fromkeys(("Unreadable", "InvalidTag"), Cause.KEY),
    **dict.fromkeys(
        ("Unavailable", "OperationalError", "InterfaceError", "DatabaseError", "DBAPIError", "ProgrammingError"),
        Cause.DATABASE,
    ),
    **dict.fromkeys(
        (
            "OSError",
            "PermissionError",
            "FileNotFoundError",
            "IsADirectoryError",
            "NotADirectoryError",
            "FileExistsError",
        ),
        Cause.DISK,
    ),
    **dict.fromkeys(
        (
            "TimeoutError",
            "ConnectionError",
            "ConnectionRefusedError",
            "ConnectionResetError",
            "ConnectionAbortedError",
            "BrokenPipeError",
            "RemoteDisconnected",
            "IncompleteRead",
            "gaierror",
            "URLError",
            "SMTPConnectError",
            "SMTPServerDisconnected",
            "SMTPHeloError",
        ),
        Cause.AWAY,
    ),
    **dict.fromkeys(
        (
            "HTTPError",
            "SMTPRecipientsRefused",
            "SMTPSenderRefused",
            "SMTPDataError",
            "SMTPResponseException",
            "SMTPNotSupportedError",
        ),
        Cause.REFUSED,
    ),
    "SMTPAuthenticationError": Cause.LOGIN,
    **dict.fromkeys(("SSLError", "SSLCertVerificationError", "CertificateError"), Cause.CERTIFICATE),
    **dict.fromkeys(
        ("WrongState", "Invalid", "NotFound", "NotAllowed", "ConsentMissing", "GroundMissing", "StepNotWaiting"),
        Cause.STATE,
    ),
}


def cause_of(last_error: str | None) -> Cause:
    """What is behind an error, as it was kept: ``RouteUndecided at decide_route``."""
    return _CAUSES.get(parts_of(last_error)[0] or "", Cause.SOFTWARE)


def parts_of(last_error: str | None) -> tuple[str | None, str | None]:
    """The kind of error and the step it happened at."""
    if not last_error:
        return None, None
    kind, _, step = last_error.partition(" at ")
    return kind, step or None
