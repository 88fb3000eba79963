"""The nearest in the embedding to an object, a selection, or a light curve from elsewhere."""

import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import param
from numpy.typing import NDArray

from app.asking import encoder_of
from app.background import Latest, Waiting
from app.opened_runs import OpenedRun
from app.pasted import light_curve_of
from app.words import counted
from astra.data.errors import AstraError
from astra.data.light_curves import LightCurve

if TYPE_CHECKING:
    from app.session import Session

COUNTS = (10, 20, 50, 200)
PASTED = "the light curve that was given"


class Query(NamedTuple):
    """Whose likes are asked for.

    Attributes
    ----------
    words : str
    row : int or None
        Map row, where it is one object of the run.
    members : int64 [objects]
        Survey rows that it stands for: they are left out of what is found.
    light_curve : LightCurve or None
        Where it came from elsewhere.
    remark : str
        What of it was not taken.
    """

    words: str
    row: int | None
    members: NDArray[np.integer]
    light_curve: LightCurve | None = None
    remark: str = ""


class Likes(NamedTuple):
    """What was found, nearest first.

    Attributes
    ----------
    query : Query
    rows : int64 [found]
        Map rows.
    distances : float64 [found]
        In units of the standard deviation of a component of the embedding.
    vector : float [embedding]
    milliseconds : float
        How long the comparing took.
    """

    query: Query
    rows: NDArray[np.int64]
    distances: NDArray[np.float64]
    vector: NDArray[np.floating]
    milliseconds: float


class Similar(param.Parameterized):
    """Finds the objects nearest in the embedding, exactly: all are compared.

    Parameters
    ----------
    session : Session
    """

    most = param.Selector(default=20, objects=list(COUNTS), doc="How many are found.")
    found = param.Parameter(default=None, doc="The `Likes` found last, or None.")
    doing = param.String(default="", doc="What is under way, in words; empty: nothing.")
    error = param.String(default="", doc="Why nothing was found, in words.")
    asked = param.Integer(default=0, doc="Grows when somebody asks: whoever shows it comes up.")

    def __init__(self, session: "Session", **params: Any) -> None:
        super().__init__(**params)
        self._session = session
        self._comparing, self._embedding = Latest(), Waiting()
        session.param.watch(lambda *_: self.clear(), "run")
        self.param.watch(lambda *_: self._again(), "most")

    def clear(self) -> None:
        """Forget what was found."""
        self.param.update(found=None, doing="", error="")

    # What is asked

    def of_object(self, row: int | None) -> None:
        """Find what is like an object, by its map row."""
        run = self._session.run
        if run is None or row is None:
            self._refuse("no object chosen: tap one on the map, or a row of a list")
            return
        survey_row = np.array([run.run.rows[row]])
        query = Query(run.object_id(row), row, survey_row)
        self._find(run, query, run.space.embeddings[survey_row[0]])

    def of_selection(self) -> None:
        """Find what is like the mean of the selection; its own objects are left out."""
        run, rows = self._session.run, self._session.selected_rows
        if run is None or not len(rows):
            self._refuse("nothing selected: draw a lasso first")
            return
        members = run.run.rows[rows]
        query = Query(f"the mean of {counted(len(rows), 'object')}", None, members)
        self._find(run, query, None)

    def of_text(self, content: str | bytes, difference: bool = False) -> None:
        """Find what is like a light curve that somebody gives: see `app.pasted.light_curve_of`."""
        try:
            pasted = light_curve_of(content, difference)
        except AstraError as error:
            self._refuse(str(error))
            return
        self.of_light_curve(pasted.light_curve, PASTED, pasted.remark)

    def of_light_curve(self, light_curve: LightCurve, words: str, remark: str = "") -> None:
        """Find what is like a light curve; the run's encoder embeds it in a process of its own."""
        run = self._session.run
        if run is None:
            return
        encoder = encoder_of(run.run.path)
        query = Query(words, None, np.empty(0, np.int64), light_curve, remark)
        doing = "Embedding the light curve" if encoder.is_warm else "Starting the encoder"
        self._begin(f"{doing} …")
        self._embedding.ask(
            lambda: encoder.embed(light_curve),
            lambda vector: self._find(run, query, vector),
            self._fail,
        )

    def _again(self) -> None:
        run, found = self._session.run, self.found
        if run is not None and found is not None:
            self._find(run, found.query, found.vector)

    # How it is answered

    def _begin(self, doing: str) -> None:
        self.param.update(doing=doing, error="", asked=self.asked + 1)

    def _refuse(self, reason: str) -> None:
        self.param.update(error=reason, doing="", found=None, asked=self.asked + 1)
        self._session.say(reason, warning=True)

    def _find(self, run: OpenedRun, query: Query, vector: Any) -> None:
        if run is not self._session.run:
            return
        if "embeddings" not in run.run.manifest.artefacts:
            self._refuse(f"run {run.name} has no embeddings: precompute its stage embeddings")
            return
        most = self.most
        # Told of, it would stand there for a blink, and twice have the page laid again.
        self._begin("")
        self._comparing.ask(
            lambda: compare(run, query, vector, most), partial(self._take, run), self._fail
        )

    def _take(self, run: OpenedRun, found: Any) -> None:
        if run is self._session.run:
            self.param.update(found=found, doing="", error="")
            said = f"{counted(len(found.rows), 'object')} nearest to {found.query.words}"
            self._session.say(said, latency=found.milliseconds)

    def _fail(self, error: Exception) -> None:
        reason = str(error) if isinstance(error, AstraError) else f"{type(error).__name__}: {error}"
        self._refuse(reason)

    # What becomes of it

    def select(self, mode: str = "replace") -> None:
        """Make what was found the selection, or combine the two: see `Session.select`."""
        run, found = self._session.run, self.found
        if run is not None and found is not None:
            mask = np.zeros(len(run), bool)
            mask[found.rows] = True
            self._session.select(mask, f"similar to {found.query.words}", mode=mode)
            self._session.say(f"selected {counted(len(found.rows), 'object')} that were found")


def compare(run: OpenedRun, query: Query, vector: NDArray | None, most: int) -> Likes:
    """Compare all objects of a run with a vector, or with the mean of the query's members."""
    space = run.space
    _ = space.deviation  # made once for a run; what follows is what every search takes
    started = time.perf_counter()
    vector = space.mean(query.members) if vector is None else np.asarray(vector)
    nearest = space.nearest(vector, most, leave_out=query.members)
    milliseconds = 1e3 * (time.perf_counter() - started)
    rows = run.run.map_row[nearest.rows].astype(np.int64)
    return Likes(query, rows, nearest.distances, vector, milliseconds)
