import numpy as np
import pytest
import torch

from astra.encoders import build
from astra.training.batches import Part
from astra.training.contrastive import Contrastive
from astra.training.gradients import Computing, backward
from astra.training.masked import Masked
from astra.training.objective import Objective

CPU = Computing(torch.device("cpu"))
BFLOAT16 = Computing(torch.device("cpu"), "bfloat16")
CUTS = {"one": [10], "two": [5, 5], "uneven": [1, 6, 3]}


@pytest.fixture(params=["contrastive", "masked"])
def objective(request) -> Objective:
    """One that compares objects, and one that takes their mean."""
    torch.manual_seed(0)
    if request.param == "contrastive":
        return Contrastive(build("astra_clr", width=16, heads=2, blocks=1))  # type: ignore[arg-type]
    return Masked(build("astromer", width=16, heads=2, blocks=1))  # type: ignore[arg-type]


def gradients_of(
    objective: Objective, batch, cut: list[int], computing: Computing = CPU
) -> tuple[float, dict[str, torch.Tensor]]:
    objective.zero_grad()
    ends = np.cumsum([0, *cut])
    parts = [
        Part(number, size, {name: t[start : start + size] for name, t in batch.items()})
        for number, (start, size) in enumerate(zip(ends, cut, strict=False))
    ]
    loss = backward(objective, parts, 10, torch.manual_seed, computing)
    return loss, {n: p.grad.clone() for n, p in objective.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_parts_give_the_gradient_of_the_whole_batch(objective, light_curves, cut) -> None:
    batch = objective.collate(light_curves, np.random.default_rng(0))
    expected = objective.loss(batch)
    objective.zero_grad()
    expected.backward()
    wanted = {n: p.grad.clone() for n, p in objective.named_parameters() if p.grad is not None}
    loss, found = gradients_of(objective, batch, cut)
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    assert found.keys() == wanted.keys()
    for name in wanted:
        torch.testing.assert_close(found[name], wanted[name], rtol=1e-4, atol=1e-6)


def test_a_contrast_of_parts_apart_would_be_another_loss(light_curves) -> None:
    """Why parts of a comparison have to come together."""
    torch.manual_seed(0)
    contrast = Contrastive(build("astra_clr", width=16, heads=2, blocks=1))  # type: ignore[arg-type]
    batch = contrast.collate(light_curves, np.random.default_rng(0))
    halves = [{n: t[s] for n, t in batch.items()} for s in (slice(5), slice(5, 10))]
    apart = torch.stack([contrast.loss(half) for half in halves]).mean()
    assert apart.item() < contrast.loss(batch).item() - 0.3


def test_dropout_is_the_same_in_both_passes(light_curves) -> None:
    """The gradient by the weights is that of the loss that is told, by finite differences."""
    torch.manual_seed(0)
    contrast = Contrastive(build("astra_clr", width=8, heads=1, blocks=1, dropout=0.3))  # type: ignore[arg-type]
    contrast.double().train()
    batch = contrast.collate(light_curves, np.random.default_rng(0))
    batch = {name: t.double() if t.is_floating_point() else t for name, t in batch.items()}
    _, found = gradients_of(contrast, batch, [4, 6], CPU)
    weight = contrast.head[0].weight
    direction = torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)).double()
    losses = []
    for step in (1e-3, -1e-3):
        with torch.no_grad():
            weight += step * direction
        losses.append(gradients_of(contrast, batch, [4, 6], CPU)[0])
        with torch.no_grad():
            weight -= step * direction
    slope = (losses[0] - losses[1]) / 2e-3
    assert slope == pytest.approx((found["head.0.weight"] * direction).sum().item(), rel=0.02)


def test_bfloat16_is_near_float32_and_weights_stay_float32(objective, light_curves) -> None:
    batch = objective.collate(light_curves, np.random.default_rng(0))
    loss, exact = gradients_of(objective, batch, [10])
    mixed_loss, mixed = gradients_of(objective, batch, [10], BFLOAT16)
    assert mixed_loss != loss
    assert mixed_loss == pytest.approx(loss, rel=0.05)
    flat, near = (torch.cat([g.flatten() for g in gs.values()]) for gs in (exact, mixed))
    assert near.dtype == torch.float32
    assert torch.cosine_similarity(flat, near, dim=0) > 0.98
