"""What other catalogues know near a position: SIMBAD, VSX, Gaia, ZTF variables, ALeRCE."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np

from astra.data.catalogue import separation_deg
from astra.services.answers import Answer, Answers, Match
from astra.services.web import ServiceError, needs, reason, session, unavailable

RADIUS = 5.0
MOST = 20
_SIMBAD = "https://simbad.cds.unistra.fr/simbad/sim-tap"
_VIZIER = "https://tapvizier.cds.unistra.fr/TAPVizieR/tap"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One catalogue behind a TAP service.

    Attributes
    ----------
    title : str
        As people call it.
    url, table : str
        TAP service, and the table in it.
    ra, dec, name, kind : str
        Columns of position [deg], name and type; ``kind`` may be empty.
    facts : mapping of str to (str, str)
        Column -> title and unit of what else is told.
    link : str
        Address of a page on one object, ``{}`` for what `linked` holds.
    linked : str
        Column that goes into the link.
    """

    title: str
    url: str
    table: str
    ra: str
    dec: str
    name: str
    kind: str
    facts: Mapping[str, tuple[str, str]]
    link: str
    linked: str


CATALOGUES: dict[str, Catalogue] = {
    "simbad": Catalogue(
        "SIMBAD", _SIMBAD, "basic", "ra", "dec", "main_id", "otype",
        {"sp_type": ("spectral type", ""), "rvz_redshift": ("redshift", "")},
        "https://simbad.cds.unistra.fr/simbad/sim-id?Ident={}", "main_id",
    ),
    "vsx": Catalogue(
        "VSX", _VIZIER, '"B/vsx/vsx"', "RAJ2000", "DEJ2000", "Name", "Type",
        {"Period": ("period", "d"), "max": ("brightest", "mag")},
        "https://www.aavso.org/vsx/index.php?view=detail.top&oid={}", "OID",
    ),
    "gaia": Catalogue(
        "Gaia DR3", _VIZIER, '"I/355/gaiadr3"', "RA_ICRS", "DE_ICRS", "Source", "",
        {"Gmag": ("G", "mag"), "BP-RP": ("BP − RP", "mag"), "Plx": ("parallax", "mas"),
         "PM": ("proper motion", "mas/yr"), "VarFlag": ("variability", "")},
        "https://vizier.cds.unistra.fr/viz-bin/VizieR-6?-source=I/355/gaiadr3&Source={}", "Source",
    ),
    "ztf": Catalogue(
        "ZTF periodic", _VIZIER, '"J/ApJS/249/18/table2"', "RAJ2000", "DEJ2000",
        "ID", "Type", {"Per": ("period", "d")},
        "https://vizier.cds.unistra.fr/viz-bin/VizieR-6?-source=J/ApJS/249/18/table2&ID={}", "ID",
    ),
}  # fmt: skip
SERVICES: dict[str, str] = {
    **{name: catalogue.title for name, catalogue in CATALOGUES.items()},
    "alerce": "ALeRCE",
}
"""Name of each service that can be asked -> its title."""


def tns_link(ra: float, dec: float, radius: float = RADIUS) -> str:
    """Page of the Transient Name Server on a position [deg]; it is opened by people only."""
    asked = {"ra": f"{ra:.6f}", "decl": f"{dec:.6f}", "radius": f"{radius:g}"}
    return f"https://www.wis-tns.org/search?{urlencode({**asked, 'coords_unit': 'arcsec'})}"


def known(
    answers: Answers, service: str, ra: float, dec: float, radius: float = RADIUS
) -> Answer | None:
    """What a service has said of a position before; nobody is asked."""
    return answers.find(service, _question(ra, dec, radius))


def ask(
    answers: Answers,
    service: str,
    ra: float,
    dec: float,
    radius: float = RADIUS,
    opened: Any = None,
) -> Answer:
    """Ask a service what is near a position, and keep what it says.

    Parameters
    ----------
    answers : Answers
    service : str
        One of `SERVICES`.
    ra, dec : float, degrees
        ICRS.
    radius : float, arcsec
    opened : session, optional
        By default a new `astra.services.web.session`.

    Raises
    ------
    ServiceError
        It does not answer, or a library is missing.
    """
    opened = session() if opened is None else opened
    found = (
        _ask_alerce(opened, ra, dec, radius)
        if service == "alerce"
        else _ask_tap(opened, CATALOGUES[service], ra, dec, radius)
    )
    nearest = sorted(found, key=lambda match: match.separation)
    return answers.keep(service, _question(ra, dec, radius), tuple(nearest))


def _question(ra: float, dec: float, radius: float) -> str:
    return f"{ra:.6f} {dec:.6f} {radius:g}"


def adql(catalogue: Catalogue, ra: float, dec: float, radius: float) -> str:
    """Query for everything of a catalogue in a circle; position in deg, radius in arcsec."""
    return (
        f"SELECT TOP {MOST} * FROM {catalogue.table} WHERE 1=CONTAINS("
        f"POINT('ICRS', {catalogue.ra}, {catalogue.dec}), "
        f"CIRCLE('ICRS', {ra:.7f}, {dec:.7f}, {radius / 3600:.7f}))"
    )


def _ask_tap(
    opened: Any, catalogue: Catalogue, ra: float, dec: float, radius: float
) -> list[Match]:
    try:
        from pyvo.dal.tap import TAPQuery
    except ImportError as error:
        raise needs("pyvo") from error
    query = adql(catalogue, ra, dec, radius)
    try:
        rows = TAPQuery(catalogue.url, query, session=opened).execute().to_table()
    except Exception as error:  # pyvo's own around anything; and the parser's
        raise unavailable(catalogue.title, error) from error
    try:
        return [_match(catalogue, row, ra, dec) for row in rows]
    except KeyError as error:
        raise ServiceError(f"{catalogue.title} answers without column {error}") from error


def _match(catalogue: Catalogue, row: Any, ra: float, dec: float) -> Match:
    facts = [
        (title, f"{value} {unit}".strip())
        for column, (title, unit) in catalogue.facts.items()
        if (value := _told(row, column))
    ]
    return Match(
        name=_told(row, catalogue.name) or "unnamed",
        kind=_told(row, catalogue.kind) if catalogue.kind else "",
        separation=_separation(ra, dec, float(row[catalogue.ra]), float(row[catalogue.dec])),
        facts=tuple(facts),
        link=catalogue.link.format(quote(_told(row, catalogue.linked), safe="")),
    )


def _told(row: Any, column: str) -> str:
    """A value in words; empty where it is unknown or there is no such column."""
    if column not in row.colnames or np.ma.is_masked(row[column]):
        return ""
    value = row[column]
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return f"{value:.7g}" if math.isfinite(value) else ""
    return str(value.decode() if isinstance(value, bytes) else value).strip()[:200]


def _separation(ra: float, dec: float, other_ra: float, other_dec: float) -> float:
    apart = separation_deg(ra, dec, np.array([other_ra]), np.array([other_dec]))
    return round(float(3600 * apart[0]), 3)


def _ask_alerce(opened: Any, ra: float, dec: float, radius: float) -> list[Match]:
    items = alerce_objects(opened, ra, dec, radius, MOST)
    try:
        return [
            Match(
                name=str(item["oid"])[:64],
                kind=str(item.get("class") or "")[:64],
                separation=_separation(ra, dec, float(item["meanra"]), float(item["meandec"])),
                facts=tuple(_alerce_facts(item)),
                link=f"https://alerce.online/object/{quote(str(item['oid']), safe='')}",
            )
            for item in items
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ServiceError(f"ALeRCE answers what is not understood ({error!r})") from error


def _alerce_facts(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts = [("detections", str(int(item["ndet"])))] if item.get("ndet") else []
    if item.get("probability"):
        facts.append(("probability", f"{float(item['probability']):.2f}"))
    return facts


def alerce_client(opened: Any) -> Any:
    """ALeRCE's own client, on a polite session.

    Raises
    ------
    ServiceError
        It is not installed.
    """
    try:
        from alerce.ztf_search import ZTFSearch
    except ImportError as error:
        raise needs("alerce") from error
    client = ZTFSearch()
    client.session = opened
    return client


def alerce_objects(
    opened: Any, ra: float, dec: float, radius: float, most: int, page: int = 1
) -> list[Mapping[str, Any]]:
    """One page of ALeRCE's objects in a circle; position in deg, radius in arcsec.

    Raises
    ------
    ServiceError
        It does not answer.
    """
    client = alerce_client(opened)
    asked = {"ra": ra, "dec": dec, "radius": radius, "page": page, "page_size": most}
    try:
        told = client.query_objects(format="json", **asked)
    except ServiceError:
        raise
    except Exception as error:  # its own, requests', and json's
        raise ServiceError(reason("ALeRCE", error)) from error
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list):
        raise ServiceError("ALeRCE answers what is not understood")
    return items
