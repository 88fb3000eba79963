"""What a hand does at a light curve: presses, keys, and what is typed in its fields."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.folding import read_mjd, read_period

if TYPE_CHECKING:
    from app.views.light_curve import LightCurveView


class LightCurveGestures:
    """Turns what the browser tells into changes of the session, its look and the fold.

    Parameters
    ----------
    view : LightCurveView
    """

    def __init__(self, view: "LightCurveView") -> None:
        self._view, self._session, self._look = view, view.session, view.session.look

    def pressed(self, value: str) -> None:
        """Do what a button says."""
        action, _, argument = value.partition(":")
        light_curve = self._view.light_curve
        if light_curve is None:
            return
        if action in ("time", "folded"):
            self._view.fold(action == "folded")
        elif action in self._look.param.quantity.objects:
            self._look.draw_as(action, light_curve)
        elif action == "only" and argument in self._view.band_names:
            self._look.show_only(argument, self._view.band_names)
        elif action in _WITH_ARGUMENT:
            _WITH_ARGUMENT[action](self, argument)
        elif action in _ACTIONS:
            _ACTIONS[action](self)

    def changed(self, name: str, text: str) -> None:
        """Take what was typed or chosen in a field."""
        if name in _FIELDS:
            _FIELDS[name](self, text)

    def key(self, name: str) -> None:
        """Do what a key means here."""
        if self._view.light_curve is None:
            return
        if name == "p":
            self._view.fold(True)
            self._view.type_period()
        elif name in _KEYS:
            _ACTIONS[_KEYS[name]](self)

    def take_period(self, text: str) -> None:
        """Fold on a period [d] that was typed."""
        period = read_period(text)
        if period is not None:
            self._session.period = period
            return
        said = f"period {text.strip()!r}: type a number of days above 0"
        self._session.say(said, warning=True)
        self._view.write_fields_again()

    def take_zero(self, text: str) -> None:
        """Put phase zero at a time that was typed; nothing: by its shape."""
        mjd = read_mjd(text)
        if mjd is None and text.strip():
            said = f"phase zero {text.strip()!r}: type an MJD, which is JD \u2212 2400000.5"
            self._session.say(said, warning=True)
            self._view.write_fields_again()
        else:
            self._session.phase_zero = mjd

    def take_event(self, text: str) -> None:
        """Put phase zero at another event of the curve."""
        if text in self._look.param.event.objects:
            self._session.phase_zero = None
            self._look.event = text

    def take_bins(self, text: str) -> None:
        """Draw medians of so many phase bins."""
        if text.isdecimal() and int(text) in self._look.param.bins.objects:
            self._look.bins = int(text)

    def take_offset(self, text: str) -> None:
        """Bring bands to one median, or leave them."""
        self._look.aligned = text == "aligned"

    def take_days(self, text: str) -> None:
        """Count days from another zero."""
        light_curve = self._view.light_curve
        if light_curve is not None and text in self._look.param.days.objects:
            self._look.count_from(text, light_curve)

    def toggle(self, name: str) -> None:
        """Turn a part of the look on or off."""
        self._look.param.update(**{name: not getattr(self._look, name)})

    def toggle_flux(self) -> None:
        """Flux instead of magnitude, or the reverse."""
        if self._view.light_curve is not None:
            self._look.toggle_flux(self._view.light_curve)

    def scale_period(self, factor: float) -> None:
        """Multiply the period."""
        if self._session.period is not None:
            self._session.period = self._session.period * factor

    def cycle_bands(self) -> None:
        """One band after the other alone, then all."""
        self._look.cycle_bands(self._view.band_names)

    def toggle_band(self, name: str) -> None:
        """Show or hide one band."""
        self._look.toggle_band(name)

    def focus_on(self, row: str) -> None:
        """Go to another object by its map row."""
        run = self._session.run
        if run is not None and row.isdecimal() and int(row) < len(run):
            self._session.focus = int(row)

    def toggle_fold(self) -> None:
        """Show or hide the fold."""
        self._view.fold(not self._view.is_folded)


_KEYS = {"f": "fold", "m": "quantity", "e": "errors", "b": "bands", "[": "halve", "]": "double"}
_ACTIONS: dict[str, Callable[[LightCurveGestures], None]] = {
    "fold": LightCurveGestures.toggle_fold,
    "quantity": LightCurveGestures.toggle_flux,
    "errors": lambda hand: hand.toggle("errors"),
    "limits": lambda hand: hand.toggle("limits"),
    "flags": lambda hand: hand.toggle("flags"),
    "bands": LightCurveGestures.cycle_bands,
    "halve": lambda hand: hand.scale_period(0.5),
    "double": lambda hand: hand.scale_period(2.0),
}
_WITH_ARGUMENT: dict[str, Callable[[LightCurveGestures, str], None]] = {
    "band": LightCurveGestures.toggle_band,
    "period": LightCurveGestures.take_period,
    "focus": LightCurveGestures.focus_on,
}
_FIELDS: dict[str, Callable[[LightCurveGestures, str], None]] = {
    "period": LightCurveGestures.take_period,
    "zero": LightCurveGestures.take_zero,
    "event": LightCurveGestures.take_event,
    "bins": LightCurveGestures.take_bins,
    "aligned": LightCurveGestures.take_offset,
    "days": LightCurveGestures.take_days,
}
