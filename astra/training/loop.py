"""The only training loop."""

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.encoders.base import Encoder
from astra.encoders.embed import choose_device
from astra.runs.progress import Progress, silent
from astra.training.batches import Ahead, Batches, Part, collated
from astra.training.checkpoint import Checkpoint, FitState
from astra.training.gradients import Computing, backward
from astra.training.meter import Meter
from astra.training.objective import Objective, pinned
from astra.training.ranks import ranks
from astra.training.schedule import learning_rate, make_optimizer, set_learning_rate
from astra.training.settings import FitResult, FitSettings

Probe = Callable[[Encoder, torch.device], float]
# What decides how fast a fit is, and not what comes of it.
_INCIDENTAL = ("accumulate", "prefetch", "collators", "checkpoint_seconds", "checkpoint_steps")


class TrainingError(AstraError):
    """Training cannot go on."""


class Cancelled(KeyboardInterrupt):
    """Somebody asked the fit to stop; its checkpoint is saved.

    As with Ctrl-C, no ``except Exception`` on the way swallows it.
    """


def fit(
    objective: Objective,
    light_curves: LightCurves,
    rows: NDArray[np.integer],
    settings: FitSettings,
    progress: Progress | None = None,
    checkpoint: Path | None = None,
    device: str = "auto",
    validation_rows: NDArray[np.integer] | None = None,
    should_stop: Callable[[], bool] | None = None,
    probe: Probe | None = None,
) -> FitResult:
    """Train an objective; its weights are changed in place.

    On a CPU the result is a function of the arguments, bit for bit, however often the fit is
    killed and begun again from its checkpoint. Processes that have joined (see
    :mod:`astra.training.ranks`) share each batch among them and end with the same weights; the
    first alone reports, validates and saves.

    Parameters
    ----------
    objective : Objective
    light_curves : LightCurves
    rows : integer [rows]
        Light curves to learn from.
    settings : FitSettings
    progress : Progress, optional
        Told of ``done`` and ``total`` steps, ``loss``, ``epoch``, ``objects_per_second``, ``eta``
        [s], ``waiting`` (fraction of the time spent on waiting for data) and, after each epoch,
        of ``score`` and its companions where there is validation, of ``probe`` where there is one.
    checkpoint : Path, optional
        Folder to resume from and to save in; emptied when the fit is complete.
    device : str
    validation_rows : integer [rows], optional
        Scored after each epoch by :meth:`Objective.validate`; the best epoch's weights are kept.
    should_stop : callable, optional
        Asked after every step; where it says yes, the fit saves and raises.
    probe : callable, optional
        Takes the encoder and the device after each epoch; gives a figure that is told, and that
        nothing depends on.

    Raises
    ------
    Cancelled
        ``should_stop`` said so.
    TrainingError
        There are no rows, a batch is too small for its parts, or the loss or its gradient is not
        finite.
    CheckpointError
        The checkpoint is damaged or of another fit.
    """
    if not len(rows):
        raise TrainingError("nothing to learn from: no rows")
    target = choose_device(device)
    objective.to(target)
    computing = Computing(target, settings.precision, ranks())
    computing.ranks.same_weights(objective)
    scored = np.empty(0, np.int64) if validation_rows is None else validation_rows
    tell = (progress or silent) if computing.ranks.is_first else silent
    run = _Fit(objective, light_curves, rows, scored, settings, computing, tell, probe)
    if checkpoint is not None:
        run.resume(checkpoint)
    devices = [target] if target.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        run.train(should_stop or (lambda: False))
    return run.finish()


@dataclass
class _Fit:
    """One fit under way."""

    objective: Objective
    light_curves: LightCurves
    rows: NDArray[np.integer]
    validation_rows: NDArray[np.integer]
    settings: FitSettings
    computing: Computing
    progress: Progress
    probe: Probe | None
    state: FitState = field(default_factory=FitState)
    best: dict[str, Tensor] | None = None
    checkpoint: Checkpoint | None = None
    seconds_before: float = 0.0

    def __post_init__(self) -> None:
        settings, here = self.settings, self.computing.ranks
        parts = here.size * settings.accumulate
        self.batches = Batches(self.rows, settings.batch, settings.seed, parts)
        if self.batches.smallest_part < 1:
            raise TrainingError(
                f"{len(self.rows)} rows in batches of {settings.batch} are too few for {parts} "
                "parts: use larger batches, fewer processes, or accumulate less"
            )
        self.mine = range(here.rank * settings.accumulate, (here.rank + 1) * settings.accumulate)
        self.steps = settings.epochs * self.batches.per_epoch
        self.optimizer = make_optimizer(
            self.objective.parameter_groups(), settings.weight_decay, settings.optimizer
        )
        self.meter = Meter(self.progress, self.steps, len(self.rows) / self.batches.per_epoch)
        self.saved = time.monotonic()

    def resume(self, folder: Path) -> None:
        self.checkpoint = Checkpoint.of(folder, self._facts())
        self.state, self.best = self.checkpoint.restore(self.objective, self.optimizer)
        self.seconds_before = self.state.seconds
        self.computing.ranks.wait()

    def train(self, should_stop: Callable[[], bool]) -> None:
        for step, parts in self.meter.timed(self._stream()):
            if self._is_enough():
                return
            self._step(step, parts)
            if self.state.step % self.batches.per_epoch == 0:
                self._end_epoch()
            if self.meter.is_time:
                self.meter.tell(self.state.step, self._loss(), len(self.state.history))
            if self.computing.ranks.any(should_stop(), self.computing.device):
                self._save()
                raise Cancelled(f"stopped after {self.state.step} of {self.steps} steps")
            if self._is_time_to_save():
                self._save()

    def _stream(self) -> Iterator[tuple[int, list[Part]]]:
        return collated(
            self.objective,
            self.light_curves,
            self.batches,
            range(self.state.step, self.steps),
            self.mine,
            Ahead(self.settings.prefetch, self.settings.collators),
            pinned if self.computing.device.type == "cuda" else dict,
        )

    def finish(self) -> FitResult:
        if self.best is not None:
            self.objective.load_state_dict(self.best)
        self.objective.eval()
        if self.checkpoint and self.computing.ranks.is_first:
            self.checkpoint.remove()
        state = self.state
        return FitResult(
            steps=state.step,
            epochs=len(state.history),
            loss=state.history[-1]["loss"] if state.history else math.nan,
            score=state.best_score,
            best_epoch=state.best_epoch,
            history=state.history,
            seconds=self._seconds(),
            device=str(self.computing.device),
        )

    def _step(self, step: int, parts: list[Part]) -> None:
        settings, objects = self.settings, len(self.batches.rows_of(step))
        rate = learning_rate(
            step, self.steps, settings.learning_rate, settings.warmup_steps, settings.schedule
        )
        set_learning_rate(self.optimizer, rate)
        self.objective.train()
        self.optimizer.zero_grad(set_to_none=True)
        seed = partial(self._seed, step)
        value = backward(self.objective, parts, objects, seed, self.computing)
        norm = clip_grad_norm_(self.objective.parameters(), settings.clip)
        self._check_finite(value, float(norm), step, rate)
        self.optimizer.step()
        self.state.step = step + 1
        self.state.loss_total += value * objects
        self.state.loss_objects += objects
        self.meter.objects += objects

    def _seed(self, step: int, part: int) -> None:
        # Seeding every part of a step makes dropout a function of both: nothing to save.
        torch.manual_seed(int(self.batches.generator_of(step, part).integers(2**63)))

    def _check_finite(self, loss: float, norm: float, step: int, rate: float) -> None:
        if math.isfinite(loss) and math.isfinite(norm):
            return
        rows = self.batches.rows_of(step)
        raise TrainingError(
            f"step {step} (epoch {step // self.batches.per_epoch}, learning rate {rate:.2g}): "
            f"loss {loss}, gradient norm {norm}; lower the learning rate, or look for extreme "
            f"fluxes among the {len(rows)} objects of the batch (rows {rows[0]}, {rows[-1]}, ...)"
        )

    def _end_epoch(self) -> None:
        state = self.state
        epoch = len(state.history)
        figures: dict[str, Any] = {"epoch": epoch, "loss": self._loss()}
        figures = self.computing.ranks.hear_first(self._judge(figures))
        score = figures.get("score")
        if score is not None and (state.best_score is None or score > state.best_score):
            state.best_score, state.best_epoch = score, epoch
            self.best = {n: t.detach().clone() for n, t in self.objective.state_dict().items()}
        state.history.append(figures)
        state.loss_total, state.loss_objects = 0.0, 0
        self.meter.tell(state.step, **figures)

    def _judge(self, figures: dict[str, Any]) -> dict[str, Any]:
        """Figures with those of validation and of the probe, which the first rank makes."""
        if not self.computing.ranks.is_first:
            return figures
        device = self.computing.device
        self.objective.eval()
        if len(self.validation_rows):
            with torch.no_grad():
                figures |= self.objective.validate(self.light_curves, self.validation_rows, device)
        if self.probe is not None:
            figures["probe"] = self.probe(self.objective.encoder, device)
        return figures

    def _is_enough(self) -> bool:
        patience, state = self.settings.patience, self.state
        if not patience or state.best_score is None:
            return False
        return len(state.history) - 1 - state.best_epoch >= patience

    def _is_time_to_save(self) -> bool:
        every = self.settings.checkpoint_steps
        if every:
            return self.state.step % every == 0
        return time.monotonic() - self.saved > self.settings.checkpoint_seconds

    def _save(self) -> None:
        if self.checkpoint and self.computing.ranks.is_first:
            self.state.seconds = self._seconds()
            self.checkpoint.save(self.state, self.objective, self.optimizer, self.best)
        self.saved = time.monotonic()

    def _loss(self) -> float:
        return self.state.loss_total / max(self.state.loss_objects, 1)

    def _seconds(self) -> float:
        return self.seconds_before + self.meter.seconds

    def _facts(self) -> dict[str, Any]:
        """Everything that decides the result, for the checkpoint to be recognised by."""
        columns, settings = self.light_curves.columns, asdict(self.settings)
        return {
            **self.objective.facts(),
            "shapes": [list(t.shape) for t in self.objective.state_dict().values()],
            "settings": {k: v for k, v in settings.items() if k not in _INCIDENTAL},
            "parts": self.batches.parts,
            "observations": self.light_curves.n_observations,
            "rows": _digest(np.asarray(self.rows, np.int64)),
            "validation_rows": _digest(np.asarray(self.validation_rows, np.int64)),
            "columns": {name: _digest(columns[name][self.rows]) for name in sorted(columns)},
        }


def _digest(values: NDArray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
