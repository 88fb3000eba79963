"""A small survey as two tables, written as the canonical pair, and a slow twin of the reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from astra.data.bands import BANDS
from astra.data.light_curves import LightCurve, LightCurves

N_OBJECTS, N_OBSERVATIONS = 5, 12
Points = list[tuple[float, str, float, float, bool]]


@dataclass
class Pair:
    """The two tables of a survey; a test breaks them before they are written."""

    objects: pd.DataFrame
    observations: pd.DataFrame

    def write(self, folder: Path, **options: object) -> tuple[Path, Path]:
        """Write the pair as ``survey_objects.parquet`` and ``survey_observations.parquet``."""
        folder.mkdir(parents=True, exist_ok=True)
        files = folder / "survey_objects.parquet", folder / "survey_observations.parquet"
        for table, file in zip((self.objects, self.observations), files, strict=True):
            arrow = pa.Table.from_pandas(table, preserve_index=False)
            pq.write_table(arrow, file, write_page_checksum=True, **options)
        return files

    def points(self, without_rows: set[int], without_ids: set[str]) -> dict[str, Points]:
        """Slow twin: the observations of each object that should be kept, in their order."""
        kept: dict[str, Points] = {}
        for object_id in dict.fromkeys(self.objects["object_id"].dropna().astype(str)):
            points = [
                (
                    float(row.mjd),
                    row.band,
                    np.float32(row.flux_ujy),
                    np.float32(row.flux_err_ujy),
                    bool(getattr(row, "flagged", False)),
                )
                for number, row in enumerate(self.observations.itertuples())
                if number not in without_rows and str(row.object_id) == object_id
            ]
            if points and object_id not in without_ids:
                kept[object_id] = sorted(points, key=_place)
        return kept

    def assert_kept(
        self,
        light_curves: LightCurves,
        without_rows: Iterable[int] = (),
        without_ids: Iterable[str] = (),
    ) -> None:
        """Check that all but these rows and objects were read, in order, times to half a tick."""
        expected = self.points(set(without_rows), set(without_ids))
        found = {curve.object_id: _points_of(curve) for curve in light_curves}
        assert list(found) == list(expected)
        for object_id, points in expected.items():
            assert [p[1:] for p in found[object_id]] == [p[1:] for p in points], object_id
            times = [[p[0] for p in some] for some in (found[object_id], points)]
            np.testing.assert_allclose(*times, rtol=0, atol=0.51e-5)


def _place(point: tuple[float, str, float, float, bool]) -> tuple:
    mjd, band, *rest = point
    return mjd, list(BANDS).index(band), *rest


def _points_of(curve: LightCurve) -> Points:
    names = [curve.bands[code].name for code in curve.band]
    columns = curve.mjd.tolist(), names, curve.flux, curve.flux_error, curve.flagged.tolist()
    return list(zip(*columns, strict=True))


@pytest.fixture
def pair() -> Pair:
    """Five objects of twelve observations in two bands; observation row = 12 object + number."""
    rng = np.random.default_rng(1)
    ids = [f"test:{letter}+{number}.{number}" for number, letter in enumerate("abcde")]
    objects = pd.DataFrame(
        {
            "object_id": ids,
            "survey": "test",
            "ra": [0.0, 90.5, 180.0, 270.25, 360.0],
            "dec": [-90.0, -12.5, 0.0, 45.125, 90.0],
            "label": ["RRab", "RRab", None, "EA", "Mira"],
            "flux_kind": ["total", "total", "difference", "total", "total"],
        }
    )
    count = N_OBJECTS * N_OBSERVATIONS
    observations = pd.DataFrame(
        {
            "object_id": np.repeat(ids, N_OBSERVATIONS),
            "mjd": np.sort(58_200 + rng.uniform(0, 1500, (N_OBJECTS, N_OBSERVATIONS))).ravel(),
            "band": rng.choice(["ztf_g", "ztf_r"], count),
            "flux_ujy": rng.lognormal(5, 1, count).astype(np.float32),
            "flux_err_ujy": rng.uniform(1, 3, count).astype(np.float32),
        }
    )
    return Pair(objects, observations)
