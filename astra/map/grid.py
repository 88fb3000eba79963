"""The points of a map, sorted into a grid of cells that zoom, lasso, hover and sampling share."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from astra.map import aggregate, lasso
from astra.map.aggregate import View
from astra.map.cells import cells_of, extent_of, place, runs_of_cells, tally
from astra.map.majority import Majority, majority, rows_of_band

if TYPE_CHECKING:
    import xarray
    from datashader.reductions import Reduction

Range = tuple[float, float]


def grid_order(x: ArrayLike, y: ArrayLike) -> NDArray[np.int32]:
    """Permutation, int32 [points], that brings points into grid order.

    Points are sorted by cell, row of cells by row of cells, and stay as given within a cell; those
    with a coordinate that is not finite come last. A `PointGrid` of points so sorted neither
    copies nor permutes.
    """
    return PointGrid(x, y).order


class PointGrid:
    """Points in a plane, with an index by cell.

    Immutable, and safe to share between threads: kernels run on one thread and release the GIL.
    Arrays that belong to the points, `mask`, `category` and `values`, are [points] in the order
    given. Where the points are in grid order already they are used as they are; otherwise each
    call permutes them, which costs more than a zoomed view.

    Parameters
    ----------
    x, y : array of float32 [points]
        May be memory-mapped and read-only; other number types are converted to float32. A point
        with a coordinate that is not finite is kept in every array, and belongs to no image,
        lasso or pick.

    Raises
    ------
    ValueError
        When x and y are not of one length.
    """

    def __init__(self, x: ArrayLike, y: ArrayLike) -> None:
        x, y = (_flat(values, np.float32) for values in (x, y))
        if x.shape != y.shape:
            raise ValueError(f"x has {x.size} points and y {y.size}: a point has both")
        extent = extent_of(x, y)
        self._cells = cells_of(extent)
        self._starts, in_order = tally(x, y, self._cells)
        self._order = None if in_order else _sealed(place(x, y, self._cells, self._starts))
        self._x, self._y = (self._permuted(values) for values in (x, y))
        self.x_extent: Range = extent[:2]
        self.y_extent: Range = extent[2:]

    def __len__(self) -> int:
        return self._x.size

    @property
    def in_order(self) -> bool:
        """Whether the points were given in grid order."""
        return self._order is None

    @property
    def order(self) -> NDArray[np.int32]:
        """Row, in the order given, of every point in grid order, int32 [points]."""
        return np.arange(len(self), dtype=np.int32) if self._order is None else self._order

    def count(
        self,
        x_range: Range,
        y_range: Range,
        width: int,
        height: int,
        mask: ArrayLike | None = None,
    ) -> NDArray[np.uint32]:
        """Points per pixel, uint32 [height, width], of those in `mask` or all.

        The first row is that of the lowest y. Pixels equal those of Datashader's `Canvas.points`.

        Raises
        ------
        ValueError
            When a range is not finite or does not increase, there is no pixel, or `mask` does not
            fit the points.
        """
        view = View.of(x_range, y_range, width, height)
        image = np.zeros(view.pixels + 1, np.uint32)
        aggregate.count(self._x, self._y, self._mask(mask), self._runs(view), view, image)
        return image[:-1].reshape(height, width)

    def count_by(
        self,
        category: ArrayLike,
        x_range: Range,
        y_range: Range,
        width: int,
        height: int,
        classes: int | None = None,
        mask: ArrayLike | None = None,
    ) -> NDArray[np.uint32]:
        """Points per class and pixel, uint32 [classes, height, width]; else as `count`.

        `category` is an integer per point: its class, or a negative number for none. Without
        `classes`, their number is the highest category and one.
        """
        view = View.of(x_range, y_range, width, height)
        codes = self._codes(category)
        classes = int(codes.max(initial=-1)) + 1 if classes is None else classes
        images = np.zeros((classes + 1) * view.pixels + 1, np.uint32)
        runs = self._runs(view)
        aggregate.count_by(self._x, self._y, codes, self._mask(mask), runs, view, classes, images)
        return images[: classes * view.pixels].reshape(classes, height, width)

    def majority(
        self,
        category: ArrayLike,
        x_range: Range,
        y_range: Range,
        width: int,
        height: int,
        classes: int,
        radius: int = 0,
        behind: int = -1,
        mask: ArrayLike | None = None,
    ) -> Majority:
        """Most frequent class of each pixel, and the points it stands for.

        What `count_by`, spread by `radius` and reduced, would give, in a fraction of its time and
        memory. Of classes equally frequent the first wins; `behind` is a class that appears only
        where no other does. Points of no class are left out. Else as `count_by`.

        Raises
        ------
        ValueError
            When there are more than 256 classes, or as `count_by`.
        """
        view = View.of(x_range, y_range, width, height)
        if not 1 <= classes <= 256:
            raise ValueError(f"{classes} classes: a majority is one of 1 to 256 classes")
        codes, chosen = self._codes(category), self._mask(mask)
        grid = self._starts, self._cells, view
        rows = rows_of_band(width, classes)
        return Majority(
            *majority(self._x, self._y, codes, chosen, *grid, classes, radius, behind, rows)
        )

    def mean(
        self,
        values: ArrayLike,
        x_range: Range,
        y_range: Range,
        width: int,
        height: int,
        mask: ArrayLike | None = None,
    ) -> NDArray[np.float32]:
        """Mean value per pixel, float32 [height, width], NaN where empty; else as `count`.

        Values that are NaN are left out.
        """
        view = View.of(x_range, y_range, width, height)
        numbers = self._along_points(values, "values")
        if numbers.dtype not in (np.float32, np.float64):
            numbers = _sealed(numbers.astype(np.float64))
        total, number = np.zeros(view.pixels + 1), np.zeros(view.pixels + 1, np.uint32)
        runs = self._runs(view)
        aggregate.add_up(self._x, self._y, numbers, self._mask(mask), runs, view, total, number)
        image = np.empty(view.pixels, np.float32)
        aggregate.divide(total, number, image)
        return image.reshape(height, width)

    def reduce(
        self,
        reduction: "Reduction",
        columns: Mapping[str, ArrayLike],
        x_range: Range,
        y_range: Range,
        width: int,
        height: int,
    ) -> "xarray.DataArray":
        """Whatever Datashader can compute, of the visible points alone.

        `reduction` names columns of `columns`, arrays [points] in the order given; the
        coordinates are called "x" and "y".
        """
        import datashader
        import pandas as pd

        places = self._places_in_view(x_range, y_range)
        rows = places if self._order is None else self._order[places]
        visible = {name: np.asarray(column)[rows] for name, column in columns.items()}
        points = {"x": self._x[places], "y": self._y[places]}
        frame = pd.DataFrame({**visible, **points}, index=rows).sort_index()
        canvas = datashader.Canvas(width, height, x_range, y_range)
        return canvas.points(frame, "x", "y", reduction)

    def in_view(self, x_range: Range, y_range: Range) -> int:
        """Return how many points lie within two closed ranges."""
        view = View.of(x_range, y_range, 1, 1)
        return aggregate.count_seen(self._x, self._y, self._runs(view), view)

    def rows_in_view(self, x_range: Range, y_range: Range) -> NDArray[np.int32]:
        """Rows, in the order given, of the points within two closed ranges, int32 [in view].

        Listed cell by cell.
        """
        places = self._places_in_view(x_range, y_range)
        return places if self._order is None else self._order[places]

    def nearest(
        self, x: float, y: float, radius: float | Range, mask: ArrayLike | None = None
    ) -> int:
        """Row, in the order given, of the point nearest to a position; -1 when none is in reach.

        `radius` is in data units; two of them, along x and along y, make an ellipse, which is what
        a circle on the screen is where the axes differ in scale. Of points equally near the first
        in grid order is taken.

        Raises
        ------
        ValueError
            When the radius is not positive, or `mask` does not fit the points.
        """
        radius_x, radius_y = radius if isinstance(radius, tuple) else (radius, radius)
        if not (radius_x > 0 and radius_y > 0):
            raise ValueError(f"radius {radius}: the reach of a pick is positive")
        x, y, radius_x, radius_y = map(float, (x, y, radius_x, radius_y))
        box_x, box_y = 1.001 * radius_x, 1.001 * radius_y  # whatever is rounded into the ellipse
        ranges = (x - box_x, x + box_x), (y - box_y, y + box_y)
        runs = runs_of_cells(self._cells, self._starts, *ranges)
        chosen = self._mask(mask)
        place = aggregate.nearest(self._x, self._y, chosen, runs, x, y, radius_x, radius_y)
        return place if place < 0 or self._order is None else int(self._order[place])

    def inside(self, polygon: ArrayLike) -> NDArray[np.bool_]:
        """Whether each point lies inside a polygon, bool [points] in the order given.

        `polygon` is float [vertices, 2]; the last vertex joins the first. Vertices that are not
        finite are left out, and fewer than three enclose nothing. The rule, even-odd with half
        open edges, is that of `astra.map.lasso`.

        Raises
        ------
        ValueError
            When `polygon` is not [vertices, 2].
        """
        vertices = np.asarray(polygon, dtype=np.float64)
        if vertices.size and (vertices.ndim != 2 or vertices.shape[1] != 2):
            raise ValueError(f"polygon has shape {vertices.shape}: a polygon is [vertices, 2]")
        vertices = vertices.reshape(-1, 2)
        vertices = vertices[np.isfinite(vertices).all(axis=1)]
        chosen = np.zeros(len(self), np.bool_)
        if len(vertices) >= 3:
            lasso.inside(self._x, self._y, self._starts, self._cells, vertices, chosen)
        if self._order is None:
            return chosen
        given = np.empty_like(chosen)
        given[self._order] = chosen
        return given

    def _runs(self, view: View) -> NDArray[np.int64]:
        ranges = (view.x_low, view.x_high), (view.y_low, view.y_high)
        return runs_of_cells(self._cells, self._starts, *ranges)

    def _places_in_view(self, x_range: Range, y_range: Range) -> NDArray[np.int32]:
        view = View.of(x_range, y_range, 1, 1)
        return aggregate.list_seen(self._x, self._y, self._runs(view), view)

    def _mask(self, mask: ArrayLike | None) -> NDArray[np.bool_] | None:
        if mask is None:
            return None
        chosen = self._along_points(mask, "mask")
        if chosen.dtype != np.bool_:
            raise ValueError(f"mask is {chosen.dtype}: a mask is bool, True for what counts")
        return chosen

    def _codes(self, category: ArrayLike) -> NDArray[np.integer]:
        codes = self._along_points(category, "category")
        if codes.dtype.kind not in "iu":
            raise ValueError(f"category is {codes.dtype}: a category is an integer, < 0 for none")
        return codes

    def _along_points(self, values: ArrayLike, name: str) -> NDArray:
        array = _flat(values)
        if array.size != len(self):
            raise ValueError(f"{name} has {array.size} values for {len(self)} points")
        return self._permuted(array)

    def _permuted(self, values: NDArray) -> NDArray:
        return values if self._order is None else _sealed(values[self._order])


def _flat(values: ArrayLike, dtype: type | None = None) -> NDArray:
    """One contiguous, aligned, read-only array; a view of `values` wherever that will do."""
    array = np.require(np.asarray(values), dtype, ["C", "A"])
    if array.ndim != 1:
        raise ValueError(f"an array of shape {array.shape}: what belongs to points is [points]")
    return _sealed(array.view())


def _sealed(array: NDArray) -> NDArray:
    """Make an array read-only: kernels are then compiled for one kind of array alone."""
    array.flags.writeable = False
    return array
