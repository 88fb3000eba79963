"""The summary of an import as one page of HTML: what was read, refused and noticed."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice
from pathlib import Path

from astra.data.light_curves import LightCurves
from astra.readers.quarantine import Quarantine, shown

NAME = "import.html"
_LISTED = 500
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:.5em 0 1.5em}td,th{text-align:left;padding:.2em .8em;"
    "border-bottom:1px solid #8884;vertical-align:top}td.n{text-align:right}"
    ".doubt{border-left:4px solid #c33;padding:.2em .8em;background:#c332}"
    "@media(prefers-color-scheme:dark){body{background:#0b0f19;color:#e7ebf3}}"
)


def write_page(
    folder: Path, survey: str, light_curves: LightCurves, quarantine: Quarantine
) -> Path:
    """Write ``import.html`` beside the survey's files; everything from files is escaped."""
    path = folder / NAME
    path.write_text(page_of(survey, light_curves, quarantine), encoding="utf-8")
    return path


def page_of(survey: str, light_curves: LightCurves, quarantine: Quarantine) -> str:
    """Give the page as text."""
    parts = [
        f"<h1>Import of {escape(survey)}</h1>",
        *(f'<p class="doubt"><b>Units?</b> {_said(doubt)}</p>' for doubt in quarantine.doubts),
        "<h2>Read</h2>",
        _table((), _counts(light_curves, quarantine)),
        "<h2>Files</h2>",
        _table(("file", "format"), quarantine.formats.items()),
        *_section("Files refused", ("file", "reason"), quarantine.refused_files.items()),
        *_section(
            "Times", ("scale", "reference", "of the exposure", "objects"), _clocks(light_curves)
        ),
        *_section("Observations by band", ("band", "observations"), _bands(light_curves)),
        *_section("Rows refused, by rule", ("rule", "rows"), quarantine.counts.most_common()),
        *_section(
            "Rows refused", ("file", "row", "object", "column", "value", "why"), _rows(quarantine)
        ),
        *_section("Notes", (), ([note] for note in quarantine.notes)),
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>Import of {escape(survey)}</title><style>{_STYLE}</style>{''.join(parts)}</html>"
    )


def _counts(light_curves: LightCurves, quarantine: Quarantine) -> list[tuple[str, object]]:
    return [
        ("objects", len(light_curves)),
        ("observations", light_curves.n_observations),
        ("of them flagged", int(light_curves.flagged.sum())),
        ("objects of difference flux", int(light_curves.is_difference.sum())),
        ("flux", "microjansky (AB formula)"),
        ("objects refused", quarantine.objects),
        ("observations refused", quarantine.observations),
        ("files refused", len(quarantine.refused_files)),
    ]


def _clocks(light_curves: LightCurves) -> list[tuple[object, ...]]:
    names = ["time_scale", "time_reference", "time_at"]
    assert light_curves.catalogue is not None
    table = light_curves.catalogue.table
    if not set(names) <= set(table):
        return []
    counts = table[names].fillna("unknown").value_counts()
    return [(*key, count) for key, count in counts.items()]  # pyright: ignore[reportGeneralTypeIssues]


def _bands(light_curves: LightCurves) -> list[tuple[str, int]]:
    counts = [int((light_curves.band == code).sum()) for code in range(len(light_curves.bands))]
    return [(band.name, n) for band, n in zip(light_curves.bands, counts, strict=True)]


def _rows(quarantine: Quarantine) -> list[tuple[object, ...]]:
    return [
        (r.file, r.row, r.object_id, r.column, r.value, f"{r.says}; {r.remedy}")
        for r in islice(quarantine, _LISTED)
    ]


def _section(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    listed = list(rows)
    return [f"<h2>{title}</h2>", _table(heads, listed)] if listed else []


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f'<td class="n">{value:,}</td>'
    return f"<td>{_said(str(value))}</td>"


def _said(text: str) -> str:
    """Text of a message as markup, without control characters."""
    return escape("".join(c if c.isprintable() else shown(c) for c in text))
