"""Open a reader, which reranks passages and extracts the spans that answer."""

from rag.protocols import Reader


def open_reader(model: str = "", device: str = "auto") -> Reader:
    """Return the packaged reader, or that of a `model` in a folder or on the hub; its weights load at the first use."""
    if not model:
        from rag.models.reader.packaged import load_packaged_reader

        return load_packaged_reader()
    from rag.models.reader.custom import load_custom_reader

    return load_custom_reader(model, device)
