"""The object in the world: its place on the sky, an image of it, and pages elsewhere."""

from typing import Any

import panel as pn
import param

from app.elsewhere import Place, image_survey
from app.markup import world_html as html
from app.markup.facts import facts_of
from app.markup.pressable import Pressable
from app.markup.sky import SkyImage
from app.session import Session
from app.theme import CARD, stylesheet


class WorldView(pn.viewable.Viewer):
    """Position in three notations, sky on request, links; of the object in focus.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        styles: dict[str, Any] = {"stylesheets": [stylesheet("inspect"), stylesheet("world")]}
        self._position, self._links = Pressable(**styles), Pressable(**styles)
        self._sky = SkyImage()
        self._column = pn.Column(
            self._position,
            self._sky,
            self._links,
            styles={**CARD, "gap": "8px"},
            css_classes=["astra-world"],
            sizing_mode="stretch_width",
            margin=0,
        )
        session.param.watch(self._draw, ["run", "focus", "screen"])
        self._draw()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._column

    def _draw(self, *_: param.parameterized.Event) -> None:
        run, row = self.session.run, self.session.focus
        self._column.visible = run is not None and row is not None
        if run is None or row is None or self.session.screen != "inspect":
            return
        facts = facts_of(run, row)
        place = Place(facts.object_id, facts.ra, facts.dec)
        self._position.html = html.position(place)
        self._links.html = html.elsewhere(place)
        known = place.ra is not None and place.dec is not None
        self._sky.visible = known
        if known:
            self._sky.param.update(
                ra=place.ra, dec=place.dec, survey=image_survey(place.dec or 0.0)
            )
