from itertools import combinations

import numpy as np
import pytest

from app.drawing.map_labels import MOST_LABELS, MapLabel, _overlap, peaks, place
from app.drawing.raster import Viewport

VIEW = Viewport(0, 100, 0, 100, 800, 800)


def test_a_name_stands_where_its_class_is_densest(session):
    run = session.run
    found = {label.name: label for label in peaks(run, run.predicted, frozenset())}
    assert set(found) == {"RRab", "EA", "LPV", "SN Ia"}
    for code, name in enumerate(run.predicted.names):
        members = run.predicted.codes == code
        middle = np.median(run.x[members]), np.median(run.y[members])
        assert np.hypot(found[name].x - middle[0], found[name].y - middle[1]) < 2


def test_hidden_and_rare_classes_have_no_name(session):
    run = session.run
    names = [label.name for label in peaks(run, run.predicted, frozenset({"EA"}))]
    assert "EA" not in names
    assert len(names) == 3


def test_a_map_of_one_place_has_no_names(session, monkeypatch):
    monkeypatch.setitem(vars(session.run), "extent", (1.0, 1.0, 2.0, 2.0))
    assert peaks(session.run, session.run.predicted, frozenset()) == []


@pytest.mark.parametrize("seed", range(5))
def test_names_never_meet_each_other_nor_the_legend_nor_the_border(seed):
    generator = np.random.default_rng(seed)
    wanted = [
        MapLabel(*generator.uniform(-10, 110, 2), "x" * generator.integers(1, 24), "1 k")
        for _ in range(60)
    ]
    legend = (0.0, 0.0, 220.0, 300.0)
    placed = place(wanted, VIEW, [legend])
    assert 0 < len(placed) <= MOST_LABELS
    assert all(label in wanted for label in placed)
    boxes = [legend]
    for label in placed:
        x, y = label.x * 8, (100 - label.y) * 8
        half = max(len(label.name) * 8.0, 40) / 2
        boxes.append((x - half, y - 17, x + half, y + 17))
        assert 0 <= x <= 800
        assert 0 <= y <= 800
    assert not any(_overlap(a, b) for a, b in combinations(boxes, 2))


def test_the_first_of_two_names_in_one_place_stays():
    one, other = MapLabel(50, 50, "EW", "9 k"), MapLabel(50.5, 50, "EA", "1 k")
    assert place([one, other], VIEW) == [one]
