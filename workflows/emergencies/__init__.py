"""Breaking the glass: reading a case in an emergency without a part in it, for a short while, and looking back at it
afterwards. Knows no tasks and no answers; whoever calls this has found the case and asked ``access``."""

from workflows.emergencies.model import (
    EmergencyAccess,
    EmergencyEnd,
    EmergencyReason,
    EmergencyReview,
    ReviewOutcome,
)
from workflows.emergencies.search import EmergencySearch
from workflows.emergencies.service import (
    LONGEST,
    SHORTEST,
    ask_reviews,
    attempt,
    end,
    end_all,
    find,
    find_review,
    kept_out,
    of_case,
    of_person,
    open_access,
    problems,
    review,
    reviews_of,
    reviews_on,
    running,
)

__all__ = [
    "LONGEST",
    "SHORTEST",
    "EmergencyAccess",
    "EmergencyEnd",
    "EmergencyReason",
    "EmergencyReview",
    "EmergencySearch",
    "ReviewOutcome",
    "ask_reviews",
    "attempt",
    "end",
    "end_all",
    "find",
    "find_review",
    "kept_out",
    "of_case",
    "of_person",
    "open_access",
    "problems",
    "review",
    "reviews_of",
    "reviews_on",
    "running",
]
