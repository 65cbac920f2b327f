"""Who of a family may have a login, by kind, age, authority and whether they may know. Pure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import date

from workflows.families import Authority, FamilyMember, MemberKind, PartnerInvolved, age_in_years

#: As whom somebody of a family acts: the one the case speaks with, or another.
FAMILY_ROLES = frozenset({"parent", "other_parent"})
#: Below this nobody logs in; from here on somebody has a say about their own file (WGBO, BW 7:447), as the table
#: ``toestemming_gever`` says too. A pregnant girl of fifteen reads her own story; what she agrees to, her parents do with her,
#: and that is refused when a consent is recorded.
YOUNGEST = 12
_DIGITS = re.compile(r"\D+")


def may_log_in(
    member: FamilyMember,
    *,
    first: bool,
    partner: PartnerInvolved | str,
    authorities: Iterable[Authority],
    children: frozenset[object],
    on: date,
) -> bool:
    """Whether a member may have a login on a local day.

    Parents only: a child's own file is asked by or with who decides for it, and from sixteen by the young person with who
    works on the case, because the matrix of access has no row for a child that would hide what is the parents'.

    Args:
        first: the one the case speaks with. That is their own story, whoever decides for the child; unless authority that
            they had has ended. Anybody else is invited only when the family says that they take part, and when children were
            born only with authority over one of them.
        partner: whether the partner takes part, or must not be told.
        authorities: all that were ever recorded in the family.
        children: ids of the children that were born.
    """
    if member.kind not in (MemberKind.PREGNANT_PERSON, MemberKind.PARENT, MemberKind.PARTNER):
        return False
    if member.birth_date is not None and age_in_years(member.birth_date, on) < YOUNGEST:
        return False
    own = [one for one in authorities if one.member_id == member.id and one.child_id in children]
    holds = any(one.holds(on) for one in own)
    if first:
        return holds or not any(one.until_on is not None and one.until_on < on for one in own)
    if partner == PartnerInvolved.DO_NOT_INFORM:
        return False
    if member.kind == MemberKind.PARTNER and partner != PartnerInvolved.YES:
        return False
    return holds or not children


def new_login() -> str:
    """Eight digits, said in two groups; they say nothing of anybody."""
    digits = "".join(secrets.choice("0123456789") for _ in range(8))
    return f"ouder-{digits[:4]}-{digits[4:]}"


def normal_login(text: str) -> str:
    """A parent's login as it is kept, however it was typed from the paper."""
    digits = _DIGITS.sub("", text[:120])
    return f"ouder-{digits[:4]}-{digits[4:]}" if len(digits) == 8 else text
