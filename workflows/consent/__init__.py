"""What family members agreed to, and the guard that asks. Does not decide on other legal grounds."""

from workflows.consent.model import CATEGORIES, Consent, ConsentForm, GivenBy, Purpose
from workflows.consent.service import EXPLAINED, end_with_case, erase, find, granted, of_case, record, require, withdraw

__all__ = [
    "CATEGORIES",
    "EXPLAINED",
    "Consent",
    "ConsentForm",
    "GivenBy",
    "Purpose",
    "end_with_case",
    "erase",
    "find",
    "granted",
    "of_case",
    "record",
    "require",
    "withdraw",
]
