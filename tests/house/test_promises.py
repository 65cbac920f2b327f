"""What README, Makefile and locks promise is true."""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOP = {
    "workflows", "engine", "api", "migrations", "bpmn", "features", "tests", "docs", "setup.cfg", "pyproject.toml", "README.md",
    "Makefile", "GLOSSARY.md", "CHANGELOG.md", "THIRD_PARTY.md", "requirements.lock", "requirements-node.lock", ".gitignore", ".ci",
    "deploy",
}  # fmt: skip


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).exists()]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))


def test_the_top_level_holds_only_what_was_agreed():
    assert {name.split("/")[0] for name in tracked()} <= TOP


def test_every_make_command_in_the_documents_exists():
    documents = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    named = {word for path in documents for word in re.findall(r"(?:`|^ {4})make ([a-z]+)", path.read_text(), re.M)}

    assert {"run", "test", "bench", "lint"} <= named
    assert named <= targets()


def test_without_a_browser_the_tests_say_loudly_that_no_page_was_tried(tmp_path):
    """As ``make test`` runs them: in several processes, of which only the first one writes."""
    proof = "tests/browser/test_account_browser.py"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "1", proof],
        cwd=ROOT, env={**os.environ, "PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "LET OP: geen Chromium gevonden" in done.stdout, done.stdout + done.stderr
    assert "failed" not in done.stdout
    assert done.returncode == 0


def test_every_steun_command_in_the_documents_exists():
    from api.cli import main

    documents = [ROOT / "README.md", ROOT / "deploy/README.md", *(ROOT / "docs").glob("*.md")]
    named = {word for path in documents for word in re.findall(r"`steun ([a-z]+)", path.read_text())}

    assert named
    assert named <= set(main.commands)


def test_every_link_between_the_documents_leads_somewhere():
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text()):
            if not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)} → {target}")

    assert not broken, "\n".join(broken)


def test_the_readme_fits_one_screen():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 60


def test_the_locks_pin_with_hashes_and_name_no_registry():
    for name in ("requirements.lock", "requirements-node.lock"):
        text = (ROOT / name).read_text()
        pins = re.findall(r"^[A-Za-z0-9_.-]+(?:\[[^\]]*\])?==", text, re.M)
        assert len(pins) == len(re.findall(r"^[A-Za-z0-9_.\[\]-]+==[^\n]*\\\n\s+--hash=sha256:", text, re.M))
        assert "://" not in text

    packages = json.loads((ROOT / "api/assets/package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]


def test_what_setup_cfg_asks_for_is_in_the_lock():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    wanted = config["options"]["install_requires"].split("\n") + config["options.extras_require"]["test"].split("\n")
    locked = {
        name.lower() for name in re.findall(r"^([A-Za-z0-9_.-]+)", (ROOT / "requirements.lock").read_text(), re.M)
    }

    missing = {re.split(r"[\[<>=]", line)[0].lower() for line in wanted if line.strip()} - locked

    assert not missing


def test_nothing_large_or_built_is_tracked():
    assert not [name for name in tracked() if (ROOT / name).stat().st_size > 1_000_000]
    assert not [name for name in tracked() if "/built/" in name or "node_modules" in name]


def test_release_is_the_same_everywhere():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    version = config["metadata"]["version"]

    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_setting_is_in_the_operations_page_and_the_other_way_round():
    named = set(re.findall(r"STEUN_[A-Z0-9_]*[A-Z0-9]", (ROOT / "docs/operations.md").read_text()))
    read = {
        f"STEUN_{name}" for name in re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', (ROOT / "api/config.py").read_text())
    }

    assert named == read
