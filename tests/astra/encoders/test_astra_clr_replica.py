from collections.abc import Callable

import numpy as np
import pytest
import torch

from astra.data.errors import AstraError
from astra.encoders import Encoder, build, embed
from astra.encoders.astra_clr_replica import DayEncoding, start_middle_end

TOKENS = (60, 70, 10)
"""Of the small encoder that tests build."""


@pytest.fixture
def encoder(build_small: Callable[..., Encoder]):
    torch.manual_seed(0)
    return build_small("astra_clr_replica").eval()


def test_it_has_as_many_parameters_as_the_published_one() -> None:
    encoder = build("astra_clr_replica")
    assert sum(parameter.numel() for parameter in encoder.parameters()) == 12_627_520
    assert encoder.embedding_size == 1536
    assert build("astra_clr_replica", fusion="mean").embedding_size == 512


def test_time_encoding_interleaves_sines_and_cosines() -> None:
    days = np.array([[0.0, 1.5, 700.0, 1951.25]])
    found = DayEncoding(6)(torch.tensor(days, dtype=torch.float32)).numpy()
    for k in range(3):
        phase = days * 10_000 ** (-2 * k / 6)
        np.testing.assert_allclose(found[..., 2 * k], np.sin(phase), atol=2e-4)
        np.testing.assert_allclose(found[..., 2 * k + 1], np.cos(phase), atol=2e-4)


def test_first_middle_and_last_runs() -> None:
    counts = np.array([[0, 3, 10], [7, 4, 5]])
    found = start_middle_end(counts, (4, 4, 4))
    np.testing.assert_array_equal(found[:, 0], 0)
    np.testing.assert_array_equal(found[:, 1], [[0, 0, 3], [1, 0, 0]])
    np.testing.assert_array_equal(found[:, 2], [[0, 0, 6], [3, 0, 1]])


def test_where_padding_stands_changes_nothing(encoder, make_light_curves) -> None:
    """As published, each block is padded to its own length: 300 + 350 + 50 tokens."""
    light_curves = make_light_curves([150, 40], bands=("ztf_g", "ztf_r", "ztf_i"))
    batch = encoder.collate(light_curves)
    apart = {
        name: tensor.new_zeros(*tensor.shape[:2], sum(TOKENS)) for name, tensor in batch.items()
    }
    begins = np.cumsum([0, *TOKENS])
    for place in np.ndindex(tuple(batch["mask"].shape[:2])):
        wavelength = batch["log_wavelength"][place].numpy()
        for block, centre in enumerate(np.log10([4746, 6366, 7829])):
            chosen = torch.from_numpy(np.isclose(wavelength, centre)) & batch["mask"][place]
            here = slice(begins[block], begins[block] + int(chosen.sum()))
            for name, tensor in batch.items():
                apart[name][place][here] = tensor[place][chosen]
    assert (apart["mask"].sum(-1) == batch["mask"].sum(-1)).all()
    torch.testing.assert_close(encoder(apart), encoder(batch), rtol=1e-4, atol=1e-5)


def test_fusion(build_small, make_light_curves) -> None:
    light_curves = make_light_curves([300, 20])
    found = {}
    for fusion in ("concat", "mean"):
        torch.manual_seed(0)
        encoder = build_small("astra_clr_replica", fusion=fusion)
        found[fusion] = embed(encoder, light_curves, device="cpu")
    windows = found["concat"].reshape(2, 3, -1)
    np.testing.assert_allclose(windows.mean(1), found["mean"], atol=1e-5)
    np.testing.assert_allclose(windows[1], np.tile(windows[1, 0], (3, 1)), atol=1e-5)
    assert np.abs(windows[0, 0] - windows[0, 2]).max() > 0.01


def test_only_the_centre_of_the_object_keeps_colour(build_small, make_light_curves) -> None:
    """A constant object in two bands: centred band by band, nothing is left to see."""
    light_curves = make_light_curves([60])
    value = {}
    for centre in ("object", "band_window"):
        encoder = build_small("astra_clr_replica", centre=centre)
        batch = encoder.collate(light_curves)
        red = batch["log_wavelength"] > 3.74
        value[centre] = [
            float(batch["value"][batch["mask"] & chosen].mean()) for chosen in (red, ~red)
        ]
    colour = {centre: red - blue for centre, (red, blue) in value.items()}
    assert abs(colour["object"]) > 0.1
    assert abs(colour["band_window"]) < 0.02


def test_the_date_matters_as_published(encoder, light_curves) -> None:
    from dataclasses import replace

    later = replace(light_curves, mjd_zero=light_curves.mjd_zero + 3000)
    here, there = (embed(encoder, curves, device="cpu") for curves in (light_curves, later))
    assert np.abs(here - there).max() > 0.01


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fusion": "sum"}, "concat"),
        ({"centre": "band"}, "band_window"),
        ({"width": 63, "heads": 1}, "even"),
        ({"heads": 5}, "multiple"),
        ({"tokens_i": 0}, "positive"),
    ],
)
def test_wrong_settings_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(AstraError, match=message):
        build("astra_clr_replica", **settings)
