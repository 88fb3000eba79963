"""``astra serve``: the page, on this machine's own address."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from astra.cli.options import Home, Port
from astra.data.errors import AstraError
from astra.data.observatory import Observatory


def app_folder() -> Path:
    """Folder of the Panel app, found without importing it."""
    spec = importlib.util.find_spec("app")
    if spec is None or spec.origin is None:
        raise AstraError("the app is not installed: pip install 'astra-observatory[app]'")
    return Path(spec.origin).parent


def serve_command(port: int) -> list[str]:
    """Arguments that serve the app on the loopback address."""
    return [
        *(sys.executable, "-m", "panel", "serve", str(app_folder())),
        *("--address", "127.0.0.1", "--port", str(port)),
        *("--allow-websocket-origin", f"127.0.0.1:{port}"),
        *("--allow-websocket-origin", f"localhost:{port}"),
        *("--unused-session-lifetime", "60000", "--log-level", "warning"),
    ]


def serve(home: Home = None, port: Port = 5006) -> None:
    """Serve the page to this machine (loopback only); stop it with Ctrl-C."""
    observatory = Observatory(home)
    Console().print(
        f"Astra serves {observatory.home}\n[bold]http://localhost:{port}/app[/]", highlight=False
    )
    environment = {
        **os.environ,
        "ASTRA_HOME": str(observatory.home),
        "BOKEH_RESOURCES": "server",
    }
    process = subprocess.Popen(serve_command(port), env=environment)
    try:
        process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
