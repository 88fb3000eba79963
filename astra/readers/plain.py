"""Plain tables of anybody: CSV, IPAC, Parquet (also nested), VOTable, FITS, by a guessed mapping.

Definition: none; :mod:`astra.readers.mapping` guesses from names, units and values, and the guess
is told. Flux: total (or difference, if kind=difference is given), from magnitudes (AB formula) or
fluxes in the unit stated by metadata, name, or zero point. Time: MJD, or JD that is converted; the
scale is unknown. Bands: Astra's names, the usual spellings of surveys, or bare letters, which
become bands of no survey (gen_g) unless survey=... is given. Flagged: what the flag column says.
"""

import numpy as np

from astra.data.errors import RejectedFileError
from astra.readers.band_names import ZTF_OF_ID, bands_of
from astra.readers.columns import Columns, columns_of
from astra.readers.mapping import describe, guess
from astra.readers.nested import explode, frame_of, is_flat, nested_fields
from astra.readers.opening import Opened, units_of
from astra.readers.photometry import About, Observed, name_of, names, no_flags, tables_of
from astra.readers.tables import Format, RawTables, Request
from astra.readers.units import (
    ZERO_POINTS,
    Clock,
    Floats,
    error_of_magnitude,
    flux_of_magnitude,
    microjansky,
)

_FEW_COLUMNS = 2


def recognises(opened: Opened) -> bool:
    """Any table of more than two columns."""
    return (
        opened.kind in ("text", "parquet", "votable", "fits") and len(opened.names) > _FEW_COLUMNS
    )


def read(opened: Opened, request: Request) -> RawTables:
    """Light curves of a table, by the given mapping and guesses for the rest.

    Raises
    ------
    RejectedFileError
        Something needed cannot be guessed, or the guess was not confirmed.
    """
    columns = columns_of_table(opened)
    mapping = guess(columns, request.options.mapping)
    ask = request.options.ask
    if ask is not None and not ask(opened.path, mapping):
        raise RejectedFileError(
            f"{opened.path}: the guess {describe(mapping)} was not confirmed; "
            "give --map MEANING=COLUMN"
        )
    request.quarantine.note(f"{opened.path}: columns are taken as {describe(mapping)}")
    return _tables(columns, mapping, request)


def columns_of_table(opened: Opened) -> Columns:
    """Columns of a plain table; those inside the first nested column, where there is one."""
    nested = _nested_of(opened)
    if nested is None:
        return opened.columns
    lists = nested_fields(opened.schema.field(nested).type)
    keep = [f.name for f in opened.schema if is_flat(f.type) and f.name not in lists]
    table = opened.arrow([*keep, nested])
    whole = columns_of(opened.path, frame_of(table.select(keep)), units=units_of(opened.schema))
    return explode(whole, table, nested, lists, keep)


def _nested_of(opened: Opened) -> str | None:
    if opened.kind != "parquet":
        return None
    return next((f.name for f in opened.schema if nested_fields(f.type)), None)


def _tables(columns: Columns, mapping: dict[str, str], request: Request) -> RawTables:
    value = "magnitude" if "magnitude" in mapping else "flux"
    flux, error = _fluxes(columns, mapping)
    object_id = mapping.get("object_id")
    flag = mapping.get("flag")
    observed = Observed(
        columns.texts(object_id) if object_id else name_of(columns.file),
        columns.numbers(mapping["time"]) + float(mapping.get("time_zero", 0)),
        flux,
        error,
        _bands(columns, mapping),
        columns.true(flag) if flag else no_flags(columns),
    )
    facts: dict[str, object] = {
        axis: columns.numbers(mapping[axis]) for axis in ("ra", "dec") if axis in mapping
    }
    if "label" in mapping:
        facts["label"] = columns.texts(mapping["label"])
    about = About(
        format=FORMAT.name,
        clock=Clock(),
        difference=mapping.get("kind") == "difference",
        survey=mapping.get("survey", ""),
        columns=facts,
        names=names(
            object_id=object_id or "",
            time=mapping["time"],
            band=mapping["band"],
            flux=mapping[value],
            error=mapping["error"],
        ),
    )
    return tables_of(columns, observed, about, request)


def _fluxes(columns: Columns, mapping: dict[str, str]) -> tuple[Floats, Floats]:
    error = columns.numbers(mapping["error"])
    if "magnitude" in mapping:
        flux = flux_of_magnitude(columns.numbers(mapping["magnitude"]))
        return flux, error_of_magnitude(flux, error)
    zero_point = _zero_point(columns, mapping)
    return (
        microjansky(columns.numbers(mapping["flux"]), zero_point),
        microjansky(error, zero_point),
    )


def _zero_point(columns: Columns, mapping: dict[str, str]) -> Floats | float:
    named = mapping.get("zero_point")
    if named is None:
        return ZERO_POINTS[mapping["unit"]]
    if named in columns:
        return columns.numbers(named)
    try:
        return float(named)
    except ValueError:
        raise RejectedFileError(
            f"{columns.file}: zero_point={named!r} is neither a column nor a number"
        ) from None


def _bands(columns: Columns, mapping: dict[str, str]) -> np.ndarray:
    name, survey = mapping["band"], mapping.get("survey", "")
    if name not in columns:
        return bands_of([name] * len(columns), survey)
    texts = columns.texts(name)
    if name.lower() in ("fid", "filterid"):
        texts = np.array([ZTF_OF_ID.get(text or "", text) for text in texts], object)
    return bands_of(texts, survey)


FORMAT = Format("plain table", recognises, read)
