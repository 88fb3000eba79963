"""The chart of a light curve: one canvas in the browser, fed with numbers."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray
from panel.custom import JSComponent

from app.drawing.bands import mix
from app.drawing.points import BandPoints, Drawing, asinh_ticks
from app.theme import STATIC, tokens
from app.words import counted

MARKER = 5.4
SMALL_MARKER = 3.6
CROWD = 1500
FLAGGED, NEGATIVE = 1, 2
_DARKER = 0.62
_FILES = ("chart_pen.js", "chart_scales.js", "point_words.js", "light_curve_chart.js")
_KINDS = {"f8": np.float64, "f4": np.float32, "u1": np.uint8}


class PointsChart(JSComponent):
    """Light curve against time or phase, that is zoomed, moved and read without the server.

    The wheel zooms in time, a drag moves, a double click shows all again; near a point stands what
    was observed there. One drawing is one message.

    Parameters
    ----------
    theme : str
        ``light`` or ``dark``.
    flux_axis : bool
        Say the magnitudes of the left axis as fluxes at the right.
    """

    drawing = param.String(default="", doc="JSON of `told`; empty: nothing is drawn.")
    colours = param.Dict(default={}, doc="Of axes and texts.")
    flux_axis = param.Boolean(default=False)

    _esm = "\n".join((Path(STATIC) / name).read_text() for name in _FILES)
    _stylesheets = [(Path(STATIC) / "light_curve_chart.css").read_text()]

    def __init__(self, theme: str, **params: Any) -> None:
        super().__init__(**{"margin": 0, **params})
        self._theme = theme
        self.restyle(theme)

    def draw(self, drawing: Drawing) -> None:
        """Draw another light curve."""
        self.drawing = json.dumps(told(drawing, self._theme))

    def clear(self) -> None:
        """Draw nothing."""
        self.drawing = ""

    def restyle(self, theme: str) -> None:
        """Take the colours of a theme; points take theirs when they are next shown."""
        self._theme, t = theme, tokens(theme)
        self.colours = {
            "text": t.text_2,
            "quiet": t.text_3,
            "line": t.line_strong,
            "grid": t.grid,
            "shade": mix(t.surface, t.map if theme == "dark" else t.hover, 0.45),
        }


def told(drawing: Drawing, theme: str) -> dict[str, Any]:
    """What the browser is told of a drawing, JSON-able.

    All numbers are one string of bytes: ``columns`` says the name, the type and the length of
    each. Bands lie one after the other in every column, in the order of drawing. Of the two cycles
    of a fold only the first is sent: the browser adds the other.
    """
    points = sum(len(band.x) for band in drawing.bands)
    crowd = points > CROWD
    columns = _columns(drawing)
    ticks = asinh_ticks(drawing.softening, drawing.y_range) if drawing.softening else None
    name, unit, scale = drawing.flux
    against = "phase" if drawing.folded else "time"
    return {
        "bands": [_band(band, crowd, theme) for band in drawing.bands],
        "crowd": crowd,
        "size": SMALL_MARKER if crowd else MARKER,
        "x_range": drawing.x_range,
        "y_range": drawing.y_range,
        "x_label": drawing.x_label,
        "y_label": drawing.y_label,
        "inverted": drawing.inverted,
        "folded": drawing.folded,
        "zero_mjd": drawing.zero_mjd,
        "ticks": None if ticks is None else list(ticks.items()),
        "with_fluxes": drawing.with_fluxes,
        "errors": drawing.errors,
        "flux": {"name": name, "unit": unit, "scale": scale},
        "event": drawing.event,
        "time_scale": drawing.time_scale,
        "words": f"Light curve against {against}: {counted(points, 'point')}, {drawing.y_label}",
        "columns": [[name, kind, len(column)] for name, (kind, column) in columns.items()],
        "numbers": base64.b64encode(b"".join(c.tobytes() for _, c in columns.values())).decode(),
    }


def _band(band: BandPoints, crowd: bool, theme: str) -> dict[str, Any]:
    style, t = band.style, tokens(theme)
    colour = style.small if crowd else style.colour
    system = band.band.system
    return {
        "name": f"{band.band.survey} {band.band.filter}",
        "system": system if system != "unknown" else "(unknown system)",
        "marker": style.marker,
        "colour": colour,
        "outline": style.outline,
        "dark": mix(colour, t.surface, _DARKER),
        "line": mix(colour, t.text_1, 0.25),
        "points": len(band.x),
        "limits": len(band.limit_x),
        "medians": len(band.median_x),
    }


def _columns(drawing: Drawing) -> Mapping[str, tuple[str, NDArray[Any]]]:
    """Numbers of all bands by name and type; those of eight bytes come first, as they must."""
    cycles = 2 if drawing.folded else 1

    def of(kind: str, values: Any, times: int = cycles) -> tuple[str, NDArray[Any]]:
        columns = [np.asarray(values(band)) for band in drawing.bands]
        parts = [column[: len(column) // times] for column in columns]
        whole = np.concatenate(parts) if parts else np.empty(0)
        return kind, np.ascontiguousarray(whole, dtype=_KINDS[kind])

    return {
        "x": of("f8", lambda b: b.x),
        "mjd": of("f8", lambda b: b.observed.mjd),
        "limit_x": of("f8", lambda b: b.limit_x, 1),
        "limit_mjd": of("f8", lambda b: b.limit_observed.mjd, 1),
        "y": of("f4", lambda b: b.y),
        "low": of("f4", lambda b: b.low),
        "high": of("f4", lambda b: b.high),
        "flux": of("f4", lambda b: b.observed.flux),
        "error": of("f4", lambda b: b.observed.error),
        "limit_y": of("f4", lambda b: b.limit_y, 1),
        "limit_flux": of("f4", lambda b: b.limit_observed.flux, 1),
        "limit_error": of("f4", lambda b: b.limit_observed.error, 1),
        "median_x": of("f4", lambda b: b.median_x, 1),
        "median_y": of("f4", lambda b: b.median_y, 1),
        "kind": of("u1", lambda b: FLAGGED * b.flagged + NEGATIVE * b.negative),
    }
