"""Windows of a light curve, cut into padded tensors of tokens; compiled."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from astra.data.light_curves import DAYS_PER_TICK
from astra.encoders.observations import Observations

SMALLEST_SCALE = 1e-3
FEWEST_PER_BAND = 4
PAD_TO = 16
START_MIDDLE_END = (0.0, 0.5, 1.0)
# log10 of the wavelength [Angstrom], about the middle of the optical and in units of its spread.
MIDDLE_WAVELENGTH, WAVELENGTH_SPREAD = 3.76, 0.12


def start_middle_end(observations: Observations, tokens: int) -> NDArray[np.float64]:
    """Positions of the windows that are embedded, float64 [objects, windows].

    Where no object is longer than one window, the three are the same and one is cut.
    """
    one = observations.lengths.max(initial=0) <= tokens
    places = START_MIDDLE_END[:1] if one else START_MIDDLE_END
    return np.tile(places, (len(observations.lengths), 1))


def cut_windows(
    observations: Observations, position: NDArray[np.float64], tokens: int
) -> dict[str, NDArray]:
    """Cut windows of at most ``tokens`` observations out of each object.

    The bands share the tokens in proportion to their observations, four at least each where they
    have them; each band gives a contiguous run. The runs of one window start at the same fraction
    of their bands, so that they are nearly simultaneous and colours mean something.

    Parameters
    ----------
    observations : Observations
    position : float64 [objects, windows]
        Where the window lies: 0 the start of the light curve, 1 its end.
    tokens : int
        Longest window; the arrays are no longer than the longest needs, in steps of 16.

    Returns
    -------
    dict of str to array
        ``value`` [mag], ``log_error``, ``day`` since the window's first observation [d],
        ``colour`` (standardised log wavelength), float32 [objects, windows, tokens];
        ``mask``, bool, true where a token is real; ``previous``, int64: the token before in the
        same band, or the token itself; ``scale``, float32 [objects, windows, 1]: log10 of the
        window's median absolute deviation [mag].
    """
    longest = int(min(tokens, observations.lengths.max(initial=1)))
    width = min(-(-longest // PAD_TO) * PAD_TO, tokens)
    shape = (*position.shape, width)
    value, log_error, day, colour = (np.zeros(shape, np.float32) for _ in range(4))
    mask = np.zeros(shape, np.bool_)
    previous = np.broadcast_to(np.arange(width), shape).copy()
    scale = np.zeros((*position.shape, 1), np.float32)
    standard_wavelength = (
        np.log10(observations.wavelength) - MIDDLE_WAVELENGTH
    ) / WAVELENGTH_SPREAD
    _cut_windows(
        observations.value,
        observations.log_error,
        observations.time,
        observations.band,
        observations.offsets,
        standard_wavelength,
        position,
        tokens,
        (value, log_error, day, colour, mask, previous, scale),
    )
    return {
        "value": value,
        "log_error": log_error,
        "day": day,
        "colour": colour,
        "mask": mask,
        "previous": previous,
        "scale": scale,
    }


@njit(cache=True, nogil=True)
def _cut_windows(value, log_error, time, band, offsets, standard_wavelength, position, tokens, cut):
    for row in range(len(offsets) - 1):
        first, last = offsets[row], offsets[row + 1]
        count = np.zeros(len(standard_wavelength), np.int64)
        for k in range(first, last):
            count[band[k]] += 1
        share = share_tokens(count, tokens)
        for window in range(position.shape[1]):
            place = position[row, window]
            start = np.minimum((place * (count - share + 1)).astype(np.int64), count - share)
            chosen = _in_runs(band[first:last], start, share) + first
            _write_window(
                chosen, value, log_error, time, band, standard_wavelength, row, window, cut
            )


@njit(cache=True, nogil=True)
def share_tokens(count, tokens):
    """Tokens of each band, int64 [bands]: at most its observations, together at most ``tokens``."""
    present = (count > 0).sum()
    if count.sum() <= tokens or present == 0:
        return count.copy()
    share = np.minimum(count, min(FEWEST_PER_BAND, tokens // present))
    wanted = count - share
    share += (tokens - share.sum()) * wanted // wanted.sum()
    for _ in range(tokens - share.sum()):
        share[np.argmax(count - share)] += 1
    return share


@njit(cache=True, nogil=True)
def _in_runs(band, start, share):
    """Indices of the observations whose rank in their band lies in the band's run."""
    chosen = np.empty(share.sum(), np.int64)
    rank = np.zeros(len(share), np.int64)
    n = 0
    for k in range(len(band)):
        b = band[k]
        if start[b] <= rank[b] < start[b] + share[b]:
            chosen[n] = k
            n += 1
        rank[b] += 1
    return chosen


@njit(cache=True, nogil=True)
def _write_window(chosen, value, log_error, time, band, standard_wavelength, row, window, cut):
    out_value, out_log_error, out_day, out_colour, out_mask, out_previous, out_scale = cut
    if len(chosen) == 0:
        out_scale[row, window, 0] = np.log10(SMALLEST_SCALE)
        return
    zero = np.int64(time[chosen[0]])
    newest = np.full(len(standard_wavelength), -1)
    for n in range(len(chosen)):
        k = chosen[n]
        out_value[row, window, n] = value[k]
        out_log_error[row, window, n] = log_error[k]
        out_day[row, window, n] = DAYS_PER_TICK * (np.int64(time[k]) - zero)
        out_colour[row, window, n] = standard_wavelength[band[k]]
        out_mask[row, window, n] = True
        before = newest[band[k]]
        out_previous[row, window, n] = n if before < 0 else before
        newest[band[k]] = n
    seen = value[chosen].astype(np.float64)
    deviation = np.median(np.abs(seen - np.median(seen)))
    out_scale[row, window, 0] = np.log10(deviation + SMALLEST_SCALE)
