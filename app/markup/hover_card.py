"""The card beside the pointer: what is known of one object, and its light curve, small."""

from collections.abc import Callable
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

import param
from panel.custom import JSComponent

from app.background import soon
from app.drawing.sparklines import sparkline
from app.markup.facts import Facts, class_mark
from app.opened_runs import OpenedRun
from app.words import fixed, number, safe
from astra.data.errors import AstraError

SPARKLINE = (180, 60)
_STATIC = Path(__file__).parent.parent / "static"
_CSS = [(_STATIC / f"{name}.css").read_text() for name in ("views", "hover_card")]


class Rest(NamedTuple):
    """Where the pointer rests, and the size of a CSS pixel, in data units; a number of its own."""

    x: float
    y: float
    per_pixel: float
    number: int


class HoverCard(JSComponent):
    """Listens to the pointer over the component around it, the map; changes no model meanwhile.

    Parameters
    ----------
    on_rest : callable
        Called with the `Rest`; `show` answers it.
    """

    plot = param.String(default="astra-map", doc="Name of the map's figure.")

    _esm = _STATIC / "hover_card.js"
    _stylesheets = _CSS

    def __init__(self, on_rest: Callable[[Rest], None], **params: Any) -> None:
        look = {"css_classes": ["astra-hover-card"], "width": 0, "height": 0, "margin": 0}
        super().__init__(**{**look, **params})
        self._on_rest = on_rest

    def tell(self, rest: Rest, html: str) -> None:
        """Show safe HTML where the pointer rested, if it still does; nothing for empty HTML."""
        self._send_msg({"number": rest.number, "html": html})

    def _handle_msg(self, data: Any) -> None:
        rest = _rest_of(data)
        if rest is not None:
            soon(partial(self._on_rest, rest))


def _rest_of(data: Any) -> Rest | None:
    given: dict[str, Any] = data if isinstance(data, dict) else {}
    values: list[Any] = [given.get(name) for name in Rest._fields]
    if not all(isinstance(value, int | float) and isfinite(value) for value in values):
        return None
    rest = Rest(*values)
    return rest if rest.per_pixel > 0 else None


def hover_html(run: OpenedRun, facts: Facts, theme: str) -> str:
    """Id, class, prediction and its probability, anomaly score, and the light curve."""
    rows = [_row("Class", _class(run, facts.label, theme))]
    if facts.predicted is not None:
        named = _class(run, facts.predicted, theme)
        rows.append(_row("Predicted", named, fixed(facts.probability)))
    if facts.score is not None:
        rows.append(_row("Anomaly", "", fixed(facts.score)))
    if facts.period is not None:
        rows.append(_row("Period", "", f"{number(facts.period, 5)} d"))
    return (
        f'<div class="id">{safe(facts.object_id)}</div><div class="facts">{"".join(rows)}</div>'
        f"{_light_curve(run, facts, theme)}"
    )


def _row(name: str, value: str, figure: str = "") -> str:
    return (
        f'<span class="name">{name}</span><span class="value">{value}</span><span>{figure}</span>'
    )


def _class(run: OpenedRun, name: str | None, theme: str) -> str:
    return f"{class_mark(run, name, theme)}<span>{safe(name or 'unlabelled')}</span>"


def _light_curve(run: OpenedRun, facts: Facts, theme: str) -> str:
    try:
        light_curve = run.light_curve(facts.row)
    except AstraError:
        return '<div class="small">light curve not to be had</div>'
    folded = facts.catalogue_period
    drawn = sparkline(light_curve, theme, *SPARKLINE, folded)
    how = f"folded on {number(folded, 5)} d" if folded else "by time"
    return f'{drawn}<div class="small">{how}</div>'
