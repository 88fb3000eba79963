"""How much two runs differ that should not: the floor below which a change means nothing.

The honest measure is a twin: a run that differs from B by its seeds alone. Where there is none,
stand-ins are measured, and called so: neighbourhoods in embeddings whose components were drawn
again, and maps of the same neighbours laid out with other seeds.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from astra.analysis.comparison import (
    common,
    movement,
    neighbourhood_change,
    neighbours_of,
    predictions,
)
from astra.analysis.layout import Layout, Told, lay_out
from astra.analysis.neighbours import exact_neighbours
from astra.analysis.standard import standardise
from astra.runs.manifest import Manifest
from astra.runs.run import Run

QUANTILE = 0.95
QUERIES = 2_000
LAID_OUT = 6_000
Kind = Literal["twins", "stand-in"]


class Floor(NamedTuple):
    """Changes between runs that should be alike.

    Attributes
    ----------
    kind : str
        ``twins`` where runs of other seeds were compared, else ``stand-in``.
    of : tuple of str
        Runs whose differences these are.
    change, moved : float32
        Changes of neighbourhoods, and movements on the map in sizes of it; of some objects.
    flipped : float or None
        Share of predictions that differ between twins.
    macro_f1 : tuple of float
        Differences of macro-F1 between twins.
    """

    kind: Kind
    of: tuple[str, ...]
    change: NDArray[np.float32]
    moved: NDArray[np.float32]
    flipped: float | None = None
    macro_f1: tuple[float, ...] = ()


def are_twins(one: Manifest, other: Manifest) -> bool:
    """Whether two runs differ by seeds alone: same survey, parent, labels, and other settings."""
    if one.run == other.run or one.survey_fingerprint != other.survey_fingerprint:
        return False
    if one.parent != other.parent or _hash(one, "labels") != _hash(other, "labels"):
        return False
    return _settings(one) == _settings(other) and one.artefacts.keys() == other.artefacts.keys()


def twins_of(run: Run, runs: Sequence[Run]) -> list[Run]:
    """Those of some runs that differ from one by seeds alone."""
    return [other for other in runs if are_twins(run.manifest, other.manifest)]


def _hash(manifest: Manifest, name: str) -> str:
    return manifest.artefacts[name].hash if name in manifest.artefacts else ""


def _settings(manifest: Manifest) -> dict[str, Any]:
    return {name: _unseeded(made.settings) for name, made in manifest.artefacts.items()}


def _unseeded(settings: Any) -> Any:
    if not isinstance(settings, dict):
        return settings
    return {name: _unseeded(value) for name, value in settings.items() if name != "seed"}


def floor_of_twins(run: Run, twins: Sequence[Run], k: int) -> Floor:
    """Measure the floor between a run and runs of other seeds."""
    changes, moves, flips, scores = [], [], [], []
    for twin in twins:
        objects = common(run, twin)
        near = [
            neighbours_of(side, rows, objects.same_survey, k)
            for side, rows in ((run, objects.rows_a), (twin, objects.rows_b))
        ]
        changes.append(neighbourhood_change(near[0], near[1]))
        places = run.projection[objects.rows_a], twin.projection[objects.rows_b]
        moves.append(movement(*places).moved)
        flips.append(float(predictions(run, twin, objects).flipped.mean()))
        known = [side.summary("probes").get("macro_f1") for side in (run, twin)]
        if known[0] is not None and known[1] is not None:
            scores.append(abs(float(known[1]) - float(known[0])))
    return Floor(
        "twins",
        (run.name, *(twin.name for twin in twins)),
        np.concatenate(changes),
        np.concatenate(moves),
        float(np.mean(flips)),
        tuple(scores),
    )


def floor_without_twins(
    run: Run, k: int, continued: bool, layout: Layout, told: Told | None = None
) -> Floor:
    """Measure the stand-ins for a floor.

    Parameters
    ----------
    run : Run
    k : int
    continued : bool
        The run's map was begun from another map, not from the principal components.
    layout : Layout
    told : callable, optional
    """
    change = resampled_change(run.embeddings, k)
    return Floor("stand-in", (run.name,), change, relaid(run, k, continued, layout, told))


def resampled_change(
    embeddings: NDArray[np.floating],
    k: int,
    queries: int = QUERIES,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Change of neighbourhoods between two embeddings whose components were drawn again.

    With replacement, as many as there are; for some objects drawn at random, among all. On a
    simulated sky this was what fine-tuning with another seed changes (median .42 of both, 95 %
    quantile .70 of both), where half of the components against the other half gave too much (.57,
    .80), and one drawing against the embedding as it is too little (.33, .57).

    Parameters
    ----------
    embeddings : float [objects, embedding]
    k : int
        Neighbours of each.
    queries : int
        Objects to draw.
    seed : int

    Returns
    -------
    float32 [queries]
    """
    generator = np.random.default_rng(seed)
    objects, size = embeddings.shape
    rows = np.sort(generator.choice(objects, min(queries, objects), replace=False))
    found = []
    for _ in range(2):
        drawn = standardise(embeddings[:, generator.integers(0, size, size)])
        found.append(exact_neighbours(drawn, rows, min(k, objects - 1))[0])
    return neighbourhood_change(found[0], found[1])


def relaid(
    run: Run, k: int, continued: bool, layout: Layout, told: Told | None = None, seed: int = 0
) -> NDArray[np.float32]:
    """Movements between two maps of the same neighbours, laid out with different seeds.

    Of at most 6,000 objects drawn at random, whose neighbours are sought among themselves.

    Returns
    -------
    float32 [objects drawn]
        In sizes of the map.
    """
    generator = np.random.default_rng(seed)
    drawn = np.sort(generator.choice(len(run), min(LAID_OUT, len(run)), replace=False))
    points = standardise(run.embeddings[run.rows[drawn]])
    graph = exact_neighbours(points, np.arange(len(points)), min(k, len(points) - 1))
    start = run.projection[drawn] if continued else None
    one, other = (
        lay_out(
            points,
            *graph,
            Layout(layout.epochs, layout.min_dist, layout.spread, seed=s),
            told,
            start,
        )
        for s in (seed + 1, seed + 2)
    )
    return movement(one, other).moved


def threshold(changes: NDArray[np.floating]) -> float:
    """What 95 % of the changes of a floor, float [objects], do not exceed; 0 without any."""
    return float(np.quantile(changes, QUANTILE, method="higher")) if len(changes) else 0.0
