"""Start the web page: `python ui.py` is `rag serve`."""

import sys

from rag.__main__ import run

if __name__ == "__main__":
    sys.argv[1:] = ["serve", *sys.argv[1:]]
    run()
