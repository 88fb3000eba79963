"""What a fine-tune would be: its settings, the labels it would learn, what speaks against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from astra.data.errors import AstraError
from astra.data.observatory import Observatory
from astra.labels.store import LabelStore
from astra.runs.jobs import Job
from astra.runs.run import Run

Layers = Literal["probe", "top", "all"]
Source = Literal["all", "annotator"]
FEWEST_LABELS = 5
FEWEST_CLASSES = 2
LABEL_COLUMNS = ("astra_class", "label")
# Layer groups that learn, from the embedding down; more than any encoder has are all of them.
GROUPS: dict[str, int] = {"probe": 0, "top": 2, "all": 99}
_MOST_EPOCHS = 1000


@dataclass(frozen=True, slots=True)
class Finetune:
    """One fine-tune, as the form asks for it.

    Attributes
    ----------
    parent, name : str
        Run whose encoder is taught, and name of the new run.
    layers : str
        ``probe`` (the head alone), ``top`` or ``all`` layers of the encoder.
    source : str
        Labels to learn from: ``all``, or those of an ``annotator`` alone.
    epochs, seed : int
    learning_rate : float
    """

    parent: str
    name: str
    layers: Layers = "top"
    source: Source = "all"
    epochs: int = 20
    learning_rate: float = 1e-3
    seed: int = 0

    def settings(self) -> dict[str, object]:
        """Settings for the recipe ``finetune``, by ``stage.setting``."""
        return {
            "encoder.top_groups": GROUPS[self.layers],
            "encoder.label_source": self.source,
            "encoder.epochs": self.epochs,
            "encoder.learning_rate": self.learning_rate,
            "encoder.seed": self.seed,
        }


class ClassLabels(NamedTuple):
    """Objects that a class has labels of, by who gave them."""

    name: str
    catalogue: int
    annotators: int

    @property
    def total(self) -> int:
        """Labels of the class."""
        return self.catalogue + self.annotators


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Labels that a run of a survey would be made with now, the most frequent class first."""

    classes: tuple[ClassLabels, ...] = ()

    def of(self, source: Source) -> "Snapshot":
        """Those that are learnt from: all, or the annotators' alone."""
        if source == "all":
            return self
        human = [labels._replace(catalogue=0) for labels in self.classes if labels.annotators]
        return Snapshot(tuple(sorted(human, key=lambda labels: -labels.total)))

    @property
    def total(self) -> int:
        """Objects with a label."""
        return sum(labels.total for labels in self.classes)

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


def snapshot(run: Run, store: LabelStore) -> Snapshot:
    """Count the labels that a child of a run would be made with.

    They are the survey's own, from the column that the run took them from, and those of annotators,
    which win where there are both.
    """
    catalogue = run.survey.catalogue
    columns = run.artefact("labels").settings.get("columns", LABEL_COLUMNS)
    column = next((name for name in columns if name in catalogue), None)
    current = store.current()
    rows = catalogue.rows_of(current["object_id"].tolist())
    named = _counts(current["label"].to_numpy(object)[rows >= 0])
    given: dict[str, int] = {}
    if column is not None:
        labels = catalogue[column].astype("str")
        counted = (labels.notna() & (labels != "")).to_numpy(bool, copy=True)
        counted[rows[rows >= 0]] = False
        given = _counts(labels.to_numpy(object)[counted])
    classes = [
        ClassLabels(name, given.get(name, 0), named.get(name, 0)) for name in {**given, **named}
    ]
    return Snapshot(tuple(sorted(classes, key=lambda labels: (-labels.total, labels.name))))


def _counts(labels: NDArray[np.object_]) -> dict[str, int]:
    names, counts = np.unique(labels.astype(str), return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a start: ``ok``, ``warning`` or ``refusal``, with what was found."""

    state: Literal["ok", "warning", "refusal"]
    text: str
    found: str = ""


def checks(
    asked: Finetune, parent: Run, known: Snapshot, observatory: Observatory, running: Sequence[str]
) -> list[Check]:
    """Everything that speaks for or against starting; ``running`` names runs being made."""
    return [
        _encoder_check(parent),
        _name_check(asked.name, observatory, running),
        *_label_checks(known.of(asked.source)),
        *_number_checks(asked),
        _load_check(running),
    ]


def refusals(found: Sequence[Check]) -> list[Check]:
    """Checks that forbid a start."""
    return [check for check in found if check.state == "refusal"]


def free_name(parent: str, taken: Sequence[str]) -> str:
    """Name for a child of a run that no run has yet: ``parent-2``, ``parent-3`` ..."""
    stem, _, last = parent.rpartition("-")
    stem = stem if stem and last.isdigit() else parent
    number = 2
    while f"{stem[:58]}-{number}" in taken:
        number += 1
    return f"{stem[:58]}-{number}"


def _encoder_check(parent: Run) -> Check:
    if "encoder" not in parent.manifest.artefacts:
        return Check("refusal", f"Run {parent.name} has no encoder to teach", "choose another")
    name = parent.summary("encoder").get("name", "")
    return Check("ok", "The parent has an encoder", str(name))


def _name_check(name: str, observatory: Observatory, running: Sequence[str]) -> Check:
    try:
        path = observatory.run(name)
    except AstraError as error:
        return Check("refusal", str(error))
    if path.exists():
        return Check("refusal", f"There is a run {name} already", "choose another name")
    if name in running:
        return Check("refusal", f"Run {name} is being made already", "choose another name")
    return Check("ok", "The name is free", name)


def _label_checks(known: Snapshot) -> list[Check]:
    found = []
    if len(known.enough) < FEWEST_CLASSES:
        there = ", ".join(f"{labels.name} {labels.total}" for labels in known.classes[:4])
        text = f"Two classes with {FEWEST_LABELS} labels each are needed"
        found.append(Check("refusal", text, there or "no labels"))
    else:
        text = f"Classes with {FEWEST_LABELS} labels or more"
        found.append(Check("ok", text, f"{len(known.enough)} of {len(known.classes)}"))
    if known.too_few:
        found.append(Check("warning", "Left out, too few labels", ", ".join(known.too_few)))
    if known.classes and not known.annotated:
        text = "No label of an annotator: it learns the catalogue alone"
        found.append(Check("warning", text))
    return found


def _number_checks(asked: Finetune) -> list[Check]:
    found = []
    if not 1 <= asked.epochs <= _MOST_EPOCHS:
        found.append(Check("refusal", f"Epochs: 1 to {_MOST_EPOCHS}", str(asked.epochs)))
    if not 0 < asked.learning_rate <= 1:
        text = "Learning rate: above 0, at most 1"
        found.append(Check("refusal", text, str(asked.learning_rate)))
    if asked.seed < 0:
        found.append(Check("refusal", "Seed: 0 or more", str(asked.seed)))
    return found


def _load_check(running: Sequence[str]) -> Check:
    if running:
        return Check("warning", "Other jobs run: all will be slower", ", ".join(running))
    return Check("ok", "No other job runs")


def asked_of(job: Job) -> dict[str, Any]:
    """What the form said, as far as the job remembers: parent, layers, epochs, learning rate."""
    settings = job.facts.get("settings", {})
    groups = settings.get("encoder.top_groups")
    layers = next((name for name, n in GROUPS.items() if n == groups), "")
    return {
        "parent": job.facts.get("parent", ""),
        "layers": layers,
        "epochs": settings.get("encoder.epochs", 0),
        "learning_rate": settings.get("encoder.learning_rate"),
    }
