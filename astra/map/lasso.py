"""Which points lie inside a polygon: exact, by the even-odd rule, over all points of a grid.

**The rule.** A point (px, py) is inside when an odd number of edges crosses the ray from it
towards +x. The edge from vertex (x1, y1) to the next vertex (x2, y2), the last followed by the
first, crosses when ::

    (y1 > py) != (y2 > py)  and  px < (x2 - x1) * (py - y1) / (y2 - y1) + x1

in float64. An edge owns its lower end and not its upper one (half open), so that a ray through a
vertex counts once, a horizontal edge never counts, and of two polygons that share an edge exactly
one owns a point on it. Where a polygon crosses itself, what it encloses twice is outside.

**The way.** Row of cells by row of cells, each edge is marked on the columns it touches within the
row. Between marked columns all points share one parity, and a whole run of points is written at
once. In marked columns each point is tested against the edges that share these columns, by the
rule above; what lies further left is known from the run before. The answer equals that of the
rule for every point and every polygon, because the comparison that decides is that of the rule,
and marked columns hold whatever crossing it can find.
"""

import numpy as np
from numba import njit

from astra.map.cells import cell_along


@njit(cache=True, nogil=True)
def inside(x, y, starts, cells, polygon, chosen):
    """Set `chosen`, bool [points], where a point is inside `polygon`, float64 [vertices, 2]."""
    edges, first_rows, last_rows = edges_by_row(polygon, cells)
    active = np.empty(len(edges), np.int64)
    columns = np.empty((len(edges), 2), np.int64)
    known, entered = 0, 0
    for row in range(first_rows[0], last_rows.max() + 1):
        known = still_active(active, known, last_rows, row)
        while entered < len(edges) and first_rows[entered] <= row:
            active[known] = entered
            known, entered = known + 1, entered + 1
        runs = starts[row * cells.side : (row + 1) * cells.side + 1]
        if runs[-1] == runs[0]:
            continue
        for k in range(known):
            columns[active[k]] = columns_of(edges[active[k]], row, cells)
        sort_by_column(active[:known], columns)
        choose_in_row(x, y, runs, edges, active[:known], columns, chosen)


@njit(cache=True, nogil=True)
def edges_by_row(polygon, cells):
    """Edges [edges, 4] (x1, y1, x2, y2), sorted by their first row of cells; first, last rows."""
    count = len(polygon)
    edges = np.empty((count, 4))
    rows = np.empty((count, 2), np.int64)
    for i in range(count):
        edges[i, :2], edges[i, 2:] = polygon[i], polygon[(i + 1) % count]
        low, high = min(edges[i, 1], edges[i, 3]), max(edges[i, 1], edges[i, 3])
        rows[i, 0] = cell_along(low, cells.y_low, cells.y_scale, cells.side)
        rows[i, 1] = cell_along(high, cells.y_low, cells.y_scale, cells.side)
    order = np.argsort(rows[:, 0])
    return edges[order], rows[order, 0], rows[order, 1]


@njit(cache=True, nogil=True)
def still_active(active, known, last_rows, row):
    """Drop the edges that ended before `row`; return how many of `active` are left."""
    kept = 0
    for k in range(known):
        if last_rows[active[k]] >= row:
            active[kept] = active[k]
            kept += 1
    return kept


@njit(cache=True, nogil=True, error_model="numpy")
def crossing(edge, at_y):
    """Coordinate x where an edge that is not horizontal reaches `at_y`, as the rule computes it."""
    return (edge[2] - edge[0]) * (at_y - edge[1]) / (edge[3] - edge[1]) + edge[0]


@njit(cache=True, nogil=True)
def columns_of(edge, row, cells):
    """First and last column of cells that an edge touches at the heights of a row.

    They hold every crossing with the ray of a point of the row, since what `crossing` returns is
    monotonic, rounding included; and the ends of the edge that lie in the row. All columns where
    the numbers are too large to tell.
    """
    bottom = cells.y_low + (row - 1e-3) * cells.height  # of all points, however they were rounded
    top = cells.y_low + (row + 1 + 1e-3) * cells.height
    one, other = edge[0], edge[2]
    if edge[1] != edge[3]:
        one = crossing(edge, min(max(edge[1], bottom), top))
        other = crossing(edge, min(max(edge[3], bottom), top))
    if not np.isfinite(one + other):
        return 0, cells.side - 1
    low, high = min(one, other), max(one, other)
    for end in (0, 2):
        if bottom <= edge[end + 1] <= top:
            low, high = min(low, edge[end]), max(high, edge[end])
    first = cell_along(low, cells.x_low, cells.x_scale, cells.side)
    last = cell_along(high, cells.x_low, cells.x_scale, cells.side)
    return first, last


@njit(cache=True, nogil=True)
def sort_by_column(active, columns):
    """Sort edges by first column; they were nearly sorted in the row before."""
    for k in range(1, active.size):
        edge, place = active[k], k
        while place > 0 and columns[active[place - 1], 0] > columns[edge, 0]:
            active[place] = active[place - 1]
            place -= 1
        active[place] = edge


@njit(cache=True, nogil=True)
def choose_in_row(x, y, runs, edges, active, columns, chosen):
    """Choose points of one row of cells, whose cells start at `runs`, int32 [columns + 1]."""
    odd, column, k = False, 0, 0
    while k < active.size:
        first, last, group = columns[active[k], 0], columns[active[k], 1], k + 1
        while group < active.size and columns[active[group], 0] <= last:
            last = max(last, columns[active[group], 1])
            group += 1
        if odd:
            chosen[runs[column] : runs[first]] = True
        for i in range(runs[first], runs[last + 1]):
            chosen[i] = odd != odd_to_the_left(x[i], y[i], edges, active[k:group])
        # Any height will do: these edges share no vertex within the row with others.
        odd = odd != odd_to_the_left(np.inf, y[runs[0]], edges, active[k:group])
        column, k = last + 1, group


@njit(cache=True, nogil=True)
def odd_to_the_left(x, y, edges, active):
    """Whether an odd number of the active edges is crossed at or to the left of a point.

    A closed polygon crosses every height an even number of times: with all its edges, left and
    right of a point are odd together.
    """
    odd = False
    for k in active:
        if (edges[k, 1] > y) != (edges[k, 3] > y):
            odd = odd == (x < crossing(edges[k], y))
    return odd
