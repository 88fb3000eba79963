"""The encoders by name."""

from typing import Any

from astra.data.errors import AstraError
from astra.encoders.astra import Astra
from astra.encoders.astra_clr import AstraCLR
from astra.encoders.astra_clr_replica import AstraCLRReplica
from astra.encoders.astromer import Astromer
from astra.encoders.base import Encoder
from astra.encoders.light_curve_embed import LightCurveEmbed

ENCODERS: dict[str, type[Encoder]] = {
    "astra": Astra,
    "astra_clr": AstraCLR,
    "astromer": Astromer,
    "astra_clr_replica": AstraCLRReplica,
}

# Encoders around a finished graph: they are loaded with it; there is nothing to train.
FINISHED: dict[str, type[Encoder]] = {"light_curve": LightCurveEmbed}


def build(name: str, **settings: Any) -> Encoder:
    """Make an encoder with fresh weights (seed torch first for the same ones again).

    Parameters
    ----------
    name : str
        Key in ``ENCODERS``.
    **settings
        Fields of the encoder's settings; the others keep their defaults.

    Raises
    ------
    AstraError
        No such encoder, no such setting, or a value that it does not take.
    """
    kinds = ENCODERS | FINISHED
    if name not in kinds:
        raise AstraError(f"no encoder {name!r}; there are {', '.join(ENCODERS)}")
    kind = kinds[name]
    try:
        return kind(kind.settings_type(**settings))
    except (TypeError, ValueError) as error:
        raise AstraError(f"encoder {name}: {error}") from error
