import numpy as np
import pandas as pd
import pytest

from astra.data.light_curves import LightCurves
from astra.periods import merge


def light_curves(table: pd.DataFrame, kind: str = "total") -> LightCurves:
    objects = pd.DataFrame({"object_id": ["a"], "flux_kind": [kind]})
    return LightCurves.from_tables(objects, table.assign(object_id="a"))


def two_bands(generator: np.random.Generator, number: int = 60) -> pd.DataFrame:
    band = generator.choice(["ztf_g", "ztf_r"], number)
    level = np.where(band == "ztf_g", 100.0, 300.0)
    return pd.DataFrame(
        {
            "mjd": 58000 + np.sort(generator.uniform(0, 500, number)),
            "band": band,
            "flux_ujy": level * generator.lognormal(0, 0.1, number),
            "flux_err_ujy": level * generator.uniform(0.01, 0.1, number),
        }
    )


def test_merging_agrees_with_a_slow_and_obvious_twin() -> None:
    table = two_bands(np.random.default_rng(1))
    merged = merge(light_curves(table))
    flux, flux_error = table["flux_ujy"], table["flux_err_ujy"]
    magnitude = -2.5 * np.log10(flux)
    error = 2.5 / np.log(10) * flux_error / flux
    for name in ("ztf_g", "ztf_r"):
        here = table["band"] == name
        weight = 1 / (error[here] ** 2 + 0.02**2)
        magnitude[here] -= np.average(magnitude[here], weights=weight)
    np.testing.assert_allclose(merged.time + merged.zero, table["mjd"], atol=1e-5)
    np.testing.assert_allclose(merged.value, magnitude, atol=1e-5)
    np.testing.assert_allclose(merged.error, error, rtol=1e-5)


def test_only_usable_observations_are_merged() -> None:
    table = two_bands(np.random.default_rng(2), 8).assign(flagged=False)
    table.loc[0, "flagged"] = True
    table.loc[1, "flux_ujy"] = -3.0
    table.loc[2, "flux_ujy"] = np.nan
    table.loc[3, "flux_err_ujy"] = np.inf
    table.loc[4, "flux_err_ujy"] = 0.95 * table.loc[4, "flux_ujy"]
    table.loc[5, "flux_err_ujy"] = -1.0
    merged = merge(light_curves(table))
    np.testing.assert_allclose(merged.time + merged.zero, table["mjd"][6:], atol=1e-5)


@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_difference_fluxes_are_scaled_by_their_spread_and_fainter_is_larger(scale: float) -> None:
    generator = np.random.default_rng(3)
    flux = generator.normal(0, 5, 500)
    table = pd.DataFrame(
        {
            "mjd": 58000 + np.arange(500.0),
            "band": "ztf_g",
            "flux_ujy": scale * flux,
            "flux_err_ujy": scale * 5.0,
        }
    )
    merged = merge(light_curves(table, "difference"))
    assert np.std(merged.value) == pytest.approx(1, abs=0.1)
    np.testing.assert_allclose(merged.error, 1, atol=0.1)
    assert np.corrcoef(merged.value, flux)[0, 1] == pytest.approx(-1)


def test_an_object_without_observations_keeps_its_place() -> None:
    objects = pd.DataFrame({"object_id": ["empty", "a"]})
    table = two_bands(np.random.default_rng(4), 5).assign(object_id="a")
    assert merge(LightCurves.from_tables(objects, table)).offsets.tolist() == [0, 0, 5]
