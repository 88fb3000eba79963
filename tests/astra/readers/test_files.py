"""Files that cannot be read at all: one error that names the file and says what to do."""

import contextlib
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from astra.data.errors import RejectedFileError
from astra.readers import read
from astra.readers.quarantine import Quarantine


@pytest.mark.parametrize("column", ["object_id", "mjd", "band", "flux_ujy", "flux_err_ujy"])
def test_a_missing_column_is_named(pair, tmp_path: Path, column: str) -> None:
    pair.observations = pair.observations.drop(columns=column)
    pair.write(tmp_path)
    with pytest.raises(RejectedFileError, match=rf"survey_observations.* column {column} is miss"):
        read(tmp_path)


def test_objects_need_an_id(pair, tmp_path: Path) -> None:
    pair.objects = pair.objects.rename(columns={"object_id": "name"})
    pair.write(tmp_path)
    with pytest.raises(RejectedFileError, match=r"survey_objects.* object_id is missing.*'name'"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("table", "column", "change", "kind"),
    [
        ("observations", "mjd", str, "a number"),
        ("observations", "mjd", lambda mjd: mjd > 0, "a number"),
        ("observations", "flux_ujy", lambda flux: flux.astype("datetime64[s]"), "a number"),
        ("observations", "flux_err_ujy", lambda error: error.map(lambda e: [e]), "a number"),
        ("observations", "band", lambda band: band.str.len(), "text"),
        ("observations", "object_id", lambda ids: ids.str.len() / 2, "lose digits"),
        ("objects", "object_id", lambda ids: ids.str.len() / 2, "lose digits"),
        ("objects", "ra", str, "a number"),
        ("objects", "flux_kind", lambda kinds: kinds == "total", "text"),
        ("objects", "label", lambda labels: labels.map(lambda label: {"is": label}), "text"),
    ],
)
def test_a_column_of_the_wrong_type_is_named(
    pair, tmp_path: Path, table: str, column: str, change: Callable[[Any], Any], kind: str
) -> None:
    frame = getattr(pair, table)
    frame[column] = frame[column].map(str) if change is str else change(frame[column])
    pair.write(tmp_path)
    with pytest.raises(RejectedFileError, match=rf"survey_{table}.* column {column} has.*{kind}"):
        read(tmp_path)


def test_a_column_given_twice_is_refused(pair, tmp_path: Path) -> None:
    _, file = pair.write(tmp_path)
    table = pq.read_table(file)
    pq.write_table(table.append_column("mjd", table["mjd"]), file)
    with pytest.raises(RejectedFileError, match="column mjd occurs more than once"):
        read(file)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda content: content[: len(content) // 2], "not a whole Parquet file"),
        (lambda content: content[:-1], "not a whole Parquet file"),
        (lambda content: b"", "the file is empty"),
        (lambda content: b"object_id,mjd\na,58000\n" * 9, "not a whole Parquet file"),
        (lambda content: b"PAR1" + b"\xff" * 200 + b"PAR1", "not a whole Parquet file"),
    ],
    ids=["half", "last byte lost", "empty", "text", "noise"],
)
def test_a_file_that_is_not_whole_is_named(
    pair, tmp_path: Path, which: int, damage: Callable[[bytes], bytes], reason: str
) -> None:
    file = pair.write(tmp_path)[which]
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(RejectedFileError, match=f"{file}: {reason}.*again"):
        read(tmp_path)


@pytest.mark.parametrize("table", ["objects", "observations"])
def test_a_table_without_rows_is_named(pair, tmp_path: Path, table: str) -> None:
    setattr(pair, table, getattr(pair, table).iloc[:0])
    pair.write(tmp_path)
    with pytest.raises(RejectedFileError, match=f"survey_{table}.*: the table has no rows"):
        read(tmp_path)


def test_a_flipped_byte_in_a_page_is_found_and_its_column_named(pair, tmp_path: Path) -> None:
    _, file = pair.write(tmp_path, compression="none", use_dictionary=False)
    flux = pair.observations["flux_ujy"].to_numpy().tobytes()
    content = bytearray(file.read_bytes())
    content[content.index(flux) + 30] ^= 0x10
    file.write_bytes(content)
    with pytest.raises(RejectedFileError, match=r"row 0 and later, column flux_ujy.*CRC"):
        read(tmp_path)


def survives(function: Callable[..., None], *arguments: object) -> bool:
    """Whether a function ends as it should in a process of its own, which may be aborted."""
    process = multiprocessing.get_context("fork").Process(target=function, args=arguments)
    process.start()
    process.join()
    return process.exitcode == 0


def read_flipped_pages(files: tuple[Path, Path], which: int, pair) -> None:
    content = files[which].read_bytes()
    pages = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    rng = np.random.default_rng(which)
    flips, rejected = 150, 0
    for position in rng.integers(4, pages, flips):
        damaged = bytearray(content)
        damaged[position] ^= 1 << rng.integers(8)
        files[which].write_bytes(damaged)
        quarantine = Quarantine()
        try:
            pair.assert_kept(read(files, quarantine))
            assert not quarantine
        except RejectedFileError as error:
            assert str(files[which]) in str(error)
            rejected += 1
    assert rejected > flips / 2


@pytest.mark.parametrize("which", [0, 1])
def test_no_flipped_bit_in_a_page_changes_what_is_read(pair, tmp_path: Path, which: int) -> None:
    assert survives(read_flipped_pages, pair.write(tmp_path), which, pair)


def read_flipped_schema(files: tuple[Path, Path]) -> None:
    content = files[0].read_bytes()
    schema = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    for position in range(schema, schema + 150):
        damaged = bytearray(content)
        damaged[position] ^= 2
        files[0].write_bytes(damaged)
        with contextlib.suppress(RejectedFileError):
            read(files, Quarantine(), memory=10**8)


def test_a_schema_that_aborts_pyarrow_is_survived(pair, tmp_path: Path) -> None:
    """A column that is said to have no nulls contradicts its size statistics.

    pyarrow ends the process when it is asked for the metadata of such a column.
    """
    assert survives(read_flipped_schema, pair.write(tmp_path))


def test_text_that_is_not_utf8_is_named(pair, tmp_path: Path) -> None:
    _, file = pair.write(tmp_path)
    table = pq.read_table(file)
    bad = pa.array([b"ztf_g"] * 59 + [b"\xff\xfe"]).view(pa.string())
    pq.write_table(table.set_column(2, "band", bad), file)
    with pytest.raises(RejectedFileError, match=r"survey_observations.* column band.*UTF8"):
        read(tmp_path)


def test_a_small_file_with_many_rows_is_refused_before_it_is_decoded(pair, tmp_path: Path) -> None:
    _, file = pair.write(tmp_path)
    rows = 2_000_000
    one = pq.read_table(file).slice(0, 1).combine_chunks()
    bomb = pa.table({name: pa.repeat(one[name][0], rows) for name in one.column_names})
    pq.write_table(bomb, file, compression="zstd")
    assert file.stat().st_size < 100_000
    with pytest.raises(RejectedFileError, match=r"2000000 rows take 0\.0 GB .* more than the"):
        read(tmp_path, memory=10_000_000)


def test_text_that_grows_when_expanded_is_refused(pair, tmp_path: Path) -> None:
    file, _ = pair.write(tmp_path)
    rows = 5_000
    ids = pa.array([f"test:{i}" for i in range(rows)])
    table = pa.table({"object_id": ids, "label": pa.repeat("x" * 20_000, rows)})
    pq.write_table(table, file)
    assert file.stat().st_size < 100_000
    with pytest.raises(RejectedFileError, match=r"survey_objects.*0\.1 GB when decoded"):
        read(tmp_path, memory=50_000_000)


def test_nothing_kept_is_an_error_with_the_reasons(pair, tmp_path: Path) -> None:
    pair.observations["mjd"] += 2_400_000.5
    pair.write(tmp_path)
    with pytest.raises(RejectedFileError, match=r"nothing could be kept: .*row 0 .*looks like JD"):
        read(tmp_path)


def test_times_further_apart_than_the_store_holds_name_the_file(pair, tmp_path: Path) -> None:
    pair.observations.loc[0, "mjd"] = 15_001.0
    pair.observations.loc[59, "mjd"] = 89_999.0
    pair.write(tmp_path)
    with pytest.raises(RejectedFileError, match=r"survey_objects.*15001\.0 to 89999\.0 span more"):
        read(tmp_path)


def test_the_object_table_given_twice_is_refused(pair, tmp_path: Path) -> None:
    objects, _ = pair.write(tmp_path)
    with pytest.raises(RejectedFileError, match=r"survey_objects.*column mjd, band.* is missing"):
        read((objects, objects))


def test_strict_refuses_the_file_for_one_row(pair, tmp_path: Path) -> None:
    pair.observations.loc[3, "flux_err_ujy"] = 0
    pair.write(tmp_path)
    with pytest.raises(RejectedFileError, match=r"0 objects and 1 observations.*\n.*row 3 "):
        read(tmp_path, strict=True)


def test_refusals_that_nobody_collects_are_logged(pair, tmp_path: Path, caplog) -> None:
    pair.observations.loc[3, "flux_err_ujy"] = 0
    pair.write(tmp_path)
    read(tmp_path)
    assert "row 3 " in caplog.text
    assert "flux_error_positive" in caplog.text
