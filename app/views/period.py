"""The period of the object in focus: searched, refined, chosen, kept."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import panel as pn
import param

from app.drawing.period_chart import PeriodChart
from app.folding import read_number
from app.markup import period_html as html
from app.markup.facts import facts_of
from app.period_keeping import Here, PeriodKeeper
from app.period_search import PeriodSearches, Searched, band_names, of_band, refined
from app.session import Session
from app.views.period_parts import PeriodParts
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurve
from astra.labels.annotations import PeriodNote

if TYPE_CHECKING:
    from astra.periods.found import Candidate, Period

SCREEN = "inspect"
OVERSAMPLING = 10
CERTAIN = 0.01


class PeriodView(pn.viewable.Viewer):
    """Periodogram, candidates and the period of `Session.focus`.

    The search runs off the document's thread while the screen `Inspect` is on, and ends when the
    focus moves on. What is chosen here is `Session.period`; what is saved is a note in the label
    log, and is folded on when the object is opened again.

    Parameters
    ----------
    session : Session
    """

    unit = param.Selector(default="d", objects=list(html.UNITS), doc="In which periods are told.")
    scale = param.Selector(default="frequency", objects=["frequency", "period"], doc="The axis.")
    band = param.String(default="", doc="Name of the band that is searched; empty: all.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self.found: Period | None = None
        self.note: PeriodNote | None = None
        self.how = ""
        self._chosen: Candidate | None = None
        self._light_curve: LightCurve | None = None
        self._object: Here | None = None
        self._said = ""
        self._reference: float | None = None
        self._searches = PeriodSearches(self._deliver)
        self._keeper = PeriodKeeper(session, self._noted, self._failed)
        self.chart = PeriodChart(
            session.theme, self._point, min_height=90, sizing_mode="stretch_both"
        )
        self.parts = PeriodParts(self.chart, self._pressed, self._changed)
        session.param.watch(self._refocus, ["run", "focus", "screen"])
        session.param.watch(self._refold, "period")
        session.param.watch(lambda *_: self.chart.restyle(session.theme), "theme")
        session.param.watch(self._on_key, "key")
        self.param.watch(self._draw, "unit")
        self.chart.param.watch(self._draw, "curve")
        self.param.watch(self._show, "scale")
        self.param.watch(lambda *_: self._search(), "band")
        self._refocus()

    def __panel__(self) -> pn.viewable.Viewable:
        return self.parts.panel

    # The object

    def _refocus(self, *_: param.parameterized.Event) -> None:
        """Turn to another object: what is known of it now, and a search for the rest."""
        session = self.session
        if session.screen != SCREEN:
            return
        run, row = session.run, session.focus
        here = None if run is None or row is None else Here(run.name, run.object_id(row))
        if here == self._object:
            return
        self._object, self.found, self.note, self._chosen = here, None, None, None
        self._light_curve, self._said, self.how = None, "", ""
        with param.parameterized.discard_events(self):
            self.band = ""
        if run is not None and row is not None and here is not None:
            try:
                self._light_curve = run.light_curve(row)
            except AstraError as error:
                self._said = str(error)
            self.how = self._known_origin()
            self._keeper.read(here)
        self._recentre()
        self._search()

    def _known_origin(self) -> str:
        run, row, period = self.session.run, self.session.focus, self.session.period
        if run is None or row is None or period is None:
            return ""
        facts = facts_of(run, row)
        return "catalogue" if period == facts.catalogue_period else f"search of run {run.name}"

    def _noted(self, here: Here, note: PeriodNote | None, read: bool) -> None:
        if here != self._object:
            return
        self.note = note
        if note is None:
            self.how = self.how if read else ""
        elif note.days == self.session.period:
            self.how = html.saved_words(note)
        if read:
            self.fold_on_saved()
        self._draw()

    # The search

    def _search(self) -> None:
        """Search the light curve in focus, unless it was searched a while ago."""
        self.found, light_curve = None, self._light_curve
        if self._object is None or light_curve is None:
            self._searches.cancel()
            self._show()
            return
        self._said = "searching …"
        self._show()
        self._searches.ask((*self._object, self.band), of_band(light_curve, self.band))

    def _deliver(self, searched: Searched) -> None:
        self.found, self._said = searched.period, searched.problem
        if searched.period is not None:
            self._said = html.searched(searched.period, searched.milliseconds)
            if self.session.period is None and searched.period.false_alarm < CERTAIN:
                self.choose(0)
        self._show()

    def _failed(self, error: Exception) -> None:
        self._said = str(error)
        self._draw()

    # What a person does

    def choose(self, place: int) -> None:
        """Fold on a candidate, counted from 0."""
        if self.found is not None and 0 <= place < len(self.found.candidates):
            candidate = self.found.candidates[place]
            fit = f"{candidate.harmonics} harmonics" if candidate.harmonics else "box"
            joint = f", {self.band} alone" if self.band else ""
            self._fold_on(candidate.days, f"candidate {place + 1}, {fit}{joint}", candidate)

    def multiply(self, factor: float) -> None:
        """Fold on a multiple of the period."""
        if self.session.period is not None:
            self._fold_on(self.session.period * factor, f"× {factor:g}, by hand")

    def type_period(self, text: str) -> None:
        """Fold on what is typed, in the present unit or one that follows the number."""
        words = text.strip().split()
        unit = words.pop() if len(words) == 2 and words[1] in html.UNITS else self.unit
        value = read_number(" ".join(words))
        if value is None or value <= 0:
            said = f"period {text.strip()!r}: type a number of {unit} above 0"
            self.session.say(said, warning=True)
            self._tell_period(again=True)
            return
        self._fold_on(value * html.UNITS[unit], "typed")

    def save(self) -> None:
        """Keep the period on screen with the object, durably."""
        period = self.session.period
        if period is not None and self._object is not None:
            chosen = self._chosen if self._chosen and self._chosen.days == period else None
            numbers = ("error_days", "power", "false_alarm")
            facts = {name: getattr(chosen, name) for name in numbers if chosen is not None}
            zero = self.session.phase_zero
            self._keeper.write(self._object, period, self.how, phase_zero_mjd=zero, **facts)

    def take_back(self) -> None:
        """Take the saved period back; what was said stays in the log."""
        if self._object is not None and self.note is not None:
            self._keeper.write(self._object, None, "taken back")

    def fold_on_saved(self) -> None:
        """Fold on the period that was saved."""
        note = self.note
        if note is not None and note.days is not None:
            self._fold_on(note.days, html.saved_words(note), zero=note.phase_zero_mjd)

    def scale_by(self, scale: str) -> None:
        """Draw power against ``frequency`` or ``period``."""
        if scale in self.param.scale.objects:
            self.scale = scale

    def zoom_out(self) -> None:
        """Show the whole periodogram."""
        self.chart.zoom_out()

    # The fold

    def _fold_on(
        self,
        days: float,
        how: str,
        candidate: "Candidate | None" = None,
        zero: float | None = None,
        centre: bool = True,
    ) -> None:
        self.how, self._chosen = how, candidate
        self.session.param.update(
            period=days, phase_zero=self.session.phase_zero if zero is None else zero
        )
        if centre:
            self._recentre()
        self._draw()

    def _refold(self, *_: param.parameterized.Event) -> None:
        """Follow a period that was set here or elsewhere."""
        period = self.session.period
        if self.session.screen != SCREEN:
            return
        if self._chosen is not None and self._chosen.days != period:
            self._chosen = None
        self.chart.mark_fold(period)
        self._tell_period()

    def _point(self, frequency: float, gesture: str) -> None:
        """Fold where somebody points on the periodogram."""
        if gesture == "drag":
            self._fold_on(1 / frequency, "dragged on the periodogram", centre=False)
            return
        self._refine(1 / frequency, "periodogram" if gesture == "tap" else "dragged, refined")

    def _refine(self, days: float, how: str) -> None:
        if self._light_curve is not None:
            candidate = refined(of_band(self._light_curve, self.band), days)
            self._fold_on(candidate.days, f"{how}, {candidate.harmonics} harmonics", candidate)

    @property
    def fine_step(self) -> float:
        """Step of the fine drag [d]: P² / (span × 10)."""
        period, light_curve = self._reference, self._light_curve
        if period is None or light_curve is None or len(light_curve) < 2:
            return 0.0
        return period**2 / (max(float(np.ptp(light_curve.mjd)), 1e-6) * OVERSAMPLING)

    def _drag_to(self, text: str, done: bool) -> None:
        steps = read_number(text)
        if self._reference is not None and steps is not None:
            days = self._reference + steps * self.fine_step
            if days > 0:
                self._fold_on(days, "fine drag", centre=done)

    def _recentre(self) -> None:
        """Let the slider begin at the period on screen."""
        self._reference = self.session.period
        self.parts.recentre(self._reference, self.fine_step, self.unit)

    # Drawing

    def _show(self, *_: param.parameterized.Event) -> None:
        """Draw another periodogram and everything around it."""
        with pn.io.hold():
            self.chart.draw(self.found, self.scale)
            self._draw()

    def _draw(self, *_: param.parameterized.Event) -> None:
        with pn.io.hold():
            self.chart.mark_fold(self.session.period)
            bands, zoomed = band_names(self._light_curve), self.chart.is_zoomed
            head = html.head(self.how, self._said, bands, self.band, self.scale, zoomed)
            self.parts.head.html = head
            self._tell_period()

    def _tell_period(self, again: bool = False) -> None:
        period, note = self.session.period, self.note
        known = note if note is not None and note.days == period else self._chosen
        self.parts.tell_period(self.found, period, self.unit, known, note, again)

    def _pressed(self, value: str) -> None:
        action, _, argument = value.partition(":")
        if action in _ACTIONS:
            _ACTIONS[action](self, argument)

    def _changed(self, name: str, text: str) -> None:
        if name == "period":
            self.type_period(text)
        elif name == "unit" and text in html.UNITS:
            self.unit = text
            self._recentre()
        elif name == "band":
            self.band = text
        elif name in ("fine", "fine-done"):
            self._drag_to(text, done=name == "fine-done")

    def _on_key(self, *_: param.parameterized.Event) -> None:
        key = self.session.key
        if key is not None and key.name == "p" and self.session.screen == SCREEN:
            self.parts.field.focus(".astra-period")


_ACTIONS: dict[str, Callable[[PeriodView, str], None]] = {
    "candidate": lambda view, place: view.choose(int(place)),
    "times": lambda view, factor: view.multiply(float(factor)),
    "save": lambda view, _: view.save(),
    "take-back": lambda view, _: view.take_back(),
    "note": lambda view, _: view.fold_on_saved(),
    "scale": PeriodView.scale_by,
    "zoom": lambda view, _: view.zoom_out(),
}
