"""Labels that were made wrong on purpose are found, by probes that have not seen them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from astra.analysis.labels_now import labels_now
from astra.analysis.probes import labelled
from astra.analysis.suspicious import out_of_sample, suspicious_labels
from astra.data.catalogue import Catalogue
from astra.data.errors import AstraError
from astra.data.held_out import folds
from astra.labels.label import Label
from astra.labels.store import LabelStore

EACH, WRONG = 150, 12


@pytest.fixture
def run():
    """Stands for a run: three kinds that embeddings tell apart, all over the sky."""
    rng = np.random.default_rng(8)
    kind = np.repeat(np.arange(3), EACH)
    embeddings = rng.normal(0, 1, (len(kind), 6)) + 4 * np.eye(6)[kind]
    names = np.array(["EA", "EW", "RRc"], object)[kind]
    ids = np.array([f"sky:{i:04d}" for i in range(len(kind))], object)
    catalogue = pd.DataFrame(
        {
            "object_id": ids,
            "ra": rng.uniform(0, 360, len(kind)),
            "dec": rng.uniform(-30, 60, len(kind)),
            "label": names.copy(),
        }
    )
    return SimpleNamespace(
        embeddings=embeddings.astype(np.float32),
        artefact=lambda name: SimpleNamespace(settings={"columns": ["label"]}),
        survey=SimpleNamespace(catalogue=Catalogue(catalogue)),
        truth=names,
        ids=ids,
    )


@pytest.fixture
def store(tmp_path) -> LabelStore:
    return LabelStore(tmp_path / "labels.sqlite")


def mislabel(run, store) -> set[str]:
    wrong = np.random.default_rng(1).choice(len(run.ids), WRONG, replace=False)
    swapped = {"EA": "EW", "EW": "RRc", "RRc": "EA"}
    store.append([Label(run.ids[i], swapped[run.truth[i]], "ann") for i in wrong])
    return {str(run.ids[i]) for i in wrong}


def test_wrong_labels_come_first(run, store) -> None:
    wrong = mislabel(run, store)
    table = suspicious_labels(run, store)
    assert len(wrong & set(table["object_id"])) >= WRONG - 1
    assert set(table["object_id"][:10]) <= wrong
    truth = dict(zip(run.ids, run.truth, strict=True))
    found = table[table["object_id"].isin(wrong)]
    assert (found["suggested"] == found["object_id"].map(truth)).all()
    assert set(found["annotator"]) == {"ann"}
    assert (table["probability"] < table["probability_suggested"]).all()
    assert table["quality"].is_monotonic_increasing


def test_right_labels_are_left_alone(run, store) -> None:
    assert len(suspicious_labels(run, store)) <= 3


def test_no_probe_judges_what_it_has_seen(run, store, monkeypatch) -> None:
    """A probe that has learnt its rows by heart would agree with every label."""
    from astra.analysis import suspicious

    seen = []

    def fit(embeddings, codes, rows, classes, seed):
        seen.append(set(rows.tolist()))

        class ByHeart:
            def probabilities(self, some):
                rows = [np.flatnonzero((embeddings == one).all(1))[0] for one in some]
                assert not seen[-1].intersection(rows)
                return np.full((len(some), len(classes)), 1 / len(classes))

        return ByHeart()

    monkeypatch.setattr(suspicious, "fit_probe", fit)
    known = labelled(labels_now(run, store)["label"])
    assert np.isfinite(out_of_sample(run, known, 0)).all()
    assert len(seen) == 5


def test_folds_keep_places_together_and_are_of_like_size(run) -> None:
    catalogue = run.survey.catalogue
    fold = folds(catalogue, 5)
    assert set(fold) == set(range(5))
    assert np.bincount(fold).min() > 0.1 * len(fold)
    near = Catalogue(catalogue.table.assign(object_id=[f"again:{i}" for i in range(len(fold))]))
    assert (folds(near, 5) == fold).all()


def test_what_annotators_say_stands_above_the_catalogue(run, store) -> None:
    store.append([Label(run.ids[0], "LPV", "ann"), Label("elsewhere:1", "EA", "ann")])
    now = labels_now(run, store)
    assert now["object_id"].tolist() == list(run.ids)
    assert now.loc[0, ["label", "source", "annotator"]].tolist() == ["LPV", "annotator", "ann"]
    assert now.loc[1, "source"] == "catalogue"
    store.undo("ann")
    for given in (store, None):
        taken_back = labels_now(run, given)
        assert taken_back["label"].tolist() == list(run.truth)
        assert set(taken_back["source"]) == {"catalogue"}


def test_too_few_labels_are_refused(run, store) -> None:
    table = run.survey.catalogue.table
    run.survey.catalogue = Catalogue(table.assign(label=table["label"].where(run.truth == "EA")))
    with pytest.raises(AstraError, match="1 classes with 10 labels"):
        suspicious_labels(run, store)
