import pytest

from astra.data.bands import BANDS, band
from astra.data.errors import UnknownBandError
from astra.data.light_curves import BAND_CODE


def test_a_band_is_found_by_its_name() -> None:
    found = band("ztf_g")
    assert (found.survey, found.filter, found.system) == ("ztf", "g", "AB")
    assert all(band(name).name == name for name in BANDS)
    assert {band(name).survey for name in ("hst_F475W", "ps1_w")} == {"hst", "ps1"}


def test_an_unknown_band_gets_the_nearest_names() -> None:
    with pytest.raises(UnknownBandError, match=r"unknown band 'ztf-g'; did you mean ztf_g"):
        band("ztf-g")
    with pytest.raises(UnknownBandError, match=r"unknown band '\?'$"):
        band("?")


def test_band_codes_leave_the_high_bit_to_the_flag() -> None:
    assert len(BANDS) <= BAND_CODE + 1


def test_wavelengths_follow_the_order_of_the_filters() -> None:
    """Oracle: the letters of the Sloan and Johnson-Cousins systems, from blue to red."""
    for letters in ("ugrizy", "UBVRI"):
        for survey in {b.survey for b in BANDS.values()}:
            names = [f"{survey}_{letter}" for letter in letters if f"{survey}_{letter}" in BANDS]
            wavelengths = [BANDS[name].wavelength for name in names]
            assert wavelengths == sorted(wavelengths), names
    assert all(1_500 < b.wavelength < 50_000 for b in BANDS.values())
    assert {b.system for b in BANDS.values()} == {"AB", "Vega", "unknown"}
