"""Connect to Chroma, in a folder or on a server, and translate its errors."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import urlsplit

from pydantic import SecretStr

from rag.errors import SettingsError
from rag.settings import Settings
from rag.storage.vectors import hnsw
from rag.storage.vectors.folder_reader import FolderReader

if TYPE_CHECKING:
    import httpx
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from tenacity import Retrying

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0
"""Seconds without a byte after which a server counts as gone; Chroma's own client would wait for ever."""
PATIENCE_SECONDS = 8.0
"""Seconds in which a server that went away is asked again."""
_PASSING = {429, 502, 503, 504}
"""What a gateway says while the server behind it starts anew, and a server that has too much to do."""
_REFUSED = {401, 403}
_CLOUD = ".trychroma.com"
_MAX_ERROR_CHARS = 300


@dataclass(frozen=True, slots=True)
class Server:
    """The address of a Chroma server, with its token, tenant and database; SettingsError for a bad address or token."""

    url: str
    token: SecretStr = field(default=SecretStr(""), repr=False)
    tenant: str = "default_tenant"
    database: str = "default_database"

    @classmethod
    def from_settings(cls, settings: Settings) -> "Server | None":
        """Return the Chroma server that the settings name, or None."""
        if not settings.chroma_url:
            return None
        return cls(
            settings.chroma_url,
            settings.chroma_token,
            tenant=settings.chroma_tenant,
            database=settings.chroma_database,
        )

    def __post_init__(self) -> None:
        """Raise SettingsError for an unusable address or token.

        The address must be http or https with a host, and without a user name, query or fragment; the token must be
        printable ASCII without spaces.
        The message never repeats either, since it may hold a secret.
        """
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or parts.username is not None or parts.query or parts.fragment:
            raise SettingsError("RAG_CHROMA_URL: give an address such as http://127.0.0.1:8000, and no password in it")
        token = self.token.get_secret_value()
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise SettingsError("RAG_CHROMA_TOKEN: a token has only ASCII letters, digits and punctuation in it")

    @property
    def headers(self) -> dict[str, str]:
        """HTTP headers that carry the token: as Chroma's cloud wants it, elsewhere also as most gateways do."""
        token = self.token.get_secret_value()
        if not token:
            return {}
        if f".{urlsplit(self.url).hostname}".endswith(_CLOUD):
            return {"x-chroma-token": token}
        return {"x-chroma-token": token, "Authorization": f"Bearer {token}"}

    def explain_error(self, error: BaseException) -> str:
        """Explain an error in using the server, and what to do, in one line."""
        import httpx
        from chromadb.errors import NotFoundError

        cause = _http_error(error)
        if isinstance(error, NotFoundError) and "ollection" in str(error):
            return f"the Chroma server at {self.url} has no vectors of this index; build it anew with: rag sync --all"
        if isinstance(cause, httpx.TransportError):
            why = type(cause).__name__
            return f"no Chroma server answers at {self.url} ({why}); start it or set RAG_CHROMA_URL, then try again"
        if isinstance(cause, httpx.HTTPStatusError):
            status = cause.response.status_code
            if status in _REFUSED:
                return (
                    f"the Chroma server at {self.url} refuses us ({status}); set RAG_CHROMA_TOKEN to a token it takes"
                )
            if status in _PASSING:
                return f"the Chroma server at {self.url} is not ready ({status}); try again when it is"
        return f"the Chroma server at {self.url} says: {' '.join(str(error).split())[:_MAX_ERROR_CHARS]}"


def open_client(place: str | Server) -> "Client":
    """Open a client for a folder, or for a server, which has to answer."""
    import chromadb
    from chromadb.config import Settings

    if isinstance(place, Server):
        return _connect(place)
    return cast("Client", chromadb.PersistentClient(place, settings=Settings(anonymized_telemetry=False)))


class OpenCollection(NamedTuple):
    """A collection and the client that it is used through; a reader of a folder is both."""

    client: "Client | FolderReader"
    collection: "Collection | FolderReader"


def open_collection(place: str | Server, name: str, *, create: bool) -> OpenCollection:
    """Open a client and a collection of it; the client is closed again where the collection cannot be opened."""
    client = open_client(place)
    try:
        if create:
            graph = {
                "hnsw": {"space": "cosine", **({} if isinstance(place, Server) else {"sync_threshold": hnsw.NEVER})}
            }
            collection = client.get_or_create_collection(
                name,
                configuration=graph,  # type: ignore[arg-type]
                embedding_function=None,
            )
        else:
            collection = client.get_collection(name, embedding_function=None)
            if not isinstance(place, Server):
                # The first question loads the graph and replays what is new; that belongs behind the lock.
                collection.peek(1)
        return OpenCollection(client, collection)
    except BaseException:
        close_client(client)
        raise


def open_reader(folder: str, name: str) -> OpenCollection:
    """Open a collection of a folder for reading, through Chroma's client where its native module is another one."""
    try:
        reader = FolderReader.open(folder, name)
    except (ImportError, AttributeError, TypeError):
        return open_collection(folder, name, create=False)
    try:
        # The first question loads the graph and replays what is new; that belongs behind the lock.
        reader.peek(1)
    except BaseException:
        reader.close()
        raise
    return OpenCollection(reader, reader)


def close_client(client: "Client | FolderReader") -> None:
    """Close a client, its files and its connections."""
    client.close()
    close_connections(client)


def close_connections(client: object) -> None:
    """Close a client's connections to a server, which Chroma leaves to the garbage collector."""
    for part in (client, getattr(client, "_admin_client", None)):
        if (session := getattr(getattr(part, "_server", None), "_session", None)) is not None:
            session.close()


def make_retrying() -> "Retrying":
    """Make a policy that retries for a few seconds while the server is away; its last error is raised as it is."""
    from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

    return Retrying(
        retry=retry_if_exception(_is_transient),
        stop=stop_after_delay(PATIENCE_SECONDS),
        wait=wait_random_exponential(multiplier=0.1, max=1.0),
        reraise=True,
    )


def _is_transient(error: BaseException) -> bool:
    """Whether an error may be gone a moment later, as Chroma's internal ones are that come from another's writing."""
    import httpx
    from chromadb.errors import InternalError

    cause = _http_error(error)
    if isinstance(cause, httpx.HTTPStatusError):
        return cause.response.status_code in _PASSING
    return isinstance(error, InternalError) or isinstance(cause, httpx.TransportError)


def _http_error(error: BaseException | None) -> "httpx.HTTPError | None":
    """Find the HTTP error among the causes of an error; Chroma's client mostly raises something plainer instead."""
    import httpx

    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, httpx.HTTPError):
            return error
        error = error.__cause__ or error.__context__
        seen += 1
    return None


def _connect(server: Server) -> "Client":
    """Make Chroma's HTTP client, here rather than by `HttpClient` so that its very first request has a time limit."""
    from chromadb.api.client import Client
    from chromadb.auth import UserIdentity
    from chromadb.config import Settings
    from httpx import Timeout

    url = urlsplit(server.url)
    settings = Settings(
        anonymized_telemetry=False,
        chroma_api_impl="chromadb.api.fastapi.FastAPI",
        chroma_server_host=server.url.rstrip("/"),
        chroma_server_http_port=url.port or (443 if url.scheme == "https" else 80),
        chroma_server_ssl_enabled=url.scheme == "https",
        chroma_server_headers=server.headers,
    )

    def limit_waiting(part: object) -> None:
        part._server._session.timeout = Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)  # type: ignore[attr-defined]

    class Limited(Client):
        def __init__(self) -> None:
            try:
                super().__init__(server.tenant, server.database, settings)
            except BaseException:
                close_connections(self)
                raise

        def get_user_identity(self) -> UserIdentity:
            limit_waiting(self)
            return super().get_user_identity()

        def _validate_tenant_database(self, tenant: str, database: str) -> None:
            limit_waiting(self._admin_client)
            super()._validate_tenant_database(tenant, database)

    return Limited()
