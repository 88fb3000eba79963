"""What a period panel is made of: its head, the field, the slider, the chart and the list."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import panel as pn

from app.drawing.period_chart import PeriodChart
from app.markup import period_html as html
from app.markup.pressable import Pressable
from app.theme import stylesheet
from astra.labels.annotations import PeriodNote

if TYPE_CHECKING:
    from astra.periods.found import Candidate, Period

_STRETCH: dict[str, Any] = {"sizing_mode": "stretch_both", "margin": 0}


class PeriodParts:
    """The pieces on screen, drawn from what they are told.

    Parameters
    ----------
    chart : PeriodChart
    pressed, changed : callable
        See `Pressable`.
    """

    def __init__(
        self,
        chart: PeriodChart,
        pressed: Callable[[str], None],
        changed: Callable[[str, str], None],
    ) -> None:
        styles: dict[str, Any] = {"stylesheets": [stylesheet("period")]}
        parts = (Pressable(pressed, changed, **styles) for _ in range(4))
        self.head, self.field, self.drag, self.list = parts
        self._chart, self._turn = chart, 0

    @property
    def panel(self) -> pn.viewable.Viewable:
        """All of them, from above."""
        parts = (self.head, self.field, self.drag, self._chart, self.list)
        return pn.Column(*parts, styles={"gap": "4px"}, **_STRETCH)

    def tell_period(
        self,
        found: "Period | None",
        days: float | None,
        unit: str,
        known: "PeriodNote | Candidate | None",
        note: PeriodNote | None,
        again: bool = False,
    ) -> None:
        """Say the period of the fold, in the field and among the candidates.

        Parameters
        ----------
        found : Period or None
            What the search gave.
        days : float or None
        unit : str
        known : PeriodNote, Candidate or None
            Whose error the period has.
        note : PeriodNote or None
            What was saved.
        again : bool
            Put the period back where something else was typed.
        """
        self._turn += again
        error = None if known is None else known.error_days
        self.field.html = html.field(days, unit, error, note, self._turn)
        self.list.html = html.candidates(found, days, unit)

    def recentre(self, days: float | None, step: float, unit: str) -> None:
        """Let the slider begin at a period [d], with steps of ``step`` [d]."""
        self._turn += 1
        self.drag.html = html.drag(days, step, unit, self._turn)

    @property
    def turn(self) -> int:
        """How often the slider or the field was put back."""
        return self._turn
