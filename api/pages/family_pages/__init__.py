"""The pages of the family itself, under ``/mijn``: for a parent on a telephone, in plain words and in their own language.

They carry no script: everything is a page, a link or a form. Who asks is looked up by ``family_auth.parent``; what may be
seen is the method's to say.
"""

from api.pages.family_pages import views
from api.pages.family_pages.shape import register

__all__ = ["register", "views"]
