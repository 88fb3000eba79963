"""Named selections: keep, show, combine, rename, recolour, delete; and objects asked for."""

from typing import Any

import panel as pn
import param

from app.markup import selections_html as html
from app.markup.pressable import Pressable
from app.picking import KINDS
from app.session import Session
from app.theme import stylesheet
from astra.labels.selections import SelectionHead
from astra.selections.book import COLOURS

MODES = ("replace", "add", "intersect", "subtract")


class SelectionsView(pn.viewable.Viewer):
    """Panel of the dock.

    Parameters
    ----------
    session : Session
    """

    opened = param.String(default="", doc="Name of the selection whose actions are shown.")
    kind = param.Selector(default="expression", objects=list(KINDS), doc="How objects are asked.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session, self.saved = session, session.saved
        self._name = self._asked = ""
        css: dict[str, Any] = {"stylesheets": [stylesheet("selections")]}
        self._present = Pressable(self.press, **css)
        self._save = Pressable(self.press, self.change, **css)
        self._list = Pressable(self.press, self.change, **css)
        self._undo = Pressable(self.press, **css)
        self._ways = Pressable(self.press, **css)
        self._ask = Pressable(self.press, self.change, css_classes=["astra-ask"], **css)
        self._buttons = Pressable(self.press, html=html.ask_buttons(), **css)
        session.param.watch(
            lambda *_: self._draw_present(),
            ["run", "selection_revision", "shown_revision", "hidden"],
        )
        session.param.watch(lambda *_: self._draw_list(), ["theme", "run"])
        session.param.watch(lambda event: self._key(event.new.name), "key")
        self.saved.param.watch(lambda *_: self._draw_list(), ["heads", "here", "eyes"])
        self.saved.param.watch(lambda event: self._follow(event.new), "renamed")
        self.saved.param.watch(lambda *_: self._draw_undo(), "undoable")
        self.param.watch(lambda *_: self._draw_list(), "opened")
        self.param.watch(lambda *_: self._draw_ways(), "kind")
        self._draw_present()
        self._draw_list()
        self._draw_ways()

    # What a person does

    def press(self, what: str) -> None:
        """Do what a button of the panel is for."""
        action, _, argument = what.partition(":")
        version, _, colour = argument.partition(":")
        head = self._head_of(version)
        if head is not None:
            self._do(action, head, colour)
        elif action == "save":
            self._keep()
        elif action == "undo":
            self.saved.undo()
        elif action == "invert":
            self.invert()
        elif action == "kind" and argument in KINDS:
            self._asked, self.kind = "", argument
        elif action.startswith("ask-") and action.removeprefix("ask-") in MODES:
            self.saved.pick(self.kind, self._asked, action.removeprefix("ask-"))

    def _do(self, action: str, head: SelectionHead, colour: str) -> None:
        match action:
            case "open":
                self.opened = "" if self.opened == head.name else head.name
            case "eye":
                self.saved.toggle(head.name)
            case "delete":
                self.saved.delete(head.name)
            case "export":
                self.saved.export(head.name, lambda text: self._list.download("objects.csv", text))
            case "colour" if colour in COLOURS:
                self.saved.recolour(head.name, colour)
            case _ if action in MODES:
                self.saved.select(head.name, action)

    def change(self, field: str, text: str) -> None:
        """Take what was typed into a field of the panel."""
        action, _, version = field.partition(":")
        head = self._head_of(version)
        if action == "name":
            self._name = text
        elif action == "ask":
            self._asked = text
        elif action == "rename" and head is not None and text.strip() not in ("", head.name):
            self.opened = text.strip()
            self.saved.rename(head.name, text)

    def invert(self) -> None:
        """Select what is shown and not selected."""
        session = self.session
        if session.selected is not None:
            shown = session.shown
            others = ~session.selected if shown is None else shown & ~session.selected
            session.select(others, f"not {session.selection_description}")

    def _keep(self) -> None:
        self.saved.save(self._name)
        self._name = ""
        self._draw_save(again=True)

    def _key(self, name: str) -> None:
        session = self.session
        if name == "s" and session.screen in ("explore", "labels"):
            self._save.focus("input")
        elif name == "n" and session.run is not None and session.focus is not None:
            self.saved.pick("neighbours", session.run.object_id(session.focus))

    def _follow(self, renamed: dict[str, str]) -> None:
        if self.opened in renamed:
            self.opened = renamed[self.opened]

    def _head_of(self, version: str) -> SelectionHead | None:
        return next((head for head in self.saved.heads if str(head.version) == version), None)

    # What is seen

    def _draw_present(self) -> None:
        session = self.session
        self._present.html = html.present(
            session.n_selected,
            0 if session.run is None else len(session.run),
            session.selection_description,
            session.n_hidden_selected,
            session.shown is not None,
        )

    def _draw_list(self) -> None:
        run = self.session.run
        if run is None:
            return
        saved = self.saved
        self._list.html = html.list_of(
            saved.heads, saved.here, saved.eyes, self.opened, self.session.theme, run.name
        )
        self._draw_save()

    def _draw_save(self, again: bool = False) -> None:
        self._save.html = html.save_form(self.saved.free_name())
        if again:
            self._save.param.trigger("html")

    def _draw_undo(self) -> None:
        self._undo.html = html.undo_line(self.saved.undoable)

    def _draw_ways(self) -> None:
        self._ways.html = html.ways(self.kind)
        self._ask.html = html.ask_form(self.kind)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._present,
            self._save,
            self._list,
            self._undo,
            self._ways,
            self._ask,
            self._buttons,
            css_classes=["astra-selections"],
            styles={"gap": "12px", "padding": "12px"},
            sizing_mode="stretch_width",
            margin=0,
        )
