"""Look up rows of tables: “How many lamps in Oak Lane are broken?”, “Which crew came second?” (pure)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from rag.retrieval.answer_types import holds
from rag.retrieval.foreign_rows import LOOKED_UP, find_foreign_row
from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence, score_by_rule, sort_by_score
from rag.text.english import AUXILIARIES, FUNCTION_WORDS, HIGHEST, LOWEST, PLACE_COLUMNS, PLACES, any_of
from rag.text.lexical import content_words, find_names
from rag.text.table_rows import RowCell, TableRow, read_surroundings, read_tables
from rag.text.words import has_words, join_words
from rag.types import Hit, Passage

_PLACED = re.compile(
    r"\b(?:c[ao]me|comes|finish(?:ed|es)?|placed|ranke?d?|ranks|was|is|were|are|took|got|ended|in)(?: up)?(?: in)?"
    rf"(?: the)? (?:(?P<word>{any_of(PLACES)}|last)|(?P<number>\d{{1,3}})(?:st|nd|rd|th))\b(?! (?:time|of)\b)"
    rf"|\b(?:(?P<place>{any_of(PLACES)}|last)|(?P<figure>\d{{1,3}})(?:st|nd|rd|th)) (?:place|rank|position)\b"
    r"|\b(?P<won>won|wins?|winner|winning)\b",
    re.IGNORECASE,
)
_MOST = re.compile(rf"\b(?:(?P<high>{any_of(HIGHEST)})|(?P<low>{any_of(LOWEST)}))\b", re.IGNORECASE)
_ASKED_NOUN = re.compile(r"\b(?:which|what) (?P<noun>[^\W\d_]+)", re.IGNORECASE)
_TIMES = re.compile(r"\d+(?::\d\d)+(?:[.,]\d+)?")
_NUMBER = re.compile(r"-?\d[\d, ]*(?:\.\d+)?")
_LACKING_FACTOR = 0.02
"""What is left of the score of a row whose table lacks what the question names."""
_NO_VALUES = ("reason", "explanation", "list", "comparison", "yes or no")
"""Types of answers that no cell holds."""
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
_POSSESSIVE = re.compile(r"['’]s?(?!\w)")
_BEHIND = ("of", "in", "at", "near", "of the", "in the", "at the")
"""What stands between a thing and the name of what it belongs to."""
_MAX_TELLING_WORDS = 4
"""Words of the longest cell that tells its row from others; longer ones are remarks."""
_MAX_OPEN_CHARS = 600
"""A passage longer than this may end in the middle of a table that it ends with."""


def rank_rows(query: Query, hits: Sequence[Hit], ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Answer with the row of a table that a question surely asks for, by the names of its columns and by its cells.

    Readers are trained on sentences, and mark the same cell of every row. Of the rows of a table that lacks what the
    question names, such as its year, little is left.
    """
    language = query.answer_type.language
    if language not in ("en", *LOOKED_UP) or query.answer_type.kind in _NO_VALUES:
        return list(ranked)
    find_row = _find_row if language == "en" else find_foreign_row
    read = [hit for hit in hits if hit.reading is not None and hit.passage.blocks]
    tables = [(hit, table) for hit in read for table in read_tables(hit.passage)]
    found = [one for hit, table in tables for one in find_row(query, hit, table)]
    if found:
        best = max(found, key=lambda one: one.score)
        top = max([best.score, *(one.score for one in ranked)])
        return [replace(best, score=top)]
    lacking = {
        (hit.passage.article_id, row.start)
        for hit, table in tables
        if language == "en" and (_is_of_another(query.text, table) or _is_on_another(query.text, hit.passage, table))
        for row in table
    }
    return sort_by_score(
        replace(one, score=_LACKING_FACTOR * one.score) if one.place in lacking else one for one in ranked
    )


def _find_row(query: Query, hit: Hit, table: Sequence[TableRow]) -> Iterator[ScoredSentence]:
    """Find the row of a table that a question surely asks for, if there is one."""
    passage = hit.passage
    if not _speaks_of(query.text, f"{passage.title} {passage.date[:4]} {passage.text}"):
        return
    if _is_on_another(query.text, passage, table):
        return
    is_whole = table[-1].end < passage.end or len(passage.text) <= _MAX_OPEN_CHARS
    row = _find_placed(query.text, table) or (is_whole and _find_extreme(query.text, table)) or None
    row = row or _find_named(query.text, table, read_surroundings(passage))
    if row is not None and (span := _find_span(query, *row)):
        yield ScoredSentence(hit, row[0].start, row[0].end, span, score_by_rule(hit))


def _is_of_another(question: str, table: Sequence[TableRow]) -> bool:
    """Whether a table has a column of years or of such names as a question names, and lacks the one that it names."""
    values = {join_words(cell.value) for row in table for cell in row.cells}
    years = {value for value in values if _YEAR.fullmatch(value)}
    asked = set(_YEAR.findall(join_words(question)))
    if asked and len(years) >= 2 and not any(has_words(year, value) for year in asked for value in values):
        return True
    names = [join_words(name) for name in find_names(question)]
    kinds = {value.split()[-1] for value in values if len(value.split()) > 1}
    if any(name.split()[-1:] == [kind] and " " in name and not _has(values, name) for name in names for kind in kinds):
        return True
    plain = join_words(_POSSESSIVE.sub("", question))
    named = {value.split()[-1] for value in values if " " in value and has_words(value, plain)}
    return any(
        _belongs(kind, name, plain) and not _has(values, name) for name in names for kind in sorted(kinds - named)
    )


def _is_on_another(question: str, passage: Passage, table: Sequence[TableRow]) -> bool:
    """Whether an article is on the Sandholm pier and a question on the Varn one, which no row names."""
    plain = join_words(_POSSESSIVE.sub("", question))
    around = read_surroundings(passage)
    values = [around, *(join_words(cell.value) for row in table for cell in row.cells)]
    asked = [name for name in map(join_words, find_names(question)) if not _has(values, name)]
    others = [join_words(name) for name in find_names(f"… {passage.title}")]
    things = {thing for thing in around.split() if thing not in FUNCTION_WORDS}
    return any(
        _belongs(thing, name, plain)
        and (
            not has_words(name, join_words(passage.text))
            or any(_belongs(thing, other, around) for other in others if other != name)
        )
        for name in asked
        for thing in sorted(things)
    )


def _has(values: Iterable[str], words: str) -> bool:
    return any(has_words(words, value) for value in values)


def _belongs(thing: str, name: str, words: str) -> bool:
    """Whether joined words have a thing by the name of what it belongs to: “Varn pier”, “pier at Varn”."""
    phrases = (f"{name} {thing}", *(f"{thing} {between} {name}" for between in _BEHIND))
    return any(has_words(phrase, words) for phrase in phrases)


def _speaks_of(question: str, context: str) -> bool:
    """Whether a text holds every name and every number of a question."""
    words = set(join_words(context).split())
    stems = content_words(context)
    named = {word for name in find_names(question) for word in join_words(name).split()}
    numbers = set(re.findall(r"\d{3,}", join_words(question)))
    return all(word in words or content_words(word) & stems for word in named) and numbers <= words


def _find_placed(question: str, table: Sequence[TableRow]) -> tuple[TableRow, list[RowCell]] | None:
    """Find the row whose place a question names: “second”, “last”, “won”."""
    asked = _PLACED.search(question)
    if asked is None:
        return None
    column = [(row, cell) for row in table for cell in row.cells if join_words(cell.name) in PLACE_COLUMNS]
    places = {value: (row, [cell]) for row, cell in column if (value := _parse_place(cell.value))}
    if len(places) < 2:
        return None
    word = (asked["word"] or asked["place"] or "").casefold()
    number = int(asked["number"] or asked["figure"] or 0)
    wanted = 1 if asked["won"] else max(places) if word == "last" else number or PLACES.get(word, 0)
    return places.get(wanted)


def _parse_place(value: str) -> int:
    """Parse a place such as “2”, “2.”, “2nd” or “second”; 0 for anything else."""
    found = re.fullmatch(r"(\d{1,3})(?:\.|st|nd|rd|th)?", value.strip().casefold())
    return int(found[1]) if found else PLACES.get(value.strip().casefold(), 0)


def _find_extreme(question: str, table: Sequence[TableRow]) -> tuple[TableRow, list[RowCell]] | None:
    """Find the row with the most or the least of what a question names: “the most broken lamps”, “the fastest”."""
    asked = _MOST.search(question)
    if asked is None or len(table) < 2:
        return None
    noun = _ASKED_NOUN.search(question)
    words = content_words(question) - (content_words(noun["noun"]) if noun else frozenset())
    columns: dict[str, list[tuple[float, TableRow, RowCell]]] = {}
    for row in table:
        for cell in row.cells:
            value = _parse_measure(cell.value)
            columns.setdefault(cell.name, []).extend([(value, row, cell)] if value is not None else [])
    full = {name: cells for name, cells in columns.items() if len(cells) == len(table)}
    full = {name: cells for name, cells in full.items() if join_words(name) not in PLACE_COLUMNS}
    fitting = [name for name in full if content_words(name) & words] or (list(full) if len(full) == 1 else [])
    if not fitting:
        return None
    # Of “the most broken lamps” those that are broken are counted.
    after = join_words(question[asked.end() :]).split()
    first = min(fitting, key=lambda name: _place_of(name, after))
    cells = sorted(full[first], key=lambda one: one[0], reverse=bool(asked["high"]))
    if cells[0][0] == cells[1][0]:
        return None
    return cells[0][1], [cells[0][2]]


def _place_of(name: str, words: Sequence[str]) -> int:
    """Return where among words the first one of a name stands, or how many there are."""
    stems = content_words(name)
    return next((number for number, word in enumerate(words) if content_words(word) & stems), len(words))


def _parse_measure(value: str) -> float | None:
    """Parse the number or the time that a cell begins with; None for any other cell."""
    text = value.strip().lstrip("$£€~<> ")
    if times := _TIMES.match(text):
        parts = [float(part.replace(",", ".")) for part in times[0].split(":")]
        return sum((part * 60.0**power for power, part in enumerate(reversed(parts))), 0.0)
    number = _NUMBER.match(text)
    return float(number[0].replace(",", "").replace(" ", "")) if number else None


def _find_named(question: str, table: Sequence[TableRow], surroundings: str) -> tuple[TableRow, list[RowCell]] | None:
    """Find the only row most of whose cells a question names, and whose own are the words that tell rows apart."""
    asked = join_words(question)
    columns = content_words(" ".join(cell.name for row in table for cell in row.cells))
    telling = [_find_telling_words(row) for row in table]
    common = frozenset.intersection(*telling)
    told = (content_words(question) & frozenset().union(*telling)) - common - columns
    named = [
        (row, [cell for cell in row.cells if _is_named(cell, asked)])
        for row, own in zip(table, telling, strict=True)
        if told <= own
    ]
    most = max((len(cells) for _, cells in named), default=0)
    best = [(row, cells) for row, cells in named if cells and len(cells) == most]
    if len(best) != 1 or _is_of_namesake(question, *best[0], surroundings):
        return None
    return best[0]


def _find_telling_words(row: TableRow) -> frozenset[str]:
    """Return the content words of the cells of a row that are no remarks."""
    values = (cell.value for cell in row.cells)
    return content_words("; ".join(value for value in values if len(value.split()) <= _MAX_TELLING_WORDS))


def _is_of_namesake(question: str, row: TableRow, keys: Sequence[RowCell], surroundings: str) -> bool:
    """Whether a question gives a cell that it names a qualifier that its row and what stands around it lack.

    The pier of “the Varn pier” is none in Sandholm, even if an article is about both.
    """
    own = content_words("; ".join(f"{cell.name}; {cell.value}" for cell in row.cells))
    is_rivalled = any(has_words(join_words(cell.value), surroundings) for cell in row.cells if cell not in keys)
    known = own if is_rivalled else own | content_words(surroundings)
    return any(not _find_qualifiers(question, join_words(key.value)) <= known for key in keys)


def _find_qualifiers(question: str, value: str) -> frozenset[str]:
    """Return the content words that qualify a value in a question: “varn” of “the Varn pier” and “the pier at Varn”."""
    plain = join_words(_POSSESSIVE.sub("", question))
    names = [join_words(name) for name in find_names(question)]
    found = {name for name in names if _belongs(value, name, plain)}
    before = f" {plain} ".partition(f" {value} ")[0].split()
    run = list(takewhile(lambda word: word not in FUNCTION_WORDS | AUXILIARIES, reversed(before)))
    opening = before[len(before) - len(run) - 1] if len(before) > len(run) else ""
    if opening in ("the", "a", "an") or (run and _has(names, run[0])):
        found |= {*run}
    return content_words(" ".join(found))


def _is_named(cell: RowCell, asked: str) -> bool:
    """Whether a question names the value of a cell; a short number only behind the name of its column."""
    value = join_words(cell.value)
    if value.isdecimal() and len(value) < 3:
        return has_words(f"{join_words(cell.name)} {value}", asked)
    return has_words(value, asked)


def _find_span(query: Query, row: TableRow, keys: Sequence[RowCell]) -> tuple[int, int] | None:
    """Find the cell of a row that a question asks for, or the whole row where it asks for several; None if unsure."""
    others = [cell for cell in row.cells if cell not in keys]
    noun = _ASKED_NOUN.search(query.text)
    if noun and (cells := [cell for cell in others if content_words(noun["noun"]) & content_words(cell.name)]):
        return cells[0].start, cells[0].end
    words = content_words(query.text) - content_words(" ".join(cell.value for cell in keys))
    cells = [cell for cell in others if content_words(cell.name) & words and holds(query.answer_type, cell.value)]
    if len(cells) == 1:
        return cells[0].start, cells[0].end
    if cells:
        return row.start, row.end
    if query.answer_type.kind == "person" and others:
        return others[0].start, others[0].end
    return None
