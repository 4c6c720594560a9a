"""Which sentences make an answer, by the kind of question."""

import pytest

from rag.answering.extractive import compose
from rag.retrieval.query import make_query, parse_query
from rag.retrieval.sentence_ranking import score_sentences
from rag.types import Hit, Passage, Reading, Span

NILE = "The Nile dam was opened in 1970. It took ten years to build. Nobody was moved without a new house."
VALLEY = "Valley papers put the opening in 1971. The dam holds a lake of 500 kilometres."
REASON = (
    "Farmers asked for the dam because floods took their fields. Engineers added that the towns lacked power. "
    "They said turbines would end the shortage."
)


def hit(article: str, text: str, spans: dict[str, float], relevance: float = 0.9, score: float = 0.8) -> Hit:
    passage = Passage(article_id=article, title=article, text=text, start=100, end=100 + len(text))
    places = [Span(100 + text.index(words), 100 + text.index(words) + len(words), share * relevance)
              for words, share in spans.items()]  # fmt: skip
    return Hit(passage, score, reading=Reading(relevance, tuple(places)))


def told(question: str, hits: list[Hit], most: int = 4) -> list[tuple[str, str]]:
    """Each sentence with the words that answer in it."""
    found = []
    for extract in compose(parse_query(question), score_sentences(parse_query(question), hits), most=most):
        passage, answer = extract.passage, extract.answer
        found.append((passage.at(extract.start, extract.end), passage.at(answer.start, answer.end)))
    return found


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When was the dam opened?", "fact"),
        ("How many people were moved?", "fact"),
        ("Which river was dammed?", "fact"),
        ("Why was the dam built?", "open"),
        ("How did the farmers react?", "open"),
        ("What happened in 1970?", "open"),
        ("Did the farmers want the dam?", "yes or no"),
        ("Is the dam on the Nile?", "yes or no"),
        ("What is the difference between the dam and the weir?", "yes or no"),
    ],
)
def test_questions_are_told_apart(question: str, kind: str) -> None:
    assert parse_query(question).kind == kind


def test_a_fact_is_the_sentence_that_holds_it() -> None:
    assert told("When was the dam opened?", [hit("a", NILE, {"1970": 0.9, "ten years": 0.1})]) == [
        ("The Nile dam was opened in 1970.", "1970")
    ]


def test_articles_that_disagree_are_both_quoted() -> None:
    hits = [hit("a", NILE, {"1970": 0.9}), hit("b", VALLEY, {"1971": 0.9}, relevance=0.8)]
    assert [words for _, words in told("When was the dam opened?", hits)] == ["1970", "1971"]


def test_the_surest_of_several_facts_comes_first() -> None:
    hits = [hit("a", NILE, {"ten years": 0.4, "1970": 0.6})]
    assert [words for _, words in told("When was the dam opened?", hits)] == ["1970", "ten years"]
    hits = [hit("a", NILE, {"1970": 0.4, "ten years": 0.6})]
    assert [words for _, words in told("How long did it take?", hits)] == ["ten years"]


def test_an_answer_that_articles_agree_on_comes_first() -> None:
    hits = [
        hit("b", VALLEY, {"1971": 0.9}, relevance=0.8),
        hit("a", NILE, {"1970": 0.9}, relevance=0.7),
        hit("c", "Work ended and the dam was opened in 1970, the minister said.", {"1970": 0.9}, relevance=0.7),
    ]
    assert told("When was the dam opened?", hits)[0][1] == "1970"


def test_each_side_of_a_question_gets_its_evidence() -> None:
    hits = [
        hit("a", "The Aswan dam was opened in 1970.", {"1970": 0.9}),
        hit("b", "Builders finished the Merowe dam in 2009.", {"2009": 0.9}, relevance=0.1),
        hit("c", "Nobody has finished the Jonglei canal since 1978.", {"1978": 0.9}, relevance=0.1),
    ]
    for question in ("When was the Aswan dam opened, and when the Merowe dam?", "Is the Aswan older than the Merowe?"):
        assert [words for _, words in told(question, hits)] == ["1970", "2009"]
    assert next(words for _, words in told("When was the Aswan dam opened?", hits)) == "1970"


def test_a_part_about_one_side_says_something_of_it() -> None:
    term = "Dov Marek was sent to prison for six years. His cousin Ilse Brandt got four."
    part = make_query("Who got the longer prison term, Marek or Brandt?").parts[1]
    ranked = score_sentences(part, [hit("a", term, {"six years": 0.9, "four": 0.01})])
    extracts = compose(part, ranked, most=2)
    assert [one.passage.at(one.start, one.end) for one in extracts] == [term[44:]]
    assert part.other_sides == ("Marek",)


def test_what_is_said_of_the_other_side_is_no_answer() -> None:
    part = make_query("Which is longer, the Linnet or the Wren?").parts[1]
    found = [hit("a", "The Linnet is 40 metres long. It sank.", {"40 metres": 0.9})]
    assert compose(part, score_sentences(part, found), most=2) == []


def test_a_reason_may_take_several_sentences() -> None:
    text = REASON.replace("lacked power", "lacked power because of the drought")
    hits = [hit("a", text, {"the towns lacked power": 0.5, "floods took their fields": 0.4})]
    said = [sentence for sentence, _ in told("Why was the dam built?", hits)]
    assert said[0].startswith("Engineers added")
    assert said[1].startswith("Farmers asked")


def test_what_goes_on_from_the_best_sentence_belongs_to_it() -> None:
    hits = [hit("a", REASON, {"the towns lacked power": 0.95})]
    said = [sentence for sentence, _ in told("Why was the dam built?", hits)]
    assert said[-1] == "They said turbines would end the shortage."


def test_no_more_than_asked_for_and_none_twice() -> None:
    again = hit("b", NILE.replace("Nobody", "No one"), {"1970": 0.9})
    hits = [hit("a", NILE, {"1970": 0.4, "ten years": 0.3, "Nobody": 0.3}), again]
    for question in ("What happened in 1970?", "When was it opened?"):
        sentences = [sentence for sentence, _ in told(question, hits, most=2)]
        assert len(sentences) <= 2
        assert len(set(sentences)) == len(sentences)


def test_a_span_over_two_sentences_is_cut_to_the_one_that_holds_most_of_it() -> None:
    assert told("When?", [hit("a", NILE, {"in 1970. It": 0.9})])[0] == ("The Nile dam was opened in 1970.", "in 1970.")


def test_a_pronoun_is_explained_by_the_sentence_before() -> None:
    hits = [hit("a", REASON, {"They": 0.9})]
    assert [sentence for sentence, _ in told("Who said turbines would end the shortage?", hits)] == [
        "Engineers added that the towns lacked power.",
        "They said turbines would end the shortage.",
    ]
    first = [hit("a", "She opened the dam. It holds a lake.", {"She": 0.9})]
    assert [words for _, words in told("Who opened the dam?", first)] == ["She"]


def test_a_heading_is_no_sentence() -> None:
    text = f"The towns get power\n\n{NILE}\n\n{REASON}"
    assert told("Why was the dam built?", [hit("a", text, {"The towns get power": 0.9})]) == []
    spans = {"The towns get power": 0.9, "floods took their fields": 0.4}
    assert told("Why was the dam built?", [hit("a", text, spans)])[0][1] == "floods took their fields"


def test_a_sentence_that_adds_nothing_is_left_out() -> None:
    hits = [hit("a", NILE, {"1970": 0.9}), hit("b", VALLEY, {"1971": 0.9}, relevance=0.8)]
    query = parse_query("When was the dam opened?")
    assert len(compose(query, score_sentences(query, hits), most=4, adds=lambda said, more: False)) == 1
    assert len(compose(query, score_sentences(query, hits), most=4, adds=lambda said, more: True)) == 2


def test_an_answer_within_another_is_the_same_answer() -> None:
    longer = "The dam was opened in the spring of 1970, the ministry wrote."
    hits = [hit("a", NILE, {"1970": 0.9}), hit("b", longer, {"the spring of 1970": 0.9})]
    assert len(told("When was the dam opened?", hits)) == 1


def test_nothing_read_nothing_said() -> None:
    unread = Hit(Passage(article_id="a", text=NILE, start=0, end=len(NILE)), 1.0)
    assert compose(parse_query("When?"), score_sentences(parse_query("When?"), [unread]), most=4) == []
    assert compose(parse_query("When?"), [], most=4) == []


def test_a_list_gets_more_sentences_than_a_fact() -> None:
    text = "Ada Bell took part. Bo Carr came too. Cy Dunn was late. Di Eyre left early."
    spans = {"Ada Bell": 0.5, "Bo Carr": 0.2, "Cy Dunn": 0.15, "Di Eyre": 0.12}
    assert len(told("Which guests took part?", [hit("a", text, spans)])) == 4
    assert len(told("Who took part?", [hit("a", text, spans)])) == 2


def test_the_best_sentence_that_explains_comes_first() -> None:
    hits = [hit("a", REASON, {"floods took their fields": 0.2, "towns lacked power": 0.5})]
    assert next(words for _, words in told("How did the dam come about?", hits)) == "towns lacked power"


def test_a_sentence_that_gives_a_reason_goes_before_a_surer_one() -> None:
    text = "The mill closed since its owner had died. The mill has stood since 1911. The mill was shut on Friday."
    hits = [hit("a", text, {"its owner had died": 0.25, "since 1911": 0.35, "on Friday": 0.35})]
    assert told("Why did the mill close?", hits)[0][1] == "its owner had died"


def test_what_is_of_another_type_is_no_answer() -> None:
    hits = [hit("a", NILE, {"1970": 0.6, "ten years": 0.4})]
    assert [words for _, words in told("How long did it take?", hits)] == ["ten years"]
    hits = [hit("b", VALLEY, {"Valley papers": 0.8, "500 kilometres": 0.2})]
    assert told("How far does the lake reach?", hits)[0][1] == "500 kilometres"


def test_in_another_language_the_sentence_that_counts_what_is_asked_for_comes_first() -> None:
    text = "Das Fest begann am 3. Mai auf der Wiese. Insgesamt 61 Imker boten Honig an. Es regnete nicht."
    hits = [hit("a", text, {"auf der Wiese": 0.7, "boten Honig an": 0.3, "Es regnete nicht": 0.2})]
    assert told("Wie viele Imker waren dabei?", hits)[0][0] == "Insgesamt 61 Imker boten Honig an."


def test_a_reason_is_known_in_other_languages() -> None:
    text = "Es gab Tee im Zelt. Auf den Umzug verzichtete der Ort, weil die Brücke gesperrt war."
    hits = [hit("a", text, {"Tee im Zelt": 0.5, "den Umzug": 0.4})]
    assert told("Warum gab es keinen Umzug?", hits)[0][0].endswith("weil die Brücke gesperrt war.")
