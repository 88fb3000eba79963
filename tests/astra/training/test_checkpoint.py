import json
from pathlib import Path

import numpy as np
import pytest
import torch

from astra.encoders import build
from astra.encoders.embed import choose_device
from astra.training.checkpoint import CheckpointError
from astra.training.contrastive import Contrastive, ContrastiveSettings
from astra.training.loop import Cancelled, fit
from astra.training.settings import FitSettings


@pytest.fixture
def interrupted(light_curves, tmp_path) -> Path:
    """Checkpoint of a fit stopped after its second step."""
    with pytest.raises(Cancelled):
        run(light_curves, tmp_path, stop_after=2)
    return tmp_path


def run(
    light_curves,
    folder: Path,
    stop_after: int = 99,
    width: int = 8,
    temperature: float = 0.1,
    rows=None,
    column=None,
    **changes,
):
    torch.manual_seed(0)
    objective = Contrastive(
        build("astra_clr", width=width, heads=1, blocks=1),  # type: ignore[arg-type]
        ContrastiveSettings(temperature=temperature),
    )
    steps = iter(range(1, 100))
    return fit(
        objective,
        light_curves.with_columns(label=np.zeros(10) if column is None else column),
        np.arange(10) if rows is None else rows,
        FitSettings(**({"epochs": 2, "batch": 4} | changes)),
        checkpoint=folder,
        device="cpu",
        should_stop=lambda: next(steps) == stop_after,
    )


def test_there_is_no_pickle(interrupted: Path) -> None:
    assert sorted(path.name for path in interrupted.iterdir()) == [
        "checkpoint-000000002.safetensors",
        "checkpoint.json",
    ]


def test_time_adds_up(interrupted: Path, light_curves) -> None:
    before = json.loads((interrupted / "checkpoint.json").read_text())["state"]["seconds"]
    assert run(light_curves, interrupted).seconds > before > 0


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 16},
        {"temperature": 0.2},
        {"learning_rate": 0.1},
        {"seed": 9},
        {"rows": np.arange(9)},
        {"column": np.ones(10)},
    ],
    ids=["encoder", "objective", "settings", "seed", "rows", "column"],
)
def test_a_checkpoint_of_another_fit_is_refused(interrupted, light_curves, changes) -> None:
    with pytest.raises(CheckpointError, match=r"another fit.*delete the folder"):
        run(light_curves, interrupted, **changes)


def test_it_is_taken_up_however_fast_the_rest_is_made(interrupted: Path, light_curves) -> None:
    """Threads, the time between checkpoints: what comes of the fit does not depend on them."""
    result = run(light_curves, interrupted, prefetch=2, collators=2, checkpoint_steps=1)
    assert result.steps == 6


@pytest.mark.parametrize("file", ["checkpoint.json", "checkpoint-000000002.safetensors"])
@pytest.mark.parametrize("size", [0, 40])
def test_damage_is_told(interrupted: Path, light_curves, file: str, size: int) -> None:
    path = interrupted / file
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(CheckpointError, match="damaged"):
        run(light_curves, interrupted)


def test_a_fit_killed_while_it_saves_finds_the_checkpoint_before(
    interrupted: Path, light_curves
) -> None:
    (interrupted / "checkpoint-000000004.safetensors").write_bytes(b"half")
    assert run(light_curves, interrupted).steps == 6


def test_auto_is_a_device_that_exists() -> None:
    torch.zeros(1, device=choose_device("auto"))
    assert choose_device("cpu").type == "cpu"
