"""What Prometheus reads, from one process or several; the alarm rules; and traces that say nothing of a person."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from api import create_app, metrics, tracing
from tests.api.conftest import settings
from tests.conftest import SECRET
from workflows import jobs
from workflows.db import Database

ALARMS = Path(__file__).parents[2] / "docs" / "alarms"


def told(text: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Name of a figure → labels → value."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            found.setdefault(one.name, {})[tuple(sorted(one.labels.items()))] = one.value
    return found


@pytest.fixture
def watched(urls, region, clock):
    made = create_app(settings(urls, metrics_token=SECRET, metrics_address="127.0.0.1:1"), clock=clock)
    yield made
    made.extensions["steun.database"].dispose()


def test_who_has_the_token_reads_figures_of_nobody(watched, app, begin, database, clock):
    begin()
    with database.writing() as session:
        job = jobs.enqueue(session, "seal", due_at=clock(), subject_kind="x", subject_id=uuid4())
        for _ in range(jobs.ATTEMPTS):
            job.fail(clock(), "KeyError")
    client = watched.test_client()
    client.get(f"/casussen/{uuid4()}")

    assert app.test_client().get("/metrics").status_code == 404
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 401
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"})
    found = told(answer.text)

    assert answer.mimetype == "text/plain"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert found["steun_database_up"] == {(): 1}
    assert found["steun_jobs"][("kind", "seal"), ("state", "failed")] == 1
    assert found["steun_tasks_open"][()] >= 1
    route = (("method", "GET"), ("route", "/casussen/<uuid:case_id>"), ("status", "303"))
    assert found["steun_requests_total"][route] == 1
    assert found["steun_request_seconds_count"][(("route", "/casussen/<uuid:case_id>"),)] == 1
    assert set(found) >= metrics.GAUGES.keys() - {
        "steun_messages",
        "steun_messages_oldest_seconds",
        "steun_log_lines_unsent",
    }
    assert re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", answer.text) is None


def test_a_database_that_is_away_is_a_figure_and_no_error(clock):
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")

    found = told(metrics.Metrics(away, clock, SECRET).text().decode())

    assert found["steun_database_up"] == {(): 0}
    assert "steun_jobs" not in found


_COUNT = """
import sys
from api import metrics
from api.transactions import system_clock
from workflows.db import Database
counted = metrics.Metrics(Database(sys.argv[1]), system_clock, "")
for _ in range(int(sys.argv[2])):
    counted.observe("GET", "/", 200, 0.01)
if sys.argv[2] == "0":
    print(counted.text().decode())
"""


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_processes_count_together_whoever_of_them_answers(urls, tmp_path):
    (folder := tmp_path / "together").mkdir()  # beside no other file: each of them is read as figures

    def run(times: int) -> str:
        return subprocess.run(
            [sys.executable, "-c", _COUNT, str(urls.application), str(times)],
            env={**os.environ, metrics.FOLDER: str(folder)}, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    run(2)
    run(3)

    labels = (("method", "GET"), ("route", "/"), ("status", "200"))
    found = told(run(0))
    assert found["steun_requests_total"][labels] == 5
    assert found["steun_request_seconds_count"][(("route", "/"),)] == 5
    assert found["steun_database_up"] == {(): 1}


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_an_address_of_its_own_answers_and_another_process_takes_over(watched):
    found, stops = watched.extensions["steun.metrics"], [threading.Event(), threading.Event()]
    with metrics.make_server("127.0.0.1", 0, lambda *_: []) as free:
        address = f"127.0.0.1:{free.server_port}"
    talks = [threading.Thread(target=metrics.listen, args=(found, address, stop), daemon=True) for stop in stops]
    try:
        for talk in talks:
            talk.start()
        assert b"steun_database_up 1.0" in asked(f"http://{address}/metrics")
        with pytest.raises(urllib.error.HTTPError):
            asked(f"http://{address}/")
    finally:
        for stop in stops:
            stop.set()
    for talk in talks:
        talk.join()


def asked(url: str) -> bytes:
    """What answers there; whoever comes before the door is open asks again."""
    pause = threading.Event()
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return answer.read()
        except urllib.error.HTTPError:
            raise
        except OSError:
            pause.wait(0.05)


# --- the alarm rules


_TOKEN = re.compile(
    r'\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-z_][a-z0-9_]*)|(?P<text>"[^"]*")|(?P<range>\[\d+[smhd]\])'
    r"|(?P<sign>=~|!~|==|!=|>=|<=|[-+*/><=(){},]))"
)
_FUNCTIONS = {"rate": 1, "histogram_quantile": 2, "sum": 1, "max": 1}
_KEYWORDS = frozenset({"by", "and", "or", "unless"})


class Expression:
    """As much of PromQL as the rules use, read by descent: anything else is a mistake in a rule."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.series: list[tuple[str, dict[str, str]]] = []
        self.labels: set[str] = set()
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            assert found, f"what is {text[at:]!r} in {text!r}"
            self.tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
            at = found.end()
        self.whole()
        assert self.tokens == [], f"left over: {self.tokens} in {text!r}"

    def take(self, *wanted: str) -> str:
        kind, text = self.tokens.pop(0)
        assert kind in wanted or text in wanted, f"{text!r} where {wanted} was expected"
        return text

    def next_is(self, *texts: str) -> bool:
        return bool(self.tokens) and self.tokens[0][1] in texts

    def whole(self) -> None:
        self.part()
        while self.next_is("and", "or", "unless", "==", "!=", ">", "<", ">=", "<=", "+", "-", "*", "/"):
            self.tokens.pop(0)
            self.part()

    def part(self) -> None:
        if self.next_is("("):
            self.take("(")
            self.whole()
            self.take(")")
        elif self.tokens[0][0] == "number":
            self.take("number")
        elif self.next_is(*_FUNCTIONS):
            name = self.take("name")
            if self.next_is("by"):
                self.take("by")
                self.take("(")
                self.labels.add(self.take("name"))
                while self.next_is(","):
                    self.take(",")
                    self.labels.add(self.take("name"))
                self.take(")")
            self.take("(")
            for number in range(_FUNCTIONS[name]):
                if number:
                    self.take(",")
                self.whole()
            self.take(")")
        else:
            self.selector()

    def selector(self) -> None:
        name, labels = self.take("name"), {}
        assert name not in _KEYWORDS
        if self.next_is("{"):
            self.take("{")
            while not self.next_is("}"):
                label = self.take("name")
                self.take("=", "=~", "!=", "!~")
                labels[label] = self.take("text").strip('"')
                if not self.next_is("}"):
                    self.take(",")
            self.take("}")
        if self.tokens and self.tokens[0][0] == "range":
            self.take("range")
        self.series.append((name, labels))


def test_each_alarm_reads_figures_that_there_are_and_says_what_to_do():
    rules = [rule for group in yaml.safe_load((ALARMS / "rules.yml").read_text())["groups"] for rule in group["rules"]]
    manual = (ALARMS / "README.md").read_text()
    known = {name: set(labels) for name, (_, labels) in (metrics.GAUGES | metrics.COUNTERS).items()}
    for ending in ("bucket", "count", "sum"):
        known[f"steun_request_seconds_{ending}"] = {"route", "le"}
    known["up"] = {"job"}

    assert len({rule["alert"] for rule in rules}) == len(rules) > 10
    watched = set()
    for rule in rules:
        read = Expression(rule["expr"])
        for name, labels in read.series:
            assert labels.keys() <= known[name], rule
            watched.add(name)
        of = set().union(*(known[name] for name, _ in read.series))
        assert read.labels <= of, rule
        assert re.fullmatch(r"\d+[mhd]", rule["for"])
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert f"### {rule['alert']}\n*{rule['labels']['severity']}.*" in manual
        assert rule["annotations"]["runbook"] == f"README.md#{rule['alert'].lower()}"
        told_of = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        assert told_of <= read.labels
    assert manual.count("### Steun") == len(rules)
    assert all(f"`{name}" in manual or f"{name}{{" in manual for name in (*metrics.GAUGES, *metrics.COUNTERS))
    # What nobody is woken for stands in the figures for who looks.
    assert metrics.GAUGES.keys() - watched == {"steun_log_lines_unsealed"}


def test_a_rule_with_a_mistake_is_found():
    for wrong in ("steun_jobs{kind=} > 0", "sum by kind (steun_jobs)", "rate(steun_jobs[5 minutes])", "steun_jobs >"):
        with pytest.raises((AssertionError, IndexError)):
            Expression(wrong)


# --- traces


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_span_says_which_door_and_never_what_was_typed(urls, region, clock):
    kept, wanted = InMemorySpanExporter(), settings(urls)
    made = create_app(wanted, clock=clock)
    tracing.register(made, wanted, exporter=kept)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    made.test_client().get("/inloggen?next=/casussen/Noor", headers={"traceparent": parent, "tracestate": "a=Noor"})

    [span] = kept.get_finished_spans()
    assert span.name == "GET /inloggen"
    assert set(span.attributes) <= tracing.ATTRIBUTES
    assert span.attributes["http.response.status_code"] == 200
    assert f"{span.context.trace_id:032x}" == parent.split("-")[1]
    assert "Noor" not in span.to_json()
    made.extensions["steun.database"].dispose()

    def send(_payload, _id):
        raise TimeoutError("wacht op Noor")

    kept.clear()
    around = tracing.around({"anchor_mail": send}, wanted, exporter=kept)
    with pytest.raises(TimeoutError):
        around["anchor_mail"]({"to": "Noor"}, uuid4())
    [span] = kept.get_finished_spans()
    assert (span.name, span.attributes["error.type"]) == ("send anchor_mail", "TimeoutError")
    assert not span.status.is_ok
    assert set(span.attributes) <= tracing.ATTRIBUTES
    assert "Noor" not in span.to_json()
