"""One transient a file: catalogues and tools of those who follow supernovae."""

import json
from pathlib import Path

import pandas as pd

from made_files.containers import write_csv
from made_files.truth import magnitudes, table


def osc(folder: Path, truth: pd.DataFrame) -> Path:
    mag, magerr = magnitudes(truth)
    photometry = [
        {"time": str(row["mjd"]), "u_time": "MJD", "band": row["band"][-1], "telescope": "P48",
         "instrument": "ZTF", "magnitude": repr(float(mag[i])),
         "e_magnitude": repr(float(magerr[i]))}
        for i, row in truth.iterrows()
    ]  # fmt: skip
    event = {"name": "SN2020x", "ra": [{"value": "00:42:00.0"}], "dec": [{"value": "-05:15:00"}],
             "claimedtype": [{"value": "Ia"}], "photometry": photometry}  # fmt: skip
    path = folder / "SN2020x.json"
    path.write_text(json.dumps({"SN2020x": event}))
    return path


def sncosmo(folder: Path, truth: pd.DataFrame) -> Path:
    dn = 10 ** (0.4 * (26.0 - 23.9))
    frame = table(
        truth, time=truth["mjd"] + 2400000.5, band=truth["band"].str.replace("ztf_", "p48"),
        flux=truth["flux"] * dn, flux_err=truth["error"] * dn, zp=26.0, zpsys="ab",
    )  # fmt: skip
    return write_csv(frame, folder / "ZTF18aaaaaaa.csv")


def skyportal(folder: Path, truth: pd.DataFrame) -> Path:
    factor = 10 ** (0.4 * (25.0 - 23.9))
    frame = table(
        truth, filter=truth["band"].str.replace("ztf_", "ztf"), mjd=truth["mjd"],
        flux=truth["flux"] * factor, zp=25.0, magsys="ab", fluxerr=truth["error"] * factor,
        ra=truth["ra"], dec=truth["dec"],
    )  # fmt: skip
    return write_csv(frame, folder / "14gqr.csv")


def bhtom(folder: Path, truth: pd.DataFrame) -> Path:
    mag, magerr = magnitudes(truth)
    filters = truth["band"].map({"ztf_g": "ZTF(zg)", "ztf_r": "ZTF(zr)"})
    frame = table(
        truth, MJD=truth["mjd"], Magnitude=mag, Error=magerr, Facility="ZTF", Filter=filters,
        Observer="ZTF",
    )  # fmt: skip
    return write_csv(frame, folder / "AT2017eqx.csv", ";")


def manytde(folder: Path, truth: pd.DataFrame) -> Path:
    data = [
        [row["mjd"], f"{row['band'][-1]}.ztf", row["flux"] * 1e-6, row["error"] * 1e-6]
        for _, row in truth.iterrows()
    ]
    event = {"name": "AT2018hyz", "ra": 10.5, "dec": -5.25, "z": 0.05, "spectral_type": "H+He",
             "lightcurve": {"header": ["mjd", "filter", "flux_Jy", "e_flux_Jy"], "data": data},
             }  # fmt: skip
    path = folder / "AT2018hyz.json"
    path.write_text(json.dumps(event))
    return path


def slsne(folder: Path, truth: pd.DataFrame) -> Path:
    mag, magerr = magnitudes(truth)
    lines = ["MJD Mag Raw MagErr Telescope Instrument Filter UL System Ignore Source"]
    for i, row in truth.iterrows():
        lines.append(
            f"{row['mjd']} {mag[i] - 0.5!r} {float(mag[i])!r} {float(magerr[i])!r} P48 ZTF "
            f"{row['band'][-1]} False AB {bool(row['flagged'])} 2023ApJ"
        )
    path = folder / "2018hti.txt"
    path.write_text("\n".join(lines) + "\n")
    return path
