"""Original files of each format: three observations of each, copied from the file by hand."""

import os
from pathlib import Path

import numpy as np
import pytest

from astra.data.errors import RejectedFileError
from astra.readers import read
from astra.readers.options import Options
from astra.readers.quarantine import Quarantine

FOLDER = Path(os.environ.get("ASTRA_OBSERVED_DATA", ".")) / "formats"
pytestmark = [
    pytest.mark.observed,
    pytest.mark.skipif("ASTRA_OBSERVED_DATA" not in os.environ, reason="no observed light curves"),
]
Point = tuple[float, str, float, float, bool]


def mag(time: float, band: str, m: float, s: float, sign: int = 1, flagged: bool = False) -> Point:
    """Observation of a magnitude: Pogson's formula and its derivative."""
    flux = 10 ** ((23.9 - m) / 2.5)
    return time, band, sign * flux, flux * s * 0.921034037, flagged


def limit(time: float, band: str, m: float) -> Point:
    return time, band, 0.0, 10 ** ((23.9 - m) / 2.5) / 5, True


def scaled(time: float, band: str, f: float, e: float, zp: float, flagged: bool = False) -> Point:
    """Observation of a flux in units of an AB zero point."""
    factor = 10 ** ((23.9 - zp) / 2.5)
    return time, band, f * factor, e * factor, flagged


JD = 2400000.5
POINTS: dict[str, list[Point]] = {
    "alerce_detections_ZTF18abbuive.csv": [
        mag(58286.43408560, "ztf_g", 17.020222, 0.009284612),
        mag(59459.23724540, "ztf_r", 16.66753, 0.0067332187),
        mag(60390.52842590, "ztf_r", 16.67706, 0.013214934),
    ],
    "alerce_non_detections_ZTF18abbuive.csv": [
        limit(58292.46136570, "ztf_r", 20.7838),
        limit(59297.53438660, "ztf_r", 19.1655),
        limit(60374.55453700, "ztf_r", 18.513),
    ],
    "alerce_detections_sample.parquet": [
        mag(58700.46104170, "ztf_g", 16.478576297742226, 0.00854118870207277),
        mag(58801.28814810, "ztf_r", 14.167483283186925, 0.008926407660487154),
        mag(58904.17307870, "ztf_r", 16.12103972399309, 0.008962709737885701),
    ],
    "alerce_lightcurve_aaelulu.json": [
        mag(58855.54229170, "ztf_r", 17.279879, 0.056197107),
        mag(58967.22704860, "ztf_g", 18.60753, 0.102947116),
        limit(58964.26945600, "ztf_r", 20.6648),
    ],
    "alerce_forced_photometry.json": [
        mag(60253.12387730, "ztf_g", 17.782981446557894, 0.010505298874852086),
        mag(60238.19592590, "ztf_g", 18.119301256623967, 0.017628460354100275),
        mag(60251.15415510, "ztf_r", 17.118910717759814, 0.008772047036877293),
    ],
    "alerce_ztf_dr5_lightcurves.parquet": [
        mag(59128.31640625, "ztf_g", 18.848503, 0.09367879),
        mag(59128.31640625, "ztf_g", 14.118785, 0.014982203),
        mag(59128.31640625, "ztf_g", 16.089893, 0.01934506),
    ],
    "antares_csv_ZTF18aadlaxo.csv": [
        mag(59253.23758100, "ztf_g", 19.49979591369629, 0.1331101506948471),
        mag(59268.25670140, "ztf_r", 18.31111717224121, 0.0764479860663414),
        mag(59280.25951390, "ztf_r", 19.01426315307617, 0.10454922914505),
    ],
    "bhtom_tdecat_AT2017eqx.csv": [
        mag(57905.6, "atlas_o", 20.14, 0.18),
        mag(59517.322826, "atlas_o", 20.113, 0.397),
        mag(60595.361014, "atlas_o", 19.576, 0.331),
    ],
    "irsa_ztf_lightcurve_1005.csv": [
        mag(2458202.777958164 - JD, "ztf_g", 20.2515068, 0.151518106),
        mag(2458486.9817555808 - JD, "ztf_r", 20.7139244, 0.200088978),
        mag(2458582.7215133486 - JD, "ztf_r", 20.5415077, 0.146575212),
    ],
    "fink_ztf_alert_ZTF19acihgng.avro": [
        mag(2458814.6358333 - JD, "ztf_r", 18.632339477539062, 0.13490362465381622),
        mag(2458794.6044097 - JD, "ztf_r", 17.910600662231445, 0.05223900079727173),
        mag(2458812.6171644 - JD, "ztf_g", 18.760099411010742, 0.1402440071105957),
    ],
    "ztf_alert_schema32_739260766315010006.avro": [
        mag(2458493.7607639 - JD, "ztf_r", 15.371133804321289, 0.044493019580841064, -1, True),
        mag(2458480.8017245 - JD, "ztf_r", 15.41469955444336, 0.04314500093460083, -1),
        mag(2458493.7031597 - JD, "ztf_g", 17.906200408935547, 0.07848600298166275, -1),
    ],
    "ztf_alert_schema401_fphists_2475433850315015009.avro": [
        mag(2460229.9338542 - JD, "ztf_g", 16.62807846069336, 0.053554173558950424),
        scaled(2460228.8928241 - JD, "ztf_g", 10091.32421875, 60.33161544799805, 26.36389923095703),
        scaled(2460213.8986111 - JD, "ztf_g", 6747.08984375, 56.31496047973633, 26.175800323486328),
    ],
    "fink_ztf_alert_dwarf_agn.parquet": [
        mag(2460250.0151736 - JD, "ztf_g", 18.448881149291992, 0.2013540118932724, -1),
        mag(2460249.9600463 - JD, "ztf_r", 18.085800170898438, 0.12372399866580963, -1),
    ],
    "fink_ztf_science_20190903.parquet": [
        mag(2458729.6881481 - JD, "ztf_r", 13.867179870605469, 0.045357201248407364),
        mag(2458729.6881481 - JD, "ztf_r", 14.105179786682129, 0.047606319189071655, -1),
        limit(2458726.7459838 - JD, "ztf_g", 20.13409996032715),
    ],
    "atlas_alert_alerce_02a59543o0072o.avro": [
        (59543.209552, "atlas_o", -387.61419677734375, 12.016039848327637, False)
    ],
    "atlas_forced_photometry_job01088.txt": [
        (59101.519211, "atlas_o", -7, 10, False),
        (59103.552116, "atlas_o", 912, 10, True),
        (59185.447046, "atlas_o", 147, 32, False),
    ],
    "atlas_forced_photometry_job01088_stacked.txt": [
        (59101.53, "atlas_o", -1.75, 6.19, False),
        (59135.52, "atlas_c", 47.00, 32.44, False),
        (59185.43, "atlas_o", 110.00, 8.52, False),
    ],
    "manytde_AT2018hyz.json": [
        (58432.243415, "swift_uvw2", 951.34, 35.217, False),
        (58436.418271, "swift_u", 1214.7, 47.73, False),
        (58578.030395302, "ztf_r", 89.489, 8.242240701563246, False),
    ],
    "osc_Gaia21foa.json": [
        mag(56863.44866, "gaia_G", 19.78, 0.1, flagged=True),
        mag(58396.56135, "gaia_G", 20.02, 0.1, flagged=True),
        mag(59664.56411, "gaia_G", 18.78, 0.1, flagged=True),
    ],
    "skyportal_14gqr_phot.csv": [
        scaled(56942.28491, "ztf_g", 0.0, 7.306510212691372, 25, True),
        scaled(56955.69517, "ztf_g", 52.393812310811796, 4.055608231707029, 25),
        scaled(56956.08702975693, "ztf_r", 48.932792408193734, 8.781144631345137, 25),
    ],
    "slsne_2018hti.txt": [
        limit(58384.36, "ztf_g", 19.0),
        mag(58413.537901, "atlas_o", 19.1876, 0.2161),
        mag(58873.29, "keplercam_r", 21.39, 0.1),
    ],
    "ztfcosmodr_ZTF18aabxrjp.csv": [
        scaled(2458170.9400694 - JD, "ztf_g", 3.923454553611574, 22.70727836180139, 26.222609),
        scaled(2458224.7355208 - JD, "ztf_r", 280.59804552336374, 33.6786047178073, 25.9320905),
        scaled(2458243.8541782 - JD, "ztf_i", 112.56254924844905, 42.90335756002977, 25.58047151),
    ],
    "DES-SN5YR_Foundation_HEAD.FITS.gz": [
        scaled(57437.3951, "ps1_g", 7115.05, 205.58305, 27.5),
        scaled(57658.2307, "ps1_g", 25110.3, 443.5874, 27.5),
        scaled(55243.39, "ps1_g", 43.379, 41.716072, 27.5),
    ],
    "snana_text_YSE_2020add.dat": [
        scaled(58865.490, "ps1_g", 1400.348, 72.255, 27.5),
        scaled(58882.480, "ps1_i", 749.656, 70.283, 27.5),
        scaled(58882.490, "ps1_g", 1165.582, 77.532, 27.5),
    ],
    "snana_text_DES_01261579.dat": [
        scaled(56579.205, "des_g", -9.877, 3.905, 27.5),
        scaled(56661.058, "des_z", 103.422, 3.756, 27.5),
        scaled(56936.174, "des_i", 7.664, 4.034, 27.5),
    ],
    "ztf_forced_photometry_req00012210_ZTF20acfkyll.txt": [
        scaled(
            2459092.9892245 - JD, "ztf_g", -61.0556703076874,
            34.7003301320035 * 1.06641459493143**0.5, 26.2221,
        ),
        scaled(
            2459174.9313426 - JD, "ztf_g", 803.549510696772,
            27.6511388645993 * 1.33779410783137**0.5, 26.0877,
        ),
        scaled(
            2459249.8432292 - JD, "ztf_r", 938.000620954808,
            59.5063163838099 * 1.036960659596**0.5, 26.0277,
        ),
    ],
}  # fmt: skip
FORMATS = {
    "DES-SN5YR_Foundation_PHOT.FITS.gz": "SNANA FITS",
    "ztf_forced_photometry_req00149191.txt": "ZTF forced photometry",
    "fink_ztf_alert_ZTF19acihgng.avro": "ZTF alert",
    "antares_csv_ZTF18aadlaxo.csv": "ANTARES table",
}


@pytest.mark.parametrize("name", POINTS)
def test_observations_are_those_in_the_file(name: str) -> None:
    quarantine = Quarantine()
    light_curves = read(FOLDER / name, quarantine, options=Options(bridging=False))
    assert not quarantine.doubts
    times = light_curves.mjd_zero + 1e-5 * light_curves.time.astype(float)
    names = np.array([band.name for band in light_curves.bands])[light_curves.band]
    for mjd, band, flux, error, flagged in POINTS[name]:
        here = np.flatnonzero(
            (np.abs(times - mjd) < 0.6e-5)
            & (names == band)
            & (np.abs(light_curves.flux - flux) <= 2e-6 * abs(flux) + 1e-9)
        )
        assert len(here), (mjd, band, flux)
        near = np.abs(light_curves.flux_error[here] - error) <= 3e-6 * error
        assert near.any(), (light_curves.flux_error[here], error)
        assert light_curves.flagged[here[near]][0] == flagged


def test_what_is_refused_is_refused_for_the_true_reason() -> None:
    with pytest.raises(RejectedFileError, match="schema number 900 but does not hold it"):
        read(FOLDER / "lsst_alert_7912941781254298.avro")


def test_a_baseline_shifts_a_detector_and_filter_by_one_value() -> None:
    quarantine = Quarantine()
    curve = read(FOLDER / "ztf_forced_photometry_req00149191.txt", quarantine)[0]
    at = [int(np.argmin(np.abs(curve.mjd - (jd - JD)))) for jd in (2458972.772581, 2459641.9795718)]
    # Two rows of field 426, CCD 4, quadrant 3, ZTF_g: what is taken away is the same.
    raw = [scaled(0, "", f, 1, zp)[2] for f, zp in ((-6.10148465550341, 26.215),
                                                    (310.199886540056, 26.2866))]  # fmt: skip
    shifts = [raw[i] - curve.flux[at[i]] for i in range(2)]
    assert shifts[0] == pytest.approx(shifts[1], abs=1e-3)
    assert shifts[0] == pytest.approx(0.644, abs=1e-3)
    assert any("ZTF_g: a baseline of 0.644 microjansky" in note for note in quarantine.notes)


def test_the_whole_folder_is_read_at_once() -> None:
    quarantine = Quarantine()
    light_curves = read(FOLDER, quarantine)
    assert light_curves.catalogue is not None
    assert list(map(Path, quarantine.refused_files)) == [
        FOLDER / "lsst_alert_7912941781254298.avro"
    ]
    read_files = {Path(file).name for file in quarantine.formats}
    assert read_files == {file.name for file in FOLDER.iterdir()} - {
        "README.md",
        "lsst_alert_7912941781254298.avro",
    }
    assert quarantine.counts == {"known_band": 3}
    # One object of ALeRCE's two files: detections are of total flux, limits of difference.
    ids = set(light_curves.catalogue["object_id"])
    assert {"ZTF18abbuive", "ZTF18abbuive.difference"} <= ids
    assert len(light_curves) > 850


@pytest.mark.parametrize("name", FORMATS)
def test_formats_are_recognised(name: str) -> None:
    quarantine = Quarantine()
    read(FOLDER / name, quarantine)
    assert quarantine.formats[str(FOLDER / name)] == FORMATS[name]
