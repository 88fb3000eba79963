import numpy as np
import pytest

from app.drawing import raster
from app.drawing.raster import Scene, Viewport, draw
from astra.map.shading import class_levels, ramp_levels

PIXELS = 24


@pytest.fixture(autouse=True)
def dots_of_one_pixel(monkeypatch):
    monkeypatch.setattr(raster, "CROWDED", (0.0,))


@pytest.fixture
def run(session):
    return session.run


@pytest.fixture
def viewport(run):
    x_low, x_high, y_low, y_high = run.extent
    return Viewport(x_low - 1, x_high + 1, y_low - 1, y_high + 1, PIXELS, PIXELS)


def scene(run, colour_by="class", shown=None, selected=None, theme="dark"):
    category = "predicted" if colour_by == "predicted" else "class"
    return Scene(run, colour_by, run.category(category), shown, selected, theme)


def counts(run, viewport, mask):
    (x_low, x_high), (y_low, y_high) = viewport.ranges
    bins = np.linspace(x_low, x_high, PIXELS + 1), np.linspace(y_low, y_high, PIXELS + 1)
    image, _, _ = np.histogram2d(run.x[mask], run.y[mask], bins)
    return image.T.astype(int)


def test_the_class_of_a_pixel_is_its_majority(run, viewport):
    category = run.classes
    frame = draw(scene(run), viewport)
    by_class = np.stack([counts(run, viewport, category.codes == c) for c in range(4)])
    unlabelled = counts(run, viewport, category.codes < 0)
    expected = np.where(by_class.sum(0) > 0, by_class.argmax(0), 4)
    levels = class_levels(5)
    drawn = frame.image > 0
    np.testing.assert_array_equal(drawn, (by_class.sum(0) + unlabelled) > 0)
    np.testing.assert_array_equal(((frame.image.astype(int) - 1) // levels)[drawn], expected[drawn])


def test_a_palette_gives_each_class_its_own_colour_at_its_last_level(run, viewport):
    for theme in ("dark", "light"):
        frame = draw(scene(run, theme=theme), viewport)
        levels = class_levels(5)
        for i, name in enumerate((*run.classes.names, "unlabelled")):
            brightest = frame.palette[(i + 1) * levels]
            assert brightest.lower() == run.styles[name].colour(theme).lower()
        assert len(frame.palette) == 256


def test_only_the_selected_take_the_second_half_of_the_palette(run, viewport):
    selected = run.x > 0
    frame = draw(scene(run, selected=selected), viewport)
    bright = frame.image > 5 * class_levels(5, True)
    np.testing.assert_array_equal(bright, counts(run, viewport, selected) > 0)


def test_hidden_objects_are_neither_drawn_nor_counted(run, viewport):
    shown = run.classes.codes != 0
    for colour_by in ("class", "density", "anomaly"):
        frame = draw(scene(run, colour_by, shown=shown, selected=np.ones_like(shown)), viewport)
        assert frame.in_view == shown.sum()
        np.testing.assert_array_equal(frame.image > 0, counts(run, viewport, shown) > 0)


def test_only_what_is_in_view_is_counted(run):
    view = Viewport(0, 8, -8, 8, 40, 80)
    frame = draw(scene(run, "density"), view)
    inside = (run.x >= 0) & (run.x <= 8) & (run.y >= -8) & (run.y <= 8)
    assert frame.in_view == inside.sum()


def test_a_value_is_the_mean_of_its_pixel_on_the_scale_of_the_run(run, viewport):
    frame = draw(scene(run, "anomaly"), viewport)
    values = run.values("anomaly").astype(float)
    (x_low, x_high), (y_low, y_high) = viewport.ranges
    bins = np.linspace(x_low, x_high, PIXELS + 1), np.linspace(y_low, y_high, PIXELS + 1)
    total, _, _ = np.histogram2d(run.x, run.y, bins, weights=values)
    number = counts(run, viewport, np.ones(len(run), bool))
    low, high = frame.scale.low, frame.scale.high
    assert (low, high) == tuple(np.percentile(run.values("anomaly"), [1, 99]))
    with np.errstate(invalid="ignore"):
        share = np.clip((total.T / number - low) / (high - low), 0, 1)
    drawn = number > 0
    expected = 1 + share[drawn] * (ramp_levels() - 1)
    assert np.abs(frame.image[drawn] - expected).max() < 1


def test_objects_without_a_value_are_left_out(run, viewport):
    assert np.isnan(run.values("period_days")).any()
    frame = draw(scene(run, "period_days"), viewport)
    known = np.isfinite(run.values("period_days"))
    np.testing.assert_array_equal(frame.image > 0, counts(run, viewport, known) > 0)
    assert frame.in_view == len(run)


def test_dots_that_overlap_are_averaged_never_above_the_highest(run, monkeypatch):
    monkeypatch.setattr(raster, "CROWDED", (9.0, 8.0))
    x_low, x_high, y_low, y_high = run.extent
    view = Viewport(x_low, x_high, y_low, y_high, 60, 60)
    flat = np.full(len(run), 0.25, np.float32)
    monkeypatch.setattr(run, "values", lambda _: flat)
    frame = draw(scene(run, "anomaly"), view)
    assert len(np.unique(frame.image)) == 2


def test_an_image_has_at_most_one_and_a_half_pixels_a_css_pixel_and_a_largest_size():
    assert Viewport(0, 1, 0, 1, 900, 700, 1.0).pixels == (900, 700)
    assert Viewport(0, 1, 0, 1, 700, 500, 1.25).pixels == (875, 625)
    assert Viewport(0, 1, 0, 1, 500, 400, 3.0).pixels == (750, 600)
    for size in ((912, 788), (3000, 700), (900, 4000), (5000, 5000)):
        for ratio in (1.0, 1.5, 2.0):
            width, height = Viewport(0, 1, 0, 1, *size, ratio).pixels
            assert 0.9 * min(size[0] * size[1], 800_000) <= width * height <= 800_000
            assert width / height == pytest.approx(size[0] / size[1], rel=0.01)


def test_nothing_is_drawn_before_the_figure_is_laid():
    assert not Viewport(0, 1, 0, 1, 0, 0).is_visible


def test_density_takes_the_scale_that_was_chosen(run, viewport):
    images = {}
    for kind in ("log", "equal", "linear"):
        frame = draw(scene(run, "density")._replace(kind=kind), viewport)
        assert frame.scale.kind == kind
        images[kind] = frame.image.astype(int)
    count = counts(run, viewport, np.ones(len(run), bool))
    for image in images.values():
        np.testing.assert_array_equal(image > 0, count > 0)
        order = np.argsort(count[count > 0], kind="stable")
        assert np.all(np.diff(image[count > 0][order]) >= 0)
    middling = (count > 1) & (count < count.max())
    assert np.all(images["linear"][middling] <= images["log"][middling])
    assert any((images["log"] != images[kind]).any() for kind in ("equal", "linear"))
    middle = draw(scene(run, "density")._replace(kind="equal"), viewport).scale.at(0.5)
    assert middle == np.quantile(count[count > 0], 0.5, method="inverted_cdf")


def test_equal_colours_of_a_column_are_its_ranks(run, viewport):
    plain = draw(scene(run, "anomaly"), viewport)
    equal = draw(scene(run, "anomaly")._replace(kind="equal"), viewport)
    alone = counts(run, viewport, np.ones(len(run), bool)) == 1
    assert alone.sum() > 5
    one, other = plain.image[alone].astype(int), equal.image[alone].astype(int)
    order = np.argsort(one, kind="stable")
    assert np.all(np.diff(other[order])[np.diff(one[order]) > 0] >= 0)
    scores = run.values("anomaly")
    share = equal.scale.along(scores)
    assert np.nanmean(share) == pytest.approx(0.5, abs=0.03)
