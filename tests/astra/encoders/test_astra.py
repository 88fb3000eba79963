from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from astra.data.errors import AstraError
from astra.data.light_curves import LightCurves
from astra.encoders.astra import Astra, AstraSettings, Standardise
from astra.encoders.astra_inputs import MODALITIES, SIDE, TOKENS
from astra.encoders.base import Batch
from astra.encoders.embed import embed
from astra.encoders.registry import build
from astra.encoders.variation import BAND_NUMBERS, LAG_NUMBERS
from astra.encoders.weights import load
from astra.periods import merge, search
from astra.periods.folding import BINS

PERIODS = (0.31, 0.57, 2.9, 41.0)


def table(
    number: int, mjd: np.ndarray, magnitude: np.ndarray, bands: tuple[str, ...]
) -> pd.DataFrame:
    generator = np.random.default_rng(number)
    noisy = magnitude + generator.normal(0, 0.03, len(mjd))
    flux = 10 ** (-0.4 * (noisy - 23.9))
    return pd.DataFrame(
        {
            "object_id": f"object{number}",
            "mjd": mjd,
            "band": generator.choice(bands, len(mjd)),
            "flux_ujy": flux,
            "flux_err_ujy": 0.03 * flux,
            "flagged": generator.random(len(mjd)) < 0.05,
        }
    )


@pytest.fixture(scope="module")
def light_curves() -> LightCurves:
    """Four periodic objects in two bands, a short one, a single observation, and none at all."""
    generator = np.random.default_rng(6)
    tables = []
    for number, period in enumerate(PERIODS):
        mjd = np.sort(58000 + generator.uniform(0, 900, 120))
        magnitude = 16 + 0.4 * np.sin(2 * np.pi * mjd / period)
        tables.append(table(number, mjd, magnitude, ("ztf_g", "ztf_r")))
    for number, size in ((4, 6), (5, 1)):
        mjd = np.sort(58000 + generator.uniform(0, 900, size))
        tables.append(table(number, mjd, np.full(size, 17.0), ("ztf_r",)))
    objects = pd.DataFrame({"object_id": [f"object{n}" for n in range(7)]})
    return LightCurves.from_tables(objects, pd.concat(tables))


@pytest.fixture
def encoder(light_curves: LightCurves) -> Astra:
    torch.manual_seed(0)
    encoder = Astra(AstraSettings()).eval()
    encoder.fit_standards(light_curves)
    return encoder


def test_tensors_have_the_shapes_promised(encoder: Astra, light_curves: LightCurves) -> None:
    batch = encoder.collate(light_curves)
    assert batch["fold"].shape == (7, 4, BINS)
    assert batch["quantiles"].shape == (7, 11)
    assert batch["side"].shape == (7, len(SIDE))
    assert batch["lags"].shape == (7, LAG_NUMBERS)
    assert batch["bands"].shape == (7, BAND_NUMBERS)
    assert batch["window/value"].shape == (7, 3, TOKENS)
    assert batch["present"].shape == (7, len(MODALITIES))
    assert all(torch.isfinite(tensor).all() for tensor in batch.values())
    with torch.no_grad():
        embeddings_BE = encoder(batch)
    assert embeddings_BE.shape == (7, encoder.embedding_size)
    assert torch.isfinite(embeddings_BE).all()


def test_presence_says_what_a_light_curve_can_tell(
    encoder: Astra, light_curves: LightCurves
) -> None:
    present = encoder.collate(light_curves)["present"].numpy()
    assert present[:4].all()
    there = dict(zip(MODALITIES, present[4], strict=True))
    assert there == {name: name in ("quantiles", "lags", "observations") for name in MODALITIES}
    assert not present[6].any()


def test_what_is_hidden_does_not_reach_the_embedding(
    encoder: Astra, light_curves: LightCurves
) -> None:
    batch = encoder.collate(light_curves)
    batch["observations"] = encoder.look(batch).detach()
    for place, name in enumerate(MODALITIES):
        hidden = batch["present"].clone()
        hidden[:, place] = False
        spoiled = batch | {"present": hidden, name: torch.randn_like(batch[name])}
        with torch.no_grad():
            here, there = encoder(batch | {"present": hidden}), encoder(spoiled)
            seen = encoder(batch)
        torch.testing.assert_close(here, there)
        assert (here - seen).abs()[:4].max() > 1e-3


def test_periods_that_travel_along_are_used(encoder: Astra, light_curves: LightCurves) -> None:
    columns = search(light_curves)
    same = encoder.collate(light_curves.with_columns(**columns))
    for name, tensor in encoder.collate(light_curves).items():
        torch.testing.assert_close(same[name], tensor)
    doubled = columns | {"period_days": 2 * columns["period_days"]}
    other = encoder.collate(light_curves.with_columns(**doubled))
    torch.testing.assert_close(other["fold"][:4, :2], same["fold"][:4, 2:])


def test_flagged_observations_change_nothing(encoder: Astra, light_curves: LightCurves) -> None:
    flagged = light_curves.band_and_flag >= 128
    flux = np.where(flagged, 1e5, light_curves.flux).astype(np.float32)
    spoiled = LightCurves(**{**light_curves.__dict__, "flux": flux})
    assert flagged.any()
    for name, tensor in encoder.collate(light_curves).items():
        torch.testing.assert_close(encoder.collate(spoiled)[name], tensor)


def test_brightness_does_not_matter(encoder: Astra, light_curves: LightCurves) -> None:
    brighter = {
        name: (100 * getattr(light_curves, name)).astype(np.float32)
        for name in ("flux", "flux_error")
    }
    spoiled = LightCurves(**{**light_curves.__dict__, **brighter})
    torch.testing.assert_close(
        encoder(encoder.collate(spoiled))[:4],
        encoder(encoder.collate(light_curves))[:4],
        rtol=1e-3,
        atol=1e-3,
    )


def test_the_fold_branch_sees_a_turn_of_the_phase_as_a_turn(encoder: Astra) -> None:
    convolutions = torch.nn.Sequential(*list(encoder.branches["fold"].children())[:9])
    fold_BCN = torch.randn(3, 4, BINS)
    turned = convolutions(fold_BCN.roll(16, dims=-1))
    torch.testing.assert_close(turned, convolutions(fold_BCN).roll(2, dims=-1))


def test_nearby_periods_have_similar_smooth_encodings(
    encoder: Astra, light_curves: LightCurves
) -> None:
    batch = encoder.collate(light_curves)
    moved = batch | {"side": batch["side"].clone()}
    moved["side"][:, 0] += 0.01
    smooth: Callable[[Batch], Tensor] = lambda b: encoder.features(b)["side"][:, len(SIDE) :]  # noqa: E731
    assert (smooth(moved) - smooth(batch)).abs()[:4].max() < 0.05
    assert smooth(batch)[:4].amax(dim=1).min() > 0.9


def test_standards_come_from_the_light_curves(encoder: Astra, light_curves: LightCurves) -> None:
    side = encoder.collate(light_curves)["side"][:4]
    standard = encoder.standards["side"](side)
    assert standard.abs().max() <= encoder.settings.clip
    torch.testing.assert_close(encoder.standards["side"].mean, side.quantile(0.5, dim=0))


def test_standardising_clips_and_survives_constant_numbers() -> None:
    standardise = Standardise(2, clip=4.0)
    standardise.fit(torch.tensor([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]))
    numbers = standardise(torch.tensor([[2.0, 5.0], [1e9, 6.0]]))
    assert numbers.tolist() == [[0.0, 0.0], [4.0, 4.0]]


def test_layer_groups_hold_every_parameter_once(encoder: Astra) -> None:
    grouped = [id(p) for group in encoder.layer_groups() for p in group]
    assert sorted(grouped) == sorted(id(p) for p in encoder.parameters())


def test_collating_does_not_depend_on_companions(encoder: Astra, light_curves: LightCurves) -> None:
    alone = encoder.collate(light_curves.take(np.array([2])))
    for name, tensor in encoder.collate(light_curves).items():
        torch.testing.assert_close(tensor[2:3], alone[name])


def test_a_schedule_without_a_signal_is_invisible() -> None:
    """Constant stars, looked at in whatever way, are one and the same vector."""
    generator = np.random.default_rng(1)
    tables = []
    for number, size in enumerate((300, 40, 120)):
        mjd = np.sort(58000 + generator.uniform(0, 200 * (number + 1), size))
        bands = generator.choice(("ztf_g", "ztf_r", "ztf_i")[: number + 1], size)
        tables.append(
            pd.DataFrame({"object_id": str(number), "mjd": mjd, "band": bands, "flux_ujy": 250.0})
        )
    table = pd.concat(tables)
    table["flux_err_ujy"] = generator.uniform(2, 20, len(table))
    constant = LightCurves.from_tables(pd.DataFrame({"object_id": ["0", "1", "2"]}), table)
    found = embed(load("astra"), constant, device="cpu")
    np.testing.assert_allclose(found, np.broadcast_to(found[0], found.shape), atol=1e-4)


def test_the_transformer_takes_weights_of_its_own_size(encoder: Astra) -> None:
    other = build("astra_clr")
    encoder.take_raw_time(other)
    taken, given = encoder.raw_time.state_dict(), other.state_dict()
    assert all(torch.equal(taken[name], given[name]) for name in given)
    with pytest.raises(AstraError, match="leave width"):
        Astra(AstraSettings(width=32)).take_raw_time(other)


def test_all_observations_count(encoder: Astra, light_curves: LightCurves) -> None:
    merged = merge(light_curves)
    last = LightCurves(**{**light_curves.__dict__, "flux": light_curves.flux.copy()})
    end = int(light_curves.offsets[1]) - 1
    last.flux[end] *= 3
    assert merged.offsets[1] > 100
    here, there = encoder.collate(light_curves)["quantiles"], encoder.collate(last)["quantiles"]
    assert (here[0] != there[0]).any()
    torch.testing.assert_close(here[1:], there[1:])


def test_shipped_weights_load_and_tell_periods_apart(light_curves: LightCurves) -> None:
    encoder = load("astra")
    embeddings = embed(encoder, light_curves, device="cpu")
    assert isinstance(encoder, Astra)
    assert np.isfinite(embeddings).all()
    distance = np.linalg.norm(embeddings[:4, None] - embeddings[:4], axis=-1)
    assert distance[0, 1] < distance[0, 3]
    assert distance[np.triu_indices(4, 1)].min() > 0.1
