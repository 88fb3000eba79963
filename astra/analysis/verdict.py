"""What a comparison means, in plain words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

EXPECTED = 0.05
# Beyond the 95 % quantile of noise lie 5 % of what is noise; twice as many are not chance.
CHANGED = 2 * EXPECTED


def movement_verdict(values: NDArray[np.floating], threshold: float) -> dict[str, Any]:
    """How many objects changed more than noise explains.

    Parameters
    ----------
    values : float [objects]
    threshold : float
        What 95 % of changes that are noise do not exceed.
    """
    beyond = int(np.count_nonzero(values > threshold))
    share = beyond / max(len(values), 1)
    return {"beyond": beyond, "share": share, "expected": EXPECTED, "changed": share > CHANGED}


def score_changed(figures: Mapping[str, Any], of_seeds: Sequence[float]) -> bool | None:
    """Whether the scores differ: beyond the interval, and beyond what seeds do; None: unknown."""
    if "difference" not in figures:
        return None
    found = figures["difference"]["macro_f1"]
    outside = found["low"] > 0 or found["high"] < 0
    return outside and abs(found["value"]) > max(of_seeds, default=0.0)


def score_sentence(figures: Mapping[str, Any], of_seeds: Sequence[float]) -> str:
    """The difference, its interval, and whether it means anything.

    Parameters
    ----------
    figures : mapping
        What :func:`~astra.analysis.paired.paired_scores` gives.
    of_seeds : sequence of float
        Differences between runs of other seeds, where there are such.
    """
    if "difference" not in figures:
        return f"Not scored: {figures.get('not_scored', 'too few labels')}"
    found = figures["difference"]["macro_f1"]
    numbers = f"{signed(found['value'])} macro-F1 [{signed(found['low'])}, {signed(found['high'])}]"
    objects = f"{figures['objects']:,} held-out objects"
    outside = found["low"] > 0 or found["high"] < 0
    if not outside:
        return f"{numbers}: not distinguishable on {objects}"
    if not score_changed(figures, of_seeds):
        return f"{numbers}: no more than another seed gives, {max(of_seeds):.3f}"
    return f"{numbers}: distinguishable on {objects}"


def overall(
    facts: Mapping[str, Mapping[str, Any]],
    figures: Mapping[str, Any],
    floor: Mapping[str, Any],
    are_twins: bool,
) -> dict[str, Any]:
    """One word and one sentence: ``nothing`` or ``changed``.

    Parameters
    ----------
    facts : mapping
        `movement_verdict` of ``change`` and ``moved``.
    figures : mapping
        The scores.
    floor : mapping
        Summary of the noise.
    are_twins : bool
        The two runs differ by their seeds alone.
    """
    share = facts["change"]["share"]
    scored = score_changed(figures, floor["macro_f1"])
    changed = bool(facts["change"]["changed"] or scored)
    part = f"{100 * share:.1f} % of objects have other neighbours than noise explains"
    part += f", {100 * EXPECTED:.0f} % are expected by chance"
    scores = {
        True: "the scores differ",
        False: "the scores are not distinguishable",
        None: "the scores are unknown",
    }[scored]
    beginning = "Something has changed" if changed else "Nothing beyond noise has changed"
    if are_twins:
        beginning += " between these two runs, which differ by their seeds alone"
    return {
        "word": "changed" if changed else "nothing",
        "twins": are_twins,
        "told": f"{beginning}: {part}; {scores}",
    }


def signed(value: float) -> str:
    """A number with its sign and three decimals."""
    return f"{value:+.3f}".replace("-", "\u2212")
