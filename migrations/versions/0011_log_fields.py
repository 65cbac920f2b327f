"""A line of the logbook says everything that NEN 7513 asks and that cannot be derived from the rest of it.

The new columns are empty in lines that are there: those keep the hash that they were sealed with, under the first list
of hashed fields. New lines say under which list they were written.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

LOGS = (("log_changes", None), ("log_reads", "reads"))


def columns():
    return (
        sa.Column("hash_version", sa.Integer(), nullable=True, comment="which list of fields is hashed; empty: the first"),
        sa.Column(
            "ground", sa.String(length=40), nullable=True, comment="ground on which secrecy was broken, if it was"
        ),
        sa.Column("consent_profile", sa.Text(), nullable=True, comment="ids of the consents that allowed it"),
        sa.Column(
            "relation", sa.String(length=120), nullable=True, comment="what connected the user with the subject"
        ),
        sa.Column(
            "compartments", sa.String(length=60), nullable=True, comment="kinds of data that were there to see"
        ),
        sa.Column(
            "policy", sa.String(length=16), nullable=True, comment="digest of the rules of access that decided"
        ),
        sa.Column("access_point", sa.String(length=80), nullable=True, comment="id of the sign-in or token"),
        sa.Column(
            "second_factor", sa.Boolean(), nullable=True, comment="confirmed with something the user has"
        ),
    )  # fmt: skip


def upgrade() -> None:
    for table, schema in LOGS:
        for column in columns():
            op.add_column(table, column, schema=schema)


def downgrade() -> None:
    for table, schema in LOGS:
        for column in reversed(columns()):
            op.drop_column(table, column.name, schema=schema)
