"""Steps of a drawing that a program of a partner does: which program may do which topic for whom, and who is at it now.

Knows tasks, not what follows from them: that the process goes on is told by who calls.
"""

from workflows.topics.model import TopicLock, TopicWorker
from workflows.topics.rules import LONGEST_LOCK, MOST_AT_ONCE, SHORTEST_LOCK
from workflows.topics.service import (
    Held,
    Incident,
    Standing,
    add_worker,
    end_every_worker,
    end_worker,
    every_worker,
    incidents,
    lock_of,
    own_worker,
    own_workers,
    release_held,
    renew_token,
    retry_all,
    retry_incident,
    retry_step,
    standing,
    take_lock,
    waiting,
    worker_of_token,
)

__all__ = [
    "LONGEST_LOCK",
    "MOST_AT_ONCE",
    "SHORTEST_LOCK",
    "Held",
    "Incident",
    "Standing",
    "TopicLock",
    "TopicWorker",
    "add_worker",
    "end_every_worker",
    "end_worker",
    "every_worker",
    "incidents",
    "lock_of",
    "own_worker",
    "own_workers",
    "release_held",
    "renew_token",
    "retry_all",
    "retry_incident",
    "retry_step",
    "standing",
    "take_lock",
    "waiting",
    "worker_of_token",
]
