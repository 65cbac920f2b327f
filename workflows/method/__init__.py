"""The verbs of the method, on top of the rooms: what the doors, the worker and the scenarios call.

Each goes in the same order: find, may I, can it, do, keep, write down. None of them commits.
"""

from workflows.method.choices import CHOICES, LABELS, choices_for, words_of
from workflows.method.consents import consent_form, record_consent
from workflows.method.contracts import CONTRACTS
from workflows.method.events import KINDS, discard_signal, perform, report_loss, tell, withdraw_consent
from workflows.method.filling import loss_form, safety_notice, task_form
from workflows.method.forecasting import Expected, RiskCard, forecast, terms_at_risk
from workflows.method.lost import TooLate
from workflows.method.placing import ANCHORS
from workflows.method.reading import candidates, case_list, case_view, task_view, work_list
from workflows.method.rescheduling import TAGS, change_setting, reschedule_case
from workflows.method.retaining import Retention, retention
from workflows.method.tasks import (
    claim_task,
    complete_task,
    keep_lost_answers,
    release_task,
    save_draft,
    start_signal,
)
from workflows.method.versions import form_changes, left_of
from workflows.method.views import (
    Candidate,
    CaseCard,
    CaseView,
    Completion,
    Concern,
    DiagramView,
    EntryView,
    MemberView,
    SafetyNotice,
    TaskCard,
    TaskView,
    ValueView,
)
from workflows.processes import Page

__all__ = [
    "ANCHORS",
    "CHOICES",
    "CONTRACTS",
    "KINDS",
    "LABELS",
    "TAGS",
    "Candidate",
    "CaseCard",
    "CaseView",
    "Completion",
    "Concern",
    "DiagramView",
    "EntryView",
    "Expected",
    "MemberView",
    "Page",
    "Retention",
    "RiskCard",
    "SafetyNotice",
    "TaskCard",
    "TaskView",
    "TooLate",
    "ValueView",
    "candidates",
    "case_list",
    "case_view",
    "change_setting",
    "choices_for",
    "claim_task",
    "complete_task",
    "consent_form",
    "discard_signal",
    "forecast",
    "form_changes",
    "keep_lost_answers",
    "left_of",
    "loss_form",
    "perform",
    "record_consent",
    "release_task",
    "report_loss",
    "reschedule_case",
    "retention",
    "safety_notice",
    "save_draft",
    "start_signal",
    "task_form",
    "task_view",
    "tell",
    "terms_at_risk",
    "withdraw_consent",
    "words_of",
    "work_list",
]
