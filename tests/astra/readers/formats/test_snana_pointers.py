"""Pointers from SNANA's HEAD into its PHOT: each row of PHOT belongs to one object at the most."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from astra.data.errors import RejectedFileError
from astra.readers import read


def write(folder: Path, pointers: Sequence[tuple[float, float]], rows: int) -> Path:
    """A pair whose objects have these PTROBS_MIN and PTROBS_MAX; fluxes count the rows of PHOT."""
    first, last = np.array(pointers, float).T
    ids = np.array([f"s{i}" for i in range(len(first))])
    head = {"SNID": ids, "PTROBS_MIN": first, "PTROBS_MAX": last, "RA": 0 * first, "DEC": 0 * first}
    ones = np.ones(rows)
    phot = {
        "MJD": 58_000 + np.arange(rows) / 1000,
        "BAND": np.full(rows, "g"),
        "FLUXCAL": np.arange(1, rows + 1) * ones,
        "FLUXCALERR": ones,
    }
    for name, columns in (("HEAD", head), ("PHOT", phot)):
        kinds = {"U": "8A", "f": "D", "i": "K"}
        table = fits.BinTableHDU.from_columns(
            [fits.Column(key, kinds[v.dtype.kind], array=v) for key, v in columns.items()]
        )
        with gzip.open(folder / f"X_{name}.FITS.gz", "wb") as file:
            fits.HDUList([fits.PrimaryHDU(), table]).writeto(file)
    return folder / "X_HEAD.FITS.gz"


def test_light_curves_may_stand_in_any_order_and_be_empty(tmp_path: Path) -> None:
    light_curves = read(write(tmp_path, [(4, 6), (3, 2), (1, 2)], 7))
    assert light_curves.catalogue is not None
    found = {
        light_curves.catalogue.object_id(row): (light_curves[row].flux * 10**1.44).round().tolist()
        for row in range(len(light_curves))
    }
    assert found == {"s0": [4, 5, 6], "s2": [1, 2]}


@pytest.mark.parametrize(
    ("pointers", "says"),
    [
        ([(1, 3), (0, 2)], "row 1, .* value 0, 2: outside the 7 rows"),
        ([(1, 3), (4, 8)], "row 1, .* value 4, 8: outside the 7 rows"),
        ([(1, 3), (np.nan, 2)], "row 1, .* value nan, 2: outside the 7 rows"),
        ([(3, 6), (1, 3)], "row 0, .* value 3, 6: shares rows of .*PHOT.* with row 1"),
    ],
)
def test_pointers_that_cannot_be_are_named(
    pointers: list[tuple[float, float]], says: str, tmp_path: Path
) -> None:
    with pytest.raises(RejectedFileError, match=rf"X_HEAD\.FITS\.gz: {says}"):
        read(write(tmp_path, pointers, 7))
