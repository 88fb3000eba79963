"""Export of a selection into a file, a folder or a zip: one door for command line and app."""

from pathlib import Path

from astra.exchange import light_curves, tables
from astra.exchange.columns import ExchangeError, SelectionTable
from astra.exchange.places import folder_or_zip, whole

FORMATS: tuple[str, ...] = (*tables.FORMATS, *light_curves.FORMATS)


def ending_of(form: str) -> str:
    """Ending of a file of a format; light curves in one file are a zip."""
    return tables.FORMATS[form][0] if form in tables.FORMATS else ".zip"


def export(table: SelectionTable, path: Path | str, form: str, replace: bool = False) -> Path:
    """Write a selection; ``path`` appears when all of it is on disk.

    Parameters
    ----------
    table : SelectionTable
    path : Path
        A file; for light curves a new folder, or a zip where it ends in ``.zip``.
    form : str
        ``parquet``, ``votable``, ``csv``, ``ecsv``; ``light-curves`` (the canonical pair of
        Parquet files) or ``light-curves-csv`` (one CSV an object).
    replace : bool
        Replace what is there.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    ExchangeError
        No such format, nothing is selected, something is in the way, or a library is missing.
    """
    path = Path(path)
    if form not in FORMATS:
        raise ExchangeError(f"format {form!r}: use {', '.join(FORMATS)}")
    if not len(table):
        raise ExchangeError("nothing is selected: no object to export")
    with whole(path, replace) as building:
        if form in tables.FORMATS:
            tables.write_table(table, building, form)
        else:
            with folder_or_zip(building, zipped=path.suffix == ".zip") as place:
                light_curves.FORMATS[form](table, place)
    return path
