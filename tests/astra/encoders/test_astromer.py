from dataclasses import replace

import numpy as np
import pytest
import torch

from astra.data.bands import Band
from astra.data.errors import AstraError
from astra.encoders import build, embed
from astra.encoders.astromer import centred
from astra.encoders.layers import masked_mean


def test_shapes_and_masks(light_curves) -> None:
    batch = build("astromer", tokens=96).collate(light_curves)
    shapes = {name: tuple(tensor.shape) for name, tensor in batch.items()}
    assert shapes == dict.fromkeys(("value", "day", "colour", "mask"), (10, 3, 96))
    usable = np.array([(~curve.flagged).sum() for curve in light_curves])
    expected = np.tile(np.minimum(usable, 96), (3, 1)).T
    np.testing.assert_array_equal(batch["mask"].sum(-1), expected)


def test_magnitudes_are_about_the_mean_of_their_window(light_curves) -> None:
    batch = build("astromer").collate(light_curves)
    mean = (batch["value"] * batch["mask"]).sum(-1) / batch["mask"].sum(-1).clamp_min(1)
    assert mean.abs().max() < 1e-5


def test_centred_leaves_out_what_is_not_seen() -> None:
    found = centred(np.float32([[1, 3, 8], [5, 5, 5]]), np.array([[1, 1, 0], [0, 0, 0]], bool))
    np.testing.assert_allclose(found, [[-1, 1, 6], [5, 5, 5]])


def test_errors_are_not_seen(light_curves) -> None:
    """Flux errors weigh the level alone, and the level goes with the window's mean."""
    torch.manual_seed(0)
    encoder = build("astromer")
    other = replace(light_curves, flux_error=light_curves.flux_error * 0.5)
    found = embed(encoder, light_curves, device="cpu")
    np.testing.assert_allclose(found, embed(encoder, other, device="cpu"), atol=2e-5)


def test_bands_are_told_apart_by_wavelength(light_curves) -> None:
    torch.manual_seed(0)
    encoder = build("astromer").eval()

    def vectors(g: float, r: float) -> np.ndarray:
        bands = (Band("one", "1", g, "AB"), Band("two", "2", r, "AB"))
        return embed(encoder, replace(light_curves, bands=bands), device="cpu")

    plenty = light_curves.lengths > 20
    same, near, swapped = vectors(4800, 6400), vectors(4801, 6400), vectors(6400, 4800)
    change = [np.abs(other - same)[plenty].max(axis=1) for other in (near, swapped)]
    assert (change[0] < 1e-3).all()
    assert (change[1] > 10 * change[0]).all()


def test_layers_are_mixed_by_their_weights(light_curves) -> None:
    torch.manual_seed(0)
    encoder = build("astromer", blocks=2).eval()
    encoder.layer_weight.data = torch.tensor([0.3, -1.0, 2.0])
    batch = encoder.collate(light_curves)
    share = np.exp([0.3, -1.0, 2.0]) / np.exp([0.3, -1.0, 2.0]).sum()
    mask = batch["mask"].flatten(0, 1)
    with torch.inference_mode():
        mean = [masked_mean(layer, mask) for layer in encoder.layers(batch)]
        expected = encoder.norm(sum(float(s) * m for s, m in zip(share, mean, strict=True)))
        expected = expected.unflatten(0, (10, 3)).mean(1)
        torch.testing.assert_close(encoder(batch), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"width": 63}, "even|multiple"),
        ({"heads": 5}, "multiple"),
        ({"tokens": 0}, "positive"),
        ({"blocks": 0}, "positive"),
    ],
)
def test_wrong_settings_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(AstraError, match=message):
        build("astromer", **settings)
