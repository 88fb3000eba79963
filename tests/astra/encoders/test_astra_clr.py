from dataclasses import replace

import numpy as np
import pytest
import torch

from astra.data.errors import AstraError
from astra.encoders import build, embed, load


def test_shapes_and_masks(light_curves) -> None:
    batch = build("astra_clr").collate(light_curves)
    assert {name: tuple(t.shape) for name, t in batch.items()} == {
        "value": (10, 3, 96),
        "log_error": (10, 3, 96),
        "day": (10, 3, 96),
        "colour": (10, 3, 96),
        "mask": (10, 3, 96),
        "previous": (10, 3, 96),
        "scale": (10, 3, 1),
    }
    observations = np.array([(~curve.flagged).sum() for curve in light_curves])
    expected = np.minimum(observations, 96)
    np.testing.assert_array_equal(batch["mask"].sum(-1), np.tile(expected, (3, 1)).T)


def test_one_window_is_cut_where_three_would_be_the_same(make_light_curves) -> None:
    torch.manual_seed(0)
    encoder = build("astra_clr", fusion="concat").eval()
    short, long = make_light_curves([96]), make_light_curves([96, 200])
    assert encoder.collate(short)["value"].shape == (1, 1, 96)
    assert encoder.collate(long)["value"].shape == (2, 3, 96)
    found = embed(encoder, short, device="cpu")[0].reshape(3, -1)
    np.testing.assert_allclose(found, np.tile(found[0], (3, 1)))


def test_fusion(light_curves) -> None:
    encoders = []
    for fusion in ("concat", "mean"):
        torch.manual_seed(0)
        encoders.append(build("astra_clr", fusion=fusion))
    concat, mean = (embed(encoder, light_curves, device="cpu") for encoder in encoders)
    assert concat.shape == (10, 192)
    assert mean.shape == (10, 64)
    np.testing.assert_allclose(concat.reshape(10, 3, 64).mean(1), mean, atol=1e-5)


def test_a_schedule_without_a_signal_is_invisible(make_light_curves) -> None:
    """Whatever was looked at, when and how well: nothing seen is one and the same vector."""
    light_curves = make_light_curves([300, 40, 150], bands=("ztf_g", "ztf_r", "ztf_i"))
    silent = replace(light_curves, flux=np.full(light_curves.n_observations, 250, np.float32))
    torch.manual_seed(1)
    for encoder in (build("astra_clr"), load("astra_clr")):
        found = embed(encoder, silent, device="cpu")
        np.testing.assert_allclose(found, np.broadcast_to(found[0], found.shape), atol=1e-4)
        assert np.ptp(embed(encoder, light_curves, device="cpu"), axis=0).max() > 0.1


def test_windows_follow_time(make_light_curves) -> None:
    """The order of the windows in the embedding is that of the light curve."""
    torch.manual_seed(0)
    encoder = build("astra_clr").eval()
    curve = make_light_curves([288], bands=("ztf_g",))
    parts = [make_part(curve, start) for start in (0, 96, 192)]
    whole = encoder.encode(encoder.collate(curve))[0]
    for window, part in zip(whole, parts, strict=True):
        alone = encoder.encode(part)[0, 0]
        torch.testing.assert_close(window, alone, rtol=1e-4, atol=1e-4)


def make_part(curve, start: int) -> dict[str, torch.Tensor]:
    """A third of a light curve, at the level of the whole."""
    from astra.encoders.observations import usable_observations
    from astra.encoders.windows import cut_windows

    seen = usable_observations(curve)
    kept = np.zeros(len(seen.value), bool)
    kept[start : start + 96] = True
    cut = cut_windows(seen.keep(kept), np.zeros((1, 1)), 96)
    return {name: torch.from_numpy(array) for name, array in cut.items()}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fusion": "sum"}, "concat"),
        ({"width": 63}, "even|multiple"),
        ({"heads": 5}, "multiple"),
        ({"tokens": 0}, "positive"),
        ({"depth": 3}, "depth"),
    ],
)
def test_wrong_settings_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(AstraError, match=message):
        build("astra_clr", **settings)


def test_an_unknown_encoder_is_refused() -> None:
    with pytest.raises(AstraError, match="there are astra"):
        build("resnet")
