"""Young stellar objects: bursts, dips, spots and wander in the zoo of Cody et al. 2014."""

import numpy as np

from astra.data.simulation.generators.outbursts import Events, add_events
from astra.data.simulation.generators.rotation import add_spots
from astra.data.simulation.generators.stochastic import add_damped_random_walk
from astra.data.simulation.scene import Scene, Truth

# Interstellar extinction at g, r, i relative to r (Cardelli, Clayton & Mathis 1989, ApJ 345, 245).
DUST_BANDS = np.array([1.41, 1.0, 0.76])
ACCRETION_BANDS = np.array([1.45, 1.0, 0.7])


def young(scene: Scene) -> Truth:
    """Paint young stellar objects in the kinds of Cody et al. 2014 (AJ 147, 82).

    Bursters accrete in bouts of days, dippers are dimmed and reddened by their discs every
    rotation, stochastic ones wander, naked T Tauri stars show spots, and a few erupt for months.
    """
    dice = scene.dice
    kind = dice.choice("kind", (0.24, 0.24, 0.26, 0.20, 0.06))
    period = dice.bounded("rotation", 5.0, 0.22, 0.8, 15.0)
    for number, paint in enumerate((_bursts, _dips, _wander, _spots, _eruptions)):
        rows = np.flatnonzero(kind == number)
        paint(scene.only(rows), period[rows])
    # Naked stars have hardly a disc left to wander.
    wander = dice.log_uniform("wander", 0.02, 0.12) * np.where(kind == 3, 0.15, 1.0)
    tau = dice.log_uniform("wander time", 3.0, 60.0)
    add_damped_random_walk(scene, tau, wander[:, None] * ACCRETION_BANDS, "disc")
    periodic = (kind == 1) | (kind == 3)
    names = np.array(["BURST", "DIP", "STOCH", "WTTS", "EXOR"])
    return Truth(names[kind], np.where(periodic, period, np.nan))


def _bursts(scene: Scene, period: np.ndarray) -> None:
    dice = scene.dice
    length = dice.log_uniform("burst length", 1.5, 8.0)
    height = dice.log_uniform("burst height", 0.25, 1.1)
    bursts = Events(
        interval=length * dice.uniform("burst rarity", 1.8, 5.0),
        interval_scatter=np.full(len(scene), 0.6),
        height=-height[:, None] * ACCRETION_BANDS,
        height_scatter=np.full(len(scene), 0.5),
        rise=0.3 * length,
        plateau=0.2 * length,
        decline=0.5 * length,
        duration_scatter=np.full(len(scene), 0.4),
    )
    add_events(scene, bursts, "bursts")


def _dips(scene: Scene, period: np.ndarray) -> None:
    """Fade once a rotation (AA Tauri: Bouvier et al. 1999), and at times for long (UX Orionis)."""
    dice = scene.dice
    depth = dice.log_uniform("dip depth", 0.3, 1.2)
    dips = Events(
        interval=period,
        interval_scatter=np.full(len(scene), 0.03),
        height=depth[:, None] * DUST_BANDS,
        height_scatter=np.full(len(scene), 0.45),
        rise=0.17 * period,
        plateau=0.05 * period,
        decline=0.17 * period,
        duration_scatter=np.full(len(scene), 0.25),
    )
    add_events(scene, dips, "dips")
    length = dice.log_uniform("fade length", 20.0, 200.0)
    deep = dice.uniform("fade depth", 0.2, 1.2) * (dice.uniform("fades at all") < 0.5)
    fades = Events(
        interval=6.0 * length,
        interval_scatter=np.full(len(scene), 0.6),
        height=deep[:, None] * DUST_BANDS,
        height_scatter=np.full(len(scene), 0.3),
        rise=0.4 * length,
        plateau=0.2 * length,
        decline=0.4 * length,
        duration_scatter=np.full(len(scene), 0.3),
    )
    add_events(scene, fades, "fades")


def _wander(scene: Scene, period: np.ndarray) -> None:
    dice = scene.dice
    sigma = dice.log_uniform("accretion strength", 0.12, 0.5)[:, None] * ACCRETION_BANDS
    tau = dice.log_uniform("accretion time", 2.0, 20.0 * np.sqrt(period))
    add_damped_random_walk(scene, tau, sigma, "accretion")


def _spots(scene: Scene, period: np.ndarray) -> None:
    dice = scene.dice
    area = dice.log_uniform("spot area", 0.07, 0.25)
    lifetime, one = dice.log_uniform("spot lifetime", 300.0, 2000.0), np.ones(len(scene))
    add_spots(scene, period, area, lifetime, 2.5 * one, 0.001 * one, spread=0.35)


def _eruptions(scene: Scene, period: np.ndarray) -> None:
    """Erupt by magnitudes for months (EX Lupi: Audard et al. 2014, PPVI, 387)."""
    dice = scene.dice
    height = dice.uniform("eruption", 1.5, 4.0)
    eruptions = Events(
        interval=dice.log_uniform("eruption interval", 600.0, 1500.0),
        interval_scatter=np.full(len(scene), 0.3),
        height=-height[:, None] * np.array([1.15, 1.0, 0.85]),
        height_scatter=np.full(len(scene), 0.15),
        rise=dice.log_uniform("eruption rise", 10.0, 60.0),
        plateau=dice.log_uniform("eruption plateau", 20.0, 150.0),
        decline=dice.log_uniform("eruption decline", 60.0, 300.0),
        duration_scatter=np.full(len(scene), 0.2),
    )
    add_events(scene, eruptions, "eruptions")
    _spots(scene, period)
