import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from astra.cli.periods import periods
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.surveys import new_survey, write_manifest
from astra.evaluation.recovery import METHODS, groups_with_periods, is_found, recover

TRUTH = np.array([1.0, 1.0, 1.0, 1.0, 1.0])
FOUND = np.array(
    [
        [1.0005, 9.0, 9.0],
        [1.005, 9.0, 9.0],
        [0.4999, 1.0, 9.0],
        [9.0, 9.0, 2.0001],
        [np.nan, np.nan, np.nan],
    ]
)


@pytest.mark.parametrize(
    ("tolerance", "either", "candidates", "expected"),
    [
        (0.001, False, 1, [1, 0, 0, 0, 0]),
        (0.01, False, 1, [1, 1, 0, 0, 0]),
        (0.001, True, 1, [1, 0, 1, 0, 0]),
        (0.001, False, 3, [1, 0, 1, 0, 0]),
        (0.001, True, 3, [1, 0, 1, 1, 0]),
    ],
)
def test_what_counts_as_found(tolerance, either, candidates, expected) -> None:
    assert is_found(FOUND, TRUTH, tolerance, either, candidates).tolist() == [
        bool(x) for x in expected
    ]


PERIODS = {f"pond:{n:02}": 0.43 + 0.051 * n for n in range(16)}
BARE = "pond:15"
UNKNOWN = "pond:16"


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Observatory:
    """Sawtooth curves of known period; one with five observations, one without a period."""
    generator = np.random.default_rng(4)
    tables = []
    for name, period in {**PERIODS, UNKNOWN: 0.7}.items():
        mjd = np.sort(generator.uniform(56000, 56800, 5 if name == BARE else 120))
        phase = mjd / period % 1
        flux = 100 * (1 + np.minimum(phase / 0.8, (1 - phase) / 0.2))
        flux = flux + generator.normal(0, 3, len(mjd))
        columns = {"mjd": mjd, "band": "ztf_r", "flux_ujy": flux, "flux_err_ujy": 3.0}
        tables.append(pd.DataFrame({"object_id": name, **columns}))
    objects = pd.DataFrame({"object_id": [*PERIODS, UNKNOWN], "survey": "pond", "label": "RRab"})
    objects["period_days"] = [*PERIODS.values(), np.nan]
    objects["ra"] = objects["dec"] = 1.0
    observatory = Observatory(tmp_path_factory.mktemp("observatory"))
    with new_survey(observatory.survey("sky")) as folder:
        light_curves = LightCurves.from_tables(objects, pd.concat(tables))
        light_curves.save(folder / "light_curves")
        light_curves.catalogue.save(folder / "catalogue.parquet")
        write_manifest(folder, "sky", {"made": "for tests"})
    return observatory


def test_only_objects_with_periods_are_searched_and_the_draw_is_seeded(sky) -> None:
    (group,) = groups_with_periods(sky, "sky")
    assert (group.name, group.rows.tolist(), group.available) == ("pond", list(range(16)), 16)
    drawn = [groups_with_periods(sky, "sky", most=6, seed=seed)[0].rows for seed in (0, 0, 1)]
    assert drawn[0].tolist() == drawn[1].tolist() != drawn[2].tolist()
    assert set(drawn[0]) <= set(group.rows)


def test_all_periods_are_found_but_that_of_too_few_observations(sky) -> None:
    heard = []
    recovery = recover(
        groups_with_periods(sky, "sky")[0], lambda done, total: heard.append((done, total))
    )
    found = is_found(recovery.found["find_period"], recovery.truth, 0.001)
    assert found.tolist() == [True] * 15 + [False]
    plain = is_found(recovery.found["Lomb-Scargle"], recovery.truth, 0.001, True, 3)
    assert 0.5 < plain.mean() < 1
    assert np.isnan(recovery.found["find_period"][15]).all()
    assert heard[-1] == (16, 16)
    assert all(recovery.seconds[name] > 0 for name in METHODS)


def test_the_command_writes_the_table_that_it_prints(sky, tmp_path) -> None:
    app = typer.Typer()
    app.command()(periods)
    output = tmp_path / "tables" / "periods.md"
    options = ["sky", "--objects", "12", "--home", str(sky.home)]
    result = CliRunner().invoke(app, [*options, "--output", str(output)])
    assert result.exit_code == 0, result.output
    text = output.read_text()
    assert text.strip() in result.output
    assert "12 of 16" in text and "with seed 0" in text
    for part in ("## Within 0.1 %", "## Within 1 %", "## Time", "## pond by class"):
        assert part in text
    assert str(sky.home) not in text


@pytest.mark.parametrize(
    ("survey", "names", "said"),
    [
        ("sea", (), r"no survey 'sea' .* there are sky"),
        ("sky", ("lake",), r"group 'lake' of sky has no periods; those of pond are known"),
    ],
)
def test_what_is_not_there_is_said(sky, survey, names, said) -> None:
    with pytest.raises(AstraError, match=said):
        groups_with_periods(sky, survey, names)
