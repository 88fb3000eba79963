"""What the address of the page asks for."""

from collections.abc import Mapping, Sequence

from app.session import Session


def follow(session: Session, query: Mapping[str, Sequence[bytes]]) -> None:
    """Do what a link asks: ``run``, ``filter`` (an expression), ``selection`` (a saved name)."""
    asked = {name: values[0].decode(errors="replace") for name, values in query.items() if values}
    run = asked.get("run", "")
    if run and (session.run is None or session.run.name != run):
        session.open_run(run)
    if asked.get("filter"):
        error = session.filters.add(asked["filter"])
        if error is not None:
            session.say(f"the filter of the link: {error}", warning=True)
    if asked.get("selection"):
        session.saved.select(asked["selection"])
