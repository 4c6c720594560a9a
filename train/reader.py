"""Trains the reader: `python -m train.reader DATA.jsonl.gz --out .cache/reader`, resumed where it was stopped.

With `--start` an exported reader or a checkpoint is trained on: at a lower rate, with dropout, on a mixture of its own.
With `--extra` too, it is trained on all of SQuAD and on questions that people wrote to be unanswerable, with the words'
vectors left as they are; what is kept is the running mean of the weights (`OUT/reader.pt`).
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from train.data import Example, by_title, crop, draw, leave_out, read
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
MEAN_EVERY, MEAN_DECAY = 10, 0.98
"""Steps between two weights that enter their running mean, and the share of the mean that stays."""

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
NARROW = 500
FOURTH = {
    "squad_a": 0.6, "squad_b": 0.6, "squad_c": 0.7, "squad_d": 0.7, "squad_bt": 0.45, "ss_newwiki": 0.4, "nq_qed": 0.4,
    "ss_amazon": 0.12, "ss_reddit": 0.12, "hotpot": 1, "fairytaleqa": 0.08, "covid_qa": 0.1, "friendsqa": 0.04,
    "qamr_wikinews": 0.05, "qamr_wikipedia": 0.02, "policyqa": 0.02, "squad2_na-": 0.25, "squad2_na_bt-": 0.12,
    "squad-": 0.2, "ss_newwiki-": 0.2, "nq_qed-": 0.2, "ss_amazon-": 0.08, "ss_reddit-": 0.08, "fairytaleqa-": 0.1,
}  # fmt: skip
FIFTH = {
    "squad_a": 0.5, "squad_b": 0.5, "squad_c": 0.6, "squad_d": 0.6, "squad_bt": 0.35, "ss_newwiki": 0.35,
    "nq_qed": 0.35, "ss_amazon": 0.1, "ss_reddit": 0.1, "hotpot": 1, "fairytaleqa": 0.08, "covid_qa": 0.1,
    "squad2_na-": 0.75, "squad2_na_bt-": 0.4, "squad-": 0.4, "ss_newwiki-": 0.25, "nq_qed-": 0.3, "ss_amazon-": 0.08,
    "ss_reddit-": 0.08, "fairytaleqa-": 0.1,
}  # fmt: skip
BOTH: Sequence[Part] = ((FIRST, SHORT), (SECOND, WHOLE))
ALL: Sequence[Part] = ((FOURTH, NARROW), (FIFTH, WHOLE))
"""What is shown with `--extra`."""
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


def plan_batches(parts: Sequence[Sequence[Example]], size: int, seed: int) -> tuple[list[Feature], list[list[int]]]:
    """Return all features, and the batches in the order they are shown."""
    rng, made, plan = random.Random(seed), list[Feature](), list[list[int]]()
    for part in parts:
        own = features(part)
        plan += [[len(made) + i for i in batch] for batch in batches(own, size, rng)]
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


@dataclass(frozen=True, slots=True)
class Plan:
    """How a reader is trained."""

    parts: Sequence[Part]
    passes: int = 1
    share: float = 1.0
    """Of what a pass shows."""
    batch: int = BATCH
    rate: float = RATE
    dropout: float = 0.0
    freezes_words: bool = False
    """Whether the vectors of words and positions stay as they are, which is faster."""
    seed: int = SEED


def train(
    examples: Sequence[Example], out: Path, device: str, plan: Plan, *, start: Path | None, compiled: bool
) -> None:
    """Train to the end, leaving a checkpoint every so many steps; goes on from the last one there is.

    `compiled` takes a compiler and a minute at the start, and is faster from then on.
    """
    out.mkdir(parents=True, exist_ok=True)
    wanted = [({name: plan.share * one for name, one in shares.items()}, most) for shares, most in plan.parts]
    parts = [part for number in range(plan.passes) for part in mixture(examples, wanted, plan.seed + 1000 * number)]
    for part in parts:
        print(len(part), dict(Counter(one.source + ("" if one.start >= 0 else "-") for one in part).most_common()))
    made, shown = plan_batches(parts, plan.batch, plan.seed + 1)
    torch.manual_seed(plan.seed)
    model = ReaderModel(dropout=plan.dropout).to(device).train()
    if start:
        model.load_state_dict({name: value.float() for name, value in weights(start).items()})
    if plan.freezes_words:
        model.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        model.encoder.embeddings.position_embeddings.weight.requires_grad_(False)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=plan.rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, len(shown)))
    mean = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(MEAN_DECAY))
    states = {"model": model, "optimizer": optimizer, "schedule": schedule, "mean": mean}
    checkpoint, first = out / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device)
        for name, one in states.items():
            one.load_state_dict(state[name])
        first = int(state["step"])
    print(f"{len(shown)} steps from {first}", flush=True)
    if compiled:
        model.compile(dynamic=True)
    for step in steps(model, optimizer, schedule, stream(made, shown, first), device):
        if step % MEAN_EVERY == 0:
            mean.update_parameters(model)
        if step % EVERY == 0 or step == len(shown):
            torch.save({"step": step, **{name: one.state_dict() for name, one in states.items()}}, out / "new.pt")
            (out / "new.pt").replace(checkpoint)
    torch.save({"model": mean.module.state_dict()}, out / "reader.pt")


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
    parser.add_argument("--extra", type=Path, nargs="*", default=[], help="more data, of which no titles are known")
    parser.add_argument("--dev", type=Path, help="data to measure on: its texts are left out of the extra data")
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="of what a pass shows")
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--rate", type=float, help="the highest learning rate")
    parser.add_argument("--compile", action="store_true", help="compile the network first")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    extra = [example for path in given.extra for example in read(path)]
    if given.dev:
        extra = leave_out(extra, read(given.dev))
    again = given.start is not None
    plan = Plan(
        ALL if extra else ((THIRD, WHOLE),) if again else BOTH,
        passes=given.passes,
        share=given.share,
        batch=given.batch,
        rate=given.rate or (AGAIN if again else RATE),
        dropout=DROPOUT if again and not extra else 0.0,
        freezes_words=bool(extra),
        seed=given.seed,
    )
    train([*read(given.data), *extra], given.out, given.device, plan, start=given.start, compiled=given.compile)
