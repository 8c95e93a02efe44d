"""Reports in a database: SQLite by default, PostgreSQL for replicas. Everything here blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from checker.core.errors import ReportsUnavailable
from checker.reports.report import Report, ReportKind, Summary, median_age

__all__ = ["REPORTS", "ReportStore", "StoredReport"]

_PATIENCE_SECONDS = 5
"""Time-out for a connection, a lock or a statement; after that the database counts as unavailable."""

REPORTS = sa.Table(
    "reports",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("host", sa.String(253), nullable=False),
    sa.Column("verdict", sa.String(10), nullable=False),
    sa.Column("note", sa.String(500), nullable=False),
    sa.Column("list_version", sa.String(64), nullable=False),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("closed_day", sa.Date, nullable=True),
)
"""``count`` people reported the same: kind, host, verdict and note. ``list_version`` is from the latest of them."""

_MIGRATING = Lock()
"""Alembic keeps the running migration in a global variable."""

_SAME = [REPORTS.c.kind, REPORTS.c.host, REPORTS.c.verdict, REPORTS.c.note]
_OPEN = REPORTS.c.closed_day.is_(None)


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report as a maintainer sees it."""

    id: int
    kind: str
    host: str
    verdict: str
    note: str
    list_version: str
    first_day: date
    last_day: date
    count: int
    closed_day: date | None


class ReportStore:
    """The reports in one database. Every method raises ReportsUnavailable while the database does not answer, and
    works again as soon as it does."""

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        self._file = Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None
        if self._file:
            # No pool: an open connection would keep writing to a file that has been removed.
            self._engine = sa.create_engine(parsed, poolclass=NullPool, connect_args={"timeout": _PATIENCE_SECONDS})
            sa.event.listen(self._engine, "connect", _set_up_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)
        else:
            self._engine = sa.create_engine(
                parsed,
                pool_pre_ping=True,
                pool_timeout=_PATIENCE_SECONDS,
                connect_args={
                    "connect_timeout": _PATIENCE_SECONDS,
                    "options": f"-c statement_timeout={_PATIENCE_SECONDS}s -c lock_timeout={_PATIENCE_SECONDS}s",
                },
            )
        self._insert = sqlite.insert if self._file else postgresql.insert
        self._migrated = False

    def add(self, report: Report) -> None:
        """Store a report, or count it on the open report that says the same."""
        new = self._insert(REPORTS).values(
            kind=report.kind.value,
            host=report.host,
            verdict=report.verdict,
            note=report.note,
            list_version=report.list_version,
            first_day=report.day,
            last_day=report.day,
            count=1,
        )
        with self._transaction() as connection:
            connection.execute(
                new.on_conflict_do_update(
                    index_elements=_SAME,
                    index_where=_OPEN,
                    set_={
                        "count": REPORTS.c.count + 1,
                        "last_day": new.excluded.last_day,
                        "list_version": new.excluded.list_version,
                    },
                )
            )

    def find(self, *, kind: ReportKind | None = None, closed: bool = False) -> list[StoredReport]:
        """Open reports, or closed ones, sorted by how many people filed them, most first."""
        query = sa.select(REPORTS).where(~_OPEN if closed else _OPEN)
        if kind is not None:
            query = query.where(REPORTS.c.kind == kind.value)
        with self._transaction() as connection:
            rows = connection.execute(query.order_by(REPORTS.c.count.desc(), REPORTS.c.id)).all()
        return [StoredReport(**row._mapping) for row in rows]

    def get(self, number: int) -> StoredReport | None:
        """The report with this number; None if there is none."""
        with self._transaction() as connection:
            row = connection.execute(sa.select(REPORTS).where(REPORTS.c.id == number)).one_or_none()
        return None if row is None else StoredReport(**row._mapping)

    def close(self, number: int, day: date) -> bool:
        """Close an open report; False if no open report has this number."""
        with self._transaction() as connection:
            closed = connection.execute(
                sa.update(REPORTS).where(REPORTS.c.id == number, _OPEN).values(closed_day=day)
            ).rowcount
        return closed == 1

    def forget(self, before: date) -> int:
        """Delete every report last filed before this day; returns how many."""
        with self._transaction() as connection:
            return connection.execute(sa.delete(REPORTS).where(REPORTS.c.last_day < before)).rowcount

    def counts(self) -> dict[str, tuple[int, int]]:
        """For each kind, the number of open reports and of people who filed them."""
        query = sa.select(REPORTS.c.kind, sa.func.count(), sa.func.sum(REPORTS.c["count"])).where(_OPEN)
        with self._transaction() as connection:
            rows = connection.execute(query.group_by(REPORTS.c.kind)).all()
        by_kind = {kind: (reports, people) for kind, reports, people in rows}
        return {str(kind): by_kind.get(kind, (0, 0)) for kind in ReportKind}

    def summary(self, today: date) -> Summary:
        """How many reports are open, and how long they have been."""
        query = sa.select(REPORTS.c.first_day, sa.func.count()).where(_OPEN).group_by(REPORTS.c.first_day)
        with self._transaction() as connection:
            by_day = [(day, number) for day, number in connection.execute(query)]
        return Summary(sum(number for _, number in by_day), median_age(by_day, today))

    def dispose(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            self._migrate()
            with self._engine.begin() as connection:
                yield connection
        except (sa.exc.SQLAlchemyError, CommandError, OSError) as error:
            # The error's message may contain values from the report; its type cannot.
            raise ReportsUnavailable(type(getattr(error, "orig", None) or error).__name__) from None

    def _migrate(self) -> None:
        """Bring the tables up to date: once, and again if the file has disappeared."""
        if self._migrated and (self._file is None or self._file.exists()):
            return
        with _MIGRATING:
            if self._file:
                self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._file.touch(mode=0o600)
            config = Config()
            config.set_main_option("script_location", "checker.reports:migrations")
            with self._engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
            self._migrated = True


def _set_up_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not begin transactions; ``_begin_sqlite`` does
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # Take the write lock now: a transaction that starts as a reader fails if it has to wait for the lock later.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
