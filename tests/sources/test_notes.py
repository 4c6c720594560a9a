"""Notes are read as the programs that write them show them, and front matter costs no article."""

from pathlib import Path

import pytest

from rag.failures import LeftOut
from rag.sources.formats.front_matter import NOTE, is_template, split_front_matter
from rag.sources.formats.markdown import TEMPLATE
from rag.sources.formats.note_syntax import rewrite_notes
from rag.types import Article
from tests.support.reading import read

BODY = "The weir was closed on Tuesday."


def only(path: Path, content: str) -> Article:
    path.write_text(content, encoding="utf-8")
    [item] = read([str(path)])
    assert isinstance(item, Article), item
    return item


@pytest.mark.parametrize(
    "head",
    [
        "---\ntitle: Weir closed\npublished: 2024-03-05\npublisher: Harbor Review\nlink: https://a.example/weir\n"
        "byline: Ann Lee\n---\n",
        "---\ntitle: Weir closed\npublished: true\ndate: 2024-03-05\nsource: https://a.example/weir\n"
        "site: Harbor Review\nauthor:\n  - '[[Ann Lee]]'\n---\n",
        "---\nTitel: Weir closed\nDatum: 05.03.2024\nQuelle: Harbor Review\nAutor: Ann Lee\nLink: https://a.example/weir\n...\n",
        '+++\ntitle = "Weir closed"\ndate = 2024-03-05T10:00:00Z\nauthors = ["Ann Lee"]\n[params]\n'
        'publisher = "Harbor Review"\nlink = "https://a.example/weir"\n+++\n',
        '{\n"title": "Weir closed", "date": "2024-03-05", "author": "Ann Lee", "source": "Harbor Review", '
        '"url": "https://a.example/weir"\n}\n\n',
        "title:: Weir closed\ndate:: 2024-03-05\nauthor:: [[Ann Lee]]\nsource:: https://a.example/weir\n"
        "publisher:: Harbor Review\n\n",
        "Title: Weir closed\nDate: 2024-03-05 10:20\nAuthor: Ann Lee\nSource: Harbor Review\nUrl: https://a.example/weir\n\n",
    ],
    ids=["names", "clipped", "german", "toml", "json", "properties", "headers"],
)  # fmt: skip
def test_fields_on_top_of_a_note(tmp_path: Path, head: str) -> None:
    article = only(tmp_path / "a.md", f"{head}{BODY}\n")
    assert (article.title, article.date, article.author) == ("Weir closed", "2024-03-05", "Ann Lee")
    assert (article.source, article.url, article.text) == ("Harbor Review", "https://a.example/weir", BODY)
    assert NOTE not in article.metadata


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("---\ntitle: Weir: what changes\ndate: 2024-03-05\n---\n", "Weir: what changes"),
        ("---\ntitle: Weir\nauthor: @ann\n---\n", "Weir"),
        ("---\ntitle:\tWeir\ntags:\n\t- river\n---\n", "Weir"),
        ('---\ntitle: "Weir" is closed\n---\n', '"Weir" is closed'),
        ("---\ntitle: Weir\nauthor: *ann\n---\n", "Weir"),
        ("---\ntitle: Weir\ntags: [a, b\n---\n", "Weir"),
        ("---\ntitle: 'Weir\n---\n", "'Weir"),
        ("---\ntitle: Weir\ndescription: %closed `now`\n---\n", "Weir"),
        ("---\ntitle: Weir\ntitle: [\n  closed\nnote: {{x}}\n---\n", "[ closed"),
        ("+++\ntitle = Weir\ndate = 5 March 2024\n+++\n", "Weir"),
    ],
)
def test_front_matter_that_is_not_valid_costs_a_note(tmp_path: Path, head: str, title: str) -> None:
    article = only(tmp_path / "a.md", f"{head}{BODY}\n")
    assert (article.title, article.text) == (title, BODY)
    assert article.metadata[NOTE].startswith("read line by line: ")


def test_front_matter_over_the_limit_costs_a_note(tmp_path: Path) -> None:
    article = only(tmp_path / "a.md", f"---\ntitle: Weir\ntags: {'x' * 70_000}\n---\n{BODY}\n")
    assert (article.title, article.text) == ("Weir", BODY)
    assert "64,000" in article.metadata[NOTE]


@pytest.mark.parametrize(
    "text",
    [
        f"---\n\n{BODY}\n\n---\n\nA note: with a colon: here.",
        "---\nNobody said: this: is a field.\nIt goes on.\n---\n\nMore.",
        f'{{"of": "the weir"}}\n\n{BODY}',
        f"Note: the weir is closed.\nBoats: forty.\n\n{BODY}",
        "std::vector holds the boats.\n\nMore.",
        f"+++\n{BODY}",
    ],
)
def test_what_is_no_front_matter_stays_text(text: str) -> None:
    assert split_front_matter(text) == ({}, text)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"title": "{{title}}", "date": "{{date}}"}, "# {{title}}\n"),
        ({"title": "<% tp.file.title %>"}, "## Attendees\n"),
        ({"tags": "a"}, "# {{title}}\n\n{{content}}\n"),
        ({"title": '{{ replace .Name "-" " " }}', "draft": "true"}, ""),
    ],
)
def test_templates_are_no_articles(tmp_path: Path, fields: dict[str, object], text: str) -> None:
    assert is_template(fields, text)
    head = "".join(f"{name}: {value}\n" for name, value in fields.items())
    (tmp_path / "a.md").write_text(f"---\n{head}---\n{text}")
    assert list(read([str(tmp_path)])) == [LeftOut(str(tmp_path / "a.md"), TEMPLATE)]
    assert not is_template({"title": "Weir"}, f"{BODY} {{{{< figure >}}}}")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("See [[Weir]], [[notes/Old mill.md|the mill]] and [[Weir#Gates]].", "See Weir, the mill and Weir."),
        ("See [[#Gates]] in [[town/Mill]], #[[flood watch]].", "See Gates in Mill, flood watch."),
        ("One ![[map.png|300]] two.", "One  two."),
        ("Shut. %%check this%% Open, at 5 %% of 9 %% in all.", "Shut.  Open, at 5  in all."),
        ("Shut by 100%% and then by 50%%.", "Shut by 100%% and then by 50%%."),
        ("One.\n\n%%\nhidden\n\nlines\n%%\n\nTwo.", "One.\n\n\n\nTwo."),
        ("It was ==very== wet; a == b == c.", "It was very wet; a == b == c."),
        ("It rained. ^abc123\n\n^table-1\n\nx ^2 and 10 ^12", "It rained.\n\n\n\nx ^2 and 10 ^12"),
        ("It rained.[^1]\n\n[^1]: He said so.", "It rained.\n\n\nHe said so."),
        ("It rained^[he said].", "It rained (he said)."),
        ("- [x] done\n- [ ] open", "- done\n- open"),
        ("- One.\n  id:: 64a\n  collapsed:: true\n- Two.", "- One.\n- Two."),
        ("> [!info]- Key point\n> Forty boats.\n\n> [!NOTE]\n> Wet.", "> Key point\n>\n> Forty boats.\n\n>\n> Wet."),
        ("{% raw %}Wet{% endraw %} {{< fig >}}{{% note %}}and cold{{% /note %}}.", "Wet and cold."),
        ("## Gates {#gates .wide}\n{:toc}\n[Wet]{.small}", "## Gates\n\nWet"),
        (":::note Mind the weir\nWet.\n:::", "\nMind the weir\n\nWet.\n\n\n"),
        ('!!! note "Mind"\n    Wet.\n\n    Cold.\nOn.', "\nMind\n\nWet.\n\nCold.\n\nOn."),
        ("`[[x]]` and\n```\n%%x%%\n```\n```dataview\nLIST\n```\nOn.", "`[[x]]` and\n```\n%%x%%\n```\n\nOn."),
        ("Plain [link](u), ![p](u) and *words*.", "Plain [link](u), ![p](u) and *words*."),
    ],
)
def test_what_notes_add_to_markdown(written: str, shown: str) -> None:
    assert rewrite_notes(written) == shown


def test_what_mdx_adds_to_markdown() -> None:
    written = (
        "import X from 'y'\nimport {\n  A,\n  B\n} from \"z\"\n\nexport const a = {\n  b: 1\n}\n\n"
        '{/* hidden */}Nine <X data={{a: "b"}} on={1}/>mills in <Note kind="a">Ossing</Note>.\n\nExport rose.'
    )
    assert rewrite_notes(written, is_mdx=True).strip() == "Nine mills in Ossing.\n\nExport rose."


@pytest.mark.parametrize(
    "mark", ["[[", "![[", "%%", "==", "{{", "{%", "`", "> [!a] ", "[^a]", " ^a", "{#", ":::", " " * 9]
)
def test_no_mark_takes_long_however_often_it_stands(mark: str) -> None:
    """The time limit of a test is what holds this."""
    rewrite_notes(mark * (60_000 // len(mark)))
    rewrite_notes(f"{mark}\n" * (60_000 // len(mark)), is_mdx=True)


def test_a_board_of_notes_is_no_article(tmp_path: Path) -> None:
    (tmp_path / "Board.canvas").write_text('{"nodes": [], "edges": []}')
    assert not [item for item in read([str(tmp_path)]) if isinstance(item, Article)]
