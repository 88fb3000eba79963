"""Controls: what is left of a score when the encoder, or the light curve, says nothing."""

from dataclasses import asdict, replace

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray

from astra.data.light_curves import FLAGGED, LightCurves
from astra.encoders import Encoder, build

RANDOM_SIZE = 64


def random_vectors(objects: int, seed: int = 0) -> NDArray[np.float32]:
    """Vectors that know nothing, float32 [objects, 64]."""
    return np.random.default_rng(seed).standard_normal((objects, RANDOM_SIZE), dtype=np.float32)


def untrained(encoder: Encoder, seed: int = 0) -> Encoder:
    """Give the same encoder with fresh weights.

    Its buffers, such as the constants that standardise its inputs, are kept: they were measured
    before training began.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fresh = build(encoder.name, **asdict(encoder.settings))
    buffers = dict(encoder.named_buffers())
    kept = {name: tensor for name, tensor in encoder.state_dict().items() if name in buffers}
    fresh.load_state_dict(kept, strict=False)
    return fresh.eval()


def hide_magnitudes(light_curves: LightCurves, constant_errors: bool = False) -> LightCurves:
    """Give light curves without light: all magnitudes of an object are their mean.

    Times, bands and errors in magnitudes stay. Observations that had no magnitude are flagged, so
    that they are not usable now either. Difference fluxes become zero, and their errors stay.
    Columns are dropped: they were found with the light.

    Parameters
    ----------
    light_curves : LightCurves
    constant_errors : bool
        Make the errors of an object constant too, in magnitudes at their median.
    """
    flux, error, band_and_flag = _hidden(
        np.asarray(light_curves.flux, np.float64),
        np.asarray(light_curves.flux_error, np.float64),
        np.array(light_curves.band_and_flag),
        np.asarray(light_curves.offsets),
        np.asarray(light_curves.is_difference),
        constant_errors,
    )
    return replace(
        light_curves,
        flux=flux.astype(np.float32),
        flux_error=error.astype(np.float32),
        band_and_flag=band_and_flag,
        columns={},
    )


@njit(cache=True, nogil=True)
def _hidden(flux, flux_error, band_and_flag, offsets, is_difference, constant_errors):
    new_flux, new_error = np.ones_like(flux), flux_error.copy()
    for i in range(len(offsets) - 1):
        span = slice(offsets[i], offsets[i + 1])
        f, e = flux[span], flux_error[span]
        bare = ~(np.isfinite(f) & np.isfinite(e))
        if not is_difference[i]:
            bare |= ~(f > 0)
        good = ~bare & (band_and_flag[span] < FLAGGED)
        band_and_flag[span] |= np.where(bare, FLAGGED, np.uint8(0))
        if not good.any():
            continue
        if is_difference[i]:
            level = 0.0
            relative = e.copy()
        else:
            level = np.exp(np.log(f[good]).mean())
            relative = np.where(bare, 1.0, e / np.where(bare, 1.0, f)) * level
        if constant_errors:
            relative[:] = np.median(relative[good])
        new_flux[span] = level
        new_error[span] = relative
    return new_flux, new_error, band_and_flag
