"""``python -m precompute.asking RUN``: holds a run's encoder and embeds what it is asked to.

Asked by messages (see `astra.runs.messages`) on standard input, it answers on standard output; it
ends when its input does, so with whoever started it, or when nobody asks for half an hour.

    -> {"light_curves": [...]}    <- {"embeddings": [[...], ...]}    or    <- {"error": "..."}

The first message, unasked, is ``{"ready": true, "encoder": NAME, "size": E}``, or an error.
"""

import logging
import os
import select
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from astra.data.errors import AstraError
from astra.runs.messages import light_curves_from_json, read_message, to_bytes

IDLE = 1800.0  # s
FAILED = 1
_log = logging.getLogger("precompute.asking")


def answer(
    run: Annotated[Path, typer.Argument(help="Folder of the run whose encoder is asked.")],
) -> None:
    """Embed the light curves that come in messages."""
    # Whatever a library prints must not come between two messages.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        encoder = _load(run)
    except AstraError as error:
        _send(out, {"error": str(error)})
        sys.exit(FAILED)
    _send(out, {"ready": True, "encoder": encoder.name, "size": encoder.embedding_size})
    asked = sys.stdin.fileno()
    while select.select([asked], [], [], IDLE)[0]:
        message = read_message(partial(os.read, asked))
        if message is None:
            return
        _send(out, _embedded(encoder, message))


def _load(run: Path) -> Any:
    import torch

    from astra.encoders import load

    torch.set_num_threads(1)
    return load(run)


def _embedded(encoder: Any, message: dict[str, Any]) -> dict[str, Any]:
    from astra.encoders import embed

    try:
        light_curves = light_curves_from_json(message.get("light_curves", []))
        return {"embeddings": embed(encoder, light_curves, device="cpu").tolist()}
    except AstraError as error:
        return {"error": str(error)}
    except Exception as error:  # whoever asks must hear of it, and may ask again
        _log.exception("a light curve could not be embedded")
        return {"error": f"{type(error).__name__}: {error}"}


def _send(out: BinaryIO, message: dict[str, Any]) -> None:
    out.write(to_bytes(message))
    out.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    typer.run(answer)
