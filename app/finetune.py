"""A fine-tune as the form asks for it, and the settings that this means."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from astra.runs.jobs import Job

Layers = Literal["probe", "top", "all"]
Source = Literal["all", "annotator"]
Weights = Literal["balanced", "capped", "none"]
DEVICES = ("auto", "cpu", "cuda")
# Layer groups that learn, from the embedding down; more than any encoder has are all of them.
GROUPS: dict[str, int] = {"probe": 0, "top": 2, "all": 99}
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


def free_name(parent: str, taken: Sequence[str]) -> str:
    """Name for a child of a run that no run has yet: ``parent-2``, ``parent-3`` ..."""
    stem, _, last = parent.rpartition("-")
    stem = stem if stem and last.isdigit() else parent
    number = 2
    while f"{stem[:58]}-{number}" in taken:
        number += 1
    return f"{stem[:58]}-{number}"


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
