import numpy as np
import pytest

from app.drawing.drawings import Drawer
from app.drawing.photometry import median_line, phase_zero
from app.drawing.points import asinh_ticks
from app.drawing.quantities import asinh_fluxes, fluxes, magnitudes, significance
from astra.data.bands import band
from astra.data.light_curves import LightCurve


def curve(flux, error=1.0, bands=("ztf_g",), code=None, flagged=None, difference=False):
    flux = np.asarray(flux, np.float32)
    n = len(flux)
    return LightCurve(
        mjd=np.arange(n) + 58000.5,
        flux=flux,
        flux_error=np.broadcast_to(np.float32(error), n).copy(),
        band=np.zeros(n, np.uint8) if code is None else np.asarray(code, np.uint8),
        flagged=np.zeros(n, bool) if flagged is None else np.asarray(flagged, bool),
        bands=tuple(band(name) for name in bands),
        is_difference=difference,
    )


def points(drawing):
    (one,) = drawing.bands
    return one


def test_a_flux_below_three_sigma_is_a_limit_at_five():
    found = points(Drawer(curve([100, 2.9, -2.9, 3.1]), "dark").against_time("UTC"))
    np.testing.assert_allclose(found.y, 23.9 - 2.5 * np.log10([100, 3.1]), rtol=1e-5)
    np.testing.assert_allclose(found.limit_y, 23.9 - 2.5 * np.log10([5.0, 5.0]), rtol=1e-5)
    np.testing.assert_allclose(found.limit_x, [1.5, 2.5])


def test_without_an_error_nothing_is_called_a_limit():
    found = points(Drawer(curve([100, 2, 1], error=np.nan), "dark").against_time("UTC"))
    assert len(found.y) == 3
    assert not len(found.limit_y)


def test_limits_can_be_left_out_and_never_move_the_range():
    light_curve = curve([*np.linspace(90, 110, 30), 1.0], error=[1.0] * 30 + [1e-6 + 0.5])
    with_limits = Drawer(light_curve, "dark").against_time("UTC")
    without = Drawer(light_curve, "dark", limits=False).against_time("UTC")
    assert len(points(with_limits).limit_y) == 1
    assert len(points(without).limit_y) == 0
    assert with_limits.y_range == without.y_range


def test_limits_of_the_survey_are_limits_in_every_quantity_and_are_not_flagged():
    light_curve = curve([10, 0, 12], flagged=[False, True, False], difference=True)
    for quantity, expected in (
        ("magnitude", 23.9 - 2.5 * np.log10(5)),
        ("flux", 5.0),
        ("asinh", np.arcsinh(5.0)),
    ):
        drawer = Drawer(light_curve, "dark", quantity, flags=False)
        found = points(drawer.against_time("UTC"))
        np.testing.assert_allclose(found.limit_y, [expected], rtol=1e-6)
        assert len(found.y) == 2
        assert not found.flagged.any()


def test_only_limits_are_still_in_sight():
    drawing = Drawer(curve([0.5, -1, 1]), "dark").against_time("UTC")
    low, high = drawing.y_range
    assert low < points(drawing).limit_y.min() <= points(drawing).limit_y.max() < high


def test_surely_negative_fluxes_are_drawn_apart_in_flux_and_as_magnitude():
    light_curve = curve([50, -50, -2, 20], difference=True)
    in_flux = points(Drawer(light_curve, "dark", "flux").against_time("UTC"))
    np.testing.assert_allclose(in_flux.y, [50, -50, -2, 20])
    assert in_flux.negative.tolist() == [False, True, False, False]
    found = points(Drawer(light_curve, "dark", "magnitude").against_time("UTC"))
    assert found.negative.tolist() == [False, True, False]
    assert found.y[0] == pytest.approx(found.y[1])
    assert found.y[0] == pytest.approx(23.9 - 2.5 * np.log10(50), rel=1e-6)


def test_asinh_is_linear_near_zero_and_logarithmic_far_away():
    found = asinh_fluxes(curve([-0.1, 0.1, 1e2, 1e3], difference=True))
    assert found.softening == 1.0
    np.testing.assert_allclose(found.value[:2], [-0.1, 0.1], rtol=2e-3)
    assert found.value[3] - found.value[2] == pytest.approx(np.log(10), rel=1e-4)
    low, high = found.ends
    np.testing.assert_allclose(np.sinh(high[:2]) - np.sinh(low[:2]), [2, 2])


@pytest.mark.parametrize("softening", [0.02, 1.0, 30.0])
def test_asinh_ticks_stand_at_the_flux_that_they_say(softening):
    ticks = asinh_ticks(softening, (np.arcsinh(-50), np.arcsinh(4e4)))
    assert 4 <= len(ticks) <= 9
    for place, text in ticks.items():
        flux = float(text.replace("\u2212", "-"))
        assert softening * np.sinh(place) == pytest.approx(flux, abs=1e-9 * softening)


def test_rubin_fluxes_are_nanojansky_and_vega_ones_say_the_formula():
    rubin = fluxes(curve([1.0, 2.0], bands=("lsst_g",)))
    assert rubin.label == "Flux [nJy]"
    np.testing.assert_allclose(rubin.value, [1000, 2000])
    assert fluxes(curve([1.0], bands=("jc_V",))).label == "Flux by the AB formula [µJy]"
    assert fluxes(curve([1.0], bands=("ztf_g",))).label == "Flux [µJy]"


def test_mixed_systems_are_named_on_the_axis_and_on_every_band():
    light_curve = curve([10, 20], bands=("ztf_g", "jc_V"), code=[0, 1])
    assert magnitudes(light_curve).label == "Magnitude (AB, Vega)"
    labels = [style.label for style in Drawer(light_curve, "dark").styles.values()]
    assert labels == ["ztf g AB", "jc V Vega"]


def test_of_bands_that_look_alike_the_one_with_most_observations_keeps_its_colour():
    light_curve = curve([9.0] * 5, bands=("ps1_r", "ztf_r"), code=[0, 1, 1, 1, 1])
    styles = {s.label: s.colour for s in Drawer(light_curve, "light").styles.values()}
    assert styles["ztf r"] == "#B52626"
    assert styles["ps1 r"] != "#B52626"


def test_significance_leaves_unknown_errors_alone():
    found = significance(curve([1, -9], error=[0.0, np.nan]))
    assert not found.undetected.any()
    assert not found.negative.any()
    assert np.isnan(found.limit).all()


def test_bands_of_a_fold_can_be_brought_to_one_median():
    flux = np.tile([100.0, 1000.0], 30)
    light_curve = curve(flux, bands=("ztf_g", "ztf_r"), code=np.tile([0, 1], 30))
    zero = phase_zero(light_curve, 0.6)
    drawing = Drawer(light_curve, "dark", aligned=True).against_phase(0.6, zero)
    for one in drawing.bands:
        assert np.median(one.y) == pytest.approx(0, abs=1e-9)
    assert drawing.y_label == "AB magnitude \u2212 median of the band"
    assert not drawing.with_fluxes


def test_the_median_line_runs_over_two_cycles_and_breaks_where_bins_are_empty():
    rng = np.random.default_rng(0)
    phases = np.concatenate([rng.uniform(-0.5, -0.1, 200), rng.uniform(0.2, 0.5, 200)])
    x, y = median_line(phases, np.cos(2 * np.pi * phases), 20)
    known = np.isfinite(y)
    np.testing.assert_allclose(y[known], np.cos(2 * np.pi * x[known]), atol=0.15)
    assert (~known).sum() == 2
    assert x[known].max() > 1.4
    assert median_line(phases[:30], phases[:30], 40)[0].size == 0


@pytest.mark.parametrize("event", ["maximum", "minimum"])
def test_what_phase_zero_is_can_be_chosen(event):
    mjd = np.sort(np.random.default_rng(2).uniform(58000, 58400, 900))
    flux = 100 + 20 * np.sin(2 * np.pi * mjd / 3.3)
    light_curve = curve(flux)
    light_curve = LightCurve(
        mjd, light_curve.flux, light_curve.flux_error, light_curve.band, light_curve.flagged,
        light_curve.bands,
    )  # fmt: skip
    zero = phase_zero(light_curve, 3.3, event)
    assert zero.said == f"{event} in g"
    level = np.sin(2 * np.pi * zero.mjd / 3.3)
    assert level == pytest.approx(1 if event == "maximum" else -1, abs=0.05)
