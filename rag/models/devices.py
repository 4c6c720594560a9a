"""Check that torch can run models on the device that the settings name."""

from rag.errors import SettingsError


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
