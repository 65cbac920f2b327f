"""A form that changed between opening and sending: what changed is told, and nothing that was typed gets lost."""

from __future__ import annotations

import json

import pytest

from tests.api.conftest import SIGNAL, shipped
from workflows import diagrams
from workflows.actor import OPERATOR

OLD = {
    "id": "Field_old", "type": "textarea", "key": "old_question", "label": "Wat vond u toen?",
    "properties": {"compartment": "C1"},
}  # fmt: skip


def older(*extra: dict[str, object], without: str = "urgency") -> dict[str, bytes]:
    """The shipped files as they were before: a question more, one less, and one that was asked otherwise."""
    files = shipped()
    drawn = json.loads(files["signal.form"])

    def then(components):
        for each in components:
            if each.get("key") == without:
                continue
            if each.get("key") == "vulnerability_level":
                each = {**each, "label": "Hoe kwetsbaar?"}
            yield {**each, "components": list(then(each["components"]))} if "components" in each else each

    drawn["components"] = [*then(drawn["components"]), *extra]
    return {**files, "signal.form": json.dumps(drawn).encode()}


@pytest.fixture
def then(database, clock) -> str:
    """The digest of an older bundle; the shipped one is the present."""
    with database.writing() as session:
        digest = diagrams.publish(session, older(OLD), by=OPERATOR, at=clock())
        diagrams.publish(session, shipped(), by=OPERATOR, at=clock())
    return digest


def typed() -> dict[str, object]:
    return {name: value for name, value in SIGNAL.items() if name != "urgency"} | {"old_question": "Dat het goed ging"}


def complete(begun, digest, answers):
    body = {"answers": answers, "form_digest": digest}
    return begun.by.post(f"{begun.path}/completion", json=body, headers=begun.headers)


def test_it_is_refused_and_names_every_question(begin, then):
    refused = complete(begin(), then, typed())

    assert (refused.status_code, refused.json["type"]) == (412, "/problems/form-changed")
    assert refused.json["title"] == "Dit formulier is veranderd"
    assert (
        "Nieuw: ‘Hoe snel is hulp nodig?’. Vervallen: ‘Wat vond u toen?’. Veranderd: ‘Hoe kwetsbaar is de situatie nu?’."
    ) in refused.json["detail"]
    assert "Dat het goed ging" not in refused.text


def test_everything_typed_is_a_draft_and_what_has_no_place_is_told_beside_it(begin, then):
    begun = begin()
    complete(begun, then, typed())

    view = begun.by.get(begun.path).json
    left = [{"question": "Wat vond u toen?", "text": "Dat het goed ging"}]
    assert view["answers"] == {name: value for name, value in SIGNAL.items() if name != "urgency"}
    assert view["gone"] == left
    assert begun.by.get(f"{begun.path}/draft").json["gone"] == left
    assert view["form"]["digest"] != then


def test_after_looking_again_it_is_completed(begin, then):
    begun = begin()
    complete(begun, then, typed())
    view = begun.by.get(begun.path).json

    done = complete(begun, view["form"]["digest"], {**view["answers"], "urgency": "regular"})

    assert done.status_code == 201, done.text


def test_a_draft_typed_in_an_older_form_is_kept_too_and_so_is_what_was_gone_before(begin, then):
    begun = begin()
    body = {"answers": typed(), "form_digest": then}

    saved = begun.by.put(f"{begun.path}/draft", body, headers=begun.headers)
    again = begun.by.put(f"{begun.path}/draft", {"answers": {"parent_name": "Fa"}}, headers=begun.headers)

    assert saved.status_code == 200, saved.text
    assert saved.json["gone"] == again.json["gone"] == [{"question": "Wat vond u toen?", "text": "Dat het goed ging"}]
    assert again.json["answers"] == {"parent_name": "Fa"}


def test_another_bundle_in_which_the_form_asks_the_same_is_no_change(begin, database, clock):
    with database.writing() as session:
        files = shipped()
        drawn = json.loads(files["closure.form"])
        drawn["components"][0]["label"] = "Anders"
        same = diagrams.publish(session, {**files, "closure.form": json.dumps(drawn).encode()}, by=OPERATOR, at=clock())
        diagrams.publish(session, files, by=OPERATOR, at=clock())

    assert complete(begin(), same, SIGNAL).status_code == 201


@pytest.mark.parametrize("digest", ["0" * 64, "x"])
def test_a_version_that_never_was_is_refused(begin, digest):
    begun = begin()

    refused = complete(begun, digest, SIGNAL)

    assert (refused.status_code, set(refused.json["errors"])) == (400, {"form_digest"})
    assert complete(begun, begun.by.get(begun.path).json["form"]["digest"], SIGNAL).status_code == 201


def test_who_is_too_late_as_well_keeps_what_was_typed(begin, then):
    begun = begin()
    assert begun.complete(SIGNAL).status_code == 201

    refused = complete(begun, then, typed())

    assert refused.status_code == 409
    assert begun.by.get(f"{begun.path}/draft").json["gone"] == [
        {"question": "Wat vond u toen?", "text": "Dat het goed ging"}
    ]
