"""How a name is compared, however it was typed: accents, spelling by ear, ‘van’ and ‘de’, a slip of the finger. Pure.

Made for the names of this region: Dutch ones, and Turkish, Polish and Arabic ones in Latin letters, which people write in
as many ways as they hear them. A stored name has a few *keys*, pieces of how its words sound; a typed name finds by them
the names that may be meant, and :func:`likeness` says how much each is like it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

#: Words between names that people leave out, write together or put elsewhere.
PARTICLES = frozenset(
    [
        "van",
        "de",
        "der",
        "den",
        "het",
        "ter",
        "ten",
        "te",
        "op",
        "in",
        "aan",
        "bij",
        "t",
        "s",
        "el",
        "al",
        "la",
        "le",
        "di",
        "da",
        "dos",
        "ben",
        "bin",
        "ibn",
        "bint",
        "abu",
        "aboe",
        "von",
        "zu",
    ]
)
#: Letters that have no accent to take off.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ß": "ss"})
#: As it sounds, one after the other; what is on the right is not a spelling but a sign for a sound.
_SOUNDS = (
    (re.compile("sch|tsj|sj|sh|sz|cz|ts|tz"), "s"),
    (re.compile("kh|gh|ch"), "g"),
    (re.compile("dj|dzj|zj|ij|y|j"), "i"),
    (re.compile("ck|c|q"), "k"),
    (re.compile("ph|v|w"), "f"),
    (re.compile("x"), "ks"),
    (re.compile("rz|z"), "s"),
    (re.compile("th|dt"), "t"),
    (re.compile("oe|ou|au|eau|oo"), "u"),
    (re.compile("[ae]i|ie|ee|ea"), "i"),
    (re.compile("d$"), "t"),
    (re.compile("(?<=[^aeiou])h|h$"), ""),
)
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = frozenset("aeiou")
#: Words longer than this are compared by their first letters; no name is, and it bounds the work.
_LONGEST = 24
#: A word that was typed in part counts from here on.
_SHORTEST_PART = 3
#: From here on a word is long: it may hold two slips, and its ends are three sounds.
_LONG = 6
#: Of as many typed words one may be missing.
_MANY = 3


def words(name: str) -> list[str]:
    """A name without capitals, accents and signs: ‘Noor  de Vries-Jansén’ → noor, de, vries, jansen."""
    bare = unicodedata.normalize("NFKD", name.casefold().replace("'", "").replace("’", ""))
    return re.findall(r"\w+", "".join(one for one in bare if not unicodedata.combining(one)).translate(_LETTERS))


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """How a word of :func:`words` sounds, roughly: Dijck and van Dyk's last word are one, and so are Fatima and Phatima."""
    heard = word[:_LONGEST]
    for spelling, sign in _SOUNDS:
        heard = spelling.sub(sign, heard)
    return _DOUBLED.sub(r"\1", heard) or word[:_LONGEST]


def keys(name: str) -> frozenset[str]:
    """By which pieces of a stored name it is found: how each word begins and ends, and its consonants."""
    return frozenset(key for _, heard in _stored(words(name)) for key in _keys(heard, (len(heard) >= _LONG,)))


def wanted_keys(name: str) -> frozenset[str]:
    """The keys of a typed name: a name that is meant has at least one of them, also after one slip or when only the
    beginning was typed."""
    return frozenset().union(*wanted_by_word(name))


def wanted_by_word(name: str) -> list[frozenset[str]]:
    """The same for each typed word by itself; a lone letter says too little to ask for, unless nothing else was typed. Words
    that may be one name in two pieces have the consonants of that name as well."""
    asked = [[heard for _, heard in ways] for ways in _asked(words(name))]
    telling = [ways for ways in asked if len(ways[0]) > 1] or asked
    whole = _consonants(sound("".join(words(name))))
    return [frozenset(key for heard in ways for key in _keys(heard, (False, True))) | whole for ways in telling]


def likeness(typed: str, name: str) -> float:
    """How much a name is like what was typed: 1 for the same, 0 for another name. Every word that was typed has to be in
    it, more or less; of three or more words one may be missing."""
    mine, theirs = words(typed), words(name)
    asked, there = _asked(mine), _stored(theirs)
    if not asked or not there:
        return 0.0
    if sorted(mine) == sorted(theirs) or "".join(mine) == "".join(theirs):
        return 1.0
    found = [max(_alike(one, other) for one in ways for other in there) for ways in asked]
    missing = sum(1 for one in found if one == 0)
    if missing > (1 if len(asked) >= _MANY else 0):
        return 0.0
    return min(0.99, sum(found) / len(found))


#: As it is written and as it sounds: a slip in a sound of two letters breaks the sound, not the word.
_Word = tuple[str, str]


def _word(written: str) -> _Word:
    return written[:_LONGEST], sound(written)


def _asked(every: Sequence[str]) -> list[list[_Word]]:
    """Each word of a typed name, and with the particles before it written to it: ali, benali."""
    found: list[list[_Word]] = []
    before = ""
    for word in every:
        if word in PARTICLES:
            before += word
            continue
        found.append([_word(word), _word(before + word)] if before else [_word(word)])
        before = ""
    return found or [[_word(word)] for word in every]


def _stored(every: Sequence[str]) -> list[_Word]:
    """Every word of a stored name, also with its particles; of two words, also both as one."""
    found = [word for ways in _asked(every) for word in ways]
    return [*found, _word("".join(every))] if len(every) == 2 else found


def _keys(heard: str, sizes: Iterable[bool]) -> set[str]:
    found = set()
    for long in sizes:
        size = 3 if long else 2
        found |= {f"^{heard[:size]}", f"{heard[-size:]}$"}
    return found | _consonants(heard)


def _consonants(heard: str) -> set[str]:
    left = "".join(one for one in heard if one not in _VOWELS)
    return {_DOUBLED.sub(r"\1", left)[:8]} if len(left) > 1 else set()


@lru_cache(maxsize=65536)
def _alike(typed: _Word, there: _Word) -> float:
    return max(_near(mine, other) for mine, other in zip(typed, there, strict=True))


def _near(typed: str, there: str) -> float:
    if typed == there:
        return 1.0
    if len(typed) == 1:
        return 0.7 if there.startswith(typed) else 0.0  # an initial
    longest = max(len(typed), len(there))
    allowed = 0 if longest < 3 else 1 if longest < _LONG else 2
    distance = _distance(typed, there, allowed)
    if distance <= allowed:
        return 0.95 - 0.35 * distance / max(allowed, 1) * min(1.0, 4 / longest)
    return 0.75 if len(typed) >= _SHORTEST_PART and there.startswith(typed) else 0.0


def _distance(one: str, two: str, limit: float) -> float:
    """Letters to change, add, leave out or swap; a vowel for a vowel is half a letter. Above *limit*: any larger number."""
    if abs(len(one) - len(two)) > limit:
        return limit + 1
    rows: list[Sequence[float]] = [range(len(two) + 1)]
    for i, mine in enumerate(one, 1):
        row: list[float] = [float(i)]
        for j, other in enumerate(two, 1):
            cost = 0.0 if mine == other else 0.5 if mine in _VOWELS and other in _VOWELS else 1.0
            best = min(rows[-1][j] + 1, row[j - 1] + 1, rows[-1][j - 1] + cost)
            if i > 1 and j > 1 and mine == two[j - 2] and one[i - 2] == other:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        if min(row) > limit:
            return limit + 1
        rows.append(row)
    return rows[-1][-1]
