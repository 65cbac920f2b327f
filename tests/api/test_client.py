"""A program that was generated from our own description plays the story of a case, over real HTTP, as every one of its people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module, invalidate_caches
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any, get_args
from uuid import UUID

import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType
from werkzeug.serving import make_server

from api.openapi import document
from engine.clock import local_date
from tests import builders
from tests.api.conftest import SIGNAL
from tests.workflows import path
from tests.workflows.support import support
from workflows import accounts, worker
from workflows.actor import OPERATOR, Actor
from workflows.organisations import Role

#: Made in the folder of a test; nobody commits it.
PACKAGE = "generated_client"


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The client as whoever builds on us would make it, with the settings that stand in docs/client.yml."""
    folder = tmp_path_factory.mktemp("client")
    source, made = folder / "openapi.json", folder / PACKAGE
    source.write_text(json.dumps(document()))
    chosen = ConfigFile.load_from_path(Path(__file__).parents[2] / "docs" / "client.yml")
    faults = generate(config=Config.from_sources(chosen, MetaType.NONE, source, "utf-8", True, made))
    assert [f"{fault.header} {fault.detail}" for fault in faults] == [], "what a generator cannot read is our fault"
    sys.path.insert(0, str(folder))
    invalidate_caches()
    yield PACKAGE
    sys.path.remove(str(folder))


class Person:
    """Somebody's program: every call goes through the generated client, and what it answers was understood by it."""

    def __init__(self, package: str, address: str, actor: Actor, token: str) -> None:
        self.package, self.actor = package, actor
        self.doors = {file.stem: file for file in Path(import_module(package).__path__[0]).glob("api/*/*.py")}
        self.client = import_module(package).AuthenticatedClient(
            base_url=f"{address}/api/v1", token=token, httpx_args={"trust_env": False}, raise_on_unexpected_status=True
        )
        self.asked: set[str] = set()

    def ask(self, door: str, *ids: Any, body: Any = None, expect: int | None = None, **more: Any) -> Any:
        """What the door *door* answers; *body*: as plain data, written by the client's own model of it."""
        module = import_module(f"{self.package}.api.{self.doors[door].parent.name}.{door}")
        if body is not None:
            wanted = module._get_kwargs.__annotations__["body"]
            model = next(one for one in (wanted, *get_args(wanted)) if hasattr(one, "from_dict"))
            more["body"] = model.from_dict(body)
        answer = module.sync_detailed(*ids, client=self.client, **more)
        assert answer.status_code in ((expect,) if expect else (200, 201)), (door, answer.content.decode())
        self.asked.add(door)
        return answer.parsed

    def tasks(self, form: str) -> list[Any]:
        return list(self.ask("list_tasks", form_key=form).items)

    def do(self, form: str, answers: dict[str, Any] | Callable[[Any], dict[str, Any]]) -> Any:
        """Take the one task with that form from the work list, and complete it."""
        [card] = self.tasks(form)
        if not card.mine:
            card = self.ask("claim_task", card.id)
        view = self.ask("get_task", card.id)
        given = answers(view) if callable(answers) else answers
        return self.ask("complete_task", card.id, body={"answers": given}, if_match=f'"{view.task.version}"')


@pytest.fixture
def people(app: Any, generated: str, region: Any, database: Any, clock: Any) -> Iterator[Any]:
    """A server with real sockets, and the programs of everybody in the story."""
    with database.writing() as session:
        help = support(session, clock())
        carla = builders.actor(session, "Carla Casusregisseur", help.welfare, Role.CASE_DIRECTOR, at=clock())
        acting = {
            "midwife": region.midwife,
            "nurse": region.nurse,
            "process_director": region.process_director,
            "case_director": carla,
            "supporter": help.supporter,
        }
        tokens = {
            name: accounts.make_token(
                session,
                assignment_id=actor.assignment_id,
                label="story",
                expires_at=clock() + timedelta(days=366),
                second_factor=actor.role in accounts.SECOND_FACTOR_ROLES,
                by=OPERATOR,
                at=clock(),
            ).secret
            for name, actor in acting.items()
        }
    serving = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{serving.port}"
    yield SimpleNamespace(
        region=region,
        help=help,
        **{name: Person(generated, address, actor, tokens[name]) for name, actor in acting.items()},
    )
    serving.shutdown()
    thread.join()
    serving.server_close()


def chosen(view: Any, label: str) -> str:
    """The answer that the form of *view* offers under this name, whatever the question is."""
    offered = [one for choices in view.choices.additional_properties.values() for one in choices]
    [found] = {one.value for one in offered if one.label == label}
    return str(found)


# Only where it runs for real: in what the databases differ is tried below the doors.
@pytest.mark.parametrize("urls", ["postgresql"], indirect=True)
def test_a_generated_client_plays_a_case_from_signal_to_close(people, database, clock):
    midwife, nurse, carla = people.midwife, people.nurse, people.case_director
    welfare = people.help.welfare.name

    def today() -> str:
        return local_date(clock()).isoformat()

    def pass_days(days: int) -> None:
        clock.forward(days=days)
        worker.run_once(database, clock())

    # 1. The midwife records a signal together with the mother, and what she agrees to.
    task = midwife.ask("create_signal", body={"municipality_code": "GM0983"})
    midwife.ask("complete_task", task.id, body={"answers": SIGNAL}, if_match=f'"{task.version}"')
    midwife.do("consent", path.consent_answers())
    [case] = midwife.ask("list_cases").items

    # 2. Routing advises, a person decides.
    [route] = midwife.tasks("routing")
    assert midwife.ask("get_task", route.id, expect=200).case is None, "nobody took it yet"
    midwife.do("routing", lambda view: path.routing_answers(advised_route=view.answers["advised_route"]))
    assert midwife.tasks("exploration") == []

    [signal] = midwife.ask("list_signals", heard=False).items
    assert (signal.case_id, signal.case_number, signal.feedback_at) == (case.id, case.number, None)

    # 3. The youth nurse takes it from her team's pool, talks with the family and concludes.
    [card] = nurse.tasks("exploration")
    nurse.ask("create_task_comment", card.id, body={"text": "Ik bel morgen."}, expect=403)
    assert nurse.ask("list_task_comments", card.id).items == [], "who may take it reads nothing of the case yet"
    nurse.ask("claim_task", card.id)
    said = nurse.ask("create_task_comment", card.id, body={"text": "Ik bel morgen."}, idempotency_key="said")
    again = nurse.ask("create_task_comment", card.id, body={"text": "Ik bel morgen."}, idempotency_key="said")
    assert again.id == said.id
    assert [one.id for one in nurse.ask("list_task_comments", card.id).items] == [said.id]
    [told] = nurse.ask("list_case_signals", case.id).items
    assert (told.organisation_id, told.vulnerability_level) == (people.region.practice.id, "vulnerable")
    nurse.do("exploration", path.exploration_answers(clock(), conclusion="hub_meeting"))
    [found] = nurse.ask("list_explorations", case.id).items
    assert (found.conclusion, found.decided_with_parent, found.person_id) == (
        "hub_meeting",
        True,
        nurse.actor.person_id,
    )
    better = path.exploration_answers(
        clock(),
        conclusion="hub_meeting",
        vulnerability_level_after="very_vulnerable",
        safety_assessed=None,
        safety_concern=None,
    )
    nurse.ask("correct_entry", case.id, found.entry_id, body={"answers": better})
    [latest] = nurse.ask("list_explorations", case.id).items
    assert (latest.id, latest.vulnerability_level_after) == (found.id, "very_vulnerable"), "as it was corrected"
    assert latest.entry_id != found.entry_id
    [heard] = midwife.ask("list_explorations", case.id).items
    assert (heard.id, heard.conclusion) == (found.id, None), "she hears how it goes on, not what was said"
    nurse.do("feedback", path.feedback_answers(clock()))
    assert midwife.ask("list_signals", heard=False).items == []
    assert len(midwife.ask("list_signals", heard=True).items) == 1
    nurse.do("support_consent", path.support_consent_answers("youth_health", "welfare"))

    # 4. The hub meets with the parents present; a case director is chosen; a plan with owners and days is agreed.
    people.process_director.do("hub_planning", path.hub_planning_answers(clock()))
    pass_days(7)
    nurse.do("hub_minutes", lambda view: path.hub_minutes_answers(clock(), UUID(chosen(view, welfare))))
    carla.do(
        "support_plan",
        lambda view: path.support_plan_answers(
            clock(),
            actions=[
                {
                    "what": "Hulp bij schulden",
                    "owner_kind": "professional",
                    "organisation": chosen(view, welfare),
                    "starts_on": today(),
                }
            ],
        ),
    )
    people.supporter.do("action_acceptance", {"action_accepted": "yes", "starts_on": today()})

    family = carla.ask("get_family", case.id)
    assert (family.phase, family.gestational_age.weeks) == ("pregnant", 24)
    assert "birth" in family.forms
    carla.ask("keep_own_number", case.id, body={"number": "W-2041"})
    taken = carla.ask("get_summary", case.id)
    assert (taken.own_number, taken.case.holder_role) == ("W-2041", "case_director")
    assert [one.parent_words for one in taken.goals] == ["Rust in huis."]
    assert [one.what for one in taken.actions] == ["Hulp bij schulden"]
    assert {"own", "professional", "organisation"} >= {
        one.ring for one in carla.ask("list_surroundings", case.id).items
    }

    # Somebody without an account could get what the mother agreed to hand over to that kind of organisation.
    seen = carla.ask("preview_outside", case.id, party_kind="welfare").content
    assert "C1" in seen["categories"]
    wanted = {"kind": "regular_care", "way": "link", "party_kind": "welfare", "telephone": "077-5550123"}
    wanted |= {"party_name": "Buurthuis (fictief)", "shown_to_parent": True}
    sent = carla.ask("create_outside_handover", case.id, body=wanted, idempotency_key="outside")
    again = carla.ask("create_outside_handover", case.id, body=wanted, idempotency_key="outside")
    assert sent.code
    assert sent.link.startswith("http")
    assert (again.handover.id, again.link, again.code) == (sent.handover.id, None, None), "told once"
    carla.ask("get_outside_paper", sent.handover.id, expect=409)
    told = {"receipt": "read", "name": "Bo", "function": "beheerder", "organisation": "Buurthuis"}
    assert carla.ask("record_outside_receipt", sent.handover.id, body=told).by_telephone is True
    carla.ask("withdraw_outside_handover", sent.handover.id, expect=409)
    assert [one.status for one in carla.ask("list_outside_handovers", case.id).items] == ["received"]
    nurse.ask("list_outside_handovers", case.id, expect=403)

    # 5. Support runs, its term comes, looking back adjusts; the child is born.
    pass_days(43)
    carla.do("evaluation", path.evaluation_answers(clock()))
    clock.forward(days=75)
    born = {"birth_date": today(), "born": [{"name": "Kind"}], "preterm": "no", "told_by": "parent"}
    assert carla.ask("report_birth", case.id, body={"answers": born}).phase == "after_birth"
    carla.do("after_birth", path.answers_for("after_birth", clock()))
    pass_days(10)

    told = [one.kind for one in carla.ask("get_timeline", case.id).items]
    assert told[-1] == "began"
    assert {"written", "meeting", "holder", "plan_agreed", "evaluated"} <= set(told)

    # 8. It is closed with a result, somebody to turn to, and until when it is kept.
    carla.do("evaluation", path.evaluation_answers(clock(), evaluation_decision="close"))
    assert [one.name for one in carla.ask("list_members", case.id).items] == [SIGNAL["parent_name"], "Kind"]
    carla.do("closure", path.closure_answers())
    closed = carla.ask("get_case", case.id)
    assert (closed.case.status, closed.case.result) == ("closed", "goals_reached")
    assert closed.case.retain_until == local_date(clock()).replace(year=local_date(clock()).year + 20)
    [action] = carla.ask("get_plan", case.id).actions
    assert (action.what, action.status, action.stop_reason) == ("Hulp bij schulden", "stopped", "case_closed")
    assert closed.tasks == []
