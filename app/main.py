"""One visitor: a session on the current run, and the page that shows it."""

import panel as pn

from app.current_watch import first_run
from app.early_events import keep_early_events
from app.guard import admitted, refusal
from app.leavings import sweep
from app.links import follow
from app.page import Page, theme_of
from app.prompt_page import TITLE, serve_own_files
from app.session import Session
from app.theme import figure_theme

pn.extension("tabulator", reconnect=True, notifications=True)
if pn.state.curdoc is not None:
    pn.state.curdoc.theme = figure_theme()
    serve_own_files(pn.state.curdoc)

keep_early_events()
sweep()
if admitted(pn.state.curdoc, pn.state.user):
    theme, chosen = theme_of(pn.state.cookies)
    session = Session(theme=theme)
    if session.runs:
        session.open_run(first_run(session))
    page = Page(session, theme_chosen=chosen)
    follow(session, pn.state.session_args)
    page.servable(title=TITLE)
else:
    refusal().servable(title=TITLE)
