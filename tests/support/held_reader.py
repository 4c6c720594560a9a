"""A reader that holds questions up until a test lets them go."""

import threading
from collections.abc import Sequence

from rag.models.deadline import time_is_up
from rag.testing import OverlapReader
from rag.types import Passage, Reading


class HeldReader(OverlapReader):
    """Reads nothing until it is let go, or until nobody waits for the answer any more."""

    def __init__(self) -> None:
        """Hold every question up until `go` is set; `held` is released once for each."""
        self.go = threading.Event()
        self.held = threading.Semaphore(0)

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Wait, then read as the fake does."""
        if not self.go.is_set():
            self.held.release()
        while not self.go.wait(0.01) and not time_is_up():
            pass
        return super().read(question, passages)
