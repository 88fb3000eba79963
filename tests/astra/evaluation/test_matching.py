import numpy as np
import pytest

from astra.evaluation.matching import (
    NIGHT_GAP,
    halves,
    matched,
    nights_of,
    view_matching,
)


def test_halves_split_nights_and_lose_nothing(make_light_curves):
    light_curves = make_light_curves([200, 1, 0, 37, 90]).with_columns(period_days=np.ones(5))
    first, second = halves(light_curves, np.random.default_rng(0))
    assert first.columns == second.columns == {}
    for whole, a, b in zip(light_curves, first, second, strict=True):
        assert sorted([*a.mjd, *b.mjd]) == whole.mjd.tolist()
        assert len(set(a.flux) | set(b.flux)) == len(set(whole.flux))
        for mjd in a.mjd:
            assert not len(b) or np.abs(b.mjd - mjd).min() > 0
    nights = nights_of(light_curves)
    assert (nights_of(first) + nights_of(second) >= nights).all()
    assert abs(len(first[0]) - len(second[0])) < 60


def test_nights_end_at_gaps(make_light_curves):
    light_curves = make_light_curves([50, 120])
    for row, light_curve in enumerate(light_curves):
        gaps = np.diff(light_curve.mjd) > NIGHT_GAP
        assert nights_of(light_curves)[row] == 1 + gaps.sum()


def test_a_copy_is_always_found_and_a_stranger_at_chance():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(256, 16))
    assert matched(vectors, vectors + 1e-3 * rng.normal(size=(256, 16))) == 1.0
    strangers = [matched(rng.normal(size=(256, 16)), vectors) for _ in range(10)]
    assert np.mean(strangers) < 0.01
    assert matched(np.ones((256, 4)), np.ones((256, 4))) == pytest.approx(1 / 256)
    tiny = 1e-7 * rng.normal(size=(256, 4))
    assert matched(1 + tiny, 1 + tiny) == pytest.approx(1 / 256)


def test_what_an_encoder_sees_decides_what_it_matches(make_light_curves):
    light_curves = make_light_curves(np.random.default_rng(0).integers(60, 200, 80).tolist())

    def levels(some):
        means = [np.log(lc.flux.mean(dtype=float)) for lc in some]
        return np.column_stack([means, means])

    def lengths(some):
        return np.column_stack([some.lengths, some.lengths]).astype(float)

    seen = view_matching(levels, light_curves, trials=2)
    assert seen["crowd"] == 80 and seen["chance"] == pytest.approx(1 / 80)
    assert seen["as they are"]["mean"] > 0.2
    schedule = view_matching(lengths, light_curves, trials=2)
    assert schedule["magnitudes zeroed"] == schedule["as they are"]
    assert schedule["and errors constant"]["mean"] > 3 / 80


def test_too_few_nights_match_nothing(make_light_curves):
    assert view_matching(lambda some: some.lengths[:, None], make_light_curves([1, 2, 3])) is None
