"""Trains the support model, which says whether a text supports a sentence; resumed where it was stopped.

`python -m train.support SUPPORT.jsonl.gz READER_TRAIN.jsonl.gz READER_DEV.jsonl.gz --out .cache/support`
With `--again` the support model of an ONNX file is trained on, at a lower rate, the words' vectors left as they are.
"""

import argparse
import random
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from train.claims import Claim, looks, make_pair, overlap
from train.data import Example, read
from train.exchanging import Pool
from train.features import Batch, Feature, batches, collate, features, stream
from train.framing import make_frame
from train.model import ReaderModel
from train.reader import BATCH, EVERY, RATE, rate
from train.restore import weights
from train.roles import find_agents, make_passive, make_scene
from train.support_data import AGAIN, FIRST, draw_claims, name_part, read_claims, sample_parts, split_claims

SEED = 40
MEASURED = 250
"""Claims of a source, at most, that are measured on."""
LONGEST = 224
"""Tokens of claim and evidence together."""
RATE_AGAIN = 1e-4
"""The rate at which a trained model is trained on."""
SHARES = {
    "figure": 0.13, "date": 0.13, "name": 0.17, "roles": 0.06, "negation": 0.13, "opposite": 0.13, "stronger": 0.05,
    "removed": 0.12, "answer": 0.08,
}  # fmt: skip
"""How much of the pairs made by rule is meant to be of each kind."""
SHARES_AGAIN = {
    "figure": 0.06, "date": 0.06, "name": 0.08, "roles": 0.1, "negation": 0.06, "opposite": 0.05, "stronger": 0.04,
    "removed": 0.06, "answer": 0.03, "passive": 0.1, "scene": 0.18, "frame": 0.22,
}  # fmt: skip
"""The same where a trained model is trained on."""
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


def make_claims(
    examples: Sequence[Example], count: int, rng: random.Random, shares: Mapping[str, float] = SHARES
) -> list[Claim]:
    """Make about so many claims by rule, each kind its share, at most two or four of a kind from a context."""
    share = {one.source: next((part for name, part in SOURCES.items() if one.source.startswith(name)), 0.0)
             for one in examples}  # fmt: skip
    chosen = [one for one in examples if rng.random() < share[one.source]]
    contexts = dict.fromkeys(one.context for one in chosen)
    pool, agents, found = looks(contexts), find_agents(contexts), list[Claim]()
    for kind, part in shares.items():
        tried, enough = set[str](), len(found) + 2 * round(count * part / 2)
        for example in rng.sample(chosen, len(chosen)):
            place = example.context + (example.question if kind == "answer" else "")
            if len(found) < enough and place not in tried:
                tried.add(place)
                found += _make(kind, example, rng, pool, agents)
    return found


def _make(kind: str, example: Example, rng: random.Random, pool: Pool, agents: Sequence[str]) -> list[Claim]:
    """Make claims of a kind from an example's text; none where it does not lend itself to it."""
    match kind:
        case "passive":
            return make_passive(example, rng)
        case "scene":
            return make_scene(example, agents, rng)
        case "frame":
            return make_frame(example, rng, pool)
        case _:
            return make_pair(example, kind, rng, pool)


def tokens(claims: Sequence[Claim]) -> list[Feature]:
    """Return the claims as the network takes them."""
    return features([Example(one.text, "", one.evidence) for one in claims], LONGEST)


@dataclass(frozen=True, slots=True)
class SupportPlan:
    """How a support model is trained."""

    start: Path | None = None
    """A reader's checkpoint whose encoder is taken, or the ONNX file of a support model."""
    passes: int = 1
    batch: int = BATCH
    rate: float = RATE
    freezes_words: bool = False
    """Whether the vectors of words and positions stay as they are, which is faster."""
    seed: int = SEED


def load_model(start: Path | None) -> SupportModel:
    """Return a model to be trained: a support model's weights, a reader's encoder, or a fresh one."""
    if not start:
        return SupportModel()
    model = SupportModel(pretrained=False)
    state = weights(start, model)
    if "span.weight" in state:
        state = {name: one for name, one in state.items() if name.startswith("encoder.")} | {
            name: one for name, one in model.state_dict().items() if name.startswith("judge.")
        }
    model.load_state_dict(state)
    return model


def train(claims: Sequence[Claim], out: Path, device: str, plan: SupportPlan) -> SupportModel:
    """Train to the end, leaving a checkpoint every so many steps; goes on from the last one there is."""
    rng, made = random.Random(plan.seed + 1), tokens(claims)
    shown = [batch for _ in range(plan.passes) for batch in batches(made, plan.batch, rng)]
    torch.manual_seed(plan.seed)
    model = load_model(plan.start).to(device).train()
    if plan.freezes_words:
        model.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        model.encoder.embeddings.position_embeddings.weight.requires_grad_(False)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=plan.rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, len(shown)))
    parts: dict[str, Any] = {"model": model, "optimizer": optimizer, "schedule": schedule}
    checkpoint, first = out / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device)
        first = int(state["step"])
        for name, part in parts.items():
            part.load_state_dict(state[name])
    print(f"{len(claims)} claims, {len(shown)} steps from {first}", flush=True)
    truth = torch.tensor([float(one.supported) for one in claims])
    losses, began = list[float](), time.perf_counter()
    for step, batch in stream(made, shown, first):
        loss = binary_cross_entropy_with_logits(logits(model, batch, device), truth[shown[step]].to(device))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        if len(losses) == 50:
            speed = 50 * plan.batch / (time.perf_counter() - began)
            print(f"step {step + 1} loss {sum(losses) / 50:.3f} {speed:.1f} claims/s", flush=True)
            losses, began = [], time.perf_counter()
        if (step + 1) % EVERY == 0 or step + 1 == len(shown):
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
        groups[name_part(one)].append(i)
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
    parser.add_argument("--again", type=Path, help="a support model to be trained on, its ONNX file or a checkpoint")
    parser.add_argument("--extra", type=Path, nargs="*", default=[], help="more claims")
    parser.add_argument("--made", type=int, default=20_000, help="how many claims are made by rule")
    parser.add_argument("--share", type=float, default=1.0, help="of the claims that are not made by rule")
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    plan = SupportPlan(given.start, given.passes, given.batch, seed=given.seed)
    drawn, made = FIRST, SHARES
    if given.again:
        plan = replace(plan, start=given.again, rate=RATE_AGAIN, freezes_words=True)
        drawn, made = AGAIN, SHARES_AGAIN
    claims = [claim for path in (given.support, *given.extra) for claim in read_claims(path)]
    own, kept = split_claims(claims)
    rng = random.Random(given.seed)
    shares = {name: given.share * share for name, share in drawn.items()}
    shown = [*draw_claims(own, shares, rng), *make_claims(read(given.reader_train), given.made, rng, made)]
    print(dict(Counter((name_part(one) + ("+" if one.supported else "-")) for one in shown).most_common()))
    model = train(shown, given.out, given.device, plan)
    again = make_claims(read(given.reader_dev), given.made // 10, rng, made)
    kept = sample_parts(kept, MEASURED, random.Random(SEED))
    report("held-out support data", scores(model, kept, given.device), kept)
    report("held-out made by rule", scores(model, again, given.device), again)


if __name__ == "__main__":
    main()
