"""Forced photometry of ATLAS, single and stacked, and its alerts."""

from pathlib import Path

import pandas as pd

from made_files.containers import record, write_avro
from made_files.truth import table


def forced(folder: Path, truth: pd.DataFrame) -> Path:
    lines = ["###MJD m dm uJy duJy F err chi/N RA Dec x y maj min phi apfit mag5sig Sky Obs"]
    for _, row in truth.iterrows():
        band = {"ztf_g": "c", "ztf_r": "o"}[row["band"]]
        lines.append(
            f"{row['mjd']:.6f} -20.1 0.1 {row['flux']!r} {row['error']!r} {band} "
            f"{int(row['flagged'])} 1.5 {row['ra']} {row['dec']} 1 1 2 2 10 -0.4 19.5 20.4 01a"
        )
    path = folder / "job1.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


def stacked(folder: Path, truth: pd.DataFrame) -> Path:
    band = truth["band"].map({"ztf_g": "c", "ztf_r": "o"})
    frame = table(truth, MJD=truth["mjd"], uJy=truth["flux"], duJy=truth["error"], F=band, n=3)
    path = folder / "stacked.txt"
    path.write_text("# MJD (average)\n# uJy\n" + frame.to_csv(index=False))
    return path


def alert(folder: Path, truth: pd.DataFrame) -> Path:
    kinds = {"mjd": "double", "filter": "string", "isdiffpos": "string", "RA": "double",
             "Dec": "double", "Mag": "double", "flux": "double", "Dflux": "double"}  # fmt: skip
    schema = record("alert", {"objectId": "string", "candidate": record("candidate", kinds)})
    packets = [
        {
            "objectId": row["object_id"],
            "candidate": {
                "mjd": row["mjd"], "filter": {"ztf_g": "c", "ztf_r": "o"}[row["band"]],
                "isdiffpos": "t", "RA": row["ra"], "Dec": row["dec"], "Mag": -17.0,
                "flux": -row["flux"], "Dflux": -row["error"],
            },
        }
        for _, row in truth.iterrows()
    ]  # fmt: skip
    return write_avro(packets, schema, folder / "atlas.avro", "deflate")
