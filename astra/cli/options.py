"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path | None,
    typer.Option(help="The observatory's folder; default: $ASTRA_HOME, else ./observatory."),
]
Port = Annotated[int, typer.Option(help="Port of the page.", min=1, max=65535)]
