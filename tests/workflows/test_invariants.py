"""The rules that every published set keeps to: the shipped files with exactly one thing broken, and what is said of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.errors import Finding
from tests import builders
from tests.workflows import path
from workflows import diagrams, method
from workflows.actor import OPERATOR
from workflows.errors import Invalid
from workflows.method import invariants

ROOT = Path(__file__).parents[2]
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


class Files:
    """The shipped files, to break."""

    def __init__(self) -> None:
        self.files = path.shipped()

    def drawing(self, process: str) -> Any:
        return etree.fromstring(self.files[f"{process}.bpmn"])

    def keep(self, process: str, root: Any) -> None:
        self.files[f"{process}.bpmn"] = etree.tostring(root)

    def element(self, process: str, element_id: str, change: Callable[[Any], None]) -> None:
        """Change one element of a drawing."""
        root = self.drawing(process)
        [found] = [each for each in root.iter() if each.get("id") == element_id]
        change(found)
        self.keep(process, root)

    def attribute(self, process: str, element_id: str, name: str, value: str | None) -> None:
        def change(element: Any) -> None:
            element.attrib.pop(name, None)
            if value is not None:
                element.set(name, value)

        self.element(process, element_id, change)

    def prop(self, process: str, element_id: str, name: str, value: str | None) -> None:
        """Set a property of an element, or take it away."""

        def change(element: Any) -> None:
            if element.find(f"{BPMN}extensionElements") is None:
                element.insert(0, etree.fromstring(f'<e xmlns="{BPMN[1:-1]}"/>'))
                element[0].tag = f"{BPMN}extensionElements"
            extension = element.find(f"{BPMN}extensionElements")
            if extension.find(f"{CAMUNDA}properties") is None:
                etree.SubElement(extension, f"{CAMUNDA}properties")
            properties = extension.find(f"{CAMUNDA}properties")
            for each in list(properties):
                if each.get("name") == name:
                    properties.remove(each)
            if value is not None:
                etree.SubElement(properties, f"{CAMUNDA}property", name=name, value=value)

        self.element(process, element_id, change)

    def remove(self, process: str, *element_ids: str) -> None:
        """Take elements away, with every mention of them and what was drawn for them."""
        root = self.drawing(process)
        for each in list(root.iter()):
            named = {each.get("id"), each.get("bpmnElement")} & set(element_ids)
            if named or (isinstance(each.text, str) and each.text.strip() in element_ids):
                each.getparent().remove(each)
        self.keep(process, root)

    def bypass(self, process: str, element_id: str) -> None:
        """Take a step out: what led to it now leads to what followed on it."""
        root = self.drawing(process)
        flows = root.findall(f".//{BPMN}sequenceFlow")
        [after] = [flow for flow in flows if flow.get("sourceRef") == element_id]
        for flow in flows:
            if flow.get("targetRef") == element_id:
                flow.set("targetRef", after.get("targetRef"))
        self.keep(process, root)
        self.remove(process, element_id, after.get("id"))

    def redirect(self, process: str, flow_id: str, target: str) -> None:
        self.attribute(process, flow_id, "targetRef", target)

    def add(self, process: str, xml: str) -> None:
        """Draw something more in a process."""
        root = self.drawing(process)
        drawn = etree.fromstring(
            f'<x xmlns:bpmn="{BPMN[1:-1]}" xmlns:camunda="{CAMUNDA[1:-1]}" xmlns:xsi="{XSI[1:-1]}">{xml}</x>'
        )
        root.find(f"{BPMN}process").extend(list(drawn))
        self.keep(process, root)

    def in_lane(self, process: str, role: str, *element_ids: str) -> None:
        """Move steps to the lane of a role."""
        root = self.drawing(process)
        for mention in list(root.iter(f"{BPMN}flowNodeRef")):
            if mention.text in element_ids:
                mention.getparent().remove(mention)
        [lane] = [
            lane
            for lane in root.iter(f"{BPMN}lane")
            if any(prop.get("name") == "role" and prop.get("value") == role for prop in lane.iter(f"{CAMUNDA}property"))
        ]
        for element_id in element_ids:
            etree.SubElement(lane, f"{BPMN}flowNodeRef").text = element_id
        self.keep(process, root)

    def role(self, process: str, old: str, new: str) -> None:
        """Give the lane of one role to another."""
        root = self.drawing(process)
        for lane in root.iter(f"{BPMN}lane"):
            for prop in lane.iter(f"{CAMUNDA}property"):
                if (prop.get("name"), prop.get("value")) == ("role", old):
                    prop.set("value", new)
        self.keep(process, root)

    def form(self, key: str, change: Callable[[dict[str, Any]], None], field: str) -> None:
        """Change one field of a form."""
        schema = json.loads(self.files[f"{key}.form"])
        [found] = [each for each in _components(schema["components"]) if each.get("key") == field]
        change(found)
        self.files[f"{key}.form"] = json.dumps(schema).encode()

    def without_field(self, key: str, field: str) -> None:
        def prune(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
            kept = [each for each in components if each.get("key") != field]
            for each in kept:
                if "components" in each:
                    each["components"] = prune(each["components"])
            return [each for each in kept if each.get("components", True)]

        schema = json.loads(self.files[f"{key}.form"])
        schema["components"] = prune(schema["components"])
        self.files[f"{key}.form"] = json.dumps(schema).encode()

    def errors(self) -> list[Finding]:
        return [found for found in method.check_diagrams(self.files)[1] if found.severity == "error"]


def _components(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for one in components for each in (one, *_components(one.get("components", [])))]


@pytest.fixture
def files() -> Files:
    return Files()


def without_consent(files: Files) -> None:
    """The step that asks consent is gone, and so is the way back to it."""
    files.bypass("toestemming_vragen", "ask_consent")
    files.redirect("hoofdproces", "sharing_absent", "gather_closing")


def told(files: Files, code: str) -> Finding:
    """The one error there is."""
    found = files.errors()
    assert [each.code for each in found] == [code], "\n".join(map(str, found))
    return found[0]


def test_the_shipped_set_keeps_every_rule(files):
    assert files.errors() == []


# -- that they are always asked


def test_nobody_can_look_at_a_set_without_the_rules():
    code = "from workflows import diagrams\ndiagrams.check({})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert "RuntimeError: the rules of the method are not loaded" in done.stderr


@pytest.mark.parametrize("publish", [diagrams.publish, method.publish_diagrams])
def test_a_set_that_breaks_a_rule_is_not_published(session, clock, files, publish):
    region = builders.region(session, clock())
    without_consent(files)

    for by in (OPERATOR, region.coordinator):
        with pytest.raises(Invalid) as refused:
            publish(session, files.files, by=by, at=clock())
        assert "toestemming" in " ".join(refused.value.errors["verkennen.bpmn"])
    with pytest.raises(diagrams.NothingPublished):
        diagrams.current(session)


def test_what_is_only_a_warning_is_published(session, clock, files):
    files.attribute("verkennen", "explore", "name", "Intake meeting")

    warned = [found.code for found in method.check_diagrams(files.files)[1] if found.element_id == "explore"]
    assert warned == ["label_english", "label_no_verb"]
    assert diagrams.publish(session, files.files, by=OPERATOR, at=clock())


def test_a_set_without_the_main_process_is_judged_by_no_rule_of_the_method(files):
    without_consent(files)
    one = {"toestemming_vragen.bpmn": files.files["toestemming_vragen.bpmn"]}
    one |= {name: data for name, data in files.files.items() if name.endswith(".form")}

    assert files.errors()
    assert diagrams.check(one)[1] == []


# -- (1) consent first


def test_consent_is_asked_before_anybody_else_works_with_the_family(files):
    without_consent(files)

    found = {each.code: each for each in files.errors()}

    assert found.keys() == {"consent_first", "timer_silent"}  # nobody is asked again after some time for thought
    found = found["consent_first"]
    assert (found.file, found.element_id, found.line > 0) == ("verkennen.bpmn", "explore", True)
    assert found.message.startswith(
        "Deze stap deelt gegevens met een ander (Verkenner JGZ), terwijl de ouder daar niet altijd eerst toestemming voor gaf. "
        "Zet op elke weg hierheen een stap die toestemming vraagt. Zo komt het daar: Zorg of vraag opgemerkt → "
    )


def test_a_way_around_consent_is_found(files):
    files.redirect("hoofdproces", "from_take_over", "gather_exploration")

    assert told(files, "consent_first").element_id == "explore"


def test_a_form_that_asks_nothing_is_no_consent(files):
    for field in ("share_youth_health", "share_feedback", "share_municipality"):
        files.form("consent", lambda each: each["properties"].pop("recipient"), field)

    assert "consent_first" in {found.code for found in files.errors()}


def test_the_hub_needs_consent_for_support(files):
    files.bypass("hoofdproces", "ask_support_consent")

    found = told(files, "consent_first")

    assert (found.file, found.element_id) == ("knooppunt.bpmn", "write_plan")


def test_a_handover_on_the_main_road_needs_consent(files):
    files.redirect("hoofdproces", "to_check_entry", "hand_over")
    files.redirect("hoofdproces", "handed_over", "check_entry")

    assert ("consent_first", "answer_handover") in {(found.code, found.element_id) for found in files.errors()}


def test_an_event_begins_without_consent(files):
    files.attribute("hoofdproces", "pass_on_family", "calledElement", "knooppunt")

    found = told(files, "consent_first")

    assert (found.file, found.element_id) == ("knooppunt.bpmn", "write_plan")


# -- (2) safety


@pytest.mark.parametrize(
    ("process", "form"), [("signaleren", "signal"), ("verkennen", "exploration"), ("evalueren", "evaluation")]
)
def test_safety_is_asked_wherever_somebody_speaks_with_the_family(files, process, form):
    files.without_field(form, "safety_concern")

    found = told(files, "safety_not_asked")

    assert (found.file, found.element_id) == (f"{process}.bpmn", process)
    assert found.message == (
        "Dit deel kan eindigen zonder dat iemand vroeg of het gezin veilig is. Zet op elke weg een stap met een formulier "
        "waarin de vraag ‘safety_concern’ staat."
    )


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda field: field["validate"].pop("required"), "Maak deze vraag verplicht en laat hem altijd zien."),
        (
            lambda field: field.update(conditional={"hide": '=phase = "pregnant"'}),
            "Maak deze vraag verplicht en laat hem altijd zien.",
        ),
        (
            lambda field: field["properties"].update({"compartment": "C1"}),
            "Zet deze vraag en alle antwoorden in compartiment C5.",
        ),
        (
            lambda field: field["properties"].update({"compartment.yes": "C1"}),
            "Zet deze vraag en alle antwoorden in compartiment C5.",
        ),
        (
            lambda field: (field["values"].pop(), field["properties"].pop("compartment.acute", None)),
            "Voeg deze antwoorden toe: acute.",
        ),
    ],
)
def test_a_question_about_safety_is_heard(files, change, what):
    files.form("signal", change, "safety_concern")

    found = told(files, "safety_question")

    assert (found.file, found.element_id) == ("signal.form", "safety_concern")
    assert found.message == f"Zo wordt een zorg over veiligheid niet gehoord. {what}"


# -- (3) loss


def test_a_loss_stops_everything(files):
    files.attribute("hoofdproces", "hear_loss", "isInterrupting", "false")
    files.prop("hoofdproces", "end_after_loss", "case_result", None)

    found = files.errors()

    assert {each.code for each in found} == {"loss_ignored"}
    assert {"take_signal", "explore_with_family", "follow_support", "review_after_birth", "pass_on_family"} <= {
        each.element_id for each in found
    }
    assert {each.message for each in found} == {
        "Een verlies legt deze stap niet stil. Hang aan de rand een onderbrekend bericht ‘loss’."
    }


def test_after_a_loss_somebody_contacts_the_parent(files):
    files.attribute("hoofdproces", "contact_after_loss", f"{CAMUNDA}formRef", "closure")

    found = told(files, "loss_unheard")

    assert found.element_id == "hear_loss"
    assert found.message == (
        "Na dit verlies neemt niemand contact op met de ouder. Leid het naar een stap met het formulier ‘loss_follow_up’."
    )


# -- (4) role, term, form


def test_a_task_has_a_term_that_the_settings_know(files):
    files.prop("verkennen", "explore", "term", None)
    assert told(files, "no_term").message == (
        "Deze taak heeft geen termijn. Geef de stap de eigenschap ‘term’ met een termijn."
    )

    files.prop("verkennen", "explore", "term", "morgen")
    found = told(files, "term_unknown")
    assert (found.element_id, found.label) == ("explore", "Verkenning doen")
    assert found.message == "De instellingen kennen de termijn ‘morgen’ niet. Kies een termijn die er is."


def test_a_timer_knows_its_term(files):
    name = f"{BPMN}timerEventDefinition"
    files.element(
        "steun_volgen",
        "reach_evaluation_day",
        lambda event: setattr(event.find(f"{name}/*"), "text", "term.ooit"),
    )

    assert told(files, "term_unknown").element_id == "reach_evaluation_day"


def test_a_lane_has_a_role_that_people_can_have(files):
    files.role("knooppunt", "process_director", "king")

    found = told(files, "role_unknown")

    assert found.message == "Niemand kan de rol ‘king’ hebben. Kies een rol die er is."


def test_a_role_that_never_gets_data_does_nothing_in_a_case(files):
    files.role("knooppunt", "process_director", "log_manager")

    found = {each.element_id: each for each in files.errors()}

    assert {each.code for each in found.values()} == {"role_without_purpose"}
    assert found["plan_meeting"].message == (
        "De rol ‘log_manager’ krijgt nooit gegevens van een gezin en kan deze taak niet doen. Zet hem in een andere baan."
    )


def test_a_task_has_a_form_that_a_room_owns(files):
    files.attribute("verkennen", "give_feedback", f"{CAMUNDA}formRef", None)
    assert {found.code for found in files.errors()} == {"no_form", "no_feedback"}

    schema = json.loads(files.files["feedback.form"])
    files.files["briefje.form"] = json.dumps(schema | {"id": "briefje"}).encode()
    files.attribute("verkennen", "give_feedback", f"{CAMUNDA}formRef", "briefje")
    assert {found.code for found in files.errors()} == {"form_unowned", "no_feedback"}


def test_a_status_that_no_case_has_is_refused(files):
    files.prop("hoofdproces", "explore_with_family", "case_status", "lost")

    assert told(files, "status_unknown").message == "Een casus kan niet op ‘lost’ staan. Kies een status die er is."


def test_a_form_that_rooms_cannot_read_is_refused(files):
    files.form("signal", lambda each: each["properties"].update(exclusive="nergens"), "risk_categories")

    found = told(files, "form_fault")

    assert (found.file, found.element_id) == ("signal.form", "risk_categories")
    assert found.message == "Het antwoord ‘nergens’ dat alleen mag staan, bestaat niet."


def test_choices_that_nobody_knows_are_refused(files):
    files.form("handover", lambda each: each.update(valuesKey="neighbours"), "receiver")

    assert told(files, "choices_unknown").message == (
        "Niemand weet welke keuzes bij ‘neighbours’ horen. Kies een lijst die er is, of schrijf de keuzes zelf op."
    )


def test_a_step_for_another_system_without_a_term_that_leads_to_somebody_is_refused(files):
    def change(task: Any) -> None:
        task.tag = f"{BPMN}serviceTask"
        task.attrib.pop(f"{CAMUNDA}formRef")
        task.set(f"{CAMUNDA}type", "external")
        task.set(f"{CAMUNDA}topic", "mail")

    files.element("verkennen", "reach_family", change)

    assert "service_unguarded" in {found.code for found in files.errors()}


# -- (5) feedback


def test_the_signaller_hears_what_became_of_it(files):
    files.bypass("verkennen", "give_feedback")

    found = told(files, "no_feedback")

    assert (found.file, found.element_id) == ("verkennen.bpmn", "verkennen")
    assert found.message == (
        "De signaleerder hoort niet wat er met het signaal gebeurde. Voeg een stap toe met het formulier ‘feedback’."
    )


# -- (6) the parent decides


def test_support_begins_when_the_parent_decided(files):
    files.redirect("hoofdproces", "hub_absent", "gather_support")

    found = told(files, "parent_decides")

    assert (found.file, found.element_id) == ("hoofdproces.bpmn", "follow_support")
    assert found.message.startswith(
        "De steun kan beginnen zonder dat de ouder over het plan besliste. Zet op elke weg hierheen een stap met een formulier "
        "waarin ‘plan_result’ verplicht is. Zo komt het daar: Zorg of vraag opgemerkt → "
    )


def test_a_decision_that_may_be_left_out_is_none(files):
    files.form("support_plan", lambda each: each["validate"].pop("required"), "plan_result")

    assert told(files, "parent_decides").element_id == "follow_support"


# -- (7) one way to hand over


def test_a_handover_is_drawn_once(files):
    files.attribute("verkennen", "reach_family", f"{CAMUNDA}formRef", "handover")

    found = told(files, "handover_elsewhere")

    assert (found.file, found.element_id) == ("verkennen.bpmn", "reach_family")
    assert found.message == "Een overdracht gaat altijd via het gedeelde proces ‘overdragen’. Roep dat hier aan."


# -- (8) how a case ends


def test_every_end_has_a_result(files):
    files.prop("hoofdproces", "continue_regular_care", "case_result", None)
    assert told(files, "end_without_result").message == (
        "Hier eindigt een casus zonder resultaat. Geef dit einde de eigenschap ‘case_result’."
    )

    files.prop("hoofdproces", "continue_regular_care", "case_result", "fini")
    assert told(files, "result_unknown").message == "‘fini’ is geen resultaat. Kies een resultaat dat er is."


def test_what_is_closed_has_a_result_and_somebody_to_turn_to(files):
    files.prop("hoofdproces", "leave_to_regular_care", "case_result", "closure")

    found = told(files, "closure_first")

    assert found.element_id == "leave_to_regular_care"
    assert found.message.startswith(
        "Hier kan een casus eindigen zonder dat ‘result’ en ‘contact_after’ zijn ingevuld. Zet op elke weg hierheen een stap "
        "met een formulier waarin beide verplicht zijn. Zo komt het daar: Zorg of vraag opgemerkt → "
    )


@pytest.mark.parametrize("field", ["result", "contact_after"])
def test_what_may_be_left_out_at_closing_is_not_there(files, field):
    files.form("closure", lambda each: each["validate"].pop("required"), field)

    assert "closure_first" in {found.code for found in files.errors()}


def test_a_result_in_the_drawing_needs_somebody_to_turn_to(files):
    files.prop("hoofdproces", "leave_to_regular_care", "case_result", "goals_reached")

    assert told(files, "contact_first").message.startswith(
        "Hier kan een casus eindigen zonder dat de ouder weet bij wie die daarna terecht kan."
    )


def test_what_runs_beside_the_case_does_not_end_it(files):
    files.prop("hoofdproces", "end_birth", "case_result", "goals_reached")

    assert told(files, "end_with_result").message == (
        "Hier eindigt alleen dit deel, niet de casus. Haal de eigenschap ‘case_result’ weg."
    )


# -- (9) nobody waits for nothing


def test_a_timer_leads_to_somebody(files):
    files.bypass("hoofdproces", "agree_contact_after")

    found = told(files, "timer_silent")

    assert (found.file, found.element_id) == ("hoofdproces.bpmn", "count_to_age_limit")
    assert found.message == "Als deze tijd om is, hoort niemand dat. Laat hem naar een taak voor iemand leiden."


# -- the frame


@pytest.mark.parametrize("process", invariants.FRAME)
def test_every_part_of_the_frame_is_called(files, process):
    for drawing in [name for name in files.files if name.endswith(".bpmn")]:
        files.files[drawing] = files.files[drawing].replace(
            f'calledElement="{process}"'.encode(), b'calledElement="ander_deel"'
        )
    root = files.drawing(process)
    [drawn] = root.findall(f"{BPMN}process")
    drawn.set("id", "ander_deel")
    files.keep(process, root)

    missing = [found for found in files.errors() if found.code == "frame_missing"]

    assert [(found.element_id, found.message) for found in missing] == [
        (
            "hoofdproces",
            f"Het hoofdproces roept ‘{process}’ niet aan. Dat deel hoort altijd bij de werkwijze: teken het terug.",
        )
    ]


# -- (10) words


def test_names_that_people_stumble_over_are_warnings_only(files):
    files.attribute("signaleren", "record_signal", "name", "Signaal")
    found = [each for each in method.check_diagrams(files.files)[1] if each.element_id == "record_signal"]

    assert [(each.code, each.severity) for each in found] == [("label_no_verb", "warning")]
    assert found[0].message == (
        "Deze naam zegt niet wat iemand doet. Gebruik een werkwoord, bijvoorbeeld ‘Afspraak maken’."
    )
