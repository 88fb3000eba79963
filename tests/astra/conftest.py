from collections.abc import Callable

import numpy as np
import pytest

from astra.data.bands import band
from astra.data.light_curves import FLAGGED, LightCurves, ticks
from astra.encoders import Encoder, build

# Encoders whose own size is not for tests.
SMALL = {
    "astra_clr_replica": {
        "width": 32,
        "blocks": 3,
        "heads": 4,
        "feed_forward": 64,
        "tokens_g": 60,
        "tokens_r": 70,
        "tokens_i": 10,
    },
}

MakeLightCurves = Callable[..., LightCurves]


def make(
    lengths: list[int],
    seed: int = 0,
    bands: tuple[str, ...] = ("ztf_g", "ztf_r"),
    flagged: float = 0.0,
    difference: bool = False,
) -> LightCurves:
    """Sinusoids of various periods and amplitudes with noise, at random times."""
    generator = np.random.default_rng(seed)
    columns: dict[str, list[np.ndarray]] = {"time": [], "flux": [], "error": [], "band": []}
    for length in lengths:
        mjd = np.sort(58200 + 1700 * generator.random(length))
        code = generator.integers(len(bands), size=length).astype(np.uint8)
        period, level = 10 ** generator.uniform(-0.5, 2), 10 ** generator.uniform(1, 4)
        amplitude = 0.4 * 10 ** generator.uniform(-1.3, 0)
        wave = 10 ** (amplitude * np.sin(2 * np.pi * mjd / period)) * (1 + 0.2 * code)
        error = 0.03 * level * (1 + generator.random(length))
        flux = level * (wave - difference) + error * generator.standard_normal(length)
        code = np.where(generator.random(length) < flagged, code | FLAGGED, code)
        for name, values in zip(columns, (mjd, flux, error, code), strict=True):
            columns[name].append(values)
    flat = {name: np.concatenate([*parts, np.empty(0)]) for name, parts in columns.items()}
    return LightCurves(
        time=ticks(flat["time"], 55000.0),
        flux=flat["flux"].astype(np.float32),
        flux_error=flat["error"].astype(np.float32),
        band_and_flag=flat["band"].astype(np.uint8),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        is_difference=np.full(len(lengths), difference),
        bands=tuple(band(name) for name in bands),
    )


@pytest.fixture(scope="session")
def make_light_curves() -> MakeLightCurves:
    return make


@pytest.fixture(scope="session")
def light_curves() -> LightCurves:
    """Short and long, none and one, some observations flagged."""
    return make([150, 0, 1, 7, 40, 300, 95, 96, 97, 220], flagged=0.1)


@pytest.fixture(scope="session")
def build_small() -> Callable[..., Encoder]:
    """Build an encoder at a size that tests train within seconds."""
    return lambda name, **settings: build(name, **SMALL.get(name, {}) | settings)
