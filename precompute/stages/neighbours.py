"""Neighbours: the nearest objects of every object in embedding space."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from precompute.stage import Context, Product, Stage


@dataclass(frozen=True)
class Settings:
    """How many neighbours, and the seed of the search."""

    k: Annotated[int, Field(ge=2, le=200)] = 15
    seed: int = 0


def compute(context: Context, settings: Settings) -> Product:
    """Find the neighbours."""
    from astra.analysis.neighbours import nearest_neighbours, recall

    embeddings = context.run.embeddings
    indices, distances = nearest_neighbours(embeddings, settings.k, settings.seed, context.workers)
    share = recall(embeddings, indices)
    return Product(
        arrays={"neighbours.npy": indices, "neighbour_distances.npy": distances},
        columns={"neighbours": "survey row", "neighbour_distances": "standard deviation"},
        summary={"recall": round(share, 4), "told": f"recall {share:.3f} at {indices.shape[1]}"},
    )


STAGE = Stage("neighbours", ("embeddings",), "survey", Settings, compute)
