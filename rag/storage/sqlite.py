"""Share one SQLite file between threads and processes; read it also where it may not be written."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from rag.errors import StoreError
from rag.storage.private_copies import PrivateCopy

Connection = sqlite3.Connection


class FileState(NamedTuple):
    """What shows that a file has changed."""

    modified_ns: int
    size: int
    inode: int


class DatabaseState(NamedTuple):
    """What shows that a file, or the log beside it, has changed; None for one that is not there."""

    file: FileState | None
    log: FileState | None


_UNWRITABLE = {"SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_PERM"}
"""What SQLite says where it may not write, or has no room to; it writes even to read what has a log beside it."""
_FIXED = {*_UNWRITABLE, "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_NOMEM", "SQLITE_NOTADB", "SQLITE_ERROR"}
"""Errors whose text is SQLite's own; of others it may repeat what stands in the file."""


class Database:
    """A connection for each thread; what goes wrong is a StoreError that names the file.

    A file that cannot be written, for lack of rights or of space on the disk, is read as it is; where a write-ahead
    log is beside it, a private copy of both is read. Either is opened again when the file or the log has changed.
    """

    def __init__(self, path: Path, name: str = "database") -> None:
        """Connect to the file at `path` when first used; `name` is what errors call it."""
        self.path = path
        self._name_in_errors = f"the {name} {path}"
        self._local = threading.local()
        self._handles: set[_Handle] = set()
        self._listing = threading.Lock()
        self._copying = threading.RLock()
        self._copy: PrivateCopy | None = None
        self._copied: DatabaseState | None = None

    @property
    def _handle(self) -> "_Handle":
        """The handle of this thread."""
        handle: _Handle | None = getattr(self._local, "handle", None)
        if handle is None:
            handle = self._local.handle = _Handle()
        return handle

    @contextmanager
    def _hold_connection(self) -> Iterator[Connection]:
        """Keep this thread's connection open during the block: nobody closes it meanwhile."""
        handle = self._handle
        with handle.lock:
            if handle.state is not None and handle.state != self._read_state():
                handle.close()
            yield handle.connection or self._open(handle, self._connect_to_read)

    def _open(self, handle: "_Handle", connect: Callable[[], tuple[Connection, DatabaseState | None]]) -> Connection:
        """Open the connection of this thread, whose handle is locked."""
        try:
            connection, handle.state = connect()
        except sqlite3.Error as error:
            raise StoreError(f"{self._name_in_errors} cannot be opened: {_describe(error)}") from error
        handle.connection = connection
        with self._listing:
            self._handles.add(handle)
        return connection

    def _connect_to_read(self) -> tuple[Connection, DatabaseState | None]:
        """Connect to the private copy, where there is one of the file as it is: it may have been upgraded."""
        with self._copying:
            state = self._read_state()
            if self._copy is not None and self._copied == state:
                return _open_connection(str(self._copy.folder / self.path.name)), state
        return self._connect()

    def _connect(self) -> tuple[Connection, DatabaseState | None]:
        """Connect, and return with the connection the state at which it reads: None where it sees all changes."""
        try:
            return _open_connection(str(self.path)), None
        except sqlite3.OperationalError as error:
            if not (_is_unwritable(error) and self.path.is_file()):
                raise
            state = self._read_state()
            if state.log is None or not state.log.size:
                # Nothing is beside the file, so that it is whole without the log.
                with suppress(sqlite3.OperationalError):
                    return _open_connection(f"file:{quote(str(self.path))}?mode=ro&immutable=1"), state
            return _open_connection(str(self._copy_at(state, error))), state

    def _copy_at(self, state: DatabaseState, trouble: sqlite3.Error) -> Path:
        """Return the path of a private copy of the file as it is now, made once for all threads."""
        with self._copying:
            if self._copy is None or self._copied != state:
                log = self._log_path
                try:
                    copy = PrivateCopy([self.path, *([log] if log.exists() else [])])
                except OSError as error:
                    why = f"{_describe(trouble)}; nor can it be copied: {error.strerror or error}"
                    raise StoreError(f"{self._name_in_errors} cannot be opened: {why}") from error
                self._discard_copy()
                self._copy = copy
                self._copied = state
            return self._copy.folder / self.path.name

    def _discard_copy(self) -> None:
        if self._copy is not None:
            self._copy.remove()
        self._copy = None

    def _read_state(self) -> DatabaseState:
        """Look at the file and its log, to see later whether they have changed."""
        return DatabaseState(_file_state(self.path), _file_state(self._log_path))

    @property
    def _log_path(self) -> Path:
        """SQLite's write-ahead log, beside the file."""
        return self.path.with_name(self.path.name + "-wal")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Run the block in a transaction: all of it is written, or none."""
        with self._hold_connection() as connection:
            handle = self._handle
            if handle.state is not None:
                # It may be writable again; a copy must not be written, since nobody else would see it.
                handle.close()
                connection = self._open(handle, self._connect)
                if handle.state is not None:
                    raise StoreError(
                        f"{self._name_in_errors} may not be written; make room or change the permissions, then repeat"
                    )
            with self._transaction(connection):
                yield connection

    @contextmanager
    def _transaction(self, connection: Connection) -> Iterator[None]:
        """Run the block in a transaction of a connection; StoreError where it cannot be written."""
        try:
            with connection:
                yield
        except sqlite3.Error as error:
            raise StoreError(f"{self._name_in_errors} cannot be written: {_describe(error)}") from error

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Read all the rows of a query."""
        with self._hold_connection() as connection:
            try:
                return connection.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise StoreError(f"{self._name_in_errors} cannot be read: {_describe(error)}") from error

    def prepare(self, table: str, statements: Sequence[str]) -> None:
        """Run the statements once, in one transaction, where the file does not have the table yet."""
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
            handle = self._handle
            if handle.state is None and not (isinstance(cause, sqlite3.Error) and _is_unwritable(cause)):
                raise
            with handle.lock:
                handle.close()
                connection = self._open(handle, self._connect_to_copy)
                with self._transaction(connection):
                    _run(connection, missing)

    def _connect_to_copy(self) -> tuple[Connection, DatabaseState | None]:
        """Connect to a private copy, which may be written."""
        state = self._read_state()
        path = self._copy_at(state, sqlite3.OperationalError("it may not be written"))
        return sqlite3.connect(path, check_same_thread=False), state

    def close(self) -> None:
        """Close the connections of all threads, each once its thread has finished what it reads or writes.

        A thread that uses the file later opens it again.
        """
        with self._listing:
            handles = list(self._handles)
            self._handles.clear()
        for handle in handles:
            handle.close()
        self._discard_copy()


class _Handle:
    """The connection of one thread; a caller that uses or closes it holds `lock`, since SQLite crashes otherwise."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.connection: Connection | None = None
        self.state: DatabaseState | None = None
        """That of the file when it was opened, None for a connection that sees all changes."""

    def close(self) -> None:
        """Close the connection, once no other thread uses it."""
        with self.lock:
            connection = self.connection
            self.connection = None
            self.state = None
            if connection is not None:
                connection.close()


def _open_connection(name: str) -> Connection:
    """Open a file, or a `file:` URI, of SQLite; one that may be written gets a write-ahead log."""
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


def _describe(error: sqlite3.Error) -> str:
    """Describe an error in SQLite's words, without what it repeats of the file's own text."""
    name = _name(error)
    message = str(error)
    is_fixed = any(name.startswith(fixed) for fixed in _FIXED)
    if message.startswith("malformed database schema") or (name and not is_fixed):
        return f"it is damaged ({name})"
    return message


def _file_state(path: Path) -> FileState | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return FileState(status.st_mtime_ns, status.st_size, status.st_ino)
