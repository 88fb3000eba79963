"""The labels that a fine-tune would learn: how many of each class, and how the sky splits them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.finetune import Source
from astra.data.held_out import FRACTION, held_out
from astra.labels.store import LabelStore
from astra.runs.run import Run

FEWEST_LABELS = 5
LABEL_COLUMNS = ("astra_class", "label")
# As precompute takes them: some of the sky chooses the epoch, and the rest of it scores.
_CHOOSING = 0.1


class ClassLabels(NamedTuple):
    """Objects that a class has labels of, by who gave them, and how the sky splits them."""

    name: str
    catalogue: int
    annotators: int
    learnt: int = 0
    choosing: int = 0
    held_out: int = 0

    @property
    def total(self) -> int:
        """Labels of the class."""
        return self.catalogue + self.annotators


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Labels that a run of a survey would be made with now, the most frequent class first.

    Attributes
    ----------
    classes : tuple of ClassLabels
    split : str
        How the held-out sky is chosen.
    people : int
        Annotators whose labels are among them.
    finite : bool
        Every embedding of the parent is a number.
    """

    classes: tuple[ClassLabels, ...] = ()
    split: str = ""
    people: int = 0
    finite: bool = True

    def of(self, source: Source) -> "Snapshot":
        """Those that are learnt from: all, or the annotators' alone."""
        if source == "all":
            return self
        human = [_annotated_alone(labels) for labels in self.classes if labels.annotators]
        return replace(self, classes=tuple(sorted(human, key=lambda labels: -labels.total)))

    @property
    def total(self) -> int:
        """Objects with a label."""
        return sum(labels.total for labels in self.classes)

    @property
    def learnt(self) -> int:
        """Objects that would teach."""
        return sum(c.learnt for c in self.classes if c.total >= FEWEST_LABELS)

    @property
    def held_out(self) -> int:
        """Objects that would score."""
        return sum(c.held_out for c in self.classes if c.total >= FEWEST_LABELS)

    @property
    def annotated(self) -> int:
        """Objects with a label of an annotator."""
        return sum(labels.annotators for labels in self.classes)

    @property
    def enough(self) -> list[str]:
        """Classes with labels enough to be learnt."""
        return [labels.name for labels in self.classes if labels.total >= FEWEST_LABELS]

    @property
    def too_few(self) -> list[str]:
        """Classes that would be left out."""
        return [labels.name for labels in self.classes if labels.total < FEWEST_LABELS]


def _annotated_alone(labels: ClassLabels) -> ClassLabels:
    """The same without those of the catalogue; the sky splits them in the same proportions."""
    share = labels.annotators / max(labels.total, 1)
    learnt, choosing = round(share * labels.learnt), round(share * labels.choosing)
    out = labels.annotators - learnt - choosing
    return labels._replace(catalogue=0, learnt=learnt, choosing=choosing, held_out=max(out, 0))


def snapshot(run: Run, store: LabelStore) -> Snapshot:
    """Count the labels that a child of a run would be made with.

    They are the survey's own, from the column that the run took them from, and those of annotators,
    which win where there are both.
    """
    catalogue, current = run.survey.catalogue, store.current()
    rows = catalogue.rows_of(current["object_id"].tolist())
    here = rows >= 0
    names, named = _given(run), np.zeros(len(catalogue), bool)
    names[rows[here]] = current["label"].to_numpy(object)[here]
    named[rows[here]] = True
    scored, wider = held_out(catalogue), held_out(catalogue, FRACTION + _CHOOSING)
    chooses = wider.rows & ~scored.rows
    classes = _counted(names, (~named, named, ~wider.rows, chooses, scored.rows))
    people = current.loc[here, "annotator"].nunique() if "annotator" in current else 0
    return Snapshot(classes, scored.by, int(people), finite=_is_finite(run))


def _given(run: Run) -> NDArray[np.object_]:
    """Label that the survey gives each object, str [objects of the survey]; empty where none."""
    catalogue = run.survey.catalogue
    columns = run.artefact("labels").settings.get("columns", LABEL_COLUMNS)
    column = next((name for name in columns if name in catalogue), None)
    if column is None:
        return np.full(len(catalogue), "", object)
    given = catalogue[column].astype("str")
    return given.where(given.notna(), "").to_numpy(object, copy=True)


def _counted(
    names: NDArray[np.object_], parts: Sequence[NDArray[np.bool_]]
) -> tuple[ClassLabels, ...]:
    """Objects of each class in parts of the survey, in the order of `ClassLabels`' fields."""
    known, codes = np.unique(names.astype(str), return_inverse=True)
    counts = [np.bincount(codes[part], minlength=len(known)) for part in parts]
    classes = [
        ClassLabels(str(name), *(int(count[code]) for count in counts))
        for code, name in enumerate(known)
        if name
    ]
    return tuple(sorted(classes, key=lambda labels: (-labels.total, labels.name)))


def _is_finite(run: Run) -> bool:
    if "embeddings" not in run.manifest.artefacts:
        return True
    embeddings = run.embeddings
    steps = range(0, len(embeddings), 100_000)
    return all(np.isfinite(embeddings[start : start + 100_000]).all() for start in steps)
