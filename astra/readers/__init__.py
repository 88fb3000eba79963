"""File formats: what people bring, checked row by row, becomes light curves."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from astra.data.light_curves import LightCurves
    from astra.readers.quarantine import Quarantine


def read(
    path: Path | str | tuple[Path | str, Path | str],
    quarantine: "Quarantine | None" = None,
    *,
    strict: bool = False,
    memory: int | None = None,
) -> "LightCurves":
    """Read light curves and their catalogue from files of any known format.

    Parameters
    ----------
    path : path or pair of paths
        What the format asks for; for the canonical Parquet pair either file, their folder, their
        common prefix, or (objects, observations).
    quarantine : Quarantine, optional
        Collects what was refused and why; without one the refusals are only logged.
    strict : bool
        Refuse the whole file if anything in it is refused.
    memory : int, optional
        Largest decoded size to accept [bytes]; a fifth of the free memory by default.

    Returns
    -------
    LightCurves
        In the order of the object table, with ``catalogue``; objects without a valid observation
        are left out.

    Raises
    ------
    RejectedFileError
        A file is missing, damaged, lacks a column, has one of the wrong type or is too large;
        nothing in it could be kept; or ``strict`` and something was refused.
    """
    # Importing a reader's neighbour must not load Arrow and pandas.
    from astra.readers.reading import read_files

    return read_files(path, quarantine, strict, memory)
