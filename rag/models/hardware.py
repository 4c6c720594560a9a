"""Detect what this machine computes fast, without loading a library."""

import os
import platform
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from pathlib import Path
from typing import TypeVar

_DESCRIPTION = Path("/proc/cpuinfo")
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_DEVICES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
"""What the drivers of NVIDIA and AMD make on Linux, and of both in its Windows subsystem."""


def cores() -> int:
    """Count the processors that this process may use, at most OMP_NUM_THREADS."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(usable, max(int(limit), 1)) if limit.isdecimal() else usable


def map_on_cores(work: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    """Return what `work` makes of each item, in their order, as many at once as there are cores.

    It pays where `work` releases the interpreter, as the runs of a network do. The thread that calls does its share, so
    callers at once wait for nothing but a core, and the first error ends the work of its call.
    """
    if min(cores(), len(items)) < 2:
        return list(map(work, items))
    left = deque(enumerate(items))
    results: dict[int, _Result] = {}

    def work_off() -> None:
        while left:
            try:
                place, item = left.popleft()
            except IndexError:
                return
            results[place] = work(item)

    helpers = [_start_helpers().submit(work_off) for _ in range(min(cores(), len(items)) - 1)]
    try:
        work_off()
    finally:
        left.clear()
        begun = [helper for helper in helpers if not helper.cancel()]
        wait(begun)
    for helper in begun:
        helper.result()
    return [results[place] for place in range(len(items))]


@cache
def _start_helpers() -> ThreadPoolExecutor:
    """Start the threads that work for all calls, since a thread takes longer to start than a short item to do."""
    return ThreadPoolExecutor(max(cores() - 1, 1), thread_name_prefix="cores")


if hasattr(os, "register_at_fork"):
    # Threads do not live on in a forked process.
    os.register_at_fork(after_in_child=_start_helpers.cache_clear)


def may_have_accelerator() -> bool:
    """Whether torch could find something faster than the processor; only torch itself can tell for sure."""
    if sys.platform == "linux":
        return any(Path(device).exists() for device in _DEVICES)
    return sys.platform == "win32" or platform.machine() == "arm64"


@cache
def multiplies_int8(description: Path = _DESCRIPTION) -> bool:
    """Whether the processor adds up products of 8-bit integers in one instruction, by what Linux says of it.

    Without one, x86 adds two products in 16 bits, where the sum may not fit. Every processor of Apple's has one.
    """
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    return bool(_read_abilities(description) & {"avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm"})


@cache
def prefers_bfloat16(description: Path = _DESCRIPTION) -> bool:
    """Whether the processor multiplies bfloat16 faster than float32, by what Linux says of it.

    Intel's AVX-512 does bfloat16 at half the rate of float32, its AMX at several times it; AMD's AVX-512 at twice.
    """
    able = _read_abilities(description)
    return bool(able & {"amx_bf16", "bf16"} or ("avx512_bf16" in able and "GenuineIntel" not in able))


def _read_abilities(description: Path) -> set[str]:
    """Read the names of a processor's abilities, and of its vendor; none where Linux does not describe it."""
    try:
        lines = description.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    facts = {name.strip(): value for name, _, value in (line.partition(":") for line in lines)}
    return set(" ".join(facts.get(name, "") for name in ("flags", "Features", "vendor_id")).split())
