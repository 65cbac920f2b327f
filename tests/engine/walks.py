"""Random walks through diagrams: the machine and the token game take the same steps and must agree after each."""

from __future__ import annotations

import os
import random
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from engine import specs
from engine.bundle import Bundle
from engine.model import Node
from engine.process import Process, Waiting
from tests.engine.diagrams import NOW
from tests.engine.token_game import TokenGame

#: A walk repeats with the seed that it prints.
SEED = int(os.environ.get("STEUN_TEST_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
LONG = os.environ.get("STEUN_TEST_PROFILE") == "long"

Place = tuple[str, str]  # process and element id


def terms(name: str, began: datetime) -> datetime:
    """Every term has a length of its own, so that two seldom ring together."""
    return began + timedelta(days=3 + zlib.crc32(name.encode()) % 40, minutes=len(name))


def candidates(bundle: Bundle) -> dict[str, list[Any]]:
    """Values worth trying for each deciding name: options of its field, and what conditions compare it with."""
    found: dict[str, set[Any]] = {name: set() for name in bundle.deciding}
    for schema in bundle.forms.values():
        for component in _components(schema):
            name = component.get("key")
            if name in found:
                found[name] |= {option["value"] for option in component.get("values", ())}
                found[name] |= {True, False} if component["type"] == "checkbox" else set()
                found[name] |= {0, 1, 2, 5} if component["type"] == "number" else set()
    texts = [flow.condition for model in bundle.processes.values() for flow in model.flows.values()]
    texts += [node.loop.condition for model in bundle.processes.values() for node in model.nodes.values() if node.loop]
    for text in filter(None, texts):
        for name, literal, number in re.findall(r'(\w+)\s*[=!<>]+\s*(?:"([^"]*)"|(-?\d+))', text):
            if name in found:
                found[name] |= {literal} if literal else {int(number) + step for step in (-1, 0, 1)}
        for name in re.findall(r"\b[a-z_]\w*\b(?!\s*[=!<>(])", re.sub(r'"[^"]*"|[=<>!]+\s*\w+', "", text)):
            if name in found and not found[name]:
                found[name] |= {True, False}
    for decision in bundle.decisions.values():
        for number, column in enumerate(decision.inputs):
            if column.expression in found and not found[column.expression]:
                cells = [rule.inputs[number] for rule in decision.rules]
                numbers = {int(word) for cell in cells for word in re.findall(r"-?\d+", cell)}
                found[column.expression] |= {value + step for value in numbers for step in (-1, 0, 1)}
    asked = {column.expression for decision in bundle.decisions.values() for column in decision.inputs}
    for name, values in found.items():  # a word that no table asks for may be left unsaid
        if name not in asked and values and all(isinstance(value, str) for value in values):
            values.add(None)
    produced = {name for decision in bundle.decisions.values() for name in decision.produces()}
    return {name: sorted(values, key=repr) for name, values in sorted(found.items()) if values and name not in produced}


def _components(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for component in schema.get("components", ()):
        yield component
        yield from _components(component)


class Recorded(TokenGame):
    """A token game that remembers which flows were used."""

    flows: set[tuple[str, str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.flows = set()
        super().__init__(*args, **kwargs)

    def _arrive(self, level: Any, flow: str) -> None:
        self.flows.add((level.model.id, flow))
        super()._arrive(level, flow)


class Stuck(AssertionError):
    """Neither the machine nor the token game can go on: the drawing stops here by the standard itself."""


class Walk:
    """One run, walked by the machine and by the token game.

    Args:
        build: gives the bundle; the specs are built again for each resume.
        wanted: events still to be seen; messages that interrupt come for those only, and as soon as they can. Chance
            alone tells the run anything at any time.
        memory: how often earlier walks were where; answers then lead to where they seldom were.
    """

    def __init__(
        self,
        build: Callable[[], Bundle],
        process_id: str,
        seed: object,
        *,
        wanted: set[Place] | None = None,
        memory: Counter[object] | None = None,
    ) -> None:
        self.wanted, self.memory = wanted, memory
        self.build, self.chance = build, random.Random(repr(seed))
        self.bundle, self.now = build(), NOW
        self.values = candidates(self.bundle)
        self.said: dict[str, Any] = {}
        self.parted = False
        first = self.outcomes()
        self.process = Process.start(self.bundle, process_id, now=NOW, terms=terms, scalars=first)
        self.game = Recorded(self.bundle.processes, process_id, scalars=first, decide=self.decide)
        self.story: list[str] = [f"{process_id} {first}"]
        self.seen: set[Place] = set()
        self.agree(list(self.game.taken))

    def decide(self, decision_id: str, scalars: Mapping[str, Any]) -> dict[str, Any]:
        decision = self.bundle.decisions[decision_id]
        [result] = {
            node.result
            for model in self.bundle.processes.values()
            for node in model.nodes.values()
            if node.decision == decision_id
        }
        known = dict.fromkeys(self.bundle.deciding) | dict(scalars)
        answer = decision.decide(known).outputs
        assert isinstance(answer, dict)
        return dict(zip(decision.produces(result), answer.values(), strict=True))

    def outcomes(self) -> dict[str, Any]:
        """What is said with a step: some of it new, the rest as it was said before."""
        for name, values in self.values.items():
            if name not in self.said or self.chance.random() < 0.4:
                self.said[name] = self.chance.choice(values)
        return dict(self.said)

    def walk(self, steps: int) -> None:
        for _ in range(steps):
            if self.process.ended or self.parted:
                return
            self.step()

    def step(self) -> None:
        """Do one thing that can be done now, in both, and compare."""
        moves: list[Callable[[], None]] = [self.complete] * (4 if self.process.waiting() else 0)
        moves += [self.pass_time] * (2 if self.process.due_at else 0)
        if self.wanted is None or not moves or self.wanted & self.near():
            moves += [self.tell] * (len(moves) // 4 + 1 if self.game.messages() else 0)
        if not moves:
            assert not self.game.enabled(), f"only the machine cannot go on: {self.process.live}"
            raise Stuck(f"nothing can happen any more: {self.process.live}")
        before = len(self.game.taken)
        self.chance.choice(moves)()
        if not self.parted:
            self.agree(self.game.taken[before:])

    def near(self) -> set[Place]:
        """Everything that is busy or waits, and what an event gateway waits for."""
        live = set(self.process.live)
        for process_id, element_id in self.process.live:
            model = self.bundle.processes[process_id]
            if model.nodes[element_id].kind == "eventBasedGateway":
                live |= {(process_id, model.flows[flow].target) for flow in model.nodes[element_id].outgoing}
        return live

    def complete(self) -> None:
        waiting = self.chance.choice(self.process.waiting())
        # Of instances alike the game finishes the oldest.
        oldest = next(
            step
            for step in self.process.waiting()
            if (step.process_id, step.element_id) == (waiting.process_id, waiting.element_id)
        )
        outcomes = self.outcomes() if self.memory is None else self.seldom(oldest)
        self.story.append(f"complete {oldest.element_id} {outcomes}")
        path = next(path for path in self.game.enabled() if self.place(path) == (oldest.process_id, oldest.element_id))
        self.process.complete(oldest.key, outcomes)
        self.game.complete(path, outcomes)

    def seldom(self, waiting: Waiting) -> dict[str, Any]:
        """Of a few answers to this step the one that leads where walks seldom were."""
        assert self.memory is not None
        best: tuple[tuple[int, int], dict[str, Any], set[object]] | None = None
        stored = self.process.dump()
        for _ in range(6):
            said = self.outcomes()
            probe = Process.resume(self.bundle, stored, now=self.now, terms=terms)
            probe.complete(waiting.key, said)
            places: set[object] = {(step.process_id, step.element_id) for step in probe.taken} | set(probe.live)
            answers: set[object] = {(waiting.element_id, name, value) for name, value in said.items()}
            score = min(self.memory[place] for place in places), sum(self.memory[answer] for answer in answers)
            if best is None or score < best[0]:
                best = score, said, places | answers
        assert best is not None
        self.memory.update(best[2])
        self.said = dict(best[1])
        return best[1]

    def tell(self) -> None:
        name, outcomes = self.chance.choice(sorted(self.game.messages())), self.outcomes()
        self.story.append(f"message {name} {outcomes}")
        assert self.process.message(name, outcomes)
        assert self.game.message(name, outcomes)

    def pass_time(self) -> None:
        due = self.process.due_at
        assert due is not None
        self.now = max(self.now, due)
        self.reload()
        rang = self.process.run_due()
        assert rang >= 1
        passed = [step for step in self.process.taken if self.timed(step.process_id, step.element_id)]
        self.story.append(f"time {self.now} {[step.element_id for step in passed]}")
        assert len(passed) == rang
        for place, count in Counter((step.process_id, step.element_id) for step in passed).items():
            running = [path for path in self.game.timers().elements() if self.place(path) == place]
            if len(running) != count:
                # The game rings all clocks of one element together; here one began later, so the two part.
                self.parted = True
                return
            self.game.timer(running[0])

    def agree(self, taken: list[tuple[str, ...]]) -> None:
        """What waits, what is awaited, what was passed and what is known are the same, also after a resume."""
        told = "\n".join(self.story[-12:])
        for _ in range(2):
            waiting = Counter((step.process_id, step.element_id) for step in self.process.waiting())
            assert waiting == Counter(self.places(self.game.enabled())), told
            timers = Counter(place for place in self.process.live if self.timed(*place))
            assert set(timers) == set(self.places(self.game.timers())), told
            assert self.process.ended == self.game.ended, told
            known = {name: value for name, value in self.process.scalars.items() if value is not None}
            assert known == {name: value for name, value in self.game.scalars.items() if value is not None}, told
            for name in ("loss", *self.game.messages()):
                awaited = any(token.task_spec.awaits("message", name) for token in self.process._machine.tokens())
                assert awaited == (name in self.game.messages()), told
            if self.process.taken:
                passed = Counter((step.process_id, step.element_id) for step in self.process.taken)
                self.seen |= set(passed)
                assert self.compared(passed) == self.compared(Counter(map(self.place, taken))), told
            self.reload()

    def reload(self) -> None:
        stored = self.process.dump()
        specs._libraries.clear()
        self.bundle = self.build()
        self.process = Process.resume(self.bundle, stored, now=self.now, terms=terms)
        assert self.process.dump() == stored

    # -- places

    def place(self, path: tuple[str, ...]) -> Place:
        process_id = self.game.top.model.id
        for call in path[:-1]:
            process_id = self.node(process_id, call).called or ""
        return process_id, path[-1]

    def places(self, paths: Counter[tuple[str, ...]]) -> Counter[Place]:
        found: Counter[Place] = Counter()
        for path, count in paths.items():
            found[self.place(path)] += count
        return found

    def node(self, process_id: str, element_id: str) -> Node:
        return self.bundle.processes[process_id].nodes[element_id]

    def timed(self, process_id: str, element_id: str) -> bool:
        event = self.node(process_id, element_id).event
        return event is not None and event.kind == "timer"

    def compared(self, passed: Counter[Place]) -> Counter[Place]:
        """Without what only one of the two counts as a step: waiting gateways, and bodies of event sub-processes."""
        return Counter(
            {
                place: count
                for place, count in passed.items()
                if self.node(*place).kind != "eventBasedGateway" and not self.node(*place).event_subprocess
            }
        )
