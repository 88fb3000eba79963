"""Whatever is in a table, order and repetition of its rows do not change what is read.

60 tables by default; ASTRA_CASES=1000 makes as many, ASTRA_LONG=1 20,000.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from astra.data.errors import RejectedFileError
from astra.data.light_curves import LightCurves
from astra.readers import read
from astra.readers.options import DUPLICATES, Options
from astra.readers.quarantine import Quarantine

LONG = 20_000 if os.environ.get("ASTRA_LONG") else 60
CASES = int(os.environ.get("ASTRA_CASES", LONG))
ODD = [np.nan, np.inf, -np.inf, 0.0, -99.0, 1e300, -1e-300, 99.99, 2_458_000.5, 1e-45, 3.4e38]

times = st.one_of(
    st.sampled_from([58_000.0, 58_000.5, 58_001.0]),
    st.floats(57_000, 60_000).map(lambda mjd: round(mjd, 4)),
    st.sampled_from(ODD),
)
fluxes = st.one_of(st.sampled_from([10.0, 20.0]), st.floats(-1e4, 1e4), st.sampled_from(ODD))
errors = st.one_of(st.sampled_from([1.0, 2.0]), st.floats(1e-3, 1e3), st.sampled_from(ODD))
rows = st.tuples(
    st.sampled_from(["a", "b", "c:1", "", "<b>", "9007199254740993", "x" * 70, "ü"]),
    times,
    st.sampled_from(["ztf_g", "ztf_r", "g", "ZTF_i", "nonsense", "", "\x00"]),
    fluxes,
    errors,
    st.booleans(),
)


def write(folder: Path, table: list[tuple]) -> Path:
    names = ["object_id", "mjd", "band", "flux_ujy", "flux_err_ujy", "flagged"]
    path = folder / "table.parquet"
    columns = map(list, zip(*table, strict=True))
    pq.write_table(pa.table(dict(zip(names, columns, strict=True))), path)
    return path


def read_or_reason(path: Path, options: Options) -> LightCurves | None:
    try:
        return read(path, Quarantine(), options=options)
    except RejectedFileError as error:
        assert "table.parquet" in str(error)
        return None


def by_id(light_curves: LightCurves | None) -> dict[str, tuple]:
    if light_curves is None:
        return {}
    return {
        curve.object_id: (
            curve.mjd.tolist(),
            [curve.bands[code].name for code in curve.band],
            curve.flux.tolist(),
            curve.flux_error.tolist(),
            curve.flagged.tolist(),
        )
        for curve in light_curves
    }


@pytest.mark.timeout(max(600, CASES))
@settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(table=st.lists(rows, min_size=1, max_size=14), data=st.data())
def test_order_and_repetition_do_not_change_the_result(table: list[tuple], data) -> None:
    options = Options(duplicates=data.draw(st.sampled_from(DUPLICATES)))
    again = data.draw(st.lists(st.sampled_from(table), max_size=4))
    shuffled = data.draw(st.permutations([*table, *again]))
    with tempfile.TemporaryDirectory() as folder:
        first = read_or_reason(write(Path(folder), table), options)
        second = read_or_reason(write(Path(folder), list(shuffled)), options)
    assert by_id(first) == by_id(second)
    for mjd, _, flux, error, _ in by_id(first).values():
        assert mjd == sorted(mjd)
        assert np.isfinite([*mjd, *flux, *error]).all()
        assert min(error) > 0
