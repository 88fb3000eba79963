"""Rows that break a rule: the message names everything, and every other row is kept."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from astra.readers import read
from astra.readers.quarantine import Quarantine

N_OBSERVATIONS = 12  # of each of the five objects of the pair
ROW = 2 * N_OBSERVATIONS + 6  # an observation in the middle of object c
FOURTH = "test:d+3.3"


@dataclass
class Case:
    """How a pair is broken, and what must be said of it.

    ``refused`` lists (table, row, column, value, rule) of every refusal that is expected;
    ``remedy`` is part of the advice given with the first.
    """

    breaks: Callable[[Any], Any]
    refused: list[tuple[str, int, str, str, str]]
    remedy: str = ""
    without_ids: set[str] = field(default_factory=set)


def observation(column: str, value: object, shown: str, rule: str, remedy: str = "") -> Case:
    """One observation with a wrong value in one column."""

    def breaks(pair) -> None:
        kinds = {str: object, type(None): object, float: np.float64}
        old = pair.observations[column]
        pair.observations[column] = old.astype(kinds.get(type(value), old.dtype))
        pair.observations.loc[ROW, column] = value

    return Case(breaks, [("observations", ROW, column, shown, rule)], remedy)


def object_row(column: str, value: object, shown: str, rule: str, remedy: str = "") -> Case:
    """The fourth object with a wrong value in one column; its observations go with it."""

    def breaks(pair) -> None:
        pair.objects.loc[3, column] = value

    return Case(
        breaks,
        [("objects", 3, column, shown, rule), *observations_of(3, "object_accepted", FOURTH)],
        remedy,
        without_ids={FOURTH},
    )


def object_id(value: str | None, shown: str, rule: str) -> Case:
    """The fourth object with a wrong id in both tables."""

    def breaks(pair) -> None:
        for table in (pair.objects, pair.observations):
            table["object_id"] = table["object_id"].replace({FOURTH: value}).astype(object)

    of_observations = "observation_has_object" if value is None else "object_accepted"
    return Case(
        breaks,
        [("objects", 3, "object_id", shown, rule), *observations_of(3, of_observations, shown)],
        without_ids={str(value)},
    )


def observations_of(number: int, rule: str, value: str) -> Iterable[tuple[str, int, str, str, str]]:
    rows = range(number * N_OBSERVATIONS, (number + 1) * N_OBSERVATIONS)
    return [("observations", row, "object_id", value, rule) for row in rows]


def repeat_object(pair) -> None:
    again = pair.objects.iloc[[1]].assign(ra=1.0, label="EA")
    pair.objects = pd.concat([pair.objects, again], ignore_index=True)


def repeat_observation(pair) -> None:
    pair.observations = pd.concat([pair.observations, pair.observations.iloc[[5]]])


def add_lonely_object(pair) -> None:
    lonely = pair.objects.iloc[[0]].assign(object_id="test:lonely")
    pair.objects = pd.concat([lonely, pair.objects], ignore_index=True)


def spoil_every_observation_of_an_object(pair) -> None:
    pair.observations.loc[pair.observations["object_id"] == FOURTH, "flux_err_ujy"] = 0


def add_stray_observation(pair) -> None:
    stray = pair.observations.iloc[[0]].assign(object_id="test:x")
    pair.observations = pd.concat([stray, pair.observations], ignore_index=True)


def break_two_rules(pair) -> None:
    pair.observations.loc[ROW, ["mjd", "flux_err_ujy"]] = [2_458_849.5, -1]


def half_null_flag(pair) -> None:
    pair.observations["flagged"] = pd.array([True, False] * 30, dtype="boolean")
    pair.observations.loc[ROW, "flagged"] = None


JD = "looks like JD; subtract 2 400 000.5"
CASES = {
    "mjd nan": observation("mjd", math.nan, "null", "mjd_finite"),
    "mjd inf": observation("mjd", math.inf, "inf", "mjd_finite"),
    "mjd is jd": observation("mjd", 2_458_849.75, "2458849.75", "mjd_not_jd", JD),
    "mjd zero": observation("mjd", 0.0, "0", "mjd_in_range", "convert the time to MJD"),
    "mjd negative": observation("mjd", -58_000.5, "-58000.5", "mjd_in_range"),
    "mjd reduced jd": observation("mjd", 8_849.25, "8849.25", "mjd_in_range"),
    "mjd in seconds": observation("mjd", 1.5e9, "1500000000", "mjd_in_range"),
    "flux nan": observation("flux_ujy", math.nan, "null", "flux_finite"),
    "flux inf": observation("flux_ujy", -math.inf, "-inf", "flux_finite"),
    "flux too large": observation("flux_ujy", 1e39, "1e+39", "flux_finite"),
    "error nan": observation("flux_err_ujy", math.nan, "null", "flux_error_finite"),
    "error inf": observation("flux_err_ujy", math.inf, "inf", "flux_error_finite"),
    "error zero": observation("flux_err_ujy", 0.0, "0", "flux_error_positive"),
    "error negative": observation("flux_err_ujy", -2.5, "-2.5", "flux_error_positive"),
    "error vanishes": observation("flux_err_ujy", 1e-50, "1e-50", "flux_error_positive"),
    "band unknown": observation("band", "ztf-g", "ztf-g", "known_band", "did you mean ztf_g"),
    "band hostile": observation("band", "\0<b>", "\\x00<b>", "known_band", "such as ztf_g"),
    "band null": observation("band", None, "null", "observation_has_band"),
    "no object": observation("object_id", None, "null", "observation_has_object"),
    "unknown object": observation("object_id", "test:no", "test:no", "object_in_table"),
    "stray observation": Case(
        add_stray_observation, [("observations", 0, "object_id", "test:x", "object_in_table")]
    ),
    "two rules at once": Case(
        break_two_rules,
        [
            ("observations", ROW, "mjd", "2458849.5", "mjd_not_jd"),
            ("observations", ROW, "flux_err_ujy", "-1", "flux_error_positive"),
        ],
    ),
    "flag null": Case(
        half_null_flag, [("observations", ROW, "flagged", "null", "flagged_is_known")]
    ),
    "id with nul": object_id("test:d\0x", "test:d\\x00x", "id_is_safe"),
    "id with newline": object_id("test:d\n", "test:d\\n", "id_is_safe"),
    "id of 10 kB": object_id("d" * 10_000, "d" * 60 + "... (10000 characters)", "id_is_safe"),
    "id is a path": object_id("../../etc/passwd", "../../etc/passwd", "id_is_safe"),
    "id of 65 letters": object_id("d" * 65, "d" * 60 + "... (65 characters)", "id_is_safe"),
    "id is markup": object_id("<img src=x>", "<img src=x>", "id_is_safe"),
    "id with other letters": object_id("δ", "δ", "id_is_safe"),
    "id empty": object_id("", "", "id_is_safe"),
    "id null": object_id(None, "null", "object_has_id"),
    "flux kind unknown": object_row("flux_kind", "diff", "diff", "known_flux_kind"),
    "flux kind null": object_row("flux_kind", None, "null", "known_flux_kind"),
    "ra 361": object_row("ra", 361.0, "361.0", "ra_in_range"),
    "ra negative": object_row("ra", -0.5, "-0.5", "ra_in_range", "add 360"),
    "ra inf": object_row("ra", math.inf, "inf", "ra_in_range"),
    "dec -91": object_row("dec", -91.0, "-91.0", "dec_in_range", "exchanged"),
    "id twice": Case(
        repeat_object,
        [("objects", 5, "object_id", "test:b+1.1", "id_is_unique")],
        "the first row that keeps all other rules is kept",
    ),
    "observation twice": Case(
        repeat_observation,
        [("observations", 60, "mjd", "58967.73", "observation_not_repeated")],
        "the first of the equal rows is kept",
    ),
    "object without observations": Case(
        add_lonely_object,
        [("objects", 0, "object_id", "test:lonely", "object_has_observations")],
    ),
    "object without a valid observation": Case(
        spoil_every_observation_of_an_object,
        [
            *(
                ("observations", row, "flux_err_ujy", "0", "flux_error_positive")
                for row in range(3 * N_OBSERVATIONS, 4 * N_OBSERVATIONS)
            ),
            ("objects", 3, "object_id", FOURTH, "object_has_observations"),
        ],
        without_ids={FOURTH},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_breaks_a_rule_is_named_and_the_rest_is_kept(case: Case, pair, tmp_path: Path) -> None:
    case.breaks(pair)
    pair.observations = pair.observations.reset_index(drop=True)
    files = dict(zip(("objects", "observations"), pair.write(tmp_path), strict=True))
    quarantine = Quarantine()
    light_curves = read(tmp_path / "survey", quarantine)

    assert len(quarantine) == len(case.refused)
    for refusal, (table, row, column, value, rule) in zip(quarantine, case.refused, strict=True):
        assert refusal.file == str(files[table])
        assert (refusal.row, refusal.column, refusal.rule) == (row, column, rule)
        assert refusal.value.startswith(value)
        message = str(refusal)
        for part in (str(files[table]), f"row {row} ", f"column {column}", value, rule):
            assert part in message
        assert message.isprintable()
    assert case.remedy in next(iter(quarantine)).remedy

    refused_rows = {row for table, row, *_ in case.refused if table == "observations"}
    assert quarantine.observations == len(refused_rows)
    assert quarantine.objects == sum(table == "objects" for table, *_ in case.refused)
    pair.assert_kept(light_curves, refused_rows, case.without_ids)


def test_of_two_rows_with_one_id_the_valid_one_is_kept(pair, tmp_path: Path) -> None:
    repeat_object(pair)
    pair.objects.loc[1, "dec"] = -100.0
    pair.write(tmp_path)
    quarantine = Quarantine()
    light_curves = read(tmp_path / "survey", quarantine)
    assert quarantine.counts == {"dec_in_range": 1}
    assert light_curves.catalogue is not None
    assert light_curves.catalogue.table.set_index("object_id").loc["test:b+1.1", "label"] == "EA"
    pair.objects = pair.objects.drop(index=1)
    pair.assert_kept(light_curves)


def test_nan_and_null_are_both_refused_and_told_apart(pair, tmp_path: Path) -> None:
    _, file = pair.write(tmp_path)
    table = pq.read_table(file)
    flux = [float("nan") if row == 7 else None if row == 8 else 1.0 for row in range(60)]
    pq.write_table(table.set_column(3, "flux_ujy", pa.array(flux, pa.float32())), file)
    quarantine = Quarantine()
    read(file, quarantine)
    assert [(r.row, r.value, r.rule) for r in quarantine] == [
        (7, "nan", "flux_finite"),
        (8, "null", "flux_finite"),
    ]


def test_the_catalogue_keeps_the_rows_of_the_kept_objects(pair, tmp_path: Path) -> None:
    pair.objects.loc[2, "ra"] = 400.0
    pair.write(tmp_path)
    light_curves = read(tmp_path / "survey")
    assert light_curves.catalogue is not None
    expected = pair.objects.drop(index=2).reset_index(drop=True)
    pd.testing.assert_frame_equal(light_curves.catalogue.table, expected, check_dtype=False)
    assert not light_curves.is_difference.any()


def test_refusals_beyond_the_first_chunk_name_the_row_of_the_file(pair, tmp_path: Path) -> None:
    copies = 3_000
    pair.observations = pd.concat([pair.observations] * copies, ignore_index=True)
    pair.observations["mjd"] += np.repeat(np.arange(copies) * 0.25, 60)
    bad = [70_000, 131_071, 131_072, 179_999]
    pair.observations.loc[bad, "flux_err_ujy"] = -1
    pair.write(tmp_path, row_group_size=100_000)
    quarantine = Quarantine()
    light_curves = read(tmp_path / "survey", quarantine)
    assert [refusal.row for refusal in quarantine] == bad
    assert light_curves.n_observations == 60 * copies - len(bad)
