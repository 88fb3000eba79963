import hashlib
import json
from pathlib import Path

import pytest

from astra.data.errors import StoreError
from astra.runs.manifest import MANIFEST, Manifest, check_part, describe_part


def test_what_is_written_is_read_back(observatory, write_run) -> None:
    folder = write_run(observatory)
    manifest = Manifest.read(folder)
    assert (manifest.run, manifest.survey, manifest.objects) == ("first", "sky", 6)
    assert manifest.artefacts["catalogue"].summary == {"found": "catalogue"}
    before = (folder / MANIFEST).read_bytes()
    manifest.write(folder)
    assert (folder / MANIFEST).read_bytes() == before


def test_a_part_is_described_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "part.npy").write_bytes(b"content")
    part = describe_part(tmp_path, "part.npy")
    assert (part.path, part.bytes) == ("part.npy", 7)
    assert part.sha256 == hashlib.sha256(b"content").hexdigest()
    check_part(tmp_path, part)


def test_an_artefact_is_hashed_over_all_its_parts(observatory, write_run) -> None:
    folder = write_run(observatory)
    artefact = Manifest.read(folder).artefacts["projection"]
    assert len(artefact.hash) == 64
    for number in range(2):
        parts = list(artefact.parts)
        parts[number] = parts[number].model_copy(update={"sha256": "0" * 64})
        assert artefact.model_copy(update={"parts": parts}).hash != artefact.hash
    other = artefact.model_copy(update={"seconds": 9.0, "settings": {}})
    assert other.hash == artefact.hash


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"run": "first"}',
        b"\xff\xfe",
    ],
)
def test_a_folder_without_a_valid_manifest_is_no_run(
    observatory, write_run, content: bytes | None
) -> None:
    folder = write_run(observatory)
    (folder / MANIFEST).unlink()
    if content is not None:
        (folder / MANIFEST).write_bytes(content)
    with pytest.raises(StoreError, match=str(folder)):
        Manifest.read(folder)


@pytest.mark.parametrize(
    "change",
    [{"format": "astra-run-0"}, {"objects": "many"}, {"unknown": 1}, {"artefacts": None}],
)
def test_a_manifest_of_another_shape_is_refused(observatory, write_run, change: dict) -> None:
    folder = write_run(observatory)
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, **change}))
    with pytest.raises(StoreError, match=r"not a run's manifest \(1 errors\)"):
        Manifest.read(folder)


@pytest.mark.parametrize("damage", ["missing", "short", "folder"])
def test_a_part_that_is_not_whole_is_named(observatory, write_run, damage: str) -> None:
    folder = write_run(observatory)
    part = folder / "rows.npy"
    size = part.stat().st_size
    content = part.read_bytes()
    part.unlink()
    if damage == "short":
        part.write_bytes(content[:-1])
    if damage == "folder":
        part.mkdir()
    with pytest.raises(StoreError, match=rf"rows\.npy: .* but the manifest says {size}"):
        Manifest.read(folder)


def test_what_json_does_not_have_becomes_null(observatory, write_run) -> None:
    folder = write_run(observatory)
    manifest = Manifest.read(folder)
    manifest.artefacts["catalogue"].summary["score"] = float("nan")
    manifest.write(folder)
    assert "NaN" not in (folder / MANIFEST).read_text()
    assert Manifest.read(folder).artefacts["catalogue"].summary["score"] is None
