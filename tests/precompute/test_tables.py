"""Tables of a recipe: architecture, objective settings and fit of an encoder that learns."""

import json

import pytest

from astra.data.errors import AstraError
from astra.runs.run import Run
from precompute.pipeline import STAGES, bring_up_to_date
from precompute.recipe import RECIPES, read_recipe
from precompute.tables import settings_from
from precompute.training import check_tables

TYPES = {stage.makes: stage.settings for stage in STAGES}
TINY = (
    "encoder.epochs=1",
    "encoder.batch=64",
    "encoder.architecture.width=16",
    "encoder.most_objects=128",
    "projection.epochs=20",
    "anomalies.trees=20",
    "anomalies.subsamples=64",
)


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.toml")))
def test_every_recipe_names_only_settings_that_exist(name):
    settings = read_recipe(name, [], TYPES).settings["encoder"]
    if settings.objective:
        check_tables(settings)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("encoder.fit={wramup_steps = 3}", "encoder.fit has no setting 'wramup_steps'; there are"),
        ("encoder.fit={epochs = 3}", "encoder.fit has no setting 'epochs'"),
        ("encoder.fit={schedule = 'linear'}", "encoder.fit.schedule = 'linear': .*'noam'"),
        ("encoder.architecture={depth = 3}", "encoder.architecture has no setting 'depth'"),
        ("encoder.architecture={width = 'wide'}", "encoder.architecture.width = 'wide'"),
        ("encoder.objective_settings={tau = 3}", "encoder.objective_settings has no setting 'tau'"),
    ],
)
def test_a_wrong_table_is_refused_before_anything_is_made(observatory, ask, change, complaint):
    asked = ask(observatory, "one", recipe="astra_clr_replica_small", changes=(change,))
    with pytest.raises(AstraError, match=complaint):
        bring_up_to_date(asked)
    assert not observatory.runs.exists()


def test_weights_as_they_come_take_no_tables(observatory, ask):
    asked = ask(observatory, "one", recipe="astra", changes=("encoder.fit={clip = 2.0}",))
    with pytest.raises(AstraError, match="have no use for them"):
        bring_up_to_date(asked)


def test_settings_keep_what_is_fixed():
    stage = TYPES["projection"]
    name = next(iter(TYPES["projection"].__dataclass_fields__))
    with pytest.raises(AstraError, match=f"here has no setting '{name}'"):
        settings_from(stage, {name: 1}, "here", **{name: 2})


def test_a_recipe_sizes_the_encoder_and_its_child_is_taught(observatory, ask):
    architecture = "encoder.architecture={width = 16, blocks = 3, heads = 2, feed_forward = 32}"
    changes = (architecture, *(change for change in TINY if "architecture" not in change))
    bring_up_to_date(ask(observatory, "small", "astra_clr_replica_small", changes=changes))
    run = Run.open(observatory.run("small"))
    card = json.loads((run.path / "encoder.json").read_text())
    assert card["encoder"] == "astra_clr_replica"
    assert card["settings"]["width"] == 16
    assert card["settings"]["tokens_g"] == 300
    assert run.embeddings.shape[1] == 48
    teach = ("encoder.epochs=1", "encoder.fewest_labels=2")
    bring_up_to_date(
        ask(observatory, "taught", "astra_clr_replica_finetune", parent="small", changes=teach)
    )
    taught = json.loads((observatory.run("taught") / "encoder.json").read_text())
    assert taught["settings"] == card["settings"]
    assert taught["sha256"] != card["sha256"]
