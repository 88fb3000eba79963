"""What a visitor curates: opinions, conflicts, queues, the taxonomy, and what waits for a yes."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import param

from app.background import Each, Latest
from app.known_labels import known_labels
from app.labelling import Desk
from app.session import Session
from app.words import counted
from astra.data.errors import AstraError
from astra.labels.agreement import Opinions
from astra.labels.importing import import_labels
from astra.labels.label import Label
from astra.labels.second_look import read_second_look
from astra.labels.store import LabelStore
from astra.labels.taxonomies import Taxonomies, Version
from astra.labels.taxonomy import Taxonomy

QUEUES = {
    "conflict": "Conflicts",
    "one": "One label",
    "unsure": "Unsure",
    "doubt": "Second look",
    "again": "Self-check",
}
AGAIN = 20
_GUESSED = ("predicted", "probability", "entropy")


def curation_of(session: Session) -> "Curation":
    """The one curation of a session; its views share it."""
    return session.companion(Curation)


class Curation(param.Parameterized):
    """Reads the log off the document's thread, whenever labels or the run have changed.

    Parameters
    ----------
    session : Session
    """

    known = param.Parameter(default=None, doc="What the log says of the run: `Known`, or None.")
    opinions = param.Parameter(default=None, doc="`Opinions` of all annotators, or None.")
    version = param.Parameter(default=None, doc="`Version` of the taxonomy in force, or None.")
    doubts = param.Parameter(default=None, doc="Table of the second look, or None: none was made.")
    pending = param.Parameter(default=None, doc="The Gesture that waits for a yes, or None.")
    new_classes = param.List(default=[], doc="Names typed here that nothing carries yet.")
    queue = param.Selector(default="conflict", objects=list(QUEUES))
    rows = param.Parameter(
        default=np.empty(0, np.int64), doc="Map rows of the whole queue, in its order."
    )
    deciding = param.Boolean(default=False, doc="The next label decides between annotators.")
    busy = param.String(default="", doc="What takes its time in the background.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self._session = session
        self.store = LabelStore(session.observatory.labels)
        self.taxonomies = Taxonomies(session.observatory.labels)
        self._reader, self._opinions, self._work = Latest(), Latest(), Each()
        self._thorough = False
        session.param.watch(lambda *_: self._change_run(), "run")
        session.param.watch(lambda *_: self._cover(), "colour_by")
        session.look.param.watch(lambda *_: self._cover(), "blind")
        session.param.watch(lambda *_: self.read(), "labels_revision")
        self.read()

    # What is known

    @property
    def taxonomy(self) -> Taxonomy:
        """The taxonomy in force, or the first one while it is read."""
        version = self.version
        return version.taxonomy if isinstance(version, Version) else Taxonomy.default()

    @property
    def keys(self) -> dict[str, str]:
        """Key -> class, where a taxonomy was saved that gives keys; else empty."""
        version = self.version
        return version.taxonomy.hotkeys if isinstance(version, Version) and version.number else {}

    @property
    def origin(self) -> str:
        """How labels of one object come about now; empty: as usual."""
        if self.queue == "again" and self._session.screen == "labels":
            return "repeat"
        return "adjudication" if self.deciding else ""

    def _cover(self) -> None:
        """Take what a probe predicts off the map of a person who labels blind."""
        session = self._session
        if session.look.blind and session.colour_by in _GUESSED:
            session.param.update(colour_by="class", category="class")
            session.say("predictions are hidden while you label blind")
        elif session.look.blind and session.category == "predicted":
            session.category = "class"

    def _change_run(self) -> None:
        self.param.update(known=None, doubts=None)
        self.read()

    def read_all(self) -> None:
        """Read the opinions too, now and whenever labels change: a screen shows them."""
        self._thorough = True
        self.read()

    def read(self) -> None:
        """Read the log again."""
        run, session = self._session.run, self._session
        if run is None:
            return

        def deliver(result: Any) -> None:
            # What was read for a run that is off the screen by now is of no use.
            if run is session.run:
                known, version = result
                # Before those who draw hear of what was given.
                run.styles.choose(version.taxonomy.colour_of)
                self.param.update(known=known, version=version)
                session.given = known.given

        self._reader.ask(
            lambda: (known_labels(self.store, run), self.taxonomies.now()), deliver, self._fail
        )
        if self._thorough:
            self._read_opinions()

    def _read_opinions(self) -> None:
        run, observatory = self._session.run, self._session.observatory
        if run is None:
            return

        def work() -> tuple[Opinions, Any]:
            opinions = Opinions.of(self.store, self.taxonomies.now().taxonomy)
            # Costly figures are computed here, not when they are drawn.
            _ = opinions.states, opinions.overall, opinions.pairs, opinions.by_class
            _ = opinions.clashes, opinions.consistency
            return opinions, read_second_look(observatory, run.name)

        def deliver(result: Any) -> None:
            if run is self._session.run:
                self.param.update(opinions=result[0], doubts=result[1])

        self._opinions.ask(work, deliver, self._fail)

    def ids_of(self, queue: str) -> list[str]:
        """Ids of the objects in a queue, of this run alone."""
        run, opinions = self._session.run, self.opinions
        if run is None or opinions is None:
            return []
        if queue == "doubt":
            ids = [] if self.doubts is None else self._doubtful(opinions)
        elif queue == "again":
            mine = opinions.votes["object_id"][
                opinions.votes["annotator"] == self._session.annotator
            ].tolist()
            chosen = np.random.default_rng(len(mine)).permutation(len(mine))[:AGAIN]
            ids = [mine[i] for i in chosen]
        elif queue == "unsure":
            table = opinions.table[opinions.table["label"].isna()]
            decided = set(opinions.decided["object_id"])
            ids = [one for one in dict.fromkeys(table["object_id"]) if one not in decided]
        else:
            ids = opinions.in_state(queue)
        here = run.run.rows_of(ids) >= 0
        return [object_id for object_id, there in zip(ids, here, strict=True) if there]

    def _doubtful(self, opinions: Any) -> list[str]:
        """Objects of the second look that nobody has looked at since."""
        mine = opinions.votes[opinions.votes["annotator"] == self._session.annotator]
        said = dict(mine[["object_id", "label"]].values)
        pairs = self.doubts[["object_id", "label"]].values
        return [o for o, label in pairs if said.get(o, label) == label]

    # What a person does

    def decide(self, desk: Desk, object_id: str, label: str | None) -> None:
        """Adjudicate one object: what is said here stands until the next decision."""
        said = self._about(object_id, label, "adjudication")
        if said is not None:
            words = "decision withdrawn" if label is None else f"decided as {label}"
            desk.append([said], f"{object_id}: {words}")

    def unsure(self, desk: Desk, object_id: str) -> None:
        """Say that one looked at an object and cannot tell."""
        said = self._about(object_id, None, "single", confidence=0.0)
        if said is not None:
            desk.append([said], f"{object_id}: cannot tell")

    def comment(self, desk: Desk, object_id: str, text: str) -> None:
        """Remark on an object."""
        said = self._about(object_id, None, "comment", comment=text.strip())
        if said is not None and text.strip():
            desk.append([said], f"{object_id}: comment")

    def _about(self, object_id: str, label: str | None, origin: Any, **more: Any) -> Label | None:
        session = self._session
        name = "" if session.run is None else session.run.name
        try:
            return Label(
                object_id,
                label,
                session.annotator,
                run=name,
                view="labels",
                origin=origin,
                blind=session.look.blind,
                taxonomy=self.taxonomy.hash,
                **more,
            )
        except AstraError as error:
            session.say(str(error), warning=True)
            return None

    def save_taxonomy(self, edit: Callable[[Taxonomy], Taxonomy]) -> None:
        """Put an edited taxonomy in force."""
        before, who = self.taxonomy, self._session.annotator

        def work() -> Version:
            return self.taxonomies.save(edit(before), who, instead_of=before.hash)

        def deliver(version: Any) -> None:
            self.version = version
            self._session.say(f"taxonomy: version {version.number} is in force")
            self._session.labels_changed()

        self._work.ask(work, deliver, self._fail)

    def import_file(self, name: str, content: bytes) -> None:
        """Append the labels of an uploaded file; those without an annotator are this one's."""
        who, session = self._session.annotator, self._session

        def work() -> str:
            with tempfile.TemporaryDirectory() as folder:
                # The name is a user's: only its last part, and only as a name to show.
                path = Path(folder) / Path(name.replace("\\", "/")).name
                path.write_bytes(content)
                done = import_labels(self.store, path, who)
            there = f", {done.known} batches were there" if done.known else ""
            return f"imported {counted(done.labels, 'label')} of {path.name}{there}"

        def deliver(said: Any) -> None:
            session.say(said)
            session.labels_changed()

        self._work.ask(work, deliver, self._fail)

    def in_background(
        self, what: str, work: Callable[[], object], then: Callable[[Any], None]
    ) -> None:
        """Do something that takes its time; `busy` says what meanwhile."""
        self.busy = what

        def deliver(result: object) -> None:
            self.busy = ""
            then(result)

        self._work.ask(work, deliver, self._fail_busy)

    def _fail_busy(self, error: Exception) -> None:
        self.busy = ""
        self._fail(error)

    def _fail(self, error: Exception) -> None:
        known = isinstance(error, AstraError)
        said = str(error) if known else f"the label log: {type(error).__name__}: {error}"
        self._session.say(said, warning=True)
        self.param.trigger("version")
