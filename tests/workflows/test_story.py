"""A case told as one story: what happened, and who stands around the family. Made of views that were cut before; no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from workflows.method import (
    ActionView,
    Around,
    CaseStory,
    ContactView,
    EntryView,
    Happening,
    HubTalk,
    Part,
    PlanView,
    Ring,
    TalksView,
    ValueView,
    around_family,
    timeline,
)

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
MIDWIFERY, YOUTH_HEALTH, VERA, JET = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)


def entry(form_key: str, at: datetime = AT, *, compartment: str = "C1", **more: Any) -> EntryView:
    value = ValueView("field", "Vraag", 0, "x", "x", compartment)
    known: dict[str, Any] = {
        "id": uuid4(), "form_key": form_key, "bundle_digest": "", "organisation_id": MIDWIFERY, "role": "signaller",
        "author_id": VERA, "observed_at": at, "recorded_at": at, "supersedes_id": None, "about_id": None,
        "superseded": False, "values": (value,), "withheld": False,
    }  # fmt: skip
    return EntryView(**{**known, **more})


def story(*entries: EntryView, statuses: tuple[tuple[datetime, str], ...] = (), **more: Any) -> CaseStory:
    card: Any = SimpleNamespace(
        signaller_organisation_id=MIDWIFERY, holder_organisation_id=YOUTH_HEALTH, holder_role="explorer",
        holder_person_id=JET,
    )  # fmt: skip
    view: Any = SimpleNamespace(
        case=card,
        entries=entries,
        tasks=(),
        status_history=[SimpleNamespace(at=at, status=status) for at, status in statuses],
    )
    return CaseStory(case=view, people={VERA: "Vera", JET: "Jet"}, **{"sharing": ledger(), **more})


def ledger(*answers: Any) -> Any:
    return SimpleNamespace(answers=answers, told=True, stopped_at=(), disclosures=(), grounds=())


def told(given: CaseStory) -> list[tuple[str, str | None, str | None]]:
    return [(one.kind.value, one.code, one.status) for one in timeline(given, at=AT + timedelta(days=30))]


def consent(at: datetime, *, given: bool, kind: str, purpose: str = "exploration", withdrawn: Any = None) -> Any:
    return SimpleNamespace(
        recorded_at=at, given=given, recipient_organisation_id=None, recipient_kind=kind, purpose=purpose,
        withdrawn_at=withdrawn, recorded_by=VERA, recorded_for=MIDWIFERY,
    )  # fmt: skip


def test_what_two_views_tell_is_told_once_newest_first() -> None:
    later = AT + timedelta(days=2)
    sharing = ledger(
        consent(later, given=True, kind="youth_health"),
        consent(later, given=False, kind="youth_health"),
        consent(later, given=False, kind="municipality", withdrawn=None),
    )
    given = story(
        entry("signal"), entry("consent", later),
        statuses=((AT - timedelta(hours=1), "draft"), (later, "in_routing"), (later + timedelta(days=1), "in_exploration")),
        sharing=sharing,
    )  # fmt: skip

    assert told(given) == [
        ("status", "in_exploration", None), ("written", "consent", "in_routing"), ("written", "signal", None),
        ("began", None, None),
    ]  # fmt: skip
    asked = timeline(given, at=later)[1]
    assert [one.kind for one in asked.allowed] == ["youth_health"]
    assert [one.kind for one in asked.refused] == ["municipality"]


def test_what_was_only_about_safety_has_no_line_and_leaves_no_gap() -> None:
    seen = entry("exploration")
    alone = story(seen, statuses=((AT, "in_exploration"),))
    with_safety = story(
        entry("signal", AT + timedelta(hours=1), compartment="C5"), seen, statuses=((AT, "in_exploration"),)
    )

    assert timeline(with_safety, at=AT) == timeline(alone, at=AT)
    assert {one.last_on for one in around_family(with_safety)} == {one.last_on for one in around_family(alone)}
    withheld = replace(entry("signal", compartment="C5"), withheld=True)
    assert told(story(withheld)) == [("written", "signal", None)]


def test_a_correction_says_what_it_corrects_and_the_first_stays() -> None:
    first = entry("exploration", superseded=True)
    again = entry("exploration", AT + timedelta(days=3), supersedes_id=first.id, observed_at=AT)

    corrected, written = timeline(story(first, again), at=AT)

    assert (corrected.kind, corrected.on, corrected.earlier_on) == (
        Happening.CORRECTED,
        date(2026, 11, 6),
        date(2026, 11, 3),
    )
    assert written.kind == Happening.WRITTEN


def test_a_talk_is_told_by_what_came_of_it_and_comments_of_a_day_are_one_line() -> None:
    def comment(at: datetime) -> Any:
        return SimpleNamespace(at=at, author_id=VERA, author_name="Vera", organisation_id=MIDWIFERY, role="signaller")

    def meeting(status: str, at: datetime) -> HubTalk:
        return HubTalk(at, "", False, status, "held", True, True, None, None, None, False, (), YOUTH_HEALTH, None)

    decided: Any = SimpleNamespace(evaluated_on=date(2026, 11, 4), decision="continue")
    given = story(
        entry("evaluation", AT + timedelta(days=1)), entry("hub_minutes"),
        hub=(meeting("discussed", AT), meeting("planned", AT + timedelta(days=60)), meeting("removed", AT)),
        talks=TalksView(evaluations=(decided,)),
        comments=(comment(AT + timedelta(hours=1)), comment(AT + timedelta(hours=2)), comment(AT + timedelta(days=1))),
    )  # fmt: skip

    found = timeline(given, at=AT + timedelta(days=2))

    assert [(one.kind, one.count) for one in found] == [
        (Happening.EVALUATED, 0), (Happening.COMMENTS, 1), (Happening.COMMENTS, 2), (Happening.MEETING, 0),
    ]  # fmt: skip


def test_who_only_knows_how_agreements_stand_reads_no_words_of_them() -> None:
    plan = PlanView(version=1, status="agreed", actions=(ActionView(1, "accepted"), ActionView(2, "done")))

    assert timeline(story(plan=plan), at=AT) == ()
    assert [one.organisation_id for one in around_family(story(plan=plan)) if one.ring == Ring.ORGANISATION] == [
        YOUTH_HEALTH, MIDWIFERY,
    ]  # fmt: skip


def test_who_stands_around_the_family_is_each_there_once_and_the_nearest_first() -> None:
    plan = PlanView(
        version=1,
        actions=(
            ActionView(1, "accepted", what="Oppassen", owner_kind="informal", owner_name="Oma "),
            ActionView(2, "proposed", what="Post", owner_kind="informal", owner_name="Buurvrouw"),
            ActionView(3, "accepted", what="Geld", owner_kind="professional", organisation_id=MIDWIFERY),
            ActionView(4, "stopped", what="Oud", owner_kind="informal", owner_name="Niet meer"),
        ),
    )
    talks = TalksView(network=(ContactView("Oma", "moeder", None, False),))

    found = around_family(story(entry("signal"), plan=plan, talks=talks))

    def seen(one: Around) -> tuple[Any, ...]:
        return (one.ring, one.name or one.organisation_id, one.parts)

    assert [seen(one) for one in found] == [
        (Ring.OWN, "Oma", (Part.OWN_NETWORK, Part.OWN_ACTION)),
        (Ring.OWN, "Buurvrouw", (Part.OWN_ACTION,)),
        (Ring.PROFESSIONAL, "Jet", (Part.HOLDS,)),
        (Ring.PROFESSIONAL, "Vera", (Part.WROTE,)),
        (Ring.ORGANISATION, YOUTH_HEALTH, (Part.HOLDS,)),
        (Ring.ORGANISATION, MIDWIFERY, (Part.SUPPORTS, Part.SIGNALLED)),
    ]
    assert found[0].may_contact is False
    assert found[0].helps_with == "Oppassen"
