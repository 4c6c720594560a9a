"""Try every case of a folder and print a table: `python -m tests.cases FOLDER`.

What is expected of each case is data. It is read from `cases.json` in the folder, or else from the file beside this
module that has the folder's name. Articles in the folder that no case names are tried as well: each must be read or
named, and nothing beside it may be lost. Exits with 1 if a case does not hold.
"""

import argparse
import json
import sys
import time
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.cases.probes import PROBES, Case, Workbench

DATA = Path(__file__).parent


def read_cases(folder: Path) -> list[Case]:
    """Read the cases of a folder, those of its files that no case names included."""
    described = next((file for file in (folder / "cases.json", DATA / f"{folder.name}.json") if file.is_file()), None)
    cases: list[Case] = json.loads(described.read_text(encoding="utf-8")) if described else []
    named = {name for case in cases for name in [*case.get("files", []), *case.get("leaves", [])]}
    others = [path.name for path in sorted(folder.glob("*.jsonl")) if path.name not in named]
    return cases + [{"case": name, "probe": "add", "files": [name]} for name in others]


def try_case(case: Case, bench: Workbench) -> str:
    """Try one case; an empty text if it holds, else what went wrong."""
    try:
        return PROBES[case["probe"]](case, bench)
    except Exception:
        return traceback.format_exc(limit=-1).strip().replace("\n", " ")


def main() -> int:
    """Print a line a case; return how the process exits."""
    parser = argparse.ArgumentParser(prog="python -m tests.cases", description=str(__doc__).partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    given = parser.parse_args()
    cases = [case for case in read_cases(given.folder) if given.only in case["case"]]
    if not cases:
        print(f"{given.folder} has no cases", file=sys.stderr)
        return 2
    failed = 0
    with TemporaryDirectory(prefix="cases-") as work, Workbench(given.folder.resolve(), Path(work)) as bench:
        for case in cases:
            started = time.perf_counter()
            wrong = try_case(case, bench)
            failed += bool(wrong)
            seconds = time.perf_counter() - started
            print(f"{'FAILS' if wrong else 'holds'}  {seconds:6.1f} s  {case['case']:34} {wrong[:300]}", flush=True)
    print(f"{len(cases) - failed} of {len(cases)} hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
