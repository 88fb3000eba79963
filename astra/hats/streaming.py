"""A HATS catalogue into a survey, partition by partition: memory holds one of them at a time."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from astra.data.catalogue import Catalogue
from astra.data.durable import make_durable
from astra.data.errors import RejectedFileError
from astra.data.joining import with_bands
from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.store import LightCurvesWriter
from astra.data.surveys import Survey, new_survey, write_manifest
from astra.hats.reading import light_curves_of, open_catalogue
from astra.readers.quarantine import Quarantine
from astra.runs.progress import Progress, silent

ASKED = "asked.json"
MOST_NOTES = 100


def import_catalogue(
    path: str | Path,
    name: str,
    observatory: Observatory,
    replace: bool = False,
    progress: Progress | None = None,
) -> Survey:
    """Import a HATS catalogue of nested light curves as a survey.

    What was read stays beside the surveys until all is: an import that was cut off goes on where
    it was, and gives the same survey.

    Parameters
    ----------
    path : str or Path
        Folder or address of the catalogue.
    name : str
        Of the survey.
    observatory : Observatory
    replace : bool
        Replace a survey of this name.
    progress : Progress, optional
        Told of every partition.

    Raises
    ------
    RejectedFileError
        There is no such catalogue, or nothing in it could be kept.
    StoreError
        The survey exists and ``replace`` is false.
    """
    catalogue = open_catalogue(path)
    folder = observatory.survey(name)
    pixels = catalogue.get_ordered_healpix_pixels()
    parts = _parts_folder(folder, {"path": str(path), "pixels": [str(pixel) for pixel in pixels]})
    tell = progress or silent
    with new_survey(folder, replace) as building:
        for done, pixel in enumerate(pixels, 1):
            part = parts / f"{pixel.order}_{pixel.pixel}"
            if not part.exists():
                _save_part(part, catalogue.get_partition(pixel.order, pixel.pixel).compute())
            tell("progress", done=done, total=len(pixels), unit="partitions")
        _merge(building, name, sorted_parts(parts, pixels), str(path))
    shutil.rmtree(parts, ignore_errors=True)
    return Survey.open(folder)


def sorted_parts(parts: Path, pixels: list[Any]) -> list[Path]:
    """Folders of the partitions in the order of the sky, without those that hold nothing."""
    folders = [parts / f"{pixel.order}_{pixel.pixel}" for pixel in pixels]
    return [folder for folder in folders if (folder / "catalogue.parquet").exists()]


def _parts_folder(folder: Path, asked: dict[str, Any]) -> Path:
    """Where the partitions of this catalogue are kept; those of another are thrown away."""
    parts = folder.parent / f".parts-{folder.name}"
    note = parts / ASKED
    if not note.exists() or json.loads(note.read_text()) != asked:
        shutil.rmtree(parts, ignore_errors=True)
        parts.mkdir(parents=True)
        note.write_text(json.dumps(asked))
    return parts


def _save_part(part: Path, frame: Any) -> None:
    """Read a partition and keep it under its name once it is whole."""
    quarantine = Quarantine()
    writing = part.with_name(f".{part.name}")
    shutil.rmtree(writing, ignore_errors=True)
    writing.mkdir()
    try:
        light_curves = light_curves_of(frame, quarantine, part.name)
    except RejectedFileError as error:
        quarantine.note(str(error))
    else:
        assert light_curves.catalogue is not None
        light_curves.save(writing / "light_curves")
        light_curves.catalogue.save(writing / "catalogue.parquet")
    (writing / "quarantine.json").write_text(json.dumps(quarantine.summary()))
    make_durable(writing)
    writing.rename(part)


def _merge(building: Path, name: str, parts: list[Path], path: str) -> None:
    """Put the partitions one after the other, their bands numbered alike."""
    if not parts:
        raise RejectedFileError(f"{path}: nothing in any partition could be kept")
    opened = [LightCurves.open(part / "light_curves") for part in parts]
    zeros = {light_curves.mjd_zero for light_curves in opened}
    if len(zeros) > 1:
        raise RejectedFileError(f"{path}: times of its partitions lie too far apart to be kept")
    every = {band for light_curves in opened for band in light_curves.bands}
    bands = tuple(sorted(every, key=lambda band: band.name))
    with LightCurvesWriter(building / "light_curves", bands, zeros.pop()) as writer:
        for light_curves in opened:
            writer.append(with_bands(light_curves, bands))
    tables = [pd.read_parquet(part / "catalogue.parquet") for part in parts]
    Catalogue(pd.concat(tables, ignore_index=True)).save(building / "catalogue.parquet")
    write_manifest(building, name, {"hats": path}, quarantine=_refused(parts))


def _refused(parts: list[Path]) -> dict[str, Any]:
    """What was refused in all partitions together, as a quarantine says it."""
    said = [json.loads((part / "quarantine.json").read_text()) for part in parts]
    rules: Counter[str] = Counter()
    for one in said:
        rules.update(one["refused_by_rule"])
    notes = [note for one in said for note in one["notes"]]
    return {
        "refused_objects": sum(one["refused_objects"] for one in said),
        "refused_observations": sum(one["refused_observations"] for one in said),
        "refused_by_rule": dict(rules.most_common()),
        "listed": 0,
        "notes": list(dict.fromkeys(notes))[:MOST_NOTES],
    }
