"""The quarantine: which rows were refused, by which rule, and what else is worth telling."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from astra.readers.rules import Rule

LISTED_PER_RULE = 100_000
_SHOWN_CHARACTERS = 60


def shown(value: object) -> str:
    """A value as a message may show it: short, on one line, without control characters."""
    if value is None:
        return "null"
    text = str(value)
    safe = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode()
        for c in text[:_SHOWN_CHARACTERS]
    )
    return safe if len(text) <= _SHOWN_CHARACTERS else f"{safe}... ({len(text)} characters)"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that broke one rule; ``row`` counts from 0 in its file."""

    file: str
    row: int
    object_id: str
    column: str
    value: str
    rule: str
    says: str
    remedy: str

    def __str__(self) -> str:
        return (
            f"{self.file}: row {self.row} (object {self.object_id}), column {self.column}, "
            f"value {self.value}, breaks rule {self.rule}: {self.says}; {self.remedy}."
        )


@dataclass
class Quarantine:
    """What a reader refused, and what it noticed.

    Attributes
    ----------
    files : tuple of Path
        The files that were read.
    counts : Counter of rule name
        Rows that broke each rule; a row that broke two counts in both.
    objects, observations : int
        Rows refused in each table.
    notes : list of str
        Sentences on what was accepted but should be known.
    warnings : list of str
        Those of the notes that are logged where nobody asks for them.
    doubts : list of str
        Sentences on what looks like wrong units; ``--strict`` refuses them.
    refused_files : dict of file to reason
        Files of which nothing was read.
    formats : dict of file to format
        What each file was read as.
    """

    files: tuple[Path, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    objects: int = 0
    observations: int = 0
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    refused_files: dict[str, str] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    _refusals: list[Refusal] = field(default_factory=list)

    def refuse(
        self,
        file: Path,
        rule: Rule,
        rows: NDArray[np.integer],
        values: pa.Array | pa.ChunkedArray,
        object_ids: pa.Array | pa.ChunkedArray,
        column: str | None = None,
    ) -> None:
        """Record the rows of a file that broke a rule.

        At most 100,000 rows a rule are listed; all are counted.

        Parameters
        ----------
        file : Path
        rule : Rule
        rows : integer array [refused]
            Rows in the file, from 0.
        values, object_ids : Arrow arrays [refused]
            Value that broke the rule, and object, of each of these rows.
        column : str, optional
            What the file calls the rule's column.
        """
        free = max(0, LISTED_PER_RULE - self.counts[rule.name])
        self.counts[rule.name] += len(rows)
        for row, value, object_id in zip(
            rows[:free].tolist(),
            values.slice(0, free).to_pylist(),
            object_ids.slice(0, free).to_pylist(),
            strict=True,
        ):
            text = shown(value)
            self._refusals.append(
                Refusal(
                    file=str(file),
                    row=row,
                    object_id=shown(object_id),
                    column=column or rule.column,
                    value=text,
                    rule=rule.name,
                    says=rule.says,
                    remedy=rule.remedy_for(text),
                )
            )

    def note(self, sentence: str) -> None:
        """Record something that was accepted but should be known."""
        self.notes.append(sentence)

    def warn(self, sentence: str) -> None:
        """Record something that was accepted otherwise than it is written."""
        self.note(sentence)
        self.warnings.append(sentence)

    def doubt(self, sentence: str) -> None:
        """Record what looks like wrong units."""
        self.doubts.append(sentence)

    def refuse_file(self, file: Path, reason: str) -> None:
        """Record a file of which nothing was read."""
        self.refused_files[str(file)] = reason

    def __bool__(self) -> bool:
        """Whether anything was refused."""
        return bool(self.counts or self.refused_files)

    def __len__(self) -> int:
        """Refusals that are listed."""
        return len(self._refusals)

    def __iter__(self) -> Iterator[Refusal]:
        return iter(self._refusals)

    def summary(self) -> dict[str, Any]:
        """Counts by rule and by table, how many refusals are listed, and the notes."""
        return {
            "refused_objects": self.objects,
            "refused_observations": self.observations,
            "refused_by_rule": dict(self.counts),
            "listed": len(self),
            "notes": self.notes,
            "doubts": self.doubts,
            "refused_files": self.refused_files,
            "formats": self.formats,
        }

    def table(self) -> pd.DataFrame:
        """One row per refusal: file, row, object_id, column, value, rule, says, remedy."""
        columns = list(Refusal.__dataclass_fields__)
        rows = [[getattr(refusal, name) for name in columns] for refusal in self]
        return pd.DataFrame(rows, columns=columns)

    def save(self, folder: Path) -> None:
        """Write ``quarantine.parquet`` (the refusals) and ``quarantine.json`` (the summary)."""
        self.table().to_parquet(
            folder / "quarantine.parquet", index=False, write_page_checksum=True
        )
        (folder / "quarantine.json").write_text(json.dumps(self.summary(), indent=1))
