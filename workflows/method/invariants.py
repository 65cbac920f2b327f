"""What every published set keeps to, however a region redraws it. Each refusal says in Dutch where and what to do.

The guards below the diagram (consent, access, one holder) hold whatever is drawn. These rules make sure that a drawing
cannot promise something else: a case would then stop half-way, with a refusal that nobody understands.

Source:
    The list of invariants that the programme's model set proposes; interrupting events as decided for the house.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session

from engine import checks, invariants
from engine.errors import Finding
from engine.invariants import Without, told
from engine.model import Node, ProcessModel
from workflows import diagrams, forms, safety, settings
from workflows.actor import Actor
from workflows.cases import CaseStatus, Result
from workflows.consent import PURPOSES, WITHOUT_DATA, Purpose
from workflows.forms import Form
from workflows.method.choices import CHOICES
from workflows.method.contracts import CONTRACTS
from workflows.method.placing import HOLDER, RECEIVER
from workflows.method.tasks import MAIN_PROCESS
from workflows.organisations import Role

if TYPE_CHECKING:
    from engine.bundle import Bundle
    from workflows.diagrams import StoredBundle

#: Processes that the main process is made of; a municipality may redraw them, not leave them out.
FRAME: Final = (
    *("signaleren", "toestemming_vragen", "routeren", "verkennen", "knooppunt"),
    *("steun_volgen", "evalueren", "overdragen", "afsluiten"),
)
ROLES: Final = frozenset(role.value for role in Role) | {HOLDER, RECEIVER}
#: Who works with the case without getting it from another organisation.
_AT_HOME: Final = frozenset({"signaller", HOLDER}) | WITHOUT_DATA
#: Processes in which somebody speaks with the family and so asks whether it is safe.
ASKS_SAFETY: Final = ("signaleren", "verkennen", "evalueren")
EXPLORING, FOLLOWING, HANDING_OVER = "verkennen", "steun_volgen", "overdragen"
FEEDBACK: Final = "feedback"
LOSS, AFTER_LOSS = "loss", "loss_follow_up"
HANDOVER_FORMS: Final = frozenset(
    {"handover", "handover_offer", "handover_answer", "handover_question", "handover_talk", "handover_contact"}
)
#: The parent's decision about the plan.
PLAN: Final = "plan_result"
#: What the end of a case says when the result was chosen on a form.
CLOSURE: Final = "closure"
RESULT, CONTACT = "result", "contact_after"
#: Ends of what never became a shared case: the parent stays with whoever saw the family.
_NEVER_SHARED: Final = frozenset({Result.NO_CASE_NEEDED, Result.CONSENT_REFUSED, Result.DISCARDED})


def check_diagrams(files: Mapping[str, bytes]) -> tuple[Bundle | None, list[Finding]]:
    """What is wrong or doubtful in a set of files, the rules of the method included; the set itself when it can be read."""
    return diagrams.check(files)


def check_draft(files: Mapping[str, bytes], *, by: Actor) -> tuple[Bundle | None, list[Finding]]:
    """As :func:`check_diagrams`, for who may publish what comes of it.

    Raises:
        NotAllowed: only a coordinator has a set looked at.
        Unavailable: another one is being looked at; nobody holds a thread of the web server until that is done.
    """
    diagrams.require_publisher(by)
    return diagrams.check(files, patient=False)


def examine_diagrams(files: Mapping[str, bytes], *, by: Actor, patient: bool = False) -> diagrams.Passed:
    """The gate of publishing, for who then asks :func:`put_diagrams_in_force`; no transaction is open while it looks.

    Raises:
        Invalid: with every finding, in Dutch, under the file it is in.
        NotAllowed: only a coordinator and the command line publish.
        Unavailable: another set is being looked at, and who asks is not *patient*.
    """
    return diagrams.examine(files, by=by, patient=patient)


def put_diagrams_in_force(session: Session, passed: diagrams.Passed, *, by: Actor, at: datetime) -> StoredBundle:
    """Make a set that passed the gate the one that new cases start with.

    Raises:
        NotAllowed: only a coordinator, confirmed with a second factor, and the command line publish.
        WrongState: it is in force already.
    """
    return diagrams.put_in_force(session, passed, by=by, at=at)


def publish_diagrams(session: Session, files: Mapping[str, bytes], *, by: Actor, at: datetime) -> str:
    """Make a set that passes every check and rule the one that new cases start with; returns its digest.

    Raises:
        Invalid: with every finding, in Dutch, under the file it is in.
        NotAllowed: only a coordinator and the command line publish.
    """
    return diagrams.publish(session, files, by=by, at=at)


def findings(bundle: Bundle) -> list[Finding]:
    """Everything in which a set breaks the rules of the method; nothing for a set without the main process."""
    if MAIN_PROCESS not in bundle.processes:
        return []
    return list(_Method(bundle).findings())


class _Method:
    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.processes = bundle.processes
        self.main = bundle.processes[MAIN_PROCESS]
        self.forms = {key: forms.read_form(key, bundle.digest, schema) for key, schema in bundle.forms.items()}
        everywhere = Without(self.processes, lambda *_: False)
        everywhere.walk(MAIN_PROCESS)
        #: Processes that a case can come in; the others have a run of their own.
        self.of_case = {process_id for process_id, _ in everywhere.steps}

    def findings(self) -> Iterator[Finding]:
        yield from self._frame()
        yield from self._forms()
        for model in self.processes.values():
            for lane in model.lanes:
                if lane.role and lane.role not in ROLES:
                    message = f"Niemand kan de rol ‘{lane.role}’ hebben. Kies een rol die er is."
                    yield Finding("role_unknown", message, model.file, lane.line, lane.id, lane.name)
            for node in model.nodes.values():
                yield from self._step(model, node)
            yield from invariants.wordings(model)
        yield from self._consent()
        yield from self._safety()
        yield from self._loss()
        yield from self._feedback()
        yield from self._decision()
        yield from self._handover()
        yield from self._ends()
        for model, node in invariants.silent_timers(self.processes):
            yield _at(
                model,
                node,
                "timer_silent",
                "Als deze tijd om is, hoort niemand dat. Laat hem naar een taak voor iemand leiden.",
            )

    # -- helpers

    def _form(self, node: Node) -> Form | None:
        return self.forms.get(node.form or "") if node.kind == "userTask" else None

    def _requires(self, node: Node, *keys: str) -> bool:
        """Whether who does the step cannot finish it without answering all of these questions."""
        form = self._form(node)
        asked = [] if form is None else [form.fields.get(key) for key in keys]
        return bool(asked) and all(field is not None and field.required and not field.hide for field in asked)

    def _always_answered(self, key: str) -> frozenset[str]:
        """The name itself, when nothing else gives it a value than forms that require the answer."""
        asked = [form.fields[key] for form in self.forms.values() if key in form.fields]
        elsewhere = any(key in decision.produces() for decision in self.bundle.decisions.values()) or any(
            key in checks.scalars_listed(model) or any(node.result == key for node in model.nodes.values())
            for model in self.processes.values()
        )
        always = not elsewhere and all(field.required and not field.hide for field in asked)
        return frozenset({key}) if always else frozenset()

    def _without(self, *keys: str) -> Without:
        """Where a case can come without an answer to all of these questions."""
        without = Without(self.processes, lambda _, node: self._requires(node, *keys))
        without.walk(MAIN_PROCESS)
        return without

    def _form_file(self, key: str) -> str:
        return next((name for name in self.bundle.files if name == f"{key}.form"), key)

    # -- the set

    def _frame(self) -> Iterator[Finding]:
        for process_id in FRAME:
            if process_id not in self.of_case:
                yield _of(
                    self.main,
                    "frame_missing",
                    f"Het hoofdproces roept ‘{process_id}’ niet aan. Dat deel hoort altijd bij de werkwijze: teken het terug.",
                )

    def _forms(self) -> Iterator[Finding]:
        for key in sorted(self.forms):
            for fault in forms.faults(key, self.bundle.forms[key]):
                where, _, what = fault.partition(": ")
                path = where.partition("‘")[2].rstrip("’")
                yield Finding("form_fault", what[:1].upper() + what[1:], self._form_file(key), 0, path)
            for field in self.forms[key].fields.values():
                if field.values_key is not None and field.values_key not in CHOICES:
                    yield Finding(
                        "choices_unknown",
                        f"Niemand weet welke keuzes bij ‘{field.values_key}’ horen. Kies een lijst die er is, of schrijf de keuzes zelf op.",
                        self._form_file(key),
                        0,
                        field.path,
                        field.label,
                    )

    # -- one step

    def _step(self, model: ProcessModel, node: Node) -> Iterator[Finding]:
        if node.event is not None and node.event.timer is not None and node.event.timer.kind == "term":
            yield from self._term(model, node, node.event.timer.text)
        if node.kind == "serviceTask" and not _rings(model, node):
            yield _at(
                model,
                node,
                "service_unguarded",
                "Een ander systeem kan wegblijven, en dan blijft de casus hier staan. Teken op de rand een termijn die naar een taak voor iemand leidt.",
            )
        status = node.properties.get("case_status")
        if status is not None and status not in set(CaseStatus) - {CaseStatus.CLOSED}:
            yield _at(
                model, node, "status_unknown", f"Een casus kan niet op ‘{status}’ staan. Kies een status die er is."
            )
        if node.kind != "userTask":
            return
        if node.term is None:
            yield _at(
                model,
                node,
                "no_term",
                "Deze taak heeft geen termijn. Geef de stap de eigenschap ‘term’ met een termijn.",
            )
        else:
            yield from self._term(model, node, node.term)
        if model.id in self.of_case and node.role in ROLES - _AT_HOME - {RECEIVER} - PURPOSES.keys():
            yield _at(
                model,
                node,
                "role_without_purpose",
                f"De rol ‘{node.role}’ krijgt nooit gegevens van een gezin en kan deze taak niet doen. Zet hem in een andere baan.",
            )
        if node.form is None:
            yield _at(model, node, "no_form", "Deze taak heeft geen formulier. Kies een formulier.")
        elif node.form in self.forms and node.form not in CONTRACTS:
            yield _at(
                model,
                node,
                "form_unowned",
                f"Het systeem weet niet wat het met het formulier ‘{node.form}’ moet doen. Kies een formulier van de werkwijze.",
            )

    def _term(self, model: ProcessModel, node: Node, term: str) -> Iterator[Finding]:
        if f"term.{term}" not in settings.definitions():
            yield _at(
                model,
                node,
                "term_unknown",
                f"De instellingen kennen de termijn ‘{term}’ niet. Kies een termijn die er is.",
            )

    # -- (1) consent before anything is shared

    def _consent(self) -> Iterator[Finding]:
        for role in sorted(PURPOSES.keys() - _AT_HOME):
            yield from self._shared(role, frozenset({PURPOSES[role]}), events=True)
        # Where a case is when an event comes is not drawn; the handover itself asks whether it may go to who is named.
        yield from self._shared(RECEIVER, frozenset(Purpose), events=False)

    def _shared(self, role: str, purposes: frozenset[str], *, events: bool) -> Iterator[Finding]:
        def first(node: Node) -> bool:
            return node.kind == "userTask" and node.role == role

        without = Without(
            self.processes, lambda _, node: first(node) or bool(self._asks_consent(node) & purposes), events=events
        )
        without.walk(MAIN_PROCESS)
        for (process_id, element_id), way in without.steps.items():
            model = self.processes[process_id]
            if first(node := model.nodes[element_id]):
                lane = next((lane.name for lane in model.lanes if lane.id == node.lane), role)
                yield _at(
                    model,
                    node,
                    "consent_first",
                    f"Deze stap deelt gegevens met een ander ({lane}), terwijl de ouder daar niet altijd eerst toestemming voor "
                    "gaf. Zet op elke weg hierheen een stap die toestemming vraagt."
                    f" Zo komt het daar: {told(self.processes, way)}.",
                )

    def _asks_consent(self, node: Node) -> frozenset[str]:
        """The purposes for which a step asks whether data may be shared."""
        form = self._form(node)
        if form is None:
            return frozenset()
        found = {
            field.properties.get("purpose", "") for field in form.fields.values() if "recipient" in field.properties
        }
        if any(field.key == "recipient_kind" for field in form.fields.values()):  # a row for each recipient
            for field in form.fields.values():
                if field.key == "purposes":
                    found |= {option.value for option in field.options}
        return frozenset(found)

    # -- (2) safety

    def _safety(self) -> Iterator[Finding]:
        used = {node.form for model in self.processes.values() for node in model.nodes.values() if node.form}
        for key, form in sorted(self.forms.items()):
            field = form.fields.get(safety.FIELD)
            if field is None or key not in used:
                continue
            levels = {level.value for level in safety.SafetyLevel}
            wrong = []
            if not field.required or field.hide:
                wrong.append("Maak deze vraag verplicht en laat hem altijd zien")
            if field.compartment != forms.SAFETY or set(field.option_compartments.values()) - {forms.SAFETY}:
                wrong.append(f"Zet deze vraag en alle antwoorden in compartiment {forms.SAFETY}")
            if missing := sorted(levels - field.option_compartments.keys()):
                wrong.append(f"Voeg deze antwoorden toe: {', '.join(missing)}")
            for what in wrong:
                yield Finding(
                    "safety_question",
                    f"Zo wordt een zorg over veiligheid niet gehoord. {what}.",
                    self._form_file(key),
                    0,
                    safety.FIELD,
                    field.label,
                )
        for process_id in ASKS_SAFETY:
            if process_id not in self.processes:
                continue
            without = Without(self.processes, lambda _, node: self._mentions_safety(node))
            if without.walk(process_id):
                yield _of(
                    self.processes[process_id],
                    "safety_not_asked",
                    "Dit deel kan eindigen zonder dat iemand vroeg of het gezin veilig is. Zet op elke weg een stap met een "
                    f"formulier waarin de vraag ‘{safety.FIELD}’ staat.",
                )

    def _mentions_safety(self, node: Node) -> bool:
        form = self._form(node)
        return form is not None and safety.FIELD in form.fields

    # -- (3) loss

    def _loss(self) -> Iterator[Finding]:
        for node in invariants.uninterrupted(self.main, LOSS, after=lambda _, step: step.form == AFTER_LOSS):
            if node.kind in ("intermediateCatchEvent", "eventBasedGateway"):
                message = (
                    "Hier wacht het hoofdproces, en een verlies legt dat niet stil. Zet het wachten in een eigen proces en hang "
                    f"aan de aanroep een onderbrekend bericht ‘{LOSS}’."
                )
            else:
                message = f"Een verlies legt deze stap niet stil. Hang aan de rand een onderbrekend bericht ‘{LOSS}’."
            yield _at(self.main, node, "loss_ignored", message)
        uncalled = Without(self.processes, lambda _, step: step.form == AFTER_LOSS, events=False)
        for node in invariants.stops(self.main, LOSS):
            following = [self.main.flows[flow].target for flow in node.outgoing]
            if self._ends_the_case(node) and uncalled.level(self.main, node.parent, following):
                yield _at(
                    self.main,
                    node,
                    "loss_unheard",
                    "Na dit verlies neemt niemand contact op met de ouder. Leid het naar een stap met het formulier "
                    f"‘{AFTER_LOSS}’.",
                )

    # -- (5) feedback, (6) the parent decides, (7) one way to hand over

    def _feedback(self) -> Iterator[Finding]:
        if (model := self.processes.get(EXPLORING)) is None:
            return
        all_steps = Without(self.processes, lambda *_: False)
        all_steps.walk(EXPLORING)
        if not any(self.processes[key].nodes[element].form == FEEDBACK for key, element in all_steps.steps):
            yield _of(
                model,
                "no_feedback",
                "De signaleerder hoort niet wat er met het signaal gebeurde. Voeg een stap toe met het formulier "
                f"‘{FEEDBACK}’.",
            )

    def _decision(self) -> Iterator[Finding]:
        without = Without(
            self.processes, lambda _, node: self._requires(node, PLAN), decided=self._always_answered(PLAN)
        )
        without.walk(MAIN_PROCESS)
        for (process_id, element_id), way in without.steps.items():
            model = self.processes[process_id]
            if (node := model.nodes[element_id]).called == FOLLOWING:
                yield _at(
                    model,
                    node,
                    "parent_decides",
                    "De steun kan beginnen zonder dat de ouder over het plan besliste. Zet op elke weg hierheen een stap met een "
                    f"formulier waarin ‘{PLAN}’ verplicht is. Zo komt het daar: {told(self.processes, way)}.",
                )

    def _handover(self) -> Iterator[Finding]:
        for model in self.processes.values():
            for node in model.nodes.values():
                if node.form in HANDOVER_FORMS and model.id != HANDING_OVER:
                    yield _at(
                        model,
                        node,
                        "handover_elsewhere",
                        f"Een overdracht gaat altijd via het gedeelde proces ‘{HANDING_OVER}’. Roep dat hier aan.",
                    )

    # -- (8) how a case ends

    def _ends(self) -> Iterator[Finding]:
        chosen, contact = self._without(RESULT, CONTACT), self._without(CONTACT)
        for node in self.main.nodes.values():
            if node.kind != "endEvent":
                continue
            result = node.properties.get("case_result")
            place = (MAIN_PROCESS, node.id)
            if not self._ends_the_case(node):
                if result is not None:
                    yield _at(
                        self.main,
                        node,
                        "end_with_result",
                        "Hier eindigt alleen dit deel, niet de casus. Haal de eigenschap ‘case_result’ weg.",
                    )
            elif result is None:
                yield _at(
                    self.main,
                    node,
                    "end_without_result",
                    "Hier eindigt een casus zonder resultaat. Geef dit einde de eigenschap ‘case_result’.",
                )
            elif result not in {*Result, CLOSURE}:
                yield _at(
                    self.main, node, "result_unknown", f"‘{result}’ is geen resultaat. Kies een resultaat dat er is."
                )
            elif result == CLOSURE and place in chosen.steps:
                yield _at(
                    self.main,
                    node,
                    "closure_first",
                    f"Hier kan een casus eindigen zonder dat ‘{RESULT}’ en ‘{CONTACT}’ zijn ingevuld. Zet op elke weg hierheen een "
                    "stap met een formulier waarin beide verplicht zijn."
                    f" Zo komt het daar: {told(self.processes, chosen.steps[place])}.",
                )
            elif result not in {*_NEVER_SHARED, CLOSURE} and place in contact.steps:
                yield _at(
                    self.main,
                    node,
                    "contact_first",
                    "Hier kan een casus eindigen zonder dat de ouder weet bij wie die daarna terecht kan. Zet op elke weg hierheen "
                    f"een stap met een formulier waarin ‘{CONTACT}’ verplicht is."
                    f" Zo komt het daar: {told(self.processes, contact.steps[place])}.",
                )

    def _ends_the_case(self, node: Node) -> bool:
        """Whether what follows on this step ends the case: the main road does, and an event that stopped that road."""
        host = self.main.nodes.get(node.parent or "")
        return host is None or (
            host.parent is None
            and host.event_subprocess
            and all(start.interrupting for start in self.main.starts(host.id))
        )


def _rings(model: ProcessModel, node: Node) -> bool:
    """Whether time brings a step to somebody when nobody does it."""
    return any(one.event is not None and one.event.timer is not None for one in model.boundary(node.id))


def _at(model: ProcessModel, node: Node, code: str, message: str) -> Finding:
    return Finding(code, message, model.file, node.line, node.id, " ".join(node.name.split()))


def _of(model: ProcessModel, code: str, message: str) -> Finding:
    return Finding(code, message, model.file, model.line, model.id, model.name)


diagrams.demand(findings)  # whoever reaches a verb of the method has its rules for drawings with it
