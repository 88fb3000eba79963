import base64

import numpy as np
import pytest

from app.drawing.cells import FULL, MOST_POINTS, Curve, SheetLook, filters_of, page_of
from app.drawing.photometry import phase, phase_zero
from astra.data.bands import band
from astra.data.light_curves import LightCurve


def made(seed=0, n=120, period=0.7, difference=False, flags=0.1):
    rng = np.random.default_rng(seed)
    mjd = np.sort(rng.uniform(58000, 58400, n))
    code = rng.integers(0, 2, n).astype(np.uint8)
    flux = 200 + 60 * np.cos(2 * np.pi * mjd / period) + 80 * code + rng.normal(0, 1, n)
    return LightCurve(
        mjd=mjd,
        flux=flux.astype(np.float32),
        flux_error=np.full(n, 1, np.float32),
        band=code,
        flagged=rng.random(n) < flags,
        bands=(band("ztf_g"), band("ztf_r")),
        is_difference=difference,
    )


def points(page):
    """Points as the browser reads them, uint16 [points, 3]."""
    return np.frombuffer(base64.b64decode(page["points"]), "<u2").reshape(-1, 3)


def test_a_page_tells_where_every_good_observation_lies_in_time():
    light_curve = made()
    page = page_of([Curve(light_curve, None, SheetLook(aligned=False))])
    drawn = points(page)
    good = ~light_curve.flagged
    assert sum(count for _, count in page["cells"][0]["marks"]) == len(drawn) == good.sum()
    # Red is drawn first, blue over it.
    order = np.concatenate([np.flatnonzero(good & (light_curve.band == code)) for code in (1, 0)])
    mjd, magnitude = light_curve.mjd[order], light_curve.magnitude[order]
    first, last = mjd.min(), mjd.max()
    np.testing.assert_allclose(drawn[:, 0] / FULL, (mjd - first) / (last - first), atol=1e-5)
    # Down is fainter: the largest magnitude is lowest.
    assert np.corrcoef(drawn[:, 1], magnitude)[0, 1] > 0.9999
    assert not drawn[:, 2].any()


def test_folded_points_lie_at_their_phase_from_a_quarter_before_zero():
    light_curve = made(flags=0)
    curve = Curve(light_curve, 0.7, SheetLook())
    page = page_of([curve])
    zero = phase_zero(light_curve, 0.7).mjd
    order = np.concatenate([np.flatnonzero(light_curve.band == code) for code in (1, 0)])
    expected = (phase(light_curve.mjd[order], 0.7, zero) + 0.25) % 1
    np.testing.assert_allclose(points(page)[:, 0] / FULL, expected, atol=2e-5)
    assert page["cells"][0]["folded"]


def test_aligned_bands_have_one_median_and_difference_fluxes_keep_theirs():
    aligned = Curve(made(), None, SheetLook()).measured.value
    light_curve = made()
    good = ~light_curve.flagged
    for code in (0, 1):
        of_band = good & (light_curve.band == code)
        assert np.median(aligned[of_band]) == pytest.approx(0, abs=1e-6)
    difference = made(difference=True)
    np.testing.assert_array_equal(
        Curve(difference, None, SheetLook()).measured.value, difference.flux.astype(float)
    )


def test_one_scale_for_all_keeps_amplitudes_comparable():
    small, large = made(1), made(2)
    small.flux[:] = 200 + (small.flux - 200) / 4
    own = points(page_of([Curve(c, 0.7, SheetLook()) for c in (small, large)]))
    common = page_of([Curve(c, 0.7, SheetLook(common=True)) for c in (small, large)])
    first = sum(count for _, count in common["cells"][0]["marks"])
    down = points(common)[:, 1].astype(float)
    assert np.ptp(own[:first, 1]) > 0.9 * FULL
    assert np.ptp(down[:first]) < 0.6 * np.ptp(down[first:])


def test_error_bars_have_their_length_in_the_scale_of_the_cell():
    light_curve = made(flags=0)
    curve = Curve(light_curve, None, SheetLook(errors=True, aligned=False))
    drawn = points(page_of([curve]))
    low, high = curve.y_range
    order = np.concatenate([np.flatnonzero(light_curve.band == code) for code in (1, 0)])
    expected = light_curve.magnitude_error[order] / (high - low)
    np.testing.assert_allclose(drawn[:, 2] / FULL, expected, atol=2e-5)


def test_hidden_filters_are_left_out_but_still_offered():
    curves = [Curve(made(), None, SheetLook(hidden=frozenset({"g"})))]
    page = page_of(curves)
    assert len(page["cells"][0]["marks"]) == len(page["styles"]) == 1
    assert list(filters_of(curves, "dark")) == ["g", "r"]


def test_many_observations_are_thinned_but_the_eclipse_stays():
    light_curve = made(n=3_000, flags=0)
    light_curve.flux[1_234] = 20.0
    curve = Curve(light_curve, None, SheetLook())
    assert len(curve.kept) <= MOST_POINTS
    assert len(curve.kept) > 0.9 * MOST_POINTS


def test_cells_without_a_light_curve_stay_empty():
    page = page_of([None, Curve(made(), None, SheetLook()), None])
    assert page["cells"][0] is page["cells"][2] is None
    assert page_of([None])["points"] == ""
