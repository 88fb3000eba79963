"""Brings published encoders onto this machine, where somebody asks for it and only then."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from astra.data.errors import AstraError
from astra.data.fetched import PREFIX, fetched
from astra.encoders.light_curve_embed import LightCurveEmbed
from astra.encoders.published import PUBLISHED, Published
from astra.encoders.weights import save


class FetchError(AstraError):
    """A published encoder could not be brought here."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a download would bring.

    Attributes
    ----------
    bytes : int
    revision : str
        Commit of the repository.
    """

    bytes: int
    revision: str


def published_encoder(name: str) -> Published:
    """Look a published encoder up by its name, ``light_curve:...``.

    Raises
    ------
    FetchError
        There is none of this name.
    """
    model = name.removeprefix(PREFIX)
    if model not in PUBLISHED:
        raise FetchError(f"no published encoder {name!r}; there are {', '.join(names())}")
    return PUBLISHED[model]


def names() -> list[str]:
    """Names of all published encoders."""
    return [PREFIX + model for model in PUBLISHED]


def offer(name: str) -> Offer:
    """Ask huggingface.co what a download would bring.

    Raises
    ------
    FetchError
        It cannot be reached; the message says what to do without it.
    """
    published = published_encoder(name)
    hub = _hub()
    url = hub.hf_hub_url(published.repository, published.file)
    with _Told(name, published):
        found = hub.get_hf_file_metadata(url)
    return Offer(found.size or 0, found.commit_hash or "")


def fetch(name: str, offered: Offer) -> Path:
    """Download a published encoder and keep it; gives its ``.safetensors`` file.

    Raises
    ------
    FetchError
        It cannot be downloaded, or is not what it should be.
    """
    published = published_encoder(name)
    hub = _hub()
    with tempfile.TemporaryDirectory() as folder:
        with _Told(name, published):
            path = hub.hf_hub_download(
                published.repository,
                published.file,
                revision=offered.revision or None,
                local_dir=folder,
            )
        return keep(name, Path(path), offered.revision)


def keep(name: str, file: Path, revision: str = "") -> Path:
    """Keep the ONNX file of a published encoder that is on this machine already.

    Raises
    ------
    FetchError
        The file cannot be read, or is not a model with the inputs that this one has.
    """
    published = published_encoder(name)
    try:
        onnx = file.read_bytes()
    except OSError as error:
        raise FetchError(f"{file}: cannot be read ({error})") from error
    encoder = LightCurveEmbed.of(name.removeprefix(PREFIX), onnx)
    try:
        encoder.open()
    except AstraError as error:
        raise FetchError(f"{file}: {error}") from error
    card = {
        "name": PREFIX + encoder.settings.model,
        "source": published.source,
        "file": published.file,
        "revision": revision or "unknown",
        "onnx_sha256": hashlib.sha256(onnx).hexdigest(),
        "onnx_bytes": len(onnx),
        "licence": published.licence,
        "reference": published.reference,
    }
    return save(encoder, fetched(PREFIX + encoder.settings.model), card)


def _hub():
    try:
        import huggingface_hub
    except ImportError as error:
        raise FetchError(
            "fetching needs huggingface_hub: pip install 'astra-observatory[onnx]'"
        ) from error
    return huggingface_hub


class _Told:
    """Turns whatever a download raises into what people can act upon."""

    def __init__(self, name: str, published: Published) -> None:
        self.name, self.published = name, published

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, Exception):
            return
        page = f"{self.published.source}/resolve/main/{self.published.file}"
        first = str(error).strip().splitlines() or [type(error).__name__]
        raise FetchError(
            f"{self.name}: huggingface.co does not answer or refuses ({first[0]}). Try again "
            f"with a network, or bring the file {page} here by other means and run "
            f"astra fetch-encoder {self.name} --file {self.published.file}"
        ) from error
