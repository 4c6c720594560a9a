"""Whatever strangers write is read or refused in one line: samples changed at random, and for minutes by a fuzzer."""

import math
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from rag.sources import LOADERS
from rag.sources.files import FileLoader
from rag.types import Article
from tests.conftest import ROOT
from tests.fuzz.samples import PARTS, of, parts
from tests.fuzz.targets import TARGETS, Target
from tests.support.reading import read

SHARE = float(os.environ.get("LONG", "1"))
SECONDS = 660 * SHARE / len(TARGETS)
"""For one target; eleven minutes for all."""
FUZZED = TARGETS[:: math.ceil(1 / SECONDS)]
"""The targets of the fuzzer. Each takes a second and its start, so where there is less time, fewer are fuzzed."""
CHANGED = 40
"""Changed samples that are tried of each target where there is no time."""
TOKENS = [
    b"\0", b"\n", b"\r\n", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xe2\x80\x8b", b"\xed\xa0\x80", b"<", b">",
    b"]]>", b"<!--", b"&#0;", b"&lt;", b"\"", b"'", b"[", b"](", b"```", b"---\n", b": ", b"*", b"{", b"}", b"@", b"://",
    b"%00", b"..", b"0x", b"9" * 40, b"-1", b"nan", b"\xf0\x9f\x91\xa9", b"\xcc\x81", b"a" * 300, b"<div>" * 50,
]  # fmt: skip
each = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


def changed(target: Target, count: int) -> Iterator[bytes]:
    """Samples with a few random changes; the same ones each time."""
    dice = random.Random(target.name)
    for _ in range(count):
        data = bytearray(dice.choice(target.seeds))
        for _ in range(dice.randint(1, 6)):
            start = dice.randint(0, len(data))
            end = min(len(data), start + dice.choice([0, 1, 1, 4, 40]))
            other = dice.choice(target.seeds)
            place = dice.randint(0, len(other))
            piece = dice.choice([b"", dice.choice(TOKENS), dice.randbytes(dice.randint(1, 4)), data[start:end] * 2,
                                 other[place : place + 60]])  # fmt: skip
            data[start:end] = piece
        yield bytes(data)


@each
def test_samples_keep_every_promise(target: Target) -> None:
    for seed in target.seeds:
        target.run(seed)


@each
def test_changed_samples_keep_every_promise(target: Target) -> None:
    for data in changed(target, CHANGED):
        try:
            target.run(data)
        except BaseException as error:
            error.add_note(f"the input is {data!r}")
            raise


def test_every_loader_is_a_target() -> None:
    loaders = {f"file-{type(loader).__name__}" for loader in LOADERS if isinstance(loader, FileLoader)}
    assert loaders == {target.name for target in TARGETS if target.name.startswith("file-")}
    assert len(loaders) >= 4


@pytest.mark.parametrize("suffix", [suffix for loader in LOADERS for suffix in getattr(loader, "suffixes", ())])
def test_every_kind_begins_with_a_file_that_is_read(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"good{suffix}").write_bytes(of(suffix)[0])
    found = list(read([str(tmp_path)]))
    assert found and all(isinstance(item, Article) for item in found), found


def test_every_part_begins_with_one_that_is_read(tmp_path: Path) -> None:
    for place, (make, part) in enumerate(PARTS):
        (tmp_path / f"{place}.{make.__name__}").write_bytes(make(extra={part: parts()[place][1:]}))
    found = list(read([str(tmp_path)]))
    assert len(found) == len(PARTS) and all(isinstance(item, Article) for item in found), found


@pytest.mark.skipif(find_spec("atheris") is None and not os.environ.get("CI"), reason="atheris is not on this system")
@pytest.mark.long
@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.parametrize("target", FUZZED, ids=lambda target: target.name)
def test_a_fuzzer_finds_no_broken_promise(target: Target, tmp_path: Path) -> None:
    fuzz = [sys.executable, "-m", "tests.fuzz", target.name, str(tmp_path / "corpus"), f"-artifact_prefix={tmp_path}/"]
    limits = [f"-max_total_time={max(1, round(SECONDS))}", "-timeout=60", "-rss_limit_mb=4096", "-max_len=20000"]
    done = subprocess.run([*fuzz, *limits], capture_output=True, cwd=ROOT, check=False)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    found = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    assert done.returncode == 0, f"{found}\n{said[-6_000:]}"
    assert re.search(r"Done [1-9]\d* runs", said), said[-2_000:]
