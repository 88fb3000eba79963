"""One visitor: a session on the newest run, and the page that shows it."""

import panel as pn

from app.page import Page, theme_of
from app.session import Session
from app.theme import figure_theme

pn.extension("tabulator", reconnect=True)
if pn.state.curdoc is not None:
    pn.state.curdoc.theme = figure_theme()

theme, chosen = theme_of(pn.state.cookies)
session = Session(theme=theme)
if session.runs:
    session.open_newest()
Page(session, theme_chosen=chosen).servable(title="Astra")
