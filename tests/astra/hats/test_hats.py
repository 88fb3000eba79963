"""Surveys as HATS catalogues and back, and their vectors: whole, exact, however often cut off."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from astra.cli.hats import hats
from astra.data.errors import AstraError
from astra.data.observatory import Observatory
from astra.data.simulation.simulate import simulate_survey
from astra.data.surveys import Survey

lsdb = pytest.importorskip("lsdb")

OBJECTS, ROWS = 160, 40


@pytest.fixture(scope="module")
def observatory(tmp_path_factory):
    return Observatory(tmp_path_factory.mktemp("observatory"))


@pytest.fixture(scope="module")
def survey(observatory):
    return Survey.open(simulate_survey(observatory, "sky", OBJECTS, seed=5, labelled=0.5))


@pytest.fixture(scope="module")
def catalogue(survey, observatory, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hats") / "sky"
    command = ["write", survey.name, "--output", str(folder), "--rows", str(ROWS)]
    done = CliRunner().invoke(hats, [*command, "--home", str(observatory.home)])
    assert done.exit_code == 0, done.output
    return folder


def content(folder):
    """Bytes of every file, without the line that says when."""
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): b"\n".join(
            line
            for line in path.read_bytes().split(b"\n")
            if not line.startswith((b"hats_creation_date", b"#"))
        )
        for path in files
        if path.name != "properties"
    }


def by_id(survey):
    return {survey.catalogue.object_id(row): row for row in range(len(survey.catalogue))}


def test_lsdb_reads_every_object_with_its_light_curve(survey, catalogue):
    opened = lsdb.open_catalog(catalogue)
    assert len(opened) == OBJECTS
    assert opened.nested_columns == ["lightcurve"]
    assert opened.npartitions > 2
    frame = opened.compute()
    rows = by_id(survey)
    for object_id, nested in zip(frame["object_id"], frame["lightcurve"], strict=True):
        light_curve = survey.light_curves[rows[object_id]]
        np.testing.assert_allclose(nested["mjd"], light_curve.mjd, rtol=0, atol=1e-8)
        np.testing.assert_array_equal(nested["flux_ujy"], light_curve.flux)
        assert list(nested["band"]) == [light_curve.bands[code].name for code in light_curve.band]


def test_rows_lie_in_the_cell_of_their_file_in_the_order_of_the_index(catalogue):
    files = sorted(catalogue.rglob("Npix=*.parquet"))
    assert len(files) > 2
    for file in files:
        table = pq.read_table(file)
        index = table["_healpix_29"].to_numpy()
        order = int(file.parts[-3].removeprefix("Norder="))
        pixel = int(file.stem.removeprefix("Npix="))
        assert len(table) <= ROWS
        assert (np.diff(index) >= 0).all()
        assert (index >> 2 * (29 - order) == pixel).all()


def test_columns_have_units_and_descriptions(catalogue):
    schema = pq.read_schema(catalogue / "dataset" / "_common_metadata")
    assert schema.field("ra").metadata == {
        b"unit": b"deg",
        b"description": b"Right ascension, ICRS",
    }
    assert b"uJy" in schema.field("lightcurve").metadata[b"description"]


def test_a_writing_that_was_cut_off_goes_on_and_gives_the_same_bytes(survey, catalogue, tmp_path):
    from astra.hats.writing import write_survey

    class CutOffError(Exception):
        pass

    def cut(event, done, **_):
        if done > OBJECTS // 2:
            raise CutOffError

    with pytest.raises(CutOffError):
        write_survey(survey, tmp_path / "sky", ROWS, progress=cut)
    assert not (tmp_path / "sky" / "hats.properties").exists()
    write_survey(survey, tmp_path / "sky", ROWS)
    assert content(tmp_path / "sky") == content(catalogue)


def test_partitions_of_two_writings_are_never_mixed(survey, catalogue, tmp_path):
    from astra.data.errors import AstraError
    from astra.hats.writing import write_survey

    before = content(catalogue)
    with pytest.raises(AstraError, match="holds something else"):
        write_survey(survey, catalogue, ROWS // 2)
    other = Survey.open(simulate_survey(Observatory(tmp_path), "sky", 50, seed=6))
    with pytest.raises(AstraError, match="choose a new folder"):
        write_survey(other, catalogue, ROWS)
    with pytest.raises(AstraError, match="holds something else"):
        write_survey(survey, tmp_path, ROWS)
    assert content(catalogue) == before


def test_a_survey_comes_back_as_it_was(survey, catalogue, observatory):
    from astra.hats.streaming import import_catalogue

    back = import_catalogue(catalogue, "back", observatory)
    rows = by_id(survey)
    assert set(by_id(back)) == set(rows)
    for object_id, row in by_id(back).items():
        one, other = back.light_curves[row], survey.light_curves[rows[object_id]]
        np.testing.assert_allclose(one.mjd, other.mjd, rtol=0, atol=2e-5)
        np.testing.assert_array_equal(one.flux, other.flux)
        np.testing.assert_array_equal(one.flux_error, other.flux_error)
    columns = ["label", "period_days", "n_obs"]
    ours, theirs = (
        one.catalogue.table.set_index("object_id").sort_index() for one in (back, survey)
    )
    for column in columns:
        if column in theirs:
            assert ours[column].astype(object).where(ours[column].notna(), None).tolist() == (
                theirs[column].astype(object).where(theirs[column].notna(), None).tolist()
            )
    assert not list(observatory.surveys.glob(".parts-*"))


def test_an_import_that_was_cut_off_goes_on_where_it_was(catalogue, observatory, monkeypatch):
    from astra.hats import streaming

    whole = streaming.import_catalogue(catalogue, "whole", observatory)
    read, asked = streaming.light_curves_of, []

    def second_time_killed(*arguments):
        asked.append(arguments[-1])
        if len(asked) == 2:
            raise KeyboardInterrupt
        return read(*arguments)

    monkeypatch.setattr(streaming, "light_curves_of", second_time_killed)
    with pytest.raises(KeyboardInterrupt):
        streaming.import_catalogue(catalogue, "cut", observatory)
    cut = streaming.import_catalogue(catalogue, "cut", observatory)
    assert asked[0] not in asked[2:]
    assert cut.fingerprint == whole.fingerprint


def test_what_is_no_catalogue_is_refused(tmp_path):
    from astra.hats.reading import open_catalogue

    with pytest.raises(AstraError, match="no HATS catalogue here"):
        open_catalogue(tmp_path)


@pytest.fixture(scope="module")
def vectors(catalogue, tmp_path_factory):
    from astra.hats.embedding import embed_catalogue

    return embed_catalogue(catalogue, tmp_path_factory.mktemp("vectors") / "v", "astra_clr")


def test_vectors_are_those_of_the_encoder(survey, vectors):
    from astra.encoders import embed, load

    wanted = embed(load("astra_clr"), survey.light_curves)
    frame = lsdb.open_catalog(vectors).compute()
    rows = by_id(survey)
    assert len(frame) == OBJECTS
    for object_id, vector in zip(frame["object_id"], frame["embedding"], strict=True):
        np.testing.assert_allclose(vector, wanted[rows[object_id]], atol=2e-4)
    schema = pq.read_schema(vectors / "dataset" / "_common_metadata")
    assert b"astra_clr" in schema.field("embedding").metadata[b"description"]
    assert schema.field("dec").metadata[b"unit"] == b"deg"


def test_vectors_are_read_in_the_order_asked_for(survey, vectors, tmp_path):
    from astra.encoders import embed, load
    from astra.hats.vectors import fingerprint, read_vectors

    ids = [survey.catalogue.object_id(row) for row in range(OBJECTS)][::-1]
    wanted = embed(load("astra_clr"), survey.light_curves)[::-1]
    np.testing.assert_allclose(read_vectors(vectors, ids), wanted, atol=2e-4)
    with pytest.raises(AstraError, match="no vector for 1 of 2 objects, the first is nobody"):
        read_vectors(vectors, [ids[0], "nobody"])
    with pytest.raises(AstraError, match="no finished HATS catalogue"):
        read_vectors(vectors.parent, ids)
    copy = shutil.copytree(vectors, tmp_path / "copy")
    assert fingerprint(copy) == fingerprint(vectors)
    next(copy.rglob("Npix=*.parquet")).unlink()
    assert fingerprint(copy) != fingerprint(vectors)


@pytest.mark.slow
def test_killed_between_partitions_it_goes_on_and_gives_the_same_bytes(
    catalogue, vectors, tmp_path
):
    folder = tmp_path / "v"
    command = [
        *(sys.executable, "-m", "astra.cli", "hats", "embed", str(catalogue)),
        *("--output", str(folder), "--encoder", "astra_clr", "--workers", "1"),
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not list(folder.glob("done/*_done")):
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
    assert list(folder.glob("done/*_done"))
    subprocess.run(command, env=environment, check=True, timeout=180)
    assert content(folder) == content(vectors)
