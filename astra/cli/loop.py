"""``astra loop``: label, teach and score on observed data, each queue against chance."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from astra.cli.options import Home
from astra.cli.reporting import typed_command
from astra.data.durable import write_whole
from astra.data.errors import AstraError
from astra.data.observatory import Observatory


def loop(
    encoder: Annotated[
        str, typer.Argument(metavar="RUN_OR_ENCODER", help="Run, or shipped weights.")
    ] = "astra",
    survey: Annotated[str, typer.Option(help="Survey, needless where there is only one.")] = "",
    group: Annotated[
        str, typer.Option(help="Objects of one survey named in the catalogue; default: all.")
    ] = "",
    home: Home = None,
    revealed: Annotated[int, typer.Option(help="Labels of each class at the start.", min=2)] = 20,
    budget: Annotated[int, typer.Option(help="Labels that each queue asks for.", min=1)] = 200,
    round_: Annotated[
        int, typer.Option("--round", help="Labels before the probe learns them.", min=1)
    ] = 50,
    seeds: Annotated[int, typer.Option(help="Splits of the sky.", min=1)] = 5,
    queues: Annotated[str, typer.Option(help="Queues, comma-separated; default: all.")] = "",
    fine_tune: Annotated[
        bool, typer.Option(help="At last, let the encoder follow the labels of the best queue.")
    ] = True,
    tuning: Annotated[
        list[str] | None,
        typer.Option(help="Setting of the fine-tuning, as NAME=VALUE; repeatable."),
    ] = None,
    objects: Annotated[
        int | None, typer.Option(help="Draw at most so many objects.", min=50)
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, ...")] = "auto",
    output: Annotated[
        Path | None, typer.Option(help="File of the table; the figures go beside it as JSON.")
    ] = None,
) -> None:
    """Let an annotator who knows the catalogue follow each queue, and score what it taught.

    A few labels of each class are revealed; each queue chooses what is labelled next. Macro-F1 is
    of a probe on sky that is held out, against labels drawn by lot; then the encoder follows the
    labels. A Markdown table is printed.
    """
    # Torch and scikit-learn: not before the options are known to be good.
    from astra.evaluation.labelling import FEW, Loop
    from astra.evaluation.labelling_report import Asked, labelling_report, measure
    from astra.evaluation.tuning import tuning_from

    few = [f"{name}={value}" for name, value in FEW.items()]
    taught = tuning_from([*few, *(tuning or ())])
    observatory = Observatory(home)
    asked = Asked(
        encoder=encoder,
        survey=survey or observatory.only_survey(),
        group=group,
        objects=objects,
        seeds=seeds,
        fine_tune=fine_tune,
        loop=Loop(revealed, budget, round_, _names(queues), tuning=taught),
        device=device,
    )
    found = measure(observatory, asked, lambda message: typer.echo(message, err=True))
    text = labelling_report(found, typed_command())
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_whole(output, text.encode())
        write_whole(output.with_suffix(".json"), _json(found))
    typer.echo(text)


def _names(text: str) -> tuple[str, ...]:
    from astra.analysis.queues import QUEUES

    names = tuple(name.strip() for name in text.split(",") if name.strip()) or tuple(QUEUES)
    unknown = [name for name in names if name not in QUEUES]
    if unknown:
        raise AstraError(f"no queue {unknown[0]!r}; there are {', '.join(QUEUES)}")
    return names


def _json(found: dict[str, Any]) -> bytes:
    return (json.dumps(found, indent=1, allow_nan=False) + "\n").encode()
