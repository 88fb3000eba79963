"""The overview in a corner of the map: where the view lies in the whole, and a way to move it."""

from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from app.drawing.map_labels import Box
from app.drawing.overview import GAP, HEIGHT, WIDTH, Overview, box_in
from app.drawing.raster import Viewport

_STATIC = Path(__file__).parent.parent / "static"


class OverviewCard(JSComponent):
    """Shows itself while the view is a part of the map; a press or a drag moves the view.

    The rectangle follows the ranges of the figure in the browser: nothing is asked of the server
    but the frame that every move of the view asks for.
    """

    shown = param.Boolean(default=True, doc="Wherever the view is a part of the map.")
    plot = param.String(default="astra-map", doc="Name of the map's figure.")
    image = param.String(default="", doc="Address of the picture; empty: none yet.")
    frame = param.List(default=[], doc="x low, x high, y low, y high of the picture.")
    extent = param.List(default=[], doc="The same of the objects.")

    _esm = _STATIC / "overview.js"
    _stylesheets = [(_STATIC / "overview.css").read_text()]

    def __init__(self, **params: Any) -> None:
        corner = {
            "position": "absolute",
            "right": f"{GAP}px",
            "bottom": f"{GAP}px",
            "z-index": "1",
        }
        look = {"css_classes": ["astra-overview"], "width": WIDTH, "height": HEIGHT, "margin": 0}
        super().__init__(**{**look, "styles": corner, "sizing_mode": "fixed", **params})
        self._overview: Overview | None = None

    def put(self, overview: Overview | None) -> None:
        """Show the overview of a run, or none."""
        self._overview = overview
        if overview is None:
            self.param.update(image="", frame=[], extent=[])
            return
        self.param.update(
            image=overview.image, frame=list(overview.frame), extent=list(overview.extent)
        )

    def boxes(self, viewport: Viewport) -> list[Box]:
        """What it takes of the map [CSS px], none where it is not shown."""
        here = self.shown and self._overview is not None and self._overview.is_part(viewport)
        return [box_in(viewport)] if here else []
