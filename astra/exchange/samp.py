"""SAMP: tables to TOPCAT or Aladin on this machine, and rows and places back from them."""

import logging
import os
import secrets
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlparse

from astra.exchange.columns import ExchangeError, SelectionTable
from astra.exchange.tables import write_table

LOAD, HIGHLIGHT = "table.load.votable", "table.highlight.row"
SELECT, POINT = "table.select.rowList", "coord.pointAt.sky"
MOST_TABLES = 16
_OK = {"samp.status": "samp.ok", "samp.result": {}}
_log = logging.getLogger(__name__)


class SampError(ExchangeError):
    """No hub, no application that listens, or a message that makes no sense."""


class Rows(NamedTuple):
    """Objects that another application chose, by their ids; one where it highlights a row."""

    sender: str
    object_ids: list[str]
    is_highlight: bool


class Place(NamedTuple):
    """A place on the sky [deg, ICRS] that another application points at."""

    sender: str
    ra: float
    dec: float


class SampLink:
    """One client of the hub that runs on this machine.

    Every method may take seconds and belongs on a thread that may wait. What is received is told
    to ``hear`` on a thread of the client's own.

    Parameters
    ----------
    hear : callable
        Told `Rows` of tables that were sent from here, and `Place`.
    """

    def __init__(self, hear: Callable[[Rows | Place], None]) -> None:
        self._hear = hear
        self._client: Any = None
        self._sent: OrderedDict[str, list[str]] = OrderedDict()
        self._folder: Path | None = None

    @property
    def is_connected(self) -> bool:
        """Whether a hub is known and has not gone."""
        return self._client is not None and self._client.is_connected

    def connect(self) -> None:
        """Register with the hub, if that is not done yet.

        Raises
        ------
        SampError
            Astropy is missing, no hub runs, or it is not on this machine.
        """
        if self.is_connected:
            try:
                self._client.ping()
                return
            except Exception:  # whatever a hub that went away makes of a ping
                _log.info("the SAMP hub has gone")
                self._client.client.stop()
        samp = _samp()
        client = samp.SAMPIntegratedClient(
            name="Astra", description="Objects of a map, and their light curves", addr="127.0.0.1"
        )
        try:
            client.connect(hub_params=_running_hub())
            for message in (HIGHLIGHT, SELECT, POINT):
                client.bind_receive_message(message, self._receive)
        except SampError:
            raise
        except Exception as error:
            raise SampError(
                f"the SAMP hub does not answer ({error}); start TOPCAT first"
            ) from error
        self._client = client

    def listeners(self, message: str = LOAD) -> dict[str, str]:
        """Applications that understand a message: id -> name."""
        subscribed = self._client.get_subscribed_clients(message)
        return {each: self._name_of(each) for each in subscribed}

    def send(self, table: SelectionTable) -> list[str]:
        """Send a table to every application that takes tables; gives their names.

        Raises
        ------
        SampError
            There is no hub, or nobody there takes tables.
        """
        self.connect()
        listeners = self._listening(LOAD, "takes tables")
        identity = f"astra-{secrets.token_hex(6)}"
        self._folder = self._folder or Path(tempfile.mkdtemp(prefix="astra-samp-"))
        path = self._folder / f"{identity}.vot"
        write_table(table, path, "votable")
        self._remember(identity, table.run.object_ids(table.rows))
        title = table.name or "objects"
        told = {"url": path.as_uri(), "table-id": identity, "name": f"{title} ({table.run.name})"}
        for each in listeners:
            self._client.notify(each, {"samp.mtype": LOAD, "samp.params": told})
        return list(listeners.values())

    def point_at(self, ra: float, dec: float) -> list[str]:
        """Have every application that can look at a place on the sky [deg]; gives their names.

        Raises
        ------
        SampError
            There is no hub, or nobody there looks at places.
        """
        self.connect()
        listeners = self._listening(POINT, "looks at places on the sky")
        told = {"ra": repr(float(ra)), "dec": repr(float(dec))}
        for each in listeners:
            self._client.notify(each, {"samp.mtype": POINT, "samp.params": told})
        return list(listeners.values())

    def disconnect(self) -> None:
        """Leave the hub, and take away the files that were sent."""
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            try:
                client.disconnect()
            except Exception:  # whatever a hub that went away makes of it: the client has stopped
                _log.info("the SAMP hub has gone")
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _listening(self, message: str, does: str) -> dict[str, str]:
        listeners = self.listeners(message)
        if not listeners:
            raise SampError(f"a SAMP hub runs, but no application there {does}")
        return listeners

    def _remember(self, identity: str, object_ids: list[str]) -> None:
        self._sent[identity] = object_ids
        while len(self._sent) > MOST_TABLES:
            gone, _ = self._sent.popitem(last=False)
            if self._folder is not None:
                (self._folder / f"{gone}.vot").unlink(missing_ok=True)

    def _name_of(self, client: str) -> str:
        return str(self._client.get_metadata(client).get("samp.name", client))[:64]

    def _receive(
        self,
        private_key: str,
        sender: str,
        message_id: str | None,
        message: str,
        told: Mapping[str, Any],
        extra: Mapping[str, Any],
    ) -> None:
        """Called by the client's own thread, for notifications and for calls."""
        try:
            answer = _OK
            self._hear(self._meant(self._name_of(sender), message, told))
        except SampError as error:
            _log.warning("SAMP %s: %s", message, error)
            answer = {"samp.status": "samp.error", "samp.error": {"samp.errortxt": str(error)}}
        if message_id is not None:
            self._client.reply(message_id, answer)

    def _meant(self, sender: str, message: str, told: Mapping[str, Any]) -> Rows | Place:
        try:
            if message == POINT:
                ra, dec = float(told["ra"]), float(told["dec"])
                if not (0 <= ra <= 360 and -90 <= dec <= 90):
                    raise ValueError(f"ra {ra}, dec {dec} is no place on the sky")
                return Place(sender, ra, dec)
            one = message == HIGHLIGHT
            rows = [int(row) for row in ([told["row"]] if one else told["row-list"])]
        except (KeyError, TypeError, ValueError) as error:
            raise SampError(f"not understood: {error!r}") from error
        known = self._sent.get(_table_of(told))
        if known is None:
            raise SampError("rows of a table that was not sent from here")
        if any(not 0 <= row < len(known) for row in rows):
            raise SampError(f"rows from 0 to {len(known) - 1} are there")
        return Rows(sender, [known[row] for row in rows], one)


def _table_of(told: Mapping[str, Any]) -> str:
    """Id of the table that a message is about; some tell only its address."""
    return str(told.get("table-id") or Path(urlparse(str(told.get("url", ""))).path).stem)


def _samp() -> Any:
    try:
        from astropy import samp
    except ImportError as error:
        raise SampError("SAMP needs astropy: pip install 'astra-observatory[formats]'") from error
    samp.conf.use_internet = False  # else it asks a search engine whether there is a network
    return samp


def _running_hub() -> dict[str, str]:
    """Lock file of the hub, which must be on this machine."""
    from astropy.samp.lockfile_helpers import read_lockfile

    named = os.environ.get("SAMP_HUB", "").removeprefix("std-lockurl:")
    lock = urlparse(named) if named else urlparse((Path.home() / ".samp").as_uri())
    if lock.scheme not in ("", "file") or lock.netloc not in ("", "localhost"):
        raise SampError("SAMP_HUB names a hub that is not on this machine")
    if not Path(lock.path).is_file():
        raise SampError("no SAMP hub runs on this machine; start TOPCAT or Aladin and try again")
    found = read_lockfile(lock.path)
    host = urlparse(found.get("samp.hub.xmlrpc.url", "").replace("\\", "")).hostname or ""
    if not _is_loopback(host):
        raise SampError(
            f"the SAMP hub is at {host[:64] or 'no address'}; Astra speaks to 127.0.0.1 alone"
        )
    return found


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
