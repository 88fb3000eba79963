"""Light curves: one, and many as flat columns with offsets, memory-mapped.

Thirteen bytes an observation: time as int32 ticks of 1e-5 d (0.9 s) from the store's own zero,
float32 flux and error, and a byte whose low seven bits are the band and whose high bit says
that the observation is flagged.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.data.bands import Band, band
from astra.data.catalogue import Catalogue
from astra.data.errors import StoreError
from astra.data.observations import FLAGGED, bands_and_flags, owners
from astra.data.store import COLUMNS, STORE_FORMAT, LightCurvesWriter, map_column
from astra.data.ticks import DAYS_PER_TICK, DEFAULT_MJD_ZERO, choose_mjd_zero, ticks

BAND_CODE = np.uint8(0x7F)


@dataclass(frozen=True, slots=True)
class LightCurve:
    """The observations of one object, sorted by time.

    Attributes
    ----------
    mjd : float64 [observations], days
    flux, flux_error : float32 [observations], microjansky (AB)
    band : uint8 [observations]
        Index into ``bands``.
    flagged : bool [observations]
        True where the survey warns; drawn hollow, kept out of the encoder.
    bands : tuple of Band
    is_difference : bool
        Fluxes are differences from a reference, so they have no magnitudes.
    object_id : str
    """

    mjd: NDArray[np.float64]
    flux: NDArray[np.float32]
    flux_error: NDArray[np.float32]
    band: NDArray[np.uint8]
    flagged: NDArray[np.bool_]
    bands: tuple[Band, ...]
    is_difference: bool = False
    object_id: str = ""

    def __len__(self) -> int:
        return len(self.mjd)

    @property
    def is_limit(self) -> NDArray[np.bool_]:
        """Upper limits, bool [observations]: flagged with a flux of exactly 0."""
        return self.flagged & (self.flux == 0)

    @property
    def limit(self) -> NDArray[np.float32]:
        """Limiting flux [microjansky], five errors; NaN where the observation is no limit."""
        return np.where(self.is_limit, 5 * self.flux_error, np.nan).astype(np.float32)

    @property
    def magnitude(self) -> NDArray[np.float32]:
        """AB magnitude [mag]; NaN where the flux is not positive."""
        return magnitude(self.flux)

    @property
    def magnitude_error(self) -> NDArray[np.float32]:
        """One-sigma error of the magnitude [mag]; NaN where the flux is not positive."""
        return magnitude_error(self.flux, self.flux_error)


def magnitude(flux: NDArray[np.floating]) -> NDArray[np.float32]:
    """AB magnitude [mag] of a flux [microjansky]: 23.9 - 2.5 log10 f; NaN where f <= 0."""
    positive = np.where(flux > 0, flux, np.nan).astype(np.float64)
    return (23.9 - 2.5 * np.log10(positive)).astype(np.float32)


def magnitude_error(
    flux: NDArray[np.floating], flux_error: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Error of the magnitude [mag], first order: 1.0857 sigma_f / f; NaN where f <= 0."""
    positive = np.where(flux > 0, flux, np.nan).astype(np.float64)
    return (2.5 / np.log(10) * flux_error / positive).astype(np.float32)


@dataclass(frozen=True, eq=False)
class LightCurves:
    """The light curves of many objects, as flat columns with offsets.

    Object ``i`` owns the observations ``offsets[i]:offsets[i + 1]``, sorted by time.

    Attributes
    ----------
    time : int32 [observations]
        Ticks of 1e-5 d since ``mjd_zero``.
    flux, flux_error : float32 [observations], microjansky (AB)
    band_and_flag : uint8 [observations]
        Band index in the low seven bits, flag in the high bit.
    offsets : int64 [objects + 1]
    is_difference : bool [objects]
    bands : tuple of Band
    mjd_zero : float, days
    columns : mapping of name to array [objects]
        Numbers per object that travel with the light curves, such as the period search.
    catalogue : Catalogue or None
    """

    time: NDArray[np.int32]
    flux: NDArray[np.float32]
    flux_error: NDArray[np.float32]
    band_and_flag: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    is_difference: NDArray[np.bool_]
    bands: tuple[Band, ...]
    mjd_zero: float = DEFAULT_MJD_ZERO
    columns: Mapping[str, NDArray] = field(default_factory=dict)
    catalogue: Catalogue | None = None

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Map a folder of light curves into memory; nothing is read but its description.

        Raises
        ------
        StoreError
            The folder is missing, of another format, or a column has the wrong size.
        """
        folder = Path(folder)
        try:
            description = json.loads((folder / "light_curves.json").read_text())
            found = description["format"]
            rows = {"object": description["objects"], "observation": description["observations"]}
            names, mjd_zero = description["bands"], description["mjd_zero"]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise StoreError(f"{folder}: no light curves here ({error!r})") from error
        if found != STORE_FORMAT:
            raise StoreError(
                f"{folder}: format {found!r}, expected {STORE_FORMAT}; import the survey again"
            )
        arrays: dict[str, Any] = {
            name: map_column(folder, column, rows) for name, column in COLUMNS.items()
        }
        return cls(**arrays, bands=tuple(band(name) for name in names), mjd_zero=mjd_zero)

    @classmethod
    def from_tables(cls, objects: pd.DataFrame, observations: pd.DataFrame) -> Self:
        """Build light curves from the canonical pair of tables.

        Parameters
        ----------
        objects : DataFrame
            One row per object, at least ``object_id``; ``flux_kind`` is ``total`` (the default)
            or ``difference``. Light curves keep this order.
        observations : DataFrame
            ``object_id``, ``mjd`` [d], ``band``, ``flux_ujy``, ``flux_err_ujy`` [microjansky] and
            optionally ``flagged``; any order. Assumed valid: readers validate.

        Raises
        ------
        UnknownBandError
            A band that no known survey uses.
        StoreError
            An observation of an object that is not in ``objects``, or times that span more than
            the 117 years that the store can hold.
        """
        owner = owners(objects, observations)
        counts = np.bincount(owner, minlength=len(objects))
        mjd = observations["mjd"].to_numpy(np.float64)
        order = np.lexsort((mjd, owner))
        mjd_zero = choose_mjd_zero(mjd)
        band_and_flag, names = bands_and_flags(observations)
        is_difference = np.zeros(len(objects), bool)
        if "flux_kind" in objects:
            is_difference = (objects["flux_kind"] == "difference").to_numpy(bool)
        return cls(
            time=ticks(mjd[order], mjd_zero),
            flux=observations["flux_ujy"].to_numpy(np.float32)[order],
            flux_error=observations["flux_err_ujy"].to_numpy(np.float32)[order],
            band_and_flag=band_and_flag[order],
            offsets=np.concatenate([[0], counts.cumsum()]).astype(np.int64),
            is_difference=is_difference,
            bands=tuple(band(name) for name in names),
            mjd_zero=mjd_zero,
            catalogue=Catalogue(objects.reset_index(drop=True)),
        )

    def save(self, folder: Path | str) -> None:
        """Write the columns to a new folder (``catalogue`` and ``columns`` are not written)."""
        with LightCurvesWriter(Path(folder), self.bands, self.mjd_zero) as writer:
            writer.append(self)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __iter__(self) -> Iterator[LightCurve]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> LightCurve:
        """Light curve of one object; reads only its own observations."""
        if not -len(self) <= row < len(self):
            raise IndexError(f"row {row} of {len(self)} light curves")
        row = row % len(self)
        span = slice(self.offsets[row], self.offsets[row + 1])
        coded = np.asarray(self.band_and_flag[span])
        return LightCurve(
            mjd=self.mjd_zero + DAYS_PER_TICK * self.time[span].astype(np.float64),
            flux=np.asarray(self.flux[span]),
            flux_error=np.asarray(self.flux_error[span]),
            band=coded & BAND_CODE,
            flagged=coded >= FLAGGED,
            bands=self.bands,
            is_difference=bool(self.is_difference[row]),
            object_id="" if self.catalogue is None else self.catalogue.object_id(row),
        )

    @property
    def n_observations(self) -> int:
        """Observations of all objects together."""
        return int(self.offsets[-1])

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Observations of each object, int64 [objects]."""
        return np.diff(self.offsets)

    @property
    def band(self) -> NDArray[np.uint8]:
        """Band index of each observation, uint8 [observations]."""
        return self.band_and_flag & BAND_CODE

    @property
    def flagged(self) -> NDArray[np.bool_]:
        """Whether the survey warns of each observation, bool [observations]."""
        return self.band_and_flag >= FLAGGED

    def days(self, zero: float | None = None) -> NDArray[np.float64]:
        """Time of each observation in days since ``zero`` [MJD] (default: ``mjd_zero``)."""
        shift = 0.0 if zero is None else self.mjd_zero - zero
        return shift + DAYS_PER_TICK * self.time.astype(np.float64)

    def with_columns(self, **columns: NDArray) -> Self:
        """Give the same light curves with more numbers per object, arrays [objects]."""
        return self._replace(columns={**self.columns, **columns})

    def take(self, rows: NDArray[np.integer] | slice) -> Self:
        """Gather light curves into contiguous memory, in the order of ``rows``, int [objects].

        Raises
        ------
        IndexError
            There is no such row.
        """
        if isinstance(rows, slice):
            rows = np.arange(len(self))[rows]
        rows = np.asarray(rows, dtype=np.int64)
        if len(rows) and (rows.min() < 0 or rows.max() >= len(self)):
            raise IndexError(f"rows from {rows.min()} to {rows.max()} of {len(self)} light curves")
        starts = self.offsets[rows]
        lengths = self.offsets[rows + 1] - starts
        offsets = np.concatenate([[0], lengths.cumsum()]).astype(np.int64)
        contiguous = len(rows) > 0 and bool(np.all(np.diff(rows) == 1))
        where = (
            slice(starts[0], starts[0] + offsets[-1])
            if contiguous
            else np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])
        )
        return self._replace(
            time=np.asarray(self.time[where]),
            flux=np.asarray(self.flux[where]),
            flux_error=np.asarray(self.flux_error[where]),
            band_and_flag=np.asarray(self.band_and_flag[where]),
            offsets=offsets,
            is_difference=np.asarray(self.is_difference[rows]),
            columns={name: values[rows] for name, values in self.columns.items()},
            catalogue=None if self.catalogue is None else self.catalogue.take(rows),
        )

    def keep(self, kept: NDArray[np.bool_]) -> Self:
        """Give the observations where ``kept``, bool [observations], is true; none is moved.

        Light curves may end up empty. ``columns`` stay, whatever they were computed from.
        """
        counted = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
        return self._replace(
            time=self.time[kept],
            flux=self.flux[kept],
            flux_error=self.flux_error[kept],
            band_and_flag=self.band_and_flag[kept],
            offsets=counted[self.offsets],
        )

    def _replace(self, **changes: object) -> Self:
        return type(self)(**{**self.__dict__, **changes})
