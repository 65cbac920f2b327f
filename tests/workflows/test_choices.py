"""Choices that are handed in: who can be asked in this municipality, and how a choice reads afterwards."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests import builders
from tests.workflows import path
from workflows import diagrams, method
from workflows.actor import OPERATOR
from workflows.cases import Case
from workflows.errors import Invalid
from workflows.method import choices

SETS = ("supporters", "case_directors", "receivers")


def asking() -> dict[str, bytes]:
    """The shipped bundle, in which the first form also asks for one of each set."""
    files = path.shipped()
    drawn = json.loads(files["signal.form"])
    drawn["components"] += [
        {
            "id": f"Field_{name}",
            "type": "select",
            "key": f"one_of_{name}",
            "label": f"Kies uit {name}",
            "valuesKey": name,
            "properties": {"compartment": "C1"},
        }
        for name in SETS
    ]
    return {**files, "signal.form": json.dumps(drawn).encode()}


class Town(path.World):
    """A region with somebody to support and somebody to direct."""

    def __init__(self, database, clock) -> None:
        super().__init__(database, clock)
        at = clock()
        with database.writing() as session:
            self.digest = diagrams.publish(session, asking(), by=OPERATOR, at=at)
            self.welfare = builders.organisation(session, "Algemeen Welzijn (fictief)", "welfare", "social", at=at)
            self.neighbours = builders.organisation(session, "Samen Thuis (fictief)", "informal", "informal", at=at)
            self.elsewhere = builders.organisation(
                session, "Aan de Maas (fictief)", "welfare", "social", [builders.ROERMOND], at=at
            )
            for where in (self.welfare, self.neighbours, self.elsewhere):
                builders.actor(session, f"Sanne van {where.name}", where, "supporter", at=at)
            self.director = builders.actor(session, "Dirk Regie", self.region.municipality, "case_director", at=at)
            self.known = session.get_one(Case, builders.case(session, self.region.midwife, at).id)

    def offered(self, name: str) -> list[tuple[str, str]]:
        with self.database.reading() as session:
            case = session.get_one(Case, self.known.id)
            return choices.CHOICES[name](session, case, self.region.midwife, self.clock())

    def agree(self, **more) -> None:
        with self.database.writing() as session:
            builders.agree(session, session.get_one(Case, self.known.id), self.region.midwife, self.clock(), **more)


@pytest.fixture
def town(database, clock) -> Town:
    return Town(database, clock)


def test_supporters_work_in_the_municipality_and_informal_support_comes_first(town):
    assert town.offered("supporters") == [
        (str(town.neighbours.id), "Samen Thuis (fictief) (nog geen toestemming)"),
        (str(town.welfare.id), "Algemeen Welzijn (fictief) (nog geen toestemming)"),
    ]


def test_what_the_family_agreed_to_needs_no_remark_until_it_runs_out(town):
    until = town.clock() + timedelta(days=1)
    town.agree(recipient_kind="welfare", purpose="support_action", valid_until=until)
    town.agree(recipient_kind="informal", purpose="exploration")  # for something else

    assert [label for _, label in town.offered("supporters")] == [
        "Samen Thuis (fictief) (nog geen toestemming)",
        "Algemeen Welzijn (fictief)",
    ]
    town.clock.forward(days=2)
    assert all(label.endswith("(nog geen toestemming)") for _, label in town.offered("supporters"))


def test_case_directors_and_receivers_are_told_by_name_and_role(town):
    region = town.region
    town.agree()

    assert town.offered("case_directors") == [
        (str(region.municipality.id), "Gemeente Venlo (fictief) (nog geen toestemming)")
    ]
    assert town.offered("receivers") == [
        (f"{region.youth_health.id}:explorer", "JGZ Limburg-Noord team Venlo (fictief), als verkenner"),
        (
            f"{region.municipality.id}:case_director",
            "Gemeente Venlo (fictief), als casusregisseur (nog geen toestemming)",
        ),
    ]


def test_nobody_hands_a_case_over_to_who_has_it(town):
    with town.database.writing() as session:
        held = session.get_one(Case, town.known.id)
        held.hold(town.region.youth_health.id, "explorer", None)

    assert [value for value, _ in town.offered("receivers")] == [f"{town.region.municipality.id}:case_director"]


def test_the_organisation_that_signalled_needs_no_consent_but_for_what_was_agreed_with_others(town):
    practice = town.region.practice
    with town.database.writing() as session:
        for role in ("case_director", "supporter"):
            builders.actor(session, f"Vera Ook {role}", practice, role, at=town.clock())

    assert (str(practice.id), practice.name) in town.offered("case_directors")
    assert (str(practice.id), f"{practice.name} (nog geen toestemming)") in town.offered("supporters")


def test_a_task_tells_its_choices_and_takes_only_those(town):
    midwife = town.region.midwife
    task = town.start()
    view = town.look(method.task_view, task.id, by=midwife)
    answers = builders.signal_answers(town.clock())

    assert set(view.choices) == set(SETS)
    assert {value for value, _ in view.choices["supporters"]} >= {str(town.welfare.id)}
    for wrong in (
        str(town.region.programme.id),
        "00000000-0000-4000-8000-000000000001",
        town.welfare.name,
        f"{town.welfare.id}:supporter",
    ):
        with pytest.raises(Invalid) as refused:
            town.complete(task, midwife, {**answers, "one_of_supporters": wrong})
        assert refused.value.errors == {"one_of_supporters": ["Kies een van de antwoorden op de lijst."]}


def test_a_choice_is_kept_as_an_id_and_read_as_a_name(town):
    midwife, region = town.region.midwife, town.region
    task = town.start()
    chosen = {
        "one_of_supporters": str(town.welfare.id),
        "one_of_case_directors": str(region.municipality.id),
        "one_of_receivers": f"{region.youth_health.id}:explorer",
    }
    town.complete(task, midwife, {**builders.signal_answers(town.clock()), **chosen})

    [entry] = town.look(method.case_view, task.subject_id, by=midwife).entries
    found = {value.field: (value.value, value.text) for value in entry.values if value.field in chosen}
    assert found == {
        "one_of_supporters": (str(town.welfare.id), "Algemeen Welzijn (fictief)"),
        "one_of_case_directors": (str(region.municipality.id), "Gemeente Venlo (fictief)"),
        "one_of_receivers": (
            f"{region.youth_health.id}:explorer",
            "JGZ Limburg-Noord team Venlo (fictief), als verkenner",
        ),
    }


def test_a_draft_keeps_a_choice_that_is_not_there_any_more(town):
    midwife = town.region.midwife
    task = town.start()
    typed = {"one_of_supporters": "00000000-0000-4000-8000-000000000001"}

    town.do(method.save_draft, task.id, answers=typed, version=task.version, by=midwife)

    assert town.look(method.task_view, task.id, by=midwife).answers["one_of_supporters"] == typed["one_of_supporters"]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(
    "value",
    [
        "",
        "new",
        "geen kenmerk",
        "00000000-0000-4000-8000-000000000001",
        "00000000-0000-4000-8000-000000000001:explorer",
        ":",
        "\udc00",
    ],
)
def test_what_cannot_be_found_back_is_said_without_its_id(session, name, value):
    assert choices.LABELS[name](session, value) == "een keuze die niet meer bestaat"
