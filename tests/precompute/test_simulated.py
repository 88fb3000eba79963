import numpy as np
import pytest

from astra.data.light_curves import LightCurves
from astra.data.simulation.simulate import simulate
from astra.periods import PERIOD_COLUMNS
from astra.training.cross_half import TRUTH
from precompute import simulated
from precompute.simulated import UNKNOWN, with_simulated


@pytest.fixture(scope="module")
def survey() -> LightCurves:
    light_curves, _, _ = simulate(120, seed=4)
    light_curves = light_curves.take(np.arange(120))
    return light_curves.with_columns(**{name: np.arange(120.0) for name in PERIOD_COLUMNS})


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "FEWEST_OF_KIND", 3)
    monkeypatch.setattr(simulated, "CHUNK", 16)


def test_stars_are_added_and_the_rows_stay_what_they_are(survey: LightCurves) -> None:
    rows = np.array([3, 50, 7, *range(60, 100)])
    seen: list[tuple[int, int]] = []
    joined, kinds = with_simulated(survey, rows, 1.0, 0, lambda *done: seen.append(done))
    total = seen[-1][1]
    assert seen[-1] == (total, total) and 20 < total <= len(rows)
    assert len(joined) == len(rows) + total
    own = survey.take(rows)
    np.testing.assert_array_equal(joined.flux[: own.n_observations], own.flux)
    np.testing.assert_array_equal(joined.columns["period_days"][: len(rows)], rows)
    assert (joined.columns[TRUTH][: len(rows)] == UNKNOWN).all()
    kind = joined.columns[TRUTH][len(rows) :]
    assert set(kind) - {UNKNOWN} == set(range(len(kinds))) and len(kinds) > 1
    assert all("/" in name for name in kinds)


def test_stars_are_seen_through_exposures_of_the_rows_with_periods_of_their_own(
    survey: LightCurves,
) -> None:
    rows = np.arange(40)
    joined, _ = with_simulated(survey, rows, 0.5, 0, lambda *_: None)
    schedules = {survey.take(rows[i : i + 1]).time.tobytes() for i in range(40)}
    stars = [joined.take(np.array([i])) for i in range(40, len(joined))]
    assert {star.time.tobytes() for star in stars} <= schedules
    found = joined.columns["period_days"][40:]
    assert np.isfinite(found).mean() > 0.8 and not set(found) & set(range(120))


def test_the_same_seed_gives_the_same_stars(survey: LightCurves) -> None:
    rows = np.arange(30)
    one, other, third = (
        with_simulated(survey, rows, 0.5, seed, lambda *_: None)[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.flux, other.flux)
    assert len(one.flux) != len(third.flux) or (one.flux != third.flux).any()


def test_where_no_place_is_fit_nothing_is_added(survey: LightCurves) -> None:
    short = survey.take(np.flatnonzero(survey.lengths < 40)[:0])
    joined, kinds = with_simulated(short, np.arange(0), 1.0, 0, lambda *_: None)
    assert len(joined) == 0 and kinds == []
