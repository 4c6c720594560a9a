"""The web page: what it draws from hostile text, and the running page answering over its API."""

import json
import re
import threading
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from rag import Answer, Assistant, Citation, Filters, Hit, Index, Message, Passage, Reading, Sentence, Settings
from rag.testing import WordEmbedder
from rag.web.chat import citation_cards, messages, welcome
from rag.web.chat.turns import Turn, stream_turns, to_messages
from rag.web.escaping import inert, inert_line, web_host
from rag.web.page import AT_ONCE
from rag.web.server.middleware import build_middleware
from rag.web.theme import STYLES, theme
from tests.conftest import SEEDS
from tests.support.held_reader import HeldReader
from tests.support.page import serving

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "[x](javascript:alert(1))",
    "![](http://127.0.0.1:9/x.png)",
    "<http://127.0.0.1:9/> http://127.0.0.1:9/ www.example.com",
    "# heading\n\n- list\n\n    code\n\n***\n> quote | `tick` ~~~ $$x$$",
    "${alert(1)} {{value}} {{{value}}} @children",
    "&lt;script&gt; &#60;script&#62;",
    "lone \ud800 surrogate",
]


QUESTION = "Which bridge over the river closed on Friday?"


class _Tags(HTMLParser):
    """Every tag with its attributes, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def _passage(text: str, **given: str) -> Passage:
    passage = Passage(
        article_id="a.md",
        title="A title",
        source="Harbor Review",
        url="https://example.org/a",
        date="2024-01-05",
        text=text,
        start=100,
        end=100 + len(text),
    )
    return replace(passage, **given)  # type: ignore[arg-type]


def _turn(text: str, quote: str, **given: str) -> Turn:
    passage = _passage(text, **given)
    begin = 100 + text.index(quote)
    citation = Citation(1, passage, begin, begin + len(quote), quote)
    hits = (Hit(passage, 1.0, reading=Reading(0.9)),)
    sentences = (Sentence(quote, (1,), "supported", 0.9),)
    answer = Answer("Why?", "Why?", sentences, hits, (citation,), True, timings={"total": 0.25})
    return Turn(answer, done=True, articles=16)


# What is drawn from untrusted text.


@pytest.mark.parametrize("text", HOSTILE)
def test_inert_text_has_no_live_punctuation_and_reads_the_same(text: str) -> None:
    html = inert(text)
    assert not set(re.sub(r"&#\d+;", "", html)) & set("<>\"'&`[]()!*_#{}$:@|~\\")
    assert _Tags(html).text == text.replace("\ud800", "?")
    assert "\n" not in inert_line(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_articles_draw_only_our_own_tags(text: str) -> None:
    turn = _turn(f"Before. {text} After.", text, title=text, source=text, date=text, url=text)
    copy = _passage("copy", title=text, source=text)
    answer = replace(turn.answer, question=text, hits=tuple(replace(hit, copies=(copy,)) for hit in turn.answer.hits))
    for drawn in (replace(turn, answer=answer), replace(turn, answer=replace(answer, answered=False, citations=()))):
        html = citation_cards.render_panel((drawn, drawn))
        tags = _Tags(html).tags
        ours = {"section", "h2", "h3", "details", "summary", "article", "span", "p", "blockquote", "mark", "button"}
        ours |= {"table", "thead", "tbody", "tr", "th", "td", "ul", "li", "div"}
        assert {tag for tag, _ in tags} <= ours
        names = {name for _, attributes in tags for name in attributes if not name.startswith("data-")}
        assert names <= {"class", "id", "dir", "type", "tabindex", "role", "aria-label", "scope"}
        html.encode("utf-8")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_in_the_chat_hold_only_our_own_links(text: str) -> None:
    turn = _turn(text, text)
    turn = replace(turn, answer=replace(turn.answer, question=text, query=text + " more"))
    question, reply = messages.chat_messages((turn,))
    assert question["content"] == inert_line(text)
    ours = re.sub(r"\[&#91;1&#93;\]\(#passage-1-1\)|</?small>|\n\n", "", reply["content"])
    assert not set(re.sub(r"&#\d+;", "", ours)) & set("<>[]()!*_#`\n")


OTHER_ADDRESSES = [
    "",
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)//http://x",
    "java\nscript:x",
    "data:text/html,x",
    "file:///etc/passwd",
    "//example.org",
    "https://",
    "http://[",
    "https://exa mple.org",
]


@pytest.mark.parametrize("url", OTHER_ADDRESSES)
def test_only_web_addresses_become_links(url: str) -> None:
    assert web_host(url) == ""
    assert "<a " not in citation_cards.render_panel((_turn("A text.", "text", url=url),))


def test_a_link_names_its_host_and_tells_it_nothing() -> None:
    url = 'https://example.org/a?b="c"&d=<e>'
    drawn = citation_cards.render_panel((_turn("A text.", "text", url=url),))
    (link,) = [given for tag, given in _Tags(drawn).tags if tag == "a"]
    assert link == {"href": f"{url}#:~:text=text", "target": "_blank", "rel": "noopener noreferrer nofollow"}


# Cards and chat.


def test_the_quote_is_marked_inside_its_passage() -> None:
    turn = _turn("Ends & means. The <b>coalition</b> must leave. Five years later.", "The <b>coalition</b> must leave.")
    html = citation_cards.render_panel((turn,))
    assert re.findall(r"<mark>(.*?)</mark>", html) == [inert("The <b>coalition</b> must leave.")]
    assert '<article class="card" id="passage-1-1" tabindex="-1" data-article=' in html
    for shown in ("A title", "Harbor Review", "2024&#45;01&#45;05", "Cited passages"):
        assert shown in html


def test_a_span_beyond_its_passage_marks_what_is_inside() -> None:
    passage = _passage("abc")
    assert citation_cards.mark_spans(passage, [(0, 101)]) == "<mark>a</mark>bc"
    assert citation_cards.mark_spans(passage, [(102, 900)]) == "ab<mark>c</mark>"
    assert citation_cards.mark_spans(passage, [(0, 50)]) == "abc"


def test_cards_come_in_the_order_of_their_numbers_with_their_copies() -> None:
    passage, other = _passage("One. Two."), _passage("Same.", title="Elsewhere", source="Valley Post", date="")
    citations = (Citation(2, passage, 105, 109, "Two."), Citation(1, passage, 100, 104, "One."))
    answer = Answer("Q?", "Q?", (), (Hit(passage, 1.0, copies=(other,) * 5),), citations, True)
    html = citation_cards.render_panel((Turn(answer, done=True),))
    assert html.index("passage-1-1") < html.index("passage-1-2")
    assert "also in Elsewhere &#40;Valley Post&#41;; Elsewhere" in html
    assert "and 2 more" in html


def test_a_refusal_shows_the_three_nearest_passages_without_numbers() -> None:
    hits = tuple(Hit(_passage(f"Text {number}."), 1.0) for number in range(5))
    turn = Turn(Answer("Q?", "Q?", (Sentence("These articles do not answer that."),), hits), done=True)
    html = citation_cards.render_panel((turn,))
    assert "Nearest passages" in html
    assert html.count('<article class="card" data-article=') == 3
    assert "supported" not in messages.chat_messages((turn,))[1]["content"]


def test_nothing_is_called_nearest_before_the_answer_is_finished() -> None:
    reading = Turn(Answer("Q?", "Q?", hits=(Hit(_passage("Text."), 1.0),)))
    assert "Nearest" not in citation_cards.render_panel((reading,))
    assert "Text" not in citation_cards.render_panel((reading,))
    assert [message["content"] for message in messages.chat_messages((reading,))] == [
        "Q&#63;",
        "<small>Reading what was found…</small>",
    ]


def test_cards_of_earlier_answers_stay_reachable() -> None:
    html = citation_cards.render_panel((_turn("First.", "First."), _turn("Second.", "Second.")))
    assert html.index("passage-2-1") < html.index("<details>") < html.index("passage-1-1")


def test_sentences_without_support_say_so_once_the_answer_is_checked() -> None:
    turn = _turn("A text.", "text")
    doubtful = tuple(Sentence("Claim.", (1,), support) for support in ("weak", "unsupported"))  # type: ignore[arg-type]
    turn = replace(turn, answer=replace(turn.answer, sentences=doubtful))
    assert "(weakly supported)" in messages.chat_messages((turn,))[1]["content"]
    assert "(not supported by the passages)" in messages.chat_messages((turn,))[1]["content"]
    assert "supported" not in messages.chat_messages((replace(turn, done=False),))[1]["content"]


def test_prose_says_who_wrote_it_and_why_a_sentence_is_doubted() -> None:
    turn = _turn("A text.", "text")
    doubted = Sentence("It was 12.", (), "unsupported", reason="the passage <b>does</b> not say 12")
    begun = Sentence("And it")
    prose = replace(turn.answer, mode="llm", model="ollama/x", sentences=(doubted, begun), note="Two <i> parts.")
    shown = messages.chat_messages((Turn(prose),))[1]["content"]
    assert "(not supported by the passages: the passage &#60;b&#62;does" in shown
    assert shown.endswith("And it")
    whole = messages.chat_messages((Turn(replace(prose, parts=("Is it?",)), done=True, articles=1),))[1]["content"]
    assert "written by ollama&#47;x" in whole
    assert "Two &#60;i&#62; parts&#46;" in whole
    assert "in parts: “Is it&#63;”" in whole


def test_every_sentence_that_is_cited_is_marked_in_its_card() -> None:
    passage = _passage("One is. Two is. Three is.")
    citation = Citation(1, passage, 100, 125, passage.text, ((100, 107), (116, 125)))
    turn = Turn(Answer("Q?", "Q?", citations=(citation,), answered=True), done=True)
    assert "<mark>One is&#46;</mark> Two is&#46; <mark>Three is&#46;</mark>" in citation_cards.render_panel((turn,))


def test_the_facts_name_mode_time_passages_articles_and_a_changed_query() -> None:
    turn = _turn("A text.", "text")
    assert messages.describe_answer(turn) == "quoted from your articles · 0.25 s · 1 passage read · 16 articles"
    changed = replace(turn, answer=replace(turn.answer, query="Why, Iraq?"))
    assert messages.describe_answer(changed).endswith(" · searched for “Why&#44; Iraq&#63;”")


def test_history_is_the_conversation_without_numbers() -> None:
    waiting = Turn(Answer("And then?", "And then?"))
    said = to_messages((_turn("A text.", "text"), waiting))
    assert said == (Message("user", "Why?"), Message("assistant", "text"), Message("user", "And then?"))


# Before the first question.


def test_an_empty_index_says_what_to_do(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "none")
    index = Index.open(settings.index, settings, WordEmbedder())
    steps = welcome.render_invitation(index, settings)
    assert [line[:2] for line in steps.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3."]
    assert inert_line(f"rag sync FOLDER --index {settings.index}") in steps
    assert welcome.find_examples(index) == []


def test_examples_are_questions_the_sample_articles_answer(seed_index: Index) -> None:
    lines = (SEEDS / "questions.jsonl").read_text().splitlines()
    answerable = {line["question"] for line in map(json.loads, lines) if line.get("answers")}
    offered = [example["text"] for example in welcome.find_examples(seed_index)]
    assert len(offered) == 4
    assert set(offered) <= answerable


def test_other_articles_are_named_but_nothing_is_asked_for_them(index: Index, folder: Path) -> None:
    index.sync(folder)
    assert welcome.find_examples(index) == []
    assert "- Old bridge closes" in welcome.render_invitation(index, index.settings)


def test_the_look_is_all_local() -> None:
    assert STYLES.is_file()
    assert not re.search(r"url\(|@import|https?:", STYLES.read_text())
    assert not [sheet for sheet in theme()._stylesheets if sheet]
    assert set(re.findall(r"url\(.{5}", theme()._get_theme_css())) <= {'url("data'}


# The running page.


def test_ask_gives_the_contract_of_the_command_line(client: Client) -> None:
    answer = client.predict("Which bridge over the river closed on Friday?", api_name="/ask")
    assert answer["answered"] is True
    assert answer["answer"].endswith("[1]")
    assert answer["citations"][0]["article_id"] == "bridge.md"
    keys = "question query parts period mode model note answered answer confidence sentences citations hits timings"
    assert list(answer) == keys.split()


def test_filters_reach_the_search(client: Client) -> None:
    question = "Which bridge over the river closed on Friday?"
    named = client.predict(question, publisher="Valley Post", api_name="/ask")
    assert {hit["article_id"] for hit in named["hits"]} == {"orchard.md"}
    dated = client.predict(question, since="2024-05-01", until="2024-05-31", api_name="/ask")
    assert {hit["article_id"] for hit in dated["hits"]} == {"library.md"}


def test_a_bad_date_is_one_clear_line(client: Client) -> None:
    with pytest.raises(AppError, match="'yesterday' is not a day; write it as YYYY-MM-DD"):
        client.predict("Who closed the bridge?", since="yesterday", api_name="/ask")


def test_two_clients_at_once_get_their_own_answers(address: str) -> None:
    questions = {
        "bridge.md": "Which bridge over the river closed on Friday?",
        "library.md": "Will the town library stay open until midnight?",
    }
    found: dict[str, str] = {}

    def ask(article: str) -> None:
        opened = Client(address, verbose=False, analytics_enabled=False)
        found[article] = opened.predict(questions[article], api_name="/ask")["citations"][0]["article_id"]
        opened.close()

    threads = [threading.Thread(target=ask, args=(article,)) for article in questions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {article: article for article in questions}


def test_only_what_is_for_programs_is_public(client: Client) -> None:
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(named) == {"/ask", "/search", "/articles", "/sync"}


def test_a_conversation_streams_and_leans_on_what_was_said(library: Assistant) -> None:
    states = list(filter(None, stream_turns(library, QUESTION, (), articles=3, filters=Filters())))
    assert states[0][0].answer.hits == ()
    assert states[1][0].answer.hits
    assert [state[0].done for state in states[-2:]] == [False, True]
    assert states[-1][0].articles == 3
    *_, last = filter(None, stream_turns(library, "Why did it?", states[-1], articles=3, filters=Filters()))
    assert len(last) == 2
    assert "bridge" in last[1].answer.query


def test_pages_that_are_closed_while_they_wait_hold_up_nobody(library: Assistant) -> None:
    reader = HeldReader()
    with serving(
        Assistant(library.index, reader), build_middleware("", "", max_bytes=1_000_000, max_files=5)
    ) as served:
        [fn] = [fn for fn in served.page.fns.values() if fn.name == "_answer"]
        typed = {"data": ["Which bridge over the river closed on Friday?", "", None, "", "", ""], "fn_index": fn._id}
        typed["trigger_id"] = fn.targets[0][0]
        with httpx.Client(base_url=served.address, timeout=30) as browser:
            for number in range(AT_ONCE + 1):
                assert browser.post("gradio_api/queue/join", json={**typed, "session_hash": f"s{number}"}).is_success
                with browser.stream("GET", "gradio_api/queue/data", params={"session_hash": f"s{number}"}) as events:
                    assert any("process_generating" in event for event in events.iter_lines())
                    assert reader.held.acquire(timeout=20)
            reader.go.set()
            assert browser.post("gradio_api/queue/join", json={**typed, "session_hash": "last"}).is_success
            with browser.stream("GET", "gradio_api/queue/data", params={"session_hash": "last"}) as events:
                done = [event for event in events.iter_lines() if "process_completed" in event]
    assert len(done) == 1
    assert '"success":true' in done[0]
