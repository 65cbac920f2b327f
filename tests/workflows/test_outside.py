"""Handing over to somebody without an account: a link and a code that go apart, once, and the case stays held."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests import builders
from tests.workflows.families_world import member_answers
from tests.workflows.handing import World
from workflows import consent, logbook, method, outside, rights, vault
from workflows.actor import WORKER
from workflows.cases import Case
from workflows.consent import Disclosure
from workflows.db import house
from workflows.errors import ConsentMissing, Invalid, NotFound, Refusal, WrongState
from workflows.families import FamilyMember
from workflows.logbook import LoggedRead
from workflows.method.facts import case_facts
from workflows.method.manifest import items, viewer
from workflows.outside import OutsideHandover
from workflows.rights import ErasureScope

SEND = {
    "kind": "regular_care", "way": "link", "party_kind": "general_practice", "party_name": "Huisarts Van Dam (fictief)",
    "telephone": "077-5550123", "shown_to_parent": True,
}  # fmt: skip
RECEIVED = {"receipt": "takes_over", "name": "D. van Dam", "function": "huisarts", "organisation": "Praktijk Van Dam"}
STRANGER = method.outsider("link")


@pytest.fixture
def world(database, clock) -> World:
    return World(database, clock)


@pytest.fixture
def case_id(world):
    """A case that the practice holds, of a parent who agrees to handing over to the GP."""
    found = world.begun()
    agree(world, found)
    return found


def agree(world: World, case_id, categories=("C0", "C1"), kind="general_practice", subject=None, **more) -> None:
    with world.database.writing() as session:
        case = session.get_one(Case, case_id)
        given = {
            "given_by": "self",
            "form": "oral",
            "information_given": consent.EXPLAINED,
            "text_version": "1",
            **more,
        }
        consent.record(
            session, case_id=case.id, subject_id=subject or builders.parent(session, case).id, recipient_kind=kind,
            purpose="handover", categories=list(categories), by=world.region.midwife, at=world.clock(), **given,
        )  # fmt: skip


def send(world: World, case_id, **changes):
    return world.do(method.hand_over_outside, case_id, **{**SEND, **changes}, by=world.region.midwife)


def opens(world: World, token: str, code: str):
    """Whatever comes of it is kept, as at the door."""
    refused = None
    with world.database.writing() as session:
        try:
            return method.open_outside(session, token, code, by=STRANGER, at=world.clock())
        except method.NothingOpens as refusal:
            refused = refusal
    raise refused


def row(world: World, sent) -> OutsideHandover:
    with world.database.reading() as session:
        return session.get_one(OutsideHandover, sent.id)


WEIGHED = "De kinderrechter legde een ondertoezichtstelling op; de instelling moet weten wat er speelt."
FORCED = {
    "kind": "compulsory_framework",
    "party_kind": "youth_care",
    "party_name": "Gecertificeerde instelling (fictief)",
}


def weigh(world: World, case_id, **changes):
    given = {
        "ground": "legal_obligation", "recipient": "outside:youth_care", "categories": ["C0", "C1"], "reason": WEIGHED,
    }  # fmt: skip
    return world.do(method.invoke_ground, case_id, **{**given, **changes}, by=world.region.midwife)


def test_in_a_compulsory_framework_it_rests_on_another_ground_that_somebody_weighed(world):
    case_id = world.begun()
    midwife, forced = world.region.midwife, {**FORCED, "shown_to_parent": False}
    with pytest.raises(ConsentMissing):
        send(world, case_id, **{**forced, "shown_to_parent": True})
    [choice] = [
        one for one in world.look(method.ground_choices, case_id, by=midwife) if one.ground == "legal_obligation"
    ]
    assert ("outside:youth_care", None, None) in choice.recipients

    ground = weigh(world, case_id)

    with world.database.reading() as session:
        before = [one for one in session.scalars(select(Disclosure)) if one.recipient_kind == "youth_care"]
    assert before == [], "weighing it sends nothing"
    content = world.look(method.outside_preview, case_id, party_kind="youth_care", by=midwife)
    assert (content["categories"], content["ground"]) == (["C0", "C1"], "legal_obligation")
    with pytest.raises(ConsentMissing):
        world.look(method.outside_preview, case_id, party_kind="mental_health", by=midwife)
    sent = send(world, case_id, **forced)
    opened = opens(world, sent.token, sent.code)
    assert [one["name"] for one in opened.content["people"]] == ["Noor Voorbeeld"]
    with world.database.reading() as session:
        [shared] = [one for one in session.scalars(select(Disclosure)) if one.cause_id == sent.id]
        assert (shared.ground, shared.categories, shared.consent_ids) == ("legal_obligation", ["C0", "C1"], [])
        [line] = session.scalars(select(LoggedRead).where(LoggedRead.event == "outside.read"))
        assert (line.ground, line.compartments) == ("legal_obligation", "C0 C1")
    assert proof(world, sent).checked.holds

    other = send(world, case_id, **forced)
    world.do(method.end_ground, ground.id, by=midwife)
    assert (row(world, other).status, row(world, other).ended_because) == ("ended", "consent_ended")
    with pytest.raises(method.NothingOpens):
        opens(world, other.token, other.code)
    with pytest.raises(ConsentMissing):
        send(world, case_id, **FORCED)


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": "outside:welfare"}, {"recipient": "outside:nobody"}, {"recipient": "outside:safe_home"},
        {"categories": ["C5"]}, {"categories": []},
    ],
)  # fmt: skip
def test_no_ground_opens_safety_or_goes_to_a_kind_that_cannot_rest_on_it(world, changes):
    with pytest.raises(Invalid):
        weigh(world, world.begun(), **changes)


def proof(world: World, sent, given: str | None = None):
    with world.database.reading() as session:
        return method.operator_proof(session, sent.id, given=given)


class Undone(Exception):
    """What was done in this transaction did not happen."""


def test_what_was_sent_outside_and_that_it_arrived_can_be_proved_for_years(world, case_id):
    sent = send(world, case_id)
    opened = opens(world, sent.token, sent.code)
    before = proof(world, sent)
    assert (before.package_hash, before.receipt_hash, before.checked.receipt) == (opened.package_hash, None, None)
    world.do(method.confirm_outside, sent.token, opened.receipt_token, **RECEIVED, by=STRANGER)
    with world.database.writing() as session:
        logbook.seal(session, at=world.clock())
    world.clock.forward(days=365)
    world.do(method.add_comment, case_id, "Het gaat goed.", by=world.region.midwife)

    found = proof(world, sent, given=opened.package_hash.upper())
    [view] = world.look(method.outside_list, case_id, by=world.region.midwife)
    assert (found.checked.holds, found.checked.receipt, found.same) == (True, True, True)
    assert found.checked.anchored == logbook.Anchored.SEALED
    assert (view.holds, view.package_hash, view.receipt_hash) == (True, opened.package_hash, found.receipt_hash)
    assert not proof(world, sent, given="0" * 64).same
    with world.database.reading() as session:
        lines = [one.details["hash"] for name in ("sent", "received")
                 for one in logbook.changes_of(session, case_id, f"outside.{name}")]  # fmt: skip
    assert lines == [found.package_hash, found.receipt_hash]

    other = outside.content_about(sent.id)
    for name, change in {
        "whom": {"party_name": "Huisarts De Boer (fictief)"},
        "kinds": {"categories": ["C0", "C1", "C6"]},
        "who": {"receiver_name": "Iemand anders"},
        "what": {"receipt": "read"},
        "digest": {"content_hash": "0" * 64},
        "content": None,
    }.items():
        with pytest.raises(Undone), world.database.writing() as session:
            one = session.get_one(OutsideHandover, sent.id)
            if change is None:
                change = {"sealed_content": vault.of(session).seal_json({"people": []}, about=other)}
            for column, value in change.items():
                setattr(one, column, value)
            assert not outside.check(session, one).holds, name
            raise Undone


def test_it_opens_once_with_link_and_code_and_the_sender_goes_on_holding(world, case_id):
    before = world.holder(case_id)
    sent = send(world, case_id)

    opened = opens(world, sent.token, f"{sent.code[:4]} {sent.code[4:]}")

    assert [one["name"] for one in opened.content["people"]] == ["Noor Voorbeeld"]
    assert opened.content["categories"] == ["C0", "C1"]
    with pytest.raises(method.NothingOpens):
        opens(world, sent.token, sent.code)
    world.do(method.confirm_outside, sent.token, opened.receipt_token, **RECEIVED, by=STRANGER)
    with pytest.raises(method.NothingOpens):
        world.do(method.confirm_outside, sent.token, opened.receipt_token, **RECEIVED, by=STRANGER)
    [view] = world.look(method.outside_list, case_id, by=world.region.midwife)
    assert (view.status, view.receipt, view.receiver_function, view.by_telephone) == (
        "received", "takes_over", "huisarts", False,
    )  # fmt: skip
    assert world.holder(case_id) == before
    tasks = world.look(method.work_list, by=world.region.midwife).items
    assert [task.name for task in tasks if task.name.startswith("Aangekomen")] != []
    with world.database.reading() as session:
        [shared] = [one for one in session.scalars(select(Disclosure)) if one.cause_id == sent.id]
        assert (shared.recipient_kind, shared.recipient_organisation_id) == ("general_practice", None)
        assert (shared.categories, bool(shared.consent_ids)) == (["C0", "C1"], True)
        [line] = session.scalars(select(LoggedRead).where(LoggedRead.event == "outside.read"))
        assert (line.organisation_id, line.person_id, line.access_point) == (None, None, "link")
        [parent] = [builders.parent(session, session.get_one(Case, case_id))]
    # The parent hears of it, with the word for who came with a link.
    log = world.look(method.client_log, case_id, subject_id=parent.id, by=world.region.midwife)
    assert any(line.role == method.OUTSIDER for day in log.days for line in day.lines)


def test_nothing_of_link_or_code_is_kept_and_what_was_sent_is_closed(world, case_id):
    sent = send(world, case_id)
    kept = row(world, sent)

    text = str([getattr(kept, column.key) for column in OutsideHandover.__table__.columns])
    assert sent.token not in text
    assert sent.code not in text
    assert "Noor" not in text
    assert len(sent.token) >= 43
    assert (len(kept.token_hash), len(kept.code_digest)) == (32, 32)


def test_only_what_the_family_agreed_to_for_this_kind_of_party_goes_along(world, case_id):
    answers = world.look(method.outside_preview, case_id, party_kind="general_practice", by=world.region.midwife)
    assert answers["entries"], "the signal, as far as the parent agreed"
    said = {question for entry in answers["entries"] for question, _ in entry["answers"]}
    agree(world, case_id, ("C1",), kind="maternity_care")
    less = world.look(method.outside_preview, case_id, party_kind="maternity_care", by=world.region.midwife)

    assert less["people"] == []
    assert {question for entry in less["entries"] for question, _ in entry["answers"]} < said
    with pytest.raises(ConsentMissing):
        world.look(method.outside_preview, case_id, party_kind="hospital", by=world.region.midwife)
    with pytest.raises(ConsentMissing):
        send(world, case_id, party_kind="mental_health")
    with pytest.raises(Invalid) as refused:
        send(world, case_id, party_name=" ", telephone="bellen", kind="x", way="mail", shown_to_parent=False)
    assert set(refused.value.errors) == {"party_name", "telephone", "kind", "way", "shown_to_parent"}
    for other in (world.region.nurse, world.region.other_midwife, world.region.process_director):
        with pytest.raises(NotFound):
            world.do(method.hand_over_outside, case_id, **SEND, by=other)


def test_every_refusal_is_the_same(world, case_id, clock):
    answers = []

    def refused(token: str, code: str) -> None:
        with pytest.raises(method.NothingOpens) as told:
            opens(world, token, code)
        answers.append((told.value.title, told.value.detail))

    refused("onbekend", "12345678")
    wrong = send(world, case_id)
    other = send(world, case_id)
    refused(wrong.token, other.code)
    for _ in range(3):
        refused(wrong.token, "")
    assert row(world, wrong).status == "sent"
    refused(wrong.token, "00000000")
    assert row(world, wrong).ended_because == "wrong_codes"
    refused(wrong.token, wrong.code)  # the right one, too late
    world.do(method.withdraw_outside, other.id, by=world.region.midwife)
    refused(other.token, other.code)
    late = send(world, case_id)
    clock.forward(days=7)
    refused(late.token, late.code)
    assert len(set(answers)) == 1
    with pytest.raises(WrongState):
        world.do(method.withdraw_outside, wrong.id, by=world.region.midwife)


def test_a_yes_that_is_taken_back_ends_what_is_on_its_way(world, case_id):
    sent = send(world, case_id)
    opened = send(world, case_id)
    shown = opens(world, opened.token, opened.code)
    with world.database.writing() as session:
        given = [one for one in consent.of_case(session, case_id) if one.recipient_kind == "general_practice"]
        ids = [one.id for one in given if one.is_yes]
    world.do(method.withdraw_consents, case_id, ids, withdrawn_by="self", by=world.region.midwife)

    assert [row(world, one).ended_because for one in (sent, opened)] == ["consent_ended"] * 2
    with pytest.raises(method.NothingOpens):
        opens(world, sent.token, sent.code)
    with pytest.raises(method.NothingOpens):
        world.do(method.confirm_outside, opened.token, shown.receipt_token, **RECEIVED, by=STRANGER)


def test_a_partner_who_wants_it_no_longer_is_in_nothing_that_opens(world, case_id, clock):
    partner = world.do(method.record_member, case_id, answers=member_answers("partner"), by=world.region.midwife)
    agree(world, case_id, ("C0",), subject=partner.id)
    first, second = send(world, case_id), send(world, case_id)
    assert len(opens(world, first.token, first.code).content["people"]) == 2  # both, as both agreed

    clock.forward(hours=1)
    with world.database.writing() as session:
        [his] = [one for one in consent.of_case(session, case_id) if one.subject_id == partner.id]
    world.do(method.withdraw_consents, case_id, [his.id], withdrawn_by="self", by=world.region.midwife)

    assert row(world, second).ended_because == "consent_ended"
    with pytest.raises(method.NothingOpens):
        opens(world, second.token, second.code)
    clock.forward(hours=1)
    third = send(world, case_id)
    assert len(opens(world, third.token, third.code).content["people"]) == 1


def test_a_yes_that_ran_out_opens_nothing_whenever_the_worker_comes_by(world, case_id, clock):
    agree(world, case_id, ("C0",), kind="hospital", valid_until=clock() + timedelta(hours=1))
    sent = send(world, case_id, party_kind="hospital")
    clock.forward(hours=2)

    with pytest.raises(method.NothingOpens):
        opens(world, sent.token, sent.code)


def test_two_browsers_at_once_and_one_of_them_reads(world, case_id):
    sent, gate = send(world, case_id), Barrier(2)

    def one(_):
        gate.wait()
        try:
            return opens(world, sent.token, sent.code).receipt_token
        except Refusal as refusal:
            return type(refusal).__name__

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(one, range(2)))

    assert sorted(name == "NothingOpens" for name in found) == [False, True]


def test_on_paper_it_is_printed_and_the_receipt_comes_by_telephone(world, case_id):
    sent = send(world, case_id, way="paper", kind="municipality")
    assert (sent.token, sent.code) == ("", "")

    _, content = world.look(method.outside_paper, sent.id, by=world.region.midwife)
    assert content["people"]
    view = world.do(
        method.record_outside_receipt, sent.id, **{**RECEIVED, "receipt": "read"}, by=world.region.midwife
    )  # fmt: skip

    assert (view.status, view.receipt, view.by_telephone) == ("received", "read", True)
    with world.database.reading() as session:
        assert [one.cause_id for one in session.scalars(select(Disclosure))].count(sent.id) == 1
        assert [line.event for line in logbook.lines(session, case_id=case_id)][-2:] == [
            "outside.received",
            "task.added",
        ]
    assert outside.OutsideStatus.RECEIVED == "received"


# --- a line for every item


KINDS_OF_DATA = ("C0", "C1", "C2", "C3", "C4", "C6", "C7")


def sent_lines(session, sent) -> list[outside.Line]:
    return outside.lines_of(session, session.get_one(OutsideHandover, sent.id))


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(
    agreed=st.sets(st.sampled_from(KINDS_OF_DATA), min_size=1),
    more=st.sets(st.sampled_from(["comment", "partner", "due_date"])),
)
def test_no_item_of_the_family_is_neither_in_what_is_read_nor_withheld_with_a_ground(world, agreed, more):
    if not hasattr(world, "waiting"):
        world.waiting = world.begun()
    case_id, at, midwife = world.waiting, world.clock(), world.region.midwife
    with pytest.raises(Undone), world.database.writing() as session:
        case = session.get_one(Case, case_id)
        consent.record(
            session, case_id=case_id, subject_id=builders.parent(session, case).id, recipient_kind="general_practice",
            purpose="handover", categories=sorted(agreed), given_by="self", form="oral",
            information_given=consent.EXPLAINED, text_version="1", by=midwife, at=at,
        )  # fmt: skip
        if "comment" in more:
            method.add_comment(session, case_id, "Ze komt liever ’s ochtends.", by=midwife, at=at)
        if "partner" in more:
            method.record_member(session, case_id, answers=member_answers("partner"), by=midwife, at=at)
        if "due_date" in more:
            dated = {"due_date": "2027-03-10", "due_date_certainty": "dating_scan"}
            method.change_due_date(session, case_id, answers=dated, by=midwife, at=at)
        before = items_now(session, case, midwife, at)
        sent = method.hand_over_outside(session, case_id, **SEND, by=midwife, at=at)
        opened = method.open_outside(session, sent.token, sent.code, by=STRANGER, at=at)

        lines = sent_lines(session, sent)
        keys = [(one["kind"], one["id"], one["compartment"]) for one in lines]
        assert {(one.kind, one.id.hex, one.compartment) for one in before} == set(keys)
        assert not any(one["compartment"] == "C5" for one in lines)
        told = [json.loads(one["said"]) for one in lines if one["ground"] is None]
        assert all((one["ground"] is None) == (one["said"] is not None) for one in lines)
        assert {one["name"] for one in opened.content["people"]} == {one["name"] for one in told if "name" in one}
        read = [answer for entry in opened.content["entries"] for answer in entry["answers"]]
        went = [answer[1:] for one in told for answer in one.get("answers", ())]
        assert sorted(read) == sorted(went)
        assert {one["compartment"] for one in lines if one["ground"] is None} <= agreed
        withheld = {one["ground"] for one in lines if one["ground"] and one["compartment"] in agreed}
        assert "no_consent" not in withheld
        assert {"lines", "salt"}.isdisjoint(opened.content)
        [view] = method.outside_list(session, case_id, by=midwife, at=at)
        known = [one for one in lines if one["known"]]
        assert view.went + sum(one.count for one in view.held_back) == len(known)
        raise Undone


def items_now(session, case, by, at):
    session.flush()
    with house(session):
        eyes = viewer(session, case, case_facts(session, case, by=by, at=at), by=by, at=at)
        return [one for one in items(session, case, eyes) if one.frozen]


def changed_lines(change):
    def act(session, one):
        content = outside.content_of(session, one)
        content = {**content, "lines": change([dict(line) for line in content["lines"]])}
        one.sealed_content = vault.of(session).seal_json(content, about=outside.content_about(one.id))

    return act


def rewritten(name, value, *, went):
    def change(lines):
        line = next(one for one in lines if (one["ground"] is None) == went)
        line[name] = value
        return lines

    return changed_lines(change)


LINES_TAMPERED = {
    "what it says": rewritten("said", '{"name":"Iemand anders"}', went=True),
    "digest": rewritten("digest", "0" * 64, went=True),
    "digest of what stayed": rewritten("digest", "0" * 64, went=False),
    "as if it stayed": rewritten("ground", "no_consent", went=True),
    "as if it went": rewritten("ground", None, went=False),
    "as if the sender knew": rewritten("known", None, went=False),
    "order": changed_lines(lambda lines: lines[::-1]),
    "one less": changed_lines(lambda lines: lines[1:]),
    "one more": changed_lines(lambda lines: [*lines, lines[0]]),
    "as if it had none": lambda _session, one: setattr(one, "size", None),
    "another number": lambda _session, one: setattr(one, "size", one.size + 1),
}


def test_a_line_that_was_changed_is_found(world, case_id):
    sent = send(world, case_id)
    found = {}
    for name, act in LINES_TAMPERED.items():
        with pytest.raises(Undone), world.database.writing() as session:
            one = session.get_one(OutsideHandover, sent.id)
            assert outside.check(session, one).holds
            act(session, one)
            found[name] = outside.check(session, one)
            raise Undone
    assert [name for name, checked in found.items() if checked.holds] == []
    assert (found["what it says"].altered, found["what it says"].lines) == (1, True)
    assert not found["order"].lines


def test_what_was_sent_before_there_were_lines_still_verifies(world, case_id):
    sent = send(world, case_id)
    content = {"categories": ["C0", "C1"], "people": [], "entries": [], "sender": "De Bron", "salt": "ab" * 16}
    plain = {"ensure_ascii": False, "separators": (",", ":")}

    def hashed(told, **more):
        return hashlib.sha256(json.dumps(told, **plain, **more).encode()).hexdigest()

    with world.database.writing() as session:
        new = session.get_one(OutsideHandover, sent.id)
        old = OutsideHandover(
            **{name: getattr(new, name) for name in (
                "case_id", "kind", "party_kind", "party_name", "telephone", "status", "categories", "sent_at", "sent_by",
                "sent_for", "sent_role", "open_until",
            )},
            id=uuid4(), way="paper", content_hash=hashed(content, sort_keys=True),
        )  # fmt: skip
        old.sealed_content = vault.of(session).seal_json(content, about=outside.content_about(old.id))
        session.add(old)
        session.flush()
        hash = hashed([
            "steun-op-maat/outside/1", old.id.hex, case_id.hex, old.kind, "paper", old.party_kind, old.party_name,
            ["C0", "C1"], old.sent_for.hex, old.sent_role, old.sent_by.hex,
            old.sent_at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds"), old.content_hash,
        ])  # fmt: skip
        logbook.write(
            session, "outside.sent", "outside_handover", old.id, case_id=case_id, by=world.region.midwife,
            at=old.sent_at, details={"hash": hash},
        )  # fmt: skip
    assert proof(world, old, given=hash).same
    assert proof(world, old).checked.holds
    views = {one.id: one for one in world.look(method.outside_list, case_id, by=world.region.midwife)}
    assert (views[old.id].went, views[old.id].held_back) == (None, ())
    _, told = world.look(method.outside_paper, old.id, by=world.region.midwife)
    assert "more" not in told


def test_it_still_verifies_when_somebody_is_erased_and_says_nothing_of_them(world, case_id):
    midwife = world.region.midwife
    partner = world.do(method.record_member, case_id, answers=member_answers("partner"), by=midwife)
    agree(world, case_id, ("C0",), subject=partner.id)
    sent = send(world, case_id, way="paper")
    _, before = world.look(method.outside_paper, sent.id, by=midwife)
    [name] = {one["name"] for one in before["people"]} - {"Noor Voorbeeld"}
    with world.database.writing() as session:
        reach = rights.reach_of_person(session, session.get_one(FamilyMember, partner.id))
        rights.destroy(
            session, session.get_one(Case, case_id), reach, rule="on_request", scope=ErasureScope.THIS_PERSON,
            organisation_id=midwife.organisation_id, by=WORKER, at=world.clock(),
        )  # fmt: skip
        one = session.get_one(OutsideHandover, sent.id)
        kept = str(outside.content_of(session, one))
        assert name not in kept
        assert partner.id.hex not in [line["member"] for line in sent_lines(session, sent)]
        checked = outside.check(session, one)
        assert checked.holds
        assert checked.erased > 0
    _, after = world.look(method.outside_paper, sent.id, by=midwife)
    assert [one["name"] for one in after["people"]] == ["Noor Voorbeeld"]
    assert after["entries"] == before["entries"]
    assert proof(world, sent).checked.erased == checked.erased


def test_the_sender_hears_nothing_of_what_it_may_not_know_of(world, case_id):
    midwife, nurse = world.region.midwife, world.region.nurse
    world.do(method.keep_case_reference, case_id, "V-1", by=midwife)  # of the midwife's team alone
    world.take(nurse, "exploration")
    sent = world.do(method.hand_over_outside, case_id, **SEND, by=nurse)

    with world.database.reading() as session:
        unknown = [one for one in sent_lines(session, sent) if not one["known"]]
    assert "reference" in {one["kind"] for one in unknown}
    [view] = world.look(method.outside_list, case_id, by=nurse)
    assert "reference" not in {one.kind for one in view.held_back}


@pytest.mark.parametrize(
    ("grounds", "more"),
    [([], False), ([None, "own_records"], False), ([None, "no_consent"], True), (["shielded_address"], True)],
)
def test_there_is_more_only_when_a_parent_could_tell_it(grounds, more):
    assert outside.there_is_more([{"ground": one} for one in grounds]) is more
