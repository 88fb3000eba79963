"""An evaluation: every contender on every group, with its controls, in one table."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from astra.data.observatory import Observatory
from astra.evaluation import kept
from astra.evaluation.cache import Cache
from astra.evaluation.contenders import Contender, Workshop
from astra.evaluation.groups import Group, choose_groups
from astra.evaluation.scoring import Protocol, Task, make_task
from astra.evaluation.tuning import Tuning
from astra.runs.progress import Progress, silent

FORMAT = "astra-evaluation-1"


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
        protocol = self.request.protocol
        vectors = contender.vectors(group.survey, group.rows)
        answer: dict[str, Any] = {}
        for head in protocol.heads:
            answer[head] = {}
            for amount in protocol.labels:
                self._tell(f"{group.name}: {contender.name}, {head}, {amount} labels")
                one = replace(protocol, heads=(head,), labels=(amount,))
                answer[head] |= kept.scores(self.workshop.cache, vectors, task, one)[head]
        return answer

    def _matching(self) -> Iterator[dict[str, Any]]:
        for group in self.groups:
            for encoder in self.encoders:
                self._tell(f"{group.name}: view matching, {encoder.name}")
                found = kept.matching(self.workshop, group, encoder, self.request.seed)
                self._tell(f"{group.name}: view matching, {encoder.name}", step=1)
                if found is not None:
                    yield {"group": group.name, "encoder": encoder.name, **found}

    def _leakage(self) -> Iterator[dict[str, Any]]:
        for name in dict.fromkeys(group.survey.name for group in self.groups):
            groups = [group for group in self.groups if group.survey.name == name]
            if "survey" not in groups[0].survey.catalogue:
                self._tell(f"{name}: one survey", step=len(self.contenders))
                continue
            for contender in self.contenders:
                self._tell(f"{name}: survey leakage, {contender.name}")
                found = kept.leakage(self.workshop, groups, contender, self.request.seed)
                self._tell(f"{name}: survey leakage, {contender.name}", step=1)
                yield {"survey": name, "row": contender.name, "kind": contender.kind, **found}

    def _fine_tuning(self) -> Iterator[dict[str, Any]]:
        for group, task in zip(self.groups, self.tasks, strict=True):
            for contender in self.encoders:
                assert contender.encoder is not None
                if not contender.encoder.layer_groups():
                    self._tell(f"{group.name}: {contender.name} cannot be tuned", step=1)
                    continue
                found = kept.tuning(
                    self.workshop, group, task, contender, self.request.tuning, self._tell
                )
                self._tell(f"{group.name}: fine-tuning, {contender.name}", step=1)
                yield {"group": group.name, "encoder": contender.name, **found}
