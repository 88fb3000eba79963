"""What the address of the page asks for, and the address that asks for an object."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from app.session import Session


def query_of(run: str, object_id: str) -> str:
    """Query of the address that opens an object of a run on its light curve."""
    return urlencode({"object": object_id, "run": run})


def follow(session: Session, query: Mapping[str, Sequence[bytes]]) -> None:
    """Do what a link asks.

    ``run``, ``filter`` (an expression), ``selection`` (a saved name), ``object`` (an id, which is
    opened on its light curve).
    """
    asked = {name: values[0].decode(errors="replace") for name, values in query.items() if values}
    run = asked.get("run", "")
    is_here = True
    if run and (session.run is None or session.run.name != run):
        is_here = session.open_run(run)
    if asked.get("filter"):
        error = session.filters.add(asked["filter"])
        if error is not None:
            session.say(f"the filter of the link: {error}", warning=True)
    if asked.get("selection"):
        session.saved.select(asked["selection"])
    if asked.get("object"):
        _inspect(session, asked["object"], run if not is_here else "")


def _inspect(session: Session, object_id: str, missing_run: str) -> None:
    """Open an object; one that is not there is never replaced by another."""
    row = None if session.run is None or missing_run else session.run.find(object_id)
    if row is not None:
        session.param.update(focus=row, screen="inspect")
        return
    if missing_run:
        said = f"The link asks for {object_id} of run {missing_run}, and there is no such run here."
    elif session.run is None:
        said = f"The link asks for {object_id}, and there is no run here."
    else:
        said = f"Run {session.run.name} has no object {object_id}."
    session.param.update(focus=None, missing=said, screen="inspect")
    session.say(said, warning=True)
