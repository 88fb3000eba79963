"""An encoder around a published ONNX model of ``light_curve.embed``.

The file itself is the encoder's only weight, a buffer of bytes: what is saved, copied into a run
and hashed is the whole encoder. It has no parameters, so nothing can teach it.

Legend of shape suffixes: B objects, T observations, E embedding.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from astra.data.errors import AstraError
from astra.data.light_curves import DAYS_PER_TICK, FLAGGED, LightCurves
from astra.encoders.band_blocks import SMALLEST_ERROR, BandBlocks, owners
from astra.encoders.base import Batch, Encoder
from astra.encoders.published import PUBLISHED, Published, Seen

MJD_ZERO = 58_000


@dataclass(frozen=True, slots=True)
class LightCurveEmbedSettings:
    """Which published encoder, and how its vectors are made one.

    Attributes
    ----------
    model : str
        Key in ``PUBLISHED``.
    fusion : str
        Of the start, middle and end windows of ``astra_clr``: ``concat`` or ``mean``.
    centre : str
        Of ``astra_clr``: magnitudes about the mean of the ``object``, as its weights were trained,
        or of each band in each window (``band_window``), as the package has it.
    file_bytes : int
        Length of the ONNX file.
    """

    model: str = "astra_clr"
    fusion: Literal["concat", "mean"] = "concat"
    centre: Literal["object", "band_window"] = "object"
    file_bytes: int = 0

    def __post_init__(self) -> None:
        if self.model not in PUBLISHED:
            raise ValueError(f"model {self.model!r}: there are {', '.join(PUBLISHED)}")
        if self.fusion not in ("concat", "mean"):
            raise ValueError(f"fusion {self.fusion!r}: use 'concat' or 'mean'")
        if self.centre not in ("object", "band_window"):
            raise ValueError(f"centre {self.centre!r}: use 'object' or 'band_window'")


class LightCurveEmbed(Encoder):
    """A published encoder, on the CPU, one object at a time.

    Difference fluxes have no magnitudes: models of magnitudes see asinh magnitudes about zero flux
    instead, as Astra's own encoders do. Models of fluxes see microjansky.

    Parameters
    ----------
    settings : LightCurveEmbedSettings
    """

    name: ClassVar[str] = "light_curve"
    settings_type: ClassVar[type] = LightCurveEmbedSettings
    onnx: Tensor

    def __init__(self, settings: LightCurveEmbedSettings) -> None:
        super().__init__()
        self.settings = settings
        fused = self.published.windows if settings.fusion == "concat" else 1
        self.embedding_size = self.published.size * fused
        self.register_buffer("onnx", torch.zeros(settings.file_bytes, dtype=torch.uint8))
        self._model: Any = None

    @classmethod
    def of(cls, model: str, onnx: bytes) -> Self:
        """Encoder of a published model's file."""
        encoder = cls(LightCurveEmbedSettings(model, file_bytes=len(onnx)))
        encoder.onnx.copy_(torch.frombuffer(bytearray(onnx), dtype=torch.uint8))
        return encoder

    @property
    def published(self) -> Published:
        """What is known of the model."""
        return PUBLISHED[self.settings.model]

    def collate(self, light_curves: LightCurves) -> Batch:
        """Observations as the model takes them, padded at the end.

        ``value`` and ``error`` (magnitudes or microjansky), float32, ``tick`` (1e-5 d since MJD
        58000) and ``channel``, int64, ``mask``, bool, all [B, T].
        """
        columns = _fluxes(light_curves) if self.published.fluxes else _magnitudes(light_curves)
        owner = columns.pop("owner")
        columns["channel"] = self._channels(light_curves)[columns["channel"]]
        counts = np.bincount(owner, minlength=len(light_curves))
        place = np.arange(len(owner)) - (np.cumsum(counts) - counts)[owner]
        shape = (len(light_curves), max(1, int(counts.max(initial=0))))
        batch: Batch = {}
        for name, values in (columns | {"mask": np.ones(len(owner), np.bool_)}).items():
            padded = np.zeros(shape, values.dtype)
            padded[owner, place] = values
            batch[name] = torch.from_numpy(padded)
        return batch

    @torch.no_grad()
    def forward(self, batch: Batch) -> Tensor:
        """Embeddings, float32 [B, E]; zero for an object without observations."""
        vectors_BE = torch.zeros(len(batch["mask"]), self.embedding_size)
        arrays = {name: tensor.cpu().numpy() for name, tensor in batch.items()}
        for row in np.flatnonzero(arrays["mask"].any(axis=1)):
            chosen = arrays["mask"][row]
            seen = Seen(
                MJD_ZERO + DAYS_PER_TICK * arrays["tick"][row, chosen],
                arrays["value"][row, chosen].astype(np.float64),
                arrays["error"][row, chosen].astype(np.float64),
                arrays["channel"][row, chosen],
            )
            vectors_BE[row] = torch.from_numpy(self._vector(seen).astype(np.float32))
        return vectors_BE.to(batch["mask"].device)

    def layer_groups(self) -> list[list[nn.Parameter]]:
        """None: the graph is finished, there is nothing to teach."""
        return []

    def open(self) -> Any:
        """Model of ``light_curve.embed``; opened once.

        Raises
        ------
        AstraError
            There are no weights, they are no such model, or the packages that run it are missing.
        """
        if self._model is None:
            model = f"light_curve:{self.settings.model}"
            if not self.settings.file_bytes:
                raise AstraError(f"{model} has no weights: load it by its name, or fetch it first")
            try:
                self._model = self.published.open(
                    self.onnx.cpu().numpy().tobytes(), torch.get_num_threads()
                )
            except ImportError as error:
                raise AstraError(
                    f"{model} needs packages that are not here ({error}): "
                    "pip install 'astra-observatory[onnx]'"
                ) from error
            except Exception as error:  # the runtime raises types of its own, without a common base
                raise AstraError(f"{model}: its file is not an ONNX model ({error})") from error
        return self._model

    def _vector(self, seen: Seen) -> NDArray[np.floating]:
        published = self.published
        vector = published.adapter(self.open(), seen, self.settings.centre)
        if vector.size != published.size * published.windows:
            raise AstraError(
                f"light_curve:{self.settings.model} gave {vector.size} numbers instead of "
                f"{published.size * published.windows}: its file is of another model"
            )
        if self.embedding_size == vector.size:
            return vector
        return vector.reshape(published.windows, published.size).mean(axis=0)

    def _channels(self, light_curves: LightCurves) -> NDArray[np.int64]:
        """Channel of each band, int64 [bands]."""
        if not self.published.wavelengths:
            return np.arange(len(light_curves.bands))
        wavelength = np.array([band.wavelength for band in light_curves.bands], np.float64)
        distance = np.abs(np.log(wavelength)[:, None] - np.log(self.published.wavelengths))
        return distance.argmin(axis=1)


def _magnitudes(light_curves: LightCurves) -> dict[str, NDArray]:
    blocks = BandBlocks.of(light_curves)
    seen = blocks.observations
    return {
        "owner": blocks.owner,
        "tick": np.round(blocks.day / DAYS_PER_TICK).astype(np.int64),
        "value": seen.value,
        "error": np.maximum(seen.error, SMALLEST_ERROR).astype(np.float32),
        "channel": seen.band.astype(np.int64),
    }


def _fluxes(light_curves: LightCurves) -> dict[str, NDArray]:
    flux, error = light_curves.flux, light_curves.flux_error
    good = (light_curves.band_and_flag < FLAGGED) & np.isfinite(flux) & np.isfinite(error)
    good &= error > 0
    ticks_to_zero = round((light_curves.mjd_zero - MJD_ZERO) / DAYS_PER_TICK)
    return {
        "owner": owners(light_curves.lengths)[good],
        "tick": light_curves.time[good].astype(np.int64) + ticks_to_zero,
        "value": np.asarray(flux[good]),
        "error": np.asarray(error[good]),
        "channel": light_curves.band[good].astype(np.int64),
    }
