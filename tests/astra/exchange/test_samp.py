import queue
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
import pytest

from astra.exchange.columns import SelectionTable
from astra.exchange.samp import Place, Rows, SampError, SampLink

samp = pytest.importorskip("astropy.samp")
SECONDS = 20


class Other:
    """Another application at the hub: takes tables and places, and sends rows back."""

    def __init__(self, name="TOPCAT", messages=("table.load.votable", "coord.pointAt.sky")):
        self.told = queue.Queue()
        self.client = samp.SAMPIntegratedClient(name=name, addr="127.0.0.1")
        self.client.connect()
        for message in messages:
            self.client.bind_receive_message(message, self.hear)

    def hear(self, key, sender, message_id, message, told, extra):
        self.told.put((sender, message, told))

    def tell(self, to, message, **told):
        self.client.notify(to, {"samp.mtype": message, "samp.params": told})

    def ask(self, to, message, **told):
        called = {"samp.mtype": message, "samp.params": told}
        return self.client.call_and_wait(to, called, timeout=str(SECONDS))


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setattr(samp.conf, "use_internet", False)
    lock = tmp_path / "hub.lock"
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{lock.as_uri()}")
    hub = samp.SAMPHubServer(web_profile=False, addr="127.0.0.1", lockfile=str(lock))
    hub.start()
    yield lock
    hub.stop()


@pytest.fixture
def link():
    heard = queue.Queue()
    link = SampLink(heard.put)
    link.heard = heard
    yield link
    link.disconnect()


@pytest.fixture
def topcat(hub):
    other = Other()
    yield other
    other.client.disconnect()


def test_a_table_goes_out_and_rows_and_places_come_back(run, link, topcat):
    from astropy.table import Table

    table = SelectionTable(run, np.array([5, 0, 3]), "three <odd> ones")
    ids = run.object_ids(table.rows)
    assert link.send(table) == ["TOPCAT"]
    sender, message, told = topcat.told.get(timeout=SECONDS)
    assert message == "table.load.votable"
    assert "three <odd> ones" in told["name"]
    received = Table.read(urlparse(told["url"]).path, format="votable")
    assert received["object_id"].tolist() == ids

    about = {"table-id": told["table-id"], "url": told["url"]}
    topcat.tell(sender, "table.select.rowList", **{**about, "row-list": ["2", "0"]})
    assert link.heard.get(timeout=SECONDS) == Rows("TOPCAT", [ids[2], ids[0]], False)
    topcat.tell(sender, "table.highlight.row", url=told["url"], row="1")
    assert link.heard.get(timeout=SECONDS) == Rows("TOPCAT", [ids[1]], True)
    topcat.tell(sender, "coord.pointAt.sky", ra="291.366", dec="-42.78")
    assert link.heard.get(timeout=SECONDS) == Place("TOPCAT", 291.366, -42.78)
    answer = topcat.ask(sender, "table.highlight.row", **about, row="0")
    assert answer["samp.status"] == "samp.ok"
    assert link.heard.get(timeout=SECONDS) == Rows("TOPCAT", [ids[0]], True)


def test_messages_that_make_no_sense_are_answered_and_change_nothing(run, link, topcat):
    link.send(SelectionTable(run, np.array([1])))
    sender, _, told = topcat.told.get(timeout=SECONDS)
    about = {"table-id": told["table-id"]}
    for message, params in (
        ("table.highlight.row", {**about, "row": "7"}),
        ("table.highlight.row", {**about, "row": "-1"}),
        ("table.highlight.row", {**about, "row": "one"}),
        ("table.highlight.row", {"table-id": "another", "row": "0"}),
        ("table.select.rowList", {**about, "row-list": "x"}),
        ("table.select.rowList", about),
        ("coord.pointAt.sky", {"ra": "nan", "dec": "0"}),
    ):
        answer = topcat.ask(sender, message, **params)
        assert answer["samp.status"] == "samp.error", (message, params)
        assert answer["samp.error"]["samp.errortxt"]
    assert link.heard.empty()


def test_a_place_is_pointed_at(link, topcat):
    assert link.point_at(10.684708, 41.26875) == ["TOPCAT"]
    _, message, told = topcat.told.get(timeout=SECONDS)
    assert (message, float(told["ra"]), float(told["dec"])) == (
        "coord.pointAt.sky", 10.684708, 41.26875,
    )  # fmt: skip


def test_without_a_hub_it_says_what_to_do(run, link, tmp_path, monkeypatch):
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{(tmp_path / 'none').as_uri()}")
    with pytest.raises(SampError, match="no SAMP hub runs on this machine; start TOPCAT"):
        link.send(SelectionTable(run, np.array([1])))
    assert not link.is_connected


def test_a_hub_without_listeners_is_told_apart_from_no_hub(run, link, hub):
    with pytest.raises(SampError, match="no application there takes tables"):
        link.send(SelectionTable(run, np.array([1])))
    assert link.is_connected


@pytest.mark.parametrize("host", ["hub.example.org", "10.0.0.7", "127.0.0.1.example.org", ""])
def test_a_hub_elsewhere_is_never_spoken_to(link, tmp_path, monkeypatch, host):
    lock = tmp_path / "lock"
    lock.write_text(f"samp.secret=x\nsamp.hub.xmlrpc.url=http://{host}:2112/\n")
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{lock.as_uri()}")
    with pytest.raises(SampError, match="speaks to 127"):
        link.connect()
    monkeypatch.setenv("SAMP_HUB", "std-lockurl:http://example.org/lock")
    with pytest.raises(SampError, match="not on this machine"):
        link.connect()


def test_the_file_is_gone_when_the_link_is(run, link, topcat):
    link.send(SelectionTable(run, np.array([1])))
    path = Path(urlparse(topcat.told.get(timeout=SECONDS)[2]["url"]).path)
    assert path.stat().st_mode & 0o077 == 0 or path.parent.stat().st_mode & 0o077 == 0
    link.disconnect()
    assert not path.exists()
    assert not link.is_connected


def test_a_hub_that_went_away_is_found_missing_and_a_new_one_is_joined(
    run, link, tmp_path, monkeypatch
):
    monkeypatch.setattr(samp.conf, "use_internet", False)
    for name in ("one", "two"):
        lock = tmp_path / name
        monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{lock.as_uri()}")
        hub = samp.SAMPHubServer(web_profile=False, addr="127.0.0.1", lockfile=str(lock))
        hub.start()
        link.connect()
        assert link.listeners() == {}
        hub.stop()
    with pytest.raises(SampError):
        link.connect()
