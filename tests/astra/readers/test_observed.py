"""Observed light curves, compared object by object with a plain reading of the same file."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from astra.data.bands import BANDS
from astra.readers import read
from astra.readers.quarantine import Quarantine

FOLDER = Path(os.environ.get("ASTRA_OBSERVED_DATA", "."))
pytestmark = [
    pytest.mark.observed,
    pytest.mark.skipif("ASTRA_OBSERVED_DATA" not in os.environ, reason="no observed light curves"),
]


@pytest.mark.parametrize(
    ("survey", "objects", "observations", "refused"),
    [
        ("transients", 4_609, 876_996, {}),
        pytest.param(
            *("variables", 58_522, 16_212_302, {"observation_not_repeated": 1}),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_observed_light_curves_are_read_whole(
    survey: str, objects: int, observations: int, refused: dict[str, int]
) -> None:
    quarantine = Quarantine()
    light_curves = read(FOLDER / survey, quarantine)
    assert (len(light_curves), light_curves.n_observations) == (objects, observations)
    assert quarantine.counts == refused

    assert light_curves.catalogue is not None
    table = pd.read_parquet(FOLDER / f"{survey}_objects.parquet")
    pd.testing.assert_frame_equal(light_curves.catalogue.table, table, check_dtype=False)
    plain = pd.read_parquet(FOLDER / f"{survey}_observations.parquet").drop_duplicates()
    chosen = np.random.default_rng(0).choice(objects, 40, replace=False)
    wanted = plain[plain["object_id"].isin(table["object_id"].iloc[chosen])]
    # Of one time, observations follow the order of bands, then of fluxes and errors.
    place = wanted["band"].map(list(BANDS).index).astype(int)
    order = ["object_id", "mjd", "_place", "flux_ujy", "flux_err_ujy"]
    wanted = wanted.assign(_place=place).sort_values(order)
    groups = dict(list(wanted.groupby("object_id", observed=True)))
    for row in chosen:
        curve, expected = light_curves[row], groups[table["object_id"].iloc[row]]
        np.testing.assert_allclose(curve.mjd, expected["mjd"], rtol=0, atol=0.51e-5)
        np.testing.assert_array_equal(curve.flux, expected["flux_ujy"])
        np.testing.assert_array_equal(curve.flux_error, expected["flux_err_ujy"])
        assert [curve.bands[code].name for code in curve.band] == expected["band"].tolist()
        assert curve.is_difference == (table["flux_kind"].iloc[row] == "difference")
