"""Light curves to vectors."""

from astra.encoders.base import Batch, Encoder
from astra.encoders.embed import choose_device, embed
from astra.encoders.registry import ENCODERS, build
from astra.encoders.weights import WeightsError, load, save, shipped

__all__ = [
    "ENCODERS",
    "Batch",
    "Encoder",
    "WeightsError",
    "build",
    "choose_device",
    "embed",
    "load",
    "save",
    "shipped",
]
