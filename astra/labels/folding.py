"""What the log says now: the events that are not withdrawn, folded in the order of their times."""

import sqlite3
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from astra.labels.batches import unpacked

# pandas' types do not tell a table from a column of it, once something is selected.
Frame = Any
ADJUDICATION, REPEAT, COMMENT = "adjudication", "repeat", "comment"
_REMEMBERED = 2
_SAID = ("label", "origin", "confidence", "seconds")
_VISIBLE = "batch.id NOT IN (SELECT batch FROM withdrawn)"

_known: OrderedDict[tuple[str, int, str], pd.DataFrame] = OrderedDict()
_lock = threading.Lock()


def said_now(path: Path, connection: sqlite3.Connection) -> pd.DataFrame:
    """Every label that is not withdrawn, oldest first; shared between callers: never write to it.

    Returns
    -------
    DataFrame
        ``object_id``, ``label`` (null where it clears), ``origin``, ``confidence``, ``seconds``,
        ``annotator``, ``time`` (text), ``event``.
    """
    last = connection.execute("SELECT id, uuid FROM batch ORDER BY id DESC LIMIT 1").fetchone()
    # The log is only appended to, so that its last batch says which state it is in.
    number, uuid = last or (0, "")
    key = (str(path.absolute()), int(number), str(uuid))
    with _lock:
        table = _known.get(key)
    if table is None:
        table = _read(connection)
        with _lock:
            _known[key] = table
            while len(_known) > _REMEMBERED:
                _known.popitem(last=False)
    return table


def _read(connection: sqlite3.Connection) -> pd.DataFrame:
    columns = ", ".join(_SAID)
    singles = connection.execute(
        f"SELECT object_id, {columns}, annotator, time, event.id"
        f" FROM event JOIN batch ON batch.id = event.batch WHERE {_VISIBLE}"
    ).fetchall()
    names = ["object_id", *_SAID, "annotator", "time", "event"]
    parts = [_typed(pd.DataFrame(singles, columns=names, dtype=object))]
    gestures = connection.execute(
        f"SELECT object_ids, {columns}, annotator, time, first_event"
        f" FROM gesture JOIN batch ON batch.id = gesture.batch WHERE {_VISIBLE}"
    )
    parts += [_expanded(names, row) for row in gestures]
    table = pd.concat(parts, ignore_index=True)
    ordered = table["event"].is_monotonic_increasing and table["time"].is_monotonic_increasing
    return table if ordered else table.sort_values(["time", "event"], ignore_index=True)


def _expanded(names: list[str], row: tuple) -> pd.DataFrame:
    object_ids = unpacked(row[0])
    said = dict(zip(names[1:], row[1:], strict=True))
    first = said.pop("event")
    table = pd.DataFrame({"object_id": object_ids, **said}, columns=names[:-1])
    return _typed(table.assign(event=np.arange(first, first + len(object_ids))))


def _typed(table: Frame) -> pd.DataFrame:
    # An object a gesture says nothing of has nulls; columns of nulls alone would have no type.
    texts = dict.fromkeys(("object_id", "label", "origin", "annotator", "time"), "str")
    return table.astype({**texts, "confidence": float, "seconds": float, "event": np.int64})


def current_of(said: Frame) -> pd.DataFrame:
    """What the objects are called: the last decision about each, or else the last vote.

    Returns
    -------
    DataFrame
        ``object_id``, ``label``, ``annotator``, ``time`` (text), sorted by object.
    """
    votes = _standing(votes_of(said)).drop_duplicates("object_id", keep="last")
    decided = decisions_of(said)
    last: Frame = pd.concat([votes[~votes["object_id"].isin(decided["object_id"])], decided])
    last = last.loc[last["label"].notna(), ["object_id", "label", "annotator", "time"]]
    return last.sort_values("object_id", ignore_index=True)


def _standing(votes: Frame) -> pd.DataFrame:
    """Votes without those of annotators who cannot tell any more; what others say stands."""
    keys = ["object_id", "annotator"]
    unsure = votes["label"].isna() & (votes["confidence"] == 0)
    if not unsure.any():
        return votes
    until = votes.assign(place=np.arange(len(votes)))[unsure].groupby(keys)["place"].max()
    places = until.reindex(pd.MultiIndex.from_frame(votes[keys])).to_numpy()
    return votes[~(np.arange(len(votes)) <= np.nan_to_num(places, nan=-1.0))]


def votes_of(said: Frame) -> Frame:
    """Labels that were given to say what an object is, all of them, oldest first."""
    return said[~said["origin"].isin((ADJUDICATION, REPEAT, COMMENT))]


def decisions_of(said: Frame) -> Frame:
    """Last adjudication of each object; none where that clears it."""
    last = said[said["origin"] == ADJUDICATION].drop_duplicates("object_id", keep="last")
    return last[last["label"].notna()]


def opinions_of(said: Frame) -> pd.DataFrame:
    """Last vote of each annotator about each object, those who cleared theirs left out.

    Returns
    -------
    DataFrame
        ``object_id``, ``annotator``, ``label`` (null where they looked and cannot tell),
        ``confidence``, ``seconds``, ``time`` (text), sorted by object, then by time.
    """
    last = votes_of(said).drop_duplicates(["object_id", "annotator"], keep="last")
    kept: Frame = last[last["label"].notna() | (last["confidence"] == 0)]
    columns = ["object_id", "annotator", "label", "confidence", "seconds", "time"]
    return kept[columns].sort_values("object_id", kind="stable", ignore_index=True)


def repeats_of(said: Frame) -> pd.DataFrame:
    """What annotators said when they were asked again, beside what they had said.

    Returns
    -------
    DataFrame
        ``object_id``, ``annotator``, ``label``, ``again``: the last repeat of each.
    """
    keys = ["object_id", "annotator"]
    again = said[said["origin"] == REPEAT].drop_duplicates(keys, keep="last")
    first = votes_of(said).drop_duplicates(keys, keep="last")
    joined = first[[*keys, "label"]].merge(
        again[[*keys, "label"]].rename(columns={"label": "again"}), on=keys
    )
    return joined.dropna(ignore_index=True)
