"""A light curve that somebody pastes or uploads: checked by the readers like any survey."""

import io
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from app.words import counted
from astra.data.errors import AstraError, RejectedFileError
from astra.data.light_curves import LightCurve
from astra.readers import read
from astra.readers.parquet import ParquetTable
from astra.readers.quarantine import Quarantine

MOST_BYTES = 8 << 20
NAME = "pasted"
EXAMPLE = "mjd,band,flux_ujy,flux_err_ujy\n58001.2134,ztf_g,153.2,4.1\n58003.1876,ztf_r,171.0,3.9"
_NEEDED = ("mjd", "band", "flux_ujy", "flux_err_ujy")
_KEPT = (*_NEEDED, "flagged")
_PARQUET = b"PAR1"
_PER_MAGNITUDE = 2.5 / np.log(10)


class Pasted(NamedTuple):
    """A light curve, and what was not taken of it, in words."""

    light_curve: LightCurve
    remark: str


class PastedError(AstraError):
    """What was pasted is no light curve."""


def light_curve_of(content: str | bytes, difference: bool = False) -> Pasted:
    """Read one light curve from text (comma, semicolon, tab or blanks between) or from Parquet.

    Parameters
    ----------
    content : str or bytes
        Columns ``mjd``, ``band`` (such as ztf_g), ``flux_ujy``, ``flux_err_ujy`` [microjansky] or
        in their place ``mag``, ``mag_err`` (AB); ``flagged`` may be there; an ``object_id`` too,
        but only one.
    difference : bool
        The fluxes are differences.

    Raises
    ------
    AstraError
        There is no light curve in it; the message says what is wrong.
    """
    data = content.encode() if isinstance(content, str) else content
    if len(data) > MOST_BYTES:
        raise PastedError(f"{len(data)} bytes: {MOST_BYTES} are the most for one light curve")
    if not data.strip():
        raise PastedError(f"nothing pasted; a light curve has columns {', '.join(_NEEDED)}")
    with tempfile.TemporaryDirectory() as folder:
        try:
            table = _from_parquet(data, Path(folder)) if data[:4] == _PARQUET else _from_text(data)
            return _checked(table, Path(folder), difference)
        except RejectedFileError as error:
            raise PastedError(str(error).replace(f"{folder}/", "")) from error


def _from_text(data: bytes) -> pd.DataFrame:
    text = data.decode(errors="replace").lstrip("\ufeff")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    between = next((sign for sign in ",;\t" if lines and sign in lines[0]), r"\s+")
    try:
        return pd.read_csv(
            io.StringIO("\n".join(lines)), sep=between, dtype={"object_id": str, "band": str}
        )
    except (ValueError, pd.errors.ParserError) as error:
        raise PastedError(f"this is no table: {error}") from error


def _from_parquet(data: bytes, folder: Path) -> pd.DataFrame:
    path = folder / "uploaded.parquet"
    path.write_bytes(data)
    table = ParquetTable(path)
    names = [name for name in table.schema.names if name in (*_KEPT, "mag", "mag_err", "object_id")]
    table.check_size(names, 16 * MOST_BYTES)
    table.check_texts(names, 16 * MOST_BYTES)
    parts = [chunk.table.to_pandas() for chunk in table.chunks(names)]
    frame = pd.concat(parts, ignore_index=True)
    texts = [name for name in ("band", "object_id") if name in frame]
    return frame.astype(dict.fromkeys(texts, str))


def _checked(table: pd.DataFrame, folder: Path, difference: bool) -> Pasted:
    table = _with_fluxes(table.rename(columns=lambda name: str(name).strip().lower()))
    missing = [name for name in _NEEDED if name not in table]
    if missing:
        found = ", ".join(str(name)[:32] for name in list(table)[:12]) or "none"
        raise PastedError(f"column {', '.join(missing)} is missing; the columns are {found}")
    ids = set(table["object_id"]) if "object_id" in table else set()
    if len(ids) > 1:
        raise PastedError(f"{len(ids)} objects: paste one light curve")
    observations = table[[name for name in _KEPT if name in table]].assign(object_id=NAME)
    kind = "difference" if difference else "total"
    objects = pd.DataFrame({"object_id": [NAME], "flux_kind": [kind], "ra": [0.0], "dec": [0.0]})
    pair = folder / f"{NAME}_objects.parquet", folder / f"{NAME}_observations.parquet"
    objects.to_parquet(pair[0])
    observations.to_parquet(pair[1])
    refused = Quarantine()
    light_curve = read(pair, refused)[0]
    return Pasted(light_curve, _remark(refused))


def _with_fluxes(table: pd.DataFrame) -> pd.DataFrame:
    if "flux_ujy" in table or not {"mag", "mag_err"} <= set(table):
        return table
    magnitude, error = (
        np.asarray(pd.to_numeric(table[name], errors="coerce"), np.float64)
        for name in ("mag", "mag_err")
    )
    flux = 10 ** ((23.9 - magnitude) / 2.5)
    return table.assign(flux_ujy=flux, flux_err_ujy=flux * error / _PER_MAGNITUDE)


def _remark(refused: Quarantine) -> str:
    if not refused.observations:
        return ""
    first = next(iter(refused))
    return (
        f"{counted(refused.observations, 'observation')} refused, the first in row {first.row}: "
        f"{first.column} {first.value} ({first.says})"
    )
