import numpy as np
import pytest
import torch

from astra.encoders import build
from astra.encoders.pieces import in_pieces

LENGTHS = [[0, 96, 5], [17, 16, 40], [96, 1, 33]]


@pytest.fixture
def batch() -> dict[str, torch.Tensor]:
    """Three objects of three windows, of all lengths; values are numbered."""
    mask = torch.arange(96) < torch.tensor(LENGTHS)[..., None]
    value = torch.arange(1.0, 3 * 3 * 96 + 1).view(3, 3, 96)
    return {"value": value * mask, "mask": mask, "scale": torch.arange(9.0).view(3, 3, 1)}


@pytest.mark.parametrize("size", [1, 2, 4, 100])
def test_pieces_give_what_one_piece_gives(batch, size: int) -> None:
    def of_window(piece):
        return torch.stack([piece["value"].sum(-1), piece["scale"][..., 0]], dim=-1)

    def of_tokens(piece):
        return piece["value"] * piece["scale"]

    assert torch.equal(in_pieces(of_window, batch, size), of_window(batch))
    assert torch.equal(in_pieces(of_tokens, batch, size, per_token=True), of_tokens(batch))


def test_a_piece_is_as_long_as_its_longest_window(batch) -> None:
    shapes = []

    def compute(piece):
        shapes.append(tuple(piece["mask"].shape))
        assert piece["mask"].any(-1).all() or len(shapes) == 1
        return piece["scale"]

    in_pieces(compute, batch, 3)
    assert shapes == [(3, 1, 16), (3, 1, 48), (3, 1, 96)]


def test_no_object_is_one_empty_piece() -> None:
    nothing = {"mask": torch.zeros(0, 3, 16, dtype=torch.bool)}
    assert in_pieces(lambda piece: piece["mask"].float(), nothing, 4).shape == (0, 3, 16)


@pytest.mark.parametrize("name", ["astra_clr", "astromer"])
def test_gradients_are_those_of_one_padded_batch(name: str, make_light_curves) -> None:
    torch.manual_seed(0)
    encoder = build(name, width=16, heads=2, blocks=1)
    batch = encoder.collate(make_light_curves(list(range(0, 60, 3))))
    found = []
    for size in (4, 100):
        encoder.cpu_batch = size  # type: ignore[misc]
        encoder.zero_grad()
        encoder(batch).square().sum().backward()
        found.append({n: p.grad.clone() for n, p in encoder.named_parameters()})
    for parameter, gradient in found[0].items():
        np.testing.assert_allclose(gradient, found[1][parameter], rtol=1e-3, atol=1e-4)
