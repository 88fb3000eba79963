"""Classes in SNANA files: names where there are names, and never a bare number."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.table import Table

from astra.readers import read
from astra.readers.quarantine import Quarantine
from astra.readers.snana import class_name
from made_files.layouts import MADE


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("1", "SN Ia"), ("1.0", "SN Ia"), (" 1 ", "SN Ia"), ("120", "type 120"), ("42", "type 42"),
        ("0", None), ("-9", None), ("-999", None), ("nan", None), ("", None), (None, None),
        ("UNKNOWN", None), ("NONE", None), ("SNIa-norm", "SNIa-norm"), ("II", "II"),
    ],
)  # fmt: skip
def test_a_class_is_named(given: str | None, shown: str | None) -> None:
    assert class_name(given) == shown


def first_of(truth: pd.DataFrame) -> pd.DataFrame:
    return truth.loc[truth["object_id"] == truth["object_id"].iat[0]]


def labels(path: Path) -> dict[str, str | None]:
    catalogue = read(path).catalogue
    assert catalogue is not None
    table = catalogue.table
    named = table["label"].astype(object).where(table["label"].notna(), None)
    return dict(zip(table["object_id"], named, strict=True))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"SNTYPE": [1, 120]}, ["SN Ia", "type 120"]),
        ({"SNTYPE": [0, -9]}, [None, None]),
        ({"SIM_TYPE_INDEX": [1, 64], "SIM_TYPE_NAME": ["Ia", "TDE"]}, ["Ia", "TDE"]),
        ({"SNTYPE": [0, 5], "SIM_TYPE_INDEX": [1, 32]}, ["SN Ia", "type 5"]),
        ({}, [None, None]),
    ],
)
def test_fits_gives_names(
    truth: pd.DataFrame, tmp_path: Path, columns: dict, expected: list
) -> None:
    path = MADE["SNANA FITS"].write(tmp_path, truth)
    head = Table.read(path, hdu=1)
    head.convert_bytestring_to_unicode()
    head.meta.clear()  # checksums of the table as it was
    for name, values in columns.items():
        head[name] = values
    primary = fits.PrimaryHDU()
    primary.header["SURVEY"] = "DES"
    fits.HDUList([primary, fits.table_to_hdu(head)]).writeto(path, overwrite=True)
    ids = [str(name).strip() for name in head["SNID"]]
    found = labels(path)
    assert [found[name] for name in ids] == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("SPEC_CLASS: SNIa-norm\nTYPE: 5", "SNIa-norm"),
        ("SPEC_CLASS: UNKNOWN\nTYPE: 1    #  OVERRIDE", "SN Ia"),
        ("SNTYPE: 22", "type 22"),
        ("TYPE: -9", None),
        ("FAKE: 0", None),
    ],
)
def test_text_gives_names(
    truth: pd.DataFrame, tmp_path: Path, lines: str, expected: str | None
) -> None:
    alone = first_of(truth)
    path = MADE["SNANA text"].write(tmp_path, alone)
    path.write_text(path.read_text().replace("NVAR: 6", f"{lines}\nNVAR: 6"))
    assert labels(path) == {"2020add": expected}


def test_a_position_of_999_is_warned_of_in_text_too(truth: pd.DataFrame, tmp_path: Path) -> None:
    alone = first_of(truth)
    path = MADE["SNANA text"].write(tmp_path, alone)
    path.write_text(path.read_text().replace("10.5 deg", "-999").replace("-5.25 deg", "-999"))
    quarantine = Quarantine()
    catalogue = read(path, quarantine).catalogue
    assert catalogue is not None
    assert np.isnan(catalogue["ra"].astype(float)).all()
    assert [w for w in quarantine.warnings if f"{path}: row " in w and "value -999, -999" in w]
