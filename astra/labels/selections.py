"""Selections: named sets of objects with the recipe that made them, one row a version.

Rows are appended only. A selection is what the last row of its name says; a row whose recipe is
null says that there is none any more.
"""

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
_DELETED = "null"
_LATEST = (
    " WHERE id IN (SELECT max(id) FROM selection GROUP BY name)"
    f" AND recipe != '{_DELETED}' ORDER BY name"
)
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SelectionHead:
    """A named set of objects and how it came to be, without the objects.

    Attributes
    ----------
    version : int
        Row that holds it; never changes, never another's.
    name : str
    colour : str
        ``#rrggbb``.
    recipe : dict
        How it was made (polygon, run, filters), as JSON has it.
    size : int
        Number of objects.
    time : datetime
        When this version was saved (UTC).
    """

    version: int
    name: str
    colour: str
    recipe: dict[str, Any]
    size: int
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
    check_colour(colour)
    try:
        steps = json.dumps(dict(recipe), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise LabelError(f"the recipe of selection {name!r} is not JSON: {error}") from error
    return now(), name, colour, steps, json.dumps(list(object_ids))


def append_selection(connection: sqlite3.Connection, row: SelectionRow) -> int:
    """Append a selection and return its version; earlier ones of its name are no longer shown."""
    (version,) = connection.execute(
        "INSERT INTO selection (time, name, colour, recipe, object_ids) VALUES (?, ?, ?, ?, ?)"
        " RETURNING id",
        row,
    ).fetchone()
    return version


def append_version(
    connection: sqlite3.Connection, version: int, name: str | None = None, colour: str | None = None
) -> None:
    """Append a version again, under another name or in another colour where these are given."""
    connection.execute(
        "INSERT INTO selection (time, name, colour, recipe, object_ids)"
        " SELECT ?, coalesce(?, name), coalesce(?, colour), recipe, object_ids"
        " FROM selection WHERE id = ?",
        (now(), name, colour, version),
    )


def append_deletion(connection: sqlite3.Connection, name: str) -> None:
    """Append that there is no selection of this name any more."""
    append_selection(connection, (now(), name, "", _DELETED, "[]"))


def check_colour(colour: str) -> str:
    """Give a colour back if it is ``#rrggbb``, else raise a `LabelError`."""
    if not _COLOUR.fullmatch(colour):
        raise LabelError(f"colour {colour!r}: use #rrggbb")
    return colour


def latest_heads(connection: sqlite3.Connection) -> list[SelectionHead]:
    """Latest version of each selection without its objects, sorted by name."""
    rows = connection.execute(
        "SELECT id, name, colour, recipe, json_array_length(object_ids), time"
        f" FROM selection{_LATEST}"
    )
    return [
        SelectionHead(version, name, colour, json.loads(steps), size, datetime.fromisoformat(time))
        for version, name, colour, steps, size, time in rows
    ]


def ids_of_version(connection: sqlite3.Connection, version: int) -> list[str]:
    """Ids of the objects of one version."""
    (ids,) = connection.execute(
        "SELECT object_ids FROM selection WHERE id = ?", (version,)
    ).fetchone()
    return json.loads(ids)
