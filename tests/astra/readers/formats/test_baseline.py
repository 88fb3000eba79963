"""The baseline of ZTF's forced photometry, against its definition written out for each filter."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from astra.data.light_curves import LightCurve
from astra.readers import read
from astra.readers.quarantine import Quarantine
from made_files.truth import truth_of
from made_files.ztf import forced_text

ERROR = 10.0


@pytest.fixture(params=[None, 40.0], ids=["quiet", "a flare"])
def epochs(request: pytest.FixtureRequest) -> pd.DataFrame:
    """An object whose reference was 7 microjansky too faint; perhaps it flares in the middle."""
    epochs = truth_of(seed=2, count=300).iloc[:300].copy()
    noise = np.random.default_rng(3).normal(7, ERROR / 4, len(epochs))
    flare = np.exp(-np.abs(epochs["mjd"] - 58_600) / 10) * (request.param or 0) * ERROR
    return epochs.assign(flux=noise + flare, error=ERROR)


def levels(epochs: pd.DataFrame) -> dict[str, float]:
    """Median of the quiescent epochs of each filter; 0 where they are fewer than 25."""
    good = epochs[~epochs["flagged"]]
    bright = good[good["flux"] > 5 * ERROR]
    if len(bright):
        peak = bright.loc[bright["flux"].idxmax(), "mjd"]
        good = good[(good["mjd"] < peak - 100) | (good["mjd"] > peak + 500)]
    fluxes = {band: good.loc[good["band"] == band, "flux"] for band in ("ztf_g", "ztf_r")}
    return {band: flux.median() if len(flux) >= 25 else 0.0 for band, flux in fluxes.items()}


def read_rows(folder: Path, epochs: pd.DataFrame) -> LightCurve:
    folder.mkdir()
    return read(forced_text(folder, epochs.reset_index(drop=True)), Quarantine())[0]


def test_the_quiescent_level_of_each_filter_is_taken_away(
    epochs: pd.DataFrame, tmp_path: Path
) -> None:
    taken = levels(epochs)
    assert all(level == pytest.approx(7, abs=2) for level in taken.values())
    curve = read_rows(tmp_path / "a", epochs)
    expected = epochs["flux"] - epochs["band"].map(taken)
    np.testing.assert_allclose(curve.flux, expected, atol=1e-3)


def test_rows_that_are_repeated_do_not_shift_it(epochs: pd.DataFrame, tmp_path: Path) -> None:
    high = epochs[epochs["flux"].between(9, 20)]
    repeated = pd.concat([epochs, *[high] * 9]).sample(frac=1, random_state=1)
    first, second = read_rows(tmp_path / "a", epochs), read_rows(tmp_path / "b", repeated)
    np.testing.assert_array_equal(second.flux, first.flux)
    # Twenty quiescent epochs of each filter are too few, however often they are repeated.
    few = epochs.groupby("band").head(20)
    again = read_rows(tmp_path / "c", pd.concat([few, few]))
    np.testing.assert_allclose(again.flux, few.sort_values("mjd")["flux"], atol=1e-3)
