"""On which scale the map's colours stand for numbers, and what of its legend is shown."""

import param

from app.categories import KINDS
from app.session import Session


class Colouring(param.Parameterized):
    """Kind of scale of each colouring: the map and its legend share it.

    Parameters
    ----------
    session : Session
    """

    folded = param.Boolean(default=False, doc="Only the head of the legend is shown.")
    chosen = param.Dict(default={}, doc="Colouring -> kind of scale, where a person chose one.")

    def __init__(self, session: Session, **params: str) -> None:
        super().__init__(**params)
        self._session = session

    @property
    def kind(self) -> str | None:
        """What was chosen for the present colouring; None leaves it to the numbers."""
        return self.chosen.get(self._session.colour_by)

    @property
    def possible(self) -> tuple[str, ...]:
        """Kinds that the present colouring can have."""
        run, colour_by = self._session.run, self._session.colour_by
        if run is None or colour_by == "density":
            return KINDS
        return KINDS if run.scale(colour_by).is_positive else KINDS[1:]

    def choose(self, kind: str) -> None:
        """Show the present colouring on another kind of scale."""
        if kind in self.possible:
            self.chosen = {**self.chosen, self._session.colour_by: kind}


def colouring_of(session: Session) -> Colouring:
    """The one of a session."""
    return session.companion(Colouring)
