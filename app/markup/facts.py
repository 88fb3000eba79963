"""What a run knows of one object, gathered for its header and for lists."""

from dataclasses import dataclass
from math import isfinite

from app.categories import Category
from app.drawing.marks import mark
from app.opened_runs import OpenedRun
from app.words import NOTHING, UNLABELLED, fixed, safe


@dataclass(frozen=True, slots=True)
class Facts:
    """One object; None stands for what the run does not know.

    Attributes
    ----------
    row : int
        Map row.
    object_id : str
    label, predicted : str or None
        Class that it was given, and the class that the probe predicts.
    probability, score : float or None
        Of the prediction; the anomaly score, 1 = most anomalous.
    rank : int or None
        1 = most anomalous.
    ra, dec : float or None
        Position [deg].
    catalogue_period, found_period : float or None
        Period [d] of the catalogue, and of the period search.
    """

    row: int
    object_id: str
    label: str | None
    predicted: str | None
    probability: float | None
    score: float | None
    rank: int | None
    ra: float | None
    dec: float | None
    catalogue_period: float | None
    found_period: float | None

    @property
    def period(self) -> float | None:
        """Period [d] to fold on, unless another is chosen: the catalogue's, else the found one."""
        return self.catalogue_period or self.found_period


def facts_of(
    run: OpenedRun, row: int, classes: Category | None = None, blind: bool = False
) -> Facts:
    """Gather what is known of the object in a map row.

    Parameters
    ----------
    run : OpenedRun
    row : int
    classes : Category, optional
        Labels as they are now; by default those of the run's snapshot.
    blind : bool
        Without what the probe predicts, for a person who labels blind.
    """
    artefacts = run.run.manifest.artefacts
    probed, scored = "probes" in artefacts and not blind, "anomalies" in artefacts
    label = (run.classes if classes is None else classes).name_of(row)
    score_table = run.run.anomalies if scored else None
    return Facts(
        row=row,
        object_id=run.object_id(row),
        label=None if label == UNLABELLED else label,
        predicted=run.predicted.name_of(row) if probed else None,
        probability=_value(run.run.probes, "probability", row) if probed else None,
        score=_value(score_table, "score", row),
        rank=None if score_table is None else int(score_table["rank"][row].as_py()),
        ra=_value(run.run.catalogue, "ra", row),
        dec=_value(run.run.catalogue, "dec", row),
        catalogue_period=_positive(_value(run.run.catalogue, "period_days", row)),
        found_period=_positive(_found(run, row)),
    )


def neighbours_of(run: OpenedRun, row: int, most: int) -> list[tuple[int, float]]:
    """Map rows of the nearest objects in the embedding and their distances, nearest first."""
    if "neighbours" not in run.run.manifest.artefacts:
        return []
    survey_row = int(run.run.rows[row])
    rows = run.run.map_row[run.run.neighbours[survey_row, :most]]
    distances = run.run.neighbour_distances[survey_row, :most]
    return [(int(r), float(d)) for r, d in zip(rows, distances, strict=True)]


def _found(run: OpenedRun, row: int) -> float | None:
    if "periods" not in run.run.manifest.artefacts:
        return None
    return _value(run.run.periods, "period_days", int(run.run.rows[row]))


def _value(table, column: str, row: int) -> float | None:
    if table is None or column not in table.column_names:
        return None
    value = table[column][row].as_py()
    return None if value is None or not isfinite(value) else float(value)


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None


def class_chip(run: OpenedRun, name: str | None, theme: str, number: float | None = None) -> str:
    """Marker, name and probability of a class as safe HTML."""
    if name is None:
        return f'<span class="chip">{NOTHING}</span>'
    value = "" if number is None else f'<span class="quiet">{fixed(number)}</span>'
    return f'<span class="chip">{class_mark(run, name, theme)}{safe(name)} {value}</span>'


def class_mark(run: OpenedRun, name: str | None, theme: str) -> str:
    """Marker of a class as SVG; a class that the run does not have gets that of no class."""
    style = run.styles.get(name or UNLABELLED, run.styles[UNLABELLED])
    return mark(style.marker, style.colour(theme))


def short_id(object_id: str) -> str:
    """Id without the survey that stands before its colon, for thumbnails."""
    return object_id.rpartition(":")[2]


def position(facts: Facts) -> str:
    """Right ascension and declination [deg], ICRS, in words."""
    if facts.ra is None or facts.dec is None:
        return "position unknown"
    sign = "+" if facts.dec >= 0 else "\u2212"
    return f"{facts.ra:.5f} {sign}{abs(facts.dec):.5f}"
