"""Over HTTP: a parent who is known already is told of to those who may see the other case, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import SIGNAL, Begun, Caller


def test_a_colleague_hears_of_the_case_that_runs(begin: Callable[..., Begun], sign_in: Callable[[str], Caller], region):
    begin().complete(SIGNAL)

    done = begin(sign_in("midwife2")).complete({**SIGNAL, "parent_name": "FATIMA  voorbeeld"})

    assert done.status_code == 201, done.text
    [running] = done.json["running"]
    assert running["contact"] == region.practice.name
    assert sign_in("midwife2").get(f"/cases/{running['case_id']}").json["case"]["number"] == running["number"]


def test_another_practice_gets_the_answer_that_everybody_gets(
    begin: Callable[..., Begun], sign_in: Callable[[str], Caller]
):
    other = sign_in("other_midwife")
    alone = begin(other).complete({**SIGNAL, "birth_date": "1999-01-01"})
    begin().complete(SIGNAL)
    beside = begin(other).complete(SIGNAL)

    def said(answer) -> object:
        task = {"id", "opened_at", "due_at", "lease_until", "completed_at", "case_number"}
        shown = dict(answer.json)
        for cards in (shown.pop("next"), [shown.pop("task")]):
            shown.setdefault("cards", []).append([{k: v for k, v in card.items() if k not in task} for card in cards])
        return shown

    assert alone.json["running"] == beside.json["running"] == []
    assert said(alone) == said(beside)
    assert len(alone.data) == len(beside.data)
    assert other.get("/cases").json["items"][0]["signaller_organisation_id"] == str(other.actor.organisation_id)
