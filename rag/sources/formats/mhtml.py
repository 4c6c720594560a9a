"""Load web pages that a browser saved as one file (.mhtml)."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from rag.errors import SourceError
from rag.sources.formats.document import Document
from rag.sources.formats.html import extract_page
from rag.sources.formats.mail_message import decode_part, read_header
from rag.sources.formats.records import ParsedDocument


class Mhtml(Document):
    """Loads .mhtml files: the page that was saved, under the address it was saved from."""

    suffixes = (".mhtml", ".mht")
    kind = "saved web page"

    def extract(self, data: bytes) -> ParsedDocument:
        """Extract the article of the saved page."""
        mail = message_from_bytes(data, policy=policy.default)
        parts = [part for part in mail.walk() if isinstance(part, EmailMessage)]
        page = next((part for part in parts if part.get_content_type() in ("text/html", "application/xhtml+xml")), None)
        if page is None:
            raise SourceError("no web page in it")
        address = read_header(page, "Content-Location") or read_header(mail, "Snapshot-Content-Location")
        address = address if address.lower().startswith(("http://", "https://")) else ""
        fields, text = extract_page(decode_part(page), address)
        title = fields.get("title") or read_header(mail, "Subject")
        return ParsedDocument({**fields, "title": title, "url": fields.get("url") or address}, text)
