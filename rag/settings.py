"""Every setting, flat: from the environment (prefix RAG_), a .env file or the command line."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingsError

_LOCAL_LLM = "hf/"
"""How `llm` begins where it names a folder."""
_LARGEST = 1_000_000_000


class Settings(BaseSettings):
    """Every setting with its default; a value from the environment wins over one from `.env`, an empty one is none.

    >>> from rag import Settings
    >>> Settings(answer_threshold=0.5).answer_threshold
    0.5
    """

    model_config = SettingsConfigDict(
        env_prefix="RAG_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        allow_inf_nan=False,
    )

    index: Path = Field(Path("index"), description="Folder that holds the index.")
    embedding_model: str = Field(
        "",
        description="A sentence-transformers model: a local folder or a hub name. "
        "Empty means all-MiniLM-L6-v2, which is installed with the program.",
    )
    device: str = Field("auto", description="Where models run: auto, cpu, cuda, cuda:1, mps.")
    passage_tokens: int = Field(
        256, ge=32, description="Longest passage in tokens, title included; never more than the model reads."
    )
    chroma_url: str = Field(
        "", description="A Chroma server, such as http://127.0.0.1:8000; empty keeps vectors in the index folder."
    )
    chroma_token: SecretStr = Field(
        SecretStr(""), description="The token that the Chroma server, or a gateway before it, asks for."
    )
    chroma_tenant: str = Field("default_tenant", min_length=1, description="The tenant on the Chroma server.")
    chroma_database: str = Field("default_database", min_length=1, description="The tenant's database to use.")
    max_article_mb: float = Field(
        10.0, gt=0, description="Largest article in megabytes of text; a larger one is named as failed, never cut."
    )
    max_file_mb: float = Field(
        100.0, gt=0, description="Largest PDF, Word file, book, mailbox or export in megabytes, pictures included."
    )
    parse_seconds: float = Field(60.0, gt=0, description="Seconds that a parser may take for an article or a list.")
    parse_mb: float = Field(
        1500.0, ge=100, description="Megabytes of memory that a parser may take; not held on macOS."
    )
    fetch_private: bool = Field(
        False, description="Let addresses of this machine and of private networks be read, as on an intranet."
    )
    fetch_delay: float = Field(1.0, ge=0, description="Seconds between two requests to one web server.")
    fetch_seconds: float = Field(30.0, gt=0, description="Seconds that one web address may take in all.")
    fetch_pages: int = Field(1000, ge=1, description="Pages read of one feed or list; `--limit` sets it for a source.")
    fetch_agent: str = Field(
        "", description="How web servers see the program; empty means rag-articles with its version."
    )
    dense_top: int = Field(50, ge=1, description="How many passages the vectors propose.")
    word_top: int = Field(50, ge=1, description="How many passages the words propose.")
    word_weight: float = Field(
        0.5, ge=0, le=1, description="Share of the words in the fused score; the vectors have the rest."
    )
    fold_likeness: float = Field(
        0.8, gt=0, le=1, description="Passages that share this much of their wording are shown as one, with its copies."
    )
    reader_model: str = Field(
        "",
        description="An extractive question-answering model or a cross-encoder: a local folder or a hub name. "
        "Empty means the reader that is installed with the program.",
    )
    read_top: int = Field(12, ge=1, description="How many of the fused passages the reader reads.")
    answer_seconds: float = Field(
        60.0,
        gt=0,
        description="Seconds for one answer, an LLM's included; then what is found so far is the answer, "
        "and its note says that it is partial.",
    )
    answer_sentences: int = Field(4, ge=1, description="Most sentences in an answer.")
    answer_threshold: float = Field(
        0.28,
        ge=0,
        le=1,
        description="Below this probability of being right nothing is answered; raise it to hear “not in these "
        "articles” more often.",
    )
    llm: str = Field(
        "",
        description="The LLM that writes answers: provider/model, such as ollama/llama3.2 or openai/gpt-5-mini; "
        "with @URL where it is served elsewhere; hf/FOLDER runs one in this process. Empty means none: answers are "
        "sentences of the articles. Keys come from the environment alone (see below).",
    )
    llm_window: int = Field(
        0, ge=0, description="Tokens the LLM reads and writes together; 0 asks its server, or takes what is usual."
    )
    llm_tokens: int = Field(1024, ge=16, description="Most tokens the LLM may write to a question.")
    llm_silence: float = Field(30.0, gt=0, description="Seconds to wait for the LLM's next words before giving up.")
    llm_seconds: float = Field(180.0, gt=0, description="Seconds the LLM may take for one answer in all.")
    unsupported: Literal["mark", "drop", "refuse"] = Field(
        "mark",
        description="What becomes of a sentence of the LLM that no passage supports: it is marked, dropped, or the "
        "whole answer is refused.",
    )
    ask_anyway: bool = Field(
        False, description="Ask the LLM even where no passage seems to answer; otherwise it is not asked then."
    )
    host: str = Field("127.0.0.1", description="Address the web page listens on.")
    port: int = Field(7860, ge=0, le=65535, description="Port of the web page.")
    auth: SecretStr = Field(
        SecretStr(""),
        description="Who may use the page: name:bcrypt-hash, several after commas, or a file with one a line, as "
        "`htpasswd -B` writes it; `rag password` makes a hash. Empty means nobody signs in.",
    )
    insecure: bool = Field(False, description="Let the page be reached from other machines without signing in.")
    trusted_proxies: str = Field(
        "",
        description="Proxies in front of the page whose X-Forwarded-For, -Proto and -Host are believed: addresses or "
        "networks, comma separated. Empty means none.",
    )
    rate: str = Field(
        "120/minute",
        description="How often a user, or an address where nobody signs in, may have work done; several limits after "
        "commas, `none` for none.",
    )
    upload_mb: float = Field(50.0, gt=0, description="Largest upload in megabytes; other requests may have 8 at most.")
    upload_files: int = Field(50, ge=1, description="Most files in one upload.")

    @field_validator("index", mode="before")
    @classmethod
    def _folder(cls, value: object) -> object:
        """An empty name is no folder: it would be the one the program happens to start in."""
        return os.path.expanduser(value) if isinstance(value, str | Path) and str(value) else Path("index")

    @field_validator("embedding_model", "reader_model", "llm", "auth", mode="before")
    @classmethod
    def _at_home(cls, value: object) -> object:
        """A name that may be that of a file or folder, with `~` for the home folder."""
        place = f"{_LOCAL_LLM}~"
        if isinstance(value, str) and value.startswith(place):
            return _LOCAL_LLM + os.path.expanduser(value.removeprefix(_LOCAL_LLM))
        return os.path.expanduser(value) if isinstance(value, str) else value

    @field_validator("rate")
    @classmethod
    def _limits(cls, value: str) -> str:
        return "" if value.strip().lower() == "none" else value

    @field_validator("*")
    @classmethod
    def _bounded(cls, value: object) -> object:
        """No library below takes larger numbers."""
        if isinstance(value, int | float) and abs(value) > _LARGEST:
            raise PydanticCustomError("too_large", "Input should be at most {most}", {"most": f"{_LARGEST:,}"})
        return value

    @classmethod
    def load(cls, **given: object) -> "Settings":
        """Settings from the environment and `.env`, with the given ones on top; SettingsError names a bad one."""
        _check_env_file(Path(".env"))
        try:
            return cls(**given)  # type: ignore[arg-type]
        except ValidationError as error:
            first = error.errors()[0]
            name = "RAG_" + "_".join(str(part) for part in first["loc"]).upper()
            raise SettingsError(f"{name}: {first['msg']}, not {first['input']!r}; see docs/settings.md") from None

    def origins(self, environment: Mapping[str, str]) -> dict[str, Literal["default", "environment", "given", ".env"]]:
        """Where each setting's value came from."""
        names = {name.upper() for name, value in environment.items() if value}
        return {name: self._origin(name, names) for name in type(self).model_fields}

    def _origin(self, name: str, environment: set[str]) -> Literal["default", "environment", "given", ".env"]:
        if name not in self.model_fields_set:
            return "default"
        if f"RAG_{name.upper()}" in environment:
            return "environment"
        return ".env" if _in_env_file(name) else "given"


def _check_env_file(path: Path) -> None:
    """SettingsError where there is a `.env` that cannot be read; a folder of that name is none."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return
        if not stat.S_ISREG(mode):
            raise SettingsError(".env is not an ordinary file; move it away, or start the program in another folder")
        path.read_text("utf-8")
    except FileNotFoundError:
        return
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise SettingsError(f".env cannot be read ({why}); make it readable, or start elsewhere") from None
    except UnicodeDecodeError:
        raise SettingsError(".env is not UTF-8; save it as UTF-8") from None


def _in_env_file(name: str) -> bool:
    path = Path(".env")
    if not path.is_file():
        return False
    keys = (line.split("=")[0].strip().upper() for line in path.read_text("utf-8", "replace").splitlines())
    return f"RAG_{name.upper()}" in keys
