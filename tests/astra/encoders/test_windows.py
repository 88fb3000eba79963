import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astra.data.light_curves import LightCurves
from astra.encoders.observations import Observations, usable_observations
from astra.encoders.windows import cut_windows, share_tokens


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.integers(0, 500), min_size=1, max_size=12), st.integers(1, 128))
def test_bands_share_the_tokens(count: list[int], tokens: int) -> None:
    counts = np.array(count, np.int64)
    share = share_tokens(counts, tokens)
    assert share.sum() == min(counts.sum(), tokens)
    assert (share >= 0).all()
    assert (share <= counts).all()
    present = counts > 0
    if present.any():
        assert (
            share[present] >= np.minimum(counts[present], min(4, tokens // present.sum()))
        ).all()


def test_shares_are_nearly_in_proportion() -> None:
    count = np.array([300, 350, 50, 0])
    np.testing.assert_allclose(share_tokens(count, 96), 96 * count / count.sum(), atol=4)


def before_in_band(band: np.ndarray, n: int) -> int:
    return max((k for k in range(n) if band[k] == band[n]), default=n)


def window_twin(seen: Observations, row: int, place: float, tokens: int) -> dict[str, np.ndarray]:
    """One window of one object, band by band."""
    span = np.arange(seen.offsets[row], seen.offsets[row + 1])
    count = np.bincount(seen.band[span], minlength=len(seen.wavelength))
    share = share_tokens(count, tokens)
    chosen = []
    for band, length in enumerate(share):
        of_band = span[seen.band[span] == band]
        start = min(int(place * (len(of_band) - length + 1)), len(of_band) - length)
        chosen.extend(of_band[start : start + length])
    chosen = np.sort(np.array(chosen, int))
    wavelength = np.log10(seen.wavelength[seen.band[chosen]])
    deviation = np.abs(seen.value[chosen] - np.median(seen.value[chosen])) if len(chosen) else [0.0]
    return {
        "value": seen.value[chosen],
        "log_error": seen.log_error[chosen],
        "day": 1e-5 * (seen.time[chosen] - seen.time[chosen[:1]]).astype(float),
        "colour": (wavelength - 3.76) / 0.12,
        "previous": [before_in_band(seen.band[chosen], n) for n in range(len(chosen))],
        "scale": np.log10(np.median(deviation) + 1e-3),
    }


@pytest.mark.parametrize("bands", [("ztf_g",), ("ztf_g", "ztf_r", "ztf_i")])
def test_windows_equal_their_slow_twin(make_light_curves, bands: tuple[str, ...]) -> None:
    seen = usable_observations(make_light_curves([0, 1, 5, 31, 33, 90, 200], bands=bands))
    places = np.random.default_rng(0).random((7, 4))
    places[:, :2] = [0, 1]
    cut = cut_windows(seen, places, 32)
    for row, window in np.ndindex(*places.shape):
        twin = window_twin(seen, row, places[row, window], 32)
        n = len(twin["value"])
        assert cut["scale"][row, window, 0] == pytest.approx(twin.pop("scale"), abs=1e-5)
        np.testing.assert_array_equal(cut["mask"][row, window], np.arange(32) < n)
        for name, expected in twin.items():
            np.testing.assert_allclose(cut[name][row, window, :n], expected, atol=1e-4)
            padding = np.arange(n, 32) if name == "previous" else 0
            np.testing.assert_array_equal(cut[name][row, window, n:], padding)


def test_start_and_end_are_the_first_and_the_last(make_light_curves) -> None:
    seen = usable_observations(make_light_curves([250], bands=("ztf_g",)))
    value = cut_windows(seen, np.array([[0.0, 0.5, 1.0]]), 96)["value"][0]
    np.testing.assert_array_equal(value[0], seen.value[:96])
    np.testing.assert_array_equal(value[1], seen.value[77:173])
    np.testing.assert_array_equal(value[2], seen.value[-96:])


def test_bands_of_a_window_are_nearly_simultaneous(make_light_curves) -> None:
    seen = usable_observations(make_light_curves([700], bands=("ztf_g", "ztf_r")))
    cut = cut_windows(seen, np.array([[0.7]]), 96)
    day, colour = cut["day"][0, 0], cut["colour"][0, 0]
    first, last = ([f(day[colour == c]) for c in np.unique(colour)] for f in (np.min, np.max))
    assert np.ptp(first) < 0.25 * np.ptp(day)
    assert np.ptp(last) < 0.25 * np.ptp(day)


def test_short_batches_are_short(light_curves: LightCurves) -> None:
    seen = usable_observations(light_curves.take(np.array([2, 3, 4])))
    assert cut_windows(seen, np.zeros((3, 1)), 96)["value"].shape == (3, 1, 48)
