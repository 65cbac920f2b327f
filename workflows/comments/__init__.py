"""What colleagues tell each other on a case, between the forms. Never edited; does not decide who may read."""

from workflows.comments.model import Comment
from workflows.comments.service import LONGEST, add, erase, of_case

__all__ = ["LONGEST", "Comment", "add", "erase", "of_case"]
