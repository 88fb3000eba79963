"""An evaluation: every contender on every group, with its controls, in one table."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astra.data.observatory import Observatory
from astra.encoders import embed
from astra.evaluation.cache import Cache, hash_of_array, hash_of_code
from astra.evaluation.contenders import CODE, Contender, Workshop, hash_of_encoder
from astra.evaluation.groups import Group, choose_groups
from astra.evaluation.leakage import survey_leakage
from astra.evaluation.matching import view_matching
from astra.evaluation.scoring import Protocol, Task, make_task, probe_scores
from astra.evaluation.splits import sky_units
from astra.evaluation.tuning import Tuning, fine_tuned
from astra.runs.progress import Progress, silent

FORMAT = "astra-evaluation-1"
_SCORING = tuple(f"astra.evaluation.{name}" for name in ("figures", "heads", "scoring", "splits"))


@dataclass(frozen=True, slots=True)
class Request:
    """What to evaluate, and how.

    Attributes
    ----------
    encoders : tuple of str
        Runs, names of shipped weights, or paths of weights.
    surveys, groups : tuple of str
        See :func:`astra.evaluation.groups.choose_groups`.
    objects : int or None
        Labelled objects of a group, drawn at random where there are more.
    protocol : Protocol
    controls, rivals, leakage, fine_tune : bool
    validation : bool
        Score on a part of the learnt sky of the first split; its test is not looked at.
    tuning : Tuning
    seed : int
        Of the objects drawn, and of the controls.
    device : str
    """

    encoders: tuple[str, ...]
    surveys: tuple[str, ...]
    groups: tuple[str, ...] = ()
    objects: int | None = None
    protocol: Protocol = field(default_factory=Protocol)
    controls: bool = True
    rivals: bool = True
    leakage: bool = False
    fine_tune: bool = False
    validation: bool = False
    tuning: Tuning = field(default_factory=Tuning)
    seed: int = 0
    device: str = "auto"


def evaluate(
    observatory: Observatory, request: Request, progress: Progress | None = None
) -> dict[str, Any]:
    """Evaluate encoders, their controls and their rivals.

    Parameters
    ----------
    observatory : Observatory
        Vectors and scores that were made before are found in it again.
    request : Request
    progress : Progress, optional
        Told of ``done`` and ``total`` steps, with a ``message``.

    Returns
    -------
    dict
        JSON-able: ``format``, ``request``, ``groups`` (each with its ``classes``, ``left_out``,
        ``splits`` and ``rows`` of scores), ``matching``, ``leakage``, ``fine_tuning``.

    Raises
    ------
    AstraError
        An encoder, survey or group is not there, a group cannot be scored, or a package is missing.
    """
    cache = Cache(observatory)
    workshop = Workshop(observatory, cache, request.device)
    encoders = workshop.encoders(list(request.encoders))
    groups = choose_groups(
        observatory, request.surveys, request.groups, request.objects, request.seed
    )
    contenders = list(_contenders(workshop, encoders, request))
    return _Evaluation(request, workshop, groups, encoders, contenders, progress or silent).made()


def _contenders(
    workshop: Workshop, encoders: list[Contender], request: Request
) -> Iterator[Contender]:
    yield from encoders
    if request.rivals:
        yield from workshop.rivals()
    if request.controls:
        for encoder in encoders:
            yield from workshop.controls(encoder)
        yield workshop.random()


@dataclass
class _Evaluation:
    """One evaluation under way."""

    request: Request
    workshop: Workshop
    groups: list[Group]
    encoders: list[Contender]
    contenders: list[Contender]
    progress: Progress
    done: int = 0

    def __post_init__(self) -> None:
        protocol = self.request.protocol
        self.tasks = [
            make_task(group.labels, group.units, protocol.seeds, self.request.validation)
            for group in self.groups
        ]

    def made(self) -> dict[str, Any]:
        request = self.request
        return {
            "format": FORMAT,
            "request": asdict(request),
            "groups": [
                self._group(group, task)
                for group, task in zip(self.groups, self.tasks, strict=True)
            ],
            "matching": list(self._matching()) if request.controls else [],
            "leakage": list(self._leakage()) if request.leakage else [],
            "fine_tuning": list(self._fine_tuning()) if request.fine_tune else [],
        }

    def _total(self) -> int:
        request, groups = self.request, len(self.groups)
        surveys = len({group.survey.name for group in self.groups})
        return (
            groups * len(self.contenders)
            + request.controls * groups * len(self.encoders)
            + request.leakage * surveys * len(self.contenders)
            + request.fine_tune * groups * len(self.encoders)
        )

    def _tell(self, message: str, step: int = 0) -> None:
        self.done += step
        self.progress(
            "progress", done=self.done, total=self._total(), unit="steps", message=message
        )

    def _group(self, group: Group, task: Task) -> dict[str, Any]:
        counts = Counter(task.codes[task.codes >= 0].tolist())
        rows = []
        for contender in self.contenders:
            self._tell(f"{group.name}: {contender.name}")
            scores = self._scores(group, task, contender)
            rows.append({"name": contender.name, "kind": contender.kind, "scores": scores})
            self._tell(f"{group.name}: {contender.name}", step=1)
        return {
            "name": group.name,
            "survey": group.survey.name,
            "objects": int((task.codes >= 0).sum()),
            "classes": {name: counts[code] for code, name in enumerate(task.classes)},
            "left_out": task.left_out,
            "units": len(np.unique(task.units[task.codes >= 0])),
            "splits": [
                {
                    "learnt": len(split.learn),
                    "tested": len(split.test),
                    "tested_units": len(np.unique(task.units[split.test])),
                }
                for split in task.splits
            ],
            "rows": rows,
        }

    def _scores(self, group: Group, task: Task, contender: Contender) -> dict[str, Any]:
        vectors = contender.vectors(group.survey, group.rows)
        facts = {
            "what": "scores",
            "vectors": hash_of_array(vectors),
            "task": hash_of_array(
                task.codes, task.units, *(part for s in task.splits for part in (s.learn, s.test))
            ),
            "code": hash_of_code(*_SCORING, "astra.analysis.scores"),
        }
        protocol = self.request.protocol
        answer: dict[str, Any] = {}
        for head in protocol.heads:
            answer[head] = {}
            for amount in protocol.labels:
                one = replace(protocol, heads=(head,), labels=(amount,))
                self._tell(f"{group.name}: {contender.name}, {head}, {amount} labels")
                figures = self.workshop.cache.figures(
                    facts | {"protocol": asdict(one)},
                    lambda one=one: probe_scores(vectors, task, protocol=one),
                )
                answer[head] |= figures[head]
        return answer

    def _matching(self) -> Iterator[dict[str, Any]]:
        for group in self.groups:
            for encoder in self.encoders:
                self._tell(f"{group.name}: view matching, {encoder.name}")
                found = self._match(group, encoder)
                self._tell(f"{group.name}: view matching, {encoder.name}", step=1)
                if found is not None:
                    yield {"group": group.name, "encoder": encoder.name, **found}

    def _match(self, group: Group, contender: Contender) -> dict[str, Any] | None:
        encoder = contender.encoder
        assert encoder is not None
        facts = {
            "what": "matching",
            "survey": group.survey.fingerprint,
            "rows": hash_of_array(group.rows),
            "weights": hash_of_encoder(encoder),
            "seed": self.request.seed,
            "code": hash_of_code(*CODE, "astra.evaluation.matching", "astra.evaluation.controls"),
        }

        def make() -> dict[str, Any] | None:
            light_curves = group.survey.light_curves.take(group.rows)
            device = self.workshop.device
            return view_matching(
                lambda some: embed(encoder, some, device), light_curves, self.request.seed
            )

        return self.workshop.cache.figures(facts, make)

    def _leakage(self) -> Iterator[dict[str, Any]]:
        for name in dict.fromkeys(group.survey.name for group in self.groups):
            groups = [group for group in self.groups if group.survey.name == name]
            if "survey" not in groups[0].survey.catalogue:
                self._tell(f"{name}: one survey", step=len(self.contenders))
                continue
            for contender in self.contenders:
                self._tell(f"{name}: survey leakage, {contender.name}")
                found = self._leak(groups, contender)
                self._tell(f"{name}: survey leakage, {contender.name}", step=1)
                yield {"survey": name, "row": contender.name, "kind": contender.kind, **found}

    def _leak(self, groups: list[Group], contender: Contender) -> dict[str, Any]:
        survey = groups[0].survey
        every = np.concatenate([group.rows for group in groups])
        rows, first = np.unique(every, return_index=True)
        vectors: NDArray[np.floating] = np.concatenate(
            [contender.vectors(survey, group.rows) for group in groups]
        )[first]
        labels = np.concatenate([np.array(group.labels, object) for group in groups])[first]
        catalogue = survey.catalogue.take(rows)
        owners = catalogue["survey"].astype(str).to_numpy(str)
        facts = {
            "what": "leakage",
            "vectors": hash_of_array(vectors),
            "rows": hash_of_array(rows),
            "labels": hash_of_array(labels.astype(str), owners),
            "seed": self.request.seed,
            "code": hash_of_code("astra.evaluation.leakage", *_SCORING),
        }
        return self.workshop.cache.figures(
            facts,
            lambda: survey_leakage(
                vectors, labels.tolist(), owners.tolist(), sky_units(catalogue), self.request.seed
            ),
        )

    def _fine_tuning(self) -> Iterator[dict[str, Any]]:
        for group, task in zip(self.groups, self.tasks, strict=True):
            for contender in self.encoders:
                assert contender.encoder is not None
                if not contender.encoder.layer_groups():
                    self._tell(f"{group.name}: {contender.name} cannot be tuned", step=1)
                    continue
                found = self._tune(group, task, contender)
                self._tell(f"{group.name}: fine-tuning, {contender.name}", step=1)
                yield {"group": group.name, "encoder": contender.name, **found}

    def _tune(self, group: Group, task: Task, contender: Contender) -> dict[str, Any]:
        encoder = contender.encoder
        assert encoder is not None
        facts = {
            "what": "fine-tuning",
            "survey": group.survey.fingerprint,
            "rows": hash_of_array(group.rows, task.codes, task.splits[0].learn),
            "weights": hash_of_encoder(encoder),
            "tuning": asdict(self.request.tuning),
            "code": hash_of_code(
                *CODE, *_SCORING, "astra.evaluation.tuning", "astra.training.supervised"
            ),
        }

        def make() -> dict[str, Any]:
            return fine_tuned(
                encoder,
                self.workshop.light_curves(group.survey, group.rows),
                contender.vectors(group.survey, group.rows),
                task,
                self.request.tuning,
                self.workshop.device,
                lambda message: self._tell(f"{group.name}: {contender.name}, {message}"),
            )

        return self.workshop.cache.figures(facts, make)
