"""Files with a case, such as a letter or a photo: which kinds, who may read each, and that row and file go together."""

from workflows.attachments.model import Attachment, AttachmentKind, file_about
from workflows.attachments.rules import Prepared, may_read, prepare, writable
from workflows.attachments.service import (
    Swept,
    add,
    broken,
    content,
    erase,
    find,
    let_go,
    of_case,
    remove,
    standing,
    sweep,
)

__all__ = [
    "Attachment",
    "AttachmentKind",
    "Prepared",
    "Swept",
    "add",
    "broken",
    "content",
    "erase",
    "file_about",
    "find",
    "let_go",
    "may_read",
    "of_case",
    "prepare",
    "remove",
    "standing",
    "sweep",
    "writable",
]
