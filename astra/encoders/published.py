"""Encoders that others published as ONNX files, and what each takes of a light curve.

All of them come through ``light_curve.embed`` of the light-curve package, whose preprocessing is
used as it is but where an adapter below says otherwise. Nothing here is downloaded: see
:mod:`astra.encoders.fetching`.

Legend of shape suffixes: E embedding.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astra.encoders.band_blocks import BLOCK_WAVELENGTH

# Zero point of fluxes in microjansky, and the bands of LSST [Angstrom].
MAGNITUDE_ZERO = 23.9
LSST_WAVELENGTH = (3671.0, 4827.0, 6223.0, 7546.0, 8691.0, 9712.0)
ATAT_TOKENS = 65
THREE_WINDOWS = ("beginning", "middle", "end")


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What one object shows a published encoder, one observation at least, sorted by time.

    Attributes
    ----------
    mjd, value, error : float64 [observations]
        Values are magnitudes about the object's mean, or fluxes [microjansky].
    channel : int64 [observations]
        Which of the encoder's bands is nearest in wavelength, or the survey's band where it has
        none of its own.
    """

    mjd: NDArray[np.float64]
    value: NDArray[np.float64]
    error: NDArray[np.float64]
    channel: NDArray[np.int64]

    def only(self, chosen: NDArray) -> "Seen":
        """Give the observations that a mask, bool [observations], or indices choose."""
        return Seen(self.mjd[chosen], self.value[chosen], self.error[chosen], self.channel[chosen])


Adapter = Callable[[Any, Seen, str], NDArray[np.floating]]


def _astra_clr(model: Any, seen: Seen, centre: str) -> NDArray[np.floating]:
    """First, middle and last window side by side, float [3 E]."""
    tensors = model.preprocess_lc(seen.mjd, seen.value, seen.error, seen.channel)
    if centre == "object":
        # The package centres each band of each window; the weights were trained on magnitudes
        # about the mean of the whole object.
        windows = [
            model.reduction.preprocess_lc(seen.value[seen.channel == band], seq_size=size)[0]
            for band, size in enumerate(model.seq_sizes)
        ]
        tensors.input = np.concatenate(windows, axis=1, dtype=np.float32)[..., None]
    return model.predict_tensors(tensors).reshape(-1)


def _each_band(
    call: Callable[[Any, Seen], NDArray[np.floating]],
) -> Adapter:
    """Mean over the bands, each through the encoder by itself, with its observations as weight."""

    def mean(model: Any, seen: Seen, centre: str) -> NDArray[np.floating]:
        channels, counts = np.unique(seen.channel, return_counts=True)
        vectors = [
            call(model, seen.only(seen.channel == channel)).reshape(-1) for channel in channels
        ]
        return np.average(vectors, axis=0, weights=counts)

    return mean


def _atat(model: Any, seen: Seen, centre: str) -> NDArray[np.floating]:
    """Longer bands keep 65 observations, evenly spread, as in training."""
    kept = []
    for channel in np.unique(seen.channel):
        rows = np.flatnonzero(seen.channel == channel)
        spread = np.linspace(0, len(rows) - 1, min(len(rows), ATAT_TOKENS)).astype(np.int64)
        kept.append(rows[spread])
    thin = seen.only(np.sort(np.concatenate(kept)))
    return model(thin.mjd, thin.value, thin.channel).reshape(-1)


def _atcat(model: Any, seen: Seen, centre: str) -> NDArray[np.floating]:
    return model(seen.mjd, seen.value, seen.error, seen.channel).reshape(-1)


_TIMED: Adapter = _each_band(lambda model, seen: model(seen.mjd, seen.value))
_ORDERED: Adapter = _each_band(lambda model, seen: model(seen.value))


@dataclass(frozen=True)
class Published:
    """One published encoder.

    Attributes
    ----------
    kind : str
        Class in ``light_curve.embed``.
    repository, file : str
        Where it lies on huggingface.co.
    licence, reference : str
    size : int
        E of one window.
    adapter : callable
        Takes the model, what is seen of one object, and how magnitudes are centred.
    options : mapping
        For the class.
    wavelengths : tuple of float
        Of the encoder's own bands [Angstrom]; empty where it takes any single one.
    fluxes : bool
        It takes fluxes instead of magnitudes.
    windows : int
        Vectors per object that may be fused.
    """

    kind: str
    repository: str
    file: str
    licence: str
    reference: str
    size: int
    adapter: Adapter
    options: Mapping[str, Any] = field(default_factory=dict)
    wavelengths: tuple[float, ...] = ()
    fluxes: bool = False
    windows: int = 1

    @property
    def source(self) -> str:
        """Address of the page that people read."""
        return f"https://huggingface.co/{self.repository}"

    def open(self, onnx: bytes, threads: int) -> Any:
        """Model of ``light_curve.embed`` on the CPU.

        Raises
        ------
        ImportError
            The ``onnx`` extra is not installed.
        """
        import onnxruntime
        from light_curve import embed

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        with warnings.catch_warnings():
            # The package calls this part of itself experimental, each time.
            warnings.simplefilter("ignore", UserWarning)
            return getattr(embed, self.kind)(session, **self.options)


def _astromer(file: str, kind: str, licence: str, reference: str) -> Published:
    repository = f"light-curve/{file.replace('_', '-')}"
    return Published(kind, repository, f"{file}.onnx", licence, reference, 256, _TIMED)


def _series(kind: str, family: str, size: str, width: int, licence: str, paper: str) -> Published:
    name = f"{family}-{size}"
    repository, options = f"light-curve/{name}", {"size": size}
    return Published(kind, repository, f"{name}.onnx", licence, paper, width, _ORDERED, options)


_CHRONOS = "Ansari et al. (2024), TMLR"
_MOMENT = "Goswami et al. (2024), ICML"

PUBLISHED: dict[str, Published] = {
    "astra_clr": Published(
        "AstraCLR",
        "light-curve/astra-clr",
        "astra_clr.onnx",
        "MIT",
        "Majumder, Malanchev & Ishida (2026), arXiv:2606.31627",
        512,
        _astra_clr,
        {"reduction": [*THREE_WINDOWS]},
        BLOCK_WAVELENGTH,
        windows=len(THREE_WINDOWS),
    ),
    "astromer1": _astromer(
        "astromer1", "Astromer1", "MIT", "Donoso-Oliva et al. (2023), A&A 670, A54"
    ),
    "astromer1_ztf": _astromer(
        "astromer1_ztfdr20", "Astromer1ZTF", "GPL-3.0", "Nakoneczny et al. (2025), ApJ 992, 153"
    ),
    "astromer2": _astromer(
        "astromer2", "Astromer2", "MIT", "Donoso-Oliva et al. (2026), A&A 707, A170"
    ),
    "atat": Published(
        "ATAT",
        "light-curve/atat",
        "atat.onnx",
        "unclear: the package says Apache-2.0, the authors' repository has no licence file",
        "Cabrera-Vives et al. (2024), A&A 689, A289",
        192,
        _atat,
        {"mag_zp": MAGNITUDE_ZERO, "reduction": "beginning"},
        LSST_WAVELENGTH,
        fluxes=True,
    ),
    "atcat": Published(
        "ATCAT",
        "light-curve/atcat",
        "atcat_f32.onnx",
        "MIT, modified: no military use",
        "Tung (2025), arXiv:2511.00614",
        384,
        _atcat,
        {"mag_zp": MAGNITUDE_ZERO},
        LSST_WAVELENGTH,
        fluxes=True,
    ),
    "chronos2": Published(
        "Chronos2",
        "light-curve/chronos2",
        "chronos2.onnx",
        "Apache-2.0",
        _CHRONOS,
        768,
        _ORDERED,
    ),
    **{
        f"chronos_bolt_{size}": _series(
            "ChronosBolt", "chronos-bolt", size, width, "Apache-2.0", _CHRONOS
        )
        for size, width in (("tiny", 256), ("mini", 384), ("small", 512), ("base", 768))
    },
    **{
        f"moment1_{size}": _series("Moment1", "moment1", size, width, "MIT", _MOMENT)
        for size, width in (("small", 512), ("base", 768), ("large", 1024))
    },
}
