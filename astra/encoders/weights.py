"""Encoders on disk: a safetensors file, and beside it a JSON card that rebuilds the encoder."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load as tensors_of
from safetensors.torch import save as bytes_of

from astra.data.durable import write_whole
from astra.data.errors import AstraError
from astra.data.fetched import fetched, is_published
from astra.encoders.base import Encoder
from astra.encoders.registry import ENCODERS, FINISHED, build

WEIGHTS_FORMAT = "astra-encoder-1"
SHIPPED = Path(__file__).parent.parent / "weights"
IN_A_RUN = "encoder.safetensors"
LARGEST_CARD = 1 << 20


class WeightsError(AstraError):
    """Weights are missing, damaged, or of another encoder."""


def shipped() -> list[str]:
    """Names of the weights that come with Astra."""
    return sorted(path.stem for path in SHIPPED.glob("*.safetensors"))


def save(encoder: Encoder, path: Path | str, card: Mapping[str, Any]) -> Path:
    """Write an encoder; each file appears whole, the card last.

    Parameters
    ----------
    encoder : Encoder
    path : Path or str
        A ``.safetensors`` file, with its card beside it as ``.json``; or a folder, where they are
        ``encoder.safetensors`` and ``encoder.json``.
    card : mapping
        What people should know: data, recipe, scores, licence. JSON-able.

    Returns
    -------
    Path
        The ``.safetensors`` file.
    """
    tensor_file = _tensor_file(Path(path))
    tensors = {name: tensor.cpu().contiguous() for name, tensor in encoder.state_dict().items()}
    data = bytes_of(tensors)
    facts = {
        "format": WEIGHTS_FORMAT,
        "encoder": encoder.name,
        "settings": dataclasses.asdict(encoder.settings),
        "embedding_size": encoder.embedding_size,
        "parameters": sum(parameter.numel() for parameter in encoder.parameters()),
        "sha256": hashlib.sha256(data).hexdigest(),
        "card": dict(card),
    }
    text = json.dumps(facts, indent=1, allow_nan=False) + "\n"
    tensor_file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(tensor_file, data)
    write_whole(tensor_file.with_suffix(".json"), text.encode())
    return tensor_file


def load(name_or_path: Path | str) -> Encoder:
    """Rebuild an encoder with its weights, on the CPU, in evaluation mode.

    Parameters
    ----------
    name_or_path : str or Path
        Name of shipped weights, of a published encoder that was fetched (``light_curve:...``), a
        ``.safetensors`` file, or a folder such as a run that holds ``encoder.safetensors`` and
        ``encoder.json``.

    Raises
    ------
    WeightsError
        They are missing, damaged, or do not fit the encoder that the card names.
    """
    tensor_file = _find(name_or_path)
    card = read_card(tensor_file)
    try:
        data = tensor_file.read_bytes()
    except OSError as error:
        raise WeightsError(f"{tensor_file}: no weights here ({error})") from error
    if hashlib.sha256(data).hexdigest() != card["sha256"]:
        raise WeightsError(
            f"{tensor_file}: these are not the weights that {tensor_file.stem}.json describes; "
            "copy both files again"
        )
    try:
        encoder = build(card["encoder"], **card["settings"])
        tensors = tensors_of(data)
    except (AstraError, SafetensorError, RuntimeError) as error:
        raise WeightsError(f"{tensor_file}: {error}") from error
    try:
        encoder.load_state_dict(tensors)
    except RuntimeError as error:
        raise WeightsError(
            f"{tensor_file}: these weights do not fit the encoder {card['encoder']} as it is now; "
            "an older Astra made them: precompute the run again, or use the Astra that made it"
        ) from error
    return encoder.eval()


def read_card(path: Path | str) -> dict[str, Any]:
    """Read the card beside a ``.safetensors`` file (or of shipped weights, or of a run).

    Raises
    ------
    WeightsError
        It is missing or is not a card.
    """
    card_file = _find(path).with_suffix(".json")
    try:
        if card_file.stat().st_size > LARGEST_CARD:
            raise WeightsError(f"{card_file}: larger than {LARGEST_CARD} bytes, not a card")
        card = json.loads(card_file.read_bytes())
    except (OSError, ValueError) as error:
        raise WeightsError(f"{card_file}: no card here ({error})") from error
    if not isinstance(card, dict) or card.get("format") != WEIGHTS_FORMAT:
        raise WeightsError(f"{card_file}: not a card of format {WEIGHTS_FORMAT}")
    if card.get("encoder") not in ENCODERS | FINISHED:
        raise WeightsError(
            f"{card_file}: encoder {card.get('encoder')!r}; there are {', '.join(ENCODERS)}"
        )
    if not isinstance(card.get("settings"), dict) or not isinstance(card.get("sha256"), str):
        raise WeightsError(f"{card_file}: settings or sha256 are missing")
    return card


def _tensor_file(path: Path) -> Path:
    return path if path.suffix == ".safetensors" else path / IN_A_RUN


def _find(name_or_path: Path | str) -> Path:
    if isinstance(name_or_path, str) and name_or_path in shipped():
        return SHIPPED / f"{name_or_path}.safetensors"
    if isinstance(name_or_path, str) and is_published(name_or_path):
        return _find_fetched(name_or_path)
    path = _tensor_file(Path(name_or_path))
    if not path.exists():
        names = ", ".join(shipped()) or "none"
        raise WeightsError(f"{path}: no weights here; shipped with Astra: {names}")
    return path


def _find_fetched(name: str) -> Path:
    path = fetched(name)
    if not path.exists():
        raise WeightsError(
            f"{name} is not on this machine, and nothing is downloaded unasked: "
            f"astra fetch-encoder {name} says its size and licence and fetches it"
        )
    return path
