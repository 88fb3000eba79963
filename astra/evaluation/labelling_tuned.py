"""The end of the loop of labelling: an encoder follows the labels that a queue has asked for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.encoders import Encoder, embed
from astra.evaluation.figures import sums
from astra.evaluation.labelling import Loop, Sky, Told, drawn, gain, resampled, summary
from astra.evaluation.scoring import Task
from astra.evaluation.splits import Split
from astra.evaluation.tuning import tune


def tuned_gain(
    encoder: Encoder,
    light_curves: LightCurves,
    vectors: NDArray[np.floating],
    task: Task,
    labelled: Sequence[NDArray[np.int64]],
    loop: Loop,
    device: str = "auto",
    told: Told | None = None,
) -> dict[str, Any]:
    """Let an encoder follow the labels of a queue; score it against the frozen probe.

    Parameters
    ----------
    encoder : Encoder
        Left as it is.
    light_curves : LightCurves
        Of the task's objects.
    vectors : float [objects, E]
        Of the frozen encoder.
    task : Task
    labelled : sequence of int64
        Rows with a label, for each split.
    loop : Loop
    device : str
    told : callable, optional

    Returns
    -------
    dict
        ``frozen``, ``probe`` (the same probe on the tuned vectors) and ``head`` (what the tuned
        class head says): macro-F1 over the splits; ``gain`` and ``head_gain`` over frozen.
    """
    figures: list[_Taught] = []
    for seed, known in enumerate(labelled):
        if told is not None:
            told(f"fine-tuning on split {seed + 1} of {len(labelled)}: {len(known)} labels")
        sky = Sky(vectors, task, Split(known, task.splits[seed].test), seed)
        figures.append(_taught(encoder, light_curves, sky, loop, device))
    frozen, probe, head = ([*values] for values in zip(*figures, strict=True))
    return {
        "frozen": summary([float(values[0]) for values in frozen]),
        "probe": summary([float(values[0]) for values in probe]),
        "head": summary([float(values[0]) for values in head]),
        "gain": gain(probe, frozen),
        "head_gain": gain(head, frozen),
    }


class _Taught(NamedTuple):
    """Macro-F1 on one split, each float64 [1 + R]: as it is, then with its sky drawn again."""

    frozen: NDArray[np.float64]
    probe: NDArray[np.float64]
    head: NDArray[np.float64]


def _taught(
    encoder: Encoder, light_curves: LightCurves, sky: Sky, loop: Loop, device: str
) -> _Taught:
    """Teach a copy of the encoder what is learnt on a split, and score it beside the frozen one."""
    vectors, task, split, seed = sky
    lesson = replace(task, splits=(split,))
    objective = tune(encoder, light_curves, vectors, lesson, loop.tuning, seed, device).objective
    rows = np.concatenate([split.learn, split.test])
    fresh = np.zeros_like(vectors)
    fresh[rows] = embed(objective.encoder, light_curves.take(rows), device)
    place = next(objective.parameters()).device
    logits = objective.predict(light_curves, split.test, place).astype(np.float64)
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    totals = sums(task.codes[split.test], chances, task.units[split.test])
    return _Taught(
        frozen=drawn(sky, [split.learn], loop),
        probe=drawn(sky._replace(vectors=fresh), [split.learn], loop),
        head=resampled(totals, loop.resamplings, seed),
    )
