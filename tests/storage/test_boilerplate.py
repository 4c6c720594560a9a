"""Paragraphs that a site repeats: found in generated sites of known truth, decided once a sync, never in JSON lines."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from rag.index import Index
from rag.storage.boilerplate import Boilerplate, BoilerplateCounter, KnownBoilerplate, without_boilerplate
from rag.storage.catalogue import Catalogue
from rag.types import Article
from tests.support.generated_news import article as made
from tests.support.generated_news import edited, sentence

FURNITURE = (
    "Sign up for our morning newsletter and never miss a story.",
    "Read more about the region in our app, now in version 12.",
    "© 2024 Harbor Review. All rights reserved.",
)


def told(number: int, text: list[str], source: str = "Harbor Review") -> Article:
    return Article(f"a{number}", "T", "\n\n".join(text), source=source, origin=f"/pages/{number}.html")


def decide(tmp_path: Path, articles: list[Article]) -> tuple[KnownBoilerplate, BoilerplateCounter]:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")
    repeated, counting = Boilerplate(catalogue.database), BoilerplateCounter()
    for article in articles:
        assert counting.count(article) == article
    decided = repeated.learn(counting.counted)
    catalogue.close()
    return decided, BoilerplateCounter(decided)


def test_a_site_of_known_truth(tmp_path: Path) -> None:
    """Of 90 articles: furniture in many of them goes, whatever stands in few, is quoted, long or inside stays."""
    luck = random.Random(1)
    quote = "“We will not leave this bridge to rust away,” the mayor said."
    long = " ".join(sentence(luck) for _ in range(6))
    heading, rare = "Why this matters", "Our reporter paid for the ferry herself."
    articles, truth = [], []
    for number in range(90):
        body = made(luck, 20)
        ends = [line for line in FURNITURE if luck.random() < 0.4]
        dressed = [*body[:10], heading, *body[10:]] if number % 8 == 0 else list(body)
        dressed += [quote] * (number % 4 == 0) + [long] * (number % 5 == 0) + [rare] * (number < 3)
        bare = list(dressed)
        dressed[1:1] = ends[:1]
        dressed += [line.replace("2024", str(2020 + number % 5)) for line in ends[1:]]
        articles.append(told(number, dressed))
        truth.append("\n\n".join(bare))
    _, counting = decide(tmp_path, articles)
    assert [counting.clean(article).text for article in articles] == truth


def test_few_articles_decide_nothing(tmp_path: Path) -> None:
    luck = random.Random(2)
    articles = [told(number, [*made(luck, 5), FURNITURE[0]]) for number in range(3)]
    assert not any(decide(tmp_path, articles)[0].values())


def test_versions_of_one_article_count_once(tmp_path: Path) -> None:
    luck = random.Random(3)
    story = [*made(luck, 4), "The council meets on Friday.", "Nobody was hurt."]
    versions = [told(number, [*story, sentence(luck)]) for number in range(12)]
    others = [told(100 + number, made(luck, 6)) for number in range(5)]
    assert not any(decide(tmp_path, versions + others)[0].values())


def test_sites_are_counted_apart(tmp_path: Path) -> None:
    luck = random.Random(4)
    mine = [told(number, [*made(luck, 5), FURNITURE[0]]) for number in range(6)]
    theirs = [told(50 + number, [*made(luck, 5), *FURNITURE[: number < 1]], "Post") for number in range(6)]
    _, counting = decide(tmp_path, mine + theirs)
    assert FURNITURE[0] not in counting.clean(mine[0]).text
    assert FURNITURE[0] in counting.clean(theirs[0]).text


def test_an_article_never_becomes_empty_or_less_than_half(tmp_path: Path) -> None:
    luck = random.Random(5)
    articles = [told(number, [*made(luck, 5), *FURNITURE]) for number in range(9)]
    decided, _ = decide(tmp_path, articles)
    only = told(99, list(FURNITURE))
    assert without_boilerplate(only, decided["harbor review"]) == only
    short = told(98, [*FURNITURE, "The bridge is closed."])
    assert without_boilerplate(short, decided["harbor review"]) == short
    one = told(97, [FURNITURE[0]])
    assert without_boilerplate(one, decided["harbor review"]) == one


def test_headings_inside_go_only_where_very_many_have_them(tmp_path: Path) -> None:
    luck = random.Random(6)
    some = [told(n, [*made(luck, 15), *["The bottom line"] * (n % 10 == 0), *made(luck, 15)]) for n in range(60)]
    _, counting = decide(tmp_path, some)
    assert all(counting.clean(article) == article for article in some)
    (tmp_path / "catalogue.sqlite").unlink()
    all_of_them = [told(n, [*made(luck, 15), "Advertisement", *made(luck, 15)]) for n in range(12)]
    _, counting = decide(tmp_path, all_of_them)
    assert not any("Advertisement" in counting.clean(article).text for article in all_of_them)


def test_what_is_decided_does_not_flicker(tmp_path: Path) -> None:
    luck, repeated = random.Random(7), Boilerplate(Catalogue(tmp_path / "catalogue.sqlite").database)

    def learn(first: int, count: int, lines: tuple[str, ...]) -> bool:
        counting = BoilerplateCounter()
        for number in range(first, first + count):
            counting.count(told(number, [*made(luck, 5), *lines]))
        return any(repeated.learn(counting.counted).values())

    assert learn(0, 5, FURNITURE[:1])
    assert learn(5, 150, ())  # 5 of 155 are under the share that decides, but not far
    assert not learn(155, 150, ())


# In an index.


def write(folder: Path, numbers: range, luck: random.Random) -> None:
    folder.mkdir(exist_ok=True)
    for number in numbers:
        text = "\n\n".join([*made(luck, 5), FURNITURE[0]])
        (folder / f"{number}.md").write_text(f"---\ntitle: T{number}\nsource: Harbor Review\n---\n\n{text}\n")


def holding(index: Index) -> set[str]:
    return {article.id for article in index.articles() if FURNITURE[0] in article.text}


def test_a_sync_decides_once_and_is_stable(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    write(folder, range(6), random.Random(8))
    assert index.sync(folder).added == 6
    assert holding(index) == set()
    assert index.sync(folder).unchanged == 6
    assert index.rebuild().added == 6
    assert holding(index) == set()
    assert index.sync(folder).unchanged == 6


def test_adding_one_page_uses_the_counts_and_changes_no_other(index: Index, tmp_path: Path) -> None:
    folder, luck = tmp_path / "pages", random.Random(9)
    write(folder, range(3), luck)
    index.sync(folder)
    assert holding(index) == {"0.md", "1.md", "2.md"}
    write(folder, range(3, 4), luck)
    assert index.add(folder / "3.md").added == 1
    assert holding(index) == {"0.md", "1.md", "2.md"}, "the fourth decides, and is clean itself"
    changes = index.sync(folder)
    assert (changes.updated, changes.unchanged) == (3, 1)
    assert holding(index) == set()


def test_json_lines_stay_as_they_are(index: Index, tmp_path: Path) -> None:
    luck, file = random.Random(10), tmp_path / "articles.jsonl"
    rows = [
        {"id": f"a{n}", "title": "T", "source": "Harbor Review", "text": "\n\n".join([*made(luck, 5), FURNITURE[0]])}
        for n in range(8)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    index.sync(file)
    assert len(holding(index)) == 8


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_edited_lines_are_other_lines(tmp_path: Path, share: float) -> None:
    luck = random.Random(11)
    lines = [edited(luck, [sentence(luck)], share)[0] for _ in range(12)]
    articles = [told(number, [*made(luck, 5), line]) for number, line in enumerate(lines)]
    assert not any(decide(tmp_path, articles)[0].values())
    without_site = [replace(article, source="") for article in articles]
    assert BoilerplateCounter({"": {1: True}}).clean(without_site[0]) == without_site[0]
