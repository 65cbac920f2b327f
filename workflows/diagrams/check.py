"""Looking at a set of files before it is published, without a database: every finding of the machine, in Dutch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from engine.errors import BundleRefused, Finding

if TYPE_CHECKING:
    from engine.bundle import Bundle

#: Files that belong to a set.
SUFFIXES: Final = frozenset({".bpmn", ".dmn", ".form"})


def check(files: Mapping[str, bytes]) -> tuple[Bundle | None, list[Finding]]:
    """What is wrong or doubtful in these files, and the set itself when it can be read.

    Besides what publishing refuses, every course of every process is looked at: one that gets stuck, goes round for
    ever or does a thing twice is a finding.
    """
    from engine.bundle import Bundle
    from engine.soundness import explore

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
    return bundle, findings


def as_data(finding: Finding) -> dict[str, Any]:
    """A finding for programs."""
    return asdict(finding)
