import json
import subprocess
import sys

import pytest

from app import estimate as estimating
from app.estimate import Rate, estimate, recorded_rate, rehearsed_rate
from app.finetune import Finetune
from astra.data.errors import AstraError

ASKED = Finetune("first", "child", epochs=10)


@pytest.fixture
def parent(session):
    return next(run for run in session.runs if run.name == "first")


def taught(run, layers=2, seconds=50.0, steps=100):
    run.manifest.artefacts["encoder"].settings.update(objective="supervised", top_groups=layers)
    facts = {"name": "astra", "steps": steps, "seconds": seconds, "memory_mb": 700, "device": "cpu"}
    run.manifest.artefacts["encoder"].summary.update(facts)


def test_earlier_jobs_with_the_same_layers_tell_the_rate(session, parent):
    parent.manifest.artefacts["encoder"].summary.update(name="astra")
    other = next(run for run in session.runs if run.name == "second")
    assert recorded_rate(session.runs, parent, ASKED) is None
    taught(other)
    assert recorded_rate(session.runs, parent, ASKED) == Rate(2.0, 700, "from 1 earlier job")
    taught(other, layers=99)
    assert recorded_rate(session.runs, parent, ASKED) is None
    assert recorded_rate(session.runs, parent, Finetune("first", "x", layers="all")) is not None
    elsewhere = Finetune("first", "x", layers="all", device="cuda")
    assert recorded_rate(session.runs, parent, elsewhere) is None


def test_time_grows_with_labels_epochs_and_runs(parent):
    made = parent.manifest.artefacts
    anew = ("embeddings", "neighbours", "projection", "catalogue", "probes", "anomalies")
    after = sum(made[name].seconds for name in anew)
    rate = Rate(2.0, 700, "measured on cpu")
    few = estimate(ASKED, parent, 100, rate)
    # Never fewer than 15 steps an epoch, and 64 objects in each.
    assert few.seconds == 10 * 15 / 2
    assert estimate(ASKED, parent, 64 * 40, rate).seconds == 10 * 40 / 2
    thrice = estimate(Finetune("first", "x", epochs=10, repeats=3), parent, 100, rate)
    assert thrice.seconds == 3 * few.seconds
    assert (thrice.after, few.after) == (3 * after, after)
    assert few.disk_mb == sum(part.bytes for name in anew for part in made[name].parts) / 1e6
    assert thrice.disk_mb == pytest.approx(3 * few.disk_mb)


@pytest.mark.parametrize("works", [True, False])
def test_a_rate_is_measured_in_a_process(session, parent, monkeypatch, works):
    told = {"steps_per_second": 4.0, "memory_mb": 512, "device": "cpu"}
    code = f"print({json.dumps(told)!r})" if works else "import sys; sys.exit('no such device')"
    monkeypatch.setattr(estimating, "REHEARSAL", (sys.executable, "-c", code))
    if works:
        found = rehearsed_rate(session.observatory, parent, ASKED)
        assert found == Rate(4.0, 512, "measured on cpu")
    else:
        with pytest.raises(AstraError, match="no such device"):
            rehearsed_rate(session.observatory, parent, ASKED)


def test_the_command_is_one_that_precompute_takes():
    shown = subprocess.run(
        [*estimating.REHEARSAL, "--help"], capture_output=True, text=True, check=True, timeout=120
    )
    for option in ("--home", "--top-groups", "--batch", "--device"):
        assert option in shown.stdout
