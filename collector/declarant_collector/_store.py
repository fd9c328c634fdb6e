"""Everything received, in SQLite: one writer thread, batched commits, readers that see all of it.

Owns the tables. Knows nothing of HTTP; keeps no instrumentation key (rows are made with every key
cut to its tenant token).
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from declarant_collector._rows import (
    ADD_EVENT,
    ADD_REQUEST,
    Record,
    event_rows,
    read_event,
    read_request,
    request_row,
    unpacked,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from declarant_collector._rows import StoredEvent, StoredRequest

__all__ = ["Store"]

_APPLICATION_ID = 0x44434C52
_VERSION = 1
_WRITE_INTERVAL_S = 0.02
"""Longest wait of a record for its commit, in seconds."""

_MAX_PENDING = 1024
"""Records that may wait for the writer; beyond, requests wait instead of memory growing."""

_TABLES = """
CREATE TABLE requests (
    number INTEGER PRIMARY KEY, time TEXT NOT NULL, method TEXT NOT NULL, target TEXT NOT NULL,
    tenants TEXT NOT NULL, headers TEXT NOT NULL, wire_bytes INTEGER NOT NULL,
    decoded_bytes INTEGER NOT NULL, status INTEGER NOT NULL, collector_error TEXT NOT NULL,
    answer TEXT NOT NULL, scripted INTEGER NOT NULL, violations TEXT NOT NULL);
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, request INTEGER NOT NULL, place INTEGER NOT NULL,
    name TEXT NOT NULL, tenant TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL,
    text TEXT NOT NULL, violations TEXT NOT NULL);
CREATE INDEX events_by_outcome ON events (outcome, id);
CREATE INDEX events_by_name ON events (name, id);
"""


class Store:
    """The collector's memory. Safe to share between threads."""

    def __init__(self, path: Path | None) -> None:
        """Open or create a database.

        Args:
            path: The file; None keeps everything in a private temporary one.

        Raises:
            ValueError: The file is a database of something else.
            sqlite3.Error: The file cannot be opened.
        """
        # An empty name is SQLite's temporary database: bounded memory, gone when closed.
        self._db = sqlite3.connect(
            "" if path is None else path, check_same_thread=False, isolation_level=None
        )
        self._lock = threading.Lock()
        self._failure: sqlite3.Error | None = None
        self._is_closed = False
        try:
            self._prepare(path)
        except BaseException:
            self._db.close()
            raise
        row = self._db.execute("SELECT coalesce(max(number), 0) FROM requests").fetchone()
        self.last_number = int(row[0])
        self._pending: deque[Record | threading.Event] = deque()
        self._wake = threading.Event()
        self._writer = threading.Thread(target=self._write, name="collector-store", daemon=True)
        self._writer.start()

    def _prepare(self, path: Path | None) -> None:
        (application,) = self._db.execute("PRAGMA application_id").fetchone()
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables:
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if (application, version) != (_APPLICATION_ID, _VERSION):
                raise ValueError(f"{path}: expected a collector's database, found another; move it")
            return
        if path is not None:
            self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_TABLES)
        self._db.execute(f"PRAGMA application_id={_APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version={_VERSION}")

    def put(self, record: Record) -> None:
        """Hand over a record; it is visible to every later read."""
        self._pending.append(record)
        if len(self._pending) > _MAX_PENDING:
            self._drain()

    def close(self) -> None:
        """Write what waits and close the database; reading is over then."""
        self._is_closed = True
        self._wake.set()
        self._writer.join()
        self._db.close()

    def reset(self) -> None:
        """Forget everything; numbers and ids go on, so that none is used twice."""
        self._drain()
        with self._lock:
            self._db.execute("BEGIN")
            self._db.execute("DELETE FROM events")
            self._db.execute("DELETE FROM requests")
            self._db.execute("COMMIT")

    def events(
        self, *, outcomes: Sequence[str], name: str | None = None, since: int = 0, limit: int = -1
    ) -> list[StoredEvent]:
        """Return events in the order received.

        Args:
            outcomes: Which outcomes to return.
            name: Only events of that name, if given.
            since: Only events with a greater id.
            limit: At most so many; negative for all.
        """
        marks = ",".join("?" * len(outcomes))
        where = f"outcome IN ({marks}) AND id > ?" + (" AND name = ?" if name is not None else "")
        query = f"SELECT * FROM events WHERE {where} ORDER BY id LIMIT ?"  # noqa: S608 - marks only
        named = [] if name is None else [name]
        rows = self._read(query, [*outcomes, since, *named, limit])
        return [read_event(row) for row in rows]

    def requests(
        self, *, since: int = 0, limit: int = -1, refused: bool = False
    ) -> list[StoredRequest]:
        """Return requests with a number above *since*, in order.

        Args:
            since: Only later numbers.
            limit: At most so many; negative for all.
            refused: Only those with something wrong about the request as a whole.
        """
        where = "number > ?" + (" AND violations != '[]'" if refused else "")
        query = f"SELECT * FROM requests WHERE {where} ORDER BY number LIMIT ?"  # noqa: S608 - fixed text
        rows = self._read(query, [since, limit])
        return [read_request(row) for row in rows]

    def counts(self) -> dict[str, object]:
        """Return the number of requests and of events by outcome, name and rule."""
        (requests,) = self._read("SELECT count(*) FROM requests", [])[0]
        totals = dict.fromkeys(("accepted", "rejected", "discarded", "unsettled"), 0)
        by_name: dict[str, dict[str, int]] = {}
        query = "SELECT name, outcome, count(*) FROM events GROUP BY 1, 2 ORDER BY 1, 2"
        for name, outcome, count in self._read(query, []):
            totals[outcome] += count
            by_name.setdefault(name, {})[outcome] = count
        by_rule: dict[str, int] = {}
        query = "SELECT violations, count(*) FROM events WHERE violations != '[]' GROUP BY 1"
        for text, count in self._read(query, []):
            for rule in {each.rule for each in unpacked(text)}:
                by_rule[rule] = by_rule.get(rule, 0) + count
        return {
            "requests": requests,
            **totals,
            "by_name": by_name,
            "by_rule": dict(sorted(by_rule.items())),
        }

    # sqlite3 rows are tuples of whatever the columns hold.
    def _read(self, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        self._drain()
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def _drain(self) -> None:
        if self._is_closed:
            raise ValueError("store: expected an open store, got a closed one; read before closing")
        written = threading.Event()
        self._pending.append(written)
        self._wake.set()
        while not written.wait(1.0):
            if not self._writer.is_alive():
                raise ValueError("store: closed while it was being read")
        if self._failure is not None:
            raise self._failure

    def _write(self) -> None:
        while not (self._is_closed and not self._pending):
            # Waking for each record would cost a switch of threads per request.
            self._wake.wait(_WRITE_INTERVAL_S)
            self._wake.clear()
            batch = [self._pending.popleft() for _ in range(len(self._pending))]
            try:
                self._commit([each for each in batch if isinstance(each, Record)])
            except sqlite3.Error as error:
                # Kept for the next reader, who is the one that misses the rows.
                self._failure = error
            for each in batch:
                if isinstance(each, threading.Event):
                    each.set()

    def _commit(self, records: list[Record]) -> None:
        if not records:
            return
        with self._lock:
            self._db.execute("BEGIN")
            try:
                self._db.executemany(ADD_REQUEST, map(request_row, records))
                self._db.executemany(
                    ADD_EVENT, (row for record in records for row in event_rows(record))
                )
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
