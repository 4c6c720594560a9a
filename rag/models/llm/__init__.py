"""Open an LLM: behind a server that speaks OpenAI's protocol, or in this process."""

from rag.models.llm.providers import LOCAL, ModelName, parse_model_name
from rag.protocols import LLM
from rag.settings import Settings

__all__ = ["LOCAL", "ModelName", "open_llm", "parse_model_name"]


def open_llm(settings: Settings) -> LLM | None:
    """Return the LLM that the settings name, None where they name none; it is reached or loaded when it is asked."""
    if not settings.llm:
        return None
    name = parse_model_name(settings.llm)
    if name.provider == LOCAL:
        from rag.models.llm.local import LocalLLM

        return LocalLLM(name, settings)
    from rag.models.llm.remote import ServedLLM

    return ServedLLM(name, settings)
