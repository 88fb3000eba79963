"""Maps that can be compared: one laid over the other, without stretching either."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

ROUNDS = 5
KEPT = 0.5


@dataclass(frozen=True, slots=True)
class Registration:
    """A turn, perhaps with a reflection, a shift, and a factor (1 for a rigid registration).

    Attributes
    ----------
    turn : float64 [2, 2]
        Orthogonal.
    factor : float
    shift : float64 [2]
    """

    turn: NDArray[np.float64]
    factor: float
    shift: NDArray[np.float64]

    @classmethod
    def none(cls) -> Self:
        """Leave everything where it is."""
        return cls(np.eye(2), 1.0, np.zeros(2))

    def __call__(self, points: NDArray[np.floating]) -> NDArray[np.float32]:
        """Registered points, float32 [objects, 2]."""
        return (self.factor * (points @ self.turn) + self.shift).astype(np.float32)

    @property
    def degrees(self) -> float:
        """Angle of the turn [deg], -180 to 180."""
        return float(np.degrees(np.arctan2(self.turn[0, 1], self.turn[0, 0])))


def register(
    moving: NDArray[np.floating], still: NDArray[np.floating], scaled: bool = False
) -> Registration:
    """Find how one map is best laid over another of the same objects.

    Least squares (Procrustes) over all objects, then four times over the half that it fits best:
    objects that changed their place in earnest do not turn the map of those that did not.

    Parameters
    ----------
    moving, still : float [objects, 2]
        Rows with a coordinate that is not finite in either are left out.
    scaled : bool
        Let the size change too; else the registration is rigid.

    References
    ----------
    Schoenemann 1966, A generalized solution of the orthogonal Procrustes problem.
    """
    both = np.isfinite(moving).all(axis=1) & np.isfinite(still).all(axis=1)
    a, b = np.asarray(moving[both], np.float64), np.asarray(still[both], np.float64)
    if len(a) < 3:
        return Registration.none()
    kept = slice(None)
    found = Registration.none()
    for _ in range(ROUNDS):
        found = _least_squares(a[kept], b[kept], scaled)
        left = np.linalg.norm(found(a) - b, axis=1)
        kept = left <= np.quantile(left, KEPT)
    return found


def _least_squares(a: NDArray[np.float64], b: NDArray[np.float64], scaled: bool) -> Registration:
    middle_a, middle_b = a.mean(axis=0), b.mean(axis=0)
    u, strengths, v = np.linalg.svd((a - middle_a).T @ (b - middle_b))
    spread = np.square(a - middle_a).sum()
    factor = float(strengths.sum() / spread) if scaled and spread > 0 else 1.0
    turn = u @ v
    return Registration(turn, factor or 1.0, middle_b - factor * middle_a @ turn)


def map_size(points: NDArray[np.floating]) -> float:
    """Size of a map, float [objects, 2]: the rms distance of two objects drawn at random.

    What movements are measured in; it does not hang on the outermost objects, as a width does.
    """
    known = points[np.isfinite(points).all(axis=1)].astype(np.float64)
    return float(np.sqrt(2 * known.var(axis=0).sum())) if len(known) > 1 else 1.0


def displacement(
    moved: NDArray[np.floating], still: NDArray[np.floating], size: float
) -> NDArray[np.float32]:
    """How far each object moved, in sizes of the map, float32 [objects]."""
    apart = np.linalg.norm(np.asarray(moved, np.float64) - still, axis=1)
    return (apart / (size or 1.0)).astype(np.float32)
