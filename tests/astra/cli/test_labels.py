import re

import pytest
from typer.testing import CliRunner

from astra.cli.__main__ import app
from astra.data.observatory import Observatory
from astra.labels.label import Label, LabelError
from astra.labels.store import LabelStore


@pytest.fixture
def home(tmp_path):
    return tmp_path / "observatory"


@pytest.fixture
def store(home):
    return LabelStore(Observatory(home).labels)


def astra(home, *words):
    result = CliRunner().invoke(app, ["labels", *words, "--home", str(home)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return re.sub(r"\s+", " ", result.output)


def test_export_import_and_merge_tell_what_they_did(home, store, tmp_path) -> None:
    store.append([Label("a", "EA", "ann"), Label("b", "EW", "ann")])
    path = str(tmp_path / "events.csv")
    assert "2 rows" in astra(home, "export", "--output", path, "--what", "events")
    there = tmp_path / "there"
    assert "2 labels in 1 batches appended" in astra(there, "import", path)
    assert "0 labels in 0 batches appended, 1 batches were there already" in astra(
        there, "merge", str(store.path)
    )
    assert LabelStore(Observatory(there).labels).counts() == {"EA": 1, "EW": 1}


def test_a_bad_row_stops_the_import_and_is_named(home, tmp_path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("object_id,label\na,EA\n,EW\n")
    with pytest.raises(LabelError, match=r"l\.csv: row 2, column object_id"):
        astra(home, "import", str(path), "--annotator", "ann")
    told = astra(home, "import", str(path), "--annotator", "ann", "--keep-valid")
    assert "1 labels" in told
    assert "1 rows refused" in told


def test_agreement_tells_figures_and_clashes(home, store) -> None:
    for who, words in (("MK", ["EA", "EW", "RRc", "EW"]), ("JL", ["EA", "EW", "EW", "EW"])):
        store.append([Label(f"o{i}", word, who) for i, word in enumerate(words)])
    told = astra(home, "agreement")
    assert "3 agree, 1 conflict" in told
    assert re.search(r"Cohen kappa (JL - MK|MK - JL) 0\.556", told)
    assert "1 objects: EW against RRc" in told


def test_history_tells_who_said_what(home, store) -> None:
    store.append([Label("a:1", "EA", "ann", run="r1", blind=True, comment="[red]sure[/]")])
    store.undo("ann")
    told = astra(home, "history", "a:1")
    assert "ann EA single r1 blind [red]sure[/] undone" in told
    assert "nothing was said of b:2" in astra(home, "history", "b:2")


def test_the_taxonomy_is_shown_written_and_replaced(home, store, tmp_path) -> None:
    assert "version 0" in astra(home, "taxonomy")
    path = tmp_path / "t.toml"
    astra(home, "taxonomy", "--output", str(path))
    path.write_text(path.read_text().replace('name = "Astra"', 'name = "Ours"'))
    assert "Ours, version 1" in astra(home, "taxonomy", str(path), "--annotator", "ann")
    assert "RRab (RRAB" in astra(home, "taxonomy")
