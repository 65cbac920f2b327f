"""Files with a case: what is taken, who reads them, that nothing readable is on the disk, and that row and file go together."""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from click.testing import CliRunner
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from api.cli import main
from tests.api.conftest import SIGNAL, settings
from tests.conftest import VAULT
from workflows import attachments, files, logbook, resealing, worker
from workflows.access import Readable, Scope
from workflows.actor import WORKER
from workflows.cases import Case
from workflows.db import Database
from workflows.errors import Invalid, Unreadable
from workflows.logbook import LoggedRead
from workflows.vault import Vault

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
#: The string that every scanner knows; in two parts, so that nothing takes this file for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def photo(kind: str = "JPEG") -> bytes:
    made, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "Telefoon van Noor"
    exif[0x0112] = 6  # lying on its side
    exif.get_ifd(0x8825)[2] = (51.0, 22.0, 12.0)
    Image.new("RGB", (40, 20), "red").save(made, kind, exif=exif)
    return made.getvalue()


def packed(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"), content)
    return made.getvalue()


DOCX = packed(word__document_xml=b"<w/>")
ODT = packed(mimetype=b"application/vnd.oasis.opendocument.text", content_xml=b"<o/>")


WRITES = Readable(read={"C1": Scope.ALL}, write={"C1": Scope.ALL})


@pytest.fixture
def case_id(begin) -> str:
    """A case of which only the midwife's practice knows."""
    begun = begin()
    begun.complete(SIGNAL)
    return str(begun.by.get(begun.path).json["case"]["id"])


def send(by, case_id, content=PDF, name="brief.pdf", **more):
    data = {"file": FileStorage(io.BytesIO(content), name), **more}
    boundary, body = encode_multipart(data)
    kind = f"multipart/form-data; boundary={boundary}"
    return by("POST", f"/cases/{case_id}/attachments", data=body, content_type=kind)


def kept(urls) -> list[str]:
    return [path.name for path in urls.files.glob("*/*/*")] + [path.name for path in urls.files.glob("incoming/*")]


def test_a_file_is_kept_closed_and_handed_out_as_a_download(case_id, sign_in, urls, database):
    midwife, colleague = sign_in("midwife"), sign_in("midwife2")
    added = send(midwife, case_id, name="..\\map/Écho  van\u202e 3 maart.pdf", description="  De echo ")
    assert added.status_code == 201, added.text
    assert (added.json["name"], added.json["description"], added.json["kind"]) == (
        "Écho van 3 maart.pdf",
        "De echo",
        "pdf",
    )
    assert added.json["compartment"] == "C1", "a signaller writes no plan"

    got = colleague.get(f"/cases/{case_id}/attachments/{added.json['id']}")
    assert (got.status_code, got.data, got.mimetype) == (200, PDF, "application/pdf")
    assert got.headers["Content-Disposition"] == (
        "attachment; filename=\"_cho van 3 maart.pdf\"; filename*=UTF-8''%C3%89cho%20van%203%20maart.pdf"
    )
    assert got.headers["Content-Security-Policy"].endswith("; sandbox")
    assert (got.headers["X-Content-Type-Options"], got.headers["Cache-Control"]) == ("nosniff", "no-store")
    [path] = urls.files.glob("kept/*/*")
    assert path.name == UUID(added.json["id"]).hex
    assert b"PDF" not in path.read_bytes()
    assert oct(path.stat().st_mode)[-3:] == "600"
    with database.reading() as session:
        [line] = session.scalars(select(LoggedRead).where(LoggedRead.event == "attachment.downloaded")).all()
        assert (line.person_id, line.compartments) == (colleague.actor.person_id, "C1")
        lines = logbook.lines(session, case_id=UUID(case_id))
        assert not [one for one in lines if "echo" in json.dumps(one.details).lower()], "no name stands in the log"


def test_who_may_read_a_file_is_decided_by_what_is_in_it(case_id, sign_in, database):
    midwife, colleague, nurse = sign_in("midwife"), sign_in("midwife2"), sign_in("nurse")
    medical = send(midwife, case_id, compartment="C2").json["id"]
    assert [one["id"] for one in midwife.get(f"/cases/{case_id}/attachments").json["items"]] == [medical]
    assert colleague.get(f"/cases/{case_id}/attachments").json["items"] == [], "of health she reads back only her own"
    unknown = colleague.get(f"/cases/{case_id}/attachments/{UUID(int=1)}")
    hidden = colleague.get(f"/cases/{case_id}/attachments/{medical}")
    assert (
        (hidden.status_code, hidden.json["title"])
        == (unknown.status_code, unknown.json["title"])
        == (404, "Niet gevonden")
    )
    for caller in (nurse, sign_in("other_midwife"), sign_in("administrator")):
        assert caller.get(f"/cases/{case_id}/attachments").status_code == 404
        assert send(caller, case_id).status_code == 404
    for wrong in ("C5", "C0", "C6", "C99"):
        refused = send(midwife, case_id, PDF + wrong.encode(), compartment=wrong)
        assert (refused.status_code, list(refused.json["errors"])) == (400, ["compartment"]), wrong
    assert send(colleague, case_id, PDF + b"2").status_code == 201
    assert midwife.post(f"/cases/{case_id}/attachments/{medical}/removals").status_code == 200
    assert midwife.get(f"/cases/{case_id}/attachments/{medical}").status_code == 404
    [rest] = midwife.get(f"/cases/{case_id}/attachments").json["items"]
    assert midwife.post(f"/cases/{case_id}/attachments/{rest['id']}/removals").status_code == 403


def test_what_is_not_taken_is_refused_with_why_and_leaves_nothing(case_id, sign_in, urls):
    midwife = sign_in("midwife")
    wrong = [
        (b"", "leeg.pdf", "leeg"),
        (PDF, "brief.exe", "Dit soort bestand"),
        (PDF, "brief", "Dit soort bestand"),
        (b"MZ\x90\0" + bytes(200), "brief.pdf", "iets anders dan de naam"),
        (PDF, "foto.jpg", "iets anders dan de naam"),
        (photo()[:60], "foto.jpg", "stuk"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "foto.png", "stuk"),
        (packed(evil_xml=b"x"), "tekst.docx", "iets anders dan de naam"),
        (DOCX, "tekst.odt", "iets anders dan de naam"),
        (packed(word__document_xml=b"<w/>", word__vbaProject_bin=b"x"), "tekst.docx", "macro"),
        (PDF + bytes(10_000_000), "groot.pdf", "ten hoogste 10 MB"),
    ]
    for content, name, why in wrong:
        answer = send(midwife, case_id, content, name)
        assert (answer.status_code, why in answer.text) == (400, True), (name, answer.text)
    assert midwife("POST", f"/cases/{case_id}/attachments").status_code == 400
    assert kept(urls) == []
    assert send(midwife, case_id).status_code == 201
    again = send(midwife, case_id, name="andere naam.pdf")
    assert (again.status_code, "staat al bij deze casus" in again.text) == (400, True)
    assert len(kept(urls)) == 1


def test_of_a_photo_only_the_picture_is_kept_and_it_stands_upright(case_id, sign_in):
    midwife = sign_in("midwife")
    for kind, name in (("JPEG", "foto.JPG"), ("PNG", "foto.png")):
        added = send(midwife, case_id, photo(kind), name).json
        content = midwife.get(f"/cases/{case_id}/attachments/{added['id']}").data
        assert b"Telefoon" not in content
        with Image.open(io.BytesIO(content)) as shown:
            assert (shown.size, dict(shown.getexif())) == ((20, 40), {})
    for content, name in ((DOCX, "tekst.docx"), (ODT, "tekst.odt")):
        assert send(midwife, case_id, content, name).status_code == 201


def test_a_request_is_as_long_as_the_setting_says_and_no_longer_of_nobody(case_id, sign_in, client):
    midwife = sign_in("midwife")
    assert send(midwife, case_id, PDF + os.urandom(5_000_000)).status_code == 201, "more than other requests may be"
    huge = midwife(
        "POST", f"/cases/{case_id}/attachments", content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "900000000"}, data=b"--x",
    )  # fmt: skip
    assert huge.status_code == 413, "said before anything of it is read"
    nobody = client.post(f"/api/v1/cases/{case_id}/attachments", data=b"x" * 3_000_000)
    assert nobody.status_code == 413


def test_two_at_once_are_both_kept_and_the_same_twice_is_kept_once(case_id, sign_in, urls):
    callers = [sign_in("midwife"), sign_in("midwife2"), sign_in("midwife")]
    contents = [PDF + b"1", PDF + b"2", PDF + b"1"]
    found: list[int] = []
    at_once = threading.Barrier(3)

    def attach(caller, content) -> None:
        at_once.wait()
        found.append(send(caller, case_id, content).status_code)

    threads = [threading.Thread(target=attach, args=pair) for pair in zip(callers, contents, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [201, 201, 400]
    assert len(kept(urls)) == 2


# --- viruses


@contextmanager
def clamd(answer: bytes | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """Speaks the protocol of clamd: finds EICAR, or says what it is told to say; None for silence."""
    seen: list[bytes] = []

    def serve(listening: socket.socket) -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with line, line.makefile("rb") as told:
                assert told.read(10) == b"zINSTREAM\0"
                content = b""
                while (length := struct.unpack("!L", told.read(4))[0]) > 0:
                    content += told.read(length)
                seen.append(content)
                found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
                line.sendall(found if answer is None else answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield f"127.0.0.1:{listening.getsockname()[1]}", seen


def test_a_virus_is_refused_and_what_nobody_looked_at_is_not_kept(app, case_id, sign_in, urls):
    midwife = sign_in("midwife")
    with clamd() as (where, seen):
        app.extensions["steun.settings"] = settings(urls, clamav=where)
        infected = send(midwife, case_id, PDF + EICAR)
        assert (infected.status_code, "zit een virus" in infected.text) == (400, True)
        assert kept(urls) == []
        assert send(midwife, case_id, PDF + bytes(200_000)).status_code == 201
        assert seen[-1] == PDF + bytes(200_000), "all of it was looked at"
    for answer in (b"INSTREAM size limit exceeded. ERROR\0", b"", b"what?\0"):
        with clamd(answer) as (where, _):
            app.extensions["steun.settings"] = settings(urls, clamav=where)
            unseen = send(midwife, case_id, PDF + b"3")
            assert (unseen.status_code, "virusscanner" in unseen.text) == (503, True)
    for nowhere in ("127.0.0.1:9", "unix:/nergens.sock"):
        app.extensions["steun.settings"] = settings(urls, clamav=nowhere)
        assert send(midwife, case_id, PDF + b"3").status_code == 503
    assert len(kept(urls)) == 1


# --- row and file


def test_a_crash_between_file_and_row_leaves_neither(case_id, sign_in, urls, database, clock):
    midwife = sign_in("midwife")
    kept_id = UUID(send(midwife, case_id).json["id"])
    store = database.files
    for number in range(2):  # killed after the file was kept, and while it was written
        store.put(UUID(int=number), b"x", about="attachments/x")
    (urls.files / "incoming" / "half.part").write_bytes(b"x")
    store.put(UUID(int=9), b"x", about="attachments/x")
    long_ago = (clock().timestamp() - 7200, clock().timestamp() - 7200)
    for path in [*urls.files.glob("incoming/*"), *urls.files.glob("kept/*/*")]:
        moment = long_ago if path.name != UUID(int=9).hex else (clock().timestamp(), clock().timestamp())
        os.utime(path, moment)
    worker.plan_standing_jobs(database, clock())
    worker.run_once(database, clock())
    assert sorted(kept(urls)) == sorted([kept_id.hex, UUID(int=9).hex]), "what is under way is left alone"

    with pytest.raises(Invalid), database.writing() as session:
        added = attachments.add(
            session, session.get_one(Case, UUID(case_id)), attachments.prepare("b.pdf", PDF + b"b"), description="",
            compartment="C1", readable=WRITES, by=midwife.actor, at=clock(),
        )  # fmt: skip
        assert added.id.hex in kept(urls)
        raise Invalid("something else in the same transaction")
    assert sorted(kept(urls)) == sorted([kept_id.hex, UUID(int=9).hex]), "undone with the transaction"

    store.remove(kept_id)
    environment = {
        **urls.environment, "STEUN_MODE": "demo", "STEUN_SECRET_KEY": "-" * 40, "STEUN_VAULT_KEY": "-" * 40,
        "STEUN_ATTACHMENTS": str(urls.files),
    }  # fmt: skip
    done = CliRunner().invoke(main, ["attachments", "check", "--json"], env=environment)
    assert done.exit_code == 1, done.output
    assert json.loads(done.output)["missing"] == [str(kept_id)]
    lost = midwife.get(f"/cases/{case_id}/attachments/{kept_id}")
    assert lost.status_code == 503
    assert midwife.get(f"/cases/{case_id}/attachments").status_code == 200


def test_what_goes_with_a_case_goes_from_the_disk_too(case_id, sign_in, urls, database, clock):
    send(sign_in("midwife"), case_id)
    assert len(kept(urls)) == 1
    with database.writing() as session:
        attachments.erase(session, UUID(case_id), by=WORKER, at=clock())
        assert len(kept(urls)) == 1, "not before the transaction is kept"
    assert kept(urls) == []


def test_a_database_without_any_file_clears_nothing_away(urls, database, clock):
    """A folder with the files of a region, and a database that is empty by mistake."""
    database.files.put(UUID(int=1), b"x", about="attachments/x")
    for path in urls.files.glob("kept/*/*"):
        os.utime(path, (clock().timestamp() - 7200,) * 2)
    with database.writing() as session:
        assert attachments.sweep(session, at=clock()) == 0
    assert kept(urls) == [UUID(int=1).hex]


def test_a_savepoint_takes_no_file_of_a_row_that_stays(case_id, sign_in, urls, database, clock):
    midwife = sign_in("midwife")
    there = UUID(send(midwife, case_id).json["id"])

    with pytest.raises(Invalid), database.writing() as session:
        attachments.erase(session, UUID(case_id), by=WORKER, at=clock())
        with session.begin_nested():
            pass
        raise Invalid("something else, after a savepoint that was kept")
    assert kept(urls) == [there.hex], "the row is still there"

    with database.writing() as session:
        added = attachments.add(
            session, session.get_one(Case, UUID(case_id)), attachments.prepare("b.pdf", PDF + b"b"), description="",
            compartment="C1", readable=WRITES, by=midwife.actor, at=clock(),
        )  # fmt: skip
        savepoint = session.begin_nested()
        attachments.erase(session, UUID(case_id), by=WORKER, at=clock())
        savepoint.rollback()
    assert sorted(kept(urls)) == sorted([there.hex, added.id.hex]), "both rows are still there"


def test_a_file_opens_as_what_it_was_closed_for_and_whole_or_not_at_all(tmp_path):
    store, one, other = files.Files(tmp_path, Vault(["a" * 40])), UUID(int=1), UUID(int=2)
    content = os.urandom(files.PIECE * 2 + 17)
    store.put(one, content, about="x")
    assert store.get(one, about="x") == content
    [path] = tmp_path.glob("kept/*/*")
    stored = path.read_bytes()
    piece = len(stored[: stored.index(stored[6:10]) + 4]) + int.from_bytes(stored[6:10], "big")
    for broken in (stored[:-1], stored[:piece], stored[:6], stored[:6] + stored[piece:], b"", stored[:-1] + b"\0\0"):
        path.write_bytes(broken)
        with pytest.raises(Unreadable):
            store.get(one, about="x")
    path.write_bytes(stored)
    with pytest.raises(Unreadable):
        store.get(one, about="y")
    with pytest.raises(Unreadable):
        store.get(other, about="x")
    newer = files.Files(tmp_path, Vault(["b" * 40, "a" * 40]))
    assert newer.reseal(one, about="x")
    assert not newer.reseal(one, about="x")
    assert files.Files(tmp_path, Vault(["b" * 40])).get(one, about="x") == content


def test_a_new_key_closes_files_anew(case_id, sign_in, urls):
    send(sign_in("midwife"), case_id)
    newer = Database(urls.application, vault=Vault(["n" * 40, "-" * 40]), files=urls.files, house=True)
    assert resealing.reseal(newer).unreadable == 0
    newer.dispose()
    [path] = urls.files.glob("kept/*/*")
    store = files.Files(urls.files, VAULT)
    with pytest.raises(Unreadable):
        store.get(UUID(path.name), about=attachments.file_about(UUID(path.name)))


# --- the page


def test_the_page_takes_a_file_without_script_and_gives_back_what_was_typed(case_id, log_in, app, urls):
    browser = log_in("midwife")
    page = f"/casussen/{case_id}"
    shown = browser.get(page).text
    assert "Er zijn geen bijlagen die u kunt lezen" in shown
    token, nonce = (
        shown.split('bijlagen" enctype')[1].split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("csrf_token", "_nonce")
    )

    def post(content: bytes, name: str):
        return browser.post(
            f"{page}/bijlagen", content_type="multipart/form-data",
            data={"csrf_token": token, "_nonce": nonce, "description": "Brief van het ziekenhuis", "compartment": "C1",
                  "file": (io.BytesIO(content), name)},
        )  # fmt: skip

    refused = post(PDF, "brief.exe")
    assert refused.status_code == 400
    assert 'value="Brief van het ziekenhuis"' in refused.text
    assert "Kies uw bestand opnieuw" in refused.text
    app.extensions["steun.settings"] = settings(urls, clamav="127.0.0.1:9")
    assert post(PDF, "brief.pdf").status_code == 503
    app.extensions["steun.settings"] = settings(urls)
    assert post(PDF, "brief.pdf").headers["Location"].endswith("#bijlagen")
    assert post(PDF, "brief.pdf").status_code == 303, "pressed twice is kept once"
    shown = browser.get(page).text
    assert shown.count("brief.pdf</a>") == 1
    [path] = {part.split('"')[0] for part in shown.split('href="') if "/bijlagen/" in part.split('"')[0]}
    assert browser.get(path).data == PDF
    assert browser.post(f"{path}/weghalen", data={"csrf_token": token}).status_code == 303
    assert kept(urls) == []
