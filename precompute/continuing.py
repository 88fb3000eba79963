"""The map of a child, which begins where its parent's ends, so that it is recognised.

An object whose embedding has not changed, under the same encoder and the same settings, stays
where it is, and those that are new to the survey are placed among their neighbours. Where the
encoder has changed, all objects are laid out again from their places on the parent's map, and the
whole is then laid over the parent's, rigidly.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from astra.data.errors import AstraError
from astra.runs.run import Run
from precompute.recipe import plain
from precompute.stage import Context

if TYPE_CHECKING:
    from astra.analysis.layout import Layout, Told

# What the same encoder makes of the same light curve may differ by so much of the largest number,
# because it stands in another batch.
SAME_EMBEDDING = 1e-4
FEWEST_TO_STAY = 0.5
_MAP_NEEDS = ("embeddings", "neighbours")
_PARENT = "projection of the parent"

Continued = tuple[NDArray[np.float32], dict[str, Any], str]


def parent_of_map(context: Context, settings: Any) -> dict[str, str]:
    """Hash of what a map goes on from, by name; nothing where there is no parent.

    A child with the embeddings, the neighbours and the settings of its parent has its map too:
    then these are what the parent's map was made from.
    """
    parent = context.parent
    if parent is None:
        return {}
    theirs = parent.artefact("projection")
    same = {name: context.run.artefact(name).hash for name in _MAP_NEEDS}
    if theirs.settings == plain(settings) and same.items() <= theirs.needs.items():
        return {name: value for name, value in theirs.needs.items() if name not in same}
    return {_PARENT: theirs.hash}


def continued(context: Context, settings: Any, layout: "Layout", told: "Told") -> Continued:
    """Lay a child's map out from its parent's.

    Returns
    -------
    points : float32 [objects, 2]
        Survey order.
    facts : dict
        For the summary: what the map goes on from, and how far objects moved.
    words : str
        The same for people.

    Raises
    ------
    AstraError
        The run has no parent.
    """
    from astra.analysis.alignment import displacement, map_size, register
    from astra.analysis.projection import place_missing, project
    from astra.analysis.standard import standardise

    run, parent = context.run, context.parent
    if parent is None:
        raise AstraError("a map goes on from a parent's, and this run has none")
    before = places_in(parent, context)
    graph = run.neighbours, run.neighbour_distances
    known = ~np.isnan(before[:, 0])
    facts: dict[str, Any] = {"begun_from": parent.name, "placed": int(np.count_nonzero(~known))}
    if not known.any():
        return project(run.embeddings, *graph, layout, context.workers, told), facts, ""
    staying = unchanged(context, settings)
    if np.count_nonzero(staying) >= FEWEST_TO_STAY * len(staying):
        held = np.where(staying[:, None], before, np.float32(np.nan))
        points = place_missing(held, *graph, standardise(run.embeddings))
        placed = int(np.count_nonzero(~staying))
        return points, {**facts, "placed": placed}, f", {placed:,} placed, all others stay"
    laid = project(run.embeddings, *graph, layout, context.workers, told, start=before)
    registration = register(laid, before)
    points = registration(laid)
    moved = displacement(points[known], before[known], map_size(before))
    facts |= {
        "turned_degrees": round(registration.degrees, 2),
        "moved_median": round(float(np.median(moved)), 4),
        "moved_most": round(float(np.quantile(moved, 0.99)), 4),
    }
    return points, facts, f", begun from {parent.name}, median move {np.median(moved):.1%}"


def places_in(parent: Run, context: Context) -> NDArray[np.float32]:
    """Places of the survey's objects on the parent's map, float32 [objects, 2]; NaN if new."""
    places = np.full((context.objects, 2), np.nan, np.float32)
    rows = rows_in(parent, context)
    known = np.flatnonzero(rows >= 0)
    places[known] = parent.projection[rows[known]]
    return places


def rows_in(parent: Run, context: Context) -> NDArray[np.integer]:
    """Map row in the parent of each object of the survey, int [objects]; -1 if new."""
    if parent.manifest.survey_fingerprint == context.survey.fingerprint:
        return parent.map_row
    return parent.rows_of(context.survey.catalogue["object_id"].astype("str"))


def unchanged(context: Context, settings: Any) -> NDArray[np.bool_]:
    """Objects that lie where they lay, bool [objects]: nothing that places them has changed."""
    run, parent = context.run, context.parent
    nobody = np.zeros(context.objects, bool)
    if parent is None:
        return nobody
    theirs = parent.manifest.artefacts
    if weights_of(run) != weights_of(parent):
        return nobody
    if theirs["projection"].settings != plain(settings):
        return nobody
    if theirs["neighbours"].settings != run.artefact("neighbours").settings:
        return nobody
    rows = rows_in(parent, context)
    known = np.flatnonzero(rows >= 0)
    now, then = run.embeddings[known], parent.embeddings[parent.rows[rows[known]]]
    if now.shape != then.shape:
        return nobody
    apart = np.abs(now - then).max(axis=1, initial=0)
    nobody[known] = apart <= SAME_EMBEDDING * max(float(np.abs(then).max(initial=0)), 1e-9)
    return nobody


def weights_of(run: Run) -> str:
    """SHA-256 of the weights of a run's encoder, whatever its card says."""
    parts = run.artefact("encoder").parts
    return next((part.sha256 for part in parts if part.path == "encoder.safetensors"), run.name)
