"""What the reader is trained on, and that a training goes on where it was stopped."""

import functools
import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rag.models.reader.packaged import FOLDER, ReaderNetwork
from rag.models.reader.windows import TokenWindow
from train import reader
from train.data import Example, by_title, crop, draw, leave_out, read
from train.export import write_network
from train.features import collate, features
from train.model import ReaderModel
from train.restore import mean, weights
from train.unanswerable import KINDS, make, names, similar_words

TEXT = (
    "The ferry Aurelia began service in 1931 under the flag of Norway. Its first captain was Ida Holm, a daughter of "
    "Skarvik. The ship carried the largest bell in the north. In 1950 it was sold to a company in Bergen."
)


def example(question: str, answer: str, title: str = "", text: str = TEXT) -> Example:
    start = text.index(answer) if answer else -1
    return Example(question, title, text, start, start + len(answer) if answer else -1, "squad_a")


ASKED = [
    example("Who was the first captain of the ferry Aurelia?", "Ida Holm", "Aurelia"),
    example("When did the Aurelia begin service under Norway?", "1931", "Aurelia"),
    example("To whom was the ferry sold in 1950?", "a company in Bergen"),
    example("What did the ship with the largest bell carry?", "the largest bell in the north"),
]


def test_a_file_is_read(tmp_path: Path) -> None:
    lines = [
        {"question": " Who? ", "context": TEXT, "answers": [{"text": "Ida Holm", "answer_start": TEXT.index("Ida")}],
         "source": "ss_newwiki", "title": "The_Aurelia", "is_impossible": False},
        {"question": "Why?", "context": TEXT, "answers": [], "source": "squad", "title": None, "is_impossible": True},
    ]  # fmt: skip
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    first, second = read(path)
    assert (first.question, first.title, first.answer) == ("Who?", "The Aurelia", "Ida Holm")
    assert (second.start, second.answer) == (-1, "")


@pytest.mark.parametrize("most", [30, 60, 120, 1000])
@pytest.mark.parametrize("asked", ASKED, ids=lambda one: one.answer)
def test_a_crop_keeps_the_answer(asked: Example, most: int) -> None:
    for seed in range(20):
        cut = crop(asked, max(most, len(asked.answer)), random.Random(seed))
        assert cut.answer == asked.answer
        assert len(cut.context) <= max(most, len(asked.answer))
        assert cut.context in asked.context


def test_the_mixture_has_the_shares_asked_for() -> None:
    group = [example(f"Who {number}?", "Ida Holm") for number in range(20)]
    drawn = list(draw([*group, example("Why?", "")], {"squad_a": 1.5, "squad_a-": 1}, random.Random(1)))
    assert len(drawn) == 31
    assert all(drawn.count(one) >= 1 for one in group)


def test_the_tokens_of_the_answer_are_marked() -> None:
    from train.features import tokenizer

    for asked, made in zip(ASKED, features(ASKED), strict=True):
        words = tokenizer().decode([int(one) for one in made.ids[made.start : made.end + 1]])
        assert words == asked.answer.lower()
        assert made.kinds[made.start] == 1
    assert features([example("Why?", "")])[0].start == 0
    assert features([example("Who?", "Bergen")], longest=24)[0].start == 0


@pytest.mark.parametrize("kind", KINDS)
def test_unanswerable_questions_are_unanswerable(kind: str) -> None:
    passage = "Another passage about the ferry, which has a kitchen and forty beds."
    others = [example("What is made in Trondheim by Olav Berg?", "Ida Holm"), example("Why?", "", "Aurelia", passage)]
    pool, articles = names(others), by_title([*ASKED, *others])
    seeds = map(random.Random, range(30))
    made = [one for seed in seeds for asked in ASKED if (one := make(kind, asked, seed, pool, articles))]
    assert made
    for one in made:
        origin = next((asked for asked in ASKED if asked.question == one.question), None)
        assert one.start == -1
        if kind in ("without_answer", "elsewhere"):
            assert origin is not None and origin.answer not in one.context
        elif kind == "mentioned":
            assert origin is None and one.context == TEXT
        else:
            changes = [set(one.question.split()) - set(asked.question.split()) for asked in ASKED]
            new = min(changes, key=len)
            assert origin is None
            assert not any(word.strip("?") in TEXT.split() for word in new)
        assert make(kind, one, random.Random(1), pool, articles) is None


def test_words_of_like_use_are_neither_the_same_nor_forms_of_it() -> None:
    near = similar_words()["captain"]
    assert {"lieutenant", "commander"} & set(near)
    assert not any(word.startswith("capt") for word in near)


def test_a_network_comes_back_from_its_file(tmp_path: Path) -> None:
    torch.manual_seed(3)
    model, path, checkpoint = ReaderModel(pretrained=False), tmp_path / "reader.onnx", tmp_path / "checkpoint.pt"
    for value in model.parameters():  # parameters that are alike are written once
        torch.nn.init.normal_(value, std=0.02)
    write_network(model, "relevance", ASKED, path)
    torch.save({"model": model.state_dict()}, checkpoint)
    restored, held = weights(path), weights(checkpoint)
    assert restored.keys() == held.keys()
    for name, value in held.items():
        step = (value.max() - value.min()).item() / 255
        assert torch.allclose(restored[name], value, atol=step + 1e-6), name
    batch = collate(features(ASKED[:1]))
    with torch.inference_mode():
        marks = model.eval()(batch.ids, batch.kinds, batch.mask)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    (scores,) = ReaderNetwork(path, sha256)([TokenWindow(batch.ids[0].numpy(), batch.kinds[0].numpy())])
    assert scores.start == pytest.approx(marks.start[0].numpy(), abs=0.05)
    assert scores.relevance == pytest.approx(marks.relevance[0].item(), abs=0.05)
    half = mean([path, checkpoint])
    assert torch.allclose(half["span.weight"], (restored["span.weight"] + held["span.weight"]) / 2)
    ReaderModel(pretrained=False).load_state_dict(weights(FOLDER / "reader.onnx"))


def test_texts_that_are_measured_on_are_left_out() -> None:
    same_text = replace(ASKED[0], question="Another question?")
    elsewhere = replace(ASKED[1], context="Another text.")
    asked = [replace(ASKED[0], question=ASKED[0].question.upper().replace("?", " ?"), context="Translated.")]
    assert leave_out([*ASKED, same_text, elsewhere], asked) == [elsewhere]


def test_a_stopped_training_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [{"question": one.question, "context": one.context, "source": "squad_a",
              "answers": [{"text": one.answer, "answer_start": one.start}]} for one in ASKED]  # fmt: skip
    data = tmp_path / "data.jsonl"
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    monkeypatch.setattr(reader, "EVERY", 2)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    plan = reader.Plan(reader.BOTH, batch=2)
    train = functools.partial(reader.train, read(data), start=None, compiled=False)
    train(whole, "cpu", plan)

    steps = reader.steps
    with monkeypatch.context() as stopped:
        stopped.setattr(reader, "steps", lambda *given: (step for step in steps(*given) if step <= 2))
        train(parts, "cpu", plan)
    checkpoint = torch.load(parts / "checkpoint.pt")
    assert checkpoint["step"] == 2
    train(parts, "cpu", plan)
    one, other = (torch.load(folder / "checkpoint.pt") for folder in (whole, parts))
    assert one["step"] == other["step"] > 2
    for kept in ("model", "mean"):
        for name, value in one[kept].items():
            assert torch.allclose(value, other[kept][name], atol=1e-5), name

    again = reader.Plan(reader.ALL[:1], passes=2, batch=4, rate=1e-4, dropout=0.1, freezes_words=True)
    train(tmp_path / "further", "cpu", again, start=whole / "checkpoint.pt")
    further = torch.load(tmp_path / "further" / "checkpoint.pt")["model"]
    table = "encoder.embeddings.word_embeddings.weight"
    assert torch.equal(further[table], one["model"][table])
    assert weights(tmp_path / "further" / "reader.pt").keys() == further.keys()
    moved = [(further[name] - value).abs().mean().item() for name, value in one["model"].items()]
    assert 0 < max(moved) < 0.02
