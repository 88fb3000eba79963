"""One object in the world: its place on the sky in the usual notations, and pages about it."""

import re
from typing import NamedTuple
from urllib.parse import quote, urlencode

import numpy as np

RADIUS = 5
_ZTF = re.compile(r"ZTF\d{2}[a-z]{7}")
_TNS = re.compile(r"(?:AT|SN)[ _]?((?:19|20)\d{2}(?:[A-Z]|[a-z]{2,5}))")
_BARE_TNS = re.compile(r"((?:19|20)\d{2}(?:[A-Z]|[a-z]{2,5}))")
_DIGITS = re.compile(r"\d{15,19}")
# ZTF sees declinations above this one [deg]; Rubin's main survey those below the other.
_ZTF_SOUTH, _RUBIN_NORTH = -31.5, 15.0
# Rows are the axes of galactic coordinates in ICRS: Hipparcos catalogue, vol. 1, eq. 1.5.11.
_GALACTIC = np.array(
    [
        [-0.0548755604, -0.8734370902, -0.4838350155],
        [+0.4941094279, -0.4448296300, +0.7469822445],
        [-0.8676661490, -0.1980763734, +0.4559837762],
    ]
)


class Place(NamedTuple):
    """An object as other services know it: its id, and its position [deg, ICRS] where known."""

    object_id: str
    ra: float | None
    dec: float | None


class Link(NamedTuple):
    """A page elsewhere: the service, its address, and what is asked of it."""

    service: str
    url: str
    asks: str


def sexagesimal(ra: float, dec: float) -> str:
    """Position in hours and degrees: ``19:25:50.42 +44:30:36.1``, ICRS."""
    hundredths = round(ra / 15 * 3600 * 100) % (24 * 3600 * 100)
    tenths = round(abs(dec) * 3600 * 10)
    hours, minutes = divmod(hundredths, 3600 * 100)
    degrees, arcminutes = divmod(tenths, 3600 * 10)
    return (
        f"{hours:02d}:{minutes // 6000:02d}:{minutes % 6000 / 100:05.2f} "
        f"{'-' if dec < 0 else '+'}{degrees:02d}:{arcminutes // 600:02d}:"
        f"{arcminutes % 600 / 10:04.1f}"
    )


def galactic(ra: float, dec: float) -> tuple[float, float]:
    """Galactic longitude, in [0, 360), and latitude [deg] of an ICRS position [deg]."""
    a, d = np.radians([ra, dec])
    x, y, z = _GALACTIC @ [np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)]
    return float(np.degrees(np.arctan2(y, x)) % 360), float(np.degrees(np.arcsin(z)))


def links_for(place: Place) -> list[Link]:
    """Pages about an object: its own by its id where the id has that form, else by position.

    Parameters
    ----------
    place : Place

    Returns
    -------
    list of Link
        In the order in which they are shown; a service that cannot know the object is left out.
    """
    survey, _, native = place.object_id.rpartition(":")
    own = _own_pages(survey, native)
    around = [] if place.ra is None or place.dec is None else _around(place.ra, place.dec)
    known = {link.service for link in own}
    everything = own + [link for link in around if link.service not in known]
    return sorted(everything, key=lambda link: _ORDER.index(link.service))


def _own_pages(survey: str, native: str) -> list[Link]:
    name = quote(native, safe="")
    if _ZTF.fullmatch(native):
        return [
            Link("ALeRCE", f"https://alerce.online/object/{name}", "this object"),
            Link("Fink", f"https://ztf.fink-portal.org/{name}", "this object"),
            Link("Lasair", f"https://lasair-ztf.lsst.ac.uk/objects/{name}/", "this object"),
        ]
    if survey.startswith("ztf") and _DIGITS.fullmatch(native):
        return [Link("SNAD", f"https://ztf.snad.space/view/{name}", "this object")]
    if survey.startswith("lsst") and _DIGITS.fullmatch(native):
        return [
            Link("Fink Rubin", f"https://lsst.fink-portal.org/{name}", "this object"),
            Link("Lasair Rubin", f"https://lasair-lsst.lsst.ac.uk/objects/{name}/", "this object"),
        ]
    found = _TNS.fullmatch(native) or (survey == "tns" and _BARE_TNS.fullmatch(native))
    if found:
        return [Link("TNS", f"https://www.wis-tns.org/object/{found[1]}", "this object")]
    return []


def _around(ra: float, dec: float) -> list[Link]:
    """Searches of services at a position."""
    here = f"{ra:.6f} {dec:+.6f}"

    def ask(service: str, url: str, **query: object) -> Link:
        return Link(service, f"{url}?{urlencode(query)}", f"within {RADIUS}″")

    cone = {"ra": f"{ra:.6f}", "dec": f"{dec:.6f}", "radius": RADIUS}
    links = [
        ask(
            "SIMBAD", "https://simbad.cds.unistra.fr/simbad/sim-coo",
            **{"Coord": here, "CooFrame": "ICRS", "Radius": RADIUS, "Radius.unit": "arcsec"},
        ),
        ask(
            "VSX", "https://www.aavso.org/vsx/index.php",
            view="results.get", coords=here, format="d", size=RADIUS, unit=3, geom="r", order=9,
        ),
        ask(
            "TNS", "https://www.wis-tns.org/search",
            ra=cone["ra"], decl=cone["dec"], radius=RADIUS, coords_unit="arcsec",
        ),
        ask(
            "Aladin", "https://aladin.cds.unistra.fr/AladinLite/",
            target=here, fov=0.03, survey=image_survey(dec),
        )._replace(asks="sky around it"),
    ]  # fmt: skip
    if dec > _ZTF_SOUTH:
        place = quote(f"{ra:.6f} {dec:.6f}")
        links += [
            ask("ALeRCE", "https://alerce.online/", **cone, page=1),
            ask("Fink", "https://ztf.fink-portal.org/", action="conesearch", **cone),
            Link("SNAD", f"https://ztf.snad.space/search/{place}/{RADIUS}", f"within {RADIUS}″"),
            ask("Lasair", "https://lasair-ztf.lsst.ac.uk/conesearch/", **cone),
        ]
    if dec < _RUBIN_NORTH:
        links.append(
            ask("Fink Rubin", "https://lsst.fink-portal.org/", action="conesearch", **cone)
        )
    return links


def image_survey(dec: float) -> str:
    """Image survey that covers a declination [deg], by the name that Aladin gives it."""
    return "CDS/P/PanSTARRS/DR1/color-z-zg-g" if dec > -30 else "CDS/P/DSS2/color"


_ORDER = (
    "SIMBAD", "VSX", "TNS", "ALeRCE", "Fink", "Fink Rubin", "SNAD", "Lasair", "Lasair Rubin",
    "Aladin",
)  # fmt: skip
