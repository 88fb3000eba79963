"""What a fine-tune would be: its settings, the labels it would learn, what speaks against it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np

from app.words import count, counted
from astra.data.errors import AstraError
from astra.data.held_out import FRACTION, held_out
from astra.data.observatory import Observatory
from astra.labels.store import LabelStore
from astra.runs.jobs import Job
from astra.runs.run import Run

Layers = Literal["probe", "top", "all"]
Source = Literal["all", "annotator"]
Weights = Literal["balanced", "capped", "none"]
DEVICES = ("auto", "cpu", "cuda")
FEWEST_LABELS = 5
FEWEST_CLASSES = 2
LABEL_COLUMNS = ("astra_class", "label")
# Layer groups that learn, from the embedding down; more than any encoder has are all of them.
GROUPS: dict[str, int] = {"probe": 0, "top": 2, "all": 99}
_MOST_EPOCHS, _MOST_REPEATS = 1000, 10
_FEWEST_SCORED = 10
# As precompute takes them: some of the sky chooses the epoch, and the rest of it scores.
_CHOOSING = 0.1
_WEIGHTS: dict[str, dict[str, object]] = {
    "balanced": {},
    "capped": {"balanced": True, "weight_cap": 10.0},
    "none": {"balanced": False},
}


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
    repeats : int
        Runs to make, with seeds one after the other.
    weights : str
        Of the classes: ``balanced``, ``capped`` (the rarest weigh at most ten times the most
        frequent) or ``none``.
    device : str
    """

    parent: str
    name: str
    layers: Layers = "top"
    source: Source = "all"
    epochs: int = 20
    learning_rate: float = 1e-3
    seed: int = 0
    repeats: int = 1
    weights: Weights = "balanced"
    device: str = "auto"

    def settings(self) -> dict[str, object]:
        """Settings for the recipe ``finetune``, by ``stage.setting``."""
        more: dict[str, object] = {}
        if _WEIGHTS[self.weights]:
            more["encoder.objective_settings"] = _WEIGHTS[self.weights]
        if self.device != "auto":
            more |= {"encoder.device": self.device, "embeddings.device": self.device}
        return {
            "encoder.top_groups": GROUPS[self.layers],
            "encoder.label_source": self.source,
            "encoder.epochs": self.epochs,
            "encoder.learning_rate": self.learning_rate,
            "encoder.seed": self.seed,
            **more,
        }

    def each(self) -> list["Finetune"]:
        """The fine-tunes that are asked for, one a seed."""
        names = [self.name, *(f"{self.name[:58]}-s{n}" for n in range(2, self.repeats + 1))]
        return [
            replace(self, name=name, seed=self.seed + n, repeats=1) for n, name in enumerate(names)
        ]


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
    catalogue = run.survey.catalogue
    columns = run.artefact("labels").settings.get("columns", LABEL_COLUMNS)
    column = next((name for name in columns if name in catalogue), None)
    names = np.full(len(catalogue), "", object)
    if column is not None:
        given = catalogue[column].astype("str")
        names = given.where(given.notna(), "").to_numpy(object, copy=True)
    current = store.current()
    rows = catalogue.rows_of(current["object_id"].tolist())
    here = rows >= 0
    names[rows[here]] = current["label"].to_numpy(object)[here]
    named = np.zeros(len(catalogue), bool)
    named[rows[here]] = True
    scored, wider = held_out(catalogue), held_out(catalogue, FRACTION + _CHOOSING)
    chooses = wider.rows & ~scored.rows
    known, codes = np.unique(names.astype(str), return_inverse=True)
    parts = [
        np.bincount(codes[mask], minlength=len(known))
        for mask in (~named, named, ~wider.rows, chooses, scored.rows)
    ]
    classes = [
        ClassLabels(str(name), *(int(part[code]) for part in parts))
        for code, name in enumerate(known)
        if name
    ]
    people = current.loc[here, "annotator"].nunique() if "annotator" in current else 0
    return Snapshot(
        tuple(sorted(classes, key=lambda labels: (-labels.total, labels.name))),
        scored.by,
        int(people),
        finite=_is_finite(run),
    )


def _is_finite(run: Run) -> bool:
    if "embeddings" not in run.manifest.artefacts:
        return True
    embeddings = run.embeddings
    steps = range(0, len(embeddings), 100_000)
    return all(np.isfinite(embeddings[start : start + 100_000]).all() for start in steps)


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
        *_split_checks(known.of(asked.source)),
        _finite_check(known),
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


def _split_checks(known: Snapshot) -> list[Check]:
    taught = [c for c in known.classes if c.total >= FEWEST_LABELS and c.learnt]
    if len(known.enough) < FEWEST_CLASSES:
        return []
    if len(taught) < FEWEST_CLASSES:
        text = "The sky to learn from has labels of one class alone"
        return [Check("refusal", text, "label in more places")]
    if not known.held_out:
        text = "No label on the held-out sky: nothing to score by"
        return [Check("refusal", text, "label in more places")]
    found = f"{count(known.learnt)} teach, {count(known.held_out)} score"
    checks = [Check("ok", "No object in two parts", found)]
    rare = [c.name for c in taught if c.held_out < _FEWEST_SCORED]
    if rare:
        text = f"Fewer than {_FEWEST_SCORED} to score by"
        checks.append(Check("warning", text, ", ".join(rare)))
    choosing = sum(c.choosing for c in taught)
    if choosing < _FEWEST_SCORED:
        text = "Too few to choose the epoch: the last one is kept"
        checks.append(Check("warning", text, counted(choosing, "object")))
    return checks


def _finite_check(known: Snapshot) -> Check:
    if known.finite:
        return Check("ok", "Embeddings of the parent are finite")
    return Check("refusal", "Embeddings of the parent are not finite", "make the run again")


def _number_checks(asked: Finetune) -> list[Check]:
    found = []
    if not 1 <= asked.epochs <= _MOST_EPOCHS:
        found.append(Check("refusal", f"Epochs: 1 to {_MOST_EPOCHS}", str(asked.epochs)))
    if not 0 < asked.learning_rate <= 1:
        text = "Learning rate: above 0, at most 1"
        found.append(Check("refusal", text, str(asked.learning_rate)))
    if asked.seed < 0:
        found.append(Check("refusal", "Seed: 0 or more", str(asked.seed)))
    if not 1 <= asked.repeats <= _MOST_REPEATS:
        found.append(Check("refusal", f"Runs: 1 to {_MOST_REPEATS}", str(asked.repeats)))
    return found


def _load_check(running: Sequence[str]) -> Check:
    if running:
        return Check("warning", "Waits for the jobs before it", ", ".join(running))
    return Check("ok", "It starts at once")


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
