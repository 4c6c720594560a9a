"""Draws what bench/scaling.py has measured, in colours that are read on light and on dark pages.

    .venv-bench-plots/bin/python bench/plots.py ROWS.json FOLDER

Matplotlib is no part of the package: it lives in .venv-bench-plots, which the first drawing makes.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from common import ROOT, run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VENV = ROOT / ".venv-bench-plots"
REQUIREMENTS = ["matplotlib==3.11.2"]
GREY = "#808890"
COLOURS = ["#3b8eea", "#e07b39", "#2ea56b"]
"""Blue, orange and green, each of a contrast of about three to white and to black."""
PLOTS = {
    "building": ("seconds to build", {"by the clock": "seconds", "of all threads": "seconds cpu"}),
    "changes": ("seconds", {"sync of nothing changed": "sync", "add one": "add", "remove one": "remove"}),
    "searching": ("milliseconds a search", {"95th percentile": "p95", "median": "p50"}),
    "memory": ("megabytes", {"peak, building": "memory", "peak, searching": "searching", "on disk": "disk"}),
}
"""For the name of each file what its axis shows, and its lines: what they are called, and the column they show."""

Rows = list[dict[str, float]]


def draw(rows: Path, folder: Path) -> None:
    """Puts FOLDER/scaling-NAME.svg for each plot, in a process that has Matplotlib."""
    run([_python(), __file__, rows, folder])


def _python() -> Path:
    """Return the interpreter of the environment, which is made where it is missing."""
    python, ready = VENV / "bin" / "python", VENV / "ready"
    if not ready.exists() or ready.read_text(encoding="utf-8") != str(REQUIREMENTS):
        print(f"making {VENV.name} …", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt"]
        subprocess.run([*install, *REQUIREMENTS], check=True)
        ready.write_text(str(REQUIREMENTS), encoding="utf-8")
    return python


def main(path: Path, folder: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    # Text stays text, and the same rows give the same file.
    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "scaling", "font.family": "sans-serif"}
    matplotlib.rcParams |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor"], GREY)
    matplotlib.rcParams |= dict.fromkeys(["xtick.color", "ytick.color", "grid.color"], GREY)
    from matplotlib import pyplot

    rows: Rows = sorted(json.loads(path.read_text(encoding="utf-8")).values(), key=lambda row: row["articles"])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (title, lines) in PLOTS.items():
        figure, axes = pyplot.subplots(figsize=(6, 3.6), layout="constrained")
        plot(axes, title, lines, rows)
        figure.savefig(folder / f"scaling-{name}.svg", transparent=True, metadata={"Date": None})
        pyplot.close(figure)


def plot(axes: "Axes", title: str, lines: dict[str, str], rows: Rows) -> None:
    """Both axes by powers of ten, so that the steepness of a line is its growth."""
    from matplotlib.ticker import LogLocator, NullLocator

    sizes = [row["articles"] for row in rows]
    for colour, (name, column) in zip(COLOURS, lines.items(), strict=False):
        axes.loglog(sizes, [row[column] for row in rows], color=colour, marker="o", linewidth=2, label=name)
    axes.set_xticks(sizes, [f"{size:,.0f}" for size in sizes])
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.set(xlabel="articles", ylabel=title)
    axes.grid(alpha=0.3, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    if len(lines) > 1:
        axes.legend(frameon=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
