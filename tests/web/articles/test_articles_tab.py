"""The tab of the articles: jobs on a real index, uploads under hostile names, the list and its events."""

import asyncio
import gc
import multiprocessing
import threading
import warnings
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path

import gradio as gr
import pytest

from rag.errors import FilterError, SourceError
from rag.index import Index
from rag.protocols import Matrix
from rag.settings import Settings
from rag.storage.index_folder import IndexFolder
from rag.testing import WordEmbedder
from rag.types import Changes, Progress
from rag.web.articles import job as job_view
from rag.web.articles.job import Job
from rag.web.articles.jobs import Busy, Jobs
from rag.web.articles.tab import ArticlesTab
from rag.web.articles.uploads import Uploads, safe_name
from tests.support.page import asked_by

WAIT = 30


class Gate(WordEmbedder):
    """Embeds only while it is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open = threading.Event()
        self.open.set()
        self.reached = threading.Event()

    def embed(self, texts: Sequence[str]) -> Matrix:
        self.reached.set()
        assert self.open.wait(WAIT)
        return super().embed(texts)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, index=tmp_path / "index")


@pytest.fixture
def library(settings: Settings, gate: Gate) -> Iterator[Index]:
    opened = Index.open(settings.index, settings, gate)
    yield opened
    gate.open.set()
    opened.close()


@pytest.fixture
def jobs(library: Index, settings: Settings) -> Iterator[Jobs]:
    made = Jobs(library, settings)
    yield made
    made.stop()
    assert made.last is None or made.last.wait(WAIT)


def done(job: Job | None) -> Job:
    assert job is not None
    assert job.wait(WAIT)
    return job


def ids(index: Index) -> set[str]:
    return {article.id for article in index.articles()}


def many(folder: Path, count: int = 1600) -> Path:
    """More articles than are embedded in one go."""
    folder.mkdir(exist_ok=True)
    lines = (
        f'{{"id": "n{number}", "title": "Number {number}", "text": "Text {number}."}}\n' for number in range(count)
    )
    (folder / "many.jsonl").write_text("".join(lines))
    return folder


# Jobs.


def test_a_job_tells_how_far_it_is_and_what_came_of_it(jobs: Jobs, folder: Path, gate: Gate, library: Index) -> None:
    gate.open.clear()
    job = jobs.add("Adding", [folder])
    assert gate.reached.wait(WAIT)
    assert job.running and jobs.running and jobs.finished == 0
    assert job.progress is not None and job.progress.stage == "reading"
    assert "3 articles read" in job_view.render_job(job)
    gate.open.set()
    assert done(job).changes == Changes(added=3)
    assert job.progress.stage == "indexing"
    assert (job.retry_label, jobs.finished, jobs.running) == ("", 1, False)
    assert "is done after" in job_view.render_job(job)
    assert ids(library) == {"bridge.md", "library.md", "orchard.md"}


def test_pace_says_what_is_left() -> None:
    said = job_view.format_pace(Progress("indexing", 768, 4338, 5012, 20.0))
    assert said == "768 of 4,338 articles, 5,012 passages, 38.4 articles a second, about 1 min 33 s left"
    assert job_view.format_duration(7322) == "2 h 2 min"


def start_held(jobs: Jobs, tmp_path: Path, gate: Gate) -> Job:
    """Start to add many articles, and hold the job before it embeds them."""
    gate.open.clear()
    job = jobs.add("Adding", [many(tmp_path / "many")])
    assert gate.reached.wait(WAIT)
    return job


def test_stopping_keeps_what_is_finished_and_going_on_finishes(
    jobs: Jobs, tmp_path: Path, gate: Gate, library: Index
) -> None:
    job = start_held(jobs, tmp_path, gate)
    jobs.stop()
    assert job.stopping and "Stopping" in job_view.render_job(job)
    gate.open.set()
    assert done(job).stopped
    assert library.counts()[0] == 1600
    assert 0 < library.embedded_share() < 1
    assert "every article answers by its words, and the next sync goes on" in unescape(job_view.render_job(job))
    assert job.retry_label == "Go on"
    again = done(jobs.retry())
    assert again.changes == Changes(unchanged=1600)
    assert library.embedded_share() == 1
    assert done(jobs.sync()).changes == Changes(unchanged=1600)


def test_meaning_search_goes_on_when_the_page_is_opened_again(
    jobs: Jobs, tmp_path: Path, gate: Gate, library: Index
) -> None:
    job = start_held(jobs, tmp_path, gate)
    tab = ArticlesTab(library, library.settings)
    assert "<p>meaning search: 0 %</p>" in str(tab.look()[0])
    assert "every article answers by its words; meaning search follows" in unescape(job_view.render_job(job))
    jobs.stop()
    gate.open.set()
    done(job)
    share = library.embedded_share()
    assert 0 < share < 1
    assert f"<p>meaning search: {int(100 * share)} %</p>" in str(tab.look()[0])
    assert done(tab.jobs.resume()).changes == Changes()
    assert library.embedded_share() == 1
    assert "meaning search: " not in str(tab.look()[0])
    assert tab.jobs.resume() is None


def test_stopped_before_anything_was_written_the_index_is_as_it_was(jobs: Jobs, folder: Path, library: Index) -> None:
    library.sync(folder)
    jobs.add("Adding", [folder])
    done(jobs.last)
    before = ids(library)
    job = Job("Rebuild", lambda report: library.rebuild(report=report), keeps=False)
    job.stop()
    job.run()
    assert job.stopped and "the index is as it was" in job_view.render_job(job)
    assert ids(library) == before


def test_uploads_of_a_stopped_job_come_in_with_the_next_sync(jobs: Jobs, folder: Path, library: Index) -> None:
    library.sync(folder)
    jobs.uploads.keep_text("Forgotten", "This text was kept, but its job was stopped.")
    assert done(jobs.sync()).changes == Changes(added=1, unchanged=3)
    assert "Forgotten.md" in ids(library)
    assert library.sync() == Changes(unchanged=4)


def test_only_one_job_at_a_time(jobs: Jobs, folder: Path, gate: Gate) -> None:
    gate.open.clear()
    first = jobs.add("Adding", [folder])
    with pytest.raises(Busy, match=r"^Adding has been at work since \d\d:\d\d; wait for its end, or stop it first$"):
        jobs.sync()
    gate.open.set()
    assert done(first).error == ""
    assert done(jobs.sync()).changes == Changes(unchanged=3)


def test_failures_are_listed_and_tried_again(jobs: Jobs, folder: Path, library: Index) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "odd.md").write_bytes(b"\x00\x01\x02\x03" * 100)
    job = done(jobs.add("Adding", [folder]))
    assert [failure.source for failure in job.failed] == [str(folder / "deep" / "odd.md")]
    assert "odd&#46;md" in job_view.render_failures(job)
    assert job.retry_label == "Try again"
    (folder / "deep" / "odd.md").write_text("# Now it is a text\n\nIt can be read.\n")
    again = done(jobs.retry())
    assert (again.changes, again.retry_label) == (Changes(added=1, unchanged=3), "")
    assert "deep/odd.md" in ids(library), "the id is that of a sync of the folder"


def test_an_address_fails_by_name_and_reads_no_file(jobs: Jobs, folder: Path) -> None:
    job = done(jobs.add_address(" http://127.0.0.1/a "))
    assert [failure.source for failure in job.failed] == ["http://127.0.0.1/a"]
    for text in (str(folder), "file:///etc/hosts", "-", ""):
        with pytest.raises(SourceError, match="begins with http"):
            jobs.add_address(text)


def test_a_path_is_never_standard_input(jobs: Jobs, folder: Path) -> None:
    assert done(jobs.add_path("-")).failed[0].reason == "no such file or folder"
    assert done(jobs.add_path(f" {folder} ")).changes == Changes(added=3)


def test_an_unexpected_error_is_one_line() -> None:
    def fail(_: object) -> Changes:
        raise ValueError("<b>odd</b>")

    job = Job("Test", fail)
    job.run()
    assert job_view.render_job(job) == "<p>Test&#58; ValueError&#58; &#60;b&#62;odd&#60;&#47;b&#62;</p>"


def _hold(root: Path, held: "multiprocessing.synchronize.Event", release: "multiprocessing.synchronize.Event") -> None:
    with IndexFolder(root).writing():
        held.set()
        release.wait(WAIT)


def test_the_lock_of_another_process_is_one_clear_line(jobs: Jobs, folder: Path, settings: Settings) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    child = context.Process(target=_hold, args=(settings.index, held, release))
    child.start()
    try:
        assert held.wait(WAIT)
        job = done(jobs.add("Adding", [folder]))
        assert f"is being written by process {child.pid} on " in job.error
        assert job_view.render_job(job).count("\n") == 0
    finally:
        release.set()
        child.join(WAIT)
    assert done(jobs.retry()).changes == Changes(added=3)


def test_removing_an_upload_deletes_its_file_and_no_other(jobs: Jobs, folder: Path, library: Index) -> None:
    library.sync(folder)
    kept = jobs.uploads.keep_text("Mine", "A text of my own.")
    done(jobs.add_kept("Adding"))
    assert done(jobs.remove("Mine.md")).changes == Changes(removed=1, unchanged=3)
    assert not kept.exists()
    done(jobs.remove("bridge.md"))
    assert (folder / "bridge.md").exists()
    assert "there" not in done(jobs.sync()).error
    assert ids(library) == {"bridge.md", "library.md", "orchard.md"}


def test_refresh_reads_the_source_again(jobs: Jobs, folder: Path, library: Index) -> None:
    library.sync(folder)
    (folder / "bridge.md").write_text((folder / "bridge.md").read_text().replace("nine", "ten"))
    assert done(jobs.refresh("bridge.md")).changes == Changes(updated=1, unchanged=2)
    with pytest.raises(SourceError, match="where 'none' came from"):
        jobs.refresh("none")


def test_uploads_that_cannot_be_read_can_be_forgotten(jobs: Jobs, tmp_path: Path) -> None:
    (tmp_path / "film.txt").write_bytes(b"\x00\x01\x02\x03" * 100)
    kept = jobs.uploads.keep_file(tmp_path / "film.txt")
    job = done(jobs.add_kept("Adding"))
    assert [failure.source for failure in job.failed] == [str(kept)] and jobs.discardable
    jobs.discard()
    assert not kept.exists() and job.failed == () and not jobs.discardable and (tmp_path / "film.txt").exists()


def test_a_job_reports_its_own_failures_by_file_name(jobs: Jobs, library: Index, tmp_path: Path) -> None:
    for name in ("old.txt", "new.txt"):
        (tmp_path / name).write_bytes(b"\x00\x01\x02\x03" * 100)
    old = jobs.uploads.keep_file(tmp_path / "old.txt")
    assert [one.source for one in done(jobs.add_kept("First", [old])).failed] == [str(old)]
    text = jobs.uploads.keep_text("Mine", "A text of my own.")
    job = done(jobs.add_kept("Second", [text]))
    assert (job.changes, job.retry_label, job_view.render_failures(job)) == (Changes(added=1), "", "")
    new = jobs.uploads.keep_file(tmp_path / "new.txt")
    for job in (done(jobs.add_kept("Third", [new])), done(jobs.retry())):
        assert [one.source for one in job.failed] == [str(new)]
        assert "new&#46;txt" in job_view.render_failures(job) and "uploads" not in job_view.render_failures(job)
    sync = done(jobs.sync())
    assert {one.source for one in sync.failed} == {str(old), str(new)}, "a sync still names all of them"
    shown = job_view.render_failures(sync)
    assert "old&#46;txt" in shown and "new&#46;txt" in shown and "uploads" not in shown and jobs.discardable


# Uploads.

HOSTILE = {
    "../../x.md": "x.md",
    "..\\..\\x.md": "x.md",
    "/etc/passwd": "passwd",
    "a\n.md": "a.md",
    ".hidden.md": "hidden.md",
    "..": "article",
    "": "article",
    ".md": "article.md",
    "Zürich – 東京 हिन्दी.txt": "Zürich - 東京 हिन्दी.txt",
    "<img src=x>.html": "img src-x.html",
    "a\u202egpj.md": "a-gpj.md",
    "articles.jsonl.gz": "articles.jsonl.gz",
    "lone \ud800.md": "lone.md",
    "-rf": "rf",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_land_inside_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "given").write_text("A text.")
    kept = Uploads(tmp_path / "uploads").keep_file(tmp_path / "given", name)
    assert safe_name(name) == HOSTILE[name]
    assert kept == tmp_path / "uploads" / HOSTILE[name]
    assert [path.name for path in (tmp_path / "uploads").iterdir()] == [kept.name]


@pytest.mark.parametrize("name", ["x" * 5000 + ".md", "東" * 300 + ".html", "a." + "b" * 400])
def test_long_names_are_cut(tmp_path: Path, name: str) -> None:
    (tmp_path / "given").write_text("A text.")
    kept = Uploads(tmp_path / "uploads").keep_file(tmp_path / "given", name)
    assert len(kept.name.encode()) < 200 and kept.is_file()


def test_names_are_unique_and_the_same_file_is_kept_once(tmp_path: Path) -> None:
    uploads, given = Uploads(tmp_path / "uploads"), tmp_path / "given"
    names = []
    for text in ("One.", "Two.", "One.", "Three."):
        given.write_text(text)
        names.append(uploads.keep_file(given, "x.md").name)
    assert names == ["x.md", "x-2.md", "x.md", "x-3.md"]
    assert uploads.keep_file(given, "X.jsonl.gz").read_text() == "Three."


@pytest.mark.parametrize(
    "title", ["x\nid: other", "---\n---\n", '"quoted": [a', "*alias", "# no: heading", "../up", ""]
)
def test_a_title_stays_in_its_line(jobs: Jobs, library: Index, title: str) -> None:
    kept = jobs.uploads.keep_text(
        title, "The first line\n\nThe text.", publisher="A: publisher\ntitle: other", day="2024-01-05"
    )
    assert kept.parent == jobs.uploads.folder
    done(jobs.add_kept("Adding"))
    [article] = library.articles()
    assert article.title == (" ".join(title.split()) or "The first line")
    assert (article.id, article.source, article.date) == (kept.name, "A: publisher title: other", "2024-01-05")
    assert article.text.endswith("The text.")
    assert dict(article.metadata) == {}


def test_a_text_needs_words_and_a_real_day(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    with pytest.raises(SourceError, match="no text to add"):
        uploads.keep_text("Title", " \n")
    with pytest.raises(FilterError, match="YYYY-MM-DD"):
        uploads.keep_text("Title", "Text", day="soon")
    assert uploads.empty


# The tab.


@pytest.fixture
def tab(library: Index, settings: Settings) -> Iterator[ArticlesTab]:
    made, _ = built(library, settings)
    yield made
    made.jobs.stop()
    assert made.jobs.last is None or made.jobs.last.wait(WAIT)


def built(index: Index, settings: Settings) -> tuple[ArticlesTab, gr.Blocks]:
    made = ArticlesTab(index, settings)
    # Gradio makes event loops only to drop them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with gr.Blocks(analytics_enabled=False) as blocks:
            with gr.Tab("Articles"):
                made.lay_out()
            made.wire(blocks, gr.State(""))
        asyncio.get_event_loop_policy().get_event_loop().close()
        asyncio.set_event_loop(None)
        gc.collect()
    return made, blocks


def test_every_event_is_private_and_paths_are_for_this_machine_only(library: Index, settings: Settings) -> None:
    for host, local in (("127.0.0.1", True), ("0.0.0.0", False)):
        made, blocks = built(library, settings.model_copy(update={"host": host}))
        assert {fn.api_visibility for fn in blocks.fns.values()} == {"private"}
        labels = {getattr(block, "label", None) for block in blocks.blocks.values()}
        assert ("File or folder on this machine" in labels) is local
        assert (made.add_path in [fn.fn for fn in blocks.fns.values()]) is local
        [table] = [block for block in blocks.blocks.values() if isinstance(block, gr.Dataframe)]
        assert table.datatype == "str" and table.interactive is False


def test_the_list_pages_and_names_its_place(tab: ArticlesTab, library: Index, tmp_path: Path) -> None:
    rows, place, *_ = tab.list.page("", "", "title", False)
    assert (rows, place) == ([], "<p>No articles yet</p>")
    library.sync(many(tmp_path / "many", 120))
    rows, place, start, previous, following = tab.list.later("", "", "words", False, 50)
    assert (place, start, len(rows)) == ("<p>rows 101–120 of 120</p>", 100, 20)  # type: ignore[arg-type]
    assert previous.interactive and not following.interactive  # type: ignore[attr-defined]
    assert tab.list.page("", "", "title", False, 5000)[1] == "<p>rows 101–120 of 120</p>"
    assert tab.list.page("n11", "", "id", True)[1] == "<p>rows 1–11 of 11</p>"
    assert tab.list.page("nothing", "", "title", False)[1] == "<p>No article matches</p>"
    assert "no article is from &#39;&#60;b&#62;&#39;" in str(tab.list.page("", "<b>", "title", False)[1])


def test_what_is_added_shows_and_can_be_removed_after_asking(tab: ArticlesTab, library: Index, folder: Path) -> None:
    *boxes, status, _, _, _, _, timer, _ = tab.add_files([str(folder / "bridge.md"), str(folder / "orchard.md")])
    assert boxes == [None] and timer.active  # type: ignore[attr-defined]
    assert "Adding 2 files" in str(status)
    done(tab.jobs.last)
    loaded = tab.load("", "", "title", False, 0)
    assert "2 added" in str(loaded[6]) and loaded[-1] == 1
    row = loaded[0][1]  # type: ignore[index]
    event = gr.SelectData(None, {"index": [1, 0], "value": row[0], "row_value": row})
    id, about, actions, _ = tab.select(event)
    assert (id, about) == ("bridge.md", "<p>Old bridge closes, Harbor Review, 2024&#45;03&#45;01</p>")
    assert actions.visible  # type: ignore[attr-defined]
    asked, question, confirming, *_ = tab.ask_removal("bridge.md")
    assert asked == ("remove", "bridge.md") and "its uploaded file is deleted" in str(question)
    assert confirming.visible and len(ids(library)) == 2  # type: ignore[attr-defined]
    tab.confirm(("remove", "bridge.md"))
    done(tab.jobs.last)
    assert ids(library) == {"orchard.md"}


def test_every_action_asks_first_and_answers(tab: ArticlesTab, folder: Path) -> None:
    tab.add_path(str(folder), asked_by())
    done(tab.jobs.last)
    for asked in (tab.ask_sync(), tab.ask_rebuild(), tab.ask_refresh("bridge.md"), tab.ask_removal("bridge.md")):
        action = asked[0]
        assert str(asked[1]).endswith(("&#63;</p>", "&#46;</p>"))
        tab.confirm(action)  # type: ignore[arg-type]
        assert done(tab.jobs.last).error == ""
    assert "is not in the index any more" in str(tab.ask_removal("bridge.md")[3])
    assert tab.confirm(("", ""))[-1] == 5


def test_a_second_person_is_told_who_works(tab: ArticlesTab, folder: Path, gate: Gate) -> None:
    gate.open.clear()
    tab.add_path(str(folder), asked_by())
    cleared, status, *_ = tab.add_text("Title", "", "", "Text")[3:]
    assert not isinstance(cleared, str)
    assert "Adding a path has been at work since" in str(status)
    assert tab.jobs.uploads.empty, "nothing is kept that is not added"
    assert "has been at work" in str(tab.ask_sync()[3])
    shown = tab.look()
    assert shown[2].visible and shown[5].active  # type: ignore[attr-defined]
    tab.stop()
    gate.open.set()
    done(tab.jobs.last)
    assert not tab.look()[5].active  # type: ignore[attr-defined]


def test_what_people_type_wrong_is_told(tab: ArticlesTab) -> None:
    told = {
        "choose some files first": tab.add_files(None),
        "there is no text to add": tab.add_text("T", "", "", ""),
        "is not a day": tab.add_text("T", "", "soon", "Text"),
        "begins with http": tab.add_address("/etc/passwd"),
        "name a file or folder first": tab.add_path(" ", asked_by()),
    }
    for line, shown in told.items():
        [status] = [str(part) for part in shown if 'role="alert"' in str(part)]
        assert line in status
