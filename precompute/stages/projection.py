"""Projection: where every object lies on the map, and the order of the map."""

from dataclasses import asdict, dataclass
from typing import Annotated

from pydantic import Field

from astra.map.grid import grid_order
from precompute.stage import Context, Product, Stage


@dataclass(frozen=True)
class Settings:
    """Settings of the layout; see :class:`astra.analysis.projection.Layout`."""

    epochs: Annotated[int, Field(ge=1)] = 200
    min_dist: Annotated[float, Field(ge=0)] = 0.1
    spread: Annotated[float, Field(gt=0)] = 1.0
    landmarks: Annotated[int, Field(ge=100)] = 250_000
    seed: int = 0


def compute(context: Context, settings: Settings) -> Product:
    """Lay the objects out and sort them by the point grid."""
    from astra.analysis.projection import Layout, project, trustworthiness

    def told(done: int, total: int) -> None:
        context.progress("progress", done=done, total=total, unit="epochs")

    run = context.run
    points = project(
        run.embeddings,
        run.neighbours,
        run.neighbour_distances,
        Layout(**asdict(settings)),
        context.workers,
        told,
    )
    trust = trustworthiness(run.embeddings, points)
    rows = grid_order(points[:, 0], points[:, 1])
    return Product(
        arrays={"projection.npy": points[rows], "rows.npy": rows},
        columns={"rows": "survey row"},
        summary={"trustworthiness": round(trust, 4), "told": f"trustworthiness {trust:.3f}"},
    )


STAGE = Stage("projection", ("embeddings", "neighbours"), "map", Settings, compute)
