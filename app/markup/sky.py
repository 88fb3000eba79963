"""An image of the sky around an object, loaded only when asked for."""

from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from app.theme import STATIC, stylesheet

ALADIN = "https://aladin.cds.unistra.fr/AladinLite/api/v3/3.8.2/aladin.js"
FIELD_DEG = 1 / 60


class SkyImage(JSComponent):
    """Aladin Lite in a frame of its own, without access to the page, after a press of a button.

    Nothing is fetched before. Where its script does not come, a line says so, and what to do.
    """

    ra = param.Number(default=0.0, doc="Right ascension [deg].")
    dec = param.Number(default=0.0, doc="Declination [deg].")
    survey = param.String(default="CDS/P/DSS2/color", doc="Image survey, as Aladin names it.")
    address = param.String(default=ALADIN, constant=True, doc="Script of Aladin Lite, one version.")
    field = param.Number(default=FIELD_DEG, constant=True, doc="Width of the image [deg].")

    _esm = Path(STATIC) / "sky.js"
    _stylesheets = [stylesheet("views"), stylesheet("sky")]

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
