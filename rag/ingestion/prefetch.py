"""Prefetch the next item of an iterator in a thread."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

_T = TypeVar("_T")


@contextmanager
def prefetch(items: Iterable[_T]) -> Iterator[Iterator[_T]]:
    """Yield an iterator over the items that makes the next one in a thread while one is used.

    What making an item raises is raised where that item is asked for; an item that is None ends the iterator. Leaving
    the block waits for the item that is being made and begins no other, so at most two are held.
    """
    source = iter(items)
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, source, None)

        def take_each() -> Iterator[_T]:
            nonlocal coming
            while (item := coming.result()) is not None:
                coming = thread.submit(next, source, None)
                yield item

        try:
            yield take_each()
        finally:
            coming.cancel()
