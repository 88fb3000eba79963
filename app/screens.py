"""Screens of several views, put together."""

import panel as pn

from app.session import Session
from app.views.facts import FactsView, PredictionsView
from app.views.inspector import InspectView
from app.views.light_curve import LightCurveView
from app.views.period import PeriodView
from app.views.world import WorldView


def inspect(session: Session) -> pn.viewable.Viewer:
    """One object, read closely."""
    light_curve = LightCurveView(session, compact=False, beside=PeriodView(session))
    panels = [PredictionsView(session), WorldView(session), FactsView(session)]
    return InspectView(session, light_curve, panels)
