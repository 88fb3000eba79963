"""Screens of several views, put together."""

import panel as pn

from app.session import Session
from app.views.inspector import InspectView
from app.views.light_curve import LightCurveView


def inspect(session: Session) -> pn.viewable.Viewer:
    """One object, read closely."""
    return InspectView(session, LightCurveView(session, compact=False))
