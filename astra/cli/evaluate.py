"""``astra evaluate``: how good encoders are, against controls and rivals, as a table and a plot."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from astra.cli.options import Home
from astra.cli.reporting import measuring_bar, typed_command
from astra.data.durable import write_whole
from astra.data.errors import AstraError
from astra.data.observatory import Observatory


def evaluate(
    encoders: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN_OR_ENCODER...",
            help="Runs, names of shipped weights, or paths of weights; each is a row.",
        ),
    ],
    survey: Annotated[
        list[str] | None,
        typer.Option(help="Survey, needless where there is only one; repeatable."),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(
            help="Score these objects by themselves: a survey named in the catalogue, or the name "
            "of a --survey for all its objects; repeatable. Default: every survey in the catalogue."
        ),
    ] = None,
    home: Home = None,
    labels: Annotated[str, typer.Option(help="Labels per class, comma-separated.")] = "20,100,all",
    heads: Annotated[
        str, typer.Option(help="What is taught the classes on top of the vectors.")
    ] = "logistic,discriminant,neighbours,forest",
    seeds: Annotated[int, typer.Option(help="Splits of the sky.", min=1)] = 3,
    draws: Annotated[int, typer.Option(help="Draws of few labels in a split.", min=1)] = 3,
    objects: Annotated[
        int | None, typer.Option(help="Draw at most so many objects of a group.", min=50)
    ] = None,
    strength: Annotated[
        float | None,
        typer.Option(
            help="C of the logistic regression with all labels; default: chosen on a part of the "
            "learnt sky."
        ),
    ] = None,
    controls: Annotated[
        bool, typer.Option(help="Random vectors, untrained, magnitudes zeroed; view matching.")
    ] = True,
    rivals: Annotated[bool, typer.Option(help="Classical features.")] = True,
    leakage: Annotated[
        bool, typer.Option("--leakage", help="How well vectors tell the survey.")
    ] = False,
    fine_tune: Annotated[
        bool, typer.Option("--fine-tune", help="Let the top layers follow the labels.")
    ] = False,
    top_groups: Annotated[
        int, typer.Option(help="Fine-tuning: layer groups that learn, from the embedding down.")
    ] = 2,
    epochs: Annotated[int, typer.Option(help="Fine-tuning: passes over the labels.", min=1)] = 20,
    learning_rate: Annotated[float, typer.Option(help="Fine-tuning: its learning rate.")] = 1e-3,
    tuning: Annotated[
        list[str] | None,
        typer.Option(
            help="Fine-tuning: any other setting, as NAME=VALUE (encoder_decay, head, patience, "
            "label_smoothing, views, ...); repeatable."
        ),
    ] = None,
    validation: Annotated[
        bool,
        typer.Option("--validation", help="Score inside the learnt sky, to choose settings by."),
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the objects drawn and controls.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, ...")] = "auto",
    output: Annotated[
        Path | None,
        typer.Option(help="Folder of the report; default: evaluations/<survey> in the home."),
    ] = None,
) -> None:
    """Score encoders on frozen vectors, beside their controls and classical rivals.

    Writes evaluation.md, evaluation.json and evaluation.png. What was embedded or scored before is
    found again.
    """
    amounts = _amounts(labels)
    # Torch and scikit-learn: not before the options are known to be good.
    from astra.evaluation.evaluate import Request
    from astra.evaluation.evaluate import evaluate as evaluated
    from astra.evaluation.needs import needed
    from astra.evaluation.scoring import Protocol
    from astra.evaluation.tuning import tuning_from

    needed("matplotlib", "matplotlib")
    if rivals:
        needed("light_curve", "light-curve")
    observatory = Observatory(home)
    request = Request(
        encoders=tuple(encoders),
        surveys=tuple(survey or [observatory.only_survey()]),
        groups=tuple(group or ()),
        objects=objects,
        protocol=Protocol(_heads(heads), amounts, seeds, draws, strength=strength),
        controls=controls,
        rivals=rivals,
        leakage=leakage,
        fine_tune=fine_tune,
        validation=validation,
        tuning=tuning_from(
            tuning or (), top_groups=top_groups, epochs=epochs, learning_rate=learning_rate
        ),
        seed=seed,
        device=device,
    )
    with _shown() as tell:
        found = evaluated(observatory, request, tell)
    _write(found, output or observatory.home / "evaluations" / "+".join(request.surveys))


def _write(found: dict[str, Any], folder: Path) -> None:
    """Write the report and print it."""
    from astra.evaluation.plot import plot
    from astra.evaluation.report import report

    text = report(found, typed_command())
    figures = json.dumps(found, indent=1, allow_nan=False) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "evaluation.json", figures.encode())
    write_whole(folder / "evaluation.png", plot(found))
    write_whole(folder / "evaluation.md", text.encode())
    typer.echo(text)
    typer.echo(f"written: {folder}/evaluation.md, .json, .png", err=True)


@contextmanager
def _shown() -> Iterator[Callable[..., None]]:
    """Show progress as a bar, or as a line a step where nobody watches a terminal."""
    with measuring_bar() as bar:
        task = bar.add_task("looking", total=None)
        told = 0

        def tell(event: str, **facts: Any) -> None:
            nonlocal told
            done, total, message = facts["done"], facts["total"], facts["message"]
            bar.update(task, completed=done, total=total, description=message)
            if done > told and bar.disable:
                typer.echo(f"{done} of {total}: {message}", err=True)
            told = done

        yield tell


def _heads(text: str) -> tuple[str, ...]:
    from astra.evaluation.heads import HEADS

    names = tuple(name.strip() for name in text.split(","))
    unknown = [name for name in names if name not in HEADS]
    if unknown:
        raise AstraError(f"no head {unknown[0]!r}; there are {', '.join(HEADS)}")
    return names


def _amounts(text: str) -> tuple[int | str, ...]:
    amounts: list[int | str] = []
    for part in text.split(","):
        word = part.strip()
        if word != "all" and not (word.isdigit() and int(word) > 0):
            raise AstraError(f"--labels {text!r}: {word!r} is neither 'all' nor a positive number")
        amounts.append(word if word == "all" else int(word))
    return tuple(dict.fromkeys(amounts))
