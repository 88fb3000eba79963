"""Light curves of ZTF's releases as IRSA gives them, and its forced photometry."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from astropy.table import Table

from made_files.containers import write_csv, write_parquet, write_votable
from made_files.truth import FID, magnitudes, table


def irsa(folder: Path, truth: pd.DataFrame) -> Path:
    mag, magerr = magnitudes(truth)
    oid = truth["object_id"].map({"ZTF18aaaaaaa": 1234567890123456789, "ZTF18bbbbbbb": 7})
    frame = table(
        truth, oid=oid, hjd=truth["mjd"] + 2400000.5, mjd=truth["mjd"] - 0.003, mag=mag,
        magerr=magerr, catflags=np.where(truth["flagged"], 32768 + 2, 2),
        filtercode=truth["band"].str.replace("ztf_", "z"), ra=truth["ra"], dec=truth["dec"],
    )  # fmt: skip
    return write_csv(frame, folder / "lc.csv")


def irsa_ipac(folder: Path, truth: pd.DataFrame) -> Path:
    content = Table.from_pandas(pd.read_csv(irsa(folder, truth)))
    path = folder / "lc.tbl"
    content.write(path, format="ascii.ipac", overwrite=True)
    return path


def irsa_votable(folder: Path, truth: pd.DataFrame) -> Path:
    frame = pd.read_csv(irsa(folder, truth))
    (folder / "lc.csv").unlink()
    return write_votable(frame, folder / "lc.xml")


def _release(truth: pd.DataFrame) -> dict[str, list]:
    mag, magerr = magnitudes(truth)
    names = "objectid filterid objra objdec hmjd mag magerr catflags"
    rows: dict[str, list] = {name: [] for name in names.split(" ")}
    for number, ((_, band), part) in enumerate(truth.groupby(["object_id", "band"], sort=True)):
        rows["objectid"].append(2**60 + number)
        rows["filterid"].append(FID[band])
        rows["objra"].append(part["ra"].iloc[0])
        rows["objdec"].append(part["dec"].iloc[0])
        rows["hmjd"].append(part["mjd"].tolist())
        rows["mag"].append(mag[part.index].tolist())
        rows["magerr"].append(magerr[part.index].tolist())
        rows["catflags"].append(np.where(part["flagged"], 32768, 0).tolist())
    return rows


def bulk(folder: Path, truth: pd.DataFrame) -> Path:
    return write_parquet(pa.table(_release(truth)), folder / "field.parquet")


def hats(folder: Path, truth: pd.DataFrame) -> Path:
    rows = _release(truth)
    lists = {name: pa.array(rows.pop(name)) for name in ("hmjd", "mag", "magerr", "catflags")}
    nested = pa.StructArray.from_arrays(list(lists.values()), names=list(lists))
    leaf = folder / "cat" / "dataset" / "Norder=1" / "Dir=0"
    leaf.mkdir(parents=True)
    (folder / "cat" / "hats.properties").write_text("obs_collection=x\n")
    write_parquet(pa.table({**rows, "lightcurve": nested}), leaf / "Npix=3.parquet")
    return folder / "cat"


def zubercal(folder: Path, truth: pd.DataFrame) -> Path:
    mag, magerr = magnitudes(truth)
    ids = truth["object_id"].map({"ZTF18aaaaaaa": 2**61 + 1, "ZTF18bbbbbbb": 5})
    frame = table(
        truth, objectid=ids, objra=truth["ra"], objdec=truth["dec"], mjd=truth["mjd"],
        band=truth["band"].str[-1], mag=mag, magerr=(1e4 * magerr).round().astype("int32"),
    )  # fmt: skip
    return write_parquet(frame, folder / "Npix=5.parquet")


def forced_text(folder: Path, truth: pd.DataFrame) -> Path:
    names = [
        *("index", "field", "ccdid", "qid", "filter", "infobitssci", "sciinpseeing", "scisigpix"),
        *("zpdiff", "jd", "forcediffimflux", "forcediffimfluxunc", "forcediffimchisq"),
        "procstatus",
    ]
    dn = 10 ** (0.4 * (26.2 - 23.9))
    lines = [
        "# Requested input R.A. = 10.5 degrees", "# Requested input Dec. = -5.25 degrees",
        " " + ", ".join(names),
    ]  # fmt: skip
    for i, row in truth.iterrows():
        bits = 33554432 if row["flagged"] else 0
        lines.append(
            f" {i} 400 1 2 {row['band'].replace('ztf_', 'ZTF_')} {bits} 2.0 9.0 26.2 "
            f"{row['mjd'] + 2400000.5:.7f} {row['flux'] * dn!r} {row['error'] * dn / 2!r} 4.0 0"
        )
    lines.append(f" {len(truth)} 400 1 2 ZTF_g 0 2.0 9.0 26.2 2459000.5 null null null 61")
    path = folder / "request_ZTF18aaaaaaa.txt"
    path.write_text("\n".join(lines) + "\n")
    return path
