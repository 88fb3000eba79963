import runpy
import zipfile

import numpy as np
import pyarrow.parquet as pq
import pytest

from app.markup.download import PIECE, Download
from app.markup.exchange_html import code
from app.views.exchange import ExchangeView
from astra.exchange.samp import Place, Rows

samp = pytest.importorskip("astropy.samp")


@pytest.fixture
def view(session):
    yield ExchangeView(session)
    session.exchange.end()


def choose(session, rows):
    mask = np.zeros(len(session.run), bool)
    mask[rows] = True
    session.select(mask, 'lasso <b>"1"</b>')


def ids(session, rows):
    return session.run.run.object_ids(np.asarray(rows))


def saved(download):
    """What a browser collects, piece by piece as it asks."""
    told, content = [], b""
    download._send_msg = told.append
    while piece := download.piece(len(content)):
        content += piece
    return content


def test_the_selection_is_exported_as_it_is_shown(view, session):
    choose(session, [3, 9, 40])
    assert "3 objects, lasso &lt;b&gt;" in view._exports.html
    view.press("export:parquet")
    ready = session.exchange.ready
    assert ready.name == "astra-selection.parquet"
    assert pq.read_table(ready.path)["object_id"].to_pylist() == ids(session, [3, 9, 40])
    assert saved(view._download) == ready.path.read_bytes()


def test_what_filters_hide_is_not_exported(view, session):
    choose(session, np.arange(len(session.run)))
    session.filters.brush("period", -np.inf, 1)
    view.press("export:csv")
    lines = session.exchange.ready.path.read_text().splitlines()
    assert len(lines) == 1 + session.n_selected
    assert 0 < session.n_selected < len(session.run)


@pytest.mark.parametrize("form", ["votable", "ecsv", "light-curves", "light-curves-csv"])
def test_every_button_gives_a_file(view, session, form):
    choose(session, [3, 9])
    view.press(f"export:{form}")
    ready = session.exchange.ready
    assert ready.path.stat().st_size > 0
    assert session.exchange.error == ""
    if form.startswith("light"):
        assert ready.name == "astra-selection-light-curves.zip"
        with zipfile.ZipFile(ready.path) as opened:
            assert opened.testzip() is None


def test_what_is_too_large_for_a_browser_is_refused_with_the_command(view, session, monkeypatch):
    monkeypatch.setattr("app.exchange.MOST_OBSERVATIONS", 100)
    choose(session, [3, 9])
    view.press("export:light-curves")
    assert session.exchange.ready is None
    assert "astra export first --format light-curves" in session.exchange.error
    monkeypatch.setattr("app.exchange.MOST_BYTES", 10)
    view.press("export:csv")
    assert session.exchange.ready is None
    assert "too many for a browser" in view._exports.html


@pytest.mark.parametrize("what", ["export:", "export:../x", "export:fits", "boo", "point"])
def test_presses_that_mean_nothing_do_nothing(view, session, what):
    view.press(what)
    assert session.exchange.ready is None


def run_code(text, tmp_path):
    path = tmp_path / "code.py"
    path.write_text(text)
    return runpy.run_path(str(path))


def test_the_code_gives_the_selection_again(view, session, tmp_path):
    choose(session, [3, 9, 40])
    view.press("snippet")
    made = run_code(session.exchange.snippet, tmp_path)
    assert made["objects"]["object_id"].tolist() == ids(session, [3, 9, 40])
    choose(session, [1])
    assert session.exchange.snippet == ""
    session.saved.save('odd "ones" <b>')
    session.saved.select('odd "ones" <b>')
    view.press("snippet")
    assert "SelectionBook" in session.exchange.snippet
    assert "<b>" not in view._code.html
    assert run_code(session.exchange.snippet, tmp_path)["rows"].tolist() == [1]


def test_the_code_of_filters_gives_what_they_let_pass(view, session, tmp_path):
    session.filters.brush("period", -np.inf, 1)
    session.filters.add("score < 0.5")
    view.press("snippet")
    rows = run_code(session.exchange.snippet, tmp_path)["rows"]
    np.testing.assert_array_equal(rows, np.flatnonzero(session.filters.passing))


def test_the_code_knows_of_hidden_classes(view, session, tmp_path):
    session.hidden = frozenset({"EA"})
    view.press("snippet")
    rows = run_code(session.exchange.snippet, tmp_path)["rows"]
    np.testing.assert_array_equal(np.sort(rows), np.flatnonzero(session.shown))


def test_code_is_shown_as_text(session):
    assert "<script>" not in code("x = '<script>'\"")


def test_a_download_reads_nothing_but_its_file(tmp_path):
    download = Download()
    assert download.piece(0) == b""
    path = tmp_path / "x"
    path.write_bytes(bytes(range(256)) * 5000)
    download._send_msg = lambda message: None
    download.give(path, "x")
    assert download.piece(-1) == b""
    assert (
        download.piece(0) + download.piece(PIECE) + download.piece(2 * PIECE) == path.read_bytes()
    )


def test_rows_and_places_from_elsewhere_become_selection_and_focus(view, session):
    exchange = session.exchange
    exchange.receive(Rows("TOPCAT", ids(session, [7, 2]), False))
    assert session.selected_rows.tolist() == [2, 7]
    assert session.selection_description == "from TOPCAT"
    exchange.receive(Rows("TOPCAT", ids(session, [5]), True))
    assert session.focus == 5
    exchange.receive(Rows("TOPCAT", ["nobody"], False))
    assert session.selected_rows.tolist() == [2, 7]
    assert session.is_warning
    ra, dec = (float(session.run.run.values("catalogue", name)[11]) for name in ("ra", "dec"))
    exchange.receive(Place("Aladin", ra, dec))
    assert session.focus == 11


def test_a_hub_is_looked_for_only_when_asked_and_its_absence_is_told(
    view, session, tmp_path, monkeypatch
):
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{(tmp_path / 'none').as_uri()}")
    assert "not looked for yet" in view._samp.html
    view.press("look")
    assert session.exchange.hub == "none"
    assert "start TOPCAT" in view._samp.html


def test_the_selection_goes_to_a_hub_and_rows_come_back(view, session, tmp_path, monkeypatch):
    monkeypatch.setattr(samp.conf, "use_internet", False)
    lock = tmp_path / "hub.lock"
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{lock.as_uri()}")
    hub = samp.SAMPHubServer(web_profile=False, addr="127.0.0.1", lockfile=str(lock))
    hub.start()
    try:
        got = []
        topcat = samp.SAMPIntegratedClient(name="TOP<b>CAT", addr="127.0.0.1")
        topcat.connect()
        topcat.bind_receive_message("table.load.votable", lambda *told: got.append(told))
        choose(session, [3, 9, 40])
        view.press("send")
        assert session.exchange.hub == "found"
        assert "TOP&lt;b&gt;CAT" in view._samp.html
        assert "sent 3 objects to" in session.status
        sender, told = got[0][1], got[0][4]
        rows = {"table-id": told["table-id"], "row-list": ["2", "0"]}
        message = {"samp.mtype": "table.select.rowList", "samp.params": rows}
        topcat.call_and_wait(sender, message, timeout="20")
        assert session.selected_rows.tolist() == [3, 40]
        topcat.disconnect()
    finally:
        session.exchange.end()
        hub.stop()
