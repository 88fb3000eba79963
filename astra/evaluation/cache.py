"""What took long to make, kept under the observatory, by the hash of all it was made from."""

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from astra.data.durable import write_whole
from astra.data.observatory import Observatory


class Cache:
    """Arrays and figures by the facts that decide them; safe to delete.

    Parameters
    ----------
    observatory : Observatory
    """

    def __init__(self, observatory: Observatory) -> None:
        self.folder = observatory.home / "evaluations" / "cache"

    def array(self, facts: Mapping[str, Any], make: Callable[[], NDArray]) -> NDArray:
        """Array that was made of these facts before, or is made now.

        Parameters
        ----------
        facts : mapping
            Everything that decides the array, JSON-able.
        make : callable
            Gives the array, of any shape; called only where it is not there yet.
        """
        path = self._path(facts, ".npy")
        if not path.exists():
            buffer = io.BytesIO()
            np.save(buffer, make(), allow_pickle=False)
            self._write(path, buffer.getvalue())
        return np.load(path, allow_pickle=False)

    def figures(self, facts: Mapping[str, Any], make: Callable[[], Any]) -> Any:
        """Figures, JSON-able, that were made of these facts before, or are made now."""
        path = self._path(facts, ".json")
        if not path.exists():
            self._write(path, json.dumps(make(), allow_nan=False).encode())
        return json.loads(path.read_bytes())

    def _path(self, facts: Mapping[str, Any], suffix: str) -> Path:
        text = json.dumps(facts, sort_keys=True)
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}{suffix}"

    def _write(self, path: Path, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)


def hash_of_array(*arrays: NDArray) -> str:
    """SHA-256 of arrays with their shapes, hexadecimal."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


@cache
def hash_of_code(*packages: str) -> str:
    """SHA-256 of the source of packages, as it was when first asked for.

    What they make changes when they do.
    """
    digest = hashlib.sha256()
    for package in packages:
        spec = find_spec(package)
        assert spec is not None and spec.origin is not None
        origin = Path(spec.origin)
        files = origin.parent.glob("*.py") if origin.stem == "__init__" else [origin]
        for file in sorted(files):
            digest.update(file.read_bytes())
    return digest.hexdigest()
