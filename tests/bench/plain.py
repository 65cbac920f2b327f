"""What a completion is compared with: Flask and the ORM with as many reads and writes, without engine, access or forms.

``POST /plain`` reads and writes as many rows, in as many statements, as ``STEUN_BENCH_COUNTS`` says; ``POST /bare``
writes one row. Both parse the same JSON body and commit once, on the same kind of transaction.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from uuid import UUID, uuid4

from flask import Flask, request
from granian import Granian
from granian.constants import Interfaces
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.conftest import VAULT
from workflows.db import Database

ROWS = 200


class Base(DeclarativeBase):
    """Apart from the house's own tables."""


class Row(Base):
    """A row of an ordinary size."""

    __tablename__ = "bench_rows"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]


def fill(database: Database) -> None:
    """The table, and rows to read."""
    Base.metadata.create_all(database.engine)
    with database.writing() as session:
        session.add_all(_row(number) for number in range(ROWS))


def _row(number: int) -> Row:
    return Row(number=number, kind="bench", text="x" * 200, at=datetime.now(UTC).replace(tzinfo=None))


def application() -> Flask:
    """Both requests."""
    app = Flask("bench")
    database = Database(os.environ["STEUN_DATABASE_URL"], vault=VAULT, house=True)
    counts = json.loads(os.environ["STEUN_BENCH_COUNTS"])

    @app.post("/plain")
    def plain() -> tuple[dict[str, str], int]:
        assert request.get_json()["answers"]
        with database.writing() as session:
            start = hash(request.headers["Idempotency-Key"]) % ROWS
            found = [
                session.scalars(select(Row).where(Row.number == (start + step) % ROWS)).first()
                for step in range(counts["selects"])
            ]
            for row in found[: counts["updates"]]:
                assert row is not None
                row.text = f"{request.headers['Idempotency-Key']:200}"
                session.flush()
            rows, statements = counts["inserted"], counts["inserts"]
            for step in range(statements):
                share = rows // statements + (step < rows % statements)
                session.add_all(added := [_row(ROWS + step) for _ in range(share)])
                session.flush()
            return {"id": str(added[0].id)}, 201

    @app.post("/bare")
    def bare() -> tuple[dict[str, str], int]:
        assert request.get_json()["answers"]
        with database.writing() as session:
            session.add(row := _row(ROWS))
            session.flush()
            return {"id": str(row.id)}, 201

    @app.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "live"}

    return app


def main() -> None:
    """Serve on ``STEUN_PORT``, with the same server and as many processes and threads as the house."""
    Granian(
        "tests.bench.plain:application",
        factory=True,
        port=int(os.environ["STEUN_PORT"]),
        interface=Interfaces.WSGI,
        workers=int(os.environ["STEUN_WORKERS"]),
        blocking_threads=int(os.environ["STEUN_THREADS"]),
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
