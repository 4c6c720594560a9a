"""Look up what is known of articles one by one, behind a mapping."""

from collections.abc import Callable, ItemsView, Iterator, Mapping

from rag.storage.catalogue.records import KnownArticle


class KnownArticles(Mapping[str, KnownArticle]):
    """What is known of the articles of a catalogue, by id, each looked up when it is asked for."""

    def __init__(
        self,
        look_up: Callable[[str], KnownArticle | None],
        read_all: Callable[[], dict[str, KnownArticle]],
        count: Callable[[], int],
    ) -> None:
        """Use `look_up` for one article, None where there is none, `read_all` for all of them, and `count` for len."""
        self._look_up = look_up
        self._read_all = read_all
        self._count = count

    def __getitem__(self, id: str) -> KnownArticle:
        """Look up one article; KeyError where there is none."""
        if (known := self._look_up(id)) is None:
            raise KeyError(id)
        return known

    def __iter__(self) -> Iterator[str]:
        """Iterate over every id."""
        return iter(self._read_all())

    def __len__(self) -> int:
        """Count the articles."""
        return self._count()

    def items(self) -> ItemsView[str, KnownArticle]:
        """Read all of them at once."""
        return self._read_all().items()
