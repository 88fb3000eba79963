"""The report of an evaluation: Markdown that reads on a terminal and in a document."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from astra.evaluation.figures import FIGURES
from astra.evaluation.heads import HEAD_NAMES
from astra.evaluation.scoring import ALL
from astra.evaluation.splits import FEWEST_LEARNT, FEWEST_TESTED, FEWEST_UNITS

FIGURE_NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro-F1",
    "log_loss": "log-loss",
    "calibration_error": "calibration error",
}

PICTURE = "Macro-F1 of every row in every group, with its interval"


def report(evaluation: dict[str, Any], command: str = "") -> str:
    """Write an evaluation as Markdown.

    Parameters
    ----------
    evaluation : dict
        Of :func:`astra.evaluation.evaluate.evaluate`.
    command : str
        What was typed for it.
    """
    parts = [_head(evaluation, command), f"![{PICTURE}](evaluation.png)", *_overview(evaluation)]
    for group in evaluation["groups"]:
        parts += [*_group(group)]
    parts += [*_matching(evaluation), *_leakage(evaluation), *_tuning(evaluation)]
    return "\n\n".join(parts) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown table with columns of equal width; all but the first are aligned to the right."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(3, *(len(line[i]) for line in lines)) for i in range(len(header))]

    def written(line: Sequence[str]) -> str:
        cells = [line[0].ljust(widths[0])]
        cells += [text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)]
        return f"| {' | '.join(cells)} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([written(lines[0]), f"| {' | '.join(rule)} |", *map(written, lines[1:])])


def number(value: float | None) -> str:
    """Three decimals, without the zero before the point."""
    if value is None:
        return ""
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"


def with_spread(figure: dict[str, Any]) -> str:
    """Mean ± spread."""
    spread = "" if figure["spread"] is None else f" ± {number(figure['spread'])}"
    return number(figure["mean"]) + spread


def with_interval(figure: dict[str, Any]) -> str:
    """Mean ± spread [interval]."""
    low, high = figure["interval"]
    return f"{with_spread(figure)} [{number(low)}, {number(high)}]"


def strongest_rival(group: dict[str, Any], amount: str) -> tuple[str, dict[str, Any]] | None:
    """Name and macro-F1 of the rival, with its head, that is best in the mean."""
    found = [
        (f"{row['name']}, {HEAD_NAMES[head]}", scores[amount]["macro_f1"])
        for row in group["rows"]
        if row["kind"] == "rival"
        for head, scores in row["scores"].items()
    ]
    return max(found, key=lambda pair: pair[1]["mean"]) if found else None


def _head(evaluation: dict[str, Any], command: str) -> str:
    protocol = evaluation["request"]["protocol"]
    lines = ["# Evaluation", ""]
    if command:
        lines += [f"    {command}", ""]
    lines += [
        f"Vectors are frozen. {protocol['seeds']} splits, each with 30 % of the sky cells of 2 deg "
        "(joined where an object lies in two) for the test; a class takes part where every split "
        f"has {FEWEST_LEARNT} of it to learn from and {FEWEST_TESTED} to test. "
        f"± is the standard deviation over splits, and over {protocol['draws']} draws of few "
        "labels in each; [ ] holds 95 % of resamplings of the tested cells of one split. LR: "
        "logistic regression on normal quantiles, its penalty chosen on a part of the learnt sky "
        "where all labels are used, on standardised numbers where few are; LDA: linear "
        "discriminant analysis with a shrunk covariance; k-NN: 20 neighbours (5 with few labels); "
        "RF: 100 trees."
    ]
    if evaluation["request"]["validation"]:
        lines += ["", "**Validation**: inside the learnt sky of the first split."]
    return "\n".join(lines)


def _overview(evaluation: dict[str, Any]) -> Iterable[str]:
    groups = evaluation["groups"]
    heads, amounts = _heads(groups[0]), _amounts(groups[0])
    names = [group["name"] for group in groups]
    for amount in amounts[::-1]:
        rows = [
            [
                f"{row['name']}, {HEAD_NAMES[head]}",
                *(with_spread(_scores(g, row["name"])[head][amount]["macro_f1"]) for g in groups),
            ]
            for row in groups[0]["rows"]
            if row["kind"] != "control"
            for head in heads
        ]
        yield f"## Macro-F1, {_labels(amount)}\n\n{table(['', *names], rows)}"
    yield from _above(groups, heads, amounts)


def _above(groups: list[dict[str, Any]], heads: list[str], amounts: list[str]) -> Iterable[str]:
    if strongest_rival(groups[0], amounts[0]) is None:
        return
    rows = []
    for row in groups[0]["rows"]:
        if row["kind"] != "encoder":
            continue
        for head in heads:
            for amount in amounts:
                cells = [_difference(g, row["name"], head, amount) for g in groups]
                rows.append([f"{row['name']}, {HEAD_NAMES[head]}, {_labels(amount)}", *cells])
    names = [group["name"] for group in groups]
    yield (
        "## Macro-F1 above the strongest rival\n\nThe rival and the head that are best for the "
        "group and the number of labels; differences are paired by split and draw.\n\n"
        + table(["", *names], rows)
    )


def _difference(group: dict[str, Any], name: str, head: str, amount: str) -> str:
    rival = strongest_rival(group, amount)
    assert rival is not None
    ours = np.array(_scores(group, name)[head][amount]["macro_f1"]["values"])
    gains = ours - np.array(rival[1]["values"])
    spread = f" ± {number(float(gains.std(ddof=1)))}" if len(gains) > 1 else ""
    return f"{'+' if gains.mean() >= 0 else ''}{number(float(gains.mean()))}{spread}"


def _group(group: dict[str, Any]) -> Iterable[str]:
    classes = ", ".join(f"{name} {count:,}" for name, count in group["classes"].items())
    out = ", ".join(f"{name} {count:,}" for name, count in group["left_out"].items())
    tested = ", ".join(f"{s['tested']:,} in {s['tested_units']:,}" for s in group["splits"])
    text = (
        f"## {group['name']}\n\n{group['objects']:,} objects in {group['units']:,} sky cells: "
        f"{classes}. Left out, too few on one side of a split: {out or 'none'}. "
        f"Tested objects in cells: {tested}."
    )
    fewest = min(split["tested_units"] for split in group["splits"])
    if fewest < FEWEST_UNITS:
        text += (
            f" **Only {fewest} cells in a test**: intervals are coarse, and the spread over splits "
            "says as much of the fields as of the encoders."
        )
    yield text
    heads, amounts = _heads(group), _amounts(group)
    columns = [f"{HEAD_NAMES[head]}, {amount}" for head in heads for amount in amounts]
    yield table(
        ["macro-F1 by labels per class", *columns],
        [
            [
                row["name"],
                *(
                    with_spread(row["scores"][head][amount]["macro_f1"])
                    for head in heads
                    for amount in amounts
                ),
            ]
            for row in group["rows"]
        ],
    )
    last = ALL if ALL in amounts else amounts[-1]
    yield table(
        [_labels(last), *(FIGURE_NAMES[name] for name in FIGURES)],
        [
            [
                f"{row['name']}, {HEAD_NAMES[head]}",
                *(with_interval(row["scores"][head][last][name]) for name in FIGURES),
            ]
            for row in group["rows"]
            for head in heads
        ],
    )


def _matching(evaluation: dict[str, Any]) -> Iterable[str]:
    found = evaluation["matching"]
    if not found:
        return
    views = [key for key in found[0] if key not in ("group", "encoder", "crowd", "chance")]
    rows = [
        [
            f"{entry['encoder']}, {entry['group']}",
            *(with_spread(entry[view]) for view in views),
            f"{entry['chance']:.4f}".lstrip("0"),
        ]
        for entry in found
    ]
    yield (
        "## View matching\n\nHow often the nearest of the other halves of the nights is an "
        f"object's own, among up to {found[0]['crowd']}. With the magnitudes hidden, what is above "
        "chance is the schedule of the survey.\n\n" + table(["", *views, "chance"], rows)
    )


def _leakage(evaluation: dict[str, Any]) -> Iterable[str]:
    for survey in dict.fromkeys(entry["survey"] for entry in evaluation["leakage"]):
        entries = [entry for entry in evaluation["leakage"] if entry["survey"] == survey]
        classes = entries[0]["by_class"]
        title = f"## Survey leakage, {survey}\n\n"
        if not classes:
            yield title + "No class is common enough in two surveys."
            continue
        rows = [
            [
                entry["row"],
                number(entry["mean"]),
                *(number(entry["by_class"][name]["leakage"]) for name in classes),
            ]
            for entry in entries
        ]
        among = "; ".join(f"{name}: {', '.join(c['surveys'])}" for name, c in classes.items())
        yield (
            f"{title}Balanced accuracy above chance of telling the survey of objects of one class "
            f"(lower is better). {among}.\n\n" + table(["", "mean", *classes], rows)
        )


def _tuning(evaluation: dict[str, Any]) -> Iterable[str]:
    found = evaluation["fine_tuning"]
    if not found:
        return
    rows = [
        [
            f"{entry['encoder']}, {entry['group']}",
            f"{entry['objects']:,}",
            number(entry["frozen"]["macro_f1"]["mean"]),
            with_spread(entry["tuned"]["macro_f1"]),
            number(entry["frozen"]["accuracy"]["mean"]),
            with_spread(entry["tuned"]["accuracy"]),
        ]
        for entry in found
    ]
    header = ["", "labels", "macro-F1, frozen", "tuned", "accuracy, frozen", "tuned"]
    yield (
        "## Partial fine-tuning\n\nThe top layers follow the labels of the learnt sky of the first "
        "split; then the same logistic regression is fitted again. ± is over seeds of the tuning."
        "\n\n" + table(header, rows)
    )


def _heads(group: dict[str, Any]) -> list[str]:
    return list(group["rows"][0]["scores"])


def _amounts(group: dict[str, Any]) -> list[str]:
    return list(next(iter(group["rows"][0]["scores"].values())))


def _scores(group: dict[str, Any], name: str) -> dict[str, Any]:
    return next(row["scores"] for row in group["rows"] if row["name"] == name)


def _labels(amount: str) -> str:
    return "all labels" if amount == ALL else f"{amount} labels per class"
