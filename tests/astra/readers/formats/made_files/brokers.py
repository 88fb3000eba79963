"""What brokers give of the alerts of ZTF: ALeRCE, Fink's portal, Lasair and ANTARES."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from made_files.containers import write_csv, write_parquet
from made_files.truth import FID, magnitudes, table
from made_files.ztf_alerts import packets


def _alerce(truth: pd.DataFrame, corrected: bool) -> pd.DataFrame:
    mag, magerr = magnitudes(truth)
    return table(
        truth, oid=truth["object_id"], mjd=truth["mjd"], fid=truth["band"].map(FID),
        isdiffpos=1, magpsf=19.9 if corrected else mag, sigmapsf=0.3 if corrected else magerr,
        magpsf_corr=mag if corrected else 100.0, sigmapsf_corr=100.0,
        sigmapsf_corr_ext=magerr, corrected=corrected, dubious=False,
        ra=truth["ra"], dec=truth["dec"], diffmaglim=20.1,
    )  # fmt: skip


def alerce_csv(folder: Path, truth: pd.DataFrame) -> Path:
    return write_csv(_alerce(truth, True), folder / "detections.csv")


def alerce_parquet(folder: Path, truth: pd.DataFrame) -> Path:
    return write_parquet(_alerce(truth, False), folder / "detections.parquet")


def alerce_json(folder: Path, truth: pd.DataFrame) -> Path:
    path = folder / "ZTF18aaaaaaa.json"
    detections = json.loads(_alerce(truth, False).drop(columns="oid").to_json(
        orient="records", double_precision=15))  # fmt: skip
    path.write_text(json.dumps({"detections": detections, "non_detections": []}))
    return path


def fink_portal(folder: Path, truth: pd.DataFrame) -> Path:
    mag, magerr = magnitudes(truth)
    frame = table(
        truth, **{
            "i:objectId": truth["object_id"], "i:jd": truth["mjd"] + 2400000.5,
            "i:fid": truth["band"].map(FID), "i:magpsf": mag, "i:sigmapsf": magerr,
            "i:isdiffpos": "t", "i:ra": truth["ra"], "i:dec": truth["dec"],
            "d:tag": np.where(truth["flagged"], "badquality", "valid"),
        }
    )  # fmt: skip
    return write_csv(frame, folder / "portal.csv")


def lasair(folder: Path, truth: pd.DataFrame) -> Path:
    objects = [
        {"objectId": p["objectId"], "candidates": [
            {**epoch, "candid": 1, "jd": epoch["jd"]}
            for epoch in (*p["prv_candidates"], p["candidate"])]}
        for p in packets(truth)
    ]  # fmt: skip
    path = folder / "lasair.json"
    path.write_text(json.dumps(objects))
    return path


def antares(folder: Path, truth: pd.DataFrame) -> Path:
    mag, magerr = magnitudes(truth)
    band = truth["band"].map({"ztf_g": "g", "ztf_r": "R"})
    frame = table(truth, time=truth["mjd"], mag=mag, magerr=magerr, band=band)
    return write_csv(frame, folder / "ZTF18aaaaaaa.csv")
