import numpy as np
import pandas as pd
import pytest

from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.surveys import new_survey, write_manifest
from astra.evaluation.groups import choose_groups


@pytest.fixture(scope="module")
def observatory(tmp_path_factory: pytest.TempPathFactory) -> Observatory:
    """``variables`` holds css, asas and ptf; ``transients`` holds ptf; ``bare`` has no classes."""
    observatory = Observatory(tmp_path_factory.mktemp("home"))
    variables = catalogue(["css"] * 80 + ["asas"] * 60 + ["ptf"] * 20)
    write(observatory, "variables", variables)
    write(observatory, "transients", catalogue(["ptf"] * 90))
    write(observatory, "bare", catalogue(["css"] * 30)[["object_id", "ra", "dec"]])
    return observatory


def catalogue(surveys: list[str]) -> pd.DataFrame:
    count = len(surveys)
    classes = np.array(["RRab", "EA", None], object)[np.arange(count) % 3]
    return pd.DataFrame(
        {
            "object_id": [f"o{i}" for i in range(count)],
            "survey": surveys,
            "ra": np.linspace(0, 300, count),
            "dec": np.zeros(count),
            "label": "other",
            "astra_class": classes,
        }
    )


def write(observatory: Observatory, name: str, table: pd.DataFrame) -> None:
    observations = pd.DataFrame(
        {
            "object_id": table["object_id"],
            "mjd": 58_000.0,
            "band": "ztf_g",
            "flux_ujy": 1.0,
            "flux_err_ujy": 0.1,
        }
    )
    light_curves = LightCurves.from_tables(table, observations)
    with new_survey(observatory.survey(name)) as folder:
        light_curves.save(folder / "light_curves")
        assert light_curves.catalogue is not None
        light_curves.catalogue.save(folder / "catalogue.parquet")
        write_manifest(folder, name, {})


def test_a_group_is_the_labelled_objects_of_a_catalogue_survey(observatory: Observatory) -> None:
    css, whole = choose_groups(observatory, ["variables"], ["css", "variables"])
    assert css.name == "css" and whole.name == "variables"
    assert css.rows.tolist() == [i for i in range(80) if i % 3 < 2]
    assert set(css.labels) == {"RRab", "EA"} and len(css.labels) == len(css.units) == len(css.rows)
    assert whole.rows.tolist() == [i for i in range(160) if i % 3 < 2]


def test_by_default_every_catalogue_survey_with_enough_classes(observatory: Observatory) -> None:
    assert [g.name for g in choose_groups(observatory, ["variables"])] == ["css"]
    names = [g.name for g in choose_groups(observatory, ["variables", "transients"])]
    assert names == ["css", "transients"]


def test_objects_are_drawn_and_drawn_again(observatory: Observatory) -> None:
    first, again = (choose_groups(observatory, ["variables"], ["css"], 20)[0] for _ in range(2))
    other = choose_groups(observatory, ["variables"], ["css"], 20, seed=1)[0]
    assert len(first.rows) == 20
    assert np.array_equal(first.rows, again.rows) and not np.array_equal(first.rows, other.rows)


def test_what_is_not_there_is_named(observatory: Observatory) -> None:
    with pytest.raises(AstraError, match=r"no survey 'ztf'.*there are bare, transients, variables"):
        choose_groups(observatory, ["ztf"])
    with pytest.raises(AstraError, match="no group 'ogle'; there are variables, asas, css, ptf"):
        choose_groups(observatory, ["variables"], ["ogle"])
    with pytest.raises(AstraError, match="variables/ptf or transients/ptf"):
        choose_groups(observatory, ["variables", "transients"], ["ptf"])
    with pytest.raises(AstraError, match="none of the columns astra_class, label"):
        choose_groups(observatory, ["bare"])
    chosen = choose_groups(observatory, ["variables", "transients"], ["transients/ptf"])
    assert chosen[0].survey.name == "transients" and chosen[0].name == "ptf"


def test_groups_of_one_name_are_told_apart(observatory: Observatory) -> None:
    both = ["transients/ptf", "variables/ptf", "css", "variables/css"]
    groups = choose_groups(observatory, ["variables", "transients"], both)
    assert [group.name for group in groups] == ["transients/ptf", "variables/ptf", "css"]
