"""MultimodalUniverse light curves, Parquet: an id, and nested band, time, flux, flux_err.

Definition: github.com/MultimodalUniverse/MultimodalUniverse DESIGN.md. Lists are sorted by band and
padded to a rectangle with time = -99, flux = 0, flux_err = 0: padding is no observation.

Flux: difference flux with SNANA's zero point 27.5, as PLAsTiCC and the supernova sets have it.
Time: MJD as float32: good to 5 minutes only. Bands are those of the survey that the path names
(plasticc and elasticc: lsst; yse, ps1, foundation: ps1; des), else of none. Nothing is flagged.
"""

import numpy as np
import pyarrow as pa

from astra.readers.band_names import bands_of
from astra.readers.columns import columns_of
from astra.readers.nested import explode, frame_of, is_flat, nested_fields
from astra.readers.opening import Opened
from astra.readers.photometry import About, Observed, names, no_flags, tables_of
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import UTC_MID, ZERO_POINTS, microjansky

_LISTS = ("band", "time", "flux", "flux_err")
_PADDING = -99.0
_SURVEYS = {
    "plasticc": "lsst", "elasticc": "lsst", "yse": "ps1", "ps1": "ps1", "foundation": "ps1",
    "des": "des",
}  # fmt: skip
_FACTS = {"ra": "ra", "dec": "dec", "redshift": "redshift"}


def recognises(opened: Opened) -> bool:
    """Parquet with object_id and a nested column of exactly these lists."""
    return (
        opened.kind == "parquet"
        and "object_id" in opened.names
        and _nested_of(opened.schema) is not None
    )


def read(opened: Opened, request: Request) -> RawTables:
    """Light curves of a shard."""
    nested = _nested_of(opened.schema)
    keep = [
        f.name
        for f in opened.schema
        if is_flat(f.type) and f.name in ("object_id", "obj_type", "spec_class", *_FACTS)
    ]
    table = opened.arrow([*keep, str(nested)])
    whole = columns_of(opened.path, frame_of(table.select(keep)))
    columns = explode(whole, table, nested, _LISTS, keep)
    columns = columns.where(columns.numbers("time") != _PADDING)
    path = str(opened.path).lower()
    survey = next((found for word, found in _SURVEYS.items() if word in path), "")
    zero_point = ZERO_POINTS["fluxcal"]
    observed = Observed(
        columns.texts("object_id"),
        columns.numbers("time"),
        microjansky(columns.numbers("flux"), zero_point),
        microjansky(columns.numbers("flux_err"), zero_point),
        bands_of(columns.texts("band"), survey),
        no_flags(columns),
    )
    label = columns.texts("obj_type" if "obj_type" in columns else "spec_class")
    facts: dict[str, object] = {name: columns.numbers(name) for name in _FACTS}
    request.quarantine.note(
        f"{opened.path}: fluxes have zero point 27.5; times may be float32, good to 5 minutes only"
    )
    about = About(
        format=FORMAT.name,
        clock=UTC_MID,
        difference=True,
        survey=survey,
        columns={**facts, "label": np.asarray(label, object)},
        names=names(object_id="object_id", time="time", band="band", flux="flux", error="flux_err"),
    )
    return tables_of(columns, observed, about, request)


def _nested_of(schema: pa.Schema) -> str | None:
    for field in schema:
        if set(nested_fields(field.type)) == set(_LISTS):
            return field.name
    return None


FORMAT = Format("MultimodalUniverse", recognises, read)
