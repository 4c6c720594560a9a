"""Look up rows of tables for questions in other languages: “Welche Zeit hatte die Tern?” (pure)."""

import re
from collections.abc import Sequence

from rag.retrieval.answer_types import holds
from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence, score_by_rule
from rag.text.languages import common_words, fold
from rag.text.stems import find_stems, match_stem
from rag.text.table_rows import RowCell, TableRow, read_surroundings
from rag.text.words import has_words, join_words, split_words
from rag.types import Hit

LOOKED_UP = ("de", "fr", "es", "it", "pt", "nl")
"""Languages of the questions for which rows are looked up."""
_LEAST_SCORE = 0.8
"""The probability, at least, that a row answers which a question names by a cell and by a column."""
_MAX_TELLING_WORDS = 4
"""Words of the longest cell that tells its row from others; longer ones are remarks."""
_FREE_KINDS = ("other", "place", "time", "duration")
"""Types of answers that a cell may write as it likes, once its column is named."""
_NUMBER = re.compile(r"\d{3,}")
_CAPITALISED = re.compile(r"(?<=[\w,’'] )(?:[^\W\d_]{1,2}['’])?([A-ZÀ-Þ][\w-]+)|(?<=['’])([A-ZÀ-Þ][\w-]+)")
_GERMAN_NAME = re.compile(
    r"\b(?:aus|bei|gegen|in|nach|von)\s+([A-ZÄÖÜ][\w-]+)|([A-ZÄÖÜ]\w+)-(?=[A-ZÄÖÜ])|([A-ZÄÖÜ]\w+er) (?=[A-ZÄÖÜ])"
)
"""What is nearly surely a name in German, which writes all nouns with a capital: “in Varn”, “Varn-Pier”, “Varner”."""


def find_foreign_row(query: Query, hit: Hit, table: Sequence[TableRow]) -> list[ScoredSentence]:
    """Find the row of a table that a question surely asks for, by a cell that it alone has and another word of it."""
    language = query.answer_type.language
    if _is_english(hit.passage.text, language):
        return []
    asked = find_stems(query.text, language)
    columns = find_stems("; ".join(cell.name for row in table for cell in row.cells), language)
    telling = [_find_telling_stems(row, language) for row in table]
    told = (asked & frozenset().union(*telling)) - frozenset.intersection(*telling) - columns
    named = [
        (row, [cell for cell in row.cells if _is_named(cell, query.text, asked, language)])
        for row, own in zip(table, telling, strict=True)
        if told <= own
    ]
    most = max((len(cells) for _, cells in named), default=0)
    best = [(row, cells) for row, cells in named if cells and len(cells) == most]
    if len(best) != 1 or _names_another(query, hit, *best[0]):
        return []
    row, keys = best[0]
    span = _find_span(query, row, keys)
    score = max(_LEAST_SCORE, score_by_rule(hit))
    return [ScoredSentence(hit, row.start, row.end, span, score)] if span else []


def _is_english(text: str, language: str) -> bool:
    """Whether a text has more common words of English than of another language; the names of columns have none."""
    words = split_words(fold(text))
    english, own = common_words("en"), common_words(language)
    return sum(word in english - own for word in words) > sum(word in own - english for word in words)


def _find_telling_stems(row: TableRow, language: str) -> frozenset[str]:
    """Return the stems of the cells of a row that are no remarks."""
    values = (cell.value for cell in row.cells)
    return find_stems("; ".join(value for value in values if len(value.split()) <= _MAX_TELLING_WORDS), language)


def _is_named(cell: RowCell, question: str, asked: frozenset[str], language: str) -> bool:
    """Whether a question names the value of a cell, in whatever form; a figure only behind the name of its column."""
    value = join_words(fold(cell.value))
    words = join_words(fold(question))
    if value.replace("_", "").isdecimal() and len(value) < 3:
        return has_words(f"{join_words(fold(cell.name))} {value}", words)
    stems = find_stems(cell.value, language)
    is_short = len(cell.value.split()) <= _MAX_TELLING_WORDS
    return has_words(value, words) or (is_short and bool(stems) and stems <= asked)


def _names_another(query: Query, hit: Hit, row: TableRow, keys: Sequence[RowCell]) -> bool:
    """Whether a question has a name or a number that the row and what stands around its table lack.

    Where a row has a value that stands there too, it may be of another than the question names.
    """
    language = query.answer_type.language
    surroundings = f"{read_surroundings(hit.passage)} {hit.passage.date[:4]}"
    around = join_words(fold(surroundings))
    is_rivalled = any(has_words(join_words(fold(cell.value)), around) for cell in row.cells if cell not in keys)
    own = "; ".join(f"{cell.name}; {cell.value}" for cell in row.cells)
    known = find_stems(own if is_rivalled else f"{own}; {surroundings}", language)
    found = _GERMAN_NAME.findall(query.text) if language == "de" else _CAPITALISED.findall(query.text)
    names = ["".join(groups) for groups in found]
    return not find_stems("; ".join([*names, *_NUMBER.findall(query.text)]), language) <= known


def _find_span(query: Query, row: TableRow, keys: Sequence[RowCell]) -> tuple[int, int] | None:
    """Find the cell whose column a question names, or the whole row where there are several; None if unsure."""
    language = query.answer_type.language
    words = find_stems(query.text, language) - find_stems("; ".join(cell.value for cell in keys), language)
    fits = [(_match_column(cell, words, language), cell) for cell in row.cells if cell not in keys]
    best = max((fit for fit, _ in fits), default=0.0)
    cells = [cell for fit, cell in fits if fit and fit == best]
    holding = [cell for cell in cells if holds(query.answer_type, cell.value)]
    if not holding and query.answer_type.kind in _FREE_KINDS:
        holding = cells
    if len(holding) == 1:
        return holding[0].start, holding[0].end
    return (row.start, row.end) if holding or len(keys) > 1 else None


def _match_column(cell: RowCell, words: frozenset[str], language: str) -> float:
    """Return how surely words name the column of a cell, 0 to 1."""
    return max((match_stem(stem, words) for stem in find_stems(cell.name, language)), default=0.0)
