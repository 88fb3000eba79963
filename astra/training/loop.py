"""The only training loop."""

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.encoders.base import Batch
from astra.encoders.embed import choose_device
from astra.runs.progress import Progress, silent
from astra.training.batches import Batches, collated
from astra.training.checkpoint import Checkpoint, FitState
from astra.training.objective import Objective, to_device
from astra.training.schedule import learning_rate, make_optimizer, set_learning_rate
from astra.training.settings import FitResult, FitSettings

SECONDS_BETWEEN_EVENTS = 0.5


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
) -> FitResult:
    """Train an objective; its weights are changed in place.

    On a CPU the result is a function of the arguments, bit for bit, however often the fit is
    killed and begun again from its checkpoint.

    Parameters
    ----------
    objective : Objective
    light_curves : LightCurves
    rows : integer [rows]
        Light curves to learn from.
    settings : FitSettings
    progress : Progress, optional
        Told of ``done`` and ``total`` steps, ``loss``, ``epoch``, ``objects_per_second``, ``eta``
        [s] and, after each epoch with validation, ``score`` and its companions.
    checkpoint : Path, optional
        Folder to resume from and to save in; emptied when the fit is complete.
    device : str
    validation_rows : integer [rows], optional
        Scored after each epoch by :meth:`Objective.validate`; the best epoch's weights are kept.
    should_stop : callable, optional
        Asked after every step; where it says yes, the fit saves and raises.

    Raises
    ------
    Cancelled
        ``should_stop`` said so.
    TrainingError
        There are no rows, or the loss or its gradient is not finite.
    CheckpointError
        The checkpoint is damaged or of another fit.
    """
    if not len(rows):
        raise TrainingError("nothing to learn from: no rows")
    target = choose_device(device)
    objective.to(target)
    scored = np.empty(0, np.int64) if validation_rows is None else validation_rows
    run = _Fit(objective, light_curves, rows, scored, settings, target, progress or silent)
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
    device: torch.device
    progress: Progress
    state: FitState = field(default_factory=FitState)
    best: dict[str, Tensor] | None = None
    checkpoint: Checkpoint | None = None
    seconds_before: float = 0.0

    def __post_init__(self) -> None:
        self.batches = Batches(self.rows, self.settings.batch, self.settings.seed)
        self.steps = self.settings.epochs * self.batches.per_epoch
        self.optimizer = make_optimizer(
            self.objective.parameter_groups(), self.settings.weight_decay, self.settings.optimizer
        )
        self.started = self.saved = self.told = time.monotonic()
        self.objects = 0

    def resume(self, folder: Path) -> None:
        self.checkpoint = Checkpoint.of(folder, self._facts())
        self.state, self.best = self.checkpoint.restore(self.objective, self.optimizer)
        self.seconds_before = self.state.seconds

    def train(self, should_stop: Callable[[], bool]) -> None:
        steps = range(self.state.step, self.steps)
        for step, objects, batch in collated(
            self.objective, self.light_curves, self.batches, steps, self.settings.prefetch
        ):
            if self._is_enough():
                return
            self._step(step, objects, batch)
            if self.state.step % self.batches.per_epoch == 0:
                self._end_epoch()
            self._tell()
            if should_stop():
                self._save()
                raise Cancelled(f"stopped after {self.state.step} of {self.steps} steps")
            if self._is_time_to_save():
                self._save()

    def finish(self) -> FitResult:
        if self.best is not None:
            self.objective.load_state_dict(self.best)
        self.objective.eval()
        if self.checkpoint:
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
            device=str(self.device),
        )

    def _step(self, step: int, objects: int, batch: Batch) -> None:
        settings = self.settings
        # Seeding every step makes dropout a function of the step: nothing to save.
        torch.manual_seed(int(self.batches.generator_of(step).integers(2**63)))
        rate = learning_rate(
            step, self.steps, settings.learning_rate, settings.warmup_steps, settings.schedule
        )
        set_learning_rate(self.optimizer, rate)
        self.objective.train()
        loss = self.objective.loss(to_device(batch, self.device))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = clip_grad_norm_(self.objective.parameters(), settings.clip)
        value = float(loss.detach())
        self._check_finite(value, float(norm), step, rate)
        self.optimizer.step()
        self.state.step = step + 1
        self.state.loss_total += value * objects
        self.state.loss_objects += objects
        self.objects += objects

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
        figures: dict[str, float] = {"epoch": epoch, "loss": self._loss()}
        if len(self.validation_rows):
            self.objective.eval()
            with torch.no_grad():
                figures |= self.objective.validate(
                    self.light_curves, self.validation_rows, self.device
                )
            if state.best_score is None or figures["score"] > state.best_score:
                state.best_score, state.best_epoch = figures["score"], epoch
                self.best = {n: t.detach().clone() for n, t in self.objective.state_dict().items()}
        state.history.append(figures)
        state.loss_total, state.loss_objects = 0.0, 0
        self._tell(**figures)

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
        if self.checkpoint:
            self.state.seconds = self._seconds()
            self.checkpoint.save(self.state, self.objective, self.optimizer, self.best)
        self.saved = time.monotonic()

    def _tell(self, **figures: float) -> None:
        now = time.monotonic()
        if not figures and now - self.told < SECONDS_BETWEEN_EVENTS:
            return
        self.told = now
        speed = self.objects / max(now - self.started, 1e-9)
        left = (self.steps - self.state.step) * len(self.rows) / self.batches.per_epoch
        facts: dict[str, Any] = {
            "done": self.state.step,
            "total": self.steps,
            "unit": "steps",
            "loss": self._loss(),
            "epoch": len(self.state.history),
            "objects_per_second": round(speed, 1),
            "eta": round(left / max(speed, 1e-9), 1),
        }
        self.progress("progress", **(facts | figures))

    def _loss(self) -> float:
        return self.state.loss_total / max(self.state.loss_objects, 1)

    def _seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.started

    def _facts(self) -> dict[str, Any]:
        """Everything that decides the result, for the checkpoint to be recognised by."""
        columns = self.light_curves.columns
        return {
            **self.objective.facts(),
            "shapes": [list(t.shape) for t in self.objective.state_dict().values()],
            "settings": asdict(self.settings),
            "observations": self.light_curves.n_observations,
            "rows": _digest(np.asarray(self.rows, np.int64)),
            "validation_rows": _digest(np.asarray(self.validation_rows, np.int64)),
            "columns": {name: _digest(columns[name][self.rows]) for name in sorted(columns)},
        }


def _digest(values: NDArray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
