"""Load the packaged models in a thread, beside the imports and the opening of an index."""

import threading
from contextlib import suppress

from rag.errors import RagError
from rag.models.embedding import PackagedEmbedder
from rag.protocols import Embedder
from rag.settings import Settings
from rag.types import Passage


def preload(embedder: Embedder, settings: Settings) -> threading.Thread:
    """Start to load the packaged ones of the models that a first question needs, in the order it needs them.

    Most of the time is native code, which runs beside the interpreter. A model of the user's is left alone: it may
    take long, and more memory. What is wrong with a model is reported where it is used.
    """

    def load() -> None:
        with suppress(RagError):
            if isinstance(embedder, PackagedEmbedder):
                embedder.embed(["ready"])
            if not settings.reader_model:
                from rag.models.reader.packaged import load_packaged_reader

                load_packaged_reader().read("ready?", [Passage(article_id="", text="ready", start=0, end=5)])
            from rag.models.reader.support_checker import load_support_checker

            load_support_checker().support([("ready", "ready")])

    thread = threading.Thread(target=load, name="preload")
    thread.start()
    return thread
