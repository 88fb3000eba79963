import hashlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from astra.cli.__main__ import app
from astra.data.fetched import fetched
from astra.encoders import WeightsError, embed, load
from astra.encoders.fetching import FetchError, fetch, keep, names, offer
from astra.encoders.weights import read_card

NAME = "light_curve:astra_clr"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def file(tmp_path: Path, make_onnx) -> Path:
    path = tmp_path / "astra_clr.onnx"
    path.write_bytes(make_onnx("astra_clr"))
    return path


@pytest.fixture
def hub(file: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """A hub that holds the file; remembers what it was asked for."""
    hub = pytest.importorskip("huggingface_hub")
    asked: list[tuple] = []

    def metadata(url: str) -> SimpleNamespace:
        asked.append(("metadata", url))
        return SimpleNamespace(size=file.stat().st_size, commit_hash="c0ffee")

    def download(repository: str, name: str, revision: str, local_dir: str) -> str:
        asked.append(("download", repository, name, revision))
        return shutil.copy(file, local_dir)

    monkeypatch.setattr(hub, "get_hf_file_metadata", metadata)
    monkeypatch.setattr(hub, "hf_hub_download", download)
    return asked


def test_nothing_is_fetched_unasked(hub: list) -> None:
    with pytest.raises(WeightsError, match=f"astra fetch-encoder {NAME}"):
        load(NAME)
    assert not hub
    assert not fetched(NAME).parent.exists()


def test_fetched_it_loads_by_name(hub: list, file: Path, light_curves) -> None:
    offered = offer(NAME)
    assert offered.bytes == file.stat().st_size
    path = fetch(NAME, offered)
    assert hub[1] == ("download", "light-curve/astra-clr", "astra_clr.onnx", "c0ffee")
    assert path == fetched(NAME)
    found = embed(load(NAME), light_curves, device="cpu")
    assert found.shape == (10, 1536)
    assert np.isfinite(found).all()
    card = read_card(NAME)["card"]
    assert card["onnx_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert card["revision"] == "c0ffee"
    assert card["licence"] == "MIT"
    assert card["source"] == "https://huggingface.co/light-curve/astra-clr"


def test_a_file_at_hand_is_kept_without_a_network(file: Path, light_curves) -> None:
    keep(NAME, file)
    assert embed(load(NAME), light_curves, device="cpu").shape == (10, 1536)


def test_offline_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")

    def refuse(*arguments: object, **options: object) -> None:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(hub, "get_hf_file_metadata", refuse)
    with pytest.raises(FetchError, match=r"no route to host.*--file astra_clr\.onnx"):
        offer(NAME)


def test_what_is_no_model_is_not_kept(file: Path) -> None:
    file.write_bytes(b"<html>not found</html>")
    with pytest.raises(FetchError, match="not an ONNX model"):
        keep(NAME, file)
    assert not fetched(NAME).exists()


def test_an_unknown_name_is_told_what_there_is() -> None:
    with pytest.raises(FetchError, match="there are light_curve:astra_clr"):
        offer("light_curve:astra")


def test_the_command_says_size_licence_and_source(hub: list, file: Path) -> None:
    done = CliRunner().invoke(app, ["fetch-encoder", NAME])
    assert done.exit_code == 0, done.output
    for told in ("MB from https://huggingface.co/light-curve/astra-clr", "licence: MIT", "kept"):
        assert told in done.output
    listed = CliRunner().invoke(app, ["fetch-encoder"], env={"COLUMNS": "80"})
    assert all(name in listed.output for name in names())
