"""Find and read what the articles hold on a query."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from rag.models.deadline import time_is_up
from rag.models.hardware import cores
from rag.prompts import MEANING_SHARE, OTHER_SUBJECT, OUTSIDE_LIMIT, PARTIAL, SURVEYED
from rag.protocols import Reader, TrainedReader
from rag.retrieval.attribution import remove_attribution
from rag.retrieval.confidence import answer_probability, highest_expected, with_agreement
from rag.retrieval.definition_ranking import rank_definitions
from rag.retrieval.figure_ranking import rank_figures
from rag.retrieval.filters import SearchLimit, describe_limit, find_limit, narrow_filters
from rag.retrieval.foreign_ranking import confidence_by_words, score_by_words
from rag.retrieval.negation_ranking import rank_negations
from rag.retrieval.query import Query
from rag.retrieval.row_ranking import rank_rows
from rag.retrieval.sentence_ranking import SURE_RELEVANCE, ScoredSentence, confidence, score_sentences
from rag.retrieval.speaker_ranking import rank_by_speaker
from rag.retrieval.subjects import find_rivals
from rag.retrieval.surveys import Search, search_articles, survey
from rag.settings import Settings
from rag.text.question_clauses import split_question
from rag.text.time_expressions import remove_year
from rag.text.words import has_form_of, split_parts
from rag.types import Filters, Hit, Passage, Reading

_MIN_HITS = 30
"""Passages that are found, so that one who doubts the answer can look further than the reader did."""
_READ_BATCH = 2
"""Passages read between two looks at whether the rest can win; the first two often are sure enough."""
_READ_AHEAD = 2 * _READ_BATCH
"""Passages that are read at once where cores would be idle."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found for a query that is put to the index, the surest first once it was read."""

    query: Query
    hits: tuple[Hit, ...] = ()
    sentences: tuple[ScoredSentence, ...] = ()
    """The sentences that may answer, the surest first."""
    confidence: float = 0.0
    limit: SearchLimit = field(default_factory=SearchLimit)
    """The publisher and the time to which the search was limited."""
    is_widened: bool = False
    """Whether all articles were searched after those."""
    is_complete: bool = False
    """Whether it holds all that is to be said, found by rule and not by reading, as a survey does."""
    note: str = ""

    @property
    def period(self) -> str:
        """Describe to what the search was limited, and else the periods that the query names."""
        return describe_limit(self.query, self.limit, is_widened=self.is_widened)

    @property
    def articles_read(self) -> int:
        """Count the articles of which passages were read."""
        return len({hit.passage.article_id for hit in self.hits if hit.reading is not None})

    @property
    def answer(self) -> str:
        """The words that answer in the surest sentence with the noun asked for, “which mayor”, or in the surest."""
        asked = split_question(self.query.text)
        noun = asked.noun.split()[-1:] if asked is not None else []
        naming = (one for one in self.sentences if noun and has_form_of(noun[0], split_parts(one.text)))
        best = next(naming, None) or next(iter(self.sentences), None)
        return best.passage.at(*best.span) if best is not None else ""


def join_notes(notes: Iterable[str]) -> str:
    """Join notes on one line, each once."""
    return "; ".join(filter(None, dict.fromkeys(notes)))


def note_meaning_share(share: float) -> str:
    """Return a note on how much of the articles, 0 to 1, is searched by meaning; empty where all of them are."""
    return MEANING_SHARE.format(percent=int(100 * share)) if share < 1 else ""


class PassageReader:
    """Searches for queries, and reads what was found until nothing unread is expected to be surer."""

    def __init__(self, search: Search, reader: Reader, settings: Settings) -> None:
        """`settings` say how many passages are read, and how sure an answer must be."""
        self._search_index = search
        self._reader = reader
        self._settings = settings

    def find(self, query: Query, filters: Filters) -> Findings:
        """Search for a query, limited to the publisher and the time that it asks for; a blank one finds nothing."""
        if not query.text.strip():
            return Findings(query)
        limit = find_limit(query, filters)
        if limit.publisher:
            query = replace(query, text=remove_attribution(query.text, limit.publisher))
        if query.survey is not None:
            if surveyed := self._survey(query, limit, filters):
                return surveyed
            query = replace(query, survey=None)
        return Findings(query, self._search(query, narrow_filters(filters, limit)), limit=limit)

    def _survey(self, query: Query, limit: SearchLimit, filters: Filters) -> Findings | None:
        """Survey the articles for a query, with a note of how many were looked at; None where none is as wanted."""
        hits, limit = search_articles(self._search_index, query, limit, filters=filters)
        sentences = survey(query, hits, limit.period)
        if not sentences:
            return None
        found, looked = ({one.passage.article_id for one in several} for several in (sentences, hits))
        note = SURVEYED.format(found=len(found), looked=len(looked))
        return Findings(
            query, hits, tuple(sentences), confidence=sentences[0].score, limit=limit, is_complete=True, note=note
        )

    def _search(self, query: Query, filters: Filters) -> tuple[Hit, ...]:
        return tuple(self._search_index(query, max(self._settings.read_top, _MIN_HITS), filters))

    def read(self, findings: Findings, parts: int, filters: Filters) -> Findings:
        """Read what was found for one of so many parts of a question, unless it is complete.

        Where it was limited to articles that do not answer, all articles are searched and read. Where nothing answers,
        a note says so of what answers for another thing.
        """
        if findings.is_complete:
            return findings
        read = self._read_hits(findings, parts)
        if findings.limit.is_set and not self._is_sure(read) and not time_is_up():
            wide = replace(findings, hits=self._search(findings.query, filters), is_widened=True)
            read = self._read_hits(wide, parts)
            note = OUTSIDE_LIMIT.format(limit=findings.limit) if self._is_sure(read) else ""
            read = replace(read, note=join_notes([note, read.note]))
        return read if self._is_sure(read) else replace(read, note=join_notes([read.note, _note_other_subject(read)]))

    def _is_sure(self, findings: Findings) -> bool:
        return findings.confidence >= self._settings.answer_threshold

    def _read_hits(self, findings: Findings, parts: int) -> Findings:
        """Read the first hits of a query, until none unread is expected to be surer; sort those read, surest first.

        How many are read at most depends on `parts`, the number of parts, and the settings, not on the speed, so that
        one question has one answer: what idle cores read ahead counts only once its turn comes. Only a deadline ends it
        sooner, which the note says.
        """
        most = 2 * self._settings.read_top // (parts + 1)
        read = list[Hit]()
        rest = findings.hits[: most or 1]
        further = findings.hits[most or 1 :]
        ahead = list[Hit]()
        at_once = _READ_AHEAD if cores() > _READ_BATCH else _READ_BATCH
        note = ""
        while rest and (not read or max(map(answer_probability, read)) < highest_expected(rest)):
            if read and time_is_up():
                note = PARTIAL.format(left="all that was found was read")
                break
            ahead = ahead or self._read_batch(findings.query.text, rest[:at_once])
            read += ahead[:_READ_BATCH]
            ahead = ahead[_READ_BATCH:]
            rest = rest[_READ_BATCH:]
        read = sorted(with_agreement(read), key=lambda hit: -answer_probability(hit))
        found = (*read, *rest, *further)
        by_words = not self._understands(findings.query.answer_type.language)
        # What was found and not read tells what stands before a passage in its article.
        scored = score_by_words(findings.query, read) if by_words else score_sentences(findings.query, found)
        for rank in (rank_by_speaker, rank_negations, rank_definitions, rank_figures, rank_rows):
            scored = rank(findings.query, read, scored)
        return replace(
            findings,
            hits=found,
            sentences=tuple(scored),
            confidence=(confidence_by_words if by_words else confidence)(scored),
            note=note,
        )

    def _read_batch(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """Read a few hits, each for the question as an article of its year is asked it."""
        asked = [_ask_of(question, hit.passage) for hit in hits]
        readings: dict[str, Reading] = {}
        for text in dict.fromkeys(asked):
            passages = [hit.passage for hit, own in zip(hits, asked, strict=True) if own == text]
            ids = [passage.id for passage in passages]
            readings |= zip(ids, self._reader.read(text, passages), strict=True)
        return [replace(hit, reading=readings[hit.passage.id]) for hit in hits]

    def _understands(self, language: str) -> bool:
        """Whether the reader was trained on a language, or does not say on which."""
        trained = self._reader.languages if isinstance(self._reader, TrainedReader) else frozenset[str]()
        return not trained or language in trained


def _note_other_subject(findings: Findings) -> str:
    """Return a note where the reader took a sentence on another thing for the answer; empty where it took none."""
    beside = [hit.passage for hit in findings.hits]
    for one in findings.sentences:
        reading = one.hit.reading
        if reading is not None and reading.relevance >= SURE_RELEVANCE:
            rivals = find_rivals(findings.query.text, one.passage, (one.start, one.end), one.span, beside)
            if rivals is not None:
                return OTHER_SUBJECT.format(asked=rivals.asked, other=rivals.other)
    return ""


def _ask_of(question: str, passage: Passage) -> str:
    """Return a question without the year in which an article was published, unless the passage says it too."""
    year = passage.date[:4]
    return remove_year(question, year) if year and year not in passage.text else question
