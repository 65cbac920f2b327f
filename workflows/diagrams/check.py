"""Looking at a set of files before it is published, without a database: every finding of the machine, in Dutch."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from engine.errors import BundleRefused, Finding
from workflows.errors import Unavailable

if TYPE_CHECKING:
    from engine.bundle import Bundle

#: Files that belong to a set.
SUFFIXES: Final = frozenset({".bpmn", ".dmn", ".form"})
_rules: list[Callable[[Bundle], Iterable[Finding]]] = []
#: What was found in the sets that were looked at last: a draft is checked again and again, and then published.
_looked_at: OrderedDict[str, tuple[Bundle, tuple[Finding, ...]]] = OrderedDict()
_KEPT: Final = 8
#: One set at a time in a process: looking through every course of every process is seconds of work.
_looking = threading.Lock()


def demand(rule: Callable[[Bundle], Iterable[Finding]]) -> None:
    """From now on every set must pass *rule* too: how rooms that know more than this one (what a form does, who may see
    what for which purpose) have their say in every check and every publication. Asked once more, it changes nothing.
    """
    if rule not in _rules:
        _rules.append(rule)
        _looked_at.clear()


def check(files: Mapping[str, bytes], *, patient: bool = True) -> tuple[Bundle | None, list[Finding]]:
    """What is wrong or doubtful in these files, and the set itself when it can be read.

    Besides what publishing refuses, every course of every process is looked at: one that gets stuck, goes round for
    ever or does a thing twice is a finding. And whatever else was demanded of a set: see :func:`demand`.

    Args:
        patient: wait while another set is looked at; what was looked at before is told without waiting.

    Raises:
        Unavailable: another set is being looked at, and nobody wants to wait for that.
        RuntimeError: nobody demanded anything yet, because ``workflows.method`` was not imported. A set that was looked at
            by half would seem right.
    """
    from engine.bundle import digest_of

    if not _rules:
        raise RuntimeError("the rules of the method are not loaded: import workflows.method")
    digest = digest_of(files) if all(name.isprintable() for name in files) else ""
    if (known := _looked_at.get(digest)) is not None:
        return known[0], list(known[1])
    if not _looking.acquire(blocking=patient):
        raise Unavailable("another set is being looked at")
    try:
        return _look(files, digest)
    finally:
        _looking.release()


def _look(files: Mapping[str, bytes], digest: str) -> tuple[Bundle | None, list[Finding]]:
    from engine.bundle import Bundle
    from engine.soundness import explore

    if (known := _looked_at.get(digest)) is not None:  # by who was waited for
        return known[0], list(known[1])
    try:
        bundle = Bundle.from_files(files)
    except BundleRefused as refused:
        return None, list(refused.findings)
    findings = list(bundle.warnings)
    for model in bundle.processes.values():
        for problem in explore(model).problems:
            element = problem.element_ids[0] if problem.element_ids else ""
            node = model.nodes.get(element)
            findings.append(
                Finding(
                    code=f"unsound-{problem.kind}",
                    message=problem.message,
                    file=model.file,
                    line=node.line if node else 0,
                    element_id=element,
                    label=(node.name or "") if node else "",
                )
            )
    for rule in _rules:
        findings += rule(bundle)
    _looked_at[digest] = bundle, tuple(findings)
    while len(_looked_at) > _KEPT:
        _looked_at.popitem(last=False)
    return bundle, findings


def as_data(finding: Finding) -> dict[str, Any]:
    """A finding for programs."""
    return asdict(finding)
