"""What speaks for and against starting a fine-tune."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.finetune import Finetune
from app.label_snapshot import FEWEST_LABELS, Snapshot
from app.words import count, counted
from astra.data.errors import AstraError
from astra.data.observatory import Observatory
from astra.runs.run import Run

FEWEST_CLASSES = 2
_MOST_EPOCHS, _MOST_REPEATS = 1000, 10
_FEWEST_SCORED = 10


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
