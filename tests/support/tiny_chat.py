"""A chat model of a few thousand random weights, and transformers' own server to speak for it."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import ByteLevel as BytesDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from tests.support.chroma_server import free_port

SEEDS = Path(__file__).parents[2] / "seeds"
CONTEXT = 2048

_END, _TURN = "<|im_end|>", "<|im_start|>"
_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
}


def tiny_chat(folder: Path, context: int = CONTEXT) -> Path:
    """Saves a model that answers at once, in words of the sample articles and without any sense."""
    tokenizer = _tokenizer(context)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=context,
        initializer_range=0.5,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        model = LlamaForCausalLM(config)
    model.generation_config = _generation(tokenizer)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer(context: int) -> PreTrainedTokenizerFast:
    trained = Tokenizer(BPE())
    trained.pre_tokenizer = ByteLevel(add_prefix_space=False)
    trained.decoder = BytesDecoder()
    special = [AddedToken(token, special=True) for token in ("<|endoftext|>", _TURN, _END)]
    letters = ByteLevel.alphabet()
    trainer = BpeTrainer(vocab_size=1024, special_tokens=special, initial_alphabet=letters, show_progress=False)
    texts = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.md"))]
    trained.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=trained, eos_token=_END, pad_token="<|endoftext|>", model_max_length=context
    )
    tokenizer.chat_template = _TEMPLATE
    return tokenizer


def _generation(tokenizer: PreTrainedTokenizerFast) -> GenerationConfig:
    """Never half a character, for a stream of those would stay empty."""
    broken = [token for token in range(len(tokenizer)) if "\N{REPLACEMENT CHARACTER}" in tokenizer.decode([token])]
    return GenerationConfig(
        do_sample=False,
        repetition_penalty=1.3,
        max_new_tokens=24,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        suppress_tokens=broken,
    )


@contextmanager
def transformers_serve(model: Path) -> Iterator[tuple[str, str]]:
    """The server's URL and the name that a client has to send; the server ends with the block."""
    port, name = free_port(), str(model)
    command = [str(Path(sys.executable).parent / "transformers"), "serve", name, "--device", "cpu"]
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as home:
        (Path(home) / "hub").mkdir()  # or its list of models fails
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port), "--log-level", "error"],
            stdout=log,
            stderr=log,
            env={**os.environ, **_QUIET, "HF_HOME": home},
        )
        try:
            if not _answers(f"http://127.0.0.1:{port}/health", server):
                log.seek(0)
                raise RuntimeError(log.read().decode(errors="replace")[-2_000:])
            yield f"http://127.0.0.1:{port}/v1", name
        finally:
            server.kill()
            server.wait(10)


def _answers(url: str, server: "subprocess.Popen[bytes]") -> bool:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return True
        except OSError:
            if server.poll() is not None:
                return False
            time.sleep(0.1)
    return False
