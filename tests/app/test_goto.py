import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from app.goto import look_up, read_position
from app.markup.top_bar import TopBar


@pytest.mark.parametrize(
    "text",
    [
        "19:25:50.4 +44:30:36",
        "19 25 50.4 44 30 36",
        "19h25m50.4s +44d30m36s",
        "00:00:00.1 -0:30:00.5",
        "23h59m59.99s -89d59m59s",
    ],
)
def test_sixtieths_are_read_as_astropy_reads_them(text):
    expected = SkyCoord(text, unit=("hourangle", "deg"))
    degrees = [float(number) for number in str(expected.to_string("decimal", precision=10)).split()]
    assert read_position(text) == pytest.approx(degrees, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("291.46 +44.51", (291.46, 44.51)),
        ("291.46,-44.51", (291.46, -44.51)),
        (" 10 20 ", (10, 20)),
        ("0.5 −0.25", (0.5, -0.25)),
    ],
)
def test_degrees_are_read(text, place):
    assert read_position(text) == place


@pytest.mark.parametrize(
    "text", ["", "sky:RRab000", "361 0", "10 91", "10", "1 2 3", "a b", "-5 3"]
)
def test_what_is_no_position_is_none(text):
    assert read_position(text) is None


def test_an_exact_id_comes_before_ids_that_begin_so(session):
    run = session.run
    assert look_up(run, " sky:EA007 ").row == run.find("sky:EA007")
    found = look_up(run, "sky:EA00")
    assert run.object_id(found.row).startswith("sky:EA00")
    assert "the first of 10 objects" in found.said
    assert look_up(run, "sky:EA05").row is not None


@pytest.mark.parametrize("text", ["", "nobody", "sky:XX"])
def test_what_is_not_there_is_said(session, text):
    found = look_up(session.run, text)
    assert found.row is None
    assert "not found" in found.said


def test_a_position_leads_to_the_nearest_object(session):
    run = session.run
    ra, dec = (run.run.values("catalogue", name).astype(float) for name in ("ra", "dec"))
    for row in (0, 99, 239):
        found = look_up(run, f"{ra[row]:.6f} {dec[row]:+.6f}")
        assert found.row == row
        assert "″" in found.said
    far = look_up(run, "180 -89")
    there = SkyCoord(180, -89, unit="deg").separation(SkyCoord(ra, dec, unit="deg")).deg
    assert far.row == np.argmin(there)
    assert "°" in far.said


def test_the_box_of_the_top_bar_goes_there(session):
    bar = TopBar(session)
    bar._search.value = "sky:LPV01"
    bar._find()
    assert session.run.object_id(session.focus).startswith("sky:LPV01")
    bar._search.value = "nobody"
    bar._find()
    assert session.is_warning
    assert "nobody" in session.status
