"""Small files of text, or packed, that would unpack to large ones."""

import gzip
import zipfile
from pathlib import Path

ZEROS = bytes(1 << 20)


def zip_of_zeros(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("x", "w") as file,
    ):
        for _ in range(100):
            file.write(ZEROS)


def gzip_of_zeros(path: Path) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"mjd,mag,magerr,band\n")
        ones = ZEROS.replace(b"\x00", b"1")
        for _ in range(60):
            file.write(ones)


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


def many_columns(path: Path) -> None:
    path.write_text(",".join(f"c{i}" for i in range(300_000)) + "\n1\n")
