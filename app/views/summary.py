"""The selection in numbers, or all objects where there is none: count, medians, classes."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import panel as pn
import param

from app.background import Latest
from app.drawing.marks import mark
from app.opened_runs import OpenedRun
from app.session import Session
from app.tally import Tally
from app.theme import stylesheet
from app.words import UNLABELLED, count, fixed, number, percent, safe

MOST_IN_MIX = 8
_IN_SKETCH = {"replace": "In", "add": "With", "subtract": "Without"}


class Part(NamedTuple):
    """A class among the objects: its name, its mark, its colour, how many."""

    name: str
    mark: str
    colour: str
    objects: int


class SummaryView(pn.viewable.Viewer):
    """Two panels on one set of numbers: `head` for above a table, and the view itself, by class."""

    tally = param.ClassSelector(class_=Tally, allow_None=True, doc="What is said.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self._counting = Latest()
        self._asked = self._told = 0
        options: dict[str, Any] = {
            "stylesheets": [stylesheet("summary")],
            "sizing_mode": "stretch_width",
            "margin": 0,
        }
        self.head = pn.pane.HTML("", css_classes=["astra-selection-count"], **options)
        self._detail = pn.pane.HTML("", css_classes=["astra-summary"], **options)
        session.param.watch(
            lambda *_: self._count(),
            [
                *("run", "selection_revision", "sketch", "shown_revision"),
                *("category", "hidden", "given"),
            ],
        )
        session.param.watch(lambda *_: self._draw(), "theme")
        self._count()

    def _count(self) -> None:
        session, run = self.session, self.session.run
        self._asked += 1
        if run is None:
            self._take(None, self._asked)
            return
        wanted = session.chosen, session.classes, session.category_now("class")
        if session.sketch is not None:
            self._take(session.sketch.tally, self._asked)
        elif session.tally is not None and session.tally.is_of(*wanted):
            self._take(session.tally, self._asked)
        else:
            taken = partial(self._take, asked=self._asked)
            self._counting.ask(lambda: Tally.of(run, *wanted), taken, self._fail)

    def _take(self, tally: Any, asked: int) -> None:
        if asked >= self._told:  # else it is older than what is there
            self._told, self.tally = asked, tally
            self._draw()

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the selection could not be counted: {error}", warning=True)

    def _draw(self) -> None:
        run, tally = self.session.run, self.tally
        if run is None or tally is None or tally.classes is not self.session.classes:
            self.head.object = self._detail.object = ""
            return
        title, parts = self._title(), self._parts(run, tally)
        stats = _stats(tally, len(run))
        mix, rows = _mix(parts, tally.objects), self._rows(parts, tally.objects)
        self.head.object = f'{title}<div class="sums">{stats}{mix}</div>'
        self._detail.object = title + stats + rows

    def _title(self) -> str:
        session = self.session
        if session.sketch is not None:
            words = f"{_IN_SKETCH[session.sketch.mode]} the {session.sketch.tool}"
            return f'<div class="top"><i class="dot"></i><span class="title">{words}</span></div>'
        if session.selected is None:
            words = "All objects" if session.shown is None else "All that is not hidden"
            if session.filters.passing is not None:
                words = "All that passes the filters"
            return f'<div class="top"><span class="title">{words}</span></div>'
        words = session.selection_description
        title = safe(words[:1].upper() + words[1:])
        left_out = session.n_hidden_selected
        note = f'<span class="note push">{count(left_out)} hidden</span>' if left_out else ""
        return f'<div class="top"><i class="dot"></i><span class="title">{title}</span>{note}</div>'

    def _rows(self, parts: list[Part], of: int) -> str:
        most = max((n for *_, n in parts), default=1)
        rows = "".join(
            f'<div class="class">{shape}<span class="name" title="{safe(name)}">{safe(name)}</span>'
            f'<span><i style="background:{colour};width:{100 * n / most:.1f}%"></i></span>'
            f'<span>{count(n)}</span><span class="share">{percent(n, of)}</span></div>'
            for name, shape, colour, n in parts
        )
        word = "Predicted class" if self.session.category == "predicted" else "Class"
        head = "".join(f"<span>{text}</span>" for text in ("", word, "", "Objects", "Share"))
        return f'<div class="rows"><div class="head">{head}</div>{rows}</div>'

    def _parts(self, run: OpenedRun, tally: Tally) -> list[Part]:
        """Classes that there are, the most frequent first."""
        parts = []
        for i in np.argsort(-tally.mix, kind="stable"):
            if objects := int(tally.mix[i]):
                name = (*tally.classes.names, UNLABELLED)[i]
                style = run.styles[name]
                colour = style.colour(self.session.theme)
                parts.append(Part(name, str(mark(style.marker, colour)), colour, objects))
        return parts

    def __panel__(self) -> pn.viewable.Viewable:
        return self._detail


def _mix(parts: list[Part], of: int) -> str:
    bar = "".join(f'<i style="background:{c};flex:{n}"></i>' for _, _, c, n in parts)
    mix = "".join(
        f'<div>{shape}<span class="name" title="{safe(name)}">{safe(name)}</span>'
        f'<span class="share">{percent(n, of)}</span></div>'
        for name, shape, _, n in parts[:MOST_IN_MIX]
    )
    return f'<div class="bar">{bar}</div><div class="mix">{mix}</div>'


def _stats(tally: Tally, of: int) -> str:
    share = "" if tally.objects == of else f"<small>{percent(tally.objects, of)}</small>"
    unit = "<small>d</small>" if np.isfinite(tally.period) else ""
    cells = (
        ("Objects", f'<b class="astra-count">{count(tally.objects)}</b>{share}'),
        ("Median period", f"<b>{number(tally.period, 3)}</b>{unit}"),
        ("Median score", f"<b>{fixed(tally.score)}</b>"),
        ("Labelled", f"<b>{count(tally.labelled)}</b>"),
    )
    body = "".join(f"<div><span>{word}</span>{value}</div>" for word, value in cells)
    return f'<div class="stats">{body}</div>'
