"""ATLAS detections as Avro, as ALeRCE distributes them.

Definition: the packet's own schema (atlas.alert 0.1; alercebroker/pipeline). Used of ``candidate``:
mjd, filter, flux, Dflux, RA, Dec.

Flux: difference flux in microjansky, its sign as given: ``Mag`` is negative where the flux is,
and ``isdiffpos`` is then still t, so neither is used. Dflux carries the sign of the flux; its
absolute value is the error. Time: MJD (UTC) at the start of the exposure. Nothing is flagged.
"""

import numpy as np
import pandas as pd

from astra.readers.band_names import bands_of
from astra.readers.columns import columns_of
from astra.readers.opening import Opened
from astra.readers.photometry import About, Observed, names, no_flags, tables_of
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import UTC_START

_USED = ("mjd", "filter", "flux", "Dflux", "RA", "Dec")


def recognises(opened: Opened) -> bool:
    """Avro whose packets have objectId and a candidate with mjd, flux and Dflux."""
    if opened.kind != "avro":
        return False
    candidate = opened.avro[1][0].get("candidate")
    return isinstance(candidate, dict) and {"mjd", "flux", "Dflux"} <= set(candidate)


def read(opened: Opened, request: Request) -> RawTables:
    """Light curves of the objects of the packets in a file."""
    packets = opened.avro[1]
    entries = [
        {
            "objectId": packet.get("objectId"),
            **{name: (packet.get("candidate") or {}).get(name) for name in _USED},
        }
        for packet in packets
    ]
    columns = columns_of(opened.path, pd.DataFrame(entries, dtype=object))
    observed = Observed(
        columns.texts("objectId"),
        columns.numbers("mjd"),
        columns.numbers("flux"),
        np.abs(columns.numbers("Dflux")),
        bands_of(columns.texts("filter"), "atlas"),
        no_flags(columns),
    )
    position = {"ra": columns.numbers("RA"), "dec": columns.numbers("Dec")}
    name = names(object_id="objectId", time="mjd", band="filter", flux="flux", error="Dflux")
    about = About(FORMAT.name, UTC_START, True, "atlas", position, name, overlapping=True)
    return tables_of(columns, observed, about, request)


FORMAT = Format("ATLAS alert", recognises, read)
