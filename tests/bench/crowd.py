"""Many visitors who pan once a second, without browsers that paint: what the server itself takes.

    python tests/bench/crowd.py --home observatory [--visitors 20] [--seconds 30] [--cycles 500]

Each visitor speaks Bokeh's protocol: it pulls the page, says what it looks at as the page's script
does, and waits for the raster. Times are from the word that the view moved until all bytes of the
frame are there; the visitors share the machine with the server. With cycles, visitors come, look
and leave one after the other, and what they leave behind in the server's memory is printed.
"""

import argparse
import asyncio
import json
import re
import statistics
import time
import uuid
from pathlib import Path
from typing import Any

import psutil
from browsing import free_port, serving
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from astra.cli.serve import serve_command

SIZE = (856, 620)
BEAT = 1.0
PATIENCE = 60.0
HALF = 10.0
FORGET = 80  # seconds until the server has let go of a session that was left


class Visitor:
    """One visitor: `took` are the times from a movement to its frame [ms]."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.took: list[float] = []
        self.opened = 0.0
        self._frames = asyncio.Queue[float]()

    async def come(self) -> None:
        """Open the page, and wait for its first frame."""
        begin = time.perf_counter()
        url = f"http://127.0.0.1:{self.port}/app"
        answer = await AsyncHTTPClient().fetch(HTTPRequest(url, request_timeout=PATIENCE))
        token = re.search(r'"token":"([^"]+)"', answer.body.decode())
        assert token is not None
        self._socket: WebSocketClientConnection = await websocket_connect(
            HTTPRequest(
                f"ws://127.0.0.1:{self.port}/app/ws",
                connect_timeout=PATIENCE,
                request_timeout=PATIENCE,
            ),
            subprotocols=["bokeh", token[1]],
            max_message_size=64 * 2**20,
        )
        await self._read()
        self._send("PULL-DOC-REQ", {})
        while True:
            header, content = await self._read()
            if header["msgtype"] == "PULL-DOC-REPLY":
                break
        models = list(_models(content["doc"]["roots"]))
        self._view = _holding(models, "view")
        self._raster = _holding(models, "image")
        self._listening = asyncio.create_task(self._listen())
        await self.look((-HALF, HALF))
        self.opened = 1e3 * (time.perf_counter() - begin)

    async def pan(self, until: float) -> None:
        """Move the view once a second."""
        step = 0
        while time.perf_counter() < until:
            step += 1
            shift = 0.5 * (step % 7) + 0.01 * step
            took = await self.look((shift - HALF, shift + HALF))
            self.took.append(took)
            await asyncio.sleep(max(0.0, BEAT - took / 1e3))

    async def look(self, x: tuple[float, float]) -> float:
        """Look at a part of the map; time until its frame is there [ms]."""
        while not self._frames.empty():
            self._frames.get_nowait()
        begin = time.perf_counter()
        half = (x[1] - x[0]) * SIZE[1] / SIZE[0] / 2
        data = {"type": "map", "entries": [["view", [*x, 2 - half, 2 + half, *SIZE, 1]]]}
        change = {"kind": "ModelChanged", "model": {"id": self._view}, "attr": "data", "new": data}
        self._send("PATCH-DOC", {"events": [change]})
        came = await asyncio.wait_for(self._frames.get(), PATIENCE)
        return 1e3 * (came - begin)

    async def leave(self) -> None:
        """Close the page."""
        self._listening.cancel()
        self._socket.close()

    async def _listen(self) -> None:
        while True:
            _, content = await self._read()
            for event in content.get("events", []):
                if event.get("model", {}).get("id") == self._raster:
                    self._frames.put_nowait(time.perf_counter())

    async def _read(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and content of the next message, after all of its buffers."""
        header = json.loads(await self._text())
        await self._text()
        content = json.loads(await self._text())
        for _ in range(header.get("num_buffers", 0)):
            await self._text()
            await self._text()
        return header, content

    async def _text(self) -> str | bytes:
        message = await self._socket.read_message()
        if message is None:
            raise ConnectionError("the server closed the connection")
        return message

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        for part in ({"msgid": uuid.uuid4().hex.upper(), "msgtype": kind}, {}, content):
            self._socket.write_message(json.dumps(part))


def _models(tree: Any):
    """Every model that is written out in a document."""
    if isinstance(tree, dict):
        if tree.get("type") == "object" and "id" in tree:
            yield tree
        for value in tree.values():
            yield from _models(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _models(value)


def _holding(models: list[dict[str, Any]], column: str) -> str:
    """Id of the column data source with a column."""
    for model in models:
        if model["name"] == "ColumnDataSource":
            entries = model.get("attributes", {}).get("data", {}).get("entries", [])
            if column in [name for name, _ in entries]:
                return model["id"]
    raise LookupError(f"no data source on the page has a column {column!r}")


async def crowd(port: int, number: int, seconds: float) -> list[Visitor]:
    """Let the visitors in one after the other, then have all of them pan."""
    visitors = [Visitor(port) for _ in range(number)]
    for visitor in visitors:
        await visitor.come()
    until = time.perf_counter() + seconds

    async def later(place: int) -> None:
        await asyncio.sleep(place * BEAT / number)
        await visitors[place].pan(until)

    await asyncio.gather(*(later(place) for place in range(number)))
    for visitor in visitors:
        await visitor.leave()
    return visitors


async def cycles_of(port: int, cycles: int, process: psutil.Process) -> dict[int, float]:
    """Memory of the server [MB] after a third of the visits, and after all of them.

    The first third fills what is kept once for all visitors.
    """
    kept = {}
    for cycle in range(1, cycles + 1):
        visitor = Visitor(port)
        await visitor.come()
        await visitor.look((0.0, HALF))
        await visitor.leave()
        if cycle in (cycles // 3, cycles):
            await asyncio.sleep(FORGET)
            kept[cycle] = process.memory_info().rss / 1e6
    return kept


def main() -> None:
    """Serve, let the visitors in, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--cycles", type=int, default=0)
    options = parser.parse_args()
    port = free_port()
    with serving(serve_command(port), {"ASTRA_HOME": str(options.home)}) as process:
        asyncio.run(crowd(port, 1, 2.0))
        alone = process.memory_info().rss / 1e6
        visitors = asyncio.run(crowd(port, options.visitors, options.seconds))
        memory = process.memory_info().rss / 1e6
        kept = asyncio.run(cycles_of(port, options.cycles, process)) if options.cycles else {}
    took = sorted(one for visitor in visitors for one in visitor.took)
    opened = [visitor.opened for visitor in visitors]
    p95 = took[int(0.95 * (len(took) - 1))]
    print(f"{options.visitors} visitors, a movement a second each, {len(took)} movements")
    print(f"page and first frame [ms]: median {statistics.median(opened):,.0f}")
    print(f"view moved to frame [ms]: median {statistics.median(took):,.0f}, p95 {p95:,.0f}")
    print(f"server [MB]: {alone:,.0f} after one visitor, {memory:,.0f} with all")
    for visits, megabytes in kept.items():
        print(f"server after {visits} visits [MB]: {megabytes:,.0f}")
    if kept:
        (early, then), (late, now) = kept.items()
        print(f"a visit leaves behind [kB]: {1e3 * (now - then) / (late - early):,.1f}")


if __name__ == "__main__":
    main()
