"""Looking at a set of files before it is published, without a database: every finding of the machine, in Dutch."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from engine.errors import BundleRefused, Finding

if TYPE_CHECKING:
    from engine.bundle import Bundle

#: Files that belong to a set.
SUFFIXES: Final = frozenset({".bpmn", ".dmn", ".form"})
_rules: list[Callable[[Bundle], Iterable[Finding]]] = []
#: What was found in the sets that were looked at last: a draft is checked again and again, and then published.
_looked_at: OrderedDict[str, tuple[Bundle, tuple[Finding, ...]]] = OrderedDict()
_KEPT: Final = 8


def demand(rule: Callable[[Bundle], Iterable[Finding]]) -> None:
    """From now on every set must pass *rule* too: how rooms that know more than this one (what a form does, who may see
    what for which purpose) have their say in every check and every publication. Asked once more, it changes nothing.
    """
    if rule not in _rules:
        _rules.append(rule)
        _looked_at.clear()


def check(files: Mapping[str, bytes]) -> tuple[Bundle | None, list[Finding]]:
    """What is wrong or doubtful in these files, and the set itself when it can be read.

    Besides what publishing refuses, every course of every process is looked at: one that gets stuck, goes round for
    ever or does a thing twice is a finding. And whatever else was demanded of a set: see :func:`demand`.

    Raises:
        RuntimeError: nobody demanded anything yet, because ``workflows.method`` was not imported. A set that was looked at
            by half would seem right.
    """
    from engine.bundle import Bundle, digest_of
    from engine.soundness import explore

    if not _rules:
        raise RuntimeError("the rules of the method are not loaded: import workflows.method")
    digest = digest_of(files) if all(name.isprintable() for name in files) else ""
    if (known := _looked_at.get(digest)) is not None:
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
