"""Embeds many light curves: inference only, objects of similar length together."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.encoders.base import Encoder
from astra.runs.progress import Progress, silent

# Objects are sorted by length inside a chunk only: a survey is read once, from start to end.
BATCHES_PER_CHUNK = 32


def choose_device(device: str = "auto") -> torch.device:
    """Device by name; ``auto`` is the accelerator where there is one, else the CPU."""
    if device != "auto":
        return torch.device(device)
    if torch.accelerator.is_available():
        return torch.accelerator.current_accelerator() or torch.device("cpu")
    return torch.device("cpu")


def embed(
    encoder: Encoder,
    light_curves: LightCurves,
    device: str = "auto",
    batch: int = 512,
    progress: Progress | None = None,
    bf16: bool = False,
) -> NDArray[np.float32]:
    """Embeddings of all light curves, in their order, float32 [objects, E].

    Parameters
    ----------
    encoder : Encoder
        Moved to the device, put in evaluation mode while it works and back afterwards.
    light_curves : LightCurves
    device : str
        ``auto``, ``cpu``, ``cuda``, ...
    batch : int
        Objects at a time.
    progress : Progress, optional
        Told of every batch: ``done`` and ``total`` objects.
    bf16 : bool
        Compute in bfloat16 where torch deems it safe.

    Raises
    ------
    AstraError
        An embedding is not finite: the weights are damaged.
    """
    target = choose_device(device)
    tell = progress or silent
    encoder.to(target)
    training = encoder.training
    encoder.eval()
    embeddings = np.empty((len(light_curves), encoder.embedding_size), np.float32)
    done = 0
    try:
        for rows, part in _similar_lengths(encoder, light_curves, batch):
            embeddings[rows] = _embed_batch(encoder, part, target, bf16)
            done += len(rows)
            tell("progress", done=done, total=len(light_curves), unit="objects")
    finally:
        encoder.train(training)
    _check_finite(embeddings, encoder.name)
    return embeddings


def _similar_lengths(
    encoder: Encoder, light_curves: LightCurves, batch: int
) -> Iterator[tuple[NDArray[np.int64], LightCurves]]:
    chunk = batch * BATCHES_PER_CHUNK
    for start in range(0, len(light_curves), chunk):
        rows = np.arange(start, min(start + chunk, len(light_curves)))
        here = light_curves.take(rows)
        lengths = encoder.lengths(here)
        order = np.arange(len(rows)) if lengths is None else np.argsort(lengths, kind="stable")
        for first in range(0, len(rows), batch):
            chosen = order[first : first + batch]
            yield rows[chosen], here.take(chosen)


@torch.inference_mode()
def _embed_batch(
    encoder: Encoder, light_curves: LightCurves, device: torch.device, bf16: bool
) -> NDArray[np.float32]:
    step = encoder.cpu_batch if device.type == "cpu" else len(light_curves)
    collated = encoder.collate(light_curves)
    vectors = []
    for start in range(0, len(light_curves), step):
        piece = {name: t[start : start + step].to(device) for name, t in collated.items()}
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
            vectors.append(encoder(piece).float().cpu())
    return torch.cat(vectors).numpy()


def _check_finite(embeddings: NDArray[np.float32], name: str) -> None:
    bad = np.flatnonzero(~np.isfinite(embeddings).all(axis=1))
    if len(bad):
        raise AstraError(
            f"encoder {name}: {len(bad)} embeddings are not finite, the first in row {bad[0]}; "
            "its weights are damaged, train or load it again"
        )
