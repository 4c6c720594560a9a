"""Measure which share of short texts in fifteen languages is split into exactly its sentences.

    python bench/sentences.py [--half 0|1] [--wrong LANGUAGE]

The texts are those of tests/text/sentences; the rules were made with every other one in view (half 0), and the others
(half 1) are for measuring alone. Beside ours, sentencex is told the language, and pysbd is tried where it is installed.
"""

import argparse
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import sentencex  # type: ignore[import-untyped]

from rag.text.sentences import split_as_indexed, split_sentences
from tests.support.sentence_texts import LANGUAGES, read_sentences

Splitter = Callable[[str, str], list[str]]


def split_ours(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, language)]


def split_unstated(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


def split_as_before(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in split_as_indexed(text)]


def split_by_sentencex(text: str, language: str) -> list[str]:
    return [part.strip() for part in sentencex.segment(language, text)]


def split_by_pysbd(text: str, language: str) -> list[str]:
    import pysbd  # type: ignore[import-not-found]

    try:
        return [part.strip() for part in pysbd.Segmenter(language=language, clean=False).segment(text)]
    except ValueError:  # a language that it does not know
        return []


def share(split: Splitter, language: str, half: int | None) -> float:
    texts = read_sentences(language)
    texts = texts if half is None else texts[half::2]
    return sum(split(text, language) == sentences for text, sentences in texts) / len(texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--wrong", default="", help="print what is split wrongly in this language")
    given = parser.parse_args()
    splitters: dict[str, Splitter] = {
        "before": split_as_before,
        "ours": split_ours,
        "ours, not told the language": split_unstated,
        "sentencex": split_by_sentencex,
    }
    if importlib.util.find_spec("pysbd"):
        splitters["pysbd"] = split_by_pysbd
    if given.wrong:
        texts = read_sentences(given.wrong)
        for text, sentences in texts if given.half is None else texts[given.half :: 2]:
            if (found := split_ours(text, given.wrong)) != sentences:
                print(" | ".join(found))
        return
    print(f"| language | {' | '.join(splitters)} |")
    print(f"|---|{'---|' * len(splitters)}")
    sums = dict.fromkeys(splitters, 0.0)
    for language in LANGUAGES:
        shares = {name: share(split, language, given.half) for name, split in splitters.items()}
        sums = {name: sums[name] + shares[name] for name in sums}
        print(f"| {language} | {' | '.join(f'{one:.2f}' for one in shares.values())} |")
    print(f"| mean | {' | '.join(f'{one / len(LANGUAGES):.2f}' for one in sums.values())} |")


if __name__ == "__main__":
    main()
