"""Open the settings, the index and the assistant that a verb works with."""

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
    """The settings, with the folder that --index names and what is given on top."""
    from rag.settings import Settings

    folder = click.get_current_context().find_root().obj
    return Settings.load(**given, **({"index": folder} if folder is not None else {}))


def open_index(checked: bool = True, engine: "Engine | None" = None) -> "Index":
    """The index; unless `checked`, also one that was built otherwise."""
    from rag.index import Index

    return Index.open(settings=load_settings(), checked=checked, engine=engine)


def open_engine(address: str | None) -> "AbstractContextManager[Engine | None]":
    """The Ray cluster at an address, `local` for one of this machine's own; None where no address is given."""
    if address is None:
        return nullcontext()
    from rag.integrations.ray import Cluster

    return Cluster(address, gpus=load_settings().device.startswith(("auto", "cuda")))


def open_assistant() -> "Assistant":
    """The assistant over the index."""
    from rag.assistant import Assistant

    return Assistant(open_index())


def filters_of(since: str, until: str, as_of: str, publisher: str) -> "Filters":
    """The options that narrow a search, as the library takes them."""
    from rag.types import Filters

    return Filters(publisher, since, until, as_of)
