"""PLAsTiCC light curves, CSV or Parquet: object_id, mjd, passband, flux, flux_err, detected.

Definition: Zenodo 2539456 (PLAsTiCC data note). Flux: difference flux with SNANA's zero point 27.5.
passband 0 to 5 is ugrizy of LSST. Time: MJD. Nothing is flagged: undetected epochs are
measurements too.
"""

import numpy as np

from astra.readers.band_names import PLASTICC_OF_ID
from astra.readers.opening import Opened
from astra.readers.photometry import About, Observed, names, no_flags, tables_of
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import UTC_MID, ZERO_POINTS, microjansky

_DETECTED = ("detected", "detected_bool")


def recognises(opened: Opened) -> bool:
    """A table with these names."""
    return opened.has("object_id", "mjd", "passband", "flux", "flux_err") and any(
        name in opened.names for name in _DETECTED
    )


def read(opened: Opened, request: Request) -> RawTables:
    """Light curves of a table."""
    columns = opened.columns
    zero_point = ZERO_POINTS["fluxcal"]
    passband = columns.texts("passband")
    observed = Observed(
        columns.texts("object_id"),
        columns.numbers("mjd"),
        microjansky(columns.numbers("flux"), zero_point),
        microjansky(columns.numbers("flux_err"), zero_point),
        np.array([PLASTICC_OF_ID.get(text or "", text) for text in passband], object),
        no_flags(columns),
    )
    name = names(object_id="object_id", time="mjd", band="passband", flux="flux", error="flux_err")
    return tables_of(
        columns, observed, About(FORMAT.name, UTC_MID, True, "lsst", names=name), request
    )


FORMAT = Format("PLAsTiCC table", recognises, read)
