"""Choose the device of models by the settings, and check that torch can run them there."""

from rag.errors import SettingsError


def choose_device(name: str) -> str:
    """Return the torch device that a setting names; `auto` is cuda where torch has it, else cpu.

    SettingsError if torch cannot use a device that is named.
    """
    if name != "auto":
        return require_device(name)
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def require_device(name: str) -> str:
    """Return the given name of a torch device if torch can use it on this machine; SettingsError if it cannot."""
    import torch

    try:
        # A device may be known by name and hold nothing, as `meta` does: so a number is put there and fetched.
        torch.zeros(1, device=name).cpu()
    except (RuntimeError, AssertionError, NotImplementedError, ValueError) as error:
        raise SettingsError(
            f"RAG_DEVICE: models cannot run on {name!r} here; give auto, cpu, or a device that torch has, as cuda"
        ) from error
    return name
