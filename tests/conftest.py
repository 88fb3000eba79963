"""What tests of several packages share: a small simulated observatory, made as a user makes it."""

import subprocess
import sys
from pathlib import Path

import pytest

from astra.data.observatory import Observatory
from astra.data.simulation.simulate import simulate_survey


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Observatory:
    """2,000 simulated objects, a third of them labelled, and their run with shipped weights."""
    observatory = Observatory(tmp_path_factory.mktemp("observatory"))
    simulate_survey(observatory, "sky", 2_000, seed=1, labelled=0.3)
    precompute(observatory, "sky")
    return observatory


def precompute(observatory: Observatory, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m precompute`` from a folder that is not the repository."""
    return subprocess.run(
        [sys.executable, "-m", "precompute", *arguments, "--home", str(observatory.home)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path("/"),
    )
