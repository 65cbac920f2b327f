"""Who may see and write which compartment, as data: rows are roles, columns C0 to C11, cells are grants.

Everything not granted here is refused. A cell says how far a grant reaches *when the role has a relation to the case*;
whether the family agreed, or another ground exists, is asked on top of it (``rules.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflows.access.grounds import BESIDE_CONSENT, Ground

COMPARTMENTS: Mapping[str, str] = {
    "C0": "identiteit en contact",
    "C1": "samenvatting van het signaal",
    "C2": "medisch en verloskundig",
    "C3": "psychisch en verslaving",
    "C4": "sociaal, geld, wonen en verblijf",
    "C5": "veiligheid en Meldcode, per organisatie",
    "C6": "plan en afspraken",
    "C7": "netwerk en derden",
    "C8": "gegevens van de partner",
    "C9": "overdrachten",
    "C10": "toestemmingen",
    "C11": "logboek",
}


def in_order(codes: Iterable[str]) -> list[str]:
    """Codes of compartments by their number: C2 before C10."""
    return sorted(codes, key=lambda code: (len(code), code))


#: Questions that tell where somebody is or how to get there, by the last part of their path; asked in whatever form.
ADDRESS = frozenset(
    {
        "postcode",
        "municipality_code",
        "living_situation",
        "safe_contact_detail",
        "new_postcode",
        "new_municipality",
        "new_region",
        "new_contact",
    }
)
#: What of a partner, or of a parent who lives apart, is theirs alone to open: as much as is asked of the first parent.
OF_PARTNER: Mapping[str, str] = dict.fromkeys(("C0", "C1", "C2", "C3", "C4", "C7"), "C8")


class Scope(StrEnum):
    """How far a grant reaches within a compartment."""

    ALL = "all"  #: whatever the case holds in it
    OWN = "own"  #: what the own organisation recorded
    AUTHOR = "author"  #: what this very person recorded
    SELF = "self"  #: what is about this very person
    STATUS = "status"  #: that something is there and how it stands, never what it says
    STATUS_AND_FEEDBACK = "status_and_feedback"
    MINIMAL = "minimal"  #: enough to know which case is meant
    FIRST_NAME = "first_name"  #: first name and a channel to reach somebody
    OWN_ACTION = "own_action"  #: the own support action, nothing else
    OWN_ACTION_AND_STATUS = "own_action_and_status"  #: the own support action, and how the others stand
    OWN_THEME = "own_theme"  #: what concerns the theme of the own support action
    SHARED_PART = "shared_part"  #: what both parents may see
    CASE_BOUND = "case_bound"  #: as far as the own organisation's safety file needs it
    CLIENT_LOG = "client_log"  #: who looked and why, in plain words


@dataclass(frozen=True, slots=True)
class Grant:
    """One cell. ``consent``: the family must have agreed before *read* counts. ``grounds``: which other grounds, each
    weighed and written down by a person for this very case, open the cell as well."""

    read: Scope | None = None
    write: Scope | None = None
    consent: bool = True
    grounds: frozenset[Ground] = frozenset()


_NONE = Grant()
_R = Grant(read=Scope.ALL, grounds=BESIDE_CONSENT)
_RW = Grant(read=Scope.ALL, write=Scope.ALL, grounds=BESIDE_CONSENT)
#: Only when the family agreed to this very kind of data; or a life depends on it.
_R_CONSENT = Grant(read=Scope.ALL, grounds=frozenset({Ground.VITAL_INTEREST}))
#: Another person decides about it, separately, and nothing stands in place of that.
_R_SEPARATE = Grant(read=Scope.ALL)
_RW_OWN = Grant(read=Scope.OWN, write=Scope.OWN, consent=False)
_R_OWN = Grant(read=Scope.OWN, consent=False)
_W_OWN = Grant(read=Scope.AUTHOR, write=Scope.OWN, consent=False)
_OWN_ORGANISATION = Grant(read=Scope.OWN, write=Scope.OWN, consent=False)
_STATUS = Grant(read=Scope.STATUS)
_SELF = Grant(read=Scope.SELF, consent=False)
_SELF_RW = Grant(read=Scope.SELF, write=Scope.SELF, consent=False)
_SUBJECT = Grant(read=Scope.ALL, consent=False)  # the data subject needs nobody's consent


def _row(*cells: Grant) -> Mapping[str, Grant]:
    return dict(zip(COMPARTMENTS, cells, strict=True))


_NOTHING = _row(*[_NONE] * 12)
_LOG_ONLY = {**_NOTHING, "C11": Grant(read=Scope.ALL, consent=False)}

#: Role → compartment → grant. Roles that see figures, diagrams or settings but never a case stand here with nothing.
MATRIX: Mapping[str, Mapping[str, Grant]] = {
    "signaller": _row(
        _RW_OWN,
        _RW_OWN,
        _W_OWN,
        _W_OWN,
        _W_OWN,
        _OWN_ORGANISATION,
        Grant(read=Scope.STATUS_AND_FEEDBACK),
        _NONE,
        Grant(read=Scope.AUTHOR, consent=False),  # more than the domain says: who wrote it down can see a mistake in it
        _R_OWN,
        _R_OWN,
        _NONE,
    ),
    "explorer": _row(_R, _R, _R_CONSENT, _RW, _RW, _OWN_ORGANISATION, _RW, _RW, _R_SEPARATE, _RW, _RW, _NONE),
    "case_director": _row(
        _R, _R, _R_CONSENT, _R_CONSENT, _R_CONSENT, _OWN_ORGANISATION, _RW, _RW, _R_SEPARATE, _RW, _RW, _NONE
    ),
    "process_director": _row(
        Grant(read=Scope.MINIMAL), _NONE, _NONE, _NONE, _NONE, _NONE, _STATUS, _NONE, _NONE, _STATUS, _STATUS, _NONE
    ),
    "supporter": _row(
        _R,
        _NONE,
        _NONE,
        Grant(read=Scope.OWN_THEME),  # "unless needed": what the own help is about, when the family agreed to that kind
        Grant(read=Scope.OWN_THEME),
        _OWN_ORGANISATION,
        Grant(read=Scope.OWN_ACTION_AND_STATUS, write=Scope.OWN_ACTION),
        _NONE,
        _NONE,
        _R_OWN,
        _R_OWN,
        _NONE,
    ),
    "informal_supporter": {
        **_NOTHING,
        "C0": Grant(read=Scope.FIRST_NAME),
        "C6": Grant(read=Scope.OWN_ACTION),
    },
    "parent": _row(
        _SUBJECT,
        _SUBJECT,
        _SUBJECT,
        _SUBJECT,
        _SUBJECT,
        _NONE,
        Grant(read=Scope.ALL, write=Scope.ALL, consent=False),
        _SELF,
        _NONE,
        _SUBJECT,
        _SELF_RW,
        Grant(read=Scope.CLIENT_LOG, consent=False),
    ),
    "other_parent": {
        **_NOTHING,
        "C0": _SELF,
        "C6": Grant(read=Scope.SHARED_PART, consent=False),
        "C8": _SELF,
        "C10": _SELF,
        "C11": Grant(read=Scope.CLIENT_LOG, consent=False),
    },
    "protection_officer": {
        **_NOTHING,
        "C0": Grant(read=Scope.CASE_BOUND, consent=False),
        "C5": _OWN_ORGANISATION,
    },
    "intake_desk": _NOTHING,
    "coordinator": _NOTHING,
    "directory_editor": _NOTHING,
    "steering_board": _NOTHING,
    "administrator": _NOTHING,
    "local_administrator": _NOTHING,
    "log_manager": _LOG_ONLY,
    "dpo": _LOG_ONLY,
}


def openable(role: str, ground: Ground | str) -> frozenset[str]:
    """Compartments that a ground beside consent can open to a role when somebody weighed it for a case; never safety, and
    not what is written down about handing over and about consent."""
    row = MATRIX.get(role, {})
    return frozenset(name for name, grant in row.items() if ground in grant.grounds and name not in ("C9", "C10"))


#: Roles to which such a ground can open anything.
OPENED = frozenset(role for role, row in MATRIX.items() if any(grant.grounds for grant in row.values()))
