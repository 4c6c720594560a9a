"""Choose the title of a web page: as it states it, or the heading that the stated one is cut from."""

import re
from typing import TYPE_CHECKING

from rag.sources.cleaning.pasted_page import has_same_words
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.html_metadata import PageMetadata

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_TITLE_SEPARATOR = re.compile(r"\s+[|•·:»/–—-]+\s+")


def choose_title(tree: "HtmlElement", metadata: PageMetadata, extracted: str) -> str:
    """Choose the title that the page states, or else the extracted one, without the name of the site.

    The h1 is taken instead, if there is only one and the title is that heading cut short or with an addition behind it.
    """
    title = _strip_site_name(metadata.title or extracted, metadata.site)
    headings = [one_line(heading.text_content()) for heading in tree.iter("h1")]
    if len(headings) == 1 and title and headings[0]:
        heading = headings[0].casefold()
        cut = title.casefold().rstrip("… .")
        rest = title[len(heading) :]
        if heading.startswith(cut) or (title.casefold().startswith(heading) and _TITLE_SEPARATOR.match(rest)):
            return headings[0]
    return title


def _strip_site_name(title: str, site: str) -> str:
    """Strip the name of the site before or behind a title."""
    parts = _TITLE_SEPARATOR.split(title)
    if site and len(parts) > 1:
        if has_same_words(parts[-1], site):
            return title[: title.rindex(parts[-1])].rstrip(" |•·:»/–—-")
        if has_same_words(parts[0], site):
            return title[len(parts[0]) :].lstrip(" |•·:»/–—-")
    return title
