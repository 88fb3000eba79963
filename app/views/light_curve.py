"""The light curve of the focused object: against time and folded, in magnitudes or flux."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
import param

from app.background import soon
from app.drawing.charts import PointsChart
from app.drawing.drawings import Drawer
from app.drawing.photometry import PhaseZero, observed_bands, phase_zero
from app.folding import read_mjd, read_period
from app.markup import light_curve_html as html
from app.markup.facts import Facts, facts_of, neighbours_of
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import CARD, stylesheet
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurve

NEIGHBOURS = 8
CHART = "astra-light-curve"
INSPECT = "inspect"
_NOTHING = "No object chosen. Tap one on the map, or a row of a list."
_STRETCH = {"sizing_mode": "stretch_both", "margin": 0}
_WIDE = {"sizing_mode": "stretch_width", "margin": 0}


class LightCurveView(pn.viewable.Viewer):
    """Light curve of `Session.focus`; the figures are made once and fed anew.

    It draws while its screen is on, and catches up when its screen comes on.

    Parameters
    ----------
    session : Session
    compact : bool
        One chart at a time, for a dock; else both, and the nearest objects.
    beside : viewable, optional
        What stands beside the folded chart, in place of a row of known periods.
    """

    folded = param.Boolean(default=False, doc="With the folded chart, which a dock shows alone.")
    folded_difference = param.Boolean(default=False, doc="The same for difference fluxes.")

    def __init__(
        self,
        session: Session,
        compact: bool = True,
        beside: pn.viewable.Viewer | None = None,
        **params: Any,
    ) -> None:
        super().__init__(**{"folded": not compact, **params})
        self.session, self.look, self.compact = session, session.look, compact
        self.facts: Facts | None = None
        self._beside = beside
        self._light_curve: LightCurve | None = None
        self._read: tuple[Any, ...] = ()
        self._drawn: tuple[Any, ...] = ()
        self._make_parts()
        self.refresh()
        watch = session.param.watch
        watch(self.refresh, ["run", "focus", "period", "phase_zero", "theme", "screen"])
        watch(self._relabel, "given")
        watch(self._on_key, "key")
        self.look.param.watch(self.refresh, [name for name in self.look.param if name != "name"])
        self.param.watch(self.refresh, ["folded", "folded_difference"])

    def _make_parts(self) -> None:
        styles: dict[str, Any] = {"stylesheets": [stylesheet("light_curve")]}
        self._head = Pressable(css_classes=["astra-light-curve-head"], **styles)
        self._switches = Pressable(self._pressed, **styles)
        self._fold = Pressable(self._pressed, self._changed, **styles)
        self._periods = Pressable(self._pressed, self._changed, **styles)
        self._remarks, self._strip = Pressable(), Pressable(self._pressed, **styles)
        size = {"name": CHART, "sizing_mode": "stretch_both", "min_height": 130}
        self._charts = [
            PointsChart(self.session.theme, flux_axis=not self.compact, **size)
            for _ in range(1 if self.compact else 2)
        ]
        # Columns are hidden in place of panes, which take `visible` from their figure.
        self._panes = [
            pn.Column(pn.pane.Bokeh(chart.figure, **_STRETCH), **_STRETCH) for chart in self._charts
        ]
        self._phase_row = pn.Row(styles={"gap": "8px"}, **_STRETCH)
        if not self.compact:
            phase = pn.Column(self._fold, self._panes[1], styles=CARD, **_STRETCH)
            beside = pn.Column(
                self._beside or self._periods,
                styles={**CARD, "flex": "0 0 40%", "min-width": "0", "overflow": "hidden auto"},
                **_STRETCH,
            )
            self._phase_row.extend([phase, beside])

    def __panel__(self) -> pn.viewable.Viewable:
        if self.compact:
            parts = [self._head, self._switches, self._periods, *self._panes, self._remarks]
            gap = {"gap": "6px", "padding": "8px 12px"}
            return pn.Column(*parts, css_classes=["astra-light-curve"], styles=gap, **_STRETCH)
        time_card = [self._switches, self._panes[0], self._remarks]
        return pn.Column(
            self._head,
            pn.Column(*time_card, styles=CARD, **_STRETCH),
            self._phase_row,
            pn.Column(self._strip, styles=CARD, **_WIDE),
            css_classes=["astra-light-curve"],
            styles={"gap": "8px"},
            **_STRETCH,
        )

    # What is drawn

    def refresh(self, *_: param.parameterized.Event) -> None:
        """Draw what is in focus as it is to be drawn now, unless that is on screen already."""
        session = self.session
        if (session.screen == INSPECT) == self.compact:
            return
        look = tuple(self.look.param.values().items())
        fold = session.period, session.phase_zero, self.folded, self.folded_difference
        wanted = session.run, session.focus, session.theme, *fold, *look
        if wanted == self._drawn:
            return
        started = time.perf_counter()
        is_restyled = self._drawn[2:3] not in ((), (session.theme,))
        self._drawn = wanted
        with pn.io.hold():
            if is_restyled:
                for chart in self._charts:
                    chart.restyle(session.theme)
            is_read = self._read_object()
            self._draw()
        if self.facts is not None:
            milliseconds = 1e3 * (time.perf_counter() - started)
            session.say(f"light curve of {self.facts.object_id}", latency=milliseconds)
        if (is_read or is_restyled) and not self.compact:
            soon(self._draw_strip)

    def _read_object(self) -> bool:
        run, row = self.session.run, self.session.focus
        if (run, row) == self._read:
            return False
        self._read = run, row
        self.facts = self._light_curve = None
        self._problem = self.session.missing or _NOTHING
        if run is not None and row is not None:
            try:
                self.facts = facts_of(run, row, self.session.category_now("class"))
                self._light_curve = run.light_curve(row)
            except AstraError as error:
                self._problem = str(error)
        return True

    def _relabel(self, *_: param.parameterized.Event) -> None:
        run, row = self.session.run, self.session.focus
        if run is not None and row is not None and self._light_curve is not None:
            self.facts = facts_of(run, row, self.session.category_now("class"))
            self._draw_head()

    def _draw_head(self) -> None:
        run, facts, light_curve = self.session.run, self.facts, self._light_curve
        if run is None or facts is None or light_curve is None:
            self._head.html = html.empty(self._problem)
        elif self.compact:
            theme, blind = self.session.theme, self.look.blind
            self._head.html = html.header(run, facts, light_curve, theme, blind)

    def _draw(self) -> None:
        run, facts, light_curve = self.session.run, self.facts, self._light_curve
        known, period = light_curve is not None, self.session.period
        for part in (self._switches, self._remarks, self._strip, self._panes[0]):
            part.visible = known
        self._head.visible = self.compact or not known
        self._phase_row.visible = known and self._is_folded
        self._periods.visible = known and (self._is_folded or not self.compact)
        self._draw_head()
        if run is None or facts is None or light_curve is None:
            return
        drawer = self._drawer(light_curve)
        zero = None if period is None else self._phase_zero(light_curve, period)
        drawings = []
        if not (self.compact and self._is_folded and period):
            scale = run.run.survey.manifest.get("time_scale", "unknown")
            drawings.append(drawer.against_time(scale))
        if period and zero is not None and self._is_folded:
            drawings.append(drawer.against_phase(period, zero))
        for chart, drawing in zip(self._charts, drawings, strict=False):
            chart.show(drawing)
        if not self.compact:
            self._panes[1].visible = period is not None
            self._fold.html = html.fold_controls(self.look, period, zero)
        self._periods.html = html.periods(facts, period)
        folded = self._is_folded if self.compact else None
        self._switches.html = html.switches(drawer, self.look, folded)
        self._remarks.html = html.remarks(drawer)

    def _drawer(self, light_curve: LightCurve) -> Drawer:
        look = self.look
        return Drawer(
            light_curve,
            self.session.theme,
            look.quantity_of(light_curve),
            look.errors,
            look.limits,
            look.flags,
            look.hidden,
            0 if self.compact else look.bins,
            look.aligned,
        )

    def _phase_zero(self, light_curve: LightCurve, period: float) -> PhaseZero:
        if self.session.phase_zero is not None:
            return PhaseZero(self.session.phase_zero, "chosen")
        return phase_zero(light_curve, period, self.look.event, self.look.hidden)

    def _draw_strip(self) -> None:
        run, row = self.session.run, self.session.focus
        if run is None or row is None or (run, row) != self._read or self._light_curve is None:
            return
        near = [(facts_of(run, other), d) for other, d in neighbours_of(run, row, NEIGHBOURS)]
        strip = html.strip(run, near, self.session.theme, self.look.blind) if near else ""
        self._strip.html = strip

    # What a person does

    @property
    def _names(self) -> list[str]:
        light_curve = self._light_curve
        if light_curve is None:
            return []
        return [light_curve.bands[code].name for code in observed_bands(light_curve)]

    def focus_on(self, row: str) -> None:
        """Go to another object by its map row."""
        run = self.session.run
        if run is not None and row.isdecimal() and int(row) < len(run):
            self.session.focus = int(row)

    @property
    def _is_folded(self) -> bool:
        """Whether the fold is shown: what explodes is not folded unless asked for."""
        light_curve = self._light_curve
        is_difference = light_curve is not None and light_curve.is_difference
        return self.folded_difference if is_difference else self.folded

    def fold(self, folded: bool) -> None:
        """Show or hide the folded chart, for light curves of this kind."""
        light_curve = self._light_curve
        is_difference = light_curve is not None and light_curve.is_difference
        self.param.update(**{"folded_difference" if is_difference else "folded": folded})

    def scale_period(self, factor: float) -> None:
        """Multiply the period."""
        if self.session.period is not None:
            self.session.period = self.session.period * factor

    def _changed(self, name: str, text: str) -> None:
        session, look = self.session, self.look
        if name == "period":
            period = read_period(text)
            if period is not None:
                session.period = period
                return
            session.say(f"period {text.strip()!r}: type a number of days above 0", warning=True)
            self._periods.param.trigger("html")
        elif name == "zero":
            mjd = read_mjd(text)
            if mjd is None and text.strip():
                said = f"phase zero {text.strip()!r}: type an MJD, which is JD \u2212 2400000.5"
                session.say(said, warning=True)
                self._fold.param.trigger("html")
            else:
                session.phase_zero = mjd
        elif name == "event" and text in look.param.event.objects:
            session.phase_zero = None
            look.event = text
        elif name == "bins" and text.isdecimal() and int(text) in look.param.bins.objects:
            look.bins = int(text)
        elif name == "aligned":
            look.aligned = text == "aligned"

    def _pressed(self, value: str) -> None:
        action, _, argument = value.partition(":")
        if self._light_curve is None:
            return
        if action in ("time", "folded"):
            self.fold(action == "folded")
        elif action in self.look.param.quantity.objects:
            self.look.draw_as(action, self._light_curve)
        elif action == "only" and argument in self._names:
            self.look.show_only(argument, self._names)
        elif action in _WITH_ARGUMENT:
            _WITH_ARGUMENT[action](self, argument)
        elif action in _ACTIONS:
            _ACTIONS[action](self)

    def _on_key(self, *_: param.parameterized.Event) -> None:
        key = self.session.key
        is_here = (self.session.screen == INSPECT) != self.compact
        if key is None or self._light_curve is None or not is_here:
            return
        if key.name == "p":
            self.fold(True)
            if self._beside is None:
                self._periods.focus(".astra-period")
        elif key.name in _KEYS:
            _ACTIONS[_KEYS[key.name]](self)

    def _toggle(self, name: str) -> None:
        self.look.param.update(**{name: not getattr(self.look, name)})

    def _toggle_flux(self) -> None:
        if self._light_curve is not None:
            self.look.toggle_flux(self._light_curve)

    def _toggle_fold(self) -> None:
        self.fold(not self._is_folded)


_KEYS = {"f": "fold", "m": "quantity", "e": "errors", "b": "bands", "[": "halve", "]": "double"}
_ACTIONS: dict[str, Callable[[LightCurveView], None]] = {
    "fold": LightCurveView._toggle_fold,
    "quantity": LightCurveView._toggle_flux,
    "errors": partial(LightCurveView._toggle, name="errors"),
    "limits": partial(LightCurveView._toggle, name="limits"),
    "flags": partial(LightCurveView._toggle, name="flags"),
    "bands": lambda view: view.look.cycle_bands(view._names),
    "halve": partial(LightCurveView.scale_period, factor=0.5),
    "double": partial(LightCurveView.scale_period, factor=2.0),
}
_WITH_ARGUMENT: dict[str, Callable[[LightCurveView, str], None]] = {
    "band": lambda view, name: view.look.toggle_band(name),
    "period": lambda view, text: view._changed("period", text),
    "focus": LightCurveView.focus_on,
}
