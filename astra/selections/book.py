"""The named selections of an observatory: kept by object id, so that any run can replay them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from astra.data.observatory import Observatory
from astra.labels.database import prepare, reading, writing
from astra.labels.label import check_name
from astra.labels.selections import (
    SelectionHead,
    append_deletion,
    append_selection,
    append_version,
    check_colour,
    ids_of_version,
    latest_heads,
    selection_row,
)
from astra.runs.run import Run
from astra.selections.errors import SelectionError, near

# Told apart by normal, protan, deutan and tritan eyes, on dark and on light; used in this order.
COLOURS = ("#93a5ff", "#f0a3cf", "#6fd6b8", "#f0b454", "#c9a7ff", "#9ccf5a")
OPERATIONS = ("union", "intersection", "difference")


class Replay(NamedTuple):
    """A selection on a run.

    Attributes
    ----------
    mask : bool [objects]
        Its objects that are in the run, map order.
    missing : int
        How many of its objects are not.
    """

    mask: NDArray[np.bool_]
    missing: int


class SelectionBook:
    """Named selections; what is saved survives whatever happens to the process.

    The book is a table of the label log, where nothing is ever overwritten: saving, renaming,
    recolouring and deleting append a version, and `restore` brings any version back. It may be used
    by any number of processes.

    Parameters
    ----------
    observatory : Observatory, or path of its folder, or None
        None is ``$ASTRA_HOME``.

    Raises
    ------
    LabelError
        From what saves: a name, a colour or an id that cannot be one.
    SelectionError
        There is no selection of that name, or there is one already.
    StoreError
        The file cannot be read or written.
    """

    def __init__(self, observatory: Observatory | Path | str | None = None) -> None:
        if not isinstance(observatory, Observatory):
            observatory = Observatory(observatory)
        self.path = observatory.labels
        prepare(self.path)

    def heads(self) -> list[SelectionHead]:
        """All selections, without their objects, sorted by name."""
        with reading(self.path) as connection:
            return latest_heads(connection)

    def names(self) -> list[str]:
        """Names of all selections, sorted."""
        return [head.name for head in self.heads()]

    def head(self, name: str) -> SelectionHead:
        """Return the selection of a name, without its objects."""
        return _named(self.heads(), name)

    def object_ids(self, selection: str | SelectionHead) -> list[str]:
        """Ids of the objects of a selection, by its name or of a version."""
        head = self.head(selection) if isinstance(selection, str) else selection
        with reading(self.path) as connection:
            return ids_of_version(connection, head.version)

    def save(
        self,
        name: str,
        object_ids: Sequence[str],
        colour: str | None = None,
        recipe: Mapping[str, Any] | None = None,
    ) -> SelectionHead:
        """Keep a selection; one of the same name is replaced.

        Parameters
        ----------
        name : str
        object_ids : sequence of str
        colour : str, optional
            ``#rrggbb``; by default that of the one it replaces, or the next that is free.
        recipe : mapping, optional
            How it was made, as JSON has it.
        """
        colour = colour or self._colour_for(name)
        row = selection_row(name.strip(), colour, recipe or {}, object_ids)
        with writing(self.path) as connection:
            append_selection(connection, row)
        return self.head(name.strip())

    def save_mask(
        self, name: str, run: Run, mask: NDArray[np.bool_], colour: str | None = None, **recipe: Any
    ) -> SelectionHead:
        """Keep the objects of a mask, bool [objects], of a run; else as `save`."""
        ids = run.object_ids(np.flatnonzero(mask))
        return self.save(name, ids, colour, {"run": run.name, **recipe})

    def replay(self, selection: str | SelectionHead, run: Run) -> Replay:
        """Find the objects of a selection in a run."""
        rows = run.rows_of(self.object_ids(selection))
        mask = np.zeros(len(run), np.bool_)
        mask[rows[rows >= 0]] = True
        return Replay(mask, int(np.count_nonzero(rows < 0)))

    def combine(self, operation: str, one: str, other: str, into: str) -> SelectionHead:
        """Save the ``union``, ``intersection`` or ``difference`` of two selections as another.

        Raises
        ------
        SelectionError
            Another operation, a selection that is not there, or ``into`` is no name.
        """
        if operation not in OPERATIONS:
            raise SelectionError(f"operation {operation!r}: use {', '.join(OPERATIONS)}")
        first, second = (dict.fromkeys(self.object_ids(name)) for name in (one, other))
        if operation == "union":
            kept = list(first | second)
        else:
            wanted = operation == "intersection"
            kept = [each for each in first if (each in second) is wanted]
        return self.save(into, kept, recipe={"operation": operation, "of": [one, other]})

    def rename(self, old: str, new: str) -> None:
        """Give a selection another name, which must be free.

        Raises
        ------
        SelectionError
            It is taken or no name, or there is no selection ``old``.
        """
        new = check_name("selection", new.strip())

        def write(connection: Any, heads: list[SelectionHead]) -> None:
            head = _named(heads, old)
            if any(other.name == new for other in heads):
                raise SelectionError(f"there is a selection {new!r} already")
            append_version(connection, head.version, name=new)
            append_deletion(connection, old)

        self._change(write)

    def recolour(self, name: str, colour: str) -> None:
        """Give a selection another colour, ``#rrggbb``."""
        check_colour(colour)
        self._change(
            lambda connection, heads: append_version(
                connection, _named(heads, name).version, colour=colour
            )
        )

    def delete(self, name: str) -> SelectionHead:
        """Take a selection away; what is returned brings it back by `restore`."""
        head = self.head(name)
        self._change(
            lambda connection, heads: append_deletion(connection, _named(heads, name).name)
        )
        return head

    def restore(self, version: SelectionHead) -> None:
        """Bring a version back, under its name and in its colour."""
        self._change(lambda connection, heads: append_version(connection, version.version))

    def _change(self, write: Callable[[Any, list[SelectionHead]], None]) -> None:
        with writing(self.path) as connection:
            write(connection, latest_heads(connection))

    def _colour_for(self, name: str) -> str:
        heads = self.heads()
        taken = {head.name: head.colour for head in heads}
        free = [colour for colour in COLOURS if colour not in taken.values()]
        return taken.get(name) or (free or [COLOURS[len(heads) % len(COLOURS)]])[0]


def _named(heads: Sequence[SelectionHead], name: str) -> SelectionHead:
    for head in heads:
        if head.name == name:
            return head
    hint = near(name, [head.name for head in heads], "there are")
    raise SelectionError(f"no selection {name[:64]!r}; {hint}")
