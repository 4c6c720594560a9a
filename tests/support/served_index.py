"""Serves the page over an index in a process of its own, which can be killed and started again on the same port."""

import sys
import threading
from pathlib import Path

from rag import Assistant, Index, Settings
from rag.testing import OverlapReader, WordEmbedder
from tests.support.page import serving

if __name__ == "__main__":
    index = Index.open(Path(sys.argv[1]), Settings(_env_file=None), WordEmbedder())
    with serving(Assistant(index, OverlapReader()), [], port=int(sys.argv[2])) as served:
        sys.stdout.write(f"{served.address}\n")
        sys.stdout.flush()
        threading.Event().wait()
