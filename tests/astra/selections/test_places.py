import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st

from astra.selections import SelectionError, box, cone, inside, neighbours, of_ids, where
from astra.selections.places import read_cone, read_ids


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 360), st.floats(-90, 90), st.floats(0.01, 180))
def test_a_cone_holds_what_astropy_says(run, ra, dec, radius):
    places = run.catalogue.to_pandas()
    sky = SkyCoord(places["ra"].to_numpy(), places["dec"].to_numpy(), unit="deg")
    distance = SkyCoord(ra, dec, unit="deg").separation(sky).to_value(u.deg)
    found = cone(run, ra, dec, radius)
    clear = np.abs(distance - radius) > 1e-9
    np.testing.assert_array_equal(found[clear], (distance <= radius)[clear])
    np.testing.assert_array_equal(found, where(run, f"cone({ra!r}, {dec!r}, {radius!r})"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("291.46 +44.51 0.5", (291.46, 44.51, 0.5)),
        ("291.46, -44.51, 30'", (291.46, -44.51, 0.5)),
        (' 291.46  −44.51 36"', (291.46, -44.51, 0.01)),
        ("10 20 1 deg", (10, 20, 1)),
    ],
)
def test_a_cone_is_read_in_degrees_minutes_and_seconds(text, expected):
    assert read_cone(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "1 2", "a b c", "1.2.3 4 5", "1 2 3 4", "1 2 3 km"])
def test_what_is_no_cone_says_what_one_is(text):
    with pytest.raises(SelectionError, match="right ascension, declination"):
        read_cone(text)


@pytest.mark.parametrize("numbers", [(1, 91, 1), (1, 2, 0), (1, 2, 181), (np.nan, 2, 1)])
def test_a_cone_that_is_none_is_refused(run, numbers):
    with pytest.raises(SelectionError, match="declination"):
        cone(run, *numbers)


def test_ids_are_found_and_what_is_missing_is_told(run):
    pasted = "sky:7, sky:9\n'sky:11'\tsky:7;nothing\nsky:1 sky:2 gone"
    found = of_ids(run, read_ids(pasted))
    ids = run.object_ids(np.flatnonzero(found.mask))
    assert sorted(ids) == ["sky:1", "sky:11", "sky:2", "sky:7", "sky:9"]
    assert sorted(set(found.missing)) == ["gone", "nothing"]


def test_no_ids_are_no_objects(run):
    assert not of_ids(run, read_ids(" ,;\n")).mask.any()


@pytest.mark.parametrize("object_id", ["sky:0", "sky:399"])
def test_neighbours_are_those_of_the_artefact_brought_to_the_map(run, object_id):
    survey_row = int(object_id.removeprefix("sky:"))
    expected = {f"sky:{row}" for row in run.neighbours[survey_row, :5]}
    mask = neighbours(run, object_id, 5)
    assert set(run.object_ids(np.flatnonzero(mask))) == expected


def test_neighbours_of_what_is_not_there_are_refused(run):
    with pytest.raises(SelectionError, match="not in run first"):
        neighbours(run, "gone")


def test_a_box_is_a_polygon_of_four(run):
    x, y = run.projection.T
    expected = (x >= -0.5) & (x < 0.7) & (y >= -1) & (y < 0.2)
    np.testing.assert_array_equal(box(run, (-0.5, 0.7), (-1, 0.2)), expected)
    assert not inside(run, [(0, 0), (1, 1)]).any()
