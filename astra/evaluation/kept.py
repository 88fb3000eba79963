"""Parts of an evaluation, each kept by the hash of all that decides it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astra.encoders import Encoder, embed
from astra.evaluation.cache import Cache, hash_of_array, hash_of_code
from astra.evaluation.contenders import CODE, Contender, Workshop, hash_of_encoder
from astra.evaluation.groups import Group
from astra.evaluation.leakage import survey_leakage
from astra.evaluation.matching import view_matching
from astra.evaluation.scoring import Protocol, Task, probe_scores
from astra.evaluation.splits import sky_units
from astra.evaluation.tuning import Tuning, fine_tuned

SCORING = tuple(f"astra.evaluation.{name}" for name in ("figures", "heads", "scoring", "splits"))


def scores(
    cache: Cache, vectors: NDArray[np.floating], task: Task, protocol: Protocol
) -> dict[str, Any]:
    """Probe scores: see :func:`~astra.evaluation.scoring.probe_scores`."""
    sides = [part for split in task.splits for part in (split.learn, split.test)]
    facts = {
        "what": "scores",
        "vectors": hash_of_array(vectors),
        "task": hash_of_array(task.codes, task.units, *sides),
        "classes": task.classes,
        "code": hash_of_code(*SCORING, "astra.analysis.scores"),
        "protocol": asdict(protocol),
    }
    return cache.figures(facts, lambda: probe_scores(vectors, task, protocol=protocol))


def matching(
    workshop: Workshop, group: Group, contender: Contender, seed: int
) -> dict[str, Any] | None:
    """View matching: see :func:`~astra.evaluation.matching.view_matching`."""
    encoder = _trained(contender)
    facts = {
        "what": "matching",
        "survey": group.survey.fingerprint,
        "rows": hash_of_array(group.rows),
        "weights": hash_of_encoder(encoder),
        "seed": seed,
        "code": hash_of_code(*CODE, "astra.evaluation.matching", "astra.evaluation.controls"),
    }

    def make() -> dict[str, Any] | None:
        light_curves = group.survey.light_curves.take(group.rows)
        return view_matching(lambda some: embed(encoder, some, workshop.device), light_curves, seed)

    return workshop.cache.figures(facts, make)


def leakage(
    workshop: Workshop, groups: Sequence[Group], contender: Contender, seed: int
) -> dict[str, Any]:
    """Survey leakage: see :func:`~astra.evaluation.leakage.survey_leakage`.

    Parameters
    ----------
    workshop : Workshop
    groups : sequence of Group
        Of one survey of the observatory; an object that is in several counts once.
    contender : Contender
    seed : int
    """
    survey = groups[0].survey
    rows, first = np.unique(np.concatenate([group.rows for group in groups]), return_index=True)
    made = [contender.vectors(survey, group.rows) for group in groups]
    vectors = np.concatenate(made)[first]
    labels = np.concatenate([np.array(group.labels, object) for group in groups])[first]
    catalogue = survey.catalogue.take(rows)
    owners = catalogue["survey"].astype(str).to_numpy(str)
    facts = {
        "what": "leakage",
        "vectors": hash_of_array(vectors),
        "rows": hash_of_array(rows),
        "labels": hash_of_array(labels.astype(str), owners),
        "seed": seed,
        "code": hash_of_code("astra.evaluation.leakage", *SCORING),
    }
    return workshop.cache.figures(
        facts,
        lambda: survey_leakage(
            vectors, labels.tolist(), owners.tolist(), sky_units(catalogue), seed
        ),
    )


def tuning(
    workshop: Workshop,
    group: Group,
    task: Task,
    contender: Contender,
    how: Tuning,
    told: Callable[[str], None],
) -> dict[str, Any]:
    """Partial fine-tuning: see :func:`~astra.evaluation.tuning.fine_tuned`."""
    encoder = _trained(contender)
    facts = {
        "what": "fine-tuning",
        "survey": group.survey.fingerprint,
        "rows": hash_of_array(group.rows, task.codes, task.splits[0].learn),
        "weights": hash_of_encoder(encoder),
        "tuning": asdict(how),
        "code": hash_of_code(*CODE, *SCORING, "astra.evaluation.tuning", "astra.training"),
    }

    def make() -> dict[str, Any]:
        return fine_tuned(
            encoder,
            workshop.light_curves(group.survey, group.rows),
            contender.vectors(group.survey, group.rows),
            task,
            how,
            workshop.device,
            lambda message: told(f"{group.name}: {contender.name}, {message}"),
        )

    return workshop.cache.figures(facts, make)


def _trained(contender: Contender) -> Encoder:
    assert contender.encoder is not None, contender.name
    return contender.encoder
