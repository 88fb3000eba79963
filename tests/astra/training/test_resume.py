"""Kill -9 in pre-training: taken up again, the fit ends with the same weights, bit for bit."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

SETTINGS = {
    "epochs": 12,
    "batch": 10,
    "seed": 3,
    "checkpoint_steps": 1,
    "prefetch": 2,
    "collators": 2,
}
SMALL = "width=8, heads=1, blocks=1, dropout=0.1"
OBJECTIVES = {
    "cross_half": ("CrossHalf", "astra", "", 1),
    "contrastive": ("Contrastive", "astra_clr", SMALL, 2),
    "masked": ("Masked", "astromer", SMALL, 1),
}

CHILD = """
import sys, time
from pathlib import Path
import numpy as np, torch
from safetensors.torch import save_file
from astra.data.light_curves import LightCurves
from astra.encoders import build
from astra.periods import search
from astra.training.{module} import {objective}
from astra.training.loop import fit
from astra.training.settings import FitSettings

survey, checkpoint, result, seconds = sys.argv[1:]
torch.set_num_threads(1)
torch.manual_seed(0)
light_curves = LightCurves.open(survey)
encoder = build("{encoder}", {size})
if "{encoder}" == "astra":
    light_curves = light_curves.with_columns(**search(light_curves))
    encoder.fit_standards(light_curves)
objective = {objective}(encoder)
fit(
    objective,
    light_curves,
    np.arange(40),
    FitSettings(**{settings}),
    checkpoint=Path(checkpoint),
    device="cpu",
    validation_rows=np.arange(6),
    should_stop=lambda: time.sleep(float(seconds)) or False,
)
save_file(objective.state_dict(), result)
"""
STEPS = SETTINGS["epochs"] * 40 // SETTINGS["batch"]


def child_of(module: str) -> str:
    objective, encoder, size, accumulate = OBJECTIVES[module]
    settings = SETTINGS | {"accumulate": accumulate}
    return CHILD.format(
        module=module, objective=objective, encoder=encoder, size=size, settings=settings
    )


def start(code: str, *arguments: Path | str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)])


def step_of(checkpoint: Path) -> int:
    try:
        return json.loads((checkpoint / "checkpoint.json").read_text())["state"]["step"]
    except FileNotFoundError:
        return 0


def kill_after(process: subprocess.Popen, checkpoint: Path, step: int, more: float) -> None:
    """Kill so many seconds after a step was saved: while it computes, or while it saves."""
    deadline = time.monotonic() + 120
    while step_of(checkpoint) < step:
        assert process.poll() is None, "the child ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    time.sleep(more)
    process.kill()
    assert process.wait() == -9


@pytest.mark.slow
@pytest.mark.parametrize("module", OBJECTIVES)
def test_killed_at_random_and_resumed_the_weights_are_the_same_bit_for_bit(
    make_light_curves, tmp_path: Path, module: str
) -> None:
    make_light_curves([50] * 40).save(tmp_path / "survey")
    straight, resumed = tmp_path / "straight.safetensors", tmp_path / "resumed.safetensors"
    code, checkpoint = child_of(module), tmp_path / "two"
    uninterrupted = start(code, tmp_path / "survey", tmp_path / "one", straight, 0)
    generator = np.random.default_rng(sum(map(ord, module)))
    for step in np.sort(generator.choice(np.arange(1, STEPS - 8), 2, replace=False)):
        killed = start(code, tmp_path / "survey", checkpoint, resumed, 0.05)
        kill_after(killed, checkpoint, step, generator.uniform(0, 0.1))
        assert not resumed.exists()
    assert start(code, tmp_path / "survey", checkpoint, resumed, 0).wait() == 0
    assert uninterrupted.wait() == 0
    assert straight.read_bytes() == resumed.read_bytes()
