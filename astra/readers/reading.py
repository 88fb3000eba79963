"""Reads files, a folder or a tree: finds formats, validates, assembles, looks at the whole."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import psutil

from astra.data.catalogue import Catalogue
from astra.data.errors import RejectedFileError, StoreError
from astra.data.light_curves import LightCurves
from astra.readers.assembly import assemble
from astra.readers.bridging import RADIUS_ARCSEC, bridge
from astra.readers.canonical import is_half_of_pair, open_pair, pairs_in
from astra.readers.distribution import note_distributions
from astra.readers.formats import format_of
from astra.readers.merging import is_beside, merge
from astra.readers.opening import Opened
from astra.readers.options import Options
from astra.readers.positions import without_signs
from astra.readers.quarantine import Quarantine
from astra.readers.tables import RawTables, Request

Given = Path | str | tuple[Path | str, Path | str]
CANONICAL = "canonical Parquet"
# Sorting and assembling take at most this many times the decoded size.
ASSEMBLY_SHARE = 5

_UNFORESEEN = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, MemoryError)

_LOG = logging.getLogger(__name__)


def read_files(
    given: Given | Sequence[Given],
    quarantine: Quarantine | None,
    strict: bool,
    memory: int | None,
    options: Options,
) -> LightCurves:
    """Do the work of :func:`astra.readers.read`."""
    found = Quarantine() if quarantine is None else quarantine
    limit = free_memory() // ASSEMBLY_SHARE if memory is None else memory
    request = Request(options, found, limit)
    parts = _gather(given if isinstance(given, list) else [given], request)  # pyright: ignore[reportArgumentType]
    tables = merge(parts, found)
    found.files = tables.files
    try:
        light_curves = assemble(tables, found, options.duplicates)
    except StoreError as error:
        raise RejectedFileError(f"{tables.objects.file}: {error}") from error
    light_curves = _bridged(light_curves, options, found)
    note_distributions(light_curves, found)
    if strict and (found or found.doubts):
        raise RejectedFileError(refusal_message(found))
    if quarantine is None and (found or found.doubts):
        _LOG.warning("%s", refusal_message(found))
    if quarantine is None:
        for sentence in found.warnings:
            _LOG.warning("%s", sentence)
    return light_curves


def _gather(given: Sequence[Given], request: Request) -> list[RawTables]:
    """Tables of everything that is given; a file that alone is given must be read."""
    if len(given) == 1 and not _is_folder(given[0]):
        return [_open(_paths(given[0]), request)]
    parts: list[RawTables] = []
    read: set[Path] = set()
    for paths in _listed(given):
        names = paths if isinstance(paths, tuple) else (paths,)
        if read.issuperset(names):
            continue
        try:
            part = _open(paths, request)
            # A damaged page shows only when it is decoded, and must cost its file alone.
            part = replace(part, observations=iter(list(part.observations)))
        except RejectedFileError as error:
            request.quarantine.refuse_file(names[-1], str(error))
            continue
        read.update(part.files)
        parts.append(part)
    if not parts:
        reasons = "; ".join(islice(request.quarantine.refused_files.values(), 3))
        where = ", ".join(map(str, given))
        raise RejectedFileError(f"{where}: no light curves here{': ' if reasons else ''}{reasons}")
    return parts


def _paths(given: Given) -> Path | tuple[Path, Path]:
    return (Path(given[0]), Path(given[1])) if isinstance(given, tuple) else Path(given)


def _is_folder(given: Given) -> bool:
    return not isinstance(given, tuple) and Path(given).is_dir()


def _listed(given: Sequence[Given]) -> Iterator[Path | tuple[Path, Path]]:
    """Files and canonical pairs; of folders all that they hold, at any depth, by name."""
    for one in given:
        if not _is_folder(one):
            yield _paths(one)
            continue
        files = sorted(file for file in Path(str(one)).rglob("*") if file.is_file())
        pairs = pairs_in(files)
        yield from pairs
        taken = {file for pair in pairs for file in pair}
        yield from (file for file in files if file not in taken and not is_beside(file))


def _open(paths: Path | tuple[Path, Path], request: Request) -> RawTables:
    """Tables of a file or a canonical pair."""
    if isinstance(paths, tuple) or not paths.is_file() or is_half_of_pair(paths):
        tables = open_pair(paths, request.memory, request.quarantine)
        name = CANONICAL
    else:
        tables, name = _read_file(paths, request)
    request.quarantine.formats.update({str(file): name for file in tables.files})
    # Before files are merged: a sign in one of them must not hide the place in another.
    return replace(tables, objects=without_signs(tables.objects, request.quarantine))


def _read_file(file: Path, request: Request) -> tuple[RawTables, str]:
    """Tables of a file and the name of its format.

    What a hostile file may yet provoke in a reader refuses that file, and not the whole import.
    """
    opened = Opened(file, request.memory)
    try:
        chosen = format_of(opened)
        return chosen.read(opened, request), chosen.name
    except _UNFORESEEN as error:
        raise RejectedFileError(
            f"{file}: cannot be read as it is ({type(error).__name__}: {str(error)[:200]}); "
            "its values are not what the format has"
        ) from error


def _bridged(light_curves: LightCurves, options: Options, found: Quarantine) -> LightCurves:
    """Objects joined as the options say; the mark of formats of one filter each is taken off."""
    assert light_curves.catalogue is not None
    table = light_curves.catalogue.table
    marked = np.zeros(len(table), bool)
    if "_per_filter" in table:
        marked = table["_per_filter"].eq(True).to_numpy(bool)
        table = table.drop(columns="_per_filter")
        light_curves = replace(light_curves, catalogue=Catalogue(table))
    if not options.bridging or (options.bridge is None and not marked.any()):
        return light_curves
    before = len(light_curves)
    rows = marked if options.bridge is None else None
    light_curves = bridge(light_curves, options.bridge or RADIUS_ARCSEC, rows)
    if len(light_curves) < before:
        found.note(
            f"{before} objects were joined to {len(light_curves)} by position, within "
            f"{options.bridge or RADIUS_ARCSEC:g} arcsec; column members lists them"
        )
    return light_curves


def refusal_message(quarantine: Quarantine) -> str:
    """How many rows were refused, the first three in full sentences, refused files and doubts."""
    lines = [
        f"{quarantine.objects} objects and {quarantine.observations} observations were refused:",
        *(str(refusal) for refusal in islice(quarantine, 3)),
        *islice(quarantine.refused_files.values(), 3),
        *quarantine.doubts,
    ]
    return "\n".join(lines)


def free_memory() -> int:
    """Memory that can be had without swapping [bytes]."""
    return psutil.virtual_memory().available
