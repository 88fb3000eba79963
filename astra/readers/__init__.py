"""File formats: what people bring, checked row by row, becomes light curves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from astra.data.light_curves import LightCurves
    from astra.readers.options import Options
    from astra.readers.quarantine import Quarantine

Given = Path | str | tuple[Path | str, Path | str]


def read(
    path: "Given | Sequence[Given]",
    quarantine: "Quarantine | None" = None,
    *,
    strict: bool = False,
    memory: int | None = None,
    mapping: Mapping[str, str] | None = None,
    options: "Options | None" = None,
) -> "LightCurves":
    """Read light curves and their catalogue from files of any known format.

    Parameters
    ----------
    path : path, pair of paths, or list of them
        A file of any format, recognised by its content; a folder, of which all files are read at
        any depth; a canonical pair (objects, observations), or their common prefix. Of a list, all.
    quarantine : Quarantine, optional
        Collects what was refused and why; without one the refusals are only logged.
    strict : bool
        Refuse everything if anything is refused, or looks like wrong units.
    memory : int, optional
        Largest decoded size to accept [bytes]; a fifth of the free memory by default.
    mapping : mapping of meaning to column, optional
        What the columns of plain tables mean: see :class:`astra.readers.options.Options`.
    options : Options, optional
        All other choices: joining on the sky, duplicates, schema of bare packets.

    Returns
    -------
    LightCurves
        In the order of the object table, with ``catalogue``; objects without a valid observation
        are left out.

    Raises
    ------
    RejectedFileError
        A file is missing, damaged, of no known format, lacks a column, has one of the wrong type or
        is too large; nothing in it could be kept; or ``strict`` and something was refused. Of a
        folder or a list, a file that cannot be read is recorded in the quarantine instead.
    """
    # Importing a reader's neighbour must not load Arrow and pandas.
    from dataclasses import replace

    from astra.readers.options import Options
    from astra.readers.reading import read_files

    chosen = options or Options()
    if mapping is not None:
        chosen = replace(chosen, mapping=mapping)
    return read_files(path, quarantine, strict, memory, chosen)
