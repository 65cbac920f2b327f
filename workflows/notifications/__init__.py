"""What people hear of without being asked: in the page, and by mail for who wants that. Keeps codes and ids, never words.

Knows no task and no case; whether somebody may still open what it is about is asked where it is read.
"""

from workflows.notifications.mail import (
    CHANNEL,
    MailStanding,
    choose_wishes,
    confirm_address,
    delivered,
    forget_address,
    letter_code,
    mail_standing,
    next_letter,
    not_delivered,
    open_address,
    returned,
    set_address,
    wrong_addresses,
)
from workflows.notifications.model import (
    MailAddress,
    MailFailure,
    MailWish,
    Notification,
    NotificationKind,
    NotificationMark,
    address_about,
    code_about,
)
from workflows.notifications.rules import DEFAULT_WISHES, Limits, is_address, mail_moment, offered, wishes_of
from workflows.notifications.service import SUBJECT_TASK, forget_old, is_for, mark_read, meant_for, notify, over, unsay

__all__ = [
    "CHANNEL",
    "DEFAULT_WISHES",
    "SUBJECT_TASK",
    "Limits",
    "MailAddress",
    "MailFailure",
    "MailStanding",
    "MailWish",
    "Notification",
    "NotificationKind",
    "NotificationMark",
    "address_about",
    "choose_wishes",
    "code_about",
    "confirm_address",
    "delivered",
    "forget_address",
    "forget_old",
    "is_address",
    "is_for",
    "letter_code",
    "mail_moment",
    "mail_standing",
    "mark_read",
    "meant_for",
    "next_letter",
    "not_delivered",
    "notify",
    "offered",
    "open_address",
    "over",
    "returned",
    "set_address",
    "unsay",
    "wishes_of",
    "wrong_addresses",
]
