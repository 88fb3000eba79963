import multiprocessing
import resource
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from astra.data.errors import StoreError
from astra.labels import database
from astra.labels.database import PRAGMAS, prepare, reading, writing
from astra.labels.label import Label
from astra.labels.store import LabelStore


@pytest.mark.parametrize("connect", [reading, writing])
def test_every_connection_is_durable(tmp_path: Path, connect) -> None:
    path = tmp_path / "labels.sqlite"
    prepare(path)
    with connect(path) as connection:
        found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}
    assert found == {
        "busy_timeout": 10_000,
        "journal_mode": "delete",
        "synchronous": 3,
        "foreign_keys": 1,
        "mmap_size": 0,
    }


def test_a_setting_that_does_not_hold_is_an_error(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(database.PRAGMAS, "synchronous", ("OFF", 3))
    with pytest.raises(StoreError, match="synchronous = 0, not 3"):
        prepare(tmp_path / "labels.sqlite")


def test_a_log_in_write_ahead_mode_is_taken_out_of_it(tmp_path: Path) -> None:
    path = tmp_path / "labels.sqlite"
    prepare(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    with reading(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_events_belong_to_batches(tmp_path: Path) -> None:
    path = tmp_path / "labels.sqlite"
    prepare(path)
    orphan = (
        "INSERT INTO event (batch, object_id, run, view, origin, comment)"
        " VALUES (7, 'a', '', '', 'single', '')"
    )
    with pytest.raises(StoreError, match="FOREIGN KEY"), writing(path) as connection:
        connection.execute(orphan)
    with reading(path) as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (0,)


def test_an_interrupted_block_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "labels.sqlite"
    prepare(path)
    with pytest.raises(KeyboardInterrupt), writing(path) as connection:
        connection.execute(
            "INSERT INTO batch (uuid, time, annotator, action, first_event, size)"
            " VALUES ('u', 't', 'ann', 'label', 1, 0)"
        )
        raise KeyboardInterrupt
    with reading(path) as connection:
        assert connection.execute("SELECT count(*) FROM batch").fetchone() == (0,)


def test_a_log_of_another_version_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "labels.sqlite"
    prepare(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"labels\.sqlite: not a label log of version 1 to 2"):
        LabelStore(path)
    assert path.read_bytes() == before


def test_other_files_are_refused_untouched(tmp_path: Path) -> None:
    text = tmp_path / "text.sqlite"
    text.write_text("not a database, but a long enough text " * 50)
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE spectra (id INTEGER)")
    connection.close()
    for path in (text, other):
        before = path.read_bytes()
        with pytest.raises(StoreError, match=path.name):
            LabelStore(path)
        assert path.read_bytes() == before


@pytest.mark.parametrize(("kind", "refused"), [("nfs4", True), ("ext4", False)])
def test_network_file_systems_are_refused(
    tmp_path: Path, monkeypatch, kind: str, refused: bool
) -> None:
    mounts = [
        SimpleNamespace(mountpoint="/", fstype="ext4"),
        SimpleNamespace(mountpoint=str(tmp_path), fstype=kind),
    ]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: mounts)
    path = tmp_path / "home" / "labels.sqlite"
    if refused:
        with pytest.raises(StoreError, match="network file system"):
            LabelStore(path)
    else:
        assert LabelStore(path).append([Label("a", "EA", "ann")]) == [1]


def _fill_the_disk(path: Path, outcome) -> None:
    """Label while files cannot grow, then again when they can."""
    store = LabelStore(path)
    store.append([Label("kept", "EA", "ann")])
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20_000, hard))
    try:
        store.append([Label(f"lost:{i}", "EA", "ann") for i in range(20_000)])
        outcome.send("accepted")
    except StoreError as error:
        outcome.send(str(error))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    store.append([Label("after", "EA", "ann")])


def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "labels.sqlite"
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_fill_the_disk, args=(path, theirs)
    )
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert "nothing was changed in the label log" in ours.recv()
    assert list(LabelStore(path).events()["object_id"]) == ["kept", "after"]
