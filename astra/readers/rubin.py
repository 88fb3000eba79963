"""Rubin: alert packets, and DiaSource and ForcedSource tables, flat or nested (HATS, DP1).

Definitions: github.com/lsst/alert_packet (schema 11), sdm-schemas.lsst.io. Used: diaObjectId (or
objectId), midpointMjdTai, band, psfFlux(Err) of DiaSource, psfDiffFlux(Err) of ForcedSource,
ra, dec (coord_ra, coord_dec), and the flags below.

Flux: difference flux in nanojansky, AB. Time: MJD (TAI) at mid-exposure. Flagged by default:
psfFlux_flag (psfDiffFlux_flag), psfFlux_flag_edge, psfFlux_flag_noGoodPixels, invalidPsfFlag,
pixelFlags_bad, pixelFlags_saturated, pixelFlags_nodata, pixelFlags_edge, pixelFlags_cr.

A packet as Kafka carries it has no schema, only the number of one: it cannot be read without it.
Give the schema (lsst.alert.packet holds them) or the files of a broker that puts it in.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from astra.data.errors import RejectedFileError
from astra.readers.avro import read_packet, schema_id
from astra.readers.band_names import bands_of
from astra.readers.columns import Columns, columns_of
from astra.readers.nested import explode, frame_of, is_flat, nested_fields
from astra.readers.opening import Opened
from astra.readers.photometry import About, Observed, name_of, names, tables_of
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import TAI_MID, ZERO_POINTS, microjansky

_FLAGS = (
    "psfFlux_flag", "psfDiffFlux_flag", "psfFlux_flag_edge", "psfFlux_flag_noGoodPixels",
    "invalidPsfFlag", "pixelFlags_bad", "pixelFlags_saturated", "pixelFlags_nodata",
    "pixelFlags_edge", "pixelFlags_cr",
)  # fmt: skip
_FLUXES = (("psfDiffFlux", "psfDiffFluxErr"), ("psfFlux", "psfFluxErr"))
_OBJECTS = ("diaObjectId", "objectId", "ssObjectId")
_PARTS = ("diaSource", "prvDiaSources", "prvDiaForcedSources")
_NESTED = ("diaObjectForcedSource", "objectForcedSource", "diaSource", "lightcurve", "lc")


def recognises_packet(opened: Opened) -> bool:
    """Avro with a diaSource, or a packet without its schema."""
    if opened.kind == "packet":
        return True
    return opened.kind == "avro" and "diaSource" in opened.avro[1][0]


def read_packet_file(opened: Opened, request: Request) -> RawTables:
    """Light curves of the packets in a file.

    Raises
    ------
    RejectedFileError
        The packet has no schema, and none was given.
    """
    if opened.kind == "avro":
        packets = opened.avro[1]
    elif request.options.schema is None:
        raise RejectedFileError(
            f"{opened.path}: an Avro packet in Confluent's wire format: it names schema number "
            f"{schema_id(opened.head)} but does not hold it, and without its schema no byte can be "
            "read; give the schema (--schema FILE.avsc, from lsst.alert.packet) or a file that "
            "holds it"
        )
    else:
        packets = [read_packet(opened.path, opened.content, request.options.schema)]
    entries, rows = [], []
    for row, packet in enumerate(packets):
        object_id = _object_of(packet)
        for part in _PARTS:
            found = packet.get(part)
            for epoch in found if isinstance(found, list) else [found]:
                if isinstance(epoch, Mapping):
                    entries.append({**epoch, "diaObjectId": object_id})
                    rows.append(row)
    columns = Columns(opened.path, pd.DataFrame(entries, dtype=object), np.array(rows, np.int64))
    return tables_of_detections(columns, PACKET.name, request, overlapping=True)


def recognises_table(opened: Opened) -> bool:
    """A table with midpointMjdTai, band and a PSF flux."""
    return opened.has("midpointMjdTai", "band") and any(flux in opened.names for flux, _ in _FLUXES)


def read_table(opened: Opened, request: Request) -> RawTables:
    """Light curves of a DiaSource or ForcedSource table."""
    return tables_of_detections(opened.columns, TABLE.name, request)


def recognises_nested(opened: Opened) -> bool:
    """Parquet in which a nested column has midpointMjdTai."""
    return opened.kind == "parquet" and bool(_nested_of(opened))


def read_nested(opened: Opened, request: Request) -> RawTables:
    """Light curves of a HATS leaf file; forced fluxes where it has them, else detections."""
    nested = _nested_of(opened)[0]
    request.quarantine.note(f"{opened.path}: observations are those of column {nested}")
    inside = nested_fields(opened.schema.field(nested).type)
    lists = [n for n in inside if n in ("midpointMjdTai", "band", *sum(_FLUXES, ()), *_FLAGS)]
    keep = [
        f.name
        for f in opened.schema
        if is_flat(f.type) and f.name in (*_OBJECTS, "ra", "dec", "coord_ra", "coord_dec")
    ]
    table = opened.arrow([*keep, nested])
    whole = columns_of(opened.path, frame_of(table.select(keep)))
    return tables_of_detections(explode(whole, table, nested, lists, keep), NESTED.name, request)


def tables_of_detections(
    columns: Columns, name: str, request: Request, overlapping: bool = False
) -> RawTables:
    """Light curves of a table of detections or forced fluxes [nJy]."""
    flux_name, error_name = next(
        (pair for pair in _FLUXES if np.isfinite(columns.numbers(pair[0])).any()), _FLUXES[1]
    )
    object_name = next((n for n in _OBJECTS if n in columns), "")
    zero_point = ZERO_POINTS["njy"]
    flagged = np.zeros(len(columns), bool)
    for flag in _FLAGS:
        flagged |= columns.true(flag)
    observed = Observed(
        columns.texts(object_name) if object_name else name_of(columns.file),
        columns.numbers("midpointMjdTai"),
        microjansky(columns.numbers(flux_name), zero_point),
        microjansky(columns.numbers(error_name), zero_point),
        bands_of(columns.texts("band"), "lsst"),
        flagged,
    )
    about = About(
        format=name,
        clock=TAI_MID,
        difference=True,
        survey="lsst",
        columns={
            "ra": _first(columns, "ra", "coord_ra"),
            "dec": _first(columns, "dec", "decl", "coord_dec"),
        },
        names=names(
            object_id=object_name,
            time="midpointMjdTai",
            band="band",
            flux=flux_name,
            error=error_name,
        ),
        overlapping=overlapping,
    )
    return tables_of(columns, observed, about, request, f"hold no {flux_name}")


def _object_of(packet: Mapping[str, Any]) -> str | None:
    for part in ("diaObject", "diaSource"):
        found = packet.get(part)
        if isinstance(found, Mapping) and found.get("diaObjectId"):
            return str(found["diaObjectId"])
    return str(packet["diaSourceId"]) if packet.get("diaSourceId") else None


def _nested_of(opened: Opened) -> list[str]:
    found = [
        f.name
        for f in opened.schema
        if {"midpointMjdTai", "band"} <= set(nested_fields(f.type))
        and {flux for flux, _ in _FLUXES} & set(nested_fields(f.type))
    ]
    return sorted(found, key=lambda n: _NESTED.index(n) if n in _NESTED else len(_NESTED))


def _first(columns: Columns, *wanted: str) -> np.ndarray:
    return columns.numbers(next((name for name in wanted if name in columns), wanted[0]))


PACKET = Format("Rubin alert", recognises_packet, read_packet_file)
TABLE = Format("Rubin table", recognises_table, read_table)
NESTED = Format("Rubin HATS", recognises_nested, read_nested)
