"""Compare who says what by a claim and by its evidence: the same one, or somebody else (pure)."""

import re

from rag.answering.claims import Claim, Evidence
from rag.answering.factuality import MIN_COVERED, Unasserted, find_unasserted, share_words
from rag.text.english import FUNCTION_WORDS, TITLES
from rag.text.lexical import NameMatcher, content_words, find_names
from rag.text.speakers import SpokenSentence

_CAPITALISED = re.compile(r"[^\W\d_a-z][\w’'-]*")
_RELATIVE = re.compile(r",? (?:who|whom|which|whose)\b[^,]*,?")


def find_other_speaker(claim: Claim, evidence: Evidence) -> str:
    """Say who says in a passage what a claim has somebody else say; empty where that is not sure.

    Only names are compared, and only those that the sentence itself has for who speaks.
    """
    for report in find_unasserted(claim.text):
        claimed = _find_people(report.speaker) if report.kind == "report" else []
        if not claimed:
            continue
        said = [one for one in evidence.spoken if share_words(report.clause, one.text) >= MIN_COVERED]
        named = [one for one in said if one.named_at == one.start and _find_people(one.speaker)]
        if said and len(named) == len(said) and not any(_is_among(claimed, one) for one in named):
            return f"the passage has {_find_people(named[0].speaker)[0]} say this, not {claimed[-1]}"
    return ""


def find_shared_report(claim: Claim, evidence: Evidence) -> tuple[str, str] | None:
    """Find what a claim and its evidence have the same one say, in the words of each; None where they do not.

    Whether the one follows from the other is then all that is left to judge.
    """
    reports = [one for one in find_unasserted(claim.text) if one.kind == "report" and one.speaker]
    said = [one for text in evidence.sentences for one in find_unasserted(text.text) if one.kind == "report"]
    pairs = [
        (one.clause, other.clause)
        for one in reports
        for other in said
        if share_words(one.clause, other.clause) >= MIN_COVERED and _have_same_speaker(one, other, evidence)
    ]
    return max(pairs, key=lambda pair: share_words(*pair), default=None)


def _have_same_speaker(one: Unasserted, other: Unasserted, evidence: Evidence) -> bool:
    """Whether two reports name or describe the same speaker, one of them perhaps by a pronoun."""
    speakers = [other.speaker, *(spoken.speaker for spoken in evidence.spoken if other.clause in spoken.text)]
    names = _find_surnames(one.speaker)
    return any(
        names & said
        if names and (said := _find_surnames(speaker))
        else content_words(one.speaker) & content_words(speaker)
        for speaker in speakers
    )


def _find_surnames(speaker: str) -> set[str]:
    """Find the capitalised words for who speaks that are no titles."""
    return {word.casefold() for word in _CAPITALISED.findall(speaker)} - TITLES - FUNCTION_WORDS


def _find_people(speaker: str) -> list[str]:
    """Find the names in the words for who speaks, without those of a clause within: “Brook, who knows Reed,”."""
    return find_names(f"a {_RELATIVE.sub('', speaker)}")


def _is_among(people: list[str], spoken: SpokenSentence) -> bool:
    """Whether one of some people may be who speaks: the names have a word in common, or mean the same."""
    speaker = _RELATIVE.sub("", spoken.speaker)
    said = _find_surnames(speaker)
    names = NameMatcher(speaker)
    return any(not names.explain_missing(name) or said & _find_surnames(name) for name in people)
