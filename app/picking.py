"""Objects that are asked for in words: an expression, ids, a cone on the sky, neighbours."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.categories import Category
from app.crossing import columns_of
from app.opened_runs import OpenedRun
from app.words import count
from astra.selections.errors import SelectionError
from astra.selections.expression import Expression
from astra.selections.places import cone, neighbours, of_ids, read_cone, read_ids

NEIGHBOURS = 20


class Picked(NamedTuple):
    """Objects, and how they came, in words.

    Attributes
    ----------
    mask : bool [objects]
    description : str
    remark : str
        What else is to be said, such as how many ids are not in the run.
    """

    mask: NDArray[np.bool_]
    description: str
    remark: str = ""


def _by_expression(run: OpenedRun, text: str, classes: Category) -> Picked:
    return Picked(Expression(text, columns_of(run, classes)).mask(), text)


def _by_ids(run: OpenedRun, text: str, classes: Category) -> Picked:
    mask, missing = of_ids(run.run, read_ids(text))
    named = ", ".join(missing[:3]) + (", …" if len(missing) > 3 else "")
    remark = f"{count(len(missing))} not in the run: {named}" if missing else ""
    if missing and not mask.any():
        raise SelectionError(remark)
    return Picked(mask, "ids", remark)


def _by_cone(run: OpenedRun, text: str, classes: Category) -> Picked:
    place = read_cone(text)
    ra, dec, radius = (f"{value:g}" for value in place)
    return Picked(cone(run.run, *place), f"cone {ra} {dec}, {radius}°")


def _by_neighbours(run: OpenedRun, text: str, classes: Category) -> Picked:
    object_id, _, most = text.strip().partition(" ")
    wanted = int(most) if most.strip().isdigit() else NEIGHBOURS
    return Picked(neighbours(run.run, object_id, wanted), f"neighbours of {object_id}")


# kind: (its name on a button, what is typed, how it is picked)
KINDS: dict[str, tuple[str, str, Callable[[OpenedRun, str, Category], Picked]]] = {
    "expression": ("Expression", "period < 1 and p_RR > 0.5", _by_expression),
    "ids": ("Ids", "ids, one a line or separated by commas", _by_ids),
    "cone": ("Cone", "ra dec radius in degrees, as in 291.46 +44.51 0.5", _by_cone),
    "neighbours": ("Neighbours", "id of an object, and how many", _by_neighbours),
}


def pick(run: OpenedRun, kind: str, text: str, classes: Category) -> Picked:
    """Objects of a run that a text asks for.

    Raises
    ------
    SelectionError
        The text asks for nothing that there is.
    """
    if not text.strip():
        raise SelectionError(f"nothing asked for: type {KINDS[kind][1]}")
    return KINDS[kind][2](run, text, classes)
