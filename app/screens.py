"""Screens of several views, put together."""

import panel as pn

from app.session import Session
from app.views.agreement import AgreementView
from app.views.conflict import ConflictView
from app.views.crossmatch import CrossmatchView
from app.views.curation import CurationView
from app.views.facts import FactsView, PredictionsView
from app.views.inspector import InspectView
from app.views.label_queue import QueueView
from app.views.labels import LabelsView
from app.views.light_curve import LightCurveView
from app.views.period import PeriodView
from app.views.taxonomy import TaxonomyView
from app.views.world import WorldView


def inspect(session: Session) -> pn.viewable.Viewer:
    """One object, read closely."""
    light_curve = LightCurveView(session, compact=False, beside=PeriodView(session))
    panels = [
        PredictionsView(session),
        WorldView(session),
        CrossmatchView(session),
        FactsView(session),
    ]
    return InspectView(session, light_curve, panels)


def labels(session: Session) -> pn.viewable.Viewer:
    """Conflicts and doubts, the object, the decision, and how far annotators agree."""
    return CurationView(
        session,
        QueueView(session, TaxonomyView(session)),
        ConflictView(session, LabelsView(session, screens=("labels",), with_log=False)),
        AgreementView(session),
    )
