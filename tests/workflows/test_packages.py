"""What goes along with a case is frozen, what arrives is compared with it, and both can be proved for years."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, Table, Uuid, event

from tests.workflows.handing import ACCEPTED, World
from workflows import handovers, logbook, method, packages, schema
from workflows.method import packing
from workflows.method.manifest import BESIDE, KINDS
from workflows.packages import Disposition, ReceiptResult, Verdict


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
    assert checked.holds
    assert checked.anchored == logbook.Anchored.WAITING


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
