import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from astra.readers import read
from astra.readers.quarantine import LISTED_PER_RULE, Quarantine, shown
from astra.readers.rules import UNIQUE_ID, nearest_bands


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (1.5, "1.5"),
        ("two\nlines\0", "two\\nlines\\x00"),
        ("\u202e", "\\u202e"),
        ("\ud800", "\\ud800"),
        ("x" * 61, "x" * 60 + "... (61 characters)"),
    ],
)
def test_values_are_shown_on_one_printable_line(value: object, expected: str) -> None:
    assert shown(value) == expected
    assert shown(value).isprintable()


def test_it_is_written_with_its_summary(pair, tmp_path: Path) -> None:
    pair.observations.loc[[3, 40], "flux_err_ujy"] = -1
    pair.observations.loc[40, "band"] = "ztf_q"
    pair.objects.loc[0, "ra"] = 400
    files = pair.write(tmp_path)
    quarantine = Quarantine()
    read(tmp_path, quarantine)
    quarantine.save(tmp_path)
    table = pd.read_parquet(tmp_path / "quarantine.parquet")
    assert list(table.columns) == [
        *("file", "row", "object_id", "column", "value", "rule", "says", "remedy")
    ]
    assert table[["row", "column", "value", "rule"]].to_numpy().tolist() == [
        [0, "ra", "400.0", "ra_in_range"],
        *([row, "object_id", "test:a+0.0", "object_accepted"] for row in range(12)),
        [3, "flux_err_ujy", "-1.0", "flux_error_positive"],
        [40, "flux_err_ujy", "-1.0", "flux_error_positive"],
        [40, "band", "ztf_q", "known_band"],
    ]
    assert json.loads((tmp_path / "quarantine.json").read_text()) == {
        "refused_objects": 1,
        "refused_observations": 13,
        "refused_by_rule": {
            "ra_in_range": 1,
            "object_accepted": 12,
            "flux_error_positive": 2,
            "known_band": 1,
        },
        "listed": 16,
        "notes": [],
        "doubts": [],
        "refused_files": {},
        "formats": {str(file): "canonical Parquet" for file in files},
    }


def test_a_flood_of_refusals_is_counted_but_not_all_listed() -> None:
    quarantine = Quarantine()
    for start in (0, 80_000, 160_000):
        ids = pa.array(["x"] * 80_000)
        quarantine.refuse(Path("f"), UNIQUE_ID, start + np.arange(80_000), ids, ids)
    assert quarantine.counts == {"id_is_unique": 240_000}
    assert len(quarantine) == LISTED_PER_RULE
    assert [refusal.row for refusal in quarantine] == list(range(LISTED_PER_RULE))


@pytest.mark.parametrize(
    ("name", "near"), [("ztf-g", "ztf_g"), ("ZTF_r", "ztf_r"), ("atlas_O", "atlas_o")]
)
def test_near_bands_are_proposed(name: str, near: str) -> None:
    assert near in nearest_bands(name)
