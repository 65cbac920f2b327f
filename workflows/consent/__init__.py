"""What family members agreed to, the guard that asks, and every act of sharing. Which grounds there are is ``access``'s."""

from workflows.consent.disclosures import DATA_SUBJECT, Because, disclosures, hand_out, share, stop
from workflows.consent.model import (
    CATEGORIES,
    Consent,
    ConsentForm,
    Disclosure,
    DisclosureCause,
    GivenBy,
    Purpose,
)
from workflows.consent.rules import PURPOSES, WITHOUT_DATA
from workflows.consent.service import (
    EXPLAINED,
    Allowed,
    Answered,
    allowing,
    end_with_case,
    erase,
    find,
    granted,
    of_case,
    record,
    record_all,
    require,
    withdraw,
)

__all__ = [
    "CATEGORIES",
    "DATA_SUBJECT",
    "EXPLAINED",
    "PURPOSES",
    "WITHOUT_DATA",
    "Allowed",
    "Answered",
    "Because",
    "Consent",
    "ConsentForm",
    "Disclosure",
    "DisclosureCause",
    "GivenBy",
    "Purpose",
    "allowing",
    "disclosures",
    "end_with_case",
    "erase",
    "find",
    "granted",
    "hand_out",
    "of_case",
    "record",
    "record_all",
    "require",
    "share",
    "stop",
    "withdraw",
]
