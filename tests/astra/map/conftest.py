from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray


class Points(NamedTuple):
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    category: NDArray[np.int8]
    values: NDArray[np.float32]
    chosen: NDArray[np.bool_]


@pytest.fixture(scope="session")
def points() -> Points:
    """Clusters of very different density, in no order, some objects without class or value."""
    rng = np.random.default_rng(20)
    count, clusters = 120_000, 25
    cluster = rng.integers(0, clusters, count)
    centres, widths = rng.normal(0, 4, (clusters, 2)), rng.uniform(0.02, 1, clusters)
    position = centres[cluster] + rng.normal(size=(count, 2)) * widths[cluster, None]
    category = rng.integers(-1, 7, count)
    values = np.where(rng.random(count) < 0.1, np.nan, rng.normal(3, 2, count))
    x, y = position.T.astype(np.float32)
    chosen = rng.random(count) < 0.3
    return Points(x, y, category.astype(np.int8), values.astype(np.float32), chosen)
