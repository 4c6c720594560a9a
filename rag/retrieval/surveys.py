"""Survey the articles that were found: one sentence of each that names what is asked about, or tells what happened.

Nothing is read by a network: whether a name or a day stands in a text is sure, and so is what an article opens with.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from rag.retrieval.filters import SearchLimit, narrow_filters
from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence
from rag.text.dates import find_days, find_relative_days
from rag.text.languages import find_language
from rag.text.lexical import NameMatcher, content_words, find_names
from rag.text.sentences import split_passage
from rag.text.time_expressions import Period
from rag.types import Filters, Hit

Search = Callable[[Query, int, Filters], list[Hit]]
"""Finds the best passages, at most so many, of the articles that the filters let through."""

_AFTERMATH_DAYS = 7
"""Days after a time in which articles still tell of it."""
_AFTERMATH_OF_DAY = 30
"""Days after a single day, which they then name."""
_SCORE = 0.9
"""The probability of a sentence in which what is asked for stands: it may be of a namesake."""
_MOST_OF_ONE = 2
"""Sentences of the only article that tells of a time."""
_MAX_PASSAGES = 60
"""Passages that are looked at."""
_MIN_WORDS = 4
"""Words of a sentence that an article opens with; a shorter one is a heading or a dateline."""


def search_articles(
    search: Search, query: Query, limit: SearchLimit, *, filters: Filters
) -> tuple[tuple[Hit, ...], SearchLimit]:
    """Search for the articles to survey, by the topic alone, and return them with the limit as it was understood.

    What happened at a time is looked for in the articles of then and of the days after; a day or month without a year
    is that of the newest articles.
    """
    searched = replace(query, text=query.survey.topic) if query.survey is not None and query.survey.topic else query
    is_dated = bool(filters.since or filters.until)
    period = query.periods[0] if query.survey is not None and query.survey.kind == "events" else limit.period
    if period is not None and period.yearless:
        found = search(searched, _MAX_PASSAGES, filters)
        period = _date(period, [hit.passage.date for hit in found if _may_tell(query, [hit])])
    longer = _with_aftermath(period) if period is not None and not is_dated else None
    narrow = narrow_filters(filters, replace(limit, period=longer))
    return tuple(search(searched, _MAX_PASSAGES, narrow)), replace(limit, period=period)


def _date(period: Period, days: Sequence[str]) -> Period:
    """Return a period in the newest year in which articles of these days tell of it; as it is where none do."""
    years = sorted({int(day[:4]) for day in days if day}, reverse=True)
    tried = [period.in_year(year) for year in years]
    return next((one for one in tried if any(_with_aftermath(one).distance(day) == 0 for day in days)), period)


def _with_aftermath(period: Period) -> Period:
    return period.extend(_AFTERMATH_OF_DAY if period.days == 1 else _AFTERMATH_DAYS)


class Topic:
    """What an article must name: each of the names in some words, or the words themselves where there are none."""

    def __init__(self, words: str) -> None:
        """Parse the words of the question that say it."""
        # A single name at the beginning of a sentence may be none; behind a word it is.
        self.names = find_names(f"of {words}")
        self._words = content_words(words)

    def count_in(self, text: str) -> int:
        """Count the names that stand in a text, in full or by the last word; 1 for all words where there are no names.

        >>> Topic("Mayor Ada Fell").count_in("Fell said no."), Topic("Ada Fell").count_in("Orrin Fell said no.")
        (1, 0)
        """
        if not self.names:
            return int(bool(self._words) and self._words <= content_words(text))
        return sum(_names(text, name) for name in self.names)

    @property
    def most(self) -> int:
        """The number that a text has which names all of it."""
        return max(len(self.names), 1)


def _names(text: str, name: str) -> bool:
    last = re.escape(name.split()[-1])
    # “Mill Bridge” is not named by “Bridge Street”, nor by “Harbor Bridge”.
    alone = re.search(rf"(?<!\w){last}(?!\w)(?!\s+[A-Z])", text) is not None
    in_full = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
    return in_full or (alone and not NameMatcher(text).explain_missing(" ".join(name.split()[-2:])))


def survey(query: Query, hits: Sequence[Hit], period: Period | None = None) -> list[ScoredSentence]:
    """Choose one sentence of each article that a survey wants, in the order in which they were found.

    Those that tell what happened stand in the order of their days; `period` is the time that is asked about.
    """
    if query.survey is None:
        return []
    articles: dict[str, list[Hit]] = {}
    for hit in hits:
        articles.setdefault(hit.passage.article_id, []).append(hit)
    ordered = [sorted(own, key=lambda hit: hit.passage.start) for own in articles.values()]
    if query.survey.kind == "events":
        return _choose_events(query, ordered, period) if period else []
    return _choose_mentions(ordered, Topic(query.survey.topic), is_subject=query.survey.kind == "subjects")


def _choose_mentions(articles: Sequence[Sequence[Hit]], topic: Topic, *, is_subject: bool) -> list[ScoredSentence]:
    """Choose the first sentence of each article that names what is asked about; of those about it where that is asked.

    An article is about what its title or its first sentence names.
    """
    chosen = list[ScoredSentence]()
    about = list[ScoredSentence]()
    for hits in articles:
        named = [(topic.count_in(one.text), one) for one in _sentences(hits)]
        best = max((count for count, _ in named), default=0)
        title = hits[0].passage.title
        if topic.count_in(" ".join([title, *(one.text for count, one in named if count)])) < topic.most or not best:
            continue
        sentence = next(one for count, one in named if count == best)
        chosen.append(sentence)
        if topic.count_in(title) == topic.most or sentence == named[0][1]:
            about.append(sentence)
    return about if is_subject and about else chosen


def _choose_events(query: Query, articles: Sequence[Sequence[Hit]], period: Period) -> list[ScoredSentence]:
    """Choose what articles tell of a time: of one day the sentence that names it, of a longer one what they open with.

    Of a longer time those that were published in it go before those of the days after.
    """
    told = list[list[ScoredSentence]]()
    later = list[list[ScoredSentence]]()
    for hits in sorted(articles, key=lambda hits: hits[0].passage.date):
        sentences = list(_sentences(hits))
        if not sentences or not _may_tell(query, hits):
            continue
        if period.days == 1:
            told += [[one] for one in sentences if _names_day(one, period.first)][:1]
        elif period.distance(hits[0].passage.date) == 0:
            told.append(sentences)
        else:
            later.append(sentences)
    chosen = told or later
    # One article alone has room for more than its first sentence.
    return chosen[0][:_MOST_OF_ONE] if len(chosen) == 1 else [sentences[0] for sentences in chosen]


def _may_tell(query: Query, hits: Sequence[Hit]) -> bool:
    """Whether an article in the language of a question names its topic, or is of a paper that does in its own name."""
    first = hits[0].passage
    text = "\n".join(hit.passage.text for hit in hits)
    if query.survey is None or find_language(text) != query.answer_type.language:
        return False
    topic = Topic(query.survey.topic)
    return not query.survey.topic or topic.count_in(f"{first.title}\n{first.source}\n{text}") == topic.most


def _names_day(sentence: ScoredSentence, day: str) -> bool:
    """Whether a sentence names a day, by its date or by a weekday as seen from its article, which is not older."""
    published = sentence.passage.date
    if not published or published < day:
        return False
    wanted = date.fromisoformat(day)
    named = find_days(sentence.text)
    if any((one.month, one.day) == (wanted.month, wanted.day) and one.year in (0, wanted.year) for one in named):
        return True
    relative = find_relative_days(sentence.text, published) if not named else []
    return any((one.year, one.month, one.day) == (wanted.year, wanted.month, wanted.day) for one in relative)


def _sentences(hits: Sequence[Hit]) -> Iterator[ScoredSentence]:
    """Yield the sentences of an article's passages in the order of its text, each once, without headings."""
    end = -1
    for hit in hits:
        for start, stop in split_passage(hit.passage):
            if start >= end and len(hit.passage.at(start, stop).split()) >= _MIN_WORDS:
                yield ScoredSentence(hit, start, stop, (start, start), _SCORE)
                end = stop
