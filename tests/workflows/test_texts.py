"""What a text may hold, asked of the encoding itself."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from workflows import texts


@given(st.text(st.characters(codec=None, exclude_categories=())))
@example("Fatima\x00")
@example("half een paar: \ud83d")
@example("een heel paar: \U0001f476")
def test_a_text_can_be_kept_when_it_has_a_place_in_utf_8_and_no_nul(text):
    try:
        has_a_place = "\x00" not in text and bool(text.encode() or True)
    except UnicodeEncodeError:
        has_a_place = False

    assert texts.can_be_kept(text) == has_a_place
