"""Fink: ZTF alerts as Parquet of the science archive, and tables of its ZTF and LSST portals.

Definitions: fink-broker.readthedocs.io (schemas), api.fink-portal.org; Rubin:
lsst.fink-portal.org/schemas. Parquet: struct ``candidate`` and list ``prv_candidates``, read as the
ZTF alert is (flux, sign, limits, time, flags); Fink's Avro is the ZTF alert's too. Portal tables:
names with prefixes i: (ZTF), r: (Rubin), d:, f:, v:, b:; i:objectId, i:jd, i:fid, i:magpsf,
i:sigmapsf, i:isdiffpos, i:diffmaglim, d:tag (valid, badquality, upperlim), read in the same way;
badquality is flagged.
"""

import numpy as np
import pyarrow as pa

from astra.readers import rubin
from astra.readers.columns import Columns
from astra.readers.opening import Opened
from astra.readers.tables import Format, RawTables, Request
from astra.readers.ztf_alert import tables_of_candidates, tables_of_packets

_PREFIXES = ("i:", "r:", "d:", "f:", "v:", "b:")
_PACKET = ("objectId", "candidate", "prv_candidates", "fp_hists")


def recognises(opened: Opened) -> bool:
    """Parquet with objectId and a struct candidate that has jd and magpsf."""
    if opened.kind != "parquet" or not opened.has("objectId", "candidate"):
        return False
    dtype = opened.schema.field("candidate").type
    return pa.types.is_struct(dtype) and {"jd", "magpsf"} <= {field.name for field in dtype}


def read(opened: Opened, request: Request) -> RawTables:
    """Light curves of the alerts in a file; cutouts are not read."""
    table = opened.arrow([name for name in _PACKET if name in opened.schema.names])
    return tables_of_packets(opened, table.to_pylist(), FORMAT.name, request)


def recognises_portal(opened: Opened) -> bool:
    """A table with i:jd and i:objectId, or with r:midpointMjdTai."""
    return opened.has("i:objectId", "i:jd", "i:fid") or opened.has("r:midpointMjdTai", "r:band")


def read_portal(opened: Opened, request: Request) -> RawTables:
    """Light curves of a portal's table."""
    columns = _without_prefixes(opened.columns)
    if "midpointMjdTai" in columns:
        return rubin.tables_of_detections(columns, PORTAL.name, request)
    if "tag" in columns:
        columns = _with_tags(columns)
    return tables_of_candidates(columns, PORTAL.name, request)


def _without_prefixes(columns: Columns) -> Columns:
    found = {name: name[2:] for name in columns.names if name[:2] in _PREFIXES and name[2:]}
    table = columns.table.rename(columns=found)
    return Columns(
        columns.file,
        table.loc[:, ~table.columns.duplicated()],
        columns.rows,
        columns.header,
        columns.units,
        columns.torn,
    )


def _with_tags(columns: Columns) -> Columns:
    """Fink's verdict as nbad: its bad quality is flagged, its limits have no magnitude."""
    tag = columns.texts("tag")
    limit = tag == "upperlim"
    table = columns.table.assign(
        nbad=np.where(tag == "badquality", 1, 0),
        magpsf=np.where(limit, np.nan, columns.numbers("magpsf")),
    )
    return Columns(columns.file, table, columns.rows, columns.header, {}, columns.torn)


FORMAT = Format("Fink Parquet", recognises, read)
PORTAL = Format("Fink portal table", recognises_portal, read_portal)
