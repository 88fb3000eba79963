"""Labels that may be wrong, as a list to look at again: one file a run, replaced as a whole."""

import os
from pathlib import Path

import pandas as pd
import pyarrow as pa

from astra.data.durable import make_durable
from astra.data.errors import AstraError
from astra.data.observatory import Observatory, check_name

COLUMNS = (
    "object_id",
    "label",
    "suggested",
    "source",
    "annotator",
    "probability",
    "probability_suggested",
    "quality",
)


def second_look_path(observatory: Observatory, run: str) -> Path:
    """Where the list of a run is kept."""
    return observatory.home / "second_look" / f"{check_name('run', run)}.arrow"


def write_second_look(observatory: Observatory, run: str, table: pd.DataFrame) -> Path:
    """Replace the list of a run; the most doubtful label comes first."""
    path = second_look_path(observatory, run)
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    arrow = pa.Table.from_pandas(table[[*COLUMNS]], preserve_index=False)
    with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, arrow.schema) as writer:
        writer.write_table(arrow)
    make_durable(temporary)
    temporary.rename(path)
    return path


def read_second_look(observatory: Observatory, run: str) -> pd.DataFrame | None:
    """List of a run, or None where none was made.

    Returns
    -------
    DataFrame
        ``object_id``, ``label``, ``suggested`` (what the probe says), ``source`` (catalogue or
        annotator), ``annotator``, ``probability`` (of the label), ``probability_suggested``,
        ``quality`` (0 doubtful to 1), sorted by quality.

    Raises
    ------
    AstraError
        The file is damaged.
    """
    path = second_look_path(observatory, run)
    if not path.is_file():
        return None
    try:
        with pa.OSFile(str(path), "rb") as file:
            return pa.ipc.open_file(file).read_all().to_pandas()[[*COLUMNS]]
    except (pa.ArrowException, KeyError) as error:
        raise AstraError(
            f"{path}: damaged ({error}); make it again: astra labels suspicious"
        ) from error
