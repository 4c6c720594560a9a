"""Share one SQLite file between threads and processes; read it also where it may not be written."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rag.errors import StoreError
from rag.storage.private_copies import PrivateCopy

Connection = sqlite3.Connection
Signature = tuple[tuple[int, int, int] | None, ...]
"""By what is seen that a file, or the log beside it, has changed."""

_UNWRITABLE = {"SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_PERM"}
"""What SQLite says where it may not write, or has no room to; it writes even to read what has a log beside it."""
_FIXED = {*_UNWRITABLE, "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_NOMEM", "SQLITE_NOTADB", "SQLITE_ERROR"}
"""Errors whose text is SQLite's own; of others it may repeat what stands in the file."""


class Database:
    """A connection for each thread; what goes wrong is a StoreError that names the file.

    A file that may not be written, or has no room beside it, is read as it stands, or in a private copy where a log
    beside it is not in it yet. Either is opened anew when the file has changed.
    """

    def __init__(self, path: Path, name: str = "database") -> None:
        """Nothing is opened yet; `name` is what errors call it."""
        self.path = path
        self._called = f"the {name} {path}"
        self._local = threading.local()
        self._connections: list[Connection] = []
        self._copying = threading.RLock()
        self._copy: PrivateCopy | None = None
        self._copied: Signature = ()

    @property
    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        seen: Signature | None = getattr(self._local, "seen", None)
        if connection is not None and seen is not None and seen != self._signature():
            self._disconnect()
            connection = None
        return self._open(self._connect_to_read) if connection is None else connection

    def _open(self, connect: Callable[[], tuple[Connection, Signature | None]]) -> Connection:
        """Open this thread's connection."""
        try:
            connection, self._local.seen = connect()
        except sqlite3.Error as error:
            raise StoreError(f"{self._called} cannot be opened: {_said(error)}") from error
        self._local.connection = connection
        self._connections.append(connection)
        return connection

    def _disconnect(self) -> None:
        connection: Connection = self._local.connection
        self._local.connection = self._local.seen = None
        self._connections.remove(connection)
        connection.close()

    def _connect_to_read(self) -> tuple[Connection, Signature | None]:
        """A connection to the private copy, where there is one of the file as it is: it may have been upgraded."""
        with self._copying:
            signature = self._signature()
            if self._copy is not None and self._copied == signature:
                return _opened(str(self._copy.folder / self.path.name)), signature
        return self._connect()

    def _connect(self) -> tuple[Connection, Signature | None]:
        """A connection, and by what is seen that it must be opened anew: None for one that sees all changes."""
        try:
            return _opened(str(self.path)), None
        except sqlite3.OperationalError as error:
            if not (_is_unwritable(error) and self.path.is_file()):
                raise
            signature = self._signature()
            if (log := signature[1]) is None or not log[1]:
                # Nothing is beside the file, so that it is whole without the log.
                with suppress(sqlite3.OperationalError):
                    return _opened(f"file:{quote(str(self.path))}?mode=ro&immutable=1"), signature
            return _opened(str(self._copied_at(signature, error))), signature

    def _copied_at(self, signature: Signature, trouble: sqlite3.Error) -> Path:
        """The file in a private copy of what it is now, made once for all threads."""
        with self._copying:
            if self._copy is None or self._copied != signature:
                log = self.path.with_name(self.path.name + "-wal")
                try:
                    copy = PrivateCopy([self.path, *([log] if log.exists() else [])])
                except OSError as error:
                    why = f"{_said(trouble)}; nor can it be copied: {error.strerror or error}"
                    raise StoreError(f"{self._called} cannot be opened: {why}") from error
                self._discard_copy()
                self._copy, self._copied = copy, signature
            return self._copy.folder / self.path.name

    def _discard_copy(self) -> None:
        if self._copy is not None:
            self._copy.remove()
        self._copy = None

    def _signature(self) -> Signature:
        found: list[tuple[int, int, int] | None] = []
        for path in (self.path, self.path.with_name(self.path.name + "-wal")):
            try:
                status = os.stat(path)
                found.append((status.st_mtime_ns, status.st_size, status.st_ino))
            except OSError:
                found.append(None)
        return tuple(found)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it, or none."""
        connection = self._connection
        if self._local.seen is not None:
            # It may be writable again; a copy must not be written, since nobody else would see it.
            self._disconnect()
            connection = self._open(self._connect)
            if self._local.seen is not None:
                raise StoreError(f"{self._called} may not be written; make room or change the permissions, then repeat")
        with self._transaction(connection):
            yield connection

    @contextmanager
    def _transaction(self, connection: Connection) -> Iterator[None]:
        try:
            with connection:
                yield
        except sqlite3.Error as error:
            raise StoreError(f"{self._called} cannot be written: {_said(error)}") from error

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a query gives."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self._called} cannot be read: {_said(error)}") from error

    def prepare(self, table: str, statements: Sequence[str]) -> None:
        """Runs the statements once, in one transaction, where the file does not have the table yet."""
        known = "SELECT 1 FROM sqlite_master WHERE name = ?"
        if not self.rows(known, (table,)):
            self.upgrade(lambda: [] if self.rows(known, (table,)) else statements)

    def upgrade(self, missing: Callable[[], Sequence[str]]) -> None:
        """Run the statements that are missing in one transaction.

        Where the file may not be written, they are run on a private copy, which is read from then on.
        """
        try:
            with self.writing() as connection:
                _run(connection, missing)
        except StoreError as error:
            cause = error.__cause__
            seen = getattr(self._local, "seen", None)
            if not (seen is not None or (isinstance(cause, sqlite3.Error) and _is_unwritable(cause))):
                raise
            if getattr(self._local, "connection", None) is not None:
                self._disconnect()
            signature = self._signature()
            connection = sqlite3.connect(
                self._copied_at(signature, sqlite3.OperationalError("it may not be written")), check_same_thread=False
            )
            self._local.connection, self._local.seen = connection, signature
            self._connections.append(connection)
            with self._transaction(connection):
                _run(connection, missing)

    def close(self) -> None:
        """Closes the connections of all threads."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._local = threading.local()
        self._discard_copy()


def _opened(name: str) -> Connection:
    connection = sqlite3.connect(name, timeout=30, check_same_thread=False, uri=name.startswith("file:"))
    try:
        if not name.startswith("file:"):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        # What a stranger put into the schema may call no function that does more than reckon.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _run(connection: Connection, missing: Callable[[], Sequence[str]]) -> None:
    # Another process may have run them while this one waited for its turn.
    connection.execute("BEGIN IMMEDIATE")
    for statement in missing():
        connection.execute(statement)


def _is_unwritable(error: sqlite3.Error) -> bool:
    return any(_name(error).startswith(name) for name in _UNWRITABLE)


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or ""


def _said(error: sqlite3.Error) -> str:
    """What SQLite says, without what it repeats of the file's own text."""
    name, said = _name(error), str(error)
    if said.startswith("malformed database schema") or (name and not any(name.startswith(one) for one in _FIXED)):
        return f"it is damaged ({name})"
    return said
