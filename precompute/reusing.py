"""What a parent has already made of a survey that has grown since: only the rest is made again."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from precompute.recipe import plain
from precompute.stage import Context


def rows_to_make(context: Context, artefact: str, settings: Any) -> NDArray[np.int64] | None:
    """Survey rows whose part of an artefact the parent does not have; None: it has none of use.

    int64, ascending: what is to be made, while the other rows are copied.
    The rows of the parent are the survey's first, in the same order.
    """
    parent = context.parent
    if parent is None or parent.manifest.survey_fingerprint == context.survey.fingerprint:
        return None
    changed = context.survey.changed_since(parent.manifest.survey_fingerprint)
    known = parent.manifest.artefacts.get(artefact)
    if changed is None or known is None or known.settings != plain(settings):
        return None
    return np.flatnonzero(changed)


def with_the_parents(
    theirs: NDArray, made: NDArray, rows: NDArray[np.int64], objects: int
) -> NDArray:
    """The parent's rows, and over them what was made of ``rows``, array [objects, ...]."""
    whole = np.empty((objects, *made.shape[1:]), made.dtype)
    whole[: len(theirs)] = theirs
    whole[rows] = made
    return whole
