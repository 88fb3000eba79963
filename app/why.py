"""Why here: what sets a selection apart, its folded shape, its most and least typical objects."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.categories import Category
from app.drawing.bands import BandStyle, band_styles, look_of
from app.drawing.cells import Curve, SheetLook
from app.opened_runs import OpenedRun
from app.sheets import periods_of
from astra.data.errors import StoreError
from astra.runs.tables import codes as codes_of
from astra.runs.tables import column
from astra.selections.contrast import Difference, Lift, differences, lifts

MOST_INSIDE, MOST_OUTSIDE = 20_000, 40_000
FOLDED, FEWEST_FOLDED = 100, 8
BINS = 50
TYPICAL = 6
FEWEST = 3
_TEXTS = {"survey": "Survey", "bands": "Bands", "source_repo": "Origin"}
_MOST_VALUES = 200
GUESSED = ("probability", "entropy")
# Of the period search: see `astra.periods.search`.
FEATURES = {
    "gain_1": "Gain, 1 harmonic",
    "gain_2": "Gain, 2 harmonics",
    "gain_5": "Gain, 5 harmonics",
    "gain_lomb_scargle": "Gain, Lomb-Scargle",
    "double_period": "Better at twice the period",
    "second_peak": "Second period's peak",
    "log_rms": "Scatter [dex]",
    "usable_observations": "Usable observations",
}


class Contrast(NamedTuple):
    """What sets a selection apart.

    Attributes
    ----------
    inside, outside : int
        Objects of the selection, and others.
    drawn_inside, drawn_outside : int
        Of how many of them the numbers are compared: a random part where they are very many.
    classes : dict of title to list of Lift
    numbers : list of Difference
    titles : dict of column to title
    """

    inside: int
    outside: int
    drawn_inside: int
    drawn_outside: int
    classes: dict[str, list[Lift]]
    numbers: list[Difference]
    titles: dict[str, str]


class Shape(NamedTuple):
    """Median folded light curve of one filter: magnitude beside the object's median, by phase.

    Attributes
    ----------
    style : BandStyle
    low, median, high : float64 [bins]
        16th, 50th and 84th percentile over the objects; NaN where fewer than three have any.
    objects : int
    """

    style: BandStyle
    low: NDArray[np.float64]
    median: NDArray[np.float64]
    high: NDArray[np.float64]
    objects: int


class Portrait(NamedTuple):
    """How a selection looks.

    Attributes
    ----------
    shapes : dict of filter to Shape
    folded, asked : int
        How many have a period, of how many that were drawn at random.
    typical, odd : list of (map row, distance)
        Nearest to the mean of the selection in the embedding, and farthest from it.
    """

    shapes: dict[str, Shape]
    folded: int
    asked: int
    typical: list[tuple[int, float]]
    odd: list[tuple[int, float]]


def contrast(
    run: OpenedRun,
    chosen: NDArray[np.bool_],
    others: NDArray[np.bool_],
    labels: Category,
    blind: bool = False,
) -> Contrast:
    """Compare classes and numbers of the chosen objects with those of the others.

    Classes are counted over all objects, numbers compared over at most 20,000 inside and 40,000
    outside, drawn at random with a fixed seed.

    Parameters
    ----------
    run : OpenedRun
    chosen, others : bool [objects]
    labels : Category
        Labels as they are now.
    blind : bool
        Without what the probe predicts, for a person who labels blind.
    """
    rows_in, rows_out = np.flatnonzero(chosen), np.flatnonzero(others)
    some_in, some_out = _some(rows_in, MOST_INSIDE), _some(rows_out, MOST_OUTSIDE)
    columns = dict(_numbers(run, some_in, some_out))
    if blind:
        columns = {name: both for name, both in columns.items() if name not in GUESSED}
    return Contrast(
        len(rows_in),
        len(rows_out),
        len(some_in),
        len(some_out),
        _classes(run, rows_in, rows_out, labels, blind),
        differences(columns),
        {**run.numeric_columns, **FEATURES},
    )


def _some(rows: NDArray[np.integer], most: int) -> NDArray[np.integer]:
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def _numbers(
    run: OpenedRun, inside: NDArray[np.integer], outside: NDArray[np.integer]
) -> Iterator[tuple[str, tuple[NDArray, NDArray]]]:
    for name in run.numeric_columns:
        values = run.values(name)
        yield name, (values[inside], values[outside])
    if "periods" in run.run.manifest.artefacts:
        table = run.run.periods
        for name in set(FEATURES) & set(table.column_names):
            values = column(table, name)
            yield name, (values[run.run.rows[inside]], values[run.run.rows[outside]])


def _classes(
    run: OpenedRun,
    inside: NDArray[np.integer],
    outside: NDArray[np.integer],
    labels: Category,
    blind: bool,
) -> dict[str, list[Lift]]:
    found = {"Class": labels}
    if run.predicted.names and not blind:
        found["Predicted"] = run.predicted
    for name, title in _TEXTS.items():
        category = _text_column(run, name)
        if category is not None:
            found[title] = category
    counted = {
        title: lifts(c.names, _count(c, inside), _count(c, outside)) for title, c in found.items()
    }
    return {title: these for title, these in counted.items() if len(these) > 1}


def _text_column(run: OpenedRun, name: str) -> Category | None:
    if name not in run.run.catalogue.column_names:
        return None
    values, names = codes_of(run.run.catalogue, name)
    if not 1 < len(names) <= _MOST_VALUES:
        return None
    return Category(tuple(str(one) for one in names), values.astype(np.int16))


def _count(category: Category, rows: NDArray[np.integer]) -> NDArray[np.int64]:
    codes = category.codes[rows]
    return np.bincount(codes[codes >= 0], minlength=len(category.names))


def portrait(run: OpenedRun, chosen: NDArray[np.bool_], theme: str) -> Portrait:
    """Fold some of the chosen objects, and find the most and the least typical of all of them."""
    rows = np.flatnonzero(chosen)
    some = _some(rows, FOLDED)
    periods = periods_of(run, some, "known")
    look = SheetLook(theme)
    curves = []
    for row, period in zip(some, periods, strict=True):
        if period:
            try:
                light_curve = run.light_curve(int(row))
            except StoreError:  # the survey is gone; the run is whole without it
                continue
            if len(light_curve) and not light_curve.is_difference:
                curves.append(Curve(light_curve, period, look))
    typical, odd = _typical(run, rows)
    shapes = _shapes(curves, theme) if len(curves) >= FEWEST_FOLDED else {}
    return Portrait(shapes, len(curves), len(some), typical, odd)


def _typical(
    run: OpenedRun, rows: NDArray[np.integer]
) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    if "embeddings" not in run.run.manifest.artefacts or len(rows) < 2 * FEWEST:
        return [], []
    survey_rows = run.run.rows[rows]
    space = run.space
    distances = np.sqrt(space.squared_distances(space.mean(survey_rows))[survey_rows])
    order = np.argsort(distances, kind="stable")
    most = min(TYPICAL, len(rows) // 2)
    pairs = [(int(rows[i]), float(distances[i])) for i in (*order[:most], *order[::-1][:most])]
    return pairs[:most], pairs[most:]


def _shapes(curves: list[Curve], theme: str) -> dict[str, Shape]:
    profiles: dict[str, list[NDArray[np.float64]]] = {}
    bands = {}
    for curve in curves:
        for code in curve.codes:
            band = curve.light_curve.bands[code]
            chosen = curve.good & (curve.light_curve.band == code)
            if np.count_nonzero(chosen) >= BINS // 2:
                profile = _profile(curve.x[chosen], curve.measured.value[chosen])
                profiles.setdefault(look_of(band), []).append(profile)
                bands.setdefault(look_of(band), band)
    ordered = sorted(profiles, key=lambda name: bands[name].wavelength)
    return {
        name: _shape(np.stack(profiles[name]), band_styles([bands[name]], theme)[0])
        for name in ordered
        if len(profiles[name]) >= FEWEST_FOLDED
    }


def _profile(phase: NDArray[np.float64], value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median in each phase bin, float64 [bins], NaN where there is none."""
    where = np.minimum((phase * BINS).astype(np.int64), BINS - 1)
    order = np.lexsort([value, where])
    present, starts, counts = np.unique(where[order], return_index=True, return_counts=True)
    ranked = value[order]
    profile = np.full(BINS, np.nan)
    profile[present] = (ranked[starts + (counts - 1) // 2] + ranked[starts + counts // 2]) / 2
    return profile


def _shape(profiles: NDArray[np.float64], style: BandStyle) -> Shape:
    known = np.isfinite(profiles).sum(axis=0) >= FEWEST
    ends = np.full((3, BINS), np.nan)
    ends[:, known] = np.nanpercentile(profiles[:, known], [16, 50, 84], axis=0)
    return Shape(style, ends[0], ends[1], ends[2], len(profiles))
