import dataclasses

import numpy as np
import pytest

from astra.data.joining import join
from astra.data.store import StoreError


def test_each_object_is_what_it_was(make_light_curves):
    parts = [
        make_light_curves([5, 0, 12], bands=("ztf_g", "ztf_r"), flagged=0.3),
        make_light_curves([7, 3], seed=2, bands=("atlas_o", "ztf_r", "atlas_c"), difference=True),
    ]
    parts = [
        part.with_columns(
            period=np.arange(len(part)) + 10.0 * k, **{f"own_{k}": np.ones(len(part))}
        )
        for k, part in enumerate(parts)
    ]
    joined = join(parts)
    assert list(joined.columns) == ["period"]
    assert list(joined.columns["period"]) == [0, 1, 2, 10, 11]
    before = [curve for part in parts for curve in part]
    assert len(joined) == len(before)
    for found, expected in zip(joined, before, strict=True):
        names = [found.bands[code].name for code in found.band]
        assert names == [expected.bands[code].name for code in expected.band]
        for column in ("mjd", "flux", "flux_error", "flagged"):
            np.testing.assert_array_equal(getattr(found, column), getattr(expected, column))
        assert found.is_difference == expected.is_difference


def test_one_part_is_itself(make_light_curves):
    one = make_light_curves([4, 9], bands=("ztf_r", "ztf_g"))
    for found, expected in zip(join([one]), one, strict=True):
        np.testing.assert_array_equal(found.flux, expected.flux)


def test_what_counts_time_from_another_day_is_refused(make_light_curves):
    one = make_light_curves([4])
    other = dataclasses.replace(one, mjd_zero=40000.0)
    with pytest.raises(StoreError, match="from MJD 40000 and from 55000"):
        join([one, other])
