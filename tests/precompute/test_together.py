"""Two processes that make one run, started as a user starts them."""

import json
import subprocess
import sys

import pytest

from astra.encoders import load
from astra.runs.run import Run, list_runs

LAUNCH = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
TINY = {
    "periods.search": "false",
    "encoder.name": "astra_clr",
    "encoder.objective": "contrastive",
    "encoder.architecture": "{width=8, heads=1, blocks=1}",
    "encoder.epochs": "2",
    "projection.epochs": "10",
}


def precompute_together(observatory, *arguments):
    command = [*LAUNCH, "-m", "precompute", "sky", "--recipe", "smoke", "--workers", "2"]
    command += [word for key, value in TINY.items() for word in ("--set", f"{key}={value}")]
    command += ["--home", str(observatory.home), "--progress", str(observatory.home / "p.jsonl")]
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, cwd="/", timeout=300
    )


@pytest.mark.slow
def test_two_processes_make_one_run(observatory):
    done = precompute_together(observatory)
    assert done.returncode == 0, done.stderr
    (run,) = list_runs(observatory)
    assert isinstance(run, Run)
    summary = run.summary("encoder")
    assert summary["processes"] == 2
    assert [epoch["epoch"] for epoch in summary["history"]] == [0, 1]
    assert all(0 <= epoch["probe"] <= 1 for epoch in summary["history"])
    assert load(run.path).settings.width == 8
    lines = [json.loads(line) for line in (observatory.home / "p.jsonl").read_text().splitlines()]
    assert [event["event"] for event in lines].count("published") == 1
    told = [event for event in lines if "probe" in event]
    assert [event["epoch"] for event in told] == [0, 1]
    assert all(0 <= event["waiting"] <= 1 for event in told)


@pytest.mark.slow
def test_what_is_refused_ends_all_of_them(observatory):
    done = precompute_together(observatory, "--set", "encoder.fit={accumulate=200}")
    assert done.returncode != 0
    assert "too few for 400 parts" in done.stderr
    assert not list_runs(observatory)
