"""The catalogue: one row per object, looked up by id, by place on the sky, by class."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.data.errors import StoreError

REQUIRED = ("object_id",)


class Catalogue:
    """One row per object.

    Parameters
    ----------
    table : DataFrame
        ``object_id`` (str, unique) and any other columns; ``ra`` and ``dec`` [deg], ``label``
        (the catalogue's own class), ``astra_class`` (broad class), ``period_days`` [d] have a
        meaning to Astra. Row ``i`` belongs to light curve ``i``.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        missing = [name for name in REQUIRED if name not in table]
        if missing:
            raise StoreError(f"catalogue without column {', '.join(missing)}")
        self.table = table

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Read a catalogue written by :meth:`save`.

        Raises
        ------
        StoreError
            There is none, or it cannot be read.
        """
        try:
            return cls(pd.read_parquet(path))
        except (OSError, ValueError) as error:
            raise StoreError(f"{path}: no catalogue here ({error})") from error

    def save(self, path: Path | str) -> None:
        """Write the table as Parquet, with page checksums."""
        self.table.to_parquet(path, index=False, write_page_checksum=True)

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, column: str) -> pd.Series:
        return cast(pd.Series, self.table[column])

    def __contains__(self, column: str) -> bool:
        return column in self.table

    def object_id(self, row: int) -> str:
        """Id of the object in a row."""
        return str(self.table["object_id"].iat[row])

    @cached_property
    def _index(self) -> pd.Index:
        return pd.Index(self.table["object_id"].astype(str))

    def row_of(self, object_id: str) -> int:
        """Row of an object.

        Raises
        ------
        KeyError
            No such object.
        """
        row = self._index.get_indexer([object_id])[0]
        if row < 0:
            raise KeyError(object_id)
        return int(row)

    def rows_of(self, object_ids: Sequence[str]) -> NDArray[np.int64]:
        """Rows of many objects, int64 [ids]; -1 for ids that are not here."""
        return self._index.get_indexer(pd.Index(object_ids)).astype(np.int64)

    def cone(self, ra: float, dec: float, radius: float) -> NDArray[np.int64]:
        """Rows within ``radius`` of a position (all [deg]), int64 [found], nearest first."""
        separation = separation_deg(
            ra, dec, self.table["ra"].to_numpy(float), self.table["dec"].to_numpy(float)
        )
        rows = np.flatnonzero(separation <= radius)
        return rows[np.argsort(separation[rows])]

    def take(self, rows: NDArray[np.integer]) -> Self:
        """Give the catalogue of some rows, int [rows], in their order."""
        return type(self)(self.table.iloc[rows].reset_index(drop=True))


def separation_deg(
    ra: float, dec: float, other_ra: NDArray[np.float64], other_dec: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Angle on the sky [deg] between one position and many (haversine formula; all in deg)."""
    ra1, dec1, ra2, dec2 = (
        np.radians(ra),
        np.radians(dec),
        np.radians(other_ra),
        np.radians(other_dec),
    )
    half = (
        np.sin((dec2 - dec1) / 2) ** 2 + np.cos(dec1) * np.cos(dec2) * np.sin((ra2 - ra1) / 2) ** 2
    )
    return np.degrees(2 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def sky_cell(
    ra: NDArray[np.float64], dec: NDArray[np.float64], size: float = 2.0
) -> NDArray[np.int64]:
    """Number of the sky cell of each position, int64 [objects]; positions and size in deg.

    Bands of declination ``size`` high, each cut into cells about ``size`` wide, so that cells have
    nearly equal areas. Objects without a position get a cell of their own each, so that a split
    by cell never puts two of them together by accident.
    """
    known = np.isfinite(ra) & np.isfinite(dec)
    row = np.floor((np.where(known, dec, 0) + 90) / size).astype(np.int64)
    width = np.cos(np.radians((row + 0.5) * size - 90))
    columns = np.maximum(1, np.round(360 / size * width)).astype(np.int64)
    column = np.floor(np.where(known, ra, 0) % 360 / 360 * columns).astype(np.int64)
    cell = row * 1_000_000 + column
    return np.where(known, cell, -1 - np.arange(len(cell)))
