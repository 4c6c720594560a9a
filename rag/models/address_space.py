"""Check the limit of address space (`ulimit -v`) before models and native libraries are loaded."""

import sys

from rag.errors import RagError
from rag.prompts import MEMORY_WANTED

QUESTIONS_GB = 2.0
"""Gigabytes of addresses that questions want; with less, native code may end the process."""
SYNC_GB = 3.0
"""Gigabytes of addresses that a sync wants."""


def refuse_low_limit(wanted_gb: float) -> None:
    """Raise RagError if the limit of address space (`ulimit -v`) is below `wanted_gb` gigabytes; Windows has none."""
    if sys.platform == "win32":
        return
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY and limit < wanted_gb * 1e9:
        raise RagError(
            f"this process may take {limit / 1e9:.2g} GB of memory (ulimit -v), which is too little: "
            f"{MEMORY_WANTED}; raise the limit with: ulimit -v {int(SYNC_GB * 1e6)}"
        )
