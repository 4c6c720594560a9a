"""Open the settings, the index and the assistant that a command works with."""

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.index import Index
    from rag.protocols import Engine
    from rag.settings import Settings
    from rag.types import Filters


def load_settings(**given: object) -> "Settings":
    """Load the settings, with the folder of --index and the given ones on top."""
    from rag.settings import Settings

    folder = click.get_current_context().find_root().obj
    return Settings.load(**given, **({"index": folder} if folder is not None else {}))


def open_index(*, checked: bool = True, engine: "Engine | None" = None, all_text: bool = False) -> "Index":
    """Open the index; unless `checked`, also one that another model or chunker built.

    With `all_text` files are indexed that hold text and no article, whatever the settings say.
    """
    from rag.index import Index

    settings = load_settings(all_text=True) if all_text else load_settings()
    return Index.open(settings=settings, checked=checked, engine=engine)


def open_engine(address: str | None) -> "AbstractContextManager[Engine | None]":
    """Return a context manager that gives a Ray cluster: that at an address, one of its own for `local`, None for None.

    The cluster is joined or started when it is first given work.
    """
    if address is None:
        return nullcontext()
    from rag.integrations.ray import Cluster

    return Cluster(address, gpus=load_settings().device.startswith(("auto", "cuda")))


def open_assistant() -> "Assistant":
    """Open the assistant over the index, and load its models meanwhile."""
    from rag.models.address_space import QUESTIONS_GB, refuse_low_limit
    from rag.models.embedding import open_embedder
    from rag.models.preload import preload

    settings = load_settings()
    refuse_low_limit(QUESTIONS_GB)
    embedder = open_embedder(settings.embedding_model, settings.device)
    preload(embedder, settings)

    from rag.assistant import Assistant
    from rag.index import Index

    return Assistant(Index.open(settings=settings, embedder=embedder))


def make_filters(*, since: str, until: str, as_of: str, publisher: str) -> "Filters":
    """Make a search's filters from the options of `filter_options`."""
    from rag.types import Filters

    return Filters(publisher=publisher, since=since, until=until, as_of=as_of)
