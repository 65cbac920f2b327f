"""Backups: made while people work, everything destroyed, put back, and the logbook holds; and what is refused."""

from __future__ import annotations

import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api import create_app
from api.cli import main
from api.transactions import system_clock
from tests.api.conftest import SIGNAL, Caller, etag, settings
from tests.api.test_attachments import send
from tests.conftest import SECRET, Urls
from tests.postgres import APPLICATION, OWNER, server
from workflows import accounts, logbook, worker
from workflows.actor import OPERATOR
from workflows.backups import BackupBroken, BackupFromLater, check
from workflows.db import Database
from workflows.processes import Task
from workflows.vault import Vault

KEY = "een-eigen-sleutel-voor-de-back-ups-0123456789"


def environment(urls: Urls, **more: str) -> dict[str, str]:
    return {
        **urls.environment,
        "STEUN_LOG_LEVEL": "ERROR",
        "STEUN_SECRET_KEY": SECRET,
        "STEUN_VAULT_KEY": SECRET,
        "STEUN_BACKUP_KEY": KEY,
        "STEUN_ATTACHMENTS": str(urls.files),
        **more,
    }


def steun(urls: Urls, *arguments: str | Path, **more: str) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], env=environment(urls, **more))


@contextmanager
def elsewhere(urls: Urls, tmp_path: Path) -> Iterator[Urls]:
    """A new and empty database of the same kind, as after a disaster."""
    if urls.application.get_backend_name() == "sqlite":
        new = urls.application.set(database=str(tmp_path / "new" / "steun.db"))
        made = Urls(new, new)
        yield made
    else:
        name = server().create()
        made = Urls(server().url(name, APPLICATION), server().url(name, OWNER))
        yield made
        server().drop(name)
    shutil.rmtree(made.files, ignore_errors=True)


def destroy(urls: Urls) -> None:
    """No database and no file with a case is left."""
    shutil.rmtree(urls.files)
    if urls.application.get_backend_name() == "sqlite":
        for path in Path(str(urls.application.database)).parent.glob("steun.db*"):
            path.unlink()
    else:
        server().drop(str(urls.application.database))


@pytest.fixture
def clock() -> Callable[[], Any]:
    """The time of the machine, as the command line has it."""
    return system_clock


class Crowd:
    """People who go on beginning signals; knows what was acknowledged, and to whom."""

    def __init__(self, callers: list[Caller]) -> None:
        self.acknowledged: list[tuple[str, Caller]] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(one,)) for one in callers]

    def __enter__(self) -> Crowd:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for one in self._threads:
            one.join()

    def wait_for(self, number: int) -> None:
        enough = len(self.acknowledged) + number
        while len(self.acknowledged) < enough and any(one.is_alive() for one in self._threads):
            self._stop.wait(0.01)
        assert len(self.acknowledged) >= enough

    def _work(self, caller: Caller) -> None:
        while not self._stop.is_set():
            begun = caller.post("/signals")
            if begun.status_code == 201:
                self.acknowledged.append((begun.json["id"], caller))


def test_a_backup_under_load_brings_everything_back_after_all_was_destroyed(
    app, urls, database, begin, sign_in, log_in, tmp_path
):
    begun = begin()
    begun.complete(SIGNAL)
    case_id = begun.by.get(begun.path).json["case"]["id"]
    attached = send(begun.by, case_id)
    assert attached.status_code == 201, attached.text
    assert worker.run_once(database, system_clock()) >= 0
    with database.writing() as session:
        logbook.seal(session, at=system_clock(), limit=None)
    anchors = tmp_path / "anchors"
    assert log_in("midwife").get("/werk").status_code == 200

    midwife = sign_in("midwife")
    with Crowd([midwife, sign_in("midwife2")]) as crowd:
        while midwife not in [who for _, who in crowd.acknowledged]:
            crowd.wait_for(4)
        before = dict(crowd.acknowledged)
        made = steun(urls, "backup", tmp_path / "backups", "--json")
        crowd.wait_for(2)
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    place = Path(told["file"])
    with database.writing() as session:  # so the anchors know more than the backup
        logbook.seal(session, at=system_clock(), limit=None)
    with database.reading() as session:
        heads = logbook.heads(session)
    logbook.anchors.add(
        anchors,
        [
            {"log": name, "position": one.position, "hash": one.hash, "sealed_at": one.sealed_at}
            for name, one in heads.items()
        ],
    )
    lines = {name: one.position for name, one in heads.items()}
    destroy(urls)

    with elsewhere(urls, tmp_path) as new:
        looked = steun(new, "restore", place, "--check", "--json")
        put_back = steun(new, "restore", place, "--json", STEUN_ANCHOR_FILE=str(anchors))
        assert (looked.exit_code, put_back.exit_code) == (0, 0), looked.output + put_back.output
        report = json.loads(put_back.stdout)
        assert report["ok"] is report["vault_key"] is True
        assert report["attachments"] == told["attachments"] == 1
        assert report["heads"] == told["heads"]
        assert report["sessions"] == 1
        assert report["doors"]["ended"] is False
        assert report["doors"]["tokens"] > 1
        assert report["sealed"] == sum(told["heads"].values())
        assert report["lost"] == {
            name: lines[name] - told["heads"][name] for name in lines if lines[name] > told["heads"][name]
        }
        again = create_app(settings(new), clock=system_clock)
        try:
            caller = Caller(again.test_client(), begun.by.actor, begun.by.token)
            entries = caller.get(f"/cases/{case_id}/entries")
            assert "Fatima Voorbeeld" in entries.text
            file = caller.get(f"/cases/{case_id}/attachments/{attached.json['id']}")
            assert file.status_code == 200, file.text
            kept = Database(new.application, house=True)
            with kept.reading() as session:
                found = {str(one) for one in session.scalars(select(Task.id))}
            kept.dispose()
            assert set(before) <= found  # what was acknowledged before it began is in it
            hers = next(one for one, who in before.items() if who is midwife)
            went_on = caller.post(
                f"/tasks/{hers}/completion", json={"answers": SIGNAL}, headers=etag(caller.get(f"/tasks/{hers}"))
            )
            assert went_on.status_code == 201, went_on.text
        finally:
            again.extensions["steun.database"].dispose()
        checked = steun(new, "verify", "--json")
        assert checked.exit_code == 0, checked.output
        refused = steun(new, "restore", place)
        assert (refused.exit_code, "niet leeg" in refused.output) == (5, True), refused.output


@pytest.fixture
def backup_of(urls, app, begin, tmp_path) -> Path:
    begin().complete(SIGNAL)
    made = steun(urls, "backup", tmp_path / "backups", "--json")
    assert made.exit_code == 0, made.output
    return Path(json.loads(made.stdout)["file"])


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_what_is_broken_of_another_or_not_to_be_opened_puts_nothing_back(urls, backup_of, tmp_path):
    content = backup_of.read_bytes()
    assert backup_of.stat().st_mode & 0o077 == 0
    wrong = tmp_path / "wrong"
    with elsewhere(urls, tmp_path) as new:
        for changed in (
            content[:-1],
            content[: len(content) // 2],
            content[:200] + bytes([content[200] ^ 1]) + content[201:],
            content + b"more",
            b"",
            b"\x1f\x8b nothing",
        ):
            wrong.write_bytes(changed)
            refused = steun(new, "restore", wrong, *(["--unencrypted"] if changed[:1] == b"\x1f" else []))
            assert (refused.exit_code, "klopt niet" in refused.output) == (5, True), refused.output
        for key, said in (("", "Geen sleutel"), ("-" * 50, "De sleutel past niet")):
            refused = steun(new, "restore", backup_of, STEUN_BACKUP_KEY=key)
            assert (refused.exit_code, said in refused.output) == (5, True), refused.output
        assert not Path(str(new.application.database)).exists()
        lost = steun(new, "restore", backup_of, STEUN_VAULT_KEY="x" * 40)
        assert (lost.exit_code, "STEUN_VAULT_KEY" in lost.output) == (1, True), lost.output
    name = server().create()
    other = Urls(server().url(name, APPLICATION), server().url(name, OWNER))
    refused = steun(other, "restore", backup_of)
    server().drop(name)
    assert (refused.exit_code, "ander soort" in refused.output) == (5, True), refused.output


def test_who_puts_a_backup_back_can_end_by_what_people_come_in_who_do_not_log_in(
    urls, app, sign_in, region, database, tmp_path
):
    at = system_clock()
    midwife = sign_in("midwife")
    boss = sign_in("administrator")
    program = boss.post("/topic-workers", {"topic": "letters", "label": "Printer"}).json["token"]
    with database.writing() as session:
        account = accounts.create_account(
            session, person_id=region.nurse.person_id, login="nurse", by=OPERATOR, at=at, cost=settings(urls).argon2
        )
        accounts.issue_activation(session, account.id, by=OPERATOR, at=at, cost=settings(urls).argon2)
    made = json.loads(steun(urls, "backup", tmp_path / "backups", "--json").stdout)

    with elsewhere(urls, tmp_path) as new:
        assert steun(new, "restore", made["file"], "--check", "--end-doors").exit_code == 2
        told = steun(new, "restore", made["file"])
        assert (told.exit_code, "steun doors --end" in told.output) == (0, True), told.output
        again = create_app(settings(new), clock=system_clock)
        try:
            caller = Caller(again.test_client(), midwife.actor, midwife.token)
            asked = {"headers": {"Authorization": f"Bearer {program}"}, "json": {}}
            assert caller.get("/me").status_code == 200
            assert again.test_client().post("/api/v1/topic-steps/fetches", **asked).status_code == 200
            standing = json.loads(steun(new, "doors", "--json").stdout)
            assert standing == {"ended": False, "tokens": 2, "programs": 1, "codes": 1, "links": 0}
            closed = json.loads(steun(new, "doors", "--end", "--json").stdout)
            assert closed == standing | {"ended": True}
            assert caller.get("/me").status_code == 401
            assert again.test_client().post("/api/v1/topic-steps/fetches", **asked).status_code == 401
        finally:
            again.extensions["steun.database"].dispose()
        assert json.loads(steun(new, "doors", "--json").stdout) == {
            "ended": False, "tokens": 0, "programs": 0, "codes": 0, "links": 0,
        }  # fmt: skip
        assert steun(new, "verify").exit_code == 0


def archived(**members: bytes) -> bytes:
    """A backup without a key, of these members."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_BEGIN = {
    "format": 1, "made_at": "2026-11-03T08:30:00+00:00", "release": "0.1.0", "revision": "0047",
    "database": "sqlite", "heads": {"changes": {"position": 1, "hash": ""}}, "probe": None, "tables": {}, "sequences": {},
}  # fmt: skip


@given(
    begin=_JSON
    | st.dictionaries(st.sampled_from(sorted(_BEGIN)), _JSON, max_size=3).map(lambda changed: {**_BEGIN, **changed}),
    end=_JSON | st.fixed_dictionaries({"holds": _JSON}),
    member=st.text(st.characters(codec="ascii", exclude_characters="\x00"), min_size=1, max_size=30)
    | st.sampled_from(
        ["files/x/000000", "database/../x/000000", "tables/public.persons/000000", "database/main/000000"]
    ),
    content=st.binary(max_size=20),
)
def test_whatever_the_parts_of_a_backup_say_it_is_refused_or_whole_and_never_a_fault(begin, end, member, content):
    with TemporaryDirectory() as folder:
        place = Path(folder) / "a"
        parts = {"begin.json": json.dumps(begin).encode(), member: content, "end.json": json.dumps(end).encode()}
        place.write_bytes(archived(**parts))
        with suppress(BackupBroken, BackupFromLater):
            check(place, vault=None, keys=Vault(()))


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_beginning_that_is_not_what_it_should_be_is_told_plainly(urls, tmp_path):
    for number, begin in enumerate((b"[]", b"1", b"{}", b"null", b"nee", json.dumps(_BEGIN | {"heads": []}).encode())):
        place = tmp_path / str(number)
        place.write_bytes(archived(**{"begin.json": begin, "end.json": b"{}"}))
        refused = steun(urls, "restore", place, "--check", "--unencrypted")
        assert (refused.exit_code, "Traceback" in refused.output) == (5, False), refused.output


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_without_a_key_a_backup_is_made_only_when_that_is_said_and_old_ones_go_when_asked(urls, backup_of, tmp_path):
    before = os.umask(0o022)
    refused = steun(urls, "backup", backup_of.parent, STEUN_BACKUP_KEY="")
    assert os.umask(before) == 0o022  # what makes files for one user only leaves its caller as it was
    shared = steun(urls, "backup", backup_of.parent, STEUN_BACKUP_KEY=SECRET)
    backup_of.rename(backup_of.with_name("steun-20200101T000000Z.steun-backup"))
    (backup_of.parent / "of-somebody-else").touch()
    made = steun(urls, "backup", backup_of.parent, "--unencrypted", "--keep", "1", STEUN_BACKUP_KEY="")

    assert (refused.exit_code, "STEUN_BACKUP_KEY" in refused.output) == (5, True), refused.output
    assert shared.exit_code == 3, shared.output
    assert made.exit_code == 0, made.output
    assert "niet versleuteld" in made.output
    [left, other] = sorted(backup_of.parent.iterdir(), key=lambda one: one.name, reverse=True)
    assert other.name == "of-somebody-else"
    with elsewhere(urls, tmp_path) as new:
        for also in ((), ("--check",)):  # anybody can put such a file in the place of a closed one
            refused = steun(new, "restore", left, *also)
            assert (refused.exit_code, "niet versleuteld" in refused.output) == (5, True), refused.output
        assert not Path(str(new.application.database)).exists()
        assert steun(new, "restore", left, "--check", STEUN_BACKUP_KEY="").exit_code == 0
        assert steun(new, "restore", left, "--unencrypted").exit_code == 0


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_full_disk_is_told_and_leaves_nothing_half(urls, backup_of, tmp_path):
    known = backup_of.read_bytes()

    def narrow() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(known) // 2, len(known) // 2))

    with elsewhere(urls, tmp_path) as new:
        for command, where in ((["backup", backup_of.parent], urls), (["restore", backup_of], new)):
            full = subprocess.run(
                [sys.executable, "-m", "api.cli", *map(str, command)], preexec_fn=narrow, check=False,
                env={**environment(where), "PATH": "", "PYTHONPATH": ".", "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True, text=True,
            )  # fmt: skip
            assert full.returncode == 4, full.stdout + full.stderr
            assert "schijf vol" in full.stderr
        assert list(backup_of.parent.iterdir()) == [backup_of]
        assert backup_of.read_bytes() == known
        assert not list(Path(str(new.application.database)).parent.iterdir())
        assert steun(new, "restore", backup_of).exit_code == 0
