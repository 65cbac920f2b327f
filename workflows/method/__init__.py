"""The verbs of the method, on top of the rooms: what the doors, the worker and the scenarios call.

Each goes in the same order: find, may I, can it, do, keep, write down. None of them commits.
"""

from workflows.method.choices import CHOICES, LABELS, choices_for, words_of
from workflows.method.commenting import CommentView, add_comment, comment_list, may_comment
from workflows.method.consents import record_consent
from workflows.method.contracts import CONTRACTS
from workflows.method.duplicates import running_cases
from workflows.method.events import KINDS, discard_signal, perform, report_loss, tell, withdraw_consent
from workflows.method.family_events import (
    FamilyForm,
    FamilyOutline,
    authorities,
    change_due_date,
    family_form,
    family_outline,
    member,
    record_authority,
    record_member,
    report_birth,
    report_move,
)
from workflows.method.filling import loss_form, safety_notice, task_form
from workflows.method.forecasting import Expected, RiskCard, forecast, terms_at_risk
from workflows.method.handing_over import (
    ContactNotice,
    HandoverView,
    contact_notices,
    handover_list,
    may_withdraw_handover,
    withdraw_handover,
)
from workflows.method.hub import HubTalk, hub_of_case
from workflows.method.invariants import check_diagrams, publish_diagrams
from workflows.method.leaving import (
    GoesBack,
    Left,
    deactivate_organisation,
    deactivate_person,
    end_role,
    what_goes_back,
)
from workflows.method.lost import TooLate
from workflows.method.placing import ANCHORS
from workflows.method.reading import candidates, case_list, case_view, task_view, work_list
from workflows.method.rescheduling import TAGS, change_setting, reschedule_case
from workflows.method.retaining import Retention, retention
from workflows.method.suggestions import suggestions
from workflows.method.support import PREFILL, request_evaluation
from workflows.method.support_reading import floating_actions, plan_view, talks_view
from workflows.method.support_views import (
    ActionView,
    ContactView,
    EvaluationView,
    FloatingView,
    GoalView,
    HealthView,
    LevelView,
    PlanView,
    RatingView,
    TalksView,
)
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
    Advice,
    Candidate,
    CaseCard,
    CaseView,
    Completion,
    Concern,
    DiagramView,
    EntryView,
    MemberView,
    OfferView,
    PathwayAdvice,
    RunningCase,
    SafetyNotice,
    Suggestion,
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
    "PREFILL",
    "TAGS",
    "ActionView",
    "Advice",
    "Candidate",
    "CaseCard",
    "CaseView",
    "CommentView",
    "Completion",
    "Concern",
    "ContactNotice",
    "ContactView",
    "DiagramView",
    "EntryView",
    "EvaluationView",
    "Expected",
    "FamilyForm",
    "FamilyOutline",
    "FloatingView",
    "GoalView",
    "GoesBack",
    "HandoverView",
    "HealthView",
    "HubTalk",
    "Left",
    "LevelView",
    "MemberView",
    "OfferView",
    "Page",
    "PathwayAdvice",
    "PlanView",
    "RatingView",
    "Retention",
    "RiskCard",
    "RunningCase",
    "SafetyNotice",
    "Suggestion",
    "TalksView",
    "TaskCard",
    "TaskView",
    "TooLate",
    "ValueView",
    "add_comment",
    "authorities",
    "candidates",
    "case_list",
    "case_view",
    "change_due_date",
    "change_setting",
    "check_diagrams",
    "choices_for",
    "claim_task",
    "comment_list",
    "complete_task",
    "contact_notices",
    "deactivate_organisation",
    "deactivate_person",
    "discard_signal",
    "end_role",
    "family_form",
    "family_outline",
    "floating_actions",
    "forecast",
    "form_changes",
    "handover_list",
    "hub_of_case",
    "keep_lost_answers",
    "left_of",
    "loss_form",
    "may_comment",
    "may_withdraw_handover",
    "member",
    "perform",
    "plan_view",
    "publish_diagrams",
    "record_authority",
    "record_consent",
    "record_member",
    "release_task",
    "report_birth",
    "report_loss",
    "report_move",
    "request_evaluation",
    "reschedule_case",
    "retention",
    "running_cases",
    "safety_notice",
    "save_draft",
    "start_signal",
    "suggestions",
    "talks_view",
    "task_form",
    "task_view",
    "tell",
    "terms_at_risk",
    "what_goes_back",
    "withdraw_consent",
    "withdraw_handover",
    "words_of",
    "work_list",
]
