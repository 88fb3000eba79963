import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from app.drawing import overview
from app.drawing.map_labels import MapLabel, _overlap, box_at, place
from app.drawing.overview import HEIGHT, WIDTH, box_in, overview_of
from app.drawing.raster import Viewport
from app.markup.overview_card import OverviewCard
from app.views.projection import ProjectionView

SIZE = (912, 640)


def look(view, x_low, x_high, y_low, y_high):
    told = [x_low, x_high, y_low, y_high, *SIZE, 1.0]
    view.map._looked("data", {}, {"view": told})


def opacity(image):
    kind, _, encoded = image.partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(BytesIO(base64.b64decode(encoded))))[..., 1]


@pytest.fixture
def view(session):
    return ProjectionView(session)


@pytest.mark.parametrize("density", [1, 2])
def test_the_picture_is_of_every_object_where_it_is(session, monkeypatch, density):
    monkeypatch.setattr(overview, "_CROWDED", 0)  # no dots
    run = session.run
    seen = overview._draw(run, density)
    x_low, x_high, y_low, y_high = seen.frame
    pixels = density * WIDTH, density * HEIGHT
    bins = np.linspace(x_low, x_high, pixels[0] + 1), np.linspace(y_low, y_high, pixels[1] + 1)
    count, _, _ = np.histogram2d(run.x, run.y, bins)
    assert count.sum() == len(run)
    # The first row of a picture is its highest.
    np.testing.assert_array_equal(opacity(seen.image) > 0, count.T[::-1] > 0)


def test_denser_places_are_less_transparent(session):
    numbers, places, rows = (1, 4, 30, 900), np.linspace(0, 1, 4), np.linspace(0, 1, 20)
    x = np.concatenate([np.full(20 * n, at) for n, at in zip(numbers, places, strict=True)])
    y = np.concatenate([np.repeat(rows, n) for n in numbers])
    crowded = type(session.run).__new__(type(session.run))
    crowded.x, crowded.y = x.astype(np.float32), y.astype(np.float32)
    seen = overview._draw(crowded, 1)
    x_low, x_high, *_ = seen.frame
    columns = [int((at - x_low) / (x_high - x_low) * WIDTH) for at in places]
    levels = [int(opacity(seen.image)[:, column].max()) for column in columns]
    assert levels == sorted(set(levels))
    assert levels[0] >= round(255 * overview.FAINTEST)
    assert levels[-1] == 255


@pytest.mark.parametrize("extent", [(0, 10, 0, 1), (0, 1, 0, 10), (2, 2, 3, 3)])
def test_the_frame_holds_the_extent_in_its_own_aspect(extent):
    x_low, x_high, y_low, y_high = overview._frame(extent)
    assert (x_high - x_low) / (y_high - y_low) == pytest.approx(WIDTH / HEIGHT)
    assert x_low < extent[0] <= extent[1] < x_high
    assert y_low < extent[2] <= extent[3] < y_high


def test_it_is_drawn_once_for_all_visitors(session, monkeypatch):
    first = overview_of(session.run)
    monkeypatch.setattr(overview, "_draw", None)
    assert overview_of(session.run) is first


def test_a_fine_screen_gets_a_picture_of_its_own_pixels(view, session):
    def pixels():
        return opacity(view.overview.image).shape

    x_low, x_high, y_low, y_high = session.run.extent
    for ratio, density in ((1.0, 1), (2.0, 2), (3.0, 2), (1.25, 1), (1.5, 2)):
        told = [x_low, x_high, y_low, y_high, *SIZE, ratio]
        view.map._looked("data", {}, {"view": told})
        assert pixels() == (density * HEIGHT, density * WIDTH)


def test_it_shows_itself_while_the_view_is_a_part_of_the_map(session):
    card = OverviewCard()
    x_low, x_high, y_low, y_high = session.run.extent
    whole = Viewport(x_low - 1, x_high + 1, y_low - 1, y_high + 1, *SIZE)
    part = whole._replace(x_low=x_low + 1)
    beside = whole._replace(y_low=y_low + 9, y_high=y_high + 9)
    assert card.boxes(part) == []
    card.put(overview_of(session.run))
    assert card.boxes(whole) == []
    assert card.boxes(part) == card.boxes(beside) == [box_in(part)]
    card.shown = False
    assert card.boxes(part) == []
    card.shown = True
    card.put(None)
    assert card.image == ""
    assert card.boxes(part) == []


def test_no_name_stands_under_it(view, session):
    x_low, x_high, y_low, y_high = session.run.extent
    look(view, x_low + 0.5, x_high, y_low, y_high)
    viewport = view.frame.viewport
    corner = box_in(viewport)
    per_pixel = viewport.per_pixel
    under = (
        viewport.x_low + (corner[0] + 60) * per_pixel,
        viewport.y_high - (corner[1] + 60) * per_pixel,
    )
    view._labels = [MapLabel(*under, "under it", "1 k")]
    view._write()
    assert view.map._names.data["name"] == []
    session.press("o")
    assert not view.overview.shown
    assert view.map._names.data["name"] == ["under it"]
    assert 'data-press="overview"' in view._tools._zoom.html
    view._pressed("overview")
    assert view.overview.shown
    assert view.map._names.data["name"] == []


def test_its_key_is_for_screens_with_the_map(view, session):
    session.screen = "train"
    session.press("o")
    assert view.overview.shown


def test_panning_asks_nothing_of_the_server_but_frames(view, session, monkeypatch):
    x_low, x_high, y_low, y_high = session.run.extent
    look(view, x_low + 1, x_high, y_low, y_high)
    before = (view.overview.image, view.overview.frame, view.overview.extent)
    changes = []
    view.overview.param.watch(changes.append, ["image", "frame", "extent", "shown"])
    for step in range(5):
        look(view, x_low + step, x_high, y_low, y_high)
    assert changes == []
    assert before == (view.overview.image, view.overview.frame, view.overview.extent)


def test_names_find_their_place_around_it():
    viewport = Viewport(0, 912, 0, 640, *SIZE)
    corner = box_in(viewport)
    rng = np.random.default_rng(1)
    wanted = [MapLabel(*rng.uniform(0, 640, 2), f"class {i}", "1 k") for i in range(40)]
    wanted += [MapLabel(*rng.uniform((780, 0), (912, 140)), f"low {i}", "1 k") for i in range(40)]
    for label in place(wanted, viewport, [corner]):
        assert not _overlap(box_at(label.x, label.y, (70, 34), viewport), corner)
