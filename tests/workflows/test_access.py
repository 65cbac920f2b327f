"""Every cell of the matrix and every row of the actions, and that nothing is readable without a relation."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows import access
from workflows.access import ACTIONS, COMPARTMENTS, MATRIX, OPENINGS, Facts, Scope
from workflows.access.policy import digest
from workflows.actor import OPERATOR, WORKER, Actor
from workflows.errors import Blocked, NotAllowed, NotFound
from workflows.organisations import Role

AT = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)
ALL = frozenset(COMPARTMENTS)
NAMES = tuple(COMPARTMENTS)

#: Read with a relation and every consent, C0 to C11; "-" is nothing. Written out by hand, so that a changed cell is seen.
READS = {
    "signaller": "own own author author author own status_and_feedback - author own own -",
    "explorer": "all all all all all own all all all all all -",
    "case_director": "all all all all all own all all all all all -",
    "process_director": "minimal - - - - - status - - status status -",
    "supporter": "all - - own_theme own_theme own own_action_and_status - - own own -",
    "informal_supporter": "first_name - - - - - own_action - - - - -",
    "parent": "all all all all all - all self - all self client_log",
    "other_parent": "self - - - - - shared_part - self - self client_log",
    "protection_officer": "case_bound - - - - own - - - - - -",
    "coordinator": "- - - - - - - - - - - -",
    "directory_editor": "- - - - - - - - - - - -",
    "steering_board": "- - - - - - - - - - - -",
    "intake_desk": "- - - - - - - - - - - -",
    "administrator": "- - - - - - - - - - - -",
    "local_administrator": "- - - - - - - - - - - -",
    "log_manager": "- - - - - - - - - - - all",
    "dpo": "- - - - - - - - - - - all",
}
#: The same without any consent: what the own organisation recorded, and what needs nobody's consent.
READS_WITHOUT_CONSENT = {
    **READS,
    "signaller": "own own author author author own - - author own own -",
    "explorer": "own own own own own own own own own own own -",
    "case_director": "own own own own own own own own own own own -",
    "process_director": "- - - - - - - - - - - -",
    "supporter": "own - - - - own - - - own own -",
    "informal_supporter": "- - - - - - - - - - - -",
}
WRITES = {
    "signaller": "own own own own own own - - - - - -",
    "explorer": "- - - all all own all all - all all -",
    "case_director": "- - - - - own all all - all all -",
    "process_director": "- - - - - - - - - - - -",
    "supporter": "- - - - - own own_action - - - - -",
    "informal_supporter": "- - - - - - - - - - - -",
    "parent": "- - - - - - all - - - self -",
    "other_parent": "- - - - - - - - - - - -",
    "protection_officer": "- - - - - own - - - - - -",
}


def somebody(role: str) -> Actor:
    return Actor(UUID(int=1), UUID(int=2), UUID(int=3), role)


def related(role: str, consent: frozenset[str]) -> Facts:
    """The weakest facts that relate this role to a case."""
    if role == "protection_officer":
        return Facts(safety_own_org=True, consent_categories=consent)
    if role in ("log_manager", "dpo"):
        return Facts(own_organisation=True, consent_categories=consent)
    return Facts(party_roles=frozenset({role}), consent_categories=consent)


def cells(rows: dict[str, str]) -> list[tuple[str, str, Scope | None]]:
    return [
        (role, compartment, None if cell == "-" else Scope(cell))
        for role in MATRIX
        for compartment, cell in zip(NAMES, rows.get(role, "- " * 12).split(), strict=True)
    ]


def test_every_role_has_a_row_and_every_row_twelve_cells():
    assert set(MATRIX) == set(Role) | {"other_parent"}
    assert all(tuple(row) == NAMES for row in MATRIX.values())
    assert set(READS) == set(MATRIX)


@pytest.mark.parametrize(("role", "compartment", "scope"), cells(READS))
def test_a_cell_with_consent(role, compartment, scope):
    assert access.visible(somebody(role), related(role, ALL)).read.get(compartment) == scope


@pytest.mark.parametrize(("role", "compartment", "scope"), cells(READS_WITHOUT_CONSENT))
def test_a_cell_without_consent(role, compartment, scope):
    assert access.visible(somebody(role), related(role, frozenset())).read.get(compartment) == scope


@pytest.mark.parametrize(("role", "compartment", "scope"), cells(WRITES))
def test_a_cell_for_writing(role, compartment, scope):
    assert access.visible(somebody(role), related(role, ALL)).write.get(compartment) == scope


@pytest.mark.parametrize("compartment", ["C0", "C1", "C2", "C3", "C4", "C7", "C8"])
def test_consent_opens_its_own_category_and_no_other(compartment):
    readable = access.visible(somebody("explorer"), related("explorer", frozenset({compartment})))

    assert readable.compartments & {"C0", "C1", "C2", "C3", "C4", "C7", "C8"} == {compartment}
    assert {"C6", "C9", "C10"} <= readable.compartments


def test_what_others_recorded_closes_when_consent_is_withdrawn_and_the_own_record_stays():
    readable = access.visible(somebody("explorer"), related("explorer", frozenset()))

    assert not readable.reads("C3", own_organisation=False)
    assert readable.reads("C3", own_organisation=True)


def test_a_signaller_reads_back_only_what_she_wrote_about_health_and_money():
    readable = access.visible(somebody("signaller"), related("signaller", ALL))

    assert readable.reads("C3", own_organisation=True, author=True)
    assert not readable.reads("C3", own_organisation=True, author=False)


def test_another_ground_opens_the_cells_that_allow_it_and_lets_nobody_decide():
    weighed = dict.fromkeys(NAMES, access.Ground.VITAL_INTEREST)
    for role, opened in {
        "explorer": "C0 C1 C2 C3 C4 C6 C7 C9 C10",
        "case_director": "C0 C1 C2 C3 C4 C6 C7 C9 C10",
        "supporter": "C0",
        "process_director": "",
        "signaller": "",
    }.items():
        facts = replace(related(role, frozenset()), grounds=weighed)
        readable = access.visible(somebody(role), facts)
        assert readable.grounds.keys() == set(opened.split()), role
        assert readable.compartments == set(opened.split()), role
        assert readable.write.keys() == access.visible(somebody(role), related(role, frozenset())).write.keys()
    conflict = replace(
        related("case_director", frozenset()), grounds=dict.fromkeys(NAMES, access.Ground.CONFLICT_OF_DUTIES)
    )
    assert access.visible(somebody("case_director"), conflict).compartments == set("C0 C1 C6 C7 C9 C10".split())
    report = replace(related("explorer", frozenset()), grounds=dict.fromkeys(NAMES, access.Ground.RIGHT_TO_REPORT))
    assert not access.visible(somebody("explorer"), report).compartments


def test_it_says_under_which_rule_and_on_which_ground_each_compartment_is_open():
    facts = replace(
        related("explorer", frozenset({"C0"})),
        holder=True,
        agreed_by=access.Ground.CONSENT_OF_REPRESENTATIVE,
        grounds={"C3": access.Ground.VITAL_INTEREST},
    )
    readable = access.visible(somebody("explorer"), facts)

    assert readable.rule == "holder+party"
    assert (readable.grounds["C0"], readable.grounds["C3"]) == ("consent_of_representative", "vital_interest")
    assert "C1" not in readable.grounds
    assert readable.ground == "vital_interest"
    assert access.visible(somebody("explorer"), replace(facts, grounds={})).ground == "consent_of_representative"
    assert access.visible(somebody("explorer"), related("explorer", frozenset())).ground is None


def test_who_is_kept_out_is_kept_out_of_everything():
    every = Facts(
        own_organisation=True, party_roles=frozenset(MATRIX), holder=True, claimed_by_me=True, candidate=True,
        is_author=True, consent_categories=ALL, safety_own_org=True, directs=True, side=True, invited=True, blocked=True,
    )  # fmt: skip
    for role in MATRIX:
        assert access.visible(somebody(role), every) == access.Readable()
        for action in ACTIONS:
            with pytest.raises(Blocked):
                access.require(somebody(role), action, every, at=AT)


FACTS = st.builds(
    Facts,
    own_organisation=st.booleans(),
    party_roles=st.frozensets(st.sampled_from(sorted(MATRIX)), max_size=3),
    holder=st.booleans(),
    claimed_by_me=st.booleans(),
    candidate=st.booleans(),
    is_author=st.booleans(),
    consent_categories=st.frozensets(st.sampled_from(NAMES)),
    safety_own_org=st.booleans(),
    directs=st.booleans(),
    side=st.booleans(),
    invited=st.booleans(),
)
ROLES = st.sampled_from([*sorted(MATRIX), "unheard_of"])


@given(role=ROLES, facts=FACTS)
def test_nothing_is_readable_without_a_relation(role, facts):
    alone = replace(
        facts,
        own_organisation=False,
        party_roles=facts.party_roles - {role},
        holder=False,
        claimed_by_me=False,
        safety_own_org=False,
    )

    readable = access.visible(somebody(role), alone)

    assert not readable.read
    assert not readable.write


@given(role=ROLES, facts=FACTS)
def test_unsafety_is_never_readable_across_organisations(role, facts):
    readable = access.visible(somebody(role), facts)

    assert "C5" not in readable.compartments
    assert not readable.reads("C5", own_organisation=False, author=True)


@given(role=ROLES, facts=FACTS)
def test_less_consent_never_shows_more(role, facts):
    full = access.visible(somebody(role), facts)
    less = access.visible(somebody(role), replace(facts, consent_categories=frozenset()))

    assert less.compartments <= full.compartments
    assert less.own_compartments <= full.own_compartments
    assert set(less.write) <= set(full.write)


@given(facts=FACTS, action=st.sampled_from(sorted(ACTIONS)))
def test_the_worker_and_the_command_line_see_no_content(facts, action):
    for system in (WORKER, OPERATOR):
        assert access.visible(system, facts) == access.Readable()
        with pytest.raises(NotFound):
            access.require(system, action, facts, at=AT)


@given(role=ROLES, action=st.sampled_from(sorted(ACTIONS)))
def test_without_a_relation_the_object_is_not_there(role, action):
    with pytest.raises(NotFound):
        access.require(somebody(role), action, Facts(consent_categories=ALL), at=AT)


#: What a parent who is logged in does, and nobody else.
OF_SUBJECT = (
    "view_own_story", "give_own_consent", "withdraw_own_consent", "add_own_words", "object_to_person", "make_own_request",
)  # fmt: skip
RELATED = {
    "party": Facts(party_roles=frozenset({"explorer"})),
    "holder": Facts(holder=True),
    "claimant": Facts(claimed_by_me=True),
    "candidate": Facts(candidate=True),
    "author": Facts(is_author=True),
    "invited": Facts(invited=True),
    "side": Facts(side=True),
    "emergency": Facts(emergency=access.Ground.VITAL_INTEREST),
}
#: Which of these relations may do it, for the role explorer; for all others the object is visible and the answer no.
EXPECTED = {
    "view_card": {"party", "holder", "claimant", "candidate"},
    "view_client_log": {"holder"},
    "claim": {"candidate"},
    "release": {"claimant"},
    "assign": {"claimant"},
    "undo": {"claimant"},
    "view_task": {"claimant"},
    "save_draft": {"claimant"},
    "complete": {"claimant"},
    "view_candidates": {"claimant", "candidate", "holder"},
    "view_case": {"party", "holder", "claimant"},
    "report_loss": {"party", "holder", "claimant"},
    "request_evaluation": {"party", "holder", "claimant"},
    "report_birth": {"party", "holder", "claimant"},
    "report_move": {"party", "holder", "claimant"},
    "change_due_date": {"party", "holder", "claimant"},
    "record_member": {"party", "holder", "claimant"},
    "view_bsn": {"party", "holder", "claimant"},
    "record_bsn": {"party", "holder", "claimant"},
    "record_consent": {"party", "holder", "claimant"},
    "record_request": {"party", "holder", "claimant"},
    "correct_entry": {"party", "holder", "claimant"},
    "hold_case": {"party", "holder", "claimant"},
    "withdraw_consent": {"party", "holder", "claimant"},
    "invoke_ground": {"party", "holder", "claimant"},
    "end_ground": {"party", "holder", "claimant"},
    "move_holder": {"holder", "claimant"},
    "block_person": {"holder"},
    "step_aside": {"party", "holder", "claimant"},
    "close_case": {"holder", "claimant"},
    "view_safety": {"author"},
    "preview_package": {"holder"},
    "verify_package": {"side"},
    "view_log": set(),
    "look_back": {"party", "holder", "claimant"},
    "look_back_log": set(),
    "withdraw_handover": {"holder"},
    "comment": {"party", "holder", "claimant"},
    "keep_reference": {"party", "holder", "claimant"},
    "discard_signal": set(),  # a signaller's, see below
    "view_hub_meeting": {"holder", "invited"},
    "view_emergency": {"emergency"},
    "view_emergencies": {"holder"},
    "change_hub_meeting": set(),  # a process director's, see below
    "hand_over_outside": {"holder"},
    "invite_parent": {"holder"},
    "end_parent_login": {"holder"},
    **{action: set() for action in OF_SUBJECT},  # see below
}


def test_only_the_process_director_of_the_municipality_changes_a_hub_meeting():
    for action in ("view_hub_meeting", "change_hub_meeting"):
        access.require(somebody("process_director"), action, Facts(directs=True), at=AT)
        with pytest.raises(NotFound):
            access.require(somebody("explorer"), action, Facts(directs=True), at=AT)
    assert not access.visible(somebody("process_director"), Facts(directs=True, consent_categories=ALL)).read


def test_a_parent_does_in_the_own_case_what_is_for_parents_and_nothing_that_is_done_for_an_organisation():
    own = Facts(subject=True)
    for role in ("parent", "other_parent"):
        parent = Actor(uuid4(), None, None, role)
        assert {action for action in ACTIONS if access.allows(parent, action, own)} == {
            action for action in OF_SUBJECT if role == "parent" or action != "add_own_words"
        }
        assert access.visible(parent, own).read == {
            name: cell.read for name, cell in MATRIX[role].items() if cell.read is not None
        }
        for action in OF_SUBJECT:
            with pytest.raises(NotFound):
                access.require(parent, action, Facts(), at=AT)
            assert not access.allows(somebody(role), action, own), "on behalf of an organisation nobody is a parent"
            assert not access.allows(somebody("explorer"), action, replace(own, holder=True))


def test_only_a_signaller_in_the_case_throws_a_draft_away():
    own = Facts(party_roles=frozenset({"signaller"}))

    access.require(somebody("signaller"), "discard_signal", own, at=AT)
    with pytest.raises(NotFound):
        access.require(somebody("signaller"), "discard_signal", Facts(candidate=False), at=AT)


def test_every_action_is_expected_somewhere():
    assert set(EXPECTED) == set(ACTIONS)


@pytest.mark.parametrize("action", sorted(EXPECTED))
@pytest.mark.parametrize("relation", sorted(RELATED))
def test_an_action_with_one_relation(action, relation):
    explorer, facts = somebody("explorer"), replace(RELATED[relation], may_use_bsn=True)
    if relation in EXPECTED[action]:
        access.require(explorer, action, facts, at=AT)
    else:
        with pytest.raises(NotAllowed):
            access.require(explorer, action, facts, at=AT)


def test_the_citizen_service_number_needs_an_organisation_that_may_use_it_and_care():
    for action in ("view_bsn", "record_bsn"):
        with pytest.raises(NotAllowed):
            access.require(somebody("explorer"), action, Facts(holder=True), at=AT)
        for role in set(MATRIX) - {"signaller", "explorer", "case_director"}:
            facts = Facts(party_roles=frozenset({role}), holder=True, may_use_bsn=True)
            assert not access.allows(somebody(role), action, facts), role


def test_a_part_in_the_case_in_another_role_is_no_relation():
    with pytest.raises(NotFound):
        access.require(somebody("supporter"), "view_case", Facts(party_roles=frozenset({"explorer"})), at=AT)


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"view_log", "look_back_log", "verify_package"}))
def test_who_looks_after_the_log_does_not_learn_that_a_case_exists(action):
    with pytest.raises(NotFound):
        access.require(somebody("log_manager"), action, Facts(own_organisation=True), at=AT)


def test_an_informal_supporter_reports_no_loss():
    with pytest.raises(NotAllowed):
        access.require(
            somebody("informal_supporter"), "report_loss", Facts(party_roles=frozenset({"informal_supporter"})), at=AT
        )


def test_the_protection_officer_sees_the_own_file_and_nobody_elses():
    officer = somebody("protection_officer")
    access.require(officer, "view_safety", Facts(safety_own_org=True), at=AT)

    with pytest.raises(NotFound):
        access.require(officer, "view_safety", Facts(), at=AT)


@pytest.mark.parametrize("role", sorted(MATRIX))
@pytest.mark.parametrize("action", sorted(OPENINGS))
def test_who_may_begin_something(role, action):
    allowed = {
        "view_floating": {"process_director"},
        "break_glass": {"signaller", "explorer", "case_director", "supporter"},
        "ask_for_case": {"explorer", "case_director"},
        "search_cases": {
            "signaller",
            "explorer",
            "case_director",
            "process_director",
            "supporter",
            "informal_supporter",
        },
        "view_terms_at_risk": {"process_director"},
        "view_figures": {"steering_board"},
        "start_signal": {"signaller"},
        "change_settings": {"administrator", "coordinator"},
        "publish_diagrams": {"coordinator"},
        "manage_organisations": {"administrator"},
        "manage_people": {"administrator"},
        "manage_webhooks": {"administrator", "local_administrator"},
        "manage_topics": {"administrator", "local_administrator"},
        "operate": {"administrator"},
        "manage_accounts": {"administrator"},
        "edit_directory": {"coordinator"},
        "decide_destruction": {"administrator", "local_administrator", "dpo"},
        "report_breach": {"dpo"},
    }
    assert set(allowed) == set(OPENINGS)
    if role in allowed[action]:
        access.require(somebody(role), action, Facts(), at=AT)
    else:
        with pytest.raises(NotAllowed):
            access.require(somebody(role), action, Facts(), at=AT)


def test_an_editor_edits_the_directory_of_the_own_municipality_only():
    access.require(somebody("directory_editor"), "edit_directory", Facts(own_area=True), at=AT)
    for role, facts in (
        ("directory_editor", Facts()),
        ("midwife", Facts(own_area=True)),
        ("explorer", Facts(own_area=True)),
    ):
        with pytest.raises(NotAllowed):
            access.require(somebody(role), "edit_directory", facts, at=AT)


@pytest.mark.parametrize("action", ["manage_people", "manage_accounts"])
def test_an_organisations_own_administrator_manages_that_one_only(action):
    access.require(somebody("local_administrator"), action, Facts(own_organisation=True), at=AT)
    for role, facts in (("local_administrator", Facts()), ("dpo", Facts(own_organisation=True))):
        with pytest.raises(NotAllowed):
            access.require(somebody(role), action, facts, at=AT)


def test_the_operator_sets_up_the_house_but_records_no_signal_and_the_worker_does_neither():
    access.require(OPERATOR, "manage_accounts", Facts(), at=AT)
    for system, action in ((OPERATOR, "start_signal"), (WORKER, "manage_accounts"), (WORKER, "start_signal")):
        with pytest.raises(NotAllowed):
            access.require(system, action, Facts(), at=AT)


def test_which_rules_decided_is_another_digest_when_a_ground_changes(tmp_path):
    here = Path(access.__file__).parent
    shutil.copytree(here, tmp_path / "access", ignore=shutil.ignore_patterns("__pycache__"))
    grounds = tmp_path / "access" / "grounds.toml"
    same = digest(tmp_path / "access")
    grounds.write_text(grounds.read_text(encoding="utf-8") + "\n# another reading\n", encoding="utf-8")

    assert same == access.POLICY
    assert digest(tmp_path / "access") != same
