"""Who may see the page: this machine, and people who have signed in."""

from ipaddress import ip_address
from typing import Any

import panel as pn

REFUSAL = (
    "This observatory is served to its own machine alone. To serve a network, start it with "
    "authentication (panel serve app --basic-auth FILE, or --oauth-provider ...), or reach it "
    "through an SSH tunnel."
)


def is_local(address: str | None) -> bool:
    """Whether a visitor's address is this machine's own; an unknown one is not."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return False
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback


def admitted(document: Any, user: str | None) -> bool:
    """Whether a visitor may see the page: from this machine, or signed in."""
    context = getattr(document, "session_context", None)
    if context is None:  # no server: a notebook, or a test
        return True
    return bool(user) or is_local(getattr(context.request, "remote_ip", None))


def refusal() -> pn.pane.Str:
    """What a visitor who is not admitted sees."""
    return pn.pane.Str(REFUSAL)
