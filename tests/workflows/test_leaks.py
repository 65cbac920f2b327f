"""Passwords that leaked elsewhere are found in the lists that an operator can fetch, and in nothing that is no such list."""

from __future__ import annotations

import hashlib
import random

import pytest

from workflows.accounts import Leaked
from workflows.errors import Unavailable

WORDS = [f"wachtwoord nummer {number}" for number in range(400)]


def sha(word: str) -> str:
    return hashlib.sha1(word.encode()).hexdigest().upper()


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("counted", [True, False])
def test_every_word_of_a_sorted_file_is_found_and_no_other(tmp_path, ending, counted):
    seed = random.randrange(10**9)
    print("seed", seed)
    draw = random.Random(seed)
    listed, path = draw.sample(WORDS, draw.choice((1, 2, 3, 50, 201))), tmp_path / "leaks.txt"
    lines = [sha(word) + (f":{draw.randrange(1, 10**7)}" if counted else "") for word in listed]
    lines.append("0" * 40 + ":1")
    path.write_bytes(ending.join(sorted(lines)).encode() + draw.choice(("", ending)).encode())

    assert Leaked(path).problem() is None
    assert {word for word in WORDS if Leaked(path).holds(word)} == set(listed)


def test_a_folder_of_ranges_is_read_one_range_at_a_time_and_padding_does_not_count(tmp_path):
    known, padded = WORDS[0], WORDS[1]
    for word, count in ((known, 7), (padded, 0)):
        (tmp_path / f"{sha(word)[:5]}.txt").write_text(f"{'0' * 35}:2\r\n{sha(word)[5:].lower()}:{count}\r\n")

    leaked = Leaked(tmp_path)

    assert leaked.problem() is None
    assert leaked.holds(known)
    assert not leaked.holds(padded)
    with pytest.raises(Unavailable):
        leaked.holds(WORDS[2])  # its range is missing: the list is not whole


def test_what_is_no_list_is_told_before_anything_starts_and_a_list_that_went_away_lets_nobody_choose(tmp_path):
    (tmp_path / "words.txt").write_text("wachtwoord\n")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "folder").mkdir()
    for name in ("words.txt", "empty.txt", "folder", "absent"):
        assert Leaked(tmp_path / name).problem(), name
    with pytest.raises(Unavailable):
        Leaked(tmp_path / "absent").holds("x")
