"""Take the selection away: as a table, as light curves, as code, or to TOPCAT and Aladin."""

from typing import Any

import panel as pn

from app.markup import exchange_html as html
from app.markup.download import Download
from app.markup.pressable import Pressable
from app.session import Session
from app.theme import stylesheet


class ExchangeView(pn.viewable.Viewer):
    """Part of the selections panel.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session, self.exchange = session, session.exchange
        css: dict[str, Any] = {"stylesheets": [stylesheet("exchange")]}
        self._exports = Pressable(self.press, css_classes=["astra-export"], **css)
        self._code = Pressable(self.press, **css)
        self._samp = Pressable(self.press, css_classes=["astra-samp"], **css)
        self._download = Download()
        watch, own = session.param.watch, self.exchange.param.watch
        watch(lambda *_: self._rechosen(), ["run", "selection_revision", "shown_revision"])
        watch(lambda *_: self._draw_samp(), "focus")
        own(lambda *_: self._draw(), ["doing", "error"])
        own(lambda *_: self._draw_samp(), ["hub", "hub_said", "sending"])
        own(lambda *_: self._draw_code(), "snippet")
        own(lambda event: self._give(event.new), "ready")
        self._rechosen()
        self._draw_samp()

    def press(self, what: str) -> None:
        """Do what a button is for."""
        action, _, argument = what.partition(":")
        match action:
            case "export":
                self.exchange.export(argument)
            case "snippet":
                self.exchange.make_snippet()
            case "hide":
                self.exchange.snippet = ""
            case "send":
                self.exchange.send()
            case "point":
                self.exchange.point()
            case "look":
                self.exchange.look()

    def _rechosen(self) -> None:
        # Code of another selection is no longer true.
        self.exchange.param.update(snippet="", error="")
        self._draw()

    def _draw(self) -> None:
        exchange = self.exchange
        self._exports.html = html.exports(exchange.words, exchange.doing, exchange.error)

    def _draw_code(self) -> None:
        self._code.html = html.code(self.exchange.snippet)

    def _draw_samp(self) -> None:
        exchange = self.exchange
        can_point = self.session.focus is not None
        self._samp.html = html.samp(exchange.hub, exchange.hub_said, exchange.sending, can_point)

    def _give(self, ready: Any) -> None:
        if ready is not None:
            self._download.give(ready.path, ready.name)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._exports,
            self._code,
            self._samp,
            self._download,
            css_classes=["astra-exchange"],
            styles={"gap": "12px", "padding": "12px", "border-top": "1px solid var(--astra-line)"},
            sizing_mode="stretch_width",
            margin=0,
        )
