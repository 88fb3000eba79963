"""Rubin: its table of detections, its catalogue in HATS, its alerts, and Lasair's JSON of them."""

import json
from pathlib import Path

import fastavro
import pandas as pd
import pyarrow as pa

from made_files.containers import record, write_csv, write_parquet
from made_files.truth import table


def rubin_csv(folder: Path, truth: pd.DataFrame) -> Path:
    frame = table(
        truth, diaObjectId=truth["object_id"].map({"ZTF18aaaaaaa": 2**62 + 1, "ZTF18bbbbbbb": 5}),
        midpointMjdTai=truth["mjd"], band=truth["band"].str[-1], psfFlux=1000 * truth["flux"],
        psfFluxErr=1000 * truth["error"], psfFlux_flag=truth["flagged"], ra=truth["ra"],
        dec=truth["dec"],
    )  # fmt: skip
    return write_csv(frame, folder / "DiaSource.csv")


def rubin_hats(folder: Path, truth: pd.DataFrame) -> Path:
    groups = list(truth.groupby("object_id", sort=False))
    nested = [
        [
            {
                "midpointMjdTai": row["mjd"], "band": row["band"][-1],
                "psfDiffFlux": 1000 * row["flux"], "psfDiffFluxErr": 1000 * row["error"],
                "psfDiffFlux_flag": bool(row["flagged"]),
            }
            for _, row in part.iterrows()
        ]
        for _, part in groups
    ]  # fmt: skip
    arrow = pa.table(
        {
            "diaObjectId": pa.array([2**62 + 1, 5][: len(groups)], pa.int64()),
            "ra": [part["ra"].iloc[0] for _, part in groups],
            "dec": [part["dec"].iloc[0] for _, part in groups],
            "diaObjectForcedSource": nested,
        }
    )
    return write_parquet(arrow, folder / "Npix=1.parquet")


_RUBIN = record("lsst.alert", {
    "diaSourceId": "long",
    "diaSource": record("src", {
        "diaObjectId": ["null", "long"], "midpointMjdTai": "double", "band": "string",
        "psfFlux": "double", "psfFluxErr": "double", "psfFlux_flag": "boolean",
        "ra": "double", "dec": "double"}),
    "prvDiaSources": ["null", {"type": "array", "items": "src"}],
})  # fmt: skip


def rubin_packet(folder: Path, truth: pd.DataFrame) -> Path:
    epochs = [
        {
            "diaObjectId": 2**62 + 1, "midpointMjdTai": row["mjd"], "band": row["band"][-1],
            "psfFlux": 1000 * row["flux"], "psfFluxErr": 1000 * row["error"],
            "psfFlux_flag": bool(row["flagged"]), "ra": row["ra"], "dec": row["dec"],
        }
        for _, row in truth.iterrows()
    ]  # fmt: skip
    path = folder / "packet.avro"
    (folder / "lsst.avsc").write_text(json.dumps(_RUBIN))
    with path.open("wb") as file:
        file.write(b"\x00" + (900).to_bytes(4, "big"))
        packet = {"diaSourceId": 1, "diaSource": epochs[-1], "prvDiaSources": epochs[:-1]}
        fastavro.schemaless_writer(file, fastavro.parse_schema(_RUBIN), packet)
    return path


def lasair_lsst(folder: Path, truth: pd.DataFrame) -> Path:
    epochs = [
        {"midpointMjdTai": row["mjd"], "band": row["band"][-1], "psfFlux": 1000 * row["flux"],
         "psfFluxErr": 1000 * row["error"], "ra": row["ra"], "decl": row["dec"]}
        for _, row in truth.iterrows()
    ]  # fmt: skip
    path = folder / "lasair.json"
    path.write_text(json.dumps({"diaObjectId": 2**62 + 1, "diaSourcesList": epochs}))
    return path
