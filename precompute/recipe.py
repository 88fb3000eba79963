"""Recipes: named settings, one TOML table per stage."""

import dataclasses
import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from astra.data.errors import AstraError
from astra.runs.manifest import Manifest

RECIPES = Path(__file__).parent / "recipes"
DEFAULT = "astra"

Types = Mapping[str, type]
Tables = dict[str, dict[str, Any]]


class RecipeError(AstraError):
    """A recipe names something that does not exist, or gives it a value it cannot take."""


@dataclass(frozen=True)
class Recipe:
    """Settings of every stage.

    Attributes
    ----------
    name : str
    settings : mapping of stage to an instance of its settings
    """

    name: str
    settings: Mapping[str, Any]


def read_recipe(
    name: str | None, overrides: Sequence[str], types: Types, parent: Manifest | None = None
) -> Recipe:
    """Read a recipe by name or path, and change single settings.

    What the recipe does not say is as in the parent, where there is one, else the default.

    Parameters
    ----------
    name : str or None
        Name of a recipe that comes with Astra, or path of a ``.toml`` file; None for the parent's
        settings, or for the default recipe.
    overrides : sequence of str
        ``stage.setting=value`` with the value as in TOML; a bare word counts as text.
    types : mapping of stage to its settings, a dataclass
    parent : Manifest, optional

    Raises
    ------
    RecipeError
        There is no such recipe, stage or setting, or a setting does not take its value; the
        message names it, where it stands, and what is near.
    """
    tables: Tables = {} if parent is None else _tables_of(parent, types)
    if name is None and parent is not None:
        title = parent.recipe
    else:
        path = _find(name or DEFAULT)
        title = path.stem
        _merge(tables, _read(path), types, str(path))
    for override in overrides:
        _merge(tables, _parse(override), types, f"--set {override}")
    return Recipe(title, {stage: _build(stage, types, tables.get(stage, {})) for stage in types})


def plain(settings: Any) -> dict[str, Any]:
    """Settings as they stand in a manifest: what JSON makes of them."""
    return json.loads(json.dumps(dataclasses.asdict(settings)))


def _tables_of(parent: Manifest, types: Types) -> Tables:
    """Settings of a run, but for those that only an older version had."""
    return {
        stage: {
            key: value
            for key, value in parent.artefacts[stage].settings.items()
            if key in _names(types[stage])
        }
        for stage in types
        if stage in parent.artefacts
    }


def _find(name: str) -> Path:
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    if not path.is_file():
        known = sorted(recipe.stem for recipe in RECIPES.glob("*.toml"))
        raise RecipeError(f"no recipe {name!r}{_near(name, known)}")
    return path


def _read(path: Path) -> Tables:
    try:
        return tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not TOML: {error}") from None


def _merge(tables: Tables, more: Mapping[str, Any], types: Types, where: str) -> None:
    """Let ``more`` win over ``tables``, after checking what it names and says."""
    for stage, table in more.items():
        if stage not in types or not isinstance(table, dict):
            raise RecipeError(f"{where}: no stage {stage!r}{_near(stage, types)}")
        known = _names(types[stage])
        for key in table:
            if key not in known:
                raise RecipeError(
                    f"{where}: stage {stage} has no setting {key!r}{_near(key, known)}"
                )
        tables[stage] = {**tables.get(stage, {}), **table}
        try:
            _build(stage, types, tables[stage])
        except RecipeError as error:
            raise RecipeError(f"{where}: {error}") from None


def _build(stage: str, types: Types, table: Mapping[str, Any]) -> Any:
    try:
        return TypeAdapter(types[stage]).validate_python(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise RecipeError(f"{stage}.{key} = {first['input']!r}: {first['msg']}") from None


def _parse(override: str) -> Tables:
    key, equals, text = override.partition("=")
    stage, dot, setting = key.strip().partition(".")
    if not (equals and dot and stage and setting):
        raise RecipeError(f"--set {override}: write stage.setting=value")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    return {stage: {setting: value}}


def _names(settings: type) -> list[str]:
    return [field.name for field in dataclasses.fields(settings)]


def _near(name: str, known: Iterable[str]) -> str:
    known = list(known)
    near = difflib.get_close_matches(name, known, n=3)
    if near:
        return f"; did you mean {', '.join(near)}?"
    return f"; there are: {', '.join(known) or 'none'}"
