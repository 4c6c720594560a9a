"""Verify claims: whether the cited passages support a sentence, and which of their sentences do."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple

from rag.answering.attribution import find_other_speaker, find_shared_report
from rag.answering.claims import Claim, Evidence, find_disagreement, find_missing_name, parse_claim
from rag.answering.factuality import REASONS, Unasserted, find_dropped
from rag.answering.roles import exchanges_roles
from rag.protocols import Checker
from rag.text.lexical import content_words
from rag.text.prompt_injection import find_possible_injections
from rag.text.sentences import split_passage
from rag.text.speakers import SpokenSentence, find_speakers
from rag.text.words import join_whole_words
from rag.types import Passage, Support

SUPPORTED = 0.5
"""From this probability on a sentence is supported, cited or not."""
WEAK = 0.3
"""From this probability on it is weakly supported, where it cites."""
_TRIED_SENTENCES = 3
"""Sentences of a passage that are tried, those that share most words with the claim."""
_MIN_EVIDENCE_WORDS = 3
_SHORT_CLAIM_WORDS = 2
"""A claim of so few content words must have them all from its evidence."""
_JOINT = re.compile(r",\s+(?:and|but|while|whereas)\s+|;\s+")
_MIN_CLAUSE_WORDS = 4
"""Words of a clause that is judged by itself."""
_ORDER = {"unsupported": 0, "weak": 1, "supported": 2}


class Stretch(NamedTuple):
    """A stretch of a passage, in its article's offsets."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """Its characters."""
        return self.passage.at(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well a claim is supported, by which sentences, and why no better."""

    support: Support
    score: float
    """The probability that the evidence supports all of the claim, 0 to 1."""
    evidence: tuple[Stretch, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class _Candidate:
    """One or several sentences that may support a claim."""

    stretches: tuple[Stretch, ...]

    @cached_property
    def evidence(self) -> Evidence:
        """Its text, with its passages as one."""
        text = " ".join(stretch.text for stretch in self.stretches)
        return Evidence(text, self._joined_passage(), tuple(self._find_spoken()))

    def _find_spoken(self) -> Iterator[SpokenSentence]:
        for stretch in self.stretches:
            sentences = find_speakers(stretch.passage)
            yield from (one for one in sentences if one.start == stretch.start and (one.speaker or one.is_quoted))

    def _joined_passage(self) -> Passage:
        first, *others = dict.fromkeys(stretch.passage for stretch in self.stretches)
        if not others:
            return first
        text = "\n".join([first.text, *(f"{other.title}\n{other.source}\n{other.text}" for other in others)])
        return replace(first, text=text)


def verify_claim(text: str, passages: Sequence[Passage], checker: Checker) -> Verdict:
    """Judge whether passages support a sentence, and name the narrowest evidence that does.

    Where the sentence as a whole is not supported, it is if each of its main clauses is.
    """
    whole = _verify(parse_claim(text), passages, checker)
    clauses = _split_clauses(text) if whole.support != "supported" else []
    verdicts = [_verify(clause, passages, checker) for clause in clauses]
    if verdicts and all(verdict.support == "supported" for verdict in verdicts):
        evidence = tuple(dict.fromkeys(stretch for verdict in verdicts for stretch in verdict.evidence))
        return Verdict("supported", min(verdict.score for verdict in verdicts), evidence)
    return whole


def _split_clauses(text: str) -> list[Claim]:
    """Split a sentence into the main clauses that it joins; none where it is one, or any of them is short."""
    clauses = [clause.strip(" ,.") for clause in _JOINT.split(text)]
    are_long = all(len(clause.split()) >= _MIN_CLAUSE_WORDS for clause in clauses)
    return [parse_claim(clause) for clause in clauses] if len(clauses) > 1 and are_long else []


def _verify(claim: Claim, passages: Sequence[Passage], checker: Checker) -> Verdict:
    """Judge a claim by ever wider evidence, until some supports it."""
    ranked = [stretches for stretches in (_rank_sentences(claim, passage) for passage in passages) if stretches]
    best = Verdict("unsupported", 0.0, (), "no passage says anything like it")
    for candidates in (_single_sentences(ranked), _sentence_pairs(ranked), _sentence_triples(ranked)):
        verbatim = next((one for one in candidates if join_whole_words(one.evidence.text) == claim.words), None)
        if verbatim:
            return Verdict("supported", 1.0, verbatim.stretches)
        dropped = [find_dropped(claim, candidate.evidence) for candidate in candidates]
        pairs = [_pair_texts(claim, *one) for one in zip(candidates, dropped, strict=True)]
        scores = checker.support(pairs) if pairs else []
        verdicts = [_judge(claim, *one) for one in zip(candidates, dropped, scores, strict=True)]
        best = max([best, *verdicts], key=lambda verdict: (_ORDER[verdict.support], verdict.score))
        if best.support == "supported":
            break
    return best


def _pair_texts(claim: Claim, candidate: _Candidate, dropped: Unasserted | None) -> tuple[str, str]:
    """Return the two texts that the checker compares: what somebody said is judged by itself.

    Where the claim has the same one say it, both are; that a claim leaves the speaker out is told afterwards.
    """
    if dropped and dropped.kind == "report":
        return claim.text, dropped.clause
    return find_shared_report(claim, candidate.evidence) or (claim.text, candidate.evidence.text)


def _judge(claim: Claim, candidate: _Candidate, dropped: Unasserted | None, score: float) -> Verdict:
    """Judge a claim by one candidate: its facts must agree, and be asserted, then the checker's score decides."""
    evidence = candidate.evidence
    if reason := find_disagreement(claim, evidence) or find_other_speaker(claim, evidence):
        return Verdict("unsupported", min(score, WEAK), (), reason)
    if exchanges_roles(claim.text, [sentence.text for sentence in evidence.sentences]):
        return Verdict("unsupported", min(score, WEAK), (), "the passage says this the other way round")
    if dropped and dropped.kind != "report":
        return Verdict("unsupported", min(score, WEAK), (), REASONS[dropped.kind])
    if reason := find_missing_name(claim, evidence.context):
        # Whom a pronoun stands for may be said elsewhere in the article.
        if score < SUPPORTED:
            return Verdict("unsupported", min(score, WEAK), (), reason)
        return Verdict("weak", WEAK, candidate.stretches, reason)
    if len(claim.text.split()) < 2 or _is_short_and_new(claim, evidence):
        return Verdict("unsupported", min(score, WEAK), (), "the passage does not say this")
    if dropped and score >= SUPPORTED:
        return Verdict("weak", WEAK, candidate.stretches, REASONS["report"])
    if score >= SUPPORTED:
        return Verdict("supported", score, candidate.stretches)
    if score >= WEAK:
        return Verdict("weak", score, candidate.stretches, "the passage says this only in part, or not surely")
    return Verdict("unsupported", score, (), "the passage does not say this")


def _is_short_and_new(claim: Claim, evidence: Evidence) -> bool:
    """Whether a claim has so few content words that its evidence must have them all, and lacks one."""
    if len(claim.content) > _SHORT_CLAIM_WORDS:
        return False
    return bool(claim.content - content_words(f"{evidence.context.title} {evidence.text}"))


def _single_sentences(ranked: Sequence[Sequence[Stretch]]) -> list[_Candidate]:
    """Return, from each passage, the few sentences nearest to a claim, each by itself."""
    return [_Candidate((stretch,)) for stretches in ranked for stretch in stretches[:_TRIED_SENTENCES]]


def _sentence_pairs(ranked: Sequence[Sequence[Stretch]]) -> list[_Candidate]:
    """Pair the nearest sentence of each passage with its neighbours, the second nearest, and the next passage's."""
    within = [_Candidate(pair) for stretches in ranked for pair in _pair_within_passage(stretches)]
    return within + [_Candidate((one[0], other[0])) for one, other in pairwise(ranked)]


def _sentence_triples(ranked: Sequence[Sequence[Stretch]]) -> list[_Candidate]:
    """Join the three sentences of each passage that are nearest to a claim; none of a passage that has fewer."""
    return [
        _Candidate(tuple(sorted(stretches[:_TRIED_SENTENCES], key=lambda stretch: stretch.start)))
        for stretches in ranked
        if len(stretches) >= _TRIED_SENTENCES
    ]


def _pair_within_passage(stretches: Sequence[Stretch]) -> Iterator[tuple[Stretch, ...]]:
    """Pair the nearest sentence of a passage with its neighbours, and with the second nearest."""
    before, after = _find_neighbours(stretches[0])
    yield from ((stretch, stretches[0]) for stretch in before)
    yield from ((stretches[0], stretch) for stretch in after)
    if len(stretches) > 1 and stretches[1] not in (*before, *after):
        yield tuple(sorted(stretches[:2], key=lambda stretch: stretch.start))


def _rank_sentences(claim: Claim, passage: Passage) -> list[Stretch]:
    """Rank the sentences of a passage that share content words with a claim, those that share most first."""
    shared = {
        stretch: len(claim.content & parse_claim(stretch.text).content) for stretch in _supporting_sentences(passage)
    }
    ranked = sorted(shared, key=lambda stretch: (-shared[stretch], stretch.start))
    return [stretch for stretch in ranked if shared[stretch]]


def _find_neighbours(stretch: Stretch) -> tuple[Sequence[Stretch], Sequence[Stretch]]:
    """Find the sentence before one and the one after, where there are such."""
    sentences = _supporting_sentences(stretch.passage)
    at = sentences.index(stretch)
    return sentences[max(at - 1, 0) : at], sentences[at + 1 : at + 2]


@lru_cache(256)
def _supporting_sentences(passage: Passage) -> tuple[Stretch, ...]:
    """Return the sentences that can support a claim: no headings, questions, very short ones or possible injections."""
    injections = [(passage.start + start, passage.start + end) for start, end in find_possible_injections(passage.text)]
    stretches = (Stretch(passage, start, end) for start, end in split_passage(passage))
    return tuple(
        stretch
        for stretch in stretches
        if not any(start < stretch.end and stretch.start < end for start, end in injections)
        and not stretch.text.rstrip("”\"'’)").endswith("?")
        and len(stretch.text.split()) >= _MIN_EVIDENCE_WORDS
    )
