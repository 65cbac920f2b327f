"""A copy holds what is about one person and nothing that is another's; a correction supersedes; a breach is told per person."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import structlog
from sqlalchemy import select

from api import logs
from api.pages import copies
from api.pages.family_pages import language, shape
from engine.clock import local_date
from tests import builders
from tests.workflows import path
from tests.workflows.test_rights import ask, taken
from workflows import attachments, consent, families, logbook, method
from workflows.actor import OPERATOR
from workflows.cases import Case
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.logbook import LoggedRead

#: Nothing here asks a database what other tests do not; on PostgreSQL the pages do.
pytestmark = pytest.mark.parametrize("urls", ["sqlite"], indirect=True)


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


LETTER = b"%PDF-1.7\n%%EOF\n"
NETWORK, PARTNER, REPORTER = "Tante Truus", "boos geworden", "Zij wil niet dat ik bel"


def told(world: path.World) -> UUID:
    """A family with a partner; network, the partner's numbers and a concern were written down in an exploration."""
    region = world.region
    task = world.start()
    signal = builders.signal_answers(
        world.clock(), professionals_involved=[{"who": "Wijkteam", "role_for_family": "Geld"}], safety_concern="yes"
    )
    world.complete(task, region.midwife, signal)
    world.do_next(
        region.midwife, path.consent_answers(share_youth_health_categories=["C0", "C1", "C3", "C4", "C6", "C7"])
    )
    world.do_next(region.midwife)
    explored = path.exploration_answers(
        world.clock(),
        network_map=[{"name_or_initial": NETWORK, "relation": "tante", "can_help_with": "oppas", "may_contact": True}],
        positive_health_partner={"bodily_functions": 4},
    )
    case_id: UUID = task.subject_id
    nurse = region.nurse
    world.complete(world.claim(nurse), nurse, explored)
    world.do(method.add_comment, case_id, "Ze belt liever na zes uur.", by=nurse)
    letter = attachments.prepare("brief.pdf", LETTER)
    world.do(method.add_attachment, case_id, letter, description="Van school", by=nurse)
    return case_id


def copy_of(world: path.World, request: method.RequestView, media: str = "json") -> bytes:
    return world.look(
        method.export_copy, request.id, render=copies.rendering(media), media=media, by=world.region.nurse
    )


def test_a_copy_is_everything_of_one_person_and_nothing_of_another(world, clock):
    case_id = told(world)
    nurse = world.region.nurse
    asked = ask(world, case_id, by=nurse)
    world.look(method.case_view, case_id, by=nurse)
    with pytest.raises(NotAllowed):
        copy_of(world, asked)  # nobody picked it up
    task = world.do(method.claim_task, asked.task_id, by=nurse)
    for giver, taker in ((nurse, world.region.nurse2), (world.region.nurse2, nurse)):
        note = "Ze wil een kopie op papier."
        task = world.do(method.assign_task, task.id, to=taker.person_id, note=note, by=giver).task

    data = copy_of(world, asked)

    copy = json.loads(data)
    said = data.decode()
    assert copy["schema"] == "steun-op-maat/personal-copy/1"
    assert (copy["person"]["name"], copy["person"]["birth_date"]) == ("Noor Voorbeeld", "1998-05-17")
    answers = [one for entry in copy["entries"] for one in entry["answers"]]
    assert {"signal", "routing", "exploration"} <= {entry["form"] for entry in copy["entries"]}
    assert any(one["question"] and one["answer"].startswith("Ik kom niet rond") for one in answers)
    assert "Wijkteam" in said and "Ze belt liever" in said  # noqa: PT018
    assert "op papier" in said  # what colleagues wrote to each other along with a task
    assert NETWORK not in said and copy["left_out"] == ["third_parties"]  # noqa: PT018
    assert not {one["compartment"] for one in answers} & {"C5", "C8"}
    assert "safety" not in said
    assert {one["category"] for one in copy["consents"]} >= {"C0", "C1"}
    assert [one["recipient"] for one in copy["disclosures"]] != []
    [file] = copy["attachments"]
    assert (file["name"], file["description"], file["size"]) == ("brief.pdf", "Van school", len(LETTER))
    assert file["sha256"] == hashlib.sha256(LETTER).hexdigest(), "the file that is handed over beside it"
    assert copy["looked"] and all("Ada" not in str(day) for day in copy["looked"])  # noqa: PT018
    pdf = copy_of(world, asked, "pdf")
    assert pdf.startswith(b"%PDF") and b"/StructTreeRoot" in pdf and b"/Lang" in pdf  # noqa: PT018
    with world.database.reading() as session:
        lines = session.scalars(
            select(LoggedRead).where(LoggedRead.event == "copy.exported").order_by(LoggedRead.id)
        ).all()
    assert [one.details["sha256"] for one in lines] == [hashlib.sha256(each).hexdigest() for each in (data, pdf)]
    assert {one.ground for one in lines} == {"legal_obligation"}
    world.complete(
        task, nurse,
        {"request_decision": "granted", "copy_form": "digital", "answer_words": "Hier is hij.",
         "answered_on": local_date(clock()).isoformat()},
    )  # fmt: skip
    with world.database.reading() as session:
        [handed] = [one for one in consent.disclosures(session, case_id) if one.cause == "copy"]
    assert (handed.recipient_kind, handed.subject_ids) == ("data_subject", [str(asked.subject_id)])


def test_one_lost_file_keeps_nobody_from_the_rest_of_the_copy_and_the_operator_hears(world, clock):
    case_id, nurse = told(world), world.region.nurse
    second = attachments.prepare("foto.pdf", LETTER + b"%")
    kept = world.do(method.add_attachment, case_id, second, description="", by=nurse)
    [lost] = [one for one in world.look(method.attachment_list, case_id, by=nurse) if one.id != kept.id]
    world.database.files.remove(lost.id)
    asked = ask(world, case_id, by=nurse)
    world.do(method.claim_task, asked.task_id, by=nurse)

    with structlog.testing.capture_logs() as operator:
        copy = json.loads(copy_of(world, asked))
    found = {one["name"]: one["sha256"] for one in copy["attachments"]}
    assert found == {"brief.pdf": None, "foto.pdf": hashlib.sha256(LETTER + b"%").hexdigest()}
    assert copy["entries"]
    assert copy_of(world, asked, "pdf").startswith(b"%PDF")
    assert operator == [{"event": "attachment.missing", "log_level": "error", "attachment_id": lost.id}]
    assert "attachment_id" in logs.ALLOWED
    with world.database.reading() as session:
        lines = session.scalars(select(LoggedRead).where(LoggedRead.event == "copy.exported")).all()
    assert {one.details["missing"] for one in lines} == {1}


def test_a_copy_tells_with_whom_it_was_shared_without_consent_and_not_what_nobody_told_yet(world, clock):
    case_id, nurse = told(world), world.region.nurse
    with world.database.writing() as session:
        team = builders.organisation(session, "Wijkteam (fictief)", "municipal_access_team", "social", at=clock())
        builders.actor(session, "Carla Casusregisseur", team, "case_director", at=clock())
    why = {"categories": ["C1"], "reason": "Ze wilde vannacht niet meer leven, en is niet bereikbaar.", "by": nurse}
    world.do(method.invoke_ground, case_id, ground="vital_interest", recipient=f"{team.id}:case_director", **why)
    report = world.do(method.invoke_ground, case_id, ground="right_to_report", recipient="safe_home", **why)
    asked = ask(world, case_id, by=nurse)
    world.do(method.claim_task, asked.task_id, by=nurse)

    def shared() -> set[tuple[str, str]]:
        found = json.loads(copy_of(world, asked))["disclosures"]
        return {(one["recipient"], one["ground"]) for one in found} & {
            ("Wijkteam (fictief)", "vital_interest"), ("safe_home", "right_to_report"),
        }  # fmt: skip

    assert shared() == {("Wijkteam (fictief)", "vital_interest")}
    world.do(method.tell_ground, report.id, by=nurse)
    assert len(shared()) == 2
    assert copy_of(world, asked, "pdf").startswith(b"%PDF")


def test_a_partner_and_a_child_get_what_is_about_them_and_not_what_the_parent_told(world, clock):
    case_id = told(world)
    with world.database.writing() as session:
        family_id = session.get_one(Case, case_id).family_id
        partner = families.subject(session, family_id, "partner", by=OPERATOR, at=clock())
        families.change_member(session, partner.id, name="Piet Partner", by=OPERATOR, at=clock())
        child = families.subject(session, family_id, "child", by=OPERATOR, at=clock())
    for member, more in (
        (partner, {}),
        (child, {"requested_by": "both_parents", "second_identity_check": "id_document"}),
    ):
        asked = ask(world, case_id, request_subject=str(member.id), **more)
        world.do(method.claim_task, asked.task_id, by=world.region.nurse)
        data = copy_of(world, asked).decode()
        copy = json.loads(data)

        assert "Ik kom niet rond" not in data and NETWORK not in data and "Ze belt liever" not in data  # noqa: PT018
        kinds = {one["compartment"] for entry in copy["entries"] for one in entry["answers"]}
        assert kinds <= ({"C8"} if member is partner else set())
        assert copy["goals"] == copy["comments"] == []
        assert copy["left_out"] == ([] if member is partner else ["bsn"])
        assert ("bodily_functions" in data) == (member is partner)
    copies.as_pdf(_any(world, asked))


def test_the_headings_of_a_copy_are_also_in_the_language_of_the_parent_and_what_was_written_stays(world):
    asked = ask(world, told(world), by=world.region.nurse)
    world.do(method.claim_task, asked.task_id, by=world.region.nurse)
    copy = _any(world, asked)
    dutch = copies.document(copy)
    assert dutch["also"] is None

    for code in sorted(set(language.NAMES) - {language.DUTCH}):
        say = language.catalogue(code).gettext
        also = copies.Also(code, code in language.FROM_THE_RIGHT, say, say(shape.NOT_REVIEWED))
        told_too = copies.document(copy, also)

        assert (told_too["title"], told_too["intro"]) == (dutch["title"], dutch["intro"])
        assert told_too["also"]["intro"][0] == also.warning
        assert (
            len(told_too["also"]["intro"]) == len(dutch["intro"]) + 1
        )  # the moment is said once; two things are added
        for section, before in zip(told_too["sections"], dutch["sections"], strict=True):
            assert (section["title"], section["parts"]) == (before["title"], before["parts"])
            assert before["said"] == []
            assert not {*section["said"]} & {section["title"], *section["intro"]}
            assert len(section["said"]) == 1 + len(section["intro"])
        assert copies.as_pdf(copy, also).startswith(b"%PDF")


def _any(world: path.World, asked: method.RequestView) -> method.PersonalCopy:
    found: list[method.PersonalCopy] = []

    def render(copy: method.PersonalCopy) -> bytes:
        found.append(copy)
        return b""

    world.look(method.export_copy, asked.id, render=render, media="pdf", by=world.region.nurse)
    return found[0]


def test_no_text_that_somebody_typed_is_read_as_markup_or_stops_the_document(world):
    case_id = taken(world)
    nasty = '#panic("x") *vet* $x$ <label> @bron // weg \\ \u202e \x01 \U0001f600 漢字 العربية `code` = kop\n- lijst'
    asked = ask(world, case_id, request_kind="addition", request_words=nasty.replace("\x01", ""))
    assert asked.status == "granted"
    copy_asked = ask(world, case_id)
    world.do(method.claim_task, copy_asked.task_id, by=world.region.nurse)

    assert copy_of(world, copy_asked, "pdf").startswith(b"%PDF")


def test_a_correction_supersedes_stays_readable_and_is_told_without_saying_what(world, clock):
    case_id = told(world)
    midwife, nurse = world.region.midwife, world.region.nurse
    [entry] = [one for one in world.look(method.case_view, case_id, by=midwife).entries if one.form_key == "signal"]
    clock.forward(days=2)
    form = world.look(method.correction_form, case_id, entry.id, by=midwife)
    right = {**form.answers, "support_request_own_words": "Ik kom wel rond, maar zonder reserve."}

    with pytest.raises(NotAllowed):
        world.do(method.correct_entry, case_id, entry.id, answers=right, by=nurse)
    with pytest.raises(NotFound):
        world.do(method.correct_entry, case_id, entry.id, answers=right, by=world.region.other_midwife)
    with pytest.raises(Invalid):
        world.do(method.correct_entry, case_id, entry.id, answers=dict(form.answers), by=midwife)
    with pytest.raises(Invalid) as wrong:
        world.do(method.correct_entry, case_id, entry.id, answers={**right, "phase": "moon"}, by=midwife)
    assert set(wrong.value.errors) == {"phase"}
    done = world.do(method.correct_entry, case_id, entry.id, answers=right, by=midwife)

    shown = {one.id: one for one in world.look(method.case_view, case_id, by=nurse).entries}
    assert shown[entry.id].superseded and not shown[done.entry_id].superseded  # noqa: PT018
    assert shown[done.entry_id].supersedes_id == entry.id
    assert "zonder reserve" in str(shown[done.entry_id].values) and "Ik kom niet rond" in str(shown[entry.id].values)  # noqa: PT018
    assert done.told == (world_name(world),)
    [card] = [one for one in world.look(method.work_list, by=nurse).items if one.form_key == "correction_notice"]
    assert "reserve" not in f"{card.name}{card.documentation}"
    world.complete(world.do(method.claim_task, card.id, by=nurse), nurse, {"correction_seen": True})
    with pytest.raises(WrongState):
        world.do(method.correct_entry, case_id, entry.id, answers=right, by=midwife)
    with world.database.reading() as session:
        assert {one.event for one in logbook.lines(session, case_id=case_id)} >= {"entry.corrected"}
        assert "reserve" not in str([one.details for one in logbook.lines(session, case_id=case_id)])


def world_name(world: path.World) -> str:
    return str(world.region.youth_health.name)


def test_a_breach_report_names_per_person_and_recipient_what_could_be_seen_and_nobody_by_name(world, clock):
    case_id = told(world)
    nurse = world.region.nurse
    clock.forward(days=1)
    began = clock()
    world.look(method.case_view, case_id, by=nurse)
    world.look(method.case_view, case_id, by=world.region.midwife)
    clock.forward(hours=1)
    with world.database.writing() as session:
        dpo = builders.actor(session, "Fay Functionaris", world.region.youth_health, "dpo", at=clock())
    period = {"since": began - timedelta(minutes=1), "until": clock()}

    own: Any = world.look(method.breach_report, **period, by=dpo, organisation_id=world.region.practice.id)

    assert {one.organisation_id for one in own.rows} == {
        nurse.organisation_id
    }  # of the own organisation, whatever is asked
    [row] = [one for one in own.rows if one.subject_kind == "pregnant_person"]
    assert (row.person_ids, row.role, row.times) == ((nurse.person_id,), "explorer", 1)
    assert {"C0", "C1"} <= set(row.shared) and "C5" not in {*row.read, *row.shared, *row.role_allows}  # noqa: PT018
    assert own.report_by - clock() == timedelta(hours=72)
    assert "Voorbeeld" not in str(own)
    every: Any = world.look(method.breach_report, **period, case_id=case_id, by=OPERATOR)
    assert {one.role for one in every.rows} == {"explorer", "signaller"}
    assert world.look(method.breach_report, since=clock(), until=clock() + timedelta(hours=1), by=OPERATOR).rows == ()
    with pytest.raises(NotAllowed):
        world.look(method.breach_report, **period, by=world.region.administrator)
    with world.database.reading() as session:
        query = select(LoggedRead).where(LoggedRead.event == "breach.reported").order_by(LoggedRead.id)
        lines = session.scalars(query).all()
    assert [one.details["subjects"] for one in lines] == [own.subjects, every.subjects, 0]
