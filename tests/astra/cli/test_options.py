"""Options mean the same in every command."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo

from astra.cli.__main__ import app

READ = {"file", "ids", "schema", "slurm"}


def commands(group: typer.Typer) -> Iterator[Callable[..., Any]]:
    yield from (one.callback for one in group.registered_commands if one.callback is not None)
    for inner in group.registered_groups:
        yield from commands(inner.typer_instance)


def parameters(command: Callable[..., Any]) -> dict[str, tuple[Any, Any]]:
    """Type and kind of each parameter that the command line gives."""
    hints = get_type_hints(command, include_extras=True)
    return {name: get_args(hint)[:2] for name, hint in hints.items() if len(get_args(hint)) > 1}


def test_a_file_or_folder_that_is_written_is_the_output() -> None:
    found = set()
    for command in commands(app):
        for name, (kind, info) in parameters(command).items():
            if isinstance(info, OptionInfo) and Path in (kind, *get_args(kind)):
                found.add(name)
    assert found == {"home", "output", *READ}


def test_a_survey_is_an_argument_where_nothing_else_is() -> None:
    """A command about files, encoders or a run is told its survey by an option."""
    seen = set()
    for command in commands(app):
        arguments = [n for n, (_, i) in parameters(command).items() if isinstance(i, ArgumentInfo)]
        if "survey" in parameters(command):
            assert arguments[:1] == ["survey"] or "survey" not in arguments, command
            assert arguments, command
            seen.add("survey" in arguments)
    assert seen == {True, False}
