"""Stars that pulsate with stable periods: RR Lyrae, delta Scuti and kin, short-timescale stars."""

import numpy as np
from numpy.typing import NDArray

from astra.data.simulation.cadence import LAST_NIGHT
from astra.data.simulation.generators.fourier import NEVER, add_fourier
from astra.data.simulation.generators.outbursts import Events, add_events
from astra.data.simulation.generators.stochastic import add_damped_random_walk
from astra.data.simulation.scene import Scene, Truth

# Amplitude in g, r, i relative to V: RR Lyrae in Stripe 82 (Sesar et al. 2010, ApJ 708, 717).
RR_BANDS = np.array([1.14, 0.81, 0.63])
DELTA_SCUTI_BANDS = np.array([1.12, 0.80, 0.60])
# Mean Fourier ratios R_k1 and phases phi_k1 [rad], cosine convention, of RRab (amplitude 1 mag in
# V) and RRc stars (Simon & Teays 1982, ApJ 261, 586; Kovacs & Kupi 2007, A&A 462, 1007).
RRAB_RATIOS = np.array([1.0, 0.47, 0.33, 0.22, 0.14, 0.09, 0.06])
RRAB_ANGLES = np.array([0.0, 3.95, 1.88, 6.20, 4.20, 2.20, 0.25])
RRC_RATIOS = np.array([1.0, 0.15, 0.075, 0.05])
RRC_ANGLES = np.array([0.0, 4.72, 3.20, 2.10])
HADS_RATIOS = np.array([1.0, 0.36, 0.16, 0.08])
HADS_ANGLES = np.array([0.0, 3.95, 1.60, 5.70])


def rr_lyrae(scene: Scene) -> Truth:
    """Paint RR Lyrae stars: 68 % RRab, 28 % RRc, 4 % RRd, some with the Blazhko effect.

    RRab amplitudes follow the period (Oosterhoff I of M3: Cacciari, Corwin & Carney 2005, AJ 129,
    267; Oosterhoff II shifted by 0.06 dex). A tenth of them are mildly modulated; the anomaly
    ``blazhko`` is a modulation of most of the amplitude.
    """
    dice = scene.dice
    planted = np.isin(scene.anomaly, ("blazhko", "period change"))
    kind = np.where(planted, 0, dice.choice("mode", (0.68, 0.28, 0.04)))
    period = np.full(len(scene), np.nan)
    for mode, paint in enumerate((_rrab, _rrc, _rrd)):
        rows = np.flatnonzero(kind == mode)
        period[rows] = paint(scene.only(rows))
    return Truth(np.array(["RRab", "RRc", "RRd"])[kind], period)


def _rrab(scene: Scene) -> NDArray[np.float64]:
    dice = scene.dice
    second = dice.uniform("Oosterhoff") < 0.25
    period = dice.bounded("period", np.where(second, 0.64, 0.555), 0.045, 0.42, 0.9)
    log_period = np.log10(period) - 0.06 * second
    amplitude = -2.627 - 22.046 * log_period - 30.876 * log_period**2
    amplitude = np.clip(amplitude + dice.normal("amplitude", 0.0, 0.1), 0.22, 1.35)
    ratios = np.tile(RRAB_RATIOS, (len(scene), 1))
    ratios[:, 1:] *= (1.0 + 0.25 * (amplitude - 1.0))[:, None]
    angles = RRAB_ANGLES - 0.45 * (amplitude - 1.0)[:, None] * np.arange(7)
    angles[:, 1:] += dice.normal("shape", 0.0, 0.12)[:, None] * np.arange(1, 7)
    _add_pulsation(
        scene,
        period,
        amplitude,
        ratios,
        angles,
        RR_BANDS,
        _blazhko(scene),
        clock_glitch(scene, period),
    )
    return period


def _blazhko(scene: Scene) -> NDArray[np.float64]:
    """Modulation of each star, float64 [objects, 4], for :func:`add_fourier`."""
    dice = scene.dice
    strong = scene.anomaly == "blazhko"
    mild = ~strong & (dice.uniform("modulated") < 0.1)
    beat = np.where(strong | mild, dice.log_uniform("beat", 20.0, 160.0), NEVER)
    depth = np.where(
        strong, dice.uniform("strong depth", 0.6, 0.85), mild * dice.uniform("depth", 0.05, 0.25)
    )
    swing = np.where(
        strong, dice.uniform("strong swing", 0.6, 1.3), mild * dice.uniform("swing", 0.05, 0.3)
    )
    return np.stack([beat, dice.uniform("beat phase"), depth, swing], axis=1)


def clock_glitch(scene: Scene, period: NDArray[np.float64]) -> NDArray[np.float64]:
    """Break the clock of objects with the anomaly ``period change``, float64 [objects, 2].

    The change is so large that the star is two to six cycles off by the end of the survey.
    """
    dice = scene.dice
    when = scene.some_exposure("glitch", 0.3, 0.6)
    cycles = dice.uniform("cycles lost", 2.0, 6.0) * np.sign(dice.uniform("gains", -1.0, 1.0))
    change = cycles * period / (LAST_NIGHT - when)
    when = np.where(scene.anomaly == "period change", when, NEVER)
    return np.stack([when, change], axis=1)


def _rrc(scene: Scene) -> NDArray[np.float64]:
    dice = scene.dice
    period = dice.bounded("period", 0.325, 0.05, 0.21, 0.44)
    amplitude = np.clip(dice.normal("amplitude", 0.46, 0.08), 0.15, 0.65)
    angles = RRC_ANGLES + dice.normal("shape", 0.0, 0.15)[:, None] * np.arange(4)
    ratios = np.tile(RRC_RATIOS, (len(scene), 1))
    ratios[:, 1] *= np.clip(0.4 + 1.35 * amplitude, 0.5, 1.4)
    _add_pulsation(scene, period, amplitude, ratios, angles, RR_BANDS)
    return period


def _rrd(scene: Scene) -> NDArray[np.float64]:
    """Double mode: the overtone leads, at 0.745 of the fundamental period (Petersen diagram)."""
    dice = scene.dice
    period = dice.normal("period", 0.36, 0.012)
    overtone = dice.normal("amplitude", 0.42, 0.04)
    ratios = np.tile(RRC_RATIOS, (len(scene), 1))
    _add_pulsation(scene, period, overtone, ratios, RRC_ANGLES[None, :], RR_BANDS)
    fundamental = period / dice.normal("ratio", 0.745, 0.001)
    weaker = overtone * dice.uniform("ratio of amplitudes", 0.3, 0.7)
    phase = dice.uniform("second phase")
    _add_modes(scene, fundamental, weaker / 2, phase, RR_BANDS)
    return period


def _add_pulsation(
    scene: Scene,
    period: NDArray[np.float64],
    amplitude: NDArray[np.float64],
    ratios: NDArray[np.float64],
    angles: NDArray[np.float64],
    bands: NDArray[np.float64],
    modulation: NDArray[np.float64] | None = None,
    glitch: NDArray[np.float64] | None = None,
) -> None:
    """Add a Fourier series of a peak-to-peak amplitude in V [mag]; red light lags a little."""
    series = scaled(ratios, angles, amplitude)[:, None, :] * bands[:, None]
    harmonic = np.arange(1, ratios.shape[1] + 1)
    lag = 2.0 * np.pi * np.array([0.0, 0.008, 0.015])[:, None] * harmonic
    add_fourier(
        scene, period, scene.dice.uniform("phase"), series, angles[:, None, :] - lag,
        modulation=modulation, glitch=glitch,
    )  # fmt: skip


def scaled(
    ratios: NDArray[np.float64], angles: NDArray[np.float64], amplitude: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Semi-amplitudes whose series has the given peak-to-peak amplitude, [objects, harmonics]."""
    turn = 2.0 * np.pi * np.arange(64)[:, None] / 64 * np.arange(1, ratios.shape[1] + 1)
    curve = (ratios[:, None, :] * np.cos(turn + angles[:, None, :])).sum(axis=2)
    return ratios * (amplitude / (curve.max(axis=1) - curve.min(axis=1)))[:, None]


def _add_modes(
    scene: Scene,
    period: NDArray[np.float64],
    amplitude: NDArray[np.float64],
    phase: NDArray[np.float64],
    bands: NDArray[np.float64],
) -> None:
    """Add one sinusoid per object, of semi-amplitude ``amplitude`` in V [mag]."""
    series = amplitude[:, None, None] * bands[:, None]
    add_fourier(scene, period, phase, series, np.zeros((1, 1, 1)))


def delta_scuti(scene: Scene) -> Truth:
    """Paint delta Scuti (60 %), gamma Doradus (22 %) and SX Phoenicis stars (18 %).

    A fifth of the delta Scuti stars are of high amplitude and one or two radial modes; the others
    have up to five modes of p character (Breger 2000, ASP 210, 3). gamma Doradus stars beat in g
    modes of 0.35 to 2.5 d (Kaye et al. 1999, PASP 111, 840). SX Phoenicis stars have periods of
    0.03 to 0.09 d and, at times, the first overtone at 0.775 (Jeon et al. 2004, AJ 128, 287).
    """
    dice = scene.dice
    kind = dice.choice("kind", (0.12, 0.48, 0.22, 0.18))
    kind = np.where(scene.anomaly == "period change", 0, kind)
    radial = np.isin(kind, (0, 3))
    ranges = np.array([[0.06, 0.2], [0.03, 0.2], [0.35, 2.2], [0.032, 0.085]])[kind]
    period = dice.log_uniform("period", ranges[:, 0], ranges[:, 1])
    heights = np.array([[0.2, 0.75], [0.015, 0.13], [0.015, 0.09], [0.15, 0.75]])[kind]
    amplitude = dice.log_uniform("amplitude", heights[:, 0], heights[:, 1])
    rows = np.flatnonzero(radial)
    _radial(scene.only(rows), period[rows], amplitude[rows])
    rows = np.flatnonzero(~radial)
    _many_modes(scene.only(rows), period[rows], amplitude[rows], kind[rows] == 2)
    return Truth(np.array(["DSCT", "DSCT", "GDOR", "SXPHE"])[kind], period)


def _radial(scene: Scene, period: NDArray[np.float64], amplitude: NDArray[np.float64]) -> None:
    dice = scene.dice
    ratios = np.tile(HADS_RATIOS, (len(scene), 1))
    ratios[:, 1:] *= np.clip(0.45 + amplitude, 0.5, 1.15)[:, None]
    angles = HADS_ANGLES + dice.normal("shape", 0.0, 0.12)[:, None] * np.arange(4)
    glitch = clock_glitch(scene, period)
    _add_pulsation(scene, period, amplitude, ratios, angles, DELTA_SCUTI_BANDS, glitch=glitch)
    second = np.flatnonzero(dice.uniform("double mode") < 0.35)
    overtone = (period * dice.normal("period ratio", 0.775, 0.003))[second]
    weaker = (amplitude * dice.uniform("ratio of amplitudes", 0.08, 0.3))[second] / 2
    phase = dice.uniform("second phase")[second]
    _add_modes(scene.only(second), overtone, weaker, phase, DELTA_SCUTI_BANDS)


def _many_modes(
    scene: Scene,
    period: NDArray[np.float64],
    amplitude: NDArray[np.float64],
    is_g_mode: NDArray[np.bool_],
) -> None:
    """Add five modes of falling amplitude; g modes lie close together, p modes apart."""
    dice = scene.dice
    spread = np.where(is_g_mode, 0.12, 0.3)
    height = amplitude / 2
    for mode in range(5):
        apart = np.exp(spread * dice.normal(f"frequency {mode}")) if mode else 1.0
        phase = dice.uniform(f"phase {mode}")
        _add_modes(scene, period * apart, height, phase, DELTA_SCUTI_BANDS)
        height = height * dice.uniform(f"next amplitude {mode}", 0.25, 0.75)


def short_timescale(scene: Scene) -> Truth:
    """Paint stars that vary within hours (Gaia's class S: Roelens et al. 2018, A&A 620, A197).

    Red ones are flare stars (rise within minutes, decay within the hour: Davenport et al. 2014, ApJ
    797, 122); of the others most pulsate or rotate with periods of 20 min to 6 h, a third flicker.
    """
    dice = scene.dice
    flares = scene.colour > 0.85
    kind = np.where(flares, 2, dice.choice("kind", (0.66, 0.34)))
    period = np.where(kind == 0, dice.log_uniform("period", 0.014, 0.25), np.nan)
    amplitude = dice.log_uniform("amplitude", 0.05, 0.4)
    rows = np.flatnonzero(kind == 0)
    ratios = np.stack([np.ones(len(rows)), dice.uniform("second harmonic", 0, 0.3)[rows]], axis=1)
    angles = np.stack([np.zeros(len(rows)), dice.uniform("angle", 0, 2 * np.pi)[rows]], axis=1)
    bands = np.array([1.1, 0.9, 0.8])
    _add_pulsation(scene.only(rows), period[rows], amplitude[rows], ratios, angles, bands)
    rows = np.flatnonzero(kind == 1)
    sigma = amplitude[rows, None] * bands * 0.5
    add_damped_random_walk(scene.only(rows), dice.log_uniform("tau", 0.01, 0.1)[rows], sigma)
    _add_flares(scene.only(np.flatnonzero(kind == 2)))
    return Truth(np.array(["PULS", "FLICKER", "FLARE"])[kind], period)


def _add_flares(scene: Scene) -> None:
    dice = scene.dice
    peak = -dice.log_uniform("flare", 0.25, 1.2)
    flares = Events(
        interval=dice.log_uniform("between flares", 0.5, 3.0),
        interval_scatter=np.full(len(scene), 0.9),
        height=peak[:, None] * np.array([1.5, 0.7, 0.35]),
        height_scatter=np.full(len(scene), 0.7),
        rise=np.full(len(scene), 0.002),
        plateau=np.zeros(len(scene)),
        decline=dice.log_uniform("decay", 0.02, 0.08),
        duration_scatter=np.full(len(scene), 0.4),
    )
    add_events(scene, flares, "flares")
