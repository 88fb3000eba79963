"""What is known of the object in focus in numbers: what is predicted, what the catalogue says."""

from math import isfinite
from typing import Any

import numpy as np
import panel as pn
import param

from app.markup import facts_html as html
from app.markup.facts import facts_of
from app.markup.pressable import Pressable
from app.opened_runs import OpenedRun
from app.session import Session
from app.theme import CARD, stylesheet
from app.words import title

# Said elsewhere on the page.
_ELSEWHERE = frozenset({"object_id", "ra", "dec", "label", "is_difference"})


class PredictionsView(pn.viewable.Viewer):
    """Probabilities of the classes, and the anomaly score; hidden from a person who labels blind.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.shown = Pressable(
            stylesheets=[stylesheet("facts")], styles=CARD, css_classes=["astra-predictions"]
        )
        session.param.watch(self._draw, ["run", "focus", "theme", "screen"])
        session.look.param.watch(self._draw, "blind")
        self._draw()

    def __panel__(self) -> pn.viewable.Viewable:
        return self.shown

    def _draw(self, *_: param.parameterized.Event) -> None:
        run, row = self.session.run, self.session.focus
        self.shown.visible = run is not None and row is not None
        if run is None or row is None or self.session.screen != "inspect":
            return
        if self.session.look.blind:
            self.shown.html = html.hidden(run)
        else:
            facts, theme = facts_of(run, row), self.session.theme
            self.shown.html = html.predictions(run, facts, probabilities(run, row), theme)


class FactsView(pn.viewable.Viewer):
    """What the catalogue says of the object in focus.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.shown = Pressable(
            stylesheets=[stylesheet("facts")], styles=CARD, css_classes=["astra-columns"]
        )
        session.param.watch(self._draw, ["run", "focus", "screen"])
        self._draw()

    def __panel__(self) -> pn.viewable.Viewable:
        return self.shown

    def _draw(self, *_: param.parameterized.Event) -> None:
        run, row = self.session.run, self.session.focus
        self.shown.visible = run is not None and row is not None
        if run is not None and row is not None and self.session.screen == "inspect":
            self.shown.html = html.columns(columns_of(run, row))


def probabilities(run: OpenedRun, row: int) -> list[tuple[str, float]]:
    """Classes of the probe with their probabilities, the most probable first."""
    if "probes" not in run.run.manifest.artefacts:
        return []
    names = run.run.artefact("probes").summary.get("classes", [])
    shares = np.asarray(run.run.probabilities[row], np.float64)
    order = np.argsort(-shares, kind="stable")
    return [(str(names[i]), float(shares[i])) for i in order] if len(names) == len(shares) else []


def columns_of(run: OpenedRun, row: int) -> list[tuple[str, object]]:
    """Title and value of every column of the catalogue that has a value for an object."""
    units = run.run.artefact("catalogue").columns
    pairs = []
    for name in run.run.catalogue.column_names:
        if name in _ELSEWHERE:
            continue
        value = run.run.catalogue[name][row].as_py()
        if value is None or value == "" or (isinstance(value, float) and not isfinite(value)):
            continue
        pairs.append((title(name, units.get(name, "")), value))
    return pairs
