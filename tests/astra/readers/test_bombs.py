"""Small files that would unpack to large ones: refused at once, in little memory."""

import inspect
import io
import logging
import time
from collections.abc import Callable
from pathlib import Path

import fastavro
import pytest

from astra.data.errors import RejectedFileError
from astra.readers import read
from astra.readers.avro import read_avro
from made_files import avro_bombs, column_bombs, text_bombs

MEMORY = 100_000_000
HELPERS = (avro_bombs.write_container, avro_bombs.schema_of)
BOMBS: list[Callable[[Path], None]] = [
    function
    for module in (text_bombs, avro_bombs, column_bombs)
    for _, function in inspect.getmembers(module, inspect.isfunction)
    if function not in HELPERS
]


def peak(begin: bool = False) -> int:
    """Most memory that this process held at a time [bytes], since it was last told to begin."""
    if begin:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
@pytest.mark.timeout(20)
def test_a_bomb_is_refused_in_little_memory(bomb: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "light_curves.bin"
    bomb(path)
    assert path.stat().st_size < 4_000_000
    before = peak(begin=True)
    begin = time.perf_counter()
    with pytest.raises(RejectedFileError, match=r"light_curves\.bin"):
        read(path, memory=MEMORY)
    seconds = time.perf_counter() - begin
    grown = peak() - before
    logging.getLogger(__name__).info(
        "%s: refused in %.2f s, %d MiB more", bomb.__name__, seconds, grown >> 20
    )
    assert grown < MEMORY


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz", "lz4"])
def test_avro_that_fastavro_wrote_is_measured_right(codec: str, tmp_path: Path) -> None:
    packets = [{"objectId": str(i)} for i in range(5000)]
    schema = fastavro.parse_schema(avro_bombs.schema_of(objectId="string"))
    written = io.BytesIO()
    fastavro.writer(written, schema, packets, codec)
    assert read_avro(tmp_path, written.getvalue(), MEMORY)[1] == packets
    with pytest.raises(RejectedFileError, match=r"more than the 0\.0 GB allowed"):
        read_avro(tmp_path, written.getvalue(), 10_000)
