"""Starts the web page: `python ui.py` is `rag serve`."""

import sys

from rag.errors import RagError
from rag.settings import Settings
from rag.web import serve

if __name__ == "__main__":
    try:
        serve(Settings.load())
    except RagError as error:
        sys.exit(str(error))
