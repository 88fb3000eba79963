"""What the first visitor would wait for, done before the server opens its port."""

import logging
from functools import cache

import panel as pn
from bokeh.document import Document
from panel.io.document import _cleanup_doc
from panel.io.state import set_curdoc

from app.current_watch import first_run
from app.page import Page
from app.prompt_messages import send_promptly
from app.prompt_page import TITLE, answer_promptly, keep_page
from app.session import Session
from app.theme import figure_theme
from astra.data.observatory import Observatory
from astra.map.warm import warm
from astra.selections.crossing import warm as warm_filters
from astra.selections.nearest import warm as warm_nearest
from astra.selections.summing import warm as warm_summing


@cache
def get_ready() -> None:
    """Load the kernels, open the first run, and lay its page once, for nobody."""
    send_promptly()
    for kernels in (warm, warm_filters, warm_nearest, warm_summing):
        kernels()
    pn.extension("tabulator", reconnect=True, notifications=True)
    session = Session(Observatory())
    if session.runs and not session.open_run(first_run(session)):
        logging.getLogger(__name__).warning("the first run stays closed: %s", session.status)
    _rehearse(session)
    answer_promptly()


def _rehearse(session: Session) -> None:
    document = Document()
    document.theme = figure_theme()
    page = Page(session)
    with set_curdoc(document):
        page.__panel__().server_doc(document, title=TITLE, location=True)
    document.to_json()
    keep_page(document)
    _cleanup_doc(document)
