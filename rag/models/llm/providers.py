"""Parse RAG_LLM into a model, an address and the variable that holds its key (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from rag.errors import SettingsError
from rag.text.hosts import is_loopback_url

LOCAL = "hf"
"""The provider that is no server: a model of transformers in this process."""
ANY_KEY = "RAG_LLM_API_KEY"
"""The key for a server at an address of one's own."""
_ADDRESS = re.compile(r"https?://\S+", re.I)


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider listens, the environment variable of its key, and the window its models usually have."""

    url: str
    key: str = ""
    window: int = 8192


PROVIDERS: Mapping[str, Provider] = {
    "ollama": Provider("http://127.0.0.1:11434/v1", window=4096),
    "lmstudio": Provider("http://127.0.0.1:1234/v1", window=4096),
    "llamacpp": Provider("http://127.0.0.1:8080/v1", window=4096),
    "vllm": Provider("http://127.0.0.1:8000/v1", "VLLM_API_KEY"),
    "openai": Provider("https://api.openai.com/v1", "OPENAI_API_KEY", 128_000),
    "anthropic": Provider("https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", 200_000),
    "gemini": Provider("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", 128_000),
    "mistral": Provider("https://api.mistral.ai/v1", "MISTRAL_API_KEY", 32_000),
    "groq": Provider("https://api.groq.com/openai/v1", "GROQ_API_KEY", 32_000),
    "deepseek": Provider("https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", 64_000),
    "together": Provider("https://api.together.xyz/v1", "TOGETHER_API_KEY"),
    "openrouter": Provider("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", 32_000),
}


@dataclass(frozen=True, slots=True)
class ModelName:
    """An LLM as a setting names it."""

    provider: str
    """One of PROVIDERS, LOCAL, or empty for a server known only by its address."""
    model: str
    url: str = ""
    key: str = ""
    """The environment variable that holds its key, empty where it needs none."""
    window: int = 8192

    def __str__(self) -> str:
        """Return the name as a setting gives it: `provider/model` or `model@URL`."""
        return f"{self.provider}/{self.model}" if self.provider else f"{self.model}@{self.url}"

    @property
    def needs_key(self) -> bool:
        """Whether it cannot be asked without a key: a known provider at its own address, not on this machine."""
        provider = PROVIDERS.get(self.provider)
        return provider is not None and self.url == provider.url and not is_loopback_url(self.url)

    @property
    def stays_here(self) -> bool:
        """Whether nothing that it is given leaves this machine."""
        return not self.url or is_loopback_url(self.url)


def parse_model_name(text: str) -> ModelName:
    """Parse `provider/model`, `provider/model@URL`, `model@URL` or `URL model`; SettingsError says what is wrong."""
    text = text.strip()
    address = _ADDRESS.search(text)
    if address is None:
        return _parse_known_provider(text)
    url = address[0].rstrip("/")
    rest = (text[: address.start()] + text[address.end() :]).strip().removesuffix("@")
    _refuse_secrets(url)
    provider, _, model = rest.partition("/")
    if provider not in PROVIDERS or not model:
        provider = ""
        model = rest
    if not model:
        raise SettingsError(f"RAG_LLM names no model for {url}; write it as model@{url}")
    known = PROVIDERS.get(provider, Provider(""))
    # The key of a provider goes to that provider alone.
    key = known.key if known.key and _is_own_address(url, known) else ANY_KEY
    return ModelName(provider, model, url, key, known.window)


def describe_model(setting: str) -> str:
    """Describe which LLM a setting names and where it runs, for a person."""
    llm = parse_model_name(setting)
    if not llm.url:
        return f"{llm} in this process"
    return f"{llm} at {llm.url} ({'on this machine' if llm.stays_here else 'not on this machine'})"


def _parse_known_provider(text: str) -> ModelName:
    provider, _, model = text.partition("/")
    if provider == LOCAL and model:
        return ModelName(LOCAL, model)
    if provider not in PROVIDERS or not model:
        known = ", ".join([*PROVIDERS, LOCAL])
        raise SettingsError(f"RAG_LLM={text!r} is not provider/model or model@URL; providers: {known}")
    at = PROVIDERS[provider]
    return ModelName(provider, model, at.url, at.key or ANY_KEY, at.window)


def _is_own_address(url: str, provider: Provider) -> bool:
    """Whether an address is at the provider's own host; any address is, for a provider that people run themselves."""
    return is_loopback_url(provider.url) or urlsplit(url).hostname == urlsplit(provider.url).hostname


def _refuse_secrets(url: str) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise SettingsError("RAG_LLM names an address that cannot be read; write model@http://host:port") from None
    if parts.username or parts.password or parts.query:
        raise SettingsError(f"RAG_LLM must not hold a key or a password; put it into {ANY_KEY}")
    if not parts.hostname:
        raise SettingsError(f"RAG_LLM names no host in {url}")
