"""Labels leave and come back: the same said, once, and what is refused says where and why."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from astra.labels.batches import COMPACT_FROM
from astra.labels.exporting import export_labels, label_table
from astra.labels.importing import import_labels, merge
from astra.labels.label import Label, LabelError
from astra.labels.store import LabelStore
from astra.labels.taxonomies import Taxonomies
from astra.labels.taxonomy import Taxonomy, TaxonomyClass

MANY = [f"sky:{i:05d}" for i in range(COMPACT_FROM)]
HOSTILE = ["=HYPERLINK(1)", "+1", "-a", "@x", "'=1", "'quoted'", "''", 'a "b", c', "δ Scuti", "1e5"]


@pytest.fixture
def store(tmp_path: Path) -> LabelStore:
    return LabelStore(tmp_path / "labels.sqlite")


@pytest.fixture
def full(store: LabelStore) -> LabelStore:
    """A log with everything in it: gestures, clears, undos, redos, comments, decisions."""
    store.append_gesture(MANY, Label("any", "RRab", "ann", run="r1", view="explore", blind=True))
    store.append([Label(f"o:{i}", name, "bob") for i, name in enumerate(HOSTILE)])
    store.append([Label("o:1", None, "bob"), Label("o:2", "EA", "bob", confidence=0.25)])
    store.undo("bob")
    store.undo("ann")
    store.redo("ann")
    store.append([Label("o:1", "EW", "ann", comment="first\n=line", seconds=4.5)])
    store.append([Label("o:1", "EA", "zoë", origin="adjudication", prediction_shown="EB")])
    return store


def other(tmp_path: Path, name: str = "other") -> LabelStore:
    return LabelStore(tmp_path / name / "labels.sqlite")


def write(tmp_path: Path, text: str, name: str = "labels.csv") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_all_events_make_the_same_log_elsewhere(
    full: LabelStore, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"events{suffix}"
    assert export_labels(full, path, "events") == len(full.events())
    copy = other(tmp_path)
    done = import_labels(copy, path)
    assert (done.batches, done.known, done.refused) == (8, 0, [])
    left, right = (
        label_table(log, "events").drop(columns=["event", "provenance"]) for log in (full, copy)
    )
    pd.testing.assert_frame_equal(left, right)
    assert copy.current().equals(full.current())
    again = import_labels(copy, path)
    assert (again.labels, again.batches, again.known) == (0, 0, 8)
    assert len(copy.events()) == len(full.events())
    assert copy.events()["provenance"].str.startswith(f"events{suffix} sha256:").all()


def test_a_log_may_be_brought_back_to_itself(full: LabelStore, tmp_path: Path) -> None:
    export_labels(full, tmp_path / "e.csv", "events")
    before = full.events()
    assert import_labels(full, tmp_path / "e.csv").batches == 0
    assert full.events().equals(before)


def test_no_cell_is_a_formula(full: LabelStore, tmp_path: Path) -> None:
    export_labels(full, tmp_path / "current.csv", "current")
    cells = pd.read_csv(tmp_path / "current.csv", dtype=str, keep_default_na=False)
    assert not cells.stack().str.startswith(("=", "+", "-", "@")).any()
    assert sorted(cells["label"])[:3] == ["''", "''=1", "''quoted'"] or "'=HYPERLINK(1)" in set(
        cells["label"]
    )


def test_a_foreign_file_is_one_batch_an_annotator(store: LabelStore, tmp_path: Path) -> None:
    text = "object_id,label,annotator,confidence,magnitude\na,RRab,ann,0.5,17\nb,EA,bob,,18\n"
    path = write(tmp_path, text)
    done = import_labels(store, path)
    assert (done.labels, done.batches) == (2, 2)
    events = store.events()
    assert events["origin"].tolist() == ["import", "import"]
    assert events["confidence"].tolist()[0] == 0.5
    assert import_labels(store, path).known == 2
    assert len(store.events()) == 2
    store.undo("ann")
    assert store.counts() == {"EA": 1}


def test_the_annotator_may_be_said_for_the_whole_file(store: LabelStore, tmp_path: Path) -> None:
    path = write(tmp_path, "object_id,label\na,RRab\n")
    with pytest.raises(LabelError, match=r"labels\.csv: row 1, column annotator.*--annotator"):
        import_labels(store, path)
    import_labels(store, path, annotator="ann")
    assert store.current()["annotator"].tolist() == ["ann"]


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        (",EA,ann,0.5,", "object_id", "object_id is empty"),
        ("a,,ann,0.5,", "label", "label is empty"),
        (f"a,{'x' * 65},ann,0.5,", "label", "65 characters"),
        ("a,EA,ann,1.5,", "confidence", "from 0 to 1"),
        ("a,EA,ann,high,", "confidence", "from 0 to 1"),
        ("a,EA,ann,nan,", "confidence", "from 0 to 1"),
        ("a,EA,ann,0.5,yesterday", "time", "ISO 8601"),
        ("a,EA,ann,0.5,2026-01-01T00:00:00", "time", "time zone"),
    ],
)
def test_a_refusal_names_file_row_column_value_and_rule(
    store: LabelStore, tmp_path: Path, row: str, column: str, rule: str
) -> None:
    text = f"object_id,label,annotator,confidence,time\nb,EW,ann,,\n{row}\nc,EW,ann,,\n"
    path = write(tmp_path, text)
    with pytest.raises(LabelError) as refused:
        import_labels(store, path)
    assert f"labels.csv: row 2, column {column}, value " in str(refused.value)
    assert rule in str(refused.value)
    assert "nothing was imported" in str(refused.value)
    assert store.events().empty
    done = import_labels(store, path, keep_valid=True)
    assert (done.labels, len(done.refused)) == (2, 1)
    assert (done.refused[0].row, done.refused[0].column) == (2, column)


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("a.csv", "object_id,class\na,EA\n", "no column 'label'"),
        ("a.txt", "object_id,label\n", "read from .csv or .parquet"),
        ("a.parquet", "object_id,label\n", "cannot be read as parquet"),
        ("a.csv", "object_id,label\nb,EW\na,EA,extra\n", "cannot be read as csv"),
        ("a.csv", ",".join(f"c{i}" for i in range(300)) + "\n", "300 columns"),
    ],
)
def test_other_files_are_refused(
    store: LabelStore, tmp_path: Path, name: str, text: str, rule: str
) -> None:
    path = write(tmp_path, text, name)
    with pytest.raises(LabelError, match=rule) as refused:
        import_labels(store, path, annotator="ann")
    assert name in str(refused.value)
    assert store.events().empty


def test_ids_that_were_made_floats_are_refused(store: LabelStore, tmp_path: Path) -> None:
    path = tmp_path / "l.parquet"
    pd.DataFrame({"object_id": [2.0**60, np.nan], "label": "EA"}).to_parquet(path)
    with pytest.raises(LabelError, match="column of floats"):
        import_labels(store, path, annotator="ann")
    whole = pd.DataFrame({"object_id": [2**60 + 1], "label": ["EA"]})
    whole.to_parquet(path)
    import_labels(store, path, annotator="ann")
    assert store.current()["object_id"].tolist() == [str(2**60 + 1)]


def test_a_flipped_byte_is_found(full: LabelStore, tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    export_labels(full, path, "events")
    group = pq.ParquetFile(path).metadata.row_group(0)
    labels = next(c for c in map(group.column, range(30)) if c.path_in_schema == "label")
    data = bytearray(path.read_bytes())
    data[labels.data_page_offset + 40] ^= 1
    path.write_bytes(data)
    with pytest.raises(LabelError, match=r"events\.parquet"):
        import_labels(other(tmp_path), path)


def test_merging_is_idempotent_and_both_ways_say_the_same(full: LabelStore, tmp_path: Path) -> None:
    mine, theirs = other(tmp_path, "mine"), other(tmp_path, "theirs")
    mine.append([Label("o:1", "LPV", "kim"), Label("new", "EW", "kim")])
    merge(theirs, mine.path)
    for log, brought in ((mine, full), (theirs, full), (mine, theirs), (full, mine)):
        merge(log, brought.path)
        events = log.events()
        assert merge(log, brought.path).batches == 0
        assert log.events().equals(events)
    assert mine.current().equals(theirs.current())
    assert full.current().equals(mine.current())
    assert "new" in set(full.current()["object_id"])


def test_of_two_merged_logs_the_later_label_counts(tmp_path: Path) -> None:
    early, late = other(tmp_path, "early"), other(tmp_path, "late")
    early.append([Label("a", "EA", "ann")])
    late.append([Label("a", "EW", "ann")])
    merge(late, early.path)
    assert late.counts() == {"EW": 1}
    merge(early, late.path)
    assert early.counts() == {"EW": 1}


def test_taxonomies_come_with_the_labels(full: LabelStore, tmp_path: Path) -> None:
    book = Taxonomies(full.path)
    theirs = Taxonomy("theirs", (TaxonomyClass("EA"),))
    book.save(theirs, "ann", instead_of=book.now().taxonomy.hash)
    copy = other(tmp_path)
    mine = Taxonomy("mine", (TaxonomyClass("EW"),))
    here = Taxonomies(copy.path)
    here.save(mine, "bob", instead_of=here.now().taxonomy.hash)
    merge(copy, full.path)
    assert here.of_hash(theirs.hash) == theirs
    assert here.now().taxonomy == mine
    number = here.now().number
    merge(copy, full.path)
    assert here.now().number == number


def test_other_labels_of_the_same_batch_are_refused_whole(full: LabelStore, tmp_path: Path) -> None:
    copy = other(tmp_path)
    copy.append([Label("z", "EA", "ann")], batch_id="request-1")
    full.append([Label("z", "EW", "ann")], batch_id="request-1")
    with pytest.raises(LabelError, match=r"request-1.*other labels"):
        merge(copy, full.path)
    assert len(copy.events()) == 1


def test_what_is_no_other_log_is_refused(full: LabelStore, tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="no such label log"):
        merge(full, tmp_path / "none.sqlite")
    with pytest.raises(LabelError, match="into itself"):
        merge(full, full.path)
    assert not (tmp_path / "none.sqlite").exists()


def test_a_file_that_cannot_be_written_is_told(full: LabelStore, tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="cannot be written"):
        export_labels(full, tmp_path / "no" / "where.csv")
    with pytest.raises(LabelError, match=r"\.csv or \.parquet"):
        export_labels(full, tmp_path / "labels.xlsx")
