"""The named selections as one visitor sees them: kept in the book, replayed on the open run."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import param
from numpy.typing import NDArray

from app.background import Each
from app.categories import Category
from app.drawing.palette import NO_CLASS, ClassStyle
from app.opened_runs import OpenedRun
from app.picking import pick
from app.words import UNLABELLED, count, counted
from astra.data.errors import AstraError
from astra.labels.changes import revision
from astra.labels.selections import SelectionHead
from astra.runs.run import Run
from astra.selections.book import SelectionBook

if TYPE_CHECKING:
    from app.session import Session

MOST_SHOWN = 8
# Dark: (dark, light). On a light page the colours that are given of themselves are deeper.
ON_LIGHT = {
    "#93a5ff": "#4150c6", "#f0a3cf": "#a2437d", "#6fd6b8": "#00735a",
    "#f0b454": "#9a5b00", "#c9a7ff": "#7a3fc0", "#9ccf5a": "#4f7a12",
}  # fmt: skip


class Here(NamedTuple):
    """A selection on the open run: its mask, packed eight to a byte, its size, what is missing."""

    bits: NDArray[np.uint8]
    objects: int
    missing: int

    def mask(self, objects: int) -> NDArray[np.bool_]:
        """Its objects, bool [objects]."""
        return np.unpackbits(self.bits, count=objects).astype(bool)

    def same(self, other: "Here") -> bool:
        """Whether both are the same objects."""
        return self.missing == other.missing and np.array_equal(self.bits, other.bits)


class Overlay(NamedTuple):
    """Selections on the map: which object is in which, and the colour of each, by its number.

    ``outlines`` are the polygons that were drawn for them, float64 [vertices, 2] each, None where
    there was none or it belongs to another map.
    """

    names: tuple[str, ...]
    objects: tuple[int, ...]
    members: Category
    styles: dict[str, ClassStyle]
    outlines: tuple[NDArray[np.float64] | None, ...]


class Change(NamedTuple):
    """Something that was done to the book, and how it is undone."""

    words: str
    undo: Callable[[], object]


# Versions never change: what was replayed for one visitor is there for all.
_replayed: WeakKeyDictionary[OpenedRun, dict[tuple[str, int], Here]] = WeakKeyDictionary()


class SavedSelections(param.Parameterized):
    """List of the named selections, what can be done to them, and which are on the map.

    The book is read and written off the document's thread, in the order asked.

    Parameters
    ----------
    session : Session
    """

    heads = param.List(default=[], doc="`SelectionHead` of each, sorted by name.")
    here = param.Dict(default={}, doc="Version -> `Here`, on the open run.")
    eyes = param.List(default=[], doc="Names of those shown on the map.")
    overlay = param.Parameter(default=None, doc="The `Overlay` on the map, or None.")
    renamed = param.Dict(default={}, doc="Old name -> new, of what was renamed last, by whomever.")
    undoable = param.String(default="", doc="In words, what `undo` takes back; empty: nothing.")

    def __init__(self, session: "Session", **params: Any) -> None:
        super().__init__(**params)
        self._session = session
        self.revision = 0  # of the book, when it was read last
        self._work = Each()
        self._book: SelectionBook | None = None
        self._changes: list[Change] = []
        session.param.watch(lambda *_: self._open(), "run")
        self.param.watch(lambda *_: self.refresh(), "eyes")

    @property
    def book(self) -> SelectionBook:
        """The book of the observatory."""
        if self._book is None:
            self._book = SelectionBook(self._session.observatory)
        return self._book

    # What is there

    def _open(self) -> None:
        self.param.update(here={}, overlay=None)
        self.refresh()

    def refresh(self) -> None:
        """Read the book again, replay what is new, and draw what is shown."""
        run, eyes, runs = self._session.run, tuple(self.eyes), self._session.runs
        if run is None:
            return

        known = [(head, self.here.get(head.version)) for head in self.heads]

        def read() -> tuple[int, list[SelectionHead], dict[int, Here], Overlay | None, dict]:
            # First: what is written meanwhile is read once more, and never missed.
            now = revision(self.book.path).selections
            heads = self.book.heads()
            here = {head.version: replayed(self.book, run, head) for head in heads}
            _forget_others(self.book, run, here)
            renamed = _renamed(known, [(head, here[head.version]) for head in heads])
            shown = tuple(str(renamed.get(name, name)) for name in eyes)
            return now, heads, here, _overlay(run, heads, here, shown, runs), renamed

        def deliver(result: Any) -> None:
            if run is self._session.run:
                self.revision, heads, here, overlay, renamed = result
                eyes = [renamed.get(name, name) for name in self.eyes]
                self.param.update(
                    heads=heads, here=here, overlay=overlay, renamed=renamed, eyes=eyes
                )

        self._work.ask(read, deliver, self._fail)

    def free_name(self) -> str:
        """First letter that names no selection."""
        taken = {head.name for head in self.heads}
        letters = (chr(65 + i % 26) + str(i // 26 or "") for i in range(26 * 100))
        return next(letter for letter in letters if letter not in taken)

    # What a person does

    def save(self, name: str) -> None:
        """Keep what is selected, or where nothing is what passes the filters, under a name."""
        session, run = self._session, self._session.run
        chosen = session.chosen
        if run is None or chosen is None:
            session.say("nothing to save: select objects first", warning=True)
            return
        name = name.strip() or self.free_name()
        outline = session.selection_outline
        recipe = {
            "run": run.name,
            "how": session.selection_description or "filters",
            "polygon": None if outline is None else np.asarray(outline).tolist(),
            "expressions": list(session.filters.expressions),
            "brushes": {
                column: [None if np.isinf(end) else float(end) for end in brush]
                for column, brush in session.filters.brushes.items()
            },
        }

        def write() -> Change:
            before = next((head for head in self.book.heads() if head.name == name), None)
            ids = run.run.object_ids(np.flatnonzero(chosen))
            head = self.book.save(name, ids, recipe=recipe)
            words = f"saved {counted(head.size, 'object')} as {head.name}"
            if before is not None:
                return Change(words, lambda: self.book.restore(before))
            return Change(words, lambda: self.book.delete(head.name))

        self._change(write)

    def rename(self, old: str, new: str) -> None:
        """Give a selection another name."""

        def write() -> Change:
            self.book.rename(old, new)
            return Change(f"renamed {old}", lambda: self.book.rename(new.strip(), old))

        self.eyes = [new.strip() if name == old else name for name in self.eyes]
        self._change(write)

    def recolour(self, name: str, colour: str) -> None:
        """Give a selection another colour, ``#rrggbb``."""

        def write() -> Change:
            before = self.book.head(name).colour
            self.book.recolour(name, colour)
            return Change(f"recoloured {name}", lambda: self.book.recolour(name, before))

        self._change(write)

    def delete(self, name: str) -> None:
        """Take a selection away; it can be undone."""

        def write() -> Change:
            head = self.book.delete(name)
            return Change(f"deleted {name}", lambda: self.book.restore(head))

        self.eyes = [other for other in self.eyes if other != name]
        self._change(write)

    def undo(self) -> None:
        """Take back what was done to the book last."""
        if not self._changes:
            return
        change = self._changes.pop()
        self.undoable = self._changes[-1].words if self._changes else ""

        def deliver(_: object) -> None:
            self._session.say(f"undone: {change.words}")
            self.refresh()

        self._work.ask(change.undo, deliver, self._fail)

    def toggle(self, name: str) -> None:
        """Show a selection on the map, or hide it."""
        if name in self.eyes:
            self.eyes = [other for other in self.eyes if other != name]
        else:
            self.eyes = [*self.eyes[1 - MOST_SHOWN :], name]

    def select(self, name: str, mode: str = "replace") -> None:
        """Select the objects of a saved selection, or combine the selection with them."""
        session, run = self._session, self._session.run
        if run is None:
            return

        def find() -> Here:
            return replayed(self.book, run, self.book.head(name))

        def deliver(here: Any) -> None:
            if run is session.run:
                session.select(here.mask(len(run)), name, mode=mode)
                said = f"{name}: {counted(session.n_selected, 'object')}"
                missing = f", {count(here.missing)} not in this run" if here.missing else ""
                session.say(said + missing)

        self._work.ask(find, deliver, self._fail)

    def pick(self, kind: str, text: str, mode: str = "replace") -> None:
        """Select what a text asks for: see `app.picking.pick`."""
        session, run = self._session, self._session.run
        if run is None:
            return
        classes = session.category_now("class")

        def deliver(picked: Any) -> None:
            if run is session.run:
                session.select(picked.mask, picked.description, mode=mode)
                found = f"{picked.description}: {counted(int(picked.mask.sum()), 'object')}"
                remark = f"; {picked.remark}" if picked.remark else ""
                session.say(found + remark, warning=bool(remark) or not picked.mask.any())

        self._work.ask(lambda: pick(run, kind, text, classes), deliver, self._fail)

    def export(self, name: str, deliver: Callable[[str], None]) -> None:
        """Give the ids of a selection, one a line, to whoever writes the file."""

        def read() -> str:
            return "\n".join(["object_id", *self.book.object_ids(name), ""])

        self._work.ask(read, lambda text: deliver(str(text)), self._fail)

    def _change(self, write: Callable[[], Change]) -> None:
        def deliver(change: Any) -> None:
            self._changes.append(change)
            self.undoable = change.words
            self._session.say(change.words)
            self.refresh()

        self._work.ask(write, deliver, self._fail)

    def _fail(self, error: Exception) -> None:
        reason = str(error) if isinstance(error, AstraError) else f"{type(error).__name__}: {error}"
        self._session.say(reason, warning=True)
        if isinstance(error, AstraError):
            self.param.trigger("heads")


def _renamed(
    before: Sequence[tuple[SelectionHead, Here | None]], now: Sequence[tuple[SelectionHead, Here]]
) -> dict[str, str]:
    """Old name -> new: a name that is gone, and a new one of the same objects and recipe.

    A rename is written as a new version and the end of the old name; nothing else ties the two.
    """
    names, known = {head.name for head, _ in now}, {head.name for head, _ in before}
    fresh = [(head, here) for head, here in now if head.name not in known]
    return {
        old.name: new.name
        for old, was in before
        if old.name not in names and was is not None
        for new, here in fresh
        if new.recipe == old.recipe and new.size == old.size and here.same(was)
    }


def replayed(book: SelectionBook, run: OpenedRun, head: SelectionHead) -> Here:
    """Find a version on a run, once for all visitors."""
    known = _replayed.setdefault(run, {})
    key = (str(book.path), head.version)
    if key not in known:
        mask, missing = book.replay(head, run.run)
        known[key] = Here(np.packbits(mask), int(np.count_nonzero(mask)), missing)
    return known[key]


def _forget_others(book: SelectionBook, run: OpenedRun, here: Mapping[int, Here]) -> None:
    """Forget versions that are none any more: what brings one back makes a new one."""
    known = _replayed.setdefault(run, {})
    for key in tuple(known):
        if key[0] == str(book.path) and key[1] not in here:
            known.pop(key, None)


def colour_on(theme: str, colour: str) -> str:
    """Colour of a selection under a theme."""
    return colour if theme == "dark" else ON_LIGHT.get(colour, colour)


def _overlay(
    run: OpenedRun,
    heads: list[SelectionHead],
    here: dict[int, Here],
    eyes: tuple[str, ...],
    runs: Sequence[Run],
) -> Overlay | None:
    by_name = {head.name: head for head in heads}
    shown = [by_name[name] for name in eyes if name in by_name]
    if not shown:
        return None
    codes = np.full(len(run), -1, np.int16)
    for i, head in enumerate(shown):
        codes[here[head.version].mask(len(run))] = i
    numbers = tuple(str(i) for i in range(len(shown)))
    styles = {
        number: ClassStyle("circle", head.colour, colour_on("light", head.colour))
        for number, head in zip(numbers, shown, strict=True)
    }
    names = tuple(head.name for head in shown)
    objects = tuple(here[head.version].objects for head in shown)
    outlines = tuple(_outline(run, head, runs) for head in shown)
    members = Category(numbers, codes)
    return Overlay(names, objects, members, {**styles, UNLABELLED: NO_CLASS}, outlines)


def _outline(
    run: OpenedRun, head: SelectionHead, runs: Sequence[Run]
) -> NDArray[np.float64] | None:
    """Polygon that was drawn for a selection, where it was drawn on the map of this run."""
    drawn_on = next((one for one in runs if one.name == head.recipe.get("run")), None)
    if drawn_on is None or _map_of(drawn_on) != _map_of(run.run):
        return None
    try:
        polygon = np.array(head.recipe.get("polygon"), np.float64)
    except (TypeError, ValueError):  # a recipe may hold whatever a script has put into it
        return None
    known = polygon.ndim == 2 and polygon.shape[1] == 2 and len(polygon) >= 3
    return polygon if known and np.isfinite(polygon).all() else None


def _map_of(run: Run) -> str:
    return run.artefact("projection").hash
