"""Messages to the browser that leave when they are written.

A message of Bokeh's protocol is several small frames. A socket of Tornado's holds a small frame
back until the one before was acknowledged (Nagle's algorithm), and a browser may acknowledge as
late as after 40 ms: the header of a lasso's count came 18 ms after its release, the count itself
after 62.
"""

from collections.abc import Awaitable
from functools import wraps

from bokeh.server.views.ws import WSHandler

_open = WSHandler.open


@wraps(_open)
def _open_promptly(self: WSHandler) -> Awaitable[None] | None:
    self.set_nodelay(True)
    return _open(self)


def send_promptly() -> None:
    """Have every socket that is opened from now on send at once."""
    WSHandler.open = _open_promptly
