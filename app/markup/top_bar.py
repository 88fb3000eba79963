"""The bar above every screen: which run, find an object, the selection, undo, theme, keys."""

from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui

from app.background import Latest, soon
from app.goto import look_up
from app.keyboard import KEYS
from app.markup.pressable import Pressable
from app.opened_runs import OpenedRun
from app.session import Session
from app.theme import stylesheet
from app.words import count, safe

_REDRAWN = ["selection_revision", "shown_revision", "hidden", "can_undo", "can_redo", "theme"]
_MARK = (
    '<svg width="26" height="26" viewBox="0 0 24 24" fill="none" stroke-width="1.6" '
    'stroke-linecap="round"><path stroke="var(--astra-text-3)" d="M2 19.5h20"/>'
    '<path stroke="var(--astra-accent)" d="M2.5 15.8c4 0 5-1.2 6.3-5.6c1.1-3.8 1.9-5.7 3.2-5.7'
    's2.1 1.9 3.2 5.7c1.3 4.4 2.3 5.6 6.3 5.6"/></svg>'
)


class TopBar(pn.viewable.Viewer):
    """Mark, run, search, selection, undo and redo, theme, keys."""

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self._finding = Latest()
        self._runs, self._search = _run_menu(), _search_field()
        self._runs.on_click(self._switch)
        self._search.param.watch(lambda *_: soon(self._find), "enter_pressed")
        self._actions = Pressable(
            self._pressed,
            stylesheets=[stylesheet("top_bar")],
            css_classes=["astra-actions"],
            width=400,
            align="center",
            sizing_mode=None,
        )
        self.keys = _keys_dialog()
        watch = session.param.watch
        watch(lambda *_: self._list_runs(), ["run", "runs"])
        watch(lambda *_: self._draw(), _REDRAWN)
        watch(lambda event: self._key(event.new.name), "key")
        self._list_runs()
        self._draw()

    def _list_runs(self) -> None:
        session = self.session
        self._runs.items = [
            {"label": f"{run.manifest.survey} › {run.name}", "icon": None, "run": run.name}
            for run in session.runs
        ]
        run = session.run
        self._runs.label = "No run" if run is None else f"{run.run.manifest.survey} › {run.name}"

    def _switch(self, item: Any) -> None:
        soon(partial(self.session.switch_run, item["run"]))

    def _find(self) -> None:
        asked, run = str(self._search.value_input or self._search.value), self.session.run
        if asked.strip() and run is not None:
            self._finding.ask(lambda: look_up(run, asked), partial(self._go, run), self._fail)

    def _go(self, run: OpenedRun, found: Any) -> None:
        if run is self.session.run:
            self.session.go_to(found)

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the object could not be looked up: {error}", warning=True)

    def _draw(self) -> None:
        session = self.session
        chip = '<span class="quiet">No selection</span>'
        if session.selected is not None:
            chip = (
                f"<i></i><b>{count(session.n_selected)}</b>"
                f'<span class="quiet">{safe(session.selection_description)}</span>'
                '<button data-press="clear" title="Clear the selection (Escape)">close</button>'
            )
        theme = "light_mode" if session.theme == "dark" else "dark_mode"
        self._actions.html = (
            f'<div class="bar"><span class="selection astra-chip">{chip}</span>'
            + _button("undo", "undo", "Undo the selection (Z)", session.can_undo)
            + _button("redo", "redo", "Redo the selection (Shift Z)", session.can_redo)
            + _button("theme", theme, "Dark or light (D)")
            + _button("keys", "keyboard", "Keys (?)")
            + "</div>"
        )

    def _pressed(self, what: str) -> None:
        match what:
            case "undo":
                self.session.undo_selection()
            case "redo":
                self.session.redo_selection()
            case "clear":
                self.session.clear_selection()
            case "theme":
                self.session.theme = "light" if self.session.theme == "dark" else "dark"
            case "keys":
                self.keys.open = not self.keys.open

    def _key(self, name: str) -> None:
        actions = {"z": "undo", "Shift+z": "redo", "Escape": "clear", "d": "theme", "?": "keys"}
        if self.session.screen == "labels" and name in ("z", "Shift+z", "Escape"):
            return
        if self.session.screen == "inspect" and name == "Escape" and not self.keys.open:
            return
        if name == "Escape" and self.keys.open:
            self.keys.open = False
        elif name in actions:
            self._pressed(actions[name])

    def __panel__(self) -> pn.viewable.Viewable:
        mark = Pressable(
            html=f'<div class="mark">{_MARK}<b>Astra</b></div>',
            stylesheets=[stylesheet("top_bar")],
            width=140,
            sizing_mode=None,
        )
        space = {"sizing_mode": "stretch_width", "margin": 0}
        return pn.Row(
            mark,
            self._runs,
            pn.Spacer(**space),
            self._search,
            pn.Spacer(**space),
            self._actions,
            height=48,
            styles={"align-items": "center"},
            **space,
        )


def _button(press: str, icon: str, title: str, enabled: bool = True) -> str:
    off = "" if enabled else " disabled"
    return (
        f'<button data-press="{press}" title="{title}" aria-label="{title}"{off}>'
        f'<i class="icon">{icon}</i></button>'
    )


def _run_menu() -> pmui.MenuButton:
    return pmui.MenuButton(
        label="",
        icon="hub_outlined",
        variant="outlined",
        color="default",
        margin=0,
        css_classes=["astra-runs"],
        sx=_PILL,
        align="center",
    )


def _search_field() -> pmui.TextInput:
    return pmui.TextInput(
        placeholder="Go to an id, or RA Dec   /",
        label="",
        size="small",
        margin=0,
        css_classes=["astra-search"],
        styles={"width": "var(--astra-search)"},
        align="center",
    )


def _keys_dialog() -> pmui.Dialog:
    rows = "".join(
        f"<span><kbd>{safe(key)}</kbd></span><span>{safe(does)}</span>" for key, does in KEYS
    )
    return pmui.Dialog(
        Pressable(html=f'<div class="keys">{rows}</div>', stylesheets=[stylesheet("top_bar")]),
        title="Keys",
        title_variant="h6",
        close_on_click=True,
        show_close_button=True,
        css_classes=["astra-keys"],
    )


_PILL = {
    "height": "28px",
    "fontSize": "13px",
    "fontWeight": 400,
    "maxWidth": "340px",
    "whiteSpace": "nowrap",
    "overflow": "hidden",
}
