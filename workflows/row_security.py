"""The second lock, on PostgreSQL: which rows of a family the database gives to whom. Knows tables by name, no room.

Access decides what somebody may do and read, and asks every time; this stands behind it for the day that a query forgets
to ask. It knows one thing: whether the organisation that a transaction is for has to do with the case. Who that is, the
door says once (``db.identify``); without it no row of a family is there. Compartments, consent and roles stay with access,
except that what is about safety is one organisation's own here as well, and that a BSN is there for nobody who may not use it.

Owners are bound too (FORCE): only the scope of the house sees everything. ``unlock`` comes before every migration, ``lock``
after it, in the same transaction, so that a policy never keeps a column from changing.
"""

# ruff: noqa: S608 - every name and condition in these statements is written below

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

_HOUSE = "(SELECT current_setting('steun.scope', true) = 'house')"
_ORGANISATION = "(SELECT nullif(current_setting('steun.organisation', true), '')::uuid)"
_PERSON = "(SELECT nullif(current_setting('steun.person', true), '')::uuid)"
_ROLE = "(SELECT current_setting('steun.role', true))"
#: Cases whose row this transaction could see when it looked at or locked them.
_KEPT = "ANY ((SELECT nullif(current_setting('steun.cases', true), '')::uuid[])::uuid[])"


def _related(case: str) -> str:
    """What somebody has to do with a row of cases. A parent: it is of the own family. An organisation: it holds it, has a part in it, has a task in it, keeps it now that
    it is closed, opened it in an emergency, sits at the table for it, directs the meeting that it comes up at, or looks after
    safety in it. Nothing counts for a person whom the case is closed to."""
    return f"""
    NOT EXISTS (SELECT 1 FROM public.case_blocks b
        WHERE b.case_id = {case}.id AND b.person_id = {_PERSON} AND b.until_at IS NULL)
    AND (EXISTS (SELECT 1 FROM public.parent_links l
        WHERE {_ORGANISATION} IS NULL AND l.family_id = {case}.family_id AND l.person_id = {_PERSON} AND l.ended_at IS NULL)
    OR {case}.holder_organisation_id = {_ORGANISATION}
    OR EXISTS (SELECT 1 FROM public.case_parties p
        WHERE p.case_id = {case}.id AND p.organisation_id = {_ORGANISATION} AND p.until_at IS NULL)
    OR EXISTS (SELECT 1 FROM public.tasks t WHERE t.subject_kind = 'case' AND t.subject_id = {case}.id
        AND t.organisation_id = {_ORGANISATION} AND t.status IN ('open', 'claimed'))
    OR EXISTS (SELECT 1 FROM public.case_keepers k WHERE k.case_id = {case}.id AND k.organisation_id = {_ORGANISATION})
    OR EXISTS (SELECT 1 FROM public.emergency_accesses e WHERE e.case_id = {case}.id AND e.person_id = {_PERSON}
        AND e.organisation_id = {_ORGANISATION} AND e.ended_at IS NULL)
    OR {case}.id IN (SELECT a.case_id FROM public.hub_invitations i JOIN public.agenda_items a ON a.id = i.agenda_item_id
        WHERE i.organisation_id = {_ORGANISATION} AND i.withdrawn_at IS NULL)
    OR {_ROLE} = 'process_director' AND EXISTS (
        SELECT 1 FROM public.agenda_items a JOIN public.hub_meetings m ON m.id = a.meeting_id
        WHERE a.case_id = {case}.id AND (m.organised_by = {_ORGANISATION} OR m.municipality_code IN (
            SELECT w.municipality_code FROM public.organisation_areas w WHERE w.organisation_id = {_ORGANISATION})))
    OR {_ROLE} = 'protection_officer' AND EXISTS (
        SELECT 1 FROM public.safety_files f WHERE f.case_id = {case}.id AND f.organisation_id = {_ORGANISATION}))
"""


#: Whether who asks has to do with a case, for tables that cases themselves are decided by, and row by row for the rest.
#: Looks with the eyes of the house, so that no policy asks another that asks it again.
_RELATES = f"""
CREATE FUNCTION public.steun_relates(asked uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    scope text := coalesce(current_setting('steun.scope', true), '');
    found boolean;
BEGIN
    PERFORM set_config('steun.scope', 'house', true);
    found := EXISTS (SELECT 1 FROM public.cases c WHERE c.id = asked AND ({_related("c")}));
    PERFORM set_config('steun.scope', scope, true);
    RETURN found;
END $$
"""


#: As above, for the logins of a family: asked of each of its cases.
_RELATES_TO_FAMILY = f"""
CREATE FUNCTION public.steun_relates_to_family(asked uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    scope text := coalesce(current_setting('steun.scope', true), '');
    found boolean;
BEGIN
    PERFORM set_config('steun.scope', 'house', true);
    found := EXISTS (SELECT 1 FROM public.cases c
        WHERE c.family_id = asked AND (c.id = {_KEPT} OR ({_related("c")})));
    PERFORM set_config('steun.scope', scope, true);
    RETURN found;
END $$
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows of a table are for who asks: condition in SQL.

    ``new``: which rows may be added, if that is more. ``changed``: whether who sees a row may also change it.
    """

    theirs: str
    new: str | None = None
    changed: bool = True


def _of_case(column: str = "case_id") -> str:
    return f"{column} = {_KEPT} OR public.steun_relates({column})"


def _below(column: str, table: str, key: str = "id") -> str:
    """Rows whose row above is theirs: that row's own policy is asked. *column* with its table: the one above may have it too."""
    return f"EXISTS (SELECT 1 FROM public.{table} above WHERE above.{key} = {column})"


_MAY_USE_BSN = (
    f"EXISTS (SELECT 1 FROM public.organisations o WHERE o.id = {_ORGANISATION} AND o.active AND o.may_use_bsn)"
)
_SUBJECT = (
    f"(runs.subject_kind = 'case' AND (runs.subject_id = {_KEPT} OR public.steun_relates(runs.subject_id))"
    f" OR runs.subject_kind = 'safety_file' AND {_below('runs.subject_id', 'safety_files')}"
    f" OR runs.subject_kind = 'emergency_review' AND {_below('runs.subject_id', 'emergency_reviews')})"
)
_CASE = Rows(_of_case())
_PACKED = f"from_organisation_id = {_ORGANISATION} OR to_organisation_id = {_ORGANISATION} OR {_of_case()}"

#: Everybody adds to the logbooks, also who could not log in. Reading: one's own lines, those of the own organisation for
#: who looks after its log, and those of a case that the organisation has to do with. The house seals.
_LOG = Rows(
    f"person_id = {_PERSON} OR organisation_id = {_ORGANISATION} AND {_ROLE} IN ('log_manager', 'dpo')"
    f" OR case_id IS NOT NULL AND ({_of_case()})",
    new="true",
    changed=False,
)

#: Every table that holds something of a family, and which rows of it are for whom, besides the house.
LOCKED: Mapping[str, Rows] = {
    "public.cases": Rows(f"id = {_KEPT} OR {_related('cases')}"),
    "public.case_parties": Rows(f"organisation_id = {_ORGANISATION} OR {_of_case()}"),
    "public.case_keepers": Rows(f"organisation_id = {_ORGANISATION} OR {_of_case()}"),
    "public.case_blocks": Rows(f"person_id = {_PERSON} OR {_of_case()}"),
    # What an organisation calls the case is its own, and only while it has to do with the case.
    "public.case_references": Rows(f"organisation_id = {_ORGANISATION} AND ({_of_case()})"),
    "public.case_status_changes": _CASE,
    # A family exists a moment before its case does.
    "public.families": Rows(_below("families.id", "cases", "family_id"), new=f"{_ORGANISATION} IS NOT NULL"),
    "public.family_members": Rows(_below("family_members.family_id", "cases", "family_id")),
    "public.name_keys": Rows(_below("name_keys.member_id", "family_members")),
    "public.pregnancies": Rows(_below("pregnancies.family_id", "cases", "family_id")),
    "public.due_dates": Rows(_below("due_dates.pregnancy_id", "pregnancies")),
    "public.authorities": Rows(_below("authorities.child_id", "family_members")),
    # A parent sees the own login and never that there is another.
    "public.parent_links": Rows(
        f"person_id = {_PERSON} OR {_ORGANISATION} IS NOT NULL AND public.steun_relates_to_family(family_id)"
    ),
    # Also where the case is in sight: only for an organisation that may use the number, as it is now.
    "public.bsns": Rows(f"{_MAY_USE_BSN} AND {_below('bsns.member_id', 'family_members')}"),
    "public.entries": Rows(f"CASE WHEN case_id IS NULL THEN organisation_id = {_ORGANISATION} ELSE {_of_case()} END"),
    "public.entry_values": Rows(
        "EXISTS (SELECT 1 FROM public.entries above WHERE above.id = entry_values.entry_id"
        f" AND (entry_values.compartment <> 'C5' OR above.organisation_id = {_ORGANISATION}))"
    ),
    "public.drafts": Rows(f"person_id = {_PERSON}"),
    "public.undo_states": Rows(f"person_id = {_PERSON}"),
    # Between colleagues of one team; who makes the copy for a parent reads those of the case.
    "public.task_notes": Rows(f"organisation_id = {_ORGANISATION} OR case_id IS NOT NULL AND ({_of_case()})"),
    "public.consents": _CASE,
    # A report to Veilig Thuis is the organisation's own: nobody else in the case sees that it was made.
    "public.disclosures": Rows(
        f"by_organisation_id = {_ORGANISATION} OR (ground <> 'right_to_report' OR cause = 'emergency') AND ({_of_case()})"
    ),
    "public.case_grounds": Rows(f"organisation_id = {_ORGANISATION} OR NOT silent AND ({_of_case()})"),
    "public.comments": _CASE,
    "public.attachments": _CASE,
    "public.rights_requests": _CASE,
    "public.legal_holds": _CASE,
    "public.destruction_decisions": _CASE,
    "public.signals": _CASE,
    "public.match_questions": Rows(f"{_of_case()} OR {_of_case('existing_case_id')}"),
    "public.explorations": _CASE,
    "public.support_plans": _CASE,
    "public.support_goals": Rows(_below("support_goals.plan_id", "support_plans")),
    "public.support_actions": _CASE,
    "public.evaluations": _CASE,
    "public.goal_ratings": Rows(_below("goal_ratings.evaluation_id", "evaluations")),
    "public.handovers": _CASE,
    "public.outside_handovers": _CASE,
    # Both sides know of a package and of its receipt also when they have left the case; what its lines say is for who has to
    # do with the case: what the receiver can read, and for the sender what it may know of.
    "public.handover_packages": Rows(_PACKED),
    "public.package_items": Rows(
        f"EXISTS (SELECT 1 FROM public.handover_packages above WHERE above.id = package_items.package_id"
        f" AND ({_of_case('above.case_id')}) AND (package_items.disposition <> 'withheld'"
        f" OR package_items.known AND above.from_organisation_id = {_ORGANISATION}))"
    ),
    "public.handover_receipts": Rows(_below("handover_receipts.package_id", "handover_packages")),
    "public.receipt_items": Rows(
        "EXISTS (SELECT 1 FROM public.handover_receipts above JOIN public.handover_packages package"
        " ON package.id = above.package_id WHERE above.id = receipt_items.receipt_id"
        f" AND ({_of_case('above.case_id')}) AND (receipt_items.result <> 'withheld'"
        f" OR receipt_items.known AND package.from_organisation_id = {_ORGANISATION}))"
    ),
    "public.agenda_items": _CASE,
    "public.hub_invitations": Rows(
        f"organisation_id = {_ORGANISATION} OR {_below('hub_invitations.agenda_item_id', 'agenda_items')}"
    ),
    # Who had a task in a run that has gone on without them still reads which form it was: nothing typed is lost.
    "public.runs": Rows(
        f"{_SUBJECT} OR EXISTS (SELECT 1 FROM public.tasks t WHERE t.run_id = runs.id"
        f" AND t.organisation_id = {_ORGANISATION})"
    ),
    "public.steps": Rows(f"EXISTS (SELECT 1 FROM public.runs WHERE runs.id = steps.run_id AND {_SUBJECT})"),
    # The work list and what a director watches over name no family; what is about safety is the organisation's own.
    "public.tasks": Rows(
        f"organisation_id = {_ORGANISATION} OR subject_kind = 'case' AND"
        f" ({_ROLE} = 'process_director' OR {_of_case('subject_id')})"
    ),
    "public.topic_locks": Rows(_below("topic_locks.task_id", "tasks")),
    "public.safety_files": Rows(
        f"organisation_id = {_ORGANISATION} AND ({_ROLE} = 'protection_officer' OR opened_by = {_PERSON})"
    ),
    "public.safety_notes": Rows(_below("safety_notes.file_id", "safety_files")),
    # Of who opened it, of the case, and of who looks back at it: an organisation, or who stands in for it.
    "public.emergency_accesses": Rows(
        f"person_id = {_PERSON} OR {_of_case()} OR {_below('emergency_accesses.id', 'emergency_reviews', 'emergency_id')}"
    ),
    "public.emergency_reviews": Rows(
        f"organisation_id = {_ORGANISATION}"
        " OR EXISTS (SELECT 1 FROM public.tasks t WHERE t.subject_kind = 'emergency_review'"
        f" AND t.subject_id = emergency_reviews.id AND t.organisation_id = {_ORGANISATION})"
    ),
    "public.emergency_attempts": Rows(f"person_id = {_PERSON}"),
    # Of nobody but who asked: that somebody asks for a family is nobody else's to know, and which family is closed.
    "public.case_requests": Rows(f"person_id = {_PERSON}"),
    # Codes and ids of what a team, or somebody in it, hears of; told across organisations, also by what a parent does, and
    # read by one.
    "public.notifications": Rows(
        f"organisation_id = {_ORGANISATION} AND (NOT alone OR person_id = {_PERSON})",
        new=f"{_ORGANISATION} IS NOT NULL OR {_ROLE} IN ('parent', 'other_parent', 'outside_party')",
        changed=False,
    ),
    "public.notification_marks": Rows(f"person_id = {_PERSON}"),
    "public.alarms": Rows(f"organisation_id = {_ORGANISATION}"),
    "public.log_changes": _LOG,
    "reads.log_reads": _LOG,
}

#: Every other table, and why it needs no lock.
OPEN: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "persons",
            "accounts",
            "role_assignments",
            "certificates",
            "sign_ins",
            "access_tokens",
            "second_factors",
            "recovery_codes",
            "activations",
            "login_throttles",
            "password_resets",
            "provider_identities",
            "provider_sign_ins",
            "provider_roles",
            "provider_uses",
            "mail_addresses",
            "preferences",
        ),
        "people who work here and how they log in: asked before anybody knows who asks",
    ),
    **dict.fromkeys(
        ("organisations", "organisation_areas", "municipalities", "settings", "bundles", "bundle_files"),
        "the region and its method, for everybody",
    ),
    **dict.fromkeys(
        ("interventions", "intervention_offers", "pathways", "directory_notices"), "the directory, for everybody"
    ),
    **dict.fromkeys(
        ("access_reviews", "access_review_items"),
        "whether who works here still needs a role: asked of who manages the organisation, nothing of a family",
    ),
    "absences": "when somebody who works here is not there: asked of colleagues before work is given to them",
    "saved_lists": "filters of somebody's own work list: codes",
    "published_figures": "figures that identify nobody, as the steering board reads them",
    "hub_meetings": "when and where; which families come up is in agenda_items",
    "destructions": "proof that a case was destroyed: hashes and counts, nothing of the case",
    "alarm_looks": "how far the log of an organisation was looked through",
    "repairs": "what two administrators have mended in the machinery: codes and counts, no id of a case",
    "jobs": "what the worker has to do, by id",
    "log_forwards": "how far the logbooks were sent to another system: a number",
    "outbox": "what leaves the house: ids and hashes",
    "webhooks": "which programs of an organisation hear what happens: addresses and types of event",
    "topic_workers": "which programs of an organisation do which steps: codes and hashes of tokens",
    "event_positions": "how far the log was told on: a number",
    "case_numbers": "the last number that was given out",
    "idempotency_keys": "what came of a request, by id",
    "alembic_version": "the state of the schema",
    "log_heads": "where the chains of the logbooks end: a number and a hash",
    "reads.log_heads": "as log_heads",
}


def lock(connection: Connection) -> None:
    """Give every table that holds something of a family its policies, and bind the owner to them too."""
    connection.exec_driver_sql(_RELATES)
    connection.exec_driver_sql(_RELATES_TO_FAMILY)
    for table, rows in LOCKED.items():
        theirs = f"{_HOUSE} OR ({rows.theirs})"
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        if rows.changed:
            connection.exec_driver_sql(f"CREATE POLICY steun_rows ON {table} USING ({theirs})")
        else:
            connection.exec_driver_sql(f"CREATE POLICY steun_rows ON {table} FOR SELECT USING ({theirs})")
            connection.exec_driver_sql(f"CREATE POLICY steun_house ON {table} USING ({_HOUSE})")
        if rows.new is not None:
            connection.exec_driver_sql(f"CREATE POLICY steun_new ON {table} FOR INSERT WITH CHECK ({rows.new})")


def unlock(connection: Connection) -> None:
    """Take every policy away, so that tables can change; to be followed by :func:`lock` in the same transaction."""
    policies = connection.exec_driver_sql(
        "SELECT schemaname, tablename, policyname FROM pg_policies WHERE policyname ^@ 'steun_'"
    )
    tables = set()
    for schema, table, policy in policies.all():
        connection.exec_driver_sql(f"DROP POLICY {policy} ON {schema}.{table}")
        tables.add(f"{schema}.{table}")
    for name in sorted(tables):
        connection.exec_driver_sql(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS public.steun_relates(uuid)")
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS public.steun_relates_to_family(uuid)")
