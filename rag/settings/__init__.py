"""Every setting, flat: from the environment (prefix RAG_), a .env file or the command line."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from rag.errors import SettingsError
from rag.settings.names import ENV_FILE, KEYWORDS, PREFIX, RENAMED, VARIABLES, with_present_names

GROUPS = {
    "index": "The index",
    "chroma_url": "Vectors on a Chroma server",
    "max_article_mb": "Reading files",
    "fetch_delay": "Reading web pages",
    "candidates": "Search and answers",
    "llm": "Answers by an LLM",
    "host": "The web page and its server",
}
"""The headings of the settings, each by the setting that comes first under it."""

_LOCAL_LLM = "hf/"
"""How `llm` begins where it names a folder."""
_LARGEST = 1_000_000_000

Origin = Literal["default", "environment", "given", ".env"]


class Settings(BaseSettings):
    """Every setting with its default; a value from the environment wins over one from `.env`, an empty one is none.

    A bad value is a ValidationError of pydantic; `load` turns it into a SettingsError of one line.

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
    all_text: bool = Field(
        default=False,
        description="Index all files that hold text, also what is no article: scripts, logs, licences, configuration, "
        "lists of addresses.",
    )
    parser_seconds: float = Field(60.0, gt=0, description="Seconds that a parser may take for an article or a list.")
    parser_memory_mb: float = Field(
        1500.0, ge=100, description="Megabytes of memory that a parser may take; not enforced on macOS."
    )

    fetch_delay: float = Field(1.0, ge=0, description="Seconds between two requests to one web server.")
    fetch_seconds: float = Field(30.0, gt=0, description="Seconds that one web address may take in all.")
    fetch_pages: int = Field(
        1000, ge=1, description="Most pages read from one feed or list; `--limit` sets it for a source."
    )
    fetch_user_agent: str = Field(
        "",
        description="The User-Agent header, by which web servers know the program; empty means rag-articles with its "
        "version.",
    )
    fetch_private: bool = Field(
        default=False, description="Allow addresses of this machine and of private networks, as on an intranet."
    )

    candidates: int = Field(
        50, ge=1, description="Passages that vector search proposes for a question, and as many that BM25 proposes."
    )
    bm25_weight: float = Field(
        0.5, ge=0, le=1, description="Share of BM25 in the fused score; vector search has the rest."
    )
    reader_model: str = Field(
        "",
        description="An extractive question-answering model or a cross-encoder: a local folder or a hub name. "
        "Empty means the reader that is installed with the program.",
    )
    read_top: int = Field(12, ge=1, description="Most passages that the reader reads for a question, the best first.")
    answer_threshold: float = Field(
        0.28,
        ge=0,
        le=1,
        description="Below this probability of being right no answer is given; raise it to get “not in these "
        "articles” more often.",
    )
    answer_sentences: int = Field(
        4,
        ge=1,
        le=4,
        description="Most sentences that are quoted from the articles, 1 to 4. A question of several parts gets at "
        "least one for each.",
    )
    answer_seconds: float = Field(
        60.0,
        gt=0,
        description="Seconds for one answer, an LLM's included; then what is found so far is the answer, "
        "and its note says that it is partial.",
    )

    llm: str = Field(
        "",
        description="The LLM that writes answers: provider/model, such as ollama/llama3.2 or openai/gpt-5-mini; "
        "with @URL where it is served elsewhere; hf/FOLDER runs one in this process. Empty means none: answers are "
        "quoted from the articles. Keys come from the environment alone (see below).",
    )
    llm_context_tokens: int = Field(
        0,
        ge=0,
        description="The LLM's context window: tokens that it reads and writes together; 0 asks its server, or takes "
        "what is usual.",
    )
    llm_max_tokens: int = Field(1024, ge=16, description="Most tokens that the LLM may write for one answer.")
    llm_silence_seconds: float = Field(
        30.0, gt=0, description="Seconds to wait for the LLM's next words before giving up."
    )
    llm_seconds: float = Field(
        180.0,
        gt=0,
        description="Seconds that the LLM may write for one answer; then it is quoted from the articles instead. "
        "`RAG_ANSWER_SECONDS` ends it sooner where that is less.",
    )
    llm_without_evidence: bool = Field(
        default=False, description="Ask the LLM also where no passage seems to answer; otherwise it is not asked then."
    )
    unsupported_claims: Literal["mark", "drop", "refuse"] = Field(
        "mark",
        description="What happens to a sentence of the LLM that no passage supports: `mark` it, `drop` it, or `refuse` "
        "the whole answer.",
    )

    host: str = Field("127.0.0.1", description="Address that the web page listens on.")
    port: int = Field(7860, ge=0, le=65535, description="Port of the web page.")
    auth: SecretStr = Field(
        SecretStr(""),
        description="Who may use the page: name:bcrypt-hash, several after commas, or a file with one a line, as "
        "`htpasswd -B` writes it; `rag password` makes a hash. Empty means nobody signs in.",
    )
    insecure: bool = Field(default=False, description="Let other machines reach the page without signing in.")
    trusted_proxies: str = Field(
        "",
        description="Proxies in front of the page whose X-Forwarded-For, -Proto and -Host are believed: addresses or "
        "networks, comma separated. Empty means none.",
    )
    rate_limit: str = Field(
        "120/minute",
        description="How many requests that cause work a user may make, or an address where nobody signs in; several "
        "limits after commas, `none` for none.",
    )
    upload_mb: float = Field(50.0, gt=0, description="Largest upload in megabytes; other requests may have 8 at most.")
    upload_files: int = Field(50, ge=1, description="Most files in one upload.")

    @field_validator("index", mode="before")
    @classmethod
    def _expand_folder(cls, value: object) -> object:
        """Expand `~`; an empty name is the default, as it would be the folder in which the program happens to start."""
        return os.path.expanduser(value) if isinstance(value, str | Path) and str(value) else Path("index")

    @field_validator("embedding_model", "reader_model", "llm", "auth", mode="before")
    @classmethod
    def _expand_home(cls, value: object) -> object:
        """Expand `~` in a name that may be that of a file or folder."""
        if isinstance(value, str) and value.startswith(f"{_LOCAL_LLM}~"):
            return _LOCAL_LLM + os.path.expanduser(value.removeprefix(_LOCAL_LLM))
        return os.path.expanduser(value) if isinstance(value, str) else value

    @field_validator("rate_limit")
    @classmethod
    def _parse_no_limit(cls, value: str) -> str:
        return "" if value.strip().lower() == "none" else value

    @field_validator("*")
    @classmethod
    def _refuse_huge_numbers(cls, value: object) -> object:
        """Refuse numbers above 1,000,000,000 or below its negative, which the libraries used may not take."""
        if isinstance(value, int | float) and abs(value) > _LARGEST:
            raise PydanticCustomError("too_large", "Input should be at most {most}", {"most": f"{_LARGEST:,}"})
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Replace the old names of settings in the sources by the present ones; return the sources, the first wins."""
        if isinstance(init_settings, InitSettingsSource):
            init_settings.init_kwargs = with_present_names(init_settings.init_kwargs, KEYWORDS, cls.model_fields)
        for source, spelling in ((env_settings, VARIABLES), (dotenv_settings, ENV_FILE)):
            if isinstance(source, EnvSettingsSource):
                source.env_vars = with_present_names(source.env_vars, spelling, cls.model_fields)
        return init_settings, env_settings, dotenv_settings, file_secret_settings

    @classmethod
    def load(cls, **given: object) -> "Settings":
        """Read the environment and `.env`, with the given settings on top; SettingsError names a bad one."""
        _check_env_file(Path(".env"))
        try:
            return cls(**given)  # type: ignore[arg-type]
        except ValidationError as error:
            first = error.errors()[0]
            name = "RAG_" + "_".join(str(part) for part in first["loc"]).upper()
            raise SettingsError(f"{name}: {first['msg']}, not {first['input']!r}; see docs/settings.md") from None

    def origins(self, environment: Mapping[str, str]) -> dict[str, Origin]:
        """Return for each setting where its value came from, by the variables of `environment` and the `.env` file."""
        variables = {name.lower() for name, value in environment.items() if value}
        in_file = _names_in_env_file(Path(".env"))
        return {name: self._origin(name, variables, in_file) for name in type(self).model_fields}

    def _origin(self, name: str, variables: set[str], in_file: set[str]) -> Origin:
        if name not in self.model_fields_set:
            return "default"
        names = {PREFIX + name, *(PREFIX + old for old, new in RENAMED.items() if new == name)}
        if names & variables:
            return "environment"
        return ".env" if names & in_file else "given"


def _check_env_file(path: Path) -> None:
    """Raise SettingsError if there is a `.env` that cannot be read; a folder of that name is ignored."""
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


def _names_in_env_file(path: Path) -> set[str]:
    """Return the names of variables in a `.env` file, in lower case."""
    return {name.lower() for name in dotenv_values(path, interpolate=False)} if path.is_file() else set()
