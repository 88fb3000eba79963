"""How a visitor looks at two compared runs: which places, which colours, how far on the way."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.categories import Category
from app.compared import Compared
from app.drawing.map_labels import MapLabel, peaks
from app.drawing.raster import Scene
from app.opened_runs import OpenedRun
from astra.map.palettes import Theme
from astra.runs.run import Run

SIDES = ("a", "b")


@dataclass(frozen=True, eq=False, slots=True)
class ComparedLook:
    """What both maps of a comparison show.

    Attributes
    ----------
    compared : Compared
    mode : str
        ``side`` by side, ``slide`` (B over A), or ``morph`` (A on its way to B).
    layout, colour, measure : str
        One each of `app.compared.LAYOUTS`, `COLOURS` and `MEASURES`.
    share : float
        How far a morph is: 0 where A has the objects, 1 where B has them.
    """

    compared: Compared
    mode: str
    layout: str
    colour: str
    measure: str
    share: float = 0.0

    @property
    def is_between(self) -> bool:
        """Whether the objects of the left map are on their way."""
        return self.mode == "morph" and self.share > 0

    def side(self, side: str) -> OpenedRun:
        """A or B with its objects where they rest, however far a morph is."""
        return self.compared.side(side, self.layout)

    def places_at_rest(self, side: str) -> NDArray[np.float32]:
        """Places of the common objects on A's or B's map, float32 [objects, 2]."""
        compared = self.compared
        return compared.places_a if side == "a" else compared.places_b(self.layout)

    def places(self, side: str) -> NDArray[np.floating]:
        """Places where the common objects are drawn, float [objects, 2]."""
        at_rest = self.places_at_rest(side)
        if side == "b" or self.mode != "morph":
            return at_rest
        return (1 - self.share) * at_rest + self.share * self.places_at_rest("b")

    def scene(self, side: str, chosen: NDArray[np.bool_] | None, theme: Theme) -> Scene:
        """What one map shows; ``chosen`` common objects, bool [objects], stand out."""
        compared = self.compared
        between = side == "a" and self.is_between
        run = compared.between(self.layout, self.share) if between else self.side(side)
        category, styles = self._coloured(side, self.colour)
        return Scene(run, "class", category, None, compared.on(side, chosen), theme, styles)

    def class_names(self, side: str) -> list[MapLabel]:
        """Names of the large classes of one map, where they are densest."""
        return peaks(self.side(side), self._coloured(side, "class")[0], frozenset())

    def _coloured(self, side: str, colour: str) -> tuple[Category, dict]:
        coloured = self.compared.coloured(colour, self.measure)
        return coloured.a if side == "a" else coloured.b, coloured.styles

    def heads(self) -> dict[str, tuple[str, Run, str]]:
        """What stands over each map: a letter, the run, and words."""
        a, b = self.compared.a.run, self.compared.b.run
        parent = f"made from {b.manifest.parent}" if b.manifest.parent else b.manifest.recipe
        told = {"own": "its own layout", "frozen": f"at the places of {a.name}"}
        how = told.get(self.layout, f"laid over {a.name}")
        left = {
            "slide": ("A | B", f"left; right of the divider: {b.name}"),
            "morph": ("A → B", f"on the way to {b.name}"),
        }
        letter, of_a = left.get(self.mode, ("A", a.manifest.recipe))
        return {"a": (letter, a, of_a), "b": ("B", b, f"{parent} · {how}")}

    def chosen_of(
        self, run: OpenedRun | None, selected: NDArray[np.bool_] | None
    ) -> NDArray[np.bool_] | None:
        """What is selected on a run, as common objects, bool [objects]; None but on A and B."""
        if run is None or selected is None:
            return None
        for side, other in (("a", self.compared.a), ("b", self.compared.b)):
            if run.name == other.name and len(selected) == len(other):
                mask = self.compared.of(side, selected)
                return mask if mask.any() else None
        return None
