"""Labels as files that others read: CSV and Parquet, with where each label comes from."""

import os
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from astra.data.durable import make_durable
from astra.labels.label import LabelError
from astra.labels.store import LabelStore
from astra.labels.taxonomies import Taxonomies

What = Literal["current", "events", "opinions"]
FORMATS = (".csv", ".parquet")
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_CHUNK = 200_000


def label_table(store: LabelStore, what: What) -> pd.DataFrame:
    """Table to export: what objects are called now, what each annotator calls them, or all events.

    Times are ISO 8601 text (UTC); whatever is unknown is null.
    """
    table = {"current": store.current, "events": store.events, "opinions": store.opinions}[what]()
    return table.assign(time=table["time"].map(lambda time: time.isoformat()).astype("str"))


def export_labels(store: LabelStore, path: Path, what: What = "current") -> int:
    """Write labels to a ``.csv`` or ``.parquet`` file, and give the number of rows.

    The file of all events can be imported into another log, which then says the same. A Parquet
    file says in its metadata when, by which version of Astra and under which taxonomy it was
    written.

    Raises
    ------
    LabelError
        The suffix is another, or the file cannot be written.
    """
    if path.suffix.lower() not in FORMATS:
        raise LabelError(f"{path}: labels are written as {' or '.join(FORMATS)}")
    table = label_table(store, what)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.suffix.lower() == ".csv":
            temporary.write_text(as_csv(table), encoding="utf-8")
        else:
            _write_parquet(table, temporary, _provenance(store, what))
        make_durable(temporary)
        temporary.rename(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise LabelError(f"{path}: cannot be written: {error}") from error
    return len(table)


def as_csv(table: pd.DataFrame) -> str:
    """The table as CSV; an apostrophe stands before text that a spreadsheet would compute."""
    texts = table.select_dtypes(["object", "str"]).columns
    return table.assign(**{name: _escaped(table[name]) for name in texts}).to_csv(
        index=False, lineterminator="\n"
    )


def unescaped(text: str) -> str:
    """Text of a cell as it was before `as_csv` wrote it."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA and len(text) > 1 else text


def _escaped(texts: Any) -> Any:
    risky = texts.str.startswith(FORMULA, na=False)
    return texts.where(~risky, "'" + texts.astype("str"))


def _provenance(store: LabelStore, what: What) -> dict[str, str]:
    taxonomy = Taxonomies(store.path).now()
    return {
        "astra.what": what,
        "astra.version": version("astra-observatory"),
        "astra.written": pd.Timestamp.now("UTC").isoformat(),
        "astra.taxonomy": taxonomy.taxonomy.hash,
        "astra.taxonomy_version": str(taxonomy.number),
    }


def _write_parquet(table: pd.DataFrame, path: Path, provenance: dict[str, str]) -> None:
    arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(provenance)
    pq.write_table(arrow, path, row_group_size=_CHUNK, write_page_checksum=True)
