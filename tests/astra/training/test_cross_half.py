import numpy as np
import pandas as pd
import pytest
import torch

from astra.data.light_curves import LightCurves
from astra.encoders.astra import Astra, AstraSettings
from astra.encoders.astra_inputs import MODALITIES
from astra.periods import search
from astra.training.cross_half import (
    TRUTH,
    CrossHalf,
    CrossHalfSettings,
    half_of,
    hide,
    masked_mean_error,
    random_nights,
)

OBJECTS = 60


@pytest.fixture(scope="module")
def light_curves() -> LightCurves:
    """Sines and triangles of many periods, four exposures a night; the last has one night."""
    generator = np.random.default_rng(3)
    tables = []
    for number in range(OBJECTS):
        nights = 1 if number == OBJECTS - 1 else 30
        night = np.repeat(np.sort(generator.choice(700, nights, replace=False)), 4)
        mjd = 58000.2 + night + np.tile([0, 0.01, 0.02, 0.03], nights)
        phase = mjd / 10 ** generator.uniform(-0.5, 1.5)
        wave = np.sin(2 * np.pi * phase) if number % 2 else 2 * np.abs(phase % 1 - 0.5)
        magnitude = 16 + 0.5 * wave + generator.normal(0, 0.02, len(mjd))
        flux = 10 ** (-0.4 * (magnitude - 23.9))
        tables.append(
            pd.DataFrame(
                {
                    "object_id": f"object{number:03}",
                    "mjd": mjd,
                    "band": generator.choice(("ztf_g", "ztf_r"), len(mjd)),
                    "flux_ujy": flux,
                    "flux_err_ujy": 0.02 * flux,
                }
            )
        )
    objects = pd.DataFrame({"object_id": [f"object{n:03}" for n in range(OBJECTS)]})
    plain = LightCurves.from_tables(objects, pd.concat(tables))
    return plain.with_columns(**search(plain))


@pytest.fixture
def objective(light_curves: LightCurves) -> CrossHalf:
    torch.manual_seed(0)
    encoder = Astra(AstraSettings())
    encoder.fit_standards(light_curves)
    return CrossHalf(encoder)


def test_nights_are_never_split(light_curves: LightCurves) -> None:
    chosen = random_nights(light_curves, 0.3, np.random.default_rng(0))
    owner = np.repeat(np.arange(OBJECTS), light_curves.lengths)
    day = np.floor(light_curves.days())
    night = pd.DataFrame({"object": owner, "day": day, "chosen": chosen})
    kinds = night.groupby(["object", "day"])["chosen"].nunique().to_numpy()
    assert len(kinds) > OBJECTS and (kinds == 1).all()


def test_halves_hold_the_fractions_asked_for(light_curves: LightCurves) -> None:
    generator = np.random.default_rng(0)
    fraction = [
        np.mean(
            np.split(random_nights(light_curves, 0.3, generator), light_curves.offsets[1:-1])[i]
        )
        for i in range(OBJECTS - 1)
    ]
    assert np.mean(fraction) == pytest.approx(0.5, abs=0.05)
    assert 0.05 < min(fraction) < 0.35
    assert 0.65 < max(fraction) < 0.95


def test_a_night_without_end_is_cut() -> None:
    """Space telescopes have no nights; their observations are split all the same."""
    table = pd.DataFrame({"object_id": "a", "mjd": 59000 + np.arange(0, 20, 0.02), "band": "ztf_r"})
    table = table.assign(flux_ujy=100 + np.arange(len(table)), flux_err_ujy=1.0)
    one = LightCurves.from_tables(pd.DataFrame({"object_id": ["a"]}), table)
    chosen = random_nights(one, 0.5, np.random.default_rng(1))
    changes = np.flatnonzero(np.diff(chosen.astype(int)))
    assert 5 < len(changes) < 25
    assert np.diff(one.days()[changes]).min() >= 0.69


def test_the_same_seed_gives_the_same_halves(
    objective: CrossHalf, light_curves: LightCurves
) -> None:
    here, there, other = (
        objective.collate(light_curves, np.random.default_rng(seed)) for seed in (5, 5, 6)
    )
    for name in here:
        torch.testing.assert_close(here[name], there[name])
    assert (here["first/fold"] != other["first/fold"]).any()


def test_halves_are_complementary(objective: CrossHalf, light_curves: LightCurves) -> None:
    batch = objective.collate(light_curves, np.random.default_rng(0))
    first, second = half_of(batch, "first"), half_of(batch, "second")
    assert set(first) == set(second) > {*MODALITIES[:-1], "window/value", "present", "shown"}
    torch.testing.assert_close(first["side"], second["side"])
    alone = OBJECTS - 1
    spread = MODALITIES.index("quantiles")
    assert first["present"][alone, spread] != second["present"][alone, spread]


def test_hiding_leaves_one_modality_and_hides_at_the_rate_asked_for() -> None:
    generator = np.random.default_rng(0)
    present = np.ones((4000, 3), bool)
    present[:100] = False
    present[100:200, 1:] = False
    shown = hide(present, 0.3, generator)
    assert not shown[:100].any()
    assert shown[100:200, 0].all() and not shown[100:200, 1:].any()
    assert shown[200:].any(axis=1).all()
    assert shown[200:].mean() == pytest.approx(0.7 + 0.3**3 / 3, abs=0.01)
    assert (hide(present, 0.0, generator) == present).all()
    assert (hide(present[200:], 1.0, generator).sum(axis=1) == 1).all()


def test_the_loss_agrees_with_loops(objective: CrossHalf, light_curves: LightCurves) -> None:
    batch = objective.collate(light_curves, np.random.default_rng(0))
    weights = objective.settings
    expected = 0.0
    errors: dict[str, list[float]] = {name: [] for name in (*MODALITIES, "smooth")}
    with torch.no_grad():
        for seen, target in (("first", "second"), ("second", "first")):
            shown, wanted = half_of(batch, seen), half_of(batch, target)
            embeddings = objective.encoder(shown | {"present": shown["shown"]})
            features = objective.encoder.features(wanted)
            for i in range(OBJECTS):
                predicted = {n: d(embeddings[i]) for n, d in objective.decoders.items()}
                if wanted["present"][i, 0]:
                    value, coverage = wanted["fold"][i, ::2], wanted["fold"][i, 1::2]
                    squares = (predicted["fold"].reshape(2, -1) - value) ** 2 * coverage**2
                    errors["fold"].append(float(squares.mean()))
                for place, name in enumerate(MODALITIES):
                    if name not in ("fold", "side") and wanted["present"][i, place]:
                        squares = (predicted[name] - features[name][i]) ** 2
                        errors[name].append(float(squares.mean()))
                if wanted["present"][i, 2]:
                    squares = (predicted["side"] - features["side"][i]) ** 2
                    errors["side"].append(float(squares[:10].mean()))
                    errors["smooth"].append(float(squares[10:].mean()))
    for name, values in errors.items():
        expected += getattr(weights, name) * np.mean(values)
    assert objective.loss(batch).item() == pytest.approx(expected, rel=1e-4)


def test_errors_of_what_is_missing_do_not_count() -> None:
    error = torch.tensor([[1.0, 3.0], [100.0, 100.0], [4.0, 4.0]])
    assert masked_mean_error(error, torch.tensor([True, False, True])) == 3.0
    assert masked_mean_error(error, torch.zeros(3, dtype=torch.bool)) == 0.0


def test_learning_foretells_the_other_half(objective: CrossHalf, light_curves: LightCurves) -> None:
    """Thirty steps on sixty objects: the loss on new halves falls well below its start."""
    test = objective.collate(light_curves, np.random.default_rng(999))
    before = objective.loss(test).item()
    optimizer = torch.optim.AdamW(objective.parameters(), 3e-3)
    generator = np.random.default_rng(0)
    for _ in range(30):
        optimizer.zero_grad()
        objective.loss(objective.collate(light_curves, generator)).backward()
        optimizer.step()
    assert objective.loss(test).item() < 0.7 * before


def test_gradients_reach_every_parameter(objective: CrossHalf, light_curves: LightCurves) -> None:
    objective.loss(objective.collate(light_curves, np.random.default_rng(0))).backward()
    for name, parameter in objective.named_parameters():
        if name.startswith("encoder.raw_time"):
            assert parameter.grad is None, "the transformer has learnt already"
        else:
            assert parameter.grad is not None and parameter.grad.abs().max() > 0, name


def test_weights_of_zero_leave_a_part_out(light_curves: LightCurves) -> None:
    torch.manual_seed(0)
    encoder = Astra(AstraSettings())
    parts = dict.fromkeys((*MODALITIES, "smooth"), 0.0)
    nothing = CrossHalf(encoder, CrossHalfSettings(**parts))
    assert nothing.loss(nothing.collate(light_curves, np.random.default_rng(0))).item() == 0


def test_the_kinds_of_simulated_stars_are_learnt(light_curves: LightCurves) -> None:
    """Sines are told from triangles; objects of no known kind are left alone."""
    kind = np.arange(OBJECTS) % 2
    kind[::3] = -1
    taught = light_curves.with_columns(**{TRUTH: kind.astype(float)})
    torch.manual_seed(0)
    encoder = Astra(AstraSettings())
    encoder.fit_standards(light_curves)
    objective = CrossHalf(encoder, CrossHalfSettings(classes=2, truth=5.0))
    batch = objective.collate(taught, np.random.default_rng(0))
    without = {name: tensor for name, tensor in batch.items() if name != TRUTH}
    unknown = batch | {TRUTH: torch.full_like(batch[TRUTH], -1)}
    torch.testing.assert_close(objective.loss(unknown), objective.loss(without))
    optimizer = torch.optim.AdamW(objective.parameters(), 3e-3)
    generator = np.random.default_rng(0)
    for _ in range(40):
        optimizer.zero_grad()
        objective.loss(objective.collate(taught, generator)).backward()
        optimizer.step()
    with torch.no_grad():
        guess = objective.truth(encoder(encoder.collate(taught))).argmax(dim=1).numpy()
    known = kind[:-1] >= 0
    assert np.mean(guess[:-1][known] == kind[:-1][known]) > 0.85
