"""Parents who log in: the link between a login and somebody of a family, invited on paper, found anew at every request.

Accounts, passwords, second factors and sessions are those of ``accounts``; which family it is and whether that is so still
is known here. Does not know cases: whoever calls a verb that changes something asked ``access`` about the case.
"""

from workflows.parents.model import Delivery, IdentityCheck, LinkEnd, ParentLink
from workflows.parents.rules import FAMILY_ROLES, may_log_in, normal_login
from workflows.parents.service import (
    Invitation,
    actor_of_account,
    actor_of_sign_in,
    end_link,
    erase,
    invite,
    link_of,
    live_links,
    logins_of,
    loosen,
    member_of,
    note_first_use,
    own_link,
    renew,
    standing,
    who_may_be_invited,
)

__all__ = [
    "FAMILY_ROLES",
    "Delivery",
    "IdentityCheck",
    "Invitation",
    "LinkEnd",
    "ParentLink",
    "actor_of_account",
    "actor_of_sign_in",
    "end_link",
    "erase",
    "invite",
    "link_of",
    "live_links",
    "logins_of",
    "loosen",
    "may_log_in",
    "member_of",
    "normal_login",
    "note_first_use",
    "own_link",
    "renew",
    "standing",
    "who_may_be_invited",
]
