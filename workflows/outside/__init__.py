"""Handing over to somebody who has no account: what goes along, frozen, behind a link and a code, or on paper, and the
receipt. Knows no family and decides nothing about consent: what may go along is cut before it gets here."""

from workflows.outside.model import OutsideEnd, OutsideHandover, OutsideKind, OutsideReceipt, OutsideStatus, OutsideWay
from workflows.outside.service import (
    Checked,
    Sent,
    by_token,
    check,
    content_about,
    content_of,
    end,
    find,
    of_case,
    open_package,
    package_hash,
    problems,
    receipt_hash,
    receive,
    running,
    send,
    wrong_code,
)

__all__ = [
    "Checked",
    "OutsideEnd",
    "OutsideHandover",
    "OutsideKind",
    "OutsideReceipt",
    "OutsideStatus",
    "OutsideWay",
    "Sent",
    "by_token",
    "check",
    "content_about",
    "content_of",
    "end",
    "find",
    "of_case",
    "open_package",
    "package_hash",
    "problems",
    "receipt_hash",
    "receive",
    "running",
    "send",
    "wrong_code",
]
