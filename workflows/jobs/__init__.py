"""Work that waits for its moment, as rows of ours. Knows no room: what a kind means is the worker's."""

from workflows.jobs.model import ATTEMPTS, Job, JobStatus
from workflows.jobs.service import cancel, done_since, due_ids, enqueue, enqueue_all, enqueue_new, retry_all, take

__all__ = [
    "ATTEMPTS",
    "Job",
    "JobStatus",
    "cancel",
    "done_since",
    "due_ids",
    "enqueue",
    "enqueue_all",
    "enqueue_new",
    "retry_all",
    "take",
]
