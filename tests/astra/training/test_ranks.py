"""Two processes on the CPU, started as a user starts them, against one."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn.functional import normalize

from astra.encoders import build
from astra.training.contrastive import Contrastive, nt_xent
from astra.training.loop import fit
from astra.training.masked import Masked
from astra.training.ranks import ALONE, joined, ranks
from astra.training.settings import FitSettings

SIZES = (3, 5)
SETTINGS = {"epochs": 2, "batch": 5, "seed": 3, "learning_rate": 1e-3}

CHILD = """
import sys
from pathlib import Path
import numpy as np, torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.functional import normalize
from astra.data.light_curves import LightCurves
from astra.encoders import build
from astra.training.contrastive import Contrastive, nt_xent
from astra.training.loop import fit
from astra.training.masked import Masked
from astra.training.ranks import joined
from astra.training.settings import FitSettings

torch.set_num_threads(1)
folder = Path(sys.argv[1])
told = []
with joined() as here:
    seen = load_file(folder / "inputs.safetensors")
    head = nn.Linear(6, 4)
    head.load_state_dict({"weight": seen["weight"], "bias": seen["bias"]})
    mine = seen["rows"].split(SIZES)[here.rank]
    joined_rows = here.gather(normalize(head(mine), dim=-1))
    loss = nt_xent(joined_rows.transpose(0, 1), 0.1)
    loss.backward()
    here.sum_gradients(head.parameters())
    result = {"loss": loss.detach(), "weight": head.weight.grad, "bias": head.bias.grad}
    result["sum"] = torch.tensor(here.sum(here.rank + 1.0, loss.device))
    result["any"] = torch.tensor([here.any(f, loss.device) for f in (here.rank == 1, False)])
    result["heard"] = torch.tensor(here.hear_first({"x": [0.1, here.rank]})["x"])
    light_curves = LightCurves.open(folder / "survey")
    for name, objective in (
        ("astra_clr", Contrastive), ("astromer", Masked)
    ):
        # Other weights on every rank: the first one's count.
        torch.manual_seed(here.rank)
        fitted = objective(build(name, width=8, heads=1, blocks=1))
        fit(
            fitted, light_curves, np.arange(10), FitSettings(**SETTINGS),
            progress=lambda event, **facts: told.append(facts), device="cpu",
            checkpoint=folder / name, validation_rows=np.arange(3),
            should_stop=lambda: False,
        )
        result |= {f"{name}/{key}": t for key, t in fitted.state_dict().items()}
    result["events"] = torch.tensor(len(told))
    save_file(result, folder / f"rank-{here.rank}.safetensors")
""".replace("SIZES", repr(list(SIZES))).replace("SETTINGS", repr(SETTINGS))

OBJECTIVES = {"astra_clr": Contrastive, "astromer": Masked}


@pytest.fixture(scope="module")
def folder(make_light_curves, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two ranks saved, and what they were given."""
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("ranks")
    torch.manual_seed(5)
    inputs = {"rows": torch.randn(8, 2, 6), "weight": torch.randn(4, 6), "bias": torch.randn(4)}
    save_file(inputs, folder / "inputs.safetensors")
    make_light_curves([50] * 10).save(folder / "survey")
    (folder / "child.py").write_text(CHILD)
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    subprocess.run(
        [sys.executable, *launch, str(folder / "child.py"), str(folder)],
        check=True,
        cwd="/",
        timeout=300,
        capture_output=True,
    )
    return folder


@pytest.fixture(params=[0, 1])
def result(folder: Path, request) -> dict[str, torch.Tensor]:
    return load_file(folder / f"rank-{request.param}.safetensors")


@pytest.mark.slow
def test_the_gathered_loss_and_its_gradient_are_those_of_the_joined_batch(folder, result) -> None:
    seen = load_file(folder / "inputs.safetensors")
    head = nn.Linear(6, 4)
    head.load_state_dict({"weight": seen["weight"], "bias": seen["bias"]})
    loss = nt_xent(normalize(head(seen["rows"]), dim=-1).transpose(0, 1), 0.1)
    loss.backward()
    for name, expected in (("loss", loss), ("weight", head.weight.grad), ("bias", head.bias.grad)):
        torch.testing.assert_close(result[name], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_ranks_add_up_agree_and_hear_the_first(result) -> None:
    assert result["sum"] == 3
    assert result["any"].tolist() == [True, False]
    assert result["heard"].tolist() == pytest.approx([0.1, 0])


@pytest.mark.slow
@pytest.mark.parametrize("name", OBJECTIVES)
def test_both_ranks_end_with_the_same_weights(folder: Path, name: str) -> None:
    one, other = (load_file(folder / f"rank-{rank}.safetensors") for rank in (0, 1))
    weights = [key for key in one if key.startswith(name)]
    assert len(weights) > 10
    assert all(torch.equal(one[key], other[key]) for key in weights)


@pytest.mark.slow
@pytest.mark.parametrize("name", OBJECTIVES)
def test_two_ranks_learn_what_one_learns_in_two_parts(folder, make_light_curves, name) -> None:
    torch.manual_seed(0)
    objective = OBJECTIVES[name](build(name, width=8, heads=1, blocks=1))  # type: ignore[arg-type]
    start = {key: t.clone() for key, t in objective.state_dict().items()}
    fit(
        objective,
        make_light_curves([50] * 10),
        np.arange(10),
        FitSettings(**SETTINGS, accumulate=2),
        device="cpu",
        validation_rows=np.arange(3),
    )
    found = load_file(folder / "rank-0.safetensors")
    for key, expected in objective.state_dict().items():
        torch.testing.assert_close(found[f"{name}/{key}"], expected, rtol=0, atol=1e-5)
    assert any((found[f"{name}/{key}"] - t).abs().max() > 1e-3 for key, t in start.items())


@pytest.mark.slow
def test_the_first_rank_alone_reports_and_saves(folder: Path) -> None:
    events = [int(load_file(folder / f"rank-{rank}.safetensors")["events"]) for rank in (0, 1)]
    assert events[0] >= 4
    assert events[1] == 0
    assert not list((folder / "astromer").glob("*"))


def test_a_process_by_itself_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined() as here:
        assert here is ALONE
    vectors = torch.ones(2, 3, requires_grad=True)
    assert ranks().gather(vectors) is vectors
    assert ranks().sum(2.5, vectors.device) == 2.5
    assert ranks().hear_first({"a": 1}) == {"a": 1}
