"""Tables as CSV, Parquet and VOTable, packets as Avro: what formats are made of."""

from pathlib import Path

import fastavro
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def write_csv(frame: pd.DataFrame, path: Path, sep: str = ",") -> Path:
    frame.to_csv(path, index=False, sep=sep)
    return path


def write_parquet(frame: pd.DataFrame | pa.Table, path: Path) -> Path:
    if isinstance(frame, pd.DataFrame):
        frame = pa.Table.from_pandas(frame, preserve_index=False)
    pq.write_table(frame, path, write_page_checksum=True)
    return path


def write_votable(frame: pd.DataFrame, path: Path, unit: dict[str, str] | None = None) -> Path:
    """Plain VOTable 1.4, as archives write them."""
    kinds = {"i": "long", "f": "double", "b": "boolean"}
    fields, rows = [], []
    for name in frame:
        kind = kinds.get(frame[name].to_numpy().dtype.kind)
        type_ = f'datatype="{kind}"' if kind else 'datatype="char" arraysize="*"'
        said = f' unit="{unit[name]}"' if unit and name in unit else ""
        fields.append(f'<FIELD name="{name}" {type_}{said}/>')
    for row in frame.itertuples(index=False):
        cells = "".join(f"<TD>{value!r}</TD>" if isinstance(value, float) else f"<TD>{value}</TD>"
                        for value in row)  # fmt: skip
        rows.append(f"<TR>{cells}</TR>")
    path.write_text(
        '<?xml version="1.0"?><VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
        f"<RESOURCE><TABLE>{''.join(fields)}<DATA><TABLEDATA>{''.join(rows)}</TABLEDATA></DATA>"
        "</TABLE></RESOURCE></VOTABLE>"
    )
    return path


def write_avro(packets: list[dict], schema: dict, path: Path, codec: str = "null") -> Path:
    with path.open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(schema), packets, codec=codec)
    return path


def record(name: str, fields: dict) -> dict:
    """Avro schema of a record."""
    listed = [{"name": key, "type": kind} for key, kind in fields.items()]
    return {"type": "record", "name": name, "fields": listed}
