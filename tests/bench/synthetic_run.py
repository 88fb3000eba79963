"""Publish a run of made-up objects, as large as wanted, without light curves.

    python tests/bench/synthetic_run.py --home observatory-10m --objects 10000000

Positions are clustered, classes follow the clusters, every other number is drawn by lot: enough
for whatever the map, the table, the filters and the card do, and nothing to learn from.
"""

import argparse
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from points import clusters
from rich.console import Console

from astra.data.observatory import Observatory
from astra.map.grid import grid_order
from astra.runs.manifest import Manifest
from precompute.building import Building
from precompute.stage import Product, Stage
from precompute.stages import anomalies, catalogue, labels, probes, projection

CLASSES = ("AGN", "CEP", "CV", "DSCT", "ECL", "LPV", "RR", "RS", "S", "SNIa", "SNcc", "YSO")
LABELLED = 0.05


class Sky:
    """Made-up objects in map order."""

    def __init__(self, objects: int, seed: int = 1) -> None:
        self.rng = np.random.default_rng(seed)
        x, y = clusters(objects, seed)
        self.rows = grid_order(x, y)
        self.position = np.stack([x, y], axis=1)[self.rows]
        # Classes lie together, as an encoder would have them, with some of them astray.
        angle = np.arctan2(self.position[:, 1], self.position[:, 0]) / (2 * np.pi) + 0.5
        astray = self.rng.normal(0, 0.02, objects)
        self.codes = np.floor((angle + astray) * len(CLASSES)).astype(np.int8) % len(CLASSES)

    def products(self) -> list[tuple[Stage, Product]]:
        """What each stage would have made."""
        return [
            (labels.STAGE, self.labels()),
            (projection.STAGE, self.projection()),
            (catalogue.STAGE, self.catalogue()),
            (probes.STAGE, self.probes()),
            (anomalies.STAGE, self.anomalies()),
        ]

    def ids(self, rows: np.ndarray) -> pd.Series:
        """Ids of survey rows."""
        return pd.Series([f"made:{row:010d}" for row in rows.tolist()], dtype="string[pyarrow]")

    def labels(self) -> Product:
        """Labels of a few."""
        some = np.flatnonzero(self.rng.random(len(self.rows)) < LABELLED)
        table = pd.DataFrame(
            {
                "object_id": self.ids(self.rows[some]),
                "label": np.array(CLASSES)[self.codes[some]],
                "annotator": "catalogue",
                "source": "catalogue",
            }
        )
        return Product(tables={"labels.arrow": table})

    def projection(self) -> Product:
        """Positions on the map."""
        return Product(arrays={"projection.npy": self.position, "rows.npy": self.rows})

    def catalogue(self) -> Product:
        """Numbers by lot."""
        size, rng = len(self.rows), self.rng
        period = 10 ** rng.normal(0.5, 1, size)
        table = pd.DataFrame(
            {
                "object_id": self.ids(self.rows),
                "ra": rng.uniform(0, 360, size),
                "dec": np.degrees(np.arcsin(rng.uniform(-0.5, 1, size))),
                "n_obs": rng.integers(8, 900, size).astype(np.int32),
                "mean_magnitude": rng.normal(18, 1.5, size).astype(np.float32),
                "amplitude": rng.exponential(0.3, size).astype(np.float32),
                "found_period_days": period,
            }
        )
        units = {"ra": "deg", "dec": "deg", "mean_magnitude": "mag", "amplitude": "mag"}
        return Product(
            tables={"catalogue.arrow": table}, columns=units | {"found_period_days": "d"}
        )

    def probes(self) -> Product:
        """The class of the place, and a probability by lot."""
        size, rng = len(self.rows), self.rng
        table = pd.DataFrame(
            {
                "predicted": pd.Categorical.from_codes(self.codes, list(CLASSES)),
                "probability": rng.beta(5, 2, size).astype(np.float32),
                "entropy": rng.beta(2, 5, size).astype(np.float32),
            }
        )
        shares = np.zeros((size, len(CLASSES)), np.float16)
        shares[np.arange(size), self.codes] = table["probability"]
        return Product(
            tables={"probes.arrow": table},
            arrays={"probabilities.npy": shares},
            summary={"classes": list(CLASSES)},
        )

    def anomalies(self) -> Product:
        """Scores by lot, and their ranks."""
        score = self.rng.beta(2, 6, len(self.rows)).astype(np.float32)
        rank = np.empty(len(score), np.int32)
        rank[np.argsort(-score)] = np.arange(1, len(score) + 1)
        return Product(tables={"anomalies.arrow": pd.DataFrame({"score": score, "rank": rank})})


def publish(home: Path, objects: int) -> Path:
    """Make the run and publish it; gives its folder."""
    observatory, name = Observatory(home), f"made-{objects}"
    with Building.hold(observatory, name) as building:
        for stage, product in Sky(objects).products():
            building.keep(stage, product, {}, {}, 0.0)
        building.publish(
            Manifest(
                run=name,
                survey="made-up",
                survey_fingerprint="",
                objects=objects,
                observations=0,
                recipe="made-up",
                created=datetime.now(UTC).isoformat(),
                code_version=version("astra-observatory"),
                artefacts=building.artefacts,
            )
        )
        return building.published


def main() -> None:
    """Publish a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--objects", type=int, default=10_000_000)
    options = parser.parse_args()
    Console().print(f"published {publish(options.home, options.objects)}")


if __name__ == "__main__":
    main()
