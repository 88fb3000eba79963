"""The same run in a stock HoloViews app, as a competent user would write it.

Served by `against_stock.py`, with `$STOCK_RUN` the folder of the run. Density or classes by
`datashade` and `dynspread` at their defaults; a lasso whose points `shapely` finds; the object
under the pointer by `PointerXY` and a search of all of them.
"""

import os
from typing import Any

import datashader
import holoviews as hv
import numpy as np
import pandas as pd
import panel as pn
import shapely
from holoviews.operation.datashader import datashade, dynspread
from holoviews.streams import Lasso, PointerXY

from astra.runs.run import Run

pn.extension()
hv.extension("bokeh")  # pyright: ignore[reportCallIssue]


def table() -> pd.DataFrame:
    """Positions, classes and scores of all objects, read once for all visitors."""
    run = Run.open(os.environ["STOCK_RUN"])
    frame = pd.DataFrame(np.asarray(run.projection), columns=["x", "y"])
    frame["object_id"] = run.catalogue["object_id"].to_pandas()
    frame["predicted"] = run.probes["predicted"].to_pandas()
    frame["score"] = run.anomalies["score"].to_numpy()
    return frame


frame = pn.state.as_cached("frame", table)
x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
reach = float(x.max() - x.min()) / 100
points = hv.Points(frame, ["x", "y"], ["predicted"])
pointer, lasso = PointerXY(source=points), Lasso(source=points)
colour = pn.widgets.Select(options=["density", "class"], name="colour")
aggregators = {"density": datashader.count(), "class": datashader.by("predicted")}


def picture(chosen: str) -> Any:
    """The map in one of its colourings."""
    shaded = dynspread(datashade(points, aggregator=aggregators[chosen]))
    return shaded.opts(
        width=900, height=640, tools=["lasso_select"], active_tools=["wheel_zoom"], xaxis=None,
        yaxis=None,
    )  # fmt: skip


def selected(geometry: np.ndarray | None) -> str:
    """How many points a lasso holds."""
    if geometry is None or len(geometry) < 3:
        return "nothing selected"
    outline = shapely.Polygon(geometry)
    shapely.prepare(outline)
    (left, low), (right, high) = geometry.min(axis=0), geometry.max(axis=0)
    near = np.flatnonzero((x >= left) & (x <= right) & (y >= low) & (y <= high))
    inside = near[shapely.contains_xy(outline, x[near], y[near])]
    counts = frame["predicted"].iloc[inside].value_counts()
    return f"{len(inside)} selected: {dict(counts.head(3))}"


def hovered(at_x: float | None, at_y: float | None) -> str:
    """The nearest object."""
    if at_x is None or at_y is None:
        return ""
    near = np.flatnonzero((np.abs(x - at_x) < reach) & (np.abs(y - at_y) < reach))
    if not len(near):
        return ""
    row = near[np.argmin((x[near] - at_x) ** 2 + (y[near] - at_y) ** 2)]
    found = frame.iloc[row]
    return f"{found['object_id']}: {found['predicted']}, {found['score']:.2f}"


pn.Column(
    colour,
    pn.panel(pn.bind(picture, colour)),
    pn.pane.Str(pn.bind(selected, lasso.param.geometry), css_classes=["stock-count"]),
    pn.pane.Str(pn.bind(hovered, pointer.param.x, pointer.param.y), css_classes=["stock-card"]),
).servable(title="Stock")
