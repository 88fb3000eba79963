import numpy as np
import pytest

from astra.analysis import standard
from astra.analysis.standard import standardise
from astra.data.errors import AstraError


@pytest.mark.parametrize("chunk", [7, 100_000])
def test_components_get_mean_zero_and_deviation_one(monkeypatch, chunk):
    monkeypatch.setattr(standard, "CHUNK", chunk)
    embeddings = np.random.default_rng(0).normal(300, [0.01, 1, 50], (400, 3)).astype(np.float32)
    exact = embeddings.astype(np.float64)
    expected = (exact - exact.mean(axis=0)) / exact.std(axis=0)
    np.testing.assert_allclose(standardise(embeddings), expected, atol=2e-3)
    assert standardise(embeddings).dtype == np.float32


def test_a_constant_component_is_zero():
    embeddings = np.column_stack([np.full(50, 0.1), np.arange(50)]).astype(np.float32)
    assert not standardise(embeddings)[:, 0].any()


def test_an_embedding_that_is_not_finite_is_named():
    embeddings = np.zeros((30, 4), np.float32)
    embeddings[17, 2] = np.nan
    with pytest.raises(AstraError, match="row 17"):
        standardise(embeddings)


def test_no_objects():
    assert standardise(np.empty((0, 5), np.float32)).shape == (0, 5)
