"""Inspect: one object read closely, with everything that is known of it around its light curve."""

from collections.abc import Sequence
from typing import Any

import panel as pn
import param

from app.links import query_of
from app.markup import inspect_html as html
from app.markup.facts import facts_of
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet

SCREEN = "inspect"
BACK = "explore"
_SHOWN = ["run", "focus", "listed", "given", "theme", "screen", "missing", "reviewed"]
_RIGHT = {"width": "var(--astra-beside)", "flex": "none", "gap": "8px"}
# A column ends with its scroll button, which has no height and yet a gap before it.
_PAGE = {"gap": "8px", "padding": "8px 16px 4px", "background": "var(--astra-page)"}
_STRETCH = {"sizing_mode": "stretch_both", "margin": 0}


class InspectView(pn.viewable.Viewer):
    """Who the object is, above its light curve; what else is known of it, at the right.

    Parameters
    ----------
    session : Session
    light_curve : viewable
    panels : sequence of viewables
        What stands at the right, from above.
    """

    def __init__(
        self,
        session: Session,
        light_curve: pn.viewable.Viewer,
        panels: Sequence[pn.viewable.Viewer] = (),
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self.session = session
        self._light_curve, self._panels = light_curve, panels
        self._addressed = False
        self._head = Pressable(
            self._pressed,
            stylesheets=[stylesheet("inspect")],
            css_classes=["astra-inspect-head"],
        )
        session.param.watch(self._draw, _SHOWN)
        session.look.param.watch(self._draw, "blind")
        session.param.watch(self._on_key, "key")
        self._draw()

    def __panel__(self) -> pn.viewable.Viewable:
        panels = pn.Column(
            *self._panels, scroll="y-auto", styles=_RIGHT, sizing_mode="stretch_height", margin=0
        )
        return pn.Column(
            self._head,
            pn.Row(self._light_curve, panels, styles={"gap": "8px"}, **_STRETCH),
            css_classes=["astra-inspect"],
            styles=_PAGE,
            **_STRETCH,
        )

    def _draw(self, *_: param.parameterized.Event) -> None:
        session = self.session
        if session.screen != SCREEN:
            self._tell("")
            return
        run, row = session.run, session.focus
        if run is None or row is None:
            self._head.html = html.nobody(session.missing)
            self._tell("")
            return
        facts = facts_of(run, row, session.category_now("class"))
        query = query_of(run.name, facts.object_id)
        place, length = session.place, len(session.listed)
        done = session.reviewed
        seen = html.reviewed(facts.object_id in done, len(done))
        self._head.html = html.head(
            run, facts, (place, length), session.theme, session.look, query, seen
        )
        self._tell(query)

    def _tell(self, query: str) -> None:
        """Have the browser's address lead to this object, and to the app alone elsewhere."""
        if query or self._addressed:
            self._addressed = bool(query)
            self._head.address(f"?{query}" if query else "")

    def _pressed(self, value: str) -> None:
        if value in ("-1", "1"):
            self.session.step(int(value))
        elif value == "blind":
            self.session.look.blind = not self.session.look.blind
        elif value == "review":
            self.session.review()
        elif value == "similar":
            self.session.find_similar()
        elif value in (BACK, "sheet"):
            self.session.screen = value

    def _on_key(self, *_: param.parameterized.Event) -> None:
        session = self.session
        if session.key is None or session.screen != SCREEN:
            return
        if session.key.name in ("ArrowLeft", "ArrowRight"):
            session.step(1 if session.key.name == "ArrowRight" else -1)
        elif session.key.name == " ":
            session.review()
        elif session.key.name == "Escape":
            session.screen = BACK
