"""Run with the code of an earlier release on the path: makes an installation with cases that run, and tells what there is.

Comes in by the doors that no release changes: the command line and ``/api/v1``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from click.testing import CliRunner

import api
from api import config, create_app
from api.cli import main
from tests.api.conftest import SIGNAL

assert Path(api.__file__).is_relative_to(Path.cwd()), api.__file__


def steun(*arguments: str) -> str:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == 0, (arguments, done.output, done.exception)
    return done.stdout


steun("migrate")
name = "Praktijk De Proef (fictief)"
kind = ("--type", "midwifery_practice", "--domain", "medical")
steun("organisation", "add", name, *kind, "--area", "GM0983")
person = ("--login", "vera", "--name", "Vera Voorbeeld", "--role", "signaller", "--organisation", name)
assignment = json.loads(steun("user", "add", *person, "--json"))["assignment_id"]
token = steun("token", "add", "proef", "--assignment", assignment).strip()

client = create_app(config.read()).test_client()
headers = {"Authorization": f"Bearer {token}"}
begun = []
for number in range(3):
    made = client.post("/api/v1/signals", json={"municipality_code": "GM0983"}, headers=headers)
    assert made.status_code == 201, made.text
    path, version = f"/api/v1/tasks/{made.json['id']}", {"If-Match": made.headers["ETag"]}
    if number == 0:
        done = client.post(f"{path}/completion", json={"answers": SIGNAL}, headers={**headers, **version})
        assert done.status_code == 201, done.text
    if number == 1:
        typed = {"answers": {"support_request_own_words": "Half getypt"}}
        kept = client.put(f"{path}/draft", json=typed, headers={**headers, **version})
        assert kept.status_code in (200, 201, 204), kept.text
    begun.append({"task": path, "case": client.get(path, headers=headers).json["case"]["id"]})
sys.stdout.write(json.dumps({"token": token, "begun": begun, "signal": SIGNAL}))
