"""Families, their members and pregnancies. Does not know what they told anybody: that is in the dossier."""

from workflows.families.model import (
    Certainty,
    DueDate,
    Family,
    FamilyMember,
    LivingSituation,
    MemberKind,
    PartnerInvolved,
    Pregnancy,
    PregnancyEnd,
    SafeContact,
)

__all__ = [
    "Certainty",
    "DueDate",
    "Family",
    "FamilyMember",
    "LivingSituation",
    "MemberKind",
    "PartnerInvolved",
    "Pregnancy",
    "PregnancyEnd",
    "SafeContact",
]
