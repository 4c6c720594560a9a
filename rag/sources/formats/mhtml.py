"""Load web pages that a browser saved as one file (.mhtml)."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from rag.errors import SourceError
from rag.sources.formats.document import Document, Told
from rag.sources.formats.html import told
from rag.sources.formats.mail import content, header


class Mhtml(Document):
    """Reads .mhtml files: the page that was saved, as a web page, under the address it was saved from."""

    suffixes = (".mhtml", ".mht")
    kind = "saved web page"

    def told(self, data: bytes) -> Told:
        """What the page says of itself, and its article."""
        mail = message_from_bytes(data, policy=policy.default)
        parts = [part for part in mail.walk() if isinstance(part, EmailMessage)]
        page = next((part for part in parts if part.get_content_type() in ("text/html", "application/xhtml+xml")), None)
        if page is None:
            raise SourceError("no web page in it")
        address = header(page, "Content-Location") or header(mail, "Snapshot-Content-Location")
        address = address if address.lower().startswith(("http://", "https://")) else ""
        record, text = told(content(page), address)
        title = record.get("title") or header(mail, "Subject")
        return {**record, "title": title, "url": record.get("url") or address}, text
