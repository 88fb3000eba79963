"""Zero points against the definition of the jansky, and the traps of the field's conventions."""

import numpy as np
import pytest

from astra.data.light_curves import magnitude
from astra.readers.band_names import band_of
from astra.readers.units import (
    ZERO_POINTS,
    error_of_limit,
    error_of_magnitude,
    flux_of_magnitude,
    microjansky,
    mjd_of_jd,
    without,
)

ONE = np.array([1.0])


@pytest.mark.parametrize(
    ("unit", "in_microjansky"), [("jy", 1e6), ("mjy", 1e3), ("ujy", 1.0), ("njy", 1e-3)]
)
def test_units_of_the_jansky(unit: str, in_microjansky: float) -> None:
    assert microjansky(ONE, ZERO_POINTS[unit])[0] == pytest.approx(in_microjansky, rel=1e-12)


@pytest.mark.parametrize(("unit", "in_nanojansky"), [("nanomaggy", 3631), ("fluxcal", 36.31)])
def test_units_by_the_ab_zero_point(unit: str, in_nanojansky: float) -> None:
    # m_AB = 0 is 3631 Jy to five parts in 1e5 of the field's 23.9 - 2.5 log10 F.
    assert microjansky(ONE, ZERO_POINTS[unit])[0] * 1e3 == pytest.approx(in_nanojansky, rel=1e-4)


@pytest.mark.parametrize(
    ("m", "flux"), [(23.9, 1.0), (16.4, 1000.0), (8.9, 1e6), (31.4, 1e-3), (22.5, 3.6307805)]
)
def test_magnitudes_to_microjansky_and_back(m: float, flux: float) -> None:
    assert flux_of_magnitude(np.array([m]))[0] == pytest.approx(flux, rel=1e-7)
    assert magnitude(np.array([flux]))[0] == pytest.approx(m, abs=1e-5)


@pytest.mark.parametrize("none", [99.0, 99.99, 100.0, -99.0, -999.0, np.nan, np.inf, 1e300])
def test_what_is_no_magnitude_has_no_flux(none: float) -> None:
    assert np.isnan(flux_of_magnitude(np.array([none]))[0])


def test_a_negative_difference_keeps_its_sign_and_a_positive_error() -> None:
    flux = flux_of_magnitude(np.array([20.0]), -1.0)
    assert flux[0] == pytest.approx(-36.30780547701013)
    # A hundredth of a magnitude is 0.921 %: its half-difference of fluxes agrees to 1e-5.
    half = (10 ** (-0.4 * (19.99 - 23.9)) - 10 ** (-0.4 * (20.01 - 23.9))) / 2
    assert error_of_magnitude(flux, np.array([0.01]))[0] == pytest.approx(half, rel=2e-5)


def test_five_errors_of_a_limit_are_the_limit() -> None:
    assert magnitude(5 * error_of_limit(np.array([20.5])))[0] == pytest.approx(20.5, abs=1e-6)


def test_julian_dates_keep_a_tenth_of_a_millisecond() -> None:
    assert mjd_of_jd(np.array([2458202.777958164]))[0] == pytest.approx(58202.277958164, abs=1e-9)


def test_sentinels_of_a_format_are_no_values_and_nothing_else_is() -> None:
    values = np.array([100.0, -999.0, np.inf, np.nan, 99.9, 0.0])
    left = without(values, 100.0, -999.0)
    assert np.isnan(left[:4]).all()
    assert left[4:].tolist() == [99.9, 0.0]


@pytest.mark.parametrize(
    ("name", "survey", "band"),
    [
        ("ztfg", "", "ztf_g"), ("ZTF_r", "", "ztf_r"), ("zi", "", "ztf_i"), ("p48r", "", "ztf_r"),
        ("ZTF(zg)", "", "ztf_g"), ("ATLAS(o)", "", "atlas_o"), ("cyan", "ATLAS", "atlas_c"),
        ("g_PS1", "", "ps1_g"), ("ps1::g", "", "ps1_g"), ("g.ps", "", "ps1_g"),
        ("UVW2.uvot", "", "swift_uvw2"), ("UVM2", "Swift UVOT", "swift_uvm2"),
        ("W1.wise", "", "wise_W1"), ("CRTS(CL)", "", "css_V"), ("lsstg", "", "lsst_g"),
        ("Y", "lsst", "lsst_y"), ("bessellb", "", "jc_B"), ("g", "", "gen_g"),
        ("V", "LCO Sinistro", "lco_V"), ("G", "GAIA Astrometric", "gaia_G"),
        # What is not known is left to be refused: ATLAS has no H in the tables of its filters.
        ("ATLAS(H)", "", "ATLAS(H)"), ("H", "ATLAS", "H"), ("nonsense", "", "nonsense"),
    ],
)  # fmt: skip
def test_names_of_filters(name: str, survey: str, band: str) -> None:
    assert band_of(name, survey) == band
