"""Where a run comes from, as SVG: a column a run, a row an artefact, arrows along what was made."""

from app.words import count, safe
from astra.runs.lineage import Generation, Lineage

_WIDE, _ROW, _TOP, _COLUMN, _BOX = 196, 22, 46, 236, 18


def lineage_chart(found: Lineage) -> str:
    """The survey at the left, then every generation; an artefact stands where it was made.

    Artefacts that a run took over are a line from where they were made.
    """
    names = list(dict.fromkeys(s.artefact for g in found.generations for s in g.steps))
    row = {name: place for place, name in enumerate(names)}
    width = _COLUMN * (len(found.generations) + 1)
    height = _TOP + _ROW * len(names) + 6
    middle = _TOP + _ROW * len(names) / 2
    lost = f" · made from {safe(found.lost)}, not here any more" if found.lost else ""
    parts = [
        f'<text class="bold" x="8" y="18">{safe(found.survey)}</text>'
        f'<text class="quiet" x="8" y="34">{count(found.objects)} objects{lost}</text>'
        f'<rect x="8" y="{middle - 20:.0f}" width="{_WIDE - 30}" height="40" rx="4" '
        'fill="var(--astra-raised)" stroke="var(--astra-control)"/>'
        f'<text x="18" y="{middle - 2:.0f}">light curves</text>'
        f'<text class="quiet" x="18" y="{middle + 13:.0f}">{safe(found.fingerprint[:12])}</text>'
    ]
    columns = {g.run: place + 1 for place, g in enumerate(found.generations)}
    for generation in found.generations:
        parts.append(_column(generation, columns, row, middle))
    return (
        f'<div class="lineage"><svg width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="lineage of the run">'
        f"{''.join(parts)}</svg></div>"
    )


def _column(
    generation: Generation, columns: dict[str, int], row: dict[str, int], middle: float
) -> str:
    left = _COLUMN * columns[generation.run]
    point = "current" if generation.is_current else "previous" if generation.is_previous else ""
    drawn = (
        f'<text class="bold" x="{left}" y="18">{safe(generation.run)}'
        f'<tspan dx="8" fill="var(--astra-ok)">{point}</tspan></text>'
        f'<text class="quiet" x="{left}" y="34">{safe(generation.recipe)} · '
        f"{safe(generation.created[:16].replace('T', ' '))}</text>"
    )
    for step in generation.steps:
        y = _TOP + _ROW * row[step.artefact]
        centre = y + _BOX / 2
        if step.made_in != generation.run:
            start = _COLUMN * (columns[generation.run] - 1) + _WIDE
            drawn += (
                f'<line x1="{start}" x2="{left + _WIDE}" y1="{centre}" y2="{centre}" '
                'stroke="var(--astra-control)" stroke-dasharray="2 3">'
                f"<title>{safe(step.artefact)}: inherited from {safe(step.made_in)}</title></line>"
            )
            continue
        if columns[generation.run] == 1 and "survey.light_curves" in step.needs:
            drawn += (
                f'<path d="M{_WIDE - 22} {middle}C{left - 30} {middle} {left - 40} {centre} '
                f'{left} {centre}" fill="none" stroke="var(--astra-control)"/>'
            )
        drawn += (
            f'<rect x="{left}" y="{y}" width="{_WIDE}" height="{_BOX}" rx="3" '
            'fill="var(--astra-raised)" stroke="var(--astra-control)">'
            f"<title>{safe(step.told)} ({step.seconds:.0f} s)</title></rect>"
            f'<text x="{left + 8}" y="{y + 13}">{safe(step.artefact)}</text>'
            f'<text class="quiet" x="{left + _WIDE - 8}" y="{y + 13}" text-anchor="end">'
            f"{safe(step.hash[:8])}</text>"
        )
    return drawn
