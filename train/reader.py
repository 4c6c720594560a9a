"""Trains the reader: `python -m train.reader DATA.jsonl.gz --out .cache/reader`, resumed where it was stopped.

With `--start` an exported reader or a checkpoint is trained on: at a lower rate, with dropout, on a mixture of its own.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from train.data import Example, by_title, crop, draw, read
from train.features import Batch, Feature, batches, features, stream
from train.model import Marks, ReaderModel
from train.restore import weights
from train.unanswerable import make, names

SEED = 20
BATCH = 32
RATE = 2e-4
AGAIN, DROPOUT = 1.2e-4, 0.1
"""The rate at which a trained reader is trained on, and how much is left out so that it does not learn by heart."""
WARM_UP = 0.05
EVERY = 150
"""Steps between checkpoints."""

Part = tuple[Mapping[str, float], int]
"""Shares of each source, and the most characters of a context."""

# Shares of each source; "-" marks its unanswerable questions. Short texts first: they train three times as fast.
SHORT, WHOLE = 430, 1100
FIRST = {
    "squad_a": 1, "squad_b": 1, "ss_newwiki": 1, "nq_qed": 0.55, "ss_amazon": 0.5, "ss_reddit": 0.5,
    "qamr_wikinews": 0.2, "qamr_wikipedia": 0.15, "fairytaleqa": 0.4, "hotpot": 1, "friendsqa": 0.25,
    "covid_qa": 0.5, "policyqa": 0.12, "squad-": 0.4, "ss_newwiki-": 0.3, "nq_qed-": 0.4, "ss_amazon-": 0.2,
    "ss_reddit-": 0.2, "fairytaleqa-": 0.3, "covid_qa-": 0.5,
}  # fmt: skip
SECOND = {
    "squad_a": 1, "squad_b": 1, "ss_newwiki": 1, "nq_qed": 0.7, "ss_amazon": 0.4, "ss_reddit": 0.4,
    "qamr_wikinews": 0.12, "qamr_wikipedia": 0.08, "fairytaleqa": 0.3, "hotpot": 1, "friendsqa": 0.1,
    "covid_qa": 0.5, "policyqa": 0.06, "squad-": 0.8, "ss_newwiki-": 0.5, "nq_qed-": 0.5, "ss_amazon-": 0.3,
    "ss_reddit-": 0.3, "fairytaleqa-": 0.4, "covid_qa-": 0.5,
}  # fmt: skip
THIRD = {
    "squad_a": 1, "squad_b": 1, "ss_newwiki": 1, "nq_qed": 0.6, "ss_amazon": 0.35, "ss_reddit": 0.35,
    "qamr_wikinews": 0.06, "qamr_wikipedia": 0.04, "fairytaleqa": 0.15, "hotpot": 1, "covid_qa": 0.2, "squad-": 0.8,
    "ss_newwiki-": 0.35, "nq_qed-": 0.4, "ss_amazon-": 0.15, "ss_reddit-": 0.15, "fairytaleqa-": 0.2,
}  # fmt: skip
BOTH: Sequence[Part] = ((FIRST, SHORT), (SECOND, WHOLE))
HARD = {
    "without_answer": 0.08, "other_name": 0.1, "other_figure": 0.4, "opposite": 0.2, "elsewhere": 0.06,
    "mentioned": 0.1, "other_word": 0.06,
}  # fmt: skip
"""For each answerable question drawn, how often it comes again as an unanswerable one of each kind."""
TITLE_KEPT = 0.5


def mixture(examples: Sequence[Example], wanted: Sequence[Part], seed: int) -> list[list[Example]]:
    """Return what is shown in each part, in no order yet."""
    rng = random.Random(seed)
    pool, articles = names(examples), by_title(examples)
    parts = []
    for shares, most in wanted:
        part: list[Example] = []
        for example in draw(examples, shares, rng):
            part.append(crop(example, most, rng))
            for kind, share in HARD.items():
                if rng.random() < share and (hard := make(kind, example, rng, pool, articles)):
                    part.append(replace(crop(hard, most, rng), source=kind))
        parts.append([one if rng.random() < TITLE_KEPT else replace(one, title="") for one in part])
    return parts


def plan_batches(parts: Sequence[Sequence[Example]], seed: int) -> tuple[list[Feature], list[list[int]]]:
    """Return all features, and the batches in the order they are shown."""
    rng, made, plan = random.Random(seed), list[Feature](), list[list[int]]()
    for part in parts:
        own = features(part)
        plan += [[len(made) + i for i in batch] for batch in batches(own, BATCH, rng)]
        made += own
    return made, plan


def loss_of(marks: Marks, batch: Batch) -> torch.Tensor:
    """Mean of the two cross-entropies, and half the binary one of the relevance."""
    spans = (cross_entropy(marks.start, batch.start) + cross_entropy(marks.end, batch.end)) / 2
    return spans + 0.5 * binary_cross_entropy_with_logits(marks.relevance, (batch.start > 0).float())


def rate(step: int, steps: int) -> float:
    """Return the share of the learning rate: a warm-up, then down to nothing in a line."""
    warm = WARM_UP * steps
    return min(step / warm, (steps - step) / (steps - warm))


def train(
    data: Path, out: Path, device: str, *, start: Path | None = None, compiled: bool = False, seed: int = SEED
) -> None:
    """Train to the end, leaving a checkpoint every so many steps; goes on from the last one there is.

    `compiled` takes a compiler and a minute at the start, and is faster from then on.
    """
    out.mkdir(parents=True, exist_ok=True)
    parts = mixture(read(data), ((THIRD, WHOLE),) if start else BOTH, seed)
    for part in parts:
        print(len(part), dict(Counter(one.source + ("" if one.start >= 0 else "-") for one in part).most_common()))
    made, plan = plan_batches(parts, seed + 1)
    torch.manual_seed(seed)
    model = ReaderModel(dropout=DROPOUT if start else 0.0).to(device).train()
    if start:
        model.load_state_dict(weights(start))
    optimizer = torch.optim.AdamW(model.parameters(), lr=AGAIN if start else RATE, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, len(plan)))
    checkpoint, first = out / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        first = int(state["step"])
    print(f"{len(plan)} steps from {first}", flush=True)
    if compiled:
        model.compile(dynamic=True)
    for step in steps(model, optimizer, schedule, stream(made, plan, first), device):
        if step % EVERY == 0 or step == len(plan):
            states = {"model": model, "optimizer": optimizer, "schedule": schedule}
            torch.save({"step": step, **{name: one.state_dict() for name, one in states.items()}}, out / "new.pt")
            (out / "new.pt").replace(checkpoint)


def steps(
    model: ReaderModel,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    shown: Iterator[tuple[int, Batch]],
    device: str,
) -> Iterator[int]:
    """Train on one batch a step; yield how many are done, and print the mean loss and the speed."""
    losses, started, seen = list[float](), time.perf_counter(), 0
    for step, batch in shown:
        batch = Batch(*(getattr(batch, name).to(device) for name in Batch.__slots__))
        with torch.autocast(device, dtype=torch.bfloat16):
            marks = model(batch.ids, batch.kinds, batch.mask)
        loss = loss_of(marks, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        seen += len(batch.start)
        if len(losses) == 50:
            speed = seen / (time.perf_counter() - started)
            print(f"step {step + 1} loss {sum(losses) / 50:.3f} {speed:.1f} examples/s", flush=True)
            losses, started, seen = [], time.perf_counter(), 0
        yield step + 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path(".cache/reader"))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--start", type=Path, help="an exported reader or a checkpoint to train on")
    parser.add_argument("--compile", action="store_true", help="compile the network first")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    train(given.data, given.out, given.device, start=given.start, compiled=given.compile, seed=given.seed)
