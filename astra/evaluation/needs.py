"""Packages that only an evaluation needs."""

from importlib import import_module
from types import ModuleType

from astra.data.errors import AstraError

EXTRA = "pip install 'astra-observatory[evaluate]'"


def needed(module: str, package: str) -> ModuleType:
    """Import a module of the extra ``evaluate``.

    Raises
    ------
    AstraError
        It is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise AstraError(f"an evaluation needs the package {package}: {EXTRA}") from error
