"""A survey that grows: tonight's observations and objects beside those that are there.

Objects keep their rows and new ones come after them, so that what a run says of a row stays true.
Every object carries the revision in which it changed last; a run that was made from an earlier
revision knows which objects it has to look at again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.data.catalogue import Catalogue
from astra.data.errors import StoreError
from astra.data.joining import join, with_bands
from astra.data.light_curves import FLAGGED, LightCurves
from astra.data.store import LightCurvesWriter
from astra.data.surveys import REVISION, Survey, new_survey, write_manifest

CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Growth:
    """What was new.

    Attributes
    ----------
    objects, changed : int
        New objects, and those that got observations.
    observations, repeated : int
        New observations, and those that were there already, with the same flux.
    """

    objects: int
    changed: int
    observations: int
    repeated: int

    def __bool__(self) -> bool:
        """Whether anything was new."""
        return self.observations > 0


def grow_survey(
    survey: Survey, more: LightCurves, origin: Mapping[str, Any] | None = None
) -> Growth:
    """Add observations and objects to a survey; it is replaced whole, or not at all.

    Objects are the same where their ids are. Observations of one object, time and band with the
    same flux count once; others are all kept.

    Parameters
    ----------
    survey : Survey
    more : LightCurves
        With their catalogue.
    origin : mapping, optional
        Where they come from, for the manifest.

    Raises
    ------
    StoreError
        Light curves count time from another zero, or an object's fluxes are of another kind.
    """
    there = survey.light_curves
    assert more.catalogue is not None
    if more.mjd_zero != there.mjd_zero:
        raise StoreError(
            f"survey {survey.name} counts time from MJD {there.mjd_zero:g}, what is to be added "
            f"from {more.mjd_zero:g}"
        )
    rows = survey.catalogue.rows_of(more.catalogue["object_id"].astype(str).tolist())
    _check_kinds(there, more, rows)
    bands = tuple(sorted({*there.bands, *more.bands}, key=lambda band: band.name))
    if len(bands) > FLAGGED:
        raise StoreError(f"{len(bands)} bands: at most {FLAGGED} can be numbered")
    try:
        with new_survey(survey.path, replace=True) as building:
            return _write(building, survey, with_bands(more, bands), rows, dict(origin or {}))
    except _NothingNewError as nothing:
        return nothing.growth


class _NothingNewError(Exception):
    """Ends the writing of a survey that would be the old one."""

    def __init__(self, growth: Growth) -> None:
        super().__init__()
        self.growth = growth


def _write(
    building: Path,
    survey: Survey,
    more: LightCurves,
    rows: NDArray[np.int64],
    origin: dict[str, Any],
) -> Growth:
    there, lengths = survey.light_curves, []
    with LightCurvesWriter(building / "light_curves", more.bands, there.mjd_zero) as writer:
        for part in _parts(there, more, rows):
            writer.append(part)
            lengths.append(part.lengths)
    growth, revision = _told(survey, more, np.concatenate(lengths))
    if not growth:
        raise _NothingNewError(growth)
    _describe(building, survey, more, rows, revision, origin)
    return growth


def _check_kinds(there: LightCurves, more: LightCurves, rows: NDArray[np.int64]) -> None:
    known = np.flatnonzero(rows >= 0)
    other = known[more.is_difference[known] != there.is_difference[rows[known]]]
    if len(other):
        assert more.catalogue is not None
        kinds = ("total", "difference")
        kind = bool(more.is_difference[other[0]])
        raise StoreError(
            f"object {more.catalogue.object_id(int(other[0]))}: {kinds[kind]} fluxes cannot be "
            f"added to {kinds[not kind]} ones"
        )


def _parts(there: LightCurves, more: LightCurves, rows: NDArray[np.int64]) -> Iterator[LightCurves]:
    """The grown survey, some objects at a time, new objects last."""
    for start in range(0, len(there), CHUNK):
        stop = min(start + CHUNK, len(there))
        part = with_bands(there.take(slice(start, stop)), more.bands)
        here = np.flatnonzero((rows >= start) & (rows < stop))
        yield _added(part, more.take(here), rows[here] - start) if len(here) else part
    new = np.flatnonzero(rows < 0)
    if len(new):
        yield _in_order(more.take(new), np.arange(len(new)))


def _added(part: LightCurves, more: LightCurves, owner: NDArray[np.int64]) -> LightCurves:
    """Light curves of which some get more observations; the others stay byte for byte."""
    touched = np.unique(owner)
    grown = _in_order(
        join([_bare(part.take(touched)), _bare(more)]),
        np.concatenate([np.arange(len(touched)), np.searchsorted(touched, owner)]),
    )
    place = np.arange(len(part))
    place[touched] = len(part) + np.arange(len(touched))
    return join([_bare(part), grown]).take(place)


def _bare(light_curves: LightCurves) -> LightCurves:
    return replace(light_curves, columns={}, catalogue=None)


def _in_order(light_curves: LightCurves, owner: NDArray[np.int64]) -> LightCurves:
    """Observations under their owners, int64 [light curves], in order of time, each once."""
    object_of = np.repeat(owner, light_curves.lengths)
    keys = [light_curves.flux, light_curves.band_and_flag, light_curves.time, object_of]
    order = np.lexsort(keys)
    new = np.ones(len(order), bool)
    new[1:] = np.logical_or.reduce([np.diff(key[order].astype(np.float64)) != 0 for key in keys])
    kept = order[new]
    counts = np.bincount(object_of[kept], minlength=int(owner.max(initial=-1)) + 1)
    first = np.unique(owner, return_index=True)[1]
    return replace(
        _bare(light_curves),
        time=light_curves.time[kept],
        flux=light_curves.flux[kept],
        flux_error=light_curves.flux_error[kept],
        band_and_flag=light_curves.band_and_flag[kept],
        offsets=np.concatenate([[0], counts.cumsum()]).astype(np.int64),
        is_difference=light_curves.is_difference[first],
    )


def _told(
    survey: Survey, more: LightCurves, lengths: NDArray[np.int64]
) -> tuple[Growth, NDArray[np.int16]]:
    before = survey.light_curves.lengths
    changed = np.flatnonzero(lengths[: len(before)] > before)
    observations = int(lengths.sum() - before.sum())
    growth = Growth(
        objects=len(lengths) - len(before),
        changed=len(changed),
        observations=observations,
        repeated=more.n_observations - observations,
    )
    revision = np.full(len(lengths), len(survey.revisions), np.int16)
    revision[: len(before)] = survey.revision
    revision[changed] = len(survey.revisions)
    return growth, revision


def _describe(
    building: Path,
    survey: Survey,
    more: LightCurves,
    rows: NDArray[np.int64],
    revision: NDArray[np.int16],
    origin: dict[str, Any],
) -> None:
    """Catalogue, revisions and manifest of the grown survey."""
    assert more.catalogue is not None
    new = more.catalogue.take(np.flatnonzero(rows < 0)).table
    table = pd.concat([survey.catalogue.table, new], ignore_index=True)
    for path in survey.path.iterdir():
        if path.is_file() and path.name != "manifest.json":
            (building / path.name).write_bytes(path.read_bytes())
    Catalogue(table).save(building / "catalogue.parquet")
    np.save(building / REVISION, revision)
    then = survey.manifest
    kept = {name: then[name] for name in ("time_scale", "quarantine") if name in then}
    added = [*then["origin"].get("added", []), origin]
    write_manifest(
        building,
        survey.name,
        {**then["origin"], "added": added},
        revisions=survey.revisions,
        **kept,
    )
