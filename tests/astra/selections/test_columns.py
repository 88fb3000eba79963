import numpy as np
import pandas as pd
import pytest

from astra.selections import ExpressionError, RunColumns, where
from astra.selections.columns import Numbers


@pytest.fixture
def table(run):
    """Everything the run says of its objects, as one pandas table."""
    probabilities = pd.DataFrame(
        run.probabilities.astype(np.float32), columns=[f"p_{c}" for c in ("EA", "RRab", "SN Ia")]
    )
    parts = [run.catalogue, run.probes, run.anomalies]
    table = pd.concat([*(part.to_pandas() for part in parts), probabilities], axis=1)
    labels = run.labels.to_pandas().drop_duplicates("object_id").set_index("object_id")["label"]
    table["class"] = table["object_id"].map(labels)
    return table


@pytest.mark.parametrize(
    ("text", "oracle"),
    [
        ("period < 1", lambda t: t["period_days"].fillna(t["found_period_days"]) < 1),
        ("period_days is null", lambda t: t["period_days"].isna()),
        ("p_RRab > 0.5 & n_obs > 30", lambda t: (t["p_RRab"] > 0.5) & (t["n_obs"] > 30)),
        ("p('SN Ia') >= p(EA)", lambda t: t["p_SN Ia"] >= t["p_EA"]),
        ("predicted = EA", lambda t: t["predicted"] == "EA"),
        ("predicted != astra_class", lambda t: t["predicted"] != t["astra_class"].astype(object)),
        ("class = mine", lambda t: t["class"] == "mine"),
        ("class != predicted", lambda t: t["class"].notna() & (t["class"] != t["predicted"])),
        ("class is null", lambda t: t["class"].isna()),
        ("score > 0.5 or anomaly < 0.1", lambda t: (t["score"] > 0.5) | (t["score"] < 0.1)),
        ("rank <= 10", lambda t: t["rank"] <= 10),
        ("is_difference and entropy < 0.5", lambda t: t["is_difference"] & (t["entropy"] < 0.5)),
        ("object_id starts with 'sky:1'", lambda t: t["object_id"].str.startswith("sky:1")),
        ("object_id in ('sky:7', 'sky:9')", lambda t: t["object_id"].isin(["sky:7", "sky:9"])),
    ],
)
def test_every_table_of_a_run_can_be_asked(run, table, text, oracle):
    expected = oracle(table).to_numpy(bool)
    assert 0 < expected.sum() < len(expected)
    np.testing.assert_array_equal(where(run, text), expected)


def test_what_the_run_says_stands_before_a_column_of_the_catalogue(run):
    names = RunColumns(run).names
    assert names[:3] == ["period", "class", "predicted"]
    assert len(names) == len(set(names))
    assert {"p_SN Ia", "found_period_days", "ra", "score", "anomaly"} <= set(names)


def test_a_column_given_stands_for_that_of_the_run(run):
    columns = RunColumns(run, period=Numbers(np.arange(len(run), dtype=float)))
    assert columns.column("period").values[7] == 7


def test_a_run_without_probes_has_no_columns_of_them(run, monkeypatch):
    fewer = {n: a for n, a in run.manifest.artefacts.items() if n not in ("probes", "labels")}
    monkeypatch.setattr(run, "manifest", run.manifest.model_copy(update={"artefacts": fewer}))
    with pytest.raises(ExpressionError, match="no column 'predicted'"):
        where(run, "predicted = EA")
