"""What every encoder is: light curves in, one vector per object out.

Legend of shape suffixes, here and in the encoders: B objects, W windows of an object, T tokens,
D width, E embedding, H heads.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from astra.data.light_curves import LightCurves

Batch = dict[str, Tensor]


class Encoder(nn.Module, ABC):
    """Turns light curves into embeddings.

    A subclass names itself, says which frozen dataclass its settings are, and takes one of them
    as its only argument: with the weights, they rebuild the encoder.

    Attributes
    ----------
    name : str
        Key in ``ENCODERS``.
    settings_type : type
        Frozen dataclass of JSON-able fields, all with defaults.
    cpu_batch : int
        Objects whose intermediate tensors fit a CPU's cache; embedding goes in steps of it there.
    settings : instance of ``settings_type``
    embedding_size : int
        E, the numbers per object that :meth:`forward` gives.
    """

    name: ClassVar[str]
    settings_type: ClassVar[type]
    cpu_batch: ClassVar[int] = 512
    settings: Any
    embedding_size: int

    @abstractmethod
    def collate(self, light_curves: LightCurves) -> Batch:
        """Make the tensors of some light curves on the CPU.

        The first axis of every tensor is the objects. The same light curves give the same
        tensors, up to padding, whatever their companions; flagged observations are left out.
        """

    @abstractmethod
    def forward(self, batch: Batch) -> Tensor:
        """Embeddings of a collated batch, float32 [B, E], finite also for an empty light curve."""

    @abstractmethod
    def layer_groups(self) -> list[list[nn.Parameter]]:
        """All parameters, each once, in groups from the input to the embedding."""

    def lengths(self, light_curves: LightCurves) -> NDArray[np.int64] | None:
        """Padded length each object asks for, int64 [objects]; None where all cost the same.

        Objects of similar length are embedded together, so that little is padded.
        """
        return None
