"""The columns of a light-curve store on disk, and the writer that streams them."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from astra.data.bands import Band
from astra.data.errors import StoreError

if TYPE_CHECKING:
    from astra.data.light_curves import LightCurves

STORE_FORMAT = "astra-light-curves-1"


@dataclass(frozen=True, slots=True)
class Column:
    """One flat file: its name, its type, and what it has a value for."""

    file: str
    dtype: str
    per: str
    extra: int = 0


COLUMNS: dict[str, Column] = {
    "time": Column("time.i4", "<i4", "observation"),
    "flux": Column("flux.f4", "<f4", "observation"),
    "flux_error": Column("flux_error.f4", "<f4", "observation"),
    "band_and_flag": Column("band.u1", "|u1", "observation"),
    "offsets": Column("offsets.i8", "<i8", "object", extra=1),
    "is_difference": Column("difference.u1", "|b1", "object"),
}


def map_column(folder: Path, column: Column, rows: Mapping[str, int]) -> NDArray:
    """Map one column read-only, [rows of its kind + ``column.extra``].

    Raises
    ------
    StoreError
        The file is missing or its size is not that of the stated number of rows.
    """
    path = folder / column.file
    dtype = np.dtype(column.dtype)
    expected = (rows[column.per] + column.extra) * dtype.itemsize
    if not path.exists():
        raise StoreError(f"{path}: missing; import the survey again")
    if path.stat().st_size != expected:
        raise StoreError(
            f"{path}: {path.stat().st_size} bytes, expected {expected}; import the survey again"
        )
    if expected == 0:
        return np.empty(0, dtype)
    return np.memmap(path, dtype=dtype, mode="r")


class LightCurvesWriter:
    """Streams light curves into a new folder, chunk by chunk, in bounded memory.

    The description, without which no reader sees the folder, is written when the writer is closed
    without an error. ``fingerprint`` is then the SHA-256 of all columns.
    """

    def __init__(self, folder: Path, bands: tuple[Band, ...], mjd_zero: float) -> None:
        folder.mkdir(parents=True, exist_ok=False)
        self.folder = folder
        self.bands = bands
        self.mjd_zero = mjd_zero
        self.objects = 0
        self.observations = 0
        self.fingerprint = ""
        self._files = {name: (folder / c.file).open("wb") for name, c in COLUMNS.items()}
        self._hashes = {name: hashlib.sha256() for name in COLUMNS}
        self._write("offsets", np.zeros(1, "<i8"))

    def append(self, light_curves: "LightCurves") -> None:
        """Add light curves; their bands and time zero must be the writer's.

        Raises
        ------
        StoreError
            They are not.
        """
        if light_curves.bands != self.bands or light_curves.mjd_zero != self.mjd_zero:
            raise StoreError(f"{self.folder}: a chunk has other bands or another time zero")
        for name, column in COLUMNS.items():
            if column.per == "observation":
                self._write(name, getattr(light_curves, name))
        self._write("is_difference", light_curves.is_difference)
        self._write("offsets", light_curves.offsets[1:] + self.observations)
        self.objects += len(light_curves)
        self.observations += light_curves.n_observations

    def close(self) -> None:
        """Make the columns durable, then write the description that makes them visible."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
            file.close()
        digests = {name: digest.hexdigest() for name, digest in self._hashes.items()}
        self.fingerprint = hashlib.sha256("".join(digests.values()).encode()).hexdigest()
        description = {
            "format": STORE_FORMAT,
            "objects": self.objects,
            "observations": self.observations,
            "bands": [band.name for band in self.bands],
            "mjd_zero": self.mjd_zero,
            "sha256": digests,
            "fingerprint": self.fingerprint,
        }
        path = self.folder / "light_curves.json"
        path.write_text(json.dumps(description, indent=1))

    def _write(self, name: str, values: NDArray) -> None:
        data = np.ascontiguousarray(values, dtype=COLUMNS[name].dtype).tobytes()
        self._hashes[name].update(data)
        self._files[name].write(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
            return
        for file in self._files.values():
            file.close()
