"""Define a line of text on a page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one column; distances are points from the left and the bottom of the page."""

    left: float
    bottom: float
    right: float
    top: float
    text: str
    cells: tuple[str, ...] = ()
    """The text of each cell where the line is a row of a table; empty ones included."""

    @property
    def height(self) -> float:
        """The distance from the bottom to the top of its letters."""
        return self.top - self.bottom
