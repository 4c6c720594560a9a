"""Exports of well-known products, in the shape that each documents, are read whole."""

import json
from pathlib import Path

import pytest

from rag.failures import LeftOut
from rag.types import Article
from tests.support.reading import read

TEXT = "The weir at Harlow was closed on Tuesday. Forty boats waited."
TITLE = "Weir closed for repairs"
URL = "https://harbor.example/weir"

# https://www.zotero.org/support/kb/exporting and
# https://github.com/zotero/translators/blob/master/CSV.js
ZOTERO_CSV = (
    '"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url","Abstract Note","Date",'
    '"Date Added","Date Modified","Access Date","Manual Tags"\n'
    f'"ABCD2345","newspaperArticle","2024","Lee, Ann; Quist, Bo","{TITLE}","Harbor Review","","{URL}","{TEXT}",'
    '"2024-03-05","2024-04-01 10:00:00","2024-04-02 10:00:00","2024-04-01","weirs; boats"\n'
)
# https://github.com/zotero/translators/blob/master/CSL%20JSON.js; the years are texts there
CSL_JSON = [
    {
        "id": "lee2024", "type": "article-newspaper", "title": TITLE, "container-title": "Harbor Review", "URL": URL,
        "abstract": TEXT, "author": [{"family": "Lee", "given": "Ann"}, {"family": "Quist", "given": "Bo"}],
        "issued": {"date-parts": [["2024", 3, 5]]}, "accessed": {"date-parts": [["2024", 4, 1]]},
    }
]  # fmt: skip
# https://open-platform.theguardian.com/documentation/search, with show-fields=all
GUARDIAN = {
    "response": {
        "status": "ok", "total": 1, "results": [
            {
                "id": "town/weir", "type": "article", "webPublicationDate": "2024-03-05T06:00:00Z",
                "webTitle": TITLE, "webUrl": URL, "apiUrl": "https://content.harbor.example/weir",
                "fields": {"trailText": "Boats wait", "byline": "Ann Lee, Bo Quist", "publication": "Harbor Review",
                           "bodyText": TEXT, "body": f"<p>{TEXT}</p>"},
            }
        ],
    }
}  # fmt: skip
# https://developer.nytimes.com/docs/articlesearch-product/1/overview
NYT = {
    "status": "OK", "response": {
        "docs": [
            {
                "abstract": "Boats wait.", "web_url": URL, "snippet": "Boats", "lead_paragraph": TEXT,
                "source": "Harbor Review", "multimedia": [{"rank": 0, "url": "images/1.jpg"}],
                "headline": {"main": TITLE, "kicker": "Town"}, "pub_date": "2024-03-05T10:00:23+0000",
                "byline": {"original": "By Ann Lee, Bo Quist"}, "_id": "nyt://article/1",
            }
        ],
        "meta": {"hits": 1},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("zotero.csv", ZOTERO_CSV),
        ("csl.json", json.dumps(CSL_JSON)),
        ("guardian.json", json.dumps(GUARDIAN)),
        ("nyt.json", json.dumps(NYT)),
    ],
)
def test_articles_of_exports(tmp_path: Path, name: str, written: str) -> None:
    (tmp_path / name).write_text(written)
    [article] = read([str(tmp_path)])
    assert isinstance(article, Article)
    assert (article.title, article.text, article.date, article.url) == (TITLE, TEXT, "2024-03-05", URL)
    assert (article.author, article.source) == ("Ann Lee, Bo Quist", "Harbor Review")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        # https://help.getpocket.com/article/1015-exporting-your-pocket-list
        ("pocket.csv", f"title,url,time_added,tags,status\n{TITLE},{URL},1707210000,,unread\n"),
        # https://www.instapaper.com/user; the columns are those of its CSV
        ("instapaper.csv", f"URL,Title,Selection,Folder,Timestamp,Tags\n{URL},{TITLE},,Unread,1707210000,[]\n"),
        # https://help.raindrop.io/export
        (
            "raindrop.csv",
            "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite\n"
            f'1,{TITLE},,{TEXT},{URL},Unsorted,"a, b",2024-03-05T10:00:00.000Z,,,false\n',
        ),
        # https://pinboard.in/api/#posts_all
        (
            "pinboard.json",
            json.dumps([{"href": URL, "description": TITLE, "extended": "", "meta": "a", "hash": "b", "toread": "no"}]),
        ),
    ],
)
def test_exports_of_addresses_are_lists_of_them(tmp_path: Path, name: str, written: str) -> None:
    (tmp_path / name).write_text(written)
    [left_out] = read([str(tmp_path)])
    assert isinstance(left_out, LeftOut)
    assert left_out.reason.startswith("a list of 1 address and no articles")
