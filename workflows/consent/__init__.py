"""What family members agreed to, and the guard that asks. Does not decide on other legal grounds."""

from workflows.consent.model import CATEGORIES, Consent, ConsentForm, GivenBy, Purpose

__all__ = ["CATEGORIES", "Consent", "ConsentForm", "GivenBy", "Purpose"]
