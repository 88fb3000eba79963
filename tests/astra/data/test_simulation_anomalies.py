"""What is planted is marked, and really is different from what it would have been."""

from dataclasses import replace

import numpy as np
import pytest

from astra.data.simulation.anomalies import (
    ANOMALIES,
    BLEND,
    DIP,
    MICROLENSING,
    PLANTED,
    draw_anomalies,
)
from astra.data.simulation.cadence import cadence, field_of
from astra.data.simulation.dice import Dice
from astra.data.simulation.paint import paint
from astra.data.simulation.scene import NO_ANOMALY, Exposures, expose
from astra.data.simulation.simulate import simulate
from astra.data.simulation.sky import Sky, draw_sky

SEED = 31


@pytest.fixture(scope="module")
def dice() -> Dice:
    return Dice(SEED, np.arange(600, dtype=np.uint64))


@pytest.fixture(scope="module")
def sky(dice) -> Sky:
    sky = draw_sky(dice.scoped("sky"))
    return replace(sky, anomaly=np.full(len(dice), NO_ANOMALY, dtype="U20"))


@pytest.fixture(scope="module")
def exposures(sky, dice) -> Exposures:
    return expose(cadence(SEED), field_of(sky.ra, sky.dec), dice.scoped("exposures"))


def changes(sky: Sky, exposures: Exposures, dice: Dice, kind: str, amid: str) -> list[np.ndarray]:
    """What planting ``kind`` in each object of a class adds [mag], one array per object."""
    chosen = sky.astra_class == amid
    planted = replace(sky, anomaly=np.where(chosen, kind, NO_ANOMALY).astype("U20"))
    # Dice remember what they gave, so that each painting needs its own.
    before, _ = paint(sky, exposures, Dice(SEED, dice.objects))
    after, _ = paint(planted, exposures, Dice(SEED, dice.objects))
    pieces = np.split(after - before, exposures.offsets[1:-1])
    assert all(
        not piece.any() for piece, is_planted in zip(pieces, chosen, strict=True) if not is_planted
    )
    return [piece for piece, is_planted in zip(pieces, chosen, strict=True) if is_planted]


@pytest.mark.parametrize(
    ("kind", "amid"), [(kind, name) for name, kinds in PLANTED.items() for kind in kinds]
)
def test_planting_changes_the_light_of_the_object_and_of_no_other(
    sky, exposures, dice, kind: str, amid: str
) -> None:
    pieces = changes(sky, exposures, dice, kind, amid)
    if amid == "DSCT|GDOR|SXPHE" and kind == "period change":
        pieces = [piece for piece in pieces if piece.any()]
    assert len(pieces) > 5
    assert np.median([np.ptp(piece) for piece in pieces]) > 0.15
    assert min(np.ptp(piece) for piece in pieces) > 0.02


def test_lensing_is_achromatic_brightens_once_and_has_paczynskis_shape(
    sky, exposures, dice
) -> None:
    chosen = np.flatnonzero(sky.astra_class == "SOLAR_LIKE")
    pieces = changes(sky, exposures, dice, MICROLENSING, "SOLAR_LIKE")
    for row, piece in zip(chosen[:20], pieces[:20], strict=True):
        mjd = exposures.mjd[exposures.offsets[row] : exposures.offsets[row + 1]]
        gain = 10 ** (-0.4 * piece)
        assert gain.min() >= 1
        peak = mjd[gain.argmax()]
        assert gain.max() > 3.5
        # u^2 is a parabola in time: A = (u^2 + 2) / (u sqrt(u^2 + 4)) solved for u^2.
        square = 2 * gain / np.sqrt(np.maximum(gain**2 - 1, 1e-12)) - 2
        near = np.abs(mjd - peak) < 200
        fit = np.polynomial.Polynomial.fit(mjd[near], square[near], 2)
        np.testing.assert_allclose(fit(mjd[near]), square[near], rtol=1e-4, atol=1e-4)


def test_dips_only_take_light_away_and_end(sky, exposures, dice) -> None:
    for piece in changes(sky, exposures, dice, DIP, "RS"):
        assert piece.min() >= 0
        assert piece.max() > 0.3
        assert np.mean(piece < 0.01) > 0.5


def test_eclipses_stop(sky, exposures, dice) -> None:
    chosen = np.flatnonzero(sky.astra_class == "ECL")
    anomaly = sky.anomaly.copy()
    anomaly[chosen] = "eclipses stop"
    variation, known = paint(replace(sky, anomaly=anomaly), exposures, Dice(SEED, dice.objects))
    assert set(known.subclass[chosen]) == {"EA"}
    for row in chosen:
        light = variation[exposures.offsets[row] : exposures.offsets[row + 1]]
        last = np.flatnonzero(light)[-1]
        assert 0.35 * len(light) < last < 0.7 * len(light)
        assert light[:last].max() > 0.25


def test_a_blend_shows_the_companion_and_stays_brighter_than_either(sky, exposures, dice) -> None:
    for piece in changes(sky, exposures, dice, BLEND, "CEP"):
        assert piece.max() < 0
        assert piece.std() > 0.02


def test_anomalies_are_rare_marked_and_of_every_kind() -> None:
    many = Dice(2, np.arange(200_000, dtype=np.uint64))
    names = np.array(list(PLANTED))[many.choice("any class", [1.0] * len(PLANTED))]
    anomaly = draw_anomalies(many, names)
    assert np.mean(anomaly != NO_ANOMALY) == pytest.approx(0.005, rel=0.1)
    assert set(anomaly) == {NO_ANOMALY, *ANOMALIES}
    assert all(kind in PLANTED[name] for kind, name in zip(anomaly, names, strict=True) if kind)
    _, _, truth = simulate(400, SEED)
    marked = truth["is_anomaly"]
    assert marked.any()
    assert truth.loc[marked, "anomaly"].isin(ANOMALIES).all()
    assert truth.loc[~marked, "anomaly"].isna().all()
