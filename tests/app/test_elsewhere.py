from urllib.parse import parse_qs, unquote, urlsplit

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from app.elsewhere import Place, galactic, links_for, sexagesimal
from app.goto import read_position
from app.markup import world_html

PLACES = st.tuples(st.floats(0, 360, exclude_max=True), st.floats(-90, 90))


@given(PLACES)
def test_galactic_coordinates_are_those_of_astropy(place):
    expected = SkyCoord(*place, unit="deg").galactic
    found = SkyCoord(*galactic(*place), unit="deg", frame="galactic")
    assert found.separation(expected).to(u.arcsec).value < 0.05


@given(PLACES)
def test_sexagesimal_positions_are_read_back(place):
    ra, dec = read_position(sexagesimal(*place))
    assert abs((ra - place[0] + 180) % 360 - 180) <= 15 * 0.0051 / 3600
    assert abs(dec - place[1]) <= 0.051 / 3600


@pytest.mark.parametrize(
    ("ra", "dec", "text"),
    [
        (291.46008, 44.51003, "19:25:50.42 +44:30:36.1"),
        (359.99999999, -0.00001, "00:00:00.00 -00:00:00.0"),
        (0.0, -89.9999999, "00:00:00.00 -90:00:00.0"),
    ],
)
def test_sexagesimal_positions_round_over_whole_minutes(ra, dec, text):
    assert sexagesimal(ra, dec) == text


def services(object_id, ra=150.1, dec=2.2):
    return {link.service: link for link in links_for(Place(object_id, ra, dec))}


def test_every_service_is_asked_at_the_position():
    found = services("css:1")
    assert list(found) == [
        "SIMBAD", "VSX", "TNS", "ALeRCE", "Fink", "Fink Rubin", "SNAD", "Lasair", "Aladin",
    ]  # fmt: skip
    for link in found.values():
        assert link.url.startswith("https://")
        assert "150.1" in unquote(link.url)
        assert "2.2" in unquote(link.url)
    asked = parse_qs(urlsplit(found["SIMBAD"].url).query)
    assert asked["Coord"] == ["150.100000 +2.200000"]
    assert asked["Radius.unit"] == ["arcsec"]


@pytest.mark.parametrize(
    ("object_id", "pages"),
    [
        (
            "ztf:ZTF17aaadavi",
            {
                "ALeRCE": "https://alerce.online/object/ZTF17aaadavi",
                "Fink": "https://ztf.fink-portal.org/ZTF17aaadavi",
                "Lasair": "https://lasair-ztf.lsst.ac.uk/objects/ZTF17aaadavi/",
            },
        ),
        ("ztf_dr5:202116200000001", {"SNAD": "https://ztf.snad.space/view/202116200000001"}),
        ("lsst:169645854020337671", {"Fink Rubin": "https://lsst.fink-portal.org/169645854020337671"}),
        ("tdecat:AT2018jbv", {"TNS": "https://www.wis-tns.org/object/2018jbv"}),
        ("tns:2020uew", {"TNS": "https://www.wis-tns.org/object/2020uew"}),
    ],
)  # fmt: skip
def test_an_id_of_a_known_form_leads_to_the_objects_own_page(object_id, pages):
    found = services(object_id)
    assert {name: found[name].url for name in pages} == pages
    assert all(found[name].asks == "this object" for name in pages)
    assert found["SIMBAD"].asks != "this object"


def test_an_id_of_another_form_is_no_page():
    for object_id in ("css:ZTF17", "tns:abc", "ogle:202116200000001", "x:2020uew", ""):
        assert not any(link.asks == "this object" for link in services(object_id).values())


def test_surveys_are_asked_only_of_the_sky_they_see():
    assert not {"ALeRCE", "Fink", "SNAD", "Lasair"} & set(services("a:1", dec=-60.0))
    assert "Fink Rubin" not in services("a:1", dec=40.0)
    assert "PanSTARRS" in unquote(services("a:1", dec=40.0)["Aladin"].url)
    assert "DSS2" in unquote(services("a:1", dec=-60.0)["Aladin"].url)


def test_without_a_position_only_its_own_pages_are_left():
    assert list(services("ztf:ZTF17aaadavi", None, None)) == ["ALeRCE", "Fink", "Lasair"]
    assert services("css:1", None, None) == {}
    assert "no position" in world_html.position(Place("css:1", None, None))


def test_positions_can_be_copied_and_hostile_ids_are_harmless():
    place = Place('<img src=x onerror=alert(1)>:ZTF17aaadavi" onclick="x', 10.0, -5.0)
    drawn = world_html.position(place) + world_html.elsewhere(place)
    assert "<img" not in drawn
    assert 'onclick="x' not in drawn
    assert 'data-copy="10.000000 -5.000000"' in drawn
    longitude, latitude = galactic(10.0, -5.0)
    assert f'data-copy="{longitude:.5f} {latitude:+.5f}"' in drawn
    assert np.isfinite([longitude, latitude]).all()
