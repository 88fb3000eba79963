"""What changes the light curves of a training step, and their views at test."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from astra.data.light_curves import LightCurves

Augmentation = Callable[[LightCurves, np.random.Generator], LightCurves]


def augmentation(noise: float, noise_mag: float, thinning: float) -> Augmentation | None:
    """Put together what is asked for; None where nothing is.

    Parameters
    ----------
    noise, noise_mag : float
        See :func:`jitter`.
    thinning : float
        See :func:`thin`.
    """
    parts = [thin(thinning)] if thinning else []
    parts += [jitter(noise, noise_mag)] if noise or noise_mag else []
    if not parts:
        return None

    def augment(light_curves: LightCurves, generator: np.random.Generator) -> LightCurves:
        for part in parts:
            light_curves = part(light_curves, generator)
        return light_curves

    return augment


def jitter(noise: float, noise_mag: float = 0.0) -> Augmentation:
    """Augmentation that adds white noise to fluxes.

    Parameters
    ----------
    noise : float
        In units of each observation's own error.
    noise_mag : float
        Of a flux that is a total, in magnitudes.
    """

    def augment(light_curves: LightCurves, generator: np.random.Generator) -> LightCurves:
        size = light_curves.n_observations
        flux = light_curves.flux
        if noise_mag:
            shift = noise_mag * generator.standard_normal(size, dtype=np.float32)
            total = np.repeat(~light_curves.is_difference, light_curves.lengths)
            flux = np.where(total, flux * 10 ** (-0.4 * shift), flux).astype(np.float32)
        if noise:
            deviate = generator.standard_normal(size, dtype=np.float32)
            flux = flux + noise * light_curves.flux_error * deviate
        return replace(light_curves, flux=flux)

    return augment


def thin(most: float) -> Augmentation:
    """Augmentation that leaves out observations, and at least one of each light curve in.

    Parameters
    ----------
    most : float
        Largest share that a light curve loses; it is drawn evenly from 0 to this.
    """

    def augment(light_curves: LightCurves, generator: np.random.Generator) -> LightCurves:
        lengths = light_curves.lengths
        share = most * generator.random(len(light_curves), dtype=np.float32)
        kept = generator.random(light_curves.n_observations, dtype=np.float32) >= np.repeat(
            share, lengths
        )
        first = light_curves.offsets[:-1][lengths > 0]
        kept[first[np.add.reduceat(kept, first) == 0] if len(first) else first] = True
        return light_curves.keep(kept)

    return augment
