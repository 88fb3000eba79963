import io

import numpy as np
import pandas as pd
import pytest

from app.pasted import EXAMPLE, PastedError, light_curve_of
from astra.data.errors import AstraError
from made_files.column_bombs import one_text_for_every_row

ROWS = [
    (58001.25, "ztf_g", 150.0, 4.0),
    (58000.5, "ztf_r", 170.5, 3.0),
    (58002.0, "ztf_g", -3.0, 4),
]


def frame():
    return pd.DataFrame(ROWS, columns=["mjd", "band", "flux_ujy", "flux_err_ujy"])


def check(light_curve):
    np.testing.assert_array_equal(light_curve.mjd, [58000.5, 58001.25, 58002.0])
    np.testing.assert_array_equal(light_curve.flux, np.float32([170.5, 150, -3]))
    assert [light_curve.bands[code].name for code in light_curve.band] == [
        "ztf_r",
        "ztf_g",
        "ztf_g",
    ]


@pytest.mark.parametrize("between", [",", ";", "\t", "  "])
def test_text_with_any_separator(between):
    text = frame().to_csv(index=False).replace(",", between)
    check(light_curve_of("# from my telescope\n" + text).light_curve)


def test_a_small_file_that_would_fill_memory(tmp_path):
    file = tmp_path / "bomb.parquet"
    one_text_for_every_row(file)
    with pytest.raises(PastedError, match=r"uploaded\.parquet: 20000 rows take 2\.0 GB"):
        light_curve_of(file.read_bytes())


def test_parquet():
    buffer = io.BytesIO()
    frame().assign(object_id=7, extra="x").to_parquet(buffer)
    check(light_curve_of(buffer.getvalue()).light_curve)


def test_magnitudes_become_fluxes():
    text = "mjd,band,mag,mag_err\n58000,ztf_g,20.0,0.1\n58001,ztf_r,18.9,0.05"
    light_curve = light_curve_of(text).light_curve
    np.testing.assert_allclose(light_curve.magnitude, [20.0, 18.9], atol=1e-5)
    np.testing.assert_allclose(light_curve.magnitude_error, [0.1, 0.05], atol=1e-5)


def test_the_example_is_a_light_curve():
    assert len(light_curve_of(EXAMPLE).light_curve) == 2


def test_difference_fluxes():
    assert light_curve_of(EXAMPLE, difference=True).light_curve.is_difference


def test_what_is_refused_is_told():
    text = frame().to_csv(index=False) + "58003,ztf_g,nan,2\n58004,ztf_g,5,-1\n"
    pasted = light_curve_of(text)
    assert len(pasted.light_curve) == 3
    assert "2 observations refused" in pasted.remark


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing pasted"),
        ("hello", "mjd, band, flux_ujy"),
        ("mjd,band\n1,ztf_g", "flux_ujy"),
        ("mjd,band,flux_ujy,flux_err_ujy\n58000,kepler_z,1,1", "kepler_z"),
        (
            "object_id,mjd,band,flux_ujy,flux_err_ujy\na,58000,ztf_g,1,1\nb,58000,ztf_g,1,1",
            "2 objects",
        ),
        (b"PAR1 and then nonsense", "Parquet"),
        ("mjd,band,flux_ujy,flux_err_ujy\nyesterday,ztf_g,1,1", "mjd"),
    ],
)
def test_what_is_no_light_curve_says_why(text, says):
    with pytest.raises(AstraError, match=says) as caught:
        light_curve_of(text)
    assert "/tmp" not in str(caught.value)
