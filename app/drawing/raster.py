"""What the map shows: one uint8 image of what is in view, and its palette."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.categories import Category, Scale
from app.drawing.palette import ClassStyle
from app.opened_runs import CATEGORIES, OpenedRun
from app.theme import tokens
from app.words import UNLABELLED
from astra.map.majority import Majority
from astra.map.palettes import Theme, class_palette, density_palette, score_palette
from astra.map.shading import Scale as Shading
from astra.map.shading import quantile_of_filled, shade_density, shade_majority, shade_values
from astra.map.spread import crowding, spread

MOST_PIXELS = 800_000  # bytes of a frame too
MOST_PIXEL_RATIO = 1.5
# Objects per pixel, where there are any, from which dots have a radius of 0, 1 and 2 px; else 3.
CROWDED = (1.5, 0.4, 0.03)
BLOCK = 8
CLIP = 0.995
LONE_LEVEL = 0.7
_SHADINGS: dict[str, Shading] = {"log": "log", "equal": "eq_hist", "linear": "linear"}
_TICKED = np.linspace(0, 1, 5)

Image = NDArray[np.uint8]


class Viewport(NamedTuple):
    """Ranges that the figure shows and its size in CSS px, with the device's pixels per CSS px."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float
    width: int
    height: int
    pixel_ratio: float = 1.0

    @property
    def ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Range of x and range of y."""
        return (self.x_low, self.x_high), (self.y_low, self.y_high)

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the image: at most 1.5 pixels per CSS px, at most 0.8 million."""
        wanted = min(self.pixel_ratio, MOST_PIXEL_RATIO)
        ratio = min(wanted, (MOST_PIXELS / max(self.width * self.height, 1)) ** 0.5)
        return max(1, int(self.width * ratio + 1e-6)), max(1, int(self.height * ratio + 1e-6))

    @property
    def per_pixel(self) -> float:
        """Data units per CSS px."""
        return (self.x_high - self.x_low) / max(self.width, 1)

    @property
    def is_visible(self) -> bool:
        """Whether there is anything to draw on."""
        return self.width > 1 and self.height > 1 and self.x_low < self.x_high


class Scene(NamedTuple):
    """What is drawn: a run, how it is coloured, who is shown and who is selected.

    With ``styles``, ``classes`` are what colours stand for, whatever ``colour_by`` says. ``kind``
    is that of the scale of numbers; None leaves it to them.
    """

    run: OpenedRun
    colour_by: str
    classes: Category
    shown: NDArray[np.bool_] | None
    selected: NDArray[np.bool_] | None
    theme: Theme
    styles: Mapping[str, ClassStyle] | None = None
    kind: str | None = None


class Frame(NamedTuple):
    """One image of the map.

    Attributes
    ----------
    image : uint8 [height, width]
        Palette indices, lowest y first.
    palette : tuple of str
        256 colours.
    viewport : Viewport
    in_view : int
        Objects that are in the image.
    scale : Scale or None
        Range of the colours; None where they are classes.
    """

    image: Image
    palette: tuple[str, ...]
    viewport: Viewport
    in_view: int
    scale: Scale | None


def draw(scene: Scene, viewport: Viewport) -> Frame:
    """Draw what is in view."""
    if scene.colour_by in CATEGORIES or scene.styles is not None:
        return _draw_classes(scene, viewport)
    if scene.colour_by == "density":
        return _draw_density(scene, viewport)
    return _draw_values(scene, viewport)


def _selected(scene: Scene) -> NDArray[np.bool_] | None:
    if scene.selected is None or scene.shown is None:
        return scene.selected
    return scene.selected & scene.shown


def _draw_classes(scene: Scene, viewport: Viewport) -> Frame:
    category, selected = scene.classes, _selected(scene)
    drawn = _majority(scene, viewport, scene.shown, 0)
    in_view, radius = int(drawn.number.sum()), _dot(drawn.number)
    if radius > 0:
        drawn = _majority(scene, viewport, scene.shown, radius)
    high = _clip(drawn.number)
    gain = _gain(drawn.number, high)
    pixels, chosen = (drawn.group, drawn.total * gain), None
    if selected is not None:
        of_selected = _majority(scene, viewport, selected, radius)
        chosen = of_selected.group, of_selected.total * gain
    image = shade_majority(*pixels, len(category.names) + 1, int(high * gain), chosen)
    palette = _class_palette(scene, category)
    return Frame(image, palette, viewport, in_view, None)


def _majority(
    scene: Scene, viewport: Viewport, mask: NDArray[np.bool_] | None, radius: int
) -> Majority:
    unlabelled = len(scene.classes.names)
    return scene.run.grid.majority(
        scene.classes.layers,
        *viewport.ranges,
        *viewport.pixels,
        classes=unlabelled + 1,
        radius=radius,
        behind=unlabelled,
        mask=mask,
    )


def _class_palette(scene: Scene, category: Category) -> tuple[str, ...]:
    names = (*category.names, UNLABELLED)
    styles = scene.styles or scene.run.styles
    colours = tuple(styles[name].colour(scene.theme) for name in names)
    return _palette_of_classes(colours, scene.theme, scene.selected is not None)


@lru_cache(64)
def _palette_of_classes(
    colours: tuple[str, ...], theme: Theme, with_selection: bool
) -> tuple[str, ...]:
    t = tokens(theme)
    return tuple(class_palette(colours, t.map, t.context if with_selection else None))


@cache
def _palette_of_values(score: bool, theme: Theme, with_selection: bool) -> tuple[str, ...]:
    make = score_palette if score else density_palette
    return tuple(make(theme, with_selection))


def _draw_density(scene: Scene, viewport: Viewport) -> Frame:
    selected = _selected(scene)
    count = _count(scene.run, viewport, scene.shown)
    radius = _dot(count)
    spreaded = spread(count, radius)
    chosen = None
    if selected is not None:
        chosen = spread(_count(scene.run, viewport, selected), radius)
    high = _clip(spreaded)
    kind = scene.kind or "log"
    image = shade_density(spreaded, _SHADINGS[kind], high, chosen)
    palette = _palette_of_values(False, scene.theme, selected is not None)
    knots = ()
    if kind == "equal":
        knots = tuple(float(max(quantile_of_filled(spreaded, share), 1)) for share in _TICKED)
    scale = Scale(1.0, float(high), kind, knots, is_positive=True)
    return Frame(image, palette, viewport, int(count.sum()), scale)


def _draw_values(scene: Scene, viewport: Viewport) -> Frame:
    selected = _selected(scene)
    scale = scene.run.scale(scene.colour_by, scene.kind)
    values = scale.along(scene.run.values(scene.colour_by))
    count = _count(scene.run, viewport, scene.shown)
    radius = _dot(count)
    mean = _mean(scene.run, values, viewport, scene.shown, radius)
    chosen = None if selected is None else _mean(scene.run, values, viewport, selected, radius)
    image = shade_values(mean, *scale.ends, chosen)
    palette = _palette_of_values(scene.colour_by == "anomaly", scene.theme, selected is not None)
    return Frame(image, palette, viewport, int(count.sum()), scale)


def _mean(
    run: OpenedRun,
    values: NDArray[np.float32],
    viewport: Viewport,
    mask: NDArray[np.bool_] | None,
    radius: int,
) -> NDArray[np.float32]:
    """Mean value per pixel, NaN where empty; dots that overlap are averaged."""
    view = (*viewport.ranges, *viewport.pixels)
    known = np.isfinite(values) if mask is None else np.isfinite(values) & mask
    mean, count = run.grid.mean(values, *view, mask=known), run.grid.count(*view, mask=known)
    if radius == 0:
        return mean
    with np.errstate(invalid="ignore"):
        return (spread(mean * count, radius) / spread(count, radius)).astype(np.float32)


def _count(
    run: OpenedRun, viewport: Viewport, mask: NDArray[np.bool_] | None
) -> NDArray[np.uint32]:
    return run.grid.count(*viewport.ranges, *viewport.pixels, mask=mask)


def _dot(count: NDArray[np.uint32]) -> int:
    """Radius of the dots [px]: 0 where objects crowd, larger where they are few and far apart."""
    return int(np.searchsorted(-np.array(CROWDED), -crowding(count, BLOCK)))


def _clip(count: NDArray[np.uint32]) -> int:
    """Count that takes the last level: that which 0.5 % of the pixels that are not empty exceed."""
    return max(quantile_of_filled(count, CLIP), 3)


def _gain(count: NDArray[np.uint32], high: int) -> np.uint32:
    """Factor on counts, and on the highest, that lets lone dots shine where none overlap.

    On a logarithmic scale a count of one would always take the faintest level.
    """
    overlap = count.sum() / max(np.count_nonzero(count), 1)
    share = LONE_LEVEL * float(np.clip((3 - overlap) / 2, 0, 1))
    return np.uint32(round(high ** (share / (1 - share))))
