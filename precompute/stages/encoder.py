"""Encoder: shipped or fetched weights, or trained here, or the parent's taught with labels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

import astra
from astra.data.durable import hash_of_file
from astra.data.errors import AstraError
from astra.data.fetched import fetched, is_published
from astra.runs.run import Run
from precompute.reusing import rows_to_make
from precompute.stage import Context, Product, Stage

FILES = ("encoder.safetensors", "encoder.json")
WEIGHTS = Path(astra.__path__[0]) / "weights"
TAUGHT = {
    "cross_half": "astra",
    "contrastive": "astra_clr",
    "triplet": "astra_clr_replica",
    "masked": "astromer",
}
Table = Mapping[str, bool | int | float | str]


@dataclass(frozen=True)
class Settings:
    """Which encoder, and how it learns.

    Attributes
    ----------
    name : str
        Encoder; with objective ``supervised``, the parent's is taken instead. One that others
        published, ``light_curve:...``, must have been fetched.
    objective : str
        Empty for the shipped or fetched weights as they are; ``cross_half``, ``contrastive``,
        ``triplet`` or ``masked`` to learn from the survey's light curves; ``supervised`` to teach
        the parent's encoder the labels.
    architecture : mapping
        Settings of the encoder that is trained, where they are not its own; with objective
        ``supervised``, the parent's are taken instead.
    objective_settings : mapping
        Settings of the objective, where they are not its own.
    simulated : float
        Cross-half: simulated stars for each object, seen through the survey's own exposures; the
        encoder learns to tell their kinds.
    most_objects : int
        Learn from at most so many objects, drawn at random.
    label_source : str
        Supervised: learn from ``all`` labels, or from those of annotators (``annotator``) alone.
    fewest_labels : int
        Supervised: classes with fewer labels are left out.
    top_groups : int
        Supervised: layer groups that learn, from the embedding down; 0 is the head alone.
    encoder_rate : float
        Supervised: learning rate of the encoder as a factor of that of the class head.
    epochs, batch, learning_rate, seed : int, int, float, int
        See :class:`astra.training.settings.FitSettings`.
    fit : mapping
        Its other fields, where they are not its own.
    fewest_steps : int
        Steps that an epoch has at least: a few dozen labels are seen several times in each.
    device : str
    """

    name: str = "astra"
    objective: Literal["", "cross_half", "contrastive", "triplet", "masked", "supervised"] = ""
    architecture: Table = field(default_factory=dict)
    objective_settings: Table = field(default_factory=dict)
    simulated: Annotated[float, Field(ge=0, le=10)] = 0.0
    most_objects: Annotated[int, Field(ge=2)] = 60_000
    label_source: Literal["all", "annotator"] = "all"
    fewest_labels: Annotated[int, Field(ge=2)] = 5
    top_groups: Annotated[int, Field(ge=0)] = 2
    encoder_rate: Annotated[float, Field(ge=0)] = 1.0
    epochs: Annotated[int, Field(ge=1)] = 10
    fewest_steps: Annotated[int, Field(ge=0)] = 0
    batch: Annotated[int, Field(ge=2)] = 512
    learning_rate: Annotated[float, Field(gt=0)] = 2e-3
    fit: Table = field(default_factory=dict)
    seed: int = 0
    device: str = "auto"


def refuse(parent: Run | None, settings: Settings) -> None:
    """Refuse what cannot be learnt or loaded.

    Raises
    ------
    AstraError
        A parent is missing, the objective teaches another encoder, no weights are there, or a
        table names what does not exist.
    """
    if settings.objective == "supervised":
        if parent is None:
            raise AstraError(
                "objective supervised teaches a parent's encoder: name the run with --parent"
            )
    elif settings.objective:
        if TAUGHT[settings.objective] != settings.name:
            raise AstraError(
                f"objective {settings.objective} teaches encoder {TAUGHT[settings.objective]}, "
                f"not {settings.name!r}"
            )
    else:
        refuse_missing(settings.name)
    if settings.simulated and settings.objective != "cross_half":
        raise AstraError("encoder.simulated: only objective cross_half learns from simulated stars")
    if settings.architecture or settings.objective_settings or settings.fit:
        # The tables are read by those who know their fields, which load torch.
        from precompute.training import check_tables

        check_tables(settings)


def refuse_missing(name: str) -> None:
    """Refuse an encoder whose weights are not there.

    Raises
    ------
    AstraError
        It says how to get them.
    """
    if weights_of(name).is_file():
        return
    if is_published(name):
        raise AstraError(f"{name} is not on this machine: fetch it with astra fetch-encoder {name}")
    there = ", ".join(sorted(path.stem for path in WEIGHTS.glob("*.safetensors"))) or "none"
    raise AstraError(
        f"no weights of {name!r} come with Astra (there are: {there}); "
        "train it, for example with --recipe astra_train"
    )


def weights_of(name: str) -> Path:
    """File of the weights that come with Astra, or that were fetched."""
    return fetched(name) if is_published(name) else WEIGHTS / f"{name}.safetensors"


def outside(context: Context, settings: Settings) -> dict[str, str]:
    """Hashes of the weights to start from, and of what is learnt from."""
    parent = context.parent
    if settings.objective == "supervised" and parent is not None:
        return {
            "labels": context.run.artefact("labels").hash,
            "encoder of the parent": parent.artefact("encoder").hash,
            "embeddings of the parent": parent.artefact("embeddings").hash,
        }
    return {} if settings.objective else {"weights": hash_of_file(weights_of(settings.name))}


def compute(context: Context, settings: Settings) -> Product:
    """Load, train or teach the encoder."""
    from astra.encoders import load, save

    if context.parent is not None and only_grew(context, settings):
        encoder = load(context.parent.path)
        summary = {"told": f"weights of {context.parent.name}: the survey has only grown"}
    elif settings.objective:
        from precompute.training import learn

        encoder, summary = learn(context, settings)
    else:
        encoder = load(settings.name)
        come = "were published" if is_published(settings.name) else "come with Astra"
        summary = {"told": f"weights of {settings.name} as they {come}"}
    folder = context.scratch / "made"
    save(encoder, folder, card_of(context, settings, summary))
    parameters = sum(parameter.numel() for parameter in encoder.parameters())
    return Product(
        files={name: folder / name for name in FILES},
        summary={"name": encoder.name, "parameters": parameters, **summary},
    )


def only_grew(context: Context, settings: Settings) -> bool:
    """Whether the parent's encoder stays: all that is new is in the survey, not in what it learns.

    To learn anew would move the whole map for the sake of a night.
    """
    if rows_to_make(context, "encoder", settings) is None or context.parent is None:
        return False
    labels = context.parent.manifest.artefacts["labels"].hash
    return settings.objective != "supervised" or context.run.artefact("labels").hash == labels


def card_of(context: Context, settings: Settings, summary: dict[str, Any]) -> dict[str, Any]:
    """What the weights' card says of where they come from."""
    from astra.encoders.weights import read_card

    published = {}
    if not settings.objective and is_published(settings.name):
        published = {"published": read_card(settings.name)["card"]}
    return {
        **published,
        "survey": context.survey.name,
        "objective": settings.objective or "as shipped",
        "parent": None if context.parent is None else context.parent.name,
        "told": summary["told"],
    }


STAGE = Stage(
    "encoder", ("survey.light_curves", "periods"), "none", Settings, compute, refuse, outside
)
