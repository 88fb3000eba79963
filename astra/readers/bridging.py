"""Objects joined on the sky: one for all filters, fields and surveys within a radius.

Greedy and independent of order: objects are taken by number of observations, most first (ties by
id); each takes those within the radius of it that nobody has taken. So no chain of neighbours grows
beyond the radius. Only objects of one kind of flux are joined. The joined object keeps the id, the
position and the columns of the one with most observations, missing values filled from the others,
and lists all their ids as ``members``.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.data.catalogue import Catalogue
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves

RADIUS_ARCSEC = 1.0
_FEW = 64


def bridge(
    light_curves: LightCurves,
    radius: float = RADIUS_ARCSEC,
    rows: NDArray[np.bool_] | None = None,
) -> LightCurves:
    """Join objects whose positions agree.

    Parameters
    ----------
    light_curves : LightCurves
        With a catalogue that has ``object_id``, ``ra`` and ``dec`` [deg]; objects without a
        position stay alone.
    radius : float
        Largest separation from the object with most observations [arcsec].
    rows : bool [objects], optional
        Which objects may be joined; all by default.

    Returns
    -------
    LightCurves
        In the order of the first member of each; ``columns`` are dropped.
    """
    assert light_curves.catalogue is not None
    table = light_curves.catalogue.table
    allowed = np.ones(len(light_curves), bool) if rows is None else rows
    head = _heads(table, light_curves, allowed, radius)
    if (head == np.arange(len(head))).all():
        return light_curves
    heads, first = np.unique(head, return_index=True)
    heads = heads[np.argsort(first)]
    place = np.empty(len(head), np.int64)
    place[heads] = np.arange(len(heads))
    return _joined(light_curves, place[head], _catalogue(table, head, light_curves, heads))


def _heads(
    table: pd.DataFrame, light_curves: LightCurves, allowed: NDArray[np.bool_], radius: float
) -> NDArray[np.int64]:
    """Row of the object that each object is joined to; its own where it stays alone."""
    ra, dec = (table[name].to_numpy(np.float64) for name in ("ra", "dec"))
    known = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec) & allowed)
    head = np.arange(len(table))
    neighbours = _neighbours(ra[known], dec[known], radius)
    order = np.lexsort((table["object_id"].to_numpy(str)[known], -light_curves.lengths[known]))
    difference = np.asarray(light_curves.is_difference)[known]
    taken = np.zeros(len(known), bool)
    for i in order:
        if not taken[i] and len(close := neighbours(i)) > 1:
            near = np.array(close, np.int64)
            near = near[~taken[near] & (difference[near] == difference[i])]
            taken[near] = True
            head[known[near]] = known[i]
    return head


def _neighbours(
    ra: NDArray[np.float64], dec: NDArray[np.float64], radius: float
) -> Callable[[int], Sequence[int]]:
    """What gives the places within ``radius`` [arcsec] of one, on the unit sphere."""
    try:
        from scipy.spatial import KDTree
    except ImportError as error:
        raise AstraError(
            "joining objects on the sky takes scipy: pip install 'astra-observatory[formats]'"
        ) from error
    lon, lat = np.radians(ra), np.radians(dec)
    places = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    if len(places) < 2:
        return lambda _: ()
    # A part in a billion more, so that what is exactly at the radius does not hang on rounding.
    chord = 2 * np.sin(np.radians(radius / 3600) / 2) * (1 + 1e-9)
    tree = KDTree(places)
    sizes = tree.query_ball_point(places, chord, return_length=True)
    few = np.flatnonzero((sizes > 1) & (sizes <= _FEW))
    found: dict[int, Sequence[int]] = dict.fromkeys(np.flatnonzero(sizes == 1).tolist(), ())
    found.update(zip(few.tolist(), tree.query_ball_point(places[few], chord), strict=True))

    def near(i: int) -> Sequence[int]:
        # All pairs of a hundred thousand objects at one place would not fit into memory.
        return found[i] if i in found else tree.query_ball_point(places[i], chord)

    return near


def _catalogue(
    table: pd.DataFrame,
    head: NDArray[np.int64],
    light_curves: LightCurves,
    heads: NDArray[np.int64],
) -> pd.DataFrame:
    """One row for each joined object, in the order of ``heads``."""
    ranked = table.assign(_head=head, _is_head=head == np.arange(len(head)))
    ranked["_count"] = light_curves.lengths
    ranked = ranked.sort_values(
        ["_is_head", "_count", "object_id"], ascending=[False, False, True], kind="stable"
    )
    groups = ranked.groupby("_head", sort=False)
    joined = groups.first().drop(columns=["_is_head", "_count"])
    members = groups["object_id"].agg(lambda ids: " ".join(sorted(map(str, ids))))
    joined["members"] = members
    return joined.loc[heads].reset_index(drop=True)


def _joined(
    light_curves: LightCurves, owner: NDArray[np.int64], catalogue: pd.DataFrame
) -> LightCurves:
    of_observation = np.repeat(owner, light_curves.lengths)
    keys = (light_curves.flux_error, light_curves.flux, light_curves.band_and_flag)
    order = np.lexsort((*keys, light_curves.time, of_observation))
    columns = [np.asarray(column)[order] for column in (light_curves.time, *keys)]
    of_observation = of_observation[order]
    again = np.zeros(len(order), bool)
    again[1:] = (np.diff(of_observation) == 0) & np.logical_and.reduce(
        [column[1:] == column[:-1] for column in columns]
    )
    time, flux_error, flux, band_and_flag = (column[~again] for column in columns)
    counts = np.bincount(of_observation[~again], minlength=len(catalogue))
    _, first_member = np.unique(owner, return_index=True)
    return replace(
        light_curves,
        time=time,
        flux=flux,
        flux_error=flux_error,
        band_and_flag=band_and_flag,
        offsets=np.concatenate([[0], counts.cumsum()]).astype(np.int64),
        is_difference=np.asarray(light_curves.is_difference)[first_member],
        columns={},
        catalogue=Catalogue(catalogue),
    )
