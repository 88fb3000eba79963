"""Small files that would unpack to large ones: refused at once, in little memory."""

import gzip
import io
import json
import logging
import resource
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import fastavro
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits

from astra.data.errors import RejectedFileError
from astra.readers import read

MEMORY = 100_000_000
ZEROS = bytes(1 << 20)


def zip_of_zeros(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x", "w") as file,
    ):
        for _ in range(100):
            file.write(ZEROS)


def gzip_of_zeros(path: Path) -> None:
    with gzip.open(path, "wb") as file:
        file.write(b"mjd,mag,magerr,band\n")
        for _ in range(60):
            file.write(ZEROS.replace(b"\x00", b"1"))


def one_value_fifteen_million_times(path: Path) -> None:
    column = pa.DictionaryArray.from_arrays(np.zeros(3_000_000, np.int8), [59_000.0])
    table = pa.table(dict.fromkeys(("mjd", "mag", "magerr", "band"), column))
    pq.write_table(pa.concat_tables([table] * 5), path, compression="zstd")


def one_row_of_ten_million_epochs(path: Path) -> None:
    offsets = pa.array([0, 10_000_000], pa.int32())
    zeros = pa.array(np.zeros(10_000_000, np.float64))
    lists = {name: pa.ListArray.from_arrays(offsets, zeros) for name in ("hmjd", "mag", "magerr")}
    table = pa.table({"objectid": [1], "filterid": [1], **lists})
    pq.write_table(table, path, compression="zstd")


def long_text_in_a_dictionary(path: Path) -> None:
    table = pa.table({"object_id": ["x" * 105_000_000], "mjd": [1.0], "mag": [1.0], "band": ["g"]})
    pq.write_table(table, path, compression="zstd")


def _avro(path: Path, schema: dict, block: bytes, count: int, codec: bytes) -> None:
    def number(value: int) -> bytes:
        value, out = value << 1, bytearray()
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes([*out, value])

    def text(value: bytes) -> bytes:
        return number(len(value)) + value

    head = text(b"avro.schema") + text(json.dumps(schema).encode())
    head += text(b"avro.codec") + text(codec)
    sync = bytes(16)
    path.write_bytes(
        b"Obj\x01" + number(2) + head + b"\x00" + sync + number(count) + text(block) + sync
    )


def _of(**fields: object) -> dict:
    listed = [{"name": name, "type": kind} for name, kind in fields.items()]
    return {"type": "record", "name": "alert", "fields": listed}


def deflated_avro(path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b"".join(packer.compress(ZEROS) for _ in range(110)) + packer.flush()
    _avro(path, _of(objectId="string"), block, 110 << 20, b"deflate")


def packets_of_nothing(path: Path) -> None:
    _avro(path, _of(objectId="null"), b"", 1 << 40, b"null")


def lists_of_nothing(path: Path) -> None:
    many = bytes([0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0])
    _avro(path, _of(objectId={"type": "array", "items": "null"}), many, 1, b"null")


def avro_inside_itself(path: Path) -> None:
    schema = _of(objectId="string", next=["null", "alert"])
    _avro(path, schema, b"\x00" + b"\x02\x00" * 1_000_000, 1, b"null")


def deep_json(path: Path) -> None:
    path.write_text("[" * 500_000 + "]" * 500_000)


def less_deep_json(path: Path) -> None:
    path.write_text('{"a":' * 200 + "1" + "}" * 200)


def votable_entities(path: Path) -> None:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "lol">{entities}]>'
        '<VOTABLE version="1.4">&e9;</VOTABLE>'
    )


def votable_of_a_billion_rows(path: Path) -> None:
    path.write_text(
        '<?xml version="1.0"?><VOTABLE version="1.4"><RESOURCE><TABLE nrows="1000000000">'
        '<FIELD name="mjd" datatype="double"/><DATA><TABLEDATA/></DATA></TABLE>'
        "</RESOURCE></VOTABLE>"
    )


def votable_of_a_wide_field(path: Path) -> None:
    path.write_text(
        '<?xml version="1.0"?><VOTABLE version="1.4"><RESOURCE><TABLE>'
        '<FIELD name="mjd" datatype="char" arraysize="1000000000"/><DATA><TABLEDATA>'
        "<TR><TD>a</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"
    )


def fits_of_a_billion_rows(path: Path) -> None:
    hdu = fits.BinTableHDU.from_columns([fits.Column("MJD", "D", array=[1.0])])
    written = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(written)
    card = "NAXIS2  =           1000000000"
    path.write_bytes(written.getvalue().replace(b"NAXIS2  =                    1", card.encode()))


def many_columns(path: Path) -> None:
    path.write_text(",".join(f"c{i}" for i in range(300_000)) + "\n1\n")


BOMBS: list[Callable[[Path], None]] = [
    zip_of_zeros, gzip_of_zeros, one_value_fifteen_million_times, one_row_of_ten_million_epochs,
    long_text_in_a_dictionary, deflated_avro, packets_of_nothing, lists_of_nothing,
    avro_inside_itself, deep_json, less_deep_json, votable_entities, votable_of_a_billion_rows,
    votable_of_a_wide_field, fits_of_a_billion_rows, many_columns,
]  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
@pytest.mark.timeout(20)
def test_a_bomb_is_refused_in_little_memory(bomb: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "light_curves.bin"
    bomb(path)
    assert path.stat().st_size < 4_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    with pytest.raises(RejectedFileError, match=r"light_curves\.bin"):
        read(path, memory=MEMORY)
    seconds = time.perf_counter() - begin
    logging.getLogger(__name__).info("%s: refused in %.2f s", bomb.__name__, seconds)
    grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    assert grown < MEMORY


def test_avro_that_fastavro_wrote_is_measured_right(tmp_path: Path) -> None:
    from astra.readers.avro import read_avro

    packets = [{"objectId": str(i)} for i in range(5000)]
    for codec in ("null", "deflate"):
        written = io.BytesIO()
        fastavro.writer(written, fastavro.parse_schema(_of(objectId="string")), packets, codec)
        assert read_avro(tmp_path, written.getvalue(), MEMORY)[1] == packets
