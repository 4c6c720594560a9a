"""One SQLite file, shared by threads and by processes of which one writes."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import StoreError

Connection = sqlite3.Connection


class Database:
    """A connection for each thread; what goes wrong is a StoreError that names the file."""

    def __init__(self, path: Path, name: str = "database") -> None:
        """Nothing is opened yet; `name` is what errors call it."""
        self.path = path
        self._called = f"the {name} {path}"
        self._local = threading.local()
        self._connections: list[Connection] = []

    @property
    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            try:
                connection = sqlite3.connect(self.path, timeout=30, check_same_thread=False)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
            except sqlite3.Error as error:
                raise StoreError(f"{self._called} cannot be opened: {error}") from error
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it, or none."""
        try:
            with self._connection as connection:
                yield connection
        except sqlite3.Error as error:
            raise StoreError(f"{self._called} cannot be written: {error}") from error

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a query gives."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self._called} cannot be read: {error}") from error

    def prepare(self, table: str, statements: Sequence[str]) -> None:
        """Runs the statements once, in one transaction, where the file does not have the table yet."""
        known = "SELECT 1 FROM sqlite_master WHERE name = ?"
        if self.rows(known, (table,)):
            return
        with self.writing() as connection:
            # Another process may have done it while this one waited for its turn.
            connection.execute("BEGIN IMMEDIATE")
            if not self.rows(known, (table,)):
                for statement in statements:
                    connection.execute(statement)

    def close(self) -> None:
        """Closes the connections of all threads."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._local = threading.local()
