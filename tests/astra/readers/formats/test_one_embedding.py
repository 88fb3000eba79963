"""A light curve means the same whichever of its files is read."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from astra.encoders import embed, load
from astra.readers import read
from astra.readers.options import Options

RELEASE = ("IRSA ZTF light curves", "ZTF release Parquet, bulk", "ZTF release Parquet, HATS")
DIFFERENCE = ("ZTF alert", "Fink portal table", "Lasair JSON")


@pytest.mark.parametrize("names", [RELEASE, DIFFERENCE], ids=["releases", "alerts"])
@pytest.mark.parametrize("encoder", ["astra", "astra_clr"])
def test_a_light_curve_of_three_formats_has_one_embedding(
    encoder: str,
    names: tuple[str, ...],
    every_format: Mapping,
    make_truth: Callable[..., pd.DataFrame],
    tmp_path: Path,
) -> None:
    truth = make_truth(seed=5, count=120)
    vectors = []
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        folder.mkdir()
        light_curves = read(every_format[name].write(folder, truth))
        assert len(light_curves) == 2
        vectors.append(embed(load(encoder), light_curves, device="cpu"))
    assert np.abs(vectors[0][0] - vectors[0][1]).max() > 1e-2
    for other in vectors[1:]:
        np.testing.assert_allclose(other, vectors[0], rtol=0, atol=1e-3)


def test_bridging_makes_one_object_of_the_filters_of_a_release(
    every_format: Mapping, make_truth: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    path = every_format["ZTF release Parquet, bulk"].write(tmp_path, make_truth())
    apart = read(path, options=Options(bridging=False))
    together = read(path)
    assert (len(apart), len(together)) == (4, 2)
    assert together.n_observations == apart.n_observations
    assert together.catalogue is not None
    for members in together.catalogue["members"]:
        assert len(members.split(" ")) == 2
