"""The light curve of the focused object: against time and folded, in magnitudes or flux."""

import time
from typing import Any

import panel as pn
import param

from app.background import soon
from app.drawing.charts import PointsChart
from app.drawing.drawings import Drawer
from app.drawing.photometry import PhaseZero, observed_bands, phase_zero
from app.markup import light_curve_html as html
from app.markup.facts import Facts, facts_of, neighbours_of
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import CARD, stylesheet
from app.views.light_curve_gestures import LightCurveGestures
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurve

NEIGHBOURS = 8
INSPECT = "inspect"
_NOTHING = "No object chosen. Tap one on the map, or a row of a list."
_STRETCH = {"sizing_mode": "stretch_both", "margin": 0}
_NO_WIDER = {"min-width": "0", "overflow": "hidden auto"}
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
        self.light_curve: LightCurve | None = None
        self._beside = beside
        self._read: tuple[Any, ...] = ()
        self._drawn: tuple[Any, ...] = ()
        self._hand = LightCurveGestures(self)
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
        pressed, changed = self._hand.pressed, self._hand.changed
        self._head = Pressable(css_classes=["astra-light-curve-head"], **styles)
        self._switches = Pressable(pressed, changed, **styles)
        self._fold = Pressable(pressed, changed, **styles)
        self._periods = Pressable(pressed, changed, **styles)
        self._remarks, self._strip = Pressable(), Pressable(pressed, **styles)
        size: dict[str, Any] = {"sizing_mode": "stretch_both", "min_height": 110}
        self._charts = [
            PointsChart(self.session.theme, flux_axis=not self.compact, **size)
            for _ in range(1 if self.compact else 2)
        ]
        self._phase_row = pn.Row(styles={"gap": "8px", "flex": "8 1 0"}, **_STRETCH)
        if not self.compact:
            phase = pn.Column(self._fold, self._charts[1], styles=CARD, **_STRETCH)
            beside = pn.Column(
                self._beside or self._periods,
                styles={**CARD, "flex": "0 0 var(--astra-period)", **_NO_WIDER},
                **_STRETCH,
            )
            self._phase_row.extend([phase, beside])

    def __panel__(self) -> pn.viewable.Viewable:
        if self.compact:
            parts = [self._head, self._switches, self._periods, *self._charts, self._remarks]
            gap = {"gap": "6px", "padding": "8px 12px"}
            return pn.Column(*parts, css_classes=["astra-light-curve"], styles=gap, **_STRETCH)
        time_card = [self._switches, self._charts[0], self._remarks]
        return pn.Column(
            self._head,
            pn.Column(*time_card, styles={**CARD, "flex": "5 1 0"}, **_STRETCH),
            self._phase_row,
            pn.Column(self._strip, styles=CARD, **_WIDE),
            css_classes=["astra-light-curve"],
            styles={"gap": "8px", "margin-bottom": "-8px"},
            **_STRETCH,
        )

    # What is drawn

    @property
    def _is_here(self) -> bool:
        return (self.session.screen == INSPECT) != self.compact

    def refresh(self, *_: param.parameterized.Event) -> None:
        """Draw what is in focus as it is to be drawn now, unless that is on screen already."""
        session = self.session
        if not self._is_here:
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
        self.facts = self.light_curve = None
        self._problem = self.session.missing or _NOTHING
        if run is not None and row is not None:
            try:
                self.facts = facts_of(run, row, self.session.category_now("class"))
                self.light_curve = run.light_curve(row)
            except AstraError as error:
                self._problem = str(error)
        return True

    def _relabel(self, *_: param.parameterized.Event) -> None:
        run, row = self.session.run, self.session.focus
        if run is not None and row is not None and self.light_curve is not None:
            self.facts = facts_of(run, row, self.session.category_now("class"))
            self._draw_head()

    def _draw_head(self) -> None:
        run, facts, light_curve = self.session.run, self.facts, self.light_curve
        if run is None or facts is None or light_curve is None:
            self._head.html = html.empty(self._problem)
        elif self.compact:
            theme, blind = self.session.theme, self.look.blind
            self._head.html = html.header(run, facts, light_curve, theme, blind)

    def _draw(self) -> None:
        run, facts, light_curve = self.session.run, self.facts, self.light_curve
        known, period = light_curve is not None, self.session.period
        for part in (self._switches, self._remarks, self._strip, self._charts[0]):
            part.visible = known
        self._head.visible = self.compact or not known
        self._phase_row.visible = known and self.is_folded
        self._draw_head()
        if run is None or facts is None or light_curve is None:
            return
        drawer = self._drawer(light_curve)
        zero = None if period is None else self._phase_zero(light_curve, period)
        drawings, scale = [], run.run.survey.manifest.get("time_scale", "unknown")
        if not (self.compact and self.is_folded and period):
            drawings.append(drawer.against_time(scale, self.look.days_of(light_curve)))
        if period and zero is not None and self.is_folded:
            drawings.append(drawer.against_phase(period, zero, scale))
        for chart, drawing in zip(self._charts, drawings, strict=False):
            chart.draw(drawing)
        if not self.compact:
            if period is None:
                self._charts[1].clear()
            self._fold.html = html.fold_controls(self.look, period, zero)
        # Empty in place of hidden: what is hidden or shown has the whole page laid again.
        told = self.is_folded or not self.compact
        self._periods.html = html.periods(facts, period) if told else ""
        folded = self.is_folded if self.compact else None
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
        if run is None or row is None or (run, row) != self._read or self.light_curve is None:
            return
        near = [(facts_of(run, other), d) for other, d in neighbours_of(run, row, NEIGHBOURS)]
        strip = html.strip(run, near, self.session.theme, self.look.blind) if near else ""
        self._strip.html = strip

    # What a person does

    @property
    def band_names(self) -> list[str]:
        """Names of the bands that were observed, blue ones first."""
        if self.light_curve is None:
            return []
        return [self.light_curve.bands[code].name for code in observed_bands(self.light_curve)]

    @property
    def is_folded(self) -> bool:
        """Whether the fold is shown: what explodes is not folded unless asked for."""
        light_curve = self.light_curve
        is_difference = light_curve is not None and light_curve.is_difference
        return self.folded_difference if is_difference else self.folded

    def fold(self, folded: bool) -> None:
        """Show or hide the folded chart, for light curves of this kind."""
        light_curve = self.light_curve
        is_difference = light_curve is not None and light_curve.is_difference
        self.param.update(**{"folded_difference" if is_difference else "folded": folded})

    def type_period(self) -> None:
        """Put the keyboard where a period is typed."""
        if self._beside is None:
            self._periods.focus(".astra-period")

    def write_fields_again(self) -> None:
        """Put back what stood where something was typed that cannot be."""
        for part in (self._periods, self._fold):
            part.param.trigger("html")

    def _on_key(self, *_: param.parameterized.Event) -> None:
        key = self.session.key
        if key is not None and self._is_here:
            self._hand.key(key.name)
