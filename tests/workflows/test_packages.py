"""What goes along with a case is frozen, what arrives is compared with it, and both can be proved for years."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, ForeignKey, MetaData, Table, Uuid, delete, event, func, insert, select, update

from tests import builders
from tests.workflows.handing import ACCEPTED, World
from workflows import attachments, consent, handovers, logbook, method, packages, rights, schema
from workflows.actor import WORKER
from workflows.alarms import Alarm
from workflows.cases import Case
from workflows.comments import Comment
from workflows.db import Database, identify
from workflows.errors import Invalid, NotFound
from workflows.families import FamilyMember
from workflows.logbook import LoggedChange, LoggedRead
from workflows.method import copying, packing
from workflows.method.facts import case_facts
from workflows.method.manifest import BESIDE, KINDS, items, viewer
from workflows.organisations import Role
from workflows.packages import (
    Disposition,
    HandoverPackage,
    HandoverReceipt,
    PackageItem,
    ReceiptItem,
    ReceiptResult,
    Verdict,
)
from workflows.rights import ErasureScope


@pytest.fixture
def world(database, clock) -> World:
    return World(database, clock)


def lines_of(world: World, case_id):
    """Package, its lines, receipt and its lines, of the latest handover."""
    with world.database.reading() as session:
        [*_, handover] = handovers.of_case(session, case_id)
        package = packages.latest(session, handover.id)
        receipt = packages.receipt_of(session, package.id)
        sent = packages.items_of(session, package.id)
        return package, sent, receipt, [] if receipt is None else packages.receipt_items(session, receipt.id)


# --- nothing is forgotten


def reaching(metadata: MetaData) -> set[str]:
    """Tables of which a row hangs on a case or a family, by foreign keys or as its subject."""
    found = {"cases", "families"}
    while True:
        more = {
            table.name
            for table in metadata.tables.values()
            if table.name not in found
            and (
                any(key.column.table.name in found for key in table.foreign_keys)
                or {"case_id", "subject_kind"} & set(table.columns.keys())
            )
        }
        if not more:
            return found
        found |= more


def unheard_of(metadata: MetaData) -> set[str]:
    read = {table for kind in KINDS.values() for table in kind.tables}
    return reaching(metadata) - read - set(BESIDE)


def test_every_table_that_reaches_a_family_is_in_the_manifest_or_says_why_not():
    metadata = schema.metadata()
    read = {table for kind in KINDS.values() for table in kind.tables}

    assert unheard_of(metadata) == set()
    assert read.isdisjoint(BESIDE)
    assert read | set(BESIDE) <= {table.name for table in metadata.tables.values()}
    assert all(len(why) > 20 for why in BESIDE.values())


def test_a_new_kind_of_thing_cannot_be_added_without_appearing_there():
    copied = MetaData()
    for table in schema.metadata().tables.values():
        table.to_metadata(copied)
    Table("wishes", copied, Column("id", Uuid, primary_key=True), Column("action_id", ForeignKey("support_actions.id")))

    assert unheard_of(copied) == {"wishes"}


# --- sent and received


def test_what_was_sent_is_what_the_receiver_reads_once_it_accepted(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.do(method.add_comment, case_id, "Ze komt liever 's ochtends.", by=midwife)

    world.hand(midwife, nurse)
    package, sent, receipt, _ = lines_of(world, case_id)
    assert (package.version, package.size, receipt) == (1, len(sent), None)
    world.fill(nurse, "handover_answer", ACCEPTED)

    _, _, receipt, arrived = lines_of(world, case_id)
    promised = {(one.kind, one.item_id) for one in sent if one.disposition == Disposition.VISIBLE}
    assert promised == {(one.kind, one.item_id) for one in arrived[: len(sent)] if one.result != ReceiptResult.WITHHELD}
    assert {one.result for one in arrived} <= {
        ReceiptResult.SEEN, ReceiptResult.CHANGED, ReceiptResult.ADDED, ReceiptResult.WITHHELD,
    }  # fmt: skip
    assert {one.kind for one in sent} >= {"case", "member", "entry", "comment", "task", "consent", "party", "term"}
    assert not any(one.compartment == "C5" or "C5" in str(one.content) for one in sent)
    view = world.look(method.case_view, case_id, by=nurse)
    read = {(value.compartment, entry.id) for entry in view.entries for value in entry.values}
    told = {(one.compartment, one.item_id) for one in arrived if one.kind == "entry" and one.ground is None}
    assert told == {one for one in read if one[0] != "C5"}
    assert receipt.verdict == Verdict.MORE
    assert {one.id for one in view.consents} == {
        one.item_id for one in arrived if one.kind == "consent" and one.ground is None
    }
    with world.database.reading() as session:
        [frozen] = logbook.changes_of(session, case_id, "package.frozen")
        [received] = logbook.changes_of(session, case_id, "package.received")
        assert (frozen.details["hash"], received.details["hash"]) == (package.hash, receipt.hash)
        checked = packages.check(session, package, receipt)
        [told] = copying._handovers(session, session.get_one(Case, case_id), copying._Names(session))
    assert checked.holds
    assert checked.anchored == logbook.Anchored.WAITING
    assert [(one.version, one.hash, one.accepted_at) for one in told.packages] == [
        (1, package.hash, receipt.accepted_at)
    ], "the copy of a parent tells that something was sent, and not how much"


def test_freezing_takes_a_bounded_number_of_statements(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    counts = []
    for more in (0, 30):
        for number in range(more):
            world.do(method.add_comment, case_id, f"Iets {number}", by=midwife)
        counts.append(statements(world, case_id, midwife))

    assert counts[0] == counts[1] <= 70


def statements(world: World, case_id, by) -> int:
    """How many statements it takes to freeze once more."""
    sent = []

    def count(*_arguments):
        sent.append(1)

    with world.database.writing() as session:
        case = method.facts.cases.lock(session, case_id)
        offered = handovers.pending(session, case_id)
        event.listen(world.database.engine, "before_cursor_execute", count)
        packing.freeze(session, case, offered, by=by, at=world.clock())
        event.remove(world.database.engine, "before_cursor_execute", count)
    return len(sent)


# --- proving it


def change(table, **values):
    """One row of the package or the receipt changes, past all verbs."""

    def act(session, package, receipt):
        mapped = PackageItem if table is PackageItem else table
        key = {PackageItem: ("package_id", package.id), ReceiptItem: ("receipt_id", receipt.id)}.get(mapped)
        at = mapped.id == receipt.id if key is None else (getattr(mapped, key[0]) == key[1]) & (mapped.position == 2)
        session.execute(update(mapped).where(at).values(values))

    return act


def swapped(session, package, _receipt):
    for before, after in ((1, 9999), (2, 1), (9999, 2)):
        there = (PackageItem.package_id == package.id) & (PackageItem.position == before)
        session.execute(update(PackageItem).where(there).values(position=after))


def removed(session, package, _receipt):
    session.execute(delete(PackageItem).where(PackageItem.package_id == package.id, PackageItem.position == 2))


def added(session, package, _receipt):
    line = packages.items_of(session, package.id)[0]
    row = {column.name: getattr(line, column.name) for column in PackageItem.__table__.columns}
    session.execute(insert(PackageItem.__table__), [row | {"id": uuid4(), "position": package.size + 1}])


def written_anew(session, package, receipt):
    """Whoever changes a line and works out the hash again is betrayed by the logbook."""
    change(PackageItem, digest="0" * 64)(session, package, receipt)
    session.expire_all()
    package.hash = packages.package_hash(package, packages.items_of(session, package.id))
    session.flush()


def in_the_log(session, package, _receipt):
    line = session.scalars(select(LoggedChange).where(LoggedChange.subject_id == str(package.id))).one()
    session.execute(update(LoggedChange).where(LoggedChange.id == line.id).values(role="nobody"))


TAMPERED = {
    "content": change(PackageItem, content='{"a":1}'),
    "digest": change(PackageItem, digest="0" * 64),
    "disposition": change(PackageItem, disposition="withheld", ground="no_consent"),
    "known": change(PackageItem, known=False),
    "order": swapped,
    "removed": removed,
    "added": added,
    "result": change(ReceiptItem, result="added"),
    "verdict": change(HandoverReceipt, verdict="complete"),
    "hash": written_anew,
    "log": in_the_log,
}


def test_whatever_is_tampered_with_is_found_and_nothing_else(world):
    case_id = handed(world)
    with world.database.writing() as session:
        logbook.seal(session, at=world.clock())
    found = {}
    for name, act in TAMPERED.items():
        if name == "log" and not world.database.is_sqlite:
            continue  # there the application may not change a line at all
        with pytest.raises(Undone), world.database.writing() as session:
            [package], [receipt] = packages.of_case(session, case_id), packages.receipts_of(session, case_id)
            before = packages.check(session, package, receipt)
            assert (before.holds, before.anchored) == (True, logbook.Anchored.SEALED)
            act(session, package, receipt)
            session.expire_all()
            found[name] = packages.check(session, package, receipt)
            raise Undone
    assert [name for name, checked in found.items() if checked.holds] == []
    assert (found["content"].altered, found["content"].lines) == (1, True)
    assert not found["order"].lines
    assert found["result"].receipt is found["verdict"].receipt is False
    assert found["hash"].lines
    assert {found[name].anchored for name in ("hash", "log") if name in found} == {logbook.Anchored.BROKEN}


class Undone(Exception):
    """What was done in this transaction did not happen."""


@pytest.mark.parametrize("urls", ["postgresql"], indirect=True)
def test_the_database_shows_a_side_that_left_the_proof_and_no_line_of_it(world, urls):
    case_id = handed(world)
    midwife, nurse, other = world.region.midwife, world.region.nurse, world.region.other_midwife

    def seen(by) -> list[int]:
        closed = Database(urls.application)
        try:
            with closed.reading() as session:
                identify(session, organisation_id=by.organisation_id, role=by.role, person_id=by.person_id)
                tables = (HandoverPackage, HandoverReceipt, PackageItem, ReceiptItem)
                return [session.scalar(select(func.count()).select_from(one)) for one in tables]
        finally:
            closed.dispose()

    package, sent, _, arrived = lines_of(world, case_id)
    held = sum(one.ground is not None for one in sent)
    assert held > 0
    assert seen(nurse) == [1, 1, len(sent) - held, sum(one.ground is None for one in arrived)]
    assert seen(midwife)[2] == len(sent) - sum(one.ground is not None and not one.known for one in sent)
    assert seen(other) == [0, 0, 0, 0]
    with world.database.writing() as session:
        case = session.get_one(Case, case_id)
        team = {"organisation_id": midwife.organisation_id, "role": midwife.role}
        method.facts.cases.leave(session, case, **team, by=WORKER, at=world.clock())
    assert seen(midwife) == [1, 1, 0, 0]
    assert world.look(method.proof_view, package.id, by=midwife).checked.holds
    with pytest.raises(NotFound):
        world.look(method.proof_view, package.id, by=other)
    assert [len(world.look(method.team_proofs, by=one).items) for one in (midwife, nurse, other)] == [1, 1, 0]


def test_a_team_finds_all_it_gave_and_got_a_page_at_a_time_and_nothing_that_is_closed_to_a_colleague(world):
    midwife, nurse = world.region.midwife, world.region.nurse
    first = handed(world)
    world.clock.forward(days=1)
    second = world.begun()
    world.hand(midwife, nurse)

    page = world.look(method.team_proofs, by=midwife, page_size=1)
    rest = world.look(method.team_proofs, by=midwife, page_size=1, cursor=page.next_cursor)
    numbers = {case_id: world.look(method.case_view, case_id, by=nurse).case.number for case_id in (first,)}
    assert [one.verdict for one in page.items + rest.items] == [None, "more"]
    assert rest.items[0].case_number == numbers[first]
    assert rest.next_cursor is None
    assert [one.side for one in world.look(method.team_proofs, by=nurse).items] == ["receiver", "receiver"]
    with world.database.reading() as session:
        lines = session.scalars(select(LoggedRead).where(LoggedRead.event == "packages.listed"))
        assert sorted(one.details["cases"] for one in lines) == sorted(
            [second.hex, first.hex, " ".join(sorted((first.hex, second.hex)))]
        )
    world.do(method.step_aside, first, reason="neighbour", by=nurse)
    assert [one.verdict for one in world.look(method.team_proofs, by=nurse).items] == [None]


def test_what_went_missing_on_the_way_alarms_both_sides_at_once_and_says_which_receipt(world):
    case_id = world.begun()
    region = world.region
    midwife, nurse = region.midwife, region.nurse
    lost = world.do(method.add_comment, case_id, "Ze komt liever 's ochtends.", by=midwife)
    world.hand(midwife, nurse)
    with world.database.writing() as session:
        session.execute(delete(Comment).where(Comment.id == lost.id))  # as no verb does it
    with world.database.writing() as session:
        nora = builders.actor(session, "Nora Logbeheer", region.youth_health, Role.LOG_MANAGER, at=world.clock())
    world.fill(nurse, "handover_answer", ACCEPTED)

    _, _, receipt, arrived = lines_of(world, case_id)
    assert receipt.verdict == Verdict.BROKEN
    assert [one.item_id for one in arrived if one.result == ReceiptResult.MISSING] == [lost.id]
    with world.database.reading() as session:
        found = session.scalars(select(Alarm)).all()
    sides = {midwife.organisation_id, nurse.organisation_id}
    assert {(one.organisation_id, one.kind, one.count, one.person_id) for one in found} == {
        (side, "lost_item", 1, None) for side in sides
    }
    for manager in (region.log_manager, nora):
        by = replace(manager, second_factor=True)
        [view] = world.look(method.alarm_list, by=by).items
        assert (view.receipt_id, view.case_number is not None) == (receipt.id, True)
        assert world.look(method.proof_view, view.receipt_id, by=by).verdict == "broken"
        marked = world.look(method.log_page, filters={"unusual": True, "log": "changes"}, by=by).items
        assert [line.event for line in marked] == (["package.received"] if manager is nora else [])
        with pytest.raises(Invalid) as refused:
            world.do(method.explain_alarm, view.id, outcome="part_of_work", explanation="Hoort zo.", by=by)
        assert set(refused.value.errors) == {"outcome"}
        world.do(method.explain_alarm, view.id, outcome="restored", explanation="Uit de reservekopie.", by=by)


def test_a_handover_of_which_nothing_was_lost_alarms_nobody(world):
    handed(world)

    with world.database.reading() as session:
        assert session.scalars(select(Alarm.id)).all() == []


def handed(world: World):
    """A case that the nurse accepted from the midwife."""
    case_id = world.begun()
    world.hand(world.region.midwife, world.region.nurse)
    world.fill(world.region.nurse, "handover_answer", ACCEPTED)
    return case_id


PARTNER = {
    "member_kind": "partner", "name": "Joris Vergeetmij", "preferred_language": "nl", "interpreter_needed": False,
    "reading_support": False, "safe_contact": "letter", "safe_contact_detail": "Laan 1",
}  # fmt: skip


def test_it_still_verifies_when_a_person_is_erased_and_is_gone_with_the_whole_case(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    partner = world.do(method.record_member, case_id, answers=PARTNER, by=midwife)
    world.hand(midwife, nurse)
    world.fill(nurse, "handover_answer", ACCEPTED)
    world.clock.forward(days=365)
    world.do(method.add_comment, case_id, "Het gaat goed.", by=nurse)
    with world.database.writing() as session:
        [package], [receipt] = packages.of_case(session, case_id), packages.receipts_of(session, case_id)
        assert any("Vergeetmij" in (one.content or "") for one in packages.items_of(session, package.id))
        case = session.get_one(Case, case_id)
        reach = rights.reach_of_person(session, session.get_one(FamilyMember, partner.id))
        rights.destroy(
            session, case, reach, rule="on_request", scope=ErasureScope.THIS_PERSON,
            organisation_id=nurse.organisation_id, by=WORKER, at=world.clock(),
        )  # fmt: skip
        checked = packages.check(session, package, receipt)
        lines = packages.items_of(session, package.id)
        assert checked.holds
        assert checked.erased == sum(one.content is None for one in lines) > 0
        assert not any("Vergeetmij" in (one.content or "") or one.member_id == partner.id for one in lines)
    # Of what it may not know of, the receiver is not told how much is erased either.
    told = {by: world.look(method.proof_view, package.id, by=by).checked.erased for by in (midwife, nurse)}
    assert told == {by: sum(one.content is None and mine(one) for one in lines) for by, mine in (
        (midwife, lambda one: one.known), (nurse, lambda one: one.ground is None),
    )}  # fmt: skip
    assert told[nurse] < checked.erased
    with world.database.writing() as session:
        whole = rights.reach_of_case(session, session.get_one(Case, case_id), on=world.clock().date(), keep_years=20)
        rights.destroy(
            session, session.get_one(Case, case_id), whole, rule="on_request", scope=ErasureScope.WHOLE_CASE,
            organisation_id=nurse.organisation_id, by=WORKER, at=world.clock(),
        )  # fmt: skip
        assert packages.of_case(session, case_id) == packages.receipts_of(session, case_id) == []


CHANGES = st.lists(
    st.sampled_from(["comment", "midwife_comment", "partner", "attachment", "withdraw", "due_date", "freeze"]),
    max_size=5,
)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(changes=CHANGES, seen_first=st.booleans())
def test_no_item_is_neither_visible_to_the_receiver_nor_named_on_the_receipt(world, changes, seen_first):
    midwife, nurse = world.region.midwife, world.region.nurse
    if not hasattr(world, "waiting"):
        world.waiting = world.begun()
        world.hand(midwife, nurse)
        world.answer = world.take(nurse, "handover_answer")
    case_id, at = world.waiting, world.clock()
    with pytest.raises(Undone), world.database.writing() as session:
        if seen_first:
            method.case_view(session, case_id, by=nurse, at=at)
        for number, what in enumerate(changes):
            changed(session, case_id, what, number, midwife, at)
        method.complete_task(session, world.answer.id, answers=ACCEPTED, version=world.answer.version, by=nurse, at=at)
        everything_is_accounted_for(session, case_id, nurse, at)
        raise Undone


def changed(session, case_id, what, number, midwife, at):
    case = session.get_one(Case, case_id)
    match what:
        case "comment" | "midwife_comment":
            method.add_comment(session, case_id, f"Iets {number}", by=midwife, at=at)
        case "partner":
            answers = {**PARTNER, "name": f"Partner {number}", "member_kind": ("household", "partner")[number == 0]}
            method.record_member(session, case_id, answers=answers, by=midwife, at=at)
        case "attachment":
            content = attachments.prepare(f"brief{number}.pdf", b"%PDF-1.7\n%%EOF\n" + str(number).encode())
            method.add_attachment(session, case_id, content, description="Een brief", by=midwife, at=at)
        case "withdraw":
            given = [one for one in consent.of_case(session, case_id) if one.is_yes and one.category == "C4"]
            for one in given:
                method.withdraw_consent(session, one.id, by=midwife, at=at)
        case "due_date":
            answers = {"due_date": f"2027-03-{10 + number}", "due_date_certainty": "dating_scan"}
            method.change_due_date(session, case_id, answers=answers, by=midwife, at=at)
        case "freeze":
            packing.freeze(session, case, handovers.pending(session, case_id), by=midwife, at=at)


def everything_is_accounted_for(session, case_id, nurse, at):
    """Of all there is now, and all that was sent: it can be read on the pages, or the receipt names it."""
    session.flush()
    [*_, handover] = handovers.of_case(session, case_id)
    package = packages.latest(session, handover.id)
    lines = packages.receipt_items(session, packages.receipt_of(session, package.id).id)
    named = {(one.kind, one.item_id, one.compartment, one.part): one for one in lines}
    case = session.get_one(Case, case_id)
    eyes = viewer(session, case, case_facts(session, case, by=nurse, at=at), by=nurse, at=at)
    for one in items(session, case, eyes):
        if one.frozen and one.id != handover.id and (one.moment is None or one.moment < at or one.kind == "entry"):
            assert one.key in named or one.sees(eyes) is None, one
    sent = packages.items_of(session, package.id)
    assert [(one.kind, one.item_id) for one in lines[: len(sent)]] == [(one.kind, one.item_id) for one in sent]
    assert ReceiptResult.MISSING not in {one.result for one in lines}
    read = {(one.kind, one.item_id) for one in lines if one.ground is None}
    view = method.case_view(session, case_id, by=nurse, at=at)
    said = {(entry.id, one.compartment) for entry in view.entries for one in entry.values}
    assert {one for one in said if one[1] != "C5"} == {
        (one.item_id, one.compartment) for one in lines if one.kind == "entry" and one.ground is None
    }
    told = set()
    told |= {("member", one.id) for one in view.members if one.version is not None}
    told |= {("consent", one.id) for one in view.consents}
    told |= {("comment", one.id) for one in method.comment_list(session, case_id, by=nurse, at=at)}
    told |= {("attachment", one.id) for one in method.attachment_list(session, case_id, by=nurse, at=at)}
    kinds = {"member", "consent", "comment", "attachment"}
    assert told == {one for one in read if one[0] in kinds}
