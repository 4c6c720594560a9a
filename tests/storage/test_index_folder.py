"""Which files an index opens and changes: its own alone, however its folder came about."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from rag.errors import RagError, SourceError, StoreError
from rag.index import Index
from rag.settings import Settings
from rag.testing import WordEmbedder
from rag.types import Answer
from rag.web.articles.uploads import Uploads
from rag.web.chat.feedback import Feedback

SECRET = "the password is swordfish\n"


def opened(root: Path) -> Index:
    return Index.open(root, Settings(_env_file=None), WordEmbedder())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with everything that may lie in one."""
    home = tmp_path_factory.mktemp("whole")
    (home / "articles").mkdir()
    for number in range(3):
        (home / "articles" / f"{number}.md").write_text(f"# Lighthouse {number}\n\nThe keeper saw {number} ships.\n")
    root = home / "index"
    Uploads(root / "uploads").keep_text("A text", "It is mine.")
    Feedback(root).add("Whose?", Answer("Whose?", "Whose?"), good=True, remark="", day="2024-01-01")
    index = opened(root)
    index.sync(home / "articles")
    index.rebuild(home / "articles")
    index.close()
    (root / "suggested.json").write_text("{}")
    (root / "writer.txt").write_text("")
    return root


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of all that is in a folder."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in [folder, *sorted(folder.rglob("*"))]
    }


def tried(root: Path, source: Path) -> list[str]:
    """What each way to use an index says; each must end in an error of one line."""
    said = []
    for act in (
        lambda: opened(root),
        lambda: Index.open(root, Settings(_env_file=None), WordEmbedder(), checked=False).search("keeper"),
        *(
            lambda use=use: use(Index.open(root, Settings(_env_file=None), WordEmbedder(), checked=False))  # type: ignore[misc]
            for use in (
                lambda index: index.sync(source),
                lambda index: index.add(source),
                lambda index: index.rebuild(),
                lambda index: index.check(repair=True),
                lambda index: index.check(),
                lambda index: index.rollback(),
                lambda index: index.counts(),
                lambda index: index.remove("0.md"),
            )
        ),
    ):
        with pytest.raises(RagError) as caught:
            act()
        said.append(str(caught.value))
    assert all("\n" not in line and "swordfish" not in line for line in said)
    return said


def test_a_link_anywhere_in_an_index_is_refused_by_every_way_to_use_it(whole: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "folder").mkdir(parents=True)
    (outside / "folder" / "mine.md").write_text(SECRET)
    (outside / "mine.txt").write_text(SECRET)
    before = state(outside)
    names = {path.relative_to(whole) for path in whole.rglob("*")}
    seen = set()
    for name in sorted(names, key=str):
        kind = tuple(part if not part.startswith(("copy-", "generation-")) else "" for part in name.parts[:3])
        if kind in seen:
            continue
        seen.add(kind)
        root = tmp_path / "index"
        shutil.copytree(whole, root)
        place = root / name
        folder = place.is_dir()
        shutil.rmtree(place) if folder else place.unlink()
        place.symlink_to(outside / "folder" if folder else outside / "mine.txt")
        assert all(" in it is a link, " in line for line in tried(root, outside / "mine.txt")), name
        assert state(outside) == before
        shutil.rmtree(root)
    assert len(seen) > 12


@pytest.mark.parametrize("kind", ["pipe", "hard link", "unknown name"])
def test_what_is_no_file_of_its_own_is_refused(whole: Path, tmp_path: Path, kind: str) -> None:
    source = tmp_path / "mine.txt"
    source.write_text(SECRET)
    for name in ("CURRENT", "feedback.jsonl", "generation-0002/manifest.json", "generation-0002/catalogue.sqlite"):
        root = tmp_path / "index"
        shutil.copytree(whole, root)
        if kind == "unknown name":
            (root / "notes").symlink_to(source)
        else:
            (root / name).unlink()
            os.mkfifo(root / name) if kind == "pipe" else os.link(source, root / name)
        assert all("the index in" in line and " in it is " in line for line in tried(root, source)), name
        assert source.read_text() == SECRET
        shutil.rmtree(root)


def test_a_folder_that_is_itself_a_link_is_an_index_like_any_other(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "real")
    (tmp_path / "index").symlink_to(tmp_path / "real")
    index = opened(tmp_path / "index")
    assert index.search("keeper")
    index.sync()
    assert index.check() == []
    index.close()


def test_a_link_that_comes_while_a_page_is_open_is_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "index", tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.md").write_text(SECRET)
    uploads, feedback = Uploads(root / "uploads"), Feedback(root)
    root.mkdir()
    (root / "uploads").symlink_to(outside)
    (root / "feedback.jsonl").symlink_to(outside / "kept.md")
    with pytest.raises(SourceError, match="cannot be kept in"):
        uploads.keep_text("A text", "It is mine.")
    uploads.discard(str(root / "uploads" / "kept.md"))
    for use in (
        lambda: feedback.add("Whose?", Answer("Whose?", "W"), good=True, remark="", day=""),
        feedback.questions,
    ):
        with pytest.raises(StoreError, match=r"feedback\.jsonl cannot be"):
            use()
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"kept.md": SECRET}


def test_text_in_a_damaged_file_is_in_no_error(whole: Path, tmp_path: Path) -> None:
    names = ("words/meta.json", "manifest.json", "vectors/LIVE")
    for pattern in ("CURRENT", *(f"generation-*/{name}" for name in names)):
        root = tmp_path / "index"
        shutil.copytree(whole, root)
        for place in root.glob(pattern):
            place.write_text(SECRET)
        found = []
        for act in (lambda: opened(root).search("keeper"), lambda: opened(root).check()):  # noqa: B023
            try:
                found.append(str(act()))
            except RagError as error:
                found.append(str(error))
        assert all(line and "swordfish" not in line for line in found), found
        shutil.rmtree(root)


FOREIGN = {
    "files": ["notes.txt", "photos/one.jpg"],
    "a project": [".git/config", "README.md", "pyproject.toml"],
    "hidden files": [".bashrc", ".ssh/id"],
    "a database with such a file": ["CURRENT", "MANIFEST-000001", "000003.log"],
    "articles in folders named alike": ["generation-0001/one.md", "uploads/two.md", "three.md"],
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_folder_of_other_files_is_refused_and_not_touched(tmp_path: Path, kind: str) -> None:
    root, source = tmp_path / "there", tmp_path / "mine.txt"
    source.write_text("# A lighthouse\n\nIts keeper is old.\n")
    for name in FOREIGN[kind]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("MANIFEST-000001\n")
        (root / name).chmod(0o644)
    root.chmod(0o755)
    before = state(root)
    for line in tried(root, source):
        assert "holds other files, such as" in line and line.endswith(f"--index {root / 'index'}")
    assert state(root) == before
    index = opened(root / "index")
    index.sync(source)
    assert index.search("keeper") and {name: state(root)[name] for name in before} == before
    index.close()


@pytest.mark.parametrize("names", [[], ["README.md"], ["lost+found/"], [".gitkeep", ".DS_Store"]])
def test_a_folder_that_is_as_good_as_empty_is_taken(tmp_path: Path, names: list[str]) -> None:
    root, source = tmp_path / "index", tmp_path / "mine.txt"
    source.write_text("# A lighthouse\n\nIts keeper is old.\n")
    root.mkdir()
    for name in names:
        (root / name).mkdir() if name.endswith("/") else (root / name).write_text("")
    modes = {name: (root / name).stat().st_mode for name in names}
    index = opened(root)
    index.sync(source)
    assert {name: (root / name).stat().st_mode for name in names} == modes
    index.close()


def test_other_files_beside_an_index_keep_their_rights(folder: Path, tmp_path: Path) -> None:
    index = opened(tmp_path / "index")
    index.sync(folder)
    (index.folder / "notes.txt").write_text("mine")
    (index.folder / "notes.txt").chmod(0o644)
    (index.folder / "photos").mkdir(mode=0o755)
    for act in (index.sync, index.rebuild, index.rollback, index.check):
        act()
    assert stat.S_IMODE((index.folder / "notes.txt").stat().st_mode) == 0o644
    assert stat.S_IMODE((index.folder / "photos").stat().st_mode) & 0o055
    assert not [path for path in index.folder.glob("generation-*/**/*") if path.stat().st_mode & 0o077]
    index.close()
