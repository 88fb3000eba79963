"""Small light curves with known truth."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves

Rows = list[tuple[NDArray, NDArray, NDArray]]


@pytest.fixture
def epochs() -> Callable[..., NDArray]:
    """Times of a survey from the ground [MJD]: some exposures a night, seasons, bad weather."""

    def make(number: int, span: float, seed: int = 0) -> NDArray:
        generator = np.random.default_rng(seed)
        night = np.floor(generator.uniform(0, span, 20 * number))
        night = night[night % 365 < 220][:number]
        return np.sort(55000.3 + night + generator.normal(0, 0.08, number))

    return make


@pytest.fixture
def magnitudes() -> Callable[..., LightCurves]:
    """Light curves of total flux from (mjd, magnitude, error) of each object, in one band."""

    def make(rows: Rows, band: str = "ztf_r") -> LightCurves:
        tables = []
        for number, (mjd, magnitude, error) in enumerate(rows):
            flux = 10 ** (-0.4 * (np.asarray(magnitude) - 23.9))
            tables.append(
                pd.DataFrame(
                    {
                        "object_id": f"object{number:05}",
                        "mjd": mjd,
                        "band": band,
                        "flux_ujy": flux,
                        "flux_err_ujy": flux * error * np.log(10) / 2.5,
                    }
                )
            )
        objects = pd.DataFrame({"object_id": [f"object{n:05}" for n in range(len(rows))]})
        return LightCurves.from_tables(objects, pd.concat(tables))

    return make
