"""What one visitor takes away, and what goes to and comes from other tools on this machine."""

import shutil
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray

from app.background import Waiting
from app.goto import look_up
from app.markup.facts import facts_of
from app.opened_runs import OpenedRun
from app.words import count, counted
from astra.data.errors import AstraError
from astra.exchange import snippet
from astra.exchange.columns import SelectionTable
from astra.exchange.export import FORMATS, ending_of, export
from astra.exchange.samp import Place, Rows, SampLink

if TYPE_CHECKING:
    from app.session import Session

# What goes through a browser: more is for the command line.
MOST_BYTES = 300_000_000
MOST_OBSERVATIONS = 20_000_000
_NAME = "astra-selection"


class Ready(NamedTuple):
    """A file that waits to be downloaded, and what it is called there."""

    path: Path
    name: str


class Exchange(param.Parameterized):
    """Exports the selection, and speaks with the SAMP hub; all of it off the document's thread.

    Parameters
    ----------
    session : Session
    """

    doing = param.String(default="", doc="What is under way, in words; empty: nothing.")
    error = param.String(default="", doc="Why the last thing failed, in words.")
    ready = param.Parameter(default=None, doc="`Ready`: download it; set for each export anew.")
    snippet = param.String(default="", doc="Python that reproduces the selection.")
    sending = param.String(default="", doc="What is said to the hub, in words; empty: nothing.")
    hub = param.Selector(default="unknown", objects=["unknown", "looking", "found", "none"])
    hub_said = param.String(default="", doc="Who is there, or why nobody is.")

    def __init__(self, session: "Session", **params: Any) -> None:
        super().__init__(**params)
        self._session = session
        self._document = pn.state.curdoc
        self._exporting, self._sending = Waiting(), Waiting()
        self._folder: Path | None = None
        self._link = SampLink(self._heard)
        if self._document is not None and self._document.session_context is not None:
            pn.state.on_session_destroyed(partial(_end, self))

    # What is taken away

    @property
    def words(self) -> str:
        """Which objects would go, in words."""
        session = self._session
        if session.run is None:
            return "no run is open"
        if session.chosen is None:
            return f"all {counted(len(session.run), 'object')}"
        rows = int(np.count_nonzero(session.chosen))
        return f"{counted(rows, 'object')}, {session.selection_description or 'by filters'}"

    def export(self, form: str) -> None:
        """Write the selection in a format, and set `ready` when it is written."""
        run = self._session.run
        if run is None or form not in FORMATS:
            return
        rows, title = self._rows(run), self._title()

        def deliver(path: Any) -> None:
            name = f"{_NAME}{'-light-curves' if path.suffix == '.zip' else ''}{path.suffix}"
            self.param.update(doing="", ready=Ready(path, name))
            size = path.stat().st_size
            self._session.say(f"exported {counted(len(rows), 'object')}, {count(size)} bytes")

        self.param.update(doing=f"writing {counted(len(rows), 'object')} …", error="")
        self._exporting.ask(lambda: self._write(run, rows, title, form), deliver, self._failed)

    def _write(self, run: OpenedRun, rows: NDArray[np.int64], title: str, form: str) -> Path:
        how = f"astra export {run.name} --format {form}"
        if form.startswith("light-curves"):
            lengths = run.run.survey.light_curves.lengths[run.run.rows[rows]]
            if lengths.sum() > MOST_OBSERVATIONS:
                raise AstraError(
                    f"{count(int(lengths.sum()))} observations are too many for a browser; "
                    f"save the selection and run {how} --selection NAME --output FOLDER"
                )
        self._folder = self._folder or Path(tempfile.mkdtemp(prefix="astra-export-"))
        path = self._folder / f"{_NAME}{ending_of(form)}"
        export(SelectionTable(run.run, rows, title), path, form, replace=True)
        if path.stat().st_size > MOST_BYTES:
            size = path.stat().st_size
            path.unlink()
            raise AstraError(
                f"{count(size)} bytes are too many for a browser; "
                f"save the selection and run {how} --selection NAME --output FILE"
            )
        return path

    def make_snippet(self) -> None:
        """Put Python that reproduces the selection into `snippet`."""
        session, run = self._session, self._session.run
        if run is None:
            return
        described, filters = session.selection_description, session.filters
        saved = {head.name for head in session.saved.heads}
        try:
            if session.selected is None and not session.hidden:
                brushes = dict(filters.brushes)
                self.snippet = snippet.by_expressions(run.run, filters.expressions, brushes)
            elif described in saved and not session.n_hidden_selected:
                self.snippet = snippet.by_name(run.run, described)
            else:
                ids = run.run.object_ids(self._rows(run))
                self.snippet = snippet.by_ids(run.run, ids, described)
            self.error = ""
        except ValueError as error:
            self.param.update(snippet="", error=str(error))

    # SAMP

    def look(self) -> None:
        """Look for a hub on this machine, and who is there."""
        self._samp("looking for a hub …", lambda: None)

    def send(self) -> None:
        """Send the selection as a table to whoever at the hub takes tables."""
        run = self._session.run
        if run is not None:
            table = SelectionTable(run.run, self._rows(run), self._title())
            words = counted(len(table), "object")
            self._samp(f"sending {words} …", lambda: self._link.send(table), f"sent {words} to")

    def point(self) -> None:
        """Have whoever at the hub can look at the place of the object in focus."""
        run, row = self._session.run, self._session.focus
        if run is None or row is None:
            return
        facts = facts_of(run, row)
        if facts.ra is None or facts.dec is None:
            self._session.say(f"the place of {facts.object_id} is unknown", warning=True)
            return
        ra, dec = facts.ra, facts.dec
        self._samp("pointing …", lambda: self._link.point_at(ra, dec), "pointed with")

    def _samp(self, doing: str, act: Any, done: str = "") -> None:
        def work() -> tuple[list[str], list[str]]:
            self._link.connect()
            names = act() or []
            return sorted(set(self._link.listeners().values())), names

        def deliver(answer: Any) -> None:
            present, names = answer
            who = ", ".join(present) if present else "nobody takes tables there"
            self.param.update(sending="", hub="found", hub_said=who)
            if done:
                self._session.say(f"{done} {', '.join(sorted(set(names)))}")

        self.param.update(sending=doing, hub="looking")
        self._sending.ask(work, deliver, self._no_hub)

    def _no_hub(self, error: Exception) -> None:
        hub = "found" if self._link.is_connected else "none"
        self.param.update(sending="", hub=hub, hub_said=_reason(error))
        self._session.say(_reason(error), warning=True)

    def _heard(self, told: Rows | Place) -> None:
        """Called by the client's thread."""
        act = partial(self.receive, told)
        if self._document is None or self._document.session_context is None:
            act()
        else:
            self._document.add_next_tick_callback(act)

    def receive(self, told: Rows | Place) -> None:
        """Do what another application asks: focus an object, select some, go to a place."""
        session, run = self._session, self._session.run
        if run is None:
            return
        if isinstance(told, Place):
            session.go_to(look_up(run, f"{told.ra:.6f} {told.dec:+.6f}"))
            return
        rows = run.run.rows_of(told.object_ids)
        rows = rows[rows >= 0]
        if not len(rows):
            session.say(f"{told.sender}: none of these is in run {run.name}", warning=True)
        elif told.is_highlight:
            session.focus = int(rows[0])
            session.say(f"{told.sender}: {run.object_id(int(rows[0]))}")
        else:
            mask = np.zeros(len(run), bool)
            mask[rows] = True
            session.select(mask, f"from {told.sender}")
            session.say(f"{told.sender}: {counted(len(rows), 'object')}")

    # Itself

    def end(self) -> None:
        """Leave the hub and take temporary files away."""
        self._link.disconnect()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _rows(self, run: OpenedRun) -> NDArray[np.int64]:
        chosen = self._session.chosen
        return np.arange(len(run)) if chosen is None else np.flatnonzero(chosen)

    def _title(self) -> str:
        session = self._session
        if session.selected is None:
            return "all objects" if session.chosen is None else "filters"
        return session.selection_description

    def _failed(self, error: Exception) -> None:
        self.param.update(doing="", error=_reason(error))
        self._session.say(_reason(error), warning=True)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, AstraError) else f"{type(error).__name__}: {error}"


def _end(exchange: Exchange, _: object) -> None:
    # A hub that hangs must not hold the page's thread.
    threading.Thread(target=exchange.end, name="end exchange", daemon=True).start()
