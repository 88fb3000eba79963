"""Projection: where every object lies on the map, and the order of the map.

The map of a child is its parent's, moved on: see `precompute.continuing`.
"""

from dataclasses import asdict, dataclass
from typing import Annotated

from pydantic import Field

from astra.map.grid import grid_order
from precompute.continuing import continued, parent_of_map
from precompute.stage import Context, Product, Stage


@dataclass(frozen=True)
class Settings:
    """Settings of the layout; see :class:`astra.analysis.layout.Layout`."""

    epochs: Annotated[int, Field(ge=1)] = 200
    min_dist: Annotated[float, Field(ge=0)] = 0.1
    spread: Annotated[float, Field(gt=0)] = 1.0
    landmarks: Annotated[int, Field(ge=100)] = 250_000
    seed: int = 0


def compute(context: Context, settings: Settings) -> Product:
    """Lay the objects out and sort them by the point grid."""
    from astra.analysis.layout import Layout
    from astra.analysis.projection import project, trustworthiness

    def told(done: int, total: int) -> None:
        context.progress("progress", done=done, total=total, unit="epochs")

    run, layout = context.run, Layout(**asdict(settings))
    if context.parent is None:
        graph = run.embeddings, run.neighbours, run.neighbour_distances
        points, facts, words = project(*graph, layout, context.workers, told), {}, ""
    else:
        points, facts, words = continued(context, settings, layout, told)
    trust = trustworthiness(run.embeddings, points)
    rows = grid_order(points[:, 0], points[:, 1])
    return Product(
        arrays={"projection.npy": points[rows], "rows.npy": rows},
        columns={"rows": "survey row"},
        summary={
            "trustworthiness": round(trust, 4),
            **facts,
            "told": f"trustworthiness {trust:.3f}{words}",
        },
    )


def outside(context: Context, settings: Settings) -> dict[str, str]:
    """Hash of the parent's map, from which this one goes on."""
    return parent_of_map(context, settings)


STAGE = Stage("projection", ("embeddings", "neighbours"), "map", Settings, compute, outside=outside)
