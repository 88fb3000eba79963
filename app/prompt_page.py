"""The page's first bytes at once: what is in them is the same for every visitor.

Panel lays the whole page of a visitor before it answers, and only then does the browser begin to
fetch and to read the scripts that draw it: two waits, one after the other. What the answer says,
which scripts and where the roots of the page go, does not hang on the visitor. So it is kept from
a page that was laid when the server started; the visitor's own is laid when the browser, its
scripts read, opens the socket, as Bokeh does for any session that it does not know.
"""

import re
from types import SimpleNamespace
from typing import Any

import panel_material_ui as pmui
from bokeh.document import Document
from bokeh.resources import Resources as BokehResources
from bokeh.server.urls import per_app_patterns
from bokeh.server.views.static_handler import StaticHandler
from bokeh.settings import settings
from bokeh.util.token import generate_jwt_token, generate_session_id, get_session_id
from panel.config import config
from panel.io.resources import LOCAL_DIST, Resources
from panel.io.server import DocHandler, server_html_page_for_session
from panel.io.state import set_curdoc
from tornado.ioloop import IOLoop
from tornado.web import authenticated

from app.page import THEMES, theme_of

TITLE = "Astra"
_AHEAD = 0.2  # s, when a browser has asked for all scripts
_TOKEN = "the token of the visitor's session"
_LOADER = re.compile(r"<script[^>]*es-module-shims[^>]*></script>")
_PANEL_THEMES = {"dark": "dark", "light": "default"}
_pages: dict[str, str] = {}


def keep_page(document: Document) -> None:
    """Keep what a browser is told of a document in which the page was laid, in both themes."""
    nobody: Any = SimpleNamespace(document=document, token=_TOKEN)
    for theme in THEMES:
        with set_curdoc(document):
            config.theme = _PANEL_THEMES[theme]  # pyright: ignore[reportAttributeAccessIssue]
            page = server_html_page_for_session(
                nobody,
                resources=_resources(),
                title=TITLE,
                template=document.template,
                template_variables=document.template_variables,
            )
        _pages[theme] = _LOADER.sub(rf"\g<0>\n{_begin_early()}", page, count=1)


def _begin_early() -> str:
    """Have the browser fetch and read Material UI while the visitor's page is being laid."""
    address = pmui.Page._render_esm(server=True)
    return (
        f'<link rel="preload" as="fetch" crossorigin href="{address}">'
        f'<script>importShim("{address}")</script>'
    )


def _resources() -> Resources:
    mode = settings.resources(default="server")
    served = {"root_url": "/", "path_versioner": StaticHandler.append_version}
    return Resources.from_bokeh(BokehResources(mode=mode, **(served if mode == "server" else {})))


def serve_own_files(document: Document) -> None:
    """Have a document take its stylesheets from this server, as Panel does when it answers."""
    if settings.resources(default="server") == "server":
        document._template_variables["dist_url"] = LOCAL_DIST


def answer_promptly() -> None:
    """Have servers that are made from now on answer with the page that was kept."""
    of_panel = next(pattern for pattern in per_app_patterns if pattern[1] is DocHandler)
    per_app_patterns[per_app_patterns.index(of_panel)] = (of_panel[0], PromptHandler)


class PromptHandler(DocHandler):
    """Answers with the page that was kept, and the token of a session that is still to be made.

    Where more than this is asked for, as a session of one's own choice, Panel's own answer is
    given.
    """

    @authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Answer a browser that opens the page."""
        if not self._is_plain():
            await super().get(*args, **kwargs)  # pyright: ignore[reportGeneralTypeIssues]
            return
        theme, _ = theme_of({name: morsel.value for name, morsel in self.request.cookies.items()})
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "text/html")
        token = self._token()
        self.write(_pages[theme].replace(_TOKEN, token))
        lay = self.application_context.create_session_if_needed
        IOLoop.current().call_later(_AHEAD, lay, get_session_id(token), self.request, token)

    def _is_plain(self) -> bool:
        app, asked = self.application, {*self.request.arguments, *self.request.headers}
        own = asked & {"bokeh-session-id", "bokeh-token", "Bokeh-Session-Id"}
        below = "/" in (self.application_context.url or "").strip("/")
        redirected = self.request.path == app.prefix
        plain = not (own or below or redirected or config.authorize_callback)
        return bool(_pages) and app.generate_session_ids and plain

    def _token(self) -> str:
        app = self.application
        signed = {"secret_key": app.secret_key, "signed": app.sign_sessions}
        return generate_jwt_token(
            generate_session_id(**signed),
            **signed,
            expiration=app.session_token_expiration,
            extra_payload=dict(self._generate_token_payload()),
        )
