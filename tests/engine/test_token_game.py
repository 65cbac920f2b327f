"""The oracle itself: each rule of the standard it is trusted for."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.model import EventSpec, Loop, ProcessModel, TimerSpec
from tests.engine.sketch import sketch
from tests.engine.token_game import NotWaiting, Scalar, TokenGame, Undecided, Unplayable, evaluate

LOSS = EventSpec("message", "loss")


def play(*models: ProcessModel, **options: object) -> TokenGame:
    return TokenGame({model.id: model for model in models}, models[0].id, **options)  # type: ignore[arg-type]


def waiting(game: TokenGame) -> list[str]:
    return sorted("/".join(path) for path in game.enabled().elements())


def test_a_line_is_walked_step_by_step():
    game = play(sketch("start > a > b > end"))
    assert waiting(game) == ["a"]
    game.complete("a")
    assert waiting(game) == ["b"]
    game.complete(("b",))
    assert game.ended
    assert game.taken == [("start",), ("a",), ("b",), ("end",)]


def test_a_step_that_does_not_wait_cannot_be_completed():
    game = play(sketch("start > a > end"))
    with pytest.raises(NotWaiting):
        game.complete("b")


def test_the_first_true_arrow_is_taken_and_else_the_default():
    model = sketch(
        "start > a > xor1 > b > end1",
        "xor1 > c > end2",
        conditions={"xor1__b": 'outcome = "yes"'},
        xor1={"default": "xor1__c"},
    )
    for outcome, step in {"yes": "b", "no": "c"}.items():
        game = play(model)
        game.complete("a", {"outcome": outcome})
        assert waiting(game) == [step]


def test_no_arrow_is_taken_on_null():
    model = sketch("start > xor1 > b > end1", conditions={"xor1__b": "not(agreed)"}, xor1={"default": None})
    with pytest.raises(Undecided):
        play(model)


def test_a_join_waits_for_one_token_per_arrow():
    game = play(sketch("start > and1 > a > and2 > c > end", "and1 > b > and2"))
    game.complete("b")
    assert waiting(game) == ["a"]
    game.complete("a")
    assert waiting(game) == ["c"]


def test_a_join_in_a_round_counts_afresh():
    model = sketch(
        "start > xor0 > and1 > a > and2 > xor3 > end",
        "and1 > b > and2",
        "xor3 > xor0",
        conditions={"xor3__end": "done"},
        xor3={"default": "xor3__xor0"},
    )
    game = play(model, scalars={"done": False})
    for _ in range(3):
        game.complete("a")
        assert waiting(game) == ["b"]
        game.complete("b")
        assert waiting(game) == ["a", "b"]
    game.complete("b", {"done": True})
    game.complete("a")
    assert game.ended


def test_two_tokens_over_one_arrow_do_not_make_a_join_go():
    game = play(sketch("start > and1 > xor1 > and2 > end", "and1 > a > xor1", "and1 > b > and2"))
    game.complete("a")
    assert waiting(game) == ["b"]


@pytest.mark.parametrize(("chosen", "steps"), [("a", ["a"]), ("b", ["b"]), ("ab", ["a", "b"])])
def test_an_inclusive_join_waits_for_what_can_still_come(chosen: str, steps: list[str]):
    model = sketch(
        "start > or1 > a > or2 > c > end",
        "or1 > b > or2",
        conditions={"or1__a": "a", "or1__b": "b"},
    )
    game = play(model, scalars={"a": "a" in chosen, "b": "b" in chosen})
    assert waiting(game) == steps
    for step in steps[:-1]:
        game.complete(step)
        assert waiting(game) != ["c"]
    game.complete(steps[-1])
    assert waiting(game) == ["c"]


def test_an_inclusive_join_counts_a_branch_that_an_event_can_open():
    model = sketch(
        "start > and1 > a > or2 > c > end",
        "and1 > b > end2",
        "on_loss > or2",
        on_loss={"attached_to": "b", "event": LOSS},
    )
    game = play(model)
    game.complete("a")
    assert waiting(game) == ["b"]
    game.complete("b")
    assert waiting(game) == ["c"]


def test_an_event_gateway_takes_what_comes_first():
    model = sketch(
        "start > wait1 > catch_mail > a > end1",
        "wait1 > catch_clock > b > end2",
        catch_mail={"event": EventSpec("message", "reply")},
        catch_clock={"event": EventSpec("timer", timer=TimerSpec("term", "reply"))},
    )
    game = play(model)
    assert game.timers() == Counter([("catch_clock",)])
    assert game.messages() == Counter(["reply"])
    game.timer("catch_clock")
    assert waiting(game) == ["b"]
    assert not game.message("reply")


def test_a_called_process_is_part_of_the_path_and_goes_on_when_over():
    top = sketch("start > call1 > b > end", id="top", call1={"called": "below"})
    game = play(top, sketch("start > a > end", id="below"))
    assert waiting(game) == ["call1/a"]
    game.complete(("call1", "a"))
    assert waiting(game) == ["b"]


def test_an_interrupting_message_on_a_call_cancels_everything_within():
    top = sketch("start > call1 > end", "on_loss > z > end2", id="top", call1={"called": "mid"},
                 on_loss={"attached_to": "call1", "event": LOSS})  # fmt: skip
    middle = sketch("start > and1 > call2 > end", "and1 > a > end1", id="mid", call2={"called": "low"})
    game = play(top, middle, sketch("start > b > end", id="low"))
    assert waiting(game) == ["call1/a", "call1/call2/b"]
    assert game.message("loss")
    assert waiting(game) == ["z"]
    assert not game.message("loss")
    game.complete("z")
    assert game.ended


def test_a_clock_beside_a_step_runs_out_once():
    clock = EventSpec("timer", timer=TimerSpec("duration", "P1D"))
    game = play(
        sketch(
            "start > a > end", "on_late > r > end2", on_late={"attached_to": "a", "event": clock, "interrupting": False}
        )
    )
    game.timer("on_late")
    assert waiting(game) == ["a", "r"]
    with pytest.raises(NotWaiting):
        game.timer("on_late")
    game.complete("a")
    assert waiting(game) == ["r"]
    assert not game.ended
    game.complete("r")
    assert game.ended


def test_a_clock_that_repeats_runs_as_often_as_drawn():
    clock = EventSpec("timer", timer=TimerSpec("cycle", "R2/P1D", repeats=True))
    game = play(
        sketch(
            "start > a > end", "on_late > r > end2", on_late={"attached_to": "a", "event": clock, "interrupting": False}
        )
    )
    game.timer("on_late")
    game.timer("on_late")
    assert waiting(game) == ["a", "r", "r"]
    assert not game.timers()


def test_a_condition_wakes_an_event_when_it_comes_true_and_again_after_it_was_false():
    grown = EventSpec("conditional", condition="themes = 2")
    model = sketch(
        "start > and1 > a > b > c > end", "and1 > d > end2", "on_grown > r > end3",
        on_grown={"attached_to": "d", "event": grown, "interrupting": False},
    )  # fmt: skip
    game = play(model, scalars={"themes": 1})
    game.complete("a", {"themes": 2})
    assert waiting(game) == ["b", "d", "r"]
    game.complete("b", {"themes": 1})
    assert waiting(game) == ["c", "d", "r"]
    game.complete("c", {"themes": 2})
    assert waiting(game) == ["d", "r", "r"]


def test_an_error_from_inside_that_nobody_catches_is_not_guessed_at():
    inner = {"parent": "sub1"}
    model = sketch("start > sub1 > end", "start1 > a > end1", start1=inner, a=inner,
                   end1=inner | {"event": EventSpec("error", "wrong")})  # fmt: skip
    game = play(model)
    with pytest.raises(Undecided):
        game.complete("a")


def test_enough_can_be_counted():
    loop = Loop("parallel", cardinality="4", condition="nrOfCompletedInstances >= 2")
    game = play(sketch("start > a > end", a={"loop": loop}))
    game.complete("a")
    assert waiting(game) == ["a"] * 3
    game.complete("a")
    assert game.ended


def listening(**start: object) -> ProcessModel:
    return sketch(
        "start > a > end",
        "start2 > b > end2",
        sub_moved={"event_subprocess": True},
        start2={"parent": "sub_moved", "event": EventSpec("message", "moved"), **start},
        b={"parent": "sub_moved"},
        end2={"parent": "sub_moved"},
    )


def test_a_message_beside_the_process_can_come_again_and_again():
    game = play(listening(interrupting=False))
    for times in (1, 2, 3):
        assert game.message("moved")
        assert waiting(game) == ["a", *["b"] * times]
    game.complete("a")
    assert game.message("moved"), "the process is alive while one of its event sub-processes is"
    for _ in range(4):
        assert not game.ended
        game.complete("b")
    assert game.ended
    assert not game.message("moved")


def test_an_interrupting_event_sub_process_takes_over_and_listens_no_more():
    game = play(listening(interrupting=True))
    assert game.message("moved")
    assert waiting(game) == ["b"]
    assert not game.message("moved")
    game.complete("b")
    assert game.ended


def test_terminate_ends_its_own_level_only():
    inner = {"parent": "sub1"}
    model = sketch(
        "start > sub1 > z > end",
        "start1 > and1 > a > stop1",
        "and1 > b > end1",
        start1=inner, and1=inner, a=inner, b=inner, stop1=inner | {"event": EventSpec("terminate")}, end1=inner,
    )  # fmt: skip
    game = play(model)
    game.complete("a")
    assert waiting(game) == ["z"]


def test_an_error_is_caught_by_the_nearest_that_knows_it():
    inner = {"parent": "sub1"}
    model = sketch(
        "start > sub1 > end",
        "start1 > and1 > a > end1",
        "and1 > b > end2",
        "on_any > y > end3",
        "on_wrong > z > end4",
        start1=inner, and1=inner, a=inner, b=inner, end2=inner,
        end1=inner | {"event": EventSpec("error", "wrong")},
        on_any={"attached_to": "sub1", "event": EventSpec("error")},
        on_wrong={"attached_to": "sub1", "event": EventSpec("error", "wrong")},
    )  # fmt: skip
    game = play(model)
    game.complete("a")
    assert waiting(game) == ["z"]


def test_an_escalation_can_be_told_without_stopping():
    top = sketch("start > call1 > end", "on_late > z > end2", id="top", call1={"called": "low"},
                 on_late={"attached_to": "call1", "event": EventSpec("escalation", "late"), "interrupting": False})  # fmt: skip
    low = sketch("start > a > throw1 > b > end", id="low", throw1={"event": EventSpec("escalation", "late")})
    game = play(top, low)
    game.complete("a")
    assert waiting(game) == ["call1/b", "z"]


def test_several_instances_run_beside_or_after_each_other_until_it_is_enough():
    for kind, first in {"parallel": ["a"] * 3, "sequential": ["a"]}.items():
        game = play(sketch("start > a > end", a={"loop": Loop(kind, cardinality="3")}))
        assert waiting(game) == first
        for _ in range(3):
            assert not game.ended
            game.complete("a")
        assert game.ended

    game = play(sketch("start > a > end", a={"loop": Loop("parallel", cardinality="3", condition="enough = true")}))
    game.complete("a", {"enough": False})
    assert waiting(game) == ["a", "a"]
    game.complete("a", {"enough": True})
    assert game.ended


def test_no_instances_is_done_at_once():
    assert play(sketch("start > a > end", a={"loop": Loop("parallel", cardinality="0")})).ended


def test_a_step_is_done_again_while_its_condition_holds_and_not_more_often_than_allowed():
    game = play(sketch("start > a > end", a={"loop": Loop("standard", condition="again", maximum=3)}))
    game.complete("a", {"again": True})
    game.complete("a", {"again": False})
    assert game.ended

    game = play(sketch("start > a > end", a={"loop": Loop("standard", condition="again", maximum=3)}))
    for _ in range(3):
        game.complete("a", {"again": True})
    assert game.ended


def test_a_decision_table_answers_at_once():
    model = sketch(
        "start > decide1 > xor1 > a > end", "xor1 > b > end2",
        conditions={"xor1__a": 'route = "simple"'}, xor1={"default": "xor1__b"}, decide1={"decision": "routing"},
    )  # fmt: skip

    def decide(table: str, scalars: object) -> dict[str, Scalar]:
        return {"route": {"routing": "simple"}[table]}

    assert waiting(play(model, decide=decide)) == ["a"]


def test_a_round_in_which_nothing_waits_is_stopped():
    with pytest.raises(Undecided):
        play(sketch("start > xor1 > xor2 > xor1"))


def test_what_the_game_has_no_rule_for_is_refused():
    with pytest.raises(Unplayable):
        play(sketch("start > a > end", a={"kind": "scriptTask"}))
    with pytest.raises(Unplayable):
        play(sketch("start > throw1 > end", throw1={"event": EventSpec("link")}))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('a = "x"', True),
        ('a != "x"', False),
        ('nothing = "x"', False),
        ("nothing = null", True),
        ("nothing > 5", None),
        ("n >= 2 and n < 4", True),
        ("not(n = 3) or yes", True),
        ("not(nothing)", None),
        ("nothing and yes", None),
        ("yes and (n > 3 or n = 3)", True),
        ("a > 5", None),
        ("yes and false", False),
        ("nothing and false", False),
        ('"say \\"hi\\""', 'say "hi"'),
        ("-2", -2),
    ],
)
def test_conditions_have_three_truth_values(text: str, value: Scalar):
    assert evaluate(text, {"a": "x", "n": 3, "yes": True}) == value


@pytest.mark.parametrize("text", ["", "a = ", "(a", "a b", "if a then b", "a()", "; drop", "a = = b"])
def test_other_words_are_not_guessed(text: str):
    with pytest.raises(ValueError, match=r"no rule|missing|bracket"):
        evaluate(text, {"a": "x"})
