"""What stands above and below a contact sheet: whose it is, how it is drawn, which page."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import panel as pn

from app.markup import sheet_html as html
from app.markup.pressable import Pressable
from app.opened_runs import OpenedRun
from app.sheets import Page, sorts_of, span_words
from app.theme import stylesheet

if TYPE_CHECKING:
    from app.views.sheet import SheetView

_HEAD = {"padding": "8px 16px", "gap": "8px"}


class SheetBars:
    """Title, controls and foot of a sheet.

    Parameters
    ----------
    pressed, changed : callable
        See `Pressable`.
    """

    def __init__(self, pressed: Callable[[str], None], changed: Callable[[str, str], None]) -> None:
        styles: dict[str, Any] = {"stylesheets": [stylesheet("sheet_parts")]}
        self.title = Pressable(pressed, changed, **styles)
        self.controls = Pressable(pressed, changed, **styles)
        self.foot = Pressable(pressed, css_classes=["astra-sheet-foot"], **styles)

    @property
    def head(self) -> pn.viewable.Viewable:
        """What stands above."""
        return pn.Column(
            self.title, self.controls, styles=_HEAD, sizing_mode="stretch_width", margin=0
        )

    def draw(self, view: "SheetView", run: OpenedRun, page: Page) -> None:
        """Say what is on the page of a view."""
        session = view.session
        first = (view.page - 1) * view.size
        described = session.selection_description if session.selected is not None else ""
        everything = "All objects" if session.shown is None else "All that is shown"
        span = span_words(first, len(page.rows), len(view.rows))
        sorting = html.sorting(view.size, sorts_of(run), view.key, view.descending)
        self.title.html = html.title(described or everything, span, sorting)
        against = html.against(view.folded, view.period_of)
        drawing = html.drawing(view.common, view.aligned, view.errors, page.filters, view.hidden)
        self.controls.html = f'<div class="row">{against}{drawing}</div>'
        unfolded = sum(period is None for period in page.periods)
        numbers = "" if view.number is None else run.numeric_columns[view.number]
        axes = html.axes_words(view.folded, view.common, view.aligned, unfolded, numbers)
        self.foot.html = html.foot(axes, view.page, view.pages)
