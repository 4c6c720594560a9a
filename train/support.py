"""Trains the support model, which says whether a text supports a sentence; resumed where it was stopped.

`python -m train.support SUPPORT.jsonl.gz READER_TRAIN.jsonl.gz READER_DEV.jsonl.gz --out .cache/support`
"""

import argparse
import gzip
import hashlib
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from train.claims import Claim, looks, make_pair, overlap
from train.data import Example, read
from train.features import Batch, Feature, batches, collate, features, stream
from train.model import ReaderModel
from train.reader import BATCH, EVERY, RATE, rate

SEED = 40
LONGEST = 224
"""Tokens of claim and evidence together."""
HELD_OUT = 8
"""Hundredths of the evidence texts that are kept for measuring."""
SHARES = {
    "figure": 0.13, "date": 0.13, "name": 0.17, "roles": 0.06, "negation": 0.13, "opposite": 0.13, "stronger": 0.05,
    "removed": 0.12, "answer": 0.08,
}  # fmt: skip
"""How much of the pairs made by rule is meant to be of each kind."""
SOURCES = {"squad": 1, "ss_newwiki": 1, "nq_qed": 1, "qamr_wikinews": 1, "ss_amazon": 0.1, "ss_reddit": 0.1}
"""How much is used of the examples whose source begins so."""


class SupportModel(nn.Module):
    """The reader's encoder under one linear layer on the first token."""

    def __init__(self, *, pretrained: bool = True) -> None:
        """`pretrained` takes the weights of the packaged MiniLM, otherwise random ones to be overwritten."""
        super().__init__()
        self.encoder = ReaderModel(pretrained=pretrained).encoder
        self.judge = nn.Linear(self.encoder.config.hidden_size, 1)

    def forward(self, ids: Tensor, kinds: Tensor, mask: Tensor) -> Tensor:
        """Return the logits, one a row, of token ids, kinds (0 claim, 1 evidence) and mask of shape (batch, tokens)."""
        states = self.encoder(input_ids=ids, token_type_ids=kinds, attention_mask=mask).last_hidden_state
        with torch.autocast(ids.device.type, enabled=False):
            return self.judge(states[:, 0].float()).squeeze(-1)


def read_claims(path: Path) -> list[Claim]:
    """Return the claims of a file of lines with `claim`, `evidence`, `label` and `source`, which becomes their kind."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    return [Claim(one["claim"], one["evidence"], one["label"] == "supported", one["source"]) for one in lines]


def held_out(claim: Claim) -> bool:
    """Whether the claim is kept for measuring, decided by its evidence alone."""
    text = " ".join(claim.evidence.casefold().split())
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 100 < HELD_OUT


def make_claims(examples: Sequence[Example], count: int, rng: random.Random) -> list[Claim]:
    """About so many claims made by rule, each kind its share, at most two of a kind from a context."""
    share = {one.source: next((part for name, part in SOURCES.items() if one.source.startswith(name)), 0.0)
             for one in examples}  # fmt: skip
    chosen = [one for one in examples if rng.random() < share[one.source]]
    pool, found = looks(dict.fromkeys(one.context for one in chosen)), list[Claim]()
    for kind, part in SHARES.items():
        tried, enough = set[str](), len(found) + 2 * round(count * part / 2)
        for example in rng.sample(chosen, len(chosen)):
            place = example.context + (example.question if kind == "answer" else "")
            if len(found) < enough and place not in tried:
                tried.add(place)
                found += make_pair(example, kind, rng, pool)
    return found


def tokens(claims: Sequence[Claim]) -> list[Feature]:
    """Return the claims as the network takes them."""
    return features([Example(one.text, "", one.evidence) for one in claims], LONGEST)


def fresh(start: Path | None) -> SupportModel:
    """A model to be trained, its encoder taken from a reader's checkpoint where one is given."""
    model = SupportModel()
    if start:
        state = torch.load(start, map_location="cpu")["model"]
        model.encoder.load_state_dict(
            {name.removeprefix("encoder."): one for name, one in state.items() if name.startswith("encoder.")}
        )
    return model


def train(claims: Sequence[Claim], start: Path | None, out: Path, passes: int, device: str) -> SupportModel:
    """Trains to the end, leaving a checkpoint every so many steps; goes on from the last one there is."""
    rng, made = random.Random(SEED + 1), tokens(claims)
    plan = [batch for _ in range(passes) for batch in batches(made, BATCH, rng)]
    torch.manual_seed(SEED)
    model = fresh(start).to(device).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, len(plan)))
    parts: dict[str, Any] = {"model": model, "optimizer": optimizer, "schedule": schedule}
    checkpoint, first = out / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device)
        first = int(state["step"])
        for name, part in parts.items():
            part.load_state_dict(state[name])
    print(f"{len(claims)} claims, {len(plan)} steps from {first}", flush=True)
    truth = torch.tensor([float(one.supported) for one in claims])
    losses, began = list[float](), time.perf_counter()
    for step, batch in stream(made, plan, first):
        loss = binary_cross_entropy_with_logits(logits(model, batch, device), truth[plan[step]].to(device))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        if len(losses) == 50:
            speed = 50 * BATCH / (time.perf_counter() - began)
            print(f"step {step + 1} loss {sum(losses) / 50:.3f} {speed:.1f} claims/s", flush=True)
            losses, began = [], time.perf_counter()
        if (step + 1) % EVERY == 0 or step + 1 == len(plan):
            states = {name: part.state_dict() for name, part in parts.items()}
            torch.save({"step": step + 1, **states}, out / "new.pt")
            (out / "new.pt").replace(checkpoint)
    return model


def logits(model: SupportModel, batch: Batch, device: str) -> Tensor:
    """Return what the model says of a batch, in bfloat16."""
    with torch.autocast(device, dtype=torch.bfloat16):
        return model(batch.ids.to(device), batch.kinds.to(device), batch.mask.to(device))


@torch.inference_mode()
def scores(model: SupportModel, claims: Sequence[Claim], device: str) -> np.ndarray:
    """Return the model's logit for each claim."""
    made, found = tokens(claims), np.zeros(len(claims))
    for places in batches(made, BATCH, random.Random(SEED)):
        found[places] = logits(model.eval(), collate([made[i] for i in places]), device).cpu().numpy()
    return found


def report(title: str, said: np.ndarray, claims: Sequence[Claim]) -> None:
    """Prints the area under the curve of a model's scores by kind and in all, beside that of shared words alone."""
    words = np.array([overlap(one.text, one.evidence) for one in claims])
    truth = np.array([one.supported for one in claims])
    groups: Mapping[str, list[int]] = defaultdict(list)
    for i, one in enumerate(claims):
        groups[one.kind].append(i)
    print(f"{title:24} {'claims':>7} {'AUROC':>7} {'words':>7}")
    for name, places in [*sorted(groups.items()), ("all", list(range(len(claims))))]:
        if 0 < truth[places].sum() < len(places):
            areas = [roc_auc_score(truth[places], given[places]) for given in (said, words)]
            print(f"  {name:22} {len(places):7} {areas[0]:7.3f} {areas[1]:7.3f}")


def main() -> None:
    """Reads, makes, trains, measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("support", type=Path)
    parser.add_argument("reader_train", type=Path)
    parser.add_argument("reader_dev", type=Path)
    parser.add_argument("--out", type=Path, default=Path(".cache/support"))
    parser.add_argument("--start", type=Path, help="a reader's checkpoint to take the encoder from")
    parser.add_argument("--made", type=int, default=20_000, help="how many claims are made by rule")
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    claims, rng = read_claims(given.support), random.Random(SEED)
    shown = [one for one in claims if not held_out(one)] + make_claims(read(given.reader_train), given.made, rng)
    print(dict(Counter((one.kind + ("+" if one.supported else "-")) for one in shown).most_common()))
    model = train(shown, given.start, given.out, given.passes, given.device)
    kept, made = [one for one in claims if held_out(one)], make_claims(read(given.reader_dev), given.made // 10, rng)
    report("held-out support data", scores(model, kept, given.device), kept)
    report("held-out made by rule", scores(model, made, given.device), made)


if __name__ == "__main__":
    main()
