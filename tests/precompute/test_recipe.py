from dataclasses import asdict, dataclass, fields
from typing import Literal

import pytest

from precompute.pipeline import STAGES
from precompute.recipe import RECIPES, RecipeError, plain, read_recipe

TYPES = {stage.makes: stage.settings for stage in STAGES}
NAMES = sorted(path.stem for path in RECIPES.glob("*.toml"))


@dataclass(frozen=True)
class Size:
    width: int = 3
    rate: float = 0.5
    mode: Literal["soft", "hard"] = "soft"
    columns: tuple[str, ...] = ("a",)


SIZES = {"size": Size, "other": Size}


def write(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_that_comes_with_astra_can_be_read(name):
    recipe = read_recipe(name, [], TYPES)
    assert recipe.name == name
    assert set(recipe.settings) == set(TYPES)


def test_the_default_recipe_is_astra():
    assert read_recipe(None, [], TYPES).name == "astra"


def test_a_file_and_changes_win_in_this_order(tmp_path):
    path = write(tmp_path, "[size]\nwidth = 5\nrate = 2\ncolumns = ['x', 'y']")
    recipe = read_recipe(path, ["size.width=7", "size.mode=hard"], SIZES)
    assert recipe.name == "mine"
    assert recipe.settings["size"] == Size(7, 2.0, "hard", ("x", "y"))
    assert recipe.settings["other"] == Size()


def test_settings_survive_the_manifest(tmp_path):
    recipe = read_recipe(write(tmp_path, "[size]\ncolumns = ['x']"), [], SIZES)
    assert plain(recipe.settings["size"]) == {**asdict(Size()), "columns": ["x"]}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[size]\nwidht = 5", "mine.toml: stage size has no setting 'widht'; did you mean width"),
        ("[sise]\nwidth = 5", "mine.toml: no stage 'sise'; did you mean size"),
        ("size = 5", "mine.toml: no stage 'size'"),
        ("[size]\nwidth = 'wide'", "mine.toml: size.width = 'wide': .*valid integer"),
        ("[size]\nmode = 'loud'", "size.mode = 'loud': .*'soft' or 'hard'"),
        ("[size\nwidth = 5", "mine.toml: not TOML"),
    ],
)
def test_a_wrong_recipe_is_named_with_its_place(tmp_path, text, complaint):
    with pytest.raises(RecipeError, match=complaint):
        read_recipe(write(tmp_path, text), [], SIZES)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("size.widht=5", "--set size.widht=5: stage size has no setting 'widht'"),
        ("size.width=wide", "--set size.width=wide: size.width = 'wide'"),
        ("width=5", "write stage.setting=value"),
        ("size.width", "write stage.setting=value"),
    ],
)
def test_a_wrong_change_is_named(change, complaint):
    with pytest.raises(RecipeError, match=complaint):
        read_recipe("smoke", [change], {**TYPES, **SIZES})


def test_an_unknown_recipe_names_the_near_ones():
    with pytest.raises(RecipeError, match="no recipe 'smoek'; did you mean smoke"):
        read_recipe("smoek", [], TYPES)
    with pytest.raises(RecipeError, match="there are: astra"):
        read_recipe("zzz", [], TYPES)


def test_every_setting_is_described():
    for stage in STAGES:
        for field in fields(stage.settings):
            assert field.name in (stage.settings.__doc__ or "") or stage.makes in {
                "neighbours",
                "projection",
                "anomalies",
            }, f"{stage.makes}.{field.name}"
