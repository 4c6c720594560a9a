"""Near-copies and newer versions: found among generated articles, told once, undone with their articles."""

import json
import random
import sqlite3
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import pytest

from rag.index import Index
from rag.retrieval.grouping import collapse_duplicates
from rag.storage.catalogue import Catalogue, IndexedArticle
from rag.storage.duplicates import NearDuplicates
from rag.storage.records import Scope
from rag.text.minhash import (
    compute_signature,
    estimate_similarity,
    figure_similarity,
    hash_bands,
    hash_shingles,
    have_different_figures,
    shingle_similarity,
)
from rag.types import Article, Filters, Hit, Passage
from tests.support.generated_news import article as made
from tests.support.generated_news import edited, series

TEXT = "\n\n".join(made(random.Random(1), 8))


def test_runs_are_those_of_the_words() -> None:
    assert len(hash_shingles("One two three, four five six!")) == 2
    assert (
        shingle_similarity(hash_shingles("one two three four five six"), hash_shingles("ONE two three four five — six"))
        == 1.0
    )
    assert shingle_similarity(
        hash_shingles("one two three four five six"), hash_shingles("one two three four five seven")
    ) == pytest.approx(1 / 3)
    assert shingle_similarity(hash_shingles("one two"), hash_shingles("one three")) == 0.0
    assert len(hash_shingles("")) == 1


def test_signatures_agree_as_texts_share_runs() -> None:
    luck, wrong = random.Random(3), []
    for share in (0.0, 0.01, 0.02, 0.05, 0.1) * 6:
        first = made(luck, 10)
        one, other = (hash_shingles("\n\n".join(text)) for text in (first, edited(luck, first, share)))
        wrong.append(
            estimate_similarity(compute_signature(one), compute_signature(other)) - shingle_similarity(one, other)
        )
    assert max(map(abs, wrong)) < 0.16
    assert abs(sum(wrong) / len(wrong)) < 0.03


def test_bands_meet_where_texts_are_alike() -> None:
    luck, met, apart = random.Random(4), 0, 0
    for _ in range(60):
        first = made(luck, 10)
        near, far = edited(luck, first, 0.015), edited(luck, first, 0.3)
        own, one, other = (
            set(hash_bands(compute_signature(hash_shingles("\n\n".join(text))))) for text in (first, near, far)
        )
        met += bool(own & one)
        apart += not own & other
    assert (met, apart) == (60, 60)


def test_figures() -> None:
    assert have_different_figures("10 died in 2024", "12 died in 2024")
    assert not have_different_figures("10 died in 2024", "10 died in 2024, 3 of them at sea")
    assert figure_similarity("10 died in 2024", "12 died in 2024") == pytest.approx(1 / 3)
    assert figure_similarity("None died", "Nobody died") == 1.0


# The tables.


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "catalogue.sqlite")


def put(catalogue: Catalogue, *articles: Article) -> NearDuplicates:
    catalogue.confirm([IndexedArticle(article, "root", 1) for article in articles])
    copies = NearDuplicates(catalogue.database, catalogue.article)
    copies.update()
    return copies


def families(copies: NearDuplicates, ids: Sequence[str]) -> set[frozenset[str]]:
    kin = copies.groups(ids)
    return {frozenset(id for id in ids if kin.family.get(id) == number) for number in kin.family.values()}


def test_pairs_of_known_truth(catalogue: Catalogue) -> None:
    """Of 60 originals, each with a light edit, a shortened copy, a rewrite and a next report, the copies are found."""
    luck, articles, truth = random.Random(5), [], set[frozenset[str]]()
    for number in range(60):
        first = made(luck, luck.randrange(4, 14))
        light = ["(Wire) — " + first[0], *edited(luck, first[1:], 0.008)]
        rewritten, next_report = edited(luck, first, 0.25), series(luck, edited(luck, first, 0.0))
        told = {"first": first, "light": light, "rewritten": rewritten, "next": next_report}
        articles += [Article(f"{number}-{name}", "T", "\n\n".join(text), source=name) for name, text in told.items()]
        truth.add(frozenset({f"{number}-first", f"{number}-light"}))
    copies = put(catalogue, *articles)
    found = families(copies, [article.id for article in articles])
    pairs = {frozenset(pair) for family in found for pair in combinations(family, 2)}
    assert len(pairs & truth) >= 0.95 * len(truth)
    assert len(pairs - truth) <= 0.02 * len(pairs)


def test_families_come_and_go_with_their_articles(catalogue: Catalogue) -> None:
    one, two, three = (Article(id, "T", TEXT, source=id) for id in ("one", "two", "three"))
    other = Article("other", "T", "\n\n".join(made(random.Random(9), 8)))
    copies = put(catalogue, one, other)
    assert families(copies, ["one", "other"]) == set()
    copies = put(catalogue, two, three)
    assert families(copies, ["one", "two", "three", "other"]) == {frozenset({"one", "two", "three"})}
    [number] = set(copies.groups(["one", "two"]).family.values())
    assert sorted(id for id, *_ in copies.members(number)) == ["one", "three", "two"]
    catalogue.forget(["one"])
    copies.update()
    assert families(copies, ["one", "two", "three"]) == {frozenset({"two", "three"})}
    copies = put(catalogue, Article("three", "T", other.text, source="three"), Article("one", "T", other.text))
    assert families(copies, ["one", "two", "three", "other"]) == {frozenset({"one", "three", "other"})}


def test_an_index_of_before_is_compared_at_the_next_write(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.confirm([IndexedArticle(Article(id, "T", TEXT, source=id), "root", 1) for id in ("one", "two")])
    copies = NearDuplicates(catalogue.database, catalogue.article)
    assert families(copies, ["one", "two"]) == set()
    copies.update()
    assert families(copies, ["one", "two"]) == {frozenset({"one", "two"})}
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as file:
        file.execute("UPDATE signatures SET method = 'another', made = zeroblob(480)")
    file.close()
    again = NearDuplicates(catalogue.database, catalogue.article)
    again.update()
    assert families(again, ["one", "two"]) == {frozenset({"one", "two"})}


def dated(id: str, date: str, title: str = "Bridge closes", text: str = TEXT, source: str = "Gazette") -> Article:
    return Article(id, title, text, source=source, date=date)


LATER = TEXT + "\n\nThe council will meet again."


@pytest.mark.parametrize(
    ("newer", "is_version"),
    [
        (dated("new", "2024-03-02", text=LATER), True),
        (dated("new", "2024-03-02", title="Old bridge closes"), True),
        (dated("new", "2024-03-02", title=""), True),
        (dated("new", "2024-03-01", text=LATER), False),
        (dated("new", "", text=LATER), False),
        (dated("new", "2024-03-02", source="Post"), False),
        (dated("new", "2024-03-02", title="Frost destroys the whole harvest"), False),
        (dated("new", "2024-03-02", title="Bridge closes 2"), False),
        (dated("new", "2024-03-02", text="\n\n".join(series(random.Random(1), TEXT.split("\n\n")))), False),
        (dated("new", "2024-03-02", text="\n\n".join(made(random.Random(2), 8))), False),
    ],
)
def test_versions(catalogue: Catalogue, newer: Article, is_version: bool) -> None:
    copies = put(catalogue, dated("old", "2024-03-01"), newer)
    assert copies.versions() == ([("old", "new")] if is_version else [])
    assert copies.groups(["old", "new"]).replaced == ({"old"} if is_version else set())


def test_a_version_counts_only_once_it_was_published(catalogue: Catalogue) -> None:
    copies = put(catalogue, dated("new", "2024-03-05", text=LATER), dated("old", "2024-03-01"))
    assert copies.groups(["old"], until="2024-03-04").replaced == set()
    assert copies.groups(["old"], until="2024-03-05").replaced == {"old"}
    catalogue.forget(["new"])
    copies.update()
    assert copies.versions() == []


# In answers.


@pytest.fixture
def syndicated(index: Index, tmp_path: Path) -> Callable[..., Index]:
    def sync(*articles: Article) -> Index:
        rows = [{"id": a.id, "title": a.title, "text": a.text, "source": a.source, "date": a.date} for a in articles]
        file = tmp_path / "articles.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        index.sync(file)
        return index

    return sync


def test_copies_take_one_place_and_name_each_other(syndicated: Callable[..., Index]) -> None:
    luck = random.Random(6)
    copied = [dated(f"c{n}", "2024-03-01", source=f"Paper {n}", text=f"(Wire {n}) {TEXT}") for n in range(4)]
    others = [dated(f"o{n}", "2024-03-01", text="\n\n".join(made(luck, 5))) for n in range(5)]
    index = syndicated(*copied, *others)
    for paragraph in TEXT.split("\n\n"):
        hits = index.search(paragraph, 10)
        told = [hit for hit in hits if hit.passage.article_id.startswith("c")]
        assert len({hit.passage.article_id for hit in told}) == 1
        assert paragraph[:40] in hits[0].passage.text or paragraph[-40:] in hits[0].passage.text
        for hit in told:
            assert {passage.source for passage in (hit.passage, *hit.copies)} == {f"Paper {n}" for n in range(4)}
            for passage in (hit.passage, *hit.copies):
                stored = index.article(passage.article_id)
                assert stored is not None and stored.text[passage.start : passage.end] == passage.text
    named = index.search(TEXT[:200], 10, Filters(publisher="Paper 2"))
    assert {passage.source for hit in named for passage in (hit.passage, *hit.copies)} == {"Paper 2"}


def test_of_many_copies_only_those_that_are_named_are_read(catalogue: Catalogue) -> None:
    put(catalogue, *(dated(f"c{n:03d}", "2024-03-01", source=f"Paper {n % 2}", text=TEXT) for n in range(150)))
    read: list[str] = []

    def article(id: str) -> Article | None:
        read.append(id)
        return catalogue.article(id)

    hit = Hit(
        Passage(article_id="c100", title="T", source="Paper 0", date="2024-03-01", text=TEXT[:80], start=0, end=80), 1.0
    )
    [told] = collapse_duplicates([hit], NearDuplicates(catalogue.database, article), Scope(publishers=("Paper 1",)))
    assert told.passage == hit.passage
    assert [copy.article_id for copy in told.copies] == [f"c{n:03d}" for n in range(1, 41, 2)]
    assert len(read) == 21


def test_what_only_a_copy_says_stays(syndicated: Callable[..., Index]) -> None:
    added = "Hester Quill baked ninety loaves for the ferrymen of Lune during the long winter storm."
    index = syndicated(dated("one", "2024-03-01"), dated("two", "2024-03-01", source="Post", text=f"{TEXT}\n\n{added}"))
    found = index.search("Who baked loaves for the ferrymen of Lune?", 3)
    assert any(hit.passage.article_id == "two" and added in hit.passage.text for hit in found)


def test_the_newer_version_answers(syndicated: Callable[..., Index]) -> None:
    index = syndicated(dated("old", "2024-03-01"), dated("new", "2024-03-09", text=LATER), dated("x", "2024-03-01",
                       text="\n\n".join(made(random.Random(8), 4))))  # fmt: skip

    def first(question: str = TEXT[:150], filters: Filters | None = None) -> str:
        ids = {hit.passage.article_id for hit in index.search(question, 10, filters)}
        [id] = ids & {"old", "new"}
        return id

    assert first() == "new"
    assert first(filters=Filters(until="2024-03-05")) == "old"
    assert first(filters=Filters(as_of="2024-03-05")) == "old"
    ids = {hit.passage.article_id for hit in index.search(f"In the article of March 1: {TEXT[:150]}", 10)}
    assert "old" in ids
    assert index.versions() == [("old", "new")]
    assert index.article("old") is not None
    index.remove("new")
    assert first() == "old" and index.versions() == []
