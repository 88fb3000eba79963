"""Where the weights of encoders that others published lie, once somebody has fetched them."""

import os
from pathlib import Path

PREFIX = "light_curve:"


def is_published(name: str) -> bool:
    """Whether the name is that of an encoder that others published, ``light_curve:...``."""
    return name.startswith(PREFIX)


def fetched(name: str) -> Path:
    """File of a published encoder's weights, below ``$XDG_CACHE_HOME`` or ``~/.cache``.

    It may not be there: nothing but ``astra fetch-encoder`` writes it.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "astra" / "encoders" / f"{name.replace(':', '-')}.safetensors"
