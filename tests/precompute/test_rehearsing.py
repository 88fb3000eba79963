import pytest

from astra.runs.run import Run
from precompute.rehearsing import rehearse


@pytest.mark.parametrize("top_groups", [0, 2])
def test_a_few_steps_are_timed_and_nothing_is_kept(smoke, top_groups):
    run = Run.open(smoke.run("smoke"))
    before = sorted((path, path.stat().st_mtime_ns) for path in run.path.iterdir())
    found = rehearse(run, top_groups, 16, "cpu")
    assert found["steps_per_second"] > 0
    assert found["memory_mb"] > 50
    assert found["device"] == "cpu"
    assert sorted((path, path.stat().st_mtime_ns) for path in run.path.iterdir()) == before
