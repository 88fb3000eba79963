"""Binary tables of FITS files (FITS 4.0), their sizes and checksums checked first."""

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from astra.data.errors import RejectedFileError
from astra.readers.columns import Columns, columns_of

_SCALARS = "biufSU"


def read_fits(path: Path, content: bytes) -> list[Columns]:
    """Columns of every binary table; those with several values a row are left out.

    Raises
    ------
    RejectedFileError
        The file is damaged, breaks a checksum, announces more than it holds, or has no table.
    """
    try:
        from astropy.io import fits
    except ImportError as error:
        raise RejectedFileError(
            f"{path}: reading FITS takes astropy: pip install 'astra-observatory[formats]'"
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", "Checksum verification failed")
        warnings.filterwarnings("error", "Datasum verification failed")
        try:
            with fits.open(io.BytesIO(content), checksum=True, memmap=False) as hdus:
                above = _header(hdus[0])
                tables = [
                    _columns(path, hdu, len(content), above) for hdu in hdus if _is_table(hdu)
                ]
        except RejectedFileError:
            raise
        # astropy raises whatever a damaged card leads to.
        except Exception as error:
            raise RejectedFileError(
                f"{path}: not a whole FITS file ({type(error).__name__}: {str(error)[:120]}); "
                "copy it again"
            ) from error
    if not tables:
        raise RejectedFileError(f"{path}: no binary table in this FITS file")
    return tables


def _is_table(hdu: Any) -> bool:
    return hdu.header.get("XTENSION", "").strip() == "BINTABLE"


def _header(hdu: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in hdu.header.items() if key}


def _columns(path: Path, hdu: Any, size: int, above: dict[str, str]) -> Columns:
    width, rows = int(hdu.header["NAXIS1"]), int(hdu.header["NAXIS2"])
    if width < 0 or rows < 0 or width * rows > size:
        raise RejectedFileError(
            f"{path}: a table of {rows} rows of {width} bytes is announced, "
            f"but the file has {size} bytes; copy it again"
        )
    data = hdu.data
    # As stored, a list is a shape or a pointer; unpacked, the lists of few bytes may fill memory.
    plain = [name for i, name in enumerate(data.names) if data.dtype[i].shape == ()]
    frame = {
        name: _native(data[name])
        for name in plain
        if data[name].ndim == 1 and data[name].dtype.kind in _SCALARS
    }
    return columns_of(path, pd.DataFrame(frame), header={**above, **_header(hdu)})


def _native(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind == "S":
        return np.array([v.decode("latin-1").strip("\x00 ") for v in values], object)
    if values.dtype.kind == "U":
        return np.array([str(v).strip("\x00 ") for v in values], object)
    return np.asarray(values).astype(values.dtype.newbyteorder("="))
