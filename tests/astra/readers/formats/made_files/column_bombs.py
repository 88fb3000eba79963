"""Small Parquet and FITS files that would unpack to large ones."""

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io import fits


def one_value_fifteen_million_times(path: Path) -> None:
    column = pa.DictionaryArray.from_arrays(np.zeros(3_000_000, np.int8), [59_000.0])
    table = pa.table(dict.fromkeys(("mjd", "mag", "magerr", "band"), column))
    pq.write_table(pa.concat_tables([table] * 5), path, write_statistics=False)


def one_row_of_ten_million_epochs(path: Path) -> None:
    offsets = pa.array([0, 10_000_000], pa.int32())
    zeros = pa.array(np.zeros(10_000_000, np.float64))
    lists = {name: pa.ListArray.from_arrays(offsets, zeros) for name in ("hmjd", "mag", "magerr")}
    table = pa.table({"objectid": [1], "filterid": [1], **lists})
    pq.write_table(table, path, compression="zstd", write_statistics=False)


def long_text_in_a_dictionary(path: Path) -> None:
    table = pa.table({"object_id": ["x" * 105_000_000], "mjd": [1.0], "mag": [1.0], "band": ["g"]})
    pq.write_table(table, path, compression="zstd", write_statistics=False)


def one_text_for_every_row(path: Path) -> None:
    rows = 20_000
    ids = pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), ["x" * 100_000])
    zeros = pa.array(np.zeros(rows))
    table = pa.table({"object_id": ids, "mjd": zeros, "mag": zeros, "magerr": zeros})
    pq.write_table(table, path, store_schema=False)


def one_text_for_every_epoch(path: Path) -> None:
    count = 20_000
    bands = pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), ["g" * 100_000])
    epochs = {"band": bands, **dict.fromkeys(("mjd", "mag", "magerr"), pa.array(np.zeros(count)))}
    offsets = pa.array([0, count], pa.int32())
    lists = [pa.ListArray.from_arrays(offsets, values) for values in epochs.values()]
    nested = pa.StructArray.from_arrays(lists, names=list(epochs))
    table = pa.table({"object_id": ["a"], "ra": [1.0], "dec": [1.0], "lightcurve": nested})
    pq.write_table(table, path, store_schema=False)


def one_wide_value_for_every_row(path: Path) -> None:
    rows, width = 2_000, 100_000
    values = pa.array([bytes(width)], pa.binary(width))
    wide = pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), values)
    zeros = pa.array(np.zeros(rows))
    table = pa.table({"object_id": wide, "mjd": zeros, "mag": zeros, "magerr": zeros})
    pq.write_table(table, path, store_schema=False)


def fits_of_a_billion_rows(path: Path) -> None:
    hdu = fits.BinTableHDU.from_columns([fits.Column("MJD", "D", array=[1.0])])
    written = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(written)
    card = "NAXIS2  =           1000000000"
    path.write_bytes(written.getvalue().replace(b"NAXIS2  =                    1", card.encode()))


def fits_of_one_long_list(path: Path) -> None:
    """Every row points to the same million values behind the table."""
    rows, length = 3_600, 1_000_000  # rows of 16 bytes that fill blocks of 2,880
    pointers = np.tile(np.array([length, 0], np.int32), (rows, 1))
    columns = [
        fits.Column("MJD", "D", array=np.zeros(rows)),
        fits.Column("A", "2J", array=pointers),
    ]
    written = io.BytesIO()
    hdus = fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)])
    hdus.writeto(written)
    content = written.getvalue().replace(b"TFORM2  = '2J      '", b"TFORM2  = '1PL     '")
    count = b"PCOUNT  =                    0", b"PCOUNT  =              1000000"
    heap = b"T" * length + bytes(-length % 2880)
    path.write_bytes(content.replace(*count) + heap)
