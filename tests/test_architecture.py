"""The shape of the code base, checked."""

import ast
import itertools
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = [ROOT / name for name in ("app", "astra", "precompute")]
CODE = sorted(path for package in PACKAGES for path in package.rglob("*.py"))
HEAVY = ("torch", "umap", "sklearn", "coniferest", "pynndescent", "transformers")


def loaded_after(statement: str) -> set[str]:
    """Top-level modules that a fresh process holds after a statement."""
    script = f"import sys\n{statement}\nprint(*{{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd="/"
    )
    return set(done.stdout.split())


def test_opening_the_app_loads_no_training_stack() -> None:
    assert not loaded_after("import app.page").intersection(HEAVY)


def test_importing_astra_loads_nothing_but_itself() -> None:
    assert not loaded_after("import astra").intersection({"numpy", "pandas", *HEAVY})


def test_precompute_starts_without_the_training_stack() -> None:
    assert not loaded_after("import precompute.__main__").intersection(HEAVY)


def test_every_stage_file_is_in_the_pipeline_under_its_own_name() -> None:
    from precompute.pipeline import STAGES

    files = {p.stem for p in (ROOT / "precompute" / "stages").glob("[!_]*.py")}
    assert {stage.makes for stage in STAGES} == files


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_unpickles_or_evaluates(path: Path) -> None:
    """A file of a user must never become code."""
    called = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    }
    forbidden = {"eval", "exec", "pickle.load", "pickle.loads", "torch.load", "joblib.load"}
    assert not called & forbidden


def test_the_lock_pins_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    asked = [*project["dependencies"], *itertools.chain.from_iterable(extras)]
    lines = (ROOT / "requirements.lock").read_text().lower().splitlines()
    pinned = {line.split("==")[0] for line in lines if "==" in line}
    names = {r.split(">")[0].split("=")[0].strip().lower() for r in asked}
    assert names <= pinned
    assert "torch==2.13.0" in lines
    assert not pinned & {"timm", "torchvision", "mlflow"}
