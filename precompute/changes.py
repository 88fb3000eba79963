"""What is different between a published run and what would be made now, in words."""

from typing import Any

from astra.data.errors import AstraError
from astra.runs.manifest import Artefact


class ChangedError(AstraError):
    """A published run, which never changes, was asked for with other settings or inputs."""


def changes_of(artefact: Artefact | None, settings: dict[str, Any], needs: dict[str, str]) -> str:
    """What a stage would now be made from that its artefact was not made from."""
    if artefact is None:
        return "not in it"
    words = [
        f"setting {name} was {artefact.settings.get(name)!r}, is {settings.get(name)!r}"
        for name in sorted({*settings, *artefact.settings})
        if artefact.settings.get(name) != settings.get(name)
    ]
    words += [
        f"{name} changed"
        for name in sorted({*needs, *artefact.needs})
        if artefact.needs.get(name) != needs.get(name)
    ]
    return ", ".join(words)
