"""Words and tables of the Data page, as safe HTML."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.coverage import Coverage, size_of
from app.dropped import Placed
from app.opened_runs import OpenedRun
from app.words import NOTHING, count, counted, fixed, number, percent, safe
from astra.data.bands import BANDS
from astra.data.surveys import Survey
from astra.runs.run import Run

MOST_BANDS = 12
_MJD_ZERO = np.datetime64("1858-11-17T00:00")


def surveys(found: Sequence[Survey], chosen: str) -> str:
    """List of the surveys of the observatory."""
    head = f'<div class="title">Surveys <span class="quiet">{len(found)}</span></div>'
    if not found:
        return (
            f'{head}<p class="small">No survey yet. Bring one with <code>astra import</code>, or '
            "make one with <code>astra simulate</code>.</p>"
        )
    rows = "".join(
        f'<button class="survey" data-press="survey:{i}" '
        f'aria-current="{str(survey.name == chosen).lower()}"><b>{safe(survey.name)}</b>'
        f'<span class="small">{counted(_whole(survey, "objects"), "object")} · '
        f"{counted(_whole(survey, 'observations'), 'observation')}</span></button>"
        for i, survey in enumerate(found)
    )
    return f'{head}<div class="surveys">{rows}</div>'


def head(survey: Survey, coverage: Coverage | None) -> str:
    """Name, size, span, units."""
    told = survey.manifest
    span = size = "counting …"
    if coverage is not None:
        first, last = coverage.edges[0], coverage.edges[-1]
        span = f"{_date(first)} to {_date(last)}<small>{count(last - first)} d</small>"
        size = f"{_bytes(coverage.bytes)}"
    facts = (
        ("Objects", count(_whole(survey, "objects"))),
        ("Observations", count(_whole(survey, "observations"))),
        ("Time span", span),
        ("Time scale", safe(told.get("time_scale", "unknown"))),
        ("Flux", safe(told.get("flux_unit", "unknown"))),
        ("On disk", size),
    )
    cells = "".join(f"<div><span>{word}</span><b>{value}</b></div>" for word, value in facts)
    return f'<div class="headline">{safe(survey.name)}</div><div class="facts">{cells}</div>'


def read_and_refused(survey: Survey) -> str:
    """Where it came from, what was refused and by which rule, what should be known."""
    told = survey.manifest
    lines = _origin(told.get("origin", {}))
    quarantine = told.get("quarantine")
    if not isinstance(quarantine, Mapping):
        return f"{_card('Read and refused')}{lines}"
    refused = quarantine.get("refused_by_rule", {})
    objects, observations = (
        int(quarantine.get(f"refused_{name}", 0)) for name in ("objects", "observations")
    )
    if objects or observations:
        lines += (
            f'<p class="warn">refused {counted(objects, "object")} and '
            f"{counted(observations, 'observation')}</p>"
        )
        rows = "".join(
            f"<tr><td>{safe(str(rule).replace('_', ' '))}</td><td>{count(int(n))}</td></tr>"
            for rule, n in sorted(refused.items(), key=lambda pair: -int(pair[1]))[:12]
        )
        lines += f"<table><tr><th>Rule that was broken</th><th>Rows</th></tr>{rows}</table>"
        lines += f'<p class="small">Each row, its value and reason: {safe(_quarantine(survey))}</p>'
    else:
        lines += '<p class="ok">✓ nothing was refused</p>'
    for key in ("doubts", "notes"):
        for note in list(quarantine.get(key, ()))[:6]:
            lines += f'<p class="small note">{safe(_note(note))}</p>'
    return f"{_card('Read and refused')}{lines}"


def bands(survey: Survey, coverage: Coverage | None) -> str:
    """Bands with wavelength, system and observations."""
    names = survey.manifest.get("bands", [])
    counts = np.zeros(len(names), np.int64) if coverage is None else coverage.bands
    total, most = int(counts.sum()), int(counts.max(initial=1))
    order = np.argsort(-counts, kind="stable")[:MOST_BANDS]
    rows = ""
    for i in order:
        known = BANDS.get(names[i])
        wave = NOTHING if known is None else count(known.wavelength)
        system = NOTHING if known is None else known.system
        bar = f'<i class="bar" style="width:{100 * counts[i] / most:.1f}%"></i>'
        rows += (
            f"<tr><td>{safe(names[i])}</td><td>{wave}</td><td>{safe(system)}</td>"
            f'<td class="bars">{bar}</td><td>{percent(int(counts[i]), total)}</td></tr>'
        )
    more = len(names) - len(order)
    rest = f'<p class="small">and {counted(more, "more band")}</p>' if more > 0 else ""
    flagged = ""
    if coverage is not None:
        sampled = "" if coverage.share > 0.999 else f" of a sample of {100 * coverage.share:.0f} %"
        flagged = f"{percent(coverage.flagged, total)} flagged{sampled}"
    return (
        f"{_card('Bands', flagged)}<table><tr><th>Band</th><th>Wavelength [Å]</th><th>System</th>"
        f"<th></th><th>Observations</th></tr>{rows}</table>{rest}"
    )


def runs(made: Sequence[Run], opened: str) -> str:
    """Runs that were made of a survey: encoder, stages, sizes."""
    if not made:
        return (
            f"{_card('Runs')}<p class='small'>No run yet. Make one with "
            "<code>astra precompute</code>.</p>"
        )
    rows = "".join(_run(i, run, opened) for i, run in enumerate(made[:20]))
    return (
        f"{_card('Runs', counted(len(made), 'run'))}<table class='runs'><tr><th>Run</th>"
        "<th>Recipe</th><th>Parent</th><th>Stages</th><th>Time</th><th>Size</th><th>macro-F1</th>"
        f"<th></th></tr>{rows}</table>"
    )


def _run(place: int, run: Run, opened: str) -> str:
    manifest = run.manifest
    stages = manifest.artefacts
    told = " · ".join(f"{name} {each.seconds:.0f} s" for name, each in stages.items())
    seconds = sum(each.seconds for each in stages.values())
    score = stages["probes"].summary.get("macro_f1") if "probes" in stages else None
    is_open = run.name == opened
    button = (
        '<span class="small">open</span>'
        if is_open
        else f'<button class="control" data-press="run:{place}">Open</button>'
    )
    return (
        f"<tr><td>{safe(run.name)}</td><td>{safe(manifest.recipe)}</td>"
        f"<td>{safe(manifest.parent or NOTHING)}</td>"
        f'<td title="{safe(told)}">{len(stages)}</td><td>{_seconds(seconds)}</td>'
        f"<td>{_bytes(size_of(run))}</td><td>{fixed(score, 3)}</td><td>{button}</td></tr>"
    )


def drop(run: OpenedRun | None, doing: str, error: str) -> str:
    """What happens to a file that is dropped."""
    if run is None:
        return f"{_card('Where does a file fall?')}<p class='small'>Open a run first.</p>"
    if error:
        told = f'<p class="err" role="alert">⚠ {safe(error[:300])}</p>'
    elif doing:
        told = f'<p class="quiet" role="status">{safe(doing)}</p>'
    else:
        told = (
            '<p class="small">Light curves in any format that Astra reads: each is embedded by the '
            "run's encoder and put beside its nearest objects. No new run is made.</p>"
        )
    return f"{_card('Where does a file fall?', f'on the map of {run.name}')}{told}"


def placed(run: OpenedRun, found: Placed) -> str:
    """Objects of a file, and what each is near to."""
    remark = f'<p class="small warn">{safe(found.remark[:600])}</p>' if found.remark else ""
    rows = ""
    for i, each in enumerate(found.objects[:50]):
        near = ", ".join(
            f"{safe(run.object_id(int(row)))} ({fixed(distance)})"
            for row, distance in zip(each.rows[:2], each.distances[:2], strict=True)
        )
        kinds = (
            {run.predicted.name_of(int(row)) for row in each.rows} if run.predicted.names else ()
        )
        rows += (
            f"<tr><td>{safe(each.object_id)}</td><td>{count(each.observations)}</td>"
            f"<td>{safe(', '.join(sorted(kinds)))}</td><td>{near}</td>"
            f'<td><button class="control" data-press="near:{i}">Select</button></td></tr>'
        )
    return (
        f"{remark}<table class='placed'><tr><th>Object</th><th>Observations</th>"
        f"<th>Its neighbours are</th><th>Nearest (distance)</th><th></th></tr>{rows}</table>"
        '<div class="row"><button class="control accent" data-press="near-all">'
        "Select all neighbours on the map</button></div>"
    )


def card_head(title: str, note: str = "") -> str:
    """Title of a card, with a note at its right."""
    return _card(title, note)


def _card(title: str, note: str = "") -> str:
    return (
        f'<div class="row"><span class="head">{safe(title)}</span>'
        f'<span class="small push">{safe(note)}</span></div>'
    )


def _origin(origin: Any) -> str:
    if not isinstance(origin, Mapping):
        return ""
    lines = ""
    for kind, what in origin.items():
        if kind == "imported" and isinstance(what, Mapping):
            lines += f"<p>imported from {counted(len(what), 'file')}</p>"
            for path, digest in list(what.items())[:4]:
                name = str(path).replace("\\", "/").rpartition("/")[2]
                lines += (
                    f'<p class="small" title="SHA-256 {safe(digest)}">{safe(name)} '
                    f"<code>{safe(str(digest)[:12])}</code></p>"
                )
        else:
            facts = what.items() if isinstance(what, Mapping) else [("", what)]
            told = ", ".join(f"{key} {value}".strip() for key, value in facts)
            lines += f"<p>{safe(kind)}: {safe(told[:300])}</p>"
    return lines


def _note(note: Any) -> str:
    text = str(note)
    return text if len(text) <= 240 else f"{text[:240]} …"


def _quarantine(survey: Survey) -> str:
    return str(survey.path / "quarantine.parquet")


def _whole(survey: Survey, name: str) -> int:
    return int(survey.manifest.get(name, 0))


def _date(mjd: float) -> str:
    return str((_MJD_ZERO + np.timedelta64(round(mjd * 1440), "m")).astype("datetime64[D]"))


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _bytes(size: float) -> str:
    for limit, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= limit:
            return f"{number(size / limit, 3)} {unit}"
    return f"{count(size)} B"
