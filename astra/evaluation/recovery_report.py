"""The recovery table, as Markdown that reads on a terminal and in a document."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from astra.evaluation.recovery import CANDIDATES, METHODS, TOLERANCES, Recovery, is_found
from astra.evaluation.report import number, table

_FEWEST = 5
_OTHER = "other"
_HEADER = (
    "objects",
    "P",
    "P, P/2, 2P",
    f"best of {CANDIDATES}: P",
    "P, P/2, 2P",
    "LS: P",
    "P, P/2, 2P",
    f"LS, best of {CANDIDATES}",
)


def report(recoveries: Sequence[Recovery], command: str = "", seed: int = 0) -> str:
    """Write what was recovered: a summary over the groups, then each group by class."""
    parts = ["# Period recovery", _explained(recoveries, command, seed)]
    for tolerance in TOLERANCES:
        rows = [
            (
                recovery.group.name,
                *_fractions(recovery, tolerance, np.ones(len(recovery.truth), bool)),
            )
            for recovery in recoveries
        ]
        parts += [f"## Within {100 * tolerance:g} %", table(("group", *_HEADER), rows)]
    parts += ["## Time", _times(recoveries)]
    for recovery in recoveries:
        parts.append(f"## {recovery.group.name} by class")
        for tolerance in TOLERANCES:
            title = f"within {100 * tolerance:g} %"
            parts.append(table((title, *_HEADER), _by_class(recovery, tolerance)))
    return "\n\n".join(parts) + "\n"


def _explained(recoveries: Sequence[Recovery], command: str, seed: int) -> str:
    sampled = [r.group for r in recoveries if len(r.group.rows) < r.group.available]
    lines = [f"`{command}`\n"] if command else []
    lines.append(
        "Share of the objects whose catalogue period is found: the first candidate of "
        f"`find_period`, and the best of its first {CANDIDATES}; the same for the highest peaks of "
        "a single-harmonic Lomb-Scargle periodogram (nifty-ls, refined), LS. Objects with too few "
        "observations count as not found."
    )
    for group in sampled:
        lines.append(
            f"Of {group.name}, {len(group.rows)} of {group.available} objects, drawn at random "
            f"with seed {seed}."
        )
    return "\n".join(lines)


def _fractions(recovery: Recovery, tolerance: float, chosen: NDArray[np.bool_]) -> Iterator[str]:
    found, plain = (recovery.found[name][chosen] for name in METHODS)
    truth = recovery.truth[chosen]
    yield str(len(truth))
    for either, candidates in ((False, 1), (True, 1), (False, CANDIDATES), (True, CANDIDATES)):
        yield number(float(is_found(found, truth, tolerance, either, candidates).mean()))
    for either, candidates in ((False, 1), (True, 1), (True, CANDIDATES)):
        yield number(float(is_found(plain, truth, tolerance, either, candidates).mean()))


def _by_class(recovery: Recovery, tolerance: float) -> Iterator[tuple[str, ...]]:
    """One row a class, the frequent ones first; classes of a few objects are one row."""
    counts = Counter(recovery.classes)
    classes = np.array(recovery.classes, object)
    rare = {name for name, number in counts.items() if number < _FEWEST}
    for name, objects in counts.most_common():
        if objects >= _FEWEST:
            yield (name, *_fractions(recovery, tolerance, classes == name))
    if rare:
        yield (_OTHER, *_fractions(recovery, tolerance, np.isin(classes, list(rare))))
    yield ("all", *_fractions(recovery, tolerance, np.ones(len(classes), bool)))


def _times(recoveries: Sequence[Recovery]) -> str:
    rows = [
        (
            recovery.group.name,
            str(int(np.median(recovery.group.survey.light_curves.lengths[recovery.group.rows]))),
            *(f"{recovery.seconds[name]:.4f}" for name in METHODS),
        )
        for recovery in recoveries
    ]
    header = ("group", "median observations", *(f"{name} [s/object]" for name in METHODS))
    return "Processor seconds of one object on one core.\n\n" + table(header, rows)
