"""The device that the settings name: one that is none is blamed, not the model."""

import pytest

from rag.errors import SettingsError
from rag.models.devices import require_device
from rag.models.embedding import open_embedder
from rag.models.reader.custom import CrossEncoderReader, load_span_reader
from rag.types import Passage

WRONG = ["inf", "meta", "cuda:99", "", "cpu:x"]


@pytest.mark.parametrize("device", WRONG)
def test_a_wrong_device_is_blamed_itself(device: str) -> None:
    with pytest.raises(SettingsError, match=r"^RAG_DEVICE: models cannot run on [^\n]+$"):
        open_embedder("", device).embed(["A question?"])


def test_a_wrong_device_is_blamed_by_readers() -> None:
    passage = Passage(
        article_id="a", title="", source="", url="", date="", text="The bridge is closed.", start=0, end=21
    )
    with pytest.raises(SettingsError, match="RAG_DEVICE"):
        load_span_reader("a model", "inf")
    with pytest.raises(SettingsError, match="RAG_DEVICE"):
        CrossEncoderReader("a model", "inf").read("Is it closed?", [passage])


def test_the_processor_is_a_device() -> None:
    assert require_device("cpu") == "cpu"
