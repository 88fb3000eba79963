"""What to label next: the objects whose labels would teach most, by one wish or another.

A queue puts objects without a label in an order. All are computed from the same pool, of which
the costly ones look at a part drawn at random.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from astra.analysis.worth import divergence, entropies, k_centre, margins, squared_to
from astra.data.errors import AstraError

MOST_CANDIDATES = 50_000
MOST_CENTRES = 5_000
_CHUNK = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Objects, and what is known of them.

    Attributes
    ----------
    vectors : float32 [objects, E]
        Standardised embeddings.
    labelled : bool [objects]
        Objects that have a label, and are never put in a queue.
    probabilities, second : float [objects, classes] or None
        What two heads of different kinds say; None where there is nothing to learn from yet.
    density : float [objects] or None
        Large where the embedding is crowded; see :func:`astra.analysis.worth.density_of`.
    anomaly : float [objects] or None
        Large for the unusual.
    seed : int
    """

    vectors: NDArray[np.float32]
    labelled: NDArray[np.bool_]
    probabilities: NDArray[np.floating] | None = None
    second: NDArray[np.floating] | None = None
    density: NDArray[np.floating] | None = None
    anomaly: NDArray[np.floating] | None = None
    seed: int = 0

    @property
    def candidates(self) -> NDArray[np.int64]:
        """Rows without a label, int64 [candidates], ascending."""
        return np.flatnonzero(~self.labelled)

    def some(self) -> NDArray[np.int64]:
        """Rows without a label, int64 [at most 50,000], drawn at random, ascending."""
        rows = self.candidates
        if len(rows) <= MOST_CANDIDATES:
            return rows
        generator = np.random.default_rng(self.seed)
        return np.sort(generator.choice(rows, MOST_CANDIDATES, replace=False))


class Chosen(NamedTuple):
    """Rows to label, the first first, int64 [chosen], and what each was chosen for, float32."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]


Choose = Callable[[Pool, int], Chosen]


@dataclass(frozen=True, slots=True)
class Queue:
    """One way to choose.

    Attributes
    ----------
    title, explained : str
        For people: a word or two, and one line.
    choose : callable
        Takes the pool and how many.
    needs : str
        Field of the pool without which there is nothing to choose by.
    """

    title: str
    explained: str
    choose: Choose
    needs: str = ""


def choose(name: str, pool: Pool, count: int) -> Chosen:
    """Put the first ``count`` objects of a queue in order.

    Raises
    ------
    AstraError
        There is no such queue, or the pool lacks what it goes by.
    """
    if name not in QUEUES:
        raise AstraError(f"no queue {name!r}; there are {', '.join(QUEUES)}")
    needs = QUEUES[name].needs
    if needs and getattr(pool, needs) is None:
        raise AstraError(f"queue {name}: needs {needs}, which are not known yet")
    return QUEUES[name].choose(pool, count)


def is_possible(name: str, pool: Pool) -> bool:
    """Whether the pool has what a queue goes by."""
    return not QUEUES[name].needs or getattr(pool, QUEUES[name].needs) is not None


def by_chance(pool: Pool, count: int) -> Chosen:
    """Draw evenly: what every other queue must beat."""
    rows = np.random.default_rng(pool.seed).permutation(pool.candidates)[:count]
    return Chosen(rows, np.zeros(len(rows), np.float32))


def by_uncertainty(pool: Pool, count: int) -> Chosen:
    """Smallest lead of the most probable class over the second (Scheffer et al. 2001)."""
    return _highest(pool.candidates, 1 - margins(_known(pool.probabilities)), count)


def by_disagreement(pool: Pool, count: int) -> Chosen:
    """Largest Jensen-Shannon divergence of two heads (McCallum & Nigam 1998)."""
    gap = divergence(_known(pool.probabilities), _known(pool.second))
    return _highest(pool.candidates, gap, count)


def by_diversity(pool: Pool, count: int) -> Chosen:
    """Greedy k-centre: each object is the farthest from all labelled and chosen before it.

    References
    ----------
    Sener & Savarese 2018, Active learning for convolutional neural networks: a core-set approach,
    algorithm 1; Gonzalez 1985.
    """
    rows = pool.some()
    points = pool.vectors[rows]
    order, distances = k_centre(points, distances_to_labelled(pool, rows), count)
    return Chosen(rows[order], distances)


def by_representativeness(pool: Pool, count: int) -> Chosen:
    """Uncertain where many are alike: entropy times density, spread by the chosen before.

    Without probabilities, density alone. What was chosen lessens the worth of what is like it
    (Settles & Craven 2008, information density, chosen one by one).
    """
    rows = pool.some()
    worth = np.asarray(_known(pool.density)[rows], np.float64)
    if pool.probabilities is not None:
        worth = worth * (1e-6 + entropies(pool.probabilities[rows]))
    points = pool.vectors[rows]
    squared = distances_to_labelled(pool, rows) ** 2
    spread = squared if pool.labelled.any() else np.var(points, axis=0).sum()
    reach = float(np.median(spread)) if len(rows) else 1.0
    fresh = -np.expm1(-squared / (reach or 1.0))
    order = np.empty(min(count, len(rows)), np.int64)
    scores = np.empty(len(order), np.float32)
    for place in range(len(order)):
        now = worth * fresh
        now[order[:place]] = -1
        order[place] = best = int(np.argmax(now))
        scores[place] = now[best]
        fresh *= -np.expm1(-squared_to(points, best) / (reach or 1.0))
    return Chosen(rows[order], scores)


def by_anomaly(pool: Pool, count: int) -> Chosen:
    """Highest anomaly score."""
    return _highest(pool.candidates, _known(pool.anomaly), count)


QUEUES: dict[str, Queue] = {
    "uncertainty": Queue(
        "Uncertain",
        "The probe hesitates between two classes: the label moves the line between them.",
        by_uncertainty,
        "probabilities",
    ),
    "disagreement": Queue(
        "Heads disagree",
        "Logistic regression and nearest neighbours name different classes.",
        by_disagreement,
        "second",
    ),
    "diversity": Queue(
        "Diverse",
        "Each is the farthest from everything labelled so far: no corner of the map stays blank.",
        by_diversity,
    ),
    "representative": Queue(
        "Representative",
        "Uncertain and in a crowd: one label speaks for many objects like it.",
        by_representativeness,
        "density",
    ),
    "anomaly": Queue(
        "Anomalous",
        "The least like anything else: rare classes, and artefacts.",
        by_anomaly,
        "anomaly",
    ),
    "random": Queue("Random", "Drawn by lot: what every other queue must beat.", by_chance),
}


def distances_to_labelled(pool: Pool, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Distance of some rows to the nearest labelled object, float64 [rows]; infinite without any.

    Of very many labelled objects 5,000 are looked at, drawn at random.
    """
    centres = np.flatnonzero(pool.labelled)
    if not len(centres):
        return np.full(len(rows), np.inf)
    if len(centres) > MOST_CENTRES:
        generator = np.random.default_rng(pool.seed)
        centres = generator.choice(centres, MOST_CENTRES, replace=False)
    to = pool.vectors[centres]
    lengths = np.einsum("ce,ce->c", to, to)
    nearest = np.empty(len(rows))
    for start in range(0, len(rows), _CHUNK):
        some = pool.vectors[rows[start : start + _CHUNK]]
        squared = lengths - 2 * (some @ to.T)
        own = np.einsum("re,re->r", some, some)
        nearest[start : start + _CHUNK] = np.maximum(squared.min(axis=1) + own, 0)
    return np.sqrt(nearest)


def without(pool: Pool, rows: NDArray[np.integer]) -> Pool:
    """Give the pool after more of its `rows`, int [rows], were labelled."""
    labelled = pool.labelled.copy()
    labelled[rows] = True
    return replace(pool, labelled=labelled)


def _highest(rows: NDArray[np.int64], worth: NDArray[np.floating], count: int) -> Chosen:
    here = np.asarray(worth, np.float64)[rows]
    order = np.argsort(-here, kind="stable")[:count]
    return Chosen(rows[order], here[order].astype(np.float32))


def _known(values: NDArray[np.floating] | None) -> NDArray[np.floating]:
    assert values is not None, "see choose()"
    return values
