"""What tests of several packages share: a small simulated observatory, and its page in a browser.

The observatory is made, and the page is served, as a user does it.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from astra.cli.serve import serve_command
from astra.data.observatory import Observatory
from astra.data.simulation.simulate import simulate_survey

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PATIENCE = 90_000
"""How long a busy machine may take over a step in a browser [ms]."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Observatory:
    """2,000 simulated objects, a third of them labelled, and their run with shipped weights."""
    observatory = Observatory(tmp_path_factory.mktemp("observatory"))
    simulate_survey(observatory, "sky", 2_000, seed=1, labelled=0.3)
    precompute(observatory, "sky")
    return observatory


def precompute(observatory: Observatory, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m precompute`` from a folder that is not the repository."""
    return subprocess.run(
        [sys.executable, "-m", "precompute", *arguments, "--home", str(observatory.home)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path("/"),
    )


class Served(NamedTuple):
    """A server's process, and the address of its page."""

    process: subprocess.Popen[bytes]
    address: str


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Path], Served]]:
    """Serves an observatory as ``astra serve`` does, until the module's tests are done."""
    started: list[subprocess.Popen[bytes]] = []

    def start(home: Path) -> Served:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {**os.environ, "ASTRA_HOME": str(home), "BOKEH_RESOURCES": "server"}
        process = subprocess.Popen(serve_command(port), env=environment, cwd="/")
        started.append(process)
        wait_for(port)
        return Served(process, f"http://127.0.0.1:{port}/app")

    yield start
    for process in started:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nobody listens on port {port}")


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """Chromium of the system; it reaches this machine alone."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_page(chromium: "Browser") -> Callable[..., "Page"]:
    """Opens an address in a window of its own.

    The page keeps what it throws as ``thrown``, and the errors on its console as ``complaints``.
    """

    def open_at(address: str, width: int = 1440, height: int = 900, **context: Any) -> "Page":
        window = chromium.new_context(viewport={"width": width, "height": height}, **context)
        page: Any = window.new_page()
        page.set_default_timeout(PATIENCE)
        page.thrown, page.complaints = [], []
        page.on("pageerror", lambda error: page.thrown.append(str(error)))
        page.on(
            "console",
            lambda said: page.complaints.append(said.text) if said.type == "error" else None,
        )
        page.goto(address)
        return page

    return open_at
