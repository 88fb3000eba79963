"""SNANA as text and FITS, and the sets simulated with it, which keep its unit of flux."""

import gzip
from pathlib import Path

import pandas as pd
import pyarrow as pa
from astropy.io import fits
from astropy.table import Table

from made_files.containers import write_csv, write_parquet
from made_files.truth import table

FLUXCAL = 10 ** (0.4 * (27.5 - 23.9))


def snana_text(folder: Path, truth: pd.DataFrame) -> Path:
    lines = [
        "SURVEY: DES", "SNID:  2020add", "RA:  10.5 deg", "DECL:  -5.25 deg",
        "REDSHIFT_FINAL: 0.1 +- 0.01", "NVAR: 6",
        "VARLIST: MJD BAND FIELD FLUXCAL FLUXCALERR PHOTFLAG",
    ]  # fmt: skip
    for _, row in truth.iterrows():
        lines.append(
            f"OBS: {row['mjd']} {row['band'][-1]} X3 {row['flux'] * FLUXCAL!r} "
            f"{row['error'] * FLUXCAL!r} {8 if row['flagged'] else 65536}"
        )
    path = folder / "sn.dat"
    path.write_text("\n".join(lines) + "\nEND:\n")
    return path


def snana_fits(folder: Path, truth: pd.DataFrame) -> Path:
    phot, head, start = [], [], 1
    for object_id, part in truth.groupby("object_id", sort=False):
        for _, row in part.iterrows():
            flag = 8 if row["flagged"] else 0
            phot.append((row["mjd"], f"{row['band'][-1]}   ", row["flux"] * FLUXCAL,
                         row["error"] * FLUXCAL, flag))  # fmt: skip
        last = start + len(part) - 1
        head.append((object_id, part["ra"].iloc[0], part["dec"].iloc[0], start, last, 0.1))
        phot.append((-777.0, "-", -9.0, -9.0, 0))
        start = last + 2
    tables = {
        "X_HEAD.FITS.gz": Table(rows=head, names=(
            "SNID", "RA", "DEC", "PTROBS_MIN", "PTROBS_MAX", "REDSHIFT_FINAL")),
        "X_PHOT.FITS.gz": Table(rows=phot, names=(
            "MJD", "BAND", "FLUXCAL", "FLUXCALERR", "PHOTFLAG")),
    }  # fmt: skip
    for name, content in tables.items():
        primary = fits.PrimaryHDU()
        primary.header["SURVEY"] = "DES"
        hdus = fits.HDUList([primary, fits.table_to_hdu(content)])
        with gzip.open(folder / name, "wb") as file:
            hdus.writeto(file, checksum=True)
    return folder / "X_HEAD.FITS.gz"


def multimodal(folder: Path, truth: pd.DataFrame) -> Path:
    groups = list(truth.groupby("object_id", sort=False))
    padding = {"band": "g", "time": -99.0, "flux": 0.0, "flux_err": 0.0}
    nested = [
        [
            *(
                {"band": row["band"][-1], "time": row["mjd"], "flux": row["flux"] * FLUXCAL,
                 "flux_err": row["error"] * FLUXCAL}
                for _, row in part.sort_values(["band", "mjd"]).iterrows()
            ),
            padding,
        ]
        for _, part in groups
    ]  # fmt: skip
    columns = {name: [[epoch[name] for epoch in row] for row in nested] for name in padding}
    lists = pa.StructArray.from_arrays([pa.array(v) for v in columns.values()], names=list(columns))
    ids = [object_id for object_id, _ in groups]
    target = folder / "plasticc"
    target.mkdir()
    return write_parquet(pa.table({"object_id": ids, "lightcurve": lists}), target / "x.parquet")


def plasticc(folder: Path, truth: pd.DataFrame) -> Path:
    frame = table(
        truth, object_id=truth["object_id"], mjd=truth["mjd"],
        passband=truth["band"].map({"ztf_g": 1, "ztf_r": 2}), flux=truth["flux"] * FLUXCAL,
        flux_err=truth["error"] * FLUXCAL, detected=1,
    )  # fmt: skip
    return write_csv(frame, folder / "plasticc.csv")
