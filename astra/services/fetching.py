"""Light curves from brokers and archives, as the files that these themselves write."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from astra.data.durable import write_whole
from astra.data.errors import AstraError
from astra.runs.progress import Progress, silent
from astra.services.crossmatch import alerce_client, alerce_objects
from astra.services.web import ServiceError, body, needs, reason, unavailable

LEDGER = "fetched.json"
_PAGE = 100
_ZTF_NAME = r"ZTF\d\d[a-z]{7}"
_IRSA = "https://irsa.ipac.caltech.edu"
_IRSA_OBJECTS = "ztf_objects_dr24"
_FINK = "https://api.fink-portal.org/api/v1"


@dataclass(frozen=True, slots=True)
class Archive:
    """Where light curves come from.

    Attributes
    ----------
    title : str
    pattern : str
        What an id looks like; nothing else becomes part of an address or of a file's name.
    ending : str
        Of the files.
    at_once : int
        Objects in one request and one file.
    ask : callable
        Session and ids -> bytes of a file; empty where there are no observations.
    cone : callable
        Session, ra, dec [deg], radius [arcsec] and most -> ids.
    tap : str
        TAP service whose tables hold ids, or empty.
    """

    title: str
    pattern: str
    ending: str
    at_once: int
    ask: Callable[[Any, Sequence[str]], bytes]
    cone: Callable[[Any, float, float, float, int], list[str]]
    tap: str = ""

    def checked(self, object_ids: Iterable[str]) -> list[str]:
        """Ids in their order, each once.

        Raises
        ------
        AstraError
            One of them is no id of this archive.
        """
        ids = list(dict.fromkeys(text for each in object_ids if (text := each.strip())))
        for object_id in ids:
            if not re.fullmatch(self.pattern, object_id):
                raise AstraError(f"{object_id[:40]!r} is no id of {self.title}")
        return ids


@dataclass
class Fetched:
    """What is in a folder of fetched files, as its ``fetched.json`` says.

    Attributes
    ----------
    folder : Path
    archive : str
    files : dict of str to list of str
        File -> the ids in it.
    empty : list of str
        Ids that the archive has no observations of.
    failed : dict of str to str
        Id -> why it was not fetched; asked again next time.
    """

    folder: Path
    archive: str
    files: dict[str, list[str]] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, archive: str) -> "Fetched":
        """Read what an earlier fetch left, or begin.

        Raises
        ------
        AstraError
            The folder holds the files of another archive, or its ledger is damaged.
        """
        path = folder / LEDGER
        if not path.exists():
            return cls(folder, archive)
        try:
            told = cls(folder, **json.loads(path.read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise AstraError(f"{path}: not what a fetch wrote ({error}); remove it") from error
        if told.archive != archive:
            raise AstraError(f"{folder}: holds files of {told.archive}; choose another folder")
        return told

    def done(self) -> set[str]:
        """Ids that need not be asked for again; a file that is gone is asked for."""
        there = {name for name in self.files if (self.folder / name).is_file()}
        return {each for name in there for each in self.files[name]} | set(self.empty)

    def save(self) -> None:
        """Write the ledger."""
        told = {name: getattr(self, name) for name in ("archive", "files", "empty", "failed")}
        write_whole(self.folder / LEDGER, json.dumps(told, indent=1).encode())


def fetch(
    name: str,
    object_ids: Iterable[str],
    folder: Path,
    opened: Any,
    progress: Progress = silent,
) -> Fetched:
    """Fetch light curves into a folder; what is there already is not asked for again.

    Parameters
    ----------
    name : str
        One of `ARCHIVES`.
    object_ids : iterable of str
    folder : Path
        Made if it is not there.
    opened : session
        `astra.services.web.session`.
    progress : Progress

    Raises
    ------
    AstraError
        An id is no id of the archive, or the folder is another archive's.
    """
    archive = ARCHIVES[name]
    ids = archive.checked(object_ids)
    folder.mkdir(parents=True, exist_ok=True)
    fetched = Fetched.open(folder, name)
    done = fetched.done()
    wanted = [each for each in ids if each not in done]
    progress("start", done=len(ids) - len(wanted), total=len(ids), unit="objects")
    for first in range(0, len(wanted), archive.at_once):
        batch = wanted[first : first + archive.at_once]
        _fetch_batch(archive, batch, fetched, opened)
        fetched.save()
        so_far = len(ids) - len(wanted) + first + len(batch)
        progress("progress", done=so_far, total=len(ids), unit="objects")
    progress("done", done=len(ids), total=len(ids), unit="objects")
    return fetched


def _fetch_batch(archive: Archive, batch: list[str], fetched: Fetched, opened: Any) -> None:
    try:
        content = archive.ask(opened, batch)
    except ServiceError as error:
        fetched.failed.update(dict.fromkeys(batch, str(error)))
        return
    for each in batch:
        fetched.failed.pop(each, None)
    if not content:
        fetched.empty += batch
        return
    name = f"{batch[0]}{archive.ending}"
    write_whole(fetched.folder / name, content)
    fetched.files[name] = batch


def ids_by_tap(name: str, query: str, opened: Any) -> list[str]:
    """First column of what a query of an archive's TAP service gives, as ids.

    Raises
    ------
    AstraError
        The archive has no TAP service, or it does not answer.
    """
    archive = ARCHIVES[name]
    if not archive.tap:
        raise AstraError(f"{archive.title} has no TAP service here; give ids or a cone")
    return _first_column(archive.title, archive.tap, query, opened)


def _first_column(title: str, url: str, query: str, opened: Any) -> list[str]:
    try:
        from pyvo.dal.tap import TAPQuery
    except ImportError as error:
        raise needs("pyvo") from error
    try:
        table = TAPQuery(url, query, session=opened).execute().to_table()
    except Exception as error:  # pyvo's own around anything; and the parser's
        raise unavailable(title, error) from error
    return [str(value) for value in table.columns[0]] if len(table.columns) else []


def _ask_alerce(opened: Any, object_ids: Sequence[str]) -> bytes:
    client = alerce_client(opened)
    try:
        told = client.query_lightcurve(object_ids[0], format="json")
    except ServiceError:
        raise
    except Exception as error:  # its own, requests', and json's
        raise ServiceError(reason("ALeRCE", error)) from error
    if not isinstance(told, dict) or "detections" not in told:
        raise ServiceError("ALeRCE answers what is not understood")
    return json.dumps(told).encode() if told["detections"] else b""


def _alerce_cone(opened: Any, ra: float, dec: float, radius: float, most: int) -> list[str]:
    found: list[str] = []
    while len(found) < most:
        page = len(found) // _PAGE + 1
        items = alerce_objects(opened, ra, dec, radius, _PAGE, page)
        found += [str(item.get("oid")) for item in items]
        if len(items) < _PAGE:
            break
    return found[:most]


def _ask_irsa(opened: Any, object_ids: Sequence[str]) -> bytes:
    asked = [*(("ID", each) for each in object_ids), ("FORMAT", "csv")]
    content = body(opened, "GET", f"{_IRSA}/cgi-bin/ZTF/nph_light_curves", params=asked)
    head, _, rest = content.partition(b"\n")
    if b"oid" not in head:
        raise ServiceError(f"IRSA answers {_first_words(content)!r}")
    return content if rest.strip() else b""


def _irsa_cone(opened: Any, ra: float, dec: float, radius: float, most: int) -> list[str]:
    query = (
        f"SELECT TOP {int(most)} oid FROM {_IRSA_OBJECTS} WHERE 1=CONTAINS("
        f"POINT('ICRS', ra, dec), CIRCLE('ICRS', {ra:.7f}, {dec:.7f}, {radius / 3600:.7f}))"
    )
    return _first_column("IRSA", f"{_IRSA}/TAP", query, opened)


def _ask_fink(opened: Any, object_ids: Sequence[str]) -> bytes:
    asked = {"objectId": ",".join(object_ids), "output-format": "parquet"}
    content = body(opened, "POST", f"{_FINK}/objects", json=asked)
    if content[:2] in (b"[]", b"{}"):
        return b""
    if content[:4] != b"PAR1":
        raise ServiceError(f"Fink answers {_first_words(content)!r}, which is no Parquet")
    return content


def _fink_cone(opened: Any, ra: float, dec: float, radius: float, most: int) -> list[str]:
    asked = {"ra": ra, "dec": dec, "radius": radius, "columns": "i:objectId"}
    content = body(opened, "POST", f"{_FINK}/conesearch", json=asked)
    try:
        return list(dict.fromkeys(str(row["i:objectId"]) for row in json.loads(content)))[:most]
    except (ValueError, KeyError, TypeError) as error:
        raise ServiceError(f"Fink answers {_first_words(content)!r}") from error


def _first_words(content: bytes) -> str:
    return " ".join(content[:200].decode("utf-8", "replace").split())[:120]


ARCHIVES: dict[str, Archive] = {
    "alerce": Archive("ALeRCE", _ZTF_NAME, ".json", 1, _ask_alerce, _alerce_cone),
    "irsa": Archive("IRSA", r"\d{5,20}", ".csv", 40, _ask_irsa, _irsa_cone, f"{_IRSA}/TAP"),
    "fink": Archive("Fink", _ZTF_NAME, ".parquet", 20, _ask_fink, _fink_cone),
}
"""Name of each archive -> how it is asked."""
