"""A member of a family as somebody who reads: which row of the matrix holds for a copy of what is kept about them."""

from __future__ import annotations

from workflows import access
from workflows.access import Facts, Readable
from workflows.actor import Actor
from workflows.families import FamilyMember


def as_subject(member: FamilyMember) -> Actor:
    """The member, reading about themselves.

    The case speaks with one parent, who reads all that is theirs. Everybody else reads what is about themselves and what
    both parents share. A child counts as everybody else: its file is asked by parents, and one parent may not read there
    what the other one told.
    """
    return Actor(member.id, None, None, "parent" if member.is_parent else "other_parent")


def readable_by_subject(member: FamilyMember) -> Readable:
    """Which compartments a member may read of a case about the family, and how far."""
    actor = as_subject(member)
    return access.visible(actor, Facts(party_roles=frozenset({actor.role})))
