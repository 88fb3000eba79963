"""Checkpoints of a fit: tensors in safetensors, everything else in JSON; no pickle.

The JSON is written last and names the tensor file, so a fit killed while it saves finds the
checkpoint before.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import torch
from safetensors.torch import load as tensors_of
from safetensors.torch import save as bytes_of
from torch import Tensor

from astra.data.durable import write_whole
from astra.data.errors import AstraError
from astra.training.objective import Objective

STATE = "checkpoint.json"
CHECKPOINT_FORMAT = "astra-checkpoint-1"


class CheckpointError(AstraError):
    """A checkpoint is damaged, or belongs to another fit."""


@dataclass
class FitState:
    """Where a fit is. With the tensors, all that the next step depends on.

    Randomness is a function of the seed and the step, so no generator needs to be kept.

    Attributes
    ----------
    step : int
        Steps done.
    loss_total, loss_objects : float, int
        Sum over the objects of the epoch so far, and their number.
    best_score, best_epoch : float or None, int
        Best validation score so far.
    history : list of dict
        One entry for each complete epoch: ``epoch``, ``loss`` and the validation's figures.
    seconds : float
        Time spent, over all processes.
    """

    step: int = 0
    loss_total: float = 0.0
    loss_objects: int = 0
    best_score: float | None = None
    best_epoch: int = -1
    history: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Checkpoint:
    """A folder that holds the newest checkpoint of one fit.

    Attributes
    ----------
    folder : Path
    fingerprint : str
        What is being fitted and how; a checkpoint of anything else is refused.
    """

    folder: Path
    fingerprint: str

    @classmethod
    def of(cls, folder: Path, facts: dict[str, Any]) -> Self:
        """Checkpoint of the fit that the facts, JSON-able, describe."""
        text = json.dumps(facts, sort_keys=True)
        return cls(folder, hashlib.sha256(text.encode()).hexdigest())

    def save(
        self,
        state: FitState,
        objective: Objective,
        optimizer: torch.optim.Optimizer,
        best: dict[str, Tensor] | None,
    ) -> None:
        """Replace the checkpoint."""
        self.folder.mkdir(parents=True, exist_ok=True)
        tensors = {f"objective/{name}": t for name, t in objective.state_dict().items()}
        tensors |= {f"best/{name}": t for name, t in (best or {}).items()}
        for index, values in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{index}/{name}": t for name, t in values.items()}
        data = bytes_of({name: t.detach().cpu().contiguous() for name, t in tensors.items()})
        file = f"checkpoint-{state.step:09d}.safetensors"
        description = {
            "format": CHECKPOINT_FORMAT,
            "fingerprint": self.fingerprint,
            "tensors": file,
            "sha256": hashlib.sha256(data).hexdigest(),
            "state": asdict(state),
        }
        write_whole(self.folder / file, data)
        write_whole(self.folder / STATE, json.dumps(description, indent=1).encode())
        for old in self.folder.glob("checkpoint-*.safetensors"):
            if old.name != file:
                old.unlink()

    def restore(
        self, objective: Objective, optimizer: torch.optim.Optimizer
    ) -> tuple[FitState, dict[str, Tensor] | None]:
        """Bring a fit back to where it was saved; a new one starts at step 0.

        Returns
        -------
        state : FitState
        best : dict of str to Tensor, or None
            State of the objective at its best validation score.

        Raises
        ------
        CheckpointError
            The checkpoint is damaged, or of another fit.
        """
        if not (self.folder / STATE).exists():
            return FitState(), None
        description, tensors = self._read()
        objective.load_state_dict(_under(tensors, "objective/"))
        saved: dict[int, dict[str, Tensor]] = {}
        for key, tensor in _under(tensors, "optimizer/").items():
            index, _, name = key.partition("/")
            saved.setdefault(int(index), {})[name] = tensor
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": saved, "param_groups": groups})
        return FitState(**description["state"]), _under(tensors, "best/") or None

    def remove(self) -> None:
        """Delete the checkpoint: the fit is complete."""
        (self.folder / STATE).unlink(missing_ok=True)
        for file in self.folder.glob("checkpoint-*.safetensors"):
            file.unlink()

    def _read(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        path = self.folder / STATE
        try:
            description = json.loads(path.read_bytes())
            if description["fingerprint"] != self.fingerprint:
                raise CheckpointError(
                    f"{path}: of another fit (other objects, settings or encoder); "
                    "delete the folder to start afresh"
                )
            data = (self.folder / description["tensors"]).read_bytes()
            if hashlib.sha256(data).hexdigest() != description["sha256"]:
                raise CheckpointError(f"{path}: damaged; delete the folder to start afresh")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(
                f"{path}: damaged ({error!r}); delete the folder to start afresh"
            ) from error
        return description, tensors_of(data)


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
