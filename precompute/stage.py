"""A stage: what it makes, from what, with which settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from numpy.typing import NDArray

from astra.data.light_curves import LightCurves
from astra.data.observatory import Observatory
from astra.data.surveys import Survey
from astra.runs.progress import Progress
from astra.runs.run import Run
from astra.runs.tables import column, read_table

PERIODS = "periods.arrow"


@dataclass(frozen=True)
class Context:
    """What a stage may look at.

    Attributes
    ----------
    observatory : Observatory
    survey : Survey
    run : Run
        What the stages before have made, read like a published run.
    parent : Run or None
    scratch : Path
        Folder of this stage alone, under these settings and with these needs. What is in it
        outlives a crash; it is deleted when the stage is kept.
    workers : int
        Processes, or threads, that may work at once.
    progress : Progress
        Told in the name of the stage.
    """

    observatory: Observatory
    survey: Survey
    run: Run
    parent: Run | None
    scratch: Path
    workers: int
    progress: Progress

    @property
    def objects(self) -> int:
        """Objects of the survey."""
        return self.survey.manifest["objects"]

    def light_curves(self) -> LightCurves:
        """Light curves of the survey with the columns of the period search."""
        return light_curves_with_periods(self.survey.path, self.run.path)

    def labels(self) -> pd.Series:
        """Label of each object in the run's snapshot, text [objects], survey order; or null."""
        labels = self.run.labels.to_pandas().set_index("object_id")["label"]
        return labels.reindex(self.survey.catalogue["object_id"]).reset_index(drop=True)


@dataclass(frozen=True)
class Product:
    """What a stage made, for the pipeline to keep.

    Attributes
    ----------
    arrays, tables : mapping
        Name of a file in the run to its content (``.npy``, ``.arrow``).
    files : mapping
        Name of a file in the run to a file in the scratch folder, which is moved.
    columns : mapping
        Columns and their units.
    summary : mapping
        What is worth keeping, JSON-able and finite; ``told`` is the line for people.
    """

    arrays: Mapping[str, NDArray] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)


def nothing_to_refuse(parent: Run | None, settings: Any) -> None:
    """Of a stage that refuses nothing before it begins."""


def nothing_outside(context: Context, settings: Any) -> dict[str, str]:
    """Of a stage that reads nothing beyond its needs."""
    return {}


def nothing_to_add(context: Context, settings: Any) -> str:
    """Of a stage whose changes are told by the names of its settings and needs."""
    return ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the pipeline; it makes one artefact.

    A stage never writes to the run: it returns what the pipeline keeps.

    Attributes
    ----------
    makes : str
        Name of the artefact, of the stage's file, and of its table in a recipe.
    needs : tuple of str
        Artefacts of stages before, ``survey.light_curves`` and ``survey.catalogue``.
    order : str
        Whose rows its per-object arrays follow: the ``survey``'s, the ``map``'s, or ``none``.
    settings : type
        Frozen dataclass, all fields with defaults.
    compute : callable
        Takes the context and the settings.
    refuse : callable
        Takes the parent and the settings; raises, before anything is made, where they cannot be.
    outside : callable
        Takes what ``compute`` takes; gives the hash of whatever else is read under these settings,
        by name.
    explain : callable
        Takes the same, with a published run that is not current; says what changed.
    """

    makes: str
    needs: tuple[str, ...]
    order: Literal["survey", "map", "none"]
    settings: type
    compute: Callable[[Context, Any], Product]
    refuse: Callable[[Run | None, Any], None] = nothing_to_refuse
    outside: Callable[[Context, Any], dict[str, str]] = nothing_outside
    explain: Callable[[Context, Any], str] = nothing_to_add


def light_curves_with_periods(survey: Path, run: Path) -> LightCurves:
    """Light curves in a survey's folder with the columns of the period search in a run's folder."""
    table = read_table(run / PERIODS)
    columns = {name: column(table, name) for name in table.column_names}
    return LightCurves.open(survey / "light_curves").with_columns(**columns)
