"""The number that an organisation has for a case is looked up however it is typed; also the numbers that are there.

Revision: 0031, after 0030
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_COMMENT = "the number as it is looked up: follows it by itself"


def upgrade() -> None:
    op.drop_index("ix_case_references_number", table_name="case_references")
    op.add_column("case_references", sa.Column("key", sa.String(length=40), nullable=True, comment=_COMMENT))
    references = sa.table(
        "case_references", sa.column("id", sa.Uuid()), sa.column("number", sa.String()), sa.column("key", sa.String())
    )
    connection = op.get_bind()
    found = connection.execute(sa.select(references.c.id, references.c.number)).all()
    for one in found:
        connection.execute(sa.update(references).where(references.c.id == one.id).values(key=_key(one.number)))
    with op.batch_alter_table("case_references") as table:
        table.alter_column("key", existing_type=sa.String(length=40), existing_comment=_COMMENT, nullable=False)
    op.create_index("ix_case_references_key", "case_references", ["organisation_id", "key"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_case_references_key", table_name="case_references")
    with op.batch_alter_table("case_references") as table:
        table.drop_column("key")
    op.create_index("ix_case_references_number", "case_references", ["organisation_id", "number"], unique=False)


def _key(number: str) -> str:
    # As workflows/cases/model.py was when this was written.
    bare = unicodedata.normalize("NFKC", number).casefold()
    return ("".join(filter(str.isalnum, bare)) or "".join(bare.split()))[:40]
