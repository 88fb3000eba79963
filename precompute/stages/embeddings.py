"""Embeddings: one vector per object."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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
    """

    device: str = "auto"
    batch: int = 512


@cache
def _encoder(run: Path, weights: str):
    """Encoder of a run, loaded once per process; ``weights`` is their hash."""
    import torch

    from astra.encoders import load

    torch.set_num_threads(1)
    return load(run)


def embed_chunk(
    start: int, stop: int, survey: Path, run: Path, weights: str, device: str, batch: int
) -> NDArray[np.float32]:
    """Embeddings of some objects, float32 [objects, embedding]."""
    from astra.encoders import embed

    light_curves = light_curves_with_periods(survey, run).take(slice(start, stop))
    return embed(_encoder(run, weights), light_curves, device, batch)


def compute(context: Context, settings: Settings) -> Product:
    """Embed every object."""
    from astra.encoders import choose_device

    device = choose_device(settings.device)
    weights = context.run.artefact("encoder").hash
    path = over_objects(
        embed_chunk,
        (context.survey.path, context.run.path, weights, str(device), settings.batch),
        Chunks(context.scratch, context.objects, CHUNK),
        context.workers if device.type == "cpu" else 1,
        context.progress,
    )
    size = np.load(path, mmap_mode="r", allow_pickle=False).shape[1]
    return Product(
        files={"embeddings.npy": path},
        summary={"embedding": size, "device": str(device), "told": f"{size} numbers per object"},
    )


STAGE = Stage(
    "embeddings", ("survey.light_curves", "periods", "encoder"), "survey", Settings, compute
)
