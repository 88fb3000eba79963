"""What the colours of the map mean: classes that can be hidden, or a scale."""

from typing import Any

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray

from app.categories import Scale
from app.colouring import colouring_of
from app.drawing.marks import mark
from app.drawing.palette import ClassStyle
from app.markup.pressable import Pressable
from app.opened_runs import CATEGORIES, OpenedRun
from app.saved_selections import Overlay
from app.session import Session
from app.theme import stylesheet
from app.words import UNLABELLED, count, number, safe
from astra.map.palettes import density_palette, score_palette
from astra.selections.summing import Chosen

_TICKS = 5
_HEADS = {"class": "Class", "predicted": "Predicted class", "density": "Objects per pixel"}


class LegendView(pn.viewable.Viewer):
    """Card over the map: classes with marker, count and eye, or a colour bar with its range.

    Pressing an eye hides a class: it leaves the map, the counts and the lasso. Pressing a name
    selects the class.
    """

    folded = param.Boolean(default=False, doc="Only its head is shown.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self._card = Pressable(
            self._pressed,
            stylesheets=[stylesheet("legend")],
            css_classes=["astra-legend"],
            width=200,
            sizing_mode=None,
        )
        session.param.watch(
            lambda *_: self._draw(),
            [
                *("run", "colour_by", "category", "hidden", "theme", "scale", "given", "probed"),
                "shown_revision",
            ],
        )
        session.saved.param.watch(lambda *_: self._draw(), "overlay")
        self._colouring = colouring_of(session)
        self._colouring.param.watch(lambda *_: self._draw(), "chosen")
        self.param.watch(lambda *_: self._draw(), "folded")
        self.param.watch(lambda event: self._colouring.param.update(folded=event.new), "folded")
        # Between the ranked list and the light curve the map is narrow.
        session.param.watch(lambda event: self._fold(event.new == "anomalies"), "screen")
        self._draw()

    def toggle(self, name: str) -> None:
        """Hide a class, or show it again."""
        self.session.hidden = self.session.hidden ^ {name}

    def _fold(self, folded: bool) -> None:
        self.folded = folded

    def _pressed(self, what: str) -> None:
        action, _, index = what.partition(":")
        names = self._names()
        if action == "fold":
            self.folded = not self.folded
        elif action == "saved":
            self._hide_saved(index)
        elif action == "kind":
            self._colouring.choose(index)
        elif action == "all":
            self.session.hidden = frozenset()
        elif index.isdigit() and int(index) < len(names):
            name = names[int(index)]
            if action == "eye":
                self.toggle(name)
            elif self.session.run is not None:
                members = self.session.classes.members(frozenset({name}))
                self.session.select(members, f"class {name}")

    def _hide_saved(self, index: str) -> None:
        overlay = self.session.saved.overlay
        if overlay is not None and index.isdigit() and int(index) < len(overlay.names):
            self.session.saved.toggle(overlay.names[int(index)])

    def _names(self) -> list[str]:
        return [*self.session.classes.names, UNLABELLED]

    def _draw(self) -> None:
        session = self.session
        if session.run is None:
            self._card.html = ""
        elif session.saved.overlay is not None:
            self._card.html = self._overlay(session.saved.overlay)
        elif session.colour_by in CATEGORIES:
            self._card.html = self._classes(session.run)
        else:
            self._card.html = self._scale(session.run)

    def _classes(self, run: OpenedRun) -> str:
        rows = [
            self._class(i, name, run.styles[name], int(number_of))
            for i, (name, number_of) in enumerate(zip(self._names(), self._counts(), strict=True))
            if number_of or name in self.session.hidden
        ]
        body = f'<div class="rows">{"".join(rows)}</div>'
        return self._drawn(_HEADS[self.session.category], "", body, _HUE)

    def _counts(self) -> NDArray[np.int64]:
        """Objects of each class that pass the filters, the last those without a class."""
        classes, passing = self.session.classes, self.session.filters.passing
        return classes.counts if passing is None else classes.count(Chosen.of(passing))

    def _overlay(self, overlay: Overlay) -> str:
        """Saved selections that are on the map; where they overlap the last one counts."""
        theme = self.session.theme
        rows = "".join(
            f'<div class="class">{mark("circle", overlay.styles[number].colour(theme))}'
            f'<span class="name">{safe(name)}</span><span class="count">{count(objects)}</span>'
            f'<button class="eye" data-press="saved:{number}" aria-label="Hide {safe(name)}">'
            "visibility</button></div>"
            for number, name, objects in zip(
                overlay.members.names, overlay.names, overlay.objects, strict=True
            )
        )
        foot = "All others grey<br>Where they overlap: the last"
        return self._drawn("Selections", "", f'<div class="rows">{rows}</div>', foot)

    def _drawn(self, head: str, remark: str, body: str, foot: str) -> str:
        icon, word = ("expand_more", "Unfold") if self.folded else ("expand_less", "Fold")
        fold = f'<button class="eye" data-press="fold" title="{word}">{icon}</button>'
        top = f'<div class="head"><span>{head}</span><span class="push">{remark}</span>{fold}</div>'
        if self.folded:
            return f'<div class="card"><div class="body">{top}</div></div>'
        return (
            f'<div class="card"><div class="body">{top}{body}</div>'
            f'<div class="foot">{self._hidden() or foot}</div></div>'
        )

    def _class(self, index: int, name: str, style: ClassStyle, objects: int) -> str:
        off = name in self.session.hidden
        icon, word = ("visibility_off", "Show") if off else ("visibility", "Hide")
        label = safe(name)
        return (
            f'<div class="class{" off" if off else ""}">'
            f"{mark(style.marker, style.colour(self.session.theme))}"
            f'<button class="name" data-press="name:{index}" title="Select {label}">'
            f"{label}</button>"
            f'<span class="count">{count(objects)}</span>'
            f'<button class="eye" data-press="eye:{index}" aria-label="{word} {label}" '
            f'aria-pressed="{str(off).lower()}">{icon}</button></div>'
        )

    def _hidden(self) -> str:
        seen = self.session.seen
        if seen is None:
            return ""
        hidden = len(seen) - int(seen.sum())
        return f'{count(hidden)} hidden · <button data-press="all">show all</button>'

    def _scale(self, run: OpenedRun) -> str:
        session, scale = self.session, self.session.scale
        name = session.colour_by
        head = _HEADS.get(name) or run.numeric_columns.get(name, name)
        make = score_palette if name == "anomaly" else density_palette
        stops = ", ".join(make(session.theme)[1::18])
        words = "mean in pixel, range fixed"
        kind = "linear" if scale is None else scale.kind
        if name == "density":
            words = "every colour: equally many pixels" if kind == "equal" else _BRIGHTEST
        kinds = "".join(
            f'<button class="control" data-press="kind:{each}" title="{_KINDS[each]}" '
            f'aria-pressed="{str(each == kind).lower()}">{each.capitalize()}</button>'
            for each in self._colouring.possible
        )
        body = (
            f'<div class="bar" style="background: linear-gradient(90deg, {stops})"></div>'
            f'<div class="ticks">{_ticks(scale)}</div>'
            f'<div class="segments kinds" role="group" aria-label="Scale">{kinds}</div>'
        )
        return self._drawn(safe(head), "", body, words)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._card


_BRIGHTEST = "up to the brightest pixels of this view"
_KINDS = {
    "log": "Equal factors, equal steps of colour",
    "equal": "Every colour for equally many",
    "linear": "Equal differences, equal steps of colour",
}
_HUE = "Hue: majority in pixel<br>Brightness: log count"


def _ticks(scale: Scale | None) -> str:
    if scale is None:
        return ""
    shares = [i / (_TICKS - 1) for i in range(_TICKS)]
    return "".join(f"<span>{number(scale.at(share), 2)}</span>" for share in shares)
