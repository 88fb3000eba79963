"""The bar above the map: what dragging does, what colours mean, zooming without a wheel."""

from collections.abc import Callable, Mapping

import panel as pn
import panel_material_ui as pmui

from app.background import soon
from app.drawing.map_figure import TOOLS
from app.markup.pressable import Pressable
from app.theme import stylesheet

TOOL_KEYS = {"v": "pan", "l": "lasso", "r": "box"}
_ICONS = {"pan": "pan_tool", "lasso": "gesture", "box": "highlight_alt"}
_ZOOM = (
    ("out", "remove", "Zoom out (-)"),
    ("in", "add", "Zoom in (+)"),
    ("fit", "fit_screen", "Fit the map"),
)
_OVERVIEW = "Overview, where the view is a part of the map (O)"
_BAR = {
    "align-items": "center",
    "gap": "8px",
    "padding": "0 12px",
    "border-bottom": "1px solid var(--astra-line)",
    "container-type": "inline-size",
}


class MapTools(pn.viewable.Viewer):
    """Tools, choice of colour, zoom, overview.

    Parameters
    ----------
    on_press : callable
        Called with ``pan``, ``lasso`` or ``box``, with ``in``, ``out``, ``fit`` or ``overview``.
    on_colour : callable
        Called with the colouring that was chosen.
    """

    def __init__(self, on_press: Callable[[str], None], on_colour: Callable[[str], None]) -> None:
        super().__init__()
        self.colour = pmui.Select(
            size="small",
            label="",
            margin=0,
            align="center",
            css_classes=["astra-colour"],
            sizing_mode="stretch_width",
            min_width=90,
            max_width=164,
        )
        self.colour.param.watch(lambda *_: soon(lambda: on_colour(self.colour.value)), "value")
        look = {"stylesheets": [stylesheet("map_tools")], "sizing_mode": None, "align": "center"}
        self._tools = Pressable(on_press, css_classes=["astra-tools"], **look)
        self._zoom = Pressable(on_press, css_classes=["astra-zoom"], **look)

    def show_tool(self, tool: str) -> None:
        """Mark the tool that is active."""
        self._tools.html = tool_buttons(tool)

    def show_overview(self, on: bool) -> None:
        """Mark whether the overview shows itself."""
        self._zoom.html = zoom_buttons(on)

    def offer(self, columns: Mapping[str, str], colour_by: str) -> None:
        """Offer the classes and these columns, name -> title, as colourings."""
        choices = {"Density": "density", "Class": "class", "Predicted class": "predicted"}
        choices |= {title: name for name, title in columns.items()}
        self.colour.param.update(options=choices, value=colour_by)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Row(
            self._tools,
            self.colour,
            pn.Spacer(sizing_mode="stretch_width"),
            self._zoom,
            height=40,
            margin=0,
            styles=_BAR,
            sizing_mode="stretch_width",
        )


def tool_buttons(active: str) -> str:
    """Segments that choose a tool, each with its key."""
    keys = {tool: key.upper() for key, tool in TOOL_KEYS.items()}
    buttons = "".join(
        f'<button class="control" data-press="{tool}" aria-pressed="'
        f'{str(tool == active).lower()}"><i class="icon">{_ICONS[tool]}</i>'
        f"<span>{tool.capitalize()}</span><kbd>{keys[tool]}</kbd></button>"
        for tool in TOOLS
    )
    return f'<div class="segments">{buttons}</div>'


def zoom_buttons(overview: bool) -> str:
    """Segments that zoom out, in, fit the map, and show or hide its overview."""
    buttons = "".join(
        f'<button class="control" data-press="{press}" title="{title}" aria-label="{title}">'
        f'<i class="icon">{icon}</i></button>'
        for press, icon, title in _ZOOM
    )
    shown = str(overview).lower()
    return (
        f'<div class="segments zoom">{buttons}<button class="control" data-press="overview" '
        f'title="{_OVERVIEW}" aria-label="{_OVERVIEW}" aria-pressed="{shown}">'
        '<i class="icon">picture_in_picture_alt</i></button></div>'
    )


def no_run() -> str:
    """What stands in the place of a map while there is no run."""
    return (
        "<p>No run to show yet. Make one with <code>astra precompute SURVEY</code>.</p>"
        '<button class="control" data-press="again">Look again</button>'
    )
