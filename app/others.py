"""What others do to named selections and to the taxonomy, followed without a refresh."""

from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import panel as pn

from app.background import Latest, soon
from app.curation import curation_of
from app.session import Session
from astra.labels.changes import Revision, Stamp, revision, stamp

PERIOD = 3000


class Others:
    """Looks every few seconds whether the label log was written to, by whomever.

    A look is one call to the file system; the log is asked only when its file has changed, once for
    all visitors, and what a visitor sees is read again only where it is what has changed.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session, self._path = session, session.observatory.labels
        self._curation = curation_of(session)
        self._seen: Stamp | None = None
        self._reader = Latest(patient=True)
        if pn.state.curdoc is not None:
            pn.state.add_periodic_callback(partial(soon, self.look), period=PERIOD)

    def look(self) -> None:
        """Look once, and read again what has changed."""
        now = stamp(self._path)
        if now is not None and now != self._seen:
            self._seen = now
            self._reader.ask(lambda: _revision(self._path, now), self._follow, self._fail)

    def _follow(self, found: Any) -> None:
        saved, version = self._session.saved, self._curation.version
        if found.selections != saved.revision:
            saved.refresh()
        if version is not None and found.taxonomies != version.number:
            self._curation.read()

    def _fail(self, error: Exception) -> None:
        self._session.say(f"what others have changed is not known: {error}", warning=True)


@lru_cache(8)
def _revision(path: Path, at: Stamp) -> Revision:
    """How far the log has grown, asked once for each stamp of its file."""
    return revision(path)
