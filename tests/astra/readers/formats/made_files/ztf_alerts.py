"""Alerts of ZTF: packets, as Avro and as Fink keeps them."""

from pathlib import Path

import pandas as pd
import pyarrow as pa

from made_files.containers import record, write_avro, write_parquet
from made_files.truth import FID, magnitudes

_EPOCH = {
    "jd": "double", "fid": "int", "magpsf": ["null", "float"], "sigmapsf": ["null", "float"],
    "isdiffpos": ["null", "string"], "diffmaglim": ["null", "float"], "rb": ["null", "float"],
    "nbad": ["null", "int"], "ra": ["null", "double"], "dec": ["null", "double"],
}  # fmt: skip


def packets(truth: pd.DataFrame) -> list[dict]:
    """A packet of each object: its last epoch, and those before."""
    mag, magerr = magnitudes(truth)
    made = []
    for object_id, part in truth.groupby("object_id", sort=False):
        epochs = [
            {
                "jd": row["mjd"] + 2400000.5, "fid": FID[row["band"]], "magpsf": mag[i],
                "sigmapsf": magerr[i], "isdiffpos": "t", "diffmaglim": 20.5,
                "rb": 0.3 if row["flagged"] else 0.9, "nbad": 0, "ra": row["ra"], "dec": row["dec"],
            }
            for i, row in part.iterrows()
        ]  # fmt: skip
        made.append({"objectId": object_id, "candidate": epochs[-1], "prv_candidates": epochs[:-1]})
    return made


def alert(folder: Path, truth: pd.DataFrame) -> Path:
    epoch = record("candidate", {k: "double" if k in ("magpsf", "sigmapsf") else v
                                  for k, v in _EPOCH.items()})  # fmt: skip
    schema = record(
        "alert",
        {
            "objectId": "string",
            "candidate": epoch,
            "prv_candidates": ["null", {"type": "array", "items": "candidate"}],
        },
    )
    return write_avro(packets(truth), schema, folder / "alerts.avro")


def fink(folder: Path, truth: pd.DataFrame) -> Path:
    return write_parquet(pa.Table.from_pylist(packets(truth)), folder / "science.parquet")
