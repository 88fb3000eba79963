"""The filter strip: histograms with brushes, expressions, and how many objects pass."""

from typing import Any

import numpy as np
import panel as pn
import param

from app.background import Latest
from app.crossing import columns_of
from app.markup import filter_strip as html
from app.markup.brushes import Brushes, ExpressionBox
from app.session import Session
from app.theme import stylesheet
from astra.selections.errors import ExpressionError
from astra.selections.expression import Expression

MOST_HISTOGRAMS = 6
EDGE = 0.004
_FIELD = "Filter by an expression, as in period < 1 and score > 0.5"


class FiltersView(pn.viewable.Viewer):
    """Docked strip below the map.

    Parameters
    ----------
    session : Session
    """

    folded = param.Boolean(default=False, doc="Only its first line is shown.")
    choosing = param.Boolean(default=False, doc="The menu of columns is open.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session, self.filters = session, session.filters
        self._checking = Latest()
        css: dict[str, Any] = {"stylesheets": [stylesheet("filters")]}
        self._head = Brushes(self.press, self.brush, sizing_mode=None, styles=_CHIPS, **css)
        self._count = Brushes(self.press, self.brush, sizing_mode=None, **css)
        self._plots = Brushes(self.press, self.brush, css_classes=["astra-histograms"], **css)
        self._box = ExpressionBox(
            self.typed,
            self.entered,
            placeholder=_FIELD,
            css_classes=["astra-expression"],
            styles={"min-width": "160px", "flex": "1 1 160px"},
        )
        self.filters.param.watch(
            lambda *_: self._draw(), ["answer", "brushes", "expressions", "columns"]
        )
        self.param.watch(lambda *_: self._draw(), ["folded", "choosing"])
        self._draw()

    # What a person does

    def press(self, what: str) -> None:
        """Do what a button of the strip is for."""
        action, _, argument = what.partition(":")
        match action:
            case "fold":
                self.folded = not self.folded
            case "choose":
                self.choosing = not self.choosing
            case "column":
                self.toggle(argument)
            case "clear":
                self.filters.clear(argument)
            case "clear-all":
                self.filters.clear_all()
            case "edit" | "remove" if argument.isdigit():
                self._take_out(int(argument), edit=action == "edit")

    def brush(self, column: str, start: float, end: float) -> None:
        """Brush a histogram from one share of its width to another; the edges stay open."""
        run = self.session.run
        if run is None or column not in run.filter_columns or not start < end:
            return
        axis = run.binned(column).axis
        low = -np.inf if start < EDGE else axis.at(start)
        high = np.inf if end > 1 - EDGE else axis.at(end)
        whole = run.is_whole(column)
        self.filters.brush(column, *(_rounded(value, whole) for value in (low, high)))

    def toggle(self, column: str) -> None:
        """Show the histogram of a column, or hide it; its brush stays."""
        run, shown = self.session.run, self.filters.columns
        if run is None or column not in run.filter_columns:
            return
        if column in shown:
            self.filters.columns = [name for name in shown if name != column]
        elif len(shown) < MOST_HISTOGRAMS:
            self.filters.columns = [*shown, column]
        else:
            self.session.say(f"at most {MOST_HISTOGRAMS} histograms: hide one", warning=True)

    def typed(self, text: str) -> None:
        """Say what is wrong with an expression, or how many objects it is true of."""
        run = self.session.run
        if run is None:
            return
        columns = columns_of(run, self.session.category_now("class"))
        names = html.names_for(text, columns.names)

        def look() -> tuple[bool, str]:
            if not text.strip():
                return False, names
            try:
                objects = int(np.count_nonzero(Expression(text, columns).mask()))
            except ExpressionError as error:
                return True, html.wrong(error) + names
            return False, html.would_pass(objects, len(run)) + names

        self._checking.ask(look, self._hint, self._fail)

    def entered(self, text: str) -> None:
        """Filter by an expression, and empty the field; where it is wrong, say so."""
        if not text.strip():
            return
        error = self.filters.add(text)
        if error is None:
            self._hint((False, ""))
            self._box.put("")
        else:
            self._hint((True, html.wrong(error)))

    def _hint(self, hint: Any) -> None:
        self._box.param.update(wrong=hint[0], html=hint[1])

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the expression could not be tried: {error}", warning=True)

    def _take_out(self, place: int, edit: bool) -> None:
        if place < len(self.filters.expressions):
            text = self.filters.expressions[place]
            self.filters.remove(text)
            if edit:
                self._box.put(text, focus=True)

    # What is seen

    def _draw(self) -> None:
        run, filters = self.session.run, self.filters
        if run is None:
            return
        titles = run.filter_columns
        with pn.io.hold():
            self._head.html = (
                '<div class="strip-head"><span class="head">Filters</span>'
                f"{html.chips(filters.brushes, titles, filters.expressions)}</div>"
            )
            self._count.html = self._buttons(titles)
            self._plots.visible = not self.folded
            self._plots.html = self._histograms(titles)

    def _buttons(self, titles: dict[str, str]) -> str:
        icon, word = ("expand_less", "Unfold") if self.folded else ("expand_more", "Fold")
        menu = html.menu(titles, self.filters.columns, MOST_HISTOGRAMS) if self.choosing else ""
        objects = 0 if self.session.run is None else len(self.session.run)
        clear = (
            '<button class="control" data-press="clear-all">Clear</button>'
            if self.filters.are_on
            else ""
        )
        return (
            f'<div class="strip-head">{html.passing(self.filters.objects(), objects)}{clear}'
            '<button class="icon" data-press="choose" title="Choose the histograms" '
            f'aria-label="Choose the histograms" aria-expanded="{str(self.choosing).lower()}">'
            "bar_chart</button>"
            f'<button class="icon" data-press="fold" title="{word} the histograms" '
            f'aria-label="{word} the histograms">{icon}</button></div>{menu}'
        )

    def _histograms(self, titles: dict[str, str]) -> str:
        run, filters, answer = self.session.run, self.filters, self.filters.answer
        if run is None or answer is None:
            return ""
        plots = "".join(
            html.plot(name, titles[name], run.binned(name).axis, counts, filters.brushes.get(name))
            for name, counts in answer.histograms.items()
            if name in titles
        )
        return f'<div class="plots">{plots}</div>'

    def __panel__(self) -> pn.viewable.Viewable:
        head = pn.Row(
            self._head,
            self._box,
            self._count,
            sizing_mode="stretch_width",
            margin=0,
            styles={"gap": "8px", "align-items": "center"},
        )
        return pn.Column(
            head,
            self._plots,
            css_classes=["astra-filters"],
            styles=_STRIP,
            sizing_mode="stretch_width",
            margin=0,
        )


def _rounded(value: float, whole: bool) -> float:
    """To three digits, or to a whole number: what a hand can place is not finer."""
    return float(f"{value:.0f}" if whole else f"{value:.3g}")


_CHIPS = {"flex": "0 1 auto", "min-width": "48px", "overflow": "hidden"}
_STRIP = {
    "padding": "6px 12px 4px",
    "border-top": "1px solid var(--astra-line)",
    "background": "var(--astra-surface)",
    "flex": "none",
    "position": "relative",
    "z-index": "3",
}
