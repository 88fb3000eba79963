from typing import Any

import numpy as np
import pytest
import torch

from astra.data.errors import AstraError
from astra.encoders import build, embed


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return build("astra_clr", width=16, heads=2, blocks=1)


def test_order_is_restored_whatever_the_batches(encoder, make_light_curves) -> None:
    lengths = np.random.default_rng(0).integers(0, 250, 70).tolist()
    light_curves = make_light_curves(lengths)
    reference = embed(encoder, light_curves, device="cpu", batch=70)
    for batch in (1, 2, 7):
        found = embed(encoder, light_curves, device="cpu", batch=batch)
        np.testing.assert_allclose(found, reference, rtol=1e-4, atol=2e-5)


def test_similar_lengths_share_batches(encoder, make_light_curves, monkeypatch) -> None:
    seen: list[tuple[int, ...]] = []
    collate = encoder.collate

    def spy(light_curves):
        seen.append(tuple(light_curves.lengths))
        return collate(light_curves)

    monkeypatch.setattr(encoder, "collate", spy)
    embed(encoder, make_light_curves([200, 5, 90, 4, 190, 80]), device="cpu", batch=2)
    assert seen == [(4, 5), (80, 90), (200, 190)]


def test_progress_counts_objects(encoder, make_light_curves) -> None:
    events: list[dict[str, Any]] = []
    embed(
        encoder,
        make_light_curves([3] * 10),
        device="cpu",
        batch=4,
        progress=lambda event, **facts: events.append({"event": event, **facts}),
    )
    assert [event["done"] for event in events] == [4, 8, 10]
    assert all(event["event"] == "progress" and event["total"] == 10 for event in events)


def test_the_mode_of_the_encoder_is_left_alone(encoder, make_light_curves) -> None:
    for training in (True, False):
        embed(encoder.train(training), make_light_curves([3]), device="cpu")
        assert encoder.training is training


def test_dropout_is_off(make_light_curves) -> None:
    encoder = build("astra_clr", dropout=0.5)
    light_curves = make_light_curves([30, 40])
    one, other = (embed(encoder, light_curves, device="cpu") for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_damaged_weights_are_told(encoder, make_light_curves) -> None:
    with torch.no_grad():
        encoder.norm.bias[0] = torch.nan
    with pytest.raises(AstraError, match="row 0"):
        embed(encoder, make_light_curves([3]), device="cpu")


def test_bf16_agrees_roughly(encoder, make_light_curves) -> None:
    light_curves = make_light_curves([60, 120])
    exact = embed(encoder, light_curves, device="cpu")
    rough = embed(encoder, light_curves, device="cpu", bf16=True)
    assert rough.dtype == np.float32
    np.testing.assert_allclose(rough, exact, atol=0.1)
    assert (rough != exact).any()


def test_no_light_curves_give_no_embeddings(encoder, make_light_curves) -> None:
    assert embed(encoder, make_light_curves([]), device="cpu").shape == (0, 16)
