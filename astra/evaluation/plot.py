"""The plot of an evaluation: one panel a group, one line a contender, a mark a head."""

import io
from typing import Any

from astra.evaluation.heads import HEAD_NAMES
from astra.evaluation.needs import needed
from astra.evaluation.report import strongest_rival
from astra.evaluation.scoring import ALL

SURFACE, LINE, GRID = "#fafaf7", "#c6c7c0", "#ebebe6"
TEXT, QUIET = "#1a2130", "#5d6779"
COLOURS = {"encoder": "#4150c6", "rival": "#9a5b00", "control": "#8b93a1"}
MARKERS = {"logistic": "o", "discriminant": "^", "neighbours": "s", "forest": "D"}
_COLUMNS = 3
_WIDTH, _ROW, _HEAD, _LEGEND = 3.1, 0.42, 1.0, 0.5
"""Inches: of a panel; of a contender, of what is around the contenders, and of the legend."""


def plot(evaluation: dict[str, Any]) -> bytes:
    """Macro-F1 of all contenders as a PNG.

    Filled marks: all labels, with the interval; small hollow ones: the fewest labels.

    Raises
    ------
    AstraError
        The package matplotlib is missing.
    """
    needed("matplotlib", "matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    groups = evaluation["groups"]
    columns = min(_COLUMNS, len(groups))
    lines = -(-len(groups) // columns)
    contenders = len(groups[0]["rows"])
    width, height = 2.6 + _WIDTH * columns, _LEGEND + lines * (_HEAD + _ROW * contenders)
    figure = Figure(figsize=(width, height), facecolor=SURFACE)
    FigureCanvasAgg(figure)
    axes = figure.subplots(lines, columns, sharey=True, squeeze=False)
    for axis, group in zip(axes.flat, groups, strict=False):
        _panel(axis, group)
    for axis in axes.flat[len(groups) :]:
        axis.set_visible(False)
    axes[0, 0].set_ylim(contenders - 0.4, -0.6)
    for axis in axes[:, 0]:
        _name_rows(axis, groups[0]["rows"])
    _legend(figure, groups[0])
    figure.tight_layout(rect=(0, 0, 1, 1 - _LEGEND / height), w_pad=1.6, h_pad=1.6)
    buffer = io.BytesIO()
    # No date in the file: the same evaluation gives the same bytes.
    figure.savefig(buffer, format="png", dpi=160, metadata={"Software": None})
    return buffer.getvalue()


def _panel(axis: Any, group: dict[str, Any]) -> None:
    heads = list(group["rows"][0]["scores"])
    amounts = list(group["rows"][0]["scores"][heads[0]])
    most = ALL if ALL in amounts else amounts[-1]
    for place, row in enumerate(group["rows"]):
        for number, head in enumerate(heads):
            height = place + 0.22 * (number - (len(heads) - 1) / 2)
            _mark(axis, row, head, most, height, filled=True)
            if amounts[0] != most:
                _mark(axis, row, head, amounts[0], height, filled=False)
    rival = strongest_rival(group, most)
    if rival is not None:
        axis.axvline(
            rival[1]["mean"], color=COLOURS["rival"], lw=1.1, dashes=(5, 3), zorder=1, alpha=0.8
        )
    axis.set_title(group["name"], loc="left", fontsize=11, fontweight="bold", color=TEXT)
    axis.set_xlabel("macro-F1", fontsize=9, color=QUIET)
    axis.set_xlim(-0.02, 1.02)
    axis.set_facecolor(SURFACE)
    axis.set_axisbelow(True)
    axis.grid(axis="x", color=GRID, lw=1)
    axis.tick_params(axis="x", labelsize=8, colors=QUIET, length=3)
    axis.tick_params(axis="y", length=0)
    for side, spine in axis.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(LINE)


def _name_rows(axis: Any, rows: list[dict[str, Any]]) -> None:
    axis.set_yticks(range(len(rows)), [row["name"] for row in rows], fontsize=9)
    for label, row in zip(axis.get_yticklabels(), rows, strict=True):
        label.set_color(QUIET if row["kind"] == "control" else COLOURS[row["kind"]])
        label.set_fontweight("bold" if row["kind"] == "encoder" else "normal")


def _mark(
    axis: Any, row: dict[str, Any], head: str, amount: str, height: float, filled: bool
) -> None:
    figure = row["scores"][head][amount]["macro_f1"]
    colour = COLOURS[row["kind"]]
    if filled:
        axis.hlines(height, *figure["interval"], color=colour, lw=1.4, alpha=0.55, zorder=2)
    axis.plot(
        figure["mean"],
        height,
        MARKERS[head],
        ms=5.2 if filled else 3.6,
        mfc=colour if filled else SURFACE,
        mec=colour,
        mew=0.9,
        zorder=3 if filled else 2.5,
    )


def _legend(figure: Any, group: dict[str, Any]) -> None:
    from matplotlib.lines import Line2D

    heads = list(group["rows"][0]["scores"])
    amounts = list(group["rows"][0]["scores"][heads[0]])
    marks = [
        Line2D([], [], ls="", marker=MARKERS[head], color=QUIET, ms=5, label=HEAD_NAMES[head])
        for head in heads
    ]
    marks.append(Line2D([], [], color=QUIET, lw=1.4, alpha=0.55, label="95 % of tested sky"))
    if len(amounts) > 1:
        hollow = {"marker": "o", "mfc": SURFACE, "ms": 3.6, "label": f"{amounts[0]} labels a class"}
        marks.append(Line2D([], [], ls="", color=QUIET, **hollow))
    if strongest_rival(group, amounts[-1]) is not None:
        marks.append(
            Line2D([], [], color=COLOURS["rival"], lw=1.1, dashes=(5, 3), label="strongest rival")
        )
    figure.legend(
        handles=marks,
        loc="upper right",
        # One narrow panel has room for half of them in a row.
        ncols=len(marks) if figure.get_figwidth() > 2 * _WIDTH + 2 else -(-len(marks) // 2),
        frameon=False,
        fontsize=8.5,
        labelcolor=QUIET,
    )
