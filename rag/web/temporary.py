"""The private temporary folder of the page, removed when it ends."""

import atexit
import os
import shutil
import tempfile

from rag.errors import SettingsError


def make_temporary_folder() -> None:
    """Make the folder that Gradio keeps uploads in; call it before Gradio is imported, which remembers the name.

    Gradio's own would be one name for every user of the machine. SettingsError where none can be made.
    """
    try:
        folder = tempfile.mkdtemp(prefix="rag-page-")
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"no temporary folder can be made ({reason}); name another place with TMPDIR") from error
    os.environ["GRADIO_TEMP_DIR"] = folder
    atexit.register(_remove, folder, os.getpid())


def _remove(folder: str, process: int) -> None:
    if os.getpid() == process:  # and not a fork of it
        shutil.rmtree(folder, ignore_errors=True)
