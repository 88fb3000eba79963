import numpy as np
import pytest
import torch

from astra.data.light_curves import LightCurves
from astra.encoders.band_blocks import BandBlocks
from astra.training.contrastive import view_of
from astra.training.loop import fit
from astra.training.settings import FitSettings
from astra.training.triplet import Triplet, TripletSettings, intended, miscounted, noisy

IN_ZTF = ("ztf_g", "ztf_r", "ztf_i")


@pytest.fixture
def make_objective(build_small):
    def make(**settings) -> Triplet:
        torch.manual_seed(0)
        return Triplet(build_small("astra_clr_replica"), TripletSettings(**settings))

    return make


def views(objective: Triplet, light_curves: LightCurves, seed: int = 0) -> dict:
    batch = objective.collate(light_curves, np.random.default_rng(seed))
    return {name: view_of(batch, name) for name in Triplet.VIEWS}


def test_the_head_has_as_many_parameters_as_the_published_one() -> None:
    from astra.encoders import build

    head = Triplet(build("astra_clr_replica")).head  # type: ignore[arg-type]
    assert sum(parameter.numel() for parameter in head.parameters()) == 393_984


def test_views_have_the_published_lengths(make_objective, make_light_curves) -> None:
    light_curves = make_light_curves([1500, 20], bands=IN_ZTF)
    found = views(make_objective(), light_curves)
    length = {name: view["mask"].sum(-1)[:, 0].tolist() for name, view in found.items()}
    assert length["anchor"] == [140, 20]
    assert length["canonical"] == [70, 20]
    # Nearly every observation of the short object lies in a bin of its own.
    assert 0.3 * 140 < length["hard"][0] < 0.7 * 140
    assert length["hard"][1] == pytest.approx(10, abs=3)


def test_each_block_of_a_window_is_one_run_of_its_band(make_objective, make_light_curves) -> None:
    light_curves = make_light_curves([1500], bands=IN_ZTF)
    blocks = BandBlocks.of(light_curves)
    seen, starts = blocks.observations, {}
    for name in ("anchor", "canonical"):
        view = views(make_objective(), light_curves)[name]
        wavelength = view["log_wavelength"][0, 0].numpy()
        for band in range(3):
            chosen = np.isclose(wavelength, np.log10(seen.wavelength[band]))
            day = view["day"][0, 0].numpy()[chosen]
            of_band = blocks.day[seen.band == band].astype(np.float32)
            first = int(np.searchsorted(of_band, day[0]))
            np.testing.assert_array_equal(of_band[first : first + len(day)], day)
            starts[name, band] = first / len(of_band)
    assert len({round(start, 3) for start in starts.values()}) == 6


def test_runs_begin_anywhere(make_objective, make_light_curves) -> None:
    light_curves = make_light_curves([200], bands=("ztf_g",))
    objective = make_objective()
    first = [
        float(views(objective, light_curves, seed)["anchor"]["day"][0, 0, 0]) for seed in range(300)
    ]
    # Of 200 observations and a run of 60, each of the first 140 begins a run.
    earliest = np.searchsorted(np.sort(BandBlocks.of(light_curves).day.astype(np.float32)), first)
    assert earliest.min() < 5
    assert 130 < earliest.max() < 140
    assert earliest.mean() == pytest.approx(69.5, abs=7)


def test_noise_is_the_same_for_all_magnitudes(make_light_curves) -> None:
    blocks = BandBlocks.of(make_light_curves([20_000]))
    moved = noisy(blocks, 0.1, np.random.default_rng(0))
    shift = moved.observations.value - blocks.observations.value
    assert shift.std() == pytest.approx(0.1, rel=0.03)
    assert abs(np.corrcoef(np.abs(shift), blocks.observations.error)[0, 1]) < 0.03


def test_only_the_canonical_view_is_clean(make_objective, make_light_curves) -> None:
    light_curves = make_light_curves([30], bands=("ztf_g",))
    clean = BandBlocks.of(light_curves)
    day, value = clean.day.astype(np.float32), clean.observations.value
    spread = {}
    for name, view in views(make_objective(), light_curves).items():
        mask = view["mask"][0, 0]
        place = np.searchsorted(day, view["day"][0, 0][mask].numpy())
        shift = view["value"][0, 0][mask].numpy() - value[place]
        spread[name] = np.median(np.abs(shift))
    assert spread["canonical"] == 0
    assert 0 < spread["anchor"] < spread["hard"]


def test_one_token_of_the_hard_view_saturates(make_objective, make_light_curves) -> None:
    objective = make_objective(hard_noise=0.0, saturation=-20.0)
    hard = views(objective, make_light_curves([200] * 8))["hard"]
    outliers = (hard["value"] < -15).sum(dim=(1, 2))
    assert (outliers == 1).all()
    assert hard["value"].min() >= -20.5
    assert hard["value"].amin(dim=(1, 2)).max() <= -20


def test_whole_bins_of_all_bands_vanish(make_light_curves) -> None:
    blocks = BandBlocks.of(make_light_curves([900] * 4, bands=IN_ZTF))
    hidden = intended(blocks, 0.5, 5.0, np.random.default_rng(0))
    first = blocks.day[blocks.observations.offsets[:-1]][blocks.owner]
    bins = np.floor((blocks.day - first) / 5 + 1e-9) + 1000 * blocks.owner
    for one in np.unique(bins):
        assert len(set(hidden[bins == one])) == 1
    assert hidden.mean() == pytest.approx(0.5, abs=0.05)


def test_miscounted_bins_drop_a_third_where_a_half_is_meant(make_light_curves) -> None:
    """The published figure: of 231 occupied bins among 339, a third of the observations."""
    blocks = BandBlocks.of(make_light_curves([390] * 40, bands=IN_ZTF))
    found = {
        hide.__name__: hide(blocks, 0.5, 5.0, np.random.default_rng(0)).mean()
        for hide in (intended, miscounted)
    }
    assert found["intended"] == pytest.approx(0.5, abs=0.03)
    assert found["miscounted"] == pytest.approx(0.34, abs=0.03)


def test_a_miscounted_bin_still_vanishes_whole(make_light_curves) -> None:
    blocks = BandBlocks.of(make_light_curves([600], bands=IN_ZTF))
    hidden = miscounted(blocks, 0.5, 5.0, np.random.default_rng(0))
    bins = np.floor((blocks.day - blocks.day[0]) / 5 + 1e-9)
    for one in np.unique(bins):
        assert len(set(hidden[bins == one])) == 1


def test_collate_is_a_function_of_its_generator(make_objective, light_curves) -> None:
    objective = make_objective()
    one, same, other = (
        objective.collate(light_curves, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["anchor/value"], other["anchor/value"])


def test_gradients_reach_every_parameter(make_objective, light_curves) -> None:
    objective = make_objective()
    objective.loss(objective.collate(light_curves, np.random.default_rng(0))).backward()
    for name, parameter in objective.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_it_learns_to_match_views_of_objects_it_has_not_seen(
    make_objective, make_light_curves
) -> None:
    objective = make_objective(anchor_noise=0.02, hard_noise=0.04)
    seen, unseen = (make_light_curves([40] * 128, seed=seed) for seed in (1, 2))
    rows, cpu = np.arange(128), torch.device("cpu")
    with torch.no_grad():
        before = objective.eval().validate(unseen, rows, cpu)
    settings = FitSettings(
        epochs=16, batch=64, warmup_steps=5, learning_rate=3e-3, schedule="noam", optimizer="adam"
    )
    fit(objective, seen, rows, settings, device="cpu")
    with torch.no_grad():
        after = objective.validate(unseen, rows, cpu)
    assert after["validation_loss"] < before["validation_loss"] - 0.3
