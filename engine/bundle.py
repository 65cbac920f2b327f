"""A diagram set: processes, decision tables and forms that belong together, checked as a whole and never changed after."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from engine import checks, expressions, forms, limits
from engine.decisions import Decision, read_decisions
from engine.errors import BundleRefused, Finding
from engine.model import Node, ProcessModel, read_diagram
from engine.parse import read_xml
from engine.vocabulary import bpmn_findings

SUFFIXES = (".bpmn", ".dmn", ".form")


@dataclass(frozen=True)
class Bundle:
    """What a run is pinned to.

    Attributes:
        digest: sha256 over the sorted names and contents of the files; the same files give the same digest anywhere.
        deciding: every name that lives in the scalars of a run; all of them are always present there.
        warnings: what can run, but deserves a look.
    """

    digest: str
    files: Mapping[str, bytes] = field(repr=False, default_factory=dict)
    processes: Mapping[str, ProcessModel] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    forms: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    deciding: frozenset[str] = frozenset()
    warnings: tuple[Finding, ...] = ()

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Bundle:
        """Read and check a set of files.

        Args:
            files: name (without folder) → content.

        Raises:
            BundleRefused: with everything that is wrong in all of the files.
        """
        return _Reader(files).read()

    @classmethod
    def read_dir(cls, path: Path) -> Bundle:
        """The bundle of every ``.bpmn``, ``.dmn`` and ``.form`` file in a folder of our own, without sub-folders."""
        return cls.from_files(
            {file.name: file.read_bytes() for file in sorted(path.iterdir()) if file.suffix in SUFFIXES}
        )


def digest_of(files: Mapping[str, bytes]) -> str:
    """The address of a set of files. Lengths are counted in, so that no two sets share one."""
    total = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            total.update(len(part).to_bytes(8, "big"))
            total.update(part)
    return total.hexdigest()


class _Reader:
    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.findings: list[Finding] = []
        self.processes: dict[str, ProcessModel] = {}
        self.decisions: dict[str, Decision] = {}
        self.forms: dict[str, dict[str, Any]] = {}
        self.form_files: dict[str, str] = {}
        self.broken: set[str] = set()  #: kinds of files of which one could not be read: what is missing may be in there
        self._passes: dict[str, bool] = {}

    def read(self) -> Bundle:
        self._sizes()
        if not self.findings:
            for name in sorted(self.files):
                try:
                    self._file(name, self.files[name])
                except BundleRefused as refused:
                    self.findings += refused.findings
                    self.broken.add(PurePosixPath(name).suffix)
            self._together()
        errors = [found for found in self.findings if found.severity == "error"]
        if errors:
            raise BundleRefused(errors)
        return Bundle(
            digest=digest_of(self.files),
            files=MappingProxyType(self.files),
            processes=MappingProxyType(self.processes),
            decisions=MappingProxyType(self.decisions),
            forms=MappingProxyType(self.forms),
            deciding=frozenset(self._read_names()) | self._produced() | self._decided(),
            warnings=tuple(self.findings),
        )

    # -- file by file

    def _sizes(self) -> None:
        if len(self.files) > limits.FILES:
            self._no("too_many_files", f"Er zijn meer dan {limits.FILES} bestanden. Splits de set.", "")
        if sum(len(data) for data in self.files.values()) > limits.BUNDLE_BYTES:
            self._no("too_large", f"De bestanden zijn samen groter dan {limits.BUNDLE_BYTES // 1_000_000} MB.", "")
        for name in self.files:
            path = PurePosixPath(name)
            if (
                path.name != name
                or not name.isprintable()
                or len(name) > limits.ID_LENGTH
                or path.suffix not in SUFFIXES
            ):
                self._no(
                    "file_name",
                    f"Een bestand heet gewoon naam{', naam'.join(SUFFIXES)}, zonder map.",
                    name[: limits.ID_LENGTH],
                )
        if not self.files:
            self._no("no_files", "Er zijn geen bestanden. Voeg minstens één proces toe.", "")

    def _file(self, name: str, data: bytes) -> None:
        if name.endswith(".form"):
            schema = forms.read_form(name, data)
            self._add(self.forms, str(schema["id"]), schema, name, 0, "formulier")
            self.form_files[str(schema["id"])] = name
            return
        root = read_xml(name, data)
        if name.endswith(".dmn"):
            for decision in read_decisions(name, root):
                self._add(self.decisions, decision.id, decision, name, decision.line, "beslissing")
            return
        unknown = bpmn_findings(name, root)
        self.findings += unknown
        for model in read_diagram(name, root):
            self._add(self.processes, model.id, model, name, model.line, "proces")
            self.findings += checks.diagram(model)

    def _add(self, known: dict[str, Any], key: str, value: Any, name: str, line: int, what: str) -> None:
        if key in known:
            other = known[key].file if hasattr(known[key], "file") else self.form_files.get(key, "een ander bestand")
            self._no(
                "id_twice",
                f"Er is al een {what} ‘{key}’ in {other}. Geef één van de twee een ander id.",
                name,
                line,
                key,
            )
        else:
            known[key] = value

    # -- all files together

    def _together(self) -> None:
        if not self.processes and ".bpmn" not in self.broken:
            self._no("no_process", "Er is geen proces. Voeg minstens één proces toe (.bpmn).", "")
        for model in self.processes.values():
            for node in model.nodes.values():
                self._references(model, node)
        if ".bpmn" not in self.broken:
            self._calls()
            self._thrown()
        self._names()
        for model in self.processes.values():
            if not model.shapes:
                message = "Dit proces heeft geen tekening; het is niet te tonen."
                self._no("no_picture", message, model.file, model.line, model.id, "warning")

    def _references(self, model: ProcessModel, node: Node) -> None:
        if node.form and node.form not in self.forms and ".form" not in self.broken:
            self._at(model, node, "no_form", f"Het formulier ‘{node.form}’ is er niet. Voeg het toe of kies een ander.")
        if node.decision and node.decision not in self.decisions and ".dmn" not in self.broken:
            self._at(
                model,
                node,
                "no_decision",
                f"De beslistabel ‘{node.decision}’ is er niet. Voeg hem toe of kies een andere.",
            )
        if node.called and node.called not in self.processes and ".bpmn" not in self.broken:
            self._at(model, node, "no_call", f"Het proces ‘{node.called}’ is er niet. Voeg het toe of kies een ander.")
        decision = self.decisions.get(node.decision or "")
        result = node.result
        if decision and result and len(decision.outputs) > 1 and result not in decision.produces():
            names = ", ".join(decision.produces())
            self._at(
                model,
                node,
                "result",
                f"De tabel heeft meer uitkomsten ({names}); die houden hun eigen naam. Maak ‘{result}’ leeg.",
            )

    def _calls(self) -> None:
        """No process may end up in itself, and calls may not go too deep."""
        calls = {
            key: [(node, node.called) for node in model.nodes.values() if node.called in self.processes]
            for key, model in self.processes.items()
        }
        depths: dict[str, int] = {}

        def depth(key: str, path: tuple[str, ...]) -> int:
            if key in depths:
                return depths[key]
            deepest = 0
            for node, called in calls[key]:
                if called in path or called == key:
                    ring = " → ".join([*(path[path.index(called) :] if called in path else ()), key, str(called)])
                    self._at(
                        self.processes[key],
                        node,
                        "call_ring",
                        f"Deze processen roepen elkaar in een kring aan: {ring}.",
                    )
                    self._passes[str(called)] = False
                elif len(path) > limits.CALL_DEPTH:
                    self._at(
                        self.processes[key],
                        node,
                        "call_depth",
                        f"Processen roepen elkaar meer dan {limits.CALL_DEPTH} diep aan.",
                    )
                else:
                    deepest = max(deepest, 1 + depth(str(called), (*path, key)))
            depths[key] = deepest
            return deepest

        for key in self.processes:
            depth(key, ())
        if not any(found.code == "call_ring" for found in self.findings):
            for model in self.processes.values():
                self.findings += checks.endless(model, self._runs_through)

    def _runs_through(self, process_id: str) -> bool:
        model = self.processes.get(process_id)
        if model is None:
            return False
        if process_id not in self._passes:
            self._passes[process_id] = checks.runs_through(model, self._runs_through)
        return self._passes[process_id]

    def _thrown(self) -> None:
        for model in self.processes.values():
            for node in checks.thrown(model):
                if not self._caught(model, node, node, ()):
                    what = "fout" if node.event is not None and node.event.kind == "error" else "escalatie"
                    self._at(
                        model,
                        node,
                        "uncaught",
                        f"Niemand vangt deze {what} op. Hang een gebeurtenis aan de rand van het deelproces of de aanroep.",
                    )
        awaited = {
            (node.event.kind, node.event.name)
            for model in self.processes.values()
            for node in model.nodes.values()
            if node.event is not None and node.kind not in ("endEvent", "intermediateThrowEvent", "sendTask")
        }
        for model in self.processes.values():
            for node in model.nodes.values():
                if node.event is None or node.kind not in ("endEvent", "intermediateThrowEvent", "sendTask"):
                    continue
                if node.event.kind in ("message", "signal") and (node.event.kind, node.event.name) not in awaited:
                    self._at(
                        model,
                        node,
                        "unheard",
                        "Nergens wacht iets op dit bericht. Teken wie erop wacht, of haal het weg.",
                    )

    def _caught(self, model: ProcessModel, thrower: Node, at: Node, path: tuple[str, ...]) -> bool:
        if checks.caught(model, thrower, at):
            return True
        callers = [
            (other, node)
            for other in self.processes.values()
            for node in other.nodes.values()
            if node.called == model.id and other.id not in path
        ]
        return bool(callers) and all(self._caught(other, thrower, node, (*path, model.id)) for other, node in callers)

    # -- names that decide

    def _read_names(self) -> Iterator[str]:
        for model in self.processes.values():
            yield from checks.reads(model)
            for decision in self._asked(model):
                yield from decision.reads()

    def _asked(self, model: ProcessModel) -> Iterable[Decision]:
        return (self.decisions[node.decision] for node in model.nodes.values() if node.decision in self.decisions)

    def _produced(self) -> frozenset[str]:
        """What decision tables set, and what processes say they get from elsewhere."""
        found: set[str] = set()
        for model in self.processes.values():
            found.update(checks.scalars_listed(model))
            for node in model.nodes.values():
                if node.decision in self.decisions:
                    found.update(self.decisions[node.decision].produces(node.result))
        return frozenset(found)

    def _decided(self) -> frozenset[str]:
        return frozenset(name for schema in self.forms.values() for name in forms.deciding(schema))

    def _names(self) -> None:
        known = self._produced() | self._decided()
        unsafe = {
            str(component.get("key"))
            for schema in self.forms.values()
            for _, component in forms.fields(schema)
            if forms.SAFETY in str((component.get("properties") or {}).get("compartment"))
        } | forms.NEVER_DECIDES
        for model in self.processes.values():
            for name in checks.scalars_listed(model):
                if name in unsafe:
                    self._no(
                        "safety_decides",
                        f"‘{name}’ gaat over veiligheid en bepaalt nooit een route. Haal het uit scalars.",
                        model.file,
                        0,
                        model.id,
                    )
            for element_id, label, line, text, given in checks.conditions(model):
                items = {node.loop.item for node in model.nodes.values() if node.loop is not None}
                if not expressions.problems(text):
                    names = expressions.names(text) - given - items
                    self._unknown(names, known, unsafe, model.file, line, element_id, label)
            for decision in self._asked(model):
                self._unknown(decision.reads(), known, unsafe, decision.file, decision.line, decision.id, decision.name)

    def _unknown(
        self,
        names: Iterable[str],
        known: frozenset[str],
        unsafe: Iterable[str],
        file: str,
        line: int,
        element_id: str,
        label: str,
    ) -> None:
        for name in sorted(names):
            if name in unsafe:
                message = f"‘{name}’ gaat over veiligheid en bepaalt nooit een route. Gebruik een ander veld."
                found = Finding("safety_decides", message, file, line, element_id, label)
            elif name not in known and not self.broken & {".form", ".dmn"}:
                message = (
                    f"Niets geeft ‘{name}’ een waarde. Merk een veld van een formulier met ‘decides’, kies een uitkomst van een "
                    "beslistabel, of noem het bij het proces in de eigenschap scalars."
                )
                found = Finding("unknown_name", message, file, line, element_id, label)
            else:
                continue
            if found not in self.findings:
                self.findings.append(found)

    # -- findings

    def _at(self, model: ProcessModel, node: Node, code: str, message: str) -> None:
        self.findings.append(Finding(code, message, model.file, node.line, node.id, " ".join(node.name.split())))

    def _no(
        self, code: str, message: str, file: str, line: int = 0, element_id: str = "", severity: str = "error"
    ) -> None:
        self.findings.append(Finding(code, message, file, line, element_id, "", severity))
