"""Selections: named sets of objects with the recipe that made them."""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from astra.labels.batches import now
from astra.labels.label import LabelError, check_name

SelectionRow = tuple[str, str, str, str, str]
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Selection:
    """A named set of objects, and how it came to be.

    Attributes
    ----------
    name : str
    colour : str
        ``#rrggbb``.
    recipe : dict
        How it was made (polygon, run, filters), as JSON has it.
    object_ids : list of str
    time : datetime
        When it was saved (UTC).
    """

    name: str
    colour: str
    recipe: dict[str, Any]
    object_ids: list[str]
    time: datetime


def selection_row(
    name: str, colour: str, recipe: Mapping[str, Any], object_ids: Sequence[str]
) -> SelectionRow:
    """Row of a selection made now.

    Raises
    ------
    LabelError
        The name or an id cannot name something, the colour is not ``#rrggbb``, or the recipe is
        not JSON.
    """
    check_name("selection", name)
    for object_id in object_ids:
        check_name("object_id", object_id)
    if not _COLOUR.fullmatch(colour):
        raise LabelError(f"colour {colour!r}: use #rrggbb")
    try:
        steps = json.dumps(dict(recipe), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise LabelError(f"the recipe of selection {name!r} is not JSON: {error}") from error
    return now(), name, colour, steps, json.dumps(list(object_ids))


def append_selection(connection: sqlite3.Connection, row: SelectionRow) -> None:
    """Append a selection; earlier ones of its name stay in the file but are no longer shown."""
    connection.execute(
        "INSERT INTO selection (time, name, colour, recipe, object_ids) VALUES (?, ?, ?, ?, ?)",
        row,
    )


def latest_selections(connection: sqlite3.Connection) -> list[Selection]:
    """Latest selection of each name, sorted by name."""
    rows = connection.execute(
        "SELECT name, colour, recipe, object_ids, time FROM selection"
        " WHERE id IN (SELECT max(id) FROM selection GROUP BY name) ORDER BY name"
    )
    return [
        Selection(name, colour, json.loads(steps), json.loads(ids), datetime.fromisoformat(time))
        for name, colour, steps, ids, time in rows
    ]
