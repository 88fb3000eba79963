"""The selection in numbers, or all objects where there is none: count, medians, classes."""

from typing import Any, NamedTuple

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray

from app.background import Latest
from app.categories import Category
from app.drawing.marks import mark
from app.opened_runs import PERIOD, OpenedRun
from app.session import MOST_LISTED, Session
from app.theme import stylesheet
from app.words import UNLABELLED, count, fixed, number, percent, safe
from astra.selections.summing import median

MOST_IN_MIX = 8


class Numbers(NamedTuple):
    """What is said of some objects.

    Attributes
    ----------
    objects, labelled : int
    classes : int64 [classes + 1]
        Objects of each class; the last counts those without.
    period, score : float
        Medians, NaN where unknown.
    """

    objects: int
    labelled: int
    classes: NDArray[np.int64]
    period: float
    score: float


class SummaryView(pn.viewable.Viewer):
    """Two panels on one set of numbers: `head` for above a table, and the view itself, by class."""

    numbers = param.Parameter(default=None, doc="What is said.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session
        self._counting = Latest()
        options: dict[str, Any] = {
            "stylesheets": [stylesheet("summary")],
            "sizing_mode": "stretch_width",
            "margin": 0,
        }
        self.head = pn.pane.HTML("", css_classes=["astra-selection-count"], **options)
        self._detail = pn.pane.HTML("", css_classes=["astra-summary"], **options)
        session.param.watch(
            lambda *_: self._count(),
            ["run", "selection_revision", "shown_revision", "category", "hidden", "given"],
        )
        session.param.watch(lambda *_: self._draw(), "theme")
        self._count()

    def _count(self) -> None:
        session, run = self.session, self.session.run
        if run is None:
            self._take(None)
            return
        chosen = session.chosen
        classes, labels = session.classes, session.category_now("class")
        self._counting.ask(lambda: count_up(run, classes, labels, chosen), self._take, self._fail)

    def _take(self, numbers: Any) -> None:
        self.numbers = numbers
        self._draw()

    def _fail(self, error: Exception) -> None:
        self.session.say(f"the selection could not be counted: {error}", warning=True)

    def _draw(self) -> None:
        run, numbers, classes = self.session.run, self.numbers, self.session.classes
        if run is None or numbers is None or len(numbers.classes) != len(classes.names) + 1:
            self.head.object = self._detail.object = ""
            return
        top = self._title() + _stats(numbers, len(run))
        self.head.object = top + self._mix(run, classes, numbers)
        self._detail.object = top + self._rows(run, classes, numbers)

    def _title(self) -> str:
        session = self.session
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

    def _mix(self, run: OpenedRun, classes: Category, numbers: Numbers) -> str:
        parts = self._parts(run, classes, numbers)
        bar = "".join(f'<i style="background:{c};flex:{n}"></i>' for _, _, c, n in parts)
        mix = "".join(
            f'<div>{shape}<span class="name" title="{safe(name)}">{safe(name)}</span>'
            f'<span class="share">{percent(n, numbers.objects)}</span></div>'
            for name, shape, _, n in parts[:MOST_IN_MIX]
        )
        return f'<div class="bar">{bar}</div><div class="mix">{mix}</div>'

    def _rows(self, run: OpenedRun, classes: Category, numbers: Numbers) -> str:
        parts = self._parts(run, classes, numbers)
        most = max((n for *_, n in parts), default=1)
        rows = "".join(
            f'<div class="class">{shape}<span class="name" title="{safe(name)}">{safe(name)}</span>'
            f'<span><i style="background:{colour};width:{100 * n / most:.1f}%"></i></span>'
            f'<span>{count(n)}</span><span class="share">{percent(n, numbers.objects)}</span></div>'
            for name, shape, colour, n in parts
        )
        word = "Predicted class" if self.session.category == "predicted" else "Class"
        head = "".join(f"<span>{text}</span>" for text in ("", word, "", "Objects", "Share"))
        return f'<div class="rows"><div class="head">{head}</div>{rows}</div>'

    def _parts(
        self, run: OpenedRun, classes: Category, numbers: Numbers
    ) -> list[tuple[str, str, str, int]]:
        parts = []
        for i in np.argsort(-numbers.classes, kind="stable"):
            objects = int(numbers.classes[i])
            if objects:
                name = (*classes.names, UNLABELLED)[i]
                style = run.styles[name]
                colour = style.colour(self.session.theme)
                parts.append((name, str(mark(style.marker, colour)), colour, objects))
        return parts

    def __panel__(self) -> pn.viewable.Viewable:
        return self._detail


def count_up(
    run: OpenedRun, classes: Category, labels: Category, chosen: NDArray[np.bool_] | None
) -> Numbers:
    """Count objects and take medians, of all or of the chosen, bool [objects]."""
    mix = classes.counts if chosen is None else classes.count(chosen)
    if labels.by_frequency(MOST_LISTED) is classes:
        named = mix
    else:
        named = labels.counts if chosen is None else labels.count(chosen)
    return Numbers(
        int(mix.sum()),
        int(named[:-1].sum()),
        mix,
        _median(run, PERIOD, chosen),
        _median(run, "anomaly", chosen),
    )


def _median(run: OpenedRun, column: str, chosen: NDArray[np.bool_] | None) -> float:
    if column != PERIOD and column not in run.numeric_columns:
        return float("nan")
    if chosen is None:
        return run.median(column)
    return median(run.values(column), chosen)


def _stats(numbers: Numbers, of: int) -> str:
    share = "" if numbers.objects == of else f"<small>{percent(numbers.objects, of)}</small>"
    unit = "<small>d</small>" if np.isfinite(numbers.period) else ""
    cells = (
        ("Objects", f'<b class="astra-count">{count(numbers.objects)}</b>{share}'),
        ("Median period", f"<b>{number(numbers.period, 3)}</b>{unit}"),
        ("Median score", f"<b>{fixed(numbers.score)}</b>"),
        ("Labelled", f"<b>{count(numbers.labelled)}</b>"),
    )
    body = "".join(f"<div><span>{word}</span>{value}</div>" for word, value in cells)
    return f'<div class="stats">{body}</div>'
