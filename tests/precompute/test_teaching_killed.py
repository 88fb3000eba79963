"""A fine-tune that is killed at any moment shows nothing half-written, and resumes."""

import multiprocessing
import os
import random
import signal
import time

import pytest

from astra.data.observatory import Observatory
from astra.runs.run import Run, list_runs
from precompute.building import check_content
from precompute.pipeline import STAGES, bring_up_to_date

LONG = int(os.environ.get("ASTRA_LONG", "0"))
KILLS = 5 * LONG or 12
TEACHING = tuple(s for s in STAGES if s.makes in ("labels", "periods", "encoder", "embeddings"))
# A checkpoint a step: every kill finds another one.
CHANGES = ("encoder.epochs=3", "encoder.fit={checkpoint_steps = 1}", "encoder.device=cpu")


def teach(asked):
    bring_up_to_date(asked, TEACHING)


@pytest.fixture
def home(tmp_path, smoke):
    observatory = Observatory(tmp_path / "home")
    observatory.runs.mkdir(parents=True)
    observatory.surveys.symlink_to(smoke.surveys)
    observatory.run("smoke").symlink_to(smoke.run("smoke"))
    return observatory


def check_whole(run):
    assert set(run.manifest.artefacts) >= {stage.makes for stage in TEACHING}
    for artefact in run.manifest.artefacts.values():
        for part in artefact.parts:
            check_content(run.path, part)


def weights(run):
    return (run.path / "encoder.safetensors").read_bytes()


@pytest.mark.slow
def test_killed_fine_tunes_end_with_the_weights_of_one_left_alone(home, ask):
    """``ASTRA_LONG=20`` makes 100 kills, ``ASTRA_LONG=100`` 500."""
    context, generator = multiprocessing.get_context("fork"), random.Random(7)

    def asked(name):
        return ask(home, name, "finetune", "smoke", changes=CHANGES)

    teach(asked("warm"))
    begin = time.perf_counter()
    teach(asked("alone"))
    whole = time.perf_counter() - begin
    wanted = weights(Run.open(home.run("alone")))
    number = cut_short = 0
    resumed: set[str] = set()
    for _ in range(KILLS):
        name = f"killed-{number}"
        process = context.Process(target=teach, args=(asked(name),))
        process.start()
        assert process.pid is not None
        time.sleep(generator.uniform(0.02, 0.9) * whole)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        cut_short += process.exitcode == -signal.SIGKILL
        if list((home.runs / f".tmp-{name}").glob("scratch/encoder/*/checkpoint/checkpoint.json")):
            resumed.add(name)
        for run in list_runs(home):
            if run.name != "smoke":
                check_whole(run)
        number += home.run(name).exists()
    assert cut_short >= KILLS / 2
    assert resumed
    for one in range(number + 1):
        if not home.run(f"killed-{one}").exists():
            teach(asked(f"killed-{one}"))
        assert weights(Run.open(home.run(f"killed-{one}"))) == wanted
    assert not list(home.runs.glob(".tmp-*"))
