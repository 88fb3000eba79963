"""Where each view sits: top bar, rail, map, dock, status bar."""

from collections.abc import Callable, Mapping

import panel as pn
import panel_material_ui as pmui
import param
from panel.util.parameters import edit_readonly

from app.background import soon
from app.current_watch import CurrentNotice
from app.keyboard import Keyboard
from app.markup.pressable import Pressable
from app.markup.top_bar import TopBar
from app.others import Others
from app.screens import inspect, labels
from app.session import Session
from app.theme import STATIC, css_variables, material, stylesheet
from app.views.anomalies import AnomaliesView
from app.views.catalogue import CatalogueView
from app.views.compare import CompareView
from app.views.data import DataView
from app.views.encoder import EncoderView
from app.views.exchange import ExchangeView
from app.views.filters import FiltersView
from app.views.hover import HoverView
from app.views.labels import LabelsView
from app.views.legend import LegendView
from app.views.light_curve import LightCurveView
from app.views.next_up import NextView
from app.views.projection import ProjectionView
from app.views.selections import SelectionsView
from app.views.sheet import SheetView
from app.views.similar import SimilarView
from app.views.status import StatusView
from app.views.summary import SummaryView
from app.views.why import WhyView

COOKIE = "astra-theme"
THEMES = ("dark", "light")
TABS = ("objects", "summary", "why", "similar", "selections", "labels")
_HIGH = ("why", "selections")
_SCREENS = {
    "explore": ("bubble_chart", "Explore"),
    "inspect": ("show_chart", "Inspect"),
    "anomalies": ("flare", "Anomalies"),
    "labels": ("sell", "Labels"),
    "train": ("model_training", "Train"),
    "compare": ("compare", "Compare"),
    "data": ("storage", "Data"),
}
# Screens that take the place of map and dock, each laid when a visitor first comes to it.
_WHOLE: dict[str, Callable[[Session], pn.viewable.Viewer]] = {
    "inspect": inspect,
    "labels": labels,
    "sheet": SheetView,
    "train": EncoderView,
    "compare": CompareView,
    "data": DataView,
}
_STRETCH = {"sizing_mode": "stretch_both", "margin": 0}


class Page(pn.viewable.Viewer):
    """The whole page of one visitor.

    Parameters
    ----------
    session : Session
    theme_chosen : bool
        The person chose the session's theme; else it follows the system's.

    One map, one light curve and one of every other view exist; a screen is a choice of which of
    them are visible, so that nothing is drawn again when screens change.
    """

    busy = param.Boolean(default=False, constant=True, doc="Never: views say what they wait for.")

    def __init__(self, session: Session, theme_chosen: bool = False) -> None:
        super().__init__()
        self.session = session
        self._theme_chosen, self._following = theme_chosen, False
        self._rail = Pressable(
            self._go, stylesheets=[stylesheet("rail")], css_classes=["astra-rail"], sizing_mode=None
        )
        self._tabs = Pressable(
            self._turn, stylesheets=[stylesheet("tabs")], css_classes=["astra-tabs"], height=40
        )
        self._keyboard = Keyboard(session, width=0, height=0, margin=0)
        self._top = TopBar(session)
        self._lay()
        self._material = pmui.Page(
            title="",
            header=[self._top],
            main=[self._body],
            theme_config={"dark": material("dark"), "light": material("light")},
            theme_toggle=False,
            busy_indicator=None,
            favicon=STATIC / "mark.svg",
            meta_title="Astra",
            dark_theme=session.theme == "dark",
            raw_css=[css_variables(), stylesheet("page")],
            sx=_PAGE,
        )
        # Panel's word for "somebody's event is being handled" would be told to every page, each
        # time with a walk over all its models (45 ms), and would keep the page for ever.
        with edit_readonly(self._material):
            self._material.busy = self.param.busy
        session.param.watch(lambda *_: self._show(), "screen")
        session.param.watch(lambda *_: self._restyle(), "theme")
        session.param.watch(lambda event: self._key(event.new.name), "key")
        session.saved.param.watch(lambda *_: self._show(), "heads")
        session.similar.param.watch(lambda *_: self._turn("similar"), "asked")
        self._top.keys.param.watch(lambda *_: self._lay_keys(), "open")
        self._keyboard.param.watch(lambda *_: soon(self._follow_system), "system")
        self._others = Others(session)
        self._tab = "objects"
        self._show()

    def _lay(self) -> None:
        session = self.session
        summary, self._why = SummaryView(session), WhyView(session)
        self._panels = {tab: pn.Column(scroll="y", **_STRETCH) for tab in TABS}
        self._panels["objects"] = pn.Column(summary.head, CatalogueView(session), **_WIDE)
        self._ranked = pn.Column(styles=_LEFT, **_TALL)
        # Their keys are heard always, and they follow the session; the browser, which pays for
        # every button, gets each when it is first looked at.
        self._unlaid = {
            "summary": [summary],
            "why": [self._why],
            "similar": [SimilarView(session)],
            "selections": [SelectionsView(session), ExchangeView(session)],
            "labels": [LabelsView(session, screens=("explore", "inspect", "anomalies"))],
            "ranked": [AnomaliesView(session)],
        }
        self._light_curve = pn.Column(
            LightCurveView(session),
            styles={"border-top": "1px solid var(--astra-line)"},
            **_STRETCH,
        )
        legend = pn.Column(LegendView(session), margin=0, styles=_OVER_THE_MAP)
        self._strip = pn.Column(FiltersView(session), **_WIDE)
        self._map = pn.Column(
            ProjectionView(session, HoverView(session)),
            legend,
            self._strip,
            styles={"position": "relative", **_AS_THE_WINDOW},
            **_STRETCH,
        )
        self._dock = pn.Column(
            self._tabs,
            *self._panels.values(),
            self._light_curve,
            styles=_DOCK,
            css_classes=["astra-dock"],
            **_TALL,
        )
        self._whole: dict[str, pn.Column] = {}
        parts = (self._rail, self._ranked, self._map, self._dock)
        self._main = pn.Row(*parts, styles=_AS_THE_WINDOW, **_STRETCH)
        self._body = pn.Column(
            self._main,
            StatusView(session),
            self._keyboard,
            CurrentNotice(session),
            styles=_AS_THE_WINDOW,
            **_STRETCH,
        )

    def _go(self, screen: str) -> None:
        if screen in _SCREENS:
            self.session.screen = screen

    def _key(self, name: str) -> None:
        if name == "k":
            self.session.screen = "explore" if self.session.screen == "sheet" else "sheet"
        if name == "s" and self.session.screen in ("explore", "labels"):
            self._turn("selections")
        elif name in ("Enter", "i") and self.session.screen not in _WHOLE:
            self.session.screen = "inspect"

    def _turn(self, tab: str) -> None:
        there = tab == self._tab and self.session.screen == "explore"
        if tab in TABS and not there:
            self._tab = tab
            self.session.screen = "explore"
            self._show()

    def _show(self) -> None:
        screen = self.session.screen
        if screen in _WHOLE and screen not in self._whole:
            self._whole[screen] = pn.Column(
                _WHOLE[screen](self.session),
                scroll="y",
                css_classes=["astra-whole"],
                styles=_AS_THE_WINDOW,
                **_STRETCH,
            )
            self._main.append(self._whole[screen])
        for name, whole in self._whole.items():
            whole.visible = name == screen
        self._lay_panels()
        self._ranked.visible = screen == "anomalies"
        self._map.visible = self._dock.visible = screen not in _WHOLE
        self._strip.visible = screen != "anomalies"
        self._tabs.visible = screen != "anomalies"
        for name, panel in self._panels.items():
            panel.visible = name == self._tab and screen != "anomalies"
        self._why.on = bool(self._panels["why"].visible) and screen == "explore"
        # Some panels take the whole height of the dock.
        self._light_curve.visible = not any(self._panels[tab].visible for tab in _HIGH)
        self._rail.html = _rail(screen)
        tabs = "".join(
            f'<button role="tab" data-press="{tab}" aria-selected="'
            f'{str(tab == self._tab).lower()}">{tab.capitalize()}{self._badge(tab)}</button>'
            for tab in TABS
        )
        self._tabs.html = f'<div role="tablist">{tabs}</div>'

    def _lay_panels(self) -> None:
        """Lay what is looked at for the first time."""
        name = "ranked" if self.session.screen == "anomalies" else self._tab
        if self.session.screen in _WHOLE or name not in self._unlaid:
            return
        views = self._unlaid.pop(name)
        if name == "labels":
            queue = NextView(self.session)
            views = [queue, *views, queue.meter]
        panel = self._ranked if name == "ranked" else self._panels[name]
        panel.extend(views)

    def _lay_keys(self) -> None:
        if self._top.keys not in self._body:
            self._body.append(self._top.keys)

    def _badge(self, tab: str) -> str:
        saved = len(self.session.saved.heads)
        return f'<span class="badge">{saved}</span>' if tab == "selections" and saved else ""

    def _restyle(self) -> None:
        self._material.dark_theme = self.session.theme == "dark"
        if not self._following:
            self._theme_chosen = True
            self._keyboard.cookie = f"{COOKIE}={self.session.theme}"

    def _follow_system(self) -> None:
        """Take the theme that the system asks for, unless the person has chosen one."""
        if not self._theme_chosen and self._keyboard.system in THEMES:
            self._following = True
            self.session.theme = self._keyboard.system
            self._following = False

    def __panel__(self) -> pn.viewable.Viewable:
        return self._material


def theme_of(cookies: Mapping[str, str]) -> tuple[str, bool]:
    """Theme for a browser, from its cookies, and whether the person has chosen it."""
    chosen, system = cookies.get(COOKIE), cookies.get("astra-system")
    if chosen in THEMES:
        return chosen, True
    return (system if system in THEMES else "dark"), False


def _rail(screen: str) -> str:
    place = "inspect" if screen == "sheet" else screen
    buttons = "".join(
        f'<button data-press="{name}" aria-current="{"page" if name == place else "false"}" '
        f'title="{word}"><i>{icon}</i><span>{word}</span></button>'
        for name, (icon, word) in _SCREENS.items()
    )
    return f'<nav aria-label="Screens">{buttons}</nav>'


# Panel would have a row as wide as the least widths of all its children together, and a column as
# high, hidden ones too: with every screen that was opened the dock would move out of the window.
_AS_THE_WINDOW = {"min-width": "0", "min-height": "0"}
_WIDE = {"sizing_mode": "stretch_width", "margin": 0}
_TALL = {"sizing_mode": "stretch_height", "margin": 0}
_OVER_THE_MAP = {"position": "absolute", "left": "12px", "top": "52px", "z-index": "2"}
_LEFT = {
    "width": "var(--astra-ranked)",
    "flex": "none",
    "border-right": "1px solid var(--astra-line)",
}
_DOCK = {
    "width": "var(--astra-dock)",
    "flex": "none",
    "border-left": "1px solid var(--astra-line)",
    "background": "var(--astra-surface)",
    "overflow": "hidden",
    "min-height": "0",
}
_PAGE = {
    "& .MuiToolbar-root": {
        "minHeight": "48px !important",
        "padding": "0 8px 0 0 !important",
        "margin": "0 !important",
    },
    ".MuiAppBar-root": {
        "bgcolor": "primary.contrastText",
        "color": "primary.main",
        "backgroundColor": "var(--astra-surface) !important",
        "borderBottom": "1px solid var(--astra-line) !important",
        "height": "48px",
    },
}
