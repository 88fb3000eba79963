"""What very many labels at once would do: what is there already, and some of the objects."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.drawing.sparklines import sparkline
from app.labelling import Gesture
from app.opened_runs import OpenedRun
from astra.data.errors import AstraError
from astra.labels.store import LabelStore

RANDOM, BOUNDARY = 24, 12
_JUDGED = 2_000
_SIZE = (104, 44)
_SEED = 12


class Thumbnail(NamedTuple):
    """A light curve in small, as safe SVG; empty where there is none."""

    object_id: str
    svg: str


class Preview(NamedTuple):
    """What a gesture would meet.

    Attributes
    ----------
    mix : dict of class to number of objects
        Labels that the objects have now, most frequent first; of the log and the run's snapshot.
    mine : integer [objects]
        Map rows that the annotator called something else.
    others : int
        Objects that other annotators called something else.
    random, boundary : list of Thumbnail
        Drawn at random; those whose nearest neighbours are mostly outside.
    """

    mix: dict[str, int]
    mine: NDArray[np.int64]
    others: int
    random: list[Thumbnail]
    boundary: list[Thumbnail]


def preview(gesture: Gesture, store: LabelStore, theme: str) -> Preview:
    """Look at what a gesture would do before it is done."""
    run, rows = gesture.run, np.sort(gesture.rows).astype(np.int64)
    opinions = store.opinions()
    places = run.run.rows_of(opinions["object_id"].tolist())
    inside = np.isin(places, rows) & opinions["label"].notna().to_numpy()
    other = inside & (opinions["label"] != gesture.label).to_numpy()
    mine = (opinions["annotator"] == gesture.annotator).to_numpy()
    chosen = np.random.default_rng(_SEED).permutation(rows)
    return Preview(
        _mix(run, rows, store),
        np.unique(places[other & mine]),
        len(np.unique(places[other & ~mine])),
        [_thumbnail(run, int(row), theme) for row in chosen[:RANDOM]],
        [_thumbnail(run, int(row), theme) for row in boundary(run, rows, chosen[:_JUDGED])],
    )


def boundary(
    run: OpenedRun, rows: NDArray[np.int64], judged: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Rows among some whose neighbours in the embedding are mostly not in the selection.

    Parameters
    ----------
    run : OpenedRun
    rows, judged : int64 [objects]
        Map rows of the selection, sorted, and those of it that are looked at.
    """
    if "neighbours" not in run.run.manifest.artefacts or not len(judged):
        return judged[:0]
    near = run.run.map_row[run.run.neighbours[run.run.rows[judged]]]
    outside = 1 - np.isin(near, rows).mean(1)
    order = np.argsort(-outside, kind="stable")[:BOUNDARY]
    return judged[order[outside[order] > 0]]


def _mix(run: OpenedRun, rows: NDArray[np.int64], store: LabelStore) -> dict[str, int]:
    now = store.current()
    places = run.run.rows_of(now["object_id"].tolist())
    named = now.loc[np.isin(places, rows), "label"]
    silent = np.setdiff1d(rows, places)
    counts = named.value_counts().to_dict()
    snapshot = run.classes.codes[silent]
    for code, number in enumerate(np.bincount(snapshot[snapshot >= 0])):
        if number:
            name = run.classes.names[code]
            counts[name] = counts.get(name, 0) + int(number)
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))


def _thumbnail(run: OpenedRun, row: int, theme: str) -> Thumbnail:
    object_id = run.object_id(row)
    try:
        period = float(run.period[row])
        folded = period if np.isfinite(period) and period > 0 else None
        return Thumbnail(object_id, sparkline(run.light_curve(row), theme, *_SIZE, folded))
    except AstraError:
        return Thumbnail(object_id, "")
