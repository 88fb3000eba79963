"""The light curve of the focused object: against time and folded, in magnitudes or flux."""

import time
from collections.abc import Callable
from functools import partial
from math import isfinite
from typing import Any

import panel as pn
import param

from app.drawing.charts import PointsChart
from app.drawing.drawings import Drawer
from app.drawing.photometry import observed_bands
from app.markup import light_curve_html as html
from app.markup.facts import Facts, facts_of, neighbours_of
from app.markup.pressable import Pressable
from app.opened_runs import OpenedRun
from app.session import Session
from app.theme import stylesheet
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurve

NEIGHBOURS = 8
_NOTHING = "No object chosen. Tap one on the map, or a row of a list."
_STRETCH = {"sizing_mode": "stretch_both"}


class LightCurveView(pn.viewable.Viewer):
    """Light curve of `Session.focus`; the figures are made once and fed anew.

    Parameters
    ----------
    session : Session
    compact : bool
        One chart at a time, for a dock; else both, and the nearest objects.
    """

    folded = param.Boolean(default=False, doc="Against phase: the chart of a compact view.")
    in_flux = param.Boolean(default=False, doc="In flux even where there are magnitudes.")
    errors = param.Boolean(default=True, doc="With error bars.")
    hidden = param.ClassSelector(class_=frozenset, default=frozenset(), doc="Names of bands off.")
    period = param.Number(default=None, allow_None=True, doc="Fold on it [d]; None: not at all.")

    def __init__(self, session: Session, compact: bool = True, **params: Any) -> None:
        super().__init__(**params)
        self.session, self.compact = session, compact
        self.facts: Facts | None = None
        self._light_curve: LightCurve | None = None
        styles: dict[str, Any] = {"stylesheets": [stylesheet("light_curve")]}
        self._head = Pressable(css_classes=["astra-light-curve-head"], **styles)
        self._switches = Pressable(self._pressed, **styles)
        self._periods = Pressable(self._pressed, lambda _, text: self.fold_on(text), **styles)
        self._remarks, self._strip = Pressable(), Pressable(self._pressed, **styles)
        size = {**_STRETCH, "min_height": 130 if compact else 200}
        self._charts = [
            PointsChart(session.theme, flux_axis=not compact, **size)
            for _ in range(1 if compact else 2)
        ]
        # Columns are hidden in place of panes, which take `visible` from their figure.
        self._panes = [
            pn.Column(pn.pane.Bokeh(chart.figure, margin=0, **_STRETCH), margin=0, **_STRETCH)
            for chart in self._charts
        ]
        self.refocus()
        session.param.watch(self.refocus, ["run", "focus"])
        session.param.watch(self._relabel, "given")
        session.param.watch(self._restyle, "theme")
        session.param.watch(self._on_key, "key")
        self.param.watch(self._draw, ["folded", "in_flux", "errors", "hidden", "period"])

    def __panel__(self) -> pn.viewable.Viewable:
        parts = [self._head, self._switches, *self._panes, self._remarks, self._strip]
        parts.insert(2 if self.compact else 3, self._periods)
        return pn.Column(
            *parts,
            css_classes=["astra-light-curve"],
            styles={"gap": "6px", "padding": "8px 12px"},
            margin=0,
            **_STRETCH,
        )

    def refocus(self, *_: param.parameterized.Event) -> None:
        """Read the light curve of the object in focus and draw it on its own period."""
        run, row = self.session.run, self.session.focus
        self.facts = self._light_curve = None
        self._problem = _NOTHING
        if run is not None and row is not None:
            try:
                self.facts = facts_of(run, row, self.session.category_now("class"))
                self._light_curve = run.light_curve(row)
            except AstraError as error:
                self._problem = str(error)
        with param.parameterized.discard_events(self):
            self.period = None if self.facts is None else self.facts.period
        with pn.io.hold():
            self._draw()
            self._draw_strip()

    def _relabel(self, *_: param.parameterized.Event) -> None:
        run, row, light_curve = self.session.run, self.session.focus, self._light_curve
        if run is not None and row is not None and light_curve is not None:
            self.facts = facts_of(run, row, self.session.category_now("class"))
            self._head.html = html.header(run, self.facts, light_curve, self.session.theme)

    def _draw(self, *_: param.parameterized.Event) -> None:
        started = time.perf_counter()
        run, facts, light_curve = self.session.run, self.facts, self._light_curve
        with pn.io.hold():
            for part in (self._switches, self._remarks, self._strip, *self._panes):
                part.visible = light_curve is not None
            if not self.compact:
                self._panes[1].visible = self.period is not None
            self._periods.visible = light_curve is not None and (self.folded or not self.compact)
            if run is None or facts is None or light_curve is None:
                self._head.html = html.empty(self._problem)
                return
            self._head.html = html.header(run, facts, light_curve, self.session.theme)
            self._periods.html = html.periods(facts, self.period)
            self._draw_points(run, light_curve)
        milliseconds = 1e3 * (time.perf_counter() - started)
        self.session.say(f"light curve of {facts.object_id}", latency=milliseconds)

    def _draw_points(self, run: OpenedRun, light_curve: LightCurve) -> None:
        drawer = Drawer(light_curve, self.session.theme, self.in_flux, self.errors, self.hidden)
        drawings = []
        if not (self.compact and self.folded and self.period):
            scale = run.run.survey.manifest.get("time_scale", "unknown")
            drawings.append(drawer.against_time(scale))
        if self.period and (self.folded or not self.compact):
            drawings.append(drawer.against_phase(self.period))
        for chart, drawing in zip(self._charts, drawings, strict=False):
            chart.show(drawing)
        self._switches.html = html.switches(drawer, self.folded if self.compact else None)
        self._remarks.html = html.remarks(drawer, max(d.outside for d in drawings))

    def _draw_strip(self) -> None:
        run, row = self.session.run, self.session.focus
        if self.compact or run is None or row is None or self._light_curve is None:
            return
        near = [(facts_of(run, other), d) for other, d in neighbours_of(run, row, NEIGHBOURS)]
        self._strip.html = html.strip(run, near, self.session.theme) if near else ""

    def _restyle(self, *_: param.parameterized.Event) -> None:
        with pn.io.hold():
            for chart in self._charts:
                chart.restyle(self.session.theme)
            self._draw()
            self._draw_strip()

    # What a person does

    def toggle_folded(self) -> None:
        """Show phase instead of time, or the reverse."""
        self.folded = not self.folded

    def toggle_flux(self) -> None:
        """Show flux instead of magnitude, or the reverse."""
        self.in_flux = not self.in_flux

    def toggle_errors(self) -> None:
        """Show or hide error bars."""
        self.errors = not self.errors

    def toggle_band(self, name: str) -> None:
        """Show or hide one band by its name."""
        self.hidden = self.hidden ^ {name}

    def focus_on(self, row: str) -> None:
        """Go to another object by its map row."""
        run = self.session.run
        if run is not None and row.isdecimal() and int(row) < len(run):
            self.session.focus = int(row)

    def scale_period(self, factor: float) -> None:
        """Multiply the period."""
        if self.period is not None:
            self.period = self.period * factor

    def cycle_bands(self) -> None:
        """Show the first band alone, then the next, and after the last all again."""
        if self._light_curve is None:
            return
        names = [self._light_curve.bands[code].name for code in observed_bands(self._light_curve)]
        alone = [name for name in names if name not in self.hidden]
        following = names.index(alone[0]) + 1 if len(alone) == 1 else 0
        self.hidden = (
            frozenset(names[:following] + names[following + 1 :])
            if (following < len(names))
            else frozenset()
        )

    def fold_on(self, text: str) -> None:
        """Take a typed period [d]; one that is not a positive number is refused in the status."""
        try:
            period = float(text.strip().replace(",", "."))
        except ValueError:
            period = float("nan")
        if isfinite(period) and period > 0:
            self.period = period
            return
        self.session.say(f"period {text.strip()!r}: type a number of days above 0", warning=True)
        self._periods.param.trigger("html")

    def _pressed(self, value: str) -> None:
        action, _, argument = value.partition(":")
        if action in ("time", "folded"):
            self.folded = action == "folded"
        elif action in ("magnitude", "flux"):
            self.in_flux = action == "flux"
        elif action in _WITH_ARGUMENT:
            _WITH_ARGUMENT[action](self, argument)
        elif action in _ACTIONS:
            _ACTIONS[action](self)

    def _on_key(self, *_: param.parameterized.Event) -> None:
        key = self.session.key
        if key is None or self._light_curve is None:
            return
        if key.name == "p":
            self.folded = True
            self._periods.focus(".astra-period")
        elif key.name in _KEYS:
            _ACTIONS[_KEYS[key.name]](self)


_KEYS = {"f": "fold", "m": "quantity", "e": "errors", "b": "bands", "[": "halve", "]": "double"}
_ACTIONS: dict[str, Callable[[LightCurveView], None]] = {
    "fold": LightCurveView.toggle_folded,
    "quantity": LightCurveView.toggle_flux,
    "errors": LightCurveView.toggle_errors,
    "bands": LightCurveView.cycle_bands,
    "halve": partial(LightCurveView.scale_period, factor=0.5),
    "double": partial(LightCurveView.scale_period, factor=2.0),
}
_WITH_ARGUMENT: dict[str, Callable[[LightCurveView, str], None]] = {
    "band": LightCurveView.toggle_band,
    "period": LightCurveView.fold_on,
    "focus": LightCurveView.focus_on,
}
