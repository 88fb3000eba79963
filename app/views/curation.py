"""The Labels screen: queue and taxonomy, one object, agreement."""

from typing import Any

import panel as pn

from app.session import Session


class CurationView(pn.viewable.Viewer):
    """Three columns; each is a view of its own.

    Parameters
    ----------
    session : Session
    left, middle, right : Viewable
    """

    def __init__(self, session: Session, left: Any, middle: Any, right: Any) -> None:
        super().__init__()
        self.session = session
        self._row = pn.Row(left, middle, right, sizing_mode="stretch_both", margin=0)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._row
