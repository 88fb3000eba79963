import numpy as np
import pytest


def make_clusters(objects, clusters=6, size=16, seed=0):
    """Cluster of each object and embeddings around the clusters' centres, float32."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 1.5, (clusters, size))
    cluster = rng.integers(0, clusters, objects)
    embeddings = centres[cluster] + rng.normal(0, 0.6, (objects, size))
    return cluster, embeddings.astype(np.float32)


@pytest.fixture(scope="session")
def clusters():
    return make_clusters(900)


@pytest.fixture(scope="session")
def many_clusters():
    return make_clusters(6_000, size=32)
