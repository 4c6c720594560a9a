"""`python -m tests.fuzz TARGET FOLDER [libFuzzer's options]` fuzzes one target, led by the code it reaches.

What is found is kept in FOLDER, with the samples to begin with.
"""

import hashlib
import sys
import warnings
from pathlib import Path

import atheris

warnings.simplefilter("error")
with atheris.instrument_imports(include=["rag"]), warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import rag.sources.web.client
    import rag.sources.web.documents
    import rag.sources.web.listings  # noqa: F401
    from tests.fuzz.targets import TARGETS

name, folder = sys.argv[1], Path(sys.argv[2])
target = next(target for target in TARGETS if target.name == name)
folder.mkdir(parents=True, exist_ok=True)
for seed in target.seeds:
    (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
atheris.Setup([sys.argv[0], *sys.argv[3:], str(folder)], target.run)
atheris.Fuzz()
