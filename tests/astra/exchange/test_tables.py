import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from astra.exchange.columns import ExchangeError, SelectionTable, meaning_of, rows_of_ids
from astra.exchange.export import export
from astra.exchange.tables import FORMATS, write_table
from astra.runs.run import Run

OBJECTS = 7
astropy_table = pytest.importorskip("astropy.table")


def read_back(path, form, schema):
    """Read a file with the tool that people would take."""
    if form == "parquet":
        return pq.read_table(path, page_checksum_verification=True)
    if form == "csv":
        options = pyarrow.csv.ConvertOptions(
            column_types=schema, null_values=[""], strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )  # fmt: skip
        parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
        return pyarrow.csv.read_csv(path, convert_options=options, parse_options=parse)
    forms = {"votable": "votable", "ecsv": "ascii.ecsv"}
    names = {"use_names_over_ids": True} if form == "votable" else {}
    return astropy_table.Table.read(path, format=forms[form], **names)


def column(read, name):
    """Column as a list, None where it is unknown."""
    if isinstance(read, pa.Table):
        return read[name].to_pylist()
    return [None if masked else value for masked, value in zip(*unmasked(read[name]), strict=True)]


def unmasked(values):
    mask = np.broadcast_to(getattr(values, "mask", False), len(values))
    return mask.tolist(), np.asarray(values).tolist()


def whole(run):
    return SelectionTable(run, np.arange(len(run)), "odd ones")


@pytest.mark.parametrize("form", FORMATS)
def test_numbers_and_ids_read_back_equal(run, tmp_path, form):
    table = whole(run)
    expected = pa.Table.from_batches(table.blocks(size=3))
    path = export(table, tmp_path / f"out{FORMATS[form][0]}", form)
    read = read_back(path, form, table.schema)
    names = read.column_names if isinstance(read, pa.Table) else read.colnames
    assert list(names) == table.schema.names
    assert column(read, "object_id") == run.object_ids(np.arange(len(run)))
    for field in table.schema:
        if pa.types.is_string(field.type):
            continue
        got = [None if v is None or v != v else v for v in column(read, field.name)]
        wanted = [None if v is None or v != v else v for v in expected[field.name].to_pylist()]
        if pa.types.is_float32(field.type):
            got = [None if v is None else float(np.float32(v)) for v in got]
        assert got == wanted, field.name


@pytest.mark.parametrize("form", ["parquet", "votable", "ecsv"])
def test_every_column_says_what_it_is_and_in_which_unit(run, tmp_path, form):
    table = whole(run)
    read = read_back(export(table, tmp_path / "out", form), form, table.schema)
    for field in table.schema:
        means = meaning_of(field)
        assert means.says
        if form == "parquet":
            assert meaning_of(read.schema.field(field.name)) == means
        else:
            assert " ".join(read[field.name].description.split()) == " ".join(means.says.split())
            assert str(read[field.name].unit or "") == means.unit
    assert meaning_of(table.schema.field("period_days")).unit == "d"
    assert meaning_of(table.schema.field("ra")).ucd == "pos.eq.ra;meta.main"


def test_what_the_run_says_is_in_the_table(run):
    table = pa.Table.from_batches(whole(run).blocks()).to_pandas().set_index("object_id")
    assert table["class"].dropna().to_dict() == {
        "739260766315010006": "CV/Nova",
        "18446744073709551615": "RR <b>Lyrae</b>",
    }
    rows = run.rows_of(table.index.tolist())
    np.testing.assert_array_equal(table["anomaly_rank"], run.values("anomalies", "rank")[rows])
    np.testing.assert_array_equal(table["p_CV/Nova"], run.probabilities[rows, 0])
    np.testing.assert_array_equal(table[["map_x", "map_y"]], run.projection[rows])


HOSTILE = st.text(
    st.one_of(
        st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Z", "C"]),
        st.sampled_from("=+-@\t\r\n\x00\x0b\x1f\x7f\ufffe\u2028<>&'\",;]]>"),
    ),
    max_size=20,
)


def clean(form, text):
    """What a text may become, by each format's own stated rule.

    VOTable and ECSV files have the blanks at the ends of a cell; astropy's readers take them off.
    """
    if text is None:
        return {None, ""} if form == "votable" else None
    if form == "csv" and text[:1] and text[0] in "=+-@\t\r":
        return "'" + text
    if form == "ecsv":
        text = "".join(" " if unbroken(c) else c for c in text).strip(" ")
        return {text, text or None}
    if form == "votable":
        text = "".join(c if holds_xml(c) else "\ufffd" for c in text).strip(" \t\n")
        return {text, text or None}
    return text


def unbroken(character):
    code = ord(character)
    return code < 0x20 or 0x7F <= code <= 0x9F or code in (0x2028, 0x2029)


def holds_xml(character):
    code = ord(character)
    return code in (9, 10) or 0x20 <= code <= 0xFFFD or code >= 0x10000


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(st.none() | HOSTILE, min_size=OBJECTS, max_size=OBJECTS))
def test_hostile_texts_read_back_as_each_format_states(run, tmp_path_factory, texts):
    noted = Run(run.path, run.manifest)
    place = run.catalogue.column_names.index("note")
    noted.catalogue = run.catalogue.set_column(place, "note", pa.array(texts, pa.large_string()))
    table = whole(noted)
    folder = tmp_path_factory.mktemp("out")
    for form in FORMATS:
        write_table(table, folder / form, form)
        read = read_back(folder / form, form, table.schema)
        assert column(read, "object_id") == run.object_ids(np.arange(len(run)))
        for got, text in zip(column(read, "note"), texts, strict=True):
            may = clean(form, text)
            assert got in may if isinstance(may, set) else got == may, (form, text)


def test_blocks_are_the_rows_in_the_order_given(run):
    table = SelectionTable(run, np.array([4, 0, 5]))
    ids = [i for block in table.blocks(size=2) for i in block["object_id"].to_pylist()]
    assert ids == run.object_ids(np.array([4, 0, 5]))
    assert [len(block) for block in table.blocks(size=2)] == [2, 1]


def test_ids_are_looked_up_once_each(run):
    rows, missing = rows_of_ids(run, ["007", "nobody", "1e5", "007"])
    assert run.object_ids(rows) == ["007", "1e5"]
    assert missing == 1


def test_pandas_keeps_ids_that_are_told_to_be_text(run, tmp_path):
    path = export(whole(run), tmp_path / "out.csv", "csv")
    read = pd.read_csv(path, dtype={"object_id": str})
    assert set(read["object_id"]) == set(run.object_ids(np.arange(len(run))))


def test_nothing_is_written_over_and_nothing_half_is_left(run, tmp_path):
    path = tmp_path / "out.parquet"
    path.write_text("mine")
    with pytest.raises(ExchangeError, match="exists"):
        export(whole(run), path, "parquet")
    assert path.read_text() == "mine"
    export(whole(run), path, "parquet", replace=True)
    assert pq.read_table(path).num_rows == len(run)
    with pytest.raises(ExchangeError, match="no such folder"):
        export(whole(run), tmp_path / "away" / "out.csv", "csv")
    with pytest.raises(ExchangeError, match="nothing is selected"):
        export(SelectionTable(run, np.empty(0, int)), tmp_path / "none.csv", "csv")
    with pytest.raises(ExchangeError, match="use parquet"):
        export(whole(run), tmp_path / "none.fits", "fits")
    assert [file.name for file in tmp_path.iterdir()] == ["out.parquet"]


def test_an_export_that_fails_leaves_nothing(run, tmp_path, monkeypatch):
    def fail(table, size=0):
        yield next(iter(list(original(table, 2))))
        raise OSError("no space left on device")

    original = SelectionTable.blocks
    monkeypatch.setattr(SelectionTable, "blocks", fail)
    with pytest.raises(OSError, match="no space"):
        export(whole(run), tmp_path / "out.csv", "csv")
    assert list(tmp_path.iterdir()) == []
