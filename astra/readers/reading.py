"""Reads a survey: finds its format, opens, validates, assembles, and looks at the whole."""

import logging
from itertools import islice
from pathlib import Path

import psutil

from astra.data.errors import RejectedFileError, StoreError
from astra.data.light_curves import LightCurves
from astra.readers.assembly import assemble
from astra.readers.canonical import CANONICAL
from astra.readers.distribution import note_distributions
from astra.readers.quarantine import Quarantine
from astra.readers.tables import Format, Paths

# Asked in this order; the first that recognises the paths reads them.
FORMATS: tuple[Format, ...] = (CANONICAL,)
# Sorting and assembling take at most this many times the decoded size.
ASSEMBLY_SHARE = 5

_LOG = logging.getLogger(__name__)


def read_files(
    path: Path | str | tuple[Path | str, Path | str],
    quarantine: Quarantine | None,
    strict: bool,
    memory: int | None,
) -> LightCurves:
    """Do the work of :func:`astra.readers.read`."""
    paths = (Path(path[0]), Path(path[1])) if isinstance(path, tuple) else Path(path)
    found = Quarantine() if quarantine is None else quarantine
    limit = free_memory() // ASSEMBLY_SHARE if memory is None else memory
    tables = choose_format(paths).open(paths, limit, found)
    found.files = tables.files
    try:
        light_curves = assemble(tables, found)
    except StoreError as error:
        raise RejectedFileError(f"{tables.objects.file}: {error}") from error
    note_distributions(light_curves, found)
    if strict and found:
        raise RejectedFileError(refusal_message(found))
    if quarantine is None and found:
        _LOG.warning("%s", refusal_message(found))
    return light_curves


def choose_format(paths: Paths) -> Format:
    """Format that is meant by a path or pair of paths.

    Raises
    ------
    RejectedFileError
        None is.
    """
    for candidate in FORMATS:
        if candidate.recognises(paths):
            return candidate
    known = ", ".join(candidate.name for candidate in FORMATS)
    raise RejectedFileError(f"{paths}: no known format ({known})")


def refusal_message(quarantine: Quarantine) -> str:
    """How many rows were refused, and the first three in full sentences."""
    first = "\n".join(str(refusal) for refusal in islice(quarantine, 3))
    return (
        f"{quarantine.objects} objects and {quarantine.observations} observations were refused:\n"
        f"{first}"
    )


def free_memory() -> int:
    """Memory that can be had without swapping [bytes]."""
    return psutil.virtual_memory().available
