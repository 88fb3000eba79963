import math
from itertools import pairwise

import pytest
import torch
from torch import nn

from astra.training.schedule import learning_rate, make_optimizer, set_learning_rate


def rates(schedule: str, steps: int = 1000, warmup: int = 50) -> list[float]:
    return [learning_rate(step, steps, 2.0, warmup, schedule) for step in range(steps)]  # type: ignore[arg-type]


@pytest.mark.parametrize("schedule", ["cosine", "noam", "constant"])
def test_warm_up_rises_evenly_to_the_peak(schedule: str) -> None:
    found = rates(schedule)
    assert found[:50] == pytest.approx([2.0 * (step + 1) / 50 for step in range(50)])
    assert max(found) == pytest.approx(2.0)


def test_cosine_falls_to_zero() -> None:
    found = rates("cosine")
    assert found[525] == pytest.approx(1.0)
    assert found[-1] == pytest.approx(0, abs=1e-4)
    assert all(one >= other for one, other in pairwise(found[50:]))


def test_noam_is_vaswanis_formula_scaled_to_its_peak() -> None:
    peak = 50**-0.5
    for step, rate in enumerate(rates("noam")):
        formula = min((step + 1) ** -0.5, (step + 1) * 50**-1.5)
        assert rate / 2.0 == pytest.approx(formula / peak)


def test_a_short_fit_spends_a_tenth_on_warming_up() -> None:
    assert learning_rate(2, 20, 1.0, 100, "constant") == 1.0
    assert math.isfinite(learning_rate(0, 1, 1.0, 100))


def test_an_unknown_schedule_is_refused() -> None:
    with pytest.raises(ValueError, match="'cosine'"):
        learning_rate(50, 100, 1.0, 1, "linear")  # type: ignore[arg-type]


def test_vectors_do_not_decay_and_frozen_parameters_do_not_learn() -> None:
    layer, frozen = nn.Linear(3, 2), nn.Linear(2, 2).requires_grad_(False)
    groups = [(list(layer.parameters()), 1.0), (list(frozen.parameters()), 0.1)]
    optimizer = make_optimizer(groups, weight_decay=0.5)
    set_learning_rate(optimizer, 0.01)
    decay = {id(g["params"][0]): (g["weight_decay"], g["lr"]) for g in optimizer.param_groups}
    assert decay == {id(layer.weight): (0.5, 0.01), id(layer.bias): (0.0, 0.01)}


def test_adam_has_the_constants_of_vaswani_and_no_decay() -> None:
    layer = nn.Linear(3, 2)
    optimizer = make_optimizer([(list(layer.parameters()), 1.0)], 0.5, "adam")
    assert type(optimizer) is torch.optim.Adam
    for group in optimizer.param_groups:
        assert (group["betas"], group["eps"], group["weight_decay"]) == ((0.9, 0.98), 1e-9, 0.0)
    with pytest.raises(ValueError, match="'adamw' or 'adam'"):
        make_optimizer([(list(layer.parameters()), 1.0)], 0.5, "sgd")  # type: ignore[arg-type]


def test_noam_peaks_where_astra_clr_says() -> None:
    """512^-0.5 min(step^-0.5, step 1000^-1.5), Majumder, Malanchev & Ishida (2026)."""
    for step in (1, 500, 1000, 1001, 40_000):
        paper = 512**-0.5 * min(step**-0.5, step * 1000**-1.5)
        assert learning_rate(step - 1, 50_000, 1.3975e-3, 1000, "noam") == pytest.approx(
            paper, rel=1e-4
        )


def test_groups_have_their_own_factor() -> None:
    head, encoder = (nn.Parameter(torch.ones(2, 2)) for _ in range(2))
    optimizer = make_optimizer([([head], 1.0), ([encoder], 0.1)], weight_decay=0.0)
    set_learning_rate(optimizer, 0.2)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.2, 0.02])
