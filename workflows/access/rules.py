"""Decides on facts that a room found: may this actor do this, and what may it read. Pure; default deny."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from workflows.access.emergency import EMERGENCY_READS
from workflows.access.grounds import BESIDE_CONSENT, Ground
from workflows.access.matrix import MATRIX, Grant, Scope
from workflows.actor import Actor
from workflows.errors import Blocked, NotAllowed, NotFound


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true, at this moment, between one actor and one object. Left out means no."""

    own_organisation: bool = False
    """The object (a log, an account, a task) is the actor's own organisation's."""
    party_roles: frozenset[str] = field(default_factory=frozenset)
    """Roles in which the actor's organisation has a part in the case now."""
    holder: bool = False
    """The actor's organisation holds the case, in the actor's role."""
    claimed_by_me: bool = False
    """The actor claimed the task and the lease runs."""
    candidate: bool = False
    """The task is open to the actor's organisation, role and area, and nobody claimed it."""
    is_author: bool = False
    """The actor recorded the object, for the organisation it acts for now."""
    consent_categories: frozenset[str] = field(default_factory=frozenset)
    """Compartments that the family agreed to share with the actor's organisation, for what the actor does now."""
    safety_own_org: bool = False
    """The actor's own organisation has an open safety file on the case."""
    own_area: bool = False
    """The object is of a municipality that the actor's role is for."""
    directs: bool = False
    """The hub meeting is of a municipality whose process the actor directs."""
    side: bool = False
    """The actor's organisation handed the case over or got it, in the actor's role: one of both sides of what was sent."""
    invited: bool = False
    """The actor's organisation sits, in the actor's role, at the hub meeting's table for a family that agrees to it."""
    emergency: Ground | None = None
    """The ground on which the actor opened the case in an emergency, while its time runs. Told to no other rule."""
    purpose: str | None = None
    """What the actor does now, and so what the consent that counts was asked for."""
    agreed_by: Ground = Ground.CONSENT_OF_SUBJECT
    """Whose yes opens what the family agreed to: its own, or of who decides for one of them."""
    consents: frozenset[UUID] = field(default_factory=frozenset)
    """Which yeses these are; for the logbook."""
    grounds: Mapping[str, Ground] = field(default_factory=dict)
    """Compartment → another ground than consent, weighed for this case by a person, on which it is open now."""
    own_codes: frozenset[str] = field(default_factory=frozenset)
    """Answers by code that concern what the actor's organisation helps the family with."""
    may_use_bsn: bool = False
    """The actor's organisation has a ground in law to use the citizen service number."""
    subject: bool = False
    """The case is about the actor's own family: a parent who is logged in."""
    blocked: bool = False
    """The case is closed to this very person, who knows the family otherwise. Nothing else counts then."""


class Relation(StrEnum):
    """What connects an actor with an object."""

    PARTY = "party"
    HOLDER = "holder"
    CLAIMANT = "claimant"
    CANDIDATE = "candidate"
    AUTHOR = "author"
    SAFETY = "safety"  #: protection officer of an organisation that has a safety file
    DIRECTS = "directs"  #: directs the process in the municipality of a hub meeting
    INVITED = "invited"  #: sits at the table of a hub meeting
    SIDE = "side"  #: one of both sides of a handover, also when it has left the case
    EMERGENCY = "emergency"  #: broke the glass, and the time is not over
    SUBJECT = "subject"  #: a parent, and the case is of their own family
    LOG = "log"  #: looks after the logbook of the own organisation


#: Relations that may open the case itself; a candidate sees a card without anything that identifies the family.
_WITH_CASE = frozenset({Relation.PARTY, Relation.HOLDER, Relation.CLAIMANT})
#: Relations through which somebody knows that an object is there. Looking after a log is none of them; nor is looking after
#: safety: who does that knows the family from the own file, and nothing of the case.
_KNOWS = frozenset(Relation) - {Relation.LOG, Relation.SAFETY}
_CLAIMANT = frozenset({Relation.CLAIMANT})
_CARE_ROLES = frozenset({"signaller", "explorer", "case_director"})
#: A parent acts for nobody but themselves, and nothing that is done for an organisation is open to them.
_SUBJECT = frozenset({Relation.SUBJECT})
#: Roles of who looks at the page of their own family.
FAMILY = frozenset({"parent", "other_parent"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do something: one of these relations and, if given, one of these roles.

    ``bsn``: only for an organisation that may use the citizen service number.
    """

    relations: frozenset[Relation]
    roles: frozenset[str] | None = None
    bsn: bool = False


#: What can be done with a task or a case, and by whom.
ACTIONS: Mapping[str, Rule] = {
    "view_card": Rule(_WITH_CASE | {Relation.CANDIDATE}),
    "claim": Rule(frozenset({Relation.CANDIDATE})),
    "release": Rule(_CLAIMANT),
    "assign": Rule(_CLAIMANT),
    "view_task": Rule(_CLAIMANT),
    "save_draft": Rule(_CLAIMANT),
    "complete": Rule(_CLAIMANT),
    "undo": Rule(_CLAIMANT),
    "view_candidates": Rule(frozenset({Relation.CLAIMANT, Relation.CANDIDATE, Relation.HOLDER})),
    "view_case": Rule(_WITH_CASE),
    "report_loss": Rule(_WITH_CASE, _CARE_ROLES | {"process_director", "supporter"}),
    "report_birth": Rule(_WITH_CASE, _CARE_ROLES | {"process_director", "supporter"}),
    "report_move": Rule(_WITH_CASE, _CARE_ROLES | {"process_director", "supporter"}),
    "change_due_date": Rule(_WITH_CASE, _CARE_ROLES),
    "record_member": Rule(_WITH_CASE, _CARE_ROLES),
    "view_bsn": Rule(_WITH_CASE, _CARE_ROLES, bsn=True),
    "record_bsn": Rule(_WITH_CASE, _CARE_ROLES, bsn=True),
    "record_consent": Rule(_WITH_CASE, _CARE_ROLES),
    "withdraw_consent": Rule(_WITH_CASE, _CARE_ROLES),
    "invoke_ground": Rule(_WITH_CASE, _CARE_ROLES),
    "end_ground": Rule(_WITH_CASE, _CARE_ROLES),
    "move_holder": Rule(frozenset({Relation.HOLDER, Relation.CLAIMANT})),
    "request_evaluation": Rule(_WITH_CASE, _CARE_ROLES | {"process_director", "supporter"}),
    "hand_over_outside": Rule(frozenset({Relation.HOLDER}), _CARE_ROLES),
    "withdraw_handover": Rule(frozenset({Relation.HOLDER})),
    "keep_reference": Rule(_WITH_CASE, _CARE_ROLES | {"process_director", "supporter"}),
    "comment": Rule(_WITH_CASE, _CARE_ROLES | {"process_director", "supporter"}),
    "record_request": Rule(_WITH_CASE, _CARE_ROLES),
    "correct_entry": Rule(_WITH_CASE, _CARE_ROLES),
    "hold_case": Rule(_WITH_CASE, _CARE_ROLES),
    "discard_signal": Rule(_WITH_CASE, frozenset({"signaller"})),
    "block_person": Rule(frozenset({Relation.HOLDER})),
    "step_aside": Rule(_WITH_CASE),
    "close_case": Rule(frozenset({Relation.HOLDER, Relation.CLAIMANT})),
    "view_safety": Rule(frozenset({Relation.SAFETY, Relation.AUTHOR})),
    "view_hub_meeting": Rule(frozenset({Relation.DIRECTS, Relation.INVITED, Relation.HOLDER})),
    "change_hub_meeting": Rule(frozenset({Relation.DIRECTS})),
    "view_emergency": Rule(frozenset({Relation.EMERGENCY})),
    "view_emergencies": Rule(frozenset({Relation.HOLDER})),
    "invite_parent": Rule(frozenset({Relation.HOLDER}), _CARE_ROLES),
    "end_parent_login": Rule(frozenset({Relation.HOLDER}), _CARE_ROLES),
    # What somebody of the family does on the page of the family; about which data, their row of the matrix says.
    "view_own_story": Rule(_SUBJECT, FAMILY),
    "give_own_consent": Rule(_SUBJECT, FAMILY),
    "withdraw_own_consent": Rule(_SUBJECT, FAMILY),
    "add_own_words": Rule(_SUBJECT, frozenset({"parent"})),
    "object_to_person": Rule(_SUBJECT, FAMILY),
    "make_own_request": Rule(_SUBJECT, FAMILY),
    "view_log": Rule(frozenset({Relation.LOG})),
    "preview_package": Rule(frozenset({Relation.HOLDER}), _CARE_ROLES),
    "verify_package": Rule(frozenset({Relation.SIDE, Relation.LOG})),
    "look_back": Rule(_WITH_CASE, _CARE_ROLES | {"process_director"}),
    "look_back_log": Rule(frozenset({Relation.LOG})),
    "view_client_log": Rule(frozenset({Relation.HOLDER}), _CARE_ROLES),
}

#: What can be done without any object yet, and by which roles.
OPENINGS: Mapping[str, frozenset[str]] = {
    "start_signal": frozenset({"signaller"}),
    "view_floating": frozenset({"process_director"}),
    "change_settings": frozenset({"administrator", "coordinator"}),
    "view_terms_at_risk": frozenset({"process_director"}),
    "view_figures": frozenset({"steering_board"}),
    "publish_diagrams": frozenset({"coordinator"}),
    # Adding and stopping organisations, roles of the region, and what only the region may say of an organisation.
    "manage_organisations": frozenset({"administrator"}),
    # What does not go by itself any more, in all of the installation; of no family.
    "operate": frozenset({"administrator"}),
    "manage_webhooks": frozenset({"administrator", "local_administrator"}),
    "manage_topics": frozenset({"administrator", "local_administrator"}),
    # People, roles, certificates and the own data of one organisation.
    "manage_people": frozenset({"administrator", "local_administrator"}),
    "manage_accounts": frozenset({"administrator", "local_administrator"}),
    "edit_directory": frozenset({"directory_editor", "coordinator"}),
    "decide_destruction": frozenset({"administrator", "local_administrator", "dpo"}),
    "report_breach": frozenset({"dpo"}),
    "break_glass": frozenset(EMERGENCY_READS),
    # Who can take a case over.
    "ask_for_case": frozenset({"explorer", "case_director"}),
    # Who can have a part in a case; what is found is asked of each case.
    "search_cases": frozenset(
        {"signaller", "explorer", "case_director", "process_director", "supporter", "informal_supporter"}
    ),
}
#: Of these, what a role may do in its own municipalities only.
_IN_OWN_AREA: Mapping[str, frozenset[str]] = {"edit_directory": frozenset({"directory_editor"})}
#: Of these, what a role may do for its own organisation only.
_IN_OWN_ORGANISATION: Mapping[str, frozenset[str]] = dict.fromkeys(
    ("manage_people", "manage_accounts"), frozenset({"local_administrator"})
)
#: Of these, what the operator may do at the command line, e.g. to make the first account.
_OPERATOR = frozenset(OPENINGS) - {
    "start_signal",
    "view_floating",
    "view_terms_at_risk",
    "view_figures",
    "decide_destruction",
    "break_glass",
    "search_cases",
    "ask_for_case",
    "manage_webhooks",
    "manage_topics",
}

#: Compartments about which a family is asked one by one. What comes into being while helping (plan, handovers, the
#: consents themselves) needs an agreement with that organisation, whatever category it names.
_ASKED = frozenset({"C0", "C1", "C2", "C3", "C4", "C7", "C8"})


@dataclass(frozen=True, slots=True)
class Readable:
    """Which compartments an actor may read and write, how far, and why.

    ``rule``: the relations that allowed it, joined by ``+``. ``grounds``: compartment → ground on which what others
    recorded is open; what somebody may read of their own or about themselves needs none and stands not in it.
    """

    read: Mapping[str, Scope] = field(default_factory=dict)
    write: Mapping[str, Scope] = field(default_factory=dict)
    rule: str = "none"
    grounds: Mapping[str, Ground] = field(default_factory=dict)
    own_codes: frozenset[str] = field(default_factory=frozenset)
    address: bool = False
    """Also where somebody is whose address is shielded: for who holds the case, and where the family told it first."""

    @property
    def compartments(self) -> frozenset[str]:
        """Readable in full, whoever in the case recorded it."""
        return frozenset(name for name, scope in self.read.items() if scope == Scope.ALL)

    @property
    def own_compartments(self) -> frozenset[str]:
        """Readable as far as the own organisation recorded it; includes :attr:`compartments`."""
        return frozenset(name for name, scope in self.read.items() if scope in (Scope.ALL, Scope.OWN))

    @property
    def author_compartments(self) -> frozenset[str]:
        """Readable as far as the actor recorded it in person; includes :attr:`own_compartments`."""
        return self.own_compartments | {name for name, scope in self.read.items() if scope == Scope.AUTHOR}

    @property
    def follows(self) -> bool:
        """Whether somebody may follow how a case goes on: the tasks, steps and days of others, whatever these are about."""
        return self.read.get("C6") in (
            Scope.ALL,
            Scope.STATUS,
            Scope.STATUS_AND_FEEDBACK,
            Scope.OWN_ACTION_AND_STATUS,
        )

    @property
    def ground(self) -> Ground | None:
        """The ground that the logbook names: one beside consent goes first; None: nothing of others is open."""
        found = sorted(set(self.grounds.values()), key=lambda ground: (ground not in BESIDE_CONSENT, ground))
        return found[0] if found else None

    def reads(
        self,
        compartment: str,
        *,
        own_organisation: bool,
        author: bool = False,
        own_role: bool = False,
        feedback: bool = False,
        value: object = None,
    ) -> bool:
        """Whether one recorded value may be read, given who recorded it.

        Who recorded something for one organisation and now acts for another is no author here.

        Args:
            own_role: recorded in the role in which the actor acts now.
            feedback: told to the signaller, in answer to the signal.
            value: the answer itself, when it is a code.
        """
        scope = self.read.get(compartment)
        if scope in (Scope.OWN_ACTION, Scope.OWN_ACTION_AND_STATUS, Scope.OWN_THEME):
            own = own_organisation and own_role
            return own or (scope == Scope.OWN_THEME and isinstance(value, str) and value in self.own_codes)
        if scope == Scope.STATUS_AND_FEEDBACK:
            return feedback or (own_organisation and author)
        if not own_organisation:
            return compartment in self.compartments
        return compartment in (self.author_compartments if author else self.own_compartments)


def relations(by: Actor, facts: Facts) -> frozenset[Relation]:
    """What connects *by* with the object; empty for everybody else, and always for the worker and the command line."""
    if by.is_system or facts.blocked:
        return frozenset()
    found = {
        Relation.PARTY: by.role in facts.party_roles,
        Relation.HOLDER: facts.holder,
        Relation.CLAIMANT: facts.claimed_by_me,
        Relation.CANDIDATE: facts.candidate,
        Relation.AUTHOR: facts.is_author,
        Relation.SAFETY: facts.safety_own_org and by.role == "protection_officer",
        Relation.DIRECTS: facts.directs and by.role == "process_director",
        Relation.SIDE: facts.side,
        Relation.INVITED: facts.invited,
        Relation.EMERGENCY: facts.emergency is not None and by.role in EMERGENCY_READS,
        Relation.SUBJECT: facts.subject and by.role in FAMILY and by.organisation_id is None,
        Relation.LOG: facts.own_organisation and by.role in ("log_manager", "dpo"),
    }
    return frozenset(relation for relation, holds in found.items() if holds)


def allows(by: Actor, action: str, facts: Facts) -> bool:
    """Whether *by* may do *action*; for showing or hiding a button, never instead of :func:`require`."""
    if action in OPENINGS:
        if by.is_system:
            return by.origin == "cli" and action in _OPERATOR
        return (
            by.role in OPENINGS[action]
            and (facts.own_area or by.role not in _IN_OWN_AREA.get(action, ()))
            and (facts.own_organisation or by.role not in _IN_OWN_ORGANISATION.get(action, ()))
        )
    rule = ACTIONS[action]
    if rule.roles is not None and by.role not in rule.roles:
        return False
    if rule.bsn and not facts.may_use_bsn:
        return False
    return bool(relations(by, facts) & rule.relations)


def require(by: Actor, action: str, facts: Facts, *, at: datetime) -> None:
    """Pass, or refuse.

    Raises:
        NotFound: the actor may not know that the object exists.
        NotAllowed: the object is visible to the actor, this action is not for it.
        KeyError: no such action; a mistake of ours.
    """
    if allows(by, action, facts):
        return
    reason = f"{action} refused for role {by.role} of organisation {by.organisation_id} at {at.isoformat()}"
    if action in OPENINGS or relations(by, facts) & _KNOWS:
        raise NotAllowed(reason)
    if facts.blocked:
        raise Blocked(f"{reason}, to whom the case is closed")
    raise NotFound(reason)


def require_second_factor(by: Actor) -> None:
    """Pass who came in with something they have, besides what they know. Ask it after :func:`require`.

    Raises:
        NotAllowed: says how to get there.
    """
    if not by.second_factor:
        raise NotAllowed(
            f"assignment {by.assignment_id} came in without a second factor",
            detail="Hiervoor is een tweede stap bij het inloggen nodig: een code uit de app op uw telefoon. "
            "Log uit en opnieuw in en vul dan ook de code in. Heeft u die app nog niet? Stel de app dan eerst in bij "
            "‘Mijn account’.",
        )


def visible(by: Actor, facts: Facts) -> Readable:
    """What *by* may read and write of a case: role ∧ relation ∧ (consent or another ground) ∧ compartment."""
    related = relations(by, facts)
    if Relation.EMERGENCY in related:
        opened = EMERGENCY_READS[by.role]
        assert facts.emergency is not None, "what the relation is"
        return Readable(opened, rule=_joined(related), grounds=dict.fromkeys(opened, facts.emergency))
    if not related & (_WITH_CASE | {Relation.SAFETY, Relation.SUBJECT, Relation.LOG}):
        return Readable()
    read: dict[str, Scope] = {}
    write: dict[str, Scope] = {}
    grounds: dict[str, Ground] = {}
    for compartment, grant in MATRIX.get(by.role, {}).items():
        ground = _ground(compartment, grant, facts) if grant.consent else None
        if ground is not None and grant.read is not None:
            grounds[compartment] = ground
        scope = _read_scope(grant, ground)
        if scope is not None:
            read[compartment] = scope
        # Another ground than consent opens what there is to read; it gives nobody a say in what is agreed.
        if grant.write is not None and (not grant.consent or _agreed(compartment, facts)):
            write[compartment] = grant.write
    return Readable(
        read,
        write,
        rule=_joined(related),
        grounds=grounds,
        own_codes=facts.own_codes,
        address=bool(related & _WITH_CASE) and (Relation.HOLDER in related or facts.own_organisation),
    )


def _read_scope(grant: Grant, ground: Ground | None) -> Scope | None:
    if grant.read is None or not grant.consent or ground is not None:
        return grant.read
    # Without the family's agreement an organisation still reads what it recorded itself, and nothing of others.
    return Scope.OWN if grant.read == Scope.ALL else None


def _ground(compartment: str, grant: Grant, facts: Facts) -> Ground | None:
    """Why what others recorded is open: the family agreed to it for what the actor does now, or a ground that the cell
    allows besides. Weighed here, and nowhere else."""
    if _agreed(compartment, facts):
        return facts.agreed_by
    ground = facts.grounds.get(compartment)
    return ground if ground in grant.grounds else None


def _agreed(compartment: str, facts: Facts) -> bool:
    if compartment in _ASKED:
        return compartment in facts.consent_categories
    return bool(facts.consent_categories)


def rule_of(by: Actor, facts: Facts) -> str:
    """The relations that hold, as the logbook writes down which rule allowed something."""
    return _joined(relations(by, facts))


def _joined(related: frozenset[Relation]) -> str:
    return "+".join(sorted(related)) or "none"
