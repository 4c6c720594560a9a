"""Readers: whether a passage answers a question, and where; the packaged one, or a model of the user's choice."""

from rag.protocols import Reader


def open_reader(model: str = "", device: str = "auto") -> Reader:
    """The packaged reader, or the one in a folder or on the hub; nothing is loaded before the first question."""
    if not model:
        from rag.models.reader.packaged import packaged_reader

        return packaged_reader()
    from rag.models.reader.custom import chosen_reader

    return chosen_reader(model, device)
