"""One picture per table, from the rows of a run. Measures nothing.

Bars are ours against what was asked for; what does not hold is drawn in another colour, never left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.speed.row import Row

INK, SOFT, GOOD, SHORT = "#22303c", "#c9d3dc", "#1f7a8c", "#d1495b"
PEERS = {"raw": "#9aa7b2", "unified": GOOD, "python-binance": "#e0a458", "ccxt": "#b56576"}
_CALLS = {"book": "book,\n100 levels", "ticker": "ticker", "order": "signed\norder"}


def draw(rows: Sequence[Row], folder: Path, head: str) -> None:
    """`race.png` and `parts.png` in the folder."""
    import_module("matplotlib").use("Agg")
    plt: Any = import_module("matplotlib.pyplot")
    plt.rcParams |= {
        "font.family": "DejaVu Sans",
        "font.size": 10,
        "text.color": INK,
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.edgecolor": SOFT,
    }
    _race(plt, rows, folder / "race.png", head)
    _parts(plt, rows, folder / "parts.png", head)


def _race(plt: Any, rows: Sequence[Row], path: Path, head: str) -> None:
    """Requests a second and CPU of everybody against raw, on asyncio."""
    found = {row.numbers["client"]: row.numbers for row in rows if row.table == "peers" and "asyncio" in row.what}
    names = [name for name in PEERS if name in found]
    figure, (rates, costs) = plt.subplots(1, 2, figsize=(10, 4.2))
    for axes, key, title in (
        (rates, "rates", "Requests per second, raw aiohttp = 1"),
        (costs, "costs", "CPU per call, raw aiohttp = 1"),
    ):
        width = 0.8 / len(names)
        for place, name in enumerate(names):
            values = [found[name][key][call] for call in _CALLS]
            spots = [number + (place - (len(names) - 1) / 2) * width for number in range(len(_CALLS))]
            bars = axes.bar(spots, values, width * 0.92, color=PEERS[name], label=name, zorder=2)
            axes.bar_label(bars, [f"{value:.2f}" for value in values], fontsize=8, padding=2)
        axes.axhline(1, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        axes.set_xticks(range(len(_CALLS)), list(_CALLS.values()))
        axes.set_title(title, loc="left", fontsize=11, fontweight="bold", pad=12)
        _plain(axes, "y")
    handles, labels = rates.get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", bbox_to_anchor=(0.5, 1.06), ncols=len(names), frameon=False)
    _finish(plt, figure, path, head)


def _parts(plt: Any, rows: Sequence[Row], path: Path, head: str) -> None:
    """What reading and signing cost against the bare libraries, each beside its bar."""
    found = [row for row in rows if row.table == "parts" and row.numbers.get("bar") and "ratio" in row.numbers][::-1]
    figure, axes = plt.subplots(figsize=(10, 0.42 * len(found) + 1.2))
    values = [row.numbers["ratio"] for row in found]
    colours = [GOOD if row.holds else SHORT for row in found]
    axes.barh(range(len(found)), values, 0.62, color=colours, zorder=2)
    for place, (row, value) in enumerate(zip(found, values, strict=True)):
        bar = row.numbers["bar"]
        axes.plot([bar] * 2, [place - 0.42, place + 0.42], color=INK, linewidth=1.6, zorder=3)
        axes.text(max(value, bar) + 0.08, place, f"{value:.2f}x", fontsize=8, va="center", zorder=4)
    axes.set_yticks(range(len(found)), [row.what.replace(", against", "\nagainst") for row in found], fontsize=8)
    axes.set_xlim(0, max(values) * 1.12)
    axes.set_title("Reading and signing against the bare libraries", loc="left", fontsize=11, fontweight="bold")
    axes.text(1, 1.02, "black line: what was asked for", transform=axes.transAxes, ha="right", fontsize=8)
    _plain(axes, "x")
    _finish(plt, figure, path, head)


def _plain(axes: Any, grid: str) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    axes.grid(axis=grid, color=SOFT, linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)


def _finish(plt: Any, figure: Any, path: Path, head: str) -> None:
    figure.text(0.01, -0.04, head.replace("; CPython", "\nCPython"), fontsize=7, color="#6b7a87")
    figure.tight_layout()
    figure.savefig(path, dpi=110, bbox_inches="tight", facecolor="white")
    plt.close(figure)
