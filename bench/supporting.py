"""How well the support check tells correct sentences from ones in which one thing is changed.

    python bench/supporting.py ARTICLES.jsonl.gz QUESTIONS.jsonl [--pairs N] [--seed S] [--model-alone] [--show K]

Takes sentences of the gold passages of the questions, half of them as they are (`verbatim`) and half said in other
words by rule (`reworded`), and makes of each a second one with one thing changed, so that the passage no longer
supports it: a number, a name by one of other articles or by one of the same passage (`name within`), a date, or a
negation. N pairs (800) in all, as many of each kind and form, or as many as there are; the same ones for the same seed.

Prints a table: how many of the changed sentences are noticed (not "supported"; in brackets those "unsupported"), how
many of the correct ones are doubted, likewise, how well the score orders the two (AUROC), and the median time of a
sentence. With --model-alone the network is asked by itself, without the rules around it, and at 0.5 all is supported
or unsupported. With --show it also prints K of the changed sentences of each kind that were taken for supported and K
of the correct ones that were not, with what the passage says.
"""

import argparse
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from changing import KINDS, Names, Setting, change
from common import Record, records, table, time_call
from rewording import reword
from sklearn.metrics import roc_auc_score

from rag.evaluation.questions import GoldPassage, read_questions
from rag.sources.cleaning.publication_date import parse_day
from rag.text.sentences import find_headings, split_sentences
from rag.types import Passage, Support

FORMS = ("verbatim", "reworded")
COLUMNS = ("change", "form", "pairs", "changed noticed", "(unsupported)", "correct doubted", "(unsupported)", "AUROC")
Judge = Callable[[str, Passage], tuple[Support, float]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage, and the next one where it follows on the same line."""

    text: str
    following: str
    passage: Passage
    article: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A correct sentence and the same one with something changed."""

    kind: str
    form: str
    correct: str
    changed: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Judged:
    """What the check says of both sentences of a pair, and how long it took for each."""

    pair: Pair
    correct: tuple[Support, float]
    changed: tuple[Support, float]
    seconds: tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path, metavar="ARTICLES.jsonl.gz")
    parser.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    parser.add_argument("--pairs", type=int, default=800, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--model-alone", action="store_true")
    parser.add_argument("--show", type=int, default=0, metavar="K")
    given = parser.parse_args()
    articles = {str(one["id"]): one for one in records(given.articles)}
    names = Names()
    for article in articles.values():
        names.add(str(article["text"]))
    places = [place for asked in read_questions(given.questions) for place in asked.gold_passages]
    possible = list(pairs(evidence(articles, places), names, given.seed))
    drawn = balance(possible, given.pairs, given.seed)
    counts = ", ".join(f"{kind} {sum(one.kind == kind for one in possible)}" for kind in KINDS)
    print(f"{len(drawn)} pairs, seed {given.seed}; possible in both forms together: {counts}\n", flush=True)
    judge = model_alone() if given.model_alone else check()
    judge(drawn[0].correct, drawn[0].evidence.passage)  # loads it
    found = [judge_pair(one, judge) for one in drawn]
    report(found)
    for kind in KINDS if given.show else ():
        show([one for one in found if one.pair.kind == kind], given.show)


def check() -> Judge:
    """Return the support check as answers use it."""
    from rag.answering.support import verify_claim
    from rag.models.reader.support_checker import SupportChecker

    checker = SupportChecker()

    def judge(claim: str, passage: Passage) -> tuple[Support, float]:
        verdict = verify_claim(claim, [passage], checker)
        return verdict.support, verdict.score

    return judge


def model_alone() -> Judge:
    from rag.models.reader.support_checker import SupportChecker

    checker = SupportChecker()

    def judge(claim: str, passage: Passage) -> tuple[Support, float]:
        (score,) = checker.support([(claim, passage.text)])
        return "supported" if score >= 0.5 else "unsupported", score

    return judge


def judge_pair(pair: Pair, judge: Judge) -> Judged:
    first, correct = time_call(lambda: judge(pair.correct, pair.evidence.passage))
    second, other = time_call(lambda: judge(pair.changed, pair.evidence.passage))
    return Judged(pair, correct, other, (first, second))


# The pairs.

_UNEVEN = (("“", "”"), ("(", ")"), ("[", "]"))
_NO_STATEMENT = re.compile(
    r"\?|…|\.\.\.|/AP\b|/Getty|Getty Images|[Ss]ign up|[Ss]ubscribe|Read more|[Nn]ewsletter|inbox|click here|https?:|@"
    r"|\bCNN —|\(CNN|— ?\("
)


def evidence(articles: dict[str, Record], places: Iterable[GoldPassage]) -> Iterator[Evidence]:
    """Yield the sentences of the places that state something, each once."""
    seen: set[str] = set()
    for place in sorted(set(places), key=lambda one: (one.article_id, one.start)):
        if place.article_id not in articles:
            continue
        article = articles[place.article_id]
        whole = str(article["text"])
        text = whole[place.start : place.end]
        title, source, url, date = (str(article.get(name) or "") for name in ("title", "source", "url", "date"))
        passage = Passage(
            article_id=place.article_id,
            title=title,
            source=source,
            url=url,
            date=parse_day(date),
            text=text,
            start=place.start,
            end=place.end,
        )
        spans, lines = split_sentences(text), {start for start, _ in find_headings(text)}
        for (start, end), after in zip(spans, [*spans[1:], (-1, -1)], strict=True):
            if text[start:end] in seen or start in lines or not states(text[start:end]):
                continue
            seen.add(text[start:end])
            near = 0 <= after[0] - end <= 1 and states(text[slice(*after)])
            yield Evidence(text[start:end], text[slice(*after)] if near else "", passage, whole)


def states(text: str) -> bool:
    """Whether it is a whole sentence of ordinary length that states something."""
    even = text.count('"') % 2 == 0 and all(text.count(a) == text.count(b) for a, b in _UNEVEN)
    whole = re.match(r"[A-Z“\"\d]", text) and re.search(r"[a-z\d)%][.!][”\"]?$", text)
    return bool(even and whole and 6 <= len(text.split()) <= 45 and not _NO_STATEMENT.search(text))


def pairs(found: Iterable[Evidence], names: Names, seed: int) -> Iterator[Pair]:
    """Every pair that the rules can make."""
    for one in found:
        setting = Setting(one.passage.text, one.article)
        for form in FORMS:
            chance = random.Random(f"{seed} {form} {one.text}")
            correct = (
                one.text if form == "verbatim" else reword(one.text, one.following, one.passage.text, names, chance)
            )
            for kind in KINDS if correct else ():
                other = change(kind, correct, setting, names, chance)
                if other:
                    yield Pair(kind, form, correct, other, one)


def balance(possible: Sequence[Pair], count: int, seed: int) -> list[Pair]:
    """Return as many of each kind and form, the rarest kinds first, and no sentence twice while there are others."""
    chosen: list[Pair] = []
    used: set[str] = set()
    groups = [[one for one in possible if (one.kind, one.form) == (kind, form)] for kind in KINDS for form in FORMS]
    for group in sorted(groups, key=len):
        random.Random(seed).shuffle(group)
        group.sort(key=lambda one: one.evidence.text in used)
        chosen += group[: round(count / len(groups))]
        used |= {one.evidence.text for one in group[: round(count / len(groups))]}
    return sorted(chosen, key=lambda one: (KINDS.index(one.kind), FORMS.index(one.form)))


# The report.


def report(found: Sequence[Judged]) -> None:
    rows = []
    for kind in (*KINDS, "all"):
        for form in (*FORMS, "both")[: 3 if kind == "all" else 2]:
            part = [one for one in found if kind in (one.pair.kind, "all") and form in (one.pair.form, "both")]
            rows += [[kind, form, *measure_pairs(part)]] if part else []
    table((*COLUMNS, "ms a sentence"), rows)


def measure_pairs(part: Sequence[Judged]) -> list[str]:
    rates = [share(one.changed[0] for one in part), share(one.correct[0] for one in part)]
    scores = [one.correct[1] for one in part] + [one.changed[1] for one in part]
    area = roc_auc_score([1] * len(part) + [0] * len(part), scores)
    speed = median(seconds for one in part for seconds in one.seconds)
    return [str(len(part)), *(f"{one:.1%}" for rate in rates for one in rate), f"{area:.3f}", f"{1000 * speed:.1f}"]


def share(said: Iterable[Support]) -> tuple[float, float]:
    """Return how many are not supported, and how many are unsupported."""
    all_said = list(said)
    return mean(one != "supported" for one in all_said), mean(one == "unsupported" for one in all_said)


def show(found: Sequence[Judged], count: int) -> None:
    missed = [(one.pair.changed, one.changed, one) for one in found if one.changed[0] == "supported"]
    doubted = [(one.pair.correct, one.correct, one) for one in found if one.correct[0] != "supported"]
    for name, wrong in (("changed but supported", missed), ("correct but doubted", doubted)):
        for claim, (support, score), one in wrong[:: max(len(wrong) // count, 1)][:count]:
            print(f"\n{one.pair.kind}, {one.pair.form}, {name} ({support}, {score:.2f})\n  claim:    {claim}")
            print(f"  evidence: {one.pair.evidence.text} {one.pair.evidence.following}".rstrip())


if __name__ == "__main__":
    main()
