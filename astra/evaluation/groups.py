"""Groups: the objects that are scored together, of one survey of the catalogue or all of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from astra.analysis.probes import labelled
from astra.data.catalogue import Catalogue
from astra.data.errors import AstraError
from astra.data.observatory import Observatory
from astra.data.surveys import Survey
from astra.evaluation.splits import FEWEST_LEARNT, FEWEST_TESTED, sky_units

CLASS_COLUMNS = ("astra_class", "label")
"""Columns of the catalogue that name the class; the first that is there counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Labelled objects of one survey.

    Attributes
    ----------
    name : str
        What was asked for: a survey of the observatory, or one of its catalogue.
    survey : Survey
    rows : int64 [objects]
        Rows in the survey, ascending.
    labels : tuple of str [objects]
    units : int64 [objects]
        Sky cells.
    """

    name: str
    survey: Survey
    rows: NDArray[np.int64]
    labels: tuple[str, ...]
    units: NDArray[np.int64]


def choose_groups(
    observatory: Observatory,
    surveys: Sequence[str],
    names: Sequence[str] = (),
    most: int | None = None,
    seed: int = 0,
) -> list[Group]:
    """Find the groups that are asked for.

    Parameters
    ----------
    observatory : Observatory
    surveys : sequence of str
        Surveys of the observatory.
    names : sequence of str
        Each the name of one of ``surveys``, for all its objects; or a value of the column
        ``survey`` of their catalogues, or ``survey/value`` where several have it. By default every
        value that has two classes with enough objects, or the survey where there is one value.
    most : int, optional
        Labelled objects of a group, drawn at random where there are more.
    seed : int

    Raises
    ------
    AstraError
        No such survey or group, or a group without labels; the message lists what there is.
    """
    opened = {name: open_survey(observatory, name) for name in surveys}
    if not names:
        names = [f"{name}/{value}" for name in opened for value in _defaults(opened[name])]
    found = dict.fromkeys(_find(opened, name) for name in names)
    times = Counter(value or name for name, value in found)
    return [
        _group(
            value if value and times[value] == 1 else f"{name}/{value}".strip("/"),
            opened[name],
            value,
            most,
            seed,
        )
        for name, value in found
    ]


def class_labels(catalogue: Catalogue) -> pd.Series:
    """Class of each object, None where there is none.

    Raises
    ------
    AstraError
        The catalogue has no column of classes.
    """
    column = next((name for name in CLASS_COLUMNS if name in catalogue), None)
    if column is None:
        raise AstraError(f"the catalogue has none of the columns {', '.join(CLASS_COLUMNS)}")
    labels = catalogue[column].astype("object")
    return labels.where(labels.notna() & (labels != ""), None)


def open_survey(observatory: Observatory, name: str) -> Survey:
    """Open a survey by its name.

    Raises
    ------
    AstraError
        There is none of this name; the message lists what there is.
    """
    there = observatory.survey_names()
    if name not in there:
        raise AstraError(
            f"no survey {name!r} in {observatory.surveys}; there are {', '.join(there) or 'none'}"
        )
    return Survey.open(observatory.survey(name))


def at_most(rows: NDArray[np.int64], most: int | None, seed: int) -> NDArray[np.int64]:
    """Rows, int64 ascending, or so many of them drawn at random, ascending."""
    if most is None or len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _values(survey: Survey) -> list[str]:
    """Surveys that the catalogue names."""
    if "survey" not in survey.catalogue:
        return []
    return sorted(survey.catalogue["survey"].dropna().astype(str).unique())


def _defaults(survey: Survey) -> list[str]:
    values = _values(survey)
    if len(values) < 2:
        return [""]
    labels = class_labels(survey.catalogue).to_numpy(object)
    owner = survey.catalogue["survey"].astype(str).to_numpy(object)
    enough = FEWEST_LEARNT + FEWEST_TESTED
    return [v for v in values if len(labelled(labels[owner == v].tolist(), enough).classes) >= 2]


def _find(opened: dict[str, Survey], name: str) -> tuple[str, str]:
    """Name of the survey, and value of the column ``survey``, empty for all objects."""
    if name in opened:
        return name, ""
    owner, slash, value = name.partition("/")
    if slash and owner in opened and (not value or value in _values(opened[owner])):
        return owner, value
    holders = [survey for survey, at in opened.items() if name in _values(at)]
    if len(holders) == 1:
        return holders[0], name
    if holders:
        choice = " or ".join(f"{survey}/{name}" for survey in holders)
        raise AstraError(f"group {name!r} is in several surveys: say {choice}")
    there = [value for survey, at in opened.items() for value in (survey, *_values(at))]
    raise AstraError(f"no group {name!r}; there are {', '.join(dict.fromkeys(there))}")


def _group(name: str, survey: Survey, value: str, most: int | None, seed: int) -> Group:
    catalogue = survey.catalogue
    labels = class_labels(catalogue)
    chosen = labels.notna().to_numpy()
    if value:
        chosen = chosen & (catalogue["survey"].astype(str) == value).to_numpy()
    rows = np.flatnonzero(chosen)
    if not len(rows):
        raise AstraError(f"group {name!r} of survey {survey.name} has no objects with a class")
    rows = at_most(rows, most, seed)
    here = catalogue.take(rows)
    return Group(name, survey, rows, tuple(labels.iloc[rows]), sky_units(here))
