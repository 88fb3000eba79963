"""Objects joined on the sky, against all pairs of angles computed one by one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from astra.data.catalogue import separation_deg
from astra.data.light_curves import LightCurves
from astra.readers.bridging import bridge


def sky(ra: list[float], dec: list[float], counts: list[int], **columns: object) -> LightCurves:
    """Objects a, b, c ... at these places, with so many observations each, a band each."""
    ids = [chr(ord("a") + i) for i in range(len(ra))]
    objects = pd.DataFrame({"object_id": ids, "ra": ra, "dec": dec, **columns})
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame(
            {
                "object_id": ids[i],
                "mjd": 58_000 + rng.uniform(0, 100, n).round(4),
                "band": ["ztf_g", "ztf_r", "ztf_i"][i % 3],
                "flux_ujy": rng.uniform(1, 9, n).astype(np.float32),
                "flux_err_ujy": np.float32(0.1),
            }
        )
        for i, n in enumerate(counts)
    ]
    return LightCurves.from_tables(objects, pd.concat(parts))


def ids_of(light_curves: LightCurves) -> list[str]:
    assert light_curves.catalogue is not None
    return light_curves.catalogue["object_id"].tolist()


def members_of(light_curves: LightCurves) -> list[str]:
    assert light_curves.catalogue is not None
    table = light_curves.catalogue.table
    return table["members" if "members" in table else "object_id"].tolist()


ARCSEC = 1 / 3600


def test_filters_of_one_object_become_one_sorted_by_time() -> None:
    light_curves = sky([10, 10 + 0.5 * ARCSEC, 200], [0, 0, 5], [4, 6, 3], label=["RR", None, "EA"])
    joined = bridge(light_curves)
    assert ids_of(joined) == ["b", "c"]
    assert members_of(joined) == ["a b", "c"]
    assert joined.catalogue is not None
    assert joined.catalogue["label"].tolist() == ["RR", "EA"]
    curve = joined[0]
    assert len(curve) == 10
    assert (np.diff(curve.mjd) >= 0).all()
    for row, band in ((0, "ztf_g"), (1, "ztf_r")):
        here = np.array([curve.bands[code].name for code in curve.band]) == band
        np.testing.assert_array_equal(curve.flux[here], light_curves[row].flux)


@pytest.mark.parametrize(
    ("ra", "dec"),
    [
        ([0.0, 360 - 0.9 * ARCSEC], [10.0, 10.0]),
        ([17.0, 197.0], [90 - 0.4 * ARCSEC, 90 - 0.4 * ARCSEC]),
        ([50.0, 50.0], [-0.4 * ARCSEC, 0.5 * ARCSEC]),
        ([50.0, 50.0 + 0.9 * ARCSEC / np.cos(np.radians(80))], [80.0, 80.0]),
    ],
    ids=["across 0h", "over the pole", "across the equator", "far from it"],
)
def test_the_sphere_is_round(ra: list[float], dec: list[float]) -> None:
    assert members_of(bridge(sky(ra, dec, [3, 2]))) == ["a b"]
    assert members_of(bridge(sky(ra, dec, [3, 2]), 0.5)) == ["a", "b"]


def test_a_chain_is_not_followed() -> None:
    ra = [0, 0.8 * ARCSEC, 1.6 * ARCSEC]
    assert members_of(bridge(sky(ra, [0, 0, 0], [2, 9, 2]))) == ["a b c"]
    assert members_of(bridge(sky(ra, [0, 0, 0], [9, 2, 2]))) == ["a b", "c"]


def test_kinds_of_flux_and_unknown_places_stay_apart() -> None:
    light_curves = sky([1, 1, np.nan, np.nan], [1, 1, np.nan, np.nan], [3, 3, 3, 3])
    light_curves = replace(light_curves, is_difference=np.array([False, True, False, False]))
    assert bridge(light_curves) is light_curves


def test_only_the_rows_that_may_be_are_joined() -> None:
    light_curves = sky([1, 1, 1], [1, 1, 1], [3, 3, 3])
    rows = np.array([True, False, True])
    assert members_of(bridge(light_curves, rows=rows)) == ["a c", "b"]


def test_very_many_at_one_place_are_one_object() -> None:
    """As where 0, 0 is written for a place that is not known; all their pairs would be 3 GB."""
    count = 20_000
    here = 10 + np.linspace(0, 0.5, count) * ARCSEC * (np.arange(count) % 2)
    ids = np.array([f"s{i}" for i in range(count)])
    objects = pd.DataFrame({"object_id": ids, "ra": here, "dec": 0.0})
    observations = pd.DataFrame(
        {
            "object_id": np.append(ids, "s7"),
            "mjd": np.append(58_000 + np.arange(count) / 8, 60_600),
            "band": "ztf_g",
            "flux_ujy": 1.0,
            "flux_err_ujy": 0.1,
        }
    )
    joined = bridge(LightCurves.from_tables(objects, observations))
    assert ids_of(joined) == ["s7"]
    assert members_of(joined) == [" ".join(sorted(ids))]
    assert joined.n_observations == count + 1


@pytest.mark.parametrize("seed", range(20))
def test_a_crowded_field_as_all_pairs_have_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 24
    ra = (120 + rng.uniform(0, 6, count) * ARCSEC).tolist()
    dec = (75 + rng.uniform(0, 2, count) * ARCSEC).tolist()
    counts = rng.integers(1, 30, count).tolist()
    light_curves = sky(ra, dec, counts)
    expected, taken = {}, set()
    ids = ids_of(light_curves)
    for i in sorted(range(count), key=lambda i: (-counts[i], ids[i])):
        if i in taken:
            continue
        apart = separation_deg(ra[i], dec[i], np.array(ra), np.array(dec)) * 3600
        group = [j for j in range(count) if apart[j] <= 1 and j not in taken] + [i]
        taken.update(group)
        expected[ids[i]] = " ".join(sorted({ids[j] for j in group}))
    joined = bridge(light_curves)
    assert dict(zip(ids_of(joined), members_of(joined), strict=True)) == expected
    assert joined.n_observations == light_curves.n_observations
    # The order of the objects does not matter.
    again = bridge(light_curves.take(rng.permutation(count)))
    assert dict(zip(ids_of(again), members_of(again), strict=True)) == expected
    for row, object_id in enumerate(ids_of(joined)):
        other = again[ids_of(again).index(object_id)]
        np.testing.assert_array_equal(joined[row].flux, other.flux)
        np.testing.assert_array_equal(joined[row].mjd, other.mjd)
