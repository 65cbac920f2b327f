"""A name is found however it was typed: pieces of how its words sound, beside the name itself; also of names that are there.

Revision: 0024, after 0023
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# As workflows/families/names.py was when this was written; a later way of hearing names comes with a migration of its own.
_PARTICLES = frozenset(
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
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ß": "ss"})
_SOUNDS = (
    ("sch|tsj|sj|sh|sz|cz|ts|tz", "s"),
    ("kh|gh|ch", "g"),
    ("dj|dzj|zj|ij|y|j", "i"),
    ("ck|c|q", "k"),
    ("ph|v|w", "f"),
    ("x", "ks"),
    ("rz|z", "s"),
    ("th|dt", "t"),
    ("oe|ou|au|eau|oo", "u"),
    ("[ae]i|ie|ee|ea", "i"),
    ("d$", "t"),
    ("(?<=[^aeiou])h|h$", ""),
)


def upgrade() -> None:
    keys = op.create_table(
        "name_keys",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["family_members.id"], name=op.f("fk_name_keys_member_id_family_members")
        ),
        sa.PrimaryKeyConstraint("member_id", "key", name=op.f("pk_name_keys")),
    )
    members = sa.table("family_members", sa.column("id", sa.Uuid()), sa.column("name", sa.String()))
    connection = op.get_bind()
    for each in connection.execute(sa.select(members.c.id, members.c.name)).partitions(500):
        rows = [{"member_id": one.id, "key": key} for one in each for key in sorted(_keys(one.name))]
        if rows:
            op.bulk_insert(keys, rows)
    op.create_index("ix_name_keys_key", "name_keys", ["key", "member_id"])


def downgrade() -> None:
    op.drop_table("name_keys")


def _keys(name: str) -> set[str]:
    found = set()
    for heard in _stored(name):
        size = 3 if len(heard) >= 6 else 2
        found |= {f"^{heard[:size]}", f"{heard[-size:]}$"}
        consonants = "".join(one for one in heard if one not in "aeiou")
        if len(consonants) > 1:
            found.add(re.sub(r"(.)\1+", r"\1", consonants)[:8])
    return found


def _stored(name: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", name.casefold().replace("'", "").replace("’", ""))
    words = re.findall(r"\w+", "".join(one for one in bare if not unicodedata.combining(one)).translate(_LETTERS))
    found, before = [], ""
    for word in words:
        if word in _PARTICLES:
            before += word
            continue
        found += [_sound(word), _sound(before + word)] if before else [_sound(word)]
        before = ""
    found = found or [_sound(word) for word in words]
    return [*found, _sound("".join(words))] if len(words) == 2 else found


def _sound(word: str) -> str:
    heard = word[:24]
    for spelling, sign in _SOUNDS:
        heard = re.sub(spelling, sign, heard)
    return re.sub(r"(.)\1+", r"\1", heard) or word[:24]
