"""The web page: `build` makes it, `serve` opens it."""

import os

# Read by Gradio: no statistics over all past questions after each one.
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**12)
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"

from rag.web.temporary import make_temporary_folder

make_temporary_folder()

from rag.web.page import build
from rag.web.serve import serve

__all__ = ["build", "serve"]
