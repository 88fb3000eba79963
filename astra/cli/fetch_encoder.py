"""``astra fetch-encoder``: bring an encoder that others published onto this machine."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from astra.data.fetched import fetched


def fetch_encoder(
    name: Annotated[
        str | None, typer.Argument(help="Encoder, light_curve:...; none lists them all.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="Its ONNX file, where it is on this machine already.", exists=True),
    ] = None,
) -> None:
    """Download a published encoder from huggingface.co, or list those that there are.

    Nothing else that Astra does downloads anything.
    """
    console = Console(soft_wrap=True, highlight=False)
    if name is None:
        console.print(_listed())
        return
    from astra.encoders.fetching import fetch, keep, offer, published_encoder

    published = published_encoder(name)
    told = f"{escape(published.source)}, licence: {published.licence}; {published.reference}"
    if file is None:
        offered = offer(name)
        console.print(f"{name}: {offered.bytes / 1e6:.1f} MB from {told}")
        kept = fetch(name, offered)
    else:
        console.print(
            f"{name}: {file.stat().st_size / 1e6:.1f} MB from {escape(str(file))}; {told}"
        )
        kept = keep(name, file)
    console.print(f"[green]kept[/] in {escape(str(kept))}")


def _listed() -> Table:
    from astra.encoders.fetching import names, published_encoder

    name_column = Column("encoder", no_wrap=True)
    table = Table(name_column, "here", "licence", "source", "reference", box=None)
    for name in names():
        published = published_encoder(name)
        here = "yes" if fetched(name).is_file() else ""
        table.add_row(name, here, published.licence, published.source, published.reference)
    return table
