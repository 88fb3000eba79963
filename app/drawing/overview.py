"""The overview: the whole map of a run, small; drawn once for all visitors and both themes."""

import base64
from io import BytesIO
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.drawing.map_figure import FIT_MARGIN
from app.drawing.map_labels import Box
from app.drawing.raster import CLIP, Viewport
from app.opened_runs import OpenedRun
from astra.map.shading import quantile_of_filled, ramp_levels, shade_density
from astra.map.spread import spread

WIDTH, HEIGHT = 160, 120  # CSS px
GAP = 12  # to the borders of the map [CSS px]
FAINTEST = 0.3
_COARSE = 1.25  # pixels per CSS px, up to which finer ones would be lost
# Objects per pixel, where there are any, from which they need no dots of three pixels.
_CROWDED = 2.0


class Overview(NamedTuple):
    """The whole map as one picture.

    Attributes
    ----------
    image : str
        PNG as a ``data:`` address; only its opacity says anything.
    frame : tuple of float
        x low, x high, y low, y high that the picture shows.
    extent : tuple of float
        The same of the objects.
    """

    image: str
    frame: tuple[float, float, float, float]
    extent: tuple[float, float, float, float]

    def is_part(self, viewport: Viewport) -> bool:
        """Whether a view shows a part of the map only."""
        x_low, x_high, y_low, y_high = self.extent
        across = viewport.x_low <= x_low and x_high <= viewport.x_high
        return not (across and viewport.y_low <= y_low and y_high <= viewport.y_high)


_drawn: WeakKeyDictionary[OpenedRun, dict[int, Overview]] = WeakKeyDictionary()


def density_of(pixel_ratio: float) -> int:
    """Pixels of the picture per CSS px, 1 or 2, for a screen with so many."""
    return 1 if pixel_ratio <= _COARSE else 2


def overview_of(run: OpenedRun, density: int = 1) -> Overview:
    """Draw the overview of a run, or give the one that was drawn.

    Parameters
    ----------
    run : OpenedRun
    density : int
        Pixels of the picture per CSS px.
    """
    drawn = _drawn.setdefault(run, {})
    if density not in drawn:
        drawn[density] = _draw(run, density)
    return drawn[density]


def box_in(viewport: Viewport) -> Box:
    """What the overview takes of the map: its corner below at the right [CSS px]."""
    right, bottom = viewport.width - GAP, viewport.height - GAP
    return (right - WIDTH - GAP, bottom - HEIGHT - GAP, right + GAP, bottom + GAP)


def _draw(run: OpenedRun, density: int) -> Overview:
    frame = _frame(run.extent)
    count = run.grid.count(frame[:2], frame[2:], density * WIDTH, density * HEIGHT)
    if count.sum() < _CROWDED * np.count_nonzero(count):
        count = spread(count, density)
    levels = shade_density(count, "log", max(quantile_of_filled(count, CLIP), 2))
    share = FAINTEST + (1 - FAINTEST) * levels / ramp_levels()
    return Overview(_png(np.where(levels > 0, share, 0.0)), frame, run.extent)


def _frame(extent: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Ranges with the aspect of the overview, around an extent."""
    x_low, x_high, y_low, y_high = extent
    per_pixel = FIT_MARGIN * max((x_high - x_low) / WIDTH, (y_high - y_low) / HEIGHT) or 1.0
    x, y = (x_low + x_high) / 2, (y_low + y_high) / 2
    half_width, half_height = per_pixel * WIDTH / 2, per_pixel * HEIGHT / 2
    return x - half_width, x + half_width, y - half_height, y + half_height


def _png(opacity: NDArray[np.float64]) -> str:
    """White of an opacity, [height, width] with the lowest y first, as an address."""
    alpha = np.round(255 * opacity[::-1]).astype(np.uint8)
    pixels = np.dstack([np.full_like(alpha, 255), alpha])
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
