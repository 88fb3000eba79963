"""Whether a run is whole: what must be true before everybody is shown it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from astra.data.errors import StoreError
from astra.runs.manifest import check_content
from astra.runs.progress import Progress, silent
from astra.runs.run import Run

CHUNK = 100_000
REQUIRED = ("embeddings", "neighbours", "projection", "catalogue")
_TABLES = ("catalogue", "probes", "anomalies")
_SUM = 0.02  # float16 probabilities of many classes
_Found = Iterator[str]


def check_run(run: Run, progress: Progress = silent) -> None:
    """Check that a run is whole: contents, numbers of rows, and that every number is one.

    Every byte is read.

    Raises
    ------
    StoreError
        It is not; the message names all that was found.
    """
    found = [*_contents(run, progress)]
    if not found:  # what is damaged is not looked into
        found = [*_missing(run), *_map(run), *_vectors(run), *_tables(run), *_probabilities(run)]
    if found:
        raise StoreError(f"run {run.name} cannot be used: {'; '.join(found)}")


def _contents(run: Run, progress: Progress) -> _Found:
    parts = [part for artefact in run.manifest.artefacts.values() for part in artefact.parts]
    total, done = sum(part.bytes for part in parts), 0
    for part in parts:
        try:
            check_content(run.path, part)
        except StoreError as error:
            yield str(error)
        done += part.bytes
        progress("progress", done=done, total=total, unit="bytes", message=part.path)
    try:
        _ = run.survey
    except StoreError as error:
        yield str(error)


def _missing(run: Run) -> _Found:
    for name in REQUIRED:
        if name not in run.manifest.artefacts:
            yield f"it has no {name}"


def _map(run: Run) -> _Found:
    if "projection" not in run.manifest.artefacts:
        return
    objects = len(run)
    if run.rows.shape != (objects,) or not _is_permutation(run.rows, objects):
        yield f"rows.npy does not name each of {objects:,} objects once"
    if run.projection.shape != (objects, 2):
        yield f"projection.npy has shape {run.projection.shape}, not ({objects}, 2)"
    yield from _not_finite("projection.npy", run.projection)


def _is_permutation(rows: NDArray[np.integer], objects: int) -> bool:
    if len(rows) and (rows.min() < 0 or rows.max() >= objects):
        return False
    return bool((np.bincount(rows, minlength=objects) == 1).all())


def _vectors(run: Run) -> _Found:
    artefacts, objects = run.manifest.artefacts, len(run)
    if "embeddings" in artefacts:
        if len(run.embeddings) != objects:
            yield f"embeddings.npy has {len(run.embeddings):,} rows for {objects:,} objects"
        yield from _not_finite("embeddings.npy", run.embeddings)
    if "neighbours" in artefacts:
        near = run.neighbours
        if len(near) != objects:
            yield f"neighbours.npy has {len(near):,} rows for {objects:,} objects"
        elif near.size and (near.min() < 0 or near.max() >= objects):
            yield "neighbours.npy names objects that there are not"
        yield from _not_finite("neighbour_distances.npy", run.neighbour_distances)


def _tables(run: Run) -> _Found:
    for name in _TABLES:
        if name in run.manifest.artefacts:
            rows = getattr(run, name).num_rows
            if rows != len(run):
                yield f"{name}.arrow has {rows:,} rows for {len(run):,} objects"


def _probabilities(run: Run) -> _Found:
    if "probes" not in run.manifest.artefacts or not run.probabilities.shape[1]:
        return
    bad = 0
    for start in range(0, len(run), CHUNK):
        total = run.probabilities[start : start + CHUNK].astype(np.float32).sum(axis=1)
        bad += int(np.count_nonzero(~(np.abs(total - 1) < _SUM)))
    if bad:
        yield f"probabilities.npy: the probabilities of {bad:,} objects do not sum to 1"


def _not_finite(file: str, array: NDArray[np.floating]) -> _Found:
    for start in range(0, len(array), CHUNK):
        known = np.isfinite(array[start : start + CHUNK])
        if not known.all():
            row = start + int(np.argmin(known.reshape(len(known), -1).all(axis=1)))
            yield f"{file}: row {row} is not finite"
            return
