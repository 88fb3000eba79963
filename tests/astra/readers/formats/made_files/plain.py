"""Plain tables, whose columns and units the reader has to guess."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
from astropy.io import fits
from astropy.table import Table

from made_files.containers import write_csv, write_parquet, write_votable
from made_files.truth import magnitudes, table


def plain_csv(folder: Path, truth: pd.DataFrame) -> Path:
    mag, magerr = magnitudes(truth)
    frame = table(
        truth, Name=truth["object_id"], RAJ2000=truth["ra"], DEJ2000=truth["dec"],
        HJD=truth["mjd"] + 2400000.5, Filter=truth["band"], Mag=mag, e_Mag=magerr,
        flagged=truth["flagged"],
    )  # fmt: skip
    return write_csv(frame, folder / "mine.tsv", "\t")


def plain_parquet(folder: Path, truth: pd.DataFrame) -> Path:
    frame = table(
        truth, star=truth["object_id"], mjd=truth["mjd"], band=truth["band"],
        flux=truth["flux"] * 1e3, flux_err=truth["error"] * 1e3,
    )  # fmt: skip
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    units = [f.with_metadata({"unit": "nJy"}) if "flux" in f.name else f for f in arrow.schema]
    return write_parquet(arrow.cast(pa.schema(units)), folder / "mine.parquet")


def plain_votable(folder: Path, truth: pd.DataFrame) -> Path:
    frame = table(
        truth, id=truth["object_id"], obs_time=truth["mjd"], filter=truth["band"],
        flux=truth["flux"] * 1e-3, flux_error=truth["error"] * 1e-3,
    )  # fmt: skip
    return write_votable(frame, folder / "mine.xml", {"flux": "mJy", "flux_error": "mJy"})


def plain_fits(folder: Path, truth: pd.DataFrame) -> Path:
    frame = pd.read_parquet(plain_parquet(folder, truth)).rename(columns={"flux": "flux_njy"})
    path = folder / "mine.fits"
    fits.table_to_hdu(Table.from_pandas(frame)).writeto(path, checksum=True)
    (folder / "mine.parquet").unlink()
    return path
