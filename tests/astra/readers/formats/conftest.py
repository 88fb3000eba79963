"""Small files of every format, written from light curves in microjansky by its inverse."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import fastavro
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.table import Table

FID = {"ztf_g": 1, "ztf_r": 2}
POSITIONS = {"ZTF18aaaaaaa": (10.5, -5.25), "ZTF18bbbbbbb": (200.125, 40.5)}


@dataclass(frozen=True)
class Made:
    """How a format is written, and what of the truth it can hold.

    Attributes
    ----------
    write : callable
        Folder and truth to the file that is read.
    difference : bool
    one : bool
        A file holds the first object only, and names it ``name``.
    bands : mapping of the truth's bands to those that the format gives
    flags : bool
        The truth's flags are written.
    name : str
        Id of the one object; None for the truth's.
    options : dict
        For ``read``.
    """

    write: Callable[[Path, pd.DataFrame], Path]
    difference: bool
    one: bool = False
    bands: dict[str, str] = field(default_factory=dict)
    flags: bool = False
    name: str | None = None
    options: dict = field(default_factory=dict)


def truth_of(seed: int = 0, count: int = 24) -> pd.DataFrame:
    """Two objects of ZTF, sorted by time, one epoch at a time."""
    rng = np.random.default_rng(seed)
    parts = []
    for object_id, (ra, dec) in POSITIONS.items():
        mjd = 58_300 + np.sort(rng.uniform(0, 900, count)).round(4)
        flux = rng.uniform(80, 400, count)
        parts.append(
            pd.DataFrame(
                {
                    "object_id": object_id,
                    "ra": ra,
                    "dec": dec,
                    "mjd": mjd,
                    "band": rng.choice(list(FID), count),
                    "flux": flux,
                    "error": flux * rng.uniform(0.01, 0.08, count),
                    "flagged": rng.random(count) < 0.2,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def first(truth: pd.DataFrame) -> pd.DataFrame:
    return truth[truth["object_id"] == truth["object_id"].iloc[0]].reset_index(drop=True)


def magnitudes(truth: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """AB magnitudes and errors of fluxes in microjansky, by the definition in jansky."""
    magnitude = -2.5 * np.log10(truth["flux"] / 3631e6)
    # 3631 Jy is 8.90 to five parts in 1e5; the formats say 23.9.
    magnitude += 23.9 - 2.5 * np.log10(3631e6)
    return magnitude, 2.5 / np.log(10) * truth["error"] / truth["flux"]


def table(truth: pd.DataFrame, **columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns, index=truth.index)


def write_csv(frame: pd.DataFrame, path: Path, sep: str = ",") -> Path:
    frame.to_csv(path, index=False, sep=sep)
    return path


def write_parquet(frame: pd.DataFrame | pa.Table, path: Path) -> Path:
    if isinstance(frame, pd.DataFrame):
        frame = pa.Table.from_pandas(frame, preserve_index=False)
    pq.write_table(frame, path, write_page_checksum=True)
    return path


def write_votable(frame: pd.DataFrame, path: Path, unit: dict[str, str] | None = None) -> Path:
    """Plain VOTable 1.4, as archives write them."""
    kinds = {"i": "long", "f": "double", "b": "boolean"}
    fields, rows = [], []
    for name in frame:
        kind = kinds.get(frame[name].to_numpy().dtype.kind)
        type_ = f'datatype="{kind}"' if kind else 'datatype="char" arraysize="*"'
        said = f' unit="{unit[name]}"' if unit and name in unit else ""
        fields.append(f'<FIELD name="{name}" {type_}{said}/>')
    for row in frame.itertuples(index=False):
        cells = "".join(f"<TD>{value!r}</TD>" if isinstance(value, float) else f"<TD>{value}</TD>"
                        for value in row)  # fmt: skip
        rows.append(f"<TR>{cells}</TR>")
    path.write_text(
        '<?xml version="1.0"?><VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
        f"<RESOURCE><TABLE>{''.join(fields)}<DATA><TABLEDATA>{''.join(rows)}</TABLEDATA></DATA>"
        "</TABLE></RESOURCE></VOTABLE>"
    )
    return path


def irsa(folder: Path, truth: pd.DataFrame) -> Path:
    mag, magerr = magnitudes(truth)
    oid = truth["object_id"].map({"ZTF18aaaaaaa": 1234567890123456789, "ZTF18bbbbbbb": 7})
    frame = table(
        truth, oid=oid, hjd=truth["mjd"] + 2400000.5, mjd=truth["mjd"] - 0.003, mag=mag,
        magerr=magerr, catflags=np.where(truth["flagged"], 32768 + 2, 2),
        filtercode=truth["band"].str.replace("ztf_", "z"), ra=truth["ra"], dec=truth["dec"],
    )  # fmt: skip
    return write_csv(frame, folder / "lc.csv")


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


_EPOCH = {
    "jd": "double", "fid": "int", "magpsf": ["null", "float"], "sigmapsf": ["null", "float"],
    "isdiffpos": ["null", "string"], "diffmaglim": ["null", "float"], "rb": ["null", "float"],
    "nbad": ["null", "int"], "ra": ["null", "double"], "dec": ["null", "double"],
}  # fmt: skip


def _record(name: str, fields: dict) -> dict:
    listed = [{"name": key, "type": kind} for key, kind in fields.items()]
    return {"type": "record", "name": name, "fields": listed}


def _packets(truth: pd.DataFrame) -> list[dict]:
    mag, magerr = magnitudes(truth)
    packets = []
    for object_id, part in truth.groupby("object_id", sort=False):
        epochs = [
            {
                "jd": row["mjd"] + 2400000.5, "fid": FID[row["band"]], "magpsf": mag[i],
                "sigmapsf": magerr[i], "isdiffpos": "t", "diffmaglim": 20.5,
                "rb": 0.3 if row["flagged"] else 0.9, "nbad": 0, "ra": row["ra"], "dec": row["dec"],
            }
            for i, row in part.iterrows()
        ]  # fmt: skip
        packets.append(
            {"objectId": object_id, "candidate": epochs[-1], "prv_candidates": epochs[:-1]}
        )
    return packets


def alert(folder: Path, truth: pd.DataFrame, codec: str = "null") -> Path:
    epoch = _record("candidate", {k: "double" if k in ("magpsf", "sigmapsf") else v
                                  for k, v in _EPOCH.items()})  # fmt: skip
    schema = _record(
        "alert",
        {
            "objectId": "string",
            "candidate": epoch,
            "prv_candidates": ["null", {"type": "array", "items": "candidate"}],
        },
    )
    path = folder / "alerts.avro"
    with path.open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(schema), _packets(truth), codec=codec)
    return path


def fink(folder: Path, truth: pd.DataFrame) -> Path:
    return write_parquet(pa.Table.from_pylist(_packets(truth)), folder / "science.parquet")


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


def atlas(folder: Path, truth: pd.DataFrame) -> Path:
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


def atlas_stacked(folder: Path, truth: pd.DataFrame) -> Path:
    band = truth["band"].map({"ztf_g": "c", "ztf_r": "o"})
    frame = table(truth, MJD=truth["mjd"], uJy=truth["flux"], duJy=truth["error"], F=band, n=3)
    path = folder / "stacked.txt"
    path.write_text("# MJD (average)\n# uJy\n" + frame.to_csv(index=False))
    return path


def atlas_alert(folder: Path, truth: pd.DataFrame) -> Path:
    kinds = {"mjd": "double", "filter": "string", "isdiffpos": "string", "RA": "double",
             "Dec": "double", "Mag": "double", "flux": "double", "Dflux": "double"}  # fmt: skip
    schema = _record("alert", {"objectId": "string", "candidate": _record("candidate", kinds)})
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
    path = folder / "atlas.avro"
    with path.open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(schema), packets, codec="deflate")
    return path


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


_RUBIN = _record("lsst.alert", {
    "diaSourceId": "long",
    "diaSource": _record("src", {
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


def antares(folder: Path, truth: pd.DataFrame) -> Path:
    mag, magerr = magnitudes(truth)
    band = truth["band"].map({"ztf_g": "g", "ztf_r": "R"})
    frame = table(truth, time=truth["mjd"], mag=mag, magerr=magerr, band=band)
    return write_csv(frame, folder / "ZTF18aaaaaaa.csv")


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


def lasair(folder: Path, truth: pd.DataFrame) -> Path:
    objects = [
        {"objectId": p["objectId"], "candidates": [
            {**epoch, "candid": 1, "jd": epoch["jd"]}
            for epoch in (*p["prv_candidates"], p["candidate"])]}
        for p in _packets(truth)
    ]  # fmt: skip
    path = folder / "lasair.json"
    path.write_text(json.dumps(objects))
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


def plasticc(folder: Path, truth: pd.DataFrame) -> Path:
    frame = table(
        truth, object_id=truth["object_id"], mjd=truth["mjd"],
        passband=truth["band"].map({"ztf_g": 1, "ztf_r": 2}), flux=truth["flux"] * FLUXCAL,
        flux_err=truth["error"] * FLUXCAL, detected=1,
    )  # fmt: skip
    return write_csv(frame, folder / "plasticc.csv")


def zubercal(folder: Path, truth: pd.DataFrame) -> Path:
    mag, magerr = magnitudes(truth)
    ids = truth["object_id"].map({"ZTF18aaaaaaa": 2**61 + 1, "ZTF18bbbbbbb": 5})
    frame = table(
        truth, objectid=ids, objra=truth["ra"], objdec=truth["dec"], mjd=truth["mjd"],
        band=truth["band"].str[-1], mag=mag, magerr=(1e4 * magerr).round().astype("int32"),
    )  # fmt: skip
    return write_parquet(frame, folder / "Npix=5.parquet")


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


def irsa_ipac(folder: Path, truth: pd.DataFrame) -> Path:
    content = Table.from_pandas(pd.read_csv(irsa(folder, truth)))
    path = folder / "lc.tbl"
    content.write(path, format="ascii.ipac", overwrite=True)
    return path


def irsa_votable(folder: Path, truth: pd.DataFrame) -> Path:
    frame = pd.read_csv(irsa(folder, truth))
    (folder / "lc.csv").unlink()
    return write_votable(frame, folder / "lc.xml")


def plain_fits(folder: Path, truth: pd.DataFrame) -> Path:
    frame = pd.read_parquet(plain_parquet(folder, truth)).rename(columns={"flux": "flux_njy"})
    path = folder / "mine.fits"
    fits.table_to_hdu(Table.from_pandas(frame)).writeto(path, checksum=True)
    (folder / "mine.parquet").unlink()
    return path


ATLAS = {"ztf_g": "atlas_c", "ztf_r": "atlas_o"}
LSST = {"ztf_g": "lsst_g", "ztf_r": "lsst_r"}
DES = {"ztf_g": "des_g", "ztf_r": "des_r"}

MADE: dict[str, Made] = {
    "IRSA ZTF light curves": Made(irsa, False, flags=True),
    "ZTF release Parquet, bulk": Made(bulk, False, flags=True),
    "ZTF release Parquet, HATS": Made(hats, False, flags=True),
    "ZTF forced photometry": Made(forced_text, True, one=True, flags=True, name="ZTF18aaaaaaa"),
    "ZTF alert": Made(alert, True, flags=True),
    "Fink Parquet": Made(fink, True, flags=True),
    "Fink portal table": Made(fink_portal, True, flags=True),
    "ATLAS forced photometry": Made(atlas, True, one=True, bands=ATLAS, flags=True, name="job1"),
    "ATLAS forced photometry, stacked": Made(
        atlas_stacked, True, one=True, bands=ATLAS, name="stacked"
    ),
    "ATLAS alert": Made(atlas_alert, True, bands=ATLAS),
    "ALeRCE table, total": Made(alerce_csv, False),
    "ALeRCE table, difference": Made(alerce_parquet, True),
    "ALeRCE JSON": Made(alerce_json, True, one=True, name="ZTF18aaaaaaa"),
    "Rubin table": Made(rubin_csv, True, bands=LSST, flags=True),
    "Rubin HATS": Made(rubin_hats, True, bands=LSST, flags=True),
    "Rubin alert": Made(
        rubin_packet, True, one=True, bands=LSST, flags=True, name=str(2**62 + 1),
        options={"schema": "lsst.avsc"},
    ),
    "SNANA text": Made(snana_text, True, one=True, bands=DES, flags=True, name="2020add"),
    "SNANA FITS": Made(snana_fits, True, bands=DES, flags=True),
    "Open Supernova Catalog": Made(osc, False, one=True, name="SN2020x"),
    "sncosmo table": Made(sncosmo, True, one=True, name="ZTF18aaaaaaa"),
    "SkyPortal table": Made(skyportal, True, one=True, name="14gqr"),
    "ANTARES table": Made(antares, True, one=True, name="ZTF18aaaaaaa"),
    "BHTOM table": Made(bhtom, False, one=True, name="AT2017eqx"),
    "manyTDE": Made(manytde, True, one=True, name="AT2018hyz"),
    "SLSNe table": Made(slsne, True, one=True, flags=True, name="2018hti"),
    "MultimodalUniverse": Made(multimodal, True, bands=LSST),
    "Lasair JSON": Made(lasair, True, flags=True),
    "Lasair JSON, LSST": Made(lasair_lsst, True, one=True, bands=LSST, name=str(2**62 + 1)),
    "PLAsTiCC table": Made(plasticc, True, bands=LSST),
    "Zubercal": Made(zubercal, False),
    "plain table, CSV": Made(plain_csv, False, flags=True),
    "plain table, Parquet": Made(plain_parquet, False),
    "plain table, VOTable": Made(plain_votable, False),
    "plain table, FITS": Made(plain_fits, False),
    "IRSA ZTF light curves, IPAC": Made(irsa_ipac, False, flags=True),
    "IRSA ZTF light curves, VOTable": Made(irsa_votable, False, flags=True),
}  # fmt: skip


@pytest.fixture(params=list(MADE))
def named(request: pytest.FixtureRequest) -> str:
    """Name of each format in turn."""
    return request.param


@pytest.fixture
def made(named: str) -> Made:
    """How each format in turn is written."""
    return MADE[named]


@pytest.fixture
def truth() -> pd.DataFrame:
    """Two light curves in microjansky."""
    return truth_of()


@pytest.fixture
def every_format() -> dict[str, Made]:
    """How each format is written, by name."""
    return MADE


@pytest.fixture
def make_truth() -> Callable[..., pd.DataFrame]:
    """Makes two light curves of a seed and a length."""
    return truth_of
