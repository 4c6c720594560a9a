"""One SQLite file between threads: closed while others write and read."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

CLOSER = """
import sys, threading
from pathlib import Path
from rag.storage.sqlite import Database

ROUNDS, ROWS = 8, 20_000
NUMBERS = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) SELECT i FROM n"
database = Database(Path(sys.argv[1]))
database.prepare("numbers", ["CREATE TABLE numbers (i INTEGER)"])
started = threading.Event()
failures = []

def write():
    try:
        for _ in range(ROUNDS):
            with database.writing() as connection:
                started.set()
                connection.execute(f"INSERT INTO numbers {NUMBERS}")
            assert len(database.rows(NUMBERS)) == ROWS
    except BaseException as error:
        failures.append(error)

writers = [threading.Thread(target=write) for _ in range(2)]
for writer in writers:
    writer.start()
closed = 0
while any(writer.is_alive() for writer in writers):
    if started.wait(0.05):
        started.clear()
        database.close()
        closed += 1
print(closed, failures, database.rows("SELECT COUNT(*) FROM numbers")[0][0] == len(writers) * ROUNDS * ROWS)
database.close()
"""


def test_closing_waits_for_what_other_threads_write_and_read(tmp_path: Path) -> None:
    """In a process for it: SQLite ends the program when a connection is closed that another thread uses."""
    command = [sys.executable, "-c", CLOSER, str(tmp_path / "numbers.sqlite")]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert child.returncode == 0, child.stderr
    closed, rest = child.stdout.split(" ", 1)
    assert int(closed) > 0
    assert rest == "[] True\n"
