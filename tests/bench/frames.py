"""From a view that changes to the image in its Bokeh model: stock HoloViews beside Astra."""

from collections.abc import Callable
from itertools import count

import datashader
import holoviews as hv
from holoviews.operation.datashader import datashade, dynspread
from holoviews.streams import RangeXY
from points import HEIGHT, WIDTH, Clusters, Ranges
from timing import Group, Task

from app.drawing.map_figure import MapFigure
from app.drawing.raster import Scene, Viewport, draw

NUDGE = 1e-7


def frames(run: Clusters, view: Ranges, by_class: bool) -> Group:
    """One event after the other, each with a view a hair beside the one before."""
    return {
        "hv.datashade + dynspread": _nudged(_stock(run, by_class), view),
        "astra": _nudged(_astra(run, "class" if by_class else "density"), view),
    }


def _nudged(event: Callable[[Ranges], object], view: Ranges) -> Task:
    (left, right), y_range = view
    steps = count()

    def task() -> object:
        nudge = NUDGE * (right - left) * next(steps)
        return event(((left + nudge, right + nudge), y_range))

    return task


def _stock(run: Clusters, by_class: bool) -> Callable[[Ranges], object]:
    """The pipeline of HoloViews' own guide, at its defaults but for the size of the image."""
    hv.extension("bokeh", logo=False)  # pyright: ignore[reportCallIssue]
    ranges = RangeXY(x_range=run.full[0], y_range=run.full[1])
    points = hv.Points(run.shuffled, ["x", "y"], ["category"])
    choice = {"aggregator": datashader.by("category")} if by_class else {}
    shaded = datashade(points, streams=[ranges], width=WIDTH, height=HEIGHT, **choice)
    plot = hv.renderer("bokeh").get_plot(dynspread(shaded))

    def event(view: Ranges) -> object:
        ranges.event(x_range=view[0], y_range=view[1])
        return plot

    return event


def _astra(run: Clusters, colour_by: str) -> Callable[[Ranges], object]:
    figure = MapFigure("dark", *[lambda *_: None] * 3)
    scene = Scene(run, colour_by, run.classes, None, None, "dark")

    def event(view: Ranges) -> object:
        figure.show(draw(scene, Viewport(*view[0], *view[1], WIDTH, HEIGHT)))
        return figure

    return event
