"""Embeddings: one vector per object."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from precompute.continuing import weights_of
from precompute.reusing import rows_to_make, with_the_parents
from precompute.stage import Context, Product, Stage, light_curves_with_periods
from precompute.workers import Chunks, over_objects

CHUNK = 4096


@dataclass(frozen=True)
class Settings:
    """Where and how to embed.

    Attributes
    ----------
    device : str
        ``auto`` takes the accelerator where there is one; on a CPU every worker has one thread.
    batch : int
        Objects at a time.
    vectors : str
        Folder of a catalogue of vectors, made by ``astra hats embed`` with the run's encoder: they
        are taken from there and nothing is embedded.
    """

    device: str = "auto"
    batch: int = 512
    vectors: str = ""


@cache
def _encoder(run: Path, weights: str):
    """Encoder of a run, loaded once per process; ``weights`` is their hash."""
    import torch

    from astra.encoders import load

    torch.set_num_threads(1)
    return load(run)


def embed_chunk(
    start: int,
    stop: int,
    survey: Path,
    run: Path,
    weights: str,
    device: str,
    batch: int,
    rows: NDArray[np.int64] | None,
) -> NDArray[np.float32]:
    """Embeddings of some objects, or of some of the rows, float32 [objects, embedding]."""
    from astra.encoders import embed

    chosen = slice(start, stop) if rows is None else rows[start:stop]
    light_curves = light_curves_with_periods(survey, run).take(chosen)
    return embed(_encoder(run, weights), light_curves, device, batch)


def compute(context: Context, settings: Settings) -> Product:
    """Embed every object."""
    if settings.vectors:
        return _taken(context, Path(settings.vectors))
    from astra.encoders import choose_device

    device = choose_device(settings.device)
    weights = context.run.artefact("encoder").hash
    parent = context.parent
    rows = rows_to_make(context, "embeddings", settings)
    if parent is None or weights_of(context.run) != weights_of(parent):
        rows = None
    count = context.objects if rows is None else len(rows)
    path = over_objects(
        embed_chunk,
        (context.survey.path, context.run.path, weights, str(device), settings.batch, rows),
        Chunks(context.scratch, count, CHUNK),
        context.workers if device.type == "cpu" else 1,
        context.progress,
    )
    made = np.load(path, mmap_mode="r", allow_pickle=False)
    size = made.shape[1]
    summary = {"embedding": size, "device": str(device), "embedded": count}
    if rows is None or parent is None:
        told = f"{size} numbers per object"
        return Product(files={"embeddings.npy": path}, summary={**summary, "told": told})
    vectors = with_the_parents(parent.embeddings, made, rows, context.objects)
    told = f"{size} numbers per object, {count:,} objects embedded again"
    return Product({"embeddings.npy": vectors}, summary={**summary, "told": told})


def _taken(context: Context, folder: Path) -> Product:
    """The vectors of a catalogue, in the order of the survey."""
    from astra.hats.vectors import read_vectors

    vectors = read_vectors(folder, context.survey.catalogue["object_id"].astype(str).tolist())
    size = vectors.shape[1]
    told = f"{size} numbers per object, from {folder}"
    return Product({"embeddings.npy": vectors}, summary={"embedding": size, "told": told})


def outside(context: Context, settings: Settings) -> dict[str, str]:
    """Hash of the catalogue of vectors, where they are taken from one."""
    if not settings.vectors:
        return {}
    from astra.hats.vectors import fingerprint

    return {"vectors": fingerprint(Path(settings.vectors))}


STAGE = Stage(
    "embeddings",
    ("survey.light_curves", "periods", "encoder"),
    "survey",
    Settings,
    compute,
    outside=outside,
)
