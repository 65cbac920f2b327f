"""Programs that listen: where they may be, what each organisation hears, and what becomes of what does not arrive."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network
from threading import Event
from time import monotonic
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.workflows import path
from workflows import handovers, logbook, notifications, organisations, outbox, resealing, webhooks, worker
from workflows.actor import OPERATOR
from workflows.cases import Case
from workflows.delivering import OF_ONE, TROUBLED, Deliveries
from workflows.errors import Invalid, NotAllowed, NotFound, StaleVersion, WrongState
from workflows.handovers import Handover
from workflows.method.spreading import spread_events
from workflows.organisations import Role
from workflows.outbox import Message, MessageStatus
from workflows.processes import Task
from workflows.webhooks import Call, EventType, NotTaken, Webhook, address_faults, may_reach, signature
from workflows.webhooks.rules import networks
from workflows.webhooks.service import CHOSEN

EVERYTHING = [str(kind) for kind in CHOSEN]
URL = "https://dossier.example/steun"


# --- where an address may be


@pytest.mark.parametrize(
    "url",
    [
        "http://dossier.example/", "ftp://dossier.example/", "dossier.example", "https://", "https:///pad",
        "https://naam:geheim@dossier.example/", "https://dossier.example/#deel", "https://dossier.example:22/",
        "https://dossier.example:70000/", "https://localhost/", "https://dossier/", "https://intern.local./ ",
        "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/", "https://169.254.169.254/latest", "https://0/",
        "https://2130706433/", "https://0x7f.1/", "https://[::ffff:10.0.0.1]/", "https://[fe80::1]/",
        "https://dossier.example/a\nb", "https://dossier.example\\@evil.example/", "https://dossiér.example/",
        "https://dossier.example/" + "x" * 500, "https://[2002:7f00:1::]/", "https://[64:ff9b::a00:1]/",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_is_refused(url):
    assert address_faults(url, allowed=()) != []


@pytest.mark.parametrize(
    "url", [URL, "https://dossier.example:8443/a?b=c", "https://93.184.216.34/", "https://a_b.c.nl"]
)
def test_an_address_on_the_internet_is_taken(url):
    assert address_faults(url, allowed=()) == []


def test_only_the_internet_and_what_the_installation_allows_is_reached():
    seed = random.randrange(10**6)
    drawn = random.Random(seed)
    inside = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10",
              "224.0.0.0/4", "0.0.0.0/8", "240.0.0.0/4", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8",
              "64:ff9b::/96", "2002::/16", "::ffff:10.0.0.0/104"]  # fmt: skip
    for text in inside:
        network = ip_network(text)
        for _ in range(20):
            one = network[drawn.randrange(min(network.num_addresses, 2**60))]
            assert not may_reach(one, allowed=()), (seed, one)
    for text in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"):
        assert may_reach(ip_address(text), allowed=())
    allowed = networks(["10.20.0.0/16", " fd00::/8 ", ""])
    assert may_reach(ip_address("10.20.3.4"), allowed=allowed)
    assert may_reach(ip_address("fd00::7"), allowed=allowed)
    assert not may_reach(ip_address("10.21.3.4"), allowed=allowed)
    assert address_faults("https://10.20.3.4:8443/steun", allowed=allowed) == []


def test_what_is_sent_is_signed_as_the_specification_says():
    """The example of Standard Webhooks; a second secret signs beside the first."""
    example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'

    class Named(UUID):
        def __str__(self) -> str:
            return "msg_p5jXN8AQM9LWM0D4loKWxJek"

    signed = signature([example, webhooks.rules.new_secret()], Named(int=0), 1614265330, body)

    assert signed.split()[0] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert len(signed.split()) == 2


# --- what is told to whom


class Receivers:
    """Keeps what arrives, and does not take what somebody says it does not."""

    def __init__(self) -> None:
        self.taken: list[Call] = []
        self.refuses: dict[str, NotTaken] = {}
        self.hangs: dict[str, Event] = {}

    def __call__(self, call: Call) -> None:
        for start, until in self.hangs.items():
            if call.url.startswith(start):
                until.wait()
        for start, failure in self.refuses.items():
            if call.url.startswith(start) or call.type == start:
                raise failure
        self.taken.append(call)

    def types(self, url: str = URL) -> Counter[str]:
        return Counter(call.type for call in self.taken if call.url == url)


class Listening(path.World):
    """A region in which programs listen."""

    def __init__(self, database, clock) -> None:
        super().__init__(database, clock)
        self.receivers = Receivers()
        self.deliveries = Deliveries(database, self.receivers)

    def administrator(self, organisation_id):
        with self.database.writing() as session:
            person = organisations.add_person(session, display_name="Bo Beheer", by=OPERATOR, at=self.clock())
            given = organisations.assign_role(
                session, person_id=person.id, organisation_id=organisation_id, role=Role.ADMINISTRATOR, by=OPERATOR,
                valid_from=self.clock().date(), at=self.clock(),
            )  # fmt: skip
            return replace(
                self.region.administrator, person_id=person.id, assignment_id=given.id, organisation_id=organisation_id
            )

    def listen(self, by, url: str = URL, events=EVERYTHING) -> Webhook:
        made, _ = self.do(webhooks.create, label="Dossier", url=url, events=events, by=by)
        return made

    def deliver(self, **time: float) -> None:
        """What was done is sealed, told on and sent."""
        with self.database.writing() as session:
            logbook.seal(session, at=self.clock.forward(**time))
            spread_events(session, at=self.clock())
        while threads := self.deliveries.begin(self.clock()):
            for thread in threads:
                thread.join()


@pytest.fixture
def world(database, clock) -> Listening:
    made = Listening(database, clock)
    made.deliver()
    return made


def test_each_organisation_hears_what_it_has_to_do_with_and_nobody_hears_of_safety(world, clock):
    region = world.region
    midwives, nurses = (world.administrator(one.organisation_id) for one in (region.midwife, region.nurse))
    world.listen(midwives, URL)
    world.listen(nurses, f"{URL}/jgz")
    world.listen(region.administrator, f"{URL}/programma")
    begun = world.start()
    case_id = begun.subject_id
    world.complete(begun, region.midwife, path.answers_for("signal", clock()) | {"safety_concern": "doubt"})
    for _ in range(2):
        world.do_next(region.midwife)
    task = world.claim(region.nurse)
    world.deliver(seconds=20)

    ours, theirs = world.receivers.types(), world.receivers.types(f"{URL}/jgz")
    assert ours["case.status_changed"] >= 1
    assert ours["task.completed"] >= 2
    assert ours["task.opened"] >= 2
    assert theirs["case.joined"] == 1
    assert theirs["task.claimed"] == 1
    assert world.receivers.types(f"{URL}/programma") == {}, "it has no part in anything"
    about = {call.subject_id for call in world.receivers.taken if call.url == f"{URL}/jgz"}
    assert about == {case_id, task.id}
    with world.database.reading() as session:
        safety = session.scalars(select(logbook.LoggedChange).where(logbook.LoggedChange.event.like("safety%"))).all()
        runs = {one.subject_id for one in safety}
    assert safety, "somebody did doubt"
    assert not {call.subject_id.hex for call in world.receivers.taken} & runs
    tasks = {call.subject_id for call in world.receivers.taken if call.subject_kind == "task"}
    with world.database.reading() as session:
        kinds = {one.subject_kind for one in session.scalars(select(Task).where(Task.id.in_(tasks)))}
    assert kinds == {"case"}

    before = len(world.receivers.taken)
    world.deliver(seconds=20)
    assert len(world.receivers.taken) == before, "nothing is told twice"


def test_a_handover_is_heard_by_both_sides_once_it_is_offered(world, clock):
    case_id = world.explored()
    nurse, midwife = world.region.nurse, world.region.midwife
    world.claim(nurse)
    sender, receiver = (world.administrator(one.organisation_id) for one in (nurse, midwife))
    world.listen(sender, URL)
    world.listen(receiver, f"{URL}/ander")
    with world.database.writing() as session:
        case = session.get_one(Case, case_id)
        offered = handovers.prepare(
            session, case, kind="organisation", reason="other_expertise", to_organisation_id=midwife.organisation_id, to_role="signaller",
            by=nurse, at=clock(),
        )  # fmt: skip
    world.deliver(seconds=20)
    assert not [call for call in world.receivers.taken if call.subject_kind == "handover"], "it may never be offered"

    with world.database.writing() as session:
        handovers.offer(
            session, session.get_one(Handover, offered.id), warm_contact_form="phone", parent_presence="present",
            by=nurse, at=clock(),
        )  # fmt: skip
    world.deliver(seconds=20)
    heard = [(call.url, call.type) for call in world.receivers.taken if call.subject_id == offered.id]
    assert sorted(heard) == [(URL, "handover.offered"), (f"{URL}/ander", "handover.offered")]


# --- what does not arrive


def test_what_does_not_arrive_is_kept_and_tried_again_and_after_days_the_administrator_is_told(world, clock):
    by = world.region.administrator
    made = world.listen(by, events=["case.closed"])
    world.receivers.refuses[URL] = NotTaken("http_500")
    first = world.do(webhooks.try_out, made.id, by=by)
    second = world.do(webhooks.try_out, made.id, by=by)

    world.deliver(seconds=1)
    [late, early] = sorted(world.look(webhooks.deliveries, made.id, by=by), key=lambda one: one.attempts)[::-1]
    assert {late.id, early.id} == {first, second}
    assert (late.attempts, early.attempts, late.error) == (1, 0, "http_500"), "the second is not sent after it"
    for _ in range(8):
        world.deliver(hours=12)
    with world.database.reading() as session:
        kept = session.get_one(Webhook, made.id)
        waiting = session.scalars(select(Message).where(Message.channel == kept.channel)).all()
        told = session.scalars(select(notifications.Notification).where(
            notifications.Notification.subject_id == made.id)).all()  # fmt: skip
    assert (kept.status, kept.pause_reason) == ("paused", "failing")
    assert {one.status for one in waiting} == {MessageStatus.PENDING}, "of who takes nothing nothing is given up on"
    assert {(one.kind, one.role, one.organisation_id) for one in told} == {
        ("webhook_paused", role, by.organisation_id) for role in ("administrator", "local_administrator")
    }
    with pytest.raises(WrongState):
        world.do(webhooks.try_out, made.id, by=by)

    world.receivers.refuses.clear()
    world.do(webhooks.resume, made.id, by=by)
    world.deliver(seconds=1)
    assert {call.id for call in world.receivers.taken} == {first, second}
    assert {one.status for one in world.look(webhooks.deliveries, made.id, by=by)} == {"sent"}

    world.do(webhooks.retry, made.id, first, by=by)
    world.receivers.refuses[URL] = NotTaken("gone")
    world.deliver(seconds=1)
    assert world.look(webhooks.own, made.id, by=by).pause_reason == "gone"


def test_one_message_that_is_refused_holds_up_no_other_and_is_given_up_on(world, clock):
    by = world.region.administrator
    made = world.listen(by)
    poison = world.do(webhooks.try_out, made.id, by=by)
    world.receivers.refuses["webhook.test"] = NotTaken("http_400")
    for _ in range(outbox.ATTEMPTS + 1):
        world.deliver(hours=2)
        with world.database.writing() as session:
            kept = session.get_one(Webhook, made.id)
            webhooks.put(session, [(kept, EventType.CASE_CLOSED, "case", uuid4(), clock())], at=clock())
        world.deliver(hours=2)

    told = {one.id: one for one in world.look(webhooks.deliveries, made.id, by=by)}
    assert told[poison].status == "failed"
    assert world.receivers.types()["case.closed"] == outbox.ATTEMPTS + 1
    assert world.look(webhooks.own, made.id, by=by).status == "active"


def test_a_receiver_that_hangs_holds_up_itself_alone(world, clock):
    by = world.region.administrator
    slow, quick = world.listen(by, f"{URL}/traag"), world.listen(by, f"{URL}/vlot")
    for one in (slow, quick):
        world.do(webhooks.try_out, one.id, by=by)
    until = world.receivers.hangs[f"{URL}/traag"] = Event()

    threads = world.deliveries.begin(clock.forward(seconds=1))
    assert len(threads) == 2
    deadline = monotonic() + 60
    while not world.receivers.types(f"{URL}/vlot"):
        assert monotonic() < deadline, "the quick one waits for the slow one"
        for thread in threads:
            thread.join(0.01)
    assert worker.run_once(world.database, clock.forward(seconds=20), deliveries=world.deliveries) >= 0
    assert Deliveries(world.database, world.receivers).begin(clock()) == [], "nor does another worker wait for it"
    world.do(webhooks.change, slow.id, label="Traag", url=f"{URL}/anders", events=["case.closed"], by=by)
    until.set()
    for thread in threads:
        thread.join()
    assert len(world.receivers.taken) == 2


def test_an_organisation_whose_programs_hang_or_crawl_leaves_room_for_the_others(world, clock):
    """Ten that hang of one organisation, more than there are threads; the message of another arrives meanwhile."""
    bad, good = world.region.administrator, world.administrator(world.region.midwife.organisation_id)
    hanging = [world.listen(bad, f"{URL}/hangt/{number}") for number in range(webhooks.MOST)]
    for one in hanging:
        world.do(webhooks.try_out, one.id, by=bad)
    until = world.receivers.hangs[f"{URL}/hangt"] = Event()
    world.receivers.refuses[f"{URL}/hangt"] = NotTaken("timed_out")
    stuck = world.deliveries.begin(clock.forward(seconds=1))
    assert len(stuck) == OF_ONE

    quick = world.listen(good, f"{URL}/vlot")
    world.do(webhooks.try_out, quick.id, by=good)
    for thread in world.deliveries.begin(clock.forward(seconds=1)):
        thread.join()
    assert world.receivers.types(f"{URL}/vlot")["webhook.test"] == 1
    assert all(thread.is_alive() for thread in stuck)

    until.set()
    for thread in stuck:
        thread.join()
    troubled = [one for one in world.look(webhooks.own_all, by=bad) if one.is_troubled]
    assert [one.breaker(clock()) for one in troubled] == ["open"] * OF_ONE
    assert {one.breaker(clock.forward(hours=1)) for one in troubled} == {"half_open"}


def test_all_who_did_not_do_well_have_half_of_the_threads_together(world, clock):
    with world.database.reading() as session:
        everybody = [each.id for each in organisations.organisations(session)]
    by = [world.administrator(one) for one in everybody[: TROUBLED + 1]]
    made = [world.listen(one, f"{URL}/{number}") for number, one in enumerate(by)]
    world.receivers.refuses[URL] = NotTaken("http_500")
    for one, boss in zip(made, by, strict=True):
        world.do(webhooks.try_out, one.id, by=boss)
    world.deliver(seconds=1)
    until = world.receivers.hangs[URL] = Event()

    threads = world.deliveries.begin(clock.forward(hours=1))

    assert len(threads) == TROUBLED < len(made)
    until.set()
    for thread in threads:
        thread.join()


def test_who_answers_slowly_gets_messages_one_at_a_time_with_rest_between(world, clock):
    by = world.region.administrator
    made = world.listen(by)
    for _ in range(2):
        world.do(webhooks.try_out, made.id, by=by)
    took = iter([0.0, 8.0])
    crawling = Deliveries(world.database, world.receivers, timer=lambda: next(took))

    for thread in crawling.begin(clock.forward(seconds=1)):
        thread.join()

    kept = world.look(webhooks.own, made.id, by=by)
    assert (len(world.receivers.taken), kept.last_error, kept.failures) == (1, "slow", 0)
    assert kept.next_at == clock() + timedelta(seconds=8 * 4)
    assert kept.breaker(clock()) == "open"
    assert crawling.begin(clock.forward(seconds=31)) == []
    world.deliver(seconds=1)
    kept = world.look(webhooks.own, made.id, by=by)
    assert (len(world.receivers.taken), kept.last_error, kept.breaker(clock())) == (2, None, "closed")


# --- who may, and with which secret


def test_an_address_is_its_own_organisations_and_its_secret_changes_over_in_a_day(world, clock):
    by = world.region.administrator
    stranger = world.administrator(world.region.midwife.organisation_id)
    made, secret = world.do(webhooks.create, label=" Het  dossier ", url=URL, events=["case.closed"], by=by)
    assert made.label == "Het dossier"
    for refused in (NotAllowed, NotFound):
        asks = world.region.midwife if refused is NotAllowed else stranger
        with pytest.raises(refused):
            world.look(webhooks.own, made.id, by=asks)
    assert world.look(webhooks.own_all, by=stranger) == []
    with pytest.raises(Invalid) as wrong:
        world.do(webhooks.create, label="", url="http://x", events=["x"], by=by)
    assert wrong.value.errors.keys() == {"label", "url", "events"}
    with pytest.raises(StaleVersion):
        world.do(webhooks.end, made.id, version=made.version + 1, by=by)

    _, renewed = world.do(webhooks.rotate, made.id, by=by)
    world.do(webhooks.try_out, made.id, by=by)
    with world.database.reading() as session:
        assert secret.encode() not in (session.get_one(Webhook, made.id).sealed_secrets or b"")
    resealing.reseal(world.database)
    world.deliver(seconds=1)
    world.do(webhooks.try_out, made.id, by=by)
    world.deliver(hours=25)
    world.do(webhooks.try_out, made.id, by=by)
    assert [call.secrets for call in world.receivers.taken] == [(renewed, secret), (renewed,)]

    world.do(webhooks.end, made.id, by=by)
    world.deliver(seconds=1)
    assert len(world.receivers.taken) == 2, "what waited is not sent any more"
    with pytest.raises(NotFound):
        world.do(webhooks.resume, made.id, by=by)
    with world.database.writing() as session:
        webhooks.forget_old(session, before=clock() + timedelta(days=1))
        assert session.scalars(select(Message.id).where(Message.channel == made.channel)).all() == []
